// Takes secrets out of texts, by value.
//
// Drivers and servers put what they please into their messages (a connection string with its
// password, a token in a URL), so no message of theirs leaves this folder without passing here. A
// secret is found as it is, percent-encoded, and with the escapes of connection strings. A text
// that holds a secret too short to be cut out without garbling the rest is withheld as a whole.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace layergate::warehouse {

class Redactor {
 public:
  Redactor() = default;
  explicit Redactor(const std::vector<std::string>& secrets);

  // The text without secrets.
  std::string Clean(std::string_view text) const;
  // The same, on one line and safe to print: what a Failure's message is made of.
  std::string Line(std::string_view text) const;

 private:
  std::vector<std::string> needles_;  // longest first: one secret may be part of another
};

}  // namespace layergate::warehouse

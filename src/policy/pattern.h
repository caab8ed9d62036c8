// A regular expression from a policy. RE2 reads it: its time is linear in the text, whatever the
// pattern, and its memory is capped, so no policy can make the gate hang.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

namespace layergate::policy {

class Pattern {
 public:
  // The error is a sentence without a place.
  static Result<std::shared_ptr<const Pattern>> Compile(std::string_view text);
  Pattern();
  ~Pattern();
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  // Anywhere in the text; write ^ and $ to hold both ends.
  bool Matches(std::string_view text) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace layergate::policy

#include "core/shell.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "core/text.h"

namespace layergate {
namespace {

bool IsPlain(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("_-./:@%+=,").find(c) != std::string_view::npos;
}

// What a terminal shows as it is.
bool IsShown(char c) { return c >= ' ' && c <= '~'; }

}  // namespace

std::string ShellQuote(std::string_view word) {
  std::string quoted = "'";
  for (char c : word) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

std::string ShellWord(std::string_view word) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), IsPlain)) return std::string(word);
  if (Printable(word) == word) return ShellQuote(word);
  std::string quoted = "$'";
  for (char c : word) {
    if (c == '\'' || c == '\\') {
      quoted += fmt::format("\\{}", c);
    } else if (IsShown(c)) {
      quoted += c;
    } else {
      quoted += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return quoted + "'";
}

}  // namespace layergate

#include "change/python_text.h"

#include <algorithm>
#include <array>

#include "core/digest.h"

namespace layergate::change {
namespace {

constexpr std::array<std::string_view, 19> kWideSpaces = {
    "\u0085", "\u00A0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003",
    "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200A",
    "\u2028", "\u2029", "\u202F", "\u205F", "\u3000"};

bool IsNarrowSpace(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1C && c <= 0x1F);
}

// Bytes of the white space that `text` begins with; 0 when it begins with none.
size_t SpaceAt(std::string_view text) {
  if (text.empty()) return 0;
  if (static_cast<unsigned char>(text[0]) < 0x80) return IsNarrowSpace(text[0]) ? 1 : 0;
  for (std::string_view space : kWideSpaces) {
    if (text.starts_with(space)) return space.size();
  }
  return 0;
}

// The same for the end.
size_t SpaceBefore(std::string_view text) {
  if (text.empty()) return 0;
  if (static_cast<unsigned char>(text.back()) < 0x80) return IsNarrowSpace(text.back()) ? 1 : 0;
  for (std::string_view space : kWideSpaces) {
    if (text.ends_with(space)) return space.size();
  }
  return 0;
}

}  // namespace

std::string_view StripAsPython(std::string_view text) {
  while (size_t space = SpaceAt(text)) text.remove_prefix(space);
  while (size_t space = SpaceBefore(text)) text.remove_suffix(space);
  return text;
}

std::string CollapseAsPython(std::string_view text) {
  text = StripAsPython(text);
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    size_t space = SpaceAt(text.substr(i));
    if (space == 0) {
      out += text[i++];
      continue;
    }
    if (!out.ends_with(' ')) out += ' ';
    i += space;
  }
  return out;
}

bool IsChecksumOf(std::string_view checksum, std::string_view text) {
  return Sha256Hex(CollapseAsPython(text)) == checksum ||
         Sha256Hex(StripAsPython(text)) == checksum;
}

}  // namespace layergate::change

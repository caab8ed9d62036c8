#include "report/plain.h"

#include <cstdint>

#include "core/text.h"

namespace layergate::report {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\n'; }

std::string WithoutCommands(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    safe += text[i];
    char next = i + 1 < text.size() ? text[i + 1] : '\0';
    bool starts_word = i == 0 || IsSpace(text[i - 1]);
    bool command = text[i] == ':' && next == ':' && starts_word;
    char after = i + 2 < text.size() ? text[i + 2] : '\0';
    bool old_command = text[i] == '#' && next == '#' && after != '#' && !IsSpace(after);
    if (command || old_command) safe += ' ';
  }
  return safe;
}

bool IsWide(uint32_t c) {
  return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
         (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
         (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
}

}  // namespace

std::string Plain(std::string_view text) { return WithoutCommands(Printable(text)); }

std::string PlainBlock(std::string_view text) {
  std::string expanded;
  for (char c : Printable(text, true)) {
    if (c == '\t') {
      expanded += "    ";
    } else {
      expanded += c;
    }
  }
  return WithoutCommands(expanded);
}

size_t Columns(std::string_view text) {
  size_t columns = 0;
  for (size_t i = 0; i < text.size();) {
    auto first = static_cast<unsigned char>(text[i]);
    size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    uint32_t code = length == 1 ? first : first & (0xFFu >> (length + 1));
    for (size_t k = 1; k < length && i + k < text.size(); ++k) {
      code = code << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3Fu);
    }
    columns += IsWide(code) ? 2 : 1;
    i += length;
  }
  return columns;
}

}  // namespace layergate::report

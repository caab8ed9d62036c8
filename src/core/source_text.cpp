#include "core/source_text.h"

#include <algorithm>

namespace layergate {
namespace {

bool IsContinuationByte(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

int CodePoints(std::string_view text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](char c) { return !IsContinuationByte(c); }));
}

}  // namespace

LineColumn Locate(std::string_view text, size_t offset) {
  offset = std::min(offset, text.size());
  std::string_view before = text.substr(0, offset);
  int line = 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  size_t newline = before.rfind('\n');
  std::string_view this_line =
      newline == std::string_view::npos ? before : before.substr(newline + 1);
  return {line, 1 + CodePoints(this_line)};
}

std::string_view Slice(std::string_view text, Span span) {
  size_t begin = std::min<size_t>(span.begin, text.size());
  size_t end = std::clamp<size_t>(span.end, begin, text.size());
  return text.substr(begin, end - begin);
}

std::string CaretLine(std::string_view text, Span span) {
  constexpr size_t kWidth = 160;
  size_t at = std::min<size_t>(span.begin, text.size());
  size_t begin = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  begin = begin == std::string_view::npos ? 0 : begin + 1;
  size_t end = std::min(text.find('\n', at), text.size());
  if (end - begin > kWidth) {
    begin = std::max(begin, at > kWidth / 2 ? at - kWidth / 2 : 0);
    while (begin < at && IsContinuationByte(text[begin])) ++begin;
    end = std::min(end, begin + kWidth);
    while (end > at && end < text.size() && IsContinuationByte(text[end])) --end;
  }
  std::string line(text.substr(begin, end - begin));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  size_t stop = std::clamp<size_t>(span.end, at, end);
  int indent = CodePoints(text.substr(begin, at - begin));
  int width = std::max(1, CodePoints(text.substr(at, stop - at)));
  return line + "\n" + std::string(static_cast<size_t>(indent), ' ') +
         std::string(static_cast<size_t>(width), '^');
}

}  // namespace layergate

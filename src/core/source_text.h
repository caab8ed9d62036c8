// A text and the places in it.
//
// Every message about a text (SQL, YAML, Jinja) points at a place. Places are byte offsets while
// the program works, and become line and column only when they are shown: both 1-based, columns
// counted in Unicode code points, as editors and GitHub count them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace layergate {

// Half-open range of byte offsets. Texts over 4 GiB are refused when they are read.
struct Span {
  uint32_t begin = 0;
  uint32_t end = 0;

  bool empty() const { return begin >= end; }
  friend bool operator==(const Span&, const Span&) = default;
};

struct LineColumn {
  int line = 0;  // 0 means "no place known"
  int column = 0;
  friend bool operator==(const LineColumn&, const LineColumn&) = default;
};

// Where `offset` lies in `text`. Offsets past the end give the place just after the last character.
LineColumn Locate(std::string_view text, size_t offset);

// The bytes of `span`, clipped to the text.
std::string_view Slice(std::string_view text, Span span);

// The line of `span.begin` with a line of carets under the span, for terminal errors:
//     select a, from t
//               ^^^^
// Tabs and control characters are replaced by one space each; lines over 160 columns are cut around
// the span.
std::string CaretLine(std::string_view text, Span span);

}  // namespace layergate

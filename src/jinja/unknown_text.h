// A setting that is one text everywhere, and nobody said which: it can be printed and joined with
// other text, and leaves a mark there. Everything else that a template may do with it would need
// the value, and throws.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "jinja/value.h"

namespace layergate::jinja {

// `key` says which setting: "var shop cents", "target name", "env REGION".
Var MakeUnknownText(const std::string& key);

// Whether the value is, or the text holds the mark of, an unknown text.
bool IsUnknownText(const Var& value);
bool HoldsMark(std::string_view text);

// A text cut at its marks: literals[0] keys[0] literals[1] keys[1] ... literals[n].
struct MarkedText {
  std::vector<std::string> literals, keys;
};
MarkedText CutAtMarks(std::string_view text);

}  // namespace layergate::jinja

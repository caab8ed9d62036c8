// A setting that is one text everywhere, and nobody said which: it can be printed and joined with
// other text, and leaves a mark there. What an `if` asks (whether it is true, or equals this or
// that) may be assumed; when it is not, the error has the question as undecided. Everything else
// that a template may do with it would need the value, and throws.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/value.h"

namespace layergate::jinja {

// `key` says which setting: "var shop cents", "target name", "env REGION".
// `assumed` answers questions; it must outlive the value.
Var MakeUnknownText(const std::string& key, const std::map<std::string, bool>* assumed = nullptr);

// The setting that a question is about: its key.
std::string_view SettingOf(std::string_view question);

// Whether the value is, or the text holds the mark of, an unknown text.
bool IsUnknownText(const Var& value);
bool HoldsMark(std::string_view text);

// A text cut at its marks: literals[0] keys[0] literals[1] keys[1] ... literals[n].
struct MarkedText {
  std::vector<std::string> literals, keys;
};
MarkedText CutAtMarks(std::string_view text);

}  // namespace layergate::jinja

// Holds a text with open places against the text that dbt compiled.
//
// A filling says which text stands in each open place, the same one wherever a key stands. It may
// hold anything but a line break: a setting of several lines is not found, which makes it unknown,
// never wrong. That an item of a list holds no line break is taken for granted: else the text of a
// whole loop could be one item. Outer white space aside, as dbt's own texts differ there. The
// search is bounded; what it does not finish is not known.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "jinja/unknown.h"

namespace layergate::jinja {

// What every filling that makes `pattern` the text `compiled` agrees on: the keys that have one
// text only. nullopt when there is no filling, or when that cannot be told cheaply.
std::optional<std::map<std::string, std::string>> Fill(const MarkedText& pattern,
                                                       std::string_view compiled);

// Whether there may be any filling, line breaks allowed but in items of lists. True when that
// cannot be told cheaply.
bool Fits(const MarkedText& pattern, std::string_view compiled);

// The same where `pattern` is only how the text begins.
bool FitsBeginning(const MarkedText& pattern, std::string_view compiled);

}  // namespace layergate::jinja

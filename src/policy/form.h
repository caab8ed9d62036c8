// Is a single text of a policy well-formed? Each Wrong... gives nothing when it is, and otherwise a
// sentence that says what is wrong with it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/value.h"

namespace layergate::policy {

bool IsName(std::string_view text);       // letters, digits, '-' and '_'
bool IsTimeOfDay(std::string_view text);  // "00:00" to "24:00"
bool IsDate(std::string_view text);       // a day of the calendar, "2026-02-28"

std::optional<std::string> WrongRelativePath(std::string_view path);
std::optional<std::string> WrongGlob(std::string_view glob, bool may_hold_slashes);
std::optional<std::string> WrongZone(std::string_view zone);
std::optional<std::string> WrongResourceType(std::string_view type);
// `type` is one of GateOption's words.
std::optional<std::string> WrongOption(std::string_view type, const Value& value);

}  // namespace layergate::policy

#include "policy/form.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "core/text.h"
#include "policy/clock.h"
#include "policy/draft.h"

namespace layergate::policy {

namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// The number written in `text` at [at, at + length), or -1.
int Number(std::string_view text, size_t at, size_t length) {
  int number = 0;
  for (size_t i = at; i < at + length; ++i) {
    if (i >= text.size() || !IsDigit(text[i])) return -1;
    number = number * 10 + (text[i] - '0');
  }
  return number;
}

bool IsPercent(std::string_view text) {
  if (text.size() < 2 || text.back() != '%') return false;
  text.remove_suffix(1);
  size_t point = text.find('.');
  std::string_view whole = text.substr(0, point);
  std::string_view rest = point == std::string_view::npos ? "0" : text.substr(point + 1);
  return !whole.empty() && !rest.empty() && whole.size() < 8 &&
         std::all_of(whole.begin(), whole.end(), IsDigit) &&
         std::all_of(rest.begin(), rest.end(), IsDigit);
}

std::optional<std::string> WrongPercent(const Value& value) {
  if (value.is_string() && IsPercent(value.AsString())) return std::nullopt;
  if (value.is_number() && value.AsDouble() >= 0 && value.AsDouble() <= 1) return std::nullopt;
  if (value.is_number() && value.AsDouble() > 1) {
    return fmt::format("must be a share: {0} would be {1}%, write {0}%", value.AsDouble(),
                       value.AsDouble() * 100);
  }
  return "must be a percentage like 10% or a share like 0.1";
}

}  // namespace

bool IsName(std::string_view text) {
  return !text.empty() && text.size() <= 40 && std::all_of(text.begin(), text.end(), [](char c) {
    return IsLetter(c) || IsDigit(c) || c == '-' || c == '_';
  });
}

bool IsTimeOfDay(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return false;
  int hour = Number(text, 0, 2);
  int minute = Number(text, 3, 2);
  return hour >= 0 && minute >= 0 && minute < 60 && (hour < 24 || (hour == 24 && minute == 0));
}

bool IsDate(std::string_view text) { return ParseDay(text).has_value(); }

std::optional<std::string> WrongRelativePath(std::string_view path) {
  if (path.empty()) return "the path is empty";
  if (path.front() == '/')
    return fmt::format("'{}' must be relative, without a '/' in front", path);
  if (path.find('\\') != std::string_view::npos) {
    return fmt::format("'{}' holds a backslash: paths use '/'", path);
  }
  for (std::string_view part : Split(path, '/')) {
    if (part == "..") return fmt::format("'{}' leaves the repository", path);
    if (part == ".") return fmt::format("'{}' holds './': leave it out", path);
    if (part.empty()) return fmt::format("'{}' holds an empty folder name", path);
  }
  return std::nullopt;
}

std::optional<std::string> WrongGlob(std::string_view glob, bool may_hold_slashes) {
  for (size_t i = 0; i < glob.size(); ++i) {
    if (glob[i] != '[') continue;
    size_t first = i + 1;
    if (first < glob.size() && (glob[first] == '!' || glob[first] == '^')) ++first;
    size_t end = glob.find(']', first + 1);
    if (end == std::string_view::npos) {
      return fmt::format("the glob '{}' has a '[' without a ']'", glob);
    }
    i = end;
  }
  if (glob.find('{') != std::string_view::npos) {
    return fmt::format("the glob '{}' holds '{{': write one match for each alternative", glob);
  }
  if (!may_hold_slashes) {
    if (glob.find('/') != std::string_view::npos) {
      return fmt::format("'{}' holds a '/', which only paths have: use 'path'", glob);
    }
    return std::nullopt;
  }
  return WrongRelativePath(glob);
}

namespace {

// "Berlin" and "europe/berlin" are Europe/Berlin, "CET" is nobody's.
std::string NearestZone(std::string_view text) {
  std::vector<std::string> names = ZoneNames();
  for (const std::string& name : names) {
    size_t slash = name.rfind('/');
    if (slash == std::string::npos) continue;
    bool same = EqualsIgnoreCase(name, text) || EqualsIgnoreCase(name.substr(slash + 1), text);
    if (same) return fmt::format(": did you mean '{}'?", name);
  }
  return DidYouMean(text, names);
}

}  // namespace

std::optional<std::string> WrongZone(std::string_view zone) {
  // "EST" and the like are zones too, but not the ones that people mean.
  bool named = zone == "UTC" || zone.find('/') != std::string_view::npos;
  if (named && IsZone(zone)) return std::nullopt;
  std::string hint = NearestZone(zone);
  if (hint.empty()) hint = ": write UTC or one like Europe/Berlin";
  return fmt::format("'{}' is no IANA zone{}", Printable(zone), hint);
}

std::optional<std::string> WrongResourceType(std::string_view type) {
  static const std::vector<std::string> kTypes = {
      "model",       "seed",     "snapshot", "source",    "exposure", "metric",   "semantic_model",
      "saved_query", "function", "analysis", "operation", "test",     "unit_test"};
  if (std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end()) return std::nullopt;
  std::string hint = DidYouMean(type, kTypes);
  if (hint.empty()) hint = fmt::format(": there are {}", Join(kTypes, ", "));
  return fmt::format("'{}' is no resource type of dbt{}", type, hint);
}

std::optional<std::string> WrongOption(std::string_view type, const Value& value) {
  if (type == "percent") return WrongPercent(value);
  if (type == "integer" && !value.is_int()) return "must be a whole number";
  if (type == "string" && (value.is_array() || value.is_object() || value.is_null())) {
    return "must be text";
  }
  if (type == "boolean" && !value.is_bool()) return "must be true or false";
  if (type == "list" && !value.is_array()) return "must be a list";
  if (type == "map" && !value.is_object()) return "must be a map";
  return std::nullopt;
}

}  // namespace layergate::policy

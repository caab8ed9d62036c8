#include "offline/carry_over.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/text.h"

namespace layergate::offline {

const Value* FindByName(const Value& list, std::string_view name) {
  for (const Value& item : list.items()) {
    if (item["name"].AsString() == name) return &item;
  }
  return nullptr;
}

namespace {

bool SameText(const Value& yaml, const Value& json) {
  if (yaml == json) return true;
  return yaml.is_string() && json.is_string() && Trim(yaml.AsString()) == Trim(json.AsString());
}

bool IsNamedList(const Value& value) {
  return value.is_array() && !value.items().empty() &&
         std::all_of(value.items().begin(), value.items().end(),
                     [](const Value& item) { return item["name"].is_string(); });
}

// "7 days" as the manifest has it: {"count": 7, "granularity": "day"}.
std::optional<Value> Window(const Value& yaml) {
  std::vector<std::string_view> words = Split(yaml.AsString(), ' ');
  bool counted = words.size() == 2 && !words[0].empty() && words[0].size() < 10 &&
                 words[0].find_first_not_of("0123456789") == std::string_view::npos;
  if (!counted) return std::nullopt;
  std::string unit = ToLower(words[1]);
  if (unit.ends_with('s')) unit.pop_back();
  return Value::MakeObject({{"count", static_cast<long long>(std::stoll(std::string(words[0])))},
                            {"granularity", unit}});
}

bool IsFilterKey(std::string_view key) { return key == "filter" || key == "where"; }

// A filter, or a list of them, as the manifest has it.
Value Filters(const Value& yaml) {
  if (yaml.empty()) return {};
  Value list = Value::MakeArray();
  auto add = [&](const Value& text) {
    list.Append(Value::MakeObject({{"where_sql_template", text}}));
  };
  if (yaml.is_string()) add(yaml);
  for (const Value& text : yaml.items()) add(text);
  return Value::MakeObject({{"where_filters", std::move(list)}});
}

bool SameFilters(const Value& json, const Value& yaml) {
  Value told = Filters(yaml);
  const auto& a = json["where_filters"].items();
  const auto& b = told["where_filters"].items();
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Value& x, const Value& y) {
    return Trim(x["where_sql_template"].AsString()) == Trim(y["where_sql_template"].AsString());
  });
}

bool IsWindowKey(std::string_view key) { return key == "window" || key == "offset_window"; }

bool CarryOverMembers(Value& json, const Value& before, const Value& after) {
  std::set<std::string> keys;
  for (const Value* side : {&before, &after}) {
    for (const auto& [key, value] : side->members()) keys.insert(key);
  }
  for (const std::string& key : keys) {
    if (before[key] == after[key]) continue;
    Value child = json[key];
    if (IsFilterKey(key) && before[key] != after[key]) {
      if (!SameFilters(child, before[key])) return false;
      json.Set(key, Filters(after[key]));
      continue;
    }
    auto old_window = IsWindowKey(key) ? Window(before[key]) : std::nullopt;
    auto new_window = IsWindowKey(key) ? Window(after[key]) : std::nullopt;
    bool windows = (old_window || before[key].is_null()) && (new_window || after[key].is_null());
    if (windows && (old_window || new_window)) {
      if (!(child == old_window.value_or(Value()))) return false;
      json.Set(key, new_window.value_or(Value()));
      continue;
    }
    if (!CarryOver(child, before[key], after[key])) return false;
    json.Set(key, std::move(child));
  }
  return true;
}

// A new member of a list, with the keys that dbt gives to all of them.
Value WithDefaults(const Value& now, const Value& list) {
  if (list.items().empty()) return now;
  Value item = Value::MakeObject();
  for (const auto& [key, value] : list.items()[0].members())
    item.Set(key, value.is_bool() ? Value(false) : Value());
  for (const auto& [key, value] : now.members()) item.Set(key, value);
  return item;
}

// What dbt makes of a value that the manifest did not have.
Value AsDbtReads(const Value& yaml) {
  if (!yaml.is_object()) return yaml;
  Value read = Value::MakeObject();
  for (const auto& [key, value] : yaml.members()) {
    std::optional<Value> window = IsWindowKey(key) ? Window(value) : std::nullopt;
    read.Set(key, window ? *window : IsFilterKey(key) ? Filters(value) : AsDbtReads(value));
  }
  return read;
}

bool CarryOverList(Value& json, const Value& before, const Value& after) {
  if (!IsNamedList(json) && !json.items().empty()) {
    if (!(json == before)) return false;
    json = after;
    return true;
  }
  Value result = Value::MakeArray();
  for (const Value& now : after.items()) {
    std::string_view name = now["name"].AsString();
    const Value* old = FindByName(before, name);
    const Value* there = FindByName(json, name);
    if (old && !there) return false;
    Value item = there ? *there : WithDefaults(now, json);
    if (old && !CarryOver(item, *old, now)) return false;
    result.Append(std::move(item));
  }
  json = std::move(result);
  return true;
}

}  // namespace

bool CarryOver(Value& json, const Value& before, const Value& after) {
  if (before == after) return true;
  if (json.is_object() && before.is_object() && after.is_object())
    return CarryOverMembers(json, before, after);
  if (json.is_array() && (before.is_array() || before.is_null()) && after.is_array())
    return CarryOverList(json, before, after);
  if (SameText(before, json) || (before.is_null() && json.empty())) {
    json = AsDbtReads(after);
    return true;
  }
  bool named = json.is_object() && json["name"].is_string();
  if (named && before.is_string() && after.is_object() && json["name"] == before)
    return CarryOverMembers(json, Value::MakeObject({{"name", before}}), after);
  if (named && before.is_object() && after.is_string() && json["name"] == before["name"])
    return CarryOverMembers(json, before, Value::MakeObject({{"name", after}}));
  bool plain = before.is_string() && (after.is_string() || after.is_null());
  if (plain && json.is_object() && json["name"] == before) {  // measure: revenue
    json = after.is_null() ? Value() : std::move(json.Set("name", after));
    return true;
  }
  const Value& filters = json["where_filters"];
  if (plain && filters.items().size() == 1 &&
      SameText(before, filters.items()[0]["where_sql_template"])) {
    Value template_text = Value::MakeObject({{"where_sql_template", after}});
    json = after.is_null()
               ? Value()
               : Value::MakeObject({{"where_filters", Value::MakeArray({template_text})}});
    return true;
  }
  return false;
}

}  // namespace layergate::offline

#include "offline/versions.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "offline/project_file.h"

namespace layergate::offline {
namespace {

bool Names(const Value& list, std::string_view name) {
  return std::any_of(list.items().begin(), list.items().end(),
                     [&](const Value& item) { return item.AsString() == name; });
}

bool IsIncludeExclude(const Value& column) {
  return column.Find("include") != nullptr || column.Find("exclude") != nullptr;
}

bool Includes(const Value& rule, std::string_view name) {
  const Value& include = rule["include"];
  bool all = include.is_null() || include.AsString() == "all" || include.AsString() == "*";
  return (all || Names(include, name)) && !Names(rule["exclude"], name);
}

Value ColumnsOf(const Value& model, const Value& version) {
  Value rule = Value::MakeObject(), own = Value::MakeArray(), columns = Value::MakeArray();
  for (const Value& column : version["columns"].items()) {
    if (IsIncludeExclude(column)) {
      rule = column;
    } else {
      own.Append(column);
    }
  }
  for (const Value& column : model["columns"].items()) {
    if (Includes(rule, column["name"].AsString())) columns.Append(column);
  }
  for (const Value& column : own.items()) columns.Append(column);
  return columns;
}

// Inner maps are merged, anything else is replaced.
Value DeepMerge(const Value& under, const Value& over) {
  Value merged = under.is_object() ? under : Value::MakeObject();
  for (const auto& [key, value] : over.members()) {
    bool maps = value.is_object() && merged[key].is_object();
    Value inner = maps ? DeepMerge(merged[key], value) : value;
    merged.Set(key, std::move(inner));
  }
  return merged;
}

// Numbers by their size, texts after them by their letters: as dbt takes the latest.
bool IsEarlier(const Value& a, const Value& b) {
  std::string x = VersionText(a), y = VersionText(b);
  char *x_end = nullptr, *y_end = nullptr;
  double p = std::strtod(x.c_str(), &x_end), q = std::strtod(y.c_str(), &y_end);
  bool numbers = *x_end == '\0' && *y_end == '\0';
  return numbers ? p < q : x < y;
}

}  // namespace

std::string VersionText(const Value& version) {
  return version.is_string() ? std::string(version.AsString()) : WriteJson(version);
}

std::vector<Value> ExpandVersions(const Value& model) {
  std::vector<Value> entries;
  const auto& versions = model["versions"].items();
  Value latest = model["latest_version"];
  for (const Value& version : versions) {
    if (model["latest_version"].is_null() && (latest.is_null() || IsEarlier(latest, version["v"])))
      latest = version["v"];
  }
  for (const Value& version : versions) {
    Value entry = Without(Without(model, "versions"), "deprecation_date");
    entry.Set("columns", ColumnsOf(model, version));
    entry.Set("config", DeepMerge(model["config"], version["config"]));
    for (std::string_view key : {"description", "access", "constraints", "docs"}) {
      if (!version[key].empty()) entry.Set(key, version[key]);
    }
    for (std::string_view key : {"data_tests", "tests"}) {
      if (!version.Find(key)) continue;
      entry = Without(Without(entry, "tests"), "data_tests");
      entry.Set(key, version[key]);
    }
    if (version.Find("deprecation_date"))
      entry.Set("deprecation_date", version["deprecation_date"]);
    entry.Set("v", version["v"]);
    entry.Set("latest_version", latest);
    entry.Set("defined_in", version["defined_in"].is_string()
                                ? version["defined_in"]
                                : Value(fmt::format("{}_v{}", model["name"].AsString(),
                                                    VersionText(version["v"]))));
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace layergate::offline

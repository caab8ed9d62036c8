#include "gates/row_count_diff/keys.h"

#include <algorithm>

#include "core/text.h"
#include "dbt/project.h"

namespace layergate::row_count_diff {
namespace {

// unique_key may be an expression ("a || b"); only a plain name can be quoted.
bool IsPlainName(std::string_view name) {
  auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || static_cast<unsigned char>(c) >= 0x80;
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), plain);
}

// A name or a list of names; empty when one of them is not plain.
std::vector<std::string> NamesOf(const Value& value) {
  std::vector<std::string> names;
  if (value.is_string()) names.emplace_back(Trim(value.AsString()));
  for (const Value& item : value.items()) names.emplace_back(Trim(item.AsString()));
  if (!std::all_of(names.begin(), names.end(), IsPlainName)) names.clear();
  return names;
}

std::vector<std::string> FromConstraints(const dbt::Node& node) {
  for (const dbt::Constraint& constraint : node.constraints) {
    bool key = constraint.type == "primary_key" || constraint.type == "unique";
    if (key && !constraint.columns.empty()) return constraint.columns;
  }
  for (const dbt::Column& column : node.columns) {
    for (const dbt::Constraint& constraint : column.constraints) {
      if (constraint.type == "primary_key" || constraint.type == "unique") return {column.name};
    }
  }
  return {};
}

std::vector<std::string> FromTests(const dbt::Project& project, const dbt::Node& node) {
  for (const std::string& id : project.Children(node.unique_id)) {
    const dbt::Node* test = project.Find(id);
    if (!test || !test->test_metadata) continue;
    if (!test->attached_node.empty() && test->attached_node != node.unique_id) continue;
    const dbt::TestMetadata& metadata = *test->test_metadata;
    // A test on some of the rows says nothing about all of them.
    if (!test->Config("where").empty()) continue;
    if (metadata.name == "unique" && IsPlainName(test->column_name)) return {test->column_name};
    if (metadata.name == "unique_combination_of_columns") {
      auto names = NamesOf(metadata.kwargs["combination_of_columns"]);
      if (!names.empty()) return names;
    }
  }
  return {};
}

}  // namespace

std::optional<Key> FindKey(const GateContext& context, const dbt::Node& node) {
  std::vector<Key> candidates = {{NamesOf(context.Option("key")), "the option `key`"}};
  // A snapshot keeps the history of its unique_key: there it repeats by design.
  if (node.resource_type != "snapshot") {
    candidates.push_back({NamesOf(node.Config("unique_key")), "config unique_key"});
    Value::Array inferred;
    for (const std::string& column : node.primary_key) inferred.emplace_back(column);
    candidates.push_back({NamesOf(Value(std::move(inferred))), "primary_key"});
    candidates.push_back({FromConstraints(node), "a constraint"});
    candidates.push_back({FromTests(context.head(), node), "a unique test"});
  }
  for (Key& key : candidates) {
    if (!key.columns.empty()) return std::move(key);
  }
  return std::nullopt;
}

}  // namespace layergate::row_count_diff

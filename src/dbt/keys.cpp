#include "dbt/keys.h"

#include <algorithm>

#include "core/text.h"

namespace layergate::dbt {
namespace {

bool IsPlainName(std::string_view name) {
  auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || static_cast<unsigned char>(c) >= 0x80;
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), plain);
}

// dbt writes the name of a column with `quote: true` in the database's quotes.
std::string WithoutQuotes(std::string_view name) {
  bool quoted = name.size() > 2 && ((name.front() == '"' && name.back() == '"') ||
                                    (name.front() == '`' && name.back() == '`') ||
                                    (name.front() == '[' && name.back() == ']'));
  return std::string(quoted ? name.substr(1, name.size() - 2) : name);
}

bool IsKeyConstraint(const Constraint& constraint) {
  return constraint.type == "primary_key" || constraint.type == "unique";
}

class Collector {
 public:
  void Add(std::vector<std::string> columns, std::string source, bool tested = false) {
    if (columns.empty()) return;
    for (DeclaredKey& known : keys_) {
      if (known.columns != columns) continue;
      known.tested = known.tested || tested;
      return;
    }
    keys_.push_back({std::move(columns), std::move(source), tested});
  }
  std::vector<DeclaredKey> Take() { return std::move(keys_); }

 private:
  std::vector<DeclaredKey> keys_;
};

void AddTests(const Project& project, const Node& node, Collector& keys) {
  for (const std::string& id : project.Children(node.unique_id)) {
    const Node* test = project.Find(id);
    if (!test || !test->test_metadata) continue;
    if (!test->attached_node.empty() && test->attached_node != node.unique_id) continue;
    // A test on some of the rows says nothing about all of them.
    if (!test->Config("where").empty()) continue;
    const TestMetadata& metadata = *test->test_metadata;
    if (metadata.name == "unique") {
      keys.Add(PlainNames(Value(test->column_name)), "a unique test", true);
    } else if (metadata.name == "unique_combination_of_columns") {
      keys.Add(PlainNames(metadata.kwargs["combination_of_columns"]), "a unique test", true);
    }
  }
}

}  // namespace

std::vector<std::string> PlainNames(const Value& value) {
  std::vector<std::string> names;
  if (value.is_string()) names.push_back(WithoutQuotes(Trim(value.AsString())));
  for (const Value& item : value.items()) names.push_back(WithoutQuotes(Trim(item.AsString())));
  if (!std::all_of(names.begin(), names.end(), IsPlainName)) names.clear();
  return names;
}

std::vector<DeclaredKey> DeclaredKeys(const Project& project, const Node& node) {
  Collector keys;
  bool snapshot = node.resource_type == "snapshot";
  if (!snapshot) {
    keys.Add(PlainNames(node.Config("unique_key")), "config unique_key");
    keys.Add(PlainNames(Value::FromStrings(node.primary_key)), "primary_key");
    for (const Constraint& constraint : node.constraints) {
      if (IsKeyConstraint(constraint)) keys.Add(constraint.columns, "a constraint");
    }
    for (const Column& column : node.columns) {
      for (const Constraint& constraint : column.constraints) {
        if (IsKeyConstraint(constraint)) keys.Add({column.name}, "a constraint");
      }
    }
  }
  AddTests(project, node, keys);
  return keys.Take();
}

}  // namespace layergate::dbt

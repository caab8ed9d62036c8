#include "gates/test_weakening/pairs.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "core/text.h"
#include "dbt/unique_id.h"

namespace layergate::test_weakening {
namespace {

std::string Squeezed(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c != ' ' && c != '\n' && c != '\t' && c != '\r') out += c;
  }
  return out;
}

bool SameKind(const dbt::Node& a, const dbt::Node& b) {
  if (a.resource_type != b.resource_type) return false;
  if (a.test_metadata.has_value() != b.test_metadata.has_value()) return false;
  if (!a.test_metadata) return true;
  return a.test_metadata->name == b.test_metadata->name &&
         a.test_metadata->package == b.test_metadata->package;
}

bool SameColumn(const dbt::Node& a, const dbt::Node& b) {
  return EqualsIgnoreCase(a.column_name, b.column_name);
}

// How surely two tests of one kind are the same; 0: not.
int Likeness(const dbt::Node& base, const dbt::Node& head) {
  if (base.unique_id == head.unique_id) return 5;
  if (!SameKind(base, head)) return 0;
  if (!base.test_metadata) {  // singular and unit tests have names of their own
    if (base.name == head.name) return 4;
    bool same_text = base.resource_type == "test" && !base.raw_code.empty() &&
                     Squeezed(base.raw_code) == Squeezed(head.raw_code);
    bool same_unit = base.resource_type == "unit_test" && base.definition == head.definition;
    return same_text || same_unit ? 3 : 0;
  }
  bool same_arguments = ArgumentsOf(base) == ArgumentsOf(head);
  if (SameColumn(base, head)) return same_arguments ? 4 : 2;
  return same_arguments ? 1 : 0;
}

void AddColumns(std::vector<std::string>& columns, const Value& list) {
  for (const Value& item : list.items()) columns.push_back(ToLower(item.AsString()));
}

std::string Unique(std::vector<std::string> columns) {
  std::sort(columns.begin(), columns.end());
  return "unique:" + Join(columns, ",");
}

bool LooksAtAllRows(const dbt::Node& test) {
  return test.Config("where").empty() && ArgumentsOf(test)["row_condition"].empty();
}

}  // namespace

std::string OwnerOf(const dbt::Node& test) {
  if (!test.attached_node.empty()) return test.attached_node;
  std::vector<std::string> parents;
  for (const std::string& id : test.depends_on_nodes) {
    if (!id.starts_with("macro.") && !id.starts_with("metric.")) parents.push_back(id);
  }
  if (parents.empty()) return {};
  if (test.resource_type == "unit_test") return parents.front();
  if (test.test_metadata) {  // manifests before v9: "{{ get_where_subquery(ref('orders')) }}"
    std::string_view model = test.test_metadata->kwargs["model"].AsString();
    for (const std::string& id : parents) {
      std::string_view whole = dbt::NameOf(id);
      if (id.starts_with("source.")) whole.remove_prefix(whole.rfind('.') + 1);
      const std::string name(whole);
      if (model.find("'" + name + "'") != std::string_view::npos) return id;
    }
    return parents.back();
  }
  std::string best;
  size_t longest = 0;
  for (const std::string& id : parents) {
    std::string name(dbt::NameOf(id));
    if (test.name.find(name) != std::string::npos && name.size() > longest) {
      best = id;
      longest = name.size();
    }
  }
  return best.empty() ? *std::min_element(parents.begin(), parents.end()) : best;
}

std::vector<const dbt::Node*> TestsOf(const dbt::Project& project, const std::string& node) {
  std::vector<const dbt::Node*> tests;
  for (const std::string& id : project.Children(node)) {
    if (!id.starts_with("test.") && !id.starts_with("unit_test.")) continue;
    const dbt::Node* test = project.Find(id);
    if (test && OwnerOf(*test) == node) tests.push_back(test);
  }
  return tests;
}

Value ArgumentsOf(const dbt::Node& test) {
  // Old manifests list a test's configuration among its arguments as well.
  constexpr std::array kConfigs = {
      "severity", "where", "limit", "warn_if", "error_if", "fail_calc",  "store_failures",
      "enabled",  "tags",  "meta",  "config",  "name",     "description"};
  Value arguments = Value::MakeObject();
  if (!test.test_metadata) return arguments;
  for (const auto& [key, value] : test.test_metadata->kwargs.members()) {
    bool config = std::find(kConfigs.begin(), kConfigs.end(), key) != kConfigs.end();
    bool place = key == "model" || key == "column_name";
    if (!place && !config && !value.is_null()) arguments.Set(key, value);
  }
  return arguments;
}

std::string TitleOf(const dbt::Node& test) {
  if (!test.test_metadata) return test.name;
  const dbt::TestMetadata& metadata = *test.test_metadata;
  std::string name =
      metadata.package.empty() ? metadata.name : metadata.package + "." + metadata.name;
  return test.column_name.empty() ? name : fmt::format("{}({})", name, test.column_name);
}

std::vector<TestPair> PairTests(const dbt::Project& base, const std::string& base_node,
                                const dbt::Project& head, const std::string& head_node,
                                const std::function<bool(const std::string&)>& has_column) {
  std::vector<const dbt::Node*> before = TestsOf(base, base_node), now = TestsOf(head, head_node);
  std::vector<TestPair> pairs;
  std::set<const dbt::Node*> taken_base, taken_head;
  for (int wanted = 5; wanted > 0; --wanted) {
    for (const dbt::Node* old_test : before) {
      if (taken_base.count(old_test)) continue;
      for (const dbt::Node* new_test : now) {
        if (taken_head.count(new_test) || Likeness(*old_test, *new_test) != wanted) continue;
        if (wanted == 1 && has_column(old_test->column_name)) continue;
        pairs.push_back({old_test, new_test, false});
        taken_base.insert(old_test);
        taken_head.insert(new_test);
        break;
      }
    }
  }
  const std::vector<std::string>& disabled = head.disabled_ids();
  for (const dbt::Node* test : before) {
    if (taken_base.count(test)) continue;
    pairs.push_back(
        {test, nullptr, std::binary_search(disabled.begin(), disabled.end(), test->unique_id)});
  }
  for (const dbt::Node* test : now) {
    if (!taken_head.count(test)) pairs.push_back({nullptr, test, false});
  }
  return pairs;
}

std::vector<std::string> GuaranteesOf(const dbt::Node& test) {
  if (!test.test_metadata || !LooksAtAllRows(test)) return {};
  const std::string& name = test.test_metadata->name;
  Value arguments = ArgumentsOf(test);
  std::string column = ToLower(test.column_name);
  std::vector<std::string> columns;
  AddColumns(columns, arguments["combination_of_columns"]);
  AddColumns(columns, arguments["column_list"]);
  AddColumns(columns, arguments["column_names"]);
  if (columns.empty() && !column.empty()) columns = {column};
  if (columns.empty()) return {};
  constexpr std::array kUnique = {"unique",
                                  "unique_combination_of_columns",
                                  "expect_column_values_to_be_unique",
                                  "expect_compound_columns_to_be_unique",
                                  "unique_key",
                                  "primary_key"};
  constexpr std::array kNotNull = {"not_null", "expect_column_values_to_not_be_null",
                                   "primary_key"};
  auto among = [&](const auto& list) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  std::vector<std::string> guarantees;
  if (among(kUnique)) guarantees.push_back(Unique(columns));
  if (among(kNotNull)) {
    for (const std::string& one : columns) guarantees.push_back("not_null:" + one);
  }
  return guarantees;
}

std::vector<std::string> GuaranteesOfConstraints(const dbt::Node& node, std::string_view adapter) {
  std::vector<std::string> guarantees;
  if (!node.contract.enforced || node.materialized == "view") return guarantees;
  // Cloud warehouses take keys for information only.
  constexpr std::array kEnforceKeys = {"postgres", "duckdb", "sqlite", "sqlserver", "mysql"};
  bool keys = std::find(kEnforceKeys.begin(), kEnforceKeys.end(), adapter) != kEnforceKeys.end();
  auto add = [&](const dbt::Constraint& constraint, const std::vector<std::string>& columns) {
    bool primary = constraint.type == "primary_key";
    if (keys && (primary || constraint.type == "unique")) guarantees.push_back(Unique(columns));
    if (constraint.type == "not_null" || (keys && primary)) {
      for (const std::string& column : columns) guarantees.push_back("not_null:" + column);
    }
  };
  for (const dbt::Column& column : node.columns) {
    for (const dbt::Constraint& constraint : column.constraints) {
      add(constraint, {ToLower(column.name)});
    }
  }
  for (const dbt::Constraint& constraint : node.constraints) {
    std::vector<std::string> columns;
    for (const std::string& column : constraint.columns) columns.push_back(ToLower(column));
    if (!columns.empty()) add(constraint, columns);
  }
  return guarantees;
}

}  // namespace layergate::test_weakening

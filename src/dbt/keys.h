// Which columns a project declares to identify a row of a model, seed, snapshot or source.
//
// Sources, in the order of preference: config.unique_key (not of snapshots, where it repeats by
// design), dbt's own inference primary_key, constraints, unique tests and
// unique_combination_of_columns without `where`. Only keys of plain columns: an expression
// ("a || b") cannot be counted by name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/value.h"
#include "dbt/project.h"

namespace layergate::dbt {

struct DeclaredKey {
  std::vector<std::string> columns;  // as written
  std::string source;                // "config unique_key", "primary_key", "a unique test", ...
  // False for what somebody wished (a config, a constraint that most warehouses do not enforce),
  // true for what a test checks.
  bool tested = false;
};

std::vector<DeclaredKey> DeclaredKeys(const Project& project, const Node& node);

// A column's name or a list of them; empty when one of them is no plain name.
std::vector<std::string> PlainNames(const Value& value);

}  // namespace layergate::dbt

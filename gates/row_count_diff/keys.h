// Which columns are declared to identify a row of a model.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/gate.h"

namespace layergate::row_count_diff {

struct Key {
  std::vector<std::string> columns;
  std::string source;  // "option key", "config unique_key", "primary_key", "unique test", ...
  bool found = false;  // declared nowhere: base's rows say so
};

// The option `key` first, then what the project declares on the head side. nullopt: no key that
// consists of plain columns.
std::optional<Key> FindKey(const GateContext& context, const dbt::Node& node);

}  // namespace layergate::row_count_diff

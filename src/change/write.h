// A change set as JSON (`layergate changes --format json`), as a table for people, and the whole
// story of one node.
//
// The JSON is a contract: schema_version 1, keys as in docs/changes.md; later versions only add.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "change/change_set.h"
#include "core/value.h"

namespace layergate::change {

// Gives the layer of a node by its unique_id, or empty when it has none. May be empty itself: then
// every layer is null.
using LayerOf = std::function<std::string(std::string_view unique_id)>;

Value ToValue(const ChangeSet& changes, const LayerOf& layer_of = {});

// One line per node: what happened, in which ways, and the file. Ends with notes, unknowns and a
// count.
std::string ToTable(const ChangeSet& changes, const LayerOf& layer_of = {});

// Everything that is known of one node's change, or why there is none. `name` is a unique_id, or a
// name that only one node has. `head` and `base` tell an unchanged node from an unknown one.
struct Explanation {
  bool found = false;  // false: no node of that name on either side
  std::string text;
};
Explanation Explain(const ChangeSet& changes, const dbt::Project& base, const dbt::Project& head,
                    std::string_view name, const LayerOf& layer_of = {});

}  // namespace layergate::change

// Changes of a node's configuration, put into its entry of the manifest.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/value.h"

namespace layergate::offline {

struct ConfigChange {
  bool relation = false;             // schema, database or alias: where the table lies
  bool enabled = true;               // false: the node is switched off
  std::vector<std::string> changed;  // names of the configs that differ
};

// What one place (an in-file config(), a YAML entry, dbt_project.yml) said before and says now.
// `weaker` is what places with less weight say: the answer where the place no longer says anything.
ConfigChange ApplyConfig(Value& entry, const Value& before, const Value& after,
                         const Value& weaker);

// Of what a folder's configs said before and say now, what reaches the node: a nearer place that
// says the same key wins, and what it said is in unrendered_config.
std::pair<Value, Value> SpokenConfigs(const Value& entry, const Value& before, const Value& after);

// Sets meta and tags of the entry to what its config says.
void MirrorConfig(Value& entry);

}  // namespace layergate::offline

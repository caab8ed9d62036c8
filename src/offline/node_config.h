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

// What places with less weight say of a node: the answer where a place no longer says anything.
struct WeakerConfigs {
  Value merged;  // what holds
  Value last;    // what dbt keeps as unrendered_config
};

// What one place (an in-file config(), a YAML entry, dbt_project.yml) said before and says now.
ConfigChange ApplyConfig(Value& entry, const Value& before, const Value& after,
                         const WeakerConfigs& places);

// Of what a folder's configs said before and say now, what reaches the node: a nearer place that
// says the same key wins, and what it said is in unrendered_config. `last` is what the folder said
// before, inner folders in place of outer ones and templates as written; `nearer` is what YAML and
// config() said. For nodes of a package (`of_package`) the root project's file is the nearest place
// of all.
std::pair<Value, Value> SpokenConfigs(const Value& entry, const Value& last, const Value& before,
                                      const Value& after, const Value& nearer, bool of_package);

// Puts `unrendered`, with what the folder said last before and says now, into the entry.
void PutUnrendered(Value& entry, Value unrendered, const Value& before, const Value& after,
                   const Value& nearer, bool of_package);

// The relation's name with other parts, quoted as `relation_name` of a node with `old_parts` is.
std::string RelationNameLike(const std::string& relation_name,
                             const std::vector<std::string>& old_parts,
                             const std::vector<std::string>& new_parts);

}  // namespace layergate::offline

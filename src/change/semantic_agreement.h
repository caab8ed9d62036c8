// Whether semantic_manifest.json says of the metrics what the manifest says. The semantic layer
// answers queries from the former, everything here is judged by the latter: where they disagree,
// they were not written together, and what a metric means cannot be told.
#pragma once

#include <vector>

#include "change/change_set.h"
#include "dbt/project.h"
#include "dbt/semantic_manifest.h"

namespace layergate::change {

// One entry for each metric, semantic model or saved query that the two do not have alike, the
// first few of them, and how many more there are; empty when they agree.
std::vector<UnknownChange> FindSemanticDisagreements(const dbt::Project& project,
                                                     const dbt::SemanticManifest& semantic);

}  // namespace layergate::change

// Two definitions of a metric, semantic model or saved query, compared by what they measure.
//
// Layout, quotes, the order of named parts, descriptions and absent settings say nothing. A metric
// that names a measure and one that says itself what it aggregates (dbt 1.12) are compared by the
// aggregation: moving a measure into its metric is no change.
#pragma once

#include <string>
#include <vector>

#include "core/value.h"
#include "dbt/project.h"

namespace layergate::metrics {

struct DefinitionChange {
  std::string where;
  Value base, head;

  // A whole measure, dimension or entity that was not there.
  bool IsNewPart() const;
};

std::vector<DefinitionChange> CompareDefinitions(const dbt::Project& base_project,
                                                 const dbt::Node& base,
                                                 const dbt::Project& head_project,
                                                 const dbt::Node& head);

}  // namespace layergate::metrics

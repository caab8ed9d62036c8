// Which columns of a model the semantic layer reads: measures, dimensions and entities of semantic
// models, old metrics (dbt 1.3 to 1.5) that name a model and an expression, and metrics that
// aggregate by themselves. Expressions are SQL fragments; a column counts as read when its name
// stands in one as a word.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/value.h"
#include "dbt/node.h"
#include "dbt/project.h"

namespace layergate::semantic {

// One thing of a definition that is computed from columns.
struct Part {
  std::string kind;  // "measure", "dimension", "entity", "metric", "filter", "defaults"
  std::string name;
  std::string expression;   // SQL, or a column's name
  std::string aggregation;  // "sum", "count_distinct"; empty when there is none
};

// The parts of a semantic model or metric; empty for other nodes.
std::vector<Part> PartsOf(const dbt::Node& node);

// Whether `column` stands in the expression as a word (case-insensitive, not inside quotes).
bool Mentions(std::string_view expression, std::string_view column);

// The parts of `node` that read `column`.
std::vector<Part> ReadersIn(const dbt::Node& node, std::string_view column);

// Names of the measures that a metric is computed from (old and new places).
std::vector<std::string> MeasuresOf(const dbt::Node& metric);

// Ids of the metrics that `part` of `node` reaches: through its measure, by a filter that names its
// dimension, or, for a default time dimension, all of them. Metrics computed from these come along.
std::vector<std::string> MetricsReading(const dbt::Project& project, const dbt::Node& node,
                                        const Part& part);

}  // namespace layergate::semantic

// What metrics and semantic models are made of, beside what their YAML says: dbt writes the
// measures that a metric comes to, the nodes that it reads, and where the model of a semantic model
// lies.
#pragma once

#include <string>

#include "core/value.h"
#include "offline/draft.h"

namespace layergate::offline {

// The type_params of a metric that is new, in the manifest's shape: a name becomes an object.
Value MetricParameters(const Value& yaml);

// Measures and parents of every metric, once all of them are in the draft.
void PutMetricInputs(Draft& draft);

// node_relation of the semantic models, once the names of the models are known.
void PutNodeRelations(Draft& draft);

}  // namespace layergate::offline

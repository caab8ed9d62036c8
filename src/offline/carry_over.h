// The difference of two YAML definitions, carried over to what dbt made of the first: metrics,
// semantic models, saved queries, exposures.
//
// dbt gives definitions another shape than YAML has: "7 days" becomes a count and a granularity, a
// filter a list of templates, a name an object with defaults. Shapes that are known are turned; of
// any other it is said that the old value is not where it should be.
#pragma once

#include <string_view>

#include "core/value.h"

namespace layergate::offline {

// False: the manifest does not have the old value; `json` is then half changed.
bool CarryOver(Value& json, const Value& before, const Value& after);

// The member of a list with that name, or nullptr.
const Value* FindByName(const Value& list, std::string_view name);

}  // namespace layergate::offline

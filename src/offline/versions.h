// Versions of models, as schema YAML has them: one entry that says what all share, and what each
// version says otherwise.
#pragma once

#include <string>
#include <vector>

#include "core/value.h"

namespace layergate::offline {

// The entry of a model with `versions:` as one entry a version, each with what reaches it: shared
// columns as include and exclude say, tests, configs merged. `v` is the version, `defined_in` the
// stem of its file, and `latest_version` the one that ref() without a version means.
std::vector<Value> ExpandVersions(const Value& model);

// "1" for 1 and "1": as ids have it.
std::string VersionText(const Value& version);

}  // namespace layergate::offline

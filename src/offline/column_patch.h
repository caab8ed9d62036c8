// The columns of a schema entry: descriptions, marks, types, constraints, tests. They are the
// YAML's alone, and are written anew.
#pragma once

#include <string>

#include "core/value.h"
#include "offline/draft.h"
#include "offline/project_file.h"

namespace layergate::offline {

// `before` and `after` are the entries of YAML; `entry` is the node `id` in the manifest.
void PatchColumns(Draft& draft, const std::string& id, Value& entry, const Value& before,
                  const Value& after, const std::string& path, const ProjectFile& project);

// Sets the checksum of an enforced contract where the promise is another one.
void PutContract(Value& entry, const Value& before, const Value& after);

// As the manifest has the constraints of a column or a model.
Value ConstraintsOf(const Value& yaml);

// What stands under data_tests:, or tests: as older YAML has it.
const Value& TestsOf(const Value& entry);

}  // namespace layergate::offline

// Generic tests of a schema YAML: removed ones leave the manifest, added ones enter it, and a
// changed severity or filter is written into the test's config.
#pragma once

#include <string>

#include "core/value.h"
#include "offline/draft.h"
#include "offline/project_file.h"

namespace layergate::offline {

// `node_id` is what is tested; `column` is empty for tests of the node as a whole. The lists are
// what stands under tests: or data_tests:, or null. `project` gives configs to tests by their
// place.
void PatchTests(Draft& draft, const std::string& node_id, const std::string& column,
                const Value& base, const Value& head, const std::string& path,
                const ProjectFile& project);

}  // namespace layergate::offline

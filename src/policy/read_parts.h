// Reads the parts of a policy file that are not about layers into its draft. Private to src/policy.
#pragma once

#include <string>
#include <vector>

#include "core/yaml.h"
#include "policy/draft.h"

namespace layergate::policy {

void ReadParts(const YamlNode& root, const std::string& file, const std::vector<KnownGate>& gates,
               Problems& problems, Draft& draft);

}  // namespace layergate::policy

// YAML as `policy show` and `init` write it. Private to src/policy.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace layergate::policy {

// Plain when that is safe, else in double quotes (JSON's strings are YAML's).
std::string YamlScalar(std::string_view text);
std::string YamlList(const std::vector<std::string>& texts);

}  // namespace layergate::policy

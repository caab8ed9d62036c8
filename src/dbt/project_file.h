// What dbt_project.yml says that decides a comparison and that no manifest records.
#pragma once

#include <optional>
#include <string_view>

namespace layergate::dbt {

// flags.state_modified_compare_more_unrendered_values of a dbt_project.yml's text: whether sources
// are compared as written rather than as rendered. Unset when the file does not say, or cannot be
// read as plain YAML: dbt's default for its version holds then.
std::optional<bool> CompareMoreUnrenderedValues(std::string_view dbt_project_yml);

}  // namespace layergate::dbt

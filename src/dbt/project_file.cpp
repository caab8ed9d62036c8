#include "dbt/project_file.h"

#include "core/yaml.h"

namespace layergate::dbt {

std::optional<bool> CompareMoreUnrenderedValues(std::string_view dbt_project_yml) {
  auto file = ReadYaml(dbt_project_yml, "dbt_project.yml");
  if (!file) return std::nullopt;
  const YamlNode* flags = file->Find("flags");
  const YamlNode* flag =
      flags ? flags->Find("state_modified_compare_more_unrendered_values") : nullptr;
  if (!flag) return std::nullopt;
  Value value = ToValue(*flag);
  if (!value.is_bool()) return std::nullopt;
  return value.AsBool();
}

}  // namespace layergate::dbt

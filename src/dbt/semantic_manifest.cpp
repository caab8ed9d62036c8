#include "dbt/semantic_manifest.h"

#include <fmt/format.h>

#include "core/file.h"
#include "dbt/json_text.h"

namespace layergate::dbt {
namespace {

constexpr std::string_view kRemedy =
    "Run `dbt parse` again: the file is not as dbt writes it into target/.";

Result<std::vector<Node>> ReadSection(const Value& json, std::string_view section,
                                      std::string_view type, const std::string& path) {
  std::vector<Node> nodes;
  const Value& list = json[section];
  if (list.is_null()) return nodes;  // saved queries came later than the file
  if (!list.is_array()) {
    return MakeError(fmt::format("{}: \"{}\" is not a list", path, section), std::string(kRemedy));
  }
  for (const Value& item : list.items()) {
    Node node;
    node.resource_type = type;
    node.name = item["name"].AsString();
    if (node.name.empty()) {
      return MakeError(fmt::format("{}: {} {} has no name", path, type, nodes.size() + 1),
                       std::string(kRemedy));
    }
    node.unique_id = fmt::format("{}.{}", type, node.name);
    node.description = item["description"].AsString();
    node.definition = Value::MakeObject();
    for (const auto& [key, value] : item.members()) {
      if (!value.is_null()) node.definition.Set(key, value);
    }
    nodes.push_back(std::move(node));
  }
  return nodes;
}

}  // namespace

Result<SemanticManifest> SemanticManifest::Load(const std::string& path) {
  LAYERGATE_TRY(std::string bytes, ReadFile(path));
  return Parse(bytes, path);
}

Result<SemanticManifest> SemanticManifest::Parse(std::string_view bytes, const std::string& path) {
  LAYERGATE_TRY(Value json, ParseJsonDocument(bytes, path));
  std::string_view address = json["metadata"]["dbt_schema_version"].AsString();
  if (!address.empty() || !json.Find("metrics") || !json.Find("semantic_models")) {
    return WrongArtifact(path, "semantic_manifest", ParseSchemaAddress(address), !address.empty());
  }
  SemanticManifest manifest;
  manifest.path = path;
  LAYERGATE_TRY(manifest.metrics, ReadSection(json, "metrics", "metric", path));
  LAYERGATE_TRY(manifest.semantic_models,
                ReadSection(json, "semantic_models", "semantic_model", path));
  LAYERGATE_TRY(manifest.saved_queries, ReadSection(json, "saved_queries", "saved_query", path));
  return manifest;
}

}  // namespace layergate::dbt

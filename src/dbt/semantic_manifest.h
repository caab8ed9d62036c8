// What the metrics mean, as the semantic layer reads it: semantic_manifest.json, which dbt writes
// beside manifest.json since 1.6. The file names no version and no project.
//
// The entries have the shape of the manifest's own (`definition` holds their JSON by name), so that
// whatever reads a metric there reads it here. Owns its values; immutable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "dbt/node.h"

namespace layergate::dbt {

struct SemanticManifest {
  std::string path;
  // unique_id, resource_type, name, description and definition only; the id is a guess at the
  // package's place ("metric.revenue"), because the file knows none.
  std::vector<Node> metrics, semantic_models, saved_queries;

  static Result<SemanticManifest> Load(const std::string& path);
  static Result<SemanticManifest> Parse(std::string_view bytes, const std::string& path);
};

}  // namespace layergate::dbt

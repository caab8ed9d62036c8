// Small manifests, written as JSON members, for the tests of this folder.
#pragma once

#include <memory>
#include <string>

#include "dbt/project.h"
#include "support/catch.h"

namespace layergate::change {

inline std::unique_ptr<dbt::Project> Manifest(const std::string& sections,
                                              const std::string& version = "1.10.0",
                                              const std::string& project = "shop") {
  std::string text =
      R"({"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
          "adapter_type": "duckdb", "dbt_version": ")" +
      version + R"(", "project_name": ")" + project + "\"}, " + sections + "}";
  auto read = dbt::Project::Parse(text, "manifest.json");
  if (!read) FAIL(read.error().message);
  return *std::move(read);
}

// `more` is put behind the node's usual members and may begin with a comma.
inline std::string Node(const std::string& type, const std::string& name,
                        const std::string& more = "", const std::string& package = "shop") {
  return "\"" + type + "." + package + "." + name + R"(": {"resource_type": ")" + type +
         R"(", "name": ")" + name + R"(", "package_name": ")" + package +
         R"(", "original_file_path": "models/)" + name + ".sql\"" + more + "}";
}

inline std::string Nodes(const std::string& nodes) { return "\"nodes\": {" + nodes + "}"; }

}  // namespace layergate::change

// `layergate lineage`: column lineage of one SQL text or of a dbt project, on standard output.
#pragma once

#include <string>
#include <vector>

namespace layergate::cli {

struct LineageArguments {
  std::string dialect;              // empty: the manifest's adapter, else "ansi"
  std::string schema_path;          // JSON of relations and columns; may be empty
  std::string format = "json";      // json, openlineage, dot, mermaid, text
  std::string query_path;           // '-' is standard input; empty when a manifest is given
  std::string manifest, catalog;    // paths; may be empty
  std::vector<std::string> select;  // model names or unique_ids; empty: all models
  bool through = false;             // edges go on to the roots of the project
};

// 0, or 2 for bad input (bad arguments, unreadable files): the message is on standard error then.
int RunLineage(const LineageArguments& arguments);

}  // namespace layergate::cli

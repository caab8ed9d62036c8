// `layergate render`: raw model code to SQL, without dbt.
#pragma once

#include <string>
#include <vector>

namespace layergate::cli {

struct RenderArguments {
  std::string manifest, catalog;    // paths; the catalog may be empty
  std::string project_dir;          // for vars of dbt_project.yml; empty: none are read
  std::string target;               // target.name
  std::vector<std::string> vars;    // K=V
  std::vector<std::string> env;     // names of variables that templates may read
  std::vector<std::string> select;  // model names or unique_ids; empty: all models
  std::string format = "text";      // text, json
  bool full_refresh = false;
  bool against_compiled = false;
};

// 0; 1 when --against-compiled finds a model rendered differently; 2 for bad input.
int RunRender(const RenderArguments& arguments);

}  // namespace layergate::cli

// `layergate changes`: the change set between two manifests, alone.
#pragma once

#include <string>

namespace layergate::cli {

struct ChangesArguments {
  std::string base_manifest;
  std::string head_manifest;
  std::string format = "text";    // "text" or "json"
  std::string explain;            // a node: print its whole story instead
  std::string project_prefix;     // folder of dbt_project.yml relative to the repository root
  std::string project_dir;        // folder of dbt_project.yml, for its flags; empty: dbt's defaults
  std::string policy;             // policy file that names the layers; empty: the shipped one
  std::string semantic_manifest;  // of the head side; empty: none
};

// Prints to standard output; 0, or 2 with the error on standard error.
int RunChanges(const ChangesArguments& arguments);

}  // namespace layergate::cli

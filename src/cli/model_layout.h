// `layergate init` looks at a project that nobody described to it: which folders hold models, and
// which layer of the ladder each of them seems to be.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace layergate::cli {

// A model's file: its name, and what its text reads by ref() and source().
struct ModelFile {
  std::string name;
  std::vector<std::string> refs;  // names of models, lower case
  bool reads_source = false;
};

struct ModelFolder {
  std::string path;  // relative to the project, "models/finance"
  std::vector<ModelFile> models;
};

// A glob, the layer that its models seem to be in (empty: cannot be told), and how that was found.
struct LayerGuess {
  std::string glob;
  std::string_view layer;
  size_t models = 0;
  bool by_reading = false;  // from what the models read and who reads them, not from names
};

// The folders that hold models, sorted. Needs dbt_project.yml for its `model-paths`.
Result<std::vector<ModelFolder>> ReadModelFolders(const std::string& project_dir);

// In this order: a folder's telling name ("silver", "01_staging"), its models' prefixes ("stg_"),
// the models' place in the graph (they read sources and are read: staging; nobody else reads them:
// marts; in between: intermediate). Folders that lie together and agree become one glob.
std::vector<LayerGuess> GuessLayers(const std::vector<ModelFolder>& folders);

}  // namespace layergate::cli

// `layergate init`: a first policy, written from what the project looks like.
//
// It looks at the folders, the file names and the refs below the model paths (and at tags, when
// there is a manifest), says which layer each folder seems to be, and begins with `extends:
// starter`: everything is reported and nothing is blocked. Nothing that is there is overwritten.
#pragma once

#include <string>
#include <vector>

#include "policy/policy.h"

namespace layergate::cli {

struct InitArguments {
  std::string project_dir = ".";
  std::string manifest;  // target/manifest.json of the project, when there is one
  bool force = false;    // overwrite
  bool print = false;    // to standard output instead of into files
};

int RunInit(const InitArguments& arguments, const std::vector<policy::KnownGate>& gates);

}  // namespace layergate::cli

// `layergate policy test --range A..B`: the policy that is being written, replayed over what was
// merged in the past, so that a team can tune it before it counts.
//
// Each commit on the first-parent line is one merged change, judged at its own time against its
// parent. Where `--manifests` has both manifests it gets every gate that needs no database; else it
// is judged by its paths alone: layers, people, merge window and the gates about the pull request.
#pragma once

#include <string>

#include "gate/registry.h"

namespace layergate::cli {

struct BacktestArguments {
  std::string range;  // "main~50..main"
  std::string policy_path, project_dir = ".";
  std::string manifest;   // for tags, groups and names of today's models
  std::string manifests;  // a folder with <commit>.json or <commit>/manifest.json
  std::string format = "text";
  size_t limit = 1000;
};

// 0 when it could be replayed, whatever it would have blocked.
int RunBacktest(const BacktestArguments& arguments, const GateRegistry& gates);

}  // namespace layergate::cli

// The main job, as one function: two commits and two manifests go in, a verdict comes out.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/result.h"
#include "gate/registry.h"
#include "verdict/verdict.h"

namespace layergate {

struct CheckRequest {
  std::string project_dir = ".";
  std::string base, head;  // revisions; ignored with no_git
  bool no_git = false;
  std::string base_manifest, head_manifest;
  std::string base_catalog, head_catalog, run_results;  // optional
  std::string policy_path;         // a path at the base commit; with no_git a file
  std::string base_url, head_url;  // databases; empty: the environment, then the profile
  std::string profiles_dir, profile, target_base, target_head;
  std::vector<std::string> only;  // gates
  std::string at;                 // RFC 3339; empty is refused: the caller reads the clock
  std::string pull_request_description;
  std::vector<std::string> pull_request_labels;
  int threads = 0;
  std::stop_token stop;
  std::function<void(const std::string& line)> progress;
};

Result<verdict::Verdict> Check(const CheckRequest& request, const GateRegistry& gates);

}  // namespace layergate

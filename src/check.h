// The main job, as one function: two commits and two manifests go in, a verdict comes out.
//
// Errors are the world's: no repository, no merge base, an unreadable manifest, a bad policy,
// settings that make no sense. Everything about the pull request, and everything that could not be
// judged, is inside the verdict. Nothing is written, no process is started, and no network is used
// but the databases that the request names.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "gate/registry.h"
#include "verdict/verdict.h"

namespace layergate {

struct CheckRequest {
  std::string project_dir = ".";  // folder of dbt_project.yml
  std::string base, head;         // revisions; empty: found as git/revisions.h says
  bool no_git = false;            // judge two manifests alone
  std::string base_manifest;      // empty: the policy's, else prod-manifest/manifest.json
  std::string head_manifest;      // empty: target/manifest.json
  // No head manifest named and none in target/: the head project is put together from the base
  // manifest and the head commit's files. With this, one in target/ that was made from another
  // commit is passed over, too; without it, it is a stale manifest and blocks.
  bool without_dbt = false;
  std::string base_catalog, head_catalog, run_results;  // optional
  std::string policy_path;  // a path at the base commit; with no_git a file; empty: the usual names
  // Databases. URLs win over targets of profiles.yml; all empty: no connection.
  std::string base_url, head_url;
  std::string profiles_dir, profile, target_base, target_head;
  std::vector<std::string> only;  // gates
  std::string at;                 // the clock: RFC 3339, UTC
  std::string pull_request_description;
  std::vector<std::string> pull_request_labels;
  // Commits that the provider's event payload names, when there is one; see git/revisions.h.
  std::string event_head, event_base;
  // The CI's own variables (GITHUB_BASE_REF, ...), for finding revisions. May be empty.
  std::function<std::optional<std::string>(std::string_view name)> environment;
  int threads = 0;
  std::stop_token stop;
  std::function<void(size_t done, size_t total)> progress;
};

Result<verdict::Verdict> Check(const CheckRequest& request, const GateRegistry& gates);

// What the policy loader must know of the gates.
std::vector<policy::KnownGate> KnownGates(const GateRegistry& gates);

}  // namespace layergate

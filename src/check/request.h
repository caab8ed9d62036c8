// What `layergate check` was asked: the command line's words, already read. Every step of the job
// takes what it needs from here.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace layergate {

namespace policy {
struct Policy;
}

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
  std::string sources;            // sources.json of the pull request; optional
  std::string semantic_manifest;  // semantic_manifest.json of the pull request; optional
  std::string policy_path;  // a path at the base commit; with no_git a file; empty: the usual names
  // Databases. URLs win over targets of profiles.yml; all empty: no connection.
  std::string base_url, head_url;
  std::string profiles_dir, profile, target_base, target_head;
  std::string duckdb_library;     // libduckdb.so; empty: where the system keeps its libraries
  int connections = 4;            // to each target, at most
  bool dry_run = false;           // no statement is sent; what would be is in each gate's evidence
  std::vector<std::string> only;  // gates
  std::string at;                 // the clock: RFC 3339, UTC
  std::string pull_request_description;
  std::vector<std::string> pull_request_labels;
  std::vector<std::string> reviews;  // files with the provider's answers (verdict/reviews.h)
  // For replays of the past: judged by this policy instead of the base commit's, and the record
  // says so.
  const policy::Policy* policy = nullptr;
  // Commits that the provider's event payload names, when there is one; see git/revisions.h.
  std::string event_head, event_base;
  // The CI's own variables (GITHUB_BASE_REF, ...), for finding revisions. May be empty.
  std::function<std::optional<std::string>(std::string_view name)> environment;
  int threads = 0;
  std::stop_token stop;
  std::function<void(size_t done, size_t total)> progress;
};

}  // namespace layergate

#include "check/changes.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "change/freshness.h"
#include "change/semantic_agreement.h"
#include "dbt/project_file.h"
#include "sql/compare.h"
#include "sql/parse.h"

namespace layergate::check {

Result<change::ChangeSet> FindChanges(const CheckRequest& request, const Artifacts& artifacts,
                                      const Commits& commits) {
  sql::Dialect dialect = DialectOf(*artifacts.head);
  change::CompareOptions options;
  options.project_prefix = commits.prefix;
  options.package_folders = commits.package_folders;
  LAYERGATE_TRY(std::optional<std::string> project_file,
                ReadProjectFile(request, commits, commits.head, "dbt_project.yml"));
  if (project_file) {
    options.compare_more_unrendered_values = dbt::CompareMoreUnrenderedValues(*project_file);
  }
  if (commits.repository) {
    std::vector<std::string> paths = FactsOf(commits).changed_paths;
    options.changed_files.emplace(paths.begin(), paths.end());
  }
  options.same_sql = [dialect](const dbt::Node& base, const dbt::Node& head) {
    if (!base.compiled_code || !head.compiled_code) return false;
    return sql::SameTree(sql::Parse(*base.compiled_code, dialect),
                         sql::Parse(*head.compiled_code, dialect));
  };
  change::ChangeSet changes = change::Compare(*artifacts.base, *artifacts.head, options);
  if (artifacts.semantic) {
    for (change::UnknownChange& one :
         change::FindSemanticDisagreements(*artifacts.head, *artifacts.semantic)) {
      changes.unknown.push_back(std::move(one));
    }
  }
  if (!artifacts.offline) return changes;
  for (change::NodeChange& node : changes.nodes) {
    bool rendered = artifacts.offline->rendered.count(node.unique_id) > 0;
    node.evidence = rendered ? "rendered" : "git";
  }
  for (const offline::UnknownPart& part : artifacts.offline->unknown)
    changes.unknown.push_back({part.path, part.why});
  return changes;
}

Result<void> CheckFreshness(const Commits& commits, const Artifacts& artifacts,
                            const policy::Policy& policy, change::ChangeSet& changes) {
  if (!commits.repository) return {};
  std::vector<std::string> paths = FactsOf(commits).changed_paths;
  std::vector<std::string> ids;
  for (const change::NodeChange& node : changes.nodes) {
    ids.push_back(node.unique_id);
    if (node.old_unique_id != node.unique_id) ids.push_back(node.old_unique_id);
  }
  struct SideToCheck {
    std::string_view name;
    const dbt::Project& project;
    const std::string& commit;
    const std::string& prefix;
    std::string_view remedy;
  };
  std::vector<SideToCheck> sides;
  if (!artifacts.offline) {
    sides.push_back({"head", *artifacts.head, commits.head.id, commits.prefix,
                     "run dbt at the head commit again"});
  }
  if (policy.require_fresh_base) {
    sides.push_back(
        {"base", *artifacts.base, commits.base.id, commits.base_prefix,
         "use the manifest that dbt wrote for the base commit, or set `require_fresh_base: "
         "false` in the policy when production lags"});
  }
  for (const SideToCheck& side : sides) {
    LAYERGATE_TRY(std::vector<change::StaleFile> stale,
                  change::FindStaleFiles(side.project, *commits.repository, side.commit,
                                         side.prefix, paths, ids));
    constexpr size_t kShown = 5;  // the first says it; a manifest of another commit has hundreds
    size_t more = stale.size() > kShown ? stale.size() - kShown : 0;
    if (more > 0) stale.resize(kShown);
    for (const change::StaleFile& file : stale) {
      std::string who =
          file.unique_id.empty() ? std::string() : fmt::format(" ({})", file.unique_id);
      changes.unknown.push_back(
          {file.path, fmt::format("the {} manifest {} does not belong to commit {}: {}{}; {}",
                                  side.name, side.project.metadata().path,
                                  side.commit.substr(0, 12), file.why, who, side.remedy)});
    }
    if (more > 0) {
      changes.unknown.push_back(
          {side.project.metadata().path,
           fmt::format("{} more files of the {} manifest do not belong to commit {}", more,
                       side.name, side.commit.substr(0, 12))});
    }
  }
  return {};
}

}  // namespace layergate::check

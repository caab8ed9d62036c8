#include "check/record.h"

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/text.h"
#include "core/value.h"
#include "core/version.h"

namespace layergate::check {
namespace {

Result<verdict::Side> DescribeSide(const Commits& commits, const git::Commit& commit,
                                   const std::string& revision, const dbt::Project& project) {
  verdict::Side side;
  if (commits.repository) {
    side.revision = revision.empty() ? commit.id : revision;
    side.commit = commit.id;
    LAYERGATE_TRY(side.tree, commits.repository->TreeId(commit.id));
  }
  const dbt::ProjectMetadata& metadata = project.metadata();
  side.manifest_path = metadata.path;
  side.manifest_digest = project.Digest();
  side.dbt_version = metadata.dbt_version;
  side.generated_at = metadata.generated_at;
  side.invocation_id = metadata.invocation_id;
  return side;
}

Value PathOrNull(const std::string& path) { return path.empty() ? Value() : Value(path); }

Value DescribeEvidence(const CheckRequest& request, const Artifacts& artifacts, const Pools& pools,
                       const Commits& commits) {
  Value connection;
  if (pools.base) {
    connection.Set("base", pools.base->target().name);
    connection.Set("head", pools.head->target().name);
  }
  return Value::MakeObject({{"adapter", artifacts.head->metadata().adapter_type},
                            {"revisions", PathOrNull(commits.how)},
                            {"base_catalog", PathOrNull(request.base_catalog)},
                            {"head_catalog", PathOrNull(request.head_catalog)},
                            {"run_results", PathOrNull(request.run_results)},
                            {"sources", PathOrNull(request.sources)},
                            {"semantic_manifest", PathOrNull(request.semantic_manifest)},
                            {"connections", std::move(connection)}});
}

// What the databases were asked, and how long they took over it.
Value DatabaseTimings(const Pools& pools) {
  Value timings;
  if (!pools.base) return timings;
  for (const auto& [side, pool] :
       {std::pair("base", pools.base.get()), {"head", pools.head.get()}}) {
    warehouse::Usage usage = pool->usage();
    timings.Set(side, Value::MakeObject({{"statements", usage.statements},
                                         {"ms", static_cast<long long>(usage.time.count())},
                                         {"connections", usage.connections}}));
  }
  return timings;
}

std::vector<std::string> Notes(const CheckRequest& request, const Commits& commits,
                               const Artifacts& artifacts, const policy::Policy& policy) {
  std::vector<std::string> notes;
  if (request.no_git)
    notes.emplace_back("judged without git: two manifests alone, nothing is held against commits");
  if (artifacts.offline) {
    notes.push_back(
        fmt::format("no manifest of commit {}: the project at head is the base manifest with the "
                    "commit's files, its SQL rendered without dbt",
                    commits.head.id.substr(0, 12)));
    for (const std::string& note : artifacts.offline->notes) notes.push_back(note);
  }
  if (policy.source.substr(0, 7) == "shipped") notes.push_back("policy: " + policy.source);
  for (const dbt::Project* project : {artifacts.base.get(), artifacts.head.get()}) {
    for (const std::string& warning : project->warnings()) notes.push_back(warning);
  }
  if (commits.repository && commits.repository->is_shallow()) {
    notes.emplace_back("the clone is shallow: commit trailers before its edge were not read");
  }
  return notes;
}

}  // namespace

Result<void> WriteRecord(const CheckRequest& request, const Commits& commits,
                         const Artifacts& artifacts, const Pools& pools,
                         const policy::Policy& policy, verdict::Verdict& verdict) {
  LAYERGATE_TRY(verdict.base, DescribeSide(commits, commits.base, request.base, *artifacts.base));
  LAYERGATE_TRY(verdict.head, DescribeSide(commits, commits.head, request.head, *artifacts.head));
  verdict.tool_version = Version();
  verdict.policy_source = policy.source;
  verdict.policy_digest = policy.digest;
  verdict.evidence = DescribeEvidence(request, artifacts, pools, commits);
  verdict.timings.Set("databases", DatabaseTimings(pools));
  for (std::string& note : Notes(request, commits, artifacts, policy)) {
    verdict.notes.push_back(std::move(note));
  }
  return {};
}

}  // namespace layergate::check

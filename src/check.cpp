// The table of contents of the program: each step is one call under one sentence. The steps live in
// the folders they are named after; this file only hands values from one to the next.
#include "check.h"

#include <algorithm>
#include <filesystem>
#include <future>
#include <memory>

#include <fmt/format.h>

#include "change/change_set.h"
#include "change/freshness.h"
#include "change/write.h"
#include "core/file.h"
#include "core/text.h"
#include "core/version.h"
#include "core/yaml.h"
#include "dbt/catalog.h"
#include "dbt/profile.h"
#include "dbt/project.h"
#include "dbt/project_file.h"
#include "dbt/run_results.h"
#include "gate/external_gate.h"
#include "gate/runner.h"
#include "git/provenance.h"
#include "git/repository.h"
#include "git/revisions.h"
#include "lineage/project_lineage.h"
#include "offline/head_project.h"
#include "plan/plan.h"
#include "policy/codeowners.h"
#include "policy/policy.h"
#include "sql/compare.h"
#include "sql/parse.h"
#include "verdict/reviews.h"
#include "warehouse/pool.h"
#include "warehouse/target.h"

namespace layergate {
namespace {

namespace fs = std::filesystem;

// The two commits, and where the dbt project lies in the repository.
struct Commits {
  std::optional<git::Repository> repository;
  git::Commit base, head;
  std::string how;     // how the two were found
  std::string prefix;  // "" or "dbt/"
  std::vector<git::FileChange> files;
  std::vector<git::Commit> log;  // from base to head, newest first
  git::Provenance provenance;
};

struct Artifacts {
  std::unique_ptr<dbt::Project> base, head;
  std::optional<dbt::Catalog> base_catalog, head_catalog;
  std::optional<dbt::RunResults> run_results;
  // Set when there is no manifest of the head commit: the head project is put together from the
  // base manifest and the commit's files.
  std::optional<offline::HeadProject> offline;
};

struct Pools {
  std::unique_ptr<warehouse::Pool> base, head;
  std::string none_because;
};

std::string OrElse(const std::string& given, const std::string& otherwise) {
  return given.empty() ? otherwise : given;
}

std::string RepositoryRoot(const Commits& commits) {
  return commits.repository ? commits.repository->root() : std::string();
}

// ---- git ----------------------------------------------------------------------------------------

Result<std::string> ProjectPrefix(const git::Repository& repository,
                                  const std::string& project_dir) {
  std::error_code error;
  fs::path project = fs::canonical(project_dir, error);
  if (error) return MakeError(fmt::format("{}: no such folder", project_dir), "give --project-dir");
  fs::path root = fs::canonical(repository.root(), error);
  std::string prefix = fs::relative(project, root, error).generic_string();
  if (error || prefix.substr(0, 2) == "..") {
    return MakeError(fmt::format("{} is not inside the repository {}", project_dir, root.string()));
  }
  return prefix == "." ? std::string() : prefix + "/";
}

Result<Commits> ReadCommits(const CheckRequest& request) {
  Commits commits;
  if (request.no_git) return commits;
  LAYERGATE_TRY(git::Repository repository, git::Repository::Open(request.project_dir));
  git::RevisionRequest revisions{request.base, request.head, request.event_head,
                                 request.event_base};
  LAYERGATE_TRY(git::Revisions found,
                git::FindRevisions(repository, revisions, request.environment));
  commits.base = std::move(found.base);
  commits.head = std::move(found.head);
  commits.how = std::move(found.how);
  LAYERGATE_TRY(commits.prefix, ProjectPrefix(repository, request.project_dir));
  LAYERGATE_TRY(commits.files, repository.Diff(commits.base.id, commits.head.id));
  LAYERGATE_TRY(commits.log, repository.Log(commits.base.id, commits.head.id));
  LAYERGATE_TRY(commits.provenance, git::ReadProvenance(repository, commits.log,
                                                        {request.pull_request_description,
                                                         request.pull_request_labels}));
  commits.repository = std::move(repository);
  return commits;
}

PullRequestFacts FactsOf(const Commits& commits) {
  PullRequestFacts facts{commits.base.id, commits.head.id, {},
                         commits.prefix,  &commits.log,    &commits.provenance};
  for (const git::FileChange& file : commits.files) {
    facts.changed_paths.push_back(file.path);
    if (file.old_path != file.path) facts.changed_paths.push_back(file.old_path);
  }
  std::sort(facts.changed_paths.begin(), facts.changed_paths.end());
  return facts;
}

// ---- policy -------------------------------------------------------------------------------------

Result<std::optional<std::string>> ReadOptionalFile(const std::string& path) {
  if (!FileExists(path)) return std::optional<std::string>();
  LAYERGATE_TRY(std::string text, ReadFile(path));
  return std::optional<std::string>(std::move(text));
}

Result<policy::Policy> ShippedDefault(const std::vector<policy::KnownGate>& known,
                                      const policy::FileReader& read, std::string why) {
  LAYERGATE_TRY(policy::Policy policy, policy::ParsePolicy(policy::ShippedPolicy("default").value(),
                                                           "default.yml", known, read));
  policy.source = fmt::format("shipped default ({})", why);
  return policy;
}

// With git the policy comes from the base commit and from nowhere else: the pull request cannot
// judge itself.
Result<policy::Policy> ReadPolicy(const CheckRequest& request, const Commits& commits,
                                  const std::vector<policy::KnownGate>& known) {
  if (request.policy) return *request.policy;
  policy::FileReader read = [&](std::string_view path) -> Result<std::optional<std::string>> {
    if (!commits.repository) return ReadOptionalFile(std::string(path));
    return commits.repository->ReadBlob(commits.base.id, path);
  };
  std::vector<std::string> names;
  if (!request.policy_path.empty()) {
    names.push_back(request.policy_path);
  } else if (commits.repository) {
    for (std::string_view name : policy::kPolicyPaths) {
      if (!commits.prefix.empty()) names.push_back(commits.prefix + std::string(name));
      names.emplace_back(name);
    }
  }
  std::string where = commits.repository ? "@" + commits.base.id.substr(0, 12) : std::string();
  for (const std::string& name : names) {
    LAYERGATE_TRY(std::optional<std::string> text, read(name));
    if (!text) continue;
    LAYERGATE_TRY(policy::Policy policy, policy::ParsePolicy(*text, name, known, read));
    policy.source = name + where;
    return policy;
  }
  if (!request.policy_path.empty()) {
    return MakeError(fmt::format("{}{}: no such policy", request.policy_path, where),
                     commits.repository
                         ? "commit the policy to the target branch first; it is read "
                           "from the base commit only"
                         : "give --policy a file that exists");
  }
  return ShippedDefault(
      known, read,
      commits.repository ? "the base commit has no policy of its own" : "--policy names none");
}

// CODEOWNERS of the base commit: the pull request does not choose who must look at it.
Result<std::optional<policy::CodeOwners>> ReadCodeOwners(const Commits& commits) {
  if (!commits.repository) return std::optional<policy::CodeOwners>();
  for (std::string_view path : policy::kCodeOwnersPaths) {
    LAYERGATE_TRY(std::optional<std::string> text,
                  commits.repository->ReadBlob(commits.base.id, path));
    if (!text) continue;
    return std::optional(policy::CodeOwners::Parse(*text, std::string(path)));
  }
  return std::optional<policy::CodeOwners>();
}

Result<std::optional<verdict::Reviews>> ReadReviews(const CheckRequest& request) {
  if (request.reviews.empty()) return std::optional<verdict::Reviews>();
  verdict::Reviews reviews;
  for (const std::string& path : request.reviews) {
    LAYERGATE_TRY(std::string text, ReadFile(path, size_t{64} << 20));
    Result<void> added = verdict::AddReviews(text, path, reviews);
    if (!added) return added.error();
  }
  return std::optional(std::move(reviews));
}

// ---- external gates -----------------------------------------------------------------------------

// A folder that is gone when its owner is.
class PrivateFolder {
 public:
  static Result<PrivateFolder> Make() {
    std::error_code error;
    std::string pattern = (fs::temp_directory_path(error) / "layergate-gates-XXXXXX").string();
    if (error || !mkdtemp(pattern.data())) {
      return MakeError("no temporary folder could be made for the external gates",
                       "set TMPDIR to a folder that can be written");
    }
    PrivateFolder folder;
    folder.path_ = std::move(pattern);
    return folder;
  }
  PrivateFolder() = default;
  ~PrivateFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  PrivateFolder(PrivateFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  PrivateFolder& operator=(PrivateFolder&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

constexpr std::string_view kGatesFolder = ".layergate";

Result<void> CopyOut(const Commits& commits, const std::string& prefix, const std::string& to) {
  LAYERGATE_TRY(std::vector<std::string> paths,
                commits.repository->ListFiles(commits.base.id, prefix + std::string(kGatesFolder)));
  for (const std::string& path : paths) {
    LAYERGATE_TRY(std::optional<std::string> text,
                  commits.repository->ReadBlob(commits.base.id, path));
    if (!text) continue;
    std::string file = fmt::format("{}/{}", to, path);
    Result<void> written = WriteFileAtomically(file, *text);
    if (!written) return written.error().WithContext("copy external gates");
    std::error_code ignored;
    fs::permissions(file, fs::perms::owner_all, ignored);
  }
  return {};
}

// The gates that are programs of the repository's own, and the copy of the base commit's folder
// that they run from: the pull request can edit neither.
struct ExternalGates {
  PrivateFolder folder;
  std::vector<std::unique_ptr<Gate>> gates;
};

Result<ExternalGates> PrepareExternalGates(const CheckRequest& request, const Commits& commits,
                                           const policy::Policy& policy) {
  ExternalGates external;
  if (policy.external_gates.empty()) return external;
  LAYERGATE_TRY(external.folder, PrivateFolder::Make());
  if (commits.repository) {
    Result<void> copied = CopyOut(commits, "", external.folder.path());
    if (copied && !commits.prefix.empty()) {
      copied = CopyOut(commits, commits.prefix, external.folder.path());
    }
    if (!copied) return copied.error();
  } else if (fs::path from = fs::path(request.project_dir) / kGatesFolder; fs::exists(from)) {
    std::error_code error;
    fs::copy(from, fs::path(external.folder.path()) / kGatesFolder,
             fs::copy_options::recursive | fs::copy_options::skip_symlinks, error);
    if (error) return MakeError(fmt::format("copy external gates: {}", error.message()));
  }
  for (const policy::ExternalGate& gate : policy.external_gates) {
    external.gates.push_back(MakeExternalGate(gate, external.folder.path()));
  }
  return external;
}

// ---- dbt artifacts ------------------------------------------------------------------------------

Result<std::unique_ptr<dbt::Project>> LoadManifest(const std::string& path, std::string_view side) {
  auto project = dbt::Project::Load(path);
  if (project) return project;
  Error error = project.error().WithContext(fmt::format("read {} manifest", side));
  if (error.remedy.empty() && !FileExists(path)) {
    error.remedy =
        side == "base"
            ? "fetch the manifest of production (the one dbt wrote for the target branch) and name "
              "it "
              "with --base-manifest"
            : "run `dbt compile` (or `dbt build`) for the pull request, or name its manifest with "
              "--head-manifest";
  }
  return error;
}

template <typename T>
Result<std::optional<T>> LoadOptional(const std::string& path) {
  if (path.empty()) return std::optional<T>();
  LAYERGATE_TRY(T loaded, T::Load(path));
  return std::optional<T>(std::move(loaded));
}

// The manifest in target/ is a by-product of whatever dbt did last: where nobody named it, it
// counts only if it was made from the head commit.
Result<bool> BelongsToHead(const dbt::Project& head, const Commits& commits) {
  LAYERGATE_TRY(auto stale,
                change::FindStaleFiles(head, *commits.repository, commits.head.id, commits.prefix,
                                       FactsOf(commits).changed_paths, {}));
  return stale.empty();
}

// nullptr when there is none to be had; see CheckRequest::without_dbt.
Result<std::unique_ptr<dbt::Project>> ReadHead(const CheckRequest& request,
                                               const Commits& commits) {
  std::string path = request.project_dir + "/target/manifest.json";
  if (!request.head_manifest.empty()) return LoadManifest(request.head_manifest, "head");
  if (!commits.repository) return LoadManifest(path, "head");
  if (!FileExists(path)) return std::unique_ptr<dbt::Project>();
  LAYERGATE_TRY(auto head, LoadManifest(path, "head"));
  if (!request.without_dbt) return head;
  LAYERGATE_TRY(bool fresh, BelongsToHead(*head, commits));
  return fresh ? std::move(head) : std::unique_ptr<dbt::Project>();
}

Result<Artifacts> ReadArtifacts(const CheckRequest& request, const Commits& commits,
                                const policy::Policy& policy) {
  std::string base_default = OrElse(policy.base_manifest, "prod-manifest/manifest.json");
  std::string base_path = OrElse(request.base_manifest, request.project_dir + "/" + base_default);
  // Reading is most of the work of a static run: both at once.
  auto base = std::async(std::launch::async, LoadManifest, base_path, "base");
  auto head_result = ReadHead(request, commits);
  auto base_result = base.get();
  Artifacts artifacts;
  LAYERGATE_TRY(artifacts.base, std::move(base_result));
  LAYERGATE_TRY(artifacts.head, std::move(head_result));
  LAYERGATE_TRY(artifacts.base_catalog, LoadOptional<dbt::Catalog>(request.base_catalog));
  LAYERGATE_TRY(artifacts.head_catalog, LoadOptional<dbt::Catalog>(request.head_catalog));
  LAYERGATE_TRY(artifacts.run_results, LoadOptional<dbt::RunResults>(request.run_results));
  if (artifacts.head) return artifacts;
  auto catalog = artifacts.base_catalog ? &*artifacts.base_catalog : nullptr;
  LAYERGATE_TRY(artifacts.offline, offline::BuildHeadProject({*artifacts.base,
                                                              catalog,
                                                              *commits.repository,
                                                              commits.base.id,
                                                              commits.head.id,
                                                              commits.prefix,
                                                              commits.files,
                                                              {}}));
  artifacts.head = std::move(artifacts.offline->project);
  return artifacts;
}

// ---- change set ---------------------------------------------------------------------------------

sql::Dialect DialectOf(const dbt::Project& project) {
  return sql::DialectFromName(project.metadata().adapter_type).value_or(sql::Dialect::kAnsi);
}

Result<change::ChangeSet> FindChanges(const CheckRequest& request, const Artifacts& artifacts,
                                      const Commits& commits) {
  sql::Dialect dialect = DialectOf(*artifacts.head);
  change::CompareOptions options;
  options.project_prefix = commits.prefix;
  LAYERGATE_TRY(std::optional<std::string> project_file,
                commits.repository ? commits.repository->ReadBlob(
                                         commits.head.id, commits.prefix + "dbt_project.yml")
                                   : ReadOptionalFile(request.project_dir + "/dbt_project.yml"));
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
  if (!artifacts.offline) return changes;
  for (change::NodeChange& node : changes.nodes) {
    bool rendered = artifacts.offline->rendered.count(node.unique_id) > 0;
    node.evidence = rendered ? "rendered" : "git";
  }
  for (const offline::UnknownPart& part : artifacts.offline->unknown)
    changes.unknown.push_back({part.path, part.why});
  return changes;
}

// A manifest that was not made from the commit it is judged with proves nothing about it: every
// disagreement becomes an unknown change, which keeps the verdict from passing.
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
    std::string_view remedy;
  };
  std::vector<SideToCheck> sides;
  if (!artifacts.offline) {
    sides.push_back({"head", *artifacts.head, commits.head.id, "run dbt at the head commit again"});
  }
  if (policy.require_fresh_base) {
    sides.push_back(
        {"base", *artifacts.base, commits.base.id,
         "use the manifest that dbt wrote for the base commit, or set `require_fresh_base: "
         "false` in the policy when production lags"});
  }
  for (const SideToCheck& side : sides) {
    LAYERGATE_TRY(std::vector<change::StaleFile> stale,
                  change::FindStaleFiles(side.project, *commits.repository, side.commit,
                                         commits.prefix, paths, ids));
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

// ---- databases ----------------------------------------------------------------------------------

// The profile's name stands in dbt_project.yml, which the pull request can edit: it is read at the
// base commit.
Result<std::string> ProfileName(const CheckRequest& request, const Commits& commits) {
  if (!request.profile.empty()) return request.profile;
  std::optional<std::string> text;
  if (commits.repository) {
    LAYERGATE_TRY(
        text, commits.repository->ReadBlob(commits.base.id, commits.prefix + "dbt_project.yml"));
  } else {
    LAYERGATE_TRY(text, ReadOptionalFile(request.project_dir + "/dbt_project.yml"));
  }
  if (!text) return std::string();
  LAYERGATE_TRY(YamlNode project, ReadYaml(*text, "dbt_project.yml"));
  const YamlNode* name = project.Find("profile");
  return name && name->is_scalar() ? name->scalar : std::string();
}

Result<warehouse::Target> FindTarget(const CheckRequest& request, const Commits& commits,
                                     const std::string& url, const std::string& target,
                                     const std::string& side) {
  warehouse::LoadRules rules{RepositoryRoot(commits), request.duckdb_library};
  if (!url.empty()) return warehouse::TargetFromUrl(url, side, rules);
  LAYERGATE_TRY(std::string profile_name, ProfileName(request, commits));
  LAYERGATE_TRY(dbt::Profile profile, dbt::LoadProfile({request.profiles_dir, profile_name, target,
                                                        rules.repository_root}));
  return warehouse::TargetFromProfile(profile, rules);
}

constexpr std::chrono::seconds kConnectTimeout{10};

// Nothing is opened here: a database that does not answer is for the gates that need it to report.
Result<Pools> MakePools(const CheckRequest& request, const Commits& commits) {
  Pools pools;
  bool base_given = !request.base_url.empty() || !request.target_base.empty();
  bool head_given = !request.head_url.empty() || !request.target_head.empty();
  if (!base_given && !head_given) {
    pools.none_because =
        "none was given (set LAYERGATE_BASE_URL and LAYERGATE_HEAD_URL, or --target-base and "
        "--target-head)";
    return pools;
  }
  if (!base_given || !head_given) {
    return MakeError(
        fmt::format("a database was given for the {} side only", base_given ? "base" : "head"),
        "row counts compare two sides: give both (the same one twice, with schema=, when they "
        "share a database)");
  }
  LAYERGATE_TRY(warehouse::Target base,
                FindTarget(request, commits, request.base_url, request.target_base, "base"));
  LAYERGATE_TRY(warehouse::Target head,
                FindTarget(request, commits, request.head_url, request.target_head, "head"));
  pools.base = std::make_unique<warehouse::Pool>(std::move(base), request.connections,
                                                 kConnectTimeout, !request.dry_run);
  pools.head = std::make_unique<warehouse::Pool>(std::move(head), request.connections,
                                                 kConnectTimeout, !request.dry_run);
  return pools;
}

// ---- gates --------------------------------------------------------------------------------------

// Evidence that the policy requires for a gate's answer and that is not there.
void RequireEvidence(const policy::GateRule& rule, const GateContext::Inputs& inputs,
                     RunnerResult& ran) {
  const dbt::Node* head =
      inputs.change && inputs.head ? inputs.head->Find(inputs.change->unique_id) : nullptr;
  const std::pair<std::string_view, bool> there[] = {
      {"base_catalog", inputs.base_catalog != nullptr},
      {"head_catalog", inputs.head_catalog != nullptr},
      {"run_results", inputs.run_results != nullptr},
      {"warehouse", inputs.base_pool != nullptr && inputs.head_pool != nullptr},
      {"git", inputs.pull_request != nullptr},
      {"compiled_sql", !head || head->compiled_code.has_value()},
  };
  for (const auto& [name, is_there] : there) {
    const auto& required = rule.require;
    if (is_there || std::find(required.begin(), required.end(), name) == required.end()) continue;
    ran.outcome.unknown.push_back(
        {fmt::format("the policy requires {} for {}, and there is none", name, rule.gate),
         "give it to layergate check",
         {},
         "no_evidence",
         {}});
  }
}

std::vector<verdict::GateResult> RunPlan(const CheckRequest& request, const plan::Plan& plan,
                                         const policy::Policy& policy,
                                         const GateContext::Inputs& shared) {
  std::vector<RunnerTask> tasks;
  for (const plan::Task& task : plan.tasks) {
    RunnerTask run{task.gate, shared, {}};
    run.inputs.change = task.change;
    run.inputs.layer = task.layer;
    run.inputs.options = task.rule->options;
    if (task.rule->timeout_seconds) run.timeout = std::chrono::seconds(*task.rule->timeout_seconds);
    tasks.push_back(std::move(run));
  }
  RunnerOptions options;
  options.threads = request.threads;
  if (policy.budget_seconds) {
    options.deadline =
        std::chrono::steady_clock::now() + std::chrono::seconds(*policy.budget_seconds);
  }
  options.stop = request.stop;
  options.progress = request.progress;
  std::vector<GateContext::Inputs> inputs;
  for (const RunnerTask& task : tasks) inputs.push_back(task.inputs);
  std::vector<RunnerResult> ran = RunGates(std::move(tasks), options);
  for (size_t i = 0; i < ran.size(); ++i) {
    RequireEvidence(*plan.tasks[i].rule, inputs[i], ran[i]);
  }

  std::vector<verdict::GateResult> results;
  for (size_t i = 0; i < ran.size(); ++i) {
    const plan::Task& task = plan.tasks[i];
    verdict::GateResult result;
    result.gate = task.gate->info().id;
    result.subject = task.subject;
    result.layer = task.layer;
    // The gate ran to its end: silence means that it found nothing. Judge() looks at the rest.
    result.status = ran[i].outcome.not_applicable.empty() ? verdict::GateStatus::kPass
                                                          : verdict::GateStatus::kSkipped;
    result.why = ran[i].outcome.not_applicable;
    for (Finding& finding : ran[i].outcome.findings) {
      result.findings.push_back({std::move(finding), {}, {}});
    }
    result.unknown = std::move(ran[i].outcome.unknown);
    result.measured = std::move(ran[i].outcome.measured);
    result.elapsed_ms = ran[i].elapsed.count();
    results.push_back(std::move(result));
  }
  return results;
}

// ---- the record ---------------------------------------------------------------------------------

Result<verdict::Side> DescribeSide(const Commits& commits, const git::Commit& commit,
                                   const std::string& revision, const dbt::Project& project) {
  verdict::Side side;
  if (commits.repository) {
    side.revision = OrElse(revision, commit.id);
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

std::vector<policy::KnownGate> KnownGates(const GateRegistry& gates) {
  std::vector<policy::KnownGate> known;
  for (const auto& gate : gates.gates()) {
    const GateInfo& info = gate->info();
    policy::KnownGate entry;
    entry.id = info.id;
    entry.about_pull_request = info.subject == SubjectKind::kPullRequest;
    for (const RuleInfo& rule : info.rules) {
      entry.rules.emplace_back(rule.code);
      if (!rule.waivable) entry.not_waivable.emplace_back(rule.code);
    }
    for (const OptionInfo& option : info.options) {
      entry.options.push_back({std::string(option.name), std::string(option.type)});
    }
    known.push_back(std::move(entry));
  }
  return known;
}

Result<verdict::Verdict> Check(const CheckRequest& request, const GateRegistry& built_in) {
  // Which two commits are compared, what files differ between them, and which tools say they wrote
  // them.
  LAYERGATE_TRY(Commits commits, ReadCommits(request));

  // What must be true, as the base commit says.
  LAYERGATE_TRY(policy::Policy policy, ReadPolicy(request, commits, KnownGates(built_in)));
  LAYERGATE_TRY(ExternalGates external, PrepareExternalGates(request, commits, policy));
  GateRegistry gates = built_in.With(std::move(external.gates));
  for (const std::string& id : request.only) {
    if (!gates.Find(id))
      return MakeError(fmt::format("--only: there is no gate `{}`", id),
                       "`layergate rules` lists them");
  }

  // The project on both sides, as dbt wrote it down.
  LAYERGATE_TRY(Artifacts artifacts, ReadArtifacts(request, commits, policy));

  // Which nodes changed and how, and whether the manifests belong to the commits.
  LAYERGATE_TRY(change::ChangeSet changes, FindChanges(request, artifacts, commits));
  Result<void> fresh = CheckFreshness(commits, artifacts, policy, changes);
  if (!fresh) return fresh.error();

  // Which gate runs on which node, by layer.
  plan::Plan plan =
      plan::MakePlan(changes, *artifacts.base, *artifacts.head, policy, gates, request.only);

  // Where the gates look: lineage of both sides on demand, and the databases, when there are any.
  LAYERGATE_TRY(Pools pools, MakePools(request, commits));
  std::stop_callback cancel(request.stop, [&pools] {
    if (pools.base) pools.base->CancelAll();
    if (pools.head) pools.head->CancelAll();
  });
  auto catalog = [](const std::optional<dbt::Catalog>& c) { return c ? &*c : nullptr; };
  lineage::ProjectLineage base_lineage(*artifacts.base, catalog(artifacts.base_catalog),
                                       DialectOf(*artifacts.base));
  lineage::ProjectLineage head_lineage(*artifacts.head, catalog(artifacts.head_catalog),
                                       DialectOf(*artifacts.head));
  PullRequestFacts facts = FactsOf(commits);
  std::vector<std::pair<std::string, std::string>> layer_of;
  for (const plan::PlacedChange& placed : plan.placed) {
    layer_of.emplace_back(placed.change->unique_id, placed.layer_name);
  }

  // The gates look, each on its own; whatever breaks inside one is that gate's "unknown".
  GateContext::Inputs inputs;
  inputs.changes = &changes;
  inputs.base = artifacts.base.get();
  inputs.head = artifacts.head.get();
  inputs.base_catalog = catalog(artifacts.base_catalog);
  inputs.head_catalog = catalog(artifacts.head_catalog);
  inputs.run_results = artifacts.run_results ? &*artifacts.run_results : nullptr;
  inputs.base_lineage = &base_lineage;
  inputs.head_lineage = &head_lineage;
  inputs.base_pool = pools.base.get();
  inputs.head_pool = pools.head.get();
  inputs.no_connection_reason = pools.none_because;
  inputs.pii = &policy.pii;
  inputs.pull_request = commits.repository ? &facts : nullptr;
  inputs.layer_of = &layer_of;
  std::vector<verdict::GateResult> results = RunPlan(request, plan, policy, inputs);

  // Who must approve, and what the provider says about it.
  LAYERGATE_TRY(std::optional<policy::CodeOwners> owners, ReadCodeOwners(commits));
  LAYERGATE_TRY(std::optional<verdict::Reviews> reviews, ReadReviews(request));

  // What the policy makes of it all.
  verdict::JudgeInput judge;
  judge.plan = &plan;
  judge.raw = std::move(results);
  judge.policy = &policy;
  judge.changes = &changes;
  judge.provenance = commits.provenance;
  judge.at = request.at;
  judge.reviews = reviews ? &*reviews : nullptr;
  judge.code_owners = owners ? &*owners : nullptr;
  judge.head_commit = commits.head.id;
  judge.changed_paths = facts.changed_paths;
  judge.labels = request.pull_request_labels;
  verdict::Verdict verdict = verdict::Judge(std::move(judge));

  // The record: what was judged, with which evidence.
  LAYERGATE_TRY(verdict.base, DescribeSide(commits, commits.base, request.base, *artifacts.base));
  LAYERGATE_TRY(verdict.head, DescribeSide(commits, commits.head, request.head, *artifacts.head));
  verdict.tool_version = Version();
  verdict.policy_source = policy.source;
  verdict.policy_digest = policy.digest;
  verdict.evidence = DescribeEvidence(request, artifacts, pools, commits);
  verdict.timings.Set("databases", DatabaseTimings(pools));
  verdict.changes = change::ToValue(changes, [&](std::string_view id) -> std::string {
    for (const auto& [node, layer] : layer_of) {
      if (node == id) return layer;
    }
    return {};
  });
  for (std::string& note : Notes(request, commits, artifacts, policy)) {
    verdict.notes.push_back(std::move(note));
  }
  return verdict;
}

}  // namespace layergate

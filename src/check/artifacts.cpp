#include "check/artifacts.h"

#include <future>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "change/freshness.h"
#include "core/file.h"
#include "core/text.h"

namespace layergate::check {
namespace {

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

}  // namespace

Result<Artifacts> ReadArtifacts(const CheckRequest& request, const Commits& commits,
                                const policy::Policy& policy) {
  std::string base_default =
      policy.base_manifest.empty() ? "prod-manifest/manifest.json" : policy.base_manifest;
  std::string base_path = request.base_manifest.empty() ? request.project_dir + "/" + base_default
                                                        : request.base_manifest;
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
  LAYERGATE_TRY(artifacts.sources, LoadOptional<dbt::SourceFreshness>(request.sources));
  LAYERGATE_TRY(artifacts.semantic, LoadOptional<dbt::SemanticManifest>(request.semantic_manifest));
  if (artifacts.head) return artifacts;
  auto catalog = artifacts.base_catalog ? &*artifacts.base_catalog : nullptr;
  LAYERGATE_TRY(artifacts.offline, offline::BuildHeadProject({*artifacts.base,
                                                              catalog,
                                                              *commits.repository,
                                                              commits.base.id,
                                                              commits.head.id,
                                                              commits.prefix,
                                                              commits.base_prefix,
                                                              commits.files,
                                                              {}}));
  artifacts.head = std::move(artifacts.offline->project);
  return artifacts;
}

sql::Dialect DialectOf(const dbt::Project& project) {
  return sql::DialectFromName(project.metadata().adapter_type).value_or(sql::Dialect::kAnsi);
}

}  // namespace layergate::check

#include "check/databases.h"

#include <chrono>
#include <optional>

#include <fmt/format.h>

#include "core/yaml.h"
#include "dbt/profile.h"
#include "warehouse/target.h"

namespace layergate::check {
namespace {

// The profile's name stands in dbt_project.yml, which the pull request can edit: it is read at the
// base commit.
Result<std::string> ProfileName(const CheckRequest& request, const Commits& commits) {
  if (!request.profile.empty()) return request.profile;
  LAYERGATE_TRY(std::optional<std::string> text,
                ReadProjectFile(request, commits, commits.base, "dbt_project.yml"));
  if (!text) return std::string();
  LAYERGATE_TRY(YamlNode project, ReadYaml(*text, "dbt_project.yml"));
  const YamlNode* name = project.Find("profile");
  return name && name->is_scalar() ? name->scalar : std::string();
}

Result<warehouse::Target> FindTarget(const CheckRequest& request, const Commits& commits,
                                     const std::string& url, const std::string& target,
                                     const std::string& side) {
  warehouse::LoadRules rules{commits.root(), request.duckdb_library};
  if (!url.empty()) return warehouse::TargetFromUrl(url, side, rules);
  LAYERGATE_TRY(std::string profile_name, ProfileName(request, commits));
  LAYERGATE_TRY(dbt::Profile profile, dbt::LoadProfile({request.profiles_dir, profile_name, target,
                                                        rules.repository_root}));
  return warehouse::TargetFromProfile(profile, rules);
}

constexpr std::chrono::seconds kConnectTimeout{10};

}  // namespace

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

void Pools::CancelAll() {
  if (base) base->CancelAll();
  if (head) head->CancelAll();
}

}  // namespace layergate::check

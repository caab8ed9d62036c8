#include "check/rules.h"

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "core/file.h"

namespace layergate::check {
namespace {

Result<policy::Policy> ShippedDefault(const std::vector<policy::KnownGate>& known,
                                      const policy::FileReader& read, std::string why) {
  LAYERGATE_TRY(policy::Policy policy, policy::ParsePolicy(policy::ShippedPolicy("default").value(),
                                                           "default.yml", known, read));
  policy.source = fmt::format("shipped default ({})", why);
  return policy;
}

}  // namespace

Result<policy::Policy> ReadPolicy(const CheckRequest& request, const Commits& commits,
                                  const std::vector<policy::KnownGate>& known) {
  if (request.policy) return *request.policy;
  policy::FileReader read = [&](std::string_view path) -> Result<std::optional<std::string>> {
    if (!commits.repository) return ReadFileIfThere(std::string(path));
    return commits.repository->ReadBlob(commits.base.id, path);
  };
  std::vector<std::string> names;
  if (!request.policy_path.empty()) {
    names.push_back(request.policy_path);
  } else if (commits.repository) {
    for (std::string_view name : policy::kPolicyPaths) {
      if (!commits.base_prefix.empty()) {
        names.push_back(commits.base_prefix + std::string(name));
      }
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

}  // namespace layergate::check

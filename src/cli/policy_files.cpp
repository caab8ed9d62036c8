#include "cli/policy_files.h"

#include <ctime>
#include <filesystem>

#include <fmt/format.h>

#include "core/file.h"
#include "git/repository.h"
#include "report/report.h"

namespace layergate::cli {
namespace {

// Where paths after `extends:` start: the repository's root, as they will in a commit.
std::string RootOf(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  auto repository = git::Repository::Open(folder.empty() ? "." : folder);
  return repository ? repository->root() : ".";
}

policy::FileReader ReaderIn(const std::string& root) {
  return [root](std::string_view path) -> Result<std::optional<std::string>> {
    std::string file = fmt::format("{}/{}", root, path);
    if (!FileExists(file)) return std::optional<std::string>();
    LAYERGATE_TRY(std::string text, ReadFile(file));
    return std::optional<std::string>(std::move(text));
  };
}

Result<policy::Policy> ReadShipped(const std::string& name,
                                   const std::vector<policy::KnownGate>& gates) {
  LAYERGATE_TRY(policy::Policy policy,
                policy::ParsePolicy(*policy::ShippedPolicy(name), name + ".yml", gates));
  policy.source = "shipped " + name;
  return policy;
}

}  // namespace

Result<policy::Policy> ReadPolicyFile(const std::string& given,
                                      const std::vector<policy::KnownGate>& gates,
                                      const std::string& folder) {
  if (!given.empty() && policy::ShippedPolicy(given) && !FileExists(given)) {
    return ReadShipped(given, gates);
  }
  std::vector<std::string> paths;
  if (!given.empty()) {
    paths.push_back(given);
  } else {
    std::string prefix = folder == "." ? "" : folder + "/";
    for (std::string_view path : policy::kPolicyPaths) paths.push_back(prefix + std::string(path));
  }
  for (const std::string& path : paths) {
    if (given.empty() && !FileExists(path)) continue;
    LAYERGATE_TRY(std::string text, ReadFile(path));
    return policy::ParsePolicy(text, path, gates, ReaderIn(RootOf(path)));
  }
  return ReadShipped("default", gates);
}

Result<verdict::Verdict> ReadSavedResult(const std::string& path) {
  LAYERGATE_TRY(std::string bytes, ReadFile(path, size_t{256} << 20));
  Result<verdict::Verdict> verdict = report::FromJson(bytes);
  if (!verdict) return verdict.error().WithContext(path);
  return verdict;
}

Result<std::optional<verdict::Reviews>> ReadReviewFiles(const std::vector<std::string>& paths) {
  if (paths.empty()) return std::optional<verdict::Reviews>();
  verdict::Reviews reviews;
  for (const std::string& path : paths) {
    LAYERGATE_TRY(std::string text, ReadFile(path, size_t{64} << 20));
    Result<void> added = verdict::AddReviews(text, path, reviews);
    if (!added) return added.error();
  }
  return std::optional(std::move(reviews));
}

std::string Now() {
  std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

}  // namespace layergate::cli

#include "cli/environment.h"

#include <cstdlib>

#include "core/file.h"
#include "core/text.h"
#include "core/value.h"

namespace layergate::cli {
namespace {

Result<PullRequestClaims> FromGitHub(const Environment& environment) {
  PullRequestClaims claims;
  claims.provider = "github";
  std::optional<std::string> path = environment("GITHUB_EVENT_PATH");
  if (!path) return claims;
  LAYERGATE_TRY(std::string text, ReadFile(*path, size_t{64} << 20));
  Result<Value> event = ReadJson(text);
  if (!event) return event.error().WithContext("read the event payload " + *path);
  const Value& pull_request = (*event)["pull_request"];  // absent in merge_group and push events
  claims.description = pull_request["body"].AsString();
  for (const Value& label : pull_request["labels"].items()) {
    claims.labels.emplace_back(label["name"].AsString());
  }
  const Value& merge_group = (*event)["merge_group"];
  claims.head = pull_request["head"]["sha"].AsString(merge_group["head_sha"].AsString());
  claims.base = pull_request["base"]["sha"].AsString(
      merge_group["base_sha"].AsString((*event)["before"].AsString()));
  return claims;
}

PullRequestClaims FromGitLab(const Environment& environment) {
  PullRequestClaims claims;
  claims.provider = "gitlab";
  claims.description = environment("CI_MERGE_REQUEST_DESCRIPTION").value_or("");
  claims.description_truncated =
      environment("CI_MERGE_REQUEST_DESCRIPTION_IS_TRUNCATED").value_or("") == "true";
  const std::string labels = environment("CI_MERGE_REQUEST_LABELS").value_or("");
  for (std::string_view label : Split(labels, ',')) {
    if (!Trim(label).empty()) claims.labels.emplace_back(Trim(label));
  }
  return claims;
}

}  // namespace

Environment ProcessEnvironment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    if (!value || !*value) return std::nullopt;
    return std::string(value);
  };
}

Result<PullRequestClaims> ReadPullRequestClaims(const Environment& environment) {
  if (environment("GITHUB_ACTIONS")) return FromGitHub(environment);
  if (environment("GITLAB_CI")) return FromGitLab(environment);
  return PullRequestClaims{};
}

}  // namespace layergate::cli

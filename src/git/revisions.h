// Which two commits are compared: from what the user named, from the variables of the CI provider,
// or from the clone itself.
//
// The base is always a merge base with the target, so that only the pull request's own changes are
// judged. Nothing is fetched: when the clone lacks a commit, the error says which fetch to run.
// Nothing is guessed in CI: an event whose checkout is not the pull request is an error, because
// comparing the target with itself would find nothing wrong.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "git/repository.h"

namespace layergate::git {

using EnvironmentLookup = std::function<std::optional<std::string>(std::string_view name)>;

struct RevisionRequest {
  std::string base, head;  // as the user wrote them; empty: to be found
  // From the payload of the provider's event, when the caller has read it: pull_request.head.sha
  // and base.sha, merge_group.head_sha and base_sha, or before of a push. Empty when there is none.
  std::string event_head, event_base;
};

struct Revisions {
  Commit base, head;
  std::string how;  // "merge base of HEAD with origin/main": for the report
};

Result<Revisions> FindRevisions(const Repository& repository, const RevisionRequest& request,
                                const EnvironmentLookup& environment);

// The branches that a pull request most likely goes to, best first, as full names of references:
// the remote's HEAD, main and master, then the local main and master.
std::vector<std::string> LikelyTargets(std::string_view remote);

}  // namespace layergate::git

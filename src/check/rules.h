// What the pull request is judged by: the policy, the code owners, and what the provider says of
// the reviews. With git, policy and code owners come from the base commit and from nowhere else:
// the pull request cannot judge itself.
#pragma once

#include <optional>
#include <vector>

#include "check/commits.h"
#include "check/request.h"
#include "core/result.h"
#include "policy/codeowners.h"
#include "policy/policy.h"
#include "verdict/reviews.h"

namespace layergate::check {

Result<policy::Policy> ReadPolicy(const CheckRequest& request, const Commits& commits,
                                  const std::vector<policy::KnownGate>& known);

Result<std::optional<policy::CodeOwners>> ReadCodeOwners(const Commits& commits);

// Nothing when the request names no file with reviews.
Result<std::optional<verdict::Reviews>> ReadReviews(const CheckRequest& request);

}  // namespace layergate::check

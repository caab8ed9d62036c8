// Which nodes changed and how, and whether the manifests belong to the commits that are judged.
#pragma once

#include "change/change_set.h"
#include "check/artifacts.h"
#include "check/commits.h"
#include "check/request.h"
#include "core/result.h"
#include "policy/policy.h"

namespace layergate::check {

Result<change::ChangeSet> FindChanges(const CheckRequest& request, const Artifacts& artifacts,
                                      const Commits& commits);

// A manifest that was not made from the commit it is judged with proves nothing about it: every
// disagreement becomes an unknown change, which keeps the verdict from passing.
Result<void> CheckFreshness(const Commits& commits, const Artifacts& artifacts,
                            const policy::Policy& policy, change::ChangeSet& changes);

}  // namespace layergate::check

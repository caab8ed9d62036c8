// The record: what was judged, with which evidence, and how long the databases took over it.
#pragma once

#include "check/artifacts.h"
#include "check/commits.h"
#include "check/databases.h"
#include "check/request.h"
#include "core/result.h"
#include "policy/policy.h"
#include "verdict/verdict.h"

namespace layergate::check {

// Fills in everything of the verdict that is not judgement.
Result<void> WriteRecord(const CheckRequest& request, const Commits& commits,
                         const Artifacts& artifacts, const Pools& pools,
                         const policy::Policy& policy, verdict::Verdict& verdict);

}  // namespace layergate::check

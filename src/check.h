// The main job, as one function: two commits and two manifests go in, a verdict comes out.
//
// Errors are the world's: no repository, no merge base, an unreadable manifest, a bad policy,
// settings that make no sense. Everything about the pull request, and everything that could not be
// judged, is inside the verdict. No network is used but the databases that the request names; no
// process is started and nothing is written, unless the policy of the base commit names external
// gates: these run from a private copy of that commit's `.layergate/` folder.
#pragma once

#include <vector>

#include "check/request.h"
#include "core/result.h"
#include "gate/registry.h"
#include "policy/policy.h"
#include "verdict/verdict.h"

namespace layergate {

Result<verdict::Verdict> Check(const CheckRequest& request, const GateRegistry& gates);

// What the policy loader must know of the gates.
std::vector<policy::KnownGate> KnownGates(const GateRegistry& gates);

}  // namespace layergate

// The gates look, each on its own; whatever breaks inside one is that gate's "unknown".
#pragma once

#include <vector>

#include "check/request.h"
#include "gate/gate.h"
#include "plan/plan.h"
#include "policy/policy.h"
#include "verdict/verdict.h"

namespace layergate::check {

// `shared`: what every gate may look at; the subject and the options are filled in task by task.
std::vector<verdict::GateResult> RunPlan(const CheckRequest& request, const plan::Plan& plan,
                                         const policy::Policy& policy,
                                         const GateContext::Inputs& shared);

}  // namespace layergate::check

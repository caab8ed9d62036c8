// The human side of a verdict: who must approve, when it may be merged, how fast it must be
// possible to take back. The strictest of the touched layers wins in each.
//
// Nothing here is ever called met: approvals are pending, and a window that is not "any" is "not
// evaluated".
#pragma once

#include <string>
#include <vector>

#include "plan/plan.h"
#include "policy/policy.h"
#include "verdict/verdict.h"

namespace layergate::verdict {

// Layers of the changed nodes, in the policy's order. When something changed and no node of it is
// in a layer (a macro, a project file, the policy itself), the layer for unmatched models stands
// in: what cannot be placed gets a bar too.
std::vector<const policy::Layer*> TouchedLayers(const plan::Plan& plan,
                                                const policy::Policy& policy, bool anything_changed,
                                                bool reach_unknown);

std::vector<RequiredReviewer> RequiredReviewers(const std::vector<const policy::Layer*>& layers,
                                                bool llm_assisted);

struct Window {
  std::string name, state, text;
};
Window MergeWindowOf(const std::vector<const policy::Layer*>& layers);

// The shortest of the layers' limits; 0 when none asks.
int RollbackHours(const std::vector<const policy::Layer*>& layers);

}  // namespace layergate::verdict

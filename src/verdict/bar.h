// The human side of a verdict: who must approve, when it may be merged, how fast it must be
// possible to take back. The strictest of the touched layers wins in each.
//
// Nothing here judges an approval: needs are pending until approvals.h has held them against what
// the provider says.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.h"
#include "policy/codeowners.h"
#include "policy/policy.h"
#include "verdict/verdict.h"

namespace layergate::verdict {

// Layers of the changed nodes, in the policy's order. When something changed and no node of it is
// in a layer (a macro, a project file, the policy itself), the layer for unmatched models stands
// in: what cannot be placed gets a bar too.
std::vector<const policy::Layer*> TouchedLayers(const plan::Plan& plan,
                                                const policy::Policy& policy, bool anything_changed,
                                                bool reach_unknown);

// What the layers ask for; a model's part raises it, and never lowers it.
std::vector<RequiredReviewer> RequiredReviewers(const std::vector<const policy::Layer*>& layers,
                                                bool llm_assisted, const policy::People& people);

// What the owners of changed paths are asked for.
std::vector<RequiredReviewer> OwnersNeeded(const policy::CodeOwners& owners,
                                           const std::vector<std::string>& paths);

struct Window {
  std::string name, text;
  std::string state;       // "open", "closed", or "not evaluated" when the clock cannot be read
  std::string changes_at;  // RFC 3339, when it opens or closes next; empty: not within a year
  std::string
      closed_until;  // "Mon 2026-11-30 09:00 Europe/Berlin / 2026-11-30 08:00 UTC"; or empty
};
Window MergeWindowOf(const std::vector<const policy::Layer*>& layers,
                     const std::vector<policy::Freeze>& freezes, const std::string& at);

// The shortest of the layers' limits; 0 when none asks.
int RollbackHours(const std::vector<const policy::Layer*>& layers);

}  // namespace layergate::verdict

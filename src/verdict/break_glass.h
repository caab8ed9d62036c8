// The way through in an emergency: a label that one of a few people set, with a comment that says
// why, for a few hours. It never helps against rules that no waiver may name, and it is recorded
// whether it holds or not.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "verdict/approvals.h"
#include "verdict/verdict.h"

namespace layergate::verdict {

// nullopt when the policy knows no such label or nobody set it.
std::optional<BreakGlassUse> FindBreakGlass(const policy::Policy& policy, const PeopleFacts& facts,
                                            const std::vector<std::string>& labels,
                                            const std::string& at);

// "break-glass by ana until 2026-11-25T10:00:00Z: the nightly load is broken".
std::string Describe(const BreakGlassUse& use);

}  // namespace layergate::verdict

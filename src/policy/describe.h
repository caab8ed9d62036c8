// A policy told to people: what `layergate policy validate`, `show` and `explain` print. Plain
// text, the same bytes for the same policy.
#pragma once

#include <string>
#include <vector>

#include "dbt/node.h"
#include "policy/policy.h"

namespace layergate::policy {

// One line per fact of a policy that was read: how many layers, which gates, which waivers.
std::string DescribeValid(const Policy& policy);

// The effective policy as YAML that could be used in its place, each value with the place where it
// was written.
std::string ShowPolicy(const Policy& policy);

// One node's layer and why, its gates and why, the people who must approve, the window and the
// rollback time.
std::string ExplainNode(const Policy& policy, const dbt::Node& node,
                        const Policy::Placement& placement);

// Every layer whose match holds for the node, in their order: the first is the one it is in.
std::vector<std::string> ClaimsOf(const Policy& policy, const dbt::Node& node);

// "{path: models/staging/**}": one match as it stands in the policy.
std::string DescribeMatch(const LayerMatch& match);

}  // namespace layergate::policy

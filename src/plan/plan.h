// Which gate runs on which subject, and why: the change set seen through the policy.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/change_set.h"
#include "dbt/project.h"
#include "gate/registry.h"
#include "policy/policy.h"

namespace layergate::plan {

struct Task {
  const Gate* gate = nullptr;
  const policy::GateRule* rule = nullptr;      // of the subject's layer
  const change::NodeChange* change = nullptr;  // null for gates about the pull request as a whole
  std::string subject;                         // unique_id, or "pull request"
  std::string layer;
};

// A changed node with the layer it fell into.
struct PlacedChange {
  const change::NodeChange* change = nullptr;
  const policy::Layer* layer = nullptr;
  std::string layer_name;  // "" for resource types that have no layer (macros, tests)
  std::string why;
  bool matched = true;
};

struct Plan {
  std::vector<Task> tasks;             // sorted by subject, then in the policy's order of gates
  std::vector<PlacedChange> placed;    // every changed node
  std::vector<std::string> unmatched;  // models in no layer
};

// References its arguments, which must outlive the plan. `only` restricts to the gates named
// (empty: all).
Plan MakePlan(const change::ChangeSet& changes, const dbt::Project& base, const dbt::Project& head,
              const policy::Policy& policy, const GateRegistry& gates,
              const std::vector<std::string>& only = {});

}  // namespace layergate::plan

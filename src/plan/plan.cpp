#include "plan/plan.h"

#include <algorithm>

namespace layergate::plan {
namespace {

using change::ChangeKind;
using change::NodeChange;

// The node a change is about: on the head side, or on the base side when it was removed.
const dbt::Node* NodeOf(const NodeChange& change, const dbt::Project& base,
                        const dbt::Project& head) {
  return change.kind == ChangeKind::kRemoved ? base.Find(change.unique_id)
                                             : head.Find(change.unique_id);
}

// Resource types that a layer can hold. Tests, macros and the like change other nodes, and are
// judged through those.
bool HasLayer(std::string_view resource_type) {
  constexpr std::string_view kPlaced[] = {"model",       "seed",     "snapshot", "source",
                                          "metric",      "exposure", "analysis", "semantic_model",
                                          "saved_query", "function"};
  return std::find(std::begin(kPlaced), std::end(kPlaced), resource_type) != std::end(kPlaced);
}

bool Judges(const GateInfo& info, std::string_view resource_type) {
  return info.subject == SubjectKind::kNode &&
         std::find(info.resource_types.begin(), info.resource_types.end(), resource_type) !=
             info.resource_types.end();
}

bool Wanted(const std::vector<std::string>& only, std::string_view gate) {
  return only.empty() || std::find(only.begin(), only.end(), gate) != only.end();
}

PlacedChange Place(const NodeChange& change, const dbt::Node* node, const policy::Policy& policy) {
  PlacedChange placed{&change, nullptr, {}, {}, true};
  if (!node || !HasLayer(change.resource_type)) {
    placed.why = "changes other nodes; judged through them";
    return placed;
  }
  policy::Policy::Placement placement = policy.Place(*node);
  placed.layer = placement.layer;
  placed.why = placement.why;
  placed.matched = placement.matched;
  if (placement.layer) placed.layer_name = placement.layer->name;
  return placed;
}

}  // namespace

Plan MakePlan(const change::ChangeSet& changes, const dbt::Project& base, const dbt::Project& head,
              const policy::Policy& policy, const GateRegistry& gates,
              const std::vector<std::string>& only) {
  Plan plan;
  for (const NodeChange& change : changes.nodes) {
    PlacedChange placed = Place(change, NodeOf(change, base, head), policy);
    if (!placed.matched && change.resource_type == "model") {
      plan.unmatched.push_back(change.unique_id);
    }
    plan.placed.push_back(placed);
    if (!placed.layer) continue;
    for (const policy::GateRule& rule : placed.layer->gates) {
      const Gate* gate = gates.Find(rule.gate);
      LAYERGATE_CHECK(gate != nullptr);  // the policy was validated against this registry
      if (!Wanted(only, rule.gate) || !Judges(gate->info(), change.resource_type)) continue;
      plan.tasks.push_back({gate, &rule, &change, change.unique_id, placed.layer_name});
    }
  }
  for (const policy::GateRule& rule : policy.pull_request_gates) {
    const Gate* gate = gates.Find(rule.gate);
    LAYERGATE_CHECK(gate != nullptr);
    if (!Wanted(only, rule.gate)) continue;
    plan.tasks.push_back({gate, &rule, nullptr, "pull request", ""});
  }
  return plan;
}

}  // namespace layergate::plan

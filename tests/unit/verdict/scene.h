// A small judged pull request for tests: one model in marts, two gates about it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "verdict/verdict.h"

namespace layergate::verdict::testing {

class FakeGate final : public Gate {
 public:
  explicit FakeGate(GateInfo info) : info_(std::move(info)) {}
  const GateInfo& info() const override { return info_; }
  void Run(GateContext& /*context*/) const override {}

 private:
  GateInfo info_;
};

inline Finding MakeFinding(std::string rule, std::string column = "",
                           std::string message = "something is wrong") {
  Finding finding;
  finding.rule = std::move(rule);
  finding.subject = "model.shop.fct_orders";
  finding.column = std::move(column);
  finding.message = std::move(message);
  return finding;
}

inline Unknown MakeUnknown(std::string reason = "no connection") {
  Unknown unknown;
  unknown.reason = std::move(reason);
  unknown.code = "no_connection";
  return unknown;
}

inline policy::Layer MakeLayer(std::string name, int reviewers, std::vector<std::string> roles,
                               std::string window, int hours) {
  policy::Layer layer;
  layer.name = std::move(name);
  layer.bar = {reviewers, std::move(roles)};
  layer.window.name = std::move(window);
  layer.rollback_sla_hours = hours;
  return layer;
}

// Everything Judge() needs, to be changed by each case before it is judged.
struct Scene {
  FakeGate rows{{.id = "row_count_diff",
                 .title = "Row-count diff",
                 .summary = "counts",
                 .rules = {{"row_count_diff.change", "rows changed"},
                           {"row_count_diff.slow", "slow", "warn"},
                           {"row_count_diff.note", "note", "audit"}}}};
  FakeGate danger{{.id = "destructive_sql",
                   .title = "Destructive SQL",
                   .summary = "drops",
                   .rules = {{"destructive_sql.drop", "drops", "fail", false}}}};
  policy::Policy policy;
  change::ChangeSet changes;
  policy::GateRule rows_rule, danger_rule;
  std::vector<Outcome> outcomes = std::vector<Outcome>(2);
  std::string provenance = "undeclared";
  std::string at = "2026-11-24T12:00:00Z";

  Scene() {
    rows_rule.gate = "row_count_diff";
    danger_rule.gate = "destructive_sql";
    policy.layers.push_back(MakeLayer("staging", 1, {"any-peer"}, "any", 24));
    policy.layers.push_back(MakeLayer("intermediate", 1, {"any-peer"}, "any", 12));
    policy.layers.push_back(MakeLayer("marts", 1, {"senior-data-engineer"}, "business-hours", 4));
    policy.layers.push_back(
        MakeLayer("metrics", 2, {"senior-data-engineer", "data-pm"}, "business-hours", 1));
    for (size_t i = 2; i < 4; ++i) {
      policy.layers[i].window.zone = "Europe/Berlin";
      policy.layers[i].window.days = {"mon", "tue", "wed", "thu", "fri"};
      policy.layers[i].window.from = "09:00";
      policy.layers[i].window.to = "17:00";
    }
    policy.unmatched_layer = "marts";
    Touch("model.shop.fct_orders");
  }

  void Touch(const std::string& unique_id) {
    change::NodeChange node;
    node.unique_id = unique_id;
    node.resource_type = unique_id.substr(0, unique_id.find('.'));
    changes.nodes.push_back(node);
  }

  plan::Plan MakePlan(const std::vector<std::string>& layers = {"marts"}) const {
    plan::Plan plan;
    for (size_t i = 0; i < changes.nodes.size(); ++i) {
      plan::PlacedChange placed;
      placed.change = &changes.nodes[i];
      for (const policy::Layer& layer : policy.layers) {
        if (i < layers.size() && layer.name == layers[i]) placed.layer = &layer;
      }
      if (placed.layer) placed.layer_name = placed.layer->name;
      plan.placed.push_back(placed);
    }
    if (changes.nodes.empty()) return plan;
    const change::NodeChange* first = &changes.nodes[0];
    plan.tasks.push_back({&rows, &rows_rule, first, first->unique_id, "marts"});
    plan.tasks.push_back({&danger, &danger_rule, first, first->unique_id, "marts"});
    return plan;
  }

  Verdict Judged(const std::vector<std::string>& layers = {"marts"}) const {
    plan::Plan plan = MakePlan(layers);
    JudgeInput input;
    input.plan = &plan;
    input.policy = &policy;
    input.changes = &changes;
    input.provenance.status = provenance;
    input.at = at;
    for (size_t i = 0; i < plan.tasks.size() && i < outcomes.size(); ++i) {
      input.raw.push_back(RawResult(plan.tasks[i], outcomes[i]));
    }
    return Judge(std::move(input));
  }

  policy::Waiver& Waive(std::string rule, std::string column = "",
                        std::string expires = "2026-12-31") {
    policy::Waiver waiver;
    waiver.rule = std::move(rule);
    waiver.subject = "model.shop.fct_orders";
    waiver.column = std::move(column);
    waiver.owner = "jane";
    waiver.reason = "known";
    waiver.expires = std::move(expires);
    policy.waivers.push_back(waiver);
    return policy.waivers.back();
  }
};

}  // namespace layergate::verdict::testing

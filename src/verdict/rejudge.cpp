#include "verdict/rejudge.h"

#include <algorithm>

#include <fmt/format.h>

#include "verdict/approvals.h"

namespace layergate::verdict {
namespace {

change::ChangeKind KindOf(std::string_view word) {
  using change::ChangeKind;
  for (ChangeKind kind : {ChangeKind::kAdded, ChangeKind::kRemoved, ChangeKind::kRenamed}) {
    if (change::ToString(kind) == word) return kind;
  }
  return ChangeKind::kModified;
}

std::vector<std::string> Strings(const Value& list) {
  std::vector<std::string> strings;
  for (const Value& item : list.items()) strings.emplace_back(item.AsString());
  return strings;
}

change::ChangeSet ChangesOf(const Value& record) {
  change::ChangeSet changes;
  for (const Value& item : record["nodes"].items()) {
    change::NodeChange node;
    node.unique_id = item["unique_id"].AsString();
    node.old_unique_id = item["old_unique_id"].AsString(node.unique_id);
    node.resource_type = item["resource_type"].AsString();
    node.kind = KindOf(item["change"].AsString());
    node.dbt_state = Strings(item["dbt_state"]);
    node.also = Strings(item["also"]);
    node.cosmetic = item["cosmetic"].AsBool();
    node.evidence = item["evidence"].AsString();
    changes.nodes.push_back(std::move(node));
  }
  for (const Value& item : record["unknown"].items()) {
    changes.unknown.push_back(
        {std::string(item["path"].AsString()), std::string(item["why"].AsString())});
  }
  return changes;
}

// Findings that the verdict itself makes: it makes them again.
bool IsVerdictsOwn(const JudgedFinding& judged) {
  const std::string& rule = judged.finding.rule;
  return rule == "policy_integrity.waiver_expired" || rule == "policy_integrity.waiver_unused" ||
         rule == "policy_integrity.auto_merge";
}

// The answer of a gate as it came, before it was judged.
GateResult RawOf(const Verdict& saved, const plan::Task& task) {
  std::string id(task.gate->info().id);
  for (const GateResult& result : saved.gates) {
    if (result.gate != id || result.subject != task.subject) continue;
    GateResult raw = result;
    raw.layer = task.layer;
    raw.findings.erase(std::remove_if(raw.findings.begin(), raw.findings.end(), IsVerdictsOwn),
                       raw.findings.end());
    bool silent = raw.findings.empty() && raw.unknown.empty();
    if (result.status == GateStatus::kSkipped) return raw;
    raw.status =
        silent && result.status == GateStatus::kUnknown ? GateStatus::kUnknown : GateStatus::kPass;
    return raw;
  }
  GateResult raw;
  raw.gate = id;
  raw.subject = task.subject;
  raw.layer = task.layer;
  raw.unknown.push_back({"the saved result has no answer of this gate",
                         "run `layergate check` with this policy",
                         {},
                         "no_result",
                         {}});
  return raw;
}

bool Judges(const GateInfo& info, const std::string& resource_type) {
  return info.subject == SubjectKind::kNode &&
         std::find(info.resource_types.begin(), info.resource_types.end(), resource_type) !=
             info.resource_types.end();
}

// The plan that this policy makes of the record's changes, with the layers as the record has them.
plan::Plan PlanOf(const Verdict& saved, const change::ChangeSet& changes, const Rejudging& request,
                  std::vector<std::string>& notes) {
  plan::Plan plan;
  for (size_t i = 0; i < changes.nodes.size(); ++i) {
    const change::NodeChange& node = changes.nodes[i];
    plan::PlacedChange placed;
    placed.change = &node;
    placed.layer_name = saved.changes["nodes"].items()[i]["layer"].AsString();
    if (!placed.layer_name.empty()) {
      placed.layer = request.policy->SettingsFor(placed.layer_name, node.unique_id);
      if (!placed.layer) {
        notes.push_back(fmt::format("the policy has no layer '{}': {} is held to that of {}",
                                    placed.layer_name, node.unique_id,
                                    request.policy->unmatched_layer));
        placed.layer_name = request.policy->unmatched_layer;
        placed.layer = request.policy->SettingsFor(placed.layer_name, node.unique_id);
      }
    }
    plan.placed.push_back(placed);
    if (!placed.layer) continue;
    for (const policy::GateRule& rule : placed.layer->gates) {
      const Gate* gate = request.gates->Find(rule.gate);
      if (!gate || !Judges(gate->info(), node.resource_type)) continue;
      plan.tasks.push_back({gate, &rule, &node, node.unique_id, placed.layer_name});
    }
  }
  for (const policy::GateRule& rule : request.policy->pull_request_gates) {
    if (const Gate* gate = request.gates->Find(rule.gate)) {
      plan.tasks.push_back({gate, &rule, nullptr, "pull request", ""});
    }
  }
  return plan;
}

bool SaysLlm(const std::vector<std::string>& labels) {
  return std::find(labels.begin(), labels.end(), "assisted-by:llm") != labels.end();
}

}  // namespace

Verdict Rejudge(const Verdict& saved, const Rejudging& request) {
  std::vector<std::string> notes;
  change::ChangeSet changes = ChangesOf(saved.changes);
  plan::Plan plan = PlanOf(saved, changes, request, notes);
  JudgeInput input;
  input.plan = &plan;
  input.policy = request.policy;
  input.changes = &changes;
  for (const plan::Task& task : plan.tasks) input.raw.push_back(RawOf(saved, task));
  input.provenance = saved.provenance;
  if (SaysLlm(request.labels)) input.provenance.status = "llm";
  input.at = request.at.empty() ? saved.at : request.at;
  input.reviews = request.reviews;
  input.head_commit = saved.head.commit;
  input.labels = request.labels;
  for (RequiredReviewer need : saved.required_reviewers) {
    if (need.role.substr(0, kCodeOwner.size()) != kCodeOwner) continue;
    need.state = "pending";
    input.owners_needed.push_back(std::move(need));
  }
  Verdict verdict = Judge(std::move(input));
  verdict.tool_version = saved.tool_version;
  verdict.base = saved.base;
  verdict.head = saved.head;
  verdict.evidence = saved.evidence;
  verdict.changes = saved.changes;
  verdict.notes.insert(verdict.notes.end(), notes.begin(), notes.end());
  return verdict;
}

}  // namespace layergate::verdict

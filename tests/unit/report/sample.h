// A record with every field filled in, for tests of the formats.
#pragma once

#include <string>

#include "verdict/verdict.h"

namespace layergate::report::testing {

inline verdict::JudgedFinding MakeFinding(std::string rule, std::string subject,
                                          std::string column = "", std::string severity = "fail") {
  verdict::JudgedFinding judged;
  judged.severity = std::move(severity);
  judged.finding.rule = std::move(rule);
  judged.finding.subject = std::move(subject);
  judged.finding.column = std::move(column);
  judged.finding.message = "something is wrong";
  return judged;
}

// Fills in decision and exit code so that they follow from the gates.
inline void Settle(verdict::Verdict& verdict) {
  using verdict::Decision;
  using verdict::GateStatus;
  bool unknown = !verdict.changes["unknown"].items().empty();
  bool fails = false;
  for (verdict::GateResult& gate : verdict.gates) {
    gate.status = gate.unknown.empty() ? GateStatus::kPass : GateStatus::kUnknown;
    for (const verdict::JudgedFinding& judged : gate.findings) {
      if (judged.severity == "fail" && judged.waived_by.empty()) gate.status = GateStatus::kFail;
    }
    fails = fails || gate.status == GateStatus::kFail;
    unknown = unknown || (!gate.unknown.empty() && gate.unknown_blocks);
  }
  verdict.decision = fails ? Decision::kBlocked : unknown ? Decision::kUndecided : Decision::kPass;
  verdict.exit_code = fails ? 1 : unknown ? 2 : 0;
}

inline verdict::Verdict FullVerdict() {
  verdict::Verdict verdict;
  verdict.tool_version = "0.1.0";
  verdict.at = "2026-11-24T05:00:00Z";
  verdict.base = {"main", "a1", "t1", "base.json", "d1", "1.10.4", "2026-11-23T02:00:00Z", "i1"};
  verdict.head = {"work", "b2", "t2", "head.json", "d2", "1.10.4", "2026-11-24T02:00:00Z", "i2"};
  verdict.policy_source = ".layergate.yml@a1";
  verdict.policy_digest = "d3";
  verdict.summary = "1 finding";
  verdict::GateResult gate;
  gate.gate = "lineage_diff";
  gate.subject = "model.shop.fct_orders";
  gate.layer = "marts";
  gate.why = "something is wrong";
  verdict::JudgedFinding judged = MakeFinding("lineage_diff.resourced", gate.subject, "contact");
  judged.waivable = false;
  judged.finding.base = Value::MakeObject({{"rows", 20000}, {"share", 0.1}});
  judged.finding.head = Value::MakeObject({{"rows", 40000}, {"sql", "select 1\nfrom t"}});
  judged.finding.location = Location{"models/a.sql", 3, 7};
  judged.finding.path = {{"source.shop.raw.users", "email", "", ""},
                         {"model.shop.fct_orders", "contact", "transformation", "lower(email)"}};
  judged.finding.impact = {"model.shop.b", "exposure.shop.c"};
  judged.finding.evidence = Value::MakeObject({{"keys", Value::FromStrings({"a", "b"})}});
  judged.finding.fix = "put it back";
  judged.finding.patch = "columns:\n  - name: contact\n";
  gate.findings.push_back(judged);
  verdict::JudgedFinding waived = MakeFinding("lineage_diff.added", gate.subject, "x");
  waived.waived_by = "jane until 2026-12-31: known";
  gate.findings.push_back(waived);
  Unknown unknown;
  unknown.code = "opaque_sql";
  unknown.reason = "not understood";
  unknown.remedy = "write it otherwise";
  unknown.location = Location{"models/a.sql", 9, 1};
  unknown.evidence = Value::MakeObject({{"kind", "match_recognize"}});
  gate.unknown.push_back(unknown);
  gate.measured = Value::MakeObject({{"columns", 12}});
  gate.elapsed_ms = 42;
  verdict.gates.push_back(gate);
  verdict.labels = {"layergate:blocked"};
  verdict.labels_remove = {"layergate:pass"};
  verdict.required_reviewers = {
      {"data-pm", 2, {"metrics"}, "pending", {"ana", "@acme/pm"}, {"ana"}, "1 of 2 approvals"}};
  verdict.merge_window_name = "business-hours";
  verdict.merge_window_state = "not evaluated";
  verdict.merge_window_text = "business-hours: mon to fri";
  verdict.merge_window_changes_at = "2026-11-30T08:00:00Z";
  verdict.pending = {"2 approvals by data pm (metrics): 1 of 2 approvals"};
  verdict.break_glass = verdict::BreakGlassUse{
      "emergency", false, "ana", "2026-11-24T10:00:00Z", "2026-11-24T14:00:00Z",
      "a reason",  "over"};
  verdict.baseline = verdict::BaselineUse{".layergate/baseline.json", "2026-12-31", true, 3, 1};
  verdict.rollback_sla_hours = 4;
  policy::Waiver waiver;
  waiver.rule = "lineage_diff.added";
  waiver.subject = gate.subject;
  waiver.column = "x";
  waiver.owner = "jane";
  waiver.reason = "known";
  waiver.ticket = "DATA-1";
  waiver.expires = "2026-12-31";
  waiver.origin = {".layergate.yml", 4, 5};
  verdict.waivers_used = {waiver};
  verdict.waivers_expired = {waiver, waiver};
  verdict.waivers_unused = {waiver};
  verdict.provenance.status = "llm";
  verdict.provenance.signals = {{"b2", "trailer", "declared", "claude", "opus", "h", "bob", "t"}};
  verdict.evidence = Value::MakeObject({{"catalog", false}});
  Value node =
      Value::MakeObject({{"unique_id", "model.shop.fct_orders"},
                         {"old_unique_id", "model.shop.orders"},
                         {"resource_type", "model"},
                         {"change", "renamed"},
                         {"layer", "marts"},
                         {"dbt_state", Value::FromStrings({"body"})},
                         {"also", Value::FromStrings({"tags"})},
                         {"cosmetic", false},
                         {"evidence", "manifests"},
                         {"reasons", Value::MakeArray({Value::MakeObject({{"kind", "body"},
                                                                          {"path", "models/a.sql"},
                                                                          {"detail", "x"},
                                                                          {"base", 1},
                                                                          {"head", 2}})})}});
  verdict.changes = Value::MakeObject(
      {{"schema_version", 1},
       {"nodes", Value::MakeArray({node})},
       {"unknown", Value::MakeArray({Value::MakeObject({{"path", "p"}, {"why", "w"}})})}});
  verdict.notes = {"a note"};
  verdict.timings = Value::MakeObject({{"total_ms", 12}});
  Settle(verdict);
  return verdict;
}

}  // namespace layergate::report::testing

// The complete record (docs/result.md), as a value and as text.
#include "core/value.h"
#include "report/formats.h"

namespace layergate::report {
namespace {

using verdict::Verdict;

Value SideToValue(const verdict::Side& side) {
  return Value::MakeObject(
      {{"revision", side.revision},
       {"commit", side.commit},
       {"tree", side.tree},
       {"manifest", Value::MakeObject({{"path", side.manifest_path},
                                       {"digest", side.manifest_digest},
                                       {"dbt_version", side.dbt_version},
                                       {"generated_at", side.generated_at},
                                       {"invocation_id", side.invocation_id}})}});
}

Value LocationToValue(const std::optional<Location>& location) {
  if (!location) return {};
  return Value::MakeObject(
      {{"path", location->path}, {"line", location->line}, {"column", location->column}});
}

Value PathToValue(const std::vector<PathStep>& path) {
  Value steps = Value::MakeArray();
  for (const PathStep& step : path) {
    steps.Append(Value::MakeObject({{"node", step.node},
                                    {"column", step.column},
                                    {"how", step.how},
                                    {"expression", step.expression}}));
  }
  return steps;
}

Value FindingToValue(const verdict::JudgedFinding& judged) {
  const Finding& finding = judged.finding;
  return Value::MakeObject({{"rule", finding.rule},
                            {"severity", judged.severity},
                            {"waivable", judged.waivable},
                            {"waived_by", judged.waived_by},
                            {"fingerprint", Fingerprint(finding)},
                            {"subject", finding.subject},
                            {"column", finding.column},
                            {"message", finding.message},
                            {"base", finding.base},
                            {"head", finding.head},
                            {"location", LocationToValue(finding.location)},
                            {"path", PathToValue(finding.path)},
                            {"impact", Value::FromStrings(finding.impact)},
                            {"evidence", finding.evidence},
                            {"fix", finding.fix},
                            {"patch", finding.patch}});
}

Value UnknownToValue(const Unknown& unknown) {
  return Value::MakeObject({{"code", unknown.code},
                            {"reason", unknown.reason},
                            {"remedy", unknown.remedy},
                            {"location", LocationToValue(unknown.location)},
                            {"evidence", unknown.evidence}});
}

Value GateToValue(const verdict::GateResult& gate) {
  Value findings = Value::MakeArray(), unknown = Value::MakeArray();
  for (const verdict::JudgedFinding& judged : gate.findings) {
    findings.Append(FindingToValue(judged));
  }
  for (const Unknown& item : gate.unknown) unknown.Append(UnknownToValue(item));
  return Value::MakeObject({{"gate", gate.gate},
                            {"subject", gate.subject},
                            {"layer", gate.layer},
                            {"status", verdict::ToString(gate.status)},
                            {"why", gate.why},
                            {"findings", std::move(findings)},
                            {"unknown", std::move(unknown)},
                            {"unknown_blocks", gate.unknown_blocks},
                            {"measured", gate.measured}});
}

Value WaiversToValue(const std::vector<policy::Waiver>& waivers) {
  Value list = Value::MakeArray();
  for (const policy::Waiver& waiver : waivers) {
    Value origin = Value::MakeObject({{"file", waiver.origin.file},
                                      {"line", waiver.origin.line},
                                      {"column", waiver.origin.column}});
    list.Append(Value::MakeObject({{"rule", waiver.rule},
                                   {"subject", waiver.subject},
                                   {"column", waiver.column},
                                   {"owner", waiver.owner},
                                   {"reason", waiver.reason},
                                   {"ticket", waiver.ticket},
                                   {"expires", waiver.expires},
                                   {"origin", std::move(origin)}}));
  }
  return list;
}

Value ReviewersToValue(const std::vector<verdict::RequiredReviewer>& reviewers) {
  Value list = Value::MakeArray();
  for (const verdict::RequiredReviewer& reviewer : reviewers) {
    list.Append(Value::MakeObject({{"role", reviewer.role},
                                   {"count", reviewer.count},
                                   {"because", Value::FromStrings(reviewer.because)},
                                   {"state", reviewer.state},
                                   {"people", Value::FromStrings(reviewer.people)},
                                   {"approved_by", Value::FromStrings(reviewer.approved_by)},
                                   {"why", reviewer.why}}));
  }
  return list;
}

Value BreakGlassToValue(const std::optional<verdict::BreakGlassUse>& use) {
  if (!use) return {};
  return Value::MakeObject({{"label", use->label},
                            {"holds", use->holds},
                            {"by", use->by},
                            {"at", use->at},
                            {"until", use->until},
                            {"reason", use->reason},
                            {"why", use->why}});
}

Value BaselineToValue(const std::optional<verdict::BaselineUse>& use) {
  if (!use) return {};
  return Value::MakeObject({{"path", use->path},
                            {"expires", use->expires},
                            {"holds", use->holds},
                            {"known", static_cast<int64_t>(use->known)},
                            {"met", static_cast<int64_t>(use->met)}});
}

Value ProvenanceToValue(const git::Provenance& provenance) {
  Value signals = Value::MakeArray();
  for (const git::ProvenanceSignal& signal : provenance.signals) {
    signals.Append(Value::MakeObject({{"commit", signal.commit},
                                      {"source", signal.source},
                                      {"confidence", signal.confidence},
                                      {"tool", signal.tool},
                                      {"model", signal.model},
                                      {"prompt_hash", signal.prompt_hash},
                                      {"reviewer", signal.reviewer},
                                      {"text", signal.text}}));
  }
  return Value::MakeObject({{"status", provenance.status}, {"signals", std::move(signals)}});
}

Value TimingsToValue(const Verdict& verdict) {
  Value gates = Value::MakeArray();
  for (const verdict::GateResult& gate : verdict.gates) gates.Append(gate.elapsed_ms);
  return Value::MakeObject({{"run", verdict.timings}, {"gates_ms", std::move(gates)}});
}

}  // namespace

Value ToValue(const Verdict& verdict) {
  Value gates = Value::MakeArray(), notes = Value::FromStrings(verdict.notes);
  for (const verdict::GateResult& gate : verdict.gates) gates.Append(GateToValue(gate));
  Value window = Value::MakeObject({{"name", verdict.merge_window_name},
                                    {"state", verdict.merge_window_state},
                                    {"text", verdict.merge_window_text},
                                    {"changes_at", verdict.merge_window_changes_at}});
  Value waivers = Value::MakeObject({{"used", WaiversToValue(verdict.waivers_used)},
                                     {"expired", WaiversToValue(verdict.waivers_expired)},
                                     {"unused", WaiversToValue(verdict.waivers_unused)}});
  return Value::MakeObject(
      {{"schema_version", 1},
       {"tool", Value::MakeObject({{"name", "layergate"}, {"version", verdict.tool_version}})},
       {"at", verdict.at},
       {"base", SideToValue(verdict.base)},
       {"head", SideToValue(verdict.head)},
       {"policy",
        Value::MakeObject({{"ref", verdict.policy_source}, {"digest", verdict.policy_digest}})},
       {"verdict", verdict::ToString(verdict.decision)},
       {"exit_code", verdict.exit_code},
       {"summary", verdict.summary},
       {"gates", std::move(gates)},
       {"labels", Value::FromStrings(verdict.labels)},
       {"labels_remove", Value::FromStrings(verdict.labels_remove)},
       {"required_reviewers", ReviewersToValue(verdict.required_reviewers)},
       {"merge_window", std::move(window)},
       {"pending", Value::FromStrings(verdict.pending)},
       {"rollback_sla_hours", verdict.rollback_sla_hours},
       {"break_glass", BreakGlassToValue(verdict.break_glass)},
       {"baseline", BaselineToValue(verdict.baseline)},
       {"waivers", std::move(waivers)},
       {"provenance", ProvenanceToValue(verdict.provenance)},
       {"evidence", verdict.evidence},
       {"changes", verdict.changes},
       {"notes", std::move(notes)},
       {"timings", TimingsToValue(verdict)}});
}

Result<std::string> RenderJson(const Verdict& verdict, const RenderOptions& /*options*/) {
  return WriteJson(ToValue(verdict), 2) + "\n";
}

}  // namespace layergate::report

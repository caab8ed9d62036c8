#include "audit/record.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "core/text.h"
#include "policy/clock.h"
#include "report/report.h"

namespace layergate::audit {
namespace {

void AddOnce(std::vector<std::string>& list, std::string_view text) {
  if (text.empty() || std::find(list.begin(), list.end(), text) != list.end()) return;
  list.emplace_back(text);
}

// "claude:claude-opus-4 [dbt-mcp, search]": the tools that the assistant itself used.
void AddToolsOf(std::string_view trailer, std::vector<std::string>& tools) {
  size_t open = trailer.rfind('['), close = trailer.rfind(']');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return;
  for (std::string_view tool : Split(trailer.substr(open + 1, close - open - 1), ',')) {
    AddOnce(tools, Trim(tool));
  }
}

Value AgentsOf(const git::Provenance& provenance) {
  std::vector<Value> agents;
  for (const git::ProvenanceSignal& signal : provenance.signals) {
    if (signal.tool.empty() && signal.model.empty()) continue;
    Value agent = Value::MakeObject({{"tool", signal.tool},
                                     {"model", signal.model},
                                     {"source", signal.source},
                                     {"confidence", signal.confidence}});
    if (std::find(agents.begin(), agents.end(), agent) == agents.end()) agents.push_back(agent);
  }
  return Value(std::move(agents));
}

// Per gate: on how many subjects it ended how, and which rules spoke. The whole result is named by
// its digest; this is what an auditor reads.
Value GatesOf(const verdict::Verdict& verdict) {
  struct Tally {
    std::map<std::string, int64_t> statuses;
    std::set<std::string> rules;
  };
  std::map<std::string, Tally> gates;
  for (const verdict::GateResult& result : verdict.gates) {
    Tally& tally = gates[result.gate];
    ++tally.statuses[std::string(ToString(result.status))];
    for (const verdict::JudgedFinding& judged : result.findings) {
      if (judged.severity != "audit") tally.rules.insert(judged.finding.rule);
    }
  }
  Value list = Value::MakeArray();
  for (const auto& [gate, tally] : gates) {
    Value statuses = Value::MakeObject();
    for (const auto& [status, count] : tally.statuses) statuses.Set(status, count);
    list.Append(Value::MakeObject(
        {{"gate", gate},
         {"results", std::move(statuses)},
         {"rules", Value::FromStrings({tally.rules.begin(), tally.rules.end()})}}));
  }
  return list;
}

Value ReviewersOf(const verdict::Verdict& verdict) {
  Value list = Value::MakeArray();
  for (const verdict::RequiredReviewer& need : verdict.required_reviewers) {
    list.Append(Value::MakeObject({{"role", need.role},
                                   {"count", need.count},
                                   {"state", need.state},
                                   {"approved_by", Value::FromStrings(need.approved_by)}}));
  }
  return list;
}

Value OverridesOf(const verdict::Verdict& verdict) {
  Value list = Value::MakeArray();
  for (const policy::Waiver& waiver : verdict.waivers_used) {
    list.Append(Value::MakeObject({{"kind", "waiver"},
                                   {"rule", waiver.rule},
                                   {"subject", waiver.subject},
                                   {"owner", waiver.owner},
                                   {"reason", waiver.reason},
                                   {"expires", waiver.expires}}));
  }
  if (verdict.break_glass) {
    list.Append(Value::MakeObject({{"kind", "break_glass"},
                                   {"holds", verdict.break_glass->holds},
                                   {"by", verdict.break_glass->by},
                                   {"reason", verdict.break_glass->reason},
                                   {"until", verdict.break_glass->until}}));
  }
  if (verdict.baseline && verdict.baseline->met > 0) {
    list.Append(Value::MakeObject({{"kind", "baseline"},
                                   {"path", verdict.baseline->path},
                                   {"met", static_cast<int64_t>(verdict.baseline->met)}}));
  }
  return list;
}

void Describe(const verdict::Verdict& verdict, const Event& event, Value& record) {
  std::vector<std::string> prompts, tools = event.tools, claimed;
  for (const git::ProvenanceSignal& signal : verdict.provenance.signals) {
    AddOnce(prompts, signal.prompt_hash);
    AddOnce(claimed, signal.reviewer);
    if (signal.source == "trailer") AddToolsOf(signal.text, tools);
  }
  record.Set("base", verdict.base.commit);
  record.Set("head", verdict.head.commit);
  record.Set("head_tree", verdict.head.tree);
  record.Set("provenance", verdict.provenance.status);
  record.Set("agents", AgentsOf(verdict.provenance));
  record.Set("prompt_hashes", Value::FromStrings(prompts));
  record.Set("tools", Value::FromStrings(tools));
  record.Set("reviewers_claimed", Value::FromStrings(claimed));
  record.Set("reviewers", ReviewersOf(verdict));
  record.Set("verdict", ToString(verdict.decision));
  record.Set("gates", GatesOf(verdict));
  record.Set("overrides", OverridesOf(verdict));
  record.Set("policy", Value::MakeObject(
                           {{"ref", verdict.policy_source}, {"digest", verdict.policy_digest}}));
  record.Set("manifests", Value::MakeObject({{"base", verdict.base.manifest_digest},
                                             {"head", verdict.head.manifest_digest}}));
  record.Set("tool_version", verdict.tool_version);
  record.Set("result_digest", report::Digest(verdict));
}

}  // namespace

Result<Value> MakeRecord(const std::optional<verdict::Verdict>& verdict, const Event& event) {
  if (std::find(std::begin(kEvents), std::end(kEvents), event.event) == std::end(kEvents)) {
    std::vector<std::string> known(std::begin(kEvents), std::end(kEvents));
    return MakeError(fmt::format("there is no event `{}`", Printable(event.event)),
                     "events are " + Join(known, ", "));
  }
  if (!verdict && event.event == "judged") {
    return MakeError("a judgement is recorded from its result",
                     "give the file that `check --output json:FILE` wrote with --from");
  }
  if (!verdict && event.pull_request.empty() && event.merge_commit.empty()) {
    return MakeError(
        fmt::format("nothing says what was {}", event.event),
        "name it with --pull-request or --merge-commit, or give its result with --from");
  }
  std::string at = event.at.empty() && verdict ? verdict->at : event.at;
  std::optional<policy::Instant> instant = policy::ParseInstant(at);
  if (!instant) {
    return MakeError(fmt::format("`{}` is no time", Printable(at)),
                     "write RFC 3339, such as 2026-11-24T05:20:00Z");
  }
  Value record = Value::MakeObject({{"schema_version", 1},
                                    {"at", policy::InstantText(*instant)},
                                    {"event", event.event},
                                    {"repository", event.repository},
                                    {"pull_request", event.pull_request},
                                    {"author", event.author},
                                    {"run", event.run},
                                    {"merge_commit", event.merge_commit},
                                    {"reason", event.reason}});
  if (verdict) Describe(*verdict, event, record);
  return record;
}

bool IsLlm(const Value& record) { return record["provenance"].AsString() == "llm"; }

}  // namespace layergate::audit

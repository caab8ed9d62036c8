#include "cli/policy_command.h"

#include <cstdio>
#include <map>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "check.h"
#include "cli/policy_files.h"
#include "cli/terminal.h"
#include "core/file.h"
#include "core/text.h"
#include "dbt/project.h"
#include "dbt/unique_id.h"
#include "gate/external_gate.h"
#include "policy/clock.h"
#include "policy/describe.h"
#include "report/report.h"
#include "verdict/rejudge.h"
#include "verdict/waivers.h"

namespace layergate::cli {
namespace {

bool IsShippedFile(std::string_view file) {
  return file.size() > 4 && policy::ShippedPolicy(file.substr(0, file.size() - 4)).has_value();
}

bool MatchesAnything(const policy::LayerMatch& match, const dbt::Project& project) {
  policy::Policy alone;
  alone.layers.resize(1);
  alone.layers[0].match = {match};
  for (const std::string& id : project.ids()) {
    const dbt::Node* node = project.Find(id);
    if (node && alone.Place(*node).matched) return true;
  }
  return false;
}

// Globs that match nothing are no mistake of form, but rarely what was meant. The shipped layers
// match many layouts, of which a project has one: they are left out.
void WarnOfIdleMatches(const policy::Policy& policy, const dbt::Project& project) {
  for (const policy::Layer& layer : policy.layers) {
    for (const policy::LayerMatch& match : layer.match) {
      if (IsShippedFile(match.origin.file) || MatchesAnything(match, project)) continue;
      fmt::print(stderr, "layergate: warning: {}:{}:{}: {} matches nothing in {}\n",
                 match.origin.file, match.origin.line, match.origin.column,
                 policy::DescribeMatch(match), project.metadata().path);
    }
  }
}

// The ids that `model` means: itself, or those of that name ("model.shop.orders",
// "model.shop.orders.v2").
std::vector<std::string> IdsOf(const dbt::Project& project, const std::string& model) {
  if (project.Contains(model)) return {model};
  std::vector<std::string> ids;
  for (const std::string& id : project.ids()) {
    if (id.rfind("test.", 0) != 0 && dbt::NameOf(id) == model) ids.push_back(id);
  }
  return ids;
}

// Models in no layer, overrides of models that are not there, and layers that claim the same
// models.
void WarnOfUnmatched(const policy::Policy& policy, const dbt::Project& project) {
  std::vector<std::string> unmatched;
  std::map<std::string, size_t> overlaps;
  for (const std::string& id : project.ids()) {
    const dbt::Node* node = project.Find(id);
    if (!node || node->resource_type != "model") continue;
    if (!policy.Place(*node).matched) unmatched.push_back(id);
    std::string claims = Join(policy::ClaimsOf(policy, *node), " and ");
    if (claims.find(" and ") != std::string::npos) ++overlaps[claims];
  }
  constexpr size_t kShown = 10;
  for (size_t i = 0; i < unmatched.size() && i < kShown; ++i) {
    fmt::print(stderr, "layergate: warning: {} is in no layer; it gets the bar of {}\n",
               Printable(unmatched[i]), policy.unmatched_layer);
  }
  if (unmatched.size() > kShown) {
    fmt::print(stderr, "layergate: warning: and {} more models in no layer\n",
               unmatched.size() - kShown);
  }
  for (const auto& [claims, count] : overlaps) {
    fmt::print(stderr, "layergate: note: {} model{} claimed by {}; the first wins\n", count,
               count == 1 ? " is" : "s are", claims);
  }
  for (const policy::ModelOverride& model : policy.models) {
    if (!IdsOf(project, model.model).empty()) continue;
    fmt::print(stderr, "layergate: warning: {}:{}:{}: there is no model {} in {}\n",
               model.origin.file, model.origin.line, model.origin.column, Printable(model.model),
               project.metadata().path);
  }
}

// Exceptions that are over.
void WarnOfEnded(const policy::Policy& policy, const std::string& at) {
  for (const policy::Waiver& waiver : policy.waivers) {
    if (verdict::StillHolds(waiver.expires, at)) continue;
    fmt::print(stderr, "layergate: warning: {}:{}:{}: the waiver of {} for {} ended on {}\n",
               waiver.origin.file, waiver.origin.line, waiver.origin.column, waiver.rule,
               waiver.subject, waiver.expires);
  }
  if (policy.baseline && !verdict::StillHolds(policy.baseline->expires, at)) {
    fmt::print(stderr, "layergate: warning: {}:{}:{}: the baseline ended on {}\n",
               policy.baseline->origin.file, policy.baseline->origin.line,
               policy.baseline->origin.column, policy.baseline->expires);
  }
}

std::string DidYouMean(const dbt::Project& project, const std::string& model) {
  std::vector<std::string> names;
  for (const std::string& id : project.ids()) {
    if (id.rfind("test.", 0) != 0) names.emplace_back(dbt::NameOf(id));
  }
  std::string_view near = NearestName(model, names);
  return near.empty() ? "`dbt ls` lists the project's models."
                      : fmt::format("Did you mean {}?", near);
}

// The time to judge at, checked before anything is done with it.
Result<std::string> ClockOf(const std::string& given) {
  if (given.empty() || policy::ParseInstant(given)) return given;
  return MakeError(
      fmt::format("--at: '{}' is no time", Printable(given)),
      "write it as 2026-11-24T09:30:00Z, or with an offset, 2026-11-24T10:30:00+01:00");
}

std::vector<std::string> LabelsIn(const std::vector<std::string>& given) {
  std::vector<std::string> labels;
  for (const std::string& list : given) {
    for (std::string_view label : Split(list, ',')) {
      if (!Trim(label).empty()) labels.emplace_back(Trim(label));
    }
  }
  return labels;
}

// Gates that a policy names as programs are known by name here, and never run.
GateRegistry WithExternal(const GateRegistry& gates, const policy::Policy& policy) {
  std::vector<std::unique_ptr<Gate>> external;
  for (const policy::ExternalGate& gate : policy.external_gates) {
    external.push_back(MakeExternalGate(gate, "/"));
  }
  return gates.With(std::move(external));
}

Result<verdict::Verdict> JudgeAgain(const PolicyArguments& arguments, const policy::Policy& policy,
                                    const GateRegistry& gates) {
  LAYERGATE_TRY(verdict::Verdict saved, ReadSavedResult(arguments.from));
  LAYERGATE_TRY(std::string at, ClockOf(arguments.at));
  LAYERGATE_TRY(std::optional<verdict::Reviews> reviews, ReadReviewFiles(arguments.reviews));
  GateRegistry all = WithExternal(gates, policy);
  verdict::Rejudging request;
  request.policy = &policy;
  request.gates = &all;
  request.at = at;
  request.labels = LabelsIn(arguments.labels);
  request.reviews = reviews ? &*reviews : nullptr;
  return verdict::Rejudge(saved, request);
}

Result<int> Simulate(const PolicyArguments& arguments, const policy::Policy& policy,
                     const GateRegistry& gates) {
  LAYERGATE_TRY(verdict::Verdict verdict, JudgeAgain(arguments, policy, gates));
  report::RenderOptions options;
  options.width = TerminalWidth();
  LAYERGATE_TRY(std::string text, report::Render(verdict, arguments.format, options));
  std::fputs(text.c_str(), stdout);
  return verdict.exit_code;
}

// What a saved result says about one node: why it is blocked, who can unblock it, and when.
void PrintState(const verdict::Verdict& verdict, const std::string& unique_id) {
  fmt::print("  verdict   {}, judged at {}: {}\n", verdict::ToString(verdict.decision), verdict.at,
             Printable(verdict.summary));
  for (const verdict::GateResult& gate : verdict.gates) {
    bool whole = gate.subject == "pull request" && gate.gate != "merge";
    if (gate.subject != unique_id && !whole) continue;
    for (const verdict::JudgedFinding& judged : gate.findings) {
      if (judged.severity != "fail" || !judged.waived_by.empty()) continue;
      fmt::print("  blocked   {}: {}\n", judged.finding.rule, Printable(judged.finding.message));
      if (!judged.finding.fix.empty()) {
        fmt::print("            fix: {}\n", Printable(judged.finding.fix));
      }
      fmt::print("            {}\n", judged.waivable
                                         ? "or a waiver, merged into the target branch first"
                                         : "no waiver can let it through");
    }
    for (const Unknown& unknown : gate.unknown) {
      if (!gate.unknown_blocks) continue;
      fmt::print("  undecided {}: {}\n", gate.gate, Printable(unknown.reason));
      if (!unknown.remedy.empty()) fmt::print("            fix: {}\n", Printable(unknown.remedy));
    }
  }
  if (verdict.pending.empty()) {
    fmt::print("  waits     for nothing: people and time are met\n");
  }
  for (const std::string& what : verdict.pending) {
    fmt::print("  waits     {}\n", Printable(what));
  }
  if (verdict.break_glass && verdict.break_glass->holds) {
    fmt::print("  exception label {} by {} until {}\n", verdict.break_glass->label,
               verdict.break_glass->by, verdict.break_glass->until);
  }
}

// The node as the saved result knows it, where no manifest is at hand.
std::optional<dbt::Node> NodeInResult(const verdict::Verdict& verdict, const std::string& model,
                                      std::string& layer) {
  for (const Value& item : verdict.changes["nodes"].items()) {
    dbt::Node node;
    node.unique_id = item["unique_id"].AsString();
    node.name = dbt::NameOf(node.unique_id);
    if (node.unique_id != model && node.name != model) continue;
    node.resource_type = item["resource_type"].AsString();
    for (const Value& reason : item["reasons"].items()) {
      if (node.original_file_path.empty()) node.original_file_path = reason["path"].AsString();
    }
    layer = item["layer"].AsString();
    return node;
  }
  return std::nullopt;
}

Result<void> ExplainFromResult(const PolicyArguments& arguments, const policy::Policy& policy,
                               const verdict::Verdict& verdict) {
  std::string layer;
  std::optional<dbt::Node> node = NodeInResult(verdict, arguments.model, layer);
  if (!node) {
    return MakeError(
        fmt::format("{} has no changed node '{}'", arguments.from, Printable(arguments.model)),
        "name a changed model, or give --manifest to look up any");
  }
  policy::Policy::Placement placement{policy.SettingsFor(layer, node->unique_id),
                                      "as the result says", true};
  fmt::print("{}", policy::ExplainNode(policy, *node, placement));
  PrintState(verdict, node->unique_id);
  return {};
}

Result<void> Explain(const PolicyArguments& arguments, const policy::Policy& policy,
                     const GateRegistry& gates) {
  std::optional<verdict::Verdict> verdict;
  if (!arguments.from.empty()) {
    LAYERGATE_TRY(verdict, JudgeAgain(arguments, policy, gates));
  }
  std::string path = arguments.manifest.empty() ? "target/manifest.json" : arguments.manifest;
  if (arguments.manifest.empty() && !FileExists(path)) {
    if (verdict) return ExplainFromResult(arguments, policy, *verdict);
    return MakeError(fmt::format("{}: no manifest to look the model up in", path),
                     "Run `dbt parse`, or name one with --manifest.");
  }
  LAYERGATE_TRY(auto project, dbt::Project::Load(path));
  std::vector<std::string> ids = IdsOf(*project, arguments.model);
  if (ids.empty()) {
    return MakeError(fmt::format("{} has no node '{}'", path, Printable(arguments.model)),
                     DidYouMean(*project, arguments.model));
  }
  for (const std::string& id : ids) {
    if (const dbt::Node* node = project->Find(id)) {
      fmt::print("{}", policy::ExplainNode(policy, *node, policy.Place(*node)));
      if (verdict) PrintState(*verdict, id);
    }
  }
  return {};
}

// The findings of a saved result as a baseline: what is known today, and judged no more.
Result<void> WriteBaseline(const PolicyArguments& arguments) {
  LAYERGATE_TRY(verdict::Verdict saved, ReadSavedResult(arguments.from));
  std::map<std::string, Value> entries;
  for (const verdict::GateResult& gate : saved.gates) {
    for (const verdict::JudgedFinding& judged : gate.findings) {
      const Finding& finding = judged.finding;
      if (!judged.waivable || judged.severity == "audit") continue;
      std::string fingerprint = Fingerprint(finding);
      entries[finding.rule + finding.subject + finding.column] =
          Value::MakeObject({{"rule", finding.rule},
                             {"subject", finding.subject},
                             {"column", finding.column},
                             {"fingerprint", fingerprint}});
    }
  }
  Value list = Value::MakeArray();
  for (auto& [key, entry] : entries) list.Append(std::move(entry));
  fmt::print("{}\n", WriteJson(Value::MakeObject({{"schema_version", 1}, {"findings", list}}), 2));
  return {};
}

Result<int> Run(const PolicyArguments& arguments, const GateRegistry& gates) {
  std::vector<policy::KnownGate> known = KnownGates(gates);
  if (arguments.action == "schema") {
    fmt::print("{}", policy::PolicySchema());
    return 0;
  }
  if (arguments.action == "baseline") {
    Result<void> written = WriteBaseline(arguments);
    if (!written) return written.error();
    return 0;
  }
  LAYERGATE_TRY(policy::Policy policy, ReadPolicyFile(arguments.path, known));
  if (arguments.action == "simulate") return Simulate(arguments, policy, gates);
  if (arguments.action == "explain") {
    Result<void> explained = Explain(arguments, policy, gates);
    if (!explained) return explained.error();
    return 0;
  }
  if (arguments.action == "show") {
    fmt::print("{}", policy::ShowPolicy(policy));
    return 0;
  }
  if (!arguments.manifest.empty()) {
    LAYERGATE_TRY(auto project, dbt::Project::Load(arguments.manifest));
    WarnOfIdleMatches(policy, *project);
    WarnOfUnmatched(policy, *project);
  }
  LAYERGATE_TRY(std::string at, ClockOf(arguments.at));
  WarnOfEnded(policy, at.empty() ? Now() : at);
  fmt::print("{}", policy::DescribeValid(policy));
  return 0;
}

}  // namespace

int RunPolicy(const PolicyArguments& arguments, const GateRegistry& gates) {
  Result<int> done = Run(arguments, gates);
  if (done) return *done;
  PrintError(done.error());
  return 2;
}

}  // namespace layergate::cli

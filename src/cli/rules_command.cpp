#include "cli/rules_command.h"

#include <cstdio>
#include <vector>

#include <fmt/format.h>

#include "cli/terminal.h"
#include "core/text.h"
#include "gates/all_gates.h"

namespace layergate::cli {
namespace {

Value RulesAsValue(const GateRegistry& gates) {
  Value list = Value::MakeArray();
  for (const auto& gate : gates.gates()) {
    for (const RuleInfo& rule : gate->info().rules) {
      list.Append(Value::MakeObject({{"rule", rule.code},
                                     {"gate", gate->info().id},
                                     {"summary", rule.summary},
                                     {"default_severity", rule.default_severity},
                                     {"waivable", rule.waivable}}));
    }
  }
  return Value::MakeObject({{"schema_version", 1}, {"rules", std::move(list)}});
}

// The rule's own row in the table of its gate's page: more than the summary says. Empty when there
// is none.
std::string RowOf(std::string_view code) {
  std::string wanted = fmt::format("`{}`", code);
  std::string_view page = GateReadme(code.substr(0, code.find('.')));
  for (std::string_view line : Split(page, '\n')) {
    if (line.substr(0, 1) != "|" || line.find(wanted) == std::string_view::npos) continue;
    std::vector<std::string_view> cells = Split(line, '|');
    return cells.size() > 3 ? std::string(Trim(cells[2])) : std::string();
  }
  return {};
}

// What the policy can say about one rule, to paste.
std::string InThePolicy(const GateInfo& gate, const RuleInfo& rule) {
  bool whole = gate.subject == SubjectKind::kPullRequest;
  std::string_view short_name = rule.code.substr(rule.code.find('.') + 1);
  std::string_view other = rule.default_severity == "fail" ? "warn" : "fail";
  std::string text = fmt::format(
      "In the policy (.layergate.yml of the base branch), another severity{}:\n\n"
      "  {}:\n    gates:\n      {}: {{rules: {{{}: {}}}}}\n",
      whole ? "" : " (under `layers:` for one layer alone)", whole ? "pull_request" : "defaults",
      gate.id, short_name, other);
  if (!rule.waivable) {
    return text + "\nIt cannot be waived: see below for what its way out is.\n";
  }
  if (rule.default_severity == "audit") return text;
  return text + fmt::format(
                    "\nA waiver for one finding:\n\n"
                    "  waivers:\n    - rule: {}\n      subject: <the subject that the finding "
                    "names>\n      owner: <who answers for it>\n      reason: <why it is right>\n"
                    "      expires: <the last day, like 2026-12-31>\n",
                    rule.code);
}

}  // namespace

int RunRules(const GateRegistry& gates, const std::string& format) {
  if (format == "json") {
    fmt::print("{}\n", WriteJson(RulesAsValue(gates), 2));
    return 0;
  }
  for (const auto& gate : gates.gates()) {
    fmt::print("{}: {}\n", gate->info().id, gate->info().summary);
    for (const RuleInfo& rule : gate->info().rules) {
      fmt::print("  {:<40} {:<6} {}\n", rule.code, rule.default_severity, rule.summary);
    }
  }
  return 0;
}

int RunExplain(const GateRegistry& gates, const std::string& rule) {
  std::string gate_id = rule.substr(0, rule.find('.'));
  std::vector<std::string> known;
  for (const auto& gate : gates.gates()) {
    known.emplace_back(gate->info().id);
    for (const RuleInfo& info : gate->info().rules) known.emplace_back(info.code);
  }
  bool exists = false;
  for (const std::string& name : known) exists = exists || name == rule;
  if (!exists) {
    std::string_view near = NearestName(rule, known);
    PrintError(MakeError(
        fmt::format("there is no rule `{}`", rule),
        near.empty() ? "`layergate rules` lists them" : fmt::format("did you mean `{}`?", near)));
    return 2;
  }
  const Gate* gate = gates.Find(gate_id);
  for (const RuleInfo& info : gate->info().rules) {
    if (info.code == rule) {
      fmt::print("{} ({}{})\n{}\n\n", info.code, info.default_severity,
                 info.waivable ? "" : ", cannot be waived", info.summary);
      std::string row = RowOf(info.code);
      if (!row.empty() && row != info.summary) fmt::print("When: {}.\n\n", row);
      fmt::print("{}\n", InThePolicy(gate->info(), info));
    }
  }
  fmt::print("{}\n", GateReadme(gate_id));
  return 0;
}

}  // namespace layergate::cli

#include "policy/describe.h"

#include <algorithm>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include "core/text.h"
#include "policy/show.h"

namespace layergate::policy {

namespace {

using Out = std::back_insert_iterator<std::string>;

std::string Place(const Origin& origin) {
  return fmt::format("{}:{}:{}", origin.file, origin.line, origin.column);
}

std::string MatchText(const LayerMatch& match) {
  std::vector<std::string> parts;
  auto add = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) parts.push_back(fmt::format("{}: {}", key, YamlScalar(value)));
  };
  add("path", match.path);
  add("path_regex", match.path_regex);
  add("name", match.name);
  add("name_regex", match.name_regex);
  add("tag", match.tag);
  add("group", match.group);
  add("package", match.package);
  add("resource_type", match.resource_type);
  add("fqn", match.fqn);
  return "{" + Join(parts, ", ") + "}";
}

std::string WindowText(const MergeWindow& window) {
  if (window.name == "any") return "any time";
  std::string text = fmt::format("{}: {}, {} to {}, {}", window.name, Join(window.days, " "),
                                 window.from, window.to, window.zone);
  if (!window.holidays.empty()) text += ", not on " + Join(window.holidays, ", ");
  return text;
}

std::string PeopleText(const Bar& bar, const People& people) {
  std::string text = fmt::format("{} approval{}", bar.reviewers, bar.reviewers == 1 ? "" : "s");
  std::vector<std::string> roles;
  for (const std::string& role : bar.roles) {
    auto listed = people.roles.find(role);
    roles.push_back(listed == people.roles.end()
                        ? role
                        : fmt::format("{} ({})", role, Join(listed->second, ", ")));
  }
  if (!roles.empty()) text += ", one by each of: " + Join(roles, ", ");
  if (!bar.people.empty()) text += ", from: " + Join(bar.people, ", ");
  return text;
}

}  // namespace

std::string DescribeMatch(const LayerMatch& match) { return MatchText(match); }

std::string DescribeValid(const Policy& policy) {
  std::string text = fmt::format("{}: valid (sha256 {})\n", policy.source, policy.digest);
  for (const Layer& layer : policy.layers) {
    std::vector<std::string> gates;
    for (const GateRule& rule : layer.gates) gates.push_back(rule.gate);
    fmt::format_to(Out(text), "  layer {}: {}\n", layer.name,
                   gates.empty() ? "no gates" : Join(gates, ", "));
  }
  std::vector<std::string> gates;
  for (const GateRule& rule : policy.pull_request_gates) gates.push_back(rule.gate);
  fmt::format_to(Out(text), "  pull request: {}\n", gates.empty() ? "no gates" : Join(gates, ", "));
  fmt::format_to(Out(text), "  models in no layer: as {}\n", policy.unmatched_layer);
  for (const Waiver& waiver : policy.waivers) {
    fmt::format_to(Out(text), "  waiver: {} for {}, by {}, until {}\n", waiver.rule, waiver.subject,
                   waiver.owner, waiver.expires);
  }
  return text;
}

std::vector<std::string> ClaimsOf(const Policy& policy, const dbt::Node& node) {
  std::vector<std::string> names;
  for (const Layer& layer : policy.layers) {
    Policy alone;
    alone.layers.push_back(layer);
    if (alone.Place(node).matched) names.push_back(layer.name);
  }
  return names;
}

std::string ExplainNode(const Policy& policy, const dbt::Node& node,
                        const Policy::Placement& placement) {
  std::string text =
      fmt::format("{} ({})\n", Printable(node.unique_id), Printable(node.original_file_path));
  if (!placement.layer) return text + "  layer     none, and the policy names no unmatched_layer\n";
  const Layer& layer = *placement.layer;
  fmt::format_to(Out(text), "  layer     {} ({}; {})\n", layer.name, placement.why,
                 Place(layer.origin));
  for (const std::string& other : ClaimsOf(policy, node)) {
    if (other == layer.name) continue;
    fmt::format_to(Out(text), "            also claimed by {}\n", other);
  }
  std::string_view label = "gates";
  for (const GateRule& rule : layer.gates) {
    fmt::format_to(Out(text), "  {:<9} {}: {}, unknown: {}{} ({})\n", label, rule.gate,
                   ToString(rule.severity), ToString(rule.on_unknown),
                   rule.options.empty() ? "" : ", options " + WriteJson(rule.options),
                   Place(rule.origin));
    label = "";
  }
  if (layer.gates.empty()) text += "  gates     none\n";
  for (const GateRule& rule : layer.gates) {
    for (const ColumnRule& column : rule.columns) {
      fmt::format_to(
          Out(text), "            column {}, {}: {}{} ({})\n", column.column, rule.gate,
          column.severity ? ToString(*column.severity) : "as the gate",
          column.rule_severity.empty() ? "" : ", rules " + WriteJson(column.rule_severity),
          Place(column.origin));
    }
  }
  fmt::format_to(Out(text), "  people    {}\n", PeopleText(layer.bar, policy.people));
  fmt::format_to(Out(text), "            with a model's part also {}\n",
                 PeopleText(layer.llm, policy.people));
  fmt::format_to(Out(text), "  window    {}\n", WindowText(layer.window));
  for (const Freeze& freeze : policy.freezes) {
    bool here = freeze.layers.empty() || std::find(freeze.layers.begin(), freeze.layers.end(),
                                                   layer.name) != freeze.layers.end();
    if (!here) continue;
    fmt::format_to(Out(text), "            frozen from {} until {}, {}: {} ({})\n", freeze.from,
                   freeze.to, freeze.zone, freeze.reason, Place(freeze.origin));
  }
  fmt::format_to(Out(text), "  rollback  {}\n",
                 layer.rollback_sla_hours == 0
                     ? std::string("no limit")
                     : fmt::format("within {} h", layer.rollback_sla_hours));
  for (const Waiver& waiver : policy.waivers) {
    if (waiver.subject != node.unique_id) continue;
    fmt::format_to(Out(text), "  waiver    {}{} by {} until {}: {} ({})\n", waiver.rule,
                   waiver.column.empty() ? "" : ", column " + waiver.column, waiver.owner,
                   waiver.expires, waiver.reason, Place(waiver.origin));
  }
  return text;
}

}  // namespace layergate::policy

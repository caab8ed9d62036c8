#include "policy/describe.h"

#include <algorithm>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include "core/text.h"

namespace layergate::policy {

namespace {

using Out = std::back_insert_iterator<std::string>;

std::string Place(const Origin& origin) {
  return fmt::format("{}:{}:{}", origin.file, origin.line, origin.column);
}

// A YAML scalar: plain when that is safe, else in double quotes (JSON's strings are YAML's).
std::string Scalar(std::string_view text) {
  bool plain = !text.empty() && (text.front() < '0' || text.front() > '9') &&
               std::all_of(text.begin(), text.end(),
                           [](char c) {
                             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                    (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' ||
                                    c == '/';
                           }) &&
               text.front() != '-' && text.front() != '.';
  static constexpr std::string_view kWords[] = {"true", "false", "null", "yes", "no", "on", "off"};
  for (std::string_view word : kWords) plain = plain && !EqualsIgnoreCase(text, word);
  return plain ? std::string(text) : WriteJson(Value(text));
}

std::string ScalarList(const std::vector<std::string>& texts) {
  std::vector<std::string> scalars;
  for (const std::string& text : texts) scalars.push_back(Scalar(text));
  return "[" + Join(scalars, ", ") + "]";
}

std::string MatchText(const LayerMatch& match) {
  std::vector<std::string> parts;
  auto add = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) parts.push_back(fmt::format("{}: {}", key, Scalar(value)));
  };
  add("path", match.path);
  add("name", match.name);
  add("tag", match.tag);
  add("group", match.group);
  add("package", match.package);
  add("resource_type", match.resource_type);
  add("fqn", match.fqn);
  return "{" + Join(parts, ", ") + "}";
}

void ShowGate(const GateRule& rule, std::string_view indent, std::string& text) {
  std::string settings =
      fmt::format("severity: {}, unknown: {}", ToString(rule.severity), ToString(rule.on_unknown));
  if (rule.timeout_seconds) settings += fmt::format(", timeout_seconds: {}", *rule.timeout_seconds);
  if (!rule.options.empty()) settings += ", options: " + WriteJson(rule.options);
  if (!rule.rule_severity.empty()) settings += ", rules: " + WriteJson(rule.rule_severity);
  fmt::format_to(Out(text), "{}{}: {{{}}}  # {}\n", indent, rule.gate, settings,
                 Place(rule.origin));
}

void ShowGates(const std::vector<GateRule>& gates, std::string_view indent, std::string& text) {
  if (gates.empty()) {
    fmt::format_to(Out(text), "{}gates: []\n", indent);
    return;
  }
  fmt::format_to(Out(text), "{}gates:\n", indent);
  for (const GateRule& gate : gates) ShowGate(gate, std::string(indent) + "  ", text);
}

void ShowWindows(const Policy& policy, std::string& text) {
  std::set<std::string> shown;
  for (const Layer& layer : policy.layers) {
    const MergeWindow& window = layer.window;
    if (window.name == "any" || !shown.insert(window.name).second) continue;
    if (shown.size() == 1) text += "merge_windows:\n";
    fmt::format_to(Out(text), "  {}: {{zone: {}, days: {}, from: \"{}\", to: \"{}\"}}\n",
                   window.name, Scalar(window.zone), ScalarList(window.days), window.from,
                   window.to);
  }
}

void ShowLayer(const Layer& layer, std::string& text) {
  fmt::format_to(Out(text), "  - name: {}  # {}\n", Scalar(layer.name), Place(layer.origin));
  if (!layer.match.empty()) {
    text += "    match:\n";
    for (const LayerMatch& match : layer.match) {
      fmt::format_to(Out(text), "      - {}\n", MatchText(match));
    }
  }
  ShowGates(layer.gates, "    ", text);
  fmt::format_to(Out(text), "    reviewers: {{count: {}, roles: {}}}\n", layer.bar.reviewers,
                 ScalarList(layer.bar.roles));
  fmt::format_to(Out(text), "    merge_window: {}\n    rollback_sla_hours: {}\n",
                 Scalar(layer.window.name), layer.rollback_sla_hours);
}

void ShowWaiver(const Waiver& waiver, std::string& text) {
  fmt::format_to(Out(text), "  - rule: {}  # {}\n    subject: {}\n", Scalar(waiver.rule),
                 Place(waiver.origin), Scalar(waiver.subject));
  if (!waiver.column.empty()) fmt::format_to(Out(text), "    column: {}\n", Scalar(waiver.column));
  fmt::format_to(Out(text), "    owner: {}\n    reason: {}\n", Scalar(waiver.owner),
                 Scalar(waiver.reason));
  if (!waiver.ticket.empty()) fmt::format_to(Out(text), "    ticket: {}\n", Scalar(waiver.ticket));
  fmt::format_to(Out(text), "    expires: {}\n", waiver.expires);
}

std::string WindowText(const MergeWindow& window) {
  if (window.name == "any") return "any time";
  return fmt::format("{}: {}, {} to {}, {}", window.name, Join(window.days, " "), window.from,
                     window.to, window.zone);
}

std::string PeopleText(const Bar& bar) {
  std::string text = fmt::format("{} approval{}", bar.reviewers, bar.reviewers == 1 ? "" : "s");
  if (bar.roles.empty()) return text;
  return text + ", one by each of: " + Join(bar.roles, ", ");
}

// Layers after the one that won whose match holds too: overlaps are shown, not forbidden.
std::vector<std::string> AlsoClaimedBy(const Policy& policy, const dbt::Node& node,
                                       const Layer& winner) {
  std::vector<std::string> names;
  for (const Layer& layer : policy.layers) {
    if (layer.name == winner.name) continue;
    Policy alone;
    alone.layers = {layer};
    if (alone.Place(node).matched) names.push_back(layer.name);
  }
  return names;
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

std::string ShowPolicy(const Policy& policy) {
  std::string text =
      fmt::format("# {} (sha256 {})\nversion: {}\n", policy.source, policy.digest, policy.version);
  if (!policy.base_manifest.empty()) {
    fmt::format_to(Out(text), "base_manifest: {}\n", Scalar(policy.base_manifest));
  }
  fmt::format_to(Out(text), "require_fresh_base: {}\nunmatched_layer: {}\n",
                 policy.require_fresh_base, Scalar(policy.unmatched_layer));
  ShowWindows(policy, text);
  fmt::format_to(Out(text), "pii:\n  meta_keys: {}\n  tags: {}\n  declassify: {}\n",
                 ScalarList(policy.pii.meta_keys), ScalarList(policy.pii.tags),
                 ScalarList(policy.pii.declassify));
  text += "pull_request:\n";
  ShowGates(policy.pull_request_gates, "  ", text);
  text += "layers:\n";
  for (const Layer& layer : policy.layers) ShowLayer(layer, text);
  if (!policy.waivers.empty()) text += "waivers:\n";
  for (const Waiver& waiver : policy.waivers) ShowWaiver(waiver, text);
  return text;
}

std::string ExplainNode(const Policy& policy, const dbt::Node& node) {
  Policy::Placement placement = policy.Place(node);
  std::string text =
      fmt::format("{} ({})\n", Printable(node.unique_id), Printable(node.original_file_path));
  if (!placement.layer) return text + "  layer     none, and the policy names no unmatched_layer\n";
  const Layer& layer = *placement.layer;
  fmt::format_to(Out(text), "  layer     {} ({}; {})\n", layer.name, placement.why,
                 Place(layer.origin));
  for (const std::string& other : AlsoClaimedBy(policy, node, layer)) {
    fmt::format_to(Out(text), "            also claimed by {}, which stands later\n", other);
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
  fmt::format_to(Out(text), "  people    {}\n  window    {}\n  rollback  within {} h\n",
                 PeopleText(layer.bar), WindowText(layer.window), layer.rollback_sla_hours);
  for (const Waiver& waiver : policy.waivers) {
    if (waiver.subject != node.unique_id) continue;
    fmt::format_to(Out(text), "  waiver    {}{} by {} until {}: {} ({})\n", waiver.rule,
                   waiver.column.empty() ? "" : ", column " + waiver.column, waiver.owner,
                   waiver.expires, waiver.reason, Place(waiver.origin));
  }
  return text;
}

}  // namespace layergate::policy

// `policy show`: the effective policy as YAML that means the same, with the place where each value
// was written behind it.
#include "policy/show.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "core/text.h"
#include "policy/describe.h"

namespace layergate::policy {

std::string YamlScalar(std::string_view text) {
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

std::string YamlList(const std::vector<std::string>& texts) {
  std::vector<std::string> scalars;
  for (const std::string& text : texts) scalars.push_back(YamlScalar(text));
  return "[" + Join(scalars, ", ") + "]";
}

namespace {

std::string Place(const Origin& origin) {
  return fmt::format("{}:{}:{}", origin.file, origin.line, origin.column);
}

std::string PlaceOf(const Origins& origins, std::string_view key) {
  auto found = origins.find(key);
  return found == origins.end() ? "built in" : Place(found->second);
}

// Writes lines; each tells where its value was written.
class Writer {
 public:
  void Line(std::string_view line, const std::string& place = {}) {
    text_ += std::string(depth_ * 2, ' ');
    text_ += line;
    if (!place.empty()) text_ += "  # " + place;
    text_ += '\n';
  }
  void In() { ++depth_; }
  void Out() { --depth_; }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
  size_t depth_ = 0;
};

void ShowGate(const GateRule& rule, Writer& out) {
  out.Line(rule.gate + ":", Place(rule.origin));
  out.In();
  out.Line(fmt::format("severity: {}", ToString(rule.severity)), PlaceOf(rule.origins, "severity"));
  out.Line(fmt::format("unknown: {}", ToString(rule.on_unknown)), PlaceOf(rule.origins, "unknown"));
  if (rule.timeout_seconds) {
    out.Line(fmt::format("timeout_seconds: {}", *rule.timeout_seconds),
             PlaceOf(rule.origins, "timeout_seconds"));
  }
  if (!rule.require.empty()) {
    out.Line("require: " + YamlList(rule.require), PlaceOf(rule.origins, "require"));
  }
  for (const auto& [key, values] :
       {std::pair{"options", &rule.options}, std::pair{"rules", &rule.rule_severity}}) {
    if (values->empty()) continue;
    out.Line(fmt::format("{}:", key));
    out.In();
    for (const auto& [name, value] : values->members()) {
      out.Line(fmt::format("{}: {}", YamlScalar(name), WriteJson(value)),
               PlaceOf(rule.origins, fmt::format("{}.{}", key, name)));
    }
    out.Out();
  }
  out.Out();
}

void ShowGates(const std::vector<GateRule>& gates, Writer& out) {
  out.Line(gates.empty() ? "gates: []" : "gates:");
  out.In();
  for (const GateRule& gate : gates) ShowGate(gate, out);
  out.Out();
}

void ShowWindows(const Policy& policy, Writer& out) {
  std::set<std::string> shown;
  auto show = [&](const Layer& layer) {
    const MergeWindow& window = layer.window;
    if (window.name == "any" || !shown.insert(window.name).second) return;
    if (shown.size() == 1) out.Line("merge_windows:", PlaceOf(policy.origins, "merge_windows"));
    std::string holidays =
        window.holidays.empty() ? "" : ", holidays: " + YamlList(window.holidays);
    out.In();
    out.Line(fmt::format("{}: {{zone: {}, days: {}, from: \"{}\", to: \"{}\"{}}}", window.name,
                         YamlScalar(window.zone), YamlList(window.days), window.from, window.to,
                         holidays));
    out.Out();
  };
  for (const Layer& layer : policy.layers) show(layer);
  for (const ModelOverride& model : policy.models) {
    for (const Layer& layer : model.layers) show(layer);
  }
  if (policy.freezes.empty()) return;
  out.Line("freezes:", PlaceOf(policy.origins, "freezes"));
  for (const Freeze& freeze : policy.freezes) {
    std::string layers = freeze.layers.empty() ? "" : ", layers: " + YamlList(freeze.layers);
    out.Line(fmt::format("  - {{name: {}, zone: {}, from: {}, to: {}, reason: {}{}}}",
                         YamlScalar(freeze.name), YamlScalar(freeze.zone), YamlScalar(freeze.from),
                         YamlScalar(freeze.to), YamlScalar(freeze.reason), layers),
             Place(freeze.origin));
  }
}

void ShowGroups(std::string_view name,
                const std::map<std::string, std::vector<std::string>>& groups, Writer& out) {
  if (groups.empty()) return;
  out.Line(fmt::format("{}:", name));
  out.In();
  for (const auto& [group, people] : groups) {
    out.Line(fmt::format("{}: {}", YamlScalar(group), YamlList(people)));
  }
  out.Out();
}

void ShowPeople(const Policy& policy, Writer& out) {
  const People& people = policy.people;
  bool nobody =
      people.roles.empty() && people.teams.empty() && people.emails.empty() && people.bots.empty();
  if (nobody) return;
  out.Line("people:", PlaceOf(policy.origins, "people"));
  out.In();
  ShowGroups("roles", people.roles, out);
  ShowGroups("teams", people.teams, out);
  if (!people.emails.empty()) out.Line("emails:");
  for (const auto& [address, login] : people.emails) {
    out.Line(fmt::format("  {}: {}", YamlScalar(address), YamlScalar(login)));
  }
  if (!people.bots.empty()) out.Line("bots: " + YamlList(people.bots));
  out.Out();
}

void ShowExternalGates(const Policy& policy, Writer& out) {
  if (policy.external_gates.empty()) return;
  out.Line("external_gates:", PlaceOf(policy.origins, "external_gates"));
  out.In();
  for (const ExternalGate& gate : policy.external_gates) {
    out.Line(gate.id + ":", Place(gate.origin));
    out.In();
    out.Line("summary: " + YamlScalar(gate.summary));
    out.Line("command: " + YamlList(gate.command));
    out.Line("rules:");
    for (const auto& [rule, meaning] : gate.rules) {
      out.Line(fmt::format("  {}: {}", rule.substr(rule.find('.') + 1), YamlScalar(meaning)));
    }
    if (!gate.environment.empty()) out.Line("environment: " + YamlList(gate.environment));
    out.Line("resource_types: " + YamlList(gate.resource_types));
    out.Line(fmt::format("timeout_seconds: {}", gate.timeout_seconds));
    out.Line(fmt::format("memory_mb: {}", gate.memory_mb));
    out.Out();
  }
  out.Out();
}

void ShowBar(const Layer& layer, Writer& out) {
  const Bar& bar = layer.bar;
  std::string people = bar.people.empty() ? "" : ", people: " + YamlList(bar.people);
  out.Line(fmt::format("reviewers: {{count: {}, roles: {}{}}}", bar.reviewers, YamlList(bar.roles),
                       people),
           PlaceOf(layer.origins, "reviewers"));
  out.Line(fmt::format("raise_for_llm: {{count: {}, roles: {}}}", layer.llm.reviewers,
                       YamlList(layer.llm.roles)),
           PlaceOf(layer.origins, "raise_for_llm"));
  out.Line("merge_window: " + YamlScalar(layer.window.name),
           PlaceOf(layer.origins, "merge_window"));
  out.Line(fmt::format("rollback_sla_hours: {}", layer.rollback_sla_hours),
           PlaceOf(layer.origins, "rollback_sla_hours"));
}

void ShowLayer(const Layer& layer, Writer& out) {
  out.Line("- name: " + YamlScalar(layer.name), Place(layer.origin));
  out.In();
  if (!layer.match.empty()) out.Line("match:", PlaceOf(layer.origins, "match"));
  for (const LayerMatch& match : layer.match) {
    out.Line("  - " + DescribeMatch(match), Place(match.origin));
  }
  ShowGates(layer.gates, out);
  ShowBar(layer, out);
  out.Out();
}

void ShowColumns(const Layer& layer, Writer& out) {
  std::vector<std::string> names;
  for (const GateRule& rule : layer.gates) {
    for (const ColumnRule& column : rule.columns) {
      if (std::find(names.begin(), names.end(), column.column) == names.end()) {
        names.push_back(column.column);
      }
    }
  }
  if (!names.empty()) out.Line("columns:");
  out.In();
  for (const std::string& name : names) {
    out.Line(YamlScalar(name) + ":");
    out.Line("  gates:");
    for (const GateRule& rule : layer.gates) {
      for (const ColumnRule& column : rule.columns) {
        if (column.column != name) continue;
        std::vector<std::string> parts;
        if (column.severity)
          parts.push_back(fmt::format("severity: {}", ToString(*column.severity)));
        if (!column.rule_severity.empty()) {
          parts.push_back("rules: " + WriteJson(column.rule_severity));
        }
        out.Line(fmt::format("    {}: {{{}}}", rule.gate, Join(parts, ", ")), Place(column.origin));
      }
    }
  }
  out.Out();
}

// The layer that a model's overrides are shown for: its own, else that of unmatched models.
const Layer* ShownLayer(const Policy& policy, const ModelOverride& model) {
  const std::string& name = model.layer.empty() ? policy.unmatched_layer : model.layer;
  for (const Layer& layer : model.layers) {
    if (layer.name == name) return &layer;
  }
  return nullptr;
}

void ShowModels(const Policy& policy, Writer& out) {
  if (policy.models.empty()) return;
  out.Line("models:", PlaceOf(policy.origins, "models"));
  out.In();
  for (const ModelOverride& model : policy.models) {
    const Layer* layer = ShownLayer(policy, model);
    if (!layer) continue;
    out.Line(YamlScalar(model.model) + ":", Place(model.origin));
    out.In();
    if (!model.layer.empty()) out.Line("layer: " + YamlScalar(model.layer));
    ShowGates(layer->gates, out);
    ShowBar(*layer, out);
    ShowColumns(*layer, out);
    out.Out();
  }
  out.Out();
}

void ShowExceptions(const Policy& policy, Writer& out) {
  if (!policy.not_waivable.empty()) {
    out.Line("not_waivable: " + YamlList(policy.not_waivable),
             PlaceOf(policy.origins, "not_waivable"));
  }
  if (const auto& baseline = policy.baseline) {
    out.Line(fmt::format("baseline: {{path: {}, expires: {}}}", YamlScalar(baseline->path),
                         baseline->expires),
             Place(baseline->origin));
  }
  if (const auto& glass = policy.break_glass) {
    out.Line(fmt::format("break_glass: {{label: {}, people: {}, hours: {}}}",
                         YamlScalar(glass->label), YamlList(glass->people), glass->hours),
             Place(glass->origin));
  }
  if (!policy.waivers.empty()) out.Line("waivers:");
  out.In();
  for (const Waiver& waiver : policy.waivers) {
    out.Line("- rule: " + YamlScalar(waiver.rule), Place(waiver.origin));
    auto line = [&](std::string_view key, const std::string& value) {
      if (!value.empty()) out.Line(fmt::format("  {}: {}", key, YamlScalar(value)));
    };
    line("subject", waiver.subject);
    line("column", waiver.column);
    line("owner", waiver.owner);
    line("reason", waiver.reason);
    line("ticket", waiver.ticket);
    line("expires", waiver.expires);
  }
  out.Out();
}

void ShowSettings(const Policy& policy, Writer& out) {
  const Origins& origins = policy.origins;
  if (!policy.base_manifest.empty()) {
    out.Line("base_manifest: " + YamlScalar(policy.base_manifest),
             PlaceOf(origins, "base_manifest"));
  }
  out.Line(fmt::format("require_fresh_base: {}", policy.require_fresh_base),
           PlaceOf(origins, "require_fresh_base"));
  out.Line("unmatched_layer: " + YamlScalar(policy.unmatched_layer),
           PlaceOf(origins, "unmatched_layer"));
  out.Line("pii:");
  out.In();
  out.Line("meta_keys: " + YamlList(policy.pii.meta_keys), PlaceOf(origins, "pii.meta_keys"));
  out.Line("tags: " + YamlList(policy.pii.tags), PlaceOf(origins, "pii.tags"));
  out.Line("declassify: " + YamlList(policy.pii.declassify), PlaceOf(origins, "pii.declassify"));
  out.Out();
  if (policy.budget_seconds) {
    out.Line(fmt::format("defaults: {{budget_seconds: {}}}", *policy.budget_seconds),
             PlaceOf(origins, "defaults.budget_seconds"));
  }
}

}  // namespace

std::string ShowPolicy(const Policy& policy) {
  Writer out;
  out.Line(fmt::format("# {} (sha256 {})", policy.source, policy.digest));
  out.Line(fmt::format("version: {}", policy.version));
  ShowSettings(policy, out);
  ShowPeople(policy, out);
  ShowWindows(policy, out);
  ShowExternalGates(policy, out);
  out.Line("pull_request:");
  out.In();
  out.Line(fmt::format("code_owners: {}", policy.code_owners),
           PlaceOf(policy.origins, "pull_request.code_owners"));
  out.Line(fmt::format("pending: {}", policy.pending_blocks ? "block" : "report"),
           PlaceOf(policy.origins, "pull_request.pending"));
  ShowGates(policy.pull_request_gates, out);
  out.Out();
  out.Line("layers:");
  out.In();
  for (const Layer& layer : policy.layers) ShowLayer(layer, out);
  out.Out();
  ShowModels(policy, out);
  ShowExceptions(policy, out);
  return out.Take();
}

}  // namespace layergate::policy

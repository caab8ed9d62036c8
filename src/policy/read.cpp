// One policy file, from YAML nodes to a Draft. One function per section of the format, in the order
// in which docs/policy.md describes them.
#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "core/text.h"
#include "core/yaml.h"
#include "policy/draft.h"
#include "policy/form.h"
#include "policy/keys.h"

namespace layergate::policy {

namespace {

constexpr int kMaxHours = 24 * 366;
constexpr int kMaxSeconds = 24 * 60 * 60;

class Reader {
 public:
  Reader(const std::string& file, const std::vector<KnownGate>& gates, Problems& problems)
      : file_(file), gates_(gates), problems_(problems) {
    draft_.file = file;
    for (const KnownGate& gate : gates) {
      gate_ids_.push_back(gate.id);
      if (gate.about_pull_request) knows_pull_request_gates_ = true;
    }
  }

  Draft Read(const YamlNode& root) {
    if (!Section(root, "policy", "a policy")) return std::move(draft_);
    ReadVersion(root);
    if (auto text = OptionalText(root, "extends")) {
      draft_.extends = Word{*text, At(*root.Find("extends"))};
    }
    if (auto text = OptionalText(root, "unmatched_layer")) {
      draft_.unmatched_layer = Word{*text, At(*root.Find("unmatched_layer"))};
    }
    draft_.base_manifest = OptionalText(root, "base_manifest");
    if (draft_.base_manifest) CheckRelative(*root.Find("base_manifest"), *draft_.base_manifest);
    draft_.require_fresh_base = OptionalBool(root, "require_fresh_base");
    if (const YamlNode* node = root.Find("merge_windows")) ReadMergeWindows(*node);
    if (const YamlNode* node = root.Find("pii")) ReadPii(*node);
    if (const YamlNode* node = root.Find("defaults")) ReadDefaults(*node);
    if (const YamlNode* node = root.Find("pull_request")) {
      if (Section(*node, "pull_request", "'pull_request'")) {
        draft_.pull_request_gates = ReadGates(node->Find("gates"), Where::kPullRequest);
      }
    }
    if (const YamlNode* node = root.Find("layers")) ReadLayers(*node);
    if (const YamlNode* node = root.Find("waivers")) ReadWaivers(*node);
    return std::move(draft_);
  }

 private:
  enum class Where { kDefaults, kLayer, kPullRequest };

  Origin At(const YamlNode& node) const { return {file_, node.line, node.column}; }
  void Problem(const YamlNode& node, std::string message) {
    problems_.Add(At(node), std::move(message));
  }

  // True when `node` is a map; its unknown keys are reported.
  bool Section(const YamlNode& node, std::string_view section, std::string_view what,
               const std::vector<std::string>& told_already = {}) {
    if (!node.is_map()) {
      Problem(node, fmt::format("{} must be a map, not {}", what, Describe(node)));
      return false;
    }
    std::vector<std::string> known;
    for (const Key& key : kKeys) {
      if (key.section == section) known.emplace_back(key.name);
    }
    for (const YamlNode& key : node.keys) {
      if (std::find(known.begin(), known.end(), key.scalar) != known.end()) continue;
      if (std::find(told_already.begin(), told_already.end(), key.scalar) != told_already.end()) {
        continue;
      }
      std::string hint = DidYouMean(key.scalar, known);
      if (hint.empty()) hint = fmt::format(": valid here are {}", Join(known, ", "));
      Problem(key, fmt::format("unknown key '{}' in {}{}", Printable(key.scalar), what, hint));
    }
    return true;
  }

  std::optional<std::string> Text(const YamlNode& node, std::string_view what) {
    if (!node.is_scalar()) {
      Problem(node, fmt::format("{} must be text, not {}", what, Describe(node)));
      return std::nullopt;
    }
    if (Trim(node.scalar).empty()) {
      Problem(node, fmt::format("{} must not be empty", what));
      return std::nullopt;
    }
    if (Printable(node.scalar) != node.scalar) {
      Problem(node, fmt::format("{} holds control characters: {}", what, Printable(node.scalar)));
      return std::nullopt;
    }
    return node.scalar;
  }

  std::optional<std::string> OptionalText(const YamlNode& map, std::string_view key) {
    const YamlNode* node = map.Find(key);
    if (!node) return std::nullopt;
    return Text(*node, fmt::format("'{}'", key));
  }

  std::optional<bool> OptionalBool(const YamlNode& map, std::string_view key) {
    const YamlNode* node = map.Find(key);
    if (!node) return std::nullopt;
    Value value = ToValue(*node);
    if (value.is_bool()) return value.AsBool();
    Problem(*node, fmt::format("'{}' must be true or false, not {}", key, Shown(*node)));
    return std::nullopt;
  }

  std::optional<int> Integer(const YamlNode& node, std::string_view key, int low, int high) {
    Value value = ToValue(node);
    if (!value.is_int()) {
      Problem(node, fmt::format("'{}' must be a whole number, not {}", key, Shown(node)));
      return std::nullopt;
    }
    if (value.AsInt() < low || value.AsInt() > high) {
      Problem(node, fmt::format("'{}' must lie between {} and {}, not {}", key, low, high,
                                value.AsInt()));
      return std::nullopt;
    }
    return static_cast<int>(value.AsInt());
  }

  std::optional<int> OptionalInteger(const YamlNode& map, std::string_view key, int low, int high) {
    const YamlNode* node = map.Find(key);
    if (!node) return std::nullopt;
    return Integer(*node, key, low, high);
  }

  std::optional<std::vector<std::string>> OptionalTexts(const YamlNode& map, std::string_view key) {
    const YamlNode* node = map.Find(key);
    if (!node) return std::nullopt;
    if (!node->is_list()) {
      Problem(*node, fmt::format("'{}' must be a list, not {}", key, Describe(*node)));
      return std::nullopt;
    }
    std::vector<std::string> texts;
    for (const YamlNode& item : node->items) {
      auto text = Text(item, fmt::format("each entry of '{}'", key));
      if (!text) continue;
      if (std::find(texts.begin(), texts.end(), *text) != texts.end()) {
        Problem(item, fmt::format("'{}' stands twice in '{}'", *text, key));
        continue;
      }
      texts.push_back(std::move(*text));
    }
    return texts;
  }

  // One of a few words; reports and gives nullopt for anything else.
  template <typename T, size_t N>
  std::optional<T> OneOf(const YamlNode& node, std::string_view key,
                         const std::array<std::pair<std::string_view, T>, N>& words) {
    std::vector<std::string> names;
    for (const auto& [name, value] : words) {
      if (node.is_scalar() && node.scalar == name) return value;
      names.emplace_back(name);
    }
    std::string hint = node.is_scalar() ? DidYouMean(node.scalar, names) : "";
    Problem(node, fmt::format("'{}' must be one of {}, not {}{}", key, Join(names, ", "),
                              Shown(node), hint));
    return std::nullopt;
  }

  std::optional<Severity> ReadSeverity(const YamlNode& node, std::string_view key) {
    constexpr std::array<std::pair<std::string_view, Severity>, 3> kWords = {
        {{"fail", Severity::kFail}, {"warn", Severity::kWarn}, {"audit", Severity::kAudit}}};
    return OneOf(node, key, kWords);
  }

  std::optional<Severity> OptionalSeverity(const YamlNode& map) {
    const YamlNode* node = map.Find("severity");
    if (!node) return std::nullopt;
    return ReadSeverity(*node, "severity");
  }

  std::optional<OnUnknown> OptionalUnknown(const YamlNode& map) {
    constexpr std::array<std::pair<std::string_view, OnUnknown>, 3> kWords = {
        {{"block", OnUnknown::kBlock}, {"warn", OnUnknown::kWarn}, {"pass", OnUnknown::kPass}}};
    const YamlNode* node = map.Find("unknown");
    if (!node) return std::nullopt;
    return OneOf(*node, "unknown", kWords);
  }

  static std::string Shown(const YamlNode& node) {
    if (!node.is_scalar()) return std::string(Describe(node));
    return fmt::format("'{}'", Printable(node.scalar));
  }

  void CheckRelative(const YamlNode& node, const std::string& path) {
    if (auto wrong = WrongRelativePath(path)) Problem(node, *wrong);
  }

  void CheckGlob(const YamlNode& node, const std::string& glob, bool is_path) {
    if (auto wrong = WrongGlob(glob, is_path)) Problem(node, *wrong);
  }

  void ReadVersion(const YamlNode& root) {
    const YamlNode* node = root.Find("version");
    if (!node) {
      Problem(root, "'version' is missing: write 'version: 1'");
    } else if (!(ToValue(*node) == Value(1))) {
      Problem(*node, fmt::format("version {} is not known to this program, which reads version 1",
                                 Shown(*node)));
    }
  }

  void ReadMergeWindows(const YamlNode& node) {
    if (!node.is_map()) {
      Problem(node, fmt::format("'merge_windows' must be a map of names, not {}", Describe(node)));
      return;
    }
    for (size_t i = 0; i < node.items.size(); ++i) {
      ReadMergeWindow(node.keys[i], node.items[i]);
    }
  }

  void ReadMergeWindow(const YamlNode& name, const YamlNode& node) {
    if (name.scalar == "any") {
      Problem(name, "the window 'any' is always there and cannot be defined anew");
      return;
    }
    if (!IsName(name.scalar)) {
      Problem(name, fmt::format("'{}' is no name: use letters, digits, '-' and '_'",
                                Printable(name.scalar)));
    }
    if (!Section(node, "merge_window", fmt::format("the window '{}'", Printable(name.scalar)))) {
      return;
    }
    MergeWindow window;
    window.name = name.scalar;
    for (std::string_view key : {"zone", "from", "to"}) {
      if (!node.Find(key)) {
        Problem(name, fmt::format("the window '{}' needs '{}'", window.name, key));
      }
    }
    if (auto zone = OptionalText(node, "zone")) {
      window.zone = *zone;
      if (auto wrong = WrongZone(*zone)) Problem(*node.Find("zone"), *wrong);
    }
    window.from = ReadTimeOfDay(node, "from");
    window.to = ReadTimeOfDay(node, "to");
    if (!window.from.empty() && window.from == window.to) {
      Problem(*node.Find("to"), "'from' and 'to' are the same time: the window would be empty");
    }
    ReadDays(node, window);
    draft_.merge_windows.emplace_back(std::move(window), At(name));
  }

  std::string ReadTimeOfDay(const YamlNode& map, std::string_view key) {
    auto text = OptionalText(map, key);
    if (!text) return {};
    if (IsTimeOfDay(*text)) return *text;
    Problem(*map.Find(key), fmt::format("'{}' must be a time of day like \"09:00\", not '{}'", key,
                                        Printable(*text)));
    return {};
  }

  void ReadDays(const YamlNode& node, MergeWindow& window) {
    static const std::vector<std::string> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    window.days = kDays;
    auto days = OptionalTexts(node, "days");
    if (!days) return;
    const YamlNode& at = *node.Find("days");
    if (days->empty()) Problem(at, "'days' is empty: the window would never open");
    for (const std::string& day : *days) {
      if (std::find(kDays.begin(), kDays.end(), day) == kDays.end()) {
        Problem(at, fmt::format("'{}' is no day: write {}", day, Join(kDays, ", ")));
      }
    }
    window.days = std::move(*days);
  }

  void ReadPii(const YamlNode& node) {
    if (!Section(node, "pii", "'pii'")) return;
    draft_.pii_meta_keys = OptionalTexts(node, "meta_keys");
    draft_.pii_tags = OptionalTexts(node, "tags");
    draft_.pii_declassify = OptionalTexts(node, "declassify");
    for (std::string_view key : {"meta_keys", "tags"}) {
      const YamlNode* list = node.Find(key);
      if (!list) continue;
      for (const YamlNode& item : list->items) {
        if (item.is_scalar()) CheckGlob(item, item.scalar, true);
      }
    }
  }

  void ReadDefaults(const YamlNode& node) {
    if (!Section(node, "defaults", "'defaults'")) return;
    draft_.severity = OptionalSeverity(node);
    draft_.on_unknown = OptionalUnknown(node);
    draft_.timeout_seconds = OptionalInteger(node, "timeout_seconds", 1, kMaxSeconds);
    draft_.default_gates = ReadGates(node.Find("gates"), Where::kDefaults);
  }

  // Gates are a list of names and of maps `name: settings`, or one map `name: settings`.
  std::vector<GateDraft> ReadGates(const YamlNode* node, Where where) {
    std::vector<GateDraft> gates;
    if (!node) return gates;
    if (node->is_map()) {
      ReadGateMap(*node, where, gates);
      return gates;
    }
    if (!node->is_list()) {
      Problem(*node, fmt::format("'gates' must be a list of gate names or a map of gates, not {}",
                                 Describe(*node)));
      return gates;
    }
    for (const YamlNode& item : node->items) {
      if (item.is_map()) {
        ReadGateMap(item, where, gates);
      } else if (auto name = Text(item, "each entry of 'gates'")) {
        AddGate(item, nullptr, where, gates);
      }
    }
    return gates;
  }

  void ReadGateMap(const YamlNode& node, Where where, std::vector<GateDraft>& gates) {
    for (size_t i = 0; i < node.items.size(); ++i) {
      AddGate(node.keys[i], &node.items[i], where, gates);
    }
  }

  void AddGate(const YamlNode& name, const YamlNode* settings, Where where,
               std::vector<GateDraft>& gates) {
    for (const GateDraft& other : gates) {
      if (other.gate == name.scalar) {
        Problem(name, fmt::format("the gate '{}' is given twice", Printable(name.scalar)));
        return;
      }
    }
    const KnownGate* known = FindGate(name, where);
    GateDraft gate;
    gate.gate = name.scalar;
    gate.origin = At(name);
    if (settings) ReadGateSettings(*settings, known, gate);
    gates.push_back(std::move(gate));
  }

  const KnownGate* FindGate(const YamlNode& name, Where where) {
    for (const KnownGate& gate : gates_) {
      if (gate.id != name.scalar) continue;
      if (gate.about_pull_request && where != Where::kPullRequest) {
        Problem(name, fmt::format("the gate '{}' is about the pull request as a whole: write it "
                                  "under 'pull_request: gates:'",
                                  gate.id));
      } else if (!gate.about_pull_request && where == Where::kPullRequest &&
                 knows_pull_request_gates_) {
        Problem(name, fmt::format("the gate '{}' is about single models: write it into a layer",
                                  gate.id));
      }
      return &gate;
    }
    std::string hint = DidYouMean(name.scalar, gate_ids_);
    if (hint.empty()) hint = fmt::format(": there are {}", Join(gate_ids_, ", "));
    Problem(name, fmt::format("unknown gate '{}'{}", Printable(name.scalar), hint));
    return nullptr;
  }

  void ReadGateSettings(const YamlNode& node, const KnownGate* known, GateDraft& gate) {
    if (node.is_null()) return;
    if (node.is_scalar() && !node.was_quoted) {
      if (node.scalar == "on" || node.scalar == "true") return;
      if (node.scalar == "off" || node.scalar == "false") {
        gate.off = true;
        return;
      }
    }
    if (!node.is_map()) {
      Problem(node, fmt::format("the gate '{}' takes a map of settings, or 'off', not {}",
                                Printable(gate.gate), Shown(node)));
      return;
    }
    std::vector<std::string> misplaced;
    if (known) misplaced = MisplacedOptions(node, *known);
    Section(node, "gate", fmt::format("the gate '{}'", Printable(gate.gate)), misplaced);
    gate.severity = OptionalSeverity(node);
    gate.on_unknown = OptionalUnknown(node);
    gate.timeout_seconds = OptionalInteger(node, "timeout_seconds", 1, kMaxSeconds);
    if (const YamlNode* options = node.Find("options")) ReadOptions(*options, known, gate);
    if (const YamlNode* rules = node.Find("rules")) ReadRules(*rules, known, gate);
  }

  // The likeliest slip: options written one level too high. Reports and returns them.
  std::vector<std::string> MisplacedOptions(const YamlNode& node, const KnownGate& known) {
    std::vector<std::string> misplaced;
    for (const YamlNode& key : node.keys) {
      bool is_key = std::any_of(std::begin(kKeys), std::end(kKeys), [&](const Key& k) {
        return k.section == "gate" && k.name == key.scalar;
      });
      bool is_option =
          std::any_of(known.options.begin(), known.options.end(),
                      [&](const GateOption& option) { return option.name == key.scalar; });
      if (is_key || !is_option) continue;
      Problem(key, fmt::format("'{}' is an option of {}: write it under 'options:'", key.scalar,
                               known.id));
      misplaced.push_back(key.scalar);
    }
    return misplaced;
  }

  void ReadOptions(const YamlNode& node, const KnownGate* known, GateDraft& gate) {
    if (!node.is_map()) {
      Problem(node, fmt::format("'options' must be a map, not {}", Describe(node)));
      return;
    }
    gate.options = Value::MakeObject();
    for (size_t i = 0; i < node.items.size(); ++i) {
      const YamlNode& key = node.keys[i];
      Value value = ToValue(node.items[i]);
      if (known) CheckOption(key, node.items[i], value, *known);
      gate.options.Set(key.scalar, std::move(value));
    }
  }

  void CheckOption(const YamlNode& key, const YamlNode& node, const Value& value,
                   const KnownGate& known) {
    std::vector<std::string> names;
    for (const GateOption& option : known.options) {
      names.push_back(option.name);
      if (option.name != key.scalar) continue;
      if (auto wrong = WrongOption(option.type, value)) {
        Problem(node, fmt::format("the option '{}' of {} {}", option.name, known.id, *wrong));
      }
      return;
    }
    std::string hint = DidYouMean(key.scalar, names);
    if (hint.empty()) {
      hint = names.empty() ? ": it has no options" : fmt::format(": it has {}", Join(names, ", "));
    }
    Problem(key, fmt::format("{} has no option '{}'{}", known.id, Printable(key.scalar), hint));
  }

  void ReadRules(const YamlNode& node, const KnownGate* known, GateDraft& gate) {
    if (!node.is_map()) {
      Problem(node,
              fmt::format("'rules' must be a map of rules to severities, not {}", Describe(node)));
      return;
    }
    gate.rule_severity = Value::MakeObject();
    for (size_t i = 0; i < node.items.size(); ++i) {
      const YamlNode& key = node.keys[i];
      auto severity = ReadSeverity(node.items[i], key.scalar);
      std::string code = key.scalar;
      if (code.find('.') == std::string::npos) code = gate.gate + "." + code;
      if (known) CheckRule(key, code, known->rules);
      if (gate.rule_severity.Find(code)) {
        Problem(key, fmt::format("the rule '{}' is given twice", Printable(code)));
      }
      if (severity) gate.rule_severity.Set(code, ToString(*severity));
    }
  }

  void CheckRule(const YamlNode& at, const std::string& code,
                 const std::vector<std::string>& rules) {
    if (std::find(rules.begin(), rules.end(), code) != rules.end()) return;
    std::string hint = DidYouMean(code, rules);
    if (hint.empty()) hint = fmt::format(": there are {}", Join(rules, ", "));
    Problem(at, fmt::format("unknown rule '{}'{}", Printable(code), hint));
  }

  void ReadLayers(const YamlNode& node) {
    if (!node.is_list()) {
      Problem(node, fmt::format("'layers' must be a list, not {}", Describe(node)));
      return;
    }
    for (const YamlNode& item : node.items) ReadLayer(item);
  }

  void ReadLayer(const YamlNode& node) {
    const YamlNode* name = node.Find("name");
    std::string what = name && name->is_scalar()
                           ? fmt::format("the layer '{}'", Printable(name->scalar))
                           : "a layer";
    if (!Section(node, "layer", what)) return;
    if (!name) {
      Problem(node, "a layer needs a 'name'");
      return;
    }
    auto text = Text(*name, "'name'");
    if (!text) return;
    if (!IsName(*text)) {
      Problem(*name, fmt::format("'{}' is no name: use letters, digits, '-' and '_'", *text));
    }
    for (const LayerDraft& other : draft_.layers) {
      if (other.name == *text) {
        Problem(*name, fmt::format("the layer '{}' is given twice (first in line {})", *text,
                                   other.origin.line));
        return;
      }
    }
    LayerDraft layer;
    layer.name = *text;
    layer.origin = At(*name);
    if (auto like = OptionalText(node, "like")) layer.like = Word{*like, At(*node.Find("like"))};
    if (const YamlNode* match = node.Find("match")) layer.match = ReadMatches(*match);
    layer.gates = ReadGates(node.Find("gates"), Where::kLayer);
    if (const YamlNode* reviewers = node.Find("reviewers")) ReadReviewers(*reviewers, layer);
    if (auto window = OptionalText(node, "merge_window")) {
      layer.merge_window = Word{*window, At(*node.Find("merge_window"))};
    }
    layer.rollback_sla_hours = OptionalInteger(node, "rollback_sla_hours", 0, kMaxHours);
    draft_.layers.push_back(std::move(layer));
  }

  std::vector<LayerMatch> ReadMatches(const YamlNode& node) {
    std::vector<LayerMatch> matches;
    if (node.is_map()) {
      matches.push_back(ReadMatch(node));
    } else if (node.is_list()) {
      for (const YamlNode& item : node.items) matches.push_back(ReadMatch(item));
    } else {
      Problem(node, fmt::format("'match' must be a map or a list of maps, not {}", Describe(node)));
    }
    return matches;
  }

  LayerMatch ReadMatch(const YamlNode& node) {
    LayerMatch match;
    match.origin = At(node);
    if (!Section(node, "match", "'match'")) return match;
    if (node.keys.empty()) Problem(node, "an empty match would match everything");
    match.path = MatchGlob(node, "path", true);
    match.name = MatchGlob(node, "name", false);
    match.fqn = MatchGlob(node, "fqn", false);
    match.tag = MatchGlob(node, "tag", true);
    match.group = MatchGlob(node, "group", true);
    match.package = MatchGlob(node, "package", false);
    if (auto type = OptionalText(node, "resource_type")) {
      match.resource_type = *type;
      if (auto wrong = WrongResourceType(*type)) Problem(*node.Find("resource_type"), *wrong);
    }
    return match;
  }

  std::string MatchGlob(const YamlNode& node, std::string_view key, bool slashes) {
    auto text = OptionalText(node, key);
    if (!text) return {};
    CheckGlob(*node.Find(key), *text, slashes);
    return *text;
  }

  void ReadReviewers(const YamlNode& node, LayerDraft& layer) {
    if (node.is_scalar()) {
      layer.reviewers = Integer(node, "reviewers", 1, 100);
      return;
    }
    if (!Section(node, "reviewers", "'reviewers'")) return;
    layer.reviewers = OptionalInteger(node, "count", 1, 100);
    layer.roles = OptionalTexts(node, "roles");
    size_t roles = layer.roles ? layer.roles->size() : 0;
    if (layer.reviewers && static_cast<size_t>(*layer.reviewers) < roles) {
      Problem(node, fmt::format("{} roles each need an approval, but 'count' is {}", roles,
                                *layer.reviewers));
    }
  }

  void ReadWaivers(const YamlNode& node) {
    if (!node.is_list()) {
      Problem(node, fmt::format("'waivers' must be a list, not {}", Describe(node)));
      return;
    }
    for (const YamlNode& item : node.items) ReadWaiver(item);
  }

  void ReadWaiver(const YamlNode& node) {
    if (!Section(node, "waiver", "a waiver")) return;
    for (std::string_view key : {"rule", "subject", "owner", "reason", "expires"}) {
      if (!node.Find(key)) Problem(node, fmt::format("a waiver needs '{}'", key));
    }
    Waiver waiver;
    waiver.origin = At(node);
    waiver.rule = OptionalText(node, "rule").value_or("");
    waiver.subject = OptionalText(node, "subject").value_or("");
    waiver.column = OptionalText(node, "column").value_or("");
    waiver.owner = OptionalText(node, "owner").value_or("");
    waiver.reason = OptionalText(node, "reason").value_or("");
    waiver.ticket = OptionalText(node, "ticket").value_or("");
    waiver.expires = OptionalText(node, "expires").value_or("");
    if (!waiver.rule.empty()) CheckWaiverRule(*node.Find("rule"), waiver.rule);
    for (std::string_view key : {"subject", "column"}) {
      const YamlNode* exact = node.Find(key);
      if (exact && exact->scalar.find_first_of("*?") != std::string::npos) {
        Problem(*exact, fmt::format("'{}' must be exact: a waiver is for one thing", key));
      }
    }
    if (!waiver.expires.empty() && !IsDate(waiver.expires)) {
      Problem(*node.Find("expires"),
              fmt::format("'{}' is no date: write YYYY-MM-DD", Printable(waiver.expires)));
    }
    draft_.waivers.push_back(std::move(waiver));
  }

  void CheckWaiverRule(const YamlNode& at, const std::string& rule) {
    std::vector<std::string> rules;
    for (const KnownGate& gate : gates_) {
      rules.insert(rules.end(), gate.rules.begin(), gate.rules.end());
      const auto& fixed = gate.not_waivable;
      if (std::find(fixed.begin(), fixed.end(), rule) != fixed.end()) {
        Problem(at, fmt::format("the rule '{}' can't be waived", rule));
      }
    }
    CheckRule(at, rule, rules);
  }

  const std::string& file_;
  const std::vector<KnownGate>& gates_;
  Problems& problems_;
  std::vector<std::string> gate_ids_;
  bool knows_pull_request_gates_ = false;
  Draft draft_;
};

}  // namespace

Draft ReadDraft(std::string_view yaml, const std::string& file, const std::vector<KnownGate>& gates,
                Problems& problems) {
  Result<YamlNode> root = ReadYaml(yaml, file);
  if (!root) {
    // The reader's message names its place already.
    problems.Add({"", 0, 0}, root.error().ToString());
    Draft draft;
    draft.file = file;
    return draft;
  }
  if (root->is_null()) {
    problems.Add({file, 1, 1},
                 "the policy is empty: write at least 'version: 1' and 'extends: default'");
    Draft draft;
    draft.file = file;
    return draft;
  }
  return Reader(file, gates, problems).Read(*root);
}

}  // namespace layergate::policy

// One policy file, from YAML nodes to a Draft. One function per section of the format, in the order
// in which docs/policy.md describes them.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/text.h"
#include "policy/pattern.h"
#include "policy/read_parts.h"
#include "policy/section_reader.h"

namespace layergate::policy {

namespace {

constexpr int kMaxHours = 24 * 366;
constexpr int kMaxSeconds = 24 * 60 * 60;

// Evidence that a policy can require, as gate.h names it.
const std::vector<std::string> kEvidence = {"base_catalog", "head_catalog", "run_results",
                                            "warehouse",    "git",          "compiled_sql"};

class Reader final : SectionReader {
 public:
  Reader(const std::string& file, const std::vector<KnownGate>& gates, Problems& problems)
      : SectionReader(file, gates, problems) {
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
    Remember(root, draft_.origins);
    ReadParts(root, file_, gates_, problems_, draft_);
    if (const YamlNode* node = root.Find("pii")) ReadPii(*node);
    if (const YamlNode* node = root.Find("defaults")) ReadDefaults(*node);
    if (const YamlNode* node = root.Find("pull_request")) {
      ReadPullRequest(*node);
    }
    if (const YamlNode* node = root.Find("layers")) ReadLayers(*node);
    if (const YamlNode* node = root.Find("models")) ReadModels(*node);
    return std::move(draft_);
  }

 private:
  enum class Where { kDefaults, kLayer, kPullRequest };

  void CheckRelative(const YamlNode& node, const std::string& path) {
    if (auto wrong = WrongRelativePath(path)) Problem(node, *wrong);
  }

  void CheckGlob(const YamlNode& node, const std::string& glob, bool is_path) {
    if (auto wrong = WrongGlob(glob, is_path)) Problem(node, *wrong);
  }

  void ReadPullRequest(const YamlNode& node) {
    if (!Section(node, "pull_request", "'pull_request'")) return;
    Remember(node, draft_.origins, "pull_request.");
    draft_.pull_request_gates = ReadGates(node.Find("gates"), Where::kPullRequest);
    draft_.code_owners = OptionalBool(node, "code_owners");
    constexpr std::array<std::pair<std::string_view, bool>, 2> kWords = {
        {{"report", false}, {"block", true}}};
    if (const YamlNode* pending = node.Find("pending")) {
      draft_.pending_blocks = OneOf(*pending, "pending", kWords);
    }
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

  void ReadPii(const YamlNode& node) {
    if (!Section(node, "pii", "'pii'")) return;
    Remember(node, draft_.origins, "pii.");
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
    Remember(node, draft_.origins, "defaults.");
    draft_.severity = OptionalSeverity(node);
    draft_.on_unknown = OptionalUnknown(node);
    draft_.timeout_seconds = OptionalInteger(node, "timeout_seconds", 1, kMaxSeconds);
    draft_.budget_seconds = OptionalInteger(node, "budget_seconds", 1, kMaxSeconds);
    if (const YamlNode* raise = node.Find("raise_for_llm")) draft_.llm = ReadRaise(*raise);
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
    Remember(node, gate.origins);
    gate.severity = OptionalSeverity(node);
    gate.on_unknown = OptionalUnknown(node);
    gate.require = ReadRequire(node);
    gate.timeout_seconds = OptionalInteger(node, "timeout_seconds", 1, kMaxSeconds);
    if (const YamlNode* options = node.Find("options")) ReadOptions(*options, known, gate);
    if (const YamlNode* rules = node.Find("rules")) ReadRules(*rules, known, gate);
  }

  std::optional<std::vector<std::string>> ReadRequire(const YamlNode& node) {
    auto required = OptionalTexts(node, "require");
    if (!required) return std::nullopt;
    for (const YamlNode& item : node.Find("require")->items) {
      if (!item.is_scalar()) continue;
      if (std::find(kEvidence.begin(), kEvidence.end(), item.scalar) != kEvidence.end()) continue;
      std::string hint = DidYouMean(item.scalar, kEvidence);
      if (hint.empty()) hint = fmt::format(": there are {}", Join(kEvidence, ", "));
      Problem(item, fmt::format("there is no evidence '{}'{}", Printable(item.scalar), hint));
    }
    return required;
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
      gate.origins.insert_or_assign("options." + key.scalar, At(key));
      gate.options.Set(key.scalar, std::move(value));
    }
  }

  void CheckOption(const YamlNode& key, const YamlNode& node, const Value& value,
                   const KnownGate& known) {
    if (known.any_option) return;
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
      gate.origins.insert_or_assign("rules." + code, At(key));
      if (severity) gate.rule_severity.Set(code, ToString(*severity));
    }
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
    ReadSettings(node, layer);
    draft_.layers.push_back(std::move(layer));
  }

  // What a layer and the overrides of one model have in common.
  void ReadSettings(const YamlNode& node, LayerDraft& layer) {
    Remember(node, layer.origins);
    layer.gates = ReadGates(node.Find("gates"), Where::kLayer);
    if (const YamlNode* raise = node.Find("raise_for_llm")) layer.llm = ReadRaise(*raise);
    if (const YamlNode* reviewers = node.Find("reviewers")) ReadReviewers(*reviewers, layer);
    if (auto window = OptionalText(node, "merge_window")) {
      layer.merge_window = Word{*window, At(*node.Find("merge_window"))};
    }
    layer.rollback_sla_hours = OptionalInteger(node, "rollback_sla_hours", 0, kMaxHours);
  }

  LlmDraft ReadRaise(const YamlNode& node) {
    LlmDraft raise;
    if (node.is_scalar()) {
      raise.count = Integer(node, "raise_for_llm", 1, 100);
      return raise;
    }
    if (!Section(node, "raise_for_llm", "'raise_for_llm'")) return raise;
    raise.count = OptionalInteger(node, "count", 1, 100);
    raise.roles = OptionalTexts(node, "roles");
    return raise;
  }

  void ReadModels(const YamlNode& node) {
    if (!node.is_map()) {
      Problem(node, fmt::format("'models' must be a map of model names or unique_ids, not {}",
                                Describe(node)));
      return;
    }
    for (size_t i = 0; i < node.items.size(); ++i) ReadModel(node.keys[i], node.items[i]);
  }

  void ReadModel(const YamlNode& name, const YamlNode& node) {
    std::string what = fmt::format("the model '{}'", Printable(name.scalar));
    if (!Section(node, "model", what)) return;
    if (name.scalar.find_first_of("*?[ ") != std::string::npos) {
      Problem(name, fmt::format("{} must be an exact name or unique_id: a layer with a 'match' "
                                "takes globs",
                                what));
    }
    LayerDraft model;
    model.name = name.scalar;
    model.origin = At(name);
    if (auto layer = OptionalText(node, "layer")) {
      model.like = Word{*layer, At(*node.Find("layer"))};
    }
    ReadSettings(node, model);
    if (const YamlNode* columns = node.Find("columns")) ReadColumns(*columns, model);
    draft_.models.push_back(std::move(model));
  }

  void ReadColumns(const YamlNode& node, LayerDraft& model) {
    if (!node.is_map()) {
      Problem(node, fmt::format("'columns' must be a map of column names, not {}", Describe(node)));
      return;
    }
    for (size_t i = 0; i < node.items.size(); ++i) {
      ColumnDraft column;
      column.column = node.keys[i].scalar;
      std::string what = fmt::format("the column '{}'", Printable(column.column));
      if (!Section(node.items[i], "column", what)) continue;
      column.gates = ReadGates(node.items[i].Find("gates"), Where::kLayer);
      CheckColumnGates(node.items[i].Find("gates"), what);
      model.columns.push_back(std::move(column));
    }
  }

  // A gate runs on a whole model: for one column only the severity of what it finds can differ.
  void CheckColumnGates(const YamlNode* gates, const std::string& what) {
    if (!gates || !gates->is_map()) {
      if (gates) Problem(*gates, fmt::format("'gates' of {} must be a map of gates", what));
      return;
    }
    for (size_t i = 0; i < gates->items.size(); ++i) {
      if (!gates->items[i].is_map()) {
        Problem(gates->keys[i], fmt::format("'{}' of {} must be a map with 'severity' or 'rules'",
                                            Printable(gates->keys[i].scalar), what));
      }
      for (const YamlNode& key : gates->items[i].keys) {
        if (key.scalar == "severity" || key.scalar == "rules") continue;
        Problem(key, fmt::format("{} can have a 'severity' and 'rules' only: a gate runs on a "
                                 "whole model",
                                 what));
      }
    }
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
    match.path_pattern = MatchRegex(node, "path_regex", match.path_regex);
    match.name = MatchGlob(node, "name", false);
    match.name_pattern = MatchRegex(node, "name_regex", match.name_regex);
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

  std::shared_ptr<const Pattern> MatchRegex(const YamlNode& node, std::string_view key,
                                            std::string& into) {
    auto text = OptionalText(node, key);
    if (!text) return nullptr;
    into = *text;
    auto pattern = Pattern::Compile(*text);
    if (pattern) return *pattern;
    Problem(*node.Find(key), pattern.error().message);
    return nullptr;
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
    Remember(node, layer.origins, "reviewers.");
    layer.reviewers = OptionalInteger(node, "count", 1, 100);
    layer.roles = OptionalTexts(node, "roles");
    layer.people = OptionalTexts(node, "people");
    if (layer.people && layer.people->empty()) {
      Problem(*node.Find("people"), "'people' is empty: nobody could ever approve");
    }
    size_t roles = layer.roles ? layer.roles->size() : 0;
    if (layer.reviewers && static_cast<size_t>(*layer.reviewers) < roles) {
      Problem(node, fmt::format("{} roles each need an approval, but 'count' is {}", roles,
                                *layer.reviewers));
    }
  }

  std::vector<std::string> gate_ids_;
  bool knows_pull_request_gates_ = false;
  Draft draft_;
};

}  // namespace

std::vector<KnownGate> DeclaredGates(std::string_view yaml, const std::string& file) {
  std::vector<KnownGate> gates;
  Result<YamlNode> root = ReadYaml(yaml, file);
  const YamlNode* declared = root ? root->Find("external_gates") : nullptr;
  for (size_t i = 0; declared && declared->is_map() && i < declared->items.size(); ++i) {
    const YamlNode& node = declared->items[i];
    KnownGate gate;
    gate.id = declared->keys[i].scalar;
    gate.any_option = true;
    if (const YamlNode* rules = node.Find("rules")) {
      for (const YamlNode& rule : rules->keys) gate.rules.push_back(gate.id + "." + rule.scalar);
    }
    const YamlNode* types = node.Find("resource_types");
    gate.about_pull_request = types && types->is_list() && types->items.empty();
    gates.push_back(std::move(gate));
  }
  return gates;
}

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

// From a chain of drafts to one Policy: what a nearer file writes replaces what a farther one
// wrote; layers, gates, windows and options merge by name; new layers come before inherited ones;
// waivers add up.
#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "core/text.h"
#include "policy/draft.h"

namespace layergate::policy {

namespace {

template <typename T>
void Override(std::optional<T>& into, const std::optional<T>& nearer) {
  if (nearer) into = nearer;
}

void OverrideMembers(Value& into, const Value& nearer) {
  if (nearer.is_null()) return;
  if (into.is_null()) into = Value::MakeObject();
  for (const auto& [key, value] : nearer.members()) into.Set(key, value);
}

void MergeOrigins(Origins& into, const Origins& nearer) {
  for (const auto& [key, origin] : nearer) into.insert_or_assign(key, origin);
}

// Entries of one name meet in `merge`; the others of `nearer` come behind.
template <typename T, typename Name, typename Merge>
void MergeBy(Name name, std::vector<T>& into, const std::vector<T>& nearer, Merge merge) {
  for (const T& entry : nearer) {
    auto same = std::find_if(into.begin(), into.end(), [&](const T& other) {
      return std::invoke(name, other) == std::invoke(name, entry);
    });
    if (same == into.end()) {
      into.push_back(entry);
    } else {
      merge(*same, entry);
    }
  }
}

template <typename T, typename Name>
void ReplaceBy(Name name, std::vector<T>& into, const std::vector<T>& nearer) {
  MergeBy(name, into, nearer, [](T& old, const T& entry) { old = entry; });
}

template <typename T>
void MergeNamed(std::map<std::string, T>& into, const std::map<std::string, T>& nearer) {
  for (const auto& [name, value] : nearer) into.insert_or_assign(name, value);
}

void MergeGate(GateDraft& into, const GateDraft& nearer) {
  into.off = nearer.off;
  Override(into.severity, nearer.severity);
  Override(into.on_unknown, nearer.on_unknown);
  Override(into.timeout_seconds, nearer.timeout_seconds);
  OverrideMembers(into.options, nearer.options);
  OverrideMembers(into.rule_severity, nearer.rule_severity);
  Override(into.require, nearer.require);
  into.origin = nearer.origin;
  MergeOrigins(into.origins, nearer.origins);
}

void MergeGates(std::vector<GateDraft>& gates, const std::vector<GateDraft>& nearer) {
  MergeBy(&GateDraft::gate, gates, nearer, MergeGate);
}

// Everything but the name, the match and the layer's own place.
void MergeSettings(LayerDraft& into, const LayerDraft& nearer) {
  MergeGates(into.gates, nearer.gates);
  Override(into.reviewers, nearer.reviewers);
  // New roles without a new count: the count follows the roles.
  if (nearer.roles && !nearer.reviewers) into.reviewers.reset();
  Override(into.roles, nearer.roles);
  Override(into.people, nearer.people);
  Override(into.llm.count, nearer.llm.count);
  Override(into.llm.roles, nearer.llm.roles);
  Override(into.merge_window, nearer.merge_window);
  Override(into.rollback_sla_hours, nearer.rollback_sla_hours);
  MergeOrigins(into.origins, nearer.origins);
  MergeBy(&ColumnDraft::column, into.columns, nearer.columns,
          [](ColumnDraft& old, const ColumnDraft& column) { MergeGates(old.gates, column.gates); });
}

void MergeLayers(std::vector<LayerDraft>& layers, std::vector<LayerDraft> nearer) {
  auto is_new = [&](const LayerDraft& layer) {
    return std::none_of(layers.begin(), layers.end(),
                        [&](const LayerDraft& other) { return other.name == layer.name; });
  };
  auto changed = std::stable_partition(nearer.begin(), nearer.end(), is_new);
  MergeBy(&LayerDraft::name, layers, {changed, nearer.end()},
          [](LayerDraft& old, const LayerDraft& layer) {
            MergeSettings(old, layer);
            Override(old.like, layer.like);
            Override(old.match, layer.match);
            old.origin = layer.origin;
          });
  layers.insert(layers.begin(), std::make_move_iterator(nearer.begin()),
                std::make_move_iterator(changed));
}

void MergeModels(std::vector<LayerDraft>& models, const std::vector<LayerDraft>& nearer) {
  MergeBy(&LayerDraft::name, models, nearer, [](LayerDraft& old, const LayerDraft& model) {
    MergeSettings(old, model);
    Override(old.like, model.like);
    old.origin = model.origin;
  });
}

void MergeDraft(Draft& into, const Draft& nearer) {
  into.file = nearer.file;
  Override(into.unmatched_layer, nearer.unmatched_layer);
  Override(into.base_manifest, nearer.base_manifest);
  Override(into.require_fresh_base, nearer.require_fresh_base);
  Override(into.pii_meta_keys, nearer.pii_meta_keys);
  Override(into.pii_tags, nearer.pii_tags);
  Override(into.pii_declassify, nearer.pii_declassify);
  Override(into.severity, nearer.severity);
  Override(into.on_unknown, nearer.on_unknown);
  Override(into.timeout_seconds, nearer.timeout_seconds);
  Override(into.budget_seconds, nearer.budget_seconds);
  Override(into.llm.count, nearer.llm.count);
  Override(into.llm.roles, nearer.llm.roles);
  Override(into.code_owners, nearer.code_owners);
  Override(into.pending_blocks, nearer.pending_blocks);
  Override(into.bots, nearer.bots);
  Override(into.baseline, nearer.baseline);
  Override(into.break_glass, nearer.break_glass);
  MergeNamed(into.people.roles, nearer.people.roles);
  MergeNamed(into.people.teams, nearer.people.teams);
  MergeNamed(into.people.emails, nearer.people.emails);
  ReplaceBy(&Freeze::name, into.freezes, nearer.freezes);
  ReplaceBy(&ExternalGate::id, into.external_gates, nearer.external_gates);
  MergeModels(into.models, nearer.models);
  MergeOrigins(into.origins, nearer.origins);
  into.not_waivable.insert(into.not_waivable.end(), nearer.not_waivable.begin(),
                           nearer.not_waivable.end());
  ReplaceBy([](const auto& window) { return window.first.name; }, into.merge_windows,
            nearer.merge_windows);
  MergeGates(into.default_gates, nearer.default_gates);
  MergeGates(into.pull_request_gates, nearer.pull_request_gates);
  MergeLayers(into.layers, nearer.layers);
  into.waivers.insert(into.waivers.end(), nearer.waivers.begin(), nearer.waivers.end());
}

// Turns the merged draft into the Policy.
class Finisher {
 public:
  Finisher(Draft draft, Problems& problems) : draft_(std::move(draft)), problems_(problems) {
    for (const LayerDraft& layer : draft_.layers) layer_names_.push_back(layer.name);
    window_names_.emplace_back("any");
    for (const auto& [window, origin] : draft_.merge_windows) window_names_.push_back(window.name);
  }

  Policy Finish() {
    Policy policy;
    policy.base_manifest = draft_.base_manifest.value_or("");
    policy.require_fresh_base = draft_.require_fresh_base.value_or(true);
    policy.pii.meta_keys = draft_.pii_meta_keys.value_or(std::vector<std::string>{});
    policy.pii.tags = draft_.pii_tags.value_or(std::vector<std::string>{});
    policy.pii.declassify = draft_.pii_declassify.value_or(std::vector<std::string>{});
    policy.waivers = draft_.waivers;
    for (const Word& word : draft_.not_waivable) policy.not_waivable.push_back(word.text);
    policy.budget_seconds = draft_.budget_seconds;
    policy.code_owners = draft_.code_owners.value_or(true);
    policy.pending_blocks = draft_.pending_blocks.value_or(false);
    policy.people = draft_.people;
    policy.people.bots = draft_.bots.value_or(std::vector<std::string>{});
    policy.external_gates = draft_.external_gates;
    policy.break_glass = draft_.break_glass;
    policy.baseline = draft_.baseline;
    policy.freezes = draft_.freezes;
    policy.origins = draft_.origins;
    CheckWaivers(policy);
    CheckFreezes();
    FinishUnmatched(policy);
    for (const LayerDraft& layer : draft_.layers) {
      CheckReachable(layer, policy.unmatched_layer);
      policy.layers.push_back(FinishLayer(layer));
    }
    policy.pull_request_gates = FinishGates(draft_.pull_request_gates);
    for (const LayerDraft& model : draft_.models) policy.models.push_back(FinishModel(model));
    return policy;
  }

 private:
  void FinishUnmatched(Policy& policy) {
    Origin start{draft_.file, 1, 1};
    if (draft_.layers.empty()) {
      problems_.Add(start, "the policy has no layers: write 'extends: default' or 'layers:'");
    }
    if (!draft_.unmatched_layer) {
      problems_.Add(
          start,
          "'unmatched_layer' is missing: name the layer whose gates and reviewers a model "
          "in no layer gets");
      return;
    }
    const Word& word = *draft_.unmatched_layer;
    policy.unmatched_layer = word.text;
    CheckKnown(word, layer_names_, "layer");
  }

  void CheckKnown(const Word& word, const std::vector<std::string>& names, std::string_view what) {
    if (std::find(names.begin(), names.end(), word.text) != names.end()) return;
    std::string hint = DidYouMean(word.text, names);
    if (hint.empty() && !names.empty()) hint = fmt::format(": there are {}", Join(names, ", "));
    problems_.Add(word.origin, fmt::format("unknown {} '{}'{}", what, word.text, hint));
  }

  void CheckReachable(const LayerDraft& layer, const std::string& unmatched) {
    if (layer.match && !layer.match->empty()) return;
    if (layer.name == unmatched) return;
    bool is_model_for_others = std::any_of(
        draft_.layers.begin(), draft_.layers.end(),
        [&](const LayerDraft& other) { return other.like && other.like->text == layer.name; });
    if (is_model_for_others) return;
    problems_.Add(layer.origin, fmt::format("the layer '{}' has no 'match': nothing would ever be "
                                            "in it",
                                            layer.name));
  }

  void CheckFreezes() {
    for (const Freeze& freeze : draft_.freezes) {
      for (const std::string& layer : freeze.layers) {
        CheckKnown({layer, freeze.origin}, layer_names_, "layer");
      }
    }
  }

  void CheckWaivers(const Policy& policy) {
    std::set<std::vector<std::string>> seen;
    for (const Waiver& waiver : draft_.waivers) {
      if (!policy.IsWaivable(waiver.rule)) {
        problems_.Add(waiver.origin, fmt::format("the rule '{}' can't be waived: 'not_waivable' "
                                                 "says so",
                                                 waiver.rule));
      }
      if (seen.insert({waiver.rule, waiver.subject, waiver.column}).second) continue;
      problems_.Add(waiver.origin, fmt::format("the rule '{}' is waived twice for '{}'",
                                               waiver.rule, waiver.subject));
    }
  }

  const LayerDraft* FindLayer(const std::string& name) const {
    for (const LayerDraft& layer : draft_.layers) {
      if (layer.name == name) return &layer;
    }
    return nullptr;
  }

  // The layer's settings on top of those of the layer that it is like.
  LayerDraft Resolve(const LayerDraft& layer) {
    std::vector<const LayerDraft*> way = {&layer};
    while (way.back()->like) {
      const Word& like = *way.back()->like;
      const LayerDraft* next = FindLayer(like.text);
      if (!next) {
        if (way.size() == 1) CheckKnown(like, layer_names_, "layer");
        break;
      }
      if (std::find(way.begin(), way.end(), next) != way.end()) {
        if (next == &layer) {
          problems_.Add(like.origin, fmt::format("the layer '{}' is like itself", layer.name));
        }
        break;
      }
      way.push_back(next);
    }
    LayerDraft resolved;
    resolved.gates = draft_.default_gates;
    for (auto step = way.rbegin(); step != way.rend(); ++step) MergeSettings(resolved, **step);
    return resolved;
  }

  Layer FinishLayer(const LayerDraft& draft) { return FinishSettings(draft, Resolve(draft)); }

  // The overrides of a model on top of each layer: which one it is in is known once it is placed.
  ModelOverride FinishModel(const LayerDraft& draft) {
    ModelOverride model;
    model.model = draft.name;
    model.origin = draft.origin;
    if (draft.like) {
      model.layer = draft.like->text;
      CheckKnown(*draft.like, layer_names_, "layer");
    }
    if (draft.merge_window) FinishWindow(*draft.merge_window);
    for (const LayerDraft& layer : draft_.layers) {
      LayerDraft resolved = Resolve(layer);
      MergeSettings(resolved, draft);
      Layer settings = FinishSettings(layer, resolved);
      settings.origin = draft.origin;
      AddColumns(resolved.columns, settings);
      model.layers.push_back(std::move(settings));
    }
    return model;
  }

  static void AddColumns(const std::vector<ColumnDraft>& columns, Layer& layer) {
    for (const ColumnDraft& column : columns) {
      for (const GateDraft& gate : column.gates) {
        for (GateRule& rule : layer.gates) {
          if (rule.gate != gate.gate) continue;
          rule.columns.push_back({column.column, gate.severity, gate.rule_severity, gate.origin});
        }
      }
    }
  }

  Layer FinishSettings(const LayerDraft& draft, const LayerDraft& resolved) {
    Layer layer;
    layer.name = draft.name;
    layer.origin = draft.origin;
    layer.origins = resolved.origins;
    layer.match = draft.match.value_or(std::vector<LayerMatch>{});
    layer.gates = FinishGates(resolved.gates);
    bool from_people = resolved.people && !resolved.people->empty();
    layer.bar.people = resolved.people.value_or(std::vector<std::string>{});
    layer.bar.roles = resolved.roles.value_or(from_people ? std::vector<std::string>{}
                                                          : std::vector<std::string>{"any-peer"});
    // Each role is one approval, and there is no layer that merges without any.
    int least = std::max(1, static_cast<int>(layer.bar.roles.size()) + (from_people ? 1 : 0));
    layer.bar.reviewers = std::max(resolved.reviewers.value_or(1), least);
    layer.llm = Raised(resolved.llm);
    layer.rollback_sla_hours = resolved.rollback_sla_hours.value_or(24);
    layer.window.name = "any";
    if (resolved.merge_window) layer.window = FinishWindow(*resolved.merge_window);
    return layer;
  }

  // Without a word of the policy a model's part asks for a senior data engineer.
  Bar Raised(const LlmDraft& layer) const {
    Bar bar;
    std::optional<std::vector<std::string>> roles = layer.roles ? layer.roles : draft_.llm.roles;
    std::optional<int> count = layer.count ? layer.count : draft_.llm.count;
    bar.roles = roles.value_or(std::vector<std::string>{"senior-data-engineer"});
    bar.reviewers = std::max(count.value_or(1), static_cast<int>(bar.roles.size()));
    return bar;
  }

  MergeWindow FinishWindow(const Word& word) {
    for (const auto& [window, origin] : draft_.merge_windows) {
      if (window.name == word.text) return window;
    }
    CheckKnown(word, window_names_, "merge window");
    MergeWindow any;
    any.name = "any";
    return any;
  }

  std::vector<GateRule> FinishGates(const std::vector<GateDraft>& drafts) const {
    std::vector<GateRule> rules;
    for (const GateDraft& draft : drafts) {
      if (draft.off) continue;
      GateRule rule;
      rule.gate = draft.gate;
      rule.severity = draft.severity.value_or(draft_.severity.value_or(Severity::kFail));
      rule.on_unknown = draft.on_unknown.value_or(draft_.on_unknown.value_or(OnUnknown::kBlock));
      rule.options = draft.options;
      rule.rule_severity = draft.rule_severity;
      rule.timeout_seconds = draft.timeout_seconds ? draft.timeout_seconds : draft_.timeout_seconds;
      rule.require = draft.require.value_or(std::vector<std::string>{});
      rule.origin = draft.origin;
      rule.origins = draft.origins;
      for (std::string_view key : {"severity", "unknown", "timeout_seconds"}) {
        auto written = draft_.origins.find("defaults." + std::string(key));
        if (written != draft_.origins.end()) rule.origins.emplace(key, written->second);
      }
      rules.push_back(std::move(rule));
    }
    return rules;
  }

  Draft draft_;
  Problems& problems_;
  std::vector<std::string> layer_names_, window_names_;
};

}  // namespace

Policy MergeDrafts(const std::vector<Draft>& chain, Problems& problems) {
  Draft merged;
  for (auto draft = chain.rbegin(); draft != chain.rend(); ++draft) MergeDraft(merged, *draft);
  return Finisher(std::move(merged), problems).Finish();
}

}  // namespace layergate::policy

#include "change/engine_rules.h"

#include <algorithm>

#include <fmt/format.h>

#include "change/pair_rules.h"
#include "core/text.h"

namespace layergate::change {
namespace {

// Nothing, an empty list and an empty mapping are the same; so are texts but for a newline at the
// end.
bool SameWritten(const Value& base, const Value& head) {
  if (base.is_string() && head.is_string()) {
    auto tidy = [](std::string_view text) {
      if (text.ends_with('\n')) text.remove_suffix(1);
      if (text.ends_with('\r')) text.remove_suffix(1);
      return text;
    };
    return tidy(base.AsString()) == tidy(head.AsString());
  }
  bool nothing = !base.is_string() && !head.is_string() && base.empty() && head.empty();
  return base == head || nothing;
}

// Hooks as the set of texts that they are, under either spelling of the key.
std::vector<std::string> Hooks(const Value& config, std::string_view when) {
  std::vector<std::string> hooks;
  for (std::string_view mark : {"-", "_"}) {
    const Value& value = config[fmt::format("{}{}hook", when, mark)];
    if (value.is_string()) hooks.emplace_back(value.AsString());
    for (const Value& item : value.items()) {
      hooks.push_back(item.is_string() ? std::string(item.AsString()) : WriteJson(item));
    }
  }
  for (std::string& hook : hooks) hook.erase(hook.find_last_not_of(" \t\r\n") + 1);
  std::sort(hooks.begin(), hooks.end());
  return hooks;
}

// White space and the shape of quotation marks mean nothing in a description.
std::string DescriptionKey(std::string_view text) {
  std::string key;
  for (size_t i = 0; i < text.size(); ++i) {
    std::string_view rest = text.substr(i);
    if (rest.starts_with("\u201C") || rest.starts_with("\u201D")) {
      key += '"';
      i += 2;
    } else if (rest.starts_with("\u2018") || rest.starts_with("\u2019")) {
      key += '\'';
      i += 2;
    } else if (std::string_view(" \t\r\n\f\v").find(text[i]) == std::string_view::npos) {
      key += text[i];
    }
  }
  return key;
}

class EngineRules : private PairRules {
 public:
  EngineRules(const Pair& pair, const StateContext& context, Findings& findings)
      : PairRules(pair, context, findings) {}

  void Apply() {
    bool body = Body(), configs = Configs(), relation = Relation(), described = Described();
    bool contract = head_.is_model() && Contract();
    modified_ = modified_ || configs || relation || described || contract;
    Content(body);
    if (Macros()) modified_ = true;
    if (modified_) findings_.State("modified");
  }

 private:
  bool Body() {
    // What has no file of its own has no checksum either.
    bool has_text = IsOneOf(head_.resource_type, {"model", "snapshot", "analysis", "function"}) ||
                    (head_.resource_type == "test" && !IsGenericTest(head_));
    bool same = true;
    if (head_.resource_type == "seed") {
      same = EqualsIgnoreCase(base_.checksum_name, head_.checksum_name) &&
             base_.checksum == head_.checksum;
    } else if (has_text && LacksText()) {
      same = SameWithoutText();
    } else if (has_text) {
      same = CollapseWhitespace(base_.raw_code) == CollapseWhitespace(head_.raw_code);
    }
    if (same) return false;
    findings_.State("body");
    findings_.Because("body", findings_.FileOf(head_), BodyDetail());
    return true;
  }

  bool IsCompared(std::string_view key) const {
    std::string_view type = head_.resource_type;
    if (type == "test") return IsComparedTestConfig(key);
    if (type == "exposure") return key == "enabled";
    if (type == "metric") return key == "enabled" || key == "group";
    if (IsOneOf(key, {"tags", "static_analysis", "schema", "database", "alias"})) return false;
    return type == "source" ||
           (IsOneOf(type, {"model", "seed", "snapshot", "function"}) && key != "group");
  }

  // As written; where that differs, the value in force decides.
  bool Configs() {
    std::set<std::string> keys;
    bool by_value = head_.resource_type == "exposure" || head_.resource_type == "metric";
    for (const dbt::Node* node : {&base_, &head_}) {
      const Value& written = by_value ? node->config : node->unrendered_config;
      for (const auto& [key, value] : written.members()) keys.insert(key);
    }
    std::vector<std::string> differing;
    for (const std::string& key : keys) {
      if (!IsCompared(key) || IsOneOf(key, {"pre-hook", "post-hook", "pre_hook", "post_hook"})) {
        continue;
      }
      if (SameWritten(base_.unrendered_config[key], head_.unrendered_config[key]) && !by_value) {
        continue;
      }
      if (!SameWritten(base_.config[key], head_.config[key])) differing.push_back(key);
    }
    for (std::string_view when : {"pre", "post"}) {
      std::string key = fmt::format("{}-hook", when);
      if (!IsCompared(key)) continue;
      if (Hooks(base_.unrendered_config, when) == Hooks(head_.unrendered_config, when)) continue;
      if (!SameWritten(base_.config[key], head_.config[key])) differing.push_back(key);
    }
    if (differing.empty()) return false;
    findings_.State("configs");
    for (const std::string& key : differing) {
      findings_.Because("configs", ConfigPath(key), ConfigDetail(key),
                        Small(base_.unrendered_config[key]), Small(head_.unrendered_config[key]));
    }
    return true;
  }

  bool Relation() {
    if (head_.resource_type == "unit_test" || head_.resource_type == "saved_query") return false;
    bool differs = false;
    bool unknown = WrittenUnknown(base_, head_, context_);
    auto part = [&](std::string_view key, const Value& base, const Value& head) {
      if (base == head || (unknown && base_.config[key] == head_.config[key])) return;
      differs = true;
      findings_.Because("relation", ConfigPath(key), ConfigDetail(key), Small(base), Small(head));
    };
    bool source = head_.resource_type == "source";
    bool written = !base_.unrendered_schema.empty() && !head_.unrendered_schema.empty() &&
                   !base_.unrendered_database.empty() && !head_.unrendered_database.empty();
    if (source && written) {
      part("database", base_.unrendered_database, head_.unrendered_database);
      part("schema", base_.unrendered_schema, head_.unrendered_schema);
    } else if (source) {
      part("database", base_.database, head_.database);
      part("schema", base_.schema, head_.schema);
    } else {
      for (std::string_view key : {"database", "schema", "alias"}) {
        part(key, base_.unrendered_config[key], head_.unrendered_config[key]);
      }
    }
    if (differs) findings_.State("relation");
    return differs;
  }

  bool Described() {
    const Value& persist = head_.config["persist_docs"];
    bool differs = false;
    if (persist["relation"].AsBool() &&
        DescriptionKey(base_.description) != DescriptionKey(head_.description)) {
      differs = true;
      findings_.Because("persisted_descriptions", findings_.YamlOf(head_), "description",
                        Small(base_.description), Small(head_.description));
    }
    // The set of texts, whichever column they stand at.
    auto texts = [](const dbt::Node& node) {
      std::set<std::string> all;
      for (const dbt::Column& column : node.columns) {
        std::string text = CollapseWhitespace(column.description);
        if (!text.empty()) all.insert(std::move(text));
      }
      return all;
    };
    if (persist["columns"].AsBool() && texts(base_) != texts(head_)) {
      differs = true;
      findings_.Because("persisted_descriptions", findings_.YamlOf(head_),
                        "columns described differently");
    }
    if (differs) findings_.State("persisted_descriptions");
    return differs;
  }

  // One path may go on where the other ends.
  void Fqn(bool may_go_on) {
    size_t common = std::min(base_.fqn.size(), head_.fqn.size());
    auto end = [&](const dbt::Node& node) {
      return may_go_on ? node.fqn.begin() + static_cast<std::ptrdiff_t>(common) : node.fqn.end();
    };
    bool same = std::equal(base_.fqn.begin(), end(base_), head_.fqn.begin(), end(head_));
    Differs(!same, "fqn", "dbt's path to the node differs", Join(base_.fqn, "."),
            Join(head_.fqn, "."));
  }

  // What is compared beyond the words.
  void Content(bool body) {
    const std::string& type = head_.resource_type;
    auto fields = [&](std::initializer_list<std::string_view> names) {
      for (std::string_view name : names) DiffersField(name);
    };
    auto description = [&] { DiffersText("description", base_.description, head_.description); };
    if (IsOneOf(type, {"model", "seed", "snapshot", "analysis", "function"})) {
      modified_ = modified_ || body;
      if (IsOneOf(type, {"model", "seed", "snapshot"})) Fqn(true);
      if (type == "model") RefRepresentation();
      if (type == "function") DiffersField("overloads");
    } else if (type == "test" || type == "unit_test") {
      Fqn(false);
    } else if (type == "source") {
      Fqn(false);
      DiffersText("identifier", base_.identifier, head_.identifier);
      DiffersText("loader", base_.loader, head_.loader);
      Value before = WithoutNulls(base_.freshness), now = WithoutNulls(head_.freshness);
      Differs(!SameWritten(before, now), "freshness", "freshness differs", Small(before),
              Small(now));
      DiffersText("loaded_at_field", base_.loaded_at_field, head_.loaded_at_field);
    } else if (type == "exposure") {
      Fqn(false);
      fields({"owner", "maturity", "url", "label"});
    } else if (type == "metric") {
      fields({"type", "label"});
      description();
    } else if (type == "semantic_model") {
      fields({"model", "entities", "dimensions", "measures", "primary_entity"});
      description();
    } else if (type == "saved_query") {
      Fqn(false);
      fields({"label", "exports"});
      description();
      Differs(base_.tags != head_.tags, "tags", "tags differ", Value::FromStrings(base_.tags),
              Value::FromStrings(head_.tags));
      for (std::string_view part : {"group_by", "where"}) {
        Value before = WithoutNulls(base_.definition["query_params"][part]);
        Value now = WithoutNulls(head_.definition["query_params"][part]);
        Differs(!SameWritten(before, now), part, fmt::format("{} differs", part), Small(before),
                Small(now));
      }
    }
    if (type == "semantic_model" || type == "saved_query") {
      Value before = WithoutNulls(base_.config), now = WithoutNulls(head_.config);
      Differs(!(before == now), "configs", "config differs", Small(before), Small(now));
    }
  }

  // The macros that the node itself calls, where both sides have them.
  bool Macros() {
    bool hit = false;
    for (const std::string& id : head_.depends_on_macros) {
      auto change = context_.macro_changes.find(id);
      if (change == context_.macro_changes.end() || change->second.verb != "changed") continue;
      if (!hit) findings_.State("macros");
      hit = true;
      findings_.Because("macros", findings_.FileOfRoot(change->second.package, change->second.file),
                        fmt::format("{} changed", id));
    }
    return hit;
  }
};

// Nothing stands on the base side. The engine calls some types never new, and modified all the
// same.
void NewNode(const dbt::Node& node, Findings& findings) {
  bool never_new =
      IsOneOf(node.resource_type, {"exposure", "saved_query", "semantic_model", "metric"});
  findings.Because("new", findings.FileOf(node), "not in the base manifest");
  for (std::string_view word :
       {"modified", "body", "configs", "persisted_descriptions", "contract"}) {
    findings.State(word);
  }
  if (node.resource_type != "saved_query") findings.State("relation");
  if (never_new) return;
  findings.State("new");
  findings.State("macros");
}

}  // namespace

void ApplyEngineRules(const Pair& pair, const StateContext& context, Findings& findings) {
  if (!pair.base) {
    NewNode(*pair.head, findings);
  } else {
    EngineRules(pair, context, findings).Apply();
  }
}

}  // namespace layergate::change

#include "change/engine_rules.h"

#include <algorithm>

#include <fmt/format.h>

#include "change/pair_rules.h"
#include "change/python_text.h"
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

// What stands for a key that is not there.
Value DefaultOf(std::string_view key) {
  if (key == "on_schema_change") return "ignore";
  if (key == "on_configuration_change") return "apply";
  if (key == "lookback") return 1;
  if (key == "access") return "protected";
  if (key == "docs") return Value::MakeObject({{"show", true}});
  return {};
}

bool SameInForce(std::string_view key, const Value& base, const Value& head) {
  auto value = [&](const Value& one) {
    Value tidy = WithoutEmpty(one);
    return tidy.is_null() || (tidy.is_object() && tidy.members().empty()) ? DefaultOf(key) : tidy;
  };
  if (key == "quoting" && (base.empty() || head.empty())) return true;  // the project's
  if (key == "severity") return EqualsIgnoreCase(base.AsString(), head.AsString());
  return SameWritten(value(base), value(head));
}

bool IsHook(std::string_view key) {
  return IsOneOf(key, {"pre-hook", "post-hook", "pre_hook", "post_hook"});
}

// Hooks as the set of texts that they are, under either spelling of the key.
std::vector<std::string> Hooks(const Value& config, std::string_view when) {
  std::vector<std::string> hooks;
  for (std::string_view mark : {"-", "_"}) {
    const Value& value = config[fmt::format("{}{}hook", when, mark)];
    if (value.is_string()) hooks.emplace_back(value.AsString());
    for (const Value& item : value.items()) {
      const Value& text = item.is_object() ? item["sql"] : item;
      hooks.push_back(text.is_string() ? std::string(text.AsString()) : WriteJson(item));
      if (!item["transaction"].AsBool(true)) hooks.back() += " (outside the transaction)";
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
    bool contract = head_.is_model() && ContractComesOrGoes();
    modified_ = modified_ || configs || relation || described || contract;
    Content(body);
    if (Macros()) modified_ = true;
    if (modified_) findings_.State("modified");
  }

 private:
  bool Body() {
    std::string_view type = head_.resource_type;
    bool has_text = IsOneOf(type, {"model", "analysis", "function"});
    bool same = true;
    if (type == "snapshot" && !head_.checksum.empty() && !base_.raw_code.empty()) {
      // The checksum is the whole file's, without the tags of the block.
      same = IsChecksumOf(head_.checksum, base_.raw_code);
    } else if ((has_text || type == "snapshot") && LacksText()) {
      same = SameWithoutText();
    } else if (has_text || type == "snapshot") {
      same = CollapseWhitespace(base_.raw_code) == CollapseWhitespace(head_.raw_code);
    } else if (IsOneOf(type, {"seed", "test", "unit_test"})) {
      // A test has no checksum here, and one from Python dbt or from a project read without dbt.
      bool named = !base_.checksum_name.empty() && !head_.checksum_name.empty();
      bool of_file = type != "seed" && !context_.engines_differ &&
                     (base_.checksum.empty() || head_.checksum.empty());
      same = of_file || (base_.checksum == head_.checksum &&
                         (!named || EqualsIgnoreCase(base_.checksum_name, head_.checksum_name)));
    }
    if (same) return false;
    findings_.State("body");
    findings_.Because("body", findings_.FileOf(head_), BodyDetail());
    return true;
  }

  // Keys of the written configs that are looked at.
  bool IsWrittenCompared(std::string_view key) const {
    std::string_view type = head_.resource_type;
    if (type == "test") return IsComparedTestConfig(key);
    if (IsOneOf(key, {"tags", "static_analysis", "schema", "database", "alias"})) return false;
    return type == "source" || key != "group";
  }

  // Keys of the values in force that are.
  bool IsValueCompared(std::string_view key) const {
    std::string_view type = head_.resource_type;
    if (type == "analysis" || type == "exposure") return key == "enabled";
    if (type == "metric") return key == "enabled" || key == "group";
    if (type == "saved_query") {
      return IsOneOf(key, {"cache", "enabled", "export_as", "schema", "group"});
    }
    if (!IsWrittenCompared(key) || key == "contract") return false;
    if (type == "model") return !IsOneOf(key, {"quoting", "event_time", "incremental_predicates"});
    if (type == "function") return key != "materialized" && key != "snowflake";
    if (type == "seed") return key != "quoting" && key != "delimiter";
    if (type == "snapshot") return key != "docs" && key != "full_refresh";
    if (type == "source") return key != "meta" && key != "schema_origin";
    return true;
  }

  bool WrittenDiffers() const {
    const Value& base = base_.unrendered_config;
    const Value& head = head_.unrendered_config;
    if (head_.resource_type == "function" && base.empty() && head.empty()) {
      return true;  // not written down before 2.0's betas
    }
    for (std::string_view when : {"pre", "post"}) {
      if (IsWrittenCompared("post-hook") && Hooks(base, when) != Hooks(head, when)) return true;
    }
    auto differs = [&](const auto& member) {
      const std::string& key = member.first;
      return IsWrittenCompared(key) && !IsHook(key) && !SameWritten(base[key], head[key]);
    };
    return std::any_of(base.members().begin(), base.members().end(), differs) ||
           std::any_of(head.members().begin(), head.members().end(), differs);
  }

  // As written; where that differs anywhere, the values in force decide.
  bool Configs() {
    std::string_view type = head_.resource_type;
    if (IsOneOf(type, {"unit_test", "semantic_model"})) return false;
    bool by_value = IsOneOf(type, {"analysis", "exposure", "metric", "saved_query"});
    if (!by_value && !WrittenDiffers()) return false;
    std::set<std::string> keys;
    for (const dbt::Node* node : {&base_, &head_}) {
      for (const auto& [key, value] : node->config.members()) keys.insert(key);
    }
    std::vector<std::string> differing;
    for (const std::string& key : keys) {
      if (!IsValueCompared(key)) continue;
      bool same = IsHook(key) ? Hooks(base_.config, key.substr(0, key.find_first_of("-_"))) ==
                                    Hooks(head_.config, key.substr(0, key.find_first_of("-_")))
                              : SameInForce(key, base_.config[key], head_.config[key]);
      if (!same) differing.push_back(key);
    }
    if (differing.empty()) return false;
    findings_.State("configs");
    for (const std::string& key : differing) {
      findings_.Because("configs", ConfigPath(key), ConfigDetail(key),
                        Small(base_.unrendered_config[key]), Small(head_.unrendered_config[key]));
    }
    return true;
  }

  // What the engine writes of a contract has no checksum: it sees it come and go.
  bool ContractComesOrGoes() {
    if (base_.contract.enforced == head_.contract.enforced) return false;
    return Contract();
  }

  bool Relation() {
    if (head_.resource_type == "unit_test" || head_.resource_type == "saved_query") return false;
    bool differs = false;
    bool unknown = WrittenUnknown(base_, head_, context_);
    auto part = [&](std::string_view key, const Value& base, const Value& head) {
      if (base == head || (unknown && base_.config[key] == head_.config[key])) return;
      differs = true;
      if (head_.resource_type == "source") {
        findings_.Because("relation", findings_.YamlOf(head_), std::string(key), base, head);
        return;
      }
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
      part("identifier", base_.identifier, head_.identifier);
    } else {
      for (std::string_view key : {"database", "schema", "alias"}) {
        const Value& base = base_.unrendered_config[key];
        const Value& head = head_.unrendered_config[key];
        if (key != "alias" || !IsGeneratedAlias(base, head)) part(key, base, head);
      }
    }
    if (differs) findings_.State("relation");
    return differs;
  }

  // Python dbt writes the alias that it makes of a test's long name like one that was configured.
  bool IsGeneratedAlias(const Value& base, const Value& head) const {
    if (head_.resource_type != "test" || base.is_null() == head.is_null()) return false;
    const Value& written = base.is_null() ? head : base;
    return base_.alias == head_.alias && written.AsString() == head_.alias;
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
      auto last = [](const std::string& name) { return name.substr(name.rfind('.') + 1); };
      DiffersText("identifier", last(base_.relation_name), last(head_.relation_name));
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
      fields({"label"});
      description();
      Exports();
      Differs(base_.tags != head_.tags, "tags", "tags differ", Value::FromStrings(base_.tags),
              Value::FromStrings(head_.tags));
      for (std::string_view part : {"group_by", "where"}) {
        Value before = WithoutNulls(base_.definition["query_params"][part]);
        Value now = WithoutNulls(head_.definition["query_params"][part]);
        Differs(!SameWritten(before, now), part, fmt::format("{} differs", part), Small(before),
                Small(now));
      }
    }
    if (type == "semantic_model") {
      Value before = WithoutEmpty(base_.config), now = WithoutEmpty(head_.config);
      Differs(!(before == now), "configs", "config differs", Small(before), Small(now));
    }
  }

  void Exports() {
    auto reduced = [](const Value& exports) {
      Value list = Value::MakeArray();
      for (const Value& item : exports.items()) {
        const Value& config = item["config"];
        list.Append(Value::MakeObject({{"name", item["name"]},
                                       {"export_as", config["export_as"]},
                                       {"schema", config["schema_name"]},
                                       {"alias", config["alias"]}}));
      }
      return list;
    };
    Value before = reduced(base_.definition["exports"]);
    Value now = reduced(head_.definition["exports"]);
    Differs(!(before == now), "exports", "exports differ", Small(before), Small(now));
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
  if (pair.head->resource_type == "operation") return;  // never selected
  if (!pair.base) {
    NewNode(*pair.head, findings);
  } else {
    EngineRules(pair, context, findings).Apply();
  }
}

}  // namespace layergate::change

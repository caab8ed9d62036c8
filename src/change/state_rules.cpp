// What dbt's state:modified selectors say of two nodes. Source of the rules: dbt-core 1.12's state
// selector and the same_* comparisons of its node classes; see docs/changes.md for the table.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "change/engine_rules.h"
#include "change/pair_rules.h"
#include "change/rules.h"
#include "core/text.h"

namespace layergate::change {
namespace {

// Resource types that dbt compares as nodes with a body and a relation.
bool IsParsedNode(const dbt::Node& node) {
  return IsOneOf(node.resource_type, {"model", "seed", "snapshot", "test", "analysis", "operation",
                                      "sql_operation", "rpc", "function"});
}

// Config keys that dbt leaves out of the comparison (they are compared elsewhere, or not at all).
bool IsExcludedConfig(const dbt::Node& node, std::string_view key) {
  if (node.resource_type == "source" || node.resource_type == "exposure") return false;
  if (node.resource_type == "metric") return key == "group";
  return IsOneOf(key, {"alias", "schema", "database", "tags", "group"});
}

// Keys in which the unrendered configs differ, in order.
std::vector<std::string> DifferingConfigs(const dbt::Node& base, const dbt::Node& head,
                                          const StateContext& context) {
  std::vector<std::string> keys;
  auto check = [&](const std::string& key, const Value* mine, const Value* theirs) {
    if (mine && theirs && *mine == *theirs) return;
    if (head.resource_type == "test" ? !IsComparedTestConfig(key) : IsExcludedConfig(head, key)) {
      return;
    }
    // dbt brings an older manifest's values into the newer one's way of writing; the rendered
    // values decide.
    bool both = (mine && theirs) || WrittenUnknown(base, head, context);
    if (context.values_written_differently && both && base.config[key] == head.config[key]) return;
    keys.push_back(key);
  };
  for (const auto& [key, value] : head.unrendered_config.members()) {
    check(key, &value, base.unrendered_config.Find(key));
  }
  for (const auto& [key, value] : base.unrendered_config.members()) {
    if (!head.unrendered_config.Find(key)) check(key, nullptr, &value);
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

// As Python's bool(): a text such as "false" that was never rendered counts as yes.
bool IsTrue(const Value& value) {
  return value.is_bool()     ? value.AsBool()
         : value.is_number() ? value.AsDouble() != 0
                             : !value.empty();
}

class Rules : private PairRules {
 public:
  Rules(const Pair& pair, const StateContext& context, Findings& findings)
      : PairRules(pair, context, findings) {}

  void Apply() {
    if (IsParsedNode(head_)) {
      ParsedNode();
    } else if (head_.resource_type == "source") {
      Source();
    } else if (head_.resource_type == "unit_test") {
      Differs(base_.checksum != head_.checksum, "unit_test",
              "model, inputs or expected rows differ");
    } else if (head_.resource_type == "exposure") {
      Exposure();
    } else if (head_.resource_type == "metric") {
      Metric();
    } else if (head_.resource_type == "semantic_model") {
      SemanticModel();
    } else if (head_.resource_type == "saved_query") {
      SavedQuery();
    }
    if (Macros()) modified_ = true;
    if (modified_) findings_.State("modified");
  }

 private:
  void Fqn() {
    // A file that stayed where it is: another version of dbt counts folders in another way.
    bool moved = base_.original_file_path != head_.original_file_path;
    Differs(base_.fqn != head_.fqn, "fqn",
            moved ? "the node moved to another folder" : "dbt's path to the node differs",
            Join(base_.fqn, "."), Join(head_.fqn, "."));
  }

  void ParsedNode() {
    // A generic test's body is its macro call, and dbt's `modified` looks at its configs and place
    // only; the sub-selectors compare the rest all the same.
    bool generic = IsGenericTest(head_);
    bool body = Body(), configs = Configs(), relation = Relation(), described = Described();
    bool contract = head_.is_model() && Contract();
    modified_ = modified_ || configs || contract || (!generic && (body || relation || described));
    Fqn();
    if (head_.is_model()) RefRepresentation();
    if (head_.resource_type == "function") {
      for (std::string_view field : {"arguments", "returns", "overloads"}) DiffersField(field);
    }
  }

  bool Body() {
    bool same;
    if (head_.resource_type == "seed") {
      same = base_.checksum_name != "none" && base_.checksum_name == head_.checksum_name &&
             base_.checksum == head_.checksum;
    } else if (LacksText() && base_.raw_code != head_.raw_code) {
      same = SameWithoutText();
    } else if (context_.collapse_whitespace) {
      same = CollapseWhitespace(base_.raw_code) == CollapseWhitespace(head_.raw_code);
    } else {
      same = base_.raw_code == head_.raw_code;
    }
    if (same) return false;
    findings_.State("body");
    findings_.Because("body", findings_.FileOf(head_), BodyDetail());
    return true;
  }

  bool Configs() {
    std::vector<std::string> keys = DifferingConfigs(base_, head_, context_);
    if (keys.empty()) return false;
    findings_.State("configs");
    for (const std::string& key : keys) {
      findings_.Because("configs", ConfigPath(key), ConfigDetail(key),
                        Small(base_.unrendered_config[key]), Small(head_.unrendered_config[key]));
    }
    return true;
  }

  bool Relation() {
    bool differs = false;
    for (std::string_view key : {"database", "schema", "alias"}) {
      const Value& mine = head_.unrendered_config[key];
      const Value& theirs = base_.unrendered_config[key];
      if (mine == theirs) continue;
      if (context_.values_written_differently && base_.config[key] == head_.config[key]) continue;
      differs = true;
      findings_.Because("relation", ConfigPath(key), ConfigDetail(key), Small(theirs), Small(mine));
    }
    if (differs) findings_.State("relation");
    return differs;
  }

  // Descriptions that dbt writes into the warehouse; the new side says whether it does.
  bool Described() {
    const Value& persist = head_.config["persist_docs"];
    bool differs = false;
    if (IsTrue(persist["relation"]) && base_.description != head_.description) {
      differs = true;
      findings_.Because("persisted_descriptions", findings_.YamlOf(head_), "description",
                        Small(base_.description), Small(head_.description));
    }
    if (IsTrue(persist["columns"])) differs = ColumnsDescribed() || differs;
    if (differs) findings_.State("persisted_descriptions");
    return differs;
  }

  bool ColumnsDescribed() {
    std::map<std::string, std::string> base, head;
    for (const dbt::Column& column : base_.columns) base[column.name] = column.description;
    for (const dbt::Column& column : head_.columns) head[column.name] = column.description;
    if (base == head) return false;
    std::vector<std::string> names;
    for (const auto& [name, text] : head) {
      auto old = base.find(name);
      if (old == base.end() || old->second != text) names.push_back(name);
    }
    for (const auto& [name, text] : base) {
      if (!head.count(name)) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    findings_.Because("persisted_descriptions", findings_.YamlOf(head_),
                      "columns described differently: " + Join(names, ", "));
    return true;
  }

  void Source() {
    bool relation = false;
    auto part = [&](std::string_view name, const std::string& base, const std::string& head) {
      if (base == head) return;
      relation = true;
      bool in_force = base_.database != head_.database || base_.schema != head_.schema ||
                      base_.identifier != head_.identifier;
      findings_.Because(
          "relation", findings_.YamlOf(head_),
          fmt::format("{}{}", name, in_force ? "" : ": written differently, the table is the same"),
          base, head);
    };
    if (context_.unrendered_sources) {
      part("database", base_.unrendered_database, head_.unrendered_database);
      part("schema", base_.unrendered_schema, head_.unrendered_schema);
    } else {
      part("database", base_.database, head_.database);
      part("schema", base_.schema, head_.schema);
    }
    part("identifier", base_.identifier, head_.identifier);
    if (relation) findings_.State("relation");
    bool configs = Configs();
    modified_ = modified_ || relation || configs;
    Fqn();
    auto value = [&](std::string_view name, const Value& base, const Value& head) {
      Value old_value = WithoutNulls(base), new_value = WithoutNulls(head);
      Differs(!(old_value == new_value) && !(old_value.empty() && new_value.empty()), name,
              fmt::format("{} differs", name), Small(old_value), Small(new_value));
    };
    value("quoting", base_.quoting, head_.quoting);
    value("freshness", base_.freshness, head_.freshness);
    DiffersText("loaded_at_field", base_.loaded_at_field, head_.loaded_at_field);
    value("external", base_.external, head_.external);
  }

  void Exposure() {
    Fqn();
    for (std::string_view field : {"type", "owner", "maturity", "url", "label"})
      DiffersField(field);
    DiffersText("description", base_.description, head_.description);
    std::set<std::string> base(base_.depends_on_nodes.begin(), base_.depends_on_nodes.end());
    std::set<std::string> head(head_.depends_on_nodes.begin(), head_.depends_on_nodes.end());
    Differs(base != head, "depends_on", "depends_on differs",
            Small(Value::FromStrings({base.begin(), base.end()})),
            Small(Value::FromStrings({head.begin(), head.end()})));
    if (Configs()) modified_ = true;
  }

  void Metric() {
    if (base_.definition.Find("calculation_method") ||
        head_.definition.Find("calculation_method") || base_.definition.Find("model") ||
        head_.definition.Find("model")) {
      // dbt 1.3 to 1.5 (and 1.0 to 1.2 with the older names) compared the definition as well.
      for (std::string_view field :
           {"model", "window", "dimensions", "filters", "calculation_method", "expression",
            "timestamp", "time_grains", "sql"}) {
        DiffersField(field);
      }
    }
    DiffersField("type");
    DiffersField("label");
    DiffersText("description", base_.description, head_.description);
    if (Configs()) modified_ = true;
  }

  // Semantic models and saved queries compare their rendered configs as a whole; what
  // `modified.configs` says is that same comparison.
  void RenderedConfig() {
    if (WithoutNulls(base_.config) == WithoutNulls(head_.config)) return;
    findings_.State("configs");
    Differs(true, "configs", "config differs", Small(base_.config), Small(head_.config));
  }

  void SemanticModel() {
    for (std::string_view field :
         {"model", "defaults", "entities", "dimensions", "measures", "primary_entity"}) {
      DiffersField(field);
    }
    DiffersText("description", base_.description, head_.description);
    DiffersText("group", base_.group, head_.group);
    RenderedConfig();
  }

  void SavedQuery() {
    const Value& base = base_.definition["query_params"];
    const Value& head = head_.definition["query_params"];
    for (std::string_view field : {"metrics", "group_by", "where"}) {
      Value old_value = WithoutNulls(base[field]), new_value = WithoutNulls(head[field]);
      Differs(!(old_value == new_value), field, fmt::format("{} differs", field), Small(old_value),
              Small(new_value));
    }
    DiffersText("description", base_.description, head_.description);
    DiffersField("label");
    DiffersText("group", base_.group, head_.group);
    Exports();
    Differs(base_.tags != head_.tags, "tags", "tags differ", Value::FromStrings(base_.tags),
            Value::FromStrings(head_.tags));
    RenderedConfig();
  }

  void Exports() {
    auto reduced = [](const Value& exports) {
      Value list = Value::MakeArray();
      for (const Value& item : exports.items()) {
        Value kept = Value::MakeObject({{"name", item["name"]}});
        for (std::string_view key : {"export_as", "schema", "alias"}) {
          if (!item["unrendered_config"][key].is_null()) {
            kept.Set(key, item["unrendered_config"][key]);
          }
        }
        list.Append(std::move(kept));
      }
      return list;
    };
    Value base = reduced(base_.definition["exports"]), head = reduced(head_.definition["exports"]);
    Differs(!(base == head), "exports", "exports differ", Small(base), Small(head));
  }

  bool Macros();
};

bool ChangedMacro(const dbt::Node& node, const StateContext& context, Findings& findings) {
  bool hit = false;
  std::set<std::string> told;
  for (const std::string& macro : node.depends_on_macros) {
    auto changed = context.changed_macros.find(macro);
    if (changed == context.changed_macros.end()) continue;
    if (!hit) findings.State("macros");
    hit = true;
    const std::string& cause = changed->second;
    if (told.size() >= 5 || !told.insert(cause).second) continue;
    const MacroChange& what = context.macro_changes.find(cause)->second;
    findings.Because("macros", findings.FileOfRoot(what.package, what.file),
                     cause == macro
                         ? fmt::format("{} {}", cause, what.verb)
                         : fmt::format("{} {}, which {} calls", cause, what.verb, macro));
  }
  return hit;
}

bool Rules::Macros() { return ChangedMacro(head_, context_, findings_); }

// Nothing stands on the base side: what dbt's selectors say of a new node depends on its type
// alone.
void NewNode(const dbt::Node& node, const StateContext& context, Findings& findings) {
  findings.State("new");
  findings.Because("new", findings.FileOf(node), "not in the base manifest");
  if (IsParsedNode(node)) {
    for (std::string_view word :
         {"body", "configs", "relation", "persisted_descriptions", "contract"}) {
      findings.State(word);
    }
  } else if (node.resource_type == "source") {
    findings.State("configs");
    findings.State("relation");
  } else if (IsOneOf(node.resource_type, {"exposure", "metric", "semantic_model", "saved_query"})) {
    findings.State("configs");
  }
  bool macros = ChangedMacro(node, context, findings);
  // dbt calls a new source, exposure, metric, semantic model or saved query new but not modified.
  if (IsParsedNode(node) || node.resource_type == "unit_test" || macros) findings.State("modified");
}

}  // namespace

void ApplyStateRules(const Pair& pair, const StateContext& context, Findings& findings) {
  if (!pair.head) return;  // dbt never selects what is gone
  if (context.rust_engine) return ApplyEngineRules(pair, context, findings);
  if (pair.head->resource_type == "saved_query" && !context.saved_queries) return;
  if (!pair.base) {
    NewNode(*pair.head, context, findings);
  } else if (pair.head->resource_type == "semantic_model" && !context.semantic_models) {
    NewNode(*pair.head, context, findings);
    findings.change().reasons.back().detail =
        "new to dbt up to 1.7 in every comparison: it looks up no semantic model";
  } else {
    Rules(pair, context, findings).Apply();
  }
}

namespace {

// `on_base` gives the id that a macro of the head manifest had in the base manifest.
void CollectChangedMacros(const dbt::Project& base, const dbt::Project& head,
                          const std::function<std::string(const std::string&)>& on_base,
                          StateContext& context) {
  std::vector<std::string> base_ids = base.macro_ids(), head_ids = head.macro_ids();
  std::set<std::string, std::less<>> in_base(base_ids.begin(), base_ids.end());
  std::vector<std::string> frontier;
  auto changed = [&](const dbt::Macro& macro, std::string_view verb) {
    context.changed_macros.emplace(macro.unique_id, macro.unique_id);
    context.macro_changes.emplace(macro.unique_id,
                                  MacroChange{verb, macro.package_name, macro.original_file_path});
    frontier.push_back(macro.unique_id);
  };
  std::set<std::string, std::less<>> in_head;
  for (const std::string& id : head_ids) {
    std::string old_id = on_base(id);
    bool known = in_base.count(old_id) > 0;
    in_head.insert(old_id);
    if (known && base.RawField(old_id, "macro_sql") == head.RawField(id, "macro_sql")) continue;
    const dbt::Macro* macro = head.FindMacro(id);
    if (known && base.FindMacro(old_id)->macro_sql == macro->macro_sql) continue;
    changed(*macro, known ? "changed" : "is new");
  }
  for (const std::string& id : base_ids) {
    if (!in_head.count(id)) changed(*base.FindMacro(id), "is gone");
  }
  if (frontier.empty()) return;
  std::map<std::string, std::vector<std::string>> callers;
  for (const std::string& id : head_ids) {
    for (const std::string& called : head.FindMacro(id)->depends_on_macros) {
      callers[called].push_back(id);
    }
  }
  while (!frontier.empty()) {
    std::vector<std::string> next;
    for (const std::string& id : frontier) {
      std::string cause = context.changed_macros.find(id)->second;
      for (const std::string& caller : callers[id]) {
        if (context.changed_macros.emplace(caller, cause).second) next.push_back(caller);
      }
    }
    std::sort(next.begin(), next.end());
    frontier = std::move(next);
  }
}

}  // namespace

void FindChangedMacros(const dbt::Project& base, const dbt::Project& head, StateContext& context) {
  CollectChangedMacros(base, head, [](const std::string& id) { return id; }, context);
}

ChangedMacros FindChangedMacrosOfRenamed(const dbt::Project& base, const dbt::Project& head) {
  std::string old_prefix = fmt::format("macro.{}.", base.metadata().project_name);
  std::string new_prefix = fmt::format("macro.{}.", head.metadata().project_name);
  StateContext context;
  CollectChangedMacros(
      base, head,
      [&](const std::string& id) {
        return id.starts_with(new_prefix) ? old_prefix + id.substr(new_prefix.size()) : id;
      },
      context);
  return std::move(context.changed_macros);
}

}  // namespace layergate::change

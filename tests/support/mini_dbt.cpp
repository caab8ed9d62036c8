#include "support/mini_dbt.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "core/digest.h"
#include "core/text.h"
#include "core/yaml.h"
#include "support/mini_jinja.h"

namespace layergate::minidbt {
namespace {

using Files = std::map<std::string, std::string>;

bool StartsWith(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}
bool EndsWith(std::string_view text, std::string_view with) {
  return text.size() >= with.size() && text.substr(text.size() - with.size()) == with;
}
bool IsYaml(std::string_view path) { return EndsWith(path, ".yml") || EndsWith(path, ".yaml"); }

std::string Stem(std::string_view path) {
  size_t slash = path.rfind('/');
  if (slash != std::string_view::npos) path = path.substr(slash + 1);
  return std::string(path.substr(0, path.rfind('.')));
}

// "models/marts/fct_orders.sql" -> {"marts"}
std::vector<std::string> Folders(std::string_view path) {
  std::vector<std::string> parts;
  for (std::string_view part : Split(path, '/')) parts.emplace_back(part);
  if (!parts.empty()) parts.erase(parts.begin());
  if (!parts.empty()) parts.pop_back();
  return parts;
}

Value StringList(const Value& value) {
  Value list = Value::MakeArray();
  if (value.is_array()) {
    for (const Value& item : value.items()) list.Append(Value(item.AsString()));
  } else if (value.is_string()) {
    list.Append(value);
  }
  return list;
}

void AddUnique(Value& list, const Value& items) {
  if (!list.is_array()) list = Value::MakeArray();
  const Value strings = StringList(items);
  for (const Value& item : strings.items()) {
    const Value::Array& there = list.items();
    if (std::find(there.begin(), there.end(), item) == there.end()) list.Append(item);
  }
}

void AddUnique(std::vector<std::string>& list, const std::string& item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

// dbt merges configurations from the outside in: tags add up, meta merges by key, the rest is
// replaced.
void MergeConfig(Value& config, const Value& more) {
  for (const auto& [raw_key, value] : more.members()) {
    std::string key = raw_key.substr(raw_key.front() == '+' ? 1 : 0);
    if (key == "pre_hook") key = "pre-hook";
    if (key == "post_hook") key = "post-hook";
    if (key == "tags") {
      Value tags = config["tags"];
      AddUnique(tags, value);
      config.Set("tags", std::move(tags));
    } else if (key == "meta") {
      config.Set("meta", MergePatch(config["meta"], value));
    } else if (key == "pre-hook" || key == "post-hook") {
      // dbt adds up the hooks of all levels; a level that was merged before holds whole hooks.
      Value hooks = config[key].is_array() ? config[key] : Value(Value::MakeArray());
      const Value single = value.is_string() ? Value::MakeArray({value}) : value;
      for (const Value& hook : single.items()) {
        hooks.Append(
            hook.is_object()
                ? hook
                : Value::MakeObject({{"sql", hook}, {"transaction", true}, {"index", nullptr}}));
      }
      config.Set(key, std::move(hooks));
    } else {
      config.Set(key, value);
    }
  }
}

struct Relation {
  std::string database, schema, identifier;
  std::string Quoted() const {
    std::string text = database.empty() ? "" : fmt::format("\"{}\".", database);
    return text + fmt::format("\"{}\".\"{}\"", schema, identifier);
  }
};

// What a model's Jinja asked for.
struct Usage {
  Value refs = Value::MakeArray(), sources = Value::MakeArray();
  std::vector<std::string> nodes, macros, ephemeral;
  Value config = Value::MakeObject();
  std::string unresolved;  // the first name that nothing answers to
};

class Builder {
 public:
  Builder(const Files& files, const Options& options) : files_(files), options_(options) {}

  Result<Value> Build() {
    LAYERGATE_TRY(bool read, ReadFiles());
    LAYERGATE_TRY(bool sources, AddSources());
    LAYERGATE_TRY(bool seeds, AddSeeds());
    LAYERGATE_TRY(bool models, AddModels());
    LAYERGATE_TRY(bool tests, AddTests());
    LAYERGATE_TRY(bool semantics, AddSemantics());
    LAYERGATE_TRY(bool others, AddExposures());
    AddOperations();
    (void)(read && sources && seeds && models && tests && semantics && others);
    return Manifest();
  }

 private:
  struct YamlEntry {
    std::string path;
    Value value;
  };
  struct Macro {
    MacroText text;
    std::string path;
  };
  struct Model {
    std::string path, raw;
    Value config = Value::MakeObject(), unrendered = Value::MakeObject();
    YamlEntry yaml;
    Relation relation;
    bool is_ephemeral = false;
    // Set by Compile.
    bool compiled = false, compiling = false;
    Usage usage;
    std::string sql;
  };

  // --- reading -------------------------------------------------------------------------------

  Result<bool> ReadFiles() {
    for (const auto& [path, text] : files_) {
      if (IsYaml(path)) {
        LAYERGATE_TRY(YamlNode tree, ReadYaml(text, path));
        if (path == "dbt_project.yml") {
          project_ = ToValue(tree);
        } else if (StartsWith(path, "models/") || StartsWith(path, "seeds/")) {
          Sort(path, ToValue(tree));
        }
      } else if (StartsWith(path, "macros/")) {
        auto macros = ReadMacros(text);
        if (!macros) return macros.error().WithContext(path);
        for (MacroText& macro : *macros) {
          macros_[macro.name] = {macro, path};
        }
      } else if (StartsWith(path, "models/") && EndsWith(path, ".sql")) {
        Model& model = models_[Stem(path)];
        if (!model.path.empty()) {
          return MakeError(fmt::format("two models are named {}", Stem(path)));
        }
        model.path = path;
        model.raw = std::string(Trim(text));
      }
    }
    name_ = std::string(project_["name"].AsString("shop"));
    return true;
  }

  void Sort(const std::string& path, const Value& tree) {
    for (const auto& [kind, entries] : tree.members()) {
      for (const Value& entry : entries.items()) yaml_[kind].push_back({path, entry});
    }
  }

  // Configuration that dbt_project.yml gives to a path: the levels of `models:` by folder.
  Value ProjectConfig(std::string_view section, const std::vector<std::string>& folders,
                      const std::string& model) const {
    Value config = Value::MakeObject();
    const Value* level = &project_[section];
    std::vector<std::string> way = {name_};
    way.insert(way.end(), folders.begin(), folders.end());
    way.push_back(model);
    for (size_t i = 0; level && level->is_object(); ++i) {
      Value here = Value::MakeObject();
      for (const auto& [key, value] : level->members()) {
        if (key.front() == '+') here.Set(key, value);
      }
      MergeConfig(config, here);
      level = i < way.size() ? level->Find(way[i]) : nullptr;
    }
    return config;
  }

  // --- sources, seeds, models ----------------------------------------------------------------

  Result<bool> AddSources() {
    for (const YamlEntry& entry : yaml_["sources"]) {
      const Value& source = entry.value;
      std::string group(source["name"].AsString());
      for (const Value& table : source["tables"].items()) {
        std::string name(table["name"].AsString());
        std::string id = fmt::format("source.{}.{}.{}", name_, group, name);
        Relation relation{options_.database.empty()
                              ? ""
                              : std::string(source["database"].AsString(options_.database)),
                          options_.database.empty() ? options_.schema
                                                    : std::string(source["schema"].AsString(group)),
                          std::string(table["identifier"].AsString(name))};
        Value config = Value::MakeObject({{"enabled", true}});
        MergeConfig(config, source["config"]);
        MergeConfig(config, table["config"]);
        Value tags = Value::MakeArray();
        AddUnique(tags, source["tags"]);
        AddUnique(tags, table["tags"]);
        AddUnique(tags, config["tags"]);
        Value meta = MergePatch(source["meta"], table["meta"]);
        meta = MergePatch(meta, config["meta"]);
        Value node = Named(id, "source", name, entry.path, {name_, group, name});
        SetRelation(node, relation);
        node.Set("identifier", relation.identifier);
        node.Set("source_name", group);
        node.Set("source_description", source["description"].AsString());
        node.Set("description", table["description"].AsString());
        node.Set("loader", source["loader"].AsString());
        node.Set("loaded_at_field", table["loaded_at_field"]);
        node.Set("freshness", table["freshness"]);
        node.Set("external", nullptr);
        node.Set("quoting", Value::MakeObject());
        node.Set("columns", Columns(table["columns"]));
        node.Set("config", std::move(config));
        node.Set("unrendered_config", Value::MakeObject());
        node.Set("tags", std::move(tags));
        node.Set("meta", std::move(meta));
        node.Set("patch_path", nullptr);
        sources_node_.Set(id, std::move(node));
        source_relation_[group + "." + name] = {id, relation};
        CollectTests(table, id, fmt::format("source('{}', '{}')", group, name),
                     fmt::format("source_{}_{}", group, name), entry.path);
      }
    }
    return true;
  }

  const YamlEntry* Find(const std::string& kind, std::string_view name) {
    for (const YamlEntry& entry : yaml_[kind]) {
      if (entry.value["name"].AsString() == name) return &entry;
    }
    return nullptr;
  }

  Result<bool> AddSeeds() {
    for (const auto& [path, text] : files_) {
      if (!StartsWith(path, "seeds/") || !EndsWith(path, ".csv")) continue;
      std::string name = Stem(path);
      std::string id = fmt::format("seed.{}.{}", name_, name);
      Relation relation{options_.database, options_.schema, name};
      const YamlEntry* yaml = Find("seeds", name);
      static const YamlEntry kNone;
      const Value& entry = yaml ? yaml->value : kNone.value;
      Value config = Value::MakeObject({{"enabled", true}, {"materialized", "seed"}});
      MergeConfig(config, ProjectConfig("seeds", Folders(path), name));
      MergeConfig(config, entry["config"]);
      Value node = Named(id, "seed", name, path, {name_, name});
      SetRelation(node, relation);
      node.Set("raw_code", "");
      node.Set("checksum", Checksum(Trim(text)));
      Finish(node, entry, std::move(config), Value::MakeObject(), yaml ? yaml->path : "");
      node.Set("depends_on", Value::MakeObject({{"macros", Value::MakeArray()}}));
      nodes_.Set(id, std::move(node));
      other_relation_[name] = {id, relation};
      CollectTests(entry, id, fmt::format("ref('{}')", name), name, yaml ? yaml->path : path);
    }
    return true;
  }

  // Configuration first, for all models: a ref needs to know whether its model is ephemeral.
  Result<bool> AddModels() {
    for (auto& [name, model] : models_) {
      if (const YamlEntry* yaml = Find("models", name)) model.yaml = *yaml;
      Usage usage;
      auto config_only = Render(model.raw, [&](const Expression& expression) {
        if (expression.name == "config") ReadConfig(expression, usage);
        return Result<std::string>(std::string());
      });
      if (!config_only) return config_only.error().WithContext(model.path);
      Value project = ProjectConfig("models", Folders(model.path), name);
      model.config = Value::MakeObject(
          {{"enabled", true},
           {"alias", nullptr},
           {"schema", nullptr},
           {"database", nullptr},
           {"tags", Value::MakeArray()},
           {"meta", Value::MakeObject()},
           {"group", nullptr},
           {"materialized", "table"},
           {"on_schema_change", "ignore"},
           {"contract", Value::MakeObject({{"enforced", false}, {"alias_types", true}})},
           {"access", "protected"}});
      for (const Value* level :
           {&std::as_const(project), &model.yaml.value["config"], &std::as_const(usage.config)}) {
        MergeConfig(model.config, *level);
        MergeConfig(model.unrendered, *level);
      }
      AddTopLevel(model);
      model.is_ephemeral = model.config["materialized"].AsString() == "ephemeral";
      model.relation = {options_.database, options_.schema,
                        std::string(model.config["alias"].AsString(name))};
    }
    for (auto& [name, model] : models_) {
      LAYERGATE_TRY(bool compiled, Compile(name, model));
      (void)compiled;
      AddModel(name, model);
    }
    return true;
  }

  // tags, meta, access and group may stand beside `config:` too.
  static void AddTopLevel(Model& model) {
    Value beside = Value::MakeObject();
    for (const char* key : {"tags", "meta", "access", "group"}) {
      if (const Value* value = model.yaml.value.Find(key)) beside.Set(key, *value);
    }
    MergeConfig(model.config, beside);
    if (!beside["meta"].empty()) MergeConfig(model.unrendered, beside);
  }

  void AddModel(const std::string& name, Model& model) {
    std::string id = fmt::format("model.{}.{}", name_, name);
    std::vector<std::string> fqn = {name_};
    for (std::string& folder : Folders(model.path)) fqn.push_back(folder);
    fqn.push_back(name);
    Value node = Named(id, "model", name, model.path, fqn);
    SetRelation(node, model.relation);
    if (model.is_ephemeral) node.Set("relation_name", nullptr);
    node.Set("language", "sql");
    node.Set("raw_code", model.raw);
    bool compiled = model.usage.unresolved.empty();
    node.Set("compiled", compiled);
    if (compiled) node.Set("compiled_code", model.sql);
    node.Set("checksum", Checksum(model.raw));
    node.Set("refs", model.usage.refs);
    node.Set("sources", model.usage.sources);
    Value ctes = Value::MakeArray();
    for (const std::string& cte : model.usage.ephemeral) {
      ctes.Append(Value::MakeObject({{"id", cte}, {"sql", ""}}));
    }
    node.Set("extra_ctes", std::move(ctes));
    node.Set("depends_on", Value::MakeObject({{"macros", Value::FromStrings(model.usage.macros)},
                                              {"nodes", Value::FromStrings(model.usage.nodes)}}));
    const Value& entry = model.yaml.value;
    node.Set("constraints",
             entry["constraints"].is_array() ? entry["constraints"] : Value(Value::MakeArray()));
    node.Set("access", model.config["access"]);
    node.Set("group", model.config["group"]);
    node.Set("version", nullptr);
    node.Set("latest_version", nullptr);
    node.Set("deprecation_date", entry["deprecation_date"]);
    Value contract = Value::MakeObject({{"enforced", model.config["contract"]["enforced"].AsBool()},
                                        {"alias_types", true},
                                        {"checksum", nullptr}});
    if (contract["enforced"].AsBool()) {
      contract.Set("checksum", Sha256Hex(WriteJson(entry["columns"])));
    }
    node.Set("contract", std::move(contract));
    Finish(node, entry, model.config, model.unrendered, model.yaml.path);
    nodes_.Set(id, std::move(node));
    CollectTests(entry, id, fmt::format("ref('{}')", name), name, model.yaml.path);
  }

  // --- compiling -----------------------------------------------------------------------------

  static void ReadConfig(const Expression& expression, Usage& usage) {
    Value given = Value::MakeObject();
    for (const Value& map : expression.args) {
      for (const auto& [key, value] : map.members()) given.Set(key, value);
    }
    for (const auto& [key, value] : expression.kwargs) given.Set(key, value);
    MergeConfig(usage.config, given);
  }

  Result<bool> Compile(const std::string& name, Model& model) {
    if (model.compiled) return true;
    if (model.compiling) return MakeError(fmt::format("{} reads itself", name));
    model.compiling = true;
    LAYERGATE_TRY(std::string sql, RenderSql(model.raw, model, {}));
    model.sql = std::string(Trim(sql));
    InlineEphemeral(model);
    model.compiled = true;
    return true;
  }

  Result<std::string> RenderSql(std::string_view text, Model& model,
                                const std::map<std::string, Value>& parameters) {
    auto rendered = Render(text, [&](const Expression& e) { return Answer(e, model, parameters); });
    if (!rendered) return rendered.error().WithContext(model.path);
    return rendered;
  }

  Result<std::string> Answer(const Expression& e, Model& model,
                             const std::map<std::string, Value>& parameters) {
    if (!e.is_call) {
      if (e.name == "this") return model.relation.Quoted();
      auto parameter = parameters.find(e.name);
      if (parameter != parameters.end()) return Plain(parameter->second);
      return MakeError(fmt::format("`{{{{ {} }}}}` is not known to cases", e.name));
    }
    if (e.name == "config") return std::string();
    if (e.name == "ref") return AnswerRef(e, model);
    if (e.name == "source") return AnswerSource(e, model.usage);
    if (e.name == "var") return AnswerVar(e);
    return AnswerMacro(e, model);
  }

  static std::string Plain(const Value& value) {
    return value.is_string() ? std::string(value.AsString()) : WriteJson(value);
  }

  Result<std::string> AnswerRef(const Expression& e, Model& model) {
    if (e.args.empty()) return MakeError("ref() needs a name");
    std::string name(e.args.back().AsString());
    Value ref = Value::MakeObject({{"name", name}, {"package", nullptr}, {"version", nullptr}});
    if (e.args.size() > 1) ref.Set("package", e.args.front());
    model.usage.refs.Append(std::move(ref));
    auto other = other_relation_.find(name);
    if (other != other_relation_.end()) {
      AddUnique(model.usage.nodes, other->second.first);
      return other->second.second.Quoted();
    }
    auto found = models_.find(name);
    if (found == models_.end()) {
      if (model.usage.unresolved.empty()) model.usage.unresolved = name;
      return "unresolved." + name;
    }
    std::string id = fmt::format("model.{}.{}", name_, name);
    AddUnique(model.usage.nodes, id);
    if (!found->second.is_ephemeral) return found->second.relation.Quoted();
    LAYERGATE_TRY(bool compiled, Compile(name, found->second));
    (void)compiled;
    for (const std::string& inner : found->second.usage.ephemeral) {
      AddUnique(model.usage.ephemeral, inner);
    }
    AddUnique(model.usage.ephemeral, id);
    return "__dbt__cte__" + name;
  }

  Result<std::string> AnswerSource(const Expression& e, Usage& usage) {
    if (e.args.size() != 2) return MakeError("source() needs two names");
    usage.sources.Append(Value::MakeArray({e.args[0], e.args[1]}));
    std::string key = fmt::format("{}.{}", e.args[0].AsString(), e.args[1].AsString());
    auto found = source_relation_.find(key);
    if (found == source_relation_.end()) {
      if (usage.unresolved.empty()) usage.unresolved = key;
      return "unresolved." + key;
    }
    AddUnique(usage.nodes, found->second.first);
    return found->second.second.Quoted();
  }

  Result<std::string> AnswerVar(const Expression& e) {
    if (e.args.empty()) return MakeError("var() needs a name");
    const Value* value = project_["vars"].Find(e.args[0].AsString());
    if (value) return Plain(*value);
    if (e.args.size() > 1) return Plain(e.args[1]);
    return MakeError(fmt::format("var {} is not in dbt_project.yml", e.args[0].AsString()));
  }

  Result<std::string> AnswerMacro(const Expression& e, Model& model) {
    auto found = macros_.find(e.name);
    if (found == macros_.end()) {
      if (model.usage.unresolved.empty()) model.usage.unresolved = e.name;
      return std::string("unresolved");
    }
    AddUnique(model.usage.macros, fmt::format("macro.{}.{}", name_, e.name));
    std::map<std::string, Value> parameters;
    const MacroText& macro = found->second.text;
    for (size_t i = 0; i < e.args.size() && i < macro.parameters.size(); ++i) {
      parameters[macro.parameters[i]] = e.args[i];
    }
    for (const auto& [key, value] : e.kwargs) parameters[key] = value;
    LAYERGATE_TRY(std::string sql, RenderSql(macro.body, model, parameters));
    return std::string(Trim(sql));
  }

  // dbt puts ephemeral models in front of the query as CTEs.
  void InlineEphemeral(Model& model) {
    if (model.usage.ephemeral.empty()) return;
    std::string ctes;
    for (const std::string& id : model.usage.ephemeral) {
      std::string name = id.substr(id.rfind('.') + 1);
      std::string body =
          models_[name].usage.ephemeral.empty() ? models_[name].sql : OwnSql(models_[name]);
      if (!ctes.empty()) ctes += ", ";
      ctes += fmt::format("__dbt__cte__{} as (\n{}\n)", name, body);
    }
    own_sql_[model.path] = model.sql;
    bool has_with = EqualsIgnoreCase(model.sql.substr(0, 5), "with ") ||
                    EqualsIgnoreCase(model.sql.substr(0, 5), "with\n");
    model.sql = has_with ? fmt::format("with {},\n{}", ctes, Trim(model.sql.substr(5)))
                         : fmt::format("with {}\n{}", ctes, model.sql);
  }
  const std::string& OwnSql(const Model& model) { return own_sql_[model.path]; }

  // --- parts of nodes ------------------------------------------------------------------------

  Value Named(const std::string& id, std::string_view type, const std::string& name,
              const std::string& path, const std::vector<std::string>& fqn) const {
    return Value::MakeObject({{"unique_id", id},
                              {"resource_type", type},
                              {"package_name", name_},
                              {"name", name},
                              {"path", path.substr(path.find('/') + 1)},
                              {"original_file_path", path},
                              {"fqn", Value::FromStrings(fqn)}});
  }

  static void SetRelation(Value& node, const Relation& relation) {
    node.Set("database", relation.database.empty() ? Value() : Value(relation.database));
    node.Set("schema", relation.schema);
    node.Set("alias", relation.identifier);
    node.Set("relation_name", relation.Quoted());
  }

  static Value Checksum(std::string_view text) {
    return Value::MakeObject({{"name", "sha256"}, {"checksum", Sha256Hex(text)}});
  }

  void Finish(Value& node, const Value& entry, Value config, Value unrendered,
              const std::string& yaml_path) const {
    node.Set("description", entry["description"].AsString());
    node.Set("columns", Columns(entry["columns"]));
    node.Set("tags", config["tags"].is_array() ? config["tags"] : Value(Value::MakeArray()));
    node.Set("meta", config["meta"].is_object() ? config["meta"] : Value(Value::MakeObject()));
    node.Set("patch_path",
             yaml_path.empty() ? Value() : Value(fmt::format("{}://{}", name_, yaml_path)));
    node.Set("config", std::move(config));
    node.Set("unrendered_config", std::move(unrendered));
  }

  // dbt keeps keys that it does not know: policy_tags, classifiers, masking keys.
  static Value Columns(const Value& entries) {
    Value columns = Value::MakeObject();
    for (const Value& entry : entries.items()) {
      Value column = Value::MakeObject();
      for (const auto& [key, value] : entry.members()) {
        if (key == "tests" || key == "data_tests") continue;
        column.Set(key, value);
      }
      column.Set("description", entry["description"].AsString());
      column.Set("data_type", entry["data_type"]);
      column.Set("quote", entry["quote"]);
      Value meta = MergePatch(entry["meta"], entry["config"]["meta"]);
      column.Set("meta", meta.is_object() ? meta : Value(Value::MakeObject()));
      Value tags = Value::MakeArray();
      AddUnique(tags, entry["tags"]);
      AddUnique(tags, entry["config"]["tags"]);
      column.Set("tags", std::move(tags));
      if (!entry["constraints"].is_array()) column.Set("constraints", Value::MakeArray());
      columns.Set(entry["name"].AsString(), std::move(column));
    }
    return columns;
  }

  // --- tests ---------------------------------------------------------------------------------

  struct TestUse {
    Value test;
    std::string column, node, target, prefix, path;
  };

  void CollectTests(const Value& entry, const std::string& node, const std::string& target,
                    const std::string& prefix, const std::string& path) {
    for (const char* key : {"tests", "data_tests"}) {
      for (const Value& test : entry[key].items()) {
        tests_.push_back({test, "", node, target, prefix, path});
      }
      for (const Value& column : entry["columns"].items()) {
        for (const Value& test : column[key].items()) {
          tests_.push_back(
              {test, std::string(column["name"].AsString()), node, target, prefix, path});
        }
      }
    }
  }

  Result<bool> AddTests() {
    for (const TestUse& use : tests_) {
      LAYERGATE_TRY(bool added, AddGenericTest(use));
      (void)added;
    }
    for (const auto& [path, text] : files_) {
      if (!StartsWith(path, "tests/") || !EndsWith(path, ".sql")) continue;
      Model test;
      test.path = path;
      test.raw = std::string(Trim(text));
      LAYERGATE_TRY(test.sql, RenderSql(test.raw, test, {}));
      std::string name = Stem(path);
      std::string id = fmt::format("test.{}.{}", name_, name);
      Value node = Named(id, "test", name, path, {name_, name});
      node.Set("raw_code", test.raw);
      node.Set("compiled_code", std::string(Trim(test.sql)));
      node.Set("checksum", Checksum(test.raw));
      node.Set("refs", test.usage.refs);
      node.Set("sources", test.usage.sources);
      Finish(node, Value(), TestConfig(Value()), Value::MakeObject(), "");
      DependOn(node, test.usage.nodes);
      nodes_.Set(id, std::move(node));
    }
    return true;
  }

  static Value TestConfig(const Value& given) {
    Value config = Value::MakeObject({{"enabled", true},
                                      {"materialized", "test"},
                                      {"severity", "ERROR"},
                                      {"where", nullptr},
                                      {"limit", nullptr},
                                      {"warn_if", "!= 0"},
                                      {"error_if", "!= 0"},
                                      {"fail_calc", "count(*)"},
                                      {"tags", Value::MakeArray()},
                                      {"meta", Value::MakeObject()}});
    MergeConfig(config, given);
    return config;
  }

  static void DependOn(Value& node, const std::vector<std::string>& nodes) {
    node.Set("depends_on", Value::MakeObject({{"macros", Value::MakeArray()},
                                              {"nodes", Value::FromStrings(nodes)}}));
  }

  // "{{ ref('x') }}" or "ref('x')" as an argument of a test, a semantic model or an exposure.
  Result<std::string> IdOf(std::string_view text, const std::string& path) {
    text = Trim(text);
    if (StartsWith(text, "{{")) text = Trim(text.substr(2, text.size() - 4));
    LAYERGATE_TRY(Expression expression, ReadExpression(text));
    Model reader;
    reader.path = path;
    LAYERGATE_TRY(std::string relation, Answer(expression, reader, {}));
    if (reader.usage.nodes.empty()) {
      return MakeError(fmt::format("{}: {} names nothing", path, text));
    }
    return reader.usage.nodes.front();
  }

  Result<bool> AddGenericTest(const TestUse& use) {
    std::string test(use.test.AsString());
    Value kwargs = Value::MakeObject(), config = Value::MakeObject();
    std::string given_name;
    if (use.test.is_object() && !use.test.members().empty()) {
      test = use.test.members().front().first;
      Value arguments = use.test.members().front().second;
      for (const auto& [key, value] : arguments.members()) {
        if (key == "config") {
          MergeConfig(config, value);
        } else if (key == "severity" || key == "where" || key == "limit" || key == "warn_if" ||
                   key == "error_if" || key == "enabled" || key == "tags" || key == "meta") {
          config.Set(key, value);
        } else if (key == "name") {
          given_name = std::string(value.AsString());
        } else if (key == "arguments") {
          for (const auto& [name, argument] : value.members()) kwargs.Set(name, argument);
        } else {
          kwargs.Set(key, value);
        }
      }
    }
    std::string package;
    size_t dot = test.find('.');
    std::string bare = test;
    if (dot != std::string::npos) {
      package = test.substr(0, dot);
      bare = test.substr(dot + 1);
    }
    std::vector<std::string> nodes = {use.node};
    if (const Value* to = kwargs.Find("to")) {
      LAYERGATE_TRY(std::string other, IdOf(to->AsString(), use.path));
      AddUnique(nodes, other);
    }
    std::string name = bare + "_" + use.prefix;
    if (!use.column.empty()) name += "_" + use.column;
    for (const auto& [key, value] : kwargs.members()) name += "__" + Words(value);
    if (!given_name.empty()) name = given_name;
    if (!use.column.empty()) kwargs.Set("column_name", use.column);
    kwargs.Set("model", fmt::format("{{{{ get_where_subquery({}) }}}}", use.target));
    std::string hash = Sha256Hex(test + WriteJson(kwargs) + given_name).substr(0, 10);
    std::string id = fmt::format("test.{}.{}.{}", name_, name, hash);
    Value node = Named(id, "test", name, use.path, {name_, name});
    node.Set("raw_code", fmt::format("{{{{ test_{}(**_dbt_generic_test_kwargs) }}}}", bare));
    node.Set("checksum", Value::MakeObject({{"name", "none"}, {"checksum", ""}}));
    node.Set("test_metadata",
             Value::MakeObject({{"name", bare},
                                {"kwargs", std::move(kwargs)},
                                {"namespace", package.empty() ? Value() : Value(package)}}));
    node.Set("column_name", use.column.empty() ? Value() : Value(use.column));
    node.Set("attached_node", use.node);
    Finish(node, Value(), TestConfig(config), config, "");
    DependOn(node, nodes);
    if (package.empty() && macros_.count("test_" + bare) > 0) {
      Value depends = node["depends_on"];
      depends.Set("macros", Value::FromStrings({fmt::format("macro.{}.test_{}", name_, bare)}));
      node.Set("depends_on", std::move(depends));
    }
    if (config["enabled"].is_bool() && !config["enabled"].AsBool()) {
      disabled_.Set(id, Value::MakeArray({std::move(node)}));
    } else {
      nodes_.Set(id, std::move(node));
    }
    return true;
  }

  static std::string Words(const Value& value) {
    std::string text = WriteJson(value), words;
    for (char c : text) {
      if (std::isalnum(static_cast<unsigned char>(c))) {
        words += c;
      } else if (!words.empty() && words.back() != '_') {
        words += '_';
      }
    }
    while (!words.empty() && words.back() == '_') words.pop_back();
    return words.substr(0, 40);
  }

  // --- metrics and their like ----------------------------------------------------------------

  // The entry's own keys, beside the ones that every node has.
  void AddDefinition(Value& node, const Value& entry) const {
    for (const auto& [key, value] : entry.members()) {
      if (!node.Find(key)) node.Set(key, value);
    }
  }

  static Value Filter(const Value& filter) {
    if (!filter.is_string()) return filter;
    return Value::MakeObject(
        {{"where_filters",
          Value::MakeArray({Value::MakeObject({{"where_sql_template", filter}})})}});
  }

  static Value Measure(const Value& measure) {
    if (measure.is_string()) return Value::MakeObject({{"name", measure}, {"filter", nullptr}});
    return measure;
  }

  Result<bool> AddSemantics() {
    std::map<std::string, std::string> model_of_measure;
    for (const YamlEntry& entry : yaml_["semantic_models"]) {
      std::string name(entry.value["name"].AsString());
      std::string id = fmt::format("semantic_model.{}.{}", name_, name);
      LAYERGATE_TRY(std::string model, IdOf(entry.value["model"].AsString(), entry.path));
      Value node = Named(id, "semantic_model", name, entry.path, {name_, name});
      node.Set("model", entry.value["model"]);
      node.Set("config", Value::MakeObject({{"enabled", true}}));
      AddDefinition(node, entry.value);
      DependOn(node, {model});
      for (const Value& measure : entry.value["measures"].items()) {
        model_of_measure[std::string(measure["name"].AsString())] = id;
      }
      semantic_models_.Set(id, std::move(node));
    }
    for (const YamlEntry& entry : yaml_["metrics"]) {
      std::string name(entry.value["name"].AsString());
      std::string id = fmt::format("metric.{}.{}", name_, name);
      Value parameters = entry.value["type_params"];
      std::vector<std::string> nodes;
      Value inputs = Value::MakeArray();
      for (const char* key : {"measure", "numerator", "denominator"}) {
        if (!parameters.Find(key)) continue;
        Value measure = Measure(parameters[key]);
        auto found = model_of_measure.find(std::string(measure["name"].AsString()));
        if (found != model_of_measure.end()) AddUnique(nodes, found->second);
        inputs.Append(measure);
        parameters.Set(key, std::move(measure));
      }
      for (const Value& metric : parameters["metrics"].items()) {
        AddUnique(nodes,
                  fmt::format("metric.{}.{}", name_,
                              metric.is_string() ? metric.AsString() : metric["name"].AsString()));
      }
      parameters.Set("input_measures", std::move(inputs));
      Value node = Named(id, "metric", name, entry.path, {name_, name});
      node.Set("type_params", std::move(parameters));
      node.Set("filter", Filter(entry.value["filter"]));
      node.Set("config", Value::MakeObject({{"enabled", true}}));
      AddDefinition(node, entry.value);
      DependOn(node, nodes);
      metrics_.Set(id, std::move(node));
    }
    for (const YamlEntry& entry : yaml_["saved_queries"]) {
      std::string name(entry.value["name"].AsString());
      std::string id = fmt::format("saved_query.{}.{}", name_, name);
      std::vector<std::string> nodes;
      for (const Value& metric : entry.value["query_params"]["metrics"].items()) {
        AddUnique(nodes, fmt::format("metric.{}.{}", name_, metric.AsString()));
      }
      Value node = Named(id, "saved_query", name, entry.path, {name_, name});
      AddDefinition(node, entry.value);
      DependOn(node, nodes);
      saved_queries_.Set(id, std::move(node));
    }
    return true;
  }

  Result<bool> AddExposures() {
    for (const YamlEntry& entry : yaml_["exposures"]) {
      std::string name(entry.value["name"].AsString());
      std::string id = fmt::format("exposure.{}.{}", name_, name);
      std::vector<std::string> nodes;
      for (const Value& reads : entry.value["depends_on"].items()) {
        LAYERGATE_TRY(std::string node_id, IdOf(reads.AsString(), entry.path));
        AddUnique(nodes, node_id);
      }
      Value node = Named(id, "exposure", name, entry.path, {name_, name});
      DependOn(node, nodes);
      AddDefinition(node, entry.value);
      exposures_.Set(id, std::move(node));
    }
    for (const YamlEntry& entry : yaml_["unit_tests"]) {
      std::string name(entry.value["name"].AsString());
      std::string model(entry.value["model"].AsString());
      std::string id = fmt::format("unit_test.{}.{}.{}", name_, model, name);
      Value node = Named(id, "unit_test", name, entry.path, {name_, model, name});
      DependOn(node, {fmt::format("model.{}.{}", name_, model)});
      AddDefinition(node, entry.value);
      node.Set("checksum", Sha256Hex(WriteJson(entry.value)));
      unit_tests_.Set(id, std::move(node));
    }
    return true;
  }

  // on-run-start and on-run-end of dbt_project.yml.
  void AddOperations() {
    for (const char* when : {"on-run-start", "on-run-end"}) {
      int index = 0;
      const Value statements = StringList(project_[when]);
      for (const Value& sql : statements.items()) {
        std::string name = fmt::format("{}-{}-{}", name_, when, index);
        std::string id = fmt::format("operation.{}.{}", name_, name);
        Value node = Named(id, "operation", name, "./dbt_project.yml", {name_, name});
        node.Set("raw_code", sql);
        node.Set("index", index++);
        node.Set("tags", Value::MakeArray({when}));
        node.Set("checksum", Checksum(sql.AsString()));
        node.Set("config", Value::MakeObject({{"enabled", true}}));
        node.Set("depends_on", Value::MakeObject({{"macros", MacrosIn(sql.AsString())},
                                                  {"nodes", Value::MakeArray()}}));
        nodes_.Set(id, std::move(node));
      }
    }
  }

  Value MacrosIn(std::string_view text) const {
    Value ids = Value::MakeArray();
    for (const std::string& name : CalledNames(text)) {
      if (macros_.count(name)) ids.Append(Value(fmt::format("macro.{}.{}", name_, name)));
    }
    return ids;
  }

  // --- the whole -----------------------------------------------------------------------------

  Value Macros() const {
    Value macros = Value::MakeObject();
    for (const auto& [name, macro] : macros_) {
      std::string id = fmt::format("macro.{}.{}", name_, name);
      Value arguments = Value::MakeArray();
      for (const std::string& parameter : macro.text.parameters) {
        arguments.Append(Value::MakeObject({{"name", parameter}, {"type", nullptr}}));
      }
      macros.Set(id,
                 Value::MakeObject(
                     {{"unique_id", id},
                      {"resource_type", "macro"},
                      {"package_name", name_},
                      {"name", name},
                      {"path", macro.path},
                      {"original_file_path", macro.path},
                      {"macro_sql", macro.text.whole},
                      {"depends_on", Value::MakeObject({{"macros", MacrosIn(macro.text.body)}})},
                      {"arguments", std::move(arguments)}}));
    }
    return macros;
  }

  Value Manifest() {
    Value parents = Value::MakeObject();
    std::map<std::string, std::vector<std::string>> children;
    for (const Value* group : {&nodes_, &sources_node_, &semantic_models_, &metrics_, &exposures_,
                               &saved_queries_, &unit_tests_}) {
      for (const auto& [id, node] : group->members()) {
        const Value& nodes = node["depends_on"]["nodes"];
        parents.Set(id, nodes.is_array() ? nodes : Value(Value::MakeArray()));
        children[id];
        for (const Value& parent : nodes.items()) {
          children[std::string(parent.AsString())].push_back(id);
        }
      }
    }
    Value child_map = Value::MakeObject();
    for (const auto& [id, list] : children) child_map.Set(id, Value::FromStrings(list));
    Value metadata = Value::MakeObject(
        {{"dbt_schema_version", "https://schemas.getdbt.com/dbt/manifest/v12.json"},
         {"dbt_version", "1.10.0"},
         {"generated_at", "2026-01-01T00:00:00.000000Z"},
         {"invocation_id", "00000000-0000-4000-8000-000000000000"},
         {"project_name", name_},
         {"adapter_type", options_.adapter},
         {"quoting",
          Value::MakeObject(
              {{"database", true}, {"schema", true}, {"identifier", true}, {"column", nullptr}})}});
    Value empty = Value::MakeObject();
    return Value::MakeObject({{"metadata", std::move(metadata)},
                              {"nodes", std::move(nodes_)},
                              {"sources", std::move(sources_node_)},
                              {"macros", Macros()},
                              {"docs", empty},
                              {"exposures", std::move(exposures_)},
                              {"metrics", std::move(metrics_)},
                              {"groups", empty},
                              {"selectors", empty},
                              {"disabled", std::move(disabled_)},
                              {"parent_map", std::move(parents)},
                              {"child_map", std::move(child_map)},
                              {"group_map", empty},
                              {"saved_queries", std::move(saved_queries_)},
                              {"semantic_models", std::move(semantic_models_)},
                              {"unit_tests", std::move(unit_tests_)},
                              {"functions", empty}});
  }

  const Files& files_;
  const Options& options_;
  std::string name_ = "shop";
  Value project_ = Value::MakeObject();
  std::map<std::string, std::vector<YamlEntry>> yaml_;
  std::map<std::string, Model> models_;
  std::map<std::string, Macro> macros_;
  std::map<std::string, std::string> own_sql_;
  std::map<std::string, std::pair<std::string, Relation>> source_relation_, other_relation_;
  std::vector<TestUse> tests_;
  Value nodes_ = Value::MakeObject(), sources_node_ = Value::MakeObject(),
        semantic_models_ = Value::MakeObject(), metrics_ = Value::MakeObject(),
        exposures_ = Value::MakeObject(), saved_queries_ = Value::MakeObject(),
        unit_tests_ = Value::MakeObject(), disabled_ = Value::MakeObject();
};

}  // namespace

Value MergePatch(const Value& target, const Value& patch) {
  if (patch.is_null() && !target.is_null()) return target;
  if (!patch.is_object()) return patch;
  Value merged = Value::MakeObject();
  for (const auto& [key, value] : target.members()) {
    const Value* change = patch.Find(key);
    if (change && change->is_null()) continue;
    merged.Set(key, change ? MergePatch(value, *change) : value);
  }
  for (const auto& [key, value] : patch.members()) {
    if (!target.Find(key) && !value.is_null()) merged.Set(key, value);
  }
  return merged;
}

Result<Value> MakeManifest(const Files& files, const Options& options) {
  return Builder(files, options).Build();
}

}  // namespace layergate::minidbt

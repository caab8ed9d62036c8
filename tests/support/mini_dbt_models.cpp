// Sources, seeds and models, and what their Jinja asks for.
#include <fmt/format.h>

#include "core/digest.h"
#include "core/text.h"
#include "support/mini_dbt_builder.h"

namespace layergate::minidbt {

Result<bool> Builder::AddSources() {
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

const Builder::YamlEntry* Builder::Find(const std::string& kind, std::string_view name) {
  for (const YamlEntry& entry : yaml_[kind]) {
    if (entry.value["name"].AsString() == name) return &entry;
  }
  return nullptr;
}

Result<bool> Builder::AddSeeds() {
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

Result<bool> Builder::AddModels() {
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

void Builder::AddTopLevel(Model& model) {
  Value beside = Value::MakeObject();
  for (const char* key : {"tags", "meta", "access", "group"}) {
    if (const Value* value = model.yaml.value.Find(key)) beside.Set(key, *value);
  }
  MergeConfig(model.config, beside);
  if (!beside["meta"].empty()) MergeConfig(model.unrendered, beside);
}

void Builder::AddModel(const std::string& name, Model& model) {
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

void Builder::ReadConfig(const Expression& expression, Usage& usage) {
  Value given = Value::MakeObject();
  for (const Value& map : expression.args) {
    for (const auto& [key, value] : map.members()) given.Set(key, value);
  }
  for (const auto& [key, value] : expression.kwargs) given.Set(key, value);
  MergeConfig(usage.config, given);
}

Result<bool> Builder::Compile(const std::string& name, Model& model) {
  if (model.compiled) return true;
  if (model.compiling) return MakeError(fmt::format("{} reads itself", name));
  model.compiling = true;
  LAYERGATE_TRY(std::string sql, RenderSql(model.raw, model, {}));
  model.sql = std::string(Trim(sql));
  InlineEphemeral(model);
  model.compiled = true;
  return true;
}

Result<std::string> Builder::RenderSql(std::string_view text, Model& model,
                                       const std::map<std::string, Value>& parameters) {
  auto rendered = Render(text, [&](const Expression& e) { return Answer(e, model, parameters); });
  if (!rendered) return rendered.error().WithContext(model.path);
  return rendered;
}

Result<std::string> Builder::Answer(const Expression& e, Model& model,
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

std::string Builder::Plain(const Value& value) {
  return value.is_string() ? std::string(value.AsString()) : WriteJson(value);
}

Result<std::string> Builder::AnswerRef(const Expression& e, Model& model) {
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

Result<std::string> Builder::AnswerSource(const Expression& e, Usage& usage) {
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

Result<std::string> Builder::AnswerVar(const Expression& e) {
  if (e.args.empty()) return MakeError("var() needs a name");
  const Value* value = project_["vars"].Find(e.args[0].AsString());
  if (value) return Plain(*value);
  if (e.args.size() > 1) return Plain(e.args[1]);
  return MakeError(fmt::format("var {} is not in dbt_project.yml", e.args[0].AsString()));
}

Result<std::string> Builder::AnswerMacro(const Expression& e, Model& model) {
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

void Builder::InlineEphemeral(Model& model) {
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

const std::string& Builder::OwnSql(const Model& model) { return own_sql_[model.path]; }

}  // namespace layergate::minidbt

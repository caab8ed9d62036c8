// Reading the files of a case, and the manifest as a whole.
#include <algorithm>

#include <fmt/format.h>

#include "core/digest.h"
#include "core/text.h"
#include "core/yaml.h"
#include "support/mini_dbt_builder.h"

namespace layergate::minidbt {

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

Result<Value> Builder::Build() {
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

Result<bool> Builder::ReadFiles() {
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

void Builder::Sort(const std::string& path, const Value& tree) {
  for (const auto& [kind, entries] : tree.members()) {
    for (const Value& entry : entries.items()) yaml_[kind].push_back({path, entry});
  }
}

Value Builder::ProjectConfig(std::string_view section, const std::vector<std::string>& folders,
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

Value Builder::Named(const std::string& id, std::string_view type, const std::string& name,
                     const std::string& path, const std::vector<std::string>& fqn) const {
  return Value::MakeObject({{"unique_id", id},
                            {"resource_type", type},
                            {"package_name", name_},
                            {"name", name},
                            {"path", path.substr(path.find('/') + 1)},
                            {"original_file_path", path},
                            {"fqn", Value::FromStrings(fqn)}});
}

void Builder::SetRelation(Value& node, const Relation& relation) {
  node.Set("database", relation.database.empty() ? Value() : Value(relation.database));
  node.Set("schema", relation.schema);
  node.Set("alias", relation.identifier);
  node.Set("relation_name", relation.Quoted());
}

Value Builder::Checksum(std::string_view text) {
  return Value::MakeObject({{"name", "sha256"}, {"checksum", Sha256Hex(text)}});
}

void Builder::Finish(Value& node, const Value& entry, Value config, Value unrendered,
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

Value Builder::Columns(const Value& entries) {
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

Value Builder::Macros() const {
  Value macros = Value::MakeObject();
  for (const auto& [name, macro] : macros_) {
    std::string id = fmt::format("macro.{}.{}", name_, name);
    Value arguments = Value::MakeArray();
    for (const std::string& parameter : macro.text.parameters) {
      arguments.Append(Value::MakeObject({{"name", parameter}, {"type", nullptr}}));
    }
    macros.Set(id, Value::MakeObject(
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

Value Builder::Manifest() {
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

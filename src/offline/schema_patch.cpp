#include "offline/schema_patch.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "core/digest.h"
#include "core/text.h"
#include "offline/node_config.h"
#include "offline/test_patch.h"

namespace layergate::offline {
namespace {

constexpr std::string_view kListed[] = {
    "models", "seeds",           "snapshots",     "analyses",   "exposures", "metrics",
    "groups", "semantic_models", "saved_queries", "unit_tests", "functions", "data_tests",
    "tests"};

// Where the manifest keeps entries of that kind, and what their ids begin with.
struct Home {
  std::string_view kind, section, prefix;
};
constexpr Home kHomes[] = {{"models", "nodes", "model"},
                           {"seeds", "nodes", "seed"},
                           {"snapshots", "nodes", "snapshot"},
                           {"analyses", "nodes", "analysis"},
                           {"data_tests", "nodes", "test"},
                           {"tests", "nodes", "test"},
                           {"sources", "sources", "source"},
                           {"exposures", "exposures", "exposure"},
                           {"metrics", "metrics", "metric"},
                           {"semantic_models", "semantic_models", "semantic_model"},
                           {"groups", "groups", "group"},
                           {"saved_queries", "saved_queries", "saved_query"},
                           {"unit_tests", "unit_tests", "unit_test"},
                           {"functions", "functions", "function"}};

const Home& HomeOf(std::string_view kind) {
  return *std::find_if(std::begin(kHomes), std::end(kHomes),
                       [&](const Home& home) { return home.kind == kind; });
}

// Configs that older YAML writes beside `config:`.
Value ConfigOf(const Value& entry) {
  Value config = Value::MakeObject();
  for (std::string_view key :
       {"meta", "tags", "docs", "access", "group", "enabled", "freshness", "loaded_at_field",
        "loaded_at_query", "event_time", "materialized"}) {
    if (const Value* value = entry.Find(key)) MergeConfig(config, key, *value);
  }
  for (const auto& [key, value] : entry["config"].members())
    MergeConfig(config, ConfigName(key), value);
  return config;
}

const Value& TestsOf(const Value& entry) {
  return entry.Find("data_tests") ? entry["data_tests"] : entry["tests"];
}

// ---- columns ----

Value ConstraintsOf(const Value& yaml) {
  Value list = Value::MakeArray();
  for (const Value& item : yaml.items()) {
    Value constraint = Value::MakeObject(
        {{"type", item["type"]},
         {"name", item["name"]},
         {"expression", item["expression"]},
         {"warn_unenforced", item.Find("warn_unenforced") ? item["warn_unenforced"] : Value(true)},
         {"warn_unsupported",
          item.Find("warn_unsupported") ? item["warn_unsupported"] : Value(true)}});
    if (item.Find("columns")) constraint.Set("columns", item["columns"]);
    list.Append(std::move(constraint));
  }
  return list;
}

Value ColumnFrom(const Value& yaml, const Value& old) {
  Value column = old.is_object() ? old
                                 : Value::MakeObject({{"name", yaml["name"]},
                                                      {"description", ""},
                                                      {"meta", Value::MakeObject()},
                                                      {"data_type", Value()},
                                                      {"constraints", Value::MakeArray()},
                                                      {"quote", Value()},
                                                      {"tags", Value::MakeArray()}});
  Value config = ConfigOf(yaml);
  for (std::string_view key : {"policy_tags", "databricks_tags", "data_type", "quote"})
    column.Set(key, yaml[key]);
  for (const auto& [key, value] : yaml.members()) {
    bool apart = key == "config" || key == "constraints" || key == "tests" || key == "data_tests";
    if (!apart) column.Set(key, value);
  }
  column.Set("name", yaml["name"]);
  column.Set("description", yaml["description"].is_null() ? Value("") : yaml["description"]);
  column.Set("constraints", ConstraintsOf(yaml["constraints"]));
  Value meta = config["meta"].is_object() ? config["meta"] : Value::MakeObject();
  Value tags = config["tags"].is_array() ? config["tags"] : Value::MakeArray();
  Value all = Value::MakeObject();
  for (const auto& [key, value] : config.members()) all.Set(key, value);
  all.Set("meta", meta);
  all.Set("tags", tags);
  column.Set("meta", std::move(meta));
  column.Set("tags", std::move(tags));
  column.Set("config", std::move(all));
  return column;
}

const Value* FindByName(const Value& list, std::string_view name) {
  for (const Value& item : list.items()) {
    if (item["name"].AsString() == name) return &item;
  }
  return nullptr;
}

void PatchColumns(Draft& draft, const std::string& id, Value& entry, const Value& before,
                  const Value& after, const std::string& path) {
  const Value& old_list = before["columns"];
  const Value& new_list = after["columns"];
  Value columns = Value::MakeObject();
  for (const Value& yaml : new_list.items()) {
    std::string name(yaml["name"].AsString());
    const Value* old_yaml = FindByName(old_list, name);
    const Value& old = entry["columns"][name];
    columns.Set(name,
                old_yaml && *old_yaml == yaml && !old.is_null() ? old : ColumnFrom(yaml, old));
    PatchTests(draft, id, name, old_yaml ? TestsOf(*old_yaml) : Value(), TestsOf(yaml), path);
  }
  for (const Value& yaml : old_list.items()) {
    std::string name(yaml["name"].AsString());
    if (!FindByName(new_list, name)) PatchTests(draft, id, name, TestsOf(yaml), Value(), path);
  }
  entry.Set("columns", std::move(columns));
  // dbt's checksum is over Python's text of the constraints: ours only has to differ when they do.
  if (entry["contract"]["enforced"].AsBool() && !(old_list == new_list)) {
    Value contract = entry["contract"];
    contract.Set("checksum", Sha256Hex(WriteJson(new_list)));
    entry.Set("contract", std::move(contract));
  }
}

// ---- definitions ----

bool SameText(const Value& yaml, const Value& json) {
  if (yaml == json) return true;
  return yaml.is_string() && json.is_string() && Trim(yaml.AsString()) == Trim(json.AsString());
}

bool IsNamedList(const Value& value) {
  return value.is_array() && !value.items().empty() &&
         std::all_of(value.items().begin(), value.items().end(),
                     [](const Value& item) { return item["name"].is_string(); });
}

// Carries the difference of two YAML values over to where the manifest has the old one. False: the
// old value is not there.
bool CarryOver(Value& json, const Value& before, const Value& after);

bool CarryOverMembers(Value& json, const Value& before, const Value& after) {
  std::set<std::string> keys;
  for (const Value* side : {&before, &after}) {
    for (const auto& [key, value] : side->members()) keys.insert(key);
  }
  for (const std::string& key : keys) {
    if (before[key] == after[key]) continue;
    Value child = json[key];
    if (!CarryOver(child, before[key], after[key])) return false;
    json.Set(key, std::move(child));
  }
  return true;
}

bool CarryOverList(Value& json, const Value& before, const Value& after) {
  if (!IsNamedList(json) && !json.items().empty()) {
    if (!(json == before)) return false;
    json = after;
    return true;
  }
  Value result = Value::MakeArray();
  for (const Value& now : after.items()) {
    std::string_view name = now["name"].AsString();
    const Value* old = FindByName(before, name);
    const Value* there = FindByName(json, name);
    if (old && !there) return false;
    Value item = there ? *there : now;
    if (old && !CarryOver(item, *old, now)) return false;
    result.Append(std::move(item));
  }
  json = std::move(result);
  return true;
}

bool CarryOver(Value& json, const Value& before, const Value& after) {
  if (before == after) return true;
  if (json.is_object() && before.is_object() && after.is_object())
    return CarryOverMembers(json, before, after);
  if (json.is_array() && (before.is_array() || before.is_null()) && after.is_array())
    return CarryOverList(json, before, after);
  if (SameText(before, json) || (before.is_null() && json.empty())) {
    json = after;
    return true;
  }
  bool plain = before.is_string() && (after.is_string() || after.is_null());
  if (plain && json.is_object() && json["name"] == before) {  // measure: revenue
    json = after.is_null() ? Value() : std::move(json.Set("name", after));
    return true;
  }
  const Value& filters = json["where_filters"];
  if (plain && filters.items().size() == 1 &&
      SameText(before, filters.items()[0]["where_sql_template"])) {
    Value template_text = Value::MakeObject({{"where_sql_template", after}});
    json = after.is_null()
               ? Value()
               : Value::MakeObject({{"where_filters", Value::MakeArray({template_text})}});
    return true;
  }
  return false;
}

// ---- one entry ----

class Patcher {
 public:
  Patcher(Draft& draft, const ProjectFile& project) : draft_(draft), project_(project) {}

  void Changed(const SchemaEntry& before, const SchemaEntry& after) {
    const Home& home = HomeOf(after.kind);
    std::string section(home.section), id = IdOf(after);
    Value entry = draft_.edit.Get(section, id);
    if (entry.is_null()) return NotThere(after, id);
    bool is_node = section == "nodes" || section == "sources";
    if (before.value.Find("versions") || after.value.Find("versions")) {
      draft_.CannotTell(after.path, fmt::format("{} has versions; what its YAML changed cannot be "
                                                "told without dbt",
                                                id));
      return;
    }
    if (before.path != after.path) MovedTo(entry, after, is_node);
    if (!is_node) return ChangedDefinition(before, after, section, id, std::move(entry));
    TellUnreadKeys(before, after, id);
    if (!(before.value["description"] == after.value["description"]))
      entry.Set("description",
                after.value["description"].is_null() ? Value("") : after.value["description"]);
    PatchTests(draft_, id, "", TestsOf(before.value), TestsOf(after.value), after.path);
    if (!(before.value["columns"] == after.value["columns"]))
      PatchColumns(draft_, id, entry, before.value, after.value, after.path);
    if (!(before.value["constraints"] == after.value["constraints"]))
      entry.Set("constraints", ConstraintsOf(after.value["constraints"]));
    for (std::string_view key : {"latest_version", "deprecation_date", "time_spine", "external",
                                 "loader", "source_description", "quoting"}) {
      if (!(before.value[key] == after.value[key])) entry.Set(key, after.value[key]);
    }
    Value weaker = project_.ConfigsOf(after.kind == "data_tests" ? "tests" : after.kind,
                                      StringsOf(entry["fqn"]));
    ConfigChange change = ApplyConfig(entry, ConfigOf(before.value), ConfigOf(after.value), weaker);
    if (section == "sources") MoveSource(before.value, after.value, entry);
    if (change.relation) draft_.moved.insert(id);
    if (!change.enabled) return SwitchOff(section, id, std::move(entry));
    draft_.edit.Set(section, id, std::move(entry));
  }

  void Removed(const SchemaEntry& before) {
    const Home& home = HomeOf(before.kind);
    std::string section(home.section), id = IdOf(before);
    if (section == "nodes") {  // the node lives on without its YAML
      SchemaEntry none{before.kind, before.name, before.path,
                       Value::MakeObject({{"name", before.name}})};
      if (!draft_.edit.Get(section, id).is_null()) Changed(before, none);
      return;
    }
    if (section == "unit_tests") {
      for (const std::string& unit : UnitTestsNamed(before.name)) draft_.edit.Remove(section, unit);
      return;
    }
    draft_.edit.Remove(section, id);
    if (section != "sources") return;
    for (const std::string& child : draft_.base.Children(id)) {
      if (child.rfind("test.", 0) == 0) draft_.edit.Remove("nodes", child);
    }
  }

  void Added(const SchemaEntry& after) {
    const Home& home = HomeOf(after.kind);
    std::string section(home.section), id = IdOf(after);
    if (section == "nodes") {
      Value entry = draft_.edit.Get(section, id);
      if (entry.is_null()) return NotThere(after, id);
      SchemaEntry none{after.kind, after.name, after.path,
                       Value::MakeObject({{"name", after.name}})};
      entry.Set("patch_path", fmt::format("{}://{}", draft_.package, after.path));
      draft_.edit.Set(section, id, std::move(entry));
      return Changed(none, after);
    }
    if (section == "sources") return AddSource(after, id);
    AddDefinition(after, section, id);
  }

 private:
  static std::vector<std::string> StringsOf(const Value& list) {
    std::vector<std::string> strings;
    for (const Value& item : list.items()) strings.emplace_back(item.AsString());
    return strings;
  }

  std::string IdOf(const SchemaEntry& entry) const {
    const Home& home = HomeOf(entry.kind);
    if (home.section == "unit_tests") {
      std::vector<std::string> units = UnitTestsNamed(entry.name);
      if (units.size() == 1) return units[0];
      return fmt::format("unit_test.{}.{}.{}", draft_.package, entry.value["model"].AsString(),
                         entry.name);
    }
    return fmt::format("{}.{}.{}", home.prefix, draft_.package, entry.name);
  }

  std::vector<std::string> UnitTestsNamed(const std::string& name) const {
    std::vector<std::string> found;
    std::string end = "." + name;
    for (const std::string& id : draft_.base.ids()) {
      bool fits = id.rfind("unit_test." + draft_.package, 0) == 0 && id.size() > end.size() &&
                  id.compare(id.size() - end.size(), end.size(), end) == 0;
      if (fits) found.push_back(id);
    }
    return found;
  }

  // YAML for a node that neither side has: dbt warns, and nothing is built of it.
  void NotThere(const SchemaEntry& entry, const std::string& id) {
    if (entry.value.Find("versions")) {
      draft_.CannotTell(entry.path,
                        fmt::format("{} has versions; they cannot be told without dbt", id));
      return;
    }
    draft_.notes.push_back(
        fmt::format("{}{} describes {}, which is not there", draft_.prefix, entry.path, id));
  }

  // Keys that a later dbt gave a meaning to, and that this program does not know.
  void TellUnreadKeys(const SchemaEntry& before, const SchemaEntry& after, const std::string& id) {
    constexpr std::string_view kRead[] = {"name",
                                          "description",
                                          "columns",
                                          "tests",
                                          "data_tests",
                                          "config",
                                          "meta",
                                          "tags",
                                          "docs",
                                          "access",
                                          "group",
                                          "latest_version",
                                          "deprecation_date",
                                          "time_spine",
                                          "constraints",
                                          "enabled",
                                          "external",
                                          "loader",
                                          "source_description",
                                          "quoting",
                                          "database",
                                          "schema",
                                          "identifier",
                                          "loaded_at_field",
                                          "loaded_at_query",
                                          "freshness",
                                          "materialized",
                                          "event_time"};
    std::set<std::string> keys;
    for (const SchemaEntry* side : {&before, &after}) {
      for (const auto& [key, value] : side->value.members()) keys.insert(key);
    }
    for (const std::string& key : keys) {
      bool read = std::find(std::begin(kRead), std::end(kRead), key) != std::end(kRead);
      if (read || before.value[key] == after.value[key]) continue;
      draft_.CannotTell(after.path, fmt::format("`{}` of {} changed; what that does cannot be told "
                                                "without dbt",
                                                key, id));
    }
  }

  void MovedTo(Value& entry, const SchemaEntry& after, bool is_node) {
    if (is_node && HomeOf(after.kind).section == "nodes") {
      entry.Set("patch_path", fmt::format("{}://{}", draft_.package, after.path));
    } else {
      entry.Set("original_file_path", after.path);
    }
  }

  void SwitchOff(const std::string& section, const std::string& id, Value entry) {
    draft_.edit.Remove(section, id);
    draft_.edit.Set("disabled", id, Value::MakeArray({std::move(entry)}));
  }

  void ChangedDefinition(const SchemaEntry& before, const SchemaEntry& after,
                         const std::string& section, const std::string& id, Value entry) {
    Value old = Without(before.value, "config"), now = Without(after.value, "config");
    ConfigChange change =
        ApplyConfig(entry, before.value["config"], after.value["config"], Value());
    if (!change.enabled) return SwitchOff(section, id, std::move(entry));
    if (!CarryOver(entry, old, now)) {
      draft_.CannotTell(after.path,
                        fmt::format("the definition of {} changed in a way that cannot be told "
                                    "without dbt; run `dbt parse` and give --head-manifest",
                                    id));
    }
    draft_.edit.Set(section, id, std::move(entry));
  }

  void AddDefinition(const SchemaEntry& after, const std::string& section, const std::string& id) {
    std::string type(id.substr(0, id.find('.')));
    Value entry = Value::MakeObject(
        {{"unique_id", id},
         {"resource_type", type},
         {"package_name", draft_.package},
         {"path", after.path},
         {"original_file_path", after.path},
         {"fqn", Value::MakeArray({Value(draft_.package), Value(after.name)})},
         {"depends_on",
          Value::MakeObject({{"macros", Value::MakeArray()}, {"nodes", Value::MakeArray()}})}});
    for (const auto& [key, value] : after.value.members()) entry.Set(key, value);
    if (const Value& filter = after.value["filter"]; filter.is_string()) {
      Value one = Value::MakeObject({{"where_sql_template", filter}});
      entry.Set("filter", Value::MakeObject({{"where_filters", Value::MakeArray({one})}}));
    }
    draft_.edit.Set(section, id, std::move(entry));
  }

  // ---- sources ----

  void MoveSource(const Value& before, const Value& after, Value& entry) {
    bool moved = false;
    for (std::string_view key : {"database", "schema", "identifier"})
      moved = moved || !(before[key] == after[key]);
    if (!moved) return;
    std::vector<std::string> old = Parts(entry);
    auto part = [&](std::string_view key, const std::string& otherwise) {
      if (before[key] == after[key]) return std::string(entry[key].AsString());
      return after[key].is_string() ? std::string(after[key].AsString()) : otherwise;
    };
    std::string database = part("database", std::string(entry["database"].AsString()));
    std::string schema = part("schema", std::string(entry["source_name"].AsString()));
    std::string identifier = part("identifier", std::string(entry["name"].AsString()));
    bool is_template = (database + schema + identifier).find("{{") != std::string::npos;
    if (is_template) {
      draft_.CannotTell(std::string(entry["original_file_path"].AsString()),
                        fmt::format("where {} lies is a template", entry["unique_id"].AsString()));
      return;
    }
    entry.Set("database", database).Set("schema", schema).Set("identifier", identifier);
    entry.Set("relation_name",
              RelationNameLike(std::string(entry["relation_name"].AsString()), old, Parts(entry)));
  }

  static std::vector<std::string> Parts(const Value& source) {
    return {std::string(source["database"].AsString()), std::string(source["schema"].AsString()),
            std::string(source["identifier"].AsString())};
  }

  // A new table of a source lies where its sisters lie.
  void AddSource(const SchemaEntry& after, const std::string& id) {
    std::string prefix = id.substr(0, id.rfind('.') + 1);
    auto sister = std::find_if(draft_.base.ids().begin(), draft_.base.ids().end(),
                               [&](const auto& other) { return other.rfind(prefix, 0) == 0; });
    if (sister == draft_.base.ids().end()) {
      sister = std::find_if(draft_.base.ids().begin(), draft_.base.ids().end(),
                            [](const auto& other) { return other.rfind("source.", 0) == 0; });
    }
    if (sister == draft_.base.ids().end()) {
      draft_.CannotTell(after.path, fmt::format("{} is the first source of the project; where it "
                                                "lies cannot be told without dbt",
                                                id));
      return;
    }
    Value model = draft_.edit.Get("sources", *sister);
    if (model.is_null()) return;
    std::string table(id.substr(id.rfind('.') + 1));
    std::string source(prefix.substr(0, prefix.size() - 1));
    source = source.substr(source.rfind('.') + 1);
    Value entry = Value::MakeObject(
        {{"unique_id", id},
         {"resource_type", "source"},
         {"package_name", draft_.package},
         {"source_name", source},
         {"name", table},
         {"path", after.path},
         {"original_file_path", after.path},
         {"fqn", Value::MakeArray({Value(draft_.package), Value(source), Value(table)})},
         {"database", model["database"]},
         {"schema", model["schema"]},
         {"identifier", table},
         {"columns", Value::MakeObject()},
         {"config", Value::MakeObject({{"enabled", true}})},
         {"unrendered_config", Value::MakeObject()},
         {"meta", Value::MakeObject()},
         {"tags", Value::MakeArray()},
         {"description", ""},
         {"quoting", model["quoting"]},
         {"loader", ""}});
    bool same_source = sister->rfind(prefix, 0) == 0;
    if (!same_source) entry.Set("schema", source);
    entry.Set("relation_name", RelationNameLike(std::string(model["relation_name"].AsString()),
                                                Parts(model), Parts(entry)));
    draft_.edit.Set("sources", id, entry);
    SchemaEntry none{after.kind, after.name, after.path, Value::MakeObject({{"name", table}})};
    if (same_source) {  // what all tables of the source share is in the sister's place already
      for (std::string_view key : {"database", "schema"}) none.value.Set(key, after.value[key]);
    }
    Changed(none, after);
  }

  Draft& draft_;
  const ProjectFile& project_;
};

}  // namespace

std::string RelationNameLike(const std::string& relation_name,
                             const std::vector<std::string>& old_parts,
                             const std::vector<std::string>& new_parts) {
  std::string name, rest = relation_name;
  for (size_t i = 0; i < old_parts.size(); ++i) {
    if (old_parts[i].empty()) continue;
    for (std::string_view mark : {"\"", "`", "[", ""}) {
      std::string close(mark == "[" ? "]" : mark);
      std::string part = std::string(mark) + old_parts[i] + close;
      if (rest.compare(0, part.size(), part) != 0) continue;
      size_t next = part.size();
      if (next < rest.size() && rest[next] != '.') continue;
      name += (name.empty() ? "" : ".") + std::string(mark) + new_parts[i] + close;
      rest = next < rest.size() ? rest.substr(next + 1) : std::string();
      break;
    }
  }
  return rest.empty() ? name : std::string();
}

void ReadSchemaEntries(const Value& yaml, const std::string& path,
                       std::vector<SchemaEntry>& entries) {
  for (std::string_view kind : kListed) {
    for (const Value& item : yaml[kind].items()) {
      if (item["name"].is_string())
        entries.push_back({std::string(kind), std::string(item["name"].AsString()), path, item});
    }
  }
  for (const Value& source : yaml["sources"].items()) {
    std::string name(source["name"].AsString());
    for (const Value& table : source["tables"].items()) {
      // A table inherits what its source says, and adds to its tags and meta.
      Value entry = Value::MakeObject();
      for (const auto& [key, value] : source.members()) {
        if (key == "description") entry.Set("source_description", value);
        if (key != "tables" && key != "name" && key != "description") entry.Set(key, value);
      }
      Value config = ConfigOf(source);
      Value own = ConfigOf(table);
      for (const auto& [key, value] : own.members()) MergeConfig(config, key, value);
      for (const auto& [key, value] : table.members()) entry.Set(key, value);
      entry.Set("config", std::move(config));
      for (std::string_view key : {"meta", "tags"}) entry = Without(entry, key);
      entries.push_back({"sources", fmt::format("{}.{}", name, table["name"].AsString()), path,
                         std::move(entry)});
    }
  }
}

void PatchSchemas(Draft& draft, const ProjectFile& project, const std::vector<SchemaEntry>& base,
                  const std::vector<SchemaEntry>& head) {
  std::map<std::pair<std::string, std::string>, const SchemaEntry*> before, after;
  for (const SchemaEntry& entry : base) before[{entry.kind, entry.name}] = &entry;
  for (const SchemaEntry& entry : head) after[{entry.kind, entry.name}] = &entry;
  Patcher patcher(draft, project);
  for (const auto& [key, entry] : before) {
    auto now = after.find(key);
    if (now == after.end()) {
      patcher.Removed(*entry);
    } else if (!(entry->value == now->second->value) || entry->path != now->second->path) {
      patcher.Changed(*entry, *now->second);
    }
  }
  for (const auto& [key, entry] : after) {
    if (before.count(key) == 0) patcher.Added(*entry);
  }
}

}  // namespace layergate::offline

#include "offline/schema_patch.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "core/digest.h"
#include "core/text.h"
#include "offline/carry_over.h"
#include "offline/column_patch.h"
#include "offline/metric_inputs.h"
#include "offline/node_config.h"
#include "offline/test_patch.h"
#include "offline/versions.h"

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

}  // namespace

// Configs that older YAML writes beside `config:`.
Value ConfigsIn(const Value& entry) {
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

std::string IdOf(const SchemaEntry& entry, const std::string& package) {
  const Home& home = HomeOf(entry.kind);
  if (home.section == "unit_tests") return {};
  return fmt::format("{}.{}.{}", home.prefix, package, entry.name);
}

namespace {

// ---- one entry ----

class Patcher {
 public:
  Patcher(Draft& draft, const ProjectFile& project) : draft_(draft), project_(project) {}

  void Changed(const SchemaEntry& before, const SchemaEntry& after) {
    const Home& home = HomeOf(after.kind);
    std::string section(home.section), id = IdOf(after);
    Value entry = draft_.edit.Get(section, id);
    if (entry.is_null()) return NotThere(after, id);
    bool is_node = section == "nodes" || section == "sources" || section == "functions";
    if (before.path != after.path) MovedTo(before, after, id, entry);
    if (!is_node) return ChangedDefinition(before, after, section, id, std::move(entry));
    TellUnreadKeys(before, after, id);
    if (!(before.value["description"] == after.value["description"]))
      entry.Set("description", Describe(after.value["description"], after, id));
    PatchTests(draft_, id, "", TestsOf(before.value), TestsOf(after.value), after.path, project_);
    if (!(before.value["columns"] == after.value["columns"]))
      PatchColumns(draft_, id, entry, before.value, after.value, after.path, project_);
    if (!(before.value["constraints"] == after.value["constraints"]))
      entry.Set("constraints", ConstraintsOf(after.value["constraints"]));
    PutContract(entry, before.value, after.value);
    if (after.value.Find("v")) entry.Set("version", after.value["v"]);
    for (std::string_view key : {"latest_version", "time_spine", "external", "loader",
                                 "source_description", "quoting", "arguments", "returns"}) {
      if (!(before.value[key] == after.value[key])) entry.Set(key, after.value[key]);
    }
    if (!(before.value["deprecation_date"] == after.value["deprecation_date"]))
      entry.Set("deprecation_date", Moment(after.value["deprecation_date"]));
    WeakerConfigs weaker = WeakerOf(home, entry);
    ConfigChange change =
        ApplyConfig(entry, ConfigsIn(before.value), ConfigsIn(after.value), weaker);
    if (section == "sources" && !(before.value["quoting"] == after.value["quoting"])) {
      draft_.CannotTell(after.path, fmt::format("the quoting of {} changed; the name of its table "
                                                "cannot be told without dbt",
                                                id));
    }
    if (section == "sources") {
      MoveSource(before.value, after.value, id, entry);
      PutFreshness(change, entry);
    }
    auto has = [&](std::string_view key) {
      return std::find(change.changed.begin(), change.changed.end(), key) != change.changed.end();
    };
    if (!(before.value["latest_version"] == after.value["latest_version"]))
      draft_.reread.insert(id);
    if (has("group")) PutGroupOfTests(id, entry["config"]["group"]);
    if (change.relation) draft_.moved.insert(id);
    if (!change.enabled) return draft_.SwitchOff(id, std::move(entry));
    draft_.edit.Set(section, id, std::move(entry));
  }

  void Removed(const SchemaEntry& before) {
    const Home& home = HomeOf(before.kind);
    std::string section(home.section), id = IdOf(before);
    if (section == "nodes" || section == "functions") {  // the node lives on without its YAML
      if (before.value.Find("v") && !draft_.edit.Get(section, id).is_null()) {
        draft_.CannotTell(before.path, fmt::format("{} is no version any more; what becomes of its "
                                                   "file cannot be told without dbt",
                                                   id));
        return;
      }
      SchemaEntry none{before.kind, before.name, before.path,
                       Value::MakeObject({{"name", before.name}})};
      if (!draft_.edit.Get(section, id).is_null()) {
        Changed(before, none);
      } else {
        PatchAllTests(before, none, id);
      }
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
    if (section == "nodes" || section == "functions") {
      Value entry = draft_.edit.Get(section, id);
      if (entry.is_null()) {
        NotThere(after, id);
        SchemaEntry nothing{after.kind, after.name, after.path, Value::MakeObject()};
        if (draft_.edit.Get("disabled", id).is_null()) PatchAllTests(nothing, after, id);
        return;
      }
      SchemaEntry none{after.kind, after.name, after.path,
                       Value::MakeObject({{"name", after.name}})};
      entry.Set("patch_path", fmt::format("{}://{}", draft_.package, after.path));
      draft_.edit.Set(section, id, std::move(entry));
      return Changed(none, after);
    }
    if (section == "sources") return AddSource(after, id);
    AddDefinition(after, section, id);
  }

  // A definition that only its name tells from another one: dbt makes the same of it.
  bool Renamed(const SchemaEntry& before, const SchemaEntry& after) {
    constexpr std::string_view kKinds[] = {"metrics", "exposures", "saved_queries",
                                           "semantic_models"};
    bool fits = before.kind == after.kind && before.path == after.path &&
                std::find(std::begin(kKinds), std::end(kKinds), after.kind) != std::end(kKinds) &&
                Without(before.value, "name") == Without(after.value, "name");
    std::string section(HomeOf(after.kind).section);
    Value entry = fits ? draft_.edit.Get(section, IdOf(before)) : Value();
    if (entry.is_null()) return false;
    std::vector<std::string> fqn = StringsOf(entry["fqn"]);
    if (!fqn.empty()) fqn.back() = after.name;
    std::string id = IdOf(after);
    entry.Set("unique_id", id).Set("name", after.name).Set("fqn", Value::FromStrings(fqn));
    draft_.edit.Remove(section, IdOf(before));
    draft_.edit.Set(section, id, std::move(entry));
    draft_.new_definitions.insert(id);
    return true;
  }

 private:
  WeakerConfigs WeakerOf(const Home& home, const Value& entry) const {
    std::vector<std::string> fqn = StringsOf(entry["fqn"]);
    std::string_view section = SectionOf(home.prefix);
    return {project_.ConfigsOf(section, fqn), project_.LastConfigsOf(section, fqn)};
  }

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
    return offline::IdOf(entry, draft_.package);
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

  void PatchAllTests(const SchemaEntry& before, const SchemaEntry& after, const std::string& id) {
    PatchTests(draft_, id, "", TestsOf(before.value), TestsOf(after.value), after.path, project_);
    for (const Value& column : before.value["columns"].items()) {
      std::string name(column["name"].AsString());
      const Value* now = FindByName(after.value["columns"], name);
      PatchTests(draft_, id, name, TestsOf(column), now ? TestsOf(*now) : Value(), after.path,
                 project_);
    }
    for (const Value& column : after.value["columns"].items()) {
      std::string name(column["name"].AsString());
      if (!FindByName(before.value["columns"], name))
        PatchTests(draft_, id, name, Value(), TestsOf(column), after.path, project_);
    }
  }

  // YAML for a node that neither side has: dbt warns, and nothing is built of it.
  void NotThere(const SchemaEntry& entry, const std::string& id) {
    Value off = draft_.edit.Get("disabled", id);
    if (!off.is_null()) {
      bool on =
          entry.value["config"]["enabled"].is_bool() && entry.value["config"]["enabled"].AsBool();
      if (on) {
        draft_.CannotTell(entry.path, fmt::format("{} is switched on; what it holds cannot be told "
                                                  "without dbt",
                                                  id));
      }
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
                                          "event_time",
                                          "v",
                                          "defined_in",
                                          "arguments",
                                          "returns",
                                          "relation"};
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

  // dbt writes a day as its first moment.
  static Value Moment(const Value& day) {
    constexpr size_t kDay = 10;  // 2027-01-01
    bool is_day = day.is_string() && day.AsString().size() == kDay;
    return is_day ? Value(std::string(day.AsString()) + "T00:00:00+00:00") : day;
  }

  std::string Describe(const Value& description, const SchemaEntry& entry, const std::string& id) {
    std::optional<std::string> text = draft_.Describe(description);
    if (text) return *text;
    draft_.CannotTell(entry.path, fmt::format("the description of {} is a template that cannot be "
                                              "told without dbt",
                                              id));
    return {};
  }

  // The file's place is part of what YAML defines: the last words of an fqn stay, its folders are
  // the file's.
  Value FqnAt(const SchemaEntry& before, const SchemaEntry& after, const Value& old) const {
    size_t folders = project_.FqnOf(before.path, "").size() - 1;
    std::vector<std::string> fqn = project_.FqnOf(after.path, "");
    fqn.pop_back();
    std::vector<std::string> words = StringsOf(old);
    for (size_t i = folders; i < words.size(); ++i) fqn.push_back(words[i]);
    return words.empty() ? old : Value::FromStrings(fqn);
  }

  void MovedTo(const SchemaEntry& before, const SchemaEntry& after, const std::string& id,
               Value& entry) {
    std::string_view section = HomeOf(after.kind).section;
    bool is_patch = section == "nodes" || section == "functions";
    if (is_patch) {
      entry.Set("patch_path", fmt::format("{}://{}", draft_.package, after.path));
    } else {
      entry.Set("original_file_path", after.path);
      entry.Set("fqn", FqnAt(before, after, entry["fqn"]));
    }
    for (const std::string& child : draft_.base.Children(id)) {
      const dbt::Node* test = child.starts_with("test.") ? draft_.base.Find(child) : nullptr;
      if (!test || !test->test_metadata || test->original_file_path != before.path) continue;
      Value moved = draft_.edit.Get("nodes", child);
      if (moved.is_null() || (!test->attached_node.empty() && test->attached_node != id)) continue;
      moved.Set("original_file_path", after.path).Set("fqn", FqnAt(before, after, moved["fqn"]));
      draft_.edit.Set("nodes", child, std::move(moved));
    }
  }

  void ChangedDefinition(const SchemaEntry& before, const SchemaEntry& after,
                         const std::string& section, const std::string& id, Value entry) {
    WeakerConfigs weaker = WeakerOf(HomeOf(after.kind), entry);
    ConfigChange change =
        ApplyConfig(entry, ConfigsIn(before.value), ConfigsIn(after.value), weaker);
    if (!change.enabled) return draft_.SwitchOff(id, std::move(entry));
    if (!(before.value["description"] == after.value["description"]))
      entry.Set("description", Describe(after.value["description"], after, id));
    if (section == "unit_tests") {
      ChangedUnitTest(before, after, id, std::move(entry));
      return;
    }
    Value old = WithoutConfig(before.value), now = WithoutConfig(after.value);
    if (!(old["depends_on"] == now["depends_on"])) PutParents(after, id, now["depends_on"], entry);
    if (!(old["model"] == now["model"]))
      PutParents(after, id, Value::MakeArray({now["model"]}), entry);
    for (std::string_view key : {"depends_on", "description"}) {
      old = Without(old, key);
      now = Without(now, key);
    }
    if (!CarryOver(entry, old, now)) {
      draft_.CannotTell(after.path,
                        fmt::format("the definition of {} changed in a way that cannot be told "
                                    "without dbt; run `dbt parse` and give --head-manifest",
                                    id));
    }
    if (section == "saved_queries") PutExports(after.value["exports"], entry);
    draft_.changed_definitions.insert(id);
    draft_.edit.Set(section, id, std::move(entry));
  }

  // What YAML says of an export stands beside what dbt made of it.
  static void PutExports(const Value& yaml, Value& entry) {
    Value exports = Value::MakeArray();
    for (const Value& item : entry["exports"].items()) {
      Value one = item;
      const Value* said = FindByName(yaml, item["name"].AsString());
      if (said && item.Find("unrendered_config")) one.Set("unrendered_config", (*said)["config"]);
      exports.Append(std::move(one));
    }
    entry.Set("exports", std::move(exports));
  }

  static Value WithoutConfig(const Value& yaml) {
    Value rest = yaml;
    for (std::string_view key : {"config", "meta", "tags", "enabled", "group"})
      rest = Without(rest, key);
    return rest;
  }

  // ref('orders'), source('raw', 'orders'), metric('revenue'): the nodes that they name.
  void PutParents(const SchemaEntry& after, const std::string& id, const Value& calls,
                  Value& entry) {
    Value nodes = Value::MakeArray();
    for (const Value& call : calls.items()) {
      std::string_view text = call.AsString();
      std::vector<std::string> words = QuotedIn(text);
      std::string found = words.empty() ? std::string() : IdOfCall(Trim(text), words);
      if (found.empty()) {
        draft_.CannotTell(after.path, fmt::format("which node {} of {} is cannot be told without "
                                                  "dbt",
                                                  text, id));
      } else {
        nodes.Append(found);
      }
    }
    Value refs = Value::MakeArray(), sources = Value::MakeArray(), metrics = Value::MakeArray();
    for (const Value& node : nodes.items()) {
      std::vector<std::string_view> parts = Split(node.AsString(), '.');
      if (parts[0] == "metric") {
        metrics.Append(Value::MakeArray({Value(parts.back())}));
      } else if (parts[0] == "source") {
        sources.Append(Value::MakeArray({Value(parts[2]), Value(parts[3])}));
      } else {
        refs.Append(Value::MakeObject(
            {{"name", Value(parts[2])}, {"package", Value()}, {"version", Value()}}));
      }
    }
    bool is_exposure = entry["resource_type"] == Value("exposure");
    if (is_exposure) entry.Set("sources", sources).Set("metrics", metrics);
    Value depends = entry["depends_on"];
    entry.Set("refs", refs).Set("depends_on", depends.Set("nodes", std::move(nodes)));
  }

  std::string IdOfCall(std::string_view text, const std::vector<std::string>& words) {
    auto there = [&](const std::string& section, const std::string& id) {
      return draft_.edit.Get(section, id).is_null() ? std::string() : id;
    };
    const std::string& package = words.size() > 1 ? words[0] : draft_.package;
    if (text.starts_with("metric"))
      return there("metrics", fmt::format("metric.{}.{}", package, words.back()));
    if (text.starts_with("source") && words.size() == 2) {
      return there("sources", fmt::format("source.{}.{}.{}", draft_.package, words[0], words[1]));
    }
    if (!text.starts_with("ref") || text.find('=') != std::string_view::npos) return {};
    for (std::string_view type : {"model", "seed", "snapshot"}) {
      std::string id = there("nodes", fmt::format("{}.{}.{}", type, package, words.back()));
      if (!id.empty()) return id;
    }
    return {};
  }

  // ---- unit tests ----

  // Rows as the manifest has them.
  static Value Fixture(const Value& yaml) {
    Value rows = Value::MakeObject({{"rows", yaml["rows"]},
                                    {"format", yaml.Find("format") ? yaml["format"] : "dict"},
                                    {"fixture", yaml["fixture"]}});
    if (yaml.Find("input")) rows.Set("input", yaml["input"]);
    return rows;
  }

  void PutUnitTest(const SchemaEntry& after, Value& entry) {
    Value given = Value::MakeArray();
    for (const Value& input : after.value["given"].items()) given.Append(Fixture(input));
    Value told = Value::MakeObject({{"given", given}, {"expect", Fixture(after.value["expect"])}});
    for (std::string_view key : {"model", "overrides", "versions"}) told.Set(key, after.value[key]);
    for (const auto& [key, value] : told.members()) entry.Set(key, value);
    // dbt's is over Python's text of the same; ours only has to differ when they do.
    entry.Set("checksum", Sha256Hex(WriteJson(told)));
  }

  void ChangedUnitTest(const SchemaEntry& before, const SchemaEntry& after, const std::string& id,
                       Value entry) {
    if (before.value["model"] != after.value["model"]) {
      draft_.edit.Remove("unit_tests", id);
      AddUnitTest(after);
      return;
    }
    bool same = true;
    for (std::string_view key : {"given", "expect", "overrides", "versions"})
      same = same && before.value[key] == after.value[key];
    if (!same) PutUnitTest(after, entry);
    draft_.edit.Set("unit_tests", id, std::move(entry));
  }

  void AddUnitTest(const SchemaEntry& after) {
    std::string model(after.value["model"].AsString());
    std::string id = fmt::format("unit_test.{}.{}.{}", draft_.package, model, after.name);
    std::string model_id = fmt::format("model.{}.{}", draft_.package, model);
    if (draft_.edit.Get("nodes", model_id).is_null()) {
      draft_.CannotTell(after.path,
                        fmt::format("which versions of {} the unit test {} is of cannot "
                                    "be told without dbt",
                                    model, after.name));
      return;
    }
    std::vector<std::string> fqn = project_.FqnOf(after.path, model);
    fqn.push_back(after.name);
    Value entry = NewDefinition(after, id, fqn);
    entry.Set("depends_on", Value::MakeObject({{"macros", Value::MakeArray()},
                                               {"nodes", Value::MakeArray({Value(model_id)})}}));
    PutUnitTest(after, entry);
    PutDefinition("unit_tests", id, std::move(entry));
  }

  // ---- new definitions ----

  Value NewDefinition(const SchemaEntry& after, const std::string& id,
                      const std::vector<std::string>& fqn) {
    std::string type(id.substr(0, id.find('.')));
    Value config = project_.ConfigsOf(SectionOf(type), fqn);
    Value unrendered = project_.LastConfigsOf(SectionOf(type), fqn);
    Value own = ConfigsIn(after.value);
    for (const auto& [key, value] : own.members()) {
      MergeConfig(config, key, value);
      unrendered.Set(key, value);
    }
    Value entry = Value::MakeObject(
        {{"unique_id", id},
         {"resource_type", type},
         {"package_name", draft_.package},
         {"name", after.name},
         {"path", after.path},
         {"original_file_path", after.path},
         {"fqn", Value::FromStrings(fqn)},
         {"description", Describe(after.value["description"], after, id)},
         {"depends_on",
          Value::MakeObject({{"macros", Value::MakeArray()}, {"nodes", Value::MakeArray()}})}});
    entry.Set("meta", config["meta"].is_object() ? config["meta"] : Value::MakeObject());
    entry.Set("tags", config["tags"].is_array() ? config["tags"] : Value::MakeArray());
    if (!config.Find("enabled")) config.Set("enabled", true);
    return entry.Set("config", std::move(config)).Set("unrendered_config", std::move(unrendered));
  }

  void PutDefinition(const std::string& section, const std::string& id, Value entry) {
    const Value& enabled = entry["config"]["enabled"];
    if (!enabled.is_bool() || enabled.AsBool()) {
      draft_.edit.Set(section, id, std::move(entry));
    } else {
      draft_.edit.Set("disabled", id, Value::MakeArray({std::move(entry)}));
    }
  }

  void AddDefinition(const SchemaEntry& after, const std::string& section, const std::string& id) {
    if (section == "unit_tests") return AddUnitTest(after);
    Value entry = NewDefinition(after, id, project_.FqnOf(after.path, after.name));
    Value said = WithoutConfig(after.value);
    for (const auto& [key, value] : said.members()) {
      if (key != "depends_on" && key != "description") entry.Set(key, value);
    }
    if (said.Find("depends_on")) PutParents(after, id, said["depends_on"], entry);
    if (section == "metrics" && !said["type_params"].is_object())
      draft_.CannotTell(after.path,
                        fmt::format("what {} is made of cannot be told without dbt", id));
    if (section == "metrics") entry.Set("type_params", MetricParameters(said["type_params"]));
    draft_.new_definitions.insert(id);
    if (section == "semantic_models")
      PutParents(after, id, Value::MakeArray({said["model"]}), entry);
    if (const Value& filter = after.value["filter"]; filter.is_string()) {
      Value one = Value::MakeObject({{"where_sql_template", filter}});
      entry.Set("filter", Value::MakeObject({{"where_filters", Value::MakeArray({one})}}));
    }
    PutDefinition(section, id, std::move(entry));
  }

  // A test is in the group of what it tests.
  void PutGroupOfTests(const std::string& id, const Value& group) {
    for (const std::string& child : draft_.base.Children(id)) {
      const dbt::Node* test = child.starts_with("test.") ? draft_.base.Find(child) : nullptr;
      if (!test || test->attached_node != id) continue;
      Value entry = draft_.edit.Get("nodes", child);
      if (entry.is_null()) continue;
      Value config = entry["config"];
      entry.Set("group", group).Set("config", config.Set("group", group));
      draft_.edit.Set("nodes", child, std::move(entry));
    }
  }

  // ---- sources ----

  // The manifest has freshness in two places, in one shape.
  static void PutFreshness(const ConfigChange& change, Value& entry) {
    for (const std::string& key : change.changed) {
      if (key == "loaded_at_field" || key == "loaded_at_query")
        entry.Set(key, entry["config"][key]);
      if (key != "freshness") continue;
      const Value given = entry["config"][key];
      Value full = given;
      if (given.is_object()) {
        for (std::string_view limit : {"warn_after", "error_after"}) {
          if (!given.Find(limit))
            full.Set(limit, Value::MakeObject({{"count", Value()}, {"period", Value()}}));
        }
        if (!given.Find("filter")) full.Set("filter", Value());
      }
      Value config = entry["config"], unrendered = entry["unrendered_config"];
      entry.Set(key, full).Set("config", config.Set(key, full));
      if (unrendered.Find(key)) entry.Set("unrendered_config", unrendered.Set(key, full));
    }
  }

  void MoveSource(const Value& before, const Value& after, const std::string& id, Value& entry) {
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
    for (std::string* text : {&database, &schema, &identifier}) {
      if (text->find("{{") == std::string::npos || !draft_.render) continue;
      if (auto rendered = draft_.render(*text)) *text = std::move(*rendered);
    }
    bool is_template = (database + schema + identifier).find("{{") != std::string::npos;
    if (is_template) {
      draft_.CannotTell(std::string(entry["original_file_path"].AsString()),
                        fmt::format("where {} lies is a template", entry["unique_id"].AsString()));
      return;
    }
    entry.Set("database", database).Set("schema", schema).Set("identifier", identifier);
    for (std::string_view key : {"database", "schema"}) {
      std::string written = fmt::format("unrendered_{}", key);
      if (entry.Find(written) && !(before[key] == after[key])) entry.Set(written, after[key]);
    }
    draft_.moved.insert(id);
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

void ReadSchemaEntries(const Value& yaml, const std::string& path,
                       std::vector<SchemaEntry>& entries) {
  for (std::string_view kind : kListed) {
    for (const Value& item : yaml[kind].items()) {
      if (!item["name"].is_string()) continue;
      std::string name(item["name"].AsString());
      if (item["versions"].items().empty()) {
        entries.push_back({std::string(kind), std::move(name), path, item});
        continue;
      }
      for (Value& version : ExpandVersions(item)) {
        std::string full = fmt::format("{}.v{}", name, VersionText(version["v"]));
        entries.push_back({std::string(kind), std::move(full), path, std::move(version)});
      }
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
      Value config = ConfigsIn(source);
      Value own = ConfigsIn(table);
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
  std::map<std::pair<std::string, std::string>, std::pair<std::string, std::string>> renamed;
  for (const SchemaEntry& entry : base) before[{entry.kind, entry.name}] = &entry;
  for (const SchemaEntry& entry : head) after[{entry.kind, entry.name}] = &entry;
  Patcher patcher(draft, project);
  for (auto& [key, entry] : before) {
    if (after.count(key) > 0) continue;
    auto now = std::find_if(after.begin(), after.end(), [&](const auto& other) {
      return before.count(other.first) == 0 && patcher.Renamed(*entry, *other.second);
    });
    if (now != after.end()) renamed.insert({key, now->first});
  }
  for (const auto& [old, now] : renamed) {
    before.erase(old);
    after.erase(now);
  }
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
  PutMetricInputs(draft);
}

}  // namespace layergate::offline

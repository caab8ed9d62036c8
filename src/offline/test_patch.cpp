#include "offline/test_patch.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "core/digest.h"
#include "core/text.h"
#include "offline/node_config.h"
#include "offline/project_file.h"

namespace layergate::offline {
namespace {

struct TestSpec {
  std::string space, name;  // dbt_utils, unique_combination_of_columns
  Value kwargs = Value::MakeObject(), config = Value::MakeObject();
  Value own_name;  // name: given to the test
};

bool IsConfigKey(std::string_view key) {
  constexpr std::string_view kKeys[] = {
      "severity", "where",     "limit",          "error_if",
      "warn_if",  "fail_calc", "store_failures", "enabled",
      "tags",     "meta",      "group",          "alias",
      "schema",   "database",  "config",         "store_failures_as"};
  return std::find(std::begin(kKeys), std::end(kKeys), key) != std::end(kKeys);
}

std::optional<TestSpec> ReadSpec(const Value& item) {
  TestSpec spec;
  std::string name;
  Value arguments;
  if (item.is_string()) {
    name = item.AsString();
  } else if (const Value* given = item.Find("test_name")) {
    name = given->AsString();
    arguments = Without(item, "test_name");
  } else if (!item.members().empty()) {
    const auto& [key, value] = item.members().front();
    name = key;
    arguments = value;
    // Beside the test's name, arguments may stand at the same level.
    for (size_t i = 1; i < item.members().size(); ++i)
      arguments.Set(item.members()[i].first, item.members()[i].second);
  }
  if (name.empty()) return std::nullopt;
  size_t dot = name.find('.');
  if (dot != std::string::npos) spec.space = name.substr(0, dot);
  spec.name = dot == std::string::npos ? name : name.substr(dot + 1);
  for (const auto& [key, value] : arguments.members()) {
    if (key == "arguments") {
      for (const auto& [inner, argument] : value.members()) spec.kwargs.Set(inner, argument);
    } else if (key == "config") {
      for (const auto& [inner, setting] : value.members()) spec.config.Set(inner, setting);
    } else if (key == "name") {
      spec.own_name = value;
    } else if (key != "description" && IsConfigKey(key)) {
      spec.config.Set(key, value);
    } else if (key != "description") {
      spec.kwargs.Set(key, value);
    }
  }
  return spec;
}

std::vector<TestSpec> ReadSpecs(const Value& list) {
  std::vector<TestSpec> specs;
  for (const Value& item : list.items()) {
    if (auto spec = ReadSpec(item)) specs.push_back(*std::move(spec));
  }
  return specs;
}

bool SameTest(const TestSpec& a, const TestSpec& b) {
  return a.space == b.space && a.name == b.name && a.kwargs == b.kwargs && a.own_name == b.own_name;
}

// 1 and "1" are the same argument: dbt renders what YAML gives.
bool SameArgument(const Value& a, const Value& b) {
  if (a == b) return true;
  auto text = [](const Value& v) {
    return v.is_string() ? std::string(v.AsString()) : WriteJson(v);
  };
  if (a.is_array() && b.is_array()) {
    const auto& x = a.items();
    const auto& y = b.items();
    return x.size() == y.size() && std::equal(x.begin(), x.end(), y.begin(), SameArgument);
  }
  return !a.is_array() && !b.is_array() && text(a) == text(b);
}

bool Fits(const dbt::Node& test, const TestSpec& spec, const std::string& node_id,
          const std::string& column) {
  if (!test.test_metadata) return false;
  bool attached = test.attached_node.empty() || test.attached_node == node_id;
  // A test of the whole node may name its column as an argument.
  const Value* argument = spec.kwargs.Find("column_name");
  std::string named = argument ? std::string(argument->AsString()) : column;
  if (!attached || !EqualsIgnoreCase(test.column_name, named)) return false;
  if (spec.own_name.is_string() && test.name != spec.own_name.AsString()) return false;
  if (test.test_metadata->name != spec.name) return false;
  if (!spec.space.empty() && test.test_metadata->package != spec.space) return false;
  Value kwargs = Without(Without(test.test_metadata->kwargs, "model"), "column_name");
  for (const auto& [key, value] : spec.kwargs.members()) {
    if (key == "column_name") continue;
    const Value* there = kwargs.Find(key);
    if (!there || !SameArgument(*there, value)) return false;
  }
  return kwargs.members().size() <= spec.kwargs.members().size() + 1;  // one with a default
}

const dbt::Node* FindTest(const Draft& draft, const TestSpec& spec, const std::string& node_id,
                          const std::string& column) {
  for (const std::string& child : draft.base.Children(node_id)) {
    if (child.rfind("test.", 0) != 0) continue;
    const dbt::Node* test = draft.base.Find(child);
    if (test && Fits(*test, spec, node_id, column)) return test;
  }
  return nullptr;
}

std::string PythonText(const Value& value) {
  if (value.is_string()) return std::string(value.AsString());
  if (value.is_bool()) return value.AsBool() ? "True" : "False";
  if (value.is_null()) return "None";
  return WriteJson(value);
}

// The last part of dbt's name of a test: its arguments by their names, each made a word.
std::string ArgumentWords(const TestSpec& spec, const std::string& column) {
  std::map<std::string, const Value*> sorted;
  Value column_name(column);
  if (!column.empty()) sorted["column_name"] = &column_name;
  for (const auto& [name, value] : spec.kwargs.members()) {
    if (name != "model") sorted[name] = &value;
  }
  std::vector<std::string> words;
  auto add = [&](const Value& value) {
    std::string word;
    for (char c : PythonText(value)) {
      bool plain = std::isalnum(static_cast<unsigned char>(c)) || c == '_';
      if (plain) {
        word += c;
      } else if (word.empty() || word.back() != '\x01') {
        word += '\x01';  // a run of other characters is one '_'
      }
    }
    std::replace(word.begin(), word.end(), '\x01', '_');
    words.push_back(std::move(word));
  };
  for (const auto& [name, value] : sorted) {
    for (const Value& item : value->items()) add(item);
    for (const auto& [key, member] : value->members()) add(member);
    if (!value->is_array() && !value->is_object()) add(*value);
  }
  return Join(words, "__");
}

// dbt's name of a test, and the alias of one whose name is too long.
struct TestName {
  std::string full, alias;
};
TestName NameFor(const TestSpec& spec, const std::string& node_name, const std::string& column,
                 bool of_source) {
  if (spec.own_name.is_string()) {
    std::string name(spec.own_name.AsString());
    return {name, name};
  }
  std::string kind = of_source ? "source_" + spec.name : spec.name;
  if (!spec.space.empty()) kind = spec.space + "_" + kind;
  std::string identifier = kind + "_" + node_name;
  std::string full = identifier + "_" + ArgumentWords(spec, column);
  constexpr size_t kLongest = 63, kKept = 30;
  if (full.size() <= kLongest) return {full, full};
  return {full, identifier.substr(0, kKept) + "_" + Md5Hex(full)};
}

// What dbt writes as the raw code of a generic test: its configs are part of it.
std::string RawCode(const std::string& macro, const Value& config, const TestName& name) {
  constexpr std::string_view kFirst[] = {
      "severity", "tags",     "enabled",   "where",          "limit",
      "warn_if",  "error_if", "fail_calc", "store_failures", "store_failures_as",
      "meta",     "database", "schema",    "alias"};
  std::vector<std::string> parts;
  auto add = [&](std::string_view key, const Value& value) {
    std::string text = PythonText(value), quoted;
    if (value.is_string()) {
      for (char c : text) quoted += c == '"' ? std::string("\\\"") : std::string(1, c);
      text = '"' + quoted + '"';
    }
    parts.push_back(fmt::format("{}={}", key, text));
  };
  for (std::string_view key : kFirst) {
    if (const Value* value = config.Find(key); value && !value->is_null()) add(key, *value);
  }
  for (const auto& [key, value] : config.members()) {
    if (std::find(std::begin(kFirst), std::end(kFirst), key) == std::end(kFirst)) add(key, value);
  }
  if (name.alias != name.full && !config.Find("alias")) add("alias", Value(name.alias));
  std::string code = fmt::format("{{{{ {}(**_dbt_generic_test_kwargs) }}}}", macro);
  return parts.empty() ? code : code + fmt::format("{{{{ config({}) }}}}", Join(parts, ","));
}

std::string MacroOf(const TestSpec& spec) {
  return spec.space.empty() ? "test_" + spec.name : spec.space + ".test_" + spec.name;
}

// The part of a node's id that the names of its tests hold: of a source, "source_table".
std::string NodeNameOf(const std::string& node_id) {
  std::vector<std::string_view> parts = Split(node_id, '.');
  if (parts[0] == "source" && parts.size() > 3) return fmt::format("{}_{}", parts[2], parts[3]);
  if (parts.size() < 4) return std::string(parts[2]);
  std::string version(node_id.substr(node_id.find(parts[3], node_id.find(parts[2]) + 1)));
  std::replace(version.begin(), version.end(), '.', '_');
  return fmt::format("{}_{}", parts[2], version);  // a version of a model
}

// What the test calls is what others of its kind call; of a kind that is new, what most tests do.
std::vector<std::string> MacrosOf(Draft& draft, const TestSpec& spec) {
  std::string where;
  for (const std::string& id : draft.base.ids()) {
    const dbt::Node* test = id.starts_with("test.") ? draft.base.Find(id) : nullptr;
    if (!test || !test->test_metadata) continue;
    if (test->test_metadata->name == spec.name && test->test_metadata->package == spec.space)
      return test->depends_on_macros;
    for (const std::string& macro : test->depends_on_macros) {
      if (macro.ends_with(".get_where_subquery")) where = macro;
    }
  }
  auto own =
      fmt::format("macro.{}.test_{}", spec.space.empty() ? draft.package : spec.space, spec.name);
  bool is_own = !spec.space.empty() || !draft.edit.Get("macros", own).is_null();
  std::vector<std::string> macros = {is_own ? own : "macro.dbt.test_" + spec.name};
  bool is_short = !is_own && (spec.name == "not_null" || spec.name == "unique");
  if (!is_short) macros.push_back(where.empty() ? "macro.dbt.get_where_subquery" : where);
  return macros;
}

void AddTest(Draft& draft, const TestSpec& spec, const std::string& node_id,
             const std::string& column, const std::string& path, const ProjectFile& project) {
  std::vector<std::string_view> parts = Split(node_id, '.');
  bool is_source = parts[0] == "source";
  std::string node_name(is_source && parts.size() > 3 ? parts[3] : parts[2]);
  TestName names = NameFor(spec, NodeNameOf(node_id), column, is_source);
  const std::string& name = names.full;
  // dbt's hash is over its own serialisation; ours only has to be the same for the same test.
  std::string hash =
      Sha256Hex(fmt::format("{} {} {} {}", node_id, column, name, WriteJson(spec.kwargs)))
          .substr(0, 10);
  std::string id = fmt::format("test.{}.{}.{}", draft.package, name, hash);
  Value kwargs = spec.kwargs;
  if (!column.empty()) kwargs.Set("column_name", column);
  kwargs.Set("model", is_source ? fmt::format("{{{{ get_where_subquery(source('{}', '{}')) }}}}",
                                              parts[2], node_name)
                      : parts.size() > 3
                          ? fmt::format("{{{{ get_where_subquery(ref('{}', version='{}')) }}}}",
                                        node_name, node_id.substr(node_id.find(".v") + 2))
                          : fmt::format("{{{{ get_where_subquery(ref('{}')) }}}}", node_name));
  Value config = Value::MakeObject({{"enabled", true},
                                    {"severity", "ERROR"},
                                    {"materialized", "test"},
                                    {"where", Value()},
                                    {"limit", Value()},
                                    {"fail_calc", "count(*)"},
                                    {"warn_if", "!= 0"},
                                    {"error_if", "!= 0"},
                                    {"tags", Value::MakeArray()},
                                    {"meta", Value::MakeObject()}});
  std::vector<std::string> fqn = project.FqnOf(path, name);
  Value unrendered = project.LastConfigsOf("tests", fqn);
  for (const Value& place : {project.ConfigsOf("tests", fqn), spec.config}) {
    for (const auto& [key, value] : place.members()) MergeConfig(config, key, value);
  }
  for (const auto& [key, value] : spec.config.members()) unrendered.Set(key, value);
  if (config["enabled"].is_bool() && !config["enabled"].AsBool()) return;
  Value nodes = Value::MakeArray();
  Value tested = draft.edit.Get(std::string(ManifestSectionOf(parts[0])), node_id);
  if (!tested.is_null()) nodes.Append(node_id);
  config.Set("group", tested["group"]);
  const Value& to = spec.kwargs["to"];  // relationships: the other side is a parent, too
  size_t open = to.AsString().find("ref('");
  if (open != std::string_view::npos) {
    std::string other(to.AsString().substr(open + 5));
    std::string other_id =
        fmt::format("model.{}.{}", draft.package, other.substr(0, other.find('\'')));
    if (draft.base.Contains(other_id)) nodes.Append(other_id);
  }
  Value tags = config["tags"];
  draft.new_tests.insert(id);
  draft.edit.Set(
      "nodes", id,
      Value::MakeObject(
          {{"unique_id", id},
           {"resource_type", "test"},
           {"package_name", draft.package},
           {"name", name},
           {"alias", names.alias},
           {"path", names.alias + ".sql"},
           {"original_file_path", path},
           {"fqn", Value::FromStrings(fqn)},
           {"raw_code", RawCode(MacroOf(spec), spec.config, names)},
           {"language", "sql"},
           {"checksum", Value::MakeObject({{"name", "none"}, {"checksum", ""}})},
           {"config", std::move(config)},
           {"unrendered_config", std::move(unrendered)},
           {"database", ""},
           {"schema", ""},
           {"relation_name", Value()},
           {"tags", tags},
           {"meta", Value::MakeObject()},
           {"description", ""},
           {"columns", Value::MakeObject()},
           {"refs", Value::MakeArray()},
           {"sources", Value::MakeArray()},
           {"depends_on", Value::MakeObject({{"macros", Value::FromStrings(MacrosOf(draft, spec))},
                                             {"nodes", nodes}})},
           {"column_name", column.empty() ? Value() : Value(column)},
           {"attached_node", node_id},
           {"group", tested["group"]},
           {"test_metadata",
            Value::MakeObject({{"name", spec.name},
                               {"namespace", spec.space.empty() ? Value() : Value(spec.space)},
                               {"kwargs", std::move(kwargs)}})}}));
}

}  // namespace

void PatchTests(Draft& draft, const std::string& node_id, const std::string& column,
                const Value& base, const Value& head, const std::string& path,
                const ProjectFile& project) {
  std::vector<TestSpec> before = ReadSpecs(base), after = ReadSpecs(head);
  for (const TestSpec& old : before) {
    auto same = std::find_if(after.begin(), after.end(),
                             [&](const TestSpec& now) { return SameTest(old, now); });
    if (same != after.end() && same->config == old.config) {
      after.erase(same);
      continue;
    }
    const dbt::Node* test = FindTest(draft, old, node_id, column);
    if (!test) {
      bool was_off = old.config["enabled"].is_bool() && !old.config["enabled"].AsBool();
      if (!was_off)
        draft.CannotTell(path, fmt::format("the test {} of {}{}{} changed, and the base manifest "
                                           "has no such test",
                                           old.name, node_id, column.empty() ? "" : ".", column));
      if (same != after.end()) after.erase(same);
      continue;
    }
    if (same == after.end()) {
      draft.edit.Remove("nodes", test->unique_id);
      continue;
    }
    Value entry = draft.edit.Get("nodes", test->unique_id);
    WeakerConfigs weaker{project.ConfigsOf("tests", test->fqn),
                         project.LastConfigsOf("tests", test->fqn)};
    ConfigChange change = ApplyConfig(entry, old.config, same->config, weaker);
    bool of_source = node_id.rfind("source.", 0) == 0;
    TestName name = NameFor(*same, NodeNameOf(node_id), column, of_source);
    // Where the base's text is what its configs give, so is the head's.
    if (test->raw_code == RawCode(MacroOf(old), old.config, name))
      entry.Set("raw_code", RawCode(MacroOf(*same), same->config, name));
    if (change.enabled) {
      draft.edit.Set("nodes", test->unique_id, std::move(entry));
    } else {
      draft.edit.Remove("nodes", test->unique_id);
      draft.edit.Set("disabled", test->unique_id, Value::MakeArray({std::move(entry)}));
    }
    after.erase(same);
  }
  for (const TestSpec& added : after) AddTest(draft, added, node_id, column, path, project);
}

}  // namespace layergate::offline

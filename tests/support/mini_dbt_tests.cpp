// Tests: generic ones with their ids, and singular ones.
#include <cctype>

#include <fmt/format.h>

#include "core/digest.h"
#include "core/text.h"
#include "support/mini_dbt_builder.h"

namespace layergate::minidbt {

void Builder::CollectTests(const Value& entry, const std::string& node, const std::string& target,
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

Result<bool> Builder::AddTests() {
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

Value Builder::TestConfig(const Value& given) {
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

void Builder::DependOn(Value& node, const std::vector<std::string>& nodes) {
  node.Set("depends_on", Value::MakeObject({{"macros", Value::MakeArray()},
                                            {"nodes", Value::FromStrings(nodes)}}));
}

Result<std::string> Builder::IdOf(std::string_view text, const std::string& path) {
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

Result<bool> Builder::AddGenericTest(const TestUse& use) {
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

std::string Builder::Words(const Value& value) {
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

}  // namespace layergate::minidbt

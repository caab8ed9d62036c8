// The published schema and the parser agree: what the parser takes the schema takes too, and
// neither takes an unknown key or a value of a wrong shape. Tried on every policy of
// tests/policy/ok, and on each with one place of it changed.
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/file.h"
#include "core/yaml.h"
#include "known_gates.h"
#include "policy/policy.h"
#include "support/catch.h"
#include "support/json_schema.h"

using namespace layergate;
using namespace layergate::policy;

namespace {

const std::string kFolder = LAYERGATE_SOURCE_DIR "/tests/policy/";

Result<std::optional<std::string>> ReadBeside(std::string_view path) {
  std::string file = kFolder + std::string(path);
  if (!FileExists(file)) return std::optional<std::string>();
  auto text = ReadFile(file);
  if (!text) return text.error();
  return std::optional<std::string>(*text);
}

bool Parses(const Value& document) {
  // JSON is YAML.
  return ParsePolicy(WriteJson(document, 2), "x.yml", TestGates(), ReadBeside).has_value();
}

std::vector<Value> Documents() {
  std::vector<Value> documents;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder + "ok")) {
    if (entry.path().extension() != ".yml") continue;
    auto text = ReadFile(entry.path().string());
    REQUIRE(text);
    auto yaml = ReadYaml(*text, entry.path().string());
    REQUIRE(yaml);
    documents.push_back(ToValue(*yaml));
  }
  REQUIRE(documents.size() > 5);
  return documents;
}

using Change = std::function<Value(const Value&)>;

// The document with each of its places changed in turn.
void EachPlace(const Value& value, const Change& change, const Change& rebuild,
               const std::function<void(const Value&)>& visit) {
  visit(rebuild(change(value)));
  if (value.is_object()) {
    for (size_t i = 0; i < value.members().size(); ++i) {
      EachPlace(
          value.members()[i].second, change,
          [&](const Value& inner) {
            Value::Object copy = value.members();
            copy[i].second = inner;
            return rebuild(Value(std::move(copy)));
          },
          visit);
    }
  }
  if (value.is_array()) {
    for (size_t i = 0; i < value.items().size(); ++i) {
      EachPlace(
          value.items()[i], change,
          [&](const Value& inner) {
            Value::Array copy = value.items();
            copy[i] = inner;
            return rebuild(Value(std::move(copy)));
          },
          visit);
    }
  }
}

}  // namespace

TEST_CASE("what the parser takes, the schema takes") {
  auto root = ReadJson(PolicySchema());
  REQUIRE(root);
  testing::JsonSchema schema(*root);
  const std::vector<Change> changes = {
      [](const Value&) { return Value(); },
      [](const Value&) { return Value(3.5); },
      [](const Value&) { return Value(-1); },
      [](const Value&) { return Value("no such word"); },
      [](const Value&) { return Value(Value::Array{}); },
      [](const Value&) { return Value(Value::Array{Value(Value::Array{})}); },
      [](const Value&) { return Value(true); },
      [](const Value& old) {
        Value copy = old;
        if (copy.is_object()) copy.Set("unheard_of", 1);
        return copy;
      },
      [](const Value& old) {
        if (!old.is_object() || old.members().empty()) return old;
        Value::Object fewer = old.members();
        fewer.erase(fewer.begin());
        return Value(std::move(fewer));
      },
  };
  int taken = 0, refused = 0;
  for (const Value& document : Documents()) {
    for (const Change& change : changes) {
      EachPlace(
          document, change, [](const Value& whole) { return whole; },
          [&](const Value& changed) {
            bool parses = Parses(changed);
            (parses ? taken : refused) += 1;
            if (!parses) return;
            auto problems = schema.Problems(changed);
            INFO(WriteJson(changed, 2));
            for (const std::string& problem : problems) UNSCOPED_INFO(problem);
            CHECK(problems.empty());
          });
    }
  }
  CHECK(taken > 100);
  CHECK(refused > 1000);
}

TEST_CASE("neither takes an unknown key") {
  auto root = ReadJson(PolicySchema());
  REQUIRE(root);
  testing::JsonSchema schema(*root);
  // Maps whose keys are names of the user's own take any.
  for (
      const char* text : {
          R"({"version": 1, "extends": "default", "unheard_of": 1})",
          R"({"version": 1, "extends": "default", "defaults": {"unheard_of": 1}})",
          R"({"version": 1, "extends": "default", "layers": [{"name": "marts", "unheard_of": 1}]})",
          R"({"version": 1, "extends": "default", "models": {"m": {"unheard_of": 1}}})",
          R"({"version": 1, "extends": "default", "people": {"unheard_of": []}})",
          R"({"version": 1, "extends": "default", "freezes": [{"unheard_of": 1}]})",
          R"({"version": 1, "extends": "default", "baseline": {"unheard_of": 1}})",
          R"({"version": 1, "extends": "default", "break_glass": {"unheard_of": 1}})",
          R"({"version": 1, "extends": "default", "external_gates": {"g": {"unheard_of": 1}}})",
          R"({"version": 1, "extends": "default", "pull_request": {"unheard_of": 1}})",
      }) {
    INFO(text);
    auto document = ReadJson(text);
    REQUIRE(document);
    CHECK_FALSE(Parses(*document));
    CHECK_FALSE(schema.Problems(*document).empty());
  }
}

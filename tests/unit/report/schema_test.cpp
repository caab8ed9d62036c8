// policies/result-schema.json and docs/result.md against what the program writes: every field that
// is written is described, and every field that is described is written.
#include <algorithm>
#include <filesystem>
#include <set>

#include "core/file.h"
#include "report/report.h"
#include "sample.h"
#include "support/catch.h"

using namespace layergate;

namespace {

Value ReadSchema() {
  Result<std::string> text = ReadFile(LAYERGATE_SOURCE_DIR "/policies/result-schema.json");
  REQUIRE(text);
  Result<Value> schema = ReadJson(*text);
  REQUIRE(schema);
  return *schema;
}

// The parts of draft-07 that the schema uses.
class Schema {
 public:
  explicit Schema(const Value& root) : root_(root) {}

  // Every problem as "place: what", for `value` held against `schema`.
  void Validate(const Value& schema, const Value& value, const std::string& place) {
    if (const Value* target = Target(schema)) return Validate(*target, value, place);
    Note(schema, place);
    if (schema.Find("type") && !HasType(schema["type"], value)) {
      return Complain(place, "has a wrong type");
    }
    if (const Value* expected = schema.Find("const")) {
      if (!(*expected == value)) Complain(place, "is not the constant");
    }
    if (const Value* words = schema.Find("enum")) {
      const Value::Array& items = words->items();
      if (std::find(items.begin(), items.end(), value) == items.end()) {
        Complain(place, "is not one of the words");
      }
    }
    if (schema.Find("minimum") && value.AsInt() < schema["minimum"].AsInt()) {
      Complain(place, "is too small");
    }
    if (value.is_object()) Members(schema, value, place);
    for (size_t i = 0; schema.Find("items") && i < value.items().size(); ++i) {
      Validate(schema["items"], value.items()[i], place + "[]");
    }
  }

  // Places of the record that some property describes, and those that were met in a value.
  std::set<std::string> described, met;
  std::vector<std::string> problems;

 private:
  const Value* Target(const Value& schema) const {
    const Value* reference = schema.Find("$ref");
    if (!reference) return nullptr;
    std::string_view name = reference->AsString();
    constexpr std::string_view kPrefix = "#/definitions/";
    REQUIRE(name.substr(0, kPrefix.size()) == kPrefix);
    const Value* target = root_["definitions"].Find(name.substr(kPrefix.size()));
    REQUIRE(target);
    return target;
  }

  void Note(const Value& schema, const std::string& place) {
    for (const auto& [key, unused] : schema["properties"].members()) {
      described.insert(place + "." + key);
    }
  }

  void Members(const Value& schema, const Value& value, const std::string& place) {
    const Value* properties = schema.Find("properties");
    if (!properties) return;  // free evidence
    for (const Value& key : schema["required"].items()) {
      if (!value.Find(key.AsString())) Complain(place, "lacks " + std::string(key.AsString()));
    }
    for (const auto& [key, member] : value.members()) {
      met.insert(place + "." + key);
      const Value* property = properties->Find(key);
      if (!property) {
        Complain(place, "has undescribed " + key);
        continue;
      }
      Validate(*property, member, place + "." + key);
    }
  }

  static bool HasType(const Value& type, const Value& value) {
    if (type.is_array()) {
      return std::any_of(type.items().begin(), type.items().end(),
                         [&](const Value& each) { return HasType(each, value); });
    }
    std::string_view word = type.AsString();
    return (word == "object" && value.is_object()) || (word == "array" && value.is_array()) ||
           (word == "string" && value.is_string()) || (word == "integer" && value.is_int()) ||
           (word == "boolean" && value.is_bool()) || (word == "null" && value.is_null());
  }

  void Complain(const std::string& place, const std::string& what) {
    problems.push_back((place.empty() ? "record" : place) + " " + what);
  }

  const Value& root_;
};

}  // namespace

TEST_CASE("the published schema and the record agree in both directions") {
  Value root = ReadSchema();
  Schema schema(root);
  schema.Validate(root, report::ToValue(report::testing::FullVerdict()), "");
  CHECK(schema.problems.empty());
  for (const std::string& problem : schema.problems) UNSCOPED_INFO(problem);
  CHECK(schema.met == schema.described);
  REQUIRE(schema.met.size() > 90);
}

TEST_CASE("every saved result fits the published schema") {
  Value root = ReadSchema();
  int seen = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(LAYERGATE_SOURCE_DIR "/tests/report")) {
    std::string path = entry.path().string();
    if (!path.ends_with(".json") || path.ends_with(".codequality.json")) continue;
    Result<std::string> text = ReadFile(path);
    REQUIRE(text);
    Result<Value> record = ReadJson(*text);
    REQUIRE(record);
    Schema schema(root);
    schema.Validate(root, *record, "");
    INFO(path << ": " << (schema.problems.empty() ? "" : schema.problems[0]));
    CHECK(schema.problems.empty());
    ++seen;
  }
  CHECK(seen >= 5);
}

TEST_CASE("the schema refuses what is wrong") {
  Value root = ReadSchema();
  Value record = report::ToValue(report::testing::FullVerdict());
  record.Set("verdict", "green").Set("surprise", 1).Set("rollback_sla_hours", -1);
  Schema schema(root);
  schema.Validate(root, record, "");
  CHECK(schema.problems.size() == 3);
}

TEST_CASE("every field is explained in docs/result.md") {
  Result<std::string> page = ReadFile(LAYERGATE_SOURCE_DIR "/docs/result.md");
  REQUIRE(page);
  Value root = ReadSchema();
  Schema schema(root);
  schema.Validate(root, report::ToValue(report::testing::FullVerdict()), "");
  for (const std::string& place : schema.described) {
    std::string name = place.substr(place.rfind('.') + 1);
    INFO(place);
    CHECK(page->find("`" + name + "`") != std::string::npos);
  }
}

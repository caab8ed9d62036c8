// Manifests that are broken, hostile or enormous: each refused at its place, with what to do, and
// never a crash. The refusals stand in hostile_manifests.txt.
#include <chrono>

#include "core/file.h"
#include "core/text.h"
#include "dbt/project.h"
#include "support/catch.h"

namespace layergate::dbt {
namespace {

const std::string kMetadata =
    R"("metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json", "project_name": "shop"})";

struct Case {
  std::string name, text, refusal;
};

std::vector<Case> ReadCases() {
  auto file = ReadFile(LAYERGATE_SOURCE_DIR "/tests/unit/dbt/hostile_manifests.txt");
  if (!file) FAIL(file.error().message);
  std::vector<Case> cases;
  for (std::string_view line : Split(*file, '\n')) {
    if (line.starts_with("== ")) {
      cases.push_back({std::string(line.substr(3)), {}, {}});
    } else if (line.starts_with("-- ")) {
      cases.back().refusal = line.substr(3);
    } else if (!cases.empty() && cases.back().refusal.empty()) {
      cases.back().text.append(line).append(1, '\n');
    }
  }
  for (Case& one : cases) {
    while (one.text.ends_with('\n')) one.text.pop_back();
    if (size_t at = one.text.find('@'); at != std::string::npos) {
      one.text.replace(at, 1, kMetadata);
    }
  }
  return cases;
}

TEST_CASE("every hostile manifest is refused at its place, with a remedy") {
  std::vector<Case> cases = ReadCases();
  REQUIRE(cases.size() >= 20);
  for (const Case& one : cases) {
    INFO(one.name);
    auto project = Project::Parse(one.text, "m.json");
    REQUIRE(!project);
    CHECK(project.error().message.substr(0, one.refusal.size()) == one.refusal);
    CHECK(!project.error().remedy.empty());
  }
}

TEST_CASE("bytes that are no UTF-8, and texts in UTF-16") {
  auto refusal = [](const std::string& text) {
    auto project = Project::Parse(text, "m.json");
    return project ? std::string("accepted") : project.error().message;
  };
  CHECK(refusal("{" + kMetadata + ", \"nodes\": {\"model.shop.\xC3\x28\": {}}}")
            .find("invalid UTF-8") != std::string::npos);
  CHECK(refusal("{" + kMetadata + ",\n\"nodes\": {\"a\": {\"raw_code\": \"\xED\xA0\x80\"}}}") ==
        "m.json:2:30: invalid UTF-8");
  std::string wide("\xFF\xFE{\0}\0", 6);
  CHECK(refusal(wide).find("UTF-16") != std::string::npos);
  CHECK(refusal(std::string("{\0}", 3)) != "accepted");
  CHECK(refusal("{" + kMetadata + ", \"nodes\": {\"a\": {\"raw_code\": \"a\x01\"}}}")
            .find("a control character") != std::string::npos);
}

TEST_CASE("no prefix of a manifest passes for it") {
  std::string text =
      "{" + kMetadata +
      R"(, "nodes": {"model.shop.a": {"raw_code": "\u00e9\n", "config": {"a": [1, {"b": null}]},
                         "tags": ["x", true, -1.5e3]}}, "macros": {}, "sources": {}})";
  for (size_t size = 0; size < text.size(); ++size) {
    CHECK(!Project::Parse(text.substr(0, size), "m.json"));
  }
  CHECK(Project::Parse(text, "m.json"));
}

TEST_CASE("enormous texts, many keys and deep nesting are read or refused, in time") {
  auto begin = std::chrono::steady_clock::now();
  std::string giant(30 << 20, 'x');
  auto project = Project::Parse(
      "{" + kMetadata + R"(, "nodes": {"model.shop.a": {"raw_code": ")" + giant + "\"}}}",
      "m.json");
  REQUIRE(project);
  CHECK((*project)->Find("model.shop.a")->raw_code.size() == giant.size());
  std::string keys;
  for (int i = 0; i < 100000; ++i) {
    keys += (i ? ",\"k" : "\"k") + std::to_string(i) + "\": " + std::to_string(i);
  }
  auto many = Project::Parse("{" + kMetadata + ", \"nodes\": {\"model.shop.a\": {" + keys +
                                 "}, \"model.shop.b\": {\"config\": {" + keys + "}}}}",
                             "m.json");
  REQUIRE(many);
  CHECK((*many)->Find("model.shop.b")->config.members().size() == 100000);
  std::string deep(200000, '[');
  CHECK(!Project::Parse("{" + kMetadata + ", \"nodes\": {\"a\": {\"x\": " + deep, "m.json"));
  std::string wide;
  for (int i = 0; i < 100; ++i) wide += "{\"a\":";
  wide += "1" + std::string(100, '}');
  CHECK(Project::Parse("{" + kMetadata + ", \"nodes\": {\"a\": {\"x\": " + wide + "}}}", "m.json"));
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
}

TEST_CASE("a chain of a hundred thousand models is no reason to overflow") {
  std::string nodes;
  for (int i = 0; i < 100000; ++i) {
    nodes += (i ? ",\"m." : "\"m.") + std::to_string(i) + "\": {\"depends_on\": {\"nodes\": [" +
             (i ? "\"m." + std::to_string(i - 1) + "\"" : "") + "]}}";
  }
  auto project = Project::Parse("{" + kMetadata + ", \"nodes\": {" + nodes + "}}", "m.json");
  REQUIRE(project);
  CHECK((*project)->Downstream("m.0").size() == 99999);
}

}  // namespace
}  // namespace layergate::dbt

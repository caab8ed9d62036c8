// What differs between two manifests and is nobody's change, and what a reason says of it.
#include <algorithm>

#include "change/change_set.h"
#include "change/text_diff.h"
#include "manifests.h"

namespace layergate::change {
namespace {

using Words = std::vector<std::string>;

std::string Table(const std::string& name, const std::string& database, const std::string& schema,
                  const std::string& written = "{}") {
  return Node("model", name,
              R"(, "database": ")" + database + R"(", "schema": ")" + schema + R"(", "alias": ")" +
                  name + R"(", "unrendered_config": )" + written + R"(, "relation_name": ")" +
                  database + "." + schema + "." + name + "\"");
}

std::string Macro(const std::string& name, const std::string& sql, const std::string& calls = "") {
  return "\"macro.shop." + name + R"(": {"name": ")" + name +
         R"(", "package_name": "shop", "original_file_path": "macros/)" + name +
         R"(.sql", "macro_sql": ")" + sql + R"(", "depends_on": {"macros": [)" + calls + "]}}";
}

std::string WithMacros(const std::string& nodes, const std::string& macros) {
  return Nodes(nodes) + R"(, "macros": {)" + macros + "}";
}

TEST_CASE("tables that a changed setting moved are no other target") {
  std::string old_place = R"({"schema": "marts"})", new_place = R"({"schema": "gold"})";
  auto base = Manifest(
      Nodes(Table("a", "d", "marts", old_place) + "," + Table("b", "d", "marts", old_place)));
  auto head = Manifest(
      Nodes(Table("a", "d", "gold", new_place) + "," + Table("b", "d", "gold", new_place)));
  ChangeSet set = Compare(*base, *head);
  REQUIRE(set.nodes.size() == 2);
  CHECK(set.nodes[0].dbt_state == Words{"modified", "relation"});
  CHECK(set.nodes[0].also == Words{"relation_name"});
  CHECK(set.notes.empty());
}

TEST_CASE("a macro that names schemas explains no other database") {
  auto side = [](const std::string& database, const std::string& macro) {
    return Manifest(WithMacros(Table("a", database, "s") + "," + Table("b", database, "s"), macro));
  };
  ChangeSet set =
      Compare(*side("prod", Macro("x", "1")), *side("ci", Macro("generate_schema_name", "2")));
  CHECK(set.nodes.empty());
  REQUIRE(set.notes.size() == 1);
  CHECK(set.notes[0].find("two targets") != std::string::npos);
}

TEST_CASE("a macro that the naming macro calls moves tables, too") {
  auto side = [](const std::string& schema, const std::string& helper) {
    return Manifest(
        WithMacros(Table("a", "d", schema) + "," + Table("b", "d", schema),
                   Macro("generate_schema_name", "{{ helper() }}", "\"macro.shop.helper\"") + "," +
                       Macro("helper", helper)));
  };
  ChangeSet set = Compare(*side("prod", "1"), *side("ci", "2"));
  REQUIRE(set.nodes.size() == 2);
  CHECK(set.nodes[0].also == Words{"relation_name"});
}

TEST_CASE("a macro's reason says what became of it, and where") {
  auto side = [](const std::string& calls, const std::string& macros) {
    return Manifest(
        WithMacros(Node("model", "a", R"(, "depends_on": {"macros": [)" + calls + "]}"), macros));
  };
  std::string caller = Macro("caller", "1", "\"macro.shop.inner\"");
  std::string calls = "\"macro.shop.caller\"";
  auto reason = [&](const std::string& before, const std::string& after) {
    ChangeSet set = Compare(*side(calls, before), *side(calls, after));
    REQUIRE(set.nodes.size() == 1);
    return set.nodes[0].reasons.at(0);
  };
  Reason changed = reason(caller + "," + Macro("inner", "1"), caller + "," + Macro("inner", "2"));
  CHECK(changed.detail == "macro.shop.inner changed, which macro.shop.caller calls");
  CHECK(changed.path == "macros/inner.sql");
  CHECK(reason(caller, caller + "," + Macro("inner", "2")).detail ==
        "macro.shop.inner is new, which macro.shop.caller calls");
  CHECK(reason(caller + "," + Macro("inner", "1"), caller).detail ==
        "macro.shop.inner is gone, which macro.shop.caller calls");
}

TEST_CASE("what dbt up to 0.21 wrote for tests") {
  auto test = [](const std::string& more) {
    return Manifest(
        Nodes(Node("model", "m") + "," +
              Node("test", "unique_m_id",
                   R"(, "depends_on": {"nodes": ["model.shop.m"]}, "column_name": "id")" + more)));
  };
  auto base = test(
      R"(, "tags": ["schema"], "fqn": ["shop", "schema_test", "unique_m_id"],
         "config": {"materialized": "table", "severity": "ERROR"},
         "test_metadata": {"name": "unique", "kwargs": {"column_name": "id", "store_failures": false}})");
  auto head = test(
      R"(, "tags": [], "fqn": ["shop", "unique_m_id"], "config": {"materialized": "test"},
         "test_metadata": {"name": "unique", "kwargs": {"column_name": "id"}})");
  ChangeSet set = Compare(*base, *head);
  REQUIRE(set.nodes.size() == 1);
  CHECK(set.nodes[0].unique_id == "test.shop.unique_m_id");
  CHECK(set.nodes[0].also.empty());
  CHECK(set.nodes[0].reasons.at(0).detail == "dbt's path to the node differs");
}

TEST_CASE("a mark on a column that was not described before is told") {
  auto base = Manifest(Nodes(Node("model", "a")));
  auto head = Manifest(Nodes(
      Node("model", "a", R"(, "columns": {"email": {"name": "email", "meta": {"pii": true}}})")));
  CHECK(Compare(*base, *head).nodes.at(0).also == Words{"column_meta", "columns"});
}

TEST_CASE("a reason that many nodes share is said once more for all") {
  std::string before, after;
  for (int i = 0; i < 12; ++i) {
    std::string name = "m" + std::to_string(i);
    before += (i ? "," : "") + Node("model", name);
    after += (i ? "," : "") + Node("model", name, R"(, "unrendered_config": {"cluster_by": "x"})");
  }
  ChangeSet set = Compare(*Manifest(Nodes(before)), *Manifest(Nodes(after)));
  CHECK(set.notes == Words{"12 nodes have one reason in common: configs: config.cluster_by: "
                           "written differently, the value in force is the same (null -> \"x\")"});
}

TEST_CASE("the first lines in which two texts differ") {
  using Lines = std::pair<std::string, std::string>;
  CHECK(FirstDifferingLines("a\n\n  b  c\nd", "a\nb c\ne") == Lines{"d", "e"});
  CHECK(FirstDifferingLines("a", "a\n\nb") == Lines{"", "b"});
  CHECK(FirstDifferingLines("a\n", "a") == Lines{"", ""});
}

TEST_CASE("a long value is cut between two characters") {
  std::string text(399, 'x');
  auto base = Manifest(Nodes(Node("model", "a", R"(, "description": "short")")));
  auto head =
      Manifest(Nodes(Node("model", "a", R"(, "description": ")" + text + "\xC3\xA9 and more\"")));
  CHECK(Compare(*base, *head).nodes.at(0).reasons.at(0).head.AsString() ==
        text + "... (410 characters)");
}

}  // namespace
}  // namespace layergate::change

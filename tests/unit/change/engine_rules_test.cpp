// The selectors of dbt's Rust engine where they say something else than Python dbt's.
#include "change/change_set.h"
#include "core/digest.h"
#include "manifests.h"

namespace layergate::change {
namespace {

using Words = std::vector<std::string>;

// The change of node `id`, or an empty one when it did not change, between two manifests of the
// engine.
NodeChange Engine(const std::string& base, const std::string& head, const std::string& id) {
  ChangeSet set = Compare(*Manifest(base, "2.0.0"), *Manifest(head, "2.0.0"));
  const NodeChange* found = set.Find(id);
  return found ? *found : NodeChange{};
}

NodeChange Model(const std::string& base, const std::string& head) {
  return Engine(Nodes(Node("model", "a", base)), Nodes(Node("model", "a", head)), "model.shop.a");
}

std::string Section(const std::string& section, const std::string& entry) {
  return Nodes("") + ", \"" + section + "\": {" + entry + "}";
}

TEST_CASE("engine: white space is nothing, words are") {
  CHECK(Model(R"(, "raw_code": "select  1\n")", R"(, "raw_code": "select 1")").dbt_state.empty());
  CHECK(Model(R"(, "raw_code": "select 1")", R"(, "raw_code": "select 2")").dbt_state ==
        Words{"body", "modified"});
}

TEST_CASE("engine: white space that means something is told all the same") {
  auto also = [](const std::string& base, const std::string& head) {
    return Model(R"(, "raw_code": ")" + base + "\"", R"(, "raw_code": ")" + head + "\"").also;
  };
  CHECK(also("select  1,\\n  2 -- x\\nfrom t", "select 1, 2   --  x\\n\\nfrom   t").empty());
  CHECK(also("select 'a  b'", "select 'a b'") == Words{"compiled"});
  CHECK(also("select 1 -- one\\n, 2", "select 1 -- one , 2") == Words{"compiled"});
  CHECK(also("select 1 /* it's */, 2", "select  1 /*  it's */,  2").empty());
}

TEST_CASE("engine: configs differ as written and in force") {
  CHECK(Model(R"(, "unrendered_config": {"cluster_by": []}, "config": {"cluster_by": null})",
              R"(, "config": {})")
            .dbt_state.empty());
  CHECK(
      Model(
          R"(, "unrendered_config": {"materialized": "{{ 'table' }}"},
                  "config": {"materialized": "table"})",
          R"(, "unrendered_config": {"materialized": "table"}, "config": {"materialized": "table"})")
          .dbt_state.empty());
  CHECK(
      Model(
          R"(, "unrendered_config": {"materialized": "view"}, "config": {"materialized": "view"})",
          R"(, "unrendered_config": {"materialized": "table"}, "config": {"materialized": "table"})")
          .dbt_state == Words{"configs", "modified"});
  CHECK(
      Model(
          R"(, "unrendered_config": {"pre_hook": ["a", "b"]}, "config": {"pre-hook": [{"sql": "a"}]})",
          R"(, "unrendered_config": {"pre-hook": ["b ", "a"]}, "config": {"pre-hook": []})")
          .dbt_state.empty());
  CHECK(
      Model(
          R"(, "unrendered_config": {"static_analysis": "on"}, "config": {"static_analysis": "on"})",
          R"(, "unrendered_config": {"static_analysis": "off"}, "config": {"static_analysis": "off"})")
          .dbt_state.empty());
}

TEST_CASE("engine: a path that only goes on is the same") {
  CHECK(Model(R"(, "fqn": ["shop", "a"])", R"(, "fqn": ["shop", "a", "v1"])").dbt_state.empty());
  CHECK(Model(R"(, "fqn": ["shop", "x", "a"])", R"(, "fqn": ["shop", "y", "a"])").dbt_state ==
        Words{"modified"});
}

TEST_CASE("engine: only macros that the node itself calls, where both sides have them") {
  auto side = [](const std::string& macros) {
    return Nodes(Node("model", "a", R"(, "depends_on": {"macros": ["macro.shop.outer"]})")) +
           R"(, "macros": {"macro.shop.outer": {"name": "outer", "macro_sql": "1",
              "depends_on": {"macros": ["macro.shop.inner"]}})" +
           macros + "}";
  };
  std::string one = R"(, "macro.shop.inner": {"name": "inner", "macro_sql": "1"})";
  std::string two = R"(, "macro.shop.inner": {"name": "inner", "macro_sql": "2"})";
  CHECK(Engine(side(one), side(two), "model.shop.a").dbt_state.empty());
  auto direct = [](const std::string& sql) {
    return Nodes(Node("model", "a", R"(, "depends_on": {"macros": ["macro.shop.m"]})")) +
           R"(, "macros": {"macro.shop.m": {"name": "m", "macro_sql": ")" + sql + "\"}}";
  };
  CHECK(Engine(direct("1"), direct("2"), "model.shop.a").dbt_state == Words{"macros", "modified"});
}

TEST_CASE("engine: what is new") {
  CHECK(Engine(Nodes(""), Section("sources", Node("source", "raw.t")), "source.shop.raw.t")
            .dbt_state == Words{"body", "configs", "contract", "macros", "modified", "new",
                                "persisted_descriptions", "relation"});
  CHECK(
      Engine(Nodes(""), Section("exposures", Node("exposure", "e")), "exposure.shop.e").dbt_state ==
      Words{"body", "configs", "contract", "modified", "persisted_descriptions", "relation"});
}

TEST_CASE("engine: a test under another id is the same test, a source too") {
  auto test = [](const std::string& id) {
    return Nodes(Node("model", "m") + "," +
                 Node("test", id, R"(, "attached_node": "model.shop.m", "column_name": "id",
                   "test_metadata": {"name": "unique", "kwargs": {"column_name": "id"}})"));
  };
  NodeChange renamed =
      Engine(test("unique_m_id.1"), test("unique_m_id.2"), "test.shop.unique_m_id.2");
  CHECK(renamed.kind == ChangeKind::kRenamed);
  CHECK(renamed.dbt_state.empty());
  auto source = [](const std::string& id) {
    return Section("sources", "\"source.shop.raw." + id + R"(": {"resource_type": "source",
      "package_name": "shop", "source_name": "raw", "name": "events_*", "original_file_path": "s.yml"})");
  };
  CHECK(Engine(source("events_*"), source("events___"), "source.shop.raw.events___").kind ==
        ChangeKind::kRenamed);
}

TEST_CASE("engine: the type of an exposure is not compared, a metric's is") {
  auto exposure = [](const std::string& type) {
    return Section("exposures", Node("exposure", "e", R"(, "type": ")" + type + "\""));
  };
  NodeChange change = Engine(exposure("ml"), exposure("dashboard"), "exposure.shop.e");
  CHECK(change.dbt_state.empty());
  CHECK(change.also == Words{"exposures"});
  auto metric = [](const std::string& type) {
    return Section("metrics", Node("metric", "m", R"(, "type": ")" + type + "\""));
  };
  CHECK(Engine(metric("simple"), metric("ratio"), "metric.shop.m").dbt_state == Words{"modified"});
}

// The engine's previews wrote a placeholder for the text and nothing of what was configured.
std::string Preview(const std::string& text, const std::string& more = "") {
  return Nodes(Node("model", "a",
                    R"(, "raw_code": "--placeholder--", "unrendered_config": {}, "checksum":
                      {"name": "SHA256", "checksum": ")" +
                        Sha256Hex(text) + "\"}" + more));
}

TEST_CASE("engine: a text that is not there is compared by its checksum") {
  auto words = [](const std::string& base, const std::string& base_version, const std::string& head,
                  const std::string& head_version) {
    ChangeSet set = Compare(*Manifest(base, base_version), *Manifest(head, head_version));
    return set.nodes.empty() ? Words{} : set.nodes[0].dbt_state;
  };
  std::string written = Nodes(Node("model", "a", R"(, "raw_code": "select\n  1")"));
  Words body{"body", "modified"};
  CHECK(words(Preview("select 1"), "2.0.0", Preview("select 1"), "2.0.0").empty());
  CHECK(words(Preview("select 1"), "2.0.0", Preview("select 2"), "2.0.0") == body);
  CHECK(words(written, "1.11.0", Preview("select 1"), "2.0.0").empty());
  CHECK(words(written, "1.11.0", Preview("select 2"), "2.0.0") == body);
  CHECK(words(Preview("select 1"), "2.0.0", written, "1.11.0").empty());
  CHECK(words(Preview("select 2"), "2.0.0", written, "1.11.0") == body);
}

TEST_CASE("engine: defaults that only one of the two writes down are no change") {
  std::string python = Nodes(Node("model", "a",
                                  R"(, "raw_code": "x", "unrendered_config": {"schema": "s"},
    "config": {"schema": "s", "on_schema_change": "ignore", "quoting": {}})"));
  std::string engine = Preview("x", R"(, "config": {"schema": "s", "on_schema_change": null,
    "lookback": null, "quoting": {"database": false}})");
  CHECK(Compare(*Manifest(python, "1.11.0"), *Manifest(engine, "2.0.0")).nodes.empty());
  CHECK(Compare(*Manifest(engine, "2.0.0"), *Manifest(python, "1.11.0")).nodes.empty());
}

TEST_CASE("engine: a contract comes and goes; what changes inside it is told as well") {
  auto model = [](const std::string& enforced, const std::string& type) {
    return R"(, "raw_code": "x", "contract": {"enforced": )" + enforced +
           R"(}, "columns": {"id": {"name": "id", "data_type": ")" + type + "\"}}";
  };
  CHECK(Model(model("false", "int"), model("true", "int")).dbt_state ==
        Words{"contract", "modified"});
  NodeChange inside = Model(model("true", "int"), model("true", "text"));
  CHECK(inside.dbt_state.empty());
  CHECK(inside.also == Words{"columns", "contract"});
}

TEST_CASE("engine: a snapshot is its file, a unit test and an operation are nothing to it") {
  auto snapshot = [](const std::string& checksum) {
    return Nodes(Node("snapshot", "s", R"(, "raw_code": "select 1", "checksum": {"name": "sha256",
      "checksum": ")" + checksum + "\"}"));
  };
  NodeChange change = Engine(snapshot(Sha256Hex("select 1")), snapshot(Sha256Hex("-- x select 1")),
                             "snapshot.shop.s");
  CHECK(change.dbt_state == Words{"body", "modified"});
  CHECK(change.cosmetic);
  auto unit = [](const std::string& rows) {
    return Section("unit_tests", Node("unit_test", "m.u",
                                      R"(, "model": "m", "checksum": {"name":
      "none", "checksum": ""}, "depends_on": {"nodes": ["model.shop.m"]}, "expect": {"rows": )" +
                                          rows + "}"));
  };
  CHECK(Engine(unit("[1]"), unit("[2]"), "unit_test.shop.m.u").dbt_state.empty());
  auto with_model = [&](const std::string& rows) {
    std::string text = unit(rows);
    return text.replace(text.find("{}"), 2, "{" + Node("model", "m") + "}");
  };
  CHECK(Engine(with_model("[1]"), with_model("[2]"), "model.shop.m").also == Words{"tests"});
  auto operation = [](const std::string& sql) {
    return Nodes(Node("operation", "o", R"(, "raw_code": ")" + sql + "\""));
  };
  CHECK(Engine(Nodes(""), operation("a"), "operation.shop.o").dbt_state.empty());
}

TEST_CASE(
    "a mark that a column shares with its node is the column's own, but for the Rust engine") {
  auto marks = [](const std::string& version) {
    auto project = Manifest(Nodes(Node("model", "a", R"(, "meta": {"pii": true}, "columns":
      {"id": {"name": "id", "meta": {"pii": true}, "config": {"meta": {}, "tags": []}}})")),
                            version);
    return project->Find("model.shop.a")->columns[0].meta;
  };
  CHECK(marks("1.9.0")["pii"].AsBool());  // has a config and leaves it empty
  CHECK(marks("2.0.0").empty());
}

TEST_CASE("engine: what the engine writes otherwise than Python dbt is no change of any node") {
  std::string python =
      Nodes(Node("model", "a", R"(, "raw_code": "x", "meta": {"pii": true}, "tags": ["t"],
        "contract": {"enforced": true, "checksum": "abc"}, "config": {"contract": {"enforced": true}},
        "columns": {"id": {"name": "id", "data_type": "int"}})") +
            "," + Node("operation", "o", R"(, "raw_code": "y", "tags": ["on-run-start"],
        "config": {"materialized": "view"})"));
  std::string engine =
      Nodes(Node("model", "a", R"(, "raw_code": "x", "meta": {"pii": true}, "tags": ["t"],
        "contract": {"enforced": true}, "config": {"contract": {"enforced": true}},
        "columns": {"id": {"name": "id", "data_type": "int", "meta": {"pii": true}, "tags": ["t"],
         "config": {}}})") +
            "," + Node("operation", "o", R"(, "raw_code": "y")"));
  CHECK(Compare(*Manifest(python, "1.12.0"), *Manifest(engine, "2.0.0")).nodes.empty());
  ChangeSet back = Compare(*Manifest(engine, "2.0.0"), *Manifest(python, "1.12.0"));
  for (const NodeChange& change : back.nodes) CHECK(change.cosmetic);
}

}  // namespace
}  // namespace layergate::change

#include <algorithm>

#include "change/change_set.h"
#include "manifests.h"

namespace layergate::change {
namespace {

using Words = std::vector<std::string>;

// The one change that is expected between two models "a" that differ by these members.
NodeChange Only(const std::string& base, const std::string& head,
                const CompareOptions& options = {}, const std::string& type = "model") {
  auto old_side = Manifest(Nodes(Node(type, "a", base)));
  auto new_side = Manifest(Nodes(Node(type, "a", head)));
  ChangeSet set = Compare(*old_side, *new_side, options);
  REQUIRE(set.nodes.size() == 1);
  CHECK(Compare(*old_side, *old_side, options).nodes.empty());
  return set.nodes[0];
}

bool Because(const NodeChange& change, const std::string& kind, const std::string& detail) {
  return std::any_of(change.reasons.begin(), change.reasons.end(), [&](const Reason& reason) {
    return reason.kind == kind && reason.detail.find(detail) != std::string::npos;
  });
}

TEST_CASE("a changed body is dbt's and has the file's path") {
  CompareOptions options;
  options.project_prefix = "dbt/";
  NodeChange change = Only(R"(, "raw_code": "select 1")", R"(, "raw_code": "select 2")", options);
  CHECK(change.dbt_state == Words{"body", "modified"});
  CHECK(change.also.empty());
  CHECK(change.reasons[0].path == "dbt/models/a.sql");
}

TEST_CASE("a body of the same tree is cosmetic when the caller says so, and not without a caller") {
  std::string base = R"(, "raw_code": "select 1", "compiled_code": "select 1")";
  std::string head = R"(, "raw_code": "select  1", "compiled_code": "select  1")";
  CompareOptions options;
  CHECK(!Only(base, head, options).cosmetic);
  options.same_sql = [](const dbt::Node&, const dbt::Node&) { return true; };
  CHECK(Only(base, head, options).cosmetic);
  options.same_sql = [](const dbt::Node&, const dbt::Node&) { return false; };
  CHECK(!Only(base, head, options).cosmetic);
}

TEST_CASE("a column's marks are seen though dbt doesn't see them") {
  NodeChange change =
      Only(R"(, "columns": {"email": {"name": "email", "meta": {"pii": true}, "tags": ["x"]}})",
           R"(, "columns": {"EMAIL": {"name": "EMAIL", "config": {"meta": {"pii": false}}}})");
  CHECK(change.dbt_state.empty());
  CHECK(change.also == Words{"column_meta"});
  CHECK(Because(change, "column_meta", "columns.EMAIL.meta.pii"));
  CHECK(Because(change, "column_meta", "columns.EMAIL.tags"));
}

TEST_CASE("marks of every engine are seen: policy tags, masking, classifiers") {
  auto column = [](const std::string& mark) {
    return R"(, "columns": {"c": {"name": "c")" + mark + "}}";
  };
  for (const char* mark :
       {R"(, "policy_tags": ["a/b"])", R"(, "databricks_tags": {"pii": "yes"})",
        R"(, "masking_policy": "hide")", R"(, "classifiers": ["pii.email"])",
        R"(, "config": {"policy_tags": ["a/b"]})",
        R"(, "config": {"meta": {"masking_tag": "pii"}})", R"(, "config": {"tags": ["pii"]})"}) {
    INFO(mark);
    CHECK(Only(column(mark), column("")).also == Words{"column_meta"});
    CHECK(Only(column(""), column(mark)).also == Words{"column_meta"});
  }
  // dbt 1.10 writes the same marks in both places.
  auto base = Manifest(Nodes(Node("model", "a", column(R"(, "meta": {"pii": true})"))));
  auto head = Manifest(Nodes(
      Node("model", "a",
           column(R"(, "meta": {"pii": true}, "config": {"meta": {"pii": true}, "tags": []})"))));
  CHECK(Compare(*base, *head).nodes.empty());
}

TEST_CASE("columns that come and go, and their types") {
  NodeChange change = Only(
      R"(, "columns": {"a": {"name": "a", "meta": {"pii": true}}, "b": {"name": "b", "data_type": "INT"}})",
      R"(, "columns": {"c": {"name": "c"}, "b": {"name": "b", "data_type": "text"}})");
  CHECK(change.also == Words{"column_meta", "columns"});
  CHECK(Because(change, "columns", "columns.a is no longer described"));
  CHECK(Because(change, "columns", "columns.c is newly described"));
  CHECK(Because(change, "columns", "columns.b.data_type"));
}

TEST_CASE("configs: excluded keys, and noise that changes no value in force") {
  NodeChange meta = Only(
      R"(, "unrendered_config": {"meta": {"a": 1}, "tags": ["x"]}, "config": {"meta": {"a": 1}})",
      R"(, "unrendered_config": {"meta": {"a": 2}, "tags": ["y"]}, "config": {"meta": {"a": 2}})");
  CHECK(meta.dbt_state == Words{"configs", "modified"});
  CHECK(!Because(meta, "configs", "tags"));
  NodeChange noise = Only(
      R"(, "unrendered_config": {"materialized": "table"}, "config": {"materialized": "table"})",
      R"(, "unrendered_config": {"materialized": "{{ 'table' }}"}, "config": {"materialized": "table"})");
  CHECK(noise.dbt_state == Words{"configs", "modified"});
  CHECK(noise.cosmetic);
  NodeChange real = Only(
      R"(, "unrendered_config": {"materialized": "table"}, "config": {"materialized": "table"})",
      R"(, "unrendered_config": {"materialized": "view"}, "config": {"materialized": "view"})");
  CHECK(!real.cosmetic);
  CHECK(real.also == Words{"materialized"});
}

TEST_CASE("hooks, grants and a value moved by a variable") {
  NodeChange change = Only(
      R"(, "config": {"pre-hook": [{"sql": "a", "transaction": true}], "grants": {}, "lookback": 1})",
      R"(, "config": {"pre-hook": ["b"], "grants": {"select": ["x"]}, "lookback": 2})");
  CHECK(change.also == Words{"config", "grants", "hooks"});
}

TEST_CASE("persisted descriptions count only where they are persisted") {
  std::string base = R"(, "description": "x", "config": {"persist_docs": {"relation": false}})";
  std::string head = R"(, "description": "y", "config": {"persist_docs": {"relation": false}})";
  CHECK(Only(base, head).dbt_state.empty());
  auto persist = [](std::string text) { return text.replace(text.find("false"), 5, "true"); };
  CHECK(Only(persist(base), persist(head)).dbt_state ==
        Words{"modified", "persisted_descriptions"});
}

TEST_CASE("macros reach nodes through other macros, cycles included") {
  auto manifest = [](const std::string& sql) {
    return Manifest(
        Nodes(Node("model", "a", R"(, "depends_on": {"macros": ["macro.shop.x"], "nodes": []})") +
              "," + Node("model", "b")) +
        R"(, "macros": {
      "macro.shop.x": {"name": "x", "macro_sql": "1", "depends_on": {"macros": ["macro.shop.y"]}},
      "macro.shop.y": {"name": "y", "macro_sql": "2", "depends_on": {"macros": ["macro.shop.x", "macro.shop.z"]}},
      "macro.shop.z": {"name": "z", "macro_sql": ")" +
        sql + R"(", "depends_on": {"macros": []}}})");
  };
  ChangeSet set = Compare(*manifest("3"), *manifest("4"));
  REQUIRE(set.nodes.size() == 1);
  CHECK(set.nodes[0].unique_id == "model.shop.a");
  CHECK(set.nodes[0].dbt_state == Words{"macros", "modified"});
  CHECK(Because(set.nodes[0], "macros", "macro.shop.z changed, which macro.shop.x calls"));
}

TEST_CASE("a contract: enforced or not, and its checksum") {
  auto contract = [](const std::string& enforced, const std::string& sum) {
    return R"(, "contract": {"enforced": )" + enforced + R"(, "checksum": ")" + sum + "\"}";
  };
  CHECK(Only(contract("false", "x"), contract("true", "x")).dbt_state ==
        Words{"contract", "modified"});
  CHECK(Only(contract("true", "x"), contract("true", "y")).dbt_state ==
        Words{"contract", "modified"});
  CHECK(Only(contract("true", "x"), contract("false", "x")).Has("contract"));
}

TEST_CASE("dbt selects a model that moved or whose access changed, without a sub-selector") {
  CHECK(Only(R"(, "fqn": ["shop", "a"])", R"(, "fqn": ["shop", "marts", "a"])").dbt_state ==
        Words{"modified"});
  NodeChange access = Only(R"(, "access": "public")", R"(, "access": "private")");
  CHECK(access.dbt_state == Words{"modified"});
  CHECK(access.also == Words{"access"});
}

TEST_CASE("new and removed nodes, by type") {
  auto empty = Manifest(Nodes(Node("model", "other")));
  auto full =
      Manifest(Nodes(Node("model", "other") + "," + Node("model", "a")) + R"(, "sources": {)" +
               Node("source", "raw.t") + R"(}, "exposures": {)" + Node("exposure", "e") + "}");
  ChangeSet added = Compare(*empty, *full);
  REQUIRE(added.nodes.size() == 3);
  CHECK(added.Find("model.shop.a")->dbt_state == Words{"body", "configs", "contract", "modified",
                                                       "new", "persisted_descriptions",
                                                       "relation"});
  CHECK(added.Find("source.shop.raw.t")->dbt_state == Words{"configs", "new", "relation"});
  CHECK(added.Find("exposure.shop.e")->dbt_state == Words{"configs", "new"});
  ChangeSet removed = Compare(*full, *empty);
  REQUIRE(removed.nodes.size() == 3);
  CHECK(removed.Find("model.shop.a")->kind == ChangeKind::kRemoved);
  CHECK(removed.Find("model.shop.a")->dbt_state.empty());
}

TEST_CASE("a renamed model is paired by its body, exact or mostly the same") {
  std::string body =
      R"(, "raw_code": "select a,\n  b,\n  c,\n  d,\n  e,\n  f\nfrom x\nwhere y\n  and z)";
  auto base = Manifest(Nodes(Node("model", "old", body + "\"")));
  ChangeSet exact = Compare(*base, *Manifest(Nodes(Node("model", "new", body + "\""))));
  REQUIRE(exact.nodes.size() == 1);
  CHECK(exact.nodes[0].kind == ChangeKind::kRenamed);
  CHECK(exact.nodes[0].old_unique_id == "model.shop.old");
  CHECK(exact.nodes[0].Has("new"));
  CHECK(!exact.nodes[0].cosmetic);
  ChangeSet edited = Compare(*base, *Manifest(Nodes(Node("model", "new", body + "\\n  and w\""))));
  REQUIRE(edited.nodes.size() == 1);
  CHECK(edited.nodes[0].kind == ChangeKind::kRenamed);
  CHECK(Because(edited.nodes[0], "body", "differs as well"));
  // Two candidates are none.
  ChangeSet two = Compare(*base, *Manifest(Nodes(Node("model", "n1", body + "\"") + "," +
                                                 Node("model", "n2", body + "\""))));
  CHECK(two.nodes.size() == 3);
  // Short bodies say nothing about identity.
  ChangeSet brief = Compare(*Manifest(Nodes(Node("model", "p", R"(, "raw_code": "select 1")"))),
                            *Manifest(Nodes(Node("model", "q", R"(, "raw_code": "select 1")"))));
  CHECK(brief.nodes.size() == 2);
}

TEST_CASE("a renamed project pairs its nodes by name and says so") {
  auto base =
      Manifest(Nodes(Node("model", "a") + "," + Node("model", "b", R"(, "raw_code": "x")")));
  auto head = Manifest(Nodes(Node("model", "a", "", "store") + "," +
                             Node("model", "b", R"(, "raw_code": "y")", "store")),
                       "1.10.0", "store");
  ChangeSet set = Compare(*base, *head);
  REQUIRE(set.nodes.size() == 2);
  CHECK(set.nodes[0].kind == ChangeKind::kRenamed);
  CHECK(set.nodes[0].cosmetic);
  CHECK(!set.nodes[1].cosmetic);
  REQUIRE(set.notes.size() == 1);
  CHECK(set.notes[0].find("renamed from shop to store: 2 of 2") != std::string::npos);
}

std::string Test(const std::string& name, const std::string& arguments, const std::string& config) {
  return Node("test", name,
              R"(, "column_name": "id", "attached_node": "model.shop.a",
    "depends_on": {"nodes": ["model.shop.a"]}, "config": {)" +
                  config + R"(}, "unrendered_config": {)" + config +
                  R"(}, "test_metadata": {"name": "accepted_values",
    "kwargs": {"column_name": "id", "model": "m", "values": [)" +
                  arguments + "]}}");
}

TEST_CASE("tests that were removed, weakened, disabled or added are told at their model") {
  auto with = [](const std::string& test, const std::string& more = "") {
    return Manifest(Nodes(Node("model", "a") + (test.empty() ? "" : "," + test)) + more);
  };
  auto base = with(Test("t", "1, 2", R"("severity": "ERROR")"));
  auto told = [&](const dbt::Project& head, const std::string& detail) {
    ChangeSet set = Compare(*base, head);
    const NodeChange* model = set.Find("model.shop.a");
    REQUIRE(model);
    CHECK(model->also == Words{"tests"});
    CHECK(model->dbt_state.empty());
    return Because(*model, "tests", detail);
  };
  CHECK(told(*with(""), "accepted_values(id) was removed"));
  CHECK(told(*with("", R"(, "disabled": {"test.shop.t": [{}]})"), "was disabled"));
  CHECK(told(*with(Test("t", "1, 2", R"("severity": "warn")")), "was weakened: severity"));
  CHECK(told(*with(Test("t", "1, 2", R"("severity": "ERROR", "where": "x")")), "weakened: where"));
  CHECK(
      told(*with(Test("t2", "1, 2, 3", R"("severity": "ERROR")")), "was weakened: its arguments"));
  CHECK(told(*with(Test("t2", "1", R"("severity": "ERROR")")), "was changed: its arguments"));
  auto head = with("");
  const NodeChange* model = nullptr;
  ChangeSet added = Compare(*head, *base);
  REQUIRE((model = added.Find("model.shop.a")));
  CHECK(Because(*model, "tests", "was added"));
}

TEST_CASE("a model of a renamed project that calls the project's own macro is cosmetic") {
  auto side = [](const std::string& package, const std::string& macro_sql) {
    std::string id = "macro." + package + ".cents";
    return Nodes(Node("model", "a", R"(, "raw_code": "select {{ cents(1) }}", "depends_on":
      {"macros": [")" + id + "\"]}",
                      package)) +
           R"(, "macros": {")" + id + R"(": {"name": "cents", "package_name": ")" + package +
           R"(", "macro_sql": ")" + macro_sql + "\"}}";
  };
  auto change = [&](const std::string& head_sql) {
    ChangeSet set = Compare(*Manifest(side("shop", "1")),
                            *Manifest(side("store", head_sql), "1.10.0", "store"));
    REQUIRE(set.nodes.size() == 1);
    CHECK(set.nodes[0].Has("macros"));  // as dbt has it
    return set.nodes[0].cosmetic;
  };
  CHECK(change("1"));
  CHECK_FALSE(change("2"));
}

TEST_CASE("a semantic model and a metric under another name are paired by what they compute") {
  auto side = [](const std::string& model, const std::string& metric, const std::string& agg) {
    return Nodes("") + R"(, "semantic_models": {)" +
           Node("semantic_model", model,
                R"(, "model": "ref a", "depends_on": {"nodes":
             ["model.shop.a"]}, "entities": [{"name": "id", "type": "primary"}], "measures":
             [{"name": "revenue", "agg": ")" +
                    agg + R"(", "expr": "amount"}])") +
           R"(}, "metrics": {)" +
           Node("metric", metric,
                R"(, "type": "simple", "type_params": {"measure":
             {"name": "revenue"}}, "depends_on": {"nodes": ["semantic_model.shop.)" +
                    model + "\"]}") +
           "}";
  };
  ChangeSet set = Compare(*Manifest(side("orders", "revenue", "sum")),
                          *Manifest(side("order_facts", "turnover", "sum")));
  REQUIRE(set.nodes.size() == 2);
  for (const NodeChange& change : set.nodes) CHECK(change.kind == ChangeKind::kRenamed);
  CHECK(set.Find("metric.shop.turnover")->old_unique_id == "metric.shop.revenue");
  set = Compare(*Manifest(side("orders", "revenue", "sum")),
                *Manifest(side("order_facts", "turnover", "average")));
  CHECK(set.nodes.size() == 4);
}

TEST_CASE("a source's query for its freshness and a foreign key's target are told") {
  auto source = [](const std::string& query) {
    return Nodes("") + ", \"sources\": {" +
           Node("source", "raw.t", ", \"loaded_at_query\": \"" + query + "\"") + "}";
  };
  ChangeSet set = Compare(*Manifest(source("a")), *Manifest(source("b")));
  REQUIRE(set.nodes.size() == 1);
  CHECK(set.nodes[0].dbt_state.empty());
  CHECK(set.nodes[0].also == std::vector<std::string>{"freshness"});
  auto model = [](const std::string& to) {
    return Nodes(
        Node("model", "a", R"(, "constraints": [{"type": "foreign_key", "to": ")" + to + "\"}]"));
  };
  set = Compare(*Manifest(model("x")), *Manifest(model("y")));
  REQUIRE(set.nodes.size() == 1);
  CHECK(set.nodes[0].also == std::vector<std::string>{"constraints"});
}

TEST_CASE("the same test under another id is renamed, and what is as usual need not be written") {
  auto with = [](const std::string& test) {
    return Manifest(Nodes(Node("model", "a") + "," + test));
  };
  ChangeSet set =
      Compare(*with(Test("t", "1", "")),
              *with(Test("t.c0ffee", "1", R"("severity": "ERROR", "warn_if": "!= 0")")));
  REQUIRE(set.nodes.size() == 1);
  CHECK(set.nodes[0].kind == ChangeKind::kRenamed);
  CHECK(set.nodes[0].old_unique_id == "test.shop.t");
}

TEST_CASE("a seed that only another dbt hashed in another way, when git knows the file") {
  auto seed = [](const std::string& sum, const std::string& version) {
    return Manifest(
        Nodes(Node("seed", "s", R"(, "checksum": {"name": "sha256", "checksum": ")" + sum + "\"}")),
        version);
  };
  CompareOptions options;
  auto base = seed("1", "1.11.0"), head = seed("2", "1.12.0");
  CHECK(!Compare(*base, *head, options).nodes[0].cosmetic);
  options.changed_files.emplace();
  ChangeSet same = Compare(*base, *head, options);
  CHECK(same.nodes[0].cosmetic);
  CHECK(same.nodes[0].dbt_state == Words{"body", "modified"});
  CHECK(same.nodes[0].evidence == "git");
  CHECK(!Compare(*base, *seed("2", "1.11.0"), options).nodes[0].cosmetic);
  options.changed_files->insert("models/s.sql");
  CHECK(!Compare(*base, *head, options).nodes[0].cosmetic);
}

TEST_CASE("a changed node whose parent is in no manifest, and two projects that share a package") {
  auto reads = [](const std::string& code) {
    return Manifest(Nodes(
        Node("model", "a",
             R"(, "raw_code": ")" + code + R"(", "depends_on": {"nodes": ["model.shop.gone"]})")));
  };
  ChangeSet dangling = Compare(*reads("1"), *reads("2"));
  REQUIRE(dangling.unknown.size() == 1);
  CHECK(dangling.unknown[0].path == "models/a.sql");
  CHECK(dangling.unknown[0].why.find("model.shop.a depends on model.shop.gone") == 0);
  CHECK(Compare(*reads("1"), *reads("1")).unknown.empty());
  std::string shared = Node("model", "m", "", "tools");
  ChangeSet foreign =
      Compare(*Manifest(Nodes(shared + "," + Node("model", "a"))),
              *Manifest(Nodes(shared + "," + Node("model", "z", "", "other")), "1.10.0", "other"));
  REQUIRE(foreign.unknown.size() == 1);
  CHECK(foreign.unknown[0].why.find("two projects") != std::string::npos);
}

std::string Metric(const std::string& params) {
  return R"("metrics": {)" +
         Node("metric", "m", R"(, "type": "simple", "type_params": )" + params) + "}";
}
std::string Measures(const std::string& measure) {
  return R"("semantic_models": {)" +
         Node("semantic_model", "s",
              R"(, "defaults": {"agg_time_dimension": "at"}, "measures": [)" + measure + "]") +
         "}";
}

TEST_CASE("a metric is compared by what it computes") {
  std::string sum = Measures(R"({"name": "x", "agg": "sum", "expr": "amount"})");
  auto base = Manifest(Nodes("") + "," + sum + "," +
                       Metric(R"({"measure": {"name": "x", "filter": null}})"));
  SECTION("another way of writing is no change") {
    auto head = Manifest(Nodes("") + "," + sum + "," +
                         Metric(R"({"measure": "x", "input_measures": [{"name": "x"}]})"));
    CHECK(Compare(*base, *head).nodes.empty());
  }
  SECTION("1.12 holds the aggregation in the metric") {
    auto head = Manifest(Nodes("") + "," + sum + "," + Metric(R"({"measure": null, "expr": "amount",
      "metric_aggregation_params": {"semantic_model": "s", "agg": "sum", "agg_time_dimension": "at"}})"));
    CHECK(Compare(*base, *head).nodes.empty());
  }
  SECTION("a measure that changed changes the metric that names it") {
    auto head = Manifest(Nodes("") + "," +
                         Measures(R"({"name": "x", "agg": "sum", "expr": "amount * 2"})") + "," +
                         Metric(R"({"measure": "x"})"));
    ChangeSet set = Compare(*base, *head);
    const NodeChange* metric = set.Find("metric.shop.m");
    REQUIRE(metric);
    CHECK(metric->also == Words{"metric_definition"});
    CHECK(metric->dbt_state.empty());
    CHECK(Because(*metric, "metric_definition", "aggregation.expr"));
  }
  SECTION("a filter") {
    auto head = Manifest(
        Nodes("") + "," + sum + "," +
        Metric(
            R"({"measure": {"name": "x", "filter": {"where_filters": [{"where_sql_template": "a = 1"}]}}})"));
    CHECK(Compare(*base, *head).Find("metric.shop.m")->Has("metric_definition"));
  }
}

std::string Table(const std::string& name, const std::string& schema) {
  return Node("model", name,
              R"(, "database": "d", "schema": ")" + schema + R"(", "alias": ")" + name +
                  R"(", "relation_name": "d.)" + schema + "." + name + "\"");
}

TEST_CASE("another target is not a moved table, and a moved table is") {
  auto base =
      Manifest(Nodes(Table("a", "prod") + "," + Table("b", "prod") + "," + Table("c", "prod")));
  ChangeSet target = Compare(
      *base, *Manifest(Nodes(Table("a", "ci") + "," + Table("b", "ci") + "," + Table("c", "ci"))));
  CHECK(target.nodes.empty());
  REQUIRE(target.notes.size() == 1);
  CHECK(target.notes[0].find("two targets") != std::string::npos);
  ChangeSet one = Compare(*base, *Manifest(Nodes(Table("a", "prod") + "," + Table("b", "prod") +
                                                 "," + Table("c", "x"))));
  REQUIRE(one.nodes.size() == 1);
  CHECK(one.nodes[0].also == Words{"relation_name"});
  // All of them moved because the project's own naming macro changed.
  auto named = [](const std::string& sql, const std::string& schema) {
    return Manifest(
        Nodes(Table("a", schema) + "," + Table("b", schema)) +
        R"(, "macros": {"macro.shop.generate_schema_name": {"name": "generate_schema_name", "macro_sql": ")" +
        sql + R"("}})");
  };
  CHECK(Compare(*named("1", "prod"), *named("2", "ci")).nodes.size() == 2);
}

TEST_CASE("sources compare as written since dbt 1.12") {
  auto source = [](const std::string& rendered, const std::string& written,
                   const std::string& version) {
    return Manifest(
        Nodes("") + R"(, "sources": {)" +
            Node("source", "raw.t",
                 R"(, "schema": ")" + rendered + R"(", "unrendered_schema": ")" + written + "\"") +
            "}",
        version);
  };
  CHECK(Compare(*source("a", "x", "1.10.0"), *source("b", "x", "1.10.0")).nodes[0].Has("relation"));
  ChangeSet newer = Compare(*source("a", "x", "1.12.0"), *source("b", "x", "1.12.0"));
  CHECK((newer.nodes.empty() || !newer.nodes[0].Has("relation")));
  CompareOptions options;
  options.compare_more_unrendered_values = false;
  CHECK(Compare(*source("a", "x", "1.12.0"), *source("b", "x", "1.12.0"), options)
            .nodes[0]
            .Has("relation"));
}

TEST_CASE("dbt's selectors know saved queries since 1.9") {
  auto manifest = [](const std::string& label, const std::string& version) {
    return Manifest(Nodes("") + R"(, "saved_queries": {)" +
                        Node("saved_query", "q",
                             R"(, "query_params": {"metrics": ["m"]}, "label": ")" + label + "\"") +
                        "}",
                    version);
  };
  CHECK(Compare(*manifest("a", "1.9.0"), *manifest("b", "1.9.0")).nodes[0].dbt_state ==
        Words{"modified"});
  CHECK(Compare(*manifest("a", "1.8.0"), *manifest("b", "1.8.0")).nodes.empty());
}

TEST_CASE("a project's new name takes no test away") {
  auto project = [](const std::string& name) {
    auto in = [&](const std::string& type, const std::string& node, const std::string& more) {
      return Node(type, node, more, name);
    };
    std::string model = "model." + name + ".m";
    return Manifest(Nodes(in("model", "m", R"(, "raw_code": "select 1 as a_long_text")") + "," +
                          in("test", "single",
                             R"(, "raw_code": "select 1 where false", "depends_on": {"nodes": [")" +
                                 model + "\"]}")) +
                        R"(, "unit_tests": {)" +
                        in("unit_test", "m.u",
                           R"(, "checksum": "1", "depends_on": {"nodes": [")" + model + "\"]}") +
                        "}",
                    "1.10.0", name);
  };
  ChangeSet set = Compare(*project("shop"), *project("store"));
  const NodeChange* model = set.Find("model.store.m");
  REQUIRE(model);
  CHECK(model->also.empty());
  CHECK(model->cosmetic);
}

TEST_CASE("to dbt 1.7 every semantic model is new") {
  auto manifest = [](const std::string& label, const std::string& version) {
    return Manifest(Nodes("") + R"(, "semantic_models": {)" +
                        Node("semantic_model", "s", R"(, "label": ")" + label + "\"") + "}",
                    version);
  };
  ChangeSet set = Compare(*manifest("a", "1.7.4"), *manifest("a", "1.7.4"));
  REQUIRE(set.nodes.size() == 1);
  CHECK(set.nodes[0].dbt_state == Words{"configs", "new"});
  CHECK(set.nodes[0].cosmetic);
  CHECK(!Compare(*manifest("a", "1.7.4"), *manifest("b", "1.7.4")).nodes[0].cosmetic);
  CHECK(Compare(*manifest("a", "1.8.0"), *manifest("a", "1.8.0")).nodes.empty());
}

TEST_CASE("checksums are not compared, seeds' are") {
  auto sum = [](const std::string& text) {
    return R"(, "raw_code": "x", "checksum": {"name": "sha256", "checksum": ")" + text + "\"}";
  };
  auto a = Manifest(Nodes(Node("model", "a", sum("1"))));
  auto b = Manifest(Nodes(Node("model", "a", sum("2"))));
  CHECK(Compare(*a, *b).nodes.empty());
  CHECK(Only(sum("1"), sum("2"), {}, "seed").dbt_state == Words{"body", "modified"});
}

TEST_CASE("two projects, two warehouses") {
  auto base = Manifest(Nodes(Node("model", "a")));
  auto head = Manifest(Nodes(Node("model", "z", "", "other")), "1.10.0", "other");
  ChangeSet set = Compare(*base, *head);
  REQUIRE(set.unknown.size() == 1);
  CHECK(set.unknown[0].why.find("two projects") != std::string::npos);
}

TEST_CASE("the same SQL text that compiles to something else") {
  NodeChange change = Only(R"(, "raw_code": "x", "compiled_code": "select 10")",
                           R"(, "raw_code": "x", "compiled_code": "select 20")");
  CHECK(change.also == Words{"compiled"});
  CHECK(change.evidence == "rendered");
}

}  // namespace
}  // namespace layergate::change

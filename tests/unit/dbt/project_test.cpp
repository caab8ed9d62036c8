#include "dbt/project.h"

#include <thread>
#include <tuple>

#include "dbt/unique_id.h"
#include "support/catch.h"

namespace layergate::dbt {
namespace {

const std::string kHead =
    R"({"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
        "dbt_version": "1.10.0", "project_name": "shop", "adapter_type": "postgres"}, )";

std::unique_ptr<Project> Read(const std::string& rest) {
  auto project = Project::Parse(kHead + rest + "}", "manifest.json");
  if (!project) FAIL(project.error().message);
  return *std::move(project);
}

std::string Refusal(const std::string& text) {
  auto project = Project::Parse(text, "m.json");
  return project ? "accepted" : project.error().message;
}

std::string Model(const std::string& name, const std::string& parents,
                  const std::string& more = "") {
  return "\"model.shop." + name + "\": {\"resource_type\": \"model\", \"name\": \"" + name +
         "\", \"package_name\": \"shop\", \"depends_on\": {\"macros\": [], \"nodes\": [" + parents +
         "]}" + more + "}";
}

TEST_CASE("old and new places of a fact are one") {
  auto project = Read(R"("nodes": {
    "model.shop.a": {"resource_type": "model", "name": "a", "package_name": "shop",
      "original_file_path": "models\\marts\\a.sql", "patch_path": "shop://models\\a.yml",
      "raw_sql": "select 1", "compiled_sql": "select 2", "tags": ["b", "a"], "meta": {"x": 1, "y": 1},
      "config": {"materialized": "table", "tags": ["c", "a"], "meta": {"y": 2}},
      "refs": [["b"], ["pkg", "c"], {"name": "d", "package": null, "version": 2}],
      "columns": {"ID": {"name": "ID", "meta": {"pii": true}, "tags": ["k"],
        "config": {"meta": {"owner": "x"}, "tags": ["j", "k"], "masking_policy": "p"},
        "policy_tags": ["t"], "classifiers": ["pii.email"], "constraints": [{"type": "not_null"}]}}}})");
  const Node* node = project->Find("model.shop.a");
  REQUIRE(node);
  CHECK(node->original_file_path == "models/marts/a.sql");
  CHECK(node->patch_package == "shop");
  CHECK(node->patch_path == "models/a.yml");
  CHECK(node->raw_code == "select 1");
  CHECK(node->compiled_code == "select 2");
  CHECK(node->language == "sql");
  CHECK(node->tags == std::vector<std::string>{"a", "b", "c"});
  CHECK(node->meta == Value::MakeObject({{"x", 1}, {"y", 2}}));
  CHECK(node->materialized == "table");
  REQUIRE(node->refs.size() == 3);
  CHECK(node->refs[1].package == "pkg");
  CHECK(node->refs[2].version == "2");
  const Column* column = node->FindColumn("id");
  REQUIRE(column);
  CHECK(column->meta == Value::MakeObject({{"pii", true}, {"owner", "x"}}));
  CHECK(column->tags == std::vector<std::string>{"j", "k"});
  CHECK(column->policy_tags == Value::FromStrings({"t"}));
  CHECK(column->extra["classifiers"] == Value::FromStrings({"pii.email"}));
  CHECK(column->extra["masking_policy"].AsString() == "p");
  CHECK(column->constraints[0].type == "not_null");
}

TEST_CASE("the graph: sorted, dangling parents are warned about") {
  auto project = Read("\"nodes\": {" + Model("a", "\"model.gone\"") + "," +
                      Model("b", "\"model.shop.a\", \"model.shop.a\"") + "," +
                      Model("c", "\"model.shop.b\"") + "," + Model("d", "\"model.shop.a\"") + "}");
  CHECK(project->ids() ==
        std::vector<std::string>{"model.shop.a", "model.shop.b", "model.shop.c", "model.shop.d"});
  CHECK(project->Parents("model.shop.a").empty());
  CHECK(project->Parents("model.shop.b") == std::vector<std::string>{"model.shop.a"});
  CHECK(project->Children("model.shop.a") ==
        std::vector<std::string>{"model.shop.b", "model.shop.d"});
  CHECK(project->Downstream("model.shop.a") ==
        std::vector<std::string>{"model.shop.b", "model.shop.d", "model.shop.c"});
  CHECK(project->Downstream("nothing").empty());
  REQUIRE(project->warnings().size() == 1);
  CHECK(project->warnings()[0].find("model.gone of model.shop.a") != std::string::npos);
}

TEST_CASE("nodes that depend on themselves are refused, with the way") {
  auto refusal = [](const std::string& nodes) {
    return Refusal(kHead + "\n\"nodes\": {\n" + nodes + "}}");
  };
  CHECK(refusal(Model("a", "\"model.shop.a\"")) ==
        "m.json:4:2: depends_on leads from a node back to itself: model.shop.a -> model.shop.a");
  CHECK(refusal(Model("z", "") + "," + Model("a", "\"model.shop.c\"") + ",\n" +
                Model("b", "\"model.shop.a\"") + "," + Model("c", "\"model.shop.b\""))
            .find("model.shop.a -> model.shop.c -> model.shop.b -> model.shop.a") !=
        std::string::npos);
  std::string chain;
  for (int i = 0; i < 2000; ++i) {
    chain +=
        Model("m" + std::to_string(i), "\"model.shop.m" + std::to_string((i + 1) % 2000) + "\"") +
        (i < 1999 ? "," : "");
  }
  CHECK(refusal(chain).find(" -> ...") != std::string::npos);
}

TEST_CASE("relations are found in any quoting and case") {
  auto project = Read(
      R"("nodes": {)" +
      Model("a", "", R"(, "relation_name": "\"db\".\"s\".\"A\"", "database": "db")") + "," +
      Model("b", "", R"(, "relation_name": "`p`.`other`.`a`")") + "," +
      Model("e", "", R"(, "schema": "s", "alias": "e", "config": {"materialized": "ephemeral"})") +
      R"(}, "sources": {"source.shop.raw.a": {"resource_type": "source", "name": "a",
                         "package_name": "shop", "relation_name": "\"db\".\"s\".\"a\""}})");
  auto id = [&](std::string_view relation) {
    const Node* node = project->FindRelation(relation);
    return node ? node->unique_id : "none";
  };
  CHECK(id("DB.S.A") == "model.shop.a");
  CHECK(id("[db].[s].[a]") == "model.shop.a");
  CHECK(id("s.a") == "model.shop.a");
  CHECK(id("`p.other.a`") == "model.shop.b");
  CHECK(id("a") == "none");  // two tables are called so
  CHECK(id("x.s.a") == "none");
  CHECK(id("s.e") == "none");
  CHECK(id("") == "none");
  CHECK(id("\"unclosed") == "none");
}

TEST_CASE("the name in a unique_id, with dots and versions") {
  for (const auto& [id, name, versioned] :
       {std::tuple{"model.shop.fct_orders", "fct_orders", "fct_orders"},
        {"model.shop.dim_users.v2", "dim_users", "dim_users.v2"},
        {"model.shop.crm.vendors", "crm.vendors", "crm.vendors"},
        {"model.shop.crm.users.v12", "crm.users", "crm.users.v12"},
        {"source.shop.raw.orders", "raw.orders", "raw.orders"},
        {"macro.dbt_utils.star", "star", "star"},
        {"orders", "orders", "orders"},
        {"public.orders", "public.orders", "public.orders"}}) {
    CHECK(NameOf(id) == name);
    CHECK(NameWithVersion(id) == versioned);
  }
}

TEST_CASE("fields that differ, without those of the run") {
  auto base = Read("\"nodes\": {" + Model("a", "", R"(, "created_at": 1, "schema": "x")") + "}");
  auto same = Read("\"nodes\": {" + Model("a", "", R"(, "created_at": 2, "schema": "x")") + "}");
  auto head = Read("\"nodes\": {" + Model("a", "", R"(, "schema": "y", "new": 1)") + "}");
  CHECK(Project::DifferingFields(*base, "model.shop.a", *same, "model.shop.a").empty());
  CHECK(Project::DifferingFields(*base, "model.shop.a", *head, "model.shop.a") ==
        std::vector<std::string>{"new", "schema"});
  CHECK(base->Fingerprint("model.shop.a") == same->Fingerprint("model.shop.a"));
  CHECK(base->Fingerprint("model.shop.a") != head->Fingerprint("model.shop.a"));
  CHECK(base->Fingerprint("model.shop.b") == 0);
  CHECK(base->RawField("model.shop.a", "schema") == "\"x\"");
}

TEST_CASE("what is refused, and how") {
  CHECK(Refusal("{}").find("m.json: this is not dbt's manifest.json") == 0);
  CHECK(
      Refusal(
          R"({"metadata": {"dbt_schema_version": "https://x/dbt/catalog/v1.json"}, "nodes": {}})") ==
      "m.json: this is dbt's catalog.json, not manifest.json");
  CHECK(Refusal(R"({"semantic_models": [], "metrics": [], "project_configuration": {}})") ==
        "m.json: this is dbt's semantic_manifest.json, not manifest.json");
  CHECK(Refusal(kHead + R"("nodes": {"a": {}}, "nodes": {}})").find("m.json:2:") == 0);
  CHECK(Refusal(kHead + R"("nodes": {"a": {}, "a": {}}})").find("a stands twice") !=
        std::string::npos);
  CHECK(Refusal(kHead + R"("nodes": {"a": {"x": 1, "x": 2}}})")
            .find("the key \"x\" stands twice in a") != std::string::npos);
  CHECK(Refusal(kHead + R"("nodes": {"a": {}}, "sources": {"a": {}}})").find("a stands twice") !=
        std::string::npos);
  CHECK(Refusal(kHead + R"("nodes": []})").find("\"nodes\" is not an object") != std::string::npos);
  CHECK(Refusal(kHead + R"("nodes": {"a": 5}})").find("a is not an object") != std::string::npos);
}

TEST_CASE("later schema versions and unknown sections are accepted with a warning") {
  auto project = Project::Parse(
      R"({"metadata": {"dbt_schema_version": "https://x/dbt/manifest/v13.json"}, "nodes": {},
          "things": {"a": {}}})",
      "m.json");
  REQUIRE(project);
  REQUIRE((*project)->warnings().size() == 2);
  CHECK((*project)->warnings()[0].find("v13 is newer than v12") != std::string::npos);
  CHECK((*project)->warnings()[1].find("\"things\"") != std::string::npos);
}

TEST_CASE("the Rust engine's flavour") {
  auto project = Project::Parse(
      R"({"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v20.json",
          "dbt_version": "2.0.0-preview.173", "project_name": "shop", "adapter_type": "snowflake", "quoting": null},
        "nodes": {"model.shop.a": {"resource_type": "model", "name": "a", "package_name": "shop",
          "path": "models/a.sql", "original_file_path": "models/a.sql", "patch_path": "models/a.yml",
          "raw_code": "select 1", "checksum": {"name": "SHA256", "checksum": "00"}, "columns": {},
          "config": {"enabled": true, "materialized": "view", "tags": null, "meta": null, "group": null},
          "unrendered_config": {}, "tags": [], "meta": {}, "constraints": [], "version": null,
          "depends_on": {"macros": [], "nodes": [], "nodes_with_ref_location": [["source.shop.e___.t", {}]]}}},
        "sources": {"source.shop.e___.t": {"name": "t", "source_name": "e_*", "package_name": "shop"}}})",
      "m.json");
  REQUIRE(project);
  CHECK((*project)->warnings().empty());
  CHECK(!(*project)->metadata().quote_identifier);
  const Node* node = (*project)->Find("model.shop.a");
  REQUIRE(node);
  CHECK(node->patch_package == "shop");
  CHECK(node->patch_path == "models/a.yml");
  CHECK(node->tags.empty());
  CHECK(node->meta.empty());
  CHECK((*project)->Find("source.shop.e___.t")->resource_type == "source");
}

TEST_CASE("odd types where objects are expected don't crash") {
  auto project = Read(R"("nodes": {"model.shop.a": {"config": [], "columns": 5, "depends_on": [1],
    "tags": {"a": 1}, "meta": 3, "refs": {"x": 1}, "checksum": 9, "fqn": null, "constraints": [1],
    "raw_code": {}, "version": {}}}, "disabled": [1], "macros": {"macro.shop.m": {"depends_on": []}})");
  const Node* node = project->Find("model.shop.a");
  REQUIRE(node);
  CHECK(node->resource_type == "model");
  CHECK(node->columns.empty());
  CHECK(project->FindMacro("macro.shop.m")->macro_sql.empty());
}

TEST_CASE("a project may be read from several threads") {
  std::string nodes;
  for (int i = 0; i < 200; ++i) {
    nodes += (i ? "," : "") + Model("m" + std::to_string(i), i ? "\"model.shop.m0\"" : "");
  }
  auto project = Read("\"nodes\": {" + nodes + "}");
  std::vector<std::thread> threads;
  std::vector<size_t> counts(4);
  for (size_t t = 0; t < counts.size(); ++t) {
    threads.emplace_back([&, t] {
      for (const std::string& id : project->ids()) counts[t] += project->Find(id)->name.size() > 0;
      counts[t] += project->Children("model.shop.m0").size();
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(counts == std::vector<size_t>(4, 399));
}

}  // namespace
}  // namespace layergate::dbt

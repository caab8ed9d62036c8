#include "dbt/catalog.h"
#include "dbt/run_results.h"
#include "dbt/semantic_manifest.h"
#include "dbt/source_freshness.h"
#include "support/catch.h"

namespace layergate::dbt {
namespace {

TEST_CASE("a catalog's tables, columns in order, and row counts") {
  auto catalog = Catalog::Parse(R"({
    "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/catalog/v1.json"},
    "nodes": {"model.shop.a": {"metadata": {"type": "TABLE", "schema": "S", "name": "A", "database": "D"},
      "columns": {"B": {"type": "TEXT", "index": 2, "name": "B"}, "A": {"type": "INT", "index": 1, "name": "A"}},
      "stats": {"row_count": {"value": 7}}}},
    "sources": {"source.shop.raw.t": {"metadata": {"type": "TABLE", "schema": "S", "name": "T"},
      "columns": {}, "stats": {"num_rows": {"value": "12"}}}}})",
                                "catalog.json");
  REQUIRE(catalog);
  CHECK(catalog->size() == 2);
  const CatalogTable* table = catalog->Find("model.shop.a");
  REQUIRE(table);
  REQUIRE(table->columns.size() == 2);
  CHECK(table->columns[0].name == "A");
  CHECK(table->columns[1].type == "TEXT");
  CHECK(table->row_count == 7);
  CHECK(catalog->Find("source.shop.raw.t")->row_count == 12);
  CHECK(catalog->Find("model.shop.b") == nullptr);
}

TEST_CASE("run results") {
  auto run = RunResults::Parse(R"({
    "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json",
      "invocation_id": "i", "dbt_version": "1.9.0", "generated_at": "2026-01-01"},
    "args": {"which": "build"},
    "results": [{"unique_id": "test.b", "status": "fail", "failures": 3, "message": "Got 3"},
                {"unique_id": "model.a", "status": "success", "failures": null, "message": null}]})",
                               "run_results.json");
  REQUIRE(run);
  CHECK(run->which == "build");
  REQUIRE(run->Find("test.b"));
  CHECK(run->Find("test.b")->failures == 3);
  CHECK(!run->Find("model.a")->failures);
  CHECK(run->Find("model.c") == nullptr);
}

TEST_CASE("freshness of sources, measured or not") {
  auto freshness = SourceFreshness::Parse(R"({
    "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/sources/v3.json"},
    "results": [
      {"unique_id": "source.shop.raw.b", "status": "error", "max_loaded_at": "2026-01-01T00:00:00Z",
       "max_loaded_at_time_ago_in_s": 7200.5, "criteria": {}, "later_field": 1},
      {"unique_id": "source.shop.raw.a", "status": "runtime error", "error": "no such table"},
      {"unique_id": "source.shop.raw.c", "status": "runtime error", "error": 7}],
    "elapsed_time": 1.0})",
                                          "sources.json");
  REQUIRE(freshness);
  CHECK(freshness->Find("source.shop.raw.b")->age_seconds == 7200.5);
  CHECK(!freshness->Find("source.shop.raw.a")->age_seconds);
  CHECK(freshness->Find("source.shop.raw.a")->error == "no such table");
  CHECK(freshness->Find("source.shop.raw.c")->error == "7");
  CHECK(freshness->Find("source.shop.raw.d") == nullptr);
}

TEST_CASE("a freshness file that is none says why") {
  auto message = [](const std::string& text) {
    auto read = SourceFreshness::Parse(text, "s.json");
    REQUIRE(!read);
    CHECK(!read.error().remedy.empty());
    return read.error().message;
  };
  std::string head = R"({"metadata": {"dbt_schema_version": "https://x/dbt/sources/v3.json"})";
  CHECK(message(head + "}") == "s.json: \"results\" is not a list");
  CHECK(message(head + R"(, "results": [{"status": "pass"}]})") ==
        "s.json: result 1 has no unique_id or no status");
  CHECK(message(head + R"(, "results": [)").find("s.json:1:") == 0);
  CHECK(message(R"({"metadata": {"dbt_schema_version": "https://x/dbt/manifest/v12.json"}})") ==
        "s.json: this is dbt's manifest.json, not sources.json");
}

TEST_CASE("the semantic layer's manifest") {
  auto read = SemanticManifest::Parse(R"({"semantic_models": [{"name": "orders", "measures": []}],
    "metrics": [{"name": "revenue", "type": "simple", "filter": null}],
    "project_configuration": {}, "saved_queries": [{"name": "q", "query_params": {}}]})",
                                      "semantic_manifest.json");
  REQUIRE(read);
  CHECK(read->metrics.at(0).name == "revenue");
  CHECK(read->metrics.at(0).definition["type"].AsString() == "simple");
  CHECK(!read->metrics.at(0).definition.Find("filter"));
  CHECK(read->semantic_models.size() == 1);
  CHECK(read->saved_queries.size() == 1);
}

TEST_CASE("a semantic manifest that is none says why") {
  auto message = [](const std::string& text) {
    auto read = SemanticManifest::Parse(text, "m.json");
    REQUIRE(!read);
    return read.error().message;
  };
  CHECK(message("{}").find(
            "m.json: this is not dbt's semantic_manifest.json: it has no \"metrics") == 0);
  CHECK(message(R"({"metrics": {}, "semantic_models": []})") ==
        "m.json: \"metrics\" is not a list");
  CHECK(message(R"({"metrics": [{}], "semantic_models": []})") == "m.json: metric 1 has no name");
  CHECK(message(R"({"metadata": {"dbt_schema_version": "https://x/dbt/catalog/v1.json"}})") ==
        "m.json: this is dbt's catalog.json, not semantic_manifest.json");
}

TEST_CASE("an artifact given for another is called by its name") {
  auto message = [](std::string_view address) {
    auto run = RunResults::Parse(
        "{\"metadata\": {\"dbt_schema_version\": \"" + std::string(address) + "\"}}", "x.json");
    REQUIRE(!run);
    return run.error().message;
  };
  CHECK(message("https://schemas.getdbt.com/dbt/manifest/v12.json") ==
        "x.json: this is dbt's manifest.json, not run_results.json");
  CHECK(message("https://schemas.getdbt.com/dbt/catalog/v1.json") ==
        "x.json: this is dbt's catalog.json, not run_results.json");
  auto catalog = Catalog::Parse("{}", "y.json");
  REQUIRE(!catalog);
  CHECK(catalog.error().message.find("y.json: this is not dbt's catalog.json") == 0);
}

TEST_CASE("run results without results are refused") {
  std::string head = R"({"metadata": {"dbt_schema_version": "https://x/dbt/run-results/v6.json"})";
  CHECK(!RunResults::Parse(head + "}", "r.json"));
  CHECK(!RunResults::Parse(head + R"(, "results": [{"status": "pass"}]})", "r.json"));
  CHECK(RunResults::Parse(head + R"(, "results": []})", "r.json"));
}

}  // namespace
}  // namespace layergate::dbt

#include "dbt/catalog.h"
#include "dbt/run_results.h"
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

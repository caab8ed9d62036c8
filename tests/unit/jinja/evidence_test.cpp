// Runs the cases of tests/jinja/evidence.txt: a model, what dbt compiled it to, and what another
// text then gives.
#include <memory>

#include <fmt/format.h>

#include "jinja/compiled_evidence.h"
#include "jinja/render.h"
#include "support/catch.h"
#include "unit/jinja/case_file.h"

using namespace layergate;

namespace {

std::string Macro(std::string_view package, std::string_view name, std::string_view sql) {
  return fmt::format(
      R"("macro.{2}.{0}": {{"unique_id": "macro.{2}.{0}", "name": "{0}", "package_name": "{2}", "macro_sql": {1},
      "original_file_path": "macros/x.sql", "depends_on": {{"macros": []}}}})",
      name, WriteJson(Value(sql)), package);
}

std::string Model(std::string_view name, std::string_view raw, std::string_view compiled) {
  return fmt::format(
      R"("model.shop.{0}": {{"unique_id": "model.shop.{0}", "resource_type": "model", "package_name": "shop", "name": "{0}",
      "alias": "{0}", "fqn": ["shop", "{0}"], "path": "{0}.sql", "original_file_path": "models/{0}.sql", "database": "db",
      "schema": "sc", "language": "sql", "raw_code": {1}, "compiled": true, "compiled_code": {2},
      "config": {{"materialized": "table", "unique_key": "id"}}, "relation_name": "\"db\".\"sc\".\"{0}\"",
      "depends_on": {{"nodes": [], "macros": ["macro.shop.first_number", "macro.shop.values_of", "macro.dbt.get_intervals_between"]}}, "columns": {{}},
      "refs": [], "sources": [], "checksum": {{"name": "sha256", "checksum": ""}}}})",
      name, WriteJson(Value(raw)), WriteJson(Value(compiled)));
}

std::unique_ptr<dbt::Project> Shop(std::string_view raw, std::string_view compiled) {
  std::string macros =
      Macro("shop", "first_number",
            "{% macro first_number(sql) %}{% call statement('n', fetch_result=true) %}{{ sql }}{% "
            "endcall %}{{ return((load_result('n')['data'] | map(attribute=0) | list)[0]) }}{% "
            "endmacro %}") +
      "," +
      Macro("shop", "values_of",
            "{% macro values_of(sql) %}{{ return(run_query(sql).columns[0].values()) }}{% endmacro "
            "%}") +
      "," +
      Macro("dbt", "get_intervals_between",
            "{% macro get_intervals_between(start_date, end_date, datepart) %}{% call "
            "statement('n', fetch_result=true) %}select {{ start_date }} {{ end_date }} {{ "
            "datepart }}{% endcall %}{{ return((load_result('n')['data'] | map(attribute=0) | "
            "list)[0]) }}{% endmacro %}");
  std::string manifest = fmt::format(
      R"({{"metadata": {{"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json", "dbt_version": "1.9.0",
      "generated_at": "2026-01-01T00:00:00Z", "project_name": "shop", "adapter_type": "postgres"}},
      "nodes": {{{}, {}}}, "sources": {{}}, "macros": {{{}}}, "exposures": {{}}, "metrics": {{}}, "docs": {{}},
      "parent_map": {{}}, "child_map": {{}}, "disabled": {{}}, "selectors": {{}}}})",
      Model("witness", raw, compiled), Model("asker", "select 1", "select 1"), macros);
  auto project = dbt::Project::Parse(manifest, "manifest.json");
  if (!project) FAIL(project.error().message);
  return *std::move(project);
}

}  // namespace

TEST_CASE("Compiled code proves what no manifest records, or nothing") {
  auto cases = jinja::ReadCases("evidence.txt");
  CHECK(cases.size() > 20);
  for (const std::vector<std::string>& c : cases) {
    REQUIRE(c.size() == 4);
    INFO(c[0] << "\n----\n" << c[2]);
    auto project = Shop(c[0], c[1]);
    jinja::RenderSettings settings;
    settings.evidence = std::make_shared<jinja::CompiledEvidence>(*project, nullptr, settings);
    jinja::Renderer renderer(*project, nullptr, settings);
    jinja::Rendered got = renderer.RenderText(*project->Find("model.shop.asker"), c[2]);
    if (c[3].rfind("ERROR: ", 0) == 0) {
      INFO("got " << got.sql << got.why);
      CHECK_FALSE(got.ok);
      CHECK(got.why.find(c[3].substr(7)) != std::string::npos);
    } else {
      INFO(got.why);
      CHECK(got.sql == c[3]);
    }
  }
}

// The dbt side of rendering, on a small manifest.
#include "jinja/render.h"

#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "jinja/compiled_evidence.h"
#include "jinja/fill.h"
#include "jinja/project_settings.h"
#include "support/catch.h"

using namespace layergate;
using jinja::Rendered;
using jinja::Renderer;
using jinja::RenderSettings;

namespace {

std::string Node(std::string_view id, std::string_view name, std::string_view raw,
                 std::string_view config = "{}", std::string_view relation = "") {
  std::string escaped = WriteJson(Value(raw));
  std::string relation_json = relation.empty() ? "null" : WriteJson(Value(relation));
  return fmt::format(
      R"("{}": {{"unique_id": "{}", "resource_type": "model", "package_name": "shop", "name": "{}", "alias": "{}",
      "fqn": ["shop", "{}"], "path": "{}.sql", "original_file_path": "models/{}.sql", "database": "db", "schema": "sc",
      "language": "sql", "raw_code": {}, "config": {}, "relation_name": {}, "depends_on": {{"nodes": [], "macros": []}},
      "columns": {{}}, "refs": [], "sources": [], "checksum": {{"name": "sha256", "checksum": ""}}}})",
      id, id, name, name, name, name, name, escaped, config, relation_json);
}

std::string Macro(std::string_view package, std::string_view name, std::string_view sql) {
  return fmt::format(
      R"("macro.{0}.{1}": {{"unique_id": "macro.{0}.{1}", "name": "{1}", "package_name": "{0}", "macro_sql": {2},
      "original_file_path": "macros/x.sql", "depends_on": {{"macros": []}}}})",
      package, name, WriteJson(Value(sql)));
}

std::unique_ptr<dbt::Project> Shop(std::string_view model, std::string_view compiled = {}) {
  std::string nodes =
      Node("model.shop.m", "m", model, R"({"materialized": "incremental", "unique_key": "id"})",
           "\"db\".\"sc\".\"m\"") +
      "," +
      Node("model.shop.parent", "parent", "select 1 as id", "{}", "\"db\".\"sc\".\"parent\"") +
      "," +
      Node("model.shop.eph", "eph", "select * from {{ ref('parent') }}",
           R"({"materialized": "ephemeral"})");
  std::string macros =
      Macro("shop", "cents", "{% macro cents(c) %}({{ c }} / 100){% endmacro %}") + "," +
      Macro("util", "star",
            "{% macro star(t) %}{{ return(adapter.dispatch('star', 'util')(t)) }}{% endmacro %}") +
      "," +
      Macro("util", "default__star", "{% macro default__star(t) %}default {{ t }}{% endmacro %}") +
      "," +
      Macro("util", "postgres__star",
            "{% macro postgres__star(t) %}postgres {{ t }}{% endmacro %}") +
      "," + Macro("util", "listed", "{% macro listed() %}{{ return(['a', 'b']) }}{% endmacro %}");
  if (!compiled.empty()) {
    size_t at = nodes.find("\"raw_code\"");
    nodes.insert(
        at, fmt::format("\"compiled\": true, \"compiled_code\": {}, ", WriteJson(Value(compiled))));
  }
  macros += "," + Macro("shop", "broken", "{% macro broken() %}\n{{ nothing.x }}{% endmacro %}") +
            "," +
            Macro("shop", "recursive", "{% macro recursive() %}{{ recursive() }}{% endmacro %}");
  std::string manifest = fmt::format(
      R"({{"metadata": {{"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json", "dbt_version": "1.9.0",
      "generated_at": "2026-01-01T00:00:00Z", "project_name": "shop", "adapter_type": "redshift"}},
      "nodes": {{{}}}, "sources": {{"source.shop.raw.orders": {{"unique_id": "source.shop.raw.orders",
      "resource_type": "source", "package_name": "shop", "source_name": "raw", "name": "orders", "identifier": "orders",
      "database": "db", "schema": "raw", "relation_name": "\"db\".\"raw\".\"orders\"", "fqn": [], "columns": {{}},
      "original_file_path": "models/s.yml", "config": {{}}}}}}, "macros": {{{}}}, "exposures": {{}}, "metrics": {{}},
      "docs": {{}}, "parent_map": {{}}, "child_map": {{}}, "disabled": {{}}, "selectors": {{}}}})",
      nodes, macros);
  auto project = dbt::Project::Parse(manifest, "manifest.json");
  if (!project) FAIL(project.error().message);
  return *std::move(project);
}

Rendered RenderModel(std::string_view text, RenderSettings settings = {}) {
  auto project = Shop(text);
  Renderer renderer(*project, nullptr, std::move(settings));
  return renderer.Render(*project->Find("model.shop.m"));
}

}  // namespace

TEST_CASE("ref, source, this, config and macros are answered from the manifest") {
  Rendered got = RenderModel(
      "{{ config(materialized='incremental') }}select {{ cents('x') }} from {{ ref('parent') }} "
      "join {{ source('raw', 'orders') }} -- {{ this }} {{ this.schema }} {{ "
      "config.get('unique_key') }}");
  REQUIRE(got.ok);
  CHECK(got.sql ==
        "select (x / 100) from \"db\".\"sc\".\"parent\" join \"db\".\"raw\".\"orders\" -- "
        "\"db\".\"sc\".\"m\" sc id");
}

TEST_CASE("adapter.dispatch takes the adapter's parent before the default") {
  CHECK(RenderModel("{{ util.star('t') }}").sql == "postgres t");
}

TEST_CASE("return gives a macro's value, not its text") {
  CHECK(RenderModel("{% for x in util.listed() %}{{ x }};{% endfor %}").sql == "a;b;");
}

TEST_CASE("is_incremental is answered both ways") {
  RenderSettings settings;
  settings.incremental = true;
  CHECK(RenderModel("a{% if is_incremental() %}b{% endif %}", settings).sql == "ab");
  CHECK(RenderModel("a{% if is_incremental() %}b{% endif %}").sql == "a");
}

TEST_CASE("Ephemeral parents become CTEs") {
  // What a project's own ref() hands on when no version was asked for.
  CHECK(RenderModel("{{ ref('parent', version=none) }}").sql ==
        RenderModel("{{ ref('parent') }}").sql);
  CHECK(RenderModel("select * from {{ ref('eph') }}").sql ==
        "with  __dbt__cte__eph as (\nselect * from \"db\".\"sc\".\"parent\"\n) select * from "
        "__dbt__cte__eph");
  CHECK(RenderModel("with a as (select 1) select * from {{ ref('eph') }}").sql ==
        "with  __dbt__cte__eph as (\nselect * from \"db\".\"sc\".\"parent\"\n), a as (select 1) "
        "select * from "
        "__dbt__cte__eph");
}

TEST_CASE("vars: the package's own section wins, a missing one is not guessed") {
  RenderSettings settings;
  settings.vars = Value::MakeObject({{"x", 1}, {"shop", Value::MakeObject({{"x", 2}})}});
  CHECK_FALSE(RenderModel("{{ var('x') }}{{ var('y', 3) }}", settings).ok);
  settings.vars_known = true;
  CHECK(RenderModel("{{ var('x') }}{{ var('y', 3) }}", settings).sql == "23");
  Rendered missing = RenderModel("{{ var('y') }}", settings);
  CHECK_FALSE(missing.ok);
  CHECK(missing.why.find("var 'y' is not set") != std::string::npos);
}

TEST_CASE("What only a run could tell is not rendered") {
  for (const char* text :
       {"{{ ref('nothing') }}", "{{ source('raw', 'nothing') }}", "{{ run_query('select 1') }}",
        "{{ env_var('HOME', 'x') }}", "{{ run_started_at }}{{ run_started_at.year }}",
        "{{ target.name }}", "{{ modules.datetime.now() }}",
        "{{ adapter.get_columns_in_relation(ref('parent')) }}",
        "{{ adapter.execute('drop table x') }}", "{{ exceptions.raise_compiler_error('no') }}",
        "{{ nosuch.macro() }}", "{% call statement('x') %}select 1{% endcall %}",
        "{{ graph.nodes }}", "{{ load_relation(this) }}"}) {
    INFO(text);
    Rendered got = RenderModel(text);
    CHECK_FALSE(got.ok);
    CHECK_FALSE(got.why.empty());
    CHECK(got.sql.empty());
  }
}

TEST_CASE("vars are read from dbt_project.yml") {
  RenderSettings settings;
  REQUIRE(jinja::ReadProjectFile("name: shop\nvars:\n  a: 1\n  shop:\n    b: [x, true]\n",
                                 "dbt_project.yml", settings));
  CHECK(WriteJson(settings.vars) == R"({"a":1,"shop":{"b":["x",true]}})");
  CHECK(settings.vars_known);
  CHECK_FALSE(jinja::ReadProjectFile("vars: 3\n", "dbt_project.yml", settings));
}

TEST_CASE("Open places are filled in one way only, or not at all") {
  auto fill = [](std::string pattern, std::string_view compiled) {
    for (char& c : pattern) c = c == '<' ? '\x01' : c == '>' ? '\x02' : c;
    return jinja::Fill(jinja::CutAtMarks(pattern), compiled);
  };
  CHECK(fill("a * <x> + <x>", "a * 10 + 10").value().at("x") == "10");
  CHECK_FALSE(fill("a * <x> + <x>", "a * 10 + 11"));
  CHECK(fill("  f(<x>)\n", "f(1, 2)").value().at("x") == "1, 2");
  CHECK(fill("<x><y>", "ab").value().empty());  // in three ways
  CHECK(fill("<x>, <y>", "1, 2, 3").value().empty());
  CHECK(fill("<z>: <x>, <y>", "a: 1, 2, 3").value() ==
        std::map<std::string, std::string>{{"z", "a"}});
  CHECK_FALSE(fill("f(<x>)", "f(1,\n2)"));  // it is there, but not looked for
  CHECK(jinja::Fits(jinja::CutAtMarks("f(\x01x\x02)"), "f(1,\n2)"));
  CHECK(jinja::FitsBeginning(jinja::CutAtMarks("f(\x01x\x02) + "), "f(1) + 2"));
  CHECK_FALSE(jinja::FitsBeginning(jinja::CutAtMarks("f(\x01x\x02) - "), "f(1) + 2"));
  CHECK_FALSE(fill("b <x>", "a 1"));
  CHECK(fill("no marks", "no marks").value().empty());
}

TEST_CASE("A setting that compiled code proves is used, and only to print it") {
  auto project =
      Shop("select {{ var('rate') }} {% if target.name == 'dev' %}limit 1{% endif %}", "select 7");
  RenderSettings settings;
  settings.evidence = std::make_shared<jinja::CompiledEvidence>(*project, nullptr, settings);
  Renderer renderer(*project, nullptr, settings);
  const dbt::Node& node = *project->Find("model.shop.parent");
  CHECK(renderer.RenderText(node, "x * {{ var('rate') }}").sql == "x * 7");
  CHECK(renderer.RenderText(node, "{{ var('rate') ~ '%' }}").sql == "7%");
  for (const char* text : {"{{ var('rate') + 1 }}", "{{ var('rate') == 7 }}", "{{ var('other') }}",
                           "{% if var('rate') %}x{% endif %}", "{{ var('rate') | upper }}",
                           "{{ (var('rate') ~ 'a') | length }}", "{{ var('rate')[0] }}",
                           "{% for x in var('rate') %}{{ x }}{% endfor %}",
                           "{{ [var('rate')] | sort }}", "{{ 'a' in var('rate') }}"}) {
    INFO(text);
    CHECK_FALSE(renderer.RenderText(node, text).ok);
  }
  // Not dev, as the compiled code shows; which other name it is makes no difference.
  CHECK(renderer.RenderText(node, "a{% if target.name == 'dev' %}b{% endif %}").sql == "a");
}

TEST_CASE("What goes wrong in a macro names the macro, its line and the place of the call") {
  Rendered got = RenderModel("select 1\n  {{ broken() }}");
  CHECK_FALSE(got.ok);
  CHECK(got.why.find("macro shop.broken, line 2") != std::string::npos);
  CHECK(got.line == 2);
  CHECK(got.column > 2);
}

TEST_CASE("Bombs end with a reason") {
  for (const char* text :
       {"{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% for a in range(100000) %}{% for b in range(100000) %}x{% endfor %}{% endfor %}",
        "{{ 'x' * 1000000000 }}", "{{ range(1000000000) | length }}",
        "{% set ns = namespace(t='x') %}{% for i in range(60) %}{% set ns.t = ns.t ~ ns.t %}{% "
        "endfor %}{{ ns.t }}",
        "{% set l = [1] %}{% for i in range(60) %}{% do l.extend(l) %}{% endfor %}",
        "{% set l = [] %}{% do l.append(l) %}{{ l }}", "{{ recursive() }}"}) {
    INFO(text);
    Rendered got = RenderModel(text);
    CHECK_FALSE(got.ok);
    CHECK_FALSE(got.why.empty());
  }
}

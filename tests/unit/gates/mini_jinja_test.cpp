#include "support/mini_jinja.h"

#include "support/catch.h"

using layergate::Result;
using namespace layergate::minidbt;

namespace {

Result<std::string> Echo(std::string_view text) {
  return Render(text,
                [](const Expression& e) -> Result<std::string> { return "<" + e.name + ">"; });
}

}  // namespace

TEST_CASE("Expressions are replaced, comments dropped, braces left") {
  CHECK(*Echo("select {{ ref('a') }} {# no #}, '{' from {{- this -}} x") ==
        "select <ref> , '{' from <this> x");
  CHECK(*Echo("{") == "{");
}

TEST_CASE("What is not known is an error that names it") {
  for (const char* text : {"{% if true %}a{% endif %}", "{{ a + b }}", "{{ a | upper }}",
                           "{{ a(b) }}", "{{ 'x' }}", "{{ a('x }}", "{{ never ends"}) {
    INFO(text);
    CHECK_FALSE(Echo(text));
  }
  CHECK(Echo("{% if true %}").error().message.find("{% if true %}") != std::string::npos);
}

TEST_CASE("Arguments are literals") {
  auto e = ReadExpression("config(materialized='table', tags=['a', 'b'], n=-2, meta={'x': true})");
  REQUIRE(e);
  CHECK(e->name == "config");
  REQUIRE(e->kwargs.size() == 4);
  CHECK(e->kwargs[1].second.items().size() == 2);
  CHECK(e->kwargs[2].second.AsInt() == -2);
  CHECK(e->kwargs[3].second["x"].AsBool());
}

TEST_CASE("Macros") {
  auto macros =
      ReadMacros("{% macro cents(column, scale=2) -%} {{ column }} / 100 {%- endmacro %}");
  REQUIRE(macros);
  REQUIRE(macros->size() == 1);
  CHECK(macros->at(0).parameters == std::vector<std::string>{"column", "scale"});
  CHECK(CalledNames("{{ cents('a') }} {{ dbt_utils.star(x) }}") ==
        std::vector<std::string>{"cents", "dbt_utils.star"});
}

// Runs the cases of tests/jinja: templates and the text they must give.
#include <string>
#include <vector>

#include "jinja/ast.h"
#include "jinja/interpreter.h"
#include "support/catch.h"
#include "unit/jinja/case_file.h"

using namespace layergate::jinja;

namespace {

std::string Render(const std::string& source) {
  auto parsed = ParseTemplate(source);
  if (!parsed) return "ERROR: " + parsed.error().message;
  Interpreter interpreter([](Interpreter&, std::string_view) { return std::nullopt; }, Budget{});
  try {
    return interpreter.Render(**parsed);
  } catch (const RenderError& error) {
    return "ERROR: " + error.message;
  }
}

}  // namespace

TEST_CASE("Templates give what Jinja gives") {
  size_t count = 0;
  for (const char* name : {"language.txt", "builtins.txt"}) {
    for (const std::vector<std::string>& c : ReadCases(name)) {
      const std::string &source = c.at(0), &expected = c.at(1);
      INFO(source);
      std::string got = Render(source);
      if (expected.rfind("ERROR: ", 0) == 0) {
        INFO("got " << got);
        CHECK(got.rfind("ERROR: ", 0) == 0);
        CHECK(got.find(expected.substr(7)) != std::string::npos);
      } else {
        CHECK(got == expected);
      }
      ++count;
    }
  }
  CHECK(count > 40);
}

TEST_CASE("No cut of a template crashes the parser") {
  const std::string source =
      "{% set a = [1, {'k': (2,)}] %}{%- for x in a if x is defined -%}{{ x | default('d') ~ \"s\" "
      "}}"
      "{% else %}{% raw %}{{{% endraw %}{% endfor %}{# c #}{% macro m(a, b=1) %}{{ caller() }}{% "
      "endmacro %}";
  for (size_t length = 0; length <= source.size(); ++length) {
    Render(source.substr(0, length));
    Render(source.substr(length));
  }
  Render(std::string(100000, '('));
  CHECK(Render("{{ " + std::string(100000, '(') + " }}").rfind("ERROR: ", 0) == 0);
  CHECK(Render("{{ " + std::string(100000, '-') + "1 }}").rfind("ERROR: ", 0) == 0);
}

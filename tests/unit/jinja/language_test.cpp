// Runs the cases of tests/jinja: templates and the text they must give.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "jinja/ast.h"
#include "jinja/interpreter.h"
#include "support/catch.h"

using namespace layergate::jinja;

namespace {

struct Case {
  std::string source, expected;
};

std::vector<Case> ReadCases(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<Case> cases;
  Case current;
  bool in_expected = false;
  for (std::string line; std::getline(file, line);) {
    if (line == "----") {
      in_expected = true;
    } else if (line == "====") {
      if (!current.expected.empty()) current.expected.pop_back();
      if (!current.source.empty()) current.source.pop_back();
      cases.push_back(std::move(current));
      current = {};
      in_expected = false;
    } else {
      (in_expected ? current.expected : current.source) += line + "\n";
    }
  }
  return cases;
}

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
    for (const Case& c :
         ReadCases(std::filesystem::path(LAYERGATE_SOURCE_DIR) / "tests/jinja" / name)) {
      INFO(c.source);
      std::string got = Render(c.source);
      if (c.expected.rfind("ERROR: ", 0) == 0) {
        INFO("got " << got);
        CHECK(got.rfind("ERROR: ", 0) == 0);
        CHECK(got.find(c.expected.substr(7)) != std::string::npos);
      } else {
        CHECK(got == c.expected);
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

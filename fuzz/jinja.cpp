// Any bytes as a template through lexer, parser and interpreter. Beside crashes, these must hold
// for every input:
//   - a template that renders gives the same text again;
//   - a text without a mark of Jinja is its own rendering.
// The names x, rows and table stand for a text, a list of dictionaries and a dictionary; shout is a
// function that calls its argument.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "jinja/ast.h"
#include "jinja/dbt_functions.h"
#include "jinja/interpreter.h"
#include "jinja/modules.h"

namespace {

using namespace layergate::jinja;

void Check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

Var Table() {
  Var table = Var::MakeDict();
  table.dict()->Set(Var("b"), Var(2));
  table.dict()->Set(Var("a"), Var::MakeList({Var(1), Var("\xC3\xA9"), Var()}));
  return table;
}

std::optional<Var> Lookup(Interpreter&, std::string_view name) {
  if (name == "x") return Var("select \xC3\xA9 'x'");
  if (name == "rows") return Var::MakeList({Table(), Table()});
  if (name == "table") return Table();
  if (name == "modules") return Modules();
  if (name == "shout") {
    return Var::MakeFunction("shout", [](Interpreter& interpreter, const Arguments& arguments) {
      const Var* what = arguments.Get(0, "what");
      return what ? interpreter.Call(*what, {}) : Var("!");
    });
  }
  return PlainFunction(name);
}

std::optional<std::string> Render(const Template& source) {
  Budget budget;
  budget.steps = 50'000;
  budget.output = size_t{1} << 20;
  Interpreter interpreter(Lookup, budget);
  try {
    return interpreter.Render(source);
  } catch (const RenderError&) {
    return std::nullopt;
  } catch (const ReturnValue&) {
    return std::nullopt;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  auto parsed = ParseTemplate(text);
  if (!parsed) return 0;
  std::optional<std::string> once = Render(**parsed);
  Check(once == Render(**parsed), "a template gives the same text again");
  if (text.find_first_of("{}\r") == std::string::npos && !text.empty() && text.back() != '\n')
    Check(once == text, "a text without templates is itself");
  return 0;
}

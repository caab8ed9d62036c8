// The few Jinja expressions that test cases use, read and replaced without dbt.
//
// Known: ref, source, config, var, this, and calls of the case's own macros with literal arguments.
// Comments are dropped. Everything else (statements, filters, loops) is an error that names it: a
// case must never be rendered into something that its author did not mean.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/value.h"

namespace layergate::minidbt {

// One `{{ name(args, key=value) }}`, or `{{ name }}` when `is_call` is false.
struct Expression {
  std::string name;  // "ref", "dbt_utils.star", "this"
  bool is_call = false;
  std::vector<Value> args;
  std::vector<std::pair<std::string, Value>> kwargs;
};

// Reads what stands between the braces. Arguments are literals: text, numbers, true, false, none,
// lists and dictionaries.
Result<Expression> ReadExpression(std::string_view text);

// Replaces each `{{ ... }}` of `text` by what `replace` answers.
using Replace = std::function<Result<std::string>(const Expression&)>;
Result<std::string> Render(std::string_view text, const Replace& replace);

// A `{% macro name(parameters) %} body {% endmacro %}` block.
struct MacroText {
  std::string name;
  std::vector<std::string> parameters;
  std::string body;
  std::string whole;  // the block as written
};
Result<std::vector<MacroText>> ReadMacros(std::string_view text);

// Names that are called in a Jinja text, in order, without duplicates: a rough scan for
// depends_on.macros.
std::vector<std::string> CalledNames(std::string_view text);

}  // namespace layergate::minidbt

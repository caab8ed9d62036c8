// The SQL texts that a template can send to the database, without running it.
//
// A hook, an operation or a macro is a Jinja template. Its own text is SQL; so are the bodies of
// {% call statement() %}, what {% set %} keeps, and string literals that run_query() and its like
// are given. Each becomes a fragment in which every {{ ... }} stands as one made-up name, so that
// the SQL parser sees whole statements; Original() puts the template's own text back for people.
// Of {% if %} each branch is taken once, never all of them in a row. Nothing is executed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace layergate::destructive_sql {

struct Fragment {
  enum class Origin {
    kText,       // what the template itself writes
    kStatement,  // {% call statement() %}, run_query("..."): sent as soon as the template runs
    kLiteral,    // a string or {% set %} block that may be sent; counts only when it reads as SQL
  };
  Origin origin = Origin::kText;
  std::string sql;
};

// A call of dbt's adapter that drops or empties a relation without SQL.
struct AdapterCall {
  bool truncates = false;
  std::string text;  // "adapter.drop_relation(old)"
};

struct Template {
  std::vector<Fragment> fragments;
  std::vector<AdapterCall> adapter_calls;
  std::vector<std::string> called;  // names of macros called, "dbt_utils.x" as "x"; sorted
  std::vector<std::string> masked;  // masked[i] is the text behind the i-th made-up name
  std::string problem;              // why the template could not be read; empty when it could

  // The fragment's text as the author wrote it, on one line.
  std::string Original(std::string_view sql) const;
};

Template ReadTemplate(const std::string& text);

// The string literals of a Python model, as fragments of kind kLiteral.
Template ReadPython(std::string_view code);

}  // namespace layergate::destructive_sql

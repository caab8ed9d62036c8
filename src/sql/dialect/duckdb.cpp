// DuckDB: PostgreSQL plus FROM first, structs, lists, lambdas, COLUMNS() and files in FROM.
#include "sql/grammar.h"

namespace layergate::sql {

Grammar DuckDbGrammar() {
  Grammar g = PostgresGrammar();
  g.dialect = Dialect::kDuckDb;
  g.typed_strings = false;
  g.folding = NameFolding::kInsensitive;
  g.qualify = true;
  g.hash_columns = true;
  g.lambdas = true;
  g.arrow_is_json_too = true;
  g.brace_structs = true;
  g.question_operator = false;
  g.from_first = true;
  g.alias_colon = true;
  g.string_aliases = true;
  g.string_tables = true;
  g.pivot_statement = true;
  g.sample_clause = false;
  g.powers.arrow = kLoosePower;  // a lambda's arrow too
  return g;
}

}  // namespace layergate::sql

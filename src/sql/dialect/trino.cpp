// Trino (and Athena, Presto): common ground plus lambdas.
#include "sql/grammar.h"

namespace layergate::sql {

Grammar TrinoGrammar() {
  Grammar g = AnsiGrammar();
  g.dialect = Dialect::kTrino;
  g.typed_strings = true;
  g.folding = NameFolding::kInsensitive;
  g.qualify = false;
  g.backtick_names = true;  // Athena's DDL
  g.dollar_in_names = false;
  g.lambdas = true;
  g.powers.concat = kConcatPower;
  return g;
}

}  // namespace layergate::sql

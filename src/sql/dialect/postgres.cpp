// PostgreSQL: free operators, dollar quoting, E'' strings, nested comments.
#include "sql/grammar.h"

namespace layergate::sql {

Grammar PostgresGrammar() {
  Grammar g = AnsiGrammar();
  g.dialect = Dialect::kPostgres;
  g.qualify = false;
  g.typed_strings = true;
  g.escape_strings = true;
  g.dollar_strings = true;
  g.dollar_tags = true;
  g.nested_comments = true;
  g.free_operators = true;
  g.question_operator = true;
  g.caret_is_power = true;
  g.bracket_arrays = true;
  g.adjacent_strings = true;
  // Every operator but those of arithmetic and comparison has one and the same strength.
  Powers& powers = g.powers;
  powers.concat = powers.arrow = powers.shift = kOtherPower;
  powers.bit_or = powers.bit_xor = powers.bit_and = kOtherPower;
  powers.prefix = kBitOrPower;
  return g;
}

}  // namespace layergate::sql

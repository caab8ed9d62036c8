// SQLite: every way of quoting names, JSON arrows, `x IS y`.
#include "sql/grammar.h"

namespace layergate::sql {

Grammar SqliteGrammar() {
  Grammar g = AnsiGrammar();
  g.dialect = Dialect::kSqlite;
  g.folding = NameFolding::kInsensitive;
  g.qualify = false;
  g.backtick_names = true;
  g.bracket_names = true;
  g.bracket_arrays = false;
  g.at_names = true;
  g.string_aliases = true;
  g.index_hints = true;
  g.flat_set_operations = true;
  g.powers.is = g.powers.between = g.powers.like = kComparePower;
  g.powers.less = kLikePower;
  g.powers.bit_or = g.powers.bit_and = g.powers.shift = kShiftPower;
  g.powers.concat = g.powers.arrow = kExponentPower;
  return g;
}

}  // namespace layergate::sql

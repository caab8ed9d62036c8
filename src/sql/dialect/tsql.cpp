// T-SQL: bracketed names, variables, TOP, APPLY, `alias = expr`, hints, statements without ';'.
#include "sql/grammar.h"

namespace layergate::sql {
namespace {

constexpr WordArgument kWords[] = {
    {"date_bucket", 0}, {"dateadd", 0},  {"datediff", 0},  {"datediff_big", 0},
    {"datename", 0},    {"datepart", 0}, {"datetrunc", 0},
};

}  // namespace

Grammar TsqlGrammar() {
  Grammar g = AnsiGrammar();
  g.dialect = Dialect::kTsql;
  g.folding = NameFolding::kInsensitive;
  g.qualify = false;
  g.bracket_names = true;
  g.bracket_arrays = false;
  g.nested_comments = true;
  g.hash_names = true;
  g.at_names = true;
  g.convert_type_first = true;
  g.top = true;
  g.alias_equals = true;
  g.string_aliases = true;
  g.table_hints = true;
  g.for_xml = true;
  g.newline_statements = true;
  g.word_arguments = kWords;
  g.powers.bit_or = g.powers.bit_xor = g.powers.bit_and = kSumPower;
  return g;
}

}  // namespace layergate::sql

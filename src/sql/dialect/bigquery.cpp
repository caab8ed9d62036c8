// BigQuery: strings in both quotes, names in backticks, structs, arrays and pipe syntax.
#include "sql/grammar.h"

namespace layergate::sql {
namespace {

constexpr WordArgument kWords[] = {
    {"date_diff", 2},      {"date_trunc", 1},     {"datetime_diff", 2},
    {"datetime_trunc", 1}, {"last_day", 1},       {"time_diff", 2},
    {"time_trunc", 1},     {"timestamp_diff", 2}, {"timestamp_trunc", 1},
};

}  // namespace

Grammar BigQueryGrammar() {
  Grammar g = AnsiGrammar();
  g.dialect = Dialect::kBigQuery;
  g.folding = NameFolding::kInsensitive;
  g.double_quoted_strings = true;
  g.backtick_names = true;
  g.backslash_escapes = true;
  g.triple_quotes = true;
  g.adjacent_strings = true;
  g.prefixed_raw = true;
  g.hash_comments = true;
  g.dollar_in_names = false;
  g.at_names = true;
  g.lambdas = true;
  g.struct_constructor = true;
  g.pipes = true;
  g.from_first = true;
  g.dashed_tables = true;
  g.dotted_quoted_tables = true;
  g.word_arguments = kWords;
  g.powers.concat = kProductPower;
  return g;
}

}  // namespace layergate::sql

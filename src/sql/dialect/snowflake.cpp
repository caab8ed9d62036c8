// Snowflake: common ground plus JSON paths, positional columns, stages, QUALIFY and CONNECT BY.
#include "sql/grammar.h"

namespace layergate::sql {
namespace {

constexpr WordArgument kWords[] = {
    {"date_part", 0},    {"date_trunc", 0},    {"dateadd", 0}, {"datediff", 0},
    {"extract", 0},      {"last_day", 1},      {"timeadd", 0}, {"timediff", 0},
    {"timestampadd", 0}, {"timestampdiff", 0}, {"trunc", 1},
};

}  // namespace

Grammar SnowflakeGrammar() {
  Grammar g = AnsiGrammar();
  g.dialect = Dialect::kSnowflake;
  g.folding = NameFolding::kUpper;
  g.backslash_escapes = true;
  g.dollar_strings = true;
  g.slash_comments = true;
  g.at_stages = true;
  g.cte_without_as = true;
  g.dollar_columns = true;
  g.lambdas = true;
  g.colon_paths = true;
  g.brace_structs = true;
  g.minus = true;
  g.top = true;
  g.sample_clause = true;
  g.connect_by = true;
  g.string_tables = true;
  g.word_arguments = kWords;
  return g;
}

}  // namespace layergate::sql

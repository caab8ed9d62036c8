// ClickHouse: exact names, ARRAY JOIN, parametric functions, scalar WITH, FINAL, SAMPLE, SETTINGS.
#include "sql/grammar.h"

namespace layergate::sql {
namespace {

constexpr WordArgument kWords[] = {
    {"date_add", 0},       {"date_diff", 0},    {"date_sub", 0},
    {"dateadd", 0},        {"datediff", 0},     {"datesub", 0},
    {"timestamp_diff", 0}, {"timestampadd", 0}, {"timestampdiff", 0},
};

}  // namespace

Grammar ClickHouseGrammar() {
  Grammar g = AnsiGrammar();
  g.dialect = Dialect::kClickHouse;
  g.folding = NameFolding::kExact;
  g.backtick_names = true;
  g.backslash_escapes = true;
  g.dollar_strings = true;
  g.dollar_tags = true;
  g.tail_per_branch = true;
  g.nested_comments = true;
  g.hash_comments = true;
  g.dollar_in_names = false;
  g.brace_parameters = true;
  g.lambdas = true;
  g.ternary = true;
  g.parametric_calls = true;
  g.tuple_index = true;
  g.from_first = true;
  g.top = true;
  g.array_join = true;
  g.sample_clause = true;
  g.final_modifier = true;
  g.prewhere = true;
  g.settings = true;
  g.scalar_with = true;
  g.limit_by = true;
  g.global_joins = true;
  g.word_arguments = kWords;
  g.powers.between = kBetweenPower;
  g.powers.like = kComparePower;
  g.powers.concat = kConcatPower;
  return g;
}

}  // namespace layergate::sql

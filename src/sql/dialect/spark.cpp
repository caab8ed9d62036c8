// Spark: names in backticks, strings in both quotes, LATERAL VIEW, lambdas, SORT BY and its kin.
#include "sql/grammar.h"

namespace layergate::sql {
namespace {

constexpr WordArgument kWords[] = {
    {"date_add", 0}, {"date_diff", 0}, {"date_sub", 0},     {"dateadd", 0},
    {"datediff", 0}, {"timediff", 0},  {"timestampadd", 0}, {"timestampdiff", 0},
};

}  // namespace

Grammar SparkGrammar() {
  Grammar g = AnsiGrammar();
  g.dialect = Dialect::kSpark;
  g.folding = NameFolding::kInsensitive;
  g.double_quoted_strings = true;
  g.backtick_names = true;
  g.backslash_escapes = true;
  g.prefixed_raw = true;
  g.nested_comments = true;
  g.dollar_in_names = false;
  g.digit_names = true;
  g.lambdas = true;
  g.bang_is_not = true;
  g.adjacent_strings = true;
  g.struct_constructor = true;
  g.minus = true;
  g.lateral_view = true;
  g.macro_variables = true;
  g.cte_without_as = true;
  g.sort_by = true;
  g.pipes = true;
  g.from_first = true;
  g.word_arguments = kWords;
  g.powers.is = g.powers.between = g.powers.like = kIsPower;
  g.powers.bang = kNotPower;
  return g;
}

}  // namespace layergate::sql

// Redshift: PostgreSQL plus QUALIFY, TOP, MINUS, PIVOT, CONNECT BY and date parts as words.
#include "sql/grammar.h"

namespace layergate::sql {
namespace {

constexpr WordArgument kWords[] = {
    {"date_add", 0}, {"date_diff", 0}, {"date_part", 0},
    {"dateadd", 0},  {"datediff", 0},  {"datepart", 0},
};

}  // namespace

Grammar RedshiftGrammar() {
  Grammar g = PostgresGrammar();
  g.dialect = Dialect::kRedshift;
  g.folding = NameFolding::kInsensitive;
  g.backslash_escapes = true;
  g.qualify = true;
  g.minus = true;
  g.top = true;
  g.connect_by = true;
  g.hash_names = true;
  g.super_paths = true;
  g.exclude_clause = true;
  g.free_operators = false;
  g.question_operator = false;
  g.word_arguments = kWords;
  return g;
}

}  // namespace layergate::sql

#include "sql/parse.h"

#include "sql/lexer.h"
#include "sql/parser.h"

namespace layergate::sql {

std::string_view ToString(Kind kind) {
  static constexpr std::string_view kNames[] = {
#define LAYERGATE_SQL_NODE(type, name) name,
#include "sql/nodes.def"
#undef LAYERGATE_SQL_NODE
  };
  return kNames[static_cast<size_t>(kind)];
}

std::string_view ToString(JoinKind kind) {
  static constexpr std::string_view kNames[] = {
      "inner",       "left",       "right",        "full",       "cross",
      "left semi",   "left anti",  "right semi",   "right anti", "cross apply",
      "outer apply", "positional", "lateral view", "array",      "left array"};
  return kNames[static_cast<size_t>(kind)];
}

ParsedSql Parse(std::string_view text, Dialect dialect) {
  ParsedSql sql;
  sql.dialect_ = dialect;
  // Offsets are 32 bits wide.
  constexpr size_t kMaxText = size_t{1} << 31;
  bool too_long = text.size() > kMaxText;
  sql.text_ = std::make_unique<const std::string>(too_long ? std::string_view() : text);
  sql.arena_ = std::make_unique<Arena>();
  if (too_long) {
    sql.diagnostics_.push_back({"too_deep", "the text is longer than 2 GiB", {}});
    return sql;
  }
  Parser parser(*sql.text_, GrammarOf(dialect), *sql.arena_, sql.diagnostics_);
  sql.statements_ = parser.ParseStatements();
  return sql;
}

Parser::Parser(std::string_view text, const Grammar& grammar, Arena& arena,
               std::vector<ParseDiagnostic>& diagnostics)
    : text_(text), grammar_(grammar), arena_(arena), diagnostics_(diagnostics) {
  tokens_.reserve(text.size() / 5 + 8);
  Lex(text, grammar, tokens_, unclosed_);
  for (const LexProblem& problem : unclosed_) {
    Report("unterminated", "this " + std::string(problem.what) + " is never closed", problem.span);
  }
}

}  // namespace layergate::sql

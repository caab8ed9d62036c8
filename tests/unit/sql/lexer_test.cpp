// Tokens: what belongs to one, and what each dialect takes a mark for.
#include "sql/lexer.h"

#include <string>

#include "core/text.h"
#include "support/catch.h"

namespace layergate::sql {
namespace {

// The tokens as written, with blanks between them; the problems behind them.
std::string Lexed(std::string_view text, Dialect dialect) {
  std::vector<Token> tokens;
  std::vector<LexProblem> problems;
  Lex(text, GrammarOf(dialect), tokens, problems);
  std::string out;
  for (const Token& token : tokens) {
    if (token.kind == TokenKind::kEnd) break;
    if (!out.empty()) out += ' ';
    out += text.substr(token.begin, token.end - token.begin);
  }
  for (const LexProblem& problem : problems) out += " !" + std::string(problem.what);
  return out;
}

size_t Count(std::string_view text, Dialect dialect) {
  std::vector<Token> tokens;
  std::vector<LexProblem> problems;
  Lex(text, GrammarOf(dialect), tokens, problems);
  return tokens.size() - 1;
}

TEST_CASE("comments of each dialect") {
  CHECK(Lexed("a -- b\nc /* d */ e", Dialect::kAnsi) == "a c e");
  CHECK(Lexed("a /* b /* c */ d */ e", Dialect::kPostgres) == "a e");
  CHECK(Lexed("a /* b /* c */ d", Dialect::kSnowflake) == "a d");
  CHECK(Lexed("a # b\nc", Dialect::kMySql) == "a c");
  CHECK(Lexed("a # b\nc", Dialect::kBigQuery) == "a c");
  CHECK(Lexed("a // b\nc", Dialect::kSnowflake) == "a c");
  CHECK(Lexed("a --b", Dialect::kMySql) == "a - - b");
  CHECK(Lexed("a --b", Dialect::kPostgres) == "a");
  CHECK(Lexed("a /*! b */ c", Dialect::kMySql) == "a b c");
  CHECK(Lexed("a<--b", Dialect::kAnsi) == "a <");
}

TEST_CASE("strings of each dialect") {
  CHECK(Count("'it''s'", Dialect::kAnsi) == 1);
  CHECK(Count(R"('it\'s')", Dialect::kBigQuery) == 1);
  CHECK(Lexed(R"('a\' b)", Dialect::kPostgres) == R"('a\' b)");
  CHECK(Count(R"(E'it\'s')", Dialect::kPostgres) == 1);
  CHECK(Count("'''a'b'''", Dialect::kBigQuery) == 1);
  CHECK(Count(R"(r'a\'b')", Dialect::kBigQuery) == 1);
  CHECK(Count("$$a'b$$", Dialect::kSnowflake) == 1);
  CHECK(Count("$x$ $$ $x$", Dialect::kPostgres) == 1);
  CHECK(Lexed("'never closed", Dialect::kAnsi) == "'never closed !string");
  CHECK(Lexed("/* never closed", Dialect::kAnsi) == " !comment");
}

TEST_CASE("a colon is a path, a parameter or a cast") {
  CHECK(Lexed("a:b::c", Dialect::kSnowflake) == "a : b :: c");
  CHECK(Lexed("v:from:select", Dialect::kSnowflake) == "v : from : select");
  CHECK(Lexed("a = :b", Dialect::kAnsi) == "a = :b");
  CHECK(Lexed("limit :n", Dialect::kAnsi) == "limit :n");
  CHECK(Lexed("x[1:2]", Dialect::kDuckDb) == "x [ 1 : 2 ]");
}

TEST_CASE("names, numbers and operators") {
  CHECK(Lexed("a.1.b, 1.5e-3, .5, 0x1f", Dialect::kAnsi) == "a . 1 . b , 1.5e-3 , .5 , 0x1f");
  CHECK(Lexed("1a 10L", Dialect::kSpark) == "1a 10L");
  CHECK(Lexed("[a b] #t @v @@w", Dialect::kTsql) == "[a b] #t @v @@w");
  CHECK(Lexed("a > = b ! = c", Dialect::kTsql) == "a > = b ! = c");
  CHECK(Lexed("a@>b a->>b a||b", Dialect::kPostgres) == "a @> b a ->> b a || b");
  CHECK(Lexed("a*-b", Dialect::kPostgres) == "a * - b");
  CHECK(Lexed("{{ ref('x') }} ${y}", Dialect::kSpark) == "{{ ref('x') }} ${y}");
}

TEST_CASE("every byte is a token, white space or a comment") {
  std::string bytes;
  for (int c = 0; c < 256; ++c) bytes += static_cast<char>(c);
  for (const std::string_view name : DialectNames()) {
    std::vector<Token> tokens;
    std::vector<LexProblem> problems;
    Lex(bytes, GrammarOf(*DialectFromName(name)), tokens, problems);
    uint32_t at = 0;
    for (const Token& token : tokens) {
      CHECK(token.begin >= at);
      CHECK(token.end <= bytes.size());
      at = token.end;
    }
    CHECK(tokens.back().kind == TokenKind::kEnd);
  }
}

}  // namespace
}  // namespace layergate::sql

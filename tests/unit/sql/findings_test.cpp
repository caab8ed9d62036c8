// Texts that once crashed the parser, hung it or made it say something that does not hold. Found by
// scripts/fuzz and by reading; each must only be read to its end now.
#include <string>

#include "sql/compare.h"
#include "sql/parse.h"
#include "sql/walk.h"
#include "support/catch.h"

namespace layergate::sql {
namespace {

TEST_CASE("a command keeps its targets and its queries apart") {
  const ParsedSql sql =
      Parse("copy (select a from t) to 'x'; grant select on t to r", Dialect::kPostgres);
  const auto* copy = As<Command>(sql.statements()[0]);
  REQUIRE(copy != nullptr);
  CHECK(copy->targets.empty());
  REQUIRE(copy->statements.size() == 1);
  CHECK(copy->statements[0]->kind == Kind::kQuery);
  const auto* grant = As<Command>(sql.statements()[1]);
  REQUIRE(grant != nullptr);
  CHECK(grant->targets.size() == 1);
  CHECK(grant->statements.empty());
}

TEST_CASE("a relation that is missing at the end has a span inside the text") {
  for (const std::string_view text : {"select a from ( ", "select a from t join ", "from "}) {
    const ParsedSql sql = Parse(text, Dialect::kDuckDb);
    REQUIRE(sql.statements().size() == 1);
    Walk(sql.statements()[0], [&](const Node* node) {
      CHECK(node->span.begin <= node->span.end);
      CHECK(node->span.end <= text.size());
      return true;
    });
  }
}

TEST_CASE("nested syntax that is not understood is compared once, not once per level") {
  std::string text = "select ";
  for (int i = 0; i < 5000; ++i) text += "(a b ";
  const ParsedSql sql = Parse(text, Dialect::kPostgres);
  CHECK(SameTree(sql, sql));
}

TEST_CASE("every cast has an operand and a type") {
  for (const std::string_view text :
       {"select cast(a)", "select cast(a b)", "select convert(int)"}) {
    const ParsedSql sql = Parse(text, Dialect::kTsql);
    CHECK_FALSE(sql.understood());
    Walk(sql.statements()[0], [&](const Node* node) {
      CHECK(node->kind != Kind::kCast);
      return true;
    });
  }
}

TEST_CASE("a PIVOT whose FOR is not followed by a column comes to an end") {
  for (const std::string_view text :
       {"select * from t pivot (sum(x) for 'q' as a, b)", "select * from t pivot (sum(x) for as"}) {
    CHECK_FALSE(Parse(text, Dialect::kClickHouse).understood());
  }
}

TEST_CASE("types and windows that are never closed are kept once, not once per level") {
  std::string type = "select cast(a as ", window = "select a";
  for (int i = 0; i < 5000; ++i) {
    type += "array<";
    window += " over (partition by f(a)";
  }
  for (const std::string& text : {type, window}) {
    const ParsedSql sql = Parse(text, Dialect::kSpark);
    CHECK_FALSE(sql.understood());
    REQUIRE(sql.statements().size() == 1);
    size_t opaque = 0;
    Walk(sql.statements()[0], [&](const Node* node) {
      opaque += node->kind == Kind::kOpaque ? 1 : 0;
      return node->kind != Kind::kOpaque;
    });
    CHECK(opaque > 0);
    CHECK(opaque < 10);
    CHECK(SameTree(sql, sql));
  }
}

TEST_CASE("what follows a target or a relation that is missing changes nothing in it") {
  for (const std::string_view text : {"insert into \x01 as a", "select * from t cross apply )",
                                      "select * from t outer apply \x01 as a"}) {
    CHECK_FALSE(Parse(text, Dialect::kTsql).understood());
  }
}

TEST_CASE("a clause that is not understood stays in its SELECT") {
  const ParsedSql sql = Parse("select a from t where b frobnicate c", Dialect::kPostgres);
  const auto* query = As<Query>(sql.statements()[0]);
  REQUIRE(query != nullptr);
  const auto* select = As<Select>(query->body);
  REQUIRE(select != nullptr);
  CHECK(select->unknown.size() == 1);
}

TEST_CASE("a quote that is never closed costs its own statement only") {
  const ParsedSql sql =
      Parse("select a from t; select 'b from t; select c from u", Dialect::kTrino);
  REQUIRE(sql.statements().size() == 3);
  CHECK(sql.statements()[0]->kind == Kind::kQuery);
  CHECK(sql.statements()[1]->kind == Kind::kOpaque);
  CHECK(sql.statements()[2]->kind == Kind::kQuery);
  REQUIRE_FALSE(sql.diagnostics().empty());
  CHECK(sql.diagnostics()[0].code == "unterminated");
  CHECK(sql.diagnostics()[0].span.begin == 24);
}

TEST_CASE("options that are repeated a hundred thousand times are not copied each time") {
  std::string text = "select a from t match_recognize (";
  for (int i = 0; i < 20'000; ++i) text += "after match skip to x pattern (a) ";
  CHECK_FALSE(Parse(text, Dialect::kSnowflake).understood());
}

TEST_CASE("T-SQL's statements on one line are told apart") {
  const ParsedSql sql =
      Parse("declare @a int = 1 set @a = (select max(b) from t) if @a = 1 select 1 else select 2",
            Dialect::kTsql);
  REQUIRE(sql.statements().size() == 4);
  CHECK(sql.understood());
  const auto* set = As<Command>(sql.statements()[1]);
  REQUIRE(set != nullptr);
  CHECK(set->statements.size() == 1);
}

}  // namespace
}  // namespace layergate::sql

// What makes two texts the same, and what does not.
#include "sql/compare.h"

#include "support/catch.h"

namespace layergate::sql {
namespace {

bool Same(std::string_view a, std::string_view b, Dialect dialect = Dialect::kPostgres) {
  return SameTree(Parse(a, dialect), Parse(b, dialect));
}

TEST_CASE("white space, comments, parentheses and the case of words say nothing") {
  CHECK(Same("select a from t", "SELECT\n  a -- why\nFROM /* which */ t"));
  CHECK(Same("select a + b from t where (a = 1)", "select ((a) + (b)) from (t) where ((a = (1)))"));
  CHECK(Same("select A from T", "select a from t"));
  CHECK(Same("(select a from t)", "select a from t"));
}

TEST_CASE("words that may be left out say nothing") {
  CHECK(Same("select a x from t y", "select a as x from t as y"));
  CHECK(Same("select * from a join b on a.x = b.x", "select * from a inner join b on a.x = b.x"));
  CHECK(
      Same("select * from a left join b using (x)", "select * from a left outer join b using (x)"));
  CHECK(Same("select a <> 1 from t", "select a != 1 from t"));
  CHECK(Same("select a::int from t", "select cast(a as int) from t"));
  CHECK(Same("select a from t union select b from u",
             "select a from t union distinct select b from u"));
}

TEST_CASE("what a text means is not lost") {
  CHECK_FALSE(Same("select a from t", "select b from t"));
  CHECK_FALSE(Same("select a, b from t", "select b, a from t"));
  CHECK_FALSE(Same("select a - (b - c) from t", "select a - b - c from t"));
  CHECK_FALSE(Same("select 'A' from t", "select 'a' from t"));
  CHECK_FALSE(Same("select a from t where a < 1", "select a from t where a <= 1"));
  CHECK_FALSE(
      Same("select a from t union select b from u", "select a from t union all select b from u"));
  CHECK_FALSE(Same("select * from a join b using (x)", "select * from a left join b using (x)"));
  CHECK_FALSE(Same("select count(a) from t", "select count(distinct a) from t"));
  CHECK_FALSE(Same("select a from t order by a", "select a from t order by a desc"));
  CHECK_FALSE(Same("select sum(a) over (order by b) from t",
                   "select sum(a) over (order by b rows unbounded preceding) from t"));
  CHECK_FALSE(Same("select a = b from t", "select b = a from t"));
  CHECK_FALSE(Same("select a from t", "select a from t limit 1"));
}

TEST_CASE("names compare as the dialect compares them") {
  CHECK(Same("select \"a\" from t", "select a from t", Dialect::kDuckDb));
  CHECK(Same("select \"A\" from t", "select a from t", Dialect::kSnowflake));
  CHECK_FALSE(Same("select \"a\" from t", "select a from t", Dialect::kSnowflake));
  CHECK(Same("select \"a\" from t", "select A from t", Dialect::kPostgres));
  CHECK_FALSE(Same("select \"A\" from t", "select A from t", Dialect::kPostgres));
  CHECK_FALSE(Same("select A from t", "select a from t", Dialect::kClickHouse));
  CHECK_FALSE(Same("select a from T", "select a from t", Dialect::kBigQuery));
}

TEST_CASE("syntax that is not understood is the same only token for token") {
  CHECK(Same("select a foo bar baz from t", "select a  foo /* x */ bar baz from t"));
  CHECK_FALSE(Same("select a foo bar baz from t", "select a foo bar Baz from t"));
  CHECK_FALSE(Same("select a foo bar baz from t", "select a foo bar from t"));
}

TEST_CASE("texts in two dialects are never the same") {
  CHECK_FALSE(SameTree(Parse("select 1", Dialect::kPostgres), Parse("select 1", Dialect::kDuckDb)));
}

TEST_CASE("types as one line") {
  const ParsedSql sql = Parse(
      "select cast(a as Struct<X: Int, y array<map<string, decimal(10, 2)>>>), "
      "b::double   precision",
      Dialect::kDatabricks);
  const auto* select = As<Select>(As<Query>(sql.statements()[0])->body);
  REQUIRE(select != nullptr);
  CHECK(TypeText(*As<Cast>(select->items[0]->expr)->type) ==
        "struct<x int, y array<map<string, decimal(10, 2)>>>");
  CHECK(TypeText(*As<Cast>(select->items[1]->expr)->type) == "double precision");
}

}  // namespace
}  // namespace layergate::sql

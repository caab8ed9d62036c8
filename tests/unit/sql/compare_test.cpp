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

TEST_CASE("parentheses around the beginning of a chain say nothing, others may") {
  CHECK(Same("select (a + b) + c, (a and b) and c", "select a + b + c, a and b and c"));
  CHECK_FALSE(Same("select a - (b - c)", "select a - b - c"));
  CHECK_FALSE(Same("select a || b + c", "select (a || b) + c", Dialect::kPostgres));
  CHECK(Same("select a || b + c", "select (a || b) + c", Dialect::kSnowflake));
  CHECK_FALSE(Same("select j -> 'a' = 'b'", "select (j -> 'a') = 'b'", Dialect::kDuckDb));
}

TEST_CASE("what chooses rows or says how a value is made is not lost") {
  const auto differ = [](Dialect dialect, std::string_view a, std::string_view b) {
    INFO(a);
    CHECK(Parse(a, dialect).understood());
    CHECK(Parse(b, dialect).understood());
    CHECK_FALSE(Same(a, b, dialect));
  };
  differ(Dialect::kClickHouse, "select a from t final", "select a from t");
  differ(Dialect::kClickHouse, "select a from t settings join_use_nulls = 1", "select a from t");
  differ(Dialect::kClickHouse, "select a from t sample 1/2 offset 1/4",
         "select a from t sample 1/2");
  differ(Dialect::kPostgres, "select a from only t", "select a from t");
  differ(Dialect::kMySql, "select a from t partition (p0)", "select a from t partition (p1)");
  differ(Dialect::kMySql, "select match (a) against ('x' in boolean mode) from t",
         "select match (a) against ('x') from t");
  differ(Dialect::kBigQuery, "select any_value(a having max b) from t",
         "select any_value(a having min b) from t");
  differ(Dialect::kTrino, "select json_value(a, 'lax $.x' null on error) from t",
         "select json_value(a, 'lax $.x' error on error) from t");
  differ(Dialect::kSnowflake,
         "select * from t match_recognize (order by a measures b as c after match skip past last "
         "row pattern (x) define x as d)",
         "select * from t match_recognize (order by a measures b as c after match skip to next row "
         "pattern (x) define x as d)");
  differ(Dialect::kDuckDb, "select * like 'a%' from t", "select * not like 'a%' from t");
  differ(Dialect::kPostgres, "insert into t values (1) on conflict on constraint c do nothing",
         "insert into t values (1) on conflict do nothing");
  differ(
      Dialect::kMySql,
      "select * from json_table(j, '$' columns (nested path '$.a' columns (x int path '$.x'))) t",
      "select * from json_table(j, '$' columns (nested path '$.b' columns (x int path '$.x'))) t");
  differ(Dialect::kTsql, "select * from openrowset(bulk 'a') as t",
         "select * from openrowset(bulk 'b') as t");
  CHECK(Same("select a from t FINAL", "select a from t  final", Dialect::kClickHouse));
}

TEST_CASE("escapes mean what the dialect says, so that two strings are never taken for one") {
  CHECK(Same("select 'a\\'b'", "select 'a''b'", Dialect::kSnowflake));
  CHECK(Same("select 'a\\x41'", "select 'aA'", Dialect::kSnowflake));
  CHECK(Same("select e'\\101'", "select 'A'", Dialect::kPostgres));
  CHECK(Same("select '\\u0041'", "select 'A'", Dialect::kSpark));
  CHECK(Same("select '\\d'", "select 'd'", Dialect::kMySql));
  CHECK_FALSE(Same("select '\\%'", "select '%'", Dialect::kMySql));
  CHECK_FALSE(Same("select '\\d'", "select 'd'", Dialect::kClickHouse));
  CHECK(Same("select '\\d'", "select '\\\\d'", Dialect::kClickHouse));
  CHECK_FALSE(Same("select '\\d'", "select 'd'", Dialect::kPostgres));
  CHECK_FALSE(Same("select U&'\\0041'", "select '\\0041'", Dialect::kPostgres));
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

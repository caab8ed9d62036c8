// Texts that are very deep, very wide or very long: always an end, in linear time, and a report
// where there is a limit.
#include <ctime>
#include <string>

#include "sql/compare.h"
#include "sql/dump.h"
#include "sql/parse.h"
#include "sql/walk.h"
#include "support/catch.h"

namespace layergate::sql {
namespace {

std::string Repeat(std::string_view part, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += part;
  return out;
}

// Parses, and uses the tree in the ways that recurse.
ParsedSql Try(const std::string& text, Dialect dialect = Dialect::kSnowflake) {
  ParsedSql sql = Parse(text, dialect);
  CHECK(SameTree(sql, sql));
  for (const Statement* statement : sql.statements()) {
    CHECK(statement->height <= kMaxHeight);
  }
  return sql;
}

bool TooDeep(const ParsedSql& sql) {
  for (const ParseDiagnostic& diagnostic : sql.diagnostics()) {
    if (diagnostic.code == "too_deep") return true;
  }
  return false;
}

// Of the processor, so that what else the machine does counts as little as can be.
double Milliseconds(const std::string& text, Dialect dialect) {
  const std::clock_t start = std::clock();
  const ParsedSql sql = Parse(text, dialect);
  return static_cast<double>(std::clock() - start) * 1e3 / CLOCKS_PER_SEC;
}

TEST_CASE("ten thousand levels of anything end in a report, not in a crash") {
  constexpr int kLevels = 10000;
  const auto nested = [](std::string_view open, std::string_view middle, std::string_view close) {
    return "select " + Repeat(open, kLevels) + std::string(middle) + Repeat(close, kLevels) +
           " from t";
  };
  for (const std::string& text :
       {nested("(", "1", ")"), nested("case when a then ", "1", " else 2 end"),
        nested("(select ", "1", ")"), nested("not ", "a", ""), nested("- ", "a", ""),
        nested("f(", "a", ")"), nested("[", "1", "]"), nested("{'a': ", "1", "}"),
        nested("a[", "1", "]"), nested("cast(", "a", " as int)"),
        nested("a between ", "1", " and 2"), nested("a in (", "1", ")"),
        "select * from " + Repeat("(select * from ", kLevels) + "t" + Repeat(")", kLevels),
        "select * from " + Repeat("(", kLevels) + "t" + Repeat(")", kLevels),
        Repeat("(", kLevels) + "select 1" + Repeat(")", kLevels),
        Repeat("with a as (", kLevels) + "select 1" + Repeat(") select 1", kLevels),
        "select cast(a as " + Repeat("array<", kLevels) + "int" + Repeat(">", kLevels) + ")",
        Repeat("begin ", kLevels) + "select 1",
        "select a from t group by " + Repeat("rollup(", kLevels) + "a" + Repeat(")", kLevels)}) {
    for (const Dialect dialect :
         {Dialect::kSnowflake, Dialect::kDuckDb, Dialect::kClickHouse, Dialect::kTsql}) {
      INFO(text.substr(0, 60) << " in " << ToString(dialect));
      CHECK_FALSE(Try(text, dialect).understood());
    }
  }
  CHECK(TooDeep(Try(nested("(", "1", ")"))));
  CHECK(TooDeep(Try(nested("(select ", "1", ")"))));
}

TEST_CASE("what people write by hand or by template is not too deep") {
  constexpr int kLevels = 300;
  CHECK(Try("select " + Repeat("(", kLevels) + "1" + Repeat(")", kLevels)).understood());
  CHECK(Try("select " + Repeat("case when a then 1 else ", kLevels) + "2" + Repeat(" end", kLevels))
            .understood());
  CHECK(Try(Repeat("select * from (", kLevels) + "select 1" + Repeat(")", kLevels)).understood());
}

TEST_CASE("chains are flat, however long") {
  for (const std::string_view op : {" and ", " or ", " || ", " + ", " * "}) {
    const ParsedSql sql = Try("select a" + Repeat(std::string(op) + "b", 10000) + " from t");
    CHECK(sql.understood());
    CHECK(sql.statements()[0]->height < 10);
  }
  const ParsedSql sql = Try("select 1" + Repeat(" union all select 2", 5000));
  CHECK(sql.understood());
  CHECK(sql.statements()[0]->height < 10);
  CHECK(Try("select 1" + Repeat(" union select 2 union all select 3", 2000)).statements().size() ==
        1);
  CHECK(Try("select * from t" + Repeat(" join u on t.id = u.id", 5000)).understood());
  CHECK(Try("select a" + Repeat(", a", 50000) + " from t").understood());
  CHECK(Try("select a in (1" + Repeat(", 1", 50000) + ") from t").understood());
  CHECK(Try("select a" + Repeat("::int", 900) + " from t").understood());
  Try("select a" + Repeat("::int", 10000) + " from t");
  Try("select a" + Repeat("[1]", 10000) + " from t");
  Try("select a" + Repeat(" - b * c", 10000) + " from t");
}

TEST_CASE("time is linear in the text") {
  const std::string query =
      "select t.a, sum(case when b > 1 then c else 0 end) as s from t left join u on t.id = u.id "
      "where t.x in (1, 2, 3) and t.y like 'z%' group by t.a order by 2 desc;\n";
  const std::string broken = "select a b c (d e, f [g 'h from ${ {{ t:x $y$ { ( [ ;\n";
  for (const std::string& text :
       {query, broken, std::string("("), std::string("{{"), std::string("$a$"), std::string("/*"),
        std::string("case "), std::string("select ("), std::string("a.b "), std::string("x -> "),
        std::string("f(a, b"), std::string("select a from t union "), std::string("join "),
        std::string("null on null "), std::string("select 'a; "), std::string("at ")}) {
    for (const Dialect dialect : {Dialect::kPostgres, Dialect::kSpark, Dialect::kTsql}) {
      const int times = static_cast<int>(40000 / text.size());
      const std::string small = Repeat(text, times), large = Repeat(text, 10 * times);
      INFO(text.substr(0, 30) << " in " << ToString(dialect));
      // Ten times the text may take ten times as long; forty is far from linear.
      const double once = Milliseconds(small, dialect);
      CHECK(Milliseconds(large, dialect) < 40 * once + 200);
    }
  }
}

TEST_CASE("ten megabytes") {
  const std::string line = "insert into t (a, b, c) values (1, 'two', null), (3, 'four', 5.0);\n";
  const std::string text = Repeat(line, static_cast<int>(10'000'000 / line.size()));
  const ParsedSql sql = Parse(text, Dialect::kPostgres);
  CHECK(sql.understood());
  CHECK(sql.statements().size() == 10'000'000 / line.size());
}

}  // namespace
}  // namespace layergate::sql

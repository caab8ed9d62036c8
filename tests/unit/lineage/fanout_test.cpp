// Which joins can multiply rows, given the keys that are known.
#include "lineage/fanout.h"

#include <string>
#include <vector>

#include "support/catch.h"

namespace layergate::lineage {
namespace {

// customers.id and orders.id are unique; payments has (order_id, line) together.
std::vector<KnownKey> Keys(const RelationName& name) {
  const std::string& table = name.parts.back();
  if (table == "customers" || table == "orders") return {UniqueKey{"id"}};
  if (table == "payments") return {UniqueKey{"order_id", "line"}};
  return {};
}

struct Example {
  const char* why;
  const char* sql;
  std::vector<FanoutRisk> joins;
  sql::Dialect dialect = sql::Dialect::kPostgres;
};

constexpr FanoutRisk kSafe = FanoutRisk::kSafe;
constexpr FanoutRisk kMany = FanoutRisk::kCanMultiply;
constexpr FanoutRisk kUnknown = FanoutRisk::kUnknown;

const std::vector<Example>& Examples() {
  using sql::Dialect;
  static const std::vector<Example> kExamples = {
      {"the key of the right side",
       "select 1 from orders o left join customers c on c.id = o.customer_id",
       {kSafe}},
      {"in CTEs too",
       "with c as (select id as customer_id from customers) select 1 from orders o join c on "
       "c.customer_id = o.customer_id",
       {kSafe}},
      {"no key of it", "select 1 from orders o left join payments p on p.order_id = o.id", {kMany}},
      {"the whole key",
       "select 1 from orders o join payments p on p.order_id = o.id and p.line = o.line",
       {kSafe}},
      {"grouped by what it is joined by",
       "select 1 from orders o left join (select order_id, sum(x) as x from payments group by "
       "order_id) p on p.order_id = o.id",
       {kSafe}},
      {"grouped by more than that",
       "select 1 from orders o left join (select order_id, kind from payments group by order_id, "
       "kind) p on p.order_id = o.id",
       {kMany}},
      {"one row by row_number",
       "with numbered as (select *, row_number() over (partition by order_id order by line desc) "
       "as n from payments), last as (select * from numbered where n = 1) select 1 from orders o "
       "left join last p on p.order_id = o.id",
       {kSafe}},
      {"the number's condition stands in ON",
       "with numbered as (select *, row_number() over (partition by order_id order by line desc) "
       "as n from payments) select 1 from orders o left join numbered p on p.order_id = o.id and "
       "p.n = 1",
       {kSafe}},
      {"rank is no row number",
       "with numbered as (select *, rank() over (partition by order_id order by line desc) as n "
       "from payments) select 1 from orders o left join numbered p on p.order_id = o.id and p.n = "
       "1",
       {kMany}},
      {"numbered within more than it is joined by",
       "with numbered as (select *, row_number() over (partition by order_id, kind order by line) "
       "as n from payments) select 1 from orders o left join numbered p on p.order_id = o.id and "
       "p.n = 1",
       {kMany}},
      {"the first by a comparison",
       "with numbered as (select *, row_number() over (partition by order_id order by line) as n "
       "from payments) select 1 from orders o left join numbered p on p.order_id = o.id and p.n <= "
       "1",
       {kSafe}},
      {"the first two",
       "with numbered as (select *, row_number() over (partition by order_id order by line) as n "
       "from payments) select 1 from orders o left join numbered p on p.order_id = o.id and p.n <= "
       "2",
       {kMany}},
      {"QUALIFY",
       "with last as (select * from payments qualify row_number() over (partition by order_id "
       "order by line) = 1) select 1 from orders o left join last p on p.order_id = o.id",
       {kSafe},
       Dialect::kSnowflake},
      {"QUALIFY by an alias",
       "with last as (select order_id, row_number() over (partition by order_id order by line) as "
       "n from payments qualify n = 1) select 1 from orders o left join last p on p.order_id = "
       "o.id",
       {kSafe},
       Dialect::kSnowflake},
      {"a comparison is no key",
       "select 1 from orders o join customers c on c.id >= o.customer_id",
       {kMany}},
      {"OR is no key",
       "select 1 from orders o join customers c on c.id = o.customer_id or c.id = o.payer_id",
       {kMany}},
      {"an expression is no key",
       "select 1 from orders o join customers c on lower(c.id) = lower(o.customer_id)",
       {kMany}},
      {"an expression of the other side",
       "select 1 from orders o join customers c on c.id = lower(o.customer_id)",
       {kSafe}},
      {"an expression of both",
       "select 1 from orders o join customers c on c.id = o.customer_id + c.x",
       {kMany}},
      {"a random number",
       "select 1 from orders o join customers c on c.id = floor(random() * 10)",
       {kMany}},
      {"a subquery that may be correlated",
       "select 1 from orders o join customers c on c.id = (select max(x) from t where t.y = c.y)",
       {kMany}},
      {"a cross join", "select 1 from orders cross join customers", {kMany}},
      {"a single row",
       "select 1 from orders cross join (select max(id) as m from customers) x",
       {kSafe}},
      {"a grouping is not a single row",
       "select 1 from orders cross join (select max(id) as m from customers group by kind) x",
       {kMany}},
      {"SQLite's max of two is no aggregate",
       "select 1 from orders cross join (select max(id, 3) as m from customers) x",
       {kMany},
       Dialect::kSqlite},
      {"a window is no aggregate",
       "select 1 from orders cross join (select max(id) over () as m from customers) x",
       {kMany}},
      {"a spine of rows without FROM",
       "select 1 from orders cross join (select generate_series(1, 10) as d) x",
       {kMany}},
      {"one row without FROM", "select 1 from orders cross join (select 1 as d) x", {kSafe}},
      {"LIMIT 1", "select 1 from orders cross join (select id from customers limit 1) x", {kSafe}},
      {"TOP 1",
       "select 1 from orders cross join (select top 1 id from customers) x",
       {kSafe},
       Dialect::kTsql},
      {"TOP 1 WITH TIES",
       "select 1 from orders cross join (select top 1 with ties id from customers order by id) x",
       {kMany},
       Dialect::kTsql},
      {"TOP 1 PERCENT",
       "select 1 from orders cross join (select top 1 percent id from customers order by id) x",
       {kMany},
       Dialect::kTsql},
      {"distinct over what it is joined by",
       "select 1 from orders o join (select distinct order_id from payments) p on p.order_id = "
       "o.id",
       {kSafe}},
      {"distinct over more",
       "select 1 from orders o join (select distinct order_id, kind from payments) p on p.order_id "
       "= o.id",
       {kMany}},
      {"DISTINCT ON",
       "select 1 from orders o join (select distinct on (order_id) order_id, kind from payments "
       "order by order_id) p on p.order_id = o.id",
       {kSafe}},
      {"LIMIT 1 BY",
       "select 1 from orders o join (select order_id, kind from payments limit 1 by order_id) p on "
       "p.order_id = o.id",
       {kSafe},
       Dialect::kClickHouse},
      {"grouped by a changed column of the same name",
       "select 1 from orders o join (select lower(code) as code, count(*) as n from payments group "
       "by code) p on p.code = o.code",
       {kMany}},
      {"BigQuery takes the alias",
       "select 1 from orders o join (select lower(code) as code, count(*) as n from payments group "
       "by code) p on p.code = o.code",
       {kSafe},
       Dialect::kBigQuery},
      {"ROLLUP repeats groups",
       "select 1 from orders o join (select kind, count(*) as n from payments group by rollup "
       "(kind)) p on p.kind = o.kind",
       {kMany}},
      {"GROUP BY ALL",
       "select 1 from orders o join (select kind, count(*) as n from payments group by all) p on "
       "p.kind = o.kind",
       {kSafe},
       Dialect::kDuckDb},
      {"unnest in a grouped list",
       "select 1 from orders o join (select kind, unnest(array_agg(x)) as x from payments group by "
       "kind) p on p.kind = o.kind",
       {kMany}},
      {"explode",
       "select 1 from orders o join (select id, explode(tags) as tag from customers) c on c.id = "
       "o.customer_id",
       {kMany},
       Dialect::kSpark},
      {"a union keeps no key",
       "select 1 from orders o join (select id from customers union all select id from customers) "
       "c on c.id = o.customer_id",
       {kMany}},
      {"a distinct union does",
       "select 1 from orders o join (select id from customers union select id from orders) c on "
       "c.id = o.customer_id",
       {kSafe}},
      {"branches told apart",
       "select 1 from orders o join (select 'a' as src, id from customers union all select 'b', id "
       "from orders) c on c.id = o.customer_id and c.src = o.src",
       {kSafe}},
      {"branches told apart, but not by the join",
       "select 1 from orders o join (select 'a' as src, id from customers union all select 'b', id "
       "from orders) c on c.id = o.customer_id",
       {kMany}},
      {"one branch picked",
       "select 1 from orders o join (select 'a' as src, id from customers union all select 'b', id "
       "from orders) c on c.id = o.customer_id and c.src = 'a'",
       {kSafe}},
      {"an intersection keeps the key of either",
       "select 1 from orders o join (select id from nobody intersect all select id from customers) "
       "c on c.id = o.customer_id",
       {kSafe}},
      {"a constant for the rest of the key",
       "select 1 from orders o left join payments p on p.order_id = o.id and p.line = 1",
       {kSafe}},
      {"in WHERE",
       "select 1 from orders o join payments p on p.order_id = o.id where p.line = 1",
       {kSafe}},
      {"one value of IN",
       "select 1 from orders o join payments p on p.order_id = o.id and p.line in (1)",
       {kSafe}},
      {"two values of IN",
       "select 1 from orders o join payments p on p.order_id = o.id and p.line in (1, 2)",
       {kMany}},
      {"a filter before the join",
       "select 1 from orders o left join (select * from payments where line = 1) p on p.order_id = "
       "o.id",
       {kSafe}},
      {"nulls of a declared key repeat",
       "select 1 from orders o left join payments p on p.order_id = o.id and p.line is null",
       {kMany}},
      {"nulls of a grouping do not",
       "select 1 from orders o left join (select order_id, line from payments group by 1, 2) p on "
       "p.order_id = o.id and p.line is null",
       {kSafe}},
      {"equal nulls of a declared key repeat",
       "select 1 from orders o left join customers c on c.id is not distinct from o.customer_id",
       {kMany}},
      {"equal nulls of a grouping do not",
       "select 1 from orders o left join (select distinct id from customers) c on c.id is not "
       "distinct from o.customer_id",
       {kSafe}},
      {"equal by an earlier join",
       "select 1 from orders o join customers c on c.id = o.customer_id join payments p on "
       "p.order_id = o.id and p.line = c.id",
       {kSafe, kSafe}},
      {"USING",
       "select 1 from orders join (select id, 1 as x from customers) c using (id)",
       {kSafe}},
      {"USING half a key", "select 1 from orders join payments p using (order_id)", {kMany}},
      {"USING after USING",
       "select 1 from orders join customers using (id) join (select distinct id from nobody) x "
       "using (id)",
       {kSafe, kSafe}},
      {"NATURAL",
       "with a as (select id, x from orders), b as (select id, y from customers) select 1 from a "
       "natural join b",
       {kSafe}},
      {"a semi join",
       "select 1 from orders o left semi join payments p on p.order_id = o.id",
       {kSafe},
       Dialect::kSpark},
      {"an anti join",
       "select 1 from orders o left anti join payments p on p.order_id = o.id",
       {kSafe},
       Dialect::kDatabricks},
      {"only what has no match",
       "select 1 from orders o left join payments p on p.order_id = o.id where p.order_id is null",
       {kSafe}},
      {"null in a column that is not joined",
       "select 1 from orders o left join payments p on p.order_id = o.id where p.note is null",
       {kMany}},
      {"a right join: the left side multiplies",
       "select 1 from payments p right join orders o on o.id = p.order_id",
       {kMany}},
      {"a right join of one to one",
       "select 1 from customers c right join orders o on o.customer_id = c.id",
       {kSafe}},
      {"a full join", "select 1 from orders o full join customers c on c.id = o.id", {kSafe}},
      {"commas with conditions",
       "select 1 from orders o, customers c where c.id = o.customer_id",
       {kSafe}},
      {"commas without", "select 1 from orders o, customers c", {kMany}},
      {"commas in any order",
       "select 1 from orders o, regions r, customers c where c.id = o.customer_id and r.id = "
       "c.region",
       {kMany, kSafe}},
      {"commas joined by way of the last",
       "select 1 from payments p, customers c, orders o where o.id = p.order_id and c.id = "
       "o.customer_id",
       {kSafe, kSafe}},
      {"joins in brackets",
       "select 1 from orders o left join (customers c join customers d on d.id = c.other) on c.id "
       "= o.customer_id",
       {kSafe, kSafe}},
      {"joins in brackets that multiply",
       "select 1 from orders o left join (customers c join payments p on p.payer = c.id) on c.id = "
       "o.customer_id",
       {kMany, kMany}},
      {"LATERAL with LIMIT 1",
       "select 1 from orders o left join lateral (select * from payments p where p.order_id = o.id "
       "order by line limit 1) x on true",
       {kSafe}},
      {"LATERAL by a key",
       "select 1 from orders o cross join lateral (select * from customers c where c.id = "
       "o.customer_id) x",
       {kSafe}},
      {"LATERAL by no key",
       "select 1 from orders o cross join lateral (select * from payments p where p.order_id = "
       "o.id) x",
       {kMany}},
      {"OUTER APPLY",
       "select 1 from orders o outer apply (select top 1 * from payments p where p.order_id = o.id "
       "order by line) x",
       {kSafe},
       Dialect::kTsql},
      {"CROSS APPLY",
       "select 1 from orders o cross apply (select * from payments p where p.order_id = o.id) x",
       {kMany},
       Dialect::kTsql},
      {"an array", "select 1 from orders o cross join unnest(o.tags) as t(tag)", {kMany}},
      {"LATERAL VIEW",
       "select 1 from orders o lateral view explode(tags) t as tag",
       {kMany},
       Dialect::kSpark},
      {"FLATTEN",
       "select 1 from orders o, lateral flatten(input => o.tags) t",
       {kMany},
       Dialect::kSnowflake},
      {"ASOF",
       "select 1 from orders o asof join payments p on p.order_id = o.id and p.at <= o.at",
       {kSafe},
       Dialect::kDuckDb},
      {"ANY",
       "select 1 from orders o any left join payments p on p.order_id = o.id",
       {kSafe},
       Dialect::kClickHouse},
      {"a written list",
       "select 1 from orders o join (values (1, 'a'), (2, 'b')) as v(id, name) on v.id = o.kind",
       {kSafe}},
      {"a written list that repeats",
       "select 1 from orders o join (values (1, 'a'), (1, 'b')) as v(id, name) on v.id = o.kind",
       {kMany}},
      {"itself, recursively",
       "with recursive orders as (select 1 as id union all select id + 1 from orders) select 1 "
       "from customers c join orders o on o.id = c.id",
       {kMany}},
      {"other names for the columns",
       "select 1 from orders o join (select id, name from customers) as c(a, b) on c.a = "
       "o.customer_id",
       {kSafe}},
      {"other names, another column",
       "select 1 from orders o join (select id, name from customers) as c(a, b) on c.b = "
       "o.customer_id",
       {kMany}},
      {"a pivot",
       "select 1 from orders o join (select * from sales pivot (sum(x) for m in ('a', 'b'))) p on "
       "p.id = o.id",
       {kMany},
       Dialect::kSnowflake},
      {"two columns of one name are no key",
       "select 1 from orders o join (select distinct a.id, b.id from customers a join payments b "
       "on b.order_id = a.id) x on x.id = o.id",
       {kMany, kMany}},
      {"MariaDB's backticks",
       "select 1 from `orders` o join `customers` c on c.`id` = o.`customer_id`",
       {kSafe},
       Dialect::kMariaDb},
      {"Trino",
       "select 1 from orders o cross join (select approx_distinct(id) as n from customers) t",
       {kSafe},
       Dialect::kTrino},
      {"Redshift",
       "select 1 from orders o join (select id, count(*) as n from payments group by 1) p on p.id "
       "= o.id",
       {kSafe},
       Dialect::kRedshift},
  };
  return kExamples;
}

TEST_CASE("joins are judged by the keys they cover") {
  for (const Example& example : Examples()) {
    INFO(example.why);
    INFO(example.sql);
    const Fanout fanout = AnalyzeFanout(example.sql, example.dialect, {}, Keys);
    std::vector<FanoutRisk> risks;
    for (const JoinFanout& join : fanout.joins) {
      risks.push_back(join.risk);
      CHECK(!join.why.empty());
    }
    CHECK(risks == example.joins);
  }
}

TEST_CASE("keys of the whole statement") {
  struct {
    const char* why;
    const char* sql;
    std::vector<UniqueKey> keys;
  } examples[] = {
      {"a declared key", "select id, name from orders", {{"id"}}},
      {"left out", "select name from orders", {}},
      {"renamed", "select id as order_id from orders", {{"order_id"}}},
      {"cast: values may merge", "select cast(id as integer) as id from orders", {}},
      {"grouped", "select kind, count(*) as n from payments group by 1", {{"kind"}}},
      {"one row", "select count(*) as n from orders", {{}}},
      {"a joined dimension leaves it",
       "select o.id from orders o left join customers c on c.id = o.customer_id",
       {{"id"}}},
      {"one to many",
       "select p.order_id, p.line from orders o join payments p on p.order_id = o.id",
       {{"line", "order_id"}}},
      {"the equal column of the other side",
       "select p.order_id, p.line from payments p join orders o on o.id = p.order_id",
       {{"line", "order_id"}}},
      {"through equality",
       "select o.id, p.line from payments p join orders o on o.id = p.order_id",
       {{"id", "line"}}},
      {"what a key determines is no part of one",
       "select o.id, o.name, count(*) as n from orders o join payments p on p.order_id = "
       "o.id group by o.id, o.name",
       {{"id"}}},
      {"two columns of one name", "select o.id, c.id from orders o cross join customers c", {}},
      {"unnest in the list", "select id, unnest(tags) as tag from orders", {}},
      {"a constant tells branches apart",
       "select 'a' as kind, id from orders union all select 'b', id from customers",
       {{"id", "kind"}}},
      {"the same constant",
       "select 'a' as kind, id from orders union all select 'a', id from customers",
       {}},
      {"numbered",
       "select id, row_number() over (partition by kind order by id) as n, kind from nobody",
       {{"kind", "n"}}},
  };
  for (const auto& example : examples) {
    INFO(example.why);
    CHECK(AnalyzeFanout(example.sql, sql::Dialect::kPostgres, {}, Keys).output_keys ==
          example.keys);
  }
}

TEST_CASE("what else decides which rows match") {
  const auto join = [](const char* sql) {
    const Fanout fanout = AnalyzeFanout(sql, sql::Dialect::kPostgres, {}, Keys);
    REQUIRE(!fanout.joins.empty());
    return fanout.joins[0];
  };
  const JoinFanout current =
      join("select 1 from orders o left join history h on h.id = o.id and h.is_current");
  CHECK(current.on == std::vector<std::string>{"id"});
  CHECK(current.only == std::vector<std::string>{"h.is_current"});
  CHECK(!current.restricted);
  CHECK(
      join("select 1 from orders o left join history h on h.id = o.id and o.at between h.a and h.b")
          .restricted);
  CHECK(join("select 1 from orders o left join history h on h.id = o.id and o.kind = 'x'")
            .restricted);
  CHECK(join("select 1 from orders o join history h on h.id = o.id where h.kind = 'x'").only ==
        std::vector<std::string>{"h.kind = 'x'"});
  CHECK(join("select * from (select o.id, row_number() over (partition by o.id order by h.at) as n "
             "from orders o left join "
             "history h on h.id = o.id) x where n = 1")
            .reduced_after);
  CHECK(!join("select * from (select o.id, row_number() over (partition by o.id order by h.at) as "
              "n from orders o left join "
              "history h on h.id = o.id) x where n > 1")
             .reduced_after);
}

TEST_CASE("what is not understood is never safe") {
  const Fanout fanout = AnalyzeFanout("select 1 from orders o join nobody n on n.id = o.id",
                                      sql::Dialect::kPostgres, {}, Keys);
  REQUIRE(fanout.joins.size() == 1);
  CHECK(fanout.joins[0].risk != FanoutRisk::kSafe);
}

}  // namespace
}  // namespace layergate::lineage

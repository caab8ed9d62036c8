// Which joins can multiply rows, given the keys that are known.
#include "lineage/fanout.h"

#include <string>
#include <vector>

#include "support/catch.h"

namespace layergate::lineage {
namespace {

// customers.id and orders.id are unique; payments has (order_id, line) together.
std::vector<UniqueKey> Keys(const RelationName& name) {
  const std::string& table = name.parts.back();
  if (table == "customers" || table == "orders") return {{"id"}};
  if (table == "payments") return {{"order_id", "line"}};
  return {};
}

struct Example {
  const char* why;
  const char* sql;
  std::vector<FanoutRisk> joins;
};

const std::vector<Example>& Examples() {
  static const std::vector<Example> kExamples = {
      {"the key of the right side",
       "select 1 from orders o left join customers c on c.id = o.customer_id",
       {FanoutRisk::kSafe}},
      {"in CTEs too",
       "with c as (select id as customer_id from customers) "
       "select 1 from orders o join c on c.customer_id = o.customer_id",
       {FanoutRisk::kSafe}},
      {"no key of it",
       "select 1 from orders o left join payments p on p.order_id = o.id",
       {FanoutRisk::kCanMultiply}},
      {"the whole key",
       "select 1 from orders o join payments p on p.order_id = o.id and p.line = o.line",
       {FanoutRisk::kSafe}},
      {"grouped by what it is joined by",
       "select 1 from orders o left join (select order_id, sum(x) as x from payments group by "
       "order_id) p on p.order_id = o.id",
       {FanoutRisk::kSafe}},
      {"grouped by more than that",
       "select 1 from orders o left join (select order_id, kind from payments group by order_id, "
       "kind) p on p.order_id = o.id",
       {FanoutRisk::kCanMultiply}},
      {"one row by row_number",
       "with numbered as (select *, row_number() over (partition by order_id order by line desc) "
       "as n "
       "from payments), last as (select * from numbered where n = 1) "
       "select 1 from orders o left join last p on p.order_id = o.id",
       {FanoutRisk::kSafe}},
      {"a comparison is no key",
       "select 1 from orders o join customers c on c.id >= o.customer_id",
       {FanoutRisk::kCanMultiply}},
      {"OR is no key",
       "select 1 from orders o join customers c on c.id = o.customer_id or c.id = o.payer_id",
       {FanoutRisk::kCanMultiply}},
      {"a cross join", "select 1 from orders cross join customers", {FanoutRisk::kCanMultiply}},
      {"a single row",
       "select 1 from orders cross join (select max(id) as m from customers) x",
       {FanoutRisk::kSafe}},
      {"distinct over what it is joined by",
       "select 1 from orders o join (select distinct order_id from payments) p on p.order_id = "
       "o.id",
       {FanoutRisk::kSafe}},
      {"a union keeps no key",
       "select 1 from orders o join (select id from customers union all select id from customers) "
       "c "
       "on c.id = o.customer_id",
       {FanoutRisk::kCanMultiply}},
  };
  return kExamples;
}

TEST_CASE("joins are judged by the keys they cover") {
  for (const Example& example : Examples()) {
    INFO(example.why);
    INFO(example.sql);
    const Fanout fanout = AnalyzeFanout(example.sql, sql::Dialect::kPostgres, {}, Keys);
    std::vector<FanoutRisk> risks;
    for (const JoinFanout& join : fanout.joins) {
      risks.push_back(join.risk);
      CHECK(!join.why.empty());
    }
    CHECK(risks == example.joins);
  }
}

TEST_CASE("what is not understood is never safe") {
  const Fanout fanout = AnalyzeFanout("select 1 from orders o join nobody n on n.id = o.id",
                                      sql::Dialect::kPostgres, {}, Keys);
  REQUIRE(fanout.joins.size() == 1);
  CHECK(fanout.joins[0].risk != FanoutRisk::kSafe);
}

}  // namespace
}  // namespace layergate::lineage

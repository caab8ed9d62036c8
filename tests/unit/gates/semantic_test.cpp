#include "gates/metric_definition_review/semantic.h"

#include "core/value.h"
#include "support/catch.h"

using layergate::ReadJson;
using layergate::dbt::Node;
using namespace layergate::semantic;

TEST_CASE("A column is read when its name stands as a word") {
  CHECK(Mentions("amount", "amount"));
  CHECK(Mentions("case when status = 'paid' then AMOUNT end", "amount"));
  CHECK(Mentions("coalesce(o.amount, 0)", "amount"));
  CHECK(Mentions("{{ Dimension('order__status') }} = 'paid'", "status"));
  CHECK_FALSE(Mentions("amount_cents", "amount"));
  CHECK_FALSE(Mentions("status = 'amount'", "amount"));
  CHECK_FALSE(Mentions("", "amount"));
  CHECK_FALSE(Mentions("'never closed amount", "amount"));
}

TEST_CASE("Semantic models and metrics of all years") {
  Node model;
  model.resource_type = "semantic_model";
  model.definition = *ReadJson(R"({"measures": [{"name": "revenue", "agg": "sum", "expr": "amount",
    "agg_time_dimension": "paid_at"}, {"name": "orders", "agg": "count", "expr": 1}],
    "dimensions": [{"name": "plan"}], "entities": [{"name": "user", "expr": "user_id"}]})");
  CHECK(ReadersIn(model, "amount").size() == 1);
  CHECK(ReadersIn(model, "paid_at").at(0).name == "revenue");
  CHECK(ReadersIn(model, "plan").at(0).kind == "dimension");
  CHECK(ReadersIn(model, "user_id").at(0).kind == "entity");
  CHECK(ReadersIn(model, "orders").empty());

  Node old;
  old.resource_type = "metric";
  old.definition = *ReadJson(R"({"calculation_method": "sum", "expression": "amount",
    "timestamp": "paid_at", "filters": [{"field": "status", "operator": "=", "value": "'paid'"}]})");
  CHECK(ReadersIn(old, "amount").at(0).aggregation == "sum");
  CHECK(ReadersIn(old, "status").at(0).kind == "filter");
  CHECK(ReadersIn(old, "paid_at").size() == 1);

  Node ratio;
  ratio.resource_type = "metric";
  ratio.definition = *ReadJson(R"({"type_params": {"numerator": {"name": "a"},
    "denominator": {"name": "b"}, "input_measures": [{"name": "a"}, {"name": "b"}]}})");
  CHECK(MeasuresOf(ratio) == std::vector<std::string>{"a", "b"});
}

#include "change/semantic_agreement.h"

#include "manifests.h"

namespace layergate::change {
namespace {

std::string Metric(const std::string& measure) {
  return R"({"name": "revenue", "type": "simple", "type_params": {"measure": {"name": ")" +
         measure + R"("}}, "filter": null})";
}

std::string Model(const std::string& aggregation) {
  return R"json({"name": "orders", "model": "ref('fct_orders')",
    "node_relation": {"relation_name": "d.s.fct_orders"}, "defaults": {"agg_time_dimension": "day"},
    "measures": [{"name": "orders", "agg": "count"},
      {"name": "amount", "expr": "amount", "agg": ")json" +
         aggregation + "\"}]}";
}

std::unique_ptr<dbt::Project> Project() {
  return Manifest(R"("nodes": {}, "metrics": {"metric.shop.revenue": )" + Metric("amount") +
                  R"(}, "semantic_models": {"semantic_model.shop.orders": )" + Model("sum") + "}");
}

std::vector<UnknownChange> Disagreements(const std::string& metrics, const std::string& models) {
  auto semantic = dbt::SemanticManifest::Parse(
      R"({"metrics": [)" + metrics + R"(], "semantic_models": [)" + models + "]}", "semantic.json");
  REQUIRE(semantic);
  return FindSemanticDisagreements(*Project(), *semantic);
}

TEST_CASE("two files of one run of dbt agree") {
  CHECK(Disagreements(Metric("amount"), Model("sum")).empty());
  // The semantic layer's file names the table only.
  std::string model = Model("sum");
  size_t begin = model.find("\"model\""), end = model.find("\"node_relation\"");
  model.erase(begin, end - begin);
  CHECK(Disagreements(Metric("amount"), model).empty());
}

TEST_CASE("each disagreement names the node, the place and both values") {
  auto found = Disagreements(Metric("orders"), Model("sum"));
  REQUIRE(found.size() == 1);
  CHECK(found[0].path == "semantic.json");
  CHECK(found[0].why.find("metric.shop.revenue: aggregation.agg is \"count\" here and \"sum\" in "
                          "manifest.json") == 0);

  // A measure that changed changes its semantic model and the metrics that name it.
  found = Disagreements(Metric("amount"), Model("average"));
  REQUIRE(found.size() == 2);
  CHECK(found[1].why.find("semantic_model.shop.orders: measures.amount.agg") == 0);

  found = Disagreements("", Model("sum"));
  REQUIRE(found.size() == 1);
  CHECK(found[0].why.find("metric.shop.revenue is not in it") == 0);

  found = Disagreements(Metric("amount") + R"(, {"name": "more", "type": "simple"})", Model("sum"));
  REQUIRE(found.size() == 1);
  CHECK(found[0].why.find("it has metric more, which manifest.json does not have") == 0);
}

TEST_CASE("measures that are metrics may be in one of the two files only") {
  std::string metric = R"("name": "revenue", "type": "simple", "type_params": {"expr": "amount",
    "metric_aggregation_params": {"semantic_model": "orders", "agg": "sum"}})";
  auto model = [](const std::string& measures) {
    return R"({"name": "orders", "node_relation": {"relation_name": "t"}, "measures": [)" +
           measures + "]}";
  };
  auto semantic = dbt::SemanticManifest::Parse(
      R"({"metrics": [{)" + metric + R"(}], "semantic_models": [)" + model("") + "]}", "s.json");
  REQUIRE(semantic);
  auto project = [&](const std::string& create) {
    return Manifest(R"("nodes": {}, "metrics": {"metric.shop.revenue": {)" + metric +
                    R"(}}, "semantic_models": {"semantic_model.shop.orders": )" +
                    model(R"({"name": "revenue", "agg": "sum", "create_metric": )" + create + "}") +
                    "}");
  };
  CHECK(FindSemanticDisagreements(*project("true"), *semantic).empty());
  CHECK(FindSemanticDisagreements(*project("false"), *semantic).size() == 1);
}

}  // namespace
}  // namespace layergate::change

// The shipped ladder, where models fall, and the schema.
#include "policy/policy.h"

#include <algorithm>
#include <set>
#include <string>

#include "core/value.h"
#include "known_gates.h"
#include "policy/describe.h"
#include "policy/keys.h"
#include "support/catch.h"

using namespace layergate::policy;
using layergate::dbt::Node;

namespace {

Policy Shipped(const std::string& name) {
  auto policy = ParsePolicy(*ShippedPolicy(name), name + ".yml", TestGates());
  if (!policy) FAIL(policy.error().ToString());
  return *policy;
}

const Layer& LayerOf(const Policy& policy, const std::string& name) {
  for (const Layer& layer : policy.layers) {
    if (layer.name == name) return layer;
  }
  FAIL("no layer " + name);
  return policy.layers.front();
}

std::vector<std::string> GateNames(const Layer& layer) {
  std::vector<std::string> names;
  for (const GateRule& rule : layer.gates) names.push_back(rule.gate);
  return names;
}

Node Model(const std::string& path) {
  Node node;
  node.resource_type = "model";
  node.original_file_path = path;
  size_t slash = path.rfind('/');
  node.name = path.substr(slash + 1, path.rfind('.') - slash - 1);
  node.package_name = "shop";
  node.unique_id = "model.shop." + node.name;
  node.fqn = {"shop", node.name};
  return node;
}

std::string LayerNameOf(const Policy& policy, const Node& node) {
  auto placement = policy.Place(node);
  REQUIRE(placement.layer != nullptr);
  return placement.layer->name + (placement.matched ? "" : " (unmatched)");
}

}  // namespace

TEST_CASE("the shipped default is the trust ladder") {
  Policy policy = Shipped("default");
  std::vector<std::string> gates = {"parse",
                                    "compile",
                                    "test",
                                    "test_weakening",
                                    "contract_break",
                                    "row_count_diff",
                                    "metric_definition_review"};
  CHECK(GateNames(LayerOf(policy, "staging")) == gates);
  gates.insert(gates.end(), {"lineage_diff", "join_fanout"});
  CHECK(GateNames(LayerOf(policy, "intermediate")) == gates);
  gates.emplace_back("pii_carry_over");
  CHECK(GateNames(LayerOf(policy, "marts")) == gates);
  CHECK(GateNames(LayerOf(policy, "metrics")) == gates);
  CHECK(LayerOf(policy, "staging").rollback_sla_hours == 24);
  CHECK(LayerOf(policy, "intermediate").rollback_sla_hours == 12);
  CHECK(LayerOf(policy, "marts").rollback_sla_hours == 4);
  CHECK(LayerOf(policy, "metrics").rollback_sla_hours == 1);
  CHECK(LayerOf(policy, "staging").window.name == "any");
  CHECK(LayerOf(policy, "marts").window.name == "business-hours");
  CHECK(LayerOf(policy, "metrics").bar.roles ==
        std::vector<std::string>{"senior-data-engineer", "data-pm"});
  CHECK(LayerOf(policy, "metrics").bar.reviewers == 2);
  CHECK(policy.unmatched_layer == "marts");
  CHECK(policy.pull_request_gates.size() == 3);
  for (const Layer& layer : policy.layers) {
    CHECK(layer.bar.reviewers >= 1);
    for (const GateRule& rule : layer.gates) {
      CHECK(rule.severity == Severity::kFail);
      CHECK(rule.on_unknown == OnUnknown::kBlock);
    }
  }
}

TEST_CASE("starter blocks nothing, strict drops nothing") {
  for (const Layer& layer : Shipped("starter").layers) {
    for (const GateRule& rule : layer.gates) {
      CHECK(rule.severity == Severity::kAudit);
      CHECK(rule.on_unknown != OnUnknown::kBlock);
    }
  }
  Policy normal = Shipped("default");
  Policy strict = Shipped("strict");
  for (const Layer& layer : normal.layers) {
    const Layer& stricter = LayerOf(strict, layer.name);
    auto gates = GateNames(stricter);
    for (const std::string& gate : GateNames(layer)) {
      CHECK(std::find(gates.begin(), gates.end(), gate) != gates.end());
    }
    CHECK(stricter.bar.reviewers >= layer.bar.reviewers);
    CHECK(stricter.rollback_sla_hours <= layer.rollback_sla_hours);
  }
}

TEST_CASE("models fall into the layers of common layouts") {
  Policy policy = Shipped("default");
  CHECK(LayerNameOf(policy, Model("models/staging/shopify/stg_shopify__orders.sql")) == "staging");
  CHECK(LayerNameOf(policy, Model("models/crm/staging/base_users.sql")) == "staging");
  CHECK(LayerNameOf(policy, Model("models/stg_orders.sql")) == "staging");
  CHECK(LayerNameOf(policy, Model("models/intermediate/finance/int_payments.sql")) ==
        "intermediate");
  CHECK(LayerNameOf(policy, Model("models/marts/fct_orders.sql")) == "marts");
  CHECK(LayerNameOf(policy, Model("models/finance/marts/orders.sql")) == "marts");
  CHECK(LayerNameOf(policy, Model("models/core/dim_users.sql")) == "marts");
  CHECK(LayerNameOf(policy, Model("models/metrics/active_users.sql")) == "metrics");
  CHECK(LayerNameOf(policy, Model("models/other/thing.sql")) == "marts (unmatched)");
  // The stricter of two claims wins.
  CHECK(LayerNameOf(policy, Model("models/marts/stg_hidden.sql")) == "marts");
  CHECK(LayerNameOf(policy, Model("models/prestaging/x.sql")) == "marts (unmatched)");
  Node metric = Model("models/marts/metrics.yml");
  metric.resource_type = "metric";
  CHECK(LayerNameOf(policy, metric) == "metrics");
}

TEST_CASE("all words of a match must hold, and the first layer wins") {
  Policy policy;
  Layer first;
  first.name = "first";
  first.match = {{.path = "models/a/**", .tag = "daily"}, {.fqn = "shop.b_*"}};
  Layer second;
  second.name = "second";
  second.match = {{.path = "models/a/**"}, {.group = "finance", .package = "shop"}};
  policy.layers = {first, second};
  policy.unmatched_layer = "second";
  Node node = Model("models/a/x.sql");
  CHECK(LayerNameOf(policy, node) == "second");
  node.tags = {"daily"};
  CHECK(LayerNameOf(policy, node) == "first");
  CHECK(policy.Place(node).why == "path models/a/**, tag daily");
  CHECK(LayerNameOf(policy, Model("models/z/b_1.sql")) == "first");
  Node grouped = Model("models/z/c.sql");
  grouped.group = "finance";
  CHECK(LayerNameOf(policy, grouped) == "second");
  grouped.package_name = "other";
  CHECK(LayerNameOf(policy, grouped) == "second (unmatched)");
}

TEST_CASE("a layer that matches nothing at all has no say") {
  Policy policy;
  policy.layers.resize(1);
  policy.layers[0].name = "all";
  policy.layers[0].match.resize(1);
  CHECK(policy.Place(Model("models/x.sql")).layer == nullptr);
}

TEST_CASE("the schema and the parser know the same keys") {
  auto schema = layergate::ReadJson(PolicySchema());
  if (!schema) FAIL(schema.error().ToString());
  std::set<std::string> sections;
  for (const Key& key : kKeys) sections.emplace(key.section);
  for (const std::string& section : sections) {
    const auto& definition = (*schema)["definitions"][section];
    INFO(section);
    std::set<std::string> parser, published;
    for (const Key& key : kKeys) {
      if (key.section == section) parser.emplace(key.name);
    }
    for (const auto& [name, value] : definition["properties"].members()) published.insert(name);
    CHECK(parser == published);
    CHECK_FALSE(definition["additionalProperties"].AsBool(true));
  }
  // And no section of the schema is unknown to the parser.
  for (const auto& [name, definition] : (*schema)["definitions"].members()) {
    if (definition.Find("properties")) CHECK(sections.count(name) == 1);
  }
}

TEST_CASE("a digest stands for the whole chain") {
  auto one = ParsePolicy("version: 1\nextends: default\n", "a.yml", TestGates());
  auto two = ParsePolicy("version: 1\nextends: strict\n", "a.yml", TestGates());
  REQUIRE(one);
  REQUIRE(two);
  CHECK(one->digest != two->digest);
  CHECK(one->digest.size() == 64);
  auto same = ParsePolicy("version: 1\nextends: default\n", "a.yml", TestGates());
  CHECK(one->digest == same->digest);
}

TEST_CASE("a file that cannot be read is no missing file") {
  auto broken = [](std::string_view) -> layergate::Result<std::optional<std::string>> {
    return layergate::MakeError("the object is not in this clone");
  };
  auto policy = ParsePolicy("version: 1\nextends: base.yml\n", "a.yml", TestGates(), broken);
  REQUIRE_FALSE(policy);
  CHECK(policy.error().message.find("not in this clone") != std::string::npos);
}

TEST_CASE("explain says the layer, why, the people and the window") {
  Policy policy = Shipped("default");
  layergate::dbt::Node node = Model("models/marts/stg_hidden.sql");
  std::string text = ExplainNode(policy, node, policy.Place(node));
  CHECK(text.find("layer     marts (path models/marts/**") != std::string::npos);
  CHECK(text.find("also claimed by staging") != std::string::npos);
  CHECK(text.find("senior-data-engineer") != std::string::npos);
  CHECK(text.find("business-hours: mon tue wed thu fri, 09:00 to 17:00, UTC") != std::string::npos);
  CHECK(text.find("within 4 h") != std::string::npos);
}

// Snowflake's EXPLAIN USING JSON: operations with the ids of their parents. It compiles and needs
// no warehouse. There are no row estimates, but bytes and partitions.
#include <map>

#include "core/text.h"
#include "core/value.h"
#include "gates/explain_plan/plan.h"

namespace layergate::explain_plan {
namespace {

using Kind = PlanNode::Kind;

std::string LastPart(std::string_view name) {
  size_t dot = name.rfind('.');
  return std::string(dot == std::string_view::npos ? name : name.substr(dot + 1));
}

PlanNode NodeOf(const Value& operation) {
  PlanNode node;
  node.name = operation["operation"].AsString();
  std::string lower = ToLower(node.name);
  if (lower == "tablescan") {
    node.kind = Kind::kScan;
    for (const Value& object : operation["objects"].items()) {
      node.relation = LastPart(object.AsString());
    }
    node.alias = operation["alias"].AsString();
    const Value& assigned = operation["partitionsAssigned"];
    const Value& total = operation["partitionsTotal"];
    node.whole = assigned.is_number() && total.is_number() && total.AsInt() > 0 &&
                 assigned.AsInt() >= total.AsInt();
  } else if (lower.find("join") != std::string::npos) {
    node.kind = Kind::kJoin;
    for (const Value& expression : operation["expressions"].items()) {
      node.condition +=
          (node.condition.empty() ? "" : " and ") + std::string(expression.AsString());
    }
    node.pairs = lower == "cartesianjoin";
    // A Cartesian join with a condition on both sides is a filter away from being one.
    node.conditional = !node.pairs || node.condition.find("joinFilter") != std::string::npos;
    node.multiplies =
        lower.find("semi") == std::string::npos && lower.find("anti") == std::string::npos;
  } else if (lower == "aggregate") {
    // Grouped or not is told by its expressions only.
    bool grouped = false;
    for (const Value& expression : operation["expressions"].items()) {
      grouped = grouped || ToLower(expression.AsString()).find("groupkeys") != std::string::npos;
    }
    node.one_row = !grouped;
  }
  return node;
}

// A CTE that is used twice has two parents, and is drawn under both. `budget` ends what would be
// drawn for ever.
PlanNode Build(int64_t id, const std::map<int64_t, const Value*>& operations,
               const std::multimap<int64_t, int64_t>& children, int depth, int& budget) {
  PlanNode node = NodeOf(*operations.at(id));
  auto [begin, end] = children.equal_range(id);
  for (auto at = begin; at != end && depth < 500 && --budget > 0; ++at) {
    node.children.push_back(Build(at->second, operations, children, depth + 1, budget));
  }
  return node;
}

}  // namespace

Result<Plan> ReadSnowflake(std::string_view text) {
  LAYERGATE_TRY(Value json, ReadJson(text));
  std::map<int64_t, const Value*> operations;
  std::multimap<int64_t, int64_t> children;
  std::optional<int64_t> root;
  const Value& steps = json["Operations"];
  for (const Value& step : steps.items()) {
    for (const Value& operation : step.items()) {
      if (!operation["id"].is_int()) return MakeError("an operation of the plan has no id");
      int64_t id = operation["id"].AsInt();
      operations[id] = &operation;
      const Value* parents = operation.Find("parentOperators");
      if (!parents) parents = operation.Find("parent");
      if (!parents || parents->empty()) {
        if (!root) root = id;
      } else if (parents->is_int()) {
        children.emplace(parents->AsInt(), id);
      } else {
        for (const Value& parent : parents->items()) children.emplace(parent.AsInt(), id);
      }
    }
  }
  if (!root) return MakeError("this is not the JSON of an EXPLAIN USING JSON");
  int budget = 20000;
  Plan plan{Build(*root, operations, children, 0, budget), {}};
  if (budget <= 0) return MakeError("the plan is too large to be read");
  const Value& bytes = json["GlobalStats"]["bytesAssigned"];
  if (bytes.is_int()) plan.bytes = bytes.AsInt();
  return plan;
}

}  // namespace layergate::explain_plan

// MariaDB's and MySQL's EXPLAIN FORMAT=JSON: a list of tables in the order of the loops.
#include <algorithm>

#include "core/text.h"
#include "core/value.h"
#include "gates/explain_plan/plan.h"

namespace layergate::explain_plan {
namespace {

using Kind = PlanNode::Kind;

PlanNode BlockOf(const Value& block);

// A table of a loop, and how it meets the tables before it.
struct Step {
  PlanNode node;
  bool by_key = false;  // looked up by a key that the tables before it give
  std::string condition;
};

Step StepOf(const Value& item) {
  Step step;
  const Value* table = item.Find("table");
  const Value* block = item.Find("block-nl-join");
  if (!table && block) table = block->Find("table");
  if (!table) {
    step.node = BlockOf(item);
    return step;
  }
  PlanNode& node = step.node;
  std::string_view access = (*table)["access_type"].AsString();
  node.kind = Kind::kScan;
  node.name = "table";
  node.relation = node.alias = (*table)["table_name"].AsString();
  node.whole = access == "ALL" || access == "index";
  const Value& rows =
      (*table)["rows"].is_number() ? (*table)["rows"] : (*table)["rows_examined_per_scan"];
  if (rows.is_number()) node.rows = rows.AsDouble();
  node.one_row = access == "const" || access == "system";
  step.condition = (*table)["attached_condition"].AsString();
  if (block) {
    std::string_view more = (*block)["attached_condition"].AsString();
    if (!more.empty()) step.condition = more;
  }
  node.filtered = !step.condition.empty();
  step.by_key = access == "eq_ref" || access == "ref" || access == "ref_or_null" ||
                access == "unique_subquery" || access == "index_subquery" || access == "fulltext";
  const Value& inside = table->Find("materialized") ? (*table)["materialized"]
                        : block                     ? (*block)["materialized"]
                                                    : (*table)["materialized_from_subquery"];
  if (inside.is_object()) {
    // The optimiser materialises what it cannot merge: aggregates, limits, unions. Without a sort
    // or a temporary table it may be an aggregate over everything, hence one row: the plan does not
    // say, so nothing is said about it.
    node.kind = Kind::kOther;
    node.name = "materialized " + node.relation;
    PlanNode block_node = BlockOf(inside["query_block"]);
    node.one_row = block_node.one_row;
    node.children.push_back(std::move(block_node));
  }
  return step;
}

// `relation.` as a whole word, with or without backticks: "shop.o.cents" names o, "foo.cents" not.
bool Names(std::string_view condition, const std::string& relation) {
  for (const std::string& written : {relation + ".", "`" + relation + "`."}) {
    for (size_t at = 0; (at = condition.find(written, at)) != std::string_view::npos; ++at) {
      char before = at == 0 ? ' ' : condition[at - 1];
      bool word = (before >= 'a' && before <= 'z') || (before >= 'A' && before <= 'Z') ||
                  (before >= '0' && before <= '9') || before == '_' || before == '$';
      if (!word) return true;
    }
  }
  return false;
}

PlanNode JoinSteps(const Value& loops) {
  PlanNode left;
  bool first = true;
  for (const Value& item : loops.items()) {
    Step step = StepOf(item);
    if (first) {
      left = std::move(step.node);
      first = false;
      continue;
    }
    PlanNode join;
    join.kind = Kind::kJoin;
    join.name = item.Find("block-nl-join") ? "block-nl-join" : "nested loop";
    // A condition that names this table alone is a filter, not a link between the two.
    bool linked = false;
    for (const std::string& other : RelationsOf(left)) {
      linked = linked || Names(step.condition, other);
    }
    join.condition = step.condition;
    join.conditional = step.by_key || linked;
    bool equal = step.condition.find(" = ") != std::string::npos ||
                 step.condition.find("<=>") != std::string::npos;
    // With an equality the loop is MariaDB's only way without a hash, not a defect of the query.
    join.pairs = !join.conditional || (!step.by_key && !equal);
    join.children.push_back(std::move(left));
    join.children.push_back(std::move(step.node));
    left = std::move(join);
  }
  return left;
}

// A query block, through the wrappers that sort, group and limit.
PlanNode BlockOf(const Value& block) {
  PlanNode node;
  node.name = "query_block";
  bool grouped = false;
  const Value* at = &block;
  while (at && !at->Find("nested_loop") && !at->Find("table")) {
    const Value* inner = nullptr;
    for (const auto& [key, value] : at->members()) {
      if (!value.is_object()) continue;
      bool wrapper = key == "filesort" || key == "temporary_table" || key == "read_sorted_file" ||
                     key == "grouping_operation" || key == "ordering_operation" ||
                     key == "duplicates_removal" || key == "query_block" ||
                     key == "window_functions_computation";
      if (!wrapper) continue;
      grouped = grouped || key != "query_block";
      inner = &value;
      break;
    }
    at = inner;
  }
  if (at && at->Find("nested_loop")) {
    node.children.push_back(JoinSteps((*at)["nested_loop"]));
  } else if (at) {
    node.children.push_back(StepOf(*at).node);
  }
  node.one_row = !grouped && block.Find("union_result") == nullptr;
  return node;
}

}  // namespace

Result<Plan> ReadMariaDb(std::string_view text) {
  LAYERGATE_TRY(Value json, ReadJson(text));
  if (!json["query_block"].is_object()) return MakeError("this is not the JSON of an EXPLAIN");
  PlanNode root = BlockOf(json["query_block"]);
  root.one_row = false;
  return Plan{std::move(root), {}};
}

}  // namespace layergate::explain_plan

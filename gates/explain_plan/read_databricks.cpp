// Spark's and Databricks' EXPLAIN: a tree drawn with ":- " and "+- ". There are no row estimates in
// it.
#include <fmt/format.h>

#include "core/text.h"
#include "gates/explain_plan/plan.h"

namespace layergate::explain_plan {
namespace {

using Kind = PlanNode::Kind;

bool StartsWith(std::string_view text, std::string_view begin) {
  return text.substr(0, begin.size()) == begin;
}

// The parts of "BroadcastNestedLoopJoin BuildRight, Inner, (a#1 > b#2)" between commas outside
// brackets.
std::vector<std::string> Parts(std::string_view text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (char c : text) {
    if (c == '(' || c == '[') ++depth;
    if (c == ')' || c == ']') --depth;
    if (c == ',' && depth == 0) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  for (std::string& part : parts) part = std::string(Trim(part));
  return parts;
}

PlanNode NodeOf(std::string_view line) {
  PlanNode node;
  // "*(2) " marks code generation, "(5) " numbers the nodes.
  if (StartsWith(line, "*")) line.remove_prefix(1);
  if (StartsWith(line, "(")) {
    size_t close = line.find(") ");
    if (close != std::string_view::npos) line.remove_prefix(close + 2);
  }
  if (StartsWith(line, "* ")) line.remove_prefix(2);
  node.name = std::string(line.substr(0, line.find_first_of(" [(")));
  std::vector<std::string> parts = Parts(line);
  if (node.name.find("Scan") != std::string::npos || node.name == "FileScan") {
    node.kind = Kind::kScan;
    // "FileScan parquet shop.analytics.orders[order_id#1] ..., PartitionFilters: [],
    // PushedFilters:"
    size_t end = line.find('[');
    std::string_view words = line.substr(0, end);
    size_t space = words.rfind(' ');
    std::string name(space == std::string_view::npos ? words : words.substr(space + 1));
    size_t dot = name.rfind('.');
    node.relation = dot == std::string::npos ? name : name.substr(dot + 1);
    bool partitioned = line.find("PartitionFilters: []") == std::string_view::npos &&
                       line.find("PartitionFilters: [") != std::string_view::npos;
    node.whole = !partitioned;
    return node;
  }
  if (node.name == "CartesianProduct" || node.name == "BroadcastNestedLoopJoin") {
    node.kind = Kind::kJoin;
    node.pairs = true;
    size_t condition_at = node.name == "CartesianProduct" ? 0 : 2;
    if (node.name == "CartesianProduct") {
      size_t space = line.find(' ');
      node.condition = space == std::string_view::npos ? "" : std::string(Trim(line.substr(space)));
    } else if (parts.size() > condition_at) {
      node.condition = parts[condition_at];
    }
    if (node.condition == "true") node.condition.clear();
    node.conditional = !node.condition.empty();
    std::string type = parts.size() > 1 ? ToLower(parts[1]) : "";
    node.multiplies = type.find("semi") == std::string::npos &&
                      type.find("anti") == std::string::npos &&
                      type.find("existence") == std::string::npos;
    return node;
  }
  if (node.name.find("Join") != std::string::npos) {
    node.kind = Kind::kJoin;
    node.conditional = true;
    node.multiplies = line.find("LeftSemi") == std::string_view::npos &&
                      line.find("LeftAnti") == std::string_view::npos;
    return node;
  }
  // HashAggregate(keys=[], ...): one row.
  if (node.name.find("Aggregate") != std::string::npos &&
      line.find("keys=[]") != std::string_view::npos) {
    node.one_row = true;
  }
  return node;
}

}  // namespace

Result<Plan> ReadDatabricks(std::string_view text) {
  size_t begin = text.find("== Physical Plan ==");
  if (begin == std::string_view::npos) return MakeError("this is not the text of an EXPLAIN");
  std::vector<std::pair<size_t, PlanNode>> open;
  auto close = [&open] {
    PlanNode node = std::move(open.back().second);
    open.pop_back();
    open.back().second.children.push_back(std::move(node));
  };
  bool first = true;
  for (std::string_view line : Split(text.substr(begin), '\n')) {
    if (first) {
      first = false;
      continue;
    }
    if (StartsWith(line, "==")) break;
    // EXPLAIN FORMATTED goes on with details behind an empty line.
    if (Trim(line).empty()) {
      if (!open.empty()) break;
      continue;
    }
    size_t mark = line.find("- ");
    bool branch = mark != std::string_view::npos && mark > 0 &&
                  (line[mark - 1] == ':' || line[mark - 1] == '+') &&
                  line.substr(0, mark - 1).find_first_not_of(" :") == std::string_view::npos;
    size_t indent = branch ? mark + 1 : 0;
    while (open.size() > 1 && open.back().first >= indent) close();
    if (!open.empty() && open.back().first >= indent) break;  // a second plan, or prose
    open.emplace_back(indent, NodeOf(line.substr(branch ? mark + 2 : 0)));
  }
  if (open.empty()) return MakeError("the physical plan is empty");
  while (open.size() > 1) close();
  return Plan{std::move(open.front().second), {}};
}

}  // namespace layergate::explain_plan

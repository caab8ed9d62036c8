#include "gates/explain_plan/rules.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/text.h"

namespace layergate::explain_plan {
namespace {

using Kind = PlanNode::Kind;

std::string Count(double rows) { return WithThousands(std::llround(std::min(rows, 9e18))); }

// "`orders`, `customers`"
std::string NamesOf(const PlanNode& node) {
  std::string text;
  for (const std::string& name : RelationsOf(node)) {
    text += fmt::format("{}`{}`", text.empty() ? "" : ", ", Printable(name));
  }
  return text.empty() ? "a computed row set" : text;
}

std::string Size(const PlanNode& node) {
  std::optional<double> rows = RowsOf(node);
  return rows ? fmt::format("{} ({} rows)", NamesOf(node), Count(*rows)) : NamesOf(node);
}

class Finder {
 public:
  Finder(const Limits& limits, const SizeOf& size_of) : limits_(limits), size_of_(size_of) {}

  void Walk(const PlanNode& node) {
    if (node.kind == Kind::kJoin && node.children.size() >= 2) LookAtJoin(node);
    if (node.kind == Kind::kScan) LookAtScan(node);
    for (const PlanNode& child : node.children) Walk(child);
  }
  std::vector<Defect> Take() { return std::move(defects_); }

 private:
  void Add(std::string rule, std::string message, const PlanNode& node, Value evidence) {
    Defect defect{std::move(rule), std::move(message), RelationsOf(node), std::move(evidence)};
    defect.evidence.Set("operator", node.name);
    defect.evidence.Set("exactness", "estimate");
    for (const Defect& known : defects_) {
      if (known.Signature() == defect.Signature()) return;
    }
    defects_.push_back(std::move(defect));
  }

  void LookAtJoin(const PlanNode& node) {
    if (!node.multiplies) return;
    const PlanNode& left = node.children[0];
    const PlanNode& right = node.children[1];
    // One row beside many multiplies nothing, with or without a condition.
    if (IsOneRow(left) || IsOneRow(right)) return;
    std::optional<double> left_rows = RowsOf(left), right_rows = RowsOf(right);
    Value evidence = Value::MakeObject();
    if (left_rows) evidence.Set("left_rows", *left_rows);
    if (right_rows) evidence.Set("right_rows", *right_rows);
    if (node.rows) evidence.Set("rows", *node.rows);
    if (node.pairs) {
      bool small = left_rows && right_rows && *left_rows * *right_rows <= limits_.pairs;
      if (!small) AddPairs(node, left, right, std::move(evidence));
      return;
    }
    if (!node.rows || !left_rows || !right_rows) return;
    double larger = std::max(*left_rows, *right_rows);
    // Estimates of a few rows are guesses.
    if (larger < 1 || *node.rows - larger < 1000 || *node.rows <= larger * (1 + limits_.fan_out)) {
      return;
    }
    evidence.Set("ratio", *node.rows / larger);
    Add("explain_plan.fan_out",
        fmt::format("the join of {} with {} is estimated to give {} rows, {:.1f} times its larger "
                    "side{}",
                    Size(left), Size(right), Count(*node.rows), *node.rows / larger,
                    node.condition.empty() ? "" : fmt::format(": {}", Printable(node.condition))),
        node, std::move(evidence));
  }

  void AddPairs(const PlanNode& node, const PlanNode& left, const PlanNode& right, Value evidence) {
    std::optional<double> left_rows = RowsOf(left), right_rows = RowsOf(right);
    std::string pairs = left_rows && right_rows
                            ? fmt::format(": {} pairs of rows", Count(*left_rows * *right_rows))
                            : std::string();
    if (!node.conditional) {
      Add("explain_plan.cartesian_product",
          fmt::format("{} and {} are joined without a condition{}", Size(left), Size(right), pairs),
          node, std::move(evidence));
      return;
    }
    Add("explain_plan.nested_loop",
        fmt::format("every row of {} is compared with every row of {}{}{}", Size(left), Size(right),
                    pairs,
                    node.condition.empty() ? "" : fmt::format(" on {}", Printable(node.condition))),
        node, std::move(evidence));
  }

  void LookAtScan(const PlanNode& node) {
    if (limits_.scan_rows <= 0 || !node.whole) return;
    std::optional<double> rows = node.filtered ? std::nullopt : node.rows;
    if (!rows) rows = size_of_(node);
    if (!rows) rows = node.rows;
    if (!rows || *rows <= limits_.scan_rows) return;
    Add("explain_plan.full_scan",
        fmt::format("`{}` is read whole: about {} rows, and {} is the limit",
                    Printable(node.relation), Count(*rows), Count(limits_.scan_rows)),
        node, Value::MakeObject({{"rows", *rows}}));
  }

  const Limits& limits_;
  const SizeOf& size_of_;
  std::vector<Defect> defects_;
};

}  // namespace

std::string Defect::Signature() const {
  std::vector<std::string> sorted = relations;
  std::sort(sorted.begin(), sorted.end());
  return rule + "|" + Join(sorted, "|");
}

std::vector<Defect> FindDefects(const Plan& plan, const Limits& limits, const SizeOf& size_of) {
  Finder finder(limits, size_of);
  finder.Walk(plan.root);
  return finder.Take();
}

}  // namespace layergate::explain_plan

// What a model's SQL means, before and after: which columns it gives, where their values come from,
// and which rows there are. Layout, comments, aliases, names of CTEs and the order of commutative
// things are no difference, so that an honest refactoring says nothing here.
#include "gate/gate.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/text.h"
#include "dbt/project.h"
#include "gates/lineage_diff/differ.h"
#include "gates/lineage_diff/incremental.h"
#include "lineage/compare.h"
#include "lineage/project_lineage.h"

namespace layergate {
namespace {

using lineage::ModelLineage;
using lineage_diff::ShortName;

const GateInfo kInfo{
    .id = "lineage_diff",
    .title = "Lineage diff",
    .summary = "Columns keep their sources and models keep their rows, or the change says so",
    .subject = SubjectKind::kNode,
    .resource_types = {"model", "snapshot"},
    .needs = {Evidence::kBaseManifest, Evidence::kHeadManifest, Evidence::kCompiledSql},
    .uses = {Evidence::kCatalog},
    .rules =
        {
            {"lineage_diff.column_removed",
             "a column (or a whole model) is gone, and something still reads it", "fail", true},
            {"lineage_diff.column_resourced",
             "a column's value comes from, or is decided by, another column than it was", "fail",
             true},
            {"lineage_diff.source_lost", "a column takes its value from fewer columns than it did",
             "fail", true},
            {"lineage_diff.aggregate_changed",
             "other aggregate functions make the value: AVG for SUM, no DISTINCT in COUNT", "fail",
             true},
            {"lineage_diff.fallback_lost",
             "a COALESCE is gone: values that were never null may be now", "fail", true},
            {"lineage_diff.branch_lost", "a WHEN or the ELSE of a CASE is gone", "fail", true},
            {"lineage_diff.operator_changed",
             "the same operands under another operator, or exchanged: + for -, b - a for a - b",
             "fail", true},
            {"lineage_diff.factor_changed",
             "a constant factor came, went or changed: cents for units", "fail", true},
            {"lineage_diff.boundary_changed",
             "a comparison now includes its edge, or no longer does", "fail", true},
            {"lineage_diff.join_kind_changed", "a join became another kind of join", "fail", true},
            {"lineage_diff.join_condition_changed", "a join has another condition", "fail", true},
            {"lineage_diff.join_removed", "a join that could drop rows is gone", "fail", true},
            {"lineage_diff.predicate_removed", "a filter is gone", "fail", true},
            {"lineage_diff.predicate_changed", "a filter asks for something else", "fail", true},
            {"lineage_diff.grain_changed", "the rows are grouped by other columns", "fail", true},
            {"lineage_diff.distinct_changed", "DISTINCT came, went, or is over other columns",
             "fail", true},
            {"lineage_diff.set_operation_changed",
             "UNION ALL became UNION or the like, or a branch is gone", "fail", true},
            {"lineage_diff.limit_added", "a LIMIT was left in", "fail", true},
            {"lineage_diff.window_changed",
             "a window function partitions or orders by something else", "fail", true},
            {"lineage_diff.incremental_changed", "incremental runs take, replace or add other rows",
             "fail", true},
            {"lineage_diff.column_dropped", "a column is gone that nothing in the project reads",
             "warn", true},
            {"lineage_diff.column_renamed",
             "a column has a new name, and nothing reads the old one", "warn", true},
            {"lineage_diff.sources_changed",
             "a column takes its value from more columns than it did, or from one less that is "
             "gone",
             "warn", true},
            {"lineage_diff.column_rerouted",
             "a column reaches the same source by another way through the models", "warn", true},
            {"lineage_diff.compile_time_value",
             "a constant differs that dbt computed when it compiled, such as a date", "warn", true},
            {"lineage_diff.type_changed", "a value is cast to another type", "warn", true},
            {"lineage_diff.expression_changed", "the same sources, another computation", "warn",
             true},
            {"lineage_diff.predicate_added", "there is a new filter", "warn", true},
            {"lineage_diff.join_added", "there is a new join", "warn", true},
            {"lineage_diff.union_branch_added", "a union has a new branch", "warn", true},
            {"lineage_diff.left_join_removed", "a left join is gone", "warn", true},
            {"lineage_diff.relation_changed", "the rows come from other relations", "warn", true},
            {"lineage_diff.row_set_changed", "something else decides which rows there are", "warn",
             true},
            {"lineage_diff.column_added", "a column is new", "audit", true},
            {"lineage_diff.order_changed", "columns or rows come in another order", "audit", true},
        },
    .options = {},
};

// A model that is gone: does anything that stays, unchanged, still read it?
void JudgeRemovedModel(GateContext& context) {
  const dbt::Node& gone = *context.base_node();
  std::vector<std::string> readers;
  for (const std::string& id : context.base().Children(gone.unique_id)) {
    const dbt::Node* before = context.base().Find(id);
    const dbt::Node* now = context.head().Find(id);
    if (!before || !now || before->resource_type == "test") continue;
    if (before->raw_code == now->raw_code && before->definition == now->definition) {
      readers.push_back(id);
    }
  }
  if (readers.empty()) return;
  Finding finding;
  finding.rule = "lineage_diff.column_removed";
  finding.message = fmt::format(
      "{} is gone, and {} still {} it", gone.name,
      readers.size() == 1 ? ShortName(readers[0]) : fmt::format("{} nodes", readers.size()),
      readers.size() == 1 ? "reads" : "read");
  finding.impact = std::move(readers);
  finding.fix = "change its readers in this pull request, or keep the model";
  context.Report(std::move(finding));
}

// Models above `node` that the other side does not have: parts of this model that were taken out of
// it, or put back into it.
std::set<std::string> OnlyHere(const dbt::Node& node, const dbt::Project& here,
                               const dbt::Project& there) {
  std::set<std::string> models;
  std::vector<std::string> open = node.depends_on_nodes;
  while (!open.empty()) {
    const std::string id = std::move(open.back());
    open.pop_back();
    const dbt::Node* parent = there.Find(id) ? nullptr : here.Find(id);
    if (!parent || !parent->is_model() || !models.insert(id).second) continue;
    open.insert(open.end(), parent->depends_on_nodes.begin(), parent->depends_on_nodes.end());
  }
  return models;
}

// Compares the two as they are, or as they are with those parts in place: whichever has less to
// tell. A CTE that became a model is no change, and the filter that was lost beside it is.
void ReportLess(GateContext& context, const ModelLineage& before, const ModelLineage& now,
                bool same_text) {
  const auto through = [](const lineage::ProjectLineage& lineage, const dbt::Node& node,
                          const std::set<std::string>& models) {
    return models.empty() ? std::nullopt : lineage.ModelThrough(node.unique_id, models);
  };
  const dbt::Node& base = *context.base_node();
  const dbt::Node& head = *context.head_node();
  const auto base_through =
      through(*context.base_lineage(), base, OnlyHere(base, context.base(), context.head()));
  const auto head_through =
      through(*context.head_lineage(), head, OnlyHere(head, context.head(), context.base()));
  if (!base_through && !head_through) {
    return lineage_diff::ReportDifferences(context, before, now, same_text);
  }
  const ModelLineage& base_side = base_through ? *base_through : before;
  const ModelLineage& head_side = head_through ? *head_through : now;
  const auto differences = [](const ModelLineage& a, const ModelLineage& b) {
    return lineage::Compare(a.statement, b.statement).size();
  };
  const bool less = differences(base_side, head_side) < differences(before, now);
  lineage_diff::ReportDifferences(context, less ? base_side : before, less ? head_side : now,
                                  same_text);
}

class LineageDiff final : public Gate {
 public:
  const GateInfo& info() const override { return kInfo; }

  void Run(GateContext& context) const override {
    if (!context.base_node())
      return context.NotApplicable("a new model has nothing to compare with");
    if (!context.head_node()) return JudgeRemovedModel(context);
    const dbt::Node& base = *context.base_node();
    const dbt::Node& head = *context.head_node();
    lineage_diff::ReportIncremental(context);
    if (base.language == "python" && base.raw_code == head.raw_code) return;
    // The same SQL may still give other columns: a star takes what the models above give.
    bool same_text = context.change().cosmetic ||
                     (base.compiled_code && base.compiled_code == head.compiled_code);
    if (!context.base_lineage() || !context.head_lineage()) {
      return context.CannotTell("no_lineage", "there is no lineage", "compile the project");
    }
    const ModelLineage& before = context.base_lineage()->Model(base.unique_id);
    const ModelLineage& now = context.head_lineage()->Model(head.unique_id);
    for (const auto& [side, lineage] : {std::pair{"base", &before}, std::pair{"head", &now}}) {
      if (lineage->unavailable.empty()) continue;
      if (same_text) return;
      if (base.language == "python" || head.language == "python") {
        return context.CannotTell(
            "no_sql",
            fmt::format("{} is a Python model, whose columns can't be followed", head.name),
            "have a person compare the two versions");
      }
      return context.CannotTell(
          "no_sql", fmt::format("the {} side can't be read: {}", side, lineage->unavailable),
          "compile the project on that side (`dbt compile`), so that the manifest holds the SQL");
    }
    ReportLess(context, before, now, same_text);
  }
};

}  // namespace

std::unique_ptr<Gate> Make_lineage_diff() { return std::make_unique<LineageDiff>(); }

}  // namespace layergate

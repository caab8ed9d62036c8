// Explain plan: asks the database how it would run a changed model, and reports what cannot end
// well.
#include "gate/gate.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"
#include "gates/explain_plan/explain.h"
#include "gates/explain_plan/rules.h"
#include "lineage/project_lineage.h"
#include "warehouse/estimate.h"

namespace layergate {
namespace explain_plan {
namespace {

struct Work {
  explicit Work(GateContext& c) : context(c) {}
  GateContext& context;
  Limits limits;
  std::vector<std::string> statements;
};

// The SQL of a node, compiled or rendered; empty: there is none, and `why` says so.
std::string QueryOf(const lineage::ProjectLineage* lineage, const dbt::Node& node,
                    std::string& why) {
  if (!lineage) {
    why = "no compiled SQL";
    return {};
  }
  const lineage::ModelLineage& model = lineage->Model(node.unique_id);
  why = model.unavailable.empty() && model.sql.empty() ? "no compiled SQL" : model.unavailable;
  return model.sql;
}

SizeOf SizesBy(Work& work, warehouse::Pool& pool) {
  return [&work, &pool](const PlanNode& scan) -> std::optional<double> {
    auto estimate = warehouse::EstimateRows(pool, {"", scan.schema, scan.relation},
                                            work.context.TimeLeft(), work.statements);
    if (!estimate) return std::nullopt;
    return static_cast<double>(estimate->rows);
  };
}

// What is wrong with the base's plan already is not the pull request's doing. Where the base cannot
// be explained, everything counts as new.
std::vector<Defect> DefectsOfBase(Work& work) {
  const dbt::Node* node = work.context.base_node();
  std::string why;
  std::string query = node ? QueryOf(work.context.base_lineage(), *node, why) : std::string();
  if (query.empty()) return {};
  warehouse::Pool& pool = *work.context.base_pool();
  Explained explained = Explain(pool, query, work.context.OptionBool("mariadb"),
                                work.context.TimeLeft(), work.statements);
  if (!explained.plan) return {};
  return FindDefects(*explained.plan, work.limits, SizesBy(work, pool));
}

void Report(Work& work, Defect defect) {
  Finding finding;
  finding.rule = defect.rule;
  finding.message = std::move(defect.message);
  finding.evidence = std::move(defect.evidence);
  finding.evidence.Set("relations", Value::FromStrings(defect.relations));
  finding.evidence.Set("statements", Value::FromStrings(work.statements));
  finding.fix =
      defect.rule == "explain_plan.cartesian_product"
          ? "add the missing join condition, or waive it with the reason if every pair is "
            "meant"
      : defect.rule == "explain_plan.nested_loop" ? "join on an equality, or reduce one side first"
      : defect.rule == "explain_plan.full_scan"
          ? "filter by the table's partition or cluster key, or make the model incremental"
          : "join to one row per key: aggregate or deduplicate the joined side first";
  work.context.Report(std::move(finding));
}

class ExplainPlan final : public Gate {
 public:
  const GateInfo& info() const override { return info_; }

  void Run(GateContext& context) const override {
    const dbt::Node* node = context.head_node();
    if (!node) return context.NotApplicable("the model is removed");
    if (!context.head_pool()) {
      return context.CannotTell("no_connection", "no connection: " + context.no_connection_reason(),
                                "set LAYERGATE_BASE_URL and LAYERGATE_HEAD_URL, or take the gate "
                                "out of the layer's policy");
    }
    Work work(context);
    work.limits = {static_cast<double>(context.OptionInt("max_pairs")),
                   static_cast<double>(context.OptionInt("max_scan_rows")),
                   context.OptionPercent("fan_out")};
    std::string why;
    std::string query = QueryOf(context.head_lineage(), *node, why);
    if (query.empty()) {
      return context.CannotTell("no_sql", why, "run dbt compile for the pull request");
    }
    warehouse::Pool& pool = *context.head_pool();
    Explained head =
        Explain(pool, query, context.OptionBool("mariadb"), context.TimeLeft(), work.statements);
    if (!head.plan) {
      if (head.code == "dry_run") DefectsOfBase(work);
      return context.CannotTell(
          head.code, head.why, head.remedy, {},
          Value::MakeObject({{"statements", Value::FromStrings(work.statements)}}));
    }
    Judge(work, *head.plan, pool);
  }

 private:
  static void Judge(Work& work, const Plan& plan, warehouse::Pool& pool) {
    Value measured = Value::MakeObject();
    if (auto rows = RowsOf(plan.root)) measured.Set("estimated_rows", *rows);
    if (plan.bytes) measured.Set("bytes", *plan.bytes);
    std::vector<Defect> defects = FindDefects(plan, work.limits, SizesBy(work, pool));
    if (!defects.empty()) {
      std::vector<Defect> before = DefectsOfBase(work);
      Value known = Value::MakeArray();
      for (Defect& defect : defects) {
        bool old = std::any_of(before.begin(), before.end(), [&](const Defect& other) {
          return other.Signature() == defect.Signature();
        });
        if (old) {
          known.Append(defect.message);
        } else {
          Report(work, std::move(defect));
        }
      }
      if (!known.empty()) measured.Set("already_in_base", std::move(known));
    }
    work.context.Measured(std::move(measured));
  }

  GateInfo info_ = {
      .id = "explain_plan",
      .title = "Explain plan",
      .summary =
          "Asks the database how it would run each changed model, and finds Cartesian "
          "products, blind loops, huge scans and fan-outs before they run",
      .resource_types = {"model", "snapshot"},
      .needs = {Evidence::kHeadManifest, Evidence::kCompiledSql, Evidence::kWarehouse},
      .uses = {Evidence::kBaseManifest},
      .rules = {{"explain_plan.cartesian_product", "two row sets are joined without any condition"},
                {"explain_plan.nested_loop",
                 "every row of one side is compared with every row of the other", "warn"},
                {"explain_plan.full_scan", "a table over the limit is read whole", "warn"},
                {"explain_plan.fan_out",
                 "a join is estimated to give more rows than its larger side", "warn"}},
      .options = {
          {"max_pairs", "integer", "100000", "so many pairs of rows may be compared blindly"},
          {"max_scan_rows", "integer", "100000000",
           "tables with more rows are not to be read whole; 0: any size"},
          {"fan_out", "percent", "50%", "how much more than its larger side a join may give"},
          {"mariadb", "boolean", "false",
           "explain on MariaDB and MySQL, which may run derived tables to do so"}}};
};

}  // namespace
}  // namespace explain_plan

std::unique_ptr<Gate> Make_explain_plan() { return std::make_unique<explain_plan::ExplainPlan>(); }

}  // namespace layergate

#include "gates/explain_plan/plan.h"

#include <algorithm>

#include <fmt/format.h>

namespace layergate::explain_plan {
namespace {

void Collect(const PlanNode& node, std::vector<std::string>& names) {
  if (node.kind == PlanNode::Kind::kScan && !node.relation.empty() &&
      std::find(names.begin(), names.end(), node.relation) == names.end()) {
    names.push_back(node.relation);
  }
  for (const PlanNode& child : node.children) Collect(child, names);
}

}  // namespace

bool IsOneRow(const PlanNode& node) {
  if (node.one_row) return true;
  if (node.rows && *node.rows <= 1) return true;
  bool passes_on = node.kind == PlanNode::Kind::kOther && node.children.size() == 1;
  return passes_on && IsOneRow(node.children[0]);
}

std::optional<double> RowsOf(const PlanNode& node) {
  if (node.one_row) return 1;
  if (node.rows) return node.rows;
  std::optional<double> rows;
  for (const PlanNode& child : node.children) {
    std::optional<double> below = RowsOf(child);
    if (!below) return std::nullopt;
    bool product = node.kind == PlanNode::Kind::kJoin && node.pairs && !node.conditional;
    rows = !rows ? *below : product ? *rows * *below : std::max(*rows, *below);
  }
  return rows;
}

std::vector<std::string> RelationsOf(const PlanNode& node) {
  std::vector<std::string> names;
  Collect(node, names);
  return names;
}

std::string ExplainSql(sql::Dialect dialect, std::string_view query) {
  using sql::Dialect;
  switch (dialect) {
    // In brackets an `analyze` of the query's own, which would run it, is a syntax error.
    case Dialect::kPostgres:
      return fmt::format("explain (format json, verbose) {}", query);
    case Dialect::kDuckDb:
      return fmt::format("explain (format json) {}", query);
    case Dialect::kSqlite:
      return fmt::format("explain query plan {}", query);
    case Dialect::kMariaDb:
    case Dialect::kMySql:
      return fmt::format("explain format=json {}", query);
    case Dialect::kRedshift:
      return fmt::format("explain {}", query);
    case Dialect::kSnowflake:
      return fmt::format("explain using json {}", query);
    case Dialect::kDatabricks:
    case Dialect::kSpark:
      return fmt::format("explain extended {}", query);
    default:
      return {};
  }
}

Result<Plan> ReadPlan(sql::Dialect dialect, std::string_view text) {
  using sql::Dialect;
  switch (dialect) {
    case Dialect::kPostgres:
      return ReadPostgres(text);
    case Dialect::kDuckDb:
      return ReadDuckDb(text);
    case Dialect::kSqlite:
      return ReadSqlite(text);
    case Dialect::kMariaDb:
    case Dialect::kMySql:
      return ReadMariaDb(text);
    case Dialect::kRedshift:
      return ReadRedshift(text);
    case Dialect::kSnowflake:
      return ReadSnowflake(text);
    case Dialect::kTsql:
      return ReadSqlServer(text);
    case Dialect::kDatabricks:
    case Dialect::kSpark:
      return ReadDatabricks(text);
    default:
      return MakeError("no reader for this engine's plans");
  }
}

}  // namespace layergate::explain_plan

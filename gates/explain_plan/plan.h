// A query plan in one shape for all engines: what the rules look at, and nothing else.
//
// Each engine's reader (read_*.cpp) turns what its EXPLAIN prints into this. Numbers are the
// planner's estimates. What a plan does not say stays empty, and no rule speaks about it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "sql/dialect.h"

namespace layergate::explain_plan {

struct PlanNode {
  enum class Kind { kScan, kJoin, kOther };

  std::string name;  // in the engine's words: "Nested Loop", "CROSS_PRODUCT"
  Kind kind = Kind::kOther;
  std::optional<double> rows;  // estimated output
  bool one_row = false;        // gives one row at most, whatever the data

  // Scans.
  std::string schema, relation, alias;
  bool whole = false;     // every row of the relation is read
  bool filtered = false;  // `rows` is what is left of them

  // Joins.
  bool pairs = false;        // every row of one side meets every row of the other
  bool conditional = false;  // something about both sides decides which pairs stay
  bool multiplies = true;    // false for semi and anti joins, which only keep or drop rows
  std::string condition;

  std::vector<PlanNode> children;
};

struct Plan {
  PlanNode root;
  std::optional<long long> bytes;  // what would be read, where the engine tells
};

// Whether the rows of a child are known to be one at most.
bool IsOneRow(const PlanNode& node);
// Estimated rows; where a node has no estimate of its own, what its children make likely.
std::optional<double> RowsOf(const PlanNode& node);
// Names of the relations below a node, in order, without duplicates.
std::vector<std::string> RelationsOf(const PlanNode& node);

// The statement that explains `query` without running it; empty: none is known for that dialect.
std::string ExplainSql(sql::Dialect dialect, std::string_view query);

// What the engine answered: the text of the cells, rows joined by newlines and cells by '|'.
Result<Plan> ReadPlan(sql::Dialect dialect, std::string_view text);

Result<Plan> ReadPostgres(std::string_view json);
Result<Plan> ReadRedshift(std::string_view text);
Result<Plan> ReadDuckDb(std::string_view json);
Result<Plan> ReadSqlite(std::string_view text);
Result<Plan> ReadMariaDb(std::string_view json);
Result<Plan> ReadSnowflake(std::string_view json);
Result<Plan> ReadSqlServer(std::string_view xml);
Result<Plan> ReadDatabricks(std::string_view text);

}  // namespace layergate::explain_plan

// The statements that count, and the numbers that come back.
//
// Two relations of one database are counted by one statement, hence in one snapshot; relations of
// two databases by two statements at the same time. Every number is exact: a count, not metadata.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dbt/node.h"
#include "gate/gate.h"
#include "warehouse/connection.h"
#include "warehouse/pool.h"

namespace layergate::row_count_diff {

// A number about one column that is taken in the same scan as the count.
struct ColumnMeasure {
  enum class Kind { kNulls, kDistinct, kSum };
  std::string column;
  Kind kind = Kind::kNulls;
};
std::string_view ToString(ColumnMeasure::Kind kind);

struct Counts {
  long long rows = 0;
  // Of the rows whose key has no null: how many, and how many different keys.
  std::optional<long long> keyed, distinct_keys;

  // One for each measure; nullopt: the database gave none (the sum of no rows).
  std::vector<std::optional<double>> measures;

  bool has_keys() const { return keyed && distinct_keys; }
  long long repeated() const { return has_keys() ? *keyed - *distinct_keys : 0; }
};

// One relation to count.
struct Side {
  std::string label;  // "base" or "head"
  warehouse::Pool* pool = nullptr;
  const dbt::Catalog* catalog = nullptr;
  const dbt::Node* node = nullptr;
  warehouse::Relation place;      // as the manifest says
  std::string relation;           // quoted
  std::vector<std::string> keys;  // quoted and qualified by `t`; empty: count rows only
  std::vector<ColumnMeasure> measures;
  std::string where;  // a condition on `t`, the same on both sides; may be empty

  std::optional<Counts> counts;
  warehouse::Failure failure;
};

// The relation of a node, as the database keeps its names.
warehouse::Relation RelationOf(warehouse::Pool& pool, const dbt::Node& node);
// `t`.`column` for a column named in YAML, in the case that the database keeps; empty when it
// cannot be written.
std::string ColumnSql(const Side& side, std::string_view column);

bool HasCatalogColumn(const Side& side, std::string_view column);

bool SameTarget(const warehouse::Pool& a, const warehouse::Pool& b);

// Fills in counts or failure of each side. Statements that were sent are appended to `statements`.
void Count(std::vector<Side*> sides, GateContext& context, std::vector<std::string>& statements);

// How many keys occur how often: {{1, 10}, {2, 20000}}, most frequent numbers of times first 20.
struct Multiplicity {
  long long times = 0, keys = 0;
};
std::string HistogramSql(const Side& side);
std::optional<std::vector<Multiplicity>> Histogram(const Side& side, GateContext& context,
                                                   std::vector<std::string>& statements);

}  // namespace layergate::row_count_diff

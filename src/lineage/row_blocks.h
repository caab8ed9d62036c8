// The row set of a statement as a tree of query blocks in canonical form: what comparing two texts
// looks at. Names of CTEs, where a subquery is written, and projections that only pass rows on are
// gone; what is left decides which rows there are.
//
//   - a block that only projects one other block is that block;
//   - a block of joins and filters that another one reads as it is becomes part of its reader,
//     where that keeps the rows (as the first relation; joined inner; filters of the right side of
//     a left join become part of its condition);
//   - HAVING and QUALIFY are filters over the grouped rows; DISTINCT comes after them, LIMIT last;
//   - a comma and CROSS JOIN are inner joins without a condition; one right join is a left join.
//
// Blocks are shared when a CTE is read twice, so cost stays in proportion to the text. References
// into the statement: it must outlive this object.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "lineage/column_graph.h"

namespace layergate::lineage {

// One conjunct that rows must meet.
struct RowFilter {
  std::string text;
  Span span;
};

// A relation that a block reads, and how.
struct RowSource {
  std::string join;      // "inner" for the first relation too; "left", "full", "anti", ...
  std::string relation;  // the base table; empty when `block` gives the rows
  int block = -1;        // index into RowBlocks
  std::vector<RowFilter> on;
  Span span;
  bool first = false;  // named in FROM itself
};

struct RowBlock {
  // What happens to the rows last, after joins and filters.
  enum class Last : uint8_t { kNothing, kWindow, kGroup, kDistinct, kLimit, kUnion };

  std::string name;  // of the CTE or subquery; empty for the outermost
  std::vector<RowSource> sources;
  std::vector<RowFilter> filters;
  std::vector<const RowSetFact*> others;  // unnest, sample, opaque: facts about FROM
  Last last = Last::kNothing;
  std::vector<const RowSetFact*> last_facts;
  std::vector<int> branches;   // of a set operation
  bool ordered_joins = false;  // right, full, asof joins: the order of joins matters
  // A table is read by several of the sources: which of them filters which rows matters.
  bool reads_again = false;
  std::vector<uint32_t> tables;  // underneath, sorted
  std::string digest;            // equal digests: the same rows
};

class RowBlocks {
 public:
  explicit RowBlocks(const StatementLineage& statement);
  // The same from the parts, as they are while a statement is still being analysed.
  RowBlocks(const std::vector<const RowSetFact*>& facts, int root,
            const std::vector<int>& goes_on_from, bool takes_order);

  int root() const { return root_; }
  const RowBlock& at(int index) const { return blocks_[static_cast<size_t>(index)]; }
  // A block that only reads `block`: lets a block be compared with one around it.
  int Around(int block);
  // A block that only reads a base table.
  int Around(const RowSource& table);
  // ORDER BY of the result, which decides no rows; nullptr when there is none.
  const RowSetFact* order() const { return order_; }

 private:
  struct Raw;
  int Build(const Raw& raw, int input);
  void AbsorbSources(RowBlock& block) const;
  int Settle(RowBlock block);

  void SeeTables(RowBlock& block);

  std::vector<RowBlock> blocks_;
  std::map<std::string, uint32_t> table_ids_;  // by the last part of the name
  int root_ = -1;
  const RowSetFact* order_ = nullptr;
};

}  // namespace layergate::lineage

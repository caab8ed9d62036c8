// From the rows of FROM to the rows of a SELECT: GROUP BY, DISTINCT, QUALIFY and the list itself.
#pragma once

#include "lineage/fanout_block.h"

namespace layergate::lineage::fanout {

// `part` is all of FROM, reduced by WHERE. `joins` are the places of its joins in the report.
RowSet Project(const sql::ParsedSql& sql, const NameRules& rules, const sql::Select& select,
               const Block& block, Part part, const std::set<size_t>& joins);

}  // namespace layergate::lineage::fanout

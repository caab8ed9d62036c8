// What DuckDB calls a column that has no alias: the expression as DuckDB itself would write it.
//
// Asked of DuckDB 1.5 (tests/differential); what was not asked gives nullopt, and the caller takes
// the text as it was written. Pure functions of the tree.
#pragma once

#include <optional>
#include <string>

#include "sql/ast.h"

namespace layergate::lineage {

std::optional<std::string> DuckDbName(const sql::Expr* expr);

// Whether DuckDB 2.0 calls it otherwise than 1.5 does: (-(a)) for -(a), (NOT (a IN (1))) for (a NOT
// IN (1)), "trim"(c) for main."trim"(c).
bool DuckDbNameVaries(const sql::Expr* expr);

}  // namespace layergate::lineage

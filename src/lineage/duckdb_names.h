// What DuckDB calls a column that has no alias: the expression as DuckDB itself would write it.
//
// Asked of DuckDB 1.5 (tests/differential); what was not asked gives nullopt, and the caller takes
// the text as it was written. A pure function of the tree.
#pragma once

#include <optional>
#include <string>

#include "sql/ast.h"

namespace layergate::lineage {

std::optional<std::string> DuckDbName(const sql::Expr* expr);

}  // namespace layergate::lineage

// Which rows two versions of a statement give: the part of compare.h about row sets. Internal to
// src/lineage.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "lineage/compare.h"

namespace layergate::lineage {

// Appends the differences in the order of the head's text.
void CompareRows(const StatementLineage& base, const StatementLineage& head,
                 std::vector<Difference>& out);

// The base tables whose rows reach the result.
std::set<std::string> RelationsOfRows(const StatementLineage& statement);

}  // namespace layergate::lineage

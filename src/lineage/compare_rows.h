// Which rows two versions of a statement give: the part of compare.h about row sets. Internal to
// src/lineage.
#pragma once

#include <vector>

#include "lineage/compare.h"

namespace layergate::lineage {

// Appends the differences in the order of the head's text.
void CompareRows(const StatementLineage& base, const StatementLineage& head,
                 std::vector<Difference>& out);

}  // namespace layergate::lineage

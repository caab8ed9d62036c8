// The differences of one model as findings: which rule speaks, in which words, with which impact.
#pragma once

#include "gate/gate.h"
#include "lineage/project_lineage.h"

namespace layergate::lineage_diff {

// Reports to the context what changed between both sides of its subject. With `same_text` the SQL
// of both sides is one: only what came through a star from above can differ, and what can't be
// compared is for the models above to say.
void ReportDifferences(GateContext& context, const lineage::ModelLineage& base,
                       const lineage::ModelLineage& head, bool same_text);

// "model.shop.stg_customers" -> "stg_customers"; "source.shop.raw.customers" -> "raw.customers".
std::string ShortName(std::string_view id);

}  // namespace layergate::lineage_diff

// The differences of one model as findings: which rule speaks, in which words, with which impact.
#pragma once

#include "gate/gate.h"
#include "lineage/project_lineage.h"

namespace layergate::lineage_diff {

// Reports to the context what changed between both sides of its subject.
void ReportDifferences(GateContext& context, const lineage::ModelLineage& base,
                       const lineage::ModelLineage& head);

// "model.shop.stg_customers" -> "stg_customers"; "source.shop.raw.customers" -> "raw.customers".
std::string ShortName(std::string_view id);

}  // namespace layergate::lineage_diff

// What an incremental run does differently from a full one. Compiled SQL shows only one of the two
// (most manifests are compiled as for a full refresh), so this looks at the model's own text: the
// blocks under is_incremental(), and the settings that say how rows are merged.
#pragma once

#include "gate/gate.h"

namespace layergate::lineage_diff {

void ReportIncremental(GateContext& context);

}  // namespace layergate::lineage_diff

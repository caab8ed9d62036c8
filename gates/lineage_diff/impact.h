// Who notices when a column or the rows of a model change: models, snapshots, tests, exposures,
// semantic models and metrics, told apart by how they notice.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gate/gate.h"
#include "lineage/project_lineage.h"

namespace layergate::lineage_diff {

struct Impact {
  std::vector<std::string> breaks;  // read by name what is no longer there
  std::vector<std::string> values;  // their values change
  std::vector<std::string> rows;    // which rows they have changes, or may change

  // All ids, breaks first, each once.
  std::vector<std::string> All() const;
};

// Who would break without `column` of the subject: readers by name at the base that still read it
// at the head. `select *` passes the loss on to its own readers.
Impact OfRemovedColumn(const GateContext& context, std::string_view column);
// Who reads the head's `column`.
Impact OfChangedColumn(const GateContext& context, std::string_view column);
// Who reads the rows of the subject.
Impact OfChangedRows(const GateContext& context);

}  // namespace layergate::lineage_diff

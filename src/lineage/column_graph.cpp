#include "lineage/column_graph.h"

#include "core/text.h"

namespace layergate::lineage {

std::string_view ToString(Status status) {
  switch (status) {
    case Status::kExact:
      return "exact";
    case Status::kCandidates:
      return "candidates";
    case Status::kUnknown:
      return "unknown";
  }
  return "unknown";
}

std::string_view ToString(Subtype subtype) {
  switch (subtype) {
    case Subtype::kIdentity:
      return "identity";
    case Subtype::kTransformation:
      return "transformation";
    case Subtype::kAggregation:
      return "aggregation";
    case Subtype::kConditional:
      return "conditional";
    case Subtype::kWindow:
      return "window";
    case Subtype::kFilter:
      return "filter";
    case Subtype::kSort:
      return "sort";
    case Subtype::kGroupBy:
      return "group_by";
    case Subtype::kJoin:
      return "join";
  }
  return "unknown";
}

const OutputColumn* StatementLineage::Find(std::string_view name) const {
  for (const OutputColumn& column : columns) {
    if (EqualsIgnoreCase(column.name, name)) return &column;
  }
  return nullptr;
}

}  // namespace layergate::lineage

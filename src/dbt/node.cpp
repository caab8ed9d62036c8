#include "dbt/node.h"

#include "core/text.h"

namespace layergate::dbt {

const Column* Node::FindColumn(std::string_view wanted) const {
  for (const Column& column : columns) {
    if (EqualsIgnoreCase(column.name, wanted)) return &column;
  }
  return nullptr;
}

}  // namespace layergate::dbt

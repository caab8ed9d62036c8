#include "gates/pii_carry_over/subject.h"

#include "core/text.h"

namespace layergate::pii {

const SubjectColumn* Subject::Find(std::string_view name) const {
  for (const SubjectColumn& column : columns) {
    if (EqualsIgnoreCase(column.name, name)) return &column;
  }
  return nullptr;
}

Subject Look(const dbt::Node& node, const Matchers& marks, const lineage::ProjectLineage& side,
             const Tracer& tracer) {
  Subject subject;
  subject.node = &node;
  subject.mark = MarkOf(node, marks);
  auto add = [&](const std::string& name) {
    const dbt::Column* entry = node.FindColumn(name);
    SubjectColumn column{name, std::nullopt, {}, false};
    if (entry) column.mark = MarkOf(*entry, marks);
    return column;
  };
  subject.has_sql = node.resource_type == "model" || node.resource_type == "snapshot";
  if (!subject.has_sql) {
    for (const dbt::Column& column : node.columns) subject.columns.push_back(add(column.name));
    return subject;
  }
  const lineage::ModelLineage& lineage = side.Model(node.unique_id);
  if (!lineage.unavailable.empty()) {
    subject.opaque = lineage.unavailable;
    return subject;
  }
  if (lineage.statement.columns.empty()) {
    subject.opaque = lineage.statement.diagnostics.empty()
                         ? "its SQL gives no columns that can be told"
                         : lineage.statement.diagnostics[0].message;
  }
  for (const lineage::OutputColumn& output : lineage.statement.columns) {
    SubjectColumn column = add(output.name);
    lineage::ColumnId id{node.unique_id, output.name};
    column.carried = tracer.Into(id, column.unsure);
    if (output.status != lineage::Status::kExact && tracer.MarkedAbove(node.unique_id)) {
      column.unsure = true;
    }
    subject.columns.push_back(std::move(column));
  }
  return subject;
}

}  // namespace layergate::pii

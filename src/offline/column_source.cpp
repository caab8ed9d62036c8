#include "offline/column_source.h"

#include "core/text.h"
#include "sql/dialect.h"

namespace layergate::offline {
namespace {

sql::Dialect DialectOf(const dbt::Project& project) {
  return sql::DialectFromName(project.metadata().adapter_type).value_or(sql::Dialect::kAnsi);
}

}  // namespace

ColumnSource::ColumnSource(const dbt::Project& project, const dbt::Catalog* catalog)
    : project_(project), lineage_(project, catalog, DialectOf(project)) {}

std::optional<std::vector<dbt::CatalogColumn>> ColumnSource::Columns(
    std::string_view unique_id) const {
  const dbt::Node* node = project_.Find(unique_id);
  if (!node || !(node->is_model() || node->resource_type == "snapshot")) return std::nullopt;
  const lineage::ModelLineage& model = lineage_.Model(unique_id);
  if (!model.unavailable.empty() || model.statement.columns.empty()) return std::nullopt;
  if (!lineage_.Columns(unique_id)) return std::nullopt;
  std::vector<dbt::CatalogColumn> columns;
  // A snapshot has columns of dbt's own behind those of its query; a table that only grows may have
  // the columns that its query had when it was made.
  if (node->resource_type == "snapshot" || node->materialized == "incremental") return std::nullopt;
  bool upper = lineage_.dialect() == sql::Dialect::kSnowflake;
  for (const lineage::OutputColumn& output : model.statement.columns) {
    bool known = !output.name.empty() && output.name != "*";
    if (!known) return std::nullopt;
    // Snowflake folds to capitals what the lineage folds to small letters.
    std::string name =
        upper && output.name == ToLower(output.name) ? ToUpper(output.name) : output.name;
    columns.push_back({std::move(name), "", output.ordinal});
  }
  return columns;
}

}  // namespace layergate::offline

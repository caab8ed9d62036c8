#include "dbt/catalog.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "core/file.h"
#include "dbt/json_text.h"

namespace layergate::dbt {
namespace {

std::optional<int64_t> AsCount(const Value& value) {
  if (value.is_int() && value.AsInt() >= 0) return value.AsInt();
  if (value.is_double()) {
    double number = value.AsDouble();
    if (number >= 0 && number < 9e18 && number == std::floor(number)) {
      return static_cast<int64_t>(number);
    }
  }
  if (value.is_string()) {
    std::string_view text = value.AsString();
    int64_t number = -1;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size() && number >= 0) return number;
  }
  return std::nullopt;
}

// Snowflake says row_count, BigQuery num_rows, Databricks rows.
std::optional<int64_t> RowCount(const Value& stats) {
  for (std::string_view name : {"row_count", "num_rows", "rows"}) {
    if (const Value* stat = stats.Find(name)) return AsCount((*stat)["value"]);
  }
  return std::nullopt;
}

CatalogTable BuildTable(const std::string& id, const Value& json) {
  const Value& metadata = json["metadata"];
  CatalogTable table;
  table.unique_id = id;
  table.database = metadata["database"].AsString();
  table.schema = metadata["schema"].AsString();
  table.name = metadata["name"].AsString();
  table.type = metadata["type"].AsString();
  for (const auto& [key, column] : json["columns"].members()) {
    table.columns.push_back({std::string(column["name"].AsString(key)),
                             std::string(column["type"].AsString()),
                             static_cast<int>(column["index"].AsInt())});
  }
  std::stable_sort(
      table.columns.begin(), table.columns.end(),
      [](const CatalogColumn& a, const CatalogColumn& b) { return a.index < b.index; });
  table.row_count = RowCount(json["stats"]);
  return table;
}

}  // namespace

Result<Catalog> Catalog::Load(const std::string& path) {
  LAYERGATE_TRY(std::string bytes, ReadFile(path));
  return Parse(bytes, path);
}

Result<Catalog> Catalog::Parse(std::string_view bytes, const std::string& path) {
  LAYERGATE_TRY(Value json, ParseJsonDocument(bytes, path));
  std::string_view address_text = json["metadata"]["dbt_schema_version"].AsString();
  SchemaAddress address = ParseSchemaAddress(address_text);
  if (address.what != "catalog") {
    return WrongArtifact(path, "catalog", address, !address_text.empty());
  }
  Catalog catalog;
  catalog.path_ = path;
  for (std::string_view section : {"nodes", "sources"}) {
    if (const Value* found = json.Find(section);
        found && !found->is_object() && !found->is_null()) {
      return MakeError(fmt::format("{}: \"{}\" is not an object", path, section),
                       "Run `dbt docs generate` again.");
    }
    for (const auto& [id, table] : json[section].members()) {
      catalog.tables_.emplace(id, BuildTable(id, table));
    }
  }
  return catalog;
}

const CatalogTable* Catalog::Find(std::string_view unique_id) const {
  auto found = tables_.find(unique_id);
  return found == tables_.end() ? nullptr : &found->second;
}

}  // namespace layergate::dbt

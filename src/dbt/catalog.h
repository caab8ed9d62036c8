// The warehouse's own word on columns: dbt's catalog.json (v1), written by `dbt docs generate`.
//
// A catalog is evidence, not truth: it may be empty, lag behind, or fold names to upper case
// (Snowflake). Nodes and columns are looked up without regard to case. Owns its values; immutable;
// thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace layergate::dbt {

struct CatalogColumn {
  std::string name, type;
  int index = 0;
};

struct CatalogTable {
  std::string unique_id;
  std::string database, schema, name, type;
  std::vector<CatalogColumn> columns;  // by index
  std::optional<int64_t>
      row_count;  // from stats where the adapter gives one: a hint, never evidence
};

class Catalog {
 public:
  static Result<Catalog> Load(const std::string& path);
  static Result<Catalog> Parse(std::string_view bytes, const std::string& path);

  const CatalogTable* Find(std::string_view unique_id) const;
  size_t size() const { return tables_.size(); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::map<std::string, CatalogTable, std::less<>> tables_;
};

}  // namespace layergate::dbt

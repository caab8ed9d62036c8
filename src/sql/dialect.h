// The SQL dialects that are understood, by the names that users type.
//
// A dialect is a parent plus differences, one file each under sql/dialect/; adding one is that file
// and one line in dialects.def. How names compare and which aliases can be seen from where are
// facts of the dialect too (lineage/names.h). Sources: docs/dialects.md.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace layergate::sql {

enum class Dialect {
// kAnsi is the common ground, used when nothing says which.
#define LAYERGATE_SQL_DIALECT(name, text) k##name,
#include "sql/dialects.def"
#undef LAYERGATE_SQL_DIALECT
};

// "snowflake", "bigquery", ...; also dbt adapter types ("sqlserver", "fabric", "athena",
// "bigquery").
std::optional<Dialect> DialectFromName(std::string_view name);
std::string_view ToString(Dialect dialect);
std::vector<std::string_view> DialectNames();

}  // namespace layergate::sql

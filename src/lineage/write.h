// Lineage as text: what `layergate lineage` prints, one function per format.
//
// JSON is the contract (docs/lineage.md); the others are rendered from the same values. Everything
// that came from SQL is escaped for the medium it goes to. Pure functions, byte-stable.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/value.h"
#include "lineage/column_graph.h"
#include "sql/dialect.h"

namespace layergate::lineage {

enum class LineageFormat { kJson, kOpenLineage, kDot, kMermaid, kText };

// One text's or one model's statements under a name ("query.sql", "model.shop.orders").
struct NamedLineage {
  std::string name;
  std::string text;  // spans point into it
  std::vector<StatementLineage> statements;
  std::string unavailable;  // why there is no lineage; empty when there is
};

// The statement object of the JSON output.
Value ToJson(const StatementLineage& statement, std::string_view text);

// {"schema_version", "dialect", "statements"}
std::string WriteStatements(const NamedLineage& lineage, sql::Dialect dialect,
                            LineageFormat format);
// {"schema_version", "dialect", "models": {name: statement}}
std::string WriteModels(const std::vector<NamedLineage>& models, sql::Dialect dialect,
                        LineageFormat format);

// The diagnostics of a text for a terminal: "file:line:column: message [code]" and a caret line
// each.
std::string WriteDiagnostics(const NamedLineage& lineage);

}  // namespace layergate::lineage

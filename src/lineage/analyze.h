// The door of this folder for one text: SQL and schemas in, column lineage out.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "lineage/column_graph.h"
#include "sql/dialect.h"

namespace layergate::lineage {

struct SchemaColumn {
  std::string name;
  std::string type;  // may be empty; struct types let `s.*` and field paths resolve
};

// The columns of one relation. `complete` says that the list is known to be whole (catalog,
// contract, our own analysis); when false, a name that is not in the list may still be a column.
struct RelationSchema {
  std::vector<SchemaColumn> columns;
  bool complete = true;
};

// Answers with the columns of a relation given its name parts, outermost first ({"raw", "orders"}),
// as written in the text with quoting removed (`quoted[i]` says whether part i was quoted).
// nullptr: nothing is known. The answer must stay valid until Analyze returns.
struct RelationName {
  std::vector<std::string> parts;
  std::vector<bool> quoted;
};
using SchemaLookup = std::function<const RelationSchema*(const RelationName&)>;

// Lineage of every statement of a text. Never fails: SQL that is not understood gives statements of
// status kUnknown with diagnostics. Time is linear in the text (but for stars, which cost what they
// expand to); nesting over the limit is a diagnostic.
std::vector<StatementLineage> Analyze(std::string_view text, sql::Dialect dialect,
                                      const SchemaLookup& schemas = {});

// Schemas from the JSON of `--schema`: {"table" | "schema.table" | "db.schema.table": {"column":
// "type"}}, also nested by database and schema. The returned lookup owns its data.
Result<SchemaLookup> SchemaFromJson(std::string_view json, sql::Dialect dialect);

}  // namespace layergate::lineage

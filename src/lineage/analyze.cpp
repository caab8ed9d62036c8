#include "lineage/analyze.h"

#include "lineage/analyzer.h"
#include "sql/parse.h"

namespace layergate::lineage {

std::vector<StatementLineage> Analyze(std::string_view text, sql::Dialect dialect,
                                      const SchemaLookup& schemas) {
  const sql::ParsedSql parsed = sql::Parse(text, dialect);
  std::vector<StatementLineage> out;
  for (const sql::Statement* statement : parsed.statements()) {
    Analyzer analyzer(parsed, schemas);
    out.push_back(analyzer.Run(statement));
  }
  return out;
}

}  // namespace layergate::lineage

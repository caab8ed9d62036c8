// The cases of tests/lineage/*.sql: SQL with what its lineage must be, in comments.
//
//   -- case: a rename through a CTE
//   -- dialect: snowflake, postgres        every one of them must give the same answer
//   -- table: orders(id, amount, status)   as many as needed; "orders(id, ...)": maybe more columns
//   with o as (select id as order_id from orders) select order_id from o
//   --> select exact
//   --> 1 order_id = orders.id identity
//   --> rows = nothing
//
// LAYERGATE_UPDATE=1 in the environment makes the test rewrite the "-->" lines; read the diff.
#pragma once

#include <string>
#include <vector>

#include "lineage/analyze.h"
#include "sql/dialect.h"

namespace layergate::lineage::testing {

struct LineageCase {
  std::string file, name;
  std::vector<sql::Dialect> dialects;
  std::string schema_json = "{}";
  std::vector<std::string> head;      // comment lines before the SQL, as written
  std::string text;                   // the SQL
  std::vector<std::string> expected;  // without "--> "
};

struct CaseFile {
  std::string path;
  std::vector<std::string> opening;  // lines before the first case
  std::vector<LineageCase> cases;
};

std::vector<CaseFile> ReadCaseFiles();
void WriteCaseFile(const CaseFile& file);
// A lookup over the case's tables.
SchemaLookup SchemasOf(const LineageCase& test, sql::Dialect dialect);
// The lines that expectations are compared with.
std::vector<std::string> Describe(const std::vector<StatementLineage>& statements,
                                  const std::string& text);

}  // namespace layergate::lineage::testing

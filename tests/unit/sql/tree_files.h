// The texts of tests/sql/<dialect>/<theme>.sql, and the trees that are expected of them, which
// stand beside them in <theme>.tree.
//
// A .sql file is SQL and nothing else: statements with semicolons, comments where they help. A
// first line `-- also: postgres, duckdb` says in which other dialects each statement must give the
// same tree. LAYERGATE_UPDATE=1 in the environment makes the test write the .tree files.
#pragma once

#include <string>
#include <vector>

#include "sql/dialect.h"

namespace layergate::sql::testing {

struct TreeFile {
  std::string path;  // of the .sql file, from tests/sql on: "postgres/operators.sql"
  Dialect dialect;   // the folder's
  std::vector<Dialect> also;
  std::string text;
  std::string expected;  // what the .tree file holds; empty when there is none
};

std::vector<TreeFile> ReadTreeFiles();
void WriteTree(const TreeFile& file, const std::string& tree);

// What a .tree file holds for a text: each statement on a comment line, its tree, and what was not
// understood in it.
std::string Trees(const std::string& text, Dialect dialect);

}  // namespace layergate::sql::testing

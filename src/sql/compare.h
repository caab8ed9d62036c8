// Do two texts mean the same, leaving aside what cannot matter: white space, comments, redundant
// parentheses, the case of keywords and of unquoted names (folded as the dialect folds them),
// optional words (AS, INNER, OUTER, ASC), `!=` for `<>`, `x::t` for `CAST(x AS t)`.
//
// Nothing is reordered: `a = b` and `b = a` are two trees here. What commutes is put in order where
// rows and columns are compared (lineage/compare.h).
#pragma once

#include <string>

#include "sql/ast.h"
#include "sql/dialect.h"
#include "sql/parse.h"

namespace layergate::sql {

// True when both texts are the same tree. Opaque syntax is the same only when it has the same
// tokens, letter for letter.
bool SameTree(const ParsedSql& a, const ParsedSql& b);
bool SameNode(const Node* a, const Node* b, Dialect dialect);

// A type as one line of SQL in lower case: "numeric(10, 2)", "array<struct<a int>>", "int[]".
std::string TypeText(const Type& type);

}  // namespace layergate::sql

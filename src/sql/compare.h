// Do two texts mean the same, and what does a piece of SQL look like without its accidents?
//
// Both questions leave aside what cannot matter: white space, comments, redundant parentheses, the
// case of keywords and of unquoted names (folded as the dialect folds them), optional words (AS,
// INNER, OUTER, ASC), `!=` for `<>`, `x::t` for `CAST(x AS t)`.
#pragma once

#include <string>

#include "sql/ast.h"
#include "sql/dialect.h"
#include "sql/parse.h"

namespace layergate::sql {

// True when both texts are the same tree. Never true when one of them holds something opaque,
// unless the opaque texts are equal but for white space and comments. Does not reorder anything.
bool SameTree(const ParsedSql& a, const ParsedSql& b);
bool SameNode(const Node* a, const Node* b, Dialect dialect);

struct PrintOptions {
  // Also removes the order of what commutes: operands of AND, OR, =, <>, +, *, IN lists; turns `b >
  // a` into `a < b`. What is left is comparable as text.
  bool sort_commutative = false;
};
// One canonical line for any node. Equal trees give equal texts and the other way round (but for
// commutation, when asked for).
std::string Print(const Node* node, Dialect dialect, const PrintOptions& options = {});

}  // namespace layergate::sql

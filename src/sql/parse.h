// The door of this folder: SQL text in, tree out.
//
// Parse never fails and always ends, whatever the bytes: what is not understood becomes an Opaque
// node (with a Diagnostic), and parsing goes on behind it. Time is linear in the text. Nesting
// deeper than kMaxDepth becomes Opaque with the code "too_deep", so that neither the parser nor
// anybody who walks the tree by recursion can exhaust an 8 MiB stack.
//
// ParsedSql owns a copy of the text and all nodes; it can be moved (nodes stay where they are) but
// not copied.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sql/arena.h"
#include "sql/ast.h"
#include "sql/dialect.h"

namespace layergate::sql {

inline constexpr int kMaxDepth = 1000;  // levels of nested expressions and queries

struct ParseDiagnostic {
  std::string code;  // "opaque_syntax", "too_deep", "unterminated"
  std::string message;
  Span span;
};

class ParsedSql {
 public:
  Dialect dialect() const { return dialect_; }
  std::string_view text() const { return *text_; }
  // In text order; empty statements are left out. Query, Create, Insert, ..., Command or Opaque.
  List<Statement> statements() const { return statements_; }
  const std::vector<ParseDiagnostic>& diagnostics() const { return diagnostics_; }
  // True when nothing was opaque.
  bool understood() const { return diagnostics_.empty(); }
  std::string_view Text(const Node& node) const { return Slice(*text_, node.span); }

 private:
  friend ParsedSql Parse(std::string_view text, Dialect dialect);
  ParsedSql() = default;

  Dialect dialect_ = Dialect::kAnsi;
  std::unique_ptr<const std::string> text_;
  std::unique_ptr<Arena> arena_;
  List<Statement> statements_;
  std::vector<ParseDiagnostic> diagnostics_;
};

ParsedSql Parse(std::string_view text, Dialect dialect);

}  // namespace layergate::sql

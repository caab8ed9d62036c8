// What holds for every text: of tests/sql, of all their beginnings, and in dialects that they were
// not written for.
#include <string>

#include "sql/compare.h"
#include "sql/dump.h"
#include "sql/parse.h"
#include "sql/walk.h"
#include "support/catch.h"
#include "tree_files.h"

namespace layergate::sql::testing {
namespace {

// The first thing that does not hold, or an empty text.
std::string Broken(const ParsedSql& sql) {
  std::string broken;
  bool opaque = false;
  uint32_t last = 0;
  for (const Statement* statement : sql.statements()) {
    if (statement->span.begin < last) return "statements stand in the text's order";
    last = statement->span.end;
    Walk(statement, [&](const Node* node) {
      if (node->span.begin > node->span.end || node->span.end > sql.text().size()) {
        broken = "the span of " + Dump(*node) + " lies in the text";
      }
      opaque |= node->kind == Kind::kOpaque;
      ForEachChild(*node, [&](const Node* child) {
        if (child->height >= node->height) broken = "a parent is higher than " + Dump(*child);
        const bool empty = child->span.begin == child->span.end;  // where something is missing
        if (!empty && (child->span.begin < node->span.begin || child->span.end > node->span.end)) {
          broken = "the span of " + Dump(*child) + " lies in that of " + Dump(*node);
        }
      });
      return broken.empty();
    });
  }
  if (opaque && sql.diagnostics().empty()) return "an opaque node is reported";
  for (const ParseDiagnostic& diagnostic : sql.diagnostics()) {
    if (diagnostic.span.end > sql.text().size()) return "a report's span lies in the text";
  }
  return broken;
}

TEST_CASE("spans, heights and reports are sound in every dialect") {
  for (const TreeFile& file : ReadTreeFiles()) {
    for (const std::string_view name : DialectNames()) {
      INFO(file.path << " in " << name);
      CHECK(Broken(Parse(file.text, *DialectFromName(name))) == "");
    }
  }
}

TEST_CASE("a name's span is the name") {
  for (const TreeFile& file : ReadTreeFiles()) {
    const ParsedSql sql = Parse(file.text, file.dialect);
    for (const Statement* statement : sql.statements()) {
      Walk(statement, [&](const Node* node) {
        if (const auto* column = As<Column>(node)) {
          const Name& name = column->parts.back();
          const std::string_view written = Slice(sql.text(), name.span);
          INFO(file.path << ": " << written);
          CHECK((name.quoted || written == name.text));
        }
        return true;
      });
    }
  }
}

TEST_CASE("every beginning of a text is read to its end") {
  for (const TreeFile& file : ReadTreeFiles()) {
    const ParsedSql sql = Parse(file.text, file.dialect);
    for (const Statement* statement : sql.statements()) {
      const std::string_view text = sql.Text(*statement);
      for (size_t length = 0; length < text.size(); ++length) {
        const std::string broken = Broken(Parse(text.substr(0, length), file.dialect));
        INFO(file.path << ": " << text.substr(0, length));
        if (!broken.empty()) CHECK(broken == "");
      }
    }
  }
}

TEST_CASE("a text without one of its tokens is read to its end") {
  for (const TreeFile& file : ReadTreeFiles()) {
    for (size_t from = 0; from < file.text.size(); from += 29) {
      std::string text = file.text;
      text.erase(from, 5);
      const std::string broken = Broken(Parse(text, file.dialect));
      INFO(file.path << " without " << file.text.substr(from, 5));
      if (!broken.empty()) CHECK(broken == "");
    }
  }
}

TEST_CASE("statements are counted") {
  CHECK(Parse("", Dialect::kAnsi).statements().empty());
  CHECK(Parse(" ;; -- no\n;", Dialect::kAnsi).statements().empty());
  CHECK(Parse("select 1; select 2;", Dialect::kAnsi).statements().size() == 2);
  CHECK(Parse("select ';'; select 2", Dialect::kAnsi).statements().size() == 2);
  CHECK(Parse("select 1\nselect 2", Dialect::kTsql).statements().size() == 2);
  CHECK(Parse("select ( ; select 2", Dialect::kAnsi).statements().size() == 2);
}

}  // namespace
}  // namespace layergate::sql::testing

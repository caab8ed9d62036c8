// Any bytes through lexer, parser, walk, dump, comparison and lineage. The first byte chooses the
// dialect, the rest is the text. Beside crashes, these must hold for every input:
//   - a text is the same tree as itself;
//   - every node's span lies in the text and in the span of its parent;
//   - what was not understood is reported: an Opaque without a diagnostic would fail open.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "lineage/analyze.h"
#include "sql/compare.h"
#include "sql/dump.h"
#include "sql/parse.h"
#include "sql/walk.h"

namespace {

using layergate::sql::Dialect;
using layergate::sql::Kind;
using layergate::sql::Node;
using layergate::sql::ParsedSql;

void Check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

void CheckNodes(const ParsedSql& sql) {
  bool opaque = false;
  for (const Node* statement : sql.statements()) {
    layergate::sql::Walk(statement, [&](const Node* node) {
      Check(node->span.begin <= node->span.end && node->span.end <= sql.text().size(),
            "a span lies in the text");
      Check(node->height <= layergate::sql::kMaxHeight + 8, "a tree is no higher than the limit");
      opaque |= node->kind == Kind::kOpaque;
      layergate::sql::ForEachChild(*node, [&](const Node* child) {
        Check(child->height < node->height, "a child is lower than its parent");
      });
      return true;
    });
  }
  Check(!opaque || !sql.diagnostics().empty(), "an opaque node is reported");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  static const auto kDialects = layergate::sql::DialectNames();
  const Dialect dialect = *layergate::sql::DialectFromName(kDialects[data[0] % kDialects.size()]);
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const ParsedSql sql = layergate::sql::Parse(text, dialect);
  CheckNodes(sql);
  Check(layergate::sql::SameTree(sql, layergate::sql::Parse(text, dialect)),
        "a text is the same tree as itself");
  layergate::sql::Dump(sql);
  layergate::lineage::Analyze(text, dialect);
  return 0;
}

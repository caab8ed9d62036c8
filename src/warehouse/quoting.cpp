#include "warehouse/quoting.h"

#include <algorithm>
#include <vector>

namespace layergate::warehouse {
namespace {

struct Style {
  char open = '"', close = '"';
  size_t max_bytes = 255;
  int parts = 3;           // database.schema.identifier, or fewer
  bool backslash = false;  // a backslash escapes inside quoted names
};

Style StyleOf(sql::Dialect dialect) {
  using sql::Dialect;
  switch (dialect) {
    case Dialect::kPostgres:
      return {'"', '"', 63, 3, false};
    case Dialect::kRedshift:
      return {'"', '"', 127, 3, false};
    case Dialect::kSqlite:
      // Two parts: a database is a file there. Backticks below for columns, see QuoteName.
      return {'"', '"', 1000, 2, false};
    case Dialect::kMySql:
    case Dialect::kMariaDb:
      return {'`', '`', 256, 2, false};  // 64 characters of up to four bytes
    case Dialect::kTsql:
      return {'[', ']', 256, 3, false};
    case Dialect::kBigQuery:
      return {'`', '`', 1024, 3, true};
    case Dialect::kDatabricks:
    case Dialect::kSpark:
      return {'`', '`', 255, 3, false};
    case Dialect::kClickHouse:
      return {'`', '`', 255, 2, true};
    case Dialect::kAnsi:
    case Dialect::kSnowflake:
    case Dialect::kDuckDb:
    case Dialect::kTrino:
      break;
  }
  return {};
}

std::string Quote(std::string_view name, const Style& style) {
  if (name.empty() || name.size() > style.max_bytes) return {};
  std::string out(1, style.open);
  for (char c : name) {
    if (c == '\0') return {};
    if (style.backslash && (c == '\\' || c == style.close)) {
      out += '\\';
    } else if (c == style.close) {
      out += c;
    }
    out += c;
  }
  return out + style.close;
}

}  // namespace

std::string QuoteName(sql::Dialect dialect, std::string_view name) {
  Style style = StyleOf(dialect);
  // SQLite takes an unknown "name" for a text, so that count("no_such_column") counts every row
  // instead of failing. In backticks it is a name and nothing else.
  if (dialect == sql::Dialect::kSqlite) style.open = style.close = '`';
  return Quote(name, style);
}

std::string QuoteRelation(sql::Dialect dialect, const Relation& relation) {
  Style style = StyleOf(dialect);
  std::vector<std::string_view> parts;
  if (style.parts > 2 && !relation.database.empty()) parts.push_back(relation.database);
  if (!relation.schema.empty()) parts.push_back(relation.schema);
  parts.push_back(relation.identifier);
  std::string out;
  for (std::string_view part : parts) {
    std::string quoted = Quote(part, style);
    if (quoted.empty()) return {};
    if (!out.empty()) out += '.';
    out += quoted;
  }
  return out;
}

std::string QuoteText(sql::Dialect dialect, std::string_view text) {
  // Dialects differ in what a backslash means inside quotes, and some settings change it.
  if (text.find_first_of(std::string_view("\0\\", 2)) != std::string_view::npos) return {};
  bool backslash = StyleOf(dialect).backslash;
  std::string out = "'";
  for (char c : text) {
    if (c == '\'') out += backslash ? '\\' : '\'';
    out += c;
  }
  return out + "'";
}

}  // namespace layergate::warehouse

#include "gates/join_fanout/probe.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "core/text.h"
#include "lineage/analyze.h"
#include "sql/parse.h"
#include "sql/walk.h"

namespace layergate::join_fanout {
namespace {

// How a name without quotes is kept by the database: the text of a join has folded it away.
std::string Kept(sql::Dialect dialect, const std::string& name) {
  return dialect == sql::Dialect::kSnowflake ? ToUpper(name) : name;
}

// The table or CTE of that name that the query joins: its text as it is written there.
std::string WrittenName(const sql::ParsedSql& parsed, const sql::Node* query, Span join,
                        bool& is_cte, std::string_view& with) {
  std::string written;
  sql::Walk(query, [&](const sql::Node* node) {
    if (node->kind != sql::Kind::kTable || !written.empty()) return true;
    if (node->span.begin < join.begin || node->span.end > join.end) return true;
    const auto& table = static_cast<const sql::Table&>(*node);
    for (const sql::Name& part : table.name) {
      written += (written.empty() ? "" : ".") + std::string(Slice(parsed.text(), part.span));
    }
    return true;
  });
  const auto& top = static_cast<const sql::Query&>(*query);
  if (!top.with) return written;
  for (const sql::Cte* cte : top.with->ctes) {
    if (EqualsIgnoreCase(Slice(parsed.text(), cte->name.span), written)) {
      is_cte = true;
      with = parsed.Text(*top.with);
    }
  }
  return written;
}

std::optional<long long> NumberOf(const std::optional<std::string>& cell) {
  if (!cell) return 0;  // max() and sum() of no rows
  std::string_view text = Trim(*cell);
  if (size_t point = text.find('.'); point != std::string_view::npos) text = text.substr(0, point);
  long long number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<RightSide> RightSideOf(std::string_view query, sql::Dialect dialect,
                                     const lineage::JoinFanout& join) {
  sql::ParsedSql parsed = sql::Parse(query, dialect);
  auto statements = parsed.statements();
  if (statements.size() != 1 || statements[0]->kind != sql::Kind::kQuery) return std::nullopt;
  RightSide side;
  bool is_cte = false;
  std::string_view with;
  side.relation = WrittenName(parsed, statements[0], join.span, is_cte, with);
  // Not the join's own right side, but a table inside a subquery of it.
  std::string tail = ToLower(side.relation.substr(side.relation.rfind('.') + 1));
  std::string wanted = ToLower(join.relation.substr(join.relation.rfind('.') + 1));
  tail.erase(std::remove_if(tail.begin(), tail.end(),
                            [](char c) { return c == '"' || c == '`' || c == '[' || c == ']'; }),
             tail.end());
  if (side.relation.empty() || tail != wanted) return std::nullopt;
  if (is_cte) side.with = std::string(with);
  std::string probe = fmt::format("{} select * from {}", side.with, side.relation);
  for (const auto& statement : lineage::Analyze(probe, dialect)) {
    side.base_relations = statement.relations;
  }
  return side;
}

std::string ProbeSql(warehouse::Pool& pool, const RightSide& side,
                     const std::vector<std::string>& columns) {
  std::string keys, not_null;
  for (const std::string& column : columns) {
    std::string quoted = pool.QuoteName(Kept(pool.dialect(), column)).sql;
    if (quoted.empty()) return {};
    keys += fmt::format("{}t.{}", keys.empty() ? "" : ", ", quoted);
    not_null += fmt::format("{}t.{} is not null", not_null.empty() ? "" : " and ", quoted);
  }
  return fmt::format(
      "{}{}select count(*) as keys, sum(case when g.n > 1 then 1 else 0 end) as repeated, max(g.n) "
      "as most from (select count(*) as n from {} as t where {} group by {}) as g",
      side.with, side.with.empty() ? "" : " ", side.relation, not_null, keys);
}

std::optional<KeyCounts> ReadCounts(const warehouse::Rows& rows) {
  if (rows.rows.size() != 1 || rows.rows[0].cells.size() != 3) return std::nullopt;
  const auto& cells = rows.rows[0].cells;
  auto keys = NumberOf(cells[0]), repeated = NumberOf(cells[1]), most = NumberOf(cells[2]);
  if (!keys || !repeated || !most) return std::nullopt;
  return KeyCounts{*keys, *repeated, *most};
}

}  // namespace layergate::join_fanout

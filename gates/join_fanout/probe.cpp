#include "gates/join_fanout/probe.h"

#include <algorithm>
#include <array>
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

std::string WithoutQuotes(std::string text) {
  text.erase(std::remove_if(text.begin(), text.end(),
                            [](char c) { return c == '"' || c == '`' || c == '[' || c == ']'; }),
             text.end());
  return text;
}

std::string LastPart(std::string_view name) {
  size_t dot = name.rfind('.');
  return ToLower(
      WithoutQuotes(std::string(dot == std::string_view::npos ? name : name.substr(dot + 1))));
}

// The right side of the join as it stands in the text: a table's name, or a subquery in its
// brackets. Empty when the first of them inside the join is not what the join is about.
std::string WrittenRight(const sql::ParsedSql& parsed, const sql::Node* query,
                         const lineage::JoinFanout& join) {
  std::string written, name;
  sql::Walk(query, [&](const sql::Node* node) {
    if (!written.empty()) return false;
    if (node->span.begin < join.span.begin || node->span.end > join.span.end) return true;
    if (node->kind == sql::Kind::kDerived) {
      const auto& derived = static_cast<const sql::Derived&>(*node);
      written = fmt::format("({})", parsed.Text(*derived.query));
      name = std::string(derived.alias.text);
      return false;
    }
    if (node->kind == sql::Kind::kTable) {
      for (const sql::Name& part : static_cast<const sql::Table&>(*node).name) {
        written += (written.empty() ? "" : ".") + std::string(Slice(parsed.text(), part.span));
      }
      name = written;
      return false;
    }
    return true;
  });
  return LastPart(name) == LastPart(join.relation) ? written : std::string();
}

// The WITH clause of the query; empty when there is none.
std::string_view WithOf(const sql::ParsedSql& parsed, const sql::Node* query) {
  const auto* top = sql::As<sql::Query>(query);
  return top != nullptr && top->with ? parsed.Text(*top->with) : std::string_view();
}

// Whether a CTE of the query, or a subquery that may read one, is meant.
bool NeedsWith(const sql::ParsedSql& parsed, const sql::Node* query, const std::string& written) {
  if (written[0] == '(') return true;
  const auto* top = sql::As<sql::Query>(query);
  if (top == nullptr || !top->with) return false;
  for (const sql::Cte* cte : top->with->ctes) {
    if (EqualsIgnoreCase(Slice(parsed.text(), cte->name.span), written)) return true;
  }
  return false;
}

// Functions that reach out of the query. The session is read-only and dbt has built the same SQL,
// but there is no need to run these once more: what a read-only transaction does not stop (another
// connection, a lock, a file) is not sent.
bool ReachesOut(std::string_view function) {
  constexpr std::array<std::string_view, 18> kBeginnings = {
      "pg_",    "dblink", "lo_",       "load_",     "sys_",     "xp_",
      "sp_",    "open",   "query_to_", "table_to_", "http",     "read_",
      "system", "sleep",  "benchmark", "get_lock",  "release_", "master_pos_wait"};
  constexpr std::array<std::string_view, 9> kNames = {"nextval",       "setval", "set_config",
                                                      "cursor_to_xml", "glob",   "getenv",
                                                      "sniff_csv",     "url",    "remote"};
  std::string name = ToLower(function);
  return std::any_of(kBeginnings.begin(), kBeginnings.end(),
                     [&](std::string_view each) { return name.substr(0, each.size()) == each; }) ||
         std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

std::string OutsideCall(const sql::ParsedSql& parsed) {
  std::string found;
  for (const sql::Statement* statement : parsed.statements()) {
    sql::Walk(statement, [&](const sql::Node* node) {
      const auto* call = sql::As<sql::Call>(node);
      if (call && !call->name.empty() && ReachesOut(call->name.back().text)) {
        found = std::string(call->name.back().text);
      }
      return found.empty();
    });
  }
  return found;
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
  side.reaches_out = OutsideCall(parsed);
  side.relation = WrittenRight(parsed, statements[0], join);
  if (side.relation.empty()) return std::nullopt;
  if (NeedsWith(parsed, statements[0], side.relation)) {
    side.with = std::string(WithOf(parsed, statements[0]));
  }
  std::string probe = fmt::format("{} select * from {} as t", side.with, side.relation);
  for (const auto& statement : lineage::Analyze(probe, dialect)) {
    side.base_relations = statement.relations;
  }
  return side;
}

std::string ProbeSql(warehouse::Pool& pool, const RightSide& side,
                     const lineage::JoinFanout& join) {
  // The name that the join's own conditions use.
  std::string alias = join.alias.empty() ? "t" : join.alias;
  std::string keys, condition;
  for (const std::string& column : join.on) {
    std::string quoted = pool.QuoteName(Kept(pool.dialect(), column)).sql;
    if (quoted.empty()) return {};
    keys += fmt::format("{}{}.{}", keys.empty() ? "" : ", ", alias, quoted);
    condition +=
        fmt::format("{}{}.{} is not null", condition.empty() ? "" : " and ", alias, quoted);
  }
  for (const std::string& only : join.only) condition += fmt::format(" and ({})", only);
  return fmt::format(
      "{}{}select count(*) as n_keys, sum(case when g.n > 1 then 1 else 0 end) as n_repeated, "
      "max(g.n) as n_most from (select count(*) as n from {} as {} where {} group by {}) as g",
      side.with, side.with.empty() ? "" : " ", side.relation, alias, condition, keys);
}

std::optional<KeyCounts> ReadCounts(const warehouse::Rows& rows) {
  if (rows.rows.size() != 1 || rows.rows[0].cells.size() != 3) return std::nullopt;
  const auto& cells = rows.rows[0].cells;
  auto keys = NumberOf(cells[0]), repeated = NumberOf(cells[1]), most = NumberOf(cells[2]);
  if (!keys || !repeated || !most) return std::nullopt;
  return KeyCounts{*keys, *repeated, *most};
}

}  // namespace layergate::join_fanout

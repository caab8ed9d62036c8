#include "lineage/names.h"

#include <unordered_map>

#include "core/text.h"

namespace layergate::lineage {

namespace {

using sql::Dialect;
using Compare = NameRules::Compare;
using Visibility = NameRules::Visibility;

constexpr NameRules Snowflake() {
  NameRules r;
  r.compare = Compare::kFoldUnquoted;
  r.folds_to_upper = true;
  r.keeps_case_of_output = false;
  r.select_alias = Visibility::kAnywhere;
  r.alias_in_where = r.alias_in_join = r.alias_in_group_by = r.alias_in_having = true;
  r.alias_in_qualify = true;
  r.order_by_alias_in_expressions = true;
  r.having_sees_grouped_only = true;
  return r;
}

constexpr NameRules Postgres() {
  NameRules r;
  r.compare = Compare::kFoldUnquoted;
  r.keeps_case_of_output = false;
  r.alias_in_group_by = true;
  return r;
}

constexpr NameRules Redshift() {
  NameRules r;
  r.keeps_case_of_output = false;
  r.select_alias = Visibility::kLeftToRight;
  r.alias_in_group_by = r.alias_in_having = r.alias_in_qualify = true;
  r.having_sees_grouped_only = true;
  return r;
}

constexpr NameRules BigQuery() {
  NameRules r;
  r.alias_in_group_by = r.alias_in_having = r.alias_in_qualify = true;
  r.order_by_alias_in_expressions = true;
  r.alias_wins_after_grouping = r.group_by_alias_first = true;
  return r;
}

constexpr NameRules Spark() {
  NameRules r;
  r.select_alias = Visibility::kLeftToRight;
  r.alias_in_group_by = r.alias_in_having = r.alias_in_qualify = true;
  r.order_by_alias_in_expressions = true;
  r.having_sees_grouped_only = true;
  return r;
}

constexpr NameRules DuckDb() {
  NameRules r;
  r.select_alias = Visibility::kLeftToRight;
  r.alias_in_where = r.alias_in_group_by = r.alias_in_having = r.alias_in_qualify = true;
  r.order_by_alias_in_expressions = true;
  r.stored_names_are_unlike = true;
  r.having_sees_grouped_only = true;
  return r;
}

constexpr NameRules Tsql() { return {}; }

constexpr NameRules Trino() { return {}; }

constexpr NameRules MySql() {
  NameRules r;
  r.alias_in_group_by = r.alias_in_having = true;
  r.order_by_alias_in_expressions = true;
  r.having_sees_grouped_only = true;
  return r;
}

constexpr NameRules Sqlite() {
  NameRules r;
  r.alias_in_where = r.alias_in_join = r.alias_in_group_by = r.alias_in_having = true;
  r.order_by_alias_in_expressions = true;
  r.unresolvable_quoted_is_string = true;
  return r;
}

constexpr NameRules ClickHouse() {
  NameRules r;
  r.compare = Compare::kSensitive;
  r.select_alias = Visibility::kAnywhere;
  r.alias_in_where = r.alias_in_join = r.alias_in_group_by = r.alias_in_having = true;
  r.alias_in_qualify = true;
  r.alias_wins = true;
  r.group_by_alias_first = true;
  r.order_by_alias_in_expressions = true;
  return r;
}

constexpr NameRules Ansi() {
  NameRules r;
  r.alias_in_group_by = true;
  return r;
}

constexpr NameRules kSnowflake = Snowflake();
constexpr NameRules kPostgres = Postgres();
constexpr NameRules kRedshift = Redshift();
constexpr NameRules kBigQuery = BigQuery();
constexpr NameRules kSpark = Spark();
constexpr NameRules kDuckDb = DuckDb();
constexpr NameRules kTsql = Tsql();
constexpr NameRules kTrino = Trino();
constexpr NameRules kMySql = MySql();
constexpr NameRules kSqlite = Sqlite();
constexpr NameRules kClickHouse = ClickHouse();
constexpr NameRules kAnsi = Ansi();

}  // namespace

const NameRules& RulesOf(Dialect dialect) {
  switch (dialect) {
    case Dialect::kSnowflake:
      return kSnowflake;
    case Dialect::kBigQuery:
      return kBigQuery;
    case Dialect::kDatabricks:
    case Dialect::kSpark:
      return kSpark;
    case Dialect::kRedshift:
      return kRedshift;
    case Dialect::kPostgres:
      return kPostgres;
    case Dialect::kDuckDb:
      return kDuckDb;
    case Dialect::kTsql:
      return kTsql;
    case Dialect::kTrino:
      return kTrino;
    case Dialect::kMySql:
    case Dialect::kMariaDb:
      return kMySql;
    case Dialect::kSqlite:
      return kSqlite;
    case Dialect::kClickHouse:
      return kClickHouse;
    case Dialect::kAnsi:
      return kAnsi;
  }
  return kAnsi;
}

std::string NameKey(const NameRules& rules, std::string_view name, bool quoted) {
  switch (rules.compare) {
    case Compare::kInsensitive:
      return ToLower(name);
    case Compare::kSensitive:
      return std::string(name);
    case Compare::kFoldUnquoted:
      if (quoted) return std::string(name);
      return rules.folds_to_upper ? ToUpper(name) : ToLower(name);
  }
  return std::string(name);
}

std::string ShownName(const NameRules& rules, std::string_view name, bool quoted) {
  if (rules.compare == Compare::kSensitive) return std::string(name);
  if (rules.compare == Compare::kInsensitive) return ToLower(name);
  if (!quoted) return ToLower(name);
  // A quoted name that is what folding gives anyway is the same column: show it the same way.
  if (rules.folds_to_upper && name == ToUpper(name)) return ToLower(name);
  return std::string(name);
}

std::string ShownOutput(const NameRules& rules, std::string_view name, bool quoted) {
  if (rules.keeps_case_of_output) return std::string(name);
  if (rules.compare == Compare::kInsensitive) return ToLower(name);
  return ShownName(rules, name, quoted);
}

bool MakeUnlike(const NameRules& rules, std::vector<std::string>& names) {
  std::unordered_map<std::string, size_t> used;  // key -> the number that its next namesake gets
  bool changed = false;
  for (std::string& name : names) {
    if (name == "*") continue;
    const std::string key = NameKey(rules, name, false);
    if (used.emplace(key, 1).second) continue;
    std::string numbered;
    do {
      numbered = name + "_" + std::to_string(used[key]++);
    } while (!used.emplace(NameKey(rules, numbered, false), 1).second);
    name = std::move(numbered);
    changed = true;
  }
  return changed;
}

}  // namespace layergate::lineage

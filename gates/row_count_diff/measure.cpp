#include "gates/row_count_diff/measure.h"

#include <charconv>
#include <future>

#include <fmt/format.h>

#include "core/text.h"
#include "dbt/catalog.h"

namespace layergate::row_count_diff {
namespace {

using warehouse::Answer;
using warehouse::FailureKind;

std::optional<long long> NumberOf(const std::optional<std::string>& cell) {
  if (!cell) return std::nullopt;
  std::string_view text = Trim(*cell);
  // Engines that count in decimals write "12.0".
  if (size_t point = text.find('.'); point != std::string_view::npos) text = text.substr(0, point);
  long long number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// How a name that was not quoted is kept by the database.
std::string Fold(sql::Dialect dialect, std::string_view name) {
  if (dialect == sql::Dialect::kSnowflake) return ToUpper(name);
  if (dialect == sql::Dialect::kPostgres || dialect == sql::Dialect::kRedshift) {
    return ToLower(name);
  }
  return std::string(name);
}

// The part of a relation, as dbt wrote it: quoted in relation_name, or folded by the database.
std::string Part(const dbt::Node& node, sql::Dialect dialect, const std::string& part) {
  const std::string& whole = node.relation_name;
  bool quoted = whole.empty() || whole.find('"' + part + '"') != std::string::npos ||
                whole.find('`' + part + '`') != std::string::npos ||
                whole.find('[' + part + ']') != std::string::npos;
  return quoted ? part : Fold(dialect, part);
}

std::string NotNull(const std::vector<std::string>& keys) {
  std::string text;
  for (const std::string& key : keys) {
    text += fmt::format("{}{} is not null", text.empty() ? "" : " and ", key);
  }
  return text;
}

std::string Where(const std::string& condition) {
  return condition.empty() ? std::string() : " where " + condition;
}

// One row: how many rows, how many with a key, how many keys. One scan for a key of one column; a
// key of several needs a grouping of its own, since no engine counts distinct tuples as all do.
std::string CountSql(const Side& side) {
  const auto& keys = side.keys;
  std::string from = fmt::format(" from {} as t{}", side.relation, Where(side.where));
  if (keys.empty()) return "select count(*) as n" + from;
  if (keys.size() == 1) {
    return fmt::format("select count(*) as n, count({0}) as k, count(distinct {0}) as d{1}",
                       keys[0], from);
  }
  std::string keyed = NotNull(keys);
  if (!side.where.empty()) keyed += " and " + side.where;
  return fmt::format(
      "select count(*) as n, count(case when {0} then 1 end) as k, (select count(*) from (select 1 "
      "as one from {1} as t where {2} group by {3}) as g) as d{4}",
      NotNull(keys), side.relation, keyed, Join(keys, ", "), from);
}

std::chrono::milliseconds Time(const GateContext& context) { return context.TimeLeft(); }

// Cells from `at` on.
bool TakeCounts(const warehouse::Row& row, size_t at, Side& side) {
  size_t width = side.keys.empty() ? 1 : 3;
  if (row.cells.size() < at + width) return false;
  auto rows = NumberOf(row.cells[at]);
  if (!rows) return false;
  Counts counts{*rows, {}, {}};
  if (width == 3) {
    counts.keyed = NumberOf(row.cells[at + 1]);
    counts.distinct_keys = NumberOf(row.cells[at + 2]);
    if (!counts.has_keys()) return false;
  }
  side.counts = counts;
  return true;
}

warehouse::Failure NoNumber() {
  return {FailureKind::kSql, "the database answered with something that is not a count", ""};
}

void CountOne(Side& side, std::chrono::milliseconds time) {
  Answer answer = side.pool->Run(CountSql(side), time);
  if (!answer) {
    side.failure = answer.failure;
  } else if (answer.rows->rows.size() != 1 || !TakeCounts(answer.rows->rows[0], 0, side)) {
    side.failure = NoNumber();
  }
}

std::string BothSql(const Side& base, const Side& head) {
  auto columns = [](const Side& side, std::string_view alias) {
    return side.keys.empty() ? fmt::format("{0}.n", alias)
                             : fmt::format("{0}.n, {0}.k, {0}.d", alias);
  };
  return fmt::format("select {}, {} from ({}) as b cross join ({}) as h", columns(base, "b"),
                     columns(head, "h"), CountSql(base), CountSql(head));
}

// False when the two have to be asked apart, to learn which of them failed.
bool CountBoth(Side& base, Side& head, const std::string& sql, std::chrono::milliseconds time) {
  Answer answer = base.pool->Run(sql, time);
  if (!answer) {
    FailureKind kind = answer.failure.kind;
    if (kind == FailureKind::kMissing || kind == FailureKind::kPermission ||
        kind == FailureKind::kSql) {
      return false;
    }
    base.failure = head.failure = answer.failure;
    return true;
  }
  if (answer.rows->rows.size() == 1) {
    const warehouse::Row& row = answer.rows->rows[0];
    if (TakeCounts(row, 0, base) && TakeCounts(row, base.keys.empty() ? 1 : 3, head)) return true;
  }
  base.counts.reset();
  head.counts.reset();
  base.failure = head.failure = NoNumber();
  return true;
}

}  // namespace

std::string RelationSql(warehouse::Pool& pool, const dbt::Node& node) {
  const std::string& name = !node.alias.empty()        ? node.alias
                            : !node.identifier.empty() ? node.identifier
                                                       : node.name;
  sql::Dialect dialect = pool.dialect();
  return pool
      .Quote({Part(node, dialect, node.database), Part(node, dialect, node.schema),
              Part(node, dialect, name)})
      .sql;
}

std::string ColumnSql(const Side& side, std::string_view column) {
  std::string name;
  if (const dbt::CatalogTable* table =
          side.catalog ? side.catalog->Find(side.node->unique_id) : nullptr) {
    for (const dbt::CatalogColumn& known : table->columns) {
      if (EqualsIgnoreCase(known.name, column)) name = known.name;
    }
  }
  if (name.empty()) {
    const dbt::Column* declared = side.node->FindColumn(column);
    bool quoted = declared && declared->quote;
    name = quoted ? declared->name : Fold(side.pool->dialect(), column);
  }
  std::string quoted = side.pool->QuoteName(name).sql;
  return quoted.empty() ? quoted : "t." + quoted;
}

bool SameTarget(const warehouse::Pool& a, const warehouse::Pool& b) {
  const warehouse::Target& x = a.target();
  const warehouse::Target& y = b.target();
  return &a == &b || (x.engine == y.engine && x.settings == y.settings);
}

void Count(std::vector<Side*> sides, GateContext& context, std::vector<std::string>& statements) {
  if (sides.size() == 2 && SameTarget(*sides[0]->pool, *sides[1]->pool)) {
    std::string sql = BothSql(*sides[0], *sides[1]);
    statements.push_back(sql);
    if (CountBoth(*sides[0], *sides[1], sql, Time(context))) return;
  }
  for (Side* side : sides) statements.push_back(CountSql(*side));
  std::vector<std::future<void>> others;
  auto time = Time(context);
  for (size_t i = 1; i < sides.size(); ++i) {
    others.push_back(
        std::async(std::launch::async, [side = sides[i], time] { CountOne(*side, time); }));
  }
  if (!sides.empty()) CountOne(*sides[0], time);
  for (auto& other : others) other.get();
}

std::optional<std::vector<Multiplicity>> Histogram(const Side& side, GateContext& context,
                                                   std::vector<std::string>& statements) {
  std::string condition = NotNull(side.keys);
  if (!side.where.empty()) condition += " and " + side.where;
  bool top = side.pool->dialect() == sql::Dialect::kTsql;
  std::string sql = fmt::format(
      "select {}g.n, count(*) as keys_of_n from (select count(*) as n from {} as t where {} group "
      "by "
      "{}) as g group by g.n order by g.n{}",
      top ? "top 20 " : "", side.relation, condition, Join(side.keys, ", "),
      top ? "" : " limit 20");
  statements.push_back(sql);
  Answer answer = side.pool->Run(sql, Time(context));
  if (!answer) return std::nullopt;
  std::vector<Multiplicity> histogram;
  for (const warehouse::Row& row : answer.rows->rows) {
    if (row.cells.size() != 2) return std::nullopt;
    auto times = NumberOf(row.cells[0]);
    auto keys = NumberOf(row.cells[1]);
    if (!times || !keys) return std::nullopt;
    histogram.push_back({*times, *keys});
  }
  return histogram;
}

}  // namespace layergate::row_count_diff

#include "gates/row_count_diff/measure.h"

#include <algorithm>
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

std::string InQuotes(std::string_view part, char open, char close) {
  std::string text(1, open);
  for (char c : part) text.append(c == close ? 2 : 1, c);
  return text + close;
}

// The part of a relation, as dbt wrote it: quoted in relation_name, or folded by the database.
std::string Part(const dbt::Node& node, sql::Dialect dialect, const std::string& part) {
  const std::string& whole = node.relation_name;
  auto written = [&](char open, char close) {
    // dbt itself does not double a quote inside a name.
    return whole.find(open + part + close) != std::string::npos ||
           whole.find(InQuotes(part, open, close)) != std::string::npos;
  };
  bool quoted = whole.empty() || written('"', '"') || written('`', '`') || written('[', ']');
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

std::string MeasureSql(const Side& side, const ColumnMeasure& measure) {
  std::string column = ColumnSql(side, measure.column);
  switch (measure.kind) {
    case ColumnMeasure::Kind::kNulls:
      return fmt::format("count({})", column);  // the rows that have a value
    case ColumnMeasure::Kind::kDistinct:
      return fmt::format("count(distinct {})", column);
    case ColumnMeasure::Kind::kSum:
      return fmt::format("sum({})", column);
  }
  return {};
}

// What one row of numbers holds: name and expression.
std::vector<std::pair<std::string, std::string>> NumbersOf(const Side& side) {
  std::vector<std::pair<std::string, std::string>> numbers = {{"n", "count(*)"}};
  const auto& keys = side.keys;
  if (keys.size() == 1) {
    numbers.emplace_back("k", fmt::format("count({})", keys[0]));
    numbers.emplace_back("d", fmt::format("count(distinct {})", keys[0]));
  } else if (keys.size() > 1) {
    // A key of several columns needs a grouping of its own: no engine counts distinct tuples as all
    // do.
    std::string keyed = NotNull(keys);
    if (!side.where.empty()) keyed += " and " + side.where;
    numbers.emplace_back("k", fmt::format("count(case when {} then 1 end)", NotNull(keys)));
    numbers.emplace_back(
        "d", fmt::format("(select count(*) from (select 1 as one from {} as t where {} group by "
                         "{}) as g)",
                         side.relation, keyed, Join(keys, ", ")));
  }
  for (size_t i = 0; i < side.measures.size(); ++i) {
    numbers.emplace_back(fmt::format("m{}", i + 1), MeasureSql(side, side.measures[i]));
  }
  return numbers;
}

// One row, one scan.
std::string CountSql(const Side& side) {
  std::string columns;
  for (const auto& [name, expression] : NumbersOf(side)) {
    columns += fmt::format("{}{} as {}", columns.empty() ? "" : ", ", expression, name);
  }
  return fmt::format("select {} from {} as t{}", columns, side.relation, Where(side.where));
}

std::chrono::milliseconds Time(const GateContext& context) { return context.TimeLeft(); }

std::optional<double> DoubleOf(const std::optional<std::string>& cell) {
  if (!cell) return std::nullopt;
  std::string_view text = Trim(*cell);
  double number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Cells from `at` on.
bool TakeCounts(const warehouse::Row& row, size_t at, Side& side) {
  size_t key_width = side.keys.empty() ? 0 : 2;
  if (row.cells.size() < at + 1 + key_width + side.measures.size()) return false;
  auto rows = NumberOf(row.cells[at]);
  if (!rows) return false;
  Counts counts{*rows, {}, {}, {}};
  if (key_width > 0) {
    counts.keyed = NumberOf(row.cells[at + 1]);
    counts.distinct_keys = NumberOf(row.cells[at + 2]);
    if (!counts.has_keys()) return false;
  }
  for (size_t i = 0; i < side.measures.size(); ++i) {
    counts.measures.push_back(DoubleOf(row.cells[at + 1 + key_width + i]));
  }
  side.counts = std::move(counts);
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
  std::string columns;
  for (const auto& [side, alias] : {std::pair(&base, "b"), {&head, "h"}}) {
    for (const auto& [name, unused] : NumbersOf(*side)) {
      columns += fmt::format("{}{}.{}", columns.empty() ? "" : ", ", alias, name);
    }
  }
  return fmt::format("select {} from ({}) as b cross join ({}) as h", columns, CountSql(base),
                     CountSql(head));
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
    if (TakeCounts(row, 0, base) && TakeCounts(row, NumbersOf(base).size(), head)) return true;
  }
  base.counts.reset();
  head.counts.reset();
  base.failure = head.failure = NoNumber();
  return true;
}

}  // namespace

std::string_view ToString(ColumnMeasure::Kind kind) {
  switch (kind) {
    case ColumnMeasure::Kind::kNulls:
      return "nulls";
    case ColumnMeasure::Kind::kDistinct:
      return "distinct";
    case ColumnMeasure::Kind::kSum:
      return "sum";
  }
  return "";
}

warehouse::Relation RelationOf(warehouse::Pool& pool, const dbt::Node& node) {
  const std::string& name = !node.alias.empty()        ? node.alias
                            : !node.identifier.empty() ? node.identifier
                                                       : node.name;
  sql::Dialect dialect = pool.dialect();
  return {Part(node, dialect, node.database), Part(node, dialect, node.schema),
          Part(node, dialect, name)};
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

bool HasCatalogColumn(const Side& side, std::string_view column) {
  const dbt::CatalogTable* table =
      side.catalog ? side.catalog->Find(side.node->unique_id) : nullptr;
  if (!table) return false;
  return std::any_of(table->columns.begin(), table->columns.end(),
                     [&](const auto& known) { return EqualsIgnoreCase(known.name, column); });
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

std::string HistogramSql(const Side& side) {
  std::string condition = NotNull(side.keys);
  if (!side.where.empty()) condition += " and " + side.where;
  bool top = side.pool->dialect() == sql::Dialect::kTsql;
  return fmt::format(
      "select {}g.n, count(*) as keys_of_n from (select count(*) as n from {} as t where {} group "
      "by {}) as g group by g.n order by g.n{}",
      top ? "top 20 " : "", side.relation, condition, Join(side.keys, ", "),
      top ? "" : " limit 20");
}

std::optional<std::vector<Multiplicity>> Histogram(const Side& side, GateContext& context,
                                                   std::vector<std::string>& statements) {
  std::string sql = HistogramSql(side);
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

#include "warehouse/estimate.h"

#include <charconv>
#include <string_view>

#include <fmt/format.h>

#include "core/text.h"

namespace layergate::warehouse {
namespace {

// One row: the number of rows and the age of the number. {s} and {t} are the schema and the table
// as text literals, {d} the database as a name with a dot behind it, or nothing.
struct Statistics {
  sql::Dialect dialect;
  std::string_view source;
  std::string_view statement;
};

constexpr Statistics kStatistics[] = {
    {sql::Dialect::kPostgres, "pg_class.reltuples",
     "select c.reltuples::bigint as n, coalesce(greatest(s.last_analyze, "
     "s.last_autoanalyze)::text, "
     "'') as as_of from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = "
     "c.relnamespace left join pg_catalog.pg_stat_all_tables s on s.relid = c.oid where n.nspname "
     "= "
     "{s} and c.relname = {t} and c.reltuples >= 0 and c.relkind in ('r', 'm', 'p', 'f')"},
    {sql::Dialect::kRedshift, "svv_table_info.tbl_rows",
     "select tbl_rows as n, '' as as_of from svv_table_info where \"schema\" = {s} and \"table\" = "
     "{t}"},
    {sql::Dialect::kDuckDb, "duckdb_tables().estimated_size",
     "select estimated_size as n, '' as as_of from duckdb_tables() where schema_name = {s} and "
     "table_name = {t} and database_name = current_database()"},
    {sql::Dialect::kMariaDb, "information_schema.tables.table_rows",
     "select table_rows as n, coalesce(update_time, '') as as_of from information_schema.tables "
     "where table_schema = {s} and table_name = {t} and table_rows is not null"},
    {sql::Dialect::kMySql, "information_schema.tables.table_rows",
     "select table_rows as n, coalesce(update_time, '') as as_of from information_schema.tables "
     "where table_schema = {s} and table_name = {t} and table_rows is not null"},
    {sql::Dialect::kSnowflake, "information_schema.tables.row_count",
     "select row_count as n, last_altered::varchar as as_of from {d}information_schema.tables "
     "where "
     "table_schema = {s} and table_name = {t} and row_count is not null"},
    {sql::Dialect::kTsql, "sys.dm_db_partition_stats",
     "select sum(p.row_count) as n, '' as as_of from sys.dm_db_partition_stats p join sys.objects "
     "o "
     "on o.object_id = p.object_id join sys.schemas s on s.schema_id = o.schema_id where s.name = "
     "{s} and o.name = {t} and p.index_id in (0, 1) having count(*) > 0"}};

// {x} by its value; values are quoted already and never looked at again.
std::string Fill(std::string_view pattern, std::string_view schema, std::string_view table,
                 std::string_view database) {
  std::string out;
  for (size_t i = 0; i < pattern.size(); ++i) {
    std::string_view mark = pattern.substr(i, 3);
    std::string_view value = mark == "{s}" ? schema : mark == "{t}" ? table : database;
    if (mark == "{s}" || mark == "{t}" || mark == "{d}") {
      out += value;
      i += 2;
    } else {
      out += pattern[i];
    }
  }
  return out;
}

}  // namespace

std::string Words(const Estimate& estimate) {
  return fmt::format(
      "about {} rows by {}{}", WithThousands(estimate.rows), estimate.source,
      estimate.as_of.empty() ? std::string() : " of " + Printable(estimate.as_of.substr(0, 16)));
}

std::optional<Estimate> EstimateRows(Pool& pool, const Relation& relation,
                                     std::chrono::milliseconds timeout,
                                     std::vector<std::string>& statements) {
  Relation placed = pool.Place(relation);
  for (const Statistics& statistics : kStatistics) {
    if (statistics.dialect != pool.dialect()) continue;
    std::string schema = pool.QuoteText(placed.schema).sql;
    std::string table = pool.QuoteText(placed.identifier).sql;
    std::string database = placed.database.empty() ? "" : pool.QuoteName(placed.database).sql + ".";
    if (schema.empty() || table.empty() || database == ".") return std::nullopt;
    std::string sql = Fill(statistics.statement, schema, table, database);
    statements.push_back(sql);
    Answer answer = pool.Run(sql, timeout);
    if (!answer || answer.rows->rows.size() != 1) return std::nullopt;
    const Row& row = answer.rows->rows[0];
    if (row.cells.size() != 2 || !row.cells[0]) return std::nullopt;
    std::string_view text = *row.cells[0];
    Estimate estimate{0, std::string(statistics.source), row.cells[1].value_or("")};
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), estimate.rows);
    if (error != std::errc()) return std::nullopt;
    return estimate;
  }
  return std::nullopt;
}

}  // namespace layergate::warehouse

// How long column lineage takes: medians over a file of queries, and shapes of SQL that have
// brought others down (chains of wide stars, deep nesting, thousands of branches, megabytes).
//
// usage: bench_lineage QUERIES.sql SCHEMA.json [--dialect NAME] [--rounds N] [--shapes]
// Prints lines "name value unit", which bench/lineage/run puts beside sqlglot's.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "core/file.h"
#include "core/text.h"
#include "lineage/analyze.h"
#include "sql/parse.h"

namespace {

using layergate::lineage::Analyze;
using layergate::lineage::SchemaLookup;
using layergate::sql::Dialect;

// Processor time of this one thread: what else the machine does is no part of it.
double Median(int rounds, const std::function<void()>& work) {
  std::vector<double> times;
  for (int i = 0; i < rounds; ++i) {
    const std::clock_t begin = std::clock();
    work();
    times.push_back(1000.0 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

// One query a part: the file separates them by a semicolon at the end of a line.
std::vector<std::string> Queries(const std::string& text) {
  std::vector<std::string> queries(1);
  for (const std::string_view line : layergate::Split(text, '\n')) {
    queries.back().append(line).push_back('\n');
    const std::string_view end = layergate::Trim(line);
    if (!end.empty() && end.back() == ';') queries.emplace_back();
  }
  queries.erase(std::remove_if(queries.begin(), queries.end(),
                               [](const std::string& q) { return layergate::Trim(q).empty(); }),
                queries.end());
  return queries;
}

struct Result {
  size_t columns = 0, exact = 0;
};

Result LineageOf(const std::string& sql, Dialect dialect, const SchemaLookup& schemas) {
  Result result;
  for (const auto& statement : Analyze(sql, dialect, schemas)) {
    for (const auto& column : statement.columns) {
      ++result.columns;
      result.exact += column.status == layergate::lineage::Status::kExact ? 1 : 0;
    }
  }
  return result;
}

void Shape(const char* name, const std::string& sql, int rounds, const SchemaLookup& schemas = {}) {
  Result result;
  const double ms = Median(rounds, [&] { result = LineageOf(sql, Dialect::kSnowflake, schemas); });
  fmt::print("{} {:.2f} ms ({} columns, {} exact, {} bytes)\n", name, ms, result.columns,
             result.exact, sql.size());
}

std::string StarChain(int ctes) {
  std::string sql = "with c0 as (select * from wide)";
  for (int i = 1; i <= ctes; ++i) {
    sql += fmt::format(", c{} as (select *, a{} + {} as extra_{} from c{})", i, i, i, i, i - 1);
  }
  return sql + fmt::format(" select * from c{}", ctes);
}

std::string Nested(int depth, const char* open, const char* close) {
  std::string sql = "select ";
  for (int i = 0; i < depth; ++i) sql += open;
  sql += "a";
  for (int i = 0; i < depth; ++i) sql += close;
  return sql + " as x from t";
}

std::string Branches(int count) {
  std::string sql = "select a from t0";
  for (int i = 1; i < count; ++i) sql += fmt::format(" union all select a from t{}", i);
  return sql;
}

std::string Long(size_t bytes) {
  std::string sql = "select a";
  for (int i = 0; sql.size() < bytes; ++i) {
    sql += fmt::format(",\n  coalesce(case when a > {} then b else c end, {}) + d as column_{}", i,
                       i, i);
  }
  return sql + " from t";
}

void Shapes() {
  std::string columns;
  for (int i = 0; i < 300; ++i) columns += fmt::format("{}\"a{}\": \"int\"", i ? ", " : "", i);
  const auto wide =
      layergate::lineage::SchemaFromJson("{\"wide\": {" + columns + "}}", Dialect::kSnowflake);
  if (!wide) std::exit(2);
  Shape("star_chain_20x300", StarChain(20), 9, *wide);
  Shape("nested_parentheses_10000", Nested(10000, "(", ")"), 3);
  Shape("nested_case_10000", Nested(10000, "case when b then ", " end"), 3);
  Shape("nested_subqueries_10000", Nested(10000, "(select ", " from u)"), 3);
  Shape("union_5000", Branches(5000), 3);
  Shape("union_10000", Branches(10000), 3);
  Shape("megabytes_5", Long(5'000'000), 1);
  Shape("megabytes_10", Long(10'000'000), 1);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> files;
  Dialect dialect = Dialect::kSnowflake;
  int rounds = 9;
  bool shapes = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--shapes") {
      shapes = true;
    } else if (argument == "--rounds" && i + 1 < argc) {
      rounds = std::max(1, std::atoi(argv[++i]));
    } else if (argument == "--dialect" && i + 1 < argc) {
      const auto named = layergate::sql::DialectFromName(argv[++i]);
      if (named) dialect = *named;
    } else {
      files.emplace_back(argument);
    }
  }
  if (files.size() == 2) {
    const auto text = layergate::ReadFile(files[0]);
    const auto json = layergate::ReadFile(files[1]);
    const auto schemas =
        json ? layergate::lineage::SchemaFromJson(*json, dialect)
             : decltype(layergate::lineage::SchemaFromJson("", dialect))(json.error());
    if (!text || !schemas) {
      fmt::print(stderr, "{}\n", !text ? text.error().ToString() : schemas.error().ToString());
      return 2;
    }
    const std::vector<std::string> queries = Queries(*text);
    const auto count = static_cast<double>(queries.size());
    Result result;
    const double parse = Median(rounds, [&] {
      for (const std::string& query : queries) layergate::sql::Parse(query, dialect);
    });
    const double lineage = Median(rounds, [&] {
      result = {};
      for (const std::string& query : queries) {
        const Result one = LineageOf(query, dialect, *schemas);
        result.columns += one.columns;
        result.exact += one.exact;
      }
    });
    fmt::print("queries {} count\ncolumns {} count\nexact {} count\n", queries.size(),
               result.columns, result.exact);
    fmt::print("parse {:.4f} ms/query\nlineage {:.4f} ms/query\n", parse / count, lineage / count);
  } else if (!shapes) {
    fmt::print(
        stderr,
        "usage: bench_lineage QUERIES.sql SCHEMA.json [--dialect NAME] [--rounds N] [--shapes]\n");
    return 2;
  }
  if (shapes) Shapes();
  return 0;
}

#include "sql/dialect.h"

#include <array>
#include <utility>

#include "core/text.h"
#include "sql/grammar.h"

namespace layergate::sql {
namespace {

constexpr std::string_view kNames[] = {
#define LAYERGATE_SQL_DIALECT(name, text) text,
#include "sql/dialects.def"
#undef LAYERGATE_SQL_DIALECT
};

// dbt adapter types and everyday names for the same thing.
constexpr std::pair<std::string_view, Dialect> kAliases[] = {
    {"athena", Dialect::kTrino},         {"azuresql", Dialect::kTsql},
    {"fabric", Dialect::kTsql},          {"mssql", Dialect::kTsql},
    {"sqlserver", Dialect::kTsql},       {"synapse", Dialect::kTsql},
    {"t-sql", Dialect::kTsql},           {"postgresql", Dialect::kPostgres},
    {"alloydb", Dialect::kPostgres},     {"greenplum", Dialect::kPostgres},
    {"materialize", Dialect::kPostgres}, {"risingwave", Dialect::kPostgres},
    {"presto", Dialect::kTrino},         {"starburst", Dialect::kTrino},
    {"glue", Dialect::kSpark},           {"fabricspark", Dialect::kSpark},
    {"sparksql", Dialect::kSpark},       {"hive", Dialect::kSpark},
    {"mysql5", Dialect::kMySql},         {"sqlite3", Dialect::kSqlite},
    {"motherduck", Dialect::kDuckDb},
};

}  // namespace

std::optional<Dialect> DialectFromName(std::string_view name) {
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if (EqualsIgnoreCase(kNames[i], name)) return static_cast<Dialect>(i);
  }
  for (const auto& [alias, dialect] : kAliases) {
    if (EqualsIgnoreCase(alias, name)) return dialect;
  }
  return std::nullopt;
}

std::string_view ToString(Dialect dialect) { return kNames[static_cast<size_t>(dialect)]; }

std::vector<std::string_view> DialectNames() {
  return {std::begin(kNames) + 1, std::end(kNames)};  // "ansi" is no product
}

const Grammar& GrammarOf(Dialect dialect) {
  static const std::array kGrammars = {
#define LAYERGATE_SQL_DIALECT(name, text) name##Grammar(),
#include "sql/dialects.def"
#undef LAYERGATE_SQL_DIALECT
  };
  return kGrammars[static_cast<size_t>(dialect)];
}

bool IsWordArgument(const Grammar& grammar, std::string_view function, size_t index) {
  for (const WordArgument& each : grammar.word_arguments) {
    if (each.argument == index && EqualsIgnoreCase(each.function, function)) return true;
  }
  return false;
}

}  // namespace layergate::sql

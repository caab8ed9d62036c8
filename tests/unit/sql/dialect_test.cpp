// Names of dialects, as users and dbt write them.
#include "sql/dialect.h"

#include "support/catch.h"

namespace layergate::sql {
namespace {

TEST_CASE("every dialect is found by the name that is printed for it") {
  for (const std::string_view name : DialectNames()) {
    INFO(name);
    const auto dialect = DialectFromName(name);
    REQUIRE(dialect.has_value());
    CHECK(ToString(*dialect) == name);
  }
}

TEST_CASE("dbt adapters and everyday names mean a dialect, whatever their case") {
  CHECK(DialectFromName("sqlserver") == Dialect::kTsql);
  CHECK(DialectFromName("fabric") == Dialect::kTsql);
  CHECK(DialectFromName("athena") == Dialect::kTrino);
  CHECK(DialectFromName("PostgreSQL") == Dialect::kPostgres);
  CHECK(DialectFromName("glue") == Dialect::kSpark);
  CHECK_FALSE(DialectFromName("oracle").has_value());
  CHECK_FALSE(DialectFromName("").has_value());
}

}  // namespace
}  // namespace layergate::sql

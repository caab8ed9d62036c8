// Texts that once crashed the parser, hung it or made it say something that does not hold. Found by
// scripts/fuzz and by reading; each must only be read to its end now.
#include "sql/dump.h"
#include "sql/parse.h"
#include "support/catch.h"

namespace layergate::sql {
namespace {

TEST_CASE("a command keeps its targets and its queries apart") {
  const ParsedSql sql =
      Parse("copy (select a from t) to 'x'; grant select on t to r", Dialect::kPostgres);
  const auto* copy = As<Command>(sql.statements()[0]);
  REQUIRE(copy != nullptr);
  CHECK(copy->targets.empty());
  REQUIRE(copy->statements.size() == 1);
  CHECK(copy->statements[0]->kind == Kind::kQuery);
  const auto* grant = As<Command>(sql.statements()[1]);
  REQUIRE(grant != nullptr);
  CHECK(grant->targets.size() == 1);
  CHECK(grant->statements.empty());
}

TEST_CASE("a clause that is not understood stays in its SELECT") {
  const ParsedSql sql = Parse("select a from t where b frobnicate c", Dialect::kPostgres);
  const auto* query = As<Query>(sql.statements()[0]);
  REQUIRE(query != nullptr);
  const auto* select = As<Select>(query->body);
  REQUIRE(select != nullptr);
  CHECK(select->unknown.size() == 1);
}

}  // namespace
}  // namespace layergate::sql

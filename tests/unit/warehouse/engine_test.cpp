// Rules that hold for every engine: what is sent, how names are written, what is cut out of texts.
#include "warehouse/engine.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "databases.h"
#include "warehouse/odbc/drivers.h"
#include "warehouse/quoting.h"
#include "warehouse/redact.h"

namespace layergate::warehouse {

int UnusedPort() {
  int s = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  bind(s, reinterpret_cast<sockaddr*>(&address), sizeof address);
  getsockname(s, reinterpret_cast<sockaddr*>(&address), &length);
  close(s);
  return ntohs(address.sin_port);
}

TEST_CASE("Only reading statements are sent") {
  for (const char* sql : {"select 1", "  SELECT 1", "(select 1)", "-- why\nselect 1",
                          "/* a */ with x as (select 1) select * from x", "explain select 1",
                          "values (1)", "show tables"}) {
    INFO(sql);
    CHECK(RefuseStatement(sql) == "");
  }
  for (const char* sql :
       {"delete from t", "set session transaction read write", "", "attach 'x' as y", "pragma x",
        "/*! delete from t */", "/*M! delete from t */ select 1", "-- only a comment", "/* open",
        "begin", "selectx", "; delete from t", "do $$ begin end $$"}) {
    INFO(sql);
    CHECK(RefuseStatement(sql) != "");
  }
  CHECK(RefuseStatement(std::string("select 1\0", 9)) != "");
}

TEST_CASE("A second statement is seen") {
  CHECK(HoldsSeveralStatements("select 1; delete from t"));
  CHECK(HoldsSeveralStatements("select ';' from t"));  // refused too: quotes are not looked at
  CHECK_FALSE(HoldsSeveralStatements("select 1; \n"));
  CHECK_FALSE(HoldsSeveralStatements("select 1"));
}

TEST_CASE("Names stay names in every dialect") {
  using sql::Dialect;
  CHECK(QuoteName(Dialect::kPostgres, "a\"; drop table x; --") == "\"a\"\"; drop table x; --\"");
  CHECK(QuoteName(Dialect::kMariaDb, "a`b") == "`a``b`");
  CHECK(QuoteName(Dialect::kSqlite, "a\"b") == "`a\"b`");
  CHECK(QuoteName(Dialect::kTsql, "a]b") == "[a]]b]");
  CHECK(QuoteName(Dialect::kBigQuery, "a`\\b") == "`a\\`\\\\b`");
  CHECK(QuoteName(Dialect::kPostgres, std::string("a\0b", 3)).empty());
  CHECK(QuoteName(Dialect::kPostgres, "").empty());
  // PostgreSQL would cut the name and read another relation.
  CHECK_FALSE(QuoteName(Dialect::kPostgres, std::string(63, 'x')).empty());
  CHECK(QuoteName(Dialect::kPostgres, std::string(64, 'x')).empty());

  Relation relation{"db", "s", "t"};
  CHECK(QuoteRelation(Dialect::kPostgres, relation) == "\"db\".\"s\".\"t\"");
  CHECK(QuoteRelation(Dialect::kSqlite, relation) == "\"s\".\"t\"");
  CHECK(QuoteRelation(Dialect::kMariaDb, relation) == "`s`.`t`");
  CHECK(QuoteRelation(Dialect::kPostgres, {"", "", "t"}) == "\"t\"");
  CHECK(QuoteRelation(Dialect::kPostgres, {"db", "s", ""}).empty());

  CHECK(QuoteText(Dialect::kPostgres, "it's") == "'it''s'");
  CHECK(QuoteText(Dialect::kPostgres, "a\\").empty());
}

TEST_CASE("Secrets are found in every form that a message gives them") {
  Redactor redactor({"p@ss'w}rd\"", "tail", "x1"});
  CHECK(redactor.Clean("a p@ss'w}rd\" b") == "a *** b");
  CHECK(redactor.Clean("postgres://u:p%40ss%27w%7Drd%22@h") == "postgres://u:***@h");
  CHECK(redactor.Clean("password='p@ss\\'w}rd\"'") == "password='***'");
  CHECK(redactor.Clean("PWD={p@ss'w}}rd\"}") == "PWD={***}");
  CHECK(redactor.Clean("dovetail") == "dove***");
  // Cutting "x1" out would show where it was; nothing is shown.
  CHECK(redactor.Clean("value x1") == "(message withheld: it may hold a secret)");
  CHECK(redactor.Line(" two\nlines\x1b[31m \n") == "two; lines\\x1b[31m");
  CHECK(Redactor({""}).Clean("plain") == "plain");
}

TEST_CASE("Drivers are known by name, and their settings by list") {
  const odbc::Driver* mariadb = odbc::FindDriver("/usr/lib/odbc/libmaodbc.so");
  REQUIRE(mariadb);
  CHECK(mariadb->family == "mariadb");
  CHECK(odbc::FindDriver("Simba ODBC Driver for Google BigQuery")->family == "bigquery");
  CHECK(odbc::FindDriver("ODBC Driver 18 for SQL Server")->family == "sqlserver");
  CHECK(odbc::FindDriver("evil.so") == nullptr);

  CHECK(odbc::CheckSettings(*mariadb, {{"Server", "h"}, {"PWD", "a=b"}}));
  for (const char* key : {"option", "initstmt", "filedsn", "dsn", "plugin_dir", "savefile"}) {
    INFO(key);
    CHECK_FALSE(odbc::CheckSettings(*mariadb, {{key, "1"}}));
  }
  for (const char* value : {"a;Driver=/tmp/evil.so", "{a", "a}b", "a\nb", "\x01"}) {
    INFO(value);
    CHECK_FALSE(odbc::CheckSettings(*mariadb, {{"server", value}}));
  }
  CHECK_FALSE(odbc::CheckSettings(*mariadb, {{"server", "a"}, {"SERVER", "b"}}));
}

}  // namespace layergate::warehouse

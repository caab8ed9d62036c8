// MariaDB for real, when scripts/with_databases has started one.
#include <atomic>
#include <thread>

#include <fmt/format.h>
#include <sql.h>
#include <sqlext.h>

#include "databases.h"

namespace layergate::warehouse {
namespace {

constexpr const char* kUrl = "LAYERGATE_TEST_MARIADB_URL";

// A second way to the server, which may write.
class Server {
 public:
  explicit Server(const Target& target) {
    std::string text = "Driver=MariaDB Unicode";
    for (const auto& [key, value] : target.settings) text += ";" + key + "=" + value;
    SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment_);
    SQLSetEnvAttr(environment_, SQL_ATTR_ODBC_VERSION,
                  reinterpret_cast<SQLPOINTER>(SQLULEN{SQL_OV_ODBC3}), 0);
    SQLAllocHandle(SQL_HANDLE_DBC, environment_, &connection_);
    auto code = SQLDriverConnect(connection_, nullptr, reinterpret_cast<SQLCHAR*>(text.data()),
                                 SQL_NTS, nullptr, 0, nullptr, SQL_DRIVER_NOPROMPT);
    if (!SQL_SUCCEEDED(code)) FAIL("no second connection to MariaDB");
    Run("drop database if exists lg");
    Run("create database lg");
    Run("create table lg.orders (id integer) engine=innodb");
    Run("insert into lg.orders select seq from lg_seq");
    Run("create table lg.`odd``; name of 'table'\n?` (`a;b?` integer)");
    Run("insert into lg.`odd``; name of 'table'\n?` values (7)");
    Run("create or replace user nobody@'127.0.0.1'");
  }
  ~Server() {
    SQLDisconnect(connection_);
    SQLFreeHandle(SQL_HANDLE_DBC, connection_);
    SQLFreeHandle(SQL_HANDLE_ENV, environment_);
  }
  std::string Run(std::string sql) {
    if (size_t at = sql.find("lg_seq"); at != std::string::npos)
      sql.replace(at, 6, "seq_1_to_1000");
    SQLHANDLE statement = SQL_NULL_HANDLE;
    SQLAllocHandle(SQL_HANDLE_STMT, connection_, &statement);
    auto code = SQLExecDirect(statement, reinterpret_cast<SQLCHAR*>(sql.data()), SQL_NTS);
    char cell[100] = "";
    SQLLEN length = 0;
    if (SQL_SUCCEEDED(code) && SQL_SUCCEEDED(SQLFetch(statement))) {
      SQLGetData(statement, 1, SQL_C_CHAR, cell, sizeof cell, &length);
    }
    SQLFreeHandle(SQL_HANDLE_STMT, statement);
    if (!SQL_SUCCEEDED(code) && code != SQL_NO_DATA) FAIL("not run: " << sql);
    return cell;
  }
  std::string Orders() { return Run("select count(*) from lg.orders"); }
  std::string Busy() {
    return Run(
        "select count(*) from information_schema.processlist where info like '%sleep(60)%' and "
        "info not like '%processlist%'");
  }

 private:
  SQLHANDLE environment_ = SQL_NULL_HANDLE;
  SQLHANDLE connection_ = SQL_NULL_HANDLE;
};

}  // namespace

TEST_CASE("MariaDB: counts, nulls and names") {
  auto url = UrlFrom(kUrl);
  if (!url) return;
  Server server(MakeTarget(*url));
  auto connection = MustOpen(*url);
  CHECK(One(*connection, "select count(*) from lg.orders") == "1000");
  CHECK(One(*connection, "select null") == "NULL");
  std::string odd = connection->Quote({"", "lg", "odd`; name of 'table'\n?"});
  CHECK(One(*connection,
            "select max(t." + connection->QuoteName("a;b?") + ") from " + odd + " as t") == "7");
  CHECK(One(*connection, "select count(*) from (select 1) as x") == "1");
  CHECK(connection->Query("explain select * from lg.orders", kTime));
}

TEST_CASE("MariaDB: nothing is written") {
  auto url = UrlFrom(kUrl);
  if (!url) return;
  Server server(MakeTarget(*url));
  auto connection = MustOpen(*url);
  for (const char* sql : {"delete from lg.orders", "select 1; delete from lg.orders",
                          "set session transaction read write", "/*!50000 delete from lg.orders */",
                          "with d as (select 1) delete from lg.orders",
                          "set statement max_statement_time=1 for delete from lg.orders"}) {
    INFO(sql);
    CHECK_FALSE(connection->Query(sql, kTime));
  }
  CHECK(server.Orders() == "1000");
}

TEST_CASE("MariaDB: each failure has its kind") {
  auto url = UrlFrom(kUrl);
  if (!url) return;
  Server server(MakeTarget(*url));
  auto connection = MustOpen(*url);
  auto kind = [&](Connection& c, const char* sql) { return c.Query(sql, kTime).failure.kind; };
  CHECK(kind(*connection, "select * from lg.gone") == FailureKind::kMissing);
  CHECK(kind(*connection, "select gone from lg.orders") == FailureKind::kMissing);
  CHECK(kind(*connection, "select from where") == FailureKind::kSql);
  CHECK(One(*connection, "select count(*) from lg.orders") == "1000");

  Target target = MakeTarget(WithLogin(*url, "nobody"));
  std::erase_if(target.settings, [](const auto& setting) { return setting.first == "database"; });
  Opened nobody = Open(target, kTime);
  REQUIRE(nobody.connection);
  CHECK(kind(*nobody.connection, "select count(*) from lg.orders") == FailureKind::kPermission);
}

TEST_CASE("MariaDB: the server stops what is past its deadline") {
  auto url = UrlFrom(kUrl);
  if (!url) return;
  Server server(MakeTarget(*url));
  auto connection = MustOpen(*url);
  Answer answer = connection->Query("select count(*) from lg.orders where sleep(60) = 0",
                                    std::chrono::milliseconds(300));
  REQUIRE_FALSE(answer);
  CHECK(answer.failure.kind == FailureKind::kTimeout);
  CHECK(server.Busy() == "0");
  CHECK(One(*connection, "select 1") == "1");
}

TEST_CASE("MariaDB: another thread cancels on the server") {
  auto url = UrlFrom(kUrl);
  if (!url) return;
  Server server(MakeTarget(*url));
  auto connection = MustOpen(*url);
  std::atomic<bool> ended = false;
  std::thread canceller([&] {
    while (!ended) {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      if (!ended) connection->Cancel();
    }
  });
  Answer answer = connection->Query("select count(*) from lg.orders where sleep(60) = 0", kTime);
  ended = true;
  canceller.join();
  INFO(One(answer));
  REQUIRE_FALSE(answer);
  CHECK(answer.failure.kind == FailureKind::kCancelled);
  CHECK(server.Busy() == "0");
}

TEST_CASE("MariaDB: a wrong password is not shown") {
  auto url = UrlFrom(kUrl);
  if (!url) return;
  Opened opened = Open(MakeTarget(WithLogin(*url, "ci:canary-4711")), kTime);
  REQUIRE_FALSE(opened.connection);
  CHECK(opened.failure.kind == FailureKind::kConnect);
  CHECK(opened.failure.message.find("Access denied") != std::string::npos);
  CHECK(opened.failure.message.find("canary") == std::string::npos);
}

}  // namespace layergate::warehouse

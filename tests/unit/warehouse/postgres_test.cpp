// PostgreSQL for real, when scripts/with_databases has started one.
#include <atomic>
#include <thread>

#include <fmt/format.h>
#include <libpq-fe.h>

#include "databases.h"
#include "warehouse/estimate.h"

namespace layergate::warehouse {
namespace {

constexpr const char* kUrl = "LAYERGATE_TEST_POSTGRES_URL";

// A second way to the server, which may write.
class Server {
 public:
  explicit Server(const std::string& url) : connection_(PQconnectdb(url.c_str())) {
    if (PQstatus(connection_) != CONNECTION_OK) FAIL(PQerrorMessage(connection_));
    Run("set client_min_messages = error");
    Run("drop schema if exists lg cascade; create schema lg");
    Run("create table lg.orders as select g as id from generate_series(1, 1000) g");
    Run("create table lg.\"odd\"\"; name\nof 'table'\" (\"a;b\" integer)");
    Run("insert into lg.\"odd\"\"; name\nof 'table'\" values (7)");
    Run("do $$ begin create role lg_nobody login; exception when duplicate_object then null; end "
        "$$");
    Run("grant usage on schema lg to lg_nobody");
  }
  ~Server() { PQfinish(connection_); }
  std::string Run(const std::string& sql) {
    PGresult* result = PQexec(connection_, sql.c_str());
    auto status = PQresultStatus(result);
    bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    std::string answer = PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "";
    PQclear(result);
    if (!ok) FAIL(sql << ": " << PQerrorMessage(connection_));
    return answer;
  }
  std::string Orders() { return Run("select count(*) from lg.orders"); }
  // Statements of ours that the server is still busy with.
  std::string Busy() {
    return Run(
        "select count(*) from pg_stat_activity where application_name = 'layergate' and state = "
        "'active'");
  }

 private:
  PGconn* connection_;
};

}  // namespace

TEST_CASE("PostgreSQL: counts, nulls and names") {
  auto url = UrlFrom(kUrl);
  if (!url) return;
  Server server(*url);
  auto connection = MustOpen(*url);
  CHECK(One(*connection, "select count(*) from lg.orders") == "1000");
  CHECK(One(*connection, "select null::text") == "NULL");
  CHECK(connection->Query("select id from lg.orders", kTime, 5).rows->rows.size() == 5);
  std::string odd = connection->Quote({"layergate", "lg", "odd\"; name\nof 'table'"});
  CHECK(One(*connection, "select max(" + connection->QuoteName("a;b") + ") from " + odd) == "7");
}

TEST_CASE("PostgreSQL: nothing is written") {
  auto url = UrlFrom(kUrl);
  if (!url) return;
  Server server(*url);
  auto connection = MustOpen(*url);
  for (const char* sql :
       {"delete from lg.orders", "select 1; delete from lg.orders",
        "select 1; commit; delete from lg.orders",
        "with d as (delete from lg.orders returning 1) select count(*) from d",
        "explain analyze delete from lg.orders", "select id into lg.copy from lg.orders",
        "set default_transaction_read_only = off", "set transaction read write",
        "select set_config('transaction_read_only', 'off', true), nextval('lg.none')",
        "select pg_notify('a', 'b'); insert into lg.orders values (1)"}) {
    INFO(sql);
    CHECK_FALSE(connection->Query(sql, kTime));
  }
  // A setting that was changed by a function does not last into the next statement's transaction.
  connection->Query("select set_config('default_transaction_read_only', 'off', false)", kTime);
  CHECK(connection
            ->Query("with d as (delete from lg.orders returning 1) select count(*) from d", kTime)
            .failure.sqlstate == "25006");
  CHECK(server.Orders() == "1000");
  // Servers before 16 let a read-only transaction make large objects; it is rolled back.
  connection->Query("select lo_create(0)", kTime);
  CHECK(server.Run("select count(*) from pg_largeobject_metadata") == "0");
}

TEST_CASE("PostgreSQL: each failure has its kind") {
  auto url = UrlFrom(kUrl);
  if (!url) return;
  Server server(*url);
  auto connection = MustOpen(*url);
  auto kind = [&](Connection& c, const char* sql) { return c.Query(sql, kTime).failure.kind; };
  CHECK(kind(*connection, "select * from lg.gone") == FailureKind::kMissing);
  CHECK(kind(*connection, "select gone from lg.orders") == FailureKind::kMissing);
  CHECK(kind(*connection, "select * from gone.orders") == FailureKind::kMissing);
  CHECK(kind(*connection, "select * from elsewhere.lg.orders") == FailureKind::kMissing);
  CHECK(kind(*connection, "select 1 / 0") == FailureKind::kSql);
  CHECK(kind(*connection, "select from where") == FailureKind::kSql);
  CHECK(One(*connection, "select count(*) from lg.orders") == "1000");

  auto nobody = MustOpen(WithLogin(*url, "lg_nobody"));
  Answer refused = nobody->Query("select count(*) from lg.orders", kTime);
  CHECK(refused.failure.kind == FailureKind::kPermission);
  CHECK(refused.failure.message.find("permission denied") != std::string::npos);
}

TEST_CASE("PostgreSQL: the server stops what is past its deadline") {
  auto url = UrlFrom(kUrl);
  if (!url) return;
  Server server(*url);
  auto connection = MustOpen(*url);
  Answer answer = connection->Query("select pg_sleep(60)", std::chrono::milliseconds(200));
  REQUIRE_FALSE(answer);
  CHECK(answer.failure.kind == FailureKind::kTimeout);
  CHECK(answer.failure.sqlstate == "57014");
  CHECK(server.Busy() == "0");
  CHECK(One(*connection, "select 1") == "1");

  server.Run("begin; lock table lg.orders in access exclusive mode");
  answer = connection->Query("select count(*) from lg.orders", std::chrono::milliseconds(300));
  CHECK(answer.failure.kind == FailureKind::kTimeout);
  server.Run("rollback");
  CHECK(One(*connection, "select count(*) from lg.orders") == "1000");
}

TEST_CASE("PostgreSQL: another thread cancels on the server") {
  auto url = UrlFrom(kUrl);
  if (!url) return;
  Server server(*url);
  auto connection = MustOpen(*url);
  Answer answer;
  std::atomic<bool> ended = false;
  std::thread canceller([&] {
    while (!ended) {
      connection->Cancel();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  });
  answer = connection->Query("select pg_sleep(60)", kTime);
  ended = true;
  canceller.join();
  REQUIRE_FALSE(answer);
  CHECK(answer.failure.kind == FailureKind::kCancelled);
  CHECK(server.Busy() == "0");
}

TEST_CASE("PostgreSQL: a connection that is killed is replaced") {
  auto url = UrlFrom(kUrl);
  if (!url) return;
  Server server(*url);
  auto connection = MustOpen(*url);
  REQUIRE(connection->Query("select 1", kTime));
  const char* kill =
      "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = "
      "'layergate'";
  server.Run(kill);
  CHECK(connection->Query("select 1", kTime).failure.kind == FailureKind::kTransient);

  Pool pool(MakeTarget(*url), 2, kTime);
  REQUIRE(pool.Run("select 1", kTime));
  server.Run(kill);
  CHECK(One(pool.Run("select 41 + 1", kTime)) == "42");
}

TEST_CASE("PostgreSQL: its statistics are an estimate, with source and age") {
  auto url = UrlFrom(kUrl);
  if (!url) return;
  Server server(*url);
  server.Run("analyze lg.orders; create view lg.seen as select * from lg.orders");
  Pool pool(MakeTarget(*url), 1, kTime);
  std::vector<std::string> statements;
  auto estimate = EstimateRows(pool, {"layergate", "lg", "orders"}, kTime, statements);
  REQUIRE(estimate);
  CHECK(estimate->rows == 1000);
  CHECK(estimate->source == "pg_class.reltuples");
  CHECK_FALSE(estimate->as_of.empty());
  CHECK(Words(*estimate).find("about 1,000 rows by pg_class.reltuples of 20") == 0);
  CHECK(statements.size() == 1);
  CHECK_FALSE(EstimateRows(pool, {"layergate", "lg", "gone"}, kTime, statements));
  CHECK_FALSE(EstimateRows(pool, {"layergate", "lg", "seen"}, kTime, statements));
  CHECK_FALSE(EstimateRows(pool, {"layergate", "lg", "x' or '1'='1"}, kTime, statements));
}

TEST_CASE("PostgreSQL: a wrong password is not shown") {
  auto url = UrlFrom(kUrl);
  if (!url) return;
  Server server(*url);
  Opened opened = Open(MakeTarget(WithLogin(*url, "locked:canary-4711")), kTime);
  REQUIRE_FALSE(opened.connection);
  CHECK(opened.failure.kind == FailureKind::kConnect);
  CHECK(opened.failure.message.find("password") != std::string::npos);
  CHECK(opened.failure.message.find("canary") == std::string::npos);
  // Nor where the server repeats it.
  auto connection = Open(MakeTarget(WithLogin(*url, "ci:canary-4711")), kTime).connection;
  REQUIRE(connection);
  Answer answer = connection->Query("select 'canary-4711'::integer", kTime);
  REQUIRE_FALSE(answer);
  CHECK(answer.failure.message.find("canary") == std::string::npos);
  CHECK(answer.failure.message.find("***") != std::string::npos);

  opened = Open(MakeTarget(url->substr(0, url->rfind('/')) + "/no_such_database"), kTime);
  REQUIRE_FALSE(opened.connection);
  CHECK(opened.failure.kind == FailureKind::kConnect);
}

TEST_CASE("PostgreSQL: a server without room is shared, not given up") {
  auto url = UrlFrom(kUrl);
  if (!url) return;
  Server server(*url);
  server.Run("alter role lg_nobody connection limit 1; grant select on lg.orders to lg_nobody");
  Pool pool(MakeTarget(WithLogin(*url, "lg_nobody")), 4, kTime);
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      if (One(pool.Run("select count(*) from lg.orders, pg_sleep(0.1)", kTime)) == "1000") ++right;
    });
  }
  for (std::thread& thread : threads) thread.join();
  server.Run("alter role lg_nobody connection limit -1");
  CHECK(right == 4);
}

}  // namespace layergate::warehouse

// The pool: bounded, shared by threads, and quick to give up on a dead server.
#include <atomic>
#include <filesystem>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "databases.h"
#include "support/sqlite_file.h"

namespace layergate::warehouse {
namespace {

struct Database {
  Database() {
    path = (std::filesystem::temp_directory_path() /
            ("layergate_pool_" + std::to_string(getpid()) + ".db"))
               .string();
    auto written = testing::WriteSqlite(
        path, {"create table t (id integer)", "insert into t values (1), (2)"});
    if (!written) FAIL(written.error().ToString());
  }
  ~Database() { std::filesystem::remove(path); }
  std::string path;
};

}  // namespace

TEST_CASE("Many threads share few connections") {
  Database database;
  Pool pool(MakeTarget("sqlite://" + database.path), 2, kTime);
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 10; ++k) {
        if (One(pool.Run("select count(*) from t", kTime)) == "2") ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(right == 80);
}

TEST_CASE("Overrides say where models are") {
  Database database;
  Pool pool(MakeTarget("sqlite://" + database.path), 1, kTime);
  CHECK(pool.Quote({"shop", "analytics", "t"}).sql == "\"main\".\"t\"");
  Pool postgres(MakeTarget("postgres://h/d?schema=pr_7&database=d"), 1, kTime);
  CHECK(postgres.Quote({"shop", "analytics", "t"}).sql == "\"d\".\"pr_7\".\"t\"");
  CHECK(postgres.Quote({"shop", "analytics", ""}).sql.empty());
  CHECK_FALSE(postgres.Quote({"shop", "analytics", ""}).failure.message.empty());
  CHECK(postgres.dialect() == sql::Dialect::kPostgres);
}

TEST_CASE("Nobody listens: every call gets the first one's answer") {
  for (const char* scheme : {"postgres", "mariadb"}) {
    INFO(scheme);
    Pool pool(MakeTarget(fmt::format("{}://u:canary-4711@127.0.0.1:{}/d", scheme, UnusedPort())), 4,
              kTime);
    Answer first = pool.Run("select 1", kTime);
    REQUIRE_FALSE(first);
    CHECK(first.failure.kind == FailureKind::kConnect);
    CHECK_FALSE(first.failure.message.empty());
    CHECK(first.failure.message.find("canary") == std::string::npos);
    Answer second = pool.Run("select 1", kTime);
    CHECK(second.failure.message == first.failure.message);
  }
}

TEST_CASE("A pool that sends nothing opens nothing") {
  Pool pool(MakeTarget("postgres://u@no-such-host.invalid/d"), 4, kTime, false);
  Answer answer = pool.Run("select 1", kTime);
  REQUIRE_FALSE(answer);
  CHECK(answer.failure.kind == FailureKind::kNotSent);
  CHECK(pool.usage().statements == 0);
  CHECK(pool.Quote({"d", "s", "t"}).sql == "\"d\".\"s\".\"t\"");
}

TEST_CASE("CancelAll ends what runs and what would still come") {
  Database database;
  Pool pool(MakeTarget("sqlite://" + database.path), 1, kTime);
  REQUIRE(pool.Run("select 1", kTime));
  std::vector<Answer> answers(3);
  std::vector<std::thread> threads;
  for (Answer& answer : answers) {
    threads.emplace_back([&] {
      answer = pool.Run(
          "with recursive c(x) as (select 1 union all select x + 1 from c) select "
          "count(*) from c",
          std::chrono::seconds(60));
    });
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  pool.CancelAll();
  for (std::thread& thread : threads) thread.join();
  for (const Answer& answer : answers) {
    REQUIRE_FALSE(answer);
    CHECK(answer.failure.kind == FailureKind::kCancelled);
  }
  CHECK(pool.Run("select 1", kTime).failure.kind == FailureKind::kCancelled);
}

}  // namespace layergate::warehouse

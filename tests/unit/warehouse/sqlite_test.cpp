// SQLite for real: a file, read through ODBC, never written.
#include <filesystem>
#include <thread>

#include <unistd.h>

#include "core/digest.h"
#include "core/file.h"
#include "databases.h"
#include "support/sqlite_file.h"

namespace layergate::warehouse {
namespace {

constexpr const char* kEndless =
    "with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c";

// A database of its own for each test, gone with it.
struct Database {
  explicit Database(const std::string& file = "shop.db") {
    folder =
        std::filesystem::temp_directory_path() / ("layergate_sqlite_" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    path = (folder / "made.db").string();
    auto written = testing::WriteSqlite(
        path, {"create table orders (id integer, note text)",
               "insert into orders values (1, 'a'), (2, null), (3, 'c')",
               "create table \"odd\"\"; name\nof `table`?\" (\"a b'`c\" integer)",
               "insert into \"odd\"\"; name\nof `table`?\" values (7)"});
    if (!written) FAIL(written.error().ToString());
    std::filesystem::rename(path, folder / file);
    path = (folder / file).string();
  }
  ~Database() { std::filesystem::remove_all(folder); }
  std::string url() const { return "sqlite://" + path; }
  std::filesystem::path folder;
  std::string path;
};

}  // namespace

TEST_CASE("SQLite: counts, nulls and names") {
  Database database;
  auto connection = MustOpen(database.url());
  CHECK(One(*connection, "select count(*) from orders") == "3");
  Answer answer = connection->Query("select id, note from orders order by id", kTime);
  REQUIRE(answer);
  CHECK(answer.rows->names == std::vector<std::string>{"id", "note"});
  REQUIRE(answer.rows->rows.size() == 3);
  CHECK(answer.rows->rows[0].cells[1] == "a");
  CHECK_FALSE(answer.rows->rows[1].cells[1].has_value());
  CHECK(connection->Query("select id from orders", kTime, 2).rows->rows.size() == 2);
  CHECK(One(*connection, "select 9007199254740993") == "9007199254740993");
  CHECK(One(*connection, "select replace(hex(zeroblob(5000)), '00', 'ab')").size() == 10000);
}

TEST_CASE("SQLite: names with quotes, semicolons and newlines") {
  Database database;
  auto connection = MustOpen(database.url());
  std::string odd = connection->Quote({"", "main", "odd\"; name\nof `table`?"});
  CHECK(One(*connection, "select count(*) from " + odd) == "1");
  std::string column = connection->QuoteName("a b'`c");
  CHECK(One(*connection, "select max(t." + column + ") from " + odd + " as t") == "7");
  // The driver takes these two for syntax in backticks, too; it refuses, and guesses nothing.
  for (const char* name : {"a?b", "a;b"}) {
    INFO(name);
    CHECK_FALSE(connection->Query("select " + connection->QuoteName(name) + " from orders", kTime));
  }
}

TEST_CASE("SQLite: an unknown column is an error and not a text") {
  Database database;
  auto connection = MustOpen(database.url());
  std::string column = connection->QuoteName("no_such_column");
  Answer answer = connection->Query("select count(" + column + ") from orders", kTime);
  REQUIRE_FALSE(answer);
  CHECK(answer.failure.kind == FailureKind::kMissing);
}

TEST_CASE("SQLite: a file whose name could end the connection string") {
  Database database("a;Driver=x {b}=?%.db");
  std::string encoded =
      "sqlite://" + database.folder.string() + "/a%3BDriver%3Dx%20%7Bb%7D%3D%3F%25.db";
  auto connection = MustOpen(encoded);
  CHECK(One(*connection, "select count(*) from orders") == "3");
}

TEST_CASE("SQLite: nothing is written") {
  Database database;
  std::string before = Sha256Hex(*ReadFile(database.path));
  auto connection = MustOpen(database.url());
  std::string other = (database.folder / "other.db").string();
  for (const std::string& sql :
       {std::string("delete from orders"), std::string("insert into orders values (9, 'x')"),
        std::string("with x as (select 1) delete from orders"),
        std::string("with x as (select 1) insert into orders select 4, 'x'"),
        std::string("select 1; delete from orders"), std::string("pragma query_only = off"),
        "attach '" + other + "' as other", "vacuum into '" + other + "'",
        std::string("select load_extension('/tmp/x')")}) {
    INFO(sql);
    CHECK_FALSE(connection->Query(sql, kTime));
  }
  CHECK(One(*connection, "select count(*) from orders") == "3");
  connection.reset();
  CHECK(Sha256Hex(*ReadFile(database.path)) == before);
  CHECK_FALSE(FileExists(other));
}

TEST_CASE("SQLite: each failure has its kind") {
  Database database;
  auto connection = MustOpen(database.url());
  CHECK(connection->Query("select * from gone", kTime).failure.kind == FailureKind::kMissing);
  CHECK(connection->Query("select gone from orders", kTime).failure.kind == FailureKind::kMissing);
  CHECK(connection->Query("select from where", kTime).failure.kind == FailureKind::kSql);
  // The connection still works.
  CHECK(One(*connection, "select count(*) from orders") == "3");
}

TEST_CASE("SQLite: a statement past its deadline is cancelled") {
  Database database;
  auto connection = MustOpen(database.url());
  Answer answer = connection->Query(kEndless, std::chrono::milliseconds(100));
  REQUIRE_FALSE(answer);
  CHECK(answer.failure.kind == FailureKind::kTimeout);
  CHECK(connection->Query("select 1", std::chrono::milliseconds(0)).failure.kind ==
        FailureKind::kTimeout);
  CHECK(One(*connection, "select count(*) from orders") == "3");
}

TEST_CASE("SQLite: another thread cancels") {
  Database database;
  auto connection = MustOpen(database.url());
  Answer answer;
  std::thread worker([&] { answer = connection->Query(kEndless, kTime); });
  // Until the statement runs there is nothing to cancel: try until it has ended.
  std::atomic<bool> ended = false;
  std::thread canceller([&] {
    while (!ended) {
      connection->Cancel();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  });
  worker.join();
  ended = true;
  canceller.join();
  REQUIRE_FALSE(answer);
  CHECK(answer.failure.kind == FailureKind::kCancelled);
}

TEST_CASE("SQLite: files that are none") {
  Database database;
  Opened opened = Open(MakeTarget("sqlite:///nowhere/at/all.db"), kTime);
  REQUIRE_FALSE(opened.connection);
  CHECK(opened.failure.kind == FailureKind::kConnect);
  CHECK(opened.failure.message.find("there is no such file") != std::string::npos);
  CHECK_FALSE(FileExists("/nowhere/at/all.db"));

  std::string text = (database.folder / "text.db").string();
  REQUIRE(WriteFileAtomically(text, std::string(5000, 'x')));
  opened = Open(MakeTarget("sqlite://" + text), kTime);
  REQUIRE_FALSE(opened.connection);
  CHECK(opened.failure.kind == FailureKind::kConnect);
}

}  // namespace layergate::warehouse

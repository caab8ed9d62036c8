// DuckDB for real, when scripts/install_peers has brought libduckdb.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include <dlfcn.h>
#include <fmt/format.h>
#include <unistd.h>

#include "databases.h"

namespace layergate::warehouse {
namespace {

// Takes minutes, whatever the machine.
constexpr const char* kSlow =
    "select sum(hash(a.range * b.range)) from range(1000000) as a, range(1000000) as b";

bool Skipped() {
  if (!testing::DuckDbLibrary().empty()) return false;
  WARN("skipped: no libduckdb.so (scripts/install_peers duckdb)");
  return true;
}

// A database with a table, made by the library itself: the connector cannot write.
class File {
 public:
  explicit File(const std::string& name = "shop.duckdb") {
    folder_ = std::filesystem::temp_directory_path() /
              fmt::format("layergate_duckdb_{}_{}", getpid(), next_++);
    std::filesystem::create_directories(folder_);
    path_ = (folder_ / name).string();
    std::string error = testing::WriteDuckDb(
        path_, {"create table orders as select range as id, 'x' || range as note from range(1000)",
                "create table \"odd\"\"; name\nof 'table'\" (\"a;b\" integer)",
                "insert into \"odd\"\"; name\nof 'table'\" values (7)", "checkpoint"});
    if (!error.empty()) FAIL(error);
  }
  ~File() { std::filesystem::remove_all(folder_); }
  std::string url() const { return "duckdb://" + path_; }
  const std::string& path() const { return path_; }
  std::filesystem::path folder() const { return folder_; }
  std::string Bytes() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  static inline int next_ = 0;
  std::filesystem::path folder_;
  std::string path_;
};

}  // namespace

TEST_CASE("DuckDB: counts, nulls and names") {
  if (Skipped()) return;
  File file;
  auto connection = MustOpen(file.url());
  CHECK(connection->dialect() == sql::Dialect::kDuckDb);
  CHECK(One(*connection, "select count(*) from shop.main.orders") == "1000");
  CHECK(One(*connection, "select null") == "NULL");
  CHECK(One(*connection, "select 12.50::decimal(9, 2)") == "12.50");
  CHECK(connection->Query("select id from orders", kTime, 5).rows->rows.size() == 5);
  std::string odd = connection->Quote({"shop", "main", "odd\"; name\nof 'table'"});
  CHECK(One(*connection, "select max(" + connection->QuoteName("a;b") + ") from " + odd) == "7");
  CHECK(connection->Query("explain (format json) select * from orders", kTime));
}

TEST_CASE("DuckDB: the database is named after its file") {
  if (Skipped()) return;
  for (const auto& [name, database] :
       {std::pair("a.b.duckdb", "a"), {"main.db", "main_db"}, {"we ird-1.duckdb", "we ird-1"}}) {
    INFO(name);
    File file(name);
    Pool pool(MakeTarget("duckdb://" + file.path()), 4, kTime);
    CHECK(One(pool.Run("select current_database()", kTime)) == database);
    CHECK(pool.Quote({"prod", "main", "orders"}).sql ==
          fmt::format("\"{}\".\"main\".\"orders\"", database));
    CHECK(One(pool.Run("select count(*) from " + pool.Quote({"prod", "main", "orders"}).sql,
                       kTime)) == "1000");
  }
}

TEST_CASE("DuckDB: nothing is written, and nothing but the file is read") {
  if (Skipped()) return;
  File file;
  std::string before = file.Bytes();
  {
    auto connection = MustOpen(file.url());
    std::string outside = (file.folder() / "out.csv").string();
    for (const std::string& sql : std::vector<std::string>{
             "delete from orders", "select 1; delete from orders",
             "explain analyze delete from orders",
             "explain (format json) analyze delete from orders",
             "explain select 1; delete from orders", "with d as (select 1) delete from orders",
             "set access_mode = 'READ_WRITE'", "attach '/tmp/x.db' as x",
             "copy orders to '" + outside + "'", "install httpfs", "load httpfs",
             "select * from read_csv('/etc/passwd')", "select * from read_text('/etc/hostname')",
             "select * from '/etc/passwd'", "select * from glob('/etc/*')",
             "select * from parquet_scan('http://127.0.0.1/x')", "pragma database_list",
             "call checkpoint()", "select getenv('HOME')"}) {
      INFO(sql);
      CHECK_FALSE(connection->Query(sql, kTime));
    }
    CHECK(One(*connection, "select count(*) from orders") == "1000");
    // More memory than there is must not become a file next to the database.
    CHECK(One(*connection, "select current_setting('temp_directory')") == "");
  }
  CHECK(file.Bytes() == before);
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(file.folder())) {
    (void)entry;
    ++files;
  }
  CHECK(files == 1);
}

TEST_CASE("DuckDB: each failure has its kind") {
  if (Skipped()) return;
  File file;
  auto connection = MustOpen(file.url());
  auto kind = [&](const char* sql) { return connection->Query(sql, kTime).failure.kind; };
  CHECK(kind("select * from gone") == FailureKind::kMissing);
  CHECK(kind("select * from nowhere.orders") == FailureKind::kMissing);
  CHECK(kind("select gone from orders") == FailureKind::kMissing);
  CHECK(kind("select t.gone from orders as t") == FailureKind::kMissing);
  CHECK(kind("select count(\"gone\") from orders") == FailureKind::kMissing);
  CHECK(kind("select note::integer from orders") == FailureKind::kSql);
  CHECK(kind("select from where") == FailureKind::kSql);
  CHECK(kind("select * from read_csv('/etc/passwd')") == FailureKind::kPermission);

  std::string gone = (file.folder() / "gone.duckdb").string();
  Opened opened = Open(MakeTarget("duckdb://" + gone), kTime);
  CHECK(opened.failure.kind == FailureKind::kConnect);
  CHECK_FALSE(std::filesystem::exists(gone));
  std::string garbage = (file.folder() / "garbage.duckdb").string();
  std::ofstream(garbage) << std::string(10000, 'x');
  opened = Open(MakeTarget("duckdb://" + garbage), kTime);
  CHECK(opened.failure.kind == FailureKind::kConnect);
  CHECK(opened.failure.message.find("not a valid DuckDB database") != std::string::npos);
}

TEST_CASE("DuckDB: what is past its deadline is interrupted") {
  if (Skipped()) return;
  File file;
  auto connection = MustOpen(file.url());
  auto begin = std::chrono::steady_clock::now();
  Answer answer = connection->Query(kSlow, std::chrono::milliseconds(200));
  REQUIRE_FALSE(answer);
  CHECK(answer.failure.kind == FailureKind::kTimeout);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(8));
  CHECK(One(*connection, "select 1") == "1");
}

TEST_CASE("DuckDB: another thread cancels") {
  if (Skipped()) return;
  File file;
  auto connection = MustOpen(file.url());
  std::atomic<bool> ended = false;
  std::thread canceller([&] {
    while (!ended) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      connection->Cancel();
    }
  });
  Answer answer = connection->Query(kSlow, std::chrono::seconds(60));
  ended = true;
  canceller.join();
  REQUIRE_FALSE(answer);
  CHECK(answer.failure.kind == FailureKind::kCancelled);
}

TEST_CASE(
    "DuckDB: the library comes from where the user says, and from nowhere near the pull request") {
  namespace fs = std::filesystem;
  fs::path folder = fs::temp_directory_path() / ("layergate_library_" + std::to_string(getpid()));
  fs::create_directories(folder / "repository");
  std::ofstream(folder / "repository" / "libduckdb.so") << "not a library";
  std::ofstream(folder / "libduckdb.so") << "not a library";
  std::ofstream(folder / "x.duckdb") << "not a database";
  std::string url = "duckdb://" + (folder / "x.duckdb").string();
  auto refusal = [&](const std::string& library) {
    Result<Target> target = TargetFromUrl(url, "base", {(folder / "repository").string(), library});
    return target ? Open(*target, kTime).failure.message : target.error().ToString();
  };
  CHECK(refusal((folder / "repository/libduckdb.so").string()).find("repository under test") !=
        std::string::npos);
  CHECK(refusal("libduckdb.so").find("relative path") != std::string::npos);
  CHECK(refusal((folder / "gone.so").string()).find("is not there") != std::string::npos);
  CHECK(refusal((folder / "libduckdb.so").string()).find("cannot be loaded") != std::string::npos);
  // A library that is something else.
  Dl_info info{};
  REQUIRE(dladdr(reinterpret_cast<void*>(&getpid), &info) != 0);
  CHECK(refusal(fs::canonical(info.dli_fname).string()).find("has no duckdb_create_config") !=
        std::string::npos);
  // A URL cannot bring one.
  Result<Target> smuggled = TargetFromUrl(url + "?library=/tmp/evil.so", "base", {});
  CHECK_FALSE(smuggled);
  fs::remove_all(folder);
}

TEST_CASE("DuckDB: a file that somebody is writing is tried again") {
  if (Skipped()) return;
  File file;
  // Locks are per process: the writer is a child, which ends when its input does.
  std::string command = fmt::format(
      "python3 -c \"import fcntl, sys; f = open('{}', 'r+b'); fcntl.lockf(f, fcntl.LOCK_EX); "
      "print('locked', flush=True); sys.stdin.read()\" > {}.said",
      file.path(), file.path());
  FILE* writer = popen(command.c_str(), "w");
  REQUIRE(writer != nullptr);
  for (int i = 0; i < 100; ++i) {
    std::ifstream said(file.path() + ".said");
    std::string word;
    if (said >> word) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  Opened opened = Open(MakeTarget(file.url()), kTime);
  CHECK(opened.failure.kind == FailureKind::kTransient);
  pclose(writer);
  CHECK(Open(MakeTarget(file.url()), kTime).connection != nullptr);
}

}  // namespace layergate::warehouse

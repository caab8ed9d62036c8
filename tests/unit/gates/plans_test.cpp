// Plans of every engine, and what the rules make of them: gates/explain_plan/plans. Where an engine
// is there, it is asked for the plan of each query again, and the rules must say the same.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>

#include <fmt/format.h>
#include <libpq-fe.h>
#include <unistd.h>

#include "core/file.h"
#include "core/text.h"
#include "gates/explain_plan/explain.h"
#include "gates/explain_plan/rules.h"
#include "support/case_file.h"
#include "support/catch.h"
#include "support/duckdb_file.h"
#include "support/sqlite_file.h"
#include "warehouse/target.h"

namespace layergate::explain_plan {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

const fs::path kPlans = fs::path(LAYERGATE_SOURCE_DIR) / "gates/explain_plan/plans";

struct PlanCase {
  std::string path, text, query, plan;
  size_t plan_begin = 0, plan_end = 0;
  cases::CaseFile file;
  Limits limits;
};

std::string Block(const std::string& text, const std::string& kind, size_t& begin, size_t& end) {
  begin = text.find("```" + kind + "\n");
  REQUIRE(begin != std::string::npos);
  begin += kind.size() + 4;
  end = text.find("```", begin);
  REQUIRE(end != std::string::npos);
  return text.substr(begin, end - begin);
}

PlanCase ReadPlanCase(const fs::path& path) {
  PlanCase plan;
  plan.path = path.string();
  auto text = ReadFile(plan.path);
  REQUIRE(text);
  plan.text = *text;
  size_t begin = 0, end = 0;
  plan.query = Block(plan.text, "sql", begin, end);
  plan.plan = Block(plan.text, "plan", plan.plan_begin, plan.plan_end);
  auto file = cases::ReadCase(plan.text, plan.path);
  if (!file) FAIL(file.error().ToString());
  plan.file = *std::move(file);
  const Value& settings = plan.file.settings;
  plan.limits = {settings["max_pairs"].AsDouble(1e5), settings["max_scan_rows"].AsDouble(1e8),
                 settings["fan_out"].AsDouble(0.5)};
  return plan;
}

std::vector<fs::path> CasesOf(const std::string& engine) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(kPlans / engine)) {
    if (entry.path().extension() == ".md") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string Judge(const PlanCase& plan, const Plan& read) {
  auto size_of = [&](const PlanNode& scan) -> std::optional<double> {
    const Value& size = plan.file.settings["sizes"][scan.relation];
    return size.is_number() ? std::optional<double>(size.AsDouble()) : std::nullopt;
  };
  std::string lines;
  for (const Defect& defect : FindDefects(read, plan.limits, size_of)) {
    lines += fmt::format("found {} {}\n", defect.rule, defect.message);
  }
  return lines.empty() ? "pass\n" : lines;
}

// Rules alone: estimates differ from run to run.
std::string RulesOf(const std::string& lines) {
  std::vector<std::string> rules;
  for (std::string_view line : Split(lines, '\n')) {
    auto words = Split(line, ' ');
    if (words.size() > 1) rules.emplace_back(words[1]);
  }
  std::sort(rules.begin(), rules.end());
  return Join(rules, " ");
}

bool Updating() { return std::getenv("LAYERGATE_UPDATE") != nullptr; }

void Rewrite(const PlanCase& plan, size_t begin, size_t end, const std::string& with) {
  std::string text = plan.text;
  text.replace(begin, end - begin, with);
  REQUIRE(WriteFileAtomically(plan.path, text));
}

std::string SetupOf(const std::string& engine) {
  auto text = ReadFile((kPlans / engine / "setup.sql").string());
  REQUIRE(text);
  return *text;
}

std::vector<std::string> Statements(const std::string& text) {
  std::vector<std::string> statements;
  for (std::string_view part : Split(text, ';')) {
    if (!Trim(part).empty()) statements.emplace_back(Trim(part));
  }
  return statements;
}

// The engine is asked again; plans that are not there yet are written down.
void AskAgain(const std::string& engine, const std::string& url,
              const warehouse::LoadRules& rules = {}) {
  auto target = warehouse::TargetFromUrl(url, engine, rules);
  if (!target) FAIL(target.error().ToString());
  warehouse::Pool pool(*target, 1, seconds(10));
  for (const fs::path& path : CasesOf(engine)) {
    INFO(path.string());
    PlanCase plan = ReadPlanCase(path);
    std::vector<std::string> statements;
    Explained explained = Explain(pool, plan.query, true, seconds(20), statements);
    INFO(explained.code << ": " << explained.why);
    REQUIRE(explained.plan);
    if (Updating() && Trim(plan.plan).empty()) {
      warehouse::Answer answer = pool.Run(statements.back(), seconds(20));
      std::string text;
      for (const warehouse::Row& row : answer.rows->rows) {
        for (size_t i = 0; i < row.cells.size(); ++i)
          text += (i ? "|" : "") + row.cells[i].value_or("");
        text += '\n';
      }
      Rewrite(plan, plan.plan_begin, plan.plan_end, text);
      continue;
    }
    CHECK(RulesOf(Judge(plan, *explained.plan)) == RulesOf(plan.file.expected));
  }
}

}  // namespace

TEST_CASE("Plans: PostgreSQL is asked again") {
  const char* url = std::getenv("LAYERGATE_TEST_POSTGRES_URL");
  if (!url) {
    WARN("skipped: LAYERGATE_TEST_POSTGRES_URL is not set");
    return;
  }
  PGconn* connection = PQconnectdb(url);
  std::string setup = "set client_min_messages = error; " + SetupOf("postgres");
  PGresult* result = PQexec(connection, setup.c_str());
  INFO(PQerrorMessage(connection));
  CHECK(PQresultStatus(result) == PGRES_COMMAND_OK);
  PQclear(result);
  PQfinish(connection);
  AskAgain("postgres", url);
}

TEST_CASE("Plans: DuckDB is asked again") {
  if (testing::DuckDbLibrary().empty()) {
    WARN("skipped: no libduckdb.so (scripts/install_peers duckdb)");
    return;
  }
  // The file's name is the database's, which plans name.
  fs::path folder = fs::temp_directory_path() / fmt::format("layergate_plans_{}", getpid());
  fs::create_directories(folder);
  fs::path file = folder / "plans.duckdb";
  REQUIRE(testing::WriteDuckDb(file.string(), Statements(SetupOf("duckdb"))) == "");
  AskAgain("duckdb", "duckdb://" + file.string(), {"", testing::DuckDbLibrary()});
  fs::remove_all(folder);
}

TEST_CASE("Plans: SQLite is asked again") {
  fs::path file = fs::temp_directory_path() / fmt::format("layergate_plans_{}.db", getpid());
  REQUIRE(testing::WriteSqlite(file.string(), Statements(SetupOf("sqlite"))));
  AskAgain("sqlite", "sqlite://" + file.string());
  fs::remove(file);
}

TEST_CASE("Plans: MariaDB is asked again") {
  const char* url = std::getenv("LAYERGATE_TEST_MARIADB_URL");
  if (!url) {
    WARN("skipped: LAYERGATE_TEST_MARIADB_URL is not set");
    return;
  }
  auto target = warehouse::TargetFromUrl(url, "mariadb", {});
  REQUIRE(target);
  std::map<std::string, std::string> settings(target->settings.begin(), target->settings.end());
  std::string command =
      fmt::format("mariadb -h {} -P {} -u{} -p{} < '{}'", settings["server"], settings["port"],
                  settings["uid"], settings["pwd"], (kPlans / "mariadb/setup.sql").string());
  if (std::system("command -v mariadb > /dev/null") != 0) {
    WARN("skipped: the client `mariadb` is not installed");
    return;
  }
  REQUIRE(std::system(command.c_str()) == 0);
  AskAgain("mariadb", url);
}

TEST_CASE("Plans that were written down are read as expected") {
  for (const char* engine : {"postgres", "duckdb", "sqlite", "mariadb", "redshift", "snowflake",
                             "sqlserver", "databricks"}) {
    auto dialect = sql::DialectFromName(engine);
    REQUIRE(dialect);
    for (const fs::path& path : CasesOf(engine)) {
      INFO(path.string());
      PlanCase plan = ReadPlanCase(path);
      Result<Plan> read = ReadPlan(*dialect, Trim(plan.plan));
      if (!read) FAIL(read.error().ToString());
      std::string said = Judge(plan, *read);
      if (Updating() && said != plan.file.expected) {
        Rewrite(plan, plan.file.expected_begin, plan.file.expected_end, said);
        continue;
      }
      CHECK(said == plan.file.expected);
    }
  }
}

TEST_CASE("What is no plan is refused") {
  for (const char* engine : {"postgres", "duckdb", "sqlite", "mariadb", "redshift", "snowflake",
                             "sqlserver", "databricks"}) {
    auto dialect = sql::DialectFromName(engine);
    for (const char* text : {"", "{", "[]", "{}", "nothing", "[[[", "<a><RelOp>", "null"}) {
      INFO(engine << ": " << text);
      CHECK_FALSE(ReadPlan(*dialect, text));
    }
  }
}

TEST_CASE("Damaged plans end in an error or in a plan, never otherwise") {
  unsigned random = 4711;
  auto next = [&random](size_t below) {
    random = random * 1664525u + 1013904223u;
    return static_cast<size_t>(random >> 8) % below;
  };
  size_t read = 0, refused = 0;
  for (const char* engine : {"postgres", "duckdb", "sqlite", "mariadb", "redshift", "snowflake",
                             "sqlserver", "databricks"}) {
    auto dialect = sql::DialectFromName(engine);
    for (const fs::path& path : CasesOf(engine)) {
      PlanCase plan = ReadPlanCase(path);
      for (int i = 0; i < 40; ++i) {
        std::string text = plan.plan;
        if (text.size() < 4) continue;
        if (i % 2 == 0) {
          text.resize(next(text.size()));
        } else {
          for (int k = 0; k < 3; ++k) text[next(text.size())] = "{}[]\"<>/-+:|0n \n"[next(16)];
        }
        Result<Plan> damaged = ReadPlan(*dialect, text);
        ++(damaged ? read : refused);
        if (damaged) Judge(plan, *damaged);
      }
    }
  }
  CHECK(read + refused > 1000);
  CHECK(refused > 100);
}

TEST_CASE("Only forms that do not run the query are sent") {
  using sql::Dialect;
  CHECK(ExplainSql(Dialect::kPostgres, "analyze delete from t") ==
        "explain (format json, verbose) analyze delete from t");
  CHECK(ExplainSql(Dialect::kDuckDb, "select 1") == "explain (format json) select 1");
  CHECK(ExplainSql(Dialect::kBigQuery, "select 1").empty());
  auto target = warehouse::TargetFromUrl("postgres://h/d", "x", {});
  warehouse::Pool pool(*target, 1, seconds(1), false);
  for (const char* query :
       {"analyze delete from t", "delete from t", "select 1; delete from t", "", "drop table t",
        "analyze select 1", "create table x as select 1", "with d as (select 1) delete from t"}) {
    INFO(query);
    std::vector<std::string> statements;
    CHECK(Explain(pool, query, true, seconds(1), statements).code == "not_a_query");
    CHECK(statements.empty());
  }
  auto mariadb = warehouse::TargetFromUrl("mariadb://h/d", "x", {});
  warehouse::Pool executing(*mariadb, 1, seconds(1), false);
  std::vector<std::string> statements;
  CHECK(Explain(executing, "select 1", false, seconds(1), statements).code == "not_allowed");
  CHECK(Explain(executing, "select 1", true, seconds(1), statements).code == "dry_run");
}

}  // namespace layergate::explain_plan

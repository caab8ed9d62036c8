// URLs and profiles become targets; what they must not say is refused, and never repeated.
#include <filesystem>
#include <fstream>

#include "databases.h"

namespace layergate::warehouse {
namespace {

constexpr const char* kCanary = "canary-4711";

std::string Refusal(const std::string& url, const std::string& root = "") {
  Result<Target> target = TargetFromUrl(url, "LAYERGATE_BASE_URL", {root, ""});
  return target ? "accepted" : target.error().ToString();
}

std::string Get(const Target& target, std::string_view key) {
  for (const auto& [name, value] : target.settings) {
    if (name == key) return value;
  }
  return "(none)";
}

}  // namespace

TEST_CASE("A PostgreSQL URL") {
  Target target = MakeTarget(
      "postgres://an%20a:p%40%2Fss@db.example:5433/shop?sslmode=require&schema=pr_7&database=x");
  CHECK(target.engine == "postgres");
  CHECK(Get(target, "host") == "db.example");
  CHECK(Get(target, "port") == "5433");
  CHECK(Get(target, "dbname") == "shop");
  CHECK(Get(target, "user") == "an a");
  CHECK(Get(target, "password") == "p@/ss");
  CHECK(Get(target, "sslmode") == "require");
  CHECK(target.schema_override == "pr_7");
  CHECK(target.database_override == "x");
  CHECK(target.secrets == std::vector<std::string>{"p@/ss"});
  CHECK(Get(MakeTarget("postgresql://[::1]:5432/d"), "host") == "::1");
}

TEST_CASE("A SQLite URL") {
  CHECK(Get(MakeTarget("sqlite:///data/shop.db"), "path") == "/data/shop.db");
  CHECK(Get(MakeTarget("sqlite:///data/a%3Fb%20c.db"), "path") == "/data/a?b c.db");
  std::string relative = Get(MakeTarget("sqlite:shop.db"), "path");
  CHECK(relative == (std::filesystem::current_path() / "shop.db").string());
  CHECK(MakeTarget("sqlite:///x.db").schema_override == "main");
  CHECK(MakeTarget("sqlite:///x.db?schema=other").schema_override == "other");
}

TEST_CASE("URLs that cannot be used are refused without repeating their secrets") {
  std::string canary = kCanary;
  for (const std::string& url :
       {"postgres://u:" + canary + "/x@h/d", "postgres://u:" + canary + "@h:port/d",
        "postgres://u:" + canary + "%zz@h/d", "postgres://u:" + canary + "@h/d?options=-c%20x",
        "postgres://u:" + canary + "@h/d?service=x", "postgres://u:" + canary + "@h/a/b",
        "oracle://u:" + canary + "@h/d", "mariadb://u:" + canary + ";x@h/d",
        "mariadb://u:" + canary + "@h/d?option=67108864", "sqlite://u:" + canary + "@h/d",
        "odbc:Driver=nothing;PWD=" + canary, "odbc:PWD=" + canary,
        "odbc:Driver=MariaDB Unicode;PWD=" + canary + "{",
        "postgres://u:" + canary + "@h/d?sslmode=a&sslmode=b", canary, "%00:" + canary}) {
    INFO(url);
    std::string refusal = Refusal(url);
    CHECK(refusal != "accepted");
    CHECK(refusal.find(canary) == std::string::npos);
    CHECK(refusal.find("LAYERGATE_BASE_URL") != std::string::npos);
  }
  CHECK(Refusal("postgres://h/d?sslmod=x").find("did you mean `sslmode`?") != std::string::npos);
}

TEST_CASE("An ODBC driver of the repository under test is not loaded") {
  namespace fs = std::filesystem;
  fs::path folder = fs::temp_directory_path() / ("layergate_driver_" + std::to_string(getpid()));
  fs::create_directories(folder / "repository");
  std::ofstream(folder / "repository" / "libmaodbc.so") << "not a library";
  std::ofstream(folder / "libmaodbc.so") << "not a library";
  fs::create_symlink(folder / "repository" / "libmaodbc.so", folder / "link_libmaodbc.so");
  std::string root = (folder / "repository").string();
  auto refusal = [&](const std::string& driver) {
    return Refusal("odbc:Driver=" + driver + ";Server=h", root);
  };
  CHECK(refusal((folder / "repository/libmaodbc.so").string()).find("repository under test") !=
        std::string::npos);
  CHECK(refusal((folder / "link_libmaodbc.so").string()).find("repository under test") !=
        std::string::npos);
  CHECK(refusal((folder / "x/../repository/libmaodbc.so").string()) != "accepted");
  CHECK(refusal("./libmaodbc.so").find("relative path") != std::string::npos);
  CHECK(refusal((folder / "libmaodbc_gone.so").string()).find("the ODBC driver is not there") !=
        std::string::npos);
  CHECK(refusal("libmaodbc.so").find("no ODBC driver is registered") != std::string::npos);
  CHECK(refusal((folder / "libmaodbc.so").string()) == "accepted");
  CHECK(refusal("{a};Driver=" + (folder / "libmaodbc.so").string()) != "accepted");
  fs::remove_all(folder);
}

TEST_CASE("Profiles of dbt") {
  dbt::Profile profile;
  profile.path = "/home/u/.dbt/profiles.yml";
  profile.target = "prod";
  profile.type = "postgres";
  profile.settings = Value::MakeObject({{"type", "postgres"},
                                        {"host", "h"},
                                        {"port", 5432},
                                        {"dbname", "shop"},
                                        {"user", "u"},
                                        {"pass", kCanary},
                                        {"threads", 4}});
  profile.secrets = {kCanary};
  Result<Target> target = TargetFromProfile(profile, {});
  REQUIRE(target);
  CHECK(target->name == "prod");
  CHECK(Get(*target, "port") == "5432");
  CHECK(Get(*target, "password") == kCanary);
  CHECK(Get(*target, "threads") == "(none)");
  CHECK(target->secrets == std::vector<std::string>{kCanary});

  profile.type = "sqlite";
  profile.settings =
      Value::MakeObject({{"schemas_and_paths", Value::MakeObject({{"main", "/data/shop.db"}})}});
  CHECK(Get(*TargetFromProfile(profile, {}), "path") == "/data/shop.db");

  profile.type = "duckdb";
  profile.settings = Value::MakeObject({{"path", "/data/shop.v2.duckdb"}});
  target = TargetFromProfile(profile, {});
  REQUIRE(target);
  CHECK(target->engine == "duckdb");
  CHECK(target->database_override == "shop");
  profile.settings = Value::MakeObject({{"path", ":memory:"}});
  CHECK_FALSE(TargetFromProfile(profile, {}));
  profile.settings = Value::MakeObject({{"path", "md:shop"}});
  CHECK_FALSE(TargetFromProfile(profile, {}));

  profile.type = "redshift";
  profile.settings = Value::MakeObject({{"host", "h"}, {"dbname", "d"}, {"user", "u"}});
  CHECK(TargetFromProfile(profile, {})->engine == "redshift");
  profile.settings.Set("method", "iam");
  CHECK_FALSE(TargetFromProfile(profile, {}));

  // No vendor's driver is registered where the tests run: said, with what to do.
  profile.type = "snowflake";
  profile.settings = Value::MakeObject({{"account", "a_b"}, {"password", kCanary}});
  Result<Target> snowflake = TargetFromProfile(profile, {});
  REQUIRE_FALSE(snowflake);
  CHECK(snowflake.error().ToString().find("no ODBC driver for snowflake") != std::string::npos);
  CHECK(snowflake.error().ToString().find(kCanary) == std::string::npos);

  profile.type = "oracle";
  Result<Target> refused = TargetFromProfile(profile, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().ToString().find(kCanary) == std::string::npos);
}

}  // namespace layergate::warehouse

#include "warehouse/odbc/drivers.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <sql.h>
#include <sqlext.h>

#include "core/text.h"
#include "warehouse/engine.h"
#include "warehouse/library_path.h"

namespace layergate::warehouse::odbc {
namespace {

using std::chrono::milliseconds;

// Whole seconds, so that a shrinking time budget does not cost a round trip for each statement; the
// watchdog of the connection is exact.
std::string PostgresTimeout(milliseconds time) {
  return fmt::format("set statement_timeout = {}", 1000 * WholeSeconds(time));
}
std::string MariaDbTimeout(milliseconds time) {
  return fmt::format("set session max_statement_time = {}", WholeSeconds(time));
}
std::string MySqlTimeout(milliseconds time) {
  return fmt::format("set session max_execution_time = {}", 1000 * WholeSeconds(time));
}
std::string SnowflakeTimeout(milliseconds time) {
  return fmt::format("alter session set statement_timeout_in_seconds = {}", WholeSeconds(time));
}
std::string DatabricksTimeout(milliseconds time) {
  return fmt::format("set statement_timeout = {}", WholeSeconds(time));
}

const std::vector<Driver>& Drivers() {
  using sql::Dialect;
  static const std::vector<Driver> kDrivers = {
      {"mariadb",
       {"mariadb", "libmaodbc"},
       Dialect::kMariaDb,
       {"server", "port", "database", "uid", "pwd", "socket", "sslca", "sslcert", "sslkey",
        "sslverify", "tlsversion", "forcetls", "charset"},
       {"set session transaction read only"},
       MariaDbTimeout,
       ClassifyMariaDb,
       false},
      {"mysql",
       {"mysql", "libmyodbc"},
       Dialect::kMySql,
       {"server", "port", "database", "uid", "pwd", "socket", "sslca", "sslcert", "sslkey",
        "sslmode", "charset"},
       {"set session transaction read only"},
       MySqlTimeout,
       ClassifyMariaDb},
      {"redshift",
       {"redshift"},
       Dialect::kRedshift,
       {"server", "host", "port", "database", "uid", "pwd", "sslmode", "iam", "profile",
        "accesskeyid", "secretaccesskey", "sessiontoken", "clusterid", "region", "dbuser"},
       {},
       PostgresTimeout},
      {"postgres",
       {"postgres", "psqlodbc"},
       Dialect::kPostgres,
       {"servername", "server", "port", "database", "username", "uid", "password", "pwd",
        "sslmode"},
       {"set default_transaction_read_only = on", "set lock_timeout = 10000"},
       PostgresTimeout},
      {"snowflake",
       {"snowflake"},
       Dialect::kSnowflake,
       {"server", "account", "database", "schema", "warehouse", "role", "uid", "pwd",
        "authenticator", "priv_key_file", "priv_key_file_pwd", "token", "port"},
       {"alter session set abort_detached_query = true"},
       SnowflakeTimeout},
      {"databricks",
       {"databricks", "simba spark", "sparkodbc"},
       Dialect::kDatabricks,
       {"host", "port", "httppath", "ssl", "thrifttransport", "authmech", "uid", "pwd", "catalog",
        "schema", "usenativequery", "auth_flow", "auth_client_id", "auth_client_secret",
        "auth_accesstoken"},
       {},
       DatabricksTimeout},
      {"bigquery",
       {"bigquery"},
       Dialect::kBigQuery,
       {"oauthmechanism", "keyfilepath", "email", "catalog", "defaultdataset", "sqldialect",
        "serviceaccountimpersonationemail"},
       {}},
      {"sqlserver",
       {"sql server", "msodbcsql", "freetds", "libtdsodbc"},
       Dialect::kTsql,
       {"server", "port", "database", "authentication", "uid", "pwd", "trusted_connection",
        "encrypt", "trustservercertificate", "app", "tds_version"},
       {"set lock_timeout 10000"}},
      {"trino",
       {"trino", "starburst"},
       Dialect::kTrino,
       {"host", "port", "catalog", "schema", "uid", "pwd", "ssl", "authenticationtype"},
       {}},
      {"clickhouse",
       {"clickhouse"},
       Dialect::kClickHouse,
       {"server", "host", "port", "database", "uid", "pwd", "sslmode"},
       {}},
  };
  return kDrivers;
}

// Names under which drivers are registered on this machine.
std::vector<std::string> RegisteredDrivers() {
  std::vector<std::string> names;
  SQLHANDLE environment = SQL_NULL_HANDLE;
  if (SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment) != SQL_SUCCESS) return names;
  SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION,
                reinterpret_cast<SQLPOINTER>(SQLULEN{SQL_OV_ODBC3}), 0);
  std::array<SQLCHAR, 512> name{};
  std::array<SQLCHAR, 2048> attributes{};
  SQLSMALLINT name_length = 0;
  SQLSMALLINT attributes_length = 0;
  SQLUSMALLINT direction = SQL_FETCH_FIRST;
  while (true) {
    SQLRETURN code = SQLDrivers(
        environment, direction, name.data(), static_cast<SQLSMALLINT>(name.size()), &name_length,
        attributes.data(), static_cast<SQLSMALLINT>(attributes.size()), &attributes_length);
    if (code != SQL_SUCCESS && code != SQL_SUCCESS_WITH_INFO) break;
    names.emplace_back(reinterpret_cast<char*>(name.data()));
    direction = SQL_FETCH_NEXT;
  }
  SQLFreeHandle(SQL_HANDLE_ENV, environment);
  return names;
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

}  // namespace

const Driver* FindDriver(std::string_view name_or_path) {
  size_t slash = name_or_path.rfind('/');
  std::string name =
      ToLower(slash == std::string_view::npos ? name_or_path : name_or_path.substr(slash + 1));
  for (const Driver& driver : Drivers()) {
    for (std::string_view word : driver.words) {
      if (name.find(word) != std::string::npos) return &driver;
    }
  }
  return nullptr;
}

std::vector<std::string> Families() {
  std::vector<std::string> names;
  for (const Driver& driver : Drivers()) names.emplace_back(driver.family);
  return names;
}

std::optional<std::string> RegisteredDriver(std::string_view family) {
  for (const std::string& name : RegisteredDrivers()) {
    const Driver* driver = FindDriver(name);
    if (driver && driver->family == family) return name;
  }
  return std::nullopt;
}

bool IsSecretKey(std::string_view key) {
  static constexpr std::array<std::string_view, 8> kSecret = {
      "pwd",          "password",        "priv_key_file_pwd",  "token",
      "sessiontoken", "secretaccesskey", "auth_client_secret", "auth_accesstoken"};
  std::string lower = ToLower(key);
  return std::find(kSecret.begin(), kSecret.end(), lower) != kSecret.end();
}

Result<void> CheckDriver(const std::string& name_or_path, const std::string& repository_root) {
  bool is_path = name_or_path.find_first_of("/\\") != std::string::npos;
  if (!is_path) {
    std::vector<std::string> registered = RegisteredDrivers();
    for (const std::string& name : registered) {
      if (EqualsIgnoreCase(name, name_or_path)) return {};
    }
    std::string_view near = NearestName(name_or_path, registered);
    return MakeError(fmt::format("no ODBC driver is registered as `{}`", Printable(name_or_path)),
                     near.empty()
                         ? fmt::format("registered here: {} (odbcinst.ini)", Join(registered, ", "))
                         : fmt::format("did you mean `{}`?", near));
  }
  return CheckLibraryPath(name_or_path, repository_root, "the ODBC driver");
}

Result<void> CheckSettings(const Driver& driver,
                           const std::vector<std::pair<std::string, std::string>>& settings) {
  std::vector<std::string> seen;
  for (const auto& [key, value] : settings) {
    std::string lower = ToLower(key);
    if (lower == "driver") continue;
    if (std::find(driver.keys.begin(), driver.keys.end(), lower) == driver.keys.end()) {
      std::vector<std::string> allowed(driver.keys.begin(), driver.keys.end());
      std::string_view near = NearestName(lower, allowed);
      return MakeError(
          fmt::format("the setting `{}` is not allowed for {}", Printable(key), driver.family),
          near.empty() ? fmt::format("allowed: {}", Join(allowed, ", "))
                       : fmt::format("did you mean `{}`?", near));
    }
    if (std::find(seen.begin(), seen.end(), lower) != seen.end()) {
      return MakeError(fmt::format("the setting `{}` is given twice", Printable(key)));
    }
    seen.push_back(lower);
    bool bad = value.find_first_of(";{}") != std::string::npos ||
               std::any_of(value.begin(), value.end(), IsControl);
    if (bad) {
      return MakeError(
          fmt::format("the value of `{}` holds one of ; {{ }} or a control character", key),
          "ODBC has no way to write it that every driver understands: use a value without them");
    }
  }
  return {};
}

std::string FindLibrary(const std::string& file_name, const std::string& registered) {
  return FindSystemLibrary(file_name).value_or("{" + registered + "}");
}

// Its SQLSTATEs are too coarse (HY000 for "no such server" and for much else), so the server's own
// numbers decide.
FailureKind ClassifyMariaDb(const Diagnostic& diagnostic) {
  switch (diagnostic.native) {
    case 1049:
    case 1051:
    case 1054:
    case 1109:
    case 1146:
    case 1356:
      return FailureKind::kMissing;
    case 1044:
    case 1142:
    case 1143:
    case 1227:
    case 1370:
      return FailureKind::kPermission;
    case 1969:
    case 3024:
      return FailureKind::kTimeout;
    case 1317:
      return FailureKind::kCancelled;
    case 1045:
    case 1698:
    case 2002:
    case 2003:
    case 2005:
      return FailureKind::kConnect;
    case 1040:
    case 1053:
    case 1203:
    case 1205:
    case 1213:
    case 1927:
    case 2006:
    case 2013:
      return FailureKind::kTransient;
    default:
      return ClassifyState(diagnostic);
  }
}

// The driver gives HY000 for everything; native codes are SQLite's own.
FailureKind ClassifySqlite(const Diagnostic& diagnostic) {
  switch (diagnostic.native & 0xFF) {
    case 3:
    case 23:
      return FailureKind::kPermission;
    case 5:
    case 6:
      return FailureKind::kTransient;
    case 9:
      return FailureKind::kCancelled;
    case 14:
    case 26:
      return FailureKind::kConnect;
    default:
      break;
  }
  bool missing = diagnostic.text.find("no such table") != std::string::npos ||
                 diagnostic.text.find("no such column") != std::string::npos ||
                 diagnostic.text.find("unknown database") != std::string::npos;
  return missing ? FailureKind::kMissing : FailureKind::kSql;
}

}  // namespace layergate::warehouse::odbc

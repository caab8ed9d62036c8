// From an output of dbt's profiles.yml to a Target.
#include <initializer_list>

#include <fmt/format.h>

#include "core/text.h"
#include "warehouse/odbc/drivers.h"
#include "warehouse/target.h"
#include "warehouse/target_parts.h"

namespace layergate::warehouse {
namespace {

std::string TextOf(const Value& value) {
  if (value.is_string()) return std::string(value.AsString());
  return value.is_null() ? std::string() : WriteJson(value);
}

// The first of the names under which dbt's adapters know a setting.
std::string First(const Value& settings, std::initializer_list<std::string_view> names) {
  for (std::string_view name : names) {
    std::string text = TextOf(settings[name]);
    if (!text.empty()) return text;
  }
  return {};
}

Error CannotUse(const dbt::Profile& profile, std::string_view why) {
  return MakeError(
      fmt::format("{}: the target `{}` of type `{}` cannot be used: {}", profile.path,
                  Printable(profile.target), Printable(profile.type), why),
      "give the connection as a URL in LAYERGATE_BASE_URL and LAYERGATE_HEAD_URL, for example "
      "odbc:Driver=...;Key=value (docs/databases.md)");
}

Result<Target> PostgresProfile(const dbt::Profile& profile, Target target) {
  const Value& s = profile.settings;
  target.engine = profile.type;  // postgres or redshift
  std::string method = First(s, {"method"});
  if (!method.empty() && method != "database") {
    return CannotUse(profile, fmt::format("its method is `{}`, and only a user and a password can "
                                          "be used directly",
                                          Printable(method)));
  }
  Add(target.settings, "host", First(s, {"host"}));
  Add(target.settings, "port", First(s, {"port"}));
  Add(target.settings, "dbname", First(s, {"dbname", "database"}));
  Add(target.settings, "user", First(s, {"user"}));
  Add(target.settings, "password", First(s, {"password", "pass"}));
  for (const char* key : {"sslmode", "sslcert", "sslkey", "sslrootcert", "role", "connect_timeout",
                          "application_name"}) {
    Add(target.settings, key, First(s, {key}));
  }
  return target;
}

Result<Target> SqliteProfile(const dbt::Profile& profile, Target target) {
  std::string path = TextOf(profile.settings["schemas_and_paths"]["main"]);
  if (path.empty()) path = First(profile.settings, {"path"});
  if (path.empty()) return CannotUse(profile, "it names no file for the schema `main`");
  target.engine = "sqlite";
  target.settings.emplace_back("path", AbsolutePath(path));
  target.schema_override = "main";
  return target;
}

Result<Target> DuckDbProfile(const dbt::Profile& profile, Target target, const LoadRules& rules) {
  std::string path = First(profile.settings, {"path"});
  if (path.empty() || path == ":memory:") {
    return CannotUse(profile, "a database in memory is gone when dbt ends");
  }
  if (path.find(':') != std::string::npos) return CannotUse(profile, "its path is no local file");
  return DuckDbFile(std::move(target), path, rules);
}

Result<Target> MariaDbProfile(const dbt::Profile& profile, Target target) {
  const Value& s = profile.settings;
  target.engine = "mariadb";
  Add(target.settings, "server", First(s, {"server", "host"}));
  Add(target.settings, "port", First(s, {"port"}));
  Add(target.settings, "database", First(s, {"schema", "database"}));
  Add(target.settings, "uid", First(s, {"username", "user"}));
  Add(target.settings, "pwd", First(s, {"password", "pass"}));
  if (auto checked = odbc::CheckSettings(*odbc::FindDriver("mariadb"), target.settings); !checked) {
    return checked.error().WithContext(profile.path);
  }
  return target;
}

// ---- adapters whose databases are reached by their vendor's ODBC driver
// ---------------------------

void SnowflakeSettings(const Value& s, Settings& out) {
  std::string host = First(s, {"host"});
  std::string account = First(s, {"account"});
  // Host names have no underscores; accounts may.
  for (char& c : account) c = c == '_' ? '-' : c;
  Add(out, "server", host.empty() ? account + ".snowflakecomputing.com" : host);
  Add(out, "database", First(s, {"database"}));
  Add(out, "schema", First(s, {"schema"}));
  Add(out, "warehouse", First(s, {"warehouse"}));
  Add(out, "role", First(s, {"role"}));
  Add(out, "uid", First(s, {"user"}));
  Add(out, "pwd", First(s, {"password"}));
  std::string key_file = First(s, {"private_key_path"});
  Add(out, "authenticator", key_file.empty() ? First(s, {"authenticator"}) : "snowflake_jwt");
  Add(out, "priv_key_file", key_file);
  Add(out, "priv_key_file_pwd", First(s, {"private_key_passphrase"}));
  Add(out, "token", First(s, {"token"}));
}

void DatabricksSettings(const Value& s, Settings& out) {
  Add(out, "host", First(s, {"host"}));
  Add(out, "port", "443");
  Add(out, "httppath", First(s, {"http_path"}));
  Add(out, "ssl", "1");
  Add(out, "thrifttransport", "2");
  std::string token = First(s, {"token"});
  if (!token.empty()) {
    Add(out, "authmech", "3");
    Add(out, "uid", "token");
    Add(out, "pwd", token);
  } else {
    Add(out, "authmech", "11");
    Add(out, "auth_flow", "1");
    Add(out, "auth_client_id", First(s, {"client_id"}));
    Add(out, "auth_client_secret", First(s, {"client_secret"}));
  }
  Add(out, "catalog", First(s, {"catalog", "database"}));
  Add(out, "schema", First(s, {"schema"}));
  Add(out, "usenativequery", "1");
}

void BigQuerySettings(const Value& s, Settings& out) {
  std::string key_file = First(s, {"keyfile"});
  Add(out, "oauthmechanism", key_file.empty() ? "3" : "0");
  Add(out, "keyfilepath", key_file);
  Add(out, "catalog", First(s, {"execution_project", "project", "database"}));
  Add(out, "defaultdataset", First(s, {"dataset", "schema"}));
  Add(out, "sqldialect", "1");
  Add(out, "serviceaccountimpersonationemail", First(s, {"impersonate_service_account"}));
}

void SqlServerSettings(const Value& s, Settings& out) {
  std::string port = First(s, {"port"});
  std::string server = First(s, {"server", "host"});
  Add(out, "server", port.empty() ? server : server + "," + port);
  Add(out, "database", First(s, {"database"}));
  Add(out, "uid", First(s, {"user", "username", "UID"}));
  Add(out, "pwd", First(s, {"password", "PWD", "pass"}));
  bool windows = s["windows_login"].AsBool() || s["trusted_connection"].AsBool();
  if (windows) Add(out, "trusted_connection", "yes");
  Add(out, "encrypt", s["encrypt"].AsBool(true) ? "yes" : "no");
  Add(out, "trustservercertificate", s["trust_cert"].AsBool() ? "yes" : "no");
}

void TrinoSettings(const Value& s, Settings& out) {
  Add(out, "host", First(s, {"host"}));
  Add(out, "port", First(s, {"port"}));
  Add(out, "catalog", First(s, {"database", "catalog"}));
  Add(out, "schema", First(s, {"schema"}));
  Add(out, "uid", First(s, {"user"}));
  Add(out, "pwd", First(s, {"password"}));
}

void ClickHouseSettings(const Value& s, Settings& out) {
  Add(out, "server", First(s, {"host"}));
  Add(out, "port", First(s, {"port"}));
  Add(out, "database", First(s, {"schema", "database"}));
  Add(out, "uid", First(s, {"user"}));
  Add(out, "pwd", First(s, {"password"}));
  if (s["secure"].AsBool()) Add(out, "sslmode", s["verify"].AsBool(true) ? "require" : "allow");
}

struct OdbcAdapter {
  std::string_view type;    // as profiles.yml calls it
  std::string_view family;  // as odbc/drivers.h calls it
  void (*settings)(const Value&, Settings&);
};
constexpr OdbcAdapter kOdbcAdapters[] = {{"snowflake", "snowflake", SnowflakeSettings},
                                         {"databricks", "databricks", DatabricksSettings},
                                         {"bigquery", "bigquery", BigQuerySettings},
                                         {"sqlserver", "sqlserver", SqlServerSettings},
                                         {"fabric", "sqlserver", SqlServerSettings},
                                         {"trino", "trino", TrinoSettings},
                                         {"clickhouse", "clickhouse", ClickHouseSettings}};

Result<Target> OdbcProfile(const dbt::Profile& profile, const OdbcAdapter& adapter, Target target) {
  std::optional<std::string> driver = odbc::RegisteredDriver(adapter.family);
  if (!driver) {
    return CannotUse(profile, fmt::format("no ODBC driver for {} is registered on this machine "
                                          "(odbcinst.ini)",
                                          adapter.family));
  }
  Settings settings;
  adapter.settings(profile.settings, settings);
  if (auto checked = odbc::CheckSettings(*odbc::FindDriver(*driver), settings); !checked) {
    return checked.error().WithContext(profile.path);
  }
  target.engine = "odbc";
  target.settings.emplace_back("driver", *driver);
  target.settings.insert(target.settings.end(), settings.begin(), settings.end());
  return target;
}

}  // namespace

Result<Target> TargetFromProfile(const dbt::Profile& profile, const LoadRules& rules) {
  Target target;
  target.name = profile.target;
  target.secrets = profile.secrets;
  const std::string& type = profile.type;
  if (type == "postgres" || type == "redshift") return PostgresProfile(profile, std::move(target));
  if (type == "sqlite") return SqliteProfile(profile, std::move(target));
  if (type == "duckdb") return DuckDbProfile(profile, std::move(target), rules);
  if (type == "mysql" || type == "mariadb") return MariaDbProfile(profile, std::move(target));
  for (const OdbcAdapter& adapter : kOdbcAdapters) {
    if (type == adapter.type) return OdbcProfile(profile, adapter, std::move(target));
  }
  return CannotUse(profile, "Layergate knows no way to this kind of database");
}

}  // namespace layergate::warehouse

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "core/text.h"
#include "warehouse/library_path.h"
#include "warehouse/odbc/drivers.h"
#include "warehouse/target.h"
#include "warehouse/target_parts.h"

// No message here quotes the URL or a part of it that could be a secret: only names of parameters.

namespace layergate::warehouse {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> PercentDecode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    int high = HexDigit(text[i + 1]);
    int low = HexDigit(text[i + 2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

struct Url {
  std::string scheme, user, password, host, port, path;  // decoded; path without its first '/'
  bool has_authority = false;
  Settings parameters;
};

Error BadUrl(const std::string& name, std::string_view why) {
  return MakeError(fmt::format("{}: {}", name, why),
                   "write it as postgres://user:password@host:port/dbname, sqlite:///path/to.db, "
                   "duckdb:///path/to.duckdb, mariadb://user:password@host:port/dbname or "
                   "odbc:Driver=...;Key=value, with "
                   "special characters percent-encoded (docs/databases.md)");
}

// user:password@host:port
Result<bool> ReadAuthority(std::string_view text, const std::string& name, Url& url) {
  if (size_t at = text.rfind('@'); at != std::string_view::npos) {
    std::string_view login = text.substr(0, at);
    size_t colon = login.find(':');
    auto user = PercentDecode(login.substr(0, colon));
    auto password = PercentDecode(colon == std::string_view::npos ? std::string_view()
                                                                  : login.substr(colon + 1));
    if (!user || !password) return BadUrl(name, "user or password is badly percent-encoded");
    url.user = *user;
    url.password = *password;
    text.remove_prefix(at + 1);
  }
  size_t port = std::string_view::npos;
  if (!text.empty() && text[0] == '[') {
    size_t close = text.find(']');
    if (close == std::string_view::npos) return BadUrl(name, "the host's `[` has no `]`");
    url.host = std::string(text.substr(1, close - 1));
    if (close + 1 < text.size()) port = close + 1;
  } else {
    port = text.find(':');
    auto host = PercentDecode(text.substr(0, port));
    if (!host) return BadUrl(name, "the host is badly percent-encoded");
    url.host = *host;
  }
  if (port == std::string_view::npos) return true;
  std::string_view digits = text.substr(port + 1);
  int number = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (text[port] != ':' || error != std::errc() || end != digits.data() + digits.size() ||
      number < 1 || number > 65535) {
    return BadUrl(name,
                  "the port is not a number from 1 to 65535 (is a `:`, `/` or `@` of the "
                  "password not percent-encoded?)");
  }
  url.port = std::string(digits);
  return true;
}

Result<Url> ReadUrl(std::string_view text, const std::string& name) {
  Url url;
  size_t colon = text.find(':');
  if (colon == std::string_view::npos) return BadUrl(name, "this is not a URL");
  url.scheme = ToLower(text.substr(0, colon));
  text.remove_prefix(colon + 1);
  std::string_view query;
  if (size_t mark = text.find('?'); mark != std::string_view::npos) {
    query = text.substr(mark + 1);
    text = text.substr(0, mark);
  }
  if (text.substr(0, 2) == "//") {
    url.has_authority = true;
    text.remove_prefix(2);
    size_t slash = text.find('/');
    LAYERGATE_TRY(bool read, ReadAuthority(text.substr(0, slash), name, url));
    (void)read;
    text = slash == std::string_view::npos ? std::string_view() : text.substr(slash + 1);
  }
  auto path = PercentDecode(text);
  if (!path) return BadUrl(name, "the path is badly percent-encoded");
  url.path = *path;
  for (std::string_view pair : Split(query, '&')) {
    if (pair.empty()) continue;
    size_t equals = pair.find('=');
    auto key = PercentDecode(pair.substr(0, equals));
    auto value = PercentDecode(equals == std::string_view::npos ? std::string_view()
                                                                : pair.substr(equals + 1));
    if (!key || !value) return BadUrl(name, "a parameter is badly percent-encoded");
    for (const auto& [seen, unused] : url.parameters) {
      if (seen == *key) {
        return BadUrl(name, fmt::format("the parameter `{}` is given twice", Printable(*key)));
      }
    }
    url.parameters.emplace_back(*key, *value);
  }
  return url;
}

// Takes `schema` and `database`, and the allowed of the rest as settings.
Result<bool> TakeParameters(const Url& url, const std::vector<std::string>& allowed,
                            Target& target) {
  for (const auto& [key, value] : url.parameters) {
    if (key == "schema") {
      target.schema_override = value;
    } else if (key == "database") {
      target.database_override = value;
    } else if (std::find(allowed.begin(), allowed.end(), key) != allowed.end()) {
      target.settings.emplace_back(key, value);
    } else {
      std::vector<std::string> known = allowed;
      known.insert(known.end(), {"schema", "database"});
      std::string_view near = NearestName(key, known);
      return MakeError(
          fmt::format("{}: the parameter `{}` is not allowed", target.name, Printable(key)),
          near.empty() ? fmt::format("allowed: {}", Join(known, ", "))
                       : fmt::format("did you mean `{}`?", near));
    }
  }
  return true;
}

// What may be told to libpq. Not among them: `options` and `service`, which can unlock a session or
// lead elsewhere, and `passfile`.
const std::vector<std::string>& PostgresKeys() {
  static const std::vector<std::string> kKeys = {"sslmode",
                                                 "sslcert",
                                                 "sslkey",
                                                 "sslrootcert",
                                                 "sslcrl",
                                                 "role",
                                                 "gssencmode",
                                                 "krbsrvname",
                                                 "application_name",
                                                 "connect_timeout",
                                                 "hostaddr",
                                                 "channel_binding",
                                                 "target_session_attrs"};
  return kKeys;
}

// PostgreSQL and what speaks its protocol.
Result<Target> Postgres(const Url& url, Target target, std::string engine) {
  target.engine = std::move(engine);
  if (url.path.find('/') != std::string::npos) {
    return BadUrl(target.name, "the database's name holds a `/`; percent-encode it");
  }
  Add(target.settings, "host", url.host);
  Add(target.settings, "port", url.port);
  Add(target.settings, "dbname", url.path);
  Add(target.settings, "user", url.user);
  Add(target.settings, "password", url.password);
  LAYERGATE_TRY(bool taken, TakeParameters(url, PostgresKeys(), target));
  (void)taken;
  return target;
}

Result<Target> MariaDb(const Url& url, Target target) {
  target.engine = "mariadb";
  Add(target.settings, "server", url.host);
  Add(target.settings, "port", url.port);
  Add(target.settings, "database", url.path);
  Add(target.settings, "uid", url.user);
  Add(target.settings, "pwd", url.password);
  LAYERGATE_TRY(bool taken, TakeParameters(url,
                                           {"socket", "sslca", "sslcert", "sslkey", "sslverify",
                                            "tlsversion", "forcetls"},
                                           target));
  (void)taken;
  Result<void> checked = odbc::CheckSettings(*odbc::FindDriver("mariadb"), target.settings);
  if (!checked) return checked.error().WithContext(target.name);
  return target;
}

Result<Target> Sqlite(const Url& url, Target target) {
  target.engine = "sqlite";
  if (url.has_authority && !(url.host.empty() && url.user.empty() && url.port.empty())) {
    return BadUrl(target.name, "an absolute SQLite path needs three slashes: sqlite:///path/to.db");
  }
  std::string path = url.has_authority ? "/" + url.path : url.path;
  if (url.path.empty()) return BadUrl(target.name, "the URL names no file");
  target.settings.emplace_back("path", AbsolutePath(path));
  // A file holds one schema, whatever the manifest calls it.
  target.schema_override = "main";
  LAYERGATE_TRY(bool taken, TakeParameters(url, {}, target));
  (void)taken;
  return target;
}

Result<Target> DuckDb(const Url& url, Target target, const LoadRules& rules) {
  target.engine = "duckdb";
  if (url.has_authority && !(url.host.empty() && url.user.empty() && url.port.empty())) {
    return BadUrl(target.name,
                  "an absolute DuckDB path needs three slashes: duckdb:///path/to.duckdb");
  }
  if (url.path.empty()) return BadUrl(target.name, "the URL names no file");
  LAYERGATE_TRY(bool taken, TakeParameters(url, {}, target));
  (void)taken;
  return DuckDbFile(std::move(target), url.has_authority ? "/" + url.path : url.path, rules);
}

// odbc:Driver=name;KEY=value;... Not percent-encoded: it is written as ODBC writes it.
Result<Target> Odbc(std::string_view text, Target target, const LoadRules& rules) {
  target.engine = "odbc";
  Settings rest;
  std::string driver_name;
  for (std::string_view pair : Split(text, ';')) {
    if (Trim(pair).empty()) continue;
    size_t equals = pair.find('=');
    if (equals == std::string_view::npos) {
      return BadUrl(target.name, "a setting of the ODBC string has no `=`");
    }
    std::string key = ToLower(Trim(pair.substr(0, equals)));
    std::string value(Trim(pair.substr(equals + 1)));
    if (key == "layergate_schema") {
      target.schema_override = value;
    } else if (key == "layergate_database") {
      target.database_override = value;
    } else if (key == "driver") {
      if (!driver_name.empty()) return BadUrl(target.name, "`Driver` is given twice");
      if (value.size() > 2 && value.front() == '{' && value.back() == '}') {
        value = value.substr(1, value.size() - 2);
      }
      driver_name = value;
    } else {
      if (odbc::IsSecretKey(key)) target.secrets.push_back(value);
      rest.emplace_back(key, value);
    }
  }
  const odbc::Driver* driver = odbc::FindDriver(driver_name);
  if (driver_name.empty() || driver_name.find_first_of(";{}") != std::string::npos || !driver) {
    return MakeError(
        fmt::format("{}: the ODBC driver is not one that Layergate knows", target.name),
        fmt::format("name one of these databases' drivers: {}", Join(odbc::Families(), ", ")));
  }
  if (auto checked = odbc::CheckDriver(driver_name, rules.repository_root); !checked) {
    return checked.error().WithContext(target.name);
  }
  if (auto checked = odbc::CheckSettings(*driver, rest); !checked) {
    return checked.error().WithContext(target.name);
  }
  target.settings.emplace_back("driver", driver_name);
  target.settings.insert(target.settings.end(), rest.begin(), rest.end());
  return target;
}

}  // namespace

Result<Target> TargetFromUrl(std::string_view text, const std::string& name,
                             const LoadRules& rules) {
  Target target;
  target.name = name;
  text = Trim(text);
  if (EqualsIgnoreCase(text.substr(0, 5), "odbc:")) {
    return Odbc(text.substr(5), std::move(target), rules);
  }
  LAYERGATE_TRY(Url url, ReadUrl(text, name));
  if (!url.password.empty()) target.secrets.push_back(url.password);
  if (url.scheme == "postgres" || url.scheme == "postgresql") {
    return Postgres(url, std::move(target), "postgres");
  }
  if (url.scheme == "redshift") return Postgres(url, std::move(target), "redshift");
  if (url.scheme == "duckdb") return DuckDb(url, std::move(target), rules);
  if (url.scheme == "mariadb" || url.scheme == "mysql") return MariaDb(url, std::move(target));
  if (url.scheme == "sqlite") return Sqlite(url, std::move(target));
  return BadUrl(name, "the database is none of postgres, redshift, duckdb, sqlite, mariadb, odbc");
}

}  // namespace layergate::warehouse

// Targets that name an ODBC driver themselves, and MariaDB, whose driver is found.
#include <fmt/format.h>

#include "core/text.h"
#include "warehouse/engine.h"
#include "warehouse/odbc/drivers.h"
#include "warehouse/odbc/odbc_connection.h"
#include "warehouse/redact.h"

namespace layergate::warehouse {
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

// `driver` as it goes into the string: a path as it is, a registered name in braces.
std::string ConnectionString(const std::string& driver, const Settings& settings) {
  std::string text = "Driver=" + driver;
  for (const auto& [key, value] : settings) {
    if (key == "driver") continue;
    text += fmt::format(";{}={}", key, value);
  }
  return text;
}

Opened OpenWith(const Target& target, const odbc::Driver& driver, const std::string& written,
                const Settings& settings, std::string install_hint,
                std::chrono::milliseconds timeout) {
  if (Result<void> checked = odbc::CheckSettings(driver, settings); !checked) {
    return {nullptr, {FailureKind::kConnect, target.name + ": " + checked.error().ToString(), ""}};
  }
  odbc::Session session;
  session.what = fmt::format("{} ({})", target.name, driver.family);
  session.connection_string = ConnectionString(written, settings);
  session.start.assign(driver.start.begin(), driver.start.end());
  session.dialect = driver.dialect;
  session.set_timeout = driver.set_timeout;
  session.classify = driver.classify;
  session.takes_several_statements = driver.takes_several_statements;
  session.install_hint = std::move(install_hint);
  session.redactor = Redactor(target.secrets);
  return odbc::Connect(std::move(session), timeout);
}

}  // namespace

Opened OpenOdbcTarget(const Target& target, std::chrono::milliseconds timeout) {
  std::string name(Setting(target, "driver"));
  const odbc::Driver* driver = odbc::FindDriver(name);
  if (!driver || name.find_first_of(";{}") != std::string::npos) {
    return {nullptr,
            {FailureKind::kConnect,
             fmt::format("{}: the ODBC driver `{}` is none of: {}", target.name, Printable(name),
                         Join(odbc::Families(), ", ")),
             ""}};
  }
  std::string written = name.find('/') == std::string::npos ? "{" + name + "}" : name;
  return OpenWith(target, *driver, written, target.settings, "", timeout);
}

Opened OpenMariaDb(const Target& target, std::chrono::milliseconds timeout) {
  return OpenWith(target, *odbc::FindDriver("mariadb"),
                  odbc::FindLibrary("libmaodbc.so", "MariaDB Unicode"), target.settings,
                  "install MariaDB's ODBC driver (Debian and Ubuntu: odbc-mariadb)", timeout);
}

}  // namespace layergate::warehouse

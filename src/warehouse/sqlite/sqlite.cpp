// SQLite through its ODBC driver: a file, opened read-only, no server.
#include <filesystem>

#include <fmt/format.h>

#include "core/text.h"
#include "warehouse/engine.h"
#include "warehouse/odbc/drivers.h"
#include "warehouse/odbc/odbc_connection.h"
#include "warehouse/redact.h"

namespace layergate::warehouse {
namespace {

// A file's path as SQLite's URI; everything but plain characters is encoded, so that no name can
// end the setting or add a parameter.
std::string FileUri(std::string_view path) {
  std::string uri = "file:";
  for (char c : path) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 c == '/' || c == '-' || c == '.' || c == '_';
    uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri + "?mode=ro";
}

}  // namespace

Opened OpenSqlite(const Target& target, std::chrono::milliseconds timeout) {
  std::string path(Setting(target, "path"));
  std::string what = fmt::format("{} (sqlite {})", target.name, Printable(path));
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return {
        nullptr,
        {FailureKind::kConnect,
         what + ": there is no such file; check the path, and that an earlier step made it", ""}};
  }
  odbc::Session session;
  session.what = what;
  // A reader that meets a writer waits for it, up to the time that connecting may take.
  session.connection_string = fmt::format("Driver={};Database={};NoCreat=1;Timeout={}",
                                          odbc::FindLibrary("libsqlite3odbc.so", "SQLite3"),
                                          FileUri(path), timeout.count());
  // The second lock: even a file that is opened later can only be read.
  session.start = {"pragma query_only = on"};
  session.dialect = sql::Dialect::kSqlite;
  session.classify = odbc::ClassifySqlite;
  session.install_hint = "install SQLite's ODBC driver (Debian and Ubuntu: libsqliteodbc)";
  session.redactor = Redactor(target.secrets);
  // The driver opens the file when it connects but reads it first with a statement.
  session.start.push_back("select count(*) from sqlite_master");
  return odbc::Connect(std::move(session), timeout);
}

}  // namespace layergate::warehouse

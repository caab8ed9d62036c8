#include "support/sqlite_file.h"

#include <cctype>

#include <fmt/format.h>
#include <sql.h>
#include <sqlext.h>

#include "core/text.h"

namespace layergate::testing {
namespace {

std::string Diagnostics(SQLSMALLINT type, SQLHANDLE handle) {
  SQLCHAR state[6] = {}, text[512] = {};
  SQLINTEGER native = 0;
  SQLSMALLINT length = 0;
  SQLGetDiagRec(type, handle, 1, state, &native, text, sizeof text, &length);
  return reinterpret_cast<const char*>(text);
}

// One connection, closed at the end of its scope.
class Connection {
 public:
  Connection() {
    SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment_);
    SQLSetEnvAttr(environment_, SQL_ATTR_ODBC_VERSION, reinterpret_cast<SQLPOINTER>(SQL_OV_ODBC3),
                  0);
    SQLAllocHandle(SQL_HANDLE_DBC, environment_, &connection_);
  }
  ~Connection() {
    SQLDisconnect(connection_);
    SQLFreeHandle(SQL_HANDLE_DBC, connection_);
    SQLFreeHandle(SQL_HANDLE_ENV, environment_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Result<void> Open(const std::string& path) {
    std::string settings = fmt::format("Driver=SQLite3;Database={};", path);
    SQLRETURN code = SQLDriverConnect(connection_, nullptr, Text(settings), SQL_NTS, nullptr, 0,
                                      nullptr, SQL_DRIVER_NOPROMPT);
    if (SQL_SUCCEEDED(code)) return {};
    return MakeError(fmt::format("open {}: {}", path, Diagnostics(SQL_HANDLE_DBC, connection_)),
                     "install the ODBC driver of SQLite (libsqliteodbc)");
  }
  Result<void> Execute(std::string sql) {
    SQLHANDLE statement = nullptr;
    SQLAllocHandle(SQL_HANDLE_STMT, connection_, &statement);
    SQLRETURN code = SQLExecDirect(statement, Text(sql), SQL_NTS);
    bool done = SQL_SUCCEEDED(code) || code == SQL_NO_DATA;
    std::string why = done ? "" : Diagnostics(SQL_HANDLE_STMT, statement);
    SQLFreeHandle(SQL_HANDLE_STMT, statement);
    if (done) return {};
    return MakeError(fmt::format("{}: {}", sql.substr(0, 200), why));
  }

 private:
  static SQLCHAR* Text(std::string& text) { return reinterpret_cast<SQLCHAR*>(text.data()); }
  SQLHANDLE environment_ = nullptr, connection_ = nullptr;
};

std::vector<std::string> Fields(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    char c = line[i];
    if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += '"';
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

bool IsNumber(std::string_view text) {
  bool digits = false, dot = false;
  for (size_t i = text.substr(0, 1) == "-" ? 1 : 0; i < text.size(); ++i) {
    if (text[i] == '.' && !dot) {
      dot = true;
    } else if (std::isdigit(static_cast<unsigned char>(text[i]))) {
      digits = true;
    } else {
      return false;
    }
  }
  return digits;
}

std::string Literal(const std::string& field) {
  if (field.empty()) return "null";
  if (IsNumber(field)) return field;
  std::string out = "'";
  for (char c : field) out += c == '\'' ? "''" : std::string(1, c);
  return out + "'";
}

}  // namespace

Result<std::vector<std::string>> TableFromCsv(const std::string& name, std::string_view csv,
                                              int repeat) {
  std::vector<std::string> statements, rows;
  size_t columns = 0;
  for (std::string_view line : Split(csv, '\n')) {
    line = Trim(line);
    if (line.empty()) continue;
    std::vector<std::string> fields = Fields(line);
    if (statements.empty()) {
      for (std::string& field : fields) field = '"' + field + '"';
      columns = fields.size();
      statements.push_back(fmt::format("create table \"{}\" ({})", name, Join(fields, ", ")));
      continue;
    }
    if (fields.size() != columns) {
      return MakeError(
          fmt::format("table {}: a row has {} fields, not {}", name, fields.size(), columns));
    }
    for (std::string& field : fields) field = Literal(field);
    rows.push_back("(" + Join(fields, ", ") + ")");
  }
  if (statements.empty()) return MakeError(fmt::format("table {} has no header line", name));
  std::string values;
  size_t waiting = 0;
  auto flush = [&] {
    if (waiting > 0)
      statements.push_back(fmt::format("insert into \"{}\" values {}", name, values));
    values.clear();
    waiting = 0;
  };
  for (int i = 0; i < repeat; ++i) {
    for (const std::string& row : rows) {
      if (waiting > 0) values += ", ";
      values += row;
      if (++waiting == 400) flush();
    }
  }
  flush();
  return statements;
}

Result<void> WriteSqlite(const std::string& path, const std::vector<std::string>& statements) {
  Connection connection;
  auto opened = connection.Open(path);
  if (!opened) return opened;
  auto begun = connection.Execute("begin");
  if (!begun) return begun;
  for (const std::string& sql : statements) {
    auto done = connection.Execute(sql);
    if (!done) return done;
  }
  return connection.Execute("commit");
}

}  // namespace layergate::testing

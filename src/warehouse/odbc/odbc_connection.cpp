#include "warehouse/odbc/odbc_connection.h"

#include <array>
#include <atomic>
#include <limits>
#include <mutex>
#include <optional>

#include <fmt/format.h>
#include <sql.h>
#include <sqlext.h>

#include "core/text.h"
#include "warehouse/engine.h"
#include "warehouse/quoting.h"

namespace layergate::warehouse::odbc {
namespace {

using std::chrono::milliseconds;

bool Ok(SQLRETURN code) { return code == SQL_SUCCESS || code == SQL_SUCCESS_WITH_INFO; }

SQLCHAR* Bytes(const std::string& text) {
  // The API of ODBC takes texts that it only reads as pointers to non-const.
  return reinterpret_cast<SQLCHAR*>(const_cast<char*>(text.data()));
}

// SQL_ATTR_* values that are numbers travel in a pointer.
SQLPOINTER AsPointer(SQLULEN number) { return reinterpret_cast<SQLPOINTER>(number); }

// An ODBC handle; freed with its owner.
class Handle {
 public:
  Handle(SQLSMALLINT type, SQLHANDLE parent) : type_(type) {
    if (!Ok(SQLAllocHandle(type, parent, &handle_))) handle_ = SQL_NULL_HANDLE;
  }
  ~Handle() {
    if (handle_ != SQL_NULL_HANDLE) SQLFreeHandle(type_, handle_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  SQLHANDLE get() const { return handle_; }
  explicit operator bool() const { return handle_ != SQL_NULL_HANDLE; }
  SQLSMALLINT type() const { return type_; }

 private:
  SQLSMALLINT type_;
  SQLHANDLE handle_ = SQL_NULL_HANDLE;
};

Diagnostic FirstDiagnostic(const Handle& handle) {
  Diagnostic found;
  for (SQLSMALLINT i = 1; i < 20; ++i) {
    std::array<SQLCHAR, 6> state{};
    std::array<SQLCHAR, 2048> text{};
    SQLINTEGER native = 0;
    SQLSMALLINT length = 0;
    SQLRETURN code = SQLGetDiagRec(handle.type(), handle.get(), i, state.data(), &native,
                                   text.data(), static_cast<SQLSMALLINT>(text.size()), &length);
    if (!Ok(code)) break;
    Diagnostic record{reinterpret_cast<char*>(state.data()), native,
                      reinterpret_cast<char*>(text.data())};
    bool remark = record.state.substr(0, 2) == "01";
    if (found.text.empty() || (found.state.substr(0, 2) == "01" && !remark)) found = record;
  }
  if (found.text.empty()) found.text = "the driver gave no reason";
  return found;
}

// The value in column `column` of the current row, whatever its length.
std::optional<bool> ReadCell(SQLHANDLE statement, SQLUSMALLINT column,
                             std::optional<std::string>& cell) {
  std::array<char, 4096> buffer{};
  std::string text;
  while (true) {
    SQLLEN length = 0;
    SQLRETURN code =
        SQLGetData(statement, column, SQL_C_CHAR, buffer.data(), buffer.size(), &length);
    if (code == SQL_NO_DATA) break;
    if (!Ok(code)) return std::nullopt;
    if (length == SQL_NULL_DATA) {
      cell.reset();
      return true;
    }
    bool cut = length == SQL_NO_TOTAL || length >= static_cast<SQLLEN>(buffer.size());
    text.append(buffer.data(), cut ? buffer.size() - 1 : static_cast<size_t>(length));
    if (!cut) break;
  }
  cell = std::move(text);
  return true;
}

class OdbcConnection final : public Connection {
 public:
  explicit OdbcConnection(Session session)
      : session_(std::move(session)), environment_(SQL_HANDLE_ENV, SQL_NULL_HANDLE) {
    if (!environment_) return;
    SQLSetEnvAttr(environment_.get(), SQL_ATTR_ODBC_VERSION, AsPointer(SQL_OV_ODBC3), 0);
    dbc_.emplace(SQL_HANDLE_DBC, environment_.get());
  }

  ~OdbcConnection() override {
    if (connected_) SQLDisconnect(dbc_->get());
  }

  // Empty when connected.
  std::optional<Failure> Start(milliseconds timeout) {
    if (!dbc_ || !*dbc_) {
      return Failure{FailureKind::kConnect, session_.what + ": unixODBC gives no handle", ""};
    }
    SQLSetConnectAttr(dbc_->get(), SQL_ATTR_LOGIN_TIMEOUT,
                      AsPointer(static_cast<SQLULEN>(WholeSeconds(timeout))), 0);
    // The completed connection string holds the password: no buffer is given for it.
    SQLRETURN code = SQLDriverConnect(dbc_->get(), nullptr, Bytes(session_.connection_string),
                                      static_cast<SQLSMALLINT>(session_.connection_string.size()),
                                      nullptr, 0, nullptr, SQL_DRIVER_NOPROMPT);
    if (!Ok(code)) return ConnectFailure(FirstDiagnostic(*dbc_));
    connected_ = true;
    for (const std::string& sql : session_.start) {
      Answer answer = Execute(sql, timeout, 1);
      if (!answer) {
        answer.failure.kind = FailureKind::kConnect;
        answer.failure.message =
            session_.what + ": the session could not be made read-only: " + answer.failure.message;
        return answer.failure;
      }
    }
    return std::nullopt;
  }

  Answer Query(std::string_view sql, milliseconds timeout, size_t max_rows) override {
    if (std::optional<Failure> refused = Prepare(sql, timeout)) return {std::nullopt, *refused};
    return Execute(std::string(sql), timeout, max_rows);
  }

  // SQL Server: in the mode a statement is compiled and not run. SET must be sent by itself.
  Answer Plan(std::string_view query, milliseconds timeout) override {
    if (session_.dialect != sql::Dialect::kTsql) return Connection::Plan(query, timeout);
    if (std::optional<Failure> refused = Prepare(query, timeout)) return {std::nullopt, *refused};
    if (Answer on = Execute("set showplan_xml on", timeout, 1); !on) return on;
    Answer plan = Execute("select 1", timeout, 1);
    bool one = plan && plan.rows->rows.size() == 1 && plan.rows->rows[0].cells.size() == 1;
    std::string text = one ? plan.rows->rows[0].cells[0].value_or("") : std::string();
    bool works = text.substr(0, 200).find("<ShowPlanXML") != std::string::npos;
    if (works) {
      plan = Execute(std::string(query), timeout, 1);
    } else if (plan) {
      plan = {std::nullopt,
              {FailureKind::kSql, "SHOWPLAN_XML has no effect here: the query was not sent", ""}};
    }
    // Whoever gets this connection next must have his statements run.
    Answer off = Execute("set showplan_xml off", milliseconds(5000), 1);
    if (!off) {
      off.failure.kind = FailureKind::kTransient;
      return off;
    }
    return plan;
  }

  void Cancel() override {
    cancelled_ = true;
    CancelRunning();
  }

  sql::Dialect dialect() const override { return session_.dialect; }
  std::string Quote(const Relation& relation) const override {
    return QuoteRelation(session_.dialect, relation);
  }
  std::string QuoteName(std::string_view name) const override {
    return warehouse::QuoteName(session_.dialect, name);
  }

 private:
  // Why a statement is not sent; else its bound in time has been set on the server.
  std::optional<Failure> Prepare(std::string_view sql, milliseconds timeout) {
    std::string refused = RefuseStatement(sql);
    if (refused.empty() && session_.takes_several_statements && HoldsSeveralStatements(sql)) {
      refused = "one statement at a time: a `;` stands inside this one";
    }
    if (!refused.empty()) return Failure{FailureKind::kSql, refused, ""};
    if (timeout.count() <= 0) {
      return Failure{FailureKind::kTimeout, "no time was left for the statement", ""};
    }
    if (!session_.set_timeout) return std::nullopt;
    std::string bound = session_.set_timeout(timeout);
    if (bound == last_bound_) return std::nullopt;
    Answer answer = Execute(bound, timeout, 1);
    if (!answer) return answer.failure;
    last_bound_ = bound;
    return std::nullopt;
  }

  Failure ConnectFailure(const Diagnostic& diagnostic) const {
    FailureKind kind = session_.classify(diagnostic);
    if (kind != FailureKind::kTransient) kind = FailureKind::kConnect;
    std::string message =
        fmt::format("{}: {}", session_.what, session_.redactor.Line(diagnostic.text));
    bool no_driver = diagnostic.state == "IM002" || diagnostic.state == "IM003" ||
                     diagnostic.text.find("Can't open lib") != std::string::npos;
    if (no_driver && !session_.install_hint.empty()) message += "; " + session_.install_hint;
    return {kind, message, diagnostic.state};
  }

  void CancelRunning() {
    std::lock_guard lock(running_mutex_);
    if (running_ != SQL_NULL_HANDLE) SQLCancel(running_);
  }
  void SetRunning(SQLHANDLE statement) {
    std::lock_guard lock(running_mutex_);
    running_ = statement;
  }

  Answer Execute(const std::string& sql, milliseconds timeout, size_t max_rows) {
    Handle statement(SQL_HANDLE_STMT, dbc_->get());
    if (!statement) return {std::nullopt, Fail(FirstDiagnostic(*dbc_), false)};
    // Some drivers answer 01S02 and ignore it, some take it: the watchdog cancels in either case.
    SQLSetStmtAttr(statement.get(), SQL_ATTR_QUERY_TIMEOUT,
                   AsPointer(static_cast<SQLULEN>(WholeSeconds(timeout))), 0);
    cancelled_ = false;
    SetRunning(statement.get());
    alarm_.Set(timeout);
    Rows rows;
    bool ok = Fetch(sql, statement, max_rows, rows);
    SetRunning(SQL_NULL_HANDLE);
    bool late = alarm_.Clear();
    if (ok) return {std::move(rows), {}};
    return {std::nullopt, Fail(FirstDiagnostic(statement), late)};
  }

  bool Fetch(const std::string& sql, const Handle& statement, size_t max_rows, Rows& rows) {
    SQLRETURN code =
        SQLExecDirect(statement.get(), Bytes(sql), static_cast<SQLINTEGER>(sql.size()));
    if (code == SQL_NO_DATA) return true;
    if (!Ok(code)) return false;
    SQLSMALLINT columns = 0;
    if (!Ok(SQLNumResultCols(statement.get(), &columns))) return false;
    auto width = static_cast<SQLUSMALLINT>(columns);
    for (SQLUSMALLINT i = 1; i <= width; ++i) {
      std::array<SQLCHAR, 512> name{};
      SQLDescribeCol(statement.get(), i, name.data(), static_cast<SQLSMALLINT>(name.size()),
                     nullptr, nullptr, nullptr, nullptr, nullptr);
      rows.names.emplace_back(reinterpret_cast<char*>(name.data()));
    }
    while (width > 0 && rows.rows.size() < max_rows) {
      code = SQLFetch(statement.get());
      if (code == SQL_NO_DATA) break;
      if (!Ok(code)) return false;
      Row row;
      for (SQLUSMALLINT i = 1; i <= width; ++i) {
        if (!ReadCell(statement.get(), i, row.cells.emplace_back())) return false;
      }
      rows.rows.push_back(std::move(row));
    }
    return true;
  }

  Failure Fail(const Diagnostic& diagnostic, bool deadline_passed) const {
    FailureKind kind = session_.classify(diagnostic);
    // The engine cannot know who cancelled, and lost connections while cancelling are ours too.
    if (deadline_passed)
      kind = FailureKind::kTimeout;
    else if (cancelled_)
      kind = FailureKind::kCancelled;
    return {kind, session_.redactor.Line(diagnostic.text), diagnostic.state};
  }

  Session session_;
  Handle environment_;
  std::optional<Handle> dbc_;
  bool connected_ = false;
  std::string last_bound_;
  std::mutex running_mutex_;
  SQLHANDLE running_ = SQL_NULL_HANDLE;
  std::atomic<bool> cancelled_ = false;
  Alarm alarm_{[this] { CancelRunning(); }};
};

}  // namespace

Opened Connect(Session session, milliseconds timeout) {
  if (session.connection_string.size() > std::numeric_limits<SQLSMALLINT>::max()) {
    return {nullptr,
            {FailureKind::kConnect, session.what + ": the connection settings are too long", ""}};
  }
  auto connection = std::make_unique<OdbcConnection>(std::move(session));
  if (std::optional<Failure> failure = connection->Start(timeout)) return {nullptr, *failure};
  return {std::move(connection), {}};
}

FailureKind ClassifyState(const Diagnostic& diagnostic) {
  const std::string& state = diagnostic.state;
  std::string group = state.substr(0, 2);
  if (state == "42S02" || state == "42S22" || state == "42P01" || state == "42703" ||
      state == "3F000") {
    return FailureKind::kMissing;
  }
  if (state == "42501") return FailureKind::kPermission;
  if (state == "57014" || state == "HYT00" || state == "55P03") return FailureKind::kTimeout;
  if (state == "HY008") return FailureKind::kCancelled;
  if (group == "28" || state == "08001" || group == "IM") return FailureKind::kConnect;
  if (group == "08" || group == "40" || state == "HYT01" || state == "53300" || group == "57") {
    return FailureKind::kTransient;
  }
  return FailureKind::kSql;
}

}  // namespace layergate::warehouse::odbc

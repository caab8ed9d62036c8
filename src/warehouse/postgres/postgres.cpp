// PostgreSQL through libpqxx, 6.4 to 7.x.
//
// Each statement runs in a transaction of its own that begins read-only, sent by the extended
// protocol, which takes one statement only: so there is never a second statement that could use
// what a first one unlocked. Bounds are set on the server, per transaction.
#include <atomic>
#include <mutex>
#include <optional>

#include <fmt/format.h>
#include <pqxx/pqxx>

#include "core/text.h"
#include "warehouse/engine.h"
#include "warehouse/quoting.h"
#include "warehouse/redact.h"

namespace layergate::warehouse {
namespace {

using std::chrono::milliseconds;

// One statement, by the extended protocol, whichever way this version of the library spells it.
pqxx::result ExecuteOne(pqxx::transaction_base& work, const std::string& sql) {
#if PQXX_VERSION_MAJOR > 7 || (PQXX_VERSION_MAJOR == 7 && PQXX_VERSION_MINOR >= 9)
  return work.exec(sql, pqxx::params{});
#else
  return work.exec_params(sql);
#endif
}

FailureKind ClassifySqlState(const std::string& state) {
  std::string group = state.substr(0, 2);
  if (state == "42P01" || state == "42703" || state == "3F000" || state == "3D000") {
    return FailureKind::kMissing;
  }
  if (state == "42501") return FailureKind::kPermission;
  if (state == "57014" || state == "55P03") return FailureKind::kTimeout;
  if (group == "08" || group == "40" || state == "53300" || state == "57P01" || state == "57P02" ||
      state == "57P03") {
    return FailureKind::kTransient;
  }
  if (group == "28") return FailureKind::kConnect;
  return FailureKind::kSql;
}

// What the exception says. Some versions of the library forget the SQLSTATE of some errors, whose
// class then tells.
Failure FailureOf(const std::exception& error, const Redactor& redactor) {
  Failure failure;
  failure.message = redactor.Line(error.what());
  if (auto* sql = dynamic_cast<const pqxx::sql_error*>(&error)) failure.sqlstate = sql->sqlstate();
  if (failure.sqlstate.empty()) {
    if (dynamic_cast<const pqxx::insufficient_privilege*>(&error)) failure.sqlstate = "42501";
    if (dynamic_cast<const pqxx::undefined_table*>(&error)) failure.sqlstate = "42P01";
    if (dynamic_cast<const pqxx::undefined_column*>(&error)) failure.sqlstate = "42703";
    if (dynamic_cast<const pqxx::serialization_failure*>(&error)) failure.sqlstate = "40001";
    if (dynamic_cast<const pqxx::deadlock_detected*>(&error)) failure.sqlstate = "40P01";
    if (dynamic_cast<const pqxx::too_many_connections*>(&error)) failure.sqlstate = "53300";
    if (dynamic_cast<const pqxx::broken_connection*>(&error)) failure.sqlstate = "08006";
  }
  failure.kind = ClassifySqlState(failure.sqlstate);
  if (failure.sqlstate == "0A000" && failure.message.find("cross-database") != std::string::npos) {
    failure.kind = FailureKind::kMissing;
    failure.message +=
        "; the manifest names another database than the connection: add ?database=<the "
        "connection's> to the URL";
  }
  return failure;
}

// 'value' in a connection string.
std::string QuoteOption(std::string_view value) {
  std::string out = "'";
  for (char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string ConnectionString(const Target& target, milliseconds timeout) {
  std::string text;
  for (const auto& [key, value] : target.settings) {
    if (key == "role") continue;
    text += fmt::format("{}={} ", key, QuoteOption(value));
  }
  if (Setting(target, "application_name").empty()) text += "application_name='layergate' ";
  if (Setting(target, "connect_timeout").empty()) {
    text += fmt::format("connect_timeout={} ", WholeSeconds(timeout));
  }
  // keepalives: a server that vanished is noticed within a minute, not in two hours.
  text += "keepalives_idle=30 keepalives_interval=10 keepalives_count=3 client_encoding='UTF8' ";
  text += "options='-c default_transaction_read_only=on -c client_min_messages=error'";
  return text;
}

class PostgresConnection final : public Connection {
 public:
  PostgresConnection(const Target& target, milliseconds timeout)
      : redactor_(target.secrets),
        connection_(ConnectionString(target, timeout)),
        quiet_(connection_) {
    std::string role(Setting(target, "role"));
    if (role.empty()) return;
    pqxx::nontransaction work(connection_);
    work.exec("set role " + warehouse::QuoteName(sql::Dialect::kPostgres, role));
  }

  Answer Query(std::string_view sql, milliseconds timeout, size_t max_rows) override {
    std::string refused = RefuseStatement(sql);
    if (!refused.empty()) return {std::nullopt, {FailureKind::kSql, refused, ""}};
    if (timeout.count() <= 0) {
      return {std::nullopt, {FailureKind::kTimeout, "no time was left for the statement", ""}};
    }
    cancelled_ = false;
    try {
      pqxx::nontransaction work(connection_);
      work.exec(
          fmt::format("begin read only; set local statement_timeout = {}; "
                      "set local lock_timeout = {}",
                      timeout.count(), std::min<long long>(timeout.count(), 10000)));
      Rows rows = RowsOf(ExecuteOne(work, std::string(sql)), max_rows);
      work.exec("rollback");
      return {std::move(rows), {}};
    } catch (const std::exception& error) {
      Failure failure = FailureOf(error, redactor_);
      if (failure.sqlstate == "57014" && cancelled_) failure.kind = FailureKind::kCancelled;
      if (!RollBack() && failure.kind != FailureKind::kTimeout) {
        failure.kind = cancelled_ ? FailureKind::kCancelled : FailureKind::kTransient;
      }
      return {std::nullopt, failure};
    }
  }

  void Cancel() override {
    cancelled_ = true;
    try {
      connection_.cancel_query();
    } catch (const std::exception&) {
      // The server is gone, and the statement with it.
    }
  }

  sql::Dialect dialect() const override { return sql::Dialect::kPostgres; }
  std::string Quote(const Relation& relation) const override {
    return QuoteRelation(sql::Dialect::kPostgres, relation);
  }
  std::string QuoteName(std::string_view name) const override {
    return warehouse::QuoteName(sql::Dialect::kPostgres, name);
  }

 private:
  static Rows RowsOf(const pqxx::result& result, size_t max_rows) {
    Rows rows;
    for (int i = 0; i < static_cast<int>(result.columns()); ++i) {
      rows.names.emplace_back(result.column_name(static_cast<pqxx::row_size_type>(i)));
    }
    for (const auto& line : result) {
      if (rows.rows.size() >= max_rows) break;
      Row row;
      for (const auto& field : line) {
        row.cells.push_back(field.is_null() ? std::nullopt
                                            : std::optional<std::string>(field.c_str()));
      }
      rows.rows.push_back(std::move(row));
    }
    return rows;
  }

  // False when the connection is of no more use.
  bool RollBack() {
    try {
      pqxx::nontransaction work(connection_);
      work.exec("rollback");
      return true;
    } catch (const std::exception&) {
      return false;
    }
  }

  Redactor redactor_;
  pqxx::connection connection_;
  pqxx::quiet_errorhandler quiet_;  // notices and warnings of the server are nobody's report
  std::atomic<bool> cancelled_ = false;
};

}  // namespace

Opened OpenPostgres(const Target& target, milliseconds timeout) {
  Redactor redactor(target.secrets);
  try {
    return {std::make_unique<PostgresConnection>(target, timeout), {}};
  } catch (const std::exception& error) {
    Failure failure = FailureOf(error, redactor);
    // The library has no SQLSTATE for what happens while connecting; "too many clients" alone is
    // worth another try, and in servers of other languages it counts as refused.
    bool full = failure.sqlstate == "53300" ||
                failure.message.find("too many clients") != std::string::npos ||
                failure.message.find("too many connections") != std::string::npos ||
                failure.message.find("remaining connection slots") != std::string::npos;
    failure.kind = full ? FailureKind::kTransient : FailureKind::kConnect;
    failure.message = fmt::format("{} (postgres): {}", target.name, failure.message);
    return {nullptr, failure};
  }
}

}  // namespace layergate::warehouse

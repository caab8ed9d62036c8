// PostgreSQL through libpqxx, 6.4 to 7.x.
//
// Each statement runs in a transaction of its own that begins read-only, sent by the extended
// protocol, which takes one statement only: so there is never a second statement that could use
// what a first one unlocked. Bounds are set on the server, per transaction.
#include <algorithm>
#include <chrono>
#include <optional>

#include <fmt/format.h>
#include <pqxx/pqxx>

#include "core/text.h"
#include "warehouse/engine.h"
#include "warehouse/postgres/sqlstate.h"
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
    auto begin = std::chrono::steady_clock::now();
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
      if (failure.sqlstate == "57014") failure.kind = ClassifyCancel(begin, timeout);
      bool lost = !RollBack();
      if (lost && failure.kind != FailureKind::kTimeout && failure.kind != FailureKind::kCancelled)
        failure.kind = FailureKind::kTransient;
      return {std::nullopt, failure};
    }
  }

  void Cancel() override {
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

  // False when the connection is of no more use. A cancel that was meant for the statement may hit
  // the first attempt.
  bool RollBack() {
    for (int i = 0; i < 2; ++i) {
      try {
        pqxx::nontransaction work(connection_);
        work.exec("rollback");
        return true;
      } catch (const std::exception&) {
        continue;
      }
    }
    return false;
  }

  Redactor redactor_;
  pqxx::connection connection_;
  pqxx::quiet_errorhandler quiet_;  // notices and warnings of the server are nobody's report
};

}  // namespace

Opened OpenPostgres(const Target& target, milliseconds timeout) {
  Redactor redactor(target.secrets);
  try {
    return {std::make_unique<PostgresConnection>(target, timeout), {}};
  } catch (const std::exception& error) {
    Failure failure = FailureOf(error, redactor);
    failure.kind = SaysFull(failure) ? FailureKind::kTransient : FailureKind::kConnect;
    failure.message = fmt::format("{} (postgres): {}", target.name, failure.message);
    return {nullptr, failure};
  }
}

}  // namespace layergate::warehouse

// Redshift through plain libpq: it says that it is PostgreSQL 8.0.2, which libpqxx refuses.
//
// The same promises as for PostgreSQL, by the same means: a transaction that begins read-only
// around every statement, the extended protocol, which takes one statement only, and bounds on the
// server. What Redshift does not know (lock_timeout, options at the start) is not said to it.
#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <libpq-fe.h>

#include "core/text.h"
#include "warehouse/engine.h"
#include "warehouse/postgres/sqlstate.h"
#include "warehouse/quoting.h"
#include "warehouse/redact.h"

namespace layergate::warehouse {
namespace {

using std::chrono::milliseconds;

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
  void operator()(PGresult* result) const { PQclear(result); }
  void operator()(PGcancel* cancel) const { PQfreeCancel(cancel); }
};
using Connected = std::unique_ptr<PGconn, Finish>;
using Answered = std::unique_ptr<PGresult, Finish>;

Connected Connect(const Target& target, milliseconds timeout) {
  std::vector<std::pair<std::string, std::string>> settings;
  for (const auto& [key, value] : target.settings) {
    if (key != "role") settings.emplace_back(key, value);
  }
  auto set_default = [&](std::string key, std::string value) {
    if (Setting(target, key).empty()) settings.emplace_back(std::move(key), std::move(value));
  };
  set_default("port", "5439");
  set_default("application_name", "layergate");
  set_default("connect_timeout", fmt::format("{}", WholeSeconds(timeout)));
  for (auto& [key, value] :
       std::vector<std::pair<std::string, std::string>>{{"keepalives_idle", "30"},
                                                        {"keepalives_interval", "10"},
                                                        {"keepalives_count", "3"},
                                                        {"client_encoding", "UTF8"}}) {
    settings.emplace_back(key, value);
  }
  std::vector<const char*> keys, values;
  for (const auto& [key, value] : settings) {
    keys.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  // expand_dbname is 0: a database's name is a name, not a connection string.
  return Connected(PQconnectdbParams(keys.data(), values.data(), 0));
}

class RedshiftConnection final : public Connection {
 public:
  RedshiftConnection(Connected connection, const Target& target)
      : redactor_(target.secrets), connection_(std::move(connection)) {
    // Notices of the server are nobody's report.
    PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
    cancel_.reset(PQgetCancel(connection_.get()));
  }

  Answer Query(std::string_view sql, milliseconds timeout, size_t max_rows) override {
    std::string refused = RefuseStatement(sql);
    if (!refused.empty()) return {std::nullopt, {FailureKind::kSql, refused, ""}};
    if (timeout.count() <= 0) {
      return {std::nullopt, {FailureKind::kTimeout, "no time was left for the statement", ""}};
    }
    auto begin = std::chrono::steady_clock::now();
    // Some servers of this family bound a statement less exactly than others: a watchdog, too.
    Watchdog watchdog(timeout + milliseconds(500), [this] { Cancel(); });
    Answered result = Send("begin read only");
    if (Ok(result)) {
      result = Send(fmt::format("set statement_timeout to {}", timeout.count()));
    }
    if (Ok(result)) result = SendOne(std::string(sql));
    Answer answer;
    if (Ok(result)) {
      answer.rows = RowsOf(*result, max_rows);
    } else {
      answer.failure = FailureOf(result.get(), begin, timeout);
    }
    // Twice: a late cancel may hit the first.
    if (!Ok(Send("rollback")) && !Ok(Send("rollback")) && !answer &&
        answer.failure.kind == FailureKind::kSql) {
      answer.failure.kind = FailureKind::kTransient;
    }
    return answer;
  }

  void Cancel() override {
    char unused[256] = "";
    if (cancel_) PQcancel(cancel_.get(), unused, sizeof unused);
  }

  sql::Dialect dialect() const override { return sql::Dialect::kRedshift; }
  std::string Quote(const Relation& relation) const override {
    return QuoteRelation(sql::Dialect::kRedshift, relation);
  }
  std::string QuoteName(std::string_view name) const override {
    return warehouse::QuoteName(sql::Dialect::kRedshift, name);
  }

 private:
  static bool Ok(const Answered& result) {
    auto status = PQresultStatus(result.get());
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
  }
  Answered Send(const std::string& sql) { return Answered(PQexec(connection_.get(), sql.c_str())); }
  Answered SendOne(const std::string& sql) {
    return Answered(
        PQexecParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0));
  }

  static Rows RowsOf(const PGresult& result, size_t max_rows) {
    Rows rows;
    int width = PQnfields(&result);
    for (int i = 0; i < width; ++i) rows.names.emplace_back(PQfname(&result, i));
    int height =
        std::min(PQntuples(&result), static_cast<int>(std::min<size_t>(max_rows, 1'000'000'000)));
    for (int k = 0; k < height; ++k) {
      Row row;
      for (int i = 0; i < width; ++i) {
        row.cells.push_back(PQgetisnull(&result, k, i) == 1
                                ? std::nullopt
                                : std::optional<std::string>(PQgetvalue(&result, k, i)));
      }
      rows.rows.push_back(std::move(row));
    }
    return rows;
  }

  Failure FailureOf(const PGresult* result, std::chrono::steady_clock::time_point begin,
                    milliseconds timeout) const {
    Failure failure;
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    failure.sqlstate = state ? state : "";
    std::string text = PQresultErrorMessage(result);
    failure.message = redactor_.Line(text.empty() ? PQerrorMessage(connection_.get()) : text);
    failure.kind = ClassifySqlState(failure.sqlstate);
    bool lost = PQstatus(connection_.get()) != CONNECTION_OK;
    if (failure.sqlstate == "57014") {
      failure.kind = ClassifyCancel(begin, timeout);
    } else if (lost) {
      failure.kind = FailureKind::kTransient;
    }
    return failure;
  }

  Redactor redactor_;
  Connected connection_;
  std::unique_ptr<PGcancel, Finish> cancel_;
};

}  // namespace

Opened OpenRedshift(const Target& target, milliseconds timeout) {
  Connected connection = Connect(target, timeout);
  if (PQstatus(connection.get()) == CONNECTION_OK) {
    return {std::make_unique<RedshiftConnection>(std::move(connection), target), {}};
  }
  Failure failure{FailureKind::kConnect,
                  Redactor(target.secrets).Line(PQerrorMessage(connection.get())), ""};
  if (SaysFull(failure)) failure.kind = FailureKind::kTransient;
  failure.message = fmt::format("{} (redshift): {}", target.name, failure.message);
  return {nullptr, failure};
}

}  // namespace layergate::warehouse

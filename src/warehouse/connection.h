// A database, as narrow as the gates need it: one read-only statement in, rows out.
//
// Every engine is reached behind this one interface; adding one is a folder under warehouse/ and
// one line in warehouse/engines.def. Every connection promises, by means of its own engine:
//   - nothing can be written: read-only session or transaction, and a protocol that takes one
//   statement only;
//   - a statement that exceeds its deadline is cancelled on the server, not just abandoned;
//   - no message of it contains a secret (core redaction by value).
// Sources of the rules: docs/databases.md.
//
// A Connection is used by one thread at a time, except Cancel(), which any thread may call at any
// time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "sql/dialect.h"

namespace layergate::warehouse {

// Why a statement gave no rows. Each is a different status in the reports.
enum class FailureKind {
  kConnect,  // refused, unknown host, wrong password, no driver
  kMissing,  // relation or column does not exist
  kPermission,
  kTimeout,    // deadline reached; the statement was cancelled
  kCancelled,  // Cancel() was called
  kTransient,  // lost connection, serialisation failure, too many clients: worth another try
  kNotSent,    // a dry run
  kSql,        // anything else that the engine refused
};
std::string_view ToString(FailureKind kind);

struct Failure {
  FailureKind kind = FailureKind::kSql;
  std::string message;   // the engine's words, secrets removed, one line
  std::string sqlstate;  // five characters, or empty
};

struct Row {
  std::vector<std::optional<std::string>> cells;  // text form; nullopt is NULL
};

struct Rows {
  std::vector<std::string> names;
  std::vector<Row> rows;
};

// Rows or the failure. (Not Result: callers act on the kind.)
struct Answer {
  std::optional<Rows> rows;
  Failure failure;
  explicit operator bool() const { return rows.has_value(); }
};

// A relation by its parts; empty parts are left out when it is quoted.
struct Relation {
  std::string database, schema, identifier;
  friend auto operator<=>(const Relation&, const Relation&) = default;
};

class Connection {
 public:
  virtual ~Connection() = default;
  // Runs one statement and reads at most `max_rows` rows.
  virtual Answer Query(std::string_view sql, std::chrono::milliseconds timeout,
                       size_t max_rows = 100000) = 0;
  // The plan of a query, from engines that give it in a mode of the session rather than by a
  // statement (SQL Server's SHOWPLAN): one cell. The query is not sent unless the mode has been
  // seen to work, and the connection is given up when the mode cannot be left.
  virtual Answer Plan(std::string_view query, std::chrono::milliseconds timeout);
  // Stops the running statement on the server.
  virtual void Cancel() = 0;
  virtual sql::Dialect dialect() const = 0;
  // `"db"."schema"."table"` in this engine's quoting. Refuses (empty string) parts that hold a NUL
  // or are longer than any identifier of the engine.
  virtual std::string Quote(const Relation& relation) const = 0;
  virtual std::string QuoteName(std::string_view name) const = 0;
};

// Where to connect. Built by warehouse/target.h from flags, environment or a profile; holds
// secrets.
struct Target {
  std::string name;    // for reports: "prod", "LAYERGATE_BASE_URL"; never holds a secret
  std::string engine;  // "postgres", "sqlite", "odbc", ...
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::string> secrets;
  // Puts the model's relation where this target keeps it: a schema or database other than the
  // manifest's.
  std::string database_override, schema_override;
};

// Opens a connection. The failure says what was tried and what to check, without secrets.
struct Opened {
  std::unique_ptr<Connection> connection;
  Failure failure;
};
Opened Open(const Target& target, std::chrono::milliseconds timeout);

}  // namespace layergate::warehouse

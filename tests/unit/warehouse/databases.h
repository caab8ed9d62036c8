// What the tests of this folder share: targets, short questions, and the databases they may use.
#pragma once

#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>

#include "support/catch.h"
#include "support/duckdb_file.h"
#include "warehouse/connection.h"
#include "warehouse/pool.h"
#include "warehouse/target.h"

namespace layergate::warehouse {

inline constexpr std::chrono::milliseconds kTime{10000};

inline Target MakeTarget(const std::string& url, const std::string& name = "test") {
  Result<Target> target = TargetFromUrl(url, name, LoadRules{"", testing::DuckDbLibrary()});
  if (!target) FAIL(target.error().ToString());
  return *std::move(target);
}

inline std::unique_ptr<Connection> MustOpen(const std::string& url) {
  Opened opened = Open(MakeTarget(url), kTime);
  if (!opened.connection) FAIL(opened.failure.message);
  return std::move(opened.connection);
}

// The single cell of the answer, "NULL", or "failure <kind>: <message>".
inline std::string One(const Answer& answer) {
  if (!answer) {
    return "failure " + std::string(ToString(answer.failure.kind)) + ": " + answer.failure.message;
  }
  if (answer.rows->rows.size() != 1 || answer.rows->rows[0].cells.size() != 1)
    return "not one cell";
  return answer.rows->rows[0].cells[0].value_or("NULL");
}
inline std::string One(Connection& connection, const std::string& sql) {
  return One(connection.Query(sql, kTime));
}

// The URL in an environment variable that scripts/with_databases sets. Without it the test says
// that it was skipped.
inline std::optional<std::string> UrlFrom(const char* variable) {
  const char* url = std::getenv(variable);
  if (url && *url) return std::string(url);
  WARN("skipped: " << variable << " is not set (scripts/with_databases sets it)");
  return std::nullopt;
}

// The URL with its user and password replaced.
inline std::string WithLogin(const std::string& url, const std::string& login) {
  size_t begin = url.find("://") + 3;
  return url.substr(0, begin) + login + url.substr(url.find('@'));
}

// A port of the loopback address on which nobody listens.
int UnusedPort();

}  // namespace layergate::warehouse

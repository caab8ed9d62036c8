// The ODBC drivers that may be used, and what may be said to each.
//
// A connection string is code: `Driver=` names a library to load, and several drivers have keys
// that load more (FILEDSN, LoadExt, relative paths). So a string is never passed through: it is
// built here, from keys that the driver's list allows, with values that cannot end early, for a
// driver that is registered on the machine or is a file outside the repository under test.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "sql/dialect.h"
#include "warehouse/odbc/odbc_connection.h"

namespace layergate::warehouse::odbc {

struct Driver {
  std::string_view family;              // "snowflake"
  std::vector<std::string_view> words;  // one of them is part of the driver's name, lower case
  sql::Dialect dialect;
  std::vector<std::string_view> keys;   // allowed, lower case
  std::vector<std::string_view> start;  // statements that make the session read-only
  std::string (*set_timeout)(std::chrono::milliseconds) = nullptr;
  FailureKind (*classify)(const Diagnostic&) = ClassifyState;
  bool takes_several_statements = true;  // assumed unless measured otherwise
};

// The driver that a registered name or a path of a library stands for, or nullptr.
const Driver* FindDriver(std::string_view name_or_path);
std::vector<std::string> Families();
// The name under which a driver of that family is registered on this machine.
std::optional<std::string> RegisteredDriver(std::string_view family);

// True for keys whose value must never be printed.
bool IsSecretKey(std::string_view key);

// Refuses a driver that is neither registered nor a library outside `repository_root`.
Result<void> CheckDriver(const std::string& name_or_path, const std::string& repository_root);
// Refuses keys that the driver does not allow, and values that could end early.
Result<void> CheckSettings(const Driver& driver,
                           const std::vector<std::pair<std::string, std::string>>& settings);

// The first library of that file name in the folders where drivers are installed, else
// `{registered}`.
std::string FindLibrary(const std::string& file_name, const std::string& registered);

FailureKind ClassifyMariaDb(const Diagnostic& diagnostic);
FailureKind ClassifySqlite(const Diagnostic& diagnostic);

}  // namespace layergate::warehouse::odbc

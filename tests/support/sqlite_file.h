// Writes small SQLite databases for tests, through the same ODBC driver that the program reads them
// with.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace layergate::testing {

// Creates the file and runs the statements, one after the other.
Result<void> WriteSqlite(const std::string& path, const std::vector<std::string>& statements);

// Statements that make one table from CSV text (header line first; fields may be quoted with "").
// Whole and decimal numbers become numbers, an empty field becomes NULL, everything else is text.
// The data rows are written `repeat` times.
Result<std::vector<std::string>> TableFromCsv(const std::string& name, std::string_view csv,
                                              int repeat = 1);

}  // namespace layergate::testing

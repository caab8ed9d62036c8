// Makes DuckDB files for tests, through the library itself: the product cannot write.
#pragma once

#include <string>
#include <vector>

namespace layergate::testing {

// libduckdb.so as scripts/install_peers leaves it; empty when it is not there.
std::string DuckDbLibrary();

// Runs the statements on a new or existing file. Empty, or what went wrong.
std::string WriteDuckDb(const std::string& path, const std::vector<std::string>& statements);

}  // namespace layergate::testing

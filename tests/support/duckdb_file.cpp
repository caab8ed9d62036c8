#include "support/duckdb_file.h"

#include <cstdlib>
#include <filesystem>

#include "warehouse/duckdb/library.h"

namespace layergate::testing {

namespace duckdb = warehouse::duckdb;

std::string DuckDbLibrary() {
  const char* peers = std::getenv("LAYERGATE_PEERS");
  std::string folder = peers && *peers ? peers : LAYERGATE_SOURCE_DIR "/build/peers";
  std::string path = folder + "/duckdb/libduckdb.so";
  return std::filesystem::exists(path) ? path : std::string();
}

std::string WriteDuckDb(const std::string& path, const std::vector<std::string>& statements) {
  auto library = duckdb::Load(DuckDbLibrary());
  if (!library) return library.error().ToString();
  duckdb::DatabaseHandle* database = nullptr;
  duckdb::ConnectionHandle* connection = nullptr;
  if ((*library)->open_ext(path.c_str(), &database, nullptr, nullptr) != 0) return "not opened";
  std::string error;
  if ((*library)->connect(database, &connection) != 0) error = "not connected";
  for (const std::string& sql : statements) {
    if (!error.empty()) break;
    duckdb::StatementHandle* statement = nullptr;
    duckdb::ResultHandle result;
    if ((*library)->prepare(connection, sql.c_str(), &statement) != 0) {
      error = (*library)->prepare_error(statement);
    } else if ((*library)->execute_prepared(statement, &result) != 0) {
      error = (*library)->result_error(&result);
    }
    (*library)->destroy_result(&result);
    (*library)->destroy_prepare(&statement);
  }
  if (connection) (*library)->disconnect(&connection);
  (*library)->close(&database);
  return error;
}

}  // namespace layergate::testing

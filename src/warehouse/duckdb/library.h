// libduckdb, opened at run time: the few functions of its C API that are used here, with our own
// declarations. There is no build-time dependency, and a machine without the library loses DuckDB
// and nothing else.
//
// The C API is stable from 1.0 on; a library that lacks one of these functions is refused by name.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/result.h"

namespace layergate::warehouse::duckdb {

// Opaque to us: only pointers to them are passed on.
struct DatabaseHandle;
struct ConnectionHandle;
struct ConfigHandle;
struct StatementHandle;

// The layout is part of the C API; all but the pointer to the whole is the library's own business.
struct ResultHandle {
  uint64_t column_count = 0, row_count = 0, rows_changed = 0;
  void* columns = nullptr;
  char* error_message = nullptr;
  void* internal_data = nullptr;
};

// Functions answer 0 for success.
struct Library {
  int (*create_config)(ConfigHandle**) = nullptr;
  int (*set_config)(ConfigHandle*, const char* name, const char* value) = nullptr;
  void (*destroy_config)(ConfigHandle**) = nullptr;
  int (*open_ext)(const char* path, DatabaseHandle**, ConfigHandle*, char** error) = nullptr;
  void (*close)(DatabaseHandle**) = nullptr;
  int (*connect)(DatabaseHandle*, ConnectionHandle**) = nullptr;
  void (*disconnect)(ConnectionHandle**) = nullptr;
  void (*interrupt)(ConnectionHandle*) = nullptr;
  int (*prepare)(ConnectionHandle*, const char* sql, StatementHandle**) = nullptr;
  const char* (*prepare_error)(StatementHandle*) = nullptr;
  void (*destroy_prepare)(StatementHandle**) = nullptr;
  int (*execute_prepared)(StatementHandle*, ResultHandle*) = nullptr;
  const char* (*result_error)(ResultHandle*) = nullptr;
  void (*destroy_result)(ResultHandle*) = nullptr;
  uint64_t (*column_count)(ResultHandle*) = nullptr;
  const char* (*column_name)(ResultHandle*, uint64_t column) = nullptr;
  uint64_t (*row_count)(ResultHandle*) = nullptr;
  char* (*value_varchar)(ResultHandle*, uint64_t column, uint64_t row) = nullptr;
  const char* (*library_version)() = nullptr;
  void (*free)(void*) = nullptr;

  std::string path;
};

// Loads the library, which then stays loaded until the process ends (its threads may outlive a
// handle). Loading the same path twice gives the same code.
Result<std::shared_ptr<const Library>> Load(const std::string& path);

}  // namespace layergate::warehouse::duckdb

#include "warehouse/target.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "core/text.h"
#include "warehouse/library_path.h"
#include "warehouse/target_parts.h"

namespace layergate::warehouse {
namespace {

// How DuckDB calls the database of a file: its name up to the first dot, and never one of its own
// words.
std::string DuckDbDatabase(const std::string& path) {
  std::string name = std::filesystem::path(path).filename().string();
  name = name.substr(0, name.find('.'));
  std::string lower = ToLower(name);
  bool reserved = lower == "main" || lower == "temp" || lower == "system";
  return reserved ? name + "_db" : name;
}

}  // namespace

void Add(Settings& settings, std::string_view key, const std::string& value) {
  if (!value.empty()) settings.emplace_back(key, value);
}

std::string AbsolutePath(const std::string& path) {
  std::error_code error;
  std::filesystem::path real = std::filesystem::absolute(path, error);
  if (!error) real = std::filesystem::weakly_canonical(real, error);
  return error ? path : real.string();
}

Result<Target> DuckDbFile(Target target, const std::string& path, const LoadRules& rules) {
  target.engine = "duckdb";
  std::string file = AbsolutePath(path);
  target.settings.emplace_back("path", file);
  if (!rules.duckdb_library.empty()) {
    auto checked =
        CheckLibraryPath(rules.duckdb_library, rules.repository_root, "the DuckDB library");
    if (!checked) return checked.error().WithContext(target.name);
    target.settings.emplace_back("library", rules.duckdb_library);
  }
  // A file holds one database, whose name follows the file's, whatever the manifest calls it.
  if (target.database_override.empty()) target.database_override = DuckDbDatabase(file);
  return target;
}

}  // namespace layergate::warehouse

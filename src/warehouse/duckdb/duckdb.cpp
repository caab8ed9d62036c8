// DuckDB: a file, opened read-only by libduckdb.
//
// What a statement could reach is closed off when the file is opened, and locked: other files, the
// network, extensions, settings. Each statement is prepared, which takes one only. DuckDB has no
// time-out of its own; a watchdog interrupts.
#include <filesystem>
#include <mutex>

#include <fmt/format.h>

#include "core/text.h"
#include "warehouse/duckdb/library.h"
#include "warehouse/engine.h"
#include "warehouse/library_path.h"
#include "warehouse/quoting.h"
#include "warehouse/redact.h"

namespace layergate::warehouse {
namespace {

using std::chrono::milliseconds;

// In this order: the last one locks the others. Without a temporary folder nothing is spilled next
// to the database: a statement that needs more memory than there is fails instead.
constexpr std::pair<const char*, const char*> kLockedDown[] = {
    {"access_mode", "READ_ONLY"},
    {"temp_directory", ""},
    {"enable_external_access", "false"},
    {"autoload_known_extensions", "false"},
    {"autoinstall_known_extensions", "false"},
    {"allow_community_extensions", "false"},
    {"allow_persistent_secrets", "false"},

    {"lock_configuration", "true"}};

bool StartsWith(std::string_view text, std::string_view begin) {
  return text.substr(0, begin.size()) == begin;
}

// DuckDB names the kind of an error at the beginning of its text, in English always.
FailureKind Classify(std::string_view text) {
  bool does_not_exist = text.find("does not exist") != std::string_view::npos;
  if (StartsWith(text, "Catalog Error") && does_not_exist) return FailureKind::kMissing;
  if (StartsWith(text, "Binder Error") &&
      (does_not_exist || text.find("not found in FROM clause") != std::string_view::npos ||
       text.find("does not have a column") != std::string_view::npos)) {
    return FailureKind::kMissing;
  }
  if (StartsWith(text, "Permission Error")) return FailureKind::kPermission;
  if (StartsWith(text, "INTERRUPT Error")) return FailureKind::kCancelled;
  return FailureKind::kSql;
}

class DuckDbConnection final : public Connection {
 public:
  DuckDbConnection(std::shared_ptr<const duckdb::Library> library, Redactor redactor)
      : library_(std::move(library)), redactor_(std::move(redactor)) {}
  ~DuckDbConnection() override {
    if (connection_) library_->disconnect(&connection_);
    if (database_) library_->close(&database_);
  }

  // A file that a newer DuckDB wrote is the usual reason; its own text goes on for a page.
  std::string WhyNotOpen(const std::string& text) {
    std::string first = redactor_.Line(text.substr(0, text.find('\n')));
    if (text.find("version number") == std::string::npos) return first;
    return fmt::format("{} (this is libduckdb {}: name a newer one with --duckdb-library)", first,
                       library_->library_version());
  }

  // Empty when the file is open.
  std::string Start(const std::string& path) {
    duckdb::ConfigHandle* config = nullptr;
    if (library_->create_config(&config) != 0) return "libduckdb gives no configuration";
    std::string error;
    for (const auto& [name, value] : kLockedDown) {
      if (library_->set_config(config, name, value) != 0 && error.empty()) {
        error = fmt::format("this libduckdb ({}) does not know the setting {}",
                            library_->library_version(), name);
      }
    }
    if (error.empty()) {
      char* text = nullptr;
      if (library_->open_ext(path.c_str(), &database_, config, &text) != 0) {
        database_ = nullptr;
        error = WhyNotOpen(text ? text : "libduckdb gives no reason");
      }
      if (text) library_->free(text);
    }
    library_->destroy_config(&config);
    if (error.empty() && library_->connect(database_, &connection_) != 0) {
      error = "libduckdb gives no connection";
    }
    return error;
  }

  Answer Query(std::string_view sql, milliseconds timeout, size_t max_rows) override {
    std::string refused = RefuseStatement(sql);
    if (!refused.empty()) return {std::nullopt, {FailureKind::kSql, refused, ""}};
    if (timeout.count() <= 0) {
      return {std::nullopt, {FailureKind::kTimeout, "no time was left for the statement", ""}};
    }
    Watchdog watchdog(timeout, [this] { library_->interrupt(connection_); });
    Rows rows;
    std::string error = Run(std::string(sql), max_rows, rows);
    if (error.empty()) return {std::move(rows), {}};
    Failure failure{Classify(error), redactor_.Line(error), ""};
    if (failure.kind == FailureKind::kCancelled && watchdog.fired()) {
      failure.kind = FailureKind::kTimeout;
    }
    return {std::nullopt, std::move(failure)};
  }

  void Cancel() override { library_->interrupt(connection_); }

  sql::Dialect dialect() const override { return sql::Dialect::kDuckDb; }
  std::string Quote(const Relation& relation) const override {
    return QuoteRelation(sql::Dialect::kDuckDb, relation);
  }
  std::string QuoteName(std::string_view name) const override {
    return warehouse::QuoteName(sql::Dialect::kDuckDb, name);
  }

 private:
  // The error's text, or empty.
  std::string Run(const std::string& sql, size_t max_rows, Rows& rows) {
    duckdb::StatementHandle* statement = nullptr;
    std::string error;
    if (library_->prepare(connection_, sql.c_str(), &statement) != 0) {
      const char* text = library_->prepare_error(statement);
      error = text ? text : "libduckdb gives no reason";
    } else {
      duckdb::ResultHandle result;
      if (library_->execute_prepared(statement, &result) != 0) {
        const char* text = library_->result_error(&result);
        error = text ? text : "libduckdb gives no reason";
      } else {
        Read(result, max_rows, rows);
      }
      library_->destroy_result(&result);
    }
    library_->destroy_prepare(&statement);
    return error;
  }

  void Read(duckdb::ResultHandle& result, size_t max_rows, Rows& rows) {
    uint64_t width = library_->column_count(&result);
    for (uint64_t i = 0; i < width; ++i) {
      const char* name = library_->column_name(&result, i);
      rows.names.emplace_back(name ? name : "");
    }
    uint64_t height = std::min<uint64_t>(library_->row_count(&result), max_rows);
    for (uint64_t k = 0; k < height; ++k) {
      Row row;
      for (uint64_t i = 0; i < width; ++i) {
        char* text = library_->value_varchar(&result, i, k);
        row.cells.push_back(text ? std::optional<std::string>(text) : std::nullopt);
        if (text) library_->free(text);
      }
      rows.rows.push_back(std::move(row));
    }
  }

  std::shared_ptr<const duckdb::Library> library_;
  Redactor redactor_;
  duckdb::DatabaseHandle* database_ = nullptr;
  duckdb::ConnectionHandle* connection_ = nullptr;
};

Result<std::string> LibraryOf(const Target& target) {
  std::string given(Setting(target, "library"));
  if (!given.empty()) return given;
  if (std::optional<std::string> found = FindSystemLibrary("libduckdb.so")) return *found;
  return MakeError("there is no libduckdb.so where the system keeps its libraries",
                   "say where it is with --duckdb-library or LAYERGATE_DUCKDB_LIBRARY");
}

}  // namespace

Opened OpenDuckDb(const Target& target, milliseconds /*timeout*/) {
  std::string path(Setting(target, "path"));
  std::string what = fmt::format("{} (duckdb {})", target.name, Printable(path));
  auto refuse = [&](const std::string& why, FailureKind kind = FailureKind::kConnect) {
    return Opened{nullptr, {kind, what + ": " + why, ""}};
  };
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return refuse("there is no such file; check the path, and that an earlier step made it");
  }
  Result<std::string> library_path = LibraryOf(target);
  if (!library_path) return refuse(library_path.error().ToString());
  auto library = duckdb::Load(*library_path);
  if (!library) return refuse(library.error().ToString());
  auto connection = std::make_unique<DuckDbConnection>(*library, Redactor(target.secrets));
  std::string why = connection->Start(path);
  if (why.empty()) return {std::move(connection), {}};
  // Somebody writes the file just now.
  bool locked = why.find("Could not set lock") != std::string::npos;
  return refuse(why, locked ? FailureKind::kTransient : FailureKind::kConnect);
}

}  // namespace layergate::warehouse

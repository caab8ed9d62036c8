#include "warehouse/duckdb/library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include "core/text.h"

namespace layergate::warehouse::duckdb {
namespace {

// Finds functions by name, and remembers the first that was not there.
class Symbols {
 public:
  explicit Symbols(void* handle) : handle_(handle) {}

  template <typename Function>
  void Find(Function& function, const char* name) {
    void* symbol = dlsym(handle_, name);
    if (!symbol && missing_.empty()) missing_ = name;
    function = reinterpret_cast<Function>(symbol);
  }
  const std::string& missing() const { return missing_; }

 private:
  void* handle_;
  std::string missing_;
};

}  // namespace

Result<std::shared_ptr<const Library>> Load(const std::string& path) {
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!handle) {
    const char* why = dlerror();
    return MakeError(fmt::format("libduckdb cannot be loaded: {}", Printable(why ? why : path)),
                     "give the path of a libduckdb.so of this machine's kind");
  }
  auto library = std::make_shared<Library>();
  library->path = path;
  Symbols symbols(handle);
  symbols.Find(library->create_config, "duckdb_create_config");
  symbols.Find(library->set_config, "duckdb_set_config");
  symbols.Find(library->destroy_config, "duckdb_destroy_config");
  symbols.Find(library->open_ext, "duckdb_open_ext");
  symbols.Find(library->close, "duckdb_close");
  symbols.Find(library->connect, "duckdb_connect");
  symbols.Find(library->disconnect, "duckdb_disconnect");
  symbols.Find(library->interrupt, "duckdb_interrupt");
  symbols.Find(library->prepare, "duckdb_prepare");
  symbols.Find(library->prepare_error, "duckdb_prepare_error");
  symbols.Find(library->destroy_prepare, "duckdb_destroy_prepare");
  symbols.Find(library->execute_prepared, "duckdb_execute_prepared");
  symbols.Find(library->result_error, "duckdb_result_error");
  symbols.Find(library->destroy_result, "duckdb_destroy_result");
  symbols.Find(library->column_count, "duckdb_column_count");
  symbols.Find(library->column_name, "duckdb_column_name");
  symbols.Find(library->row_count, "duckdb_row_count");
  symbols.Find(library->value_varchar, "duckdb_value_varchar");
  symbols.Find(library->library_version, "duckdb_library_version");
  symbols.Find(library->free, "duckdb_free");
  if (!symbols.missing().empty()) {
    return MakeError(
        fmt::format("{} is no libduckdb that can be used: it has no {}", path, symbols.missing()),
        "use libduckdb 1.0 or later");
  }
  return std::shared_ptr<const Library>(std::move(library));
}

}  // namespace layergate::warehouse::duckdb

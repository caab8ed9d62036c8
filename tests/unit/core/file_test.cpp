#include "core/file.h"

#include <filesystem>

#include <unistd.h>

#include "support/catch.h"

using namespace layergate;
namespace fs = std::filesystem;

namespace {
struct TemporaryFolder {
  fs::path path = fs::temp_directory_path() / ("layergate_file_test_" + std::to_string(getpid()));
  TemporaryFolder() { fs::create_directories(path); }
  ~TemporaryFolder() { fs::remove_all(path); }
};
}  // namespace

TEST_CASE("A file is written whole or not at all") {
  TemporaryFolder folder;
  std::string path = (folder.path / "sub/report.json").string();
  REQUIRE(WriteFileAtomically(path, "one"));
  REQUIRE(WriteFileAtomically(path, "two"));
  Result<std::string> back = ReadFile(path);
  REQUIRE(back);
  CHECK(*back == "two");
  // Nothing temporary stays behind.
  CHECK(std::distance(fs::directory_iterator(folder.path / "sub"), fs::directory_iterator()) == 1);
  CHECK_FALSE(WriteFileAtomically("/proc/no/such/place", "x"));
}

TEST_CASE("Reading names the path and the reason") {
  Result<std::string> missing = ReadFile("/no/such/file");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().message == "/no/such/file: cannot read: No such file or directory");
  CHECK_FALSE(ReadFile("/tmp"));
  TemporaryFolder folder;
  std::string path = (folder.path / "big").string();
  REQUIRE(WriteFileAtomically(path, std::string(100, 'x')));
  CHECK_FALSE(ReadFile(path, 99));
  CHECK(ReadFile(path, 100));
  REQUIRE(WriteFileAtomically(path, ""));
  CHECK(ReadFile(path)->empty());
}

// Holds every #include of src/ and gates/ against the one written list, src/LAYERS.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/catch.h"

namespace {

namespace fs = std::filesystem;
using Allowed = std::map<std::string, std::set<std::string>>;

const fs::path kRoot = LAYERGATE_SOURCE_DIR;

Allowed ReadLayers() {
  Allowed allowed;
  std::ifstream file(kRoot / "src/LAYERS");
  for (std::string line; std::getline(file, line);) {
    size_t colon = line.find(':');
    if (line.empty() || line[0] == '#' || colon == std::string::npos) continue;
    std::istringstream names(line.substr(colon + 1));
    std::set<std::string>& folders = allowed[line.substr(0, colon)];
    for (std::string name; names >> name;) folders.insert(name);
  }
  return allowed;
}

// "src/sql/parse.cpp" belongs to "sql", "gates/x/gate.cpp" to "gates", "src/check.cpp" to "check".
std::string LayerOf(const fs::path& file) {
  fs::path relative = fs::relative(file, kRoot);
  auto part = relative.begin();
  if (*part == "gates") return "gates";
  ++part;
  return part->extension().empty() ? part->string() : part->stem().string();
}

std::vector<std::string> OwnIncludes(const fs::path& file) {
  std::vector<std::string> includes;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("#include \"", 0) != 0) continue;
    size_t end = line.find('"', 10);
    std::string include = line.substr(10, end - 10);
    if (!include.ends_with(".inc")) includes.push_back(std::move(include));  // made by the build
  }
  return includes;
}

bool IsAllowed(const Allowed& allowed, const std::string& layer, const std::string& include) {
  std::string target = include.substr(0, include.find('/'));
  if (target == include) target = include.substr(0, include.find('.'));  // "check.h"
  if (target == layer) return true;
  auto entry = allowed.find(layer);
  if (entry == allowed.end()) return false;
  return entry->second.count(target) > 0 || entry->second.count(include) > 0;
}

std::vector<fs::path> SourceFiles() {
  std::vector<fs::path> files;
  for (const char* folder : {"src", "gates"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
      std::string extension = entry.path().extension().string();
      if (extension == ".h" || extension == ".cpp" || extension == ".def") {
        files.push_back(entry.path());
      }
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

TEST_CASE("Every include is allowed by src/LAYERS") {
  Allowed allowed = ReadLayers();
  REQUIRE(allowed.size() > 10);
  std::vector<fs::path> files = SourceFiles();
  REQUIRE(files.size() > 20);
  for (const fs::path& file : files) {
    std::string layer = LayerOf(file);
    INFO(fs::relative(file, kRoot).string() << " is in layer " << layer);
    CHECK(allowed.count(layer) == 1);
    for (const std::string& include : OwnIncludes(file)) {
      INFO("includes " << include);
      CHECK(IsAllowed(allowed, layer, include));
    }
  }
}

TEST_CASE("The layers have no cycle: a folder includes only folders listed before it") {
  std::ifstream file(kRoot / "src/LAYERS");
  std::set<std::string> seen;
  for (std::string line; std::getline(file, line);) {
    size_t colon = line.find(':');
    if (line.empty() || line[0] == '#' || colon == std::string::npos) continue;
    std::istringstream names(line.substr(colon + 1));
    for (std::string name; names >> name;) {
      std::string folder = name.substr(0, name.find_first_of("/."));
      INFO(line.substr(0, colon) << " includes " << name);
      CHECK(seen.count(folder) == 1);
    }
    seen.insert(line.substr(0, colon));
  }
}

TEST_CASE("Third-party headers appear in .cpp files only") {
  const std::vector<std::string> third_party = {"fmt/",  "nlohmann/", "simdjson",   "yaml-cpp",
                                                "pqxx",  "git2",      "CLI/",       "re2/",
                                                "sql.h", "sqlext.h",  "libpq-fe.h", "openssl/"};
  for (const fs::path& file : SourceFiles()) {
    if (file.extension() != ".h") continue;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
      if (line.rfind("#include <", 0) != 0) continue;
      for (const std::string& name : third_party) {
        INFO(fs::relative(file, kRoot).string() << ": " << line);
        CHECK(line.find(name) == std::string::npos);
      }
    }
  }
}

// tests/report/<case>.json is a saved result; beside it stands what each format makes of it. Run
// with LAYERGATE_UPDATE=1 to write the expected files again, and read the difference.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "core/file.h"
#include "report/report.h"
#include "support/catch.h"

using namespace layergate;

namespace {

struct Expected {
  const char* format;
  const char* suffix;
  bool verbose = false;
};

constexpr Expected kExpected[] = {
    {"text", ".txt"},    {"text", ".verbose.txt", true},
    {"markdown", ".md"}, {"github", ".github"},
    {"junit", ".xml"},   {"codequality", ".codequality.json"},
    {"json", ".json"},
};

std::vector<std::string> Cases() {
  std::vector<std::string> cases;
  for (const auto& entry :
       std::filesystem::directory_iterator(LAYERGATE_SOURCE_DIR "/tests/report")) {
    std::string path = entry.path().string();
    bool result = path.ends_with(".json") && !path.ends_with(".codequality.json");
    if (result) cases.push_back(path.substr(0, path.size() - 5));
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

}  // namespace

TEST_CASE("every format renders every saved result as expected") {
  std::vector<std::string> cases = Cases();
  REQUIRE(cases.size() >= 5);
  bool update = std::getenv("LAYERGATE_UPDATE") != nullptr;
  for (const std::string& name : cases) {
    Result<std::string> saved = ReadFile(name + ".json");
    REQUIRE(saved);
    Result<verdict::Verdict> verdict = report::FromJson(*saved);
    INFO(name << (verdict ? "" : verdict.error().ToString()));
    REQUIRE(verdict);
    for (const Expected& expected : kExpected) {
      report::RenderOptions options;
      options.verbose = expected.verbose;
      options.repository_url = "https://github.com/acme/shop";
      Result<std::string> text = report::Render(*verdict, expected.format, options);
      REQUIRE(text);
      std::string path = name + expected.suffix;
      if (update) REQUIRE(WriteFileAtomically(path, *text));
      Result<std::string> wanted = ReadFile(path);
      INFO(path);
      REQUIRE(wanted);
      CHECK(*text == *wanted);
    }
  }
}

// The documents name only paths and commands that exist.
//
// Checked: relative links in Markdown, and words in code spans that look like a path of this
// repository
// (`src/...`, `scripts/...`, ...) or like a command of ours (`layergate check`). Placeholders in
// <angle brackets>, globs and paths of the user's own project are not ours to check.
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/catch.h"

namespace {

namespace fs = std::filesystem;
const fs::path kRoot = LAYERGATE_SOURCE_DIR;

std::string Read(const fs::path& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<fs::path> Documents() {
  std::vector<fs::path> documents;
  for (const auto& entry : fs::directory_iterator(kRoot)) {
    if (entry.path().extension() == ".md") documents.push_back(entry.path());
  }
  for (const char* folder : {"docs", "gates", "tests", "examples", "bench", "fuzz"}) {
    if (!fs::exists(kRoot / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
      std::string path = entry.path().generic_string();
      bool is_data =
          path.find("/cases/") != std::string::npos && entry.path().filename() != "README.md";
      if (entry.path().extension() == ".md" && !is_data &&
          path.find("/tests/report/") == std::string::npos) {
        documents.push_back(entry.path());
      }
    }
  }
  return documents;
}

std::vector<std::string> CodeSpans(const std::string& text) {
  std::vector<std::string> spans;
  bool fenced = false;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("```", 0) == 0) {
      fenced = !fenced;
      continue;
    }
    if (fenced) continue;
    for (size_t open = line.find('`'); open != std::string::npos;) {
      size_t close = line.find('`', open + 1);
      if (close == std::string::npos) break;
      spans.push_back(line.substr(open + 1, close - open - 1));
      open = line.find('`', close + 1);
    }
  }
  return spans;
}

std::vector<std::string> RelativeLinks(const std::string& text) {
  std::vector<std::string> links;
  for (size_t at = text.find("]("); at != std::string::npos; at = text.find("](", at + 2)) {
    size_t end = text.find_first_of(") \n#", at + 2);
    std::string link = text.substr(at + 2, end - at - 2);
    if (!link.empty() && link.find("://") == std::string::npos && link.rfind("mailto:", 0) != 0) {
      links.push_back(link);
    }
  }
  return links;
}

bool LooksLikeOurPath(const std::string& span) {
  if (span.find_first_of(" <>*{}$|()=") != std::string::npos) return false;
  for (const char* folder :
       {"src/", "gates/", "policies/", "github_action/", "tests/", "docs/", "examples/", "bench/",
        "fuzz/", "scripts/", "templates/", ".ci/", "cmake/"}) {
    if (span.rfind(folder, 0) == 0) return true;
  }
  return span == "CMakeLists.txt" || span == "action.yml";
}

// What `layergate --help` lists as commands.
std::set<std::string> Commands() {
  std::set<std::string> commands;
  std::string output;
  FILE* pipe = popen("'" LAYERGATE_BINARY "' --help-commands 2>/dev/null", "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 4096> buffer{};
  for (size_t n = 0; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    output.append(buffer.data(), n);
  pclose(pipe);
  std::istringstream words(output);
  for (std::string word; words >> word;) commands.insert(word);
  return commands;
}

}  // namespace

TEST_CASE("Paths named in documents exist") {
  std::vector<fs::path> documents = Documents();
  REQUIRE(!documents.empty());
  for (const fs::path& document : documents) {
    std::string text = Read(document);
    INFO(fs::relative(document, kRoot).string());
    for (const std::string& link : RelativeLinks(text)) {
      INFO("link " << link);
      CHECK(fs::exists(document.parent_path() / link));
    }
    for (const std::string& span : CodeSpans(text)) {
      if (!LooksLikeOurPath(span)) continue;
      std::string path = span.substr(0, span.find(':'));
      INFO("path " << path);
      CHECK((fs::exists(kRoot / path) || fs::exists(document.parent_path() / path)));
    }
  }
}

TEST_CASE("Commands named in documents exist") {
  std::set<std::string> commands = Commands();
  REQUIRE(commands.count("check") == 1);
  for (const fs::path& document : Documents()) {
    for (const std::string& span : CodeSpans(Read(document))) {
      if (span.rfind("layergate ", 0) != 0) continue;
      std::string command = span.substr(10, span.find_first_of(" |", 10) - 10);
      if (command.empty() || command[0] == '-' || command[0] == '<') continue;
      INFO(fs::relative(document, kRoot).string() << ": " << span);
      CHECK(commands.count(command) == 1);
    }
  }
}

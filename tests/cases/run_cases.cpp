// Runs the cases of one gate: each Markdown file becomes a repository or two manifests, goes
// through Check() as a pull request would, and its findings are held against the file's own.
//
//   run_cases GATE_FOLDER...      runs GATE_FOLDER/cases/*.md; LAYERGATE_UPDATE=1 rewrites them
//   run_cases --coverage FOLDER   every rule of every gate below FOLDER is provoked by a case
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "check.h"
#include "core/file.h"
#include "core/text.h"
#include "gates/all_gates.h"
#include "support/case_file.h"
#include "support/case_run.h"

namespace layergate::cases {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> CaseFiles(const std::string& gate_folder) {
  std::vector<std::string> paths;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(gate_folder + "/cases", ignored)) {
    if (entry.path().extension() == ".md") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// The lines that differ, the expected ones first: enough to see what moved.
void PrintDifference(const std::string& expected, const std::string& actual) {
  auto lines = [](const std::string& text) {
    std::multiset<std::string> set;
    for (std::string_view line : Split(text, '\n')) set.insert(std::string(line));
    return set;
  };
  std::multiset<std::string> want = lines(expected), have = lines(actual);
  for (std::string_view line : Split(expected, '\n')) {
    auto found = have.find(std::string(line));
    if (found == have.end()) {
      fmt::print("    - {}\n", line);
    } else {
      have.erase(found);
    }
  }
  for (std::string_view line : Split(actual, '\n')) {
    auto found = want.find(std::string(line));
    if (found == want.end()) {
      fmt::print("    + {}\n", line);
    } else {
      want.erase(found);
    }
  }
}

// True when the case holds (or was rewritten).
bool RunOne(const std::string& path, const std::string& gate, const GateRegistry& gates) {
  auto text = ReadFile(path);
  if (!text) {
    fmt::print("FAILED {}\n    {}\n", path, text.error().ToString());
    return false;
  }
  auto parsed = ReadCase(*text, path);
  if (!parsed) {
    fmt::print("FAILED {}\n    {}\n", path, parsed.error().ToString());
    return false;
  }
  auto actual = RunCase(*parsed, gate, gates);
  if (!actual) {
    fmt::print("FAILED {}\n    {}\n", path, actual.error().ToString());
    return false;
  }
  if (*actual == parsed->expected) return true;
  if (std::getenv("LAYERGATE_UPDATE")) {
    std::string rewritten = *text;
    rewritten.replace(parsed->expected_begin, parsed->expected_end - parsed->expected_begin,
                      *actual);
    auto written = WriteFileAtomically(path, rewritten);
    if (!written) fmt::print("FAILED {}\n    {}\n", path, written.error().ToString());
    if (written) fmt::print("REWRITTEN {}\n", path);
    return written.has_value();
  }
  fmt::print("FAILED {}\n  {}\n", path, parsed->title);
  PrintDifference(parsed->expected, *actual);
  return false;
}

int RunFolders(const std::vector<std::string>& folders) {
  GateRegistry gates = AllGates();
  size_t passed = 0, failed = 0;
  for (const std::string& folder : folders) {
    std::string gate = fs::path(folder).filename().string();
    if (gate.empty()) gate = fs::path(folder).parent_path().filename().string();
    std::vector<std::string> paths = CaseFiles(folder);
    if (paths.empty()) {
      fmt::print("FAILED {}/cases: no cases\n", folder);
      ++failed;
    }
    for (const std::string& path : paths) ++(RunOne(path, gate, gates) ? passed : failed);
  }
  fmt::print("{} passed, {} failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}

// What the findings blocks of one gate's cases name: rules, and whether one of them passes.
struct Provoked {
  std::set<std::string, std::less<>> words;
  bool passes = false;
};
Provoked WordsOfCases(const std::string& folder) {
  Provoked provoked;
  std::vector<std::string> paths = CaseFiles(folder);
  // Query plans of engines that a case cannot have: gates/explain_plan/plans/README.md.
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(folder + "/plans", ignored)) {
    if (entry.path().extension() == ".md") paths.push_back(entry.path().string());
  }
  for (const std::string& path : paths) {
    auto text = ReadFile(path);
    if (!text) continue;
    auto parsed = ReadCase(*text, path);
    if (!parsed) continue;
    bool clean = false, dirty = false;
    for (std::string_view line : Split(parsed->expected, '\n')) {
      std::vector<std::string_view> words = Split(line, ' ');
      for (std::string_view word : words) provoked.words.emplace(word);
      clean = clean || words[0] == "pass";
      dirty = dirty || words[0] == "fail" || words[0] == "warn" || words[0] == "unknown";
    }
    provoked.passes = provoked.passes || (clean && !dirty);
  }
  return provoked;
}

// The page of a gate tells every rule with the severity that it has, and every option.
int MissingFromPage(const GateInfo& info) {
  int missing = 0;
  std::vector<std::string_view> lines = Split(GateReadme(info.id), '\n');
  auto has_row = [&](std::string_view name, std::string_view value) {
    std::string code = fmt::format("`{}`", name);
    return std::any_of(lines.begin(), lines.end(), [&](std::string_view line) {
      return line.substr(0, 1) == "|" && line.find(code) != std::string_view::npos &&
             line.find(value) != std::string_view::npos;
    });
  };
  for (const RuleInfo& rule : info.rules) {
    if (has_row(rule.code, fmt::format("| {} |", rule.default_severity))) continue;
    fmt::print("FAILED {}: the README has no row `{}` with severity {}\n", info.id, rule.code,
               rule.default_severity);
    ++missing;
  }
  for (const OptionInfo& option : info.options) {
    if (has_row(option.name, "")) continue;
    fmt::print("FAILED {}: the README has no row for the option `{}`\n", info.id, option.name);
    ++missing;
  }
  return missing;
}

int Coverage(const std::string& root) {
  GateRegistry gates = AllGates();
  int missing = 0;
  for (const auto& gate : gates.gates()) {
    std::string id(gate->info().id);
    Provoked provoked = WordsOfCases(root + "/" + id);
    if (!provoked.passes) {
      fmt::print("FAILED {}: no case passes\n", id);
      ++missing;
    }
    missing += MissingFromPage(gate->info());
    for (const RuleInfo& rule : gate->info().rules) {
      if (provoked.words.count(rule.code)) continue;
      fmt::print("FAILED {}: no case provokes {}\n", id, rule.code);
      ++missing;
    }
  }
  fmt::print("{} gates, {} rules or passes without a case, or rows without a page\n",
             gates.gates().size(), missing);
  return missing == 0 ? 0 : 1;
}

}  // namespace
}  // namespace layergate::cases

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 2 && arguments[0] == "--coverage") {
    return layergate::cases::Coverage(arguments[1]);
  }
  if (arguments.empty()) {
    fmt::print("usage: run_cases GATE_FOLDER... | run_cases --coverage GATES_FOLDER\n");
    return 2;
  }
  return layergate::cases::RunFolders(arguments);
}

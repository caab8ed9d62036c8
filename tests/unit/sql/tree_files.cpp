#include "tree_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/text.h"
#include "sql/dump.h"
#include "sql/parse.h"

namespace layergate::sql::testing {
namespace {

namespace fs = std::filesystem;

std::string Read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

fs::path Root() { return fs::path(LAYERGATE_SOURCE_DIR) / "tests" / "sql"; }

fs::path TreePath(const std::string& path) {
  return fs::path(Root() / path).replace_extension(".tree");
}

std::vector<Dialect> Also(const std::string& text) {
  constexpr std::string_view kAlso = "-- also:";
  std::vector<Dialect> dialects;
  if (!text.starts_with(kAlso)) return dialects;
  const std::string line = text.substr(kAlso.size(), text.find('\n') - kAlso.size());
  for (const std::string_view name : Split(line, ',')) {
    dialects.push_back(DialectFromName(Trim(name)).value());
  }
  return dialects;
}

// White space as one blank, so that a statement is one line.
std::string OneLine(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool blank = c == '\n' || c == ' ' || c == '\t';
    if (!blank) line += c;
    if (blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  return line;
}

}  // namespace

std::vector<TreeFile> ReadTreeFiles() {
  std::vector<TreeFile> files;
  for (const auto& entry : fs::recursive_directory_iterator(Root())) {
    if (entry.path().extension() != ".sql") continue;
    const std::string folder = entry.path().parent_path().filename();
    TreeFile file{.path = fs::relative(entry.path(), Root()),
                  .dialect = DialectFromName(folder).value(),
                  .also = {},
                  .text = Read(entry.path()),
                  .expected = {}};
    file.also = Also(file.text);
    file.expected = Read(TreePath(file.path));
    files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end(),
            [](const TreeFile& a, const TreeFile& b) { return a.path < b.path; });
  return files;
}

void WriteTree(const TreeFile& file, const std::string& tree) {
  std::ofstream(TreePath(file.path), std::ios::binary) << tree;
}

std::string Trees(const std::string& text, Dialect dialect) {
  const ParsedSql sql = Parse(text, dialect);
  std::string out;
  for (const Statement* statement : sql.statements()) {
    out += "-- " + OneLine(sql.Text(*statement)) + "\n";
    out += Dump(*statement) + "\n";
    for (const ParseDiagnostic& diagnostic : sql.diagnostics()) {
      const Span span = diagnostic.span;
      if (span.begin < statement->span.begin || span.begin >= statement->span.end) continue;
      out += "! " + diagnostic.code + ": " + diagnostic.message + "\n";
    }
    out += "\n";
  }
  return out;
}

}  // namespace layergate::sql::testing

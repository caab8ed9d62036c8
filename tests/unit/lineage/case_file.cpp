#include "case_file.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

#include "core/file.h"
#include "core/text.h"

namespace layergate::lineage::testing {

namespace {

bool Begins(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

void ReadDialects(std::string_view list, const std::string& where, LineageCase& out) {
  for (const std::string_view name : Split(list, ',')) {
    if (Trim(name) == "all") {
      for (const std::string_view each : sql::DialectNames()) {
        out.dialects.push_back(*sql::DialectFromName(each));
      }
      continue;
    }
    const auto dialect = sql::DialectFromName(Trim(name));
    if (!dialect) throw std::runtime_error(where + ": no dialect " + std::string(name));
    out.dialects.push_back(*dialect);
  }
}

std::vector<std::string> ReadLines(const std::string& path) {
  const auto text = ReadFile(path);
  if (!text) throw std::runtime_error(text.error().ToString());
  std::vector<std::string> lines;
  for (const std::string_view line : Split(*text, '\n')) lines.emplace_back(line);
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

CaseFile ReadCaseFile(const std::string& path) {
  CaseFile file;
  file.path = path;
  for (const std::string& line : ReadLines(path)) {
    if (Begins(line, "-- case:")) {
      file.cases.emplace_back();
      file.cases.back().file = std::filesystem::path(path).filename().string();
      file.cases.back().name = std::string(Trim(std::string_view(line).substr(8)));
      file.cases.back().head.push_back(line);
      continue;
    }
    if (file.cases.empty()) {
      file.opening.push_back(line);
      continue;
    }
    LineageCase& current = file.cases.back();
    if (Begins(line, "-- dialect:")) {
      ReadDialects(std::string_view(line).substr(11), path, current);
      current.head.push_back(line);
    } else if (Begins(line, "-- table:") || Begins(line, "-- why:")) {
      current.head.push_back(line);
    } else if (Begins(line, "-->")) {
      current.expected.push_back(line.size() > 4 ? line.substr(4) : "");
    } else {
      current.text += line + "\n";
    }
  }
  for (LineageCase& test : file.cases) {
    test.text = std::string(Trim(test.text));
    if (test.dialects.empty()) throw std::runtime_error(path + ": no dialect for " + test.name);
  }
  return file;
}

std::string EdgeText(const Edge& edge) {
  std::string out = edge.relation + "." + edge.column;
  if (!edge.field.empty()) out += "." + edge.field;
  out += " " + std::string(ToString(edge.subtype));
  if (edge.masking) out += " masked";
  return out;
}

std::string EdgesText(const std::vector<Edge>& edges) {
  std::string out;
  for (const Edge& edge : edges) {
    if (!out.empty()) out += ", ";
    out += EdgeText(edge);
  }
  return out.empty() ? "nothing" : out;
}

// Splits at commas outside parentheses and angle brackets: types hold commas.
std::vector<std::string> SplitColumns(std::string_view list) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : list) {
    if (c == '(' || c == '<') ++depth;
    if (c == ')' || c == '>') --depth;
    if (c == ',' && depth == 0) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

}  // namespace

std::vector<CaseFile> ReadCaseFiles() {
  std::set<std::string> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(LAYERGATE_SOURCE_DIR "/tests/lineage")) {
    if (entry.path().extension() == ".sql") paths.insert(entry.path().string());
  }
  std::vector<CaseFile> files;
  for (const std::string& path : paths) files.push_back(ReadCaseFile(path));
  return files;
}

void WriteCaseFile(const CaseFile& file) {
  std::string out;
  for (const std::string& line : file.opening) out += line + "\n";
  bool first = true;
  for (const LineageCase& test : file.cases) {
    if (!first) out += "\n";
    first = false;
    for (const std::string& line : test.head) out += line + "\n";
    out += test.text + "\n";
    for (const std::string& line : test.expected) out += "--> " + line + "\n";
  }
  if (!WriteFileAtomically(file.path, out)) throw std::runtime_error("can't write " + file.path);
}

SchemaLookup SchemasOf(const LineageCase& test, sql::Dialect dialect) {
  (void)dialect;
  auto tables = std::make_shared<std::map<std::string, RelationSchema>>();
  for (const std::string& line : test.head) {
    if (!Begins(line, "-- table:")) continue;
    const std::string_view rest = Trim(std::string_view(line).substr(9));
    const size_t open = rest.find('(');
    RelationSchema schema;
    for (const std::string& column :
         SplitColumns(rest.substr(open + 1, rest.rfind(')') - open - 1))) {
      const std::string_view text = Trim(column);
      if (text == "...") {
        schema.complete = false;
        continue;
      }
      const size_t space = text.find(' ');
      schema.columns.push_back(
          {std::string(text.substr(0, space)),
           space == std::string_view::npos ? "" : std::string(Trim(text.substr(space)))});
    }
    (*tables)[ToLower(Trim(rest.substr(0, open)))] = std::move(schema);
  }
  return [tables](const RelationName& name) -> const RelationSchema* {
    const auto found = tables->find(ToLower(Join(name.parts, ".")));
    if (found != tables->end()) return &found->second;
    const auto last = tables->find(ToLower(name.parts.back()));
    return last == tables->end() ? nullptr : &last->second;
  };
}

std::vector<std::string> Describe(const std::vector<StatementLineage>& statements,
                                  const std::string& text) {
  std::vector<std::string> lines;
  for (const StatementLineage& statement : statements) {
    std::string head = statement.kind + " " + std::string(ToString(statement.status));
    if (!statement.target.empty()) head += " into " + statement.target;
    lines.push_back(head);
    for (const OutputColumn& column : statement.columns) {
      std::string line =
          fmt::format("{} {} = {}", column.ordinal, column.name, EdgesText(column.direct));
      if (!column.indirect.empty()) line += " | " + EdgesText(column.indirect);
      if (column.status != Status::kExact) {
        line += " [" + std::string(ToString(column.status)) + "]";
      }
      lines.push_back(std::move(line));
    }
    lines.push_back("rows = " + EdgesText(statement.dataset) +
                    (statement.row_set_status == Status::kExact
                         ? ""
                         : " [" + std::string(ToString(statement.row_set_status)) + "]"));
    for (const Diagnostic& diagnostic : statement.diagnostics) {
      lines.push_back(fmt::format("! {}: {}", diagnostic.code, Slice(text, diagnostic.span)));
    }
  }
  for (std::string& line : lines) std::replace(line.begin(), line.end(), '\n', ' ');
  return lines;
}

}  // namespace layergate::lineage::testing

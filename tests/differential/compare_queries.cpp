// Says of pairs of queries whether comparing takes them for the same: edits.py asks it.
//
// Standard input holds records that end with 0x1E, of four fields between 0x1F: dialect, tables as
// the JSON of `lineage --schema`, base, head. For each one a line: "same", or what differs.
#include <iostream>
#include <string>
#include <vector>

#include "core/text.h"
#include "lineage/analyze.h"
#include "lineage/compare.h"
#include "sql/compare.h"
#include "sql/parse.h"

namespace layergate {
namespace {

std::string Judge(const std::vector<std::string>& fields) {
  const auto dialect = sql::DialectFromName(fields[0]);
  if (!dialect) return "no such dialect";
  const auto tables = lineage::SchemaFromJson(fields[1], *dialect);
  if (!tables) return tables.error().message;
  if (sql::SameTree(sql::Parse(fields[2], *dialect), sql::Parse(fields[3], *dialect))) {
    return "same";
  }
  const auto base = lineage::Analyze(fields[2], *dialect, *tables);
  const auto head = lineage::Analyze(fields[3], *dialect, *tables);
  if (base.size() != head.size()) return "statements";
  for (size_t i = 0; i < base.size(); ++i) {
    for (const lineage::Difference& each : lineage::Compare(base[i], head[i])) {
      if (lineage::ChangesMeaning(each.kind)) return std::string(ToString(each.kind));
    }
  }
  return "same";
}

int Run() {
  std::string record;
  while (std::getline(std::cin, record, '\x1e')) {
    std::vector<std::string> fields;
    for (const std::string_view field : Split(record, '\x1f')) fields.emplace_back(field);
    std::cout << (fields.size() == 4 ? Judge(fields) : "four fields are needed") << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace layergate

int main() { return layergate::Run(); }

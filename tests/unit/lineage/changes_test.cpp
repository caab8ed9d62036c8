// Pairs of queries: edits that comparing must see, rewrites that it must not.
#include <string>
#include <vector>

#include "core/file.h"
#include "core/text.h"
#include "lineage/analyze.h"
#include "lineage/compare.h"
#include "sql/compare.h"
#include "sql/parse.h"
#include "support/catch.h"

namespace layergate::lineage {
namespace {

struct Pair {
  sql::Dialect dialect = sql::Dialect::kAnsi;
  std::string base, head;
};

// "-- dialect", the one query, "--->", the other one.
std::vector<Pair> ReadPairs(const std::string& name) {
  const std::string path = std::string(LAYERGATE_SOURCE_DIR) + "/tests/lineage/changes/" + name;
  const std::string text = *ReadFile(path);
  std::vector<Pair> pairs;
  std::string* into = nullptr;
  for (const std::string_view line : Split(text, '\n')) {
    if (line == "--->") {
      into = &pairs.back().head;
    } else if (line.substr(0, 3) == "-- ") {
      const auto dialect = sql::DialectFromName(line.substr(3));
      if (!dialect) continue;  // the file's opening
      pairs.push_back({*dialect, "", ""});
      into = &pairs.back().base;
    } else if (into != nullptr) {
      *into += std::string(line) + "\n";
    }
  }
  REQUIRE(pairs.size() > 5);
  return pairs;
}

// Whether the two are said to give the same.
bool SaidToBeSame(const Pair& pair) {
  constexpr const char* kTables =
      R"({"t": {"a": "int", "b": "int", "c": "text", "d": "timestamp", "v": "variant",
                "w": "variant", "j": "json", "f": "boolean", "arr": "array<int>"},
          "u": {"a": "int", "b": "int", "x": "text"}})";
  if (sql::SameTree(sql::Parse(pair.base, pair.dialect), sql::Parse(pair.head, pair.dialect))) {
    return true;
  }
  const auto tables = SchemaFromJson(kTables, pair.dialect);
  const auto base = Analyze(pair.base, pair.dialect, *tables);
  const auto head = Analyze(pair.head, pair.dialect, *tables);
  REQUIRE(base.size() == 1);
  REQUIRE(head.size() == 1);
  for (const Difference& difference : Compare(base[0], head[0])) {
    if (ChangesMeaning(difference.kind)) return false;
  }
  return true;
}

TEST_CASE("an edit is seen") {
  for (const Pair& pair : ReadPairs("edits.sql")) {
    INFO(ToString(pair.dialect) << "\n" << pair.base << pair.head);
    CHECK_FALSE(SaidToBeSame(pair));
  }
}

TEST_CASE("a rewrite is none") {
  for (const Pair& pair : ReadPairs("rewrites.sql")) {
    INFO(ToString(pair.dialect) << "\n" << pair.base << pair.head);
    CHECK(SaidToBeSame(pair));
  }
}

}  // namespace
}  // namespace layergate::lineage

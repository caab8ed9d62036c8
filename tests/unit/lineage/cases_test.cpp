// Every case of tests/lineage, in each of its dialects.
#include <cstdlib>

#include "case_file.h"
#include "core/text.h"
#include "support/catch.h"

namespace layergate::lineage::testing {
namespace {

std::string Lines(const std::vector<std::string>& lines) { return Join(lines, "\n"); }

TEST_CASE("lineage cases") {
  const bool update = std::getenv("LAYERGATE_UPDATE") != nullptr;
  size_t count = 0;
  for (CaseFile& file : ReadCaseFiles()) {
    for (LineageCase& test : file.cases) {
      bool first = true;
      for (const sql::Dialect dialect : test.dialects) {
        INFO(test.file << ": " << test.name << " (" << ToString(dialect) << ")");
        const std::vector<std::string> found =
            Describe(Analyze(test.text, dialect, SchemasOf(test, dialect)), test.text);
        if (update && first) test.expected = found;
        first = false;
        CHECK(Lines(found) == Lines(test.expected));
        ++count;
      }
    }
    if (update) WriteCaseFile(file);
  }
  CHECK(count > 0);
}

}  // namespace
}  // namespace layergate::lineage::testing

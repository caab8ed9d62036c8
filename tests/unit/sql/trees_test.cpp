// Every text of tests/sql gives the tree that stands beside it, in each of its dialects.
#include <cstdlib>

#include "support/catch.h"
#include "tree_files.h"

namespace layergate::sql::testing {
namespace {

TEST_CASE("texts give the trees beside them") {
  const bool update = std::getenv("LAYERGATE_UPDATE") != nullptr;
  const std::vector<TreeFile> files = ReadTreeFiles();
  CHECK(!files.empty());
  for (const TreeFile& file : files) {
    const std::string tree = Trees(file.text, file.dialect);
    if (update) WriteTree(file, tree);
    INFO("tests/sql/" << file.path << " (LAYERGATE_UPDATE=1 writes the .tree file again)");
    CHECK(tree == (update ? tree : file.expected));
    for (const Dialect other : file.also) {
      INFO("in the dialect " << ToString(other));
      CHECK(Trees(file.text, other) == tree);
    }
  }
}

TEST_CASE("every dialect has texts") {
  const std::vector<TreeFile> files = ReadTreeFiles();
  for (const std::string_view name : DialectNames()) {
    INFO(name);
    CHECK(std::any_of(files.begin(), files.end(),
                      [&](const TreeFile& file) { return ToString(file.dialect) == name; }));
  }
}

}  // namespace
}  // namespace layergate::sql::testing

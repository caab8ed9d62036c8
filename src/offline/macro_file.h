// The blocks of a macro or snapshot file: {% macro %}, {% test %}, {% materialization %},
// {% snapshot %}, {% docs %}, cut out as dbt cuts them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace layergate::offline {

struct FileBlock {
  std::string kind;  // "macro", "test", "materialization", "snapshot", "docs"
  std::string name;  // as the manifest names the macro: "test_unique", "materialization_x_duckdb"
  std::string_view text;    // from {% to the end of the closing %}
  std::string_view inside;  // between the two
};

// The outermost blocks, in order. Views of `text`. A block that is never closed ends the list.
std::vector<FileBlock> BlocksOf(std::string_view text);

}  // namespace layergate::offline

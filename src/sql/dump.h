// The tree as indented text, for tests and for people who look into the parser. Each node is in
// parentheses, with the fields that hold something:
//
//   (query
//     :body (select
//       :items (item :expr (column :parts a))
//       :from (table :name orders)))
//
// A node whose fields are all words stands on one line. Names are as written, quoted ones in double
// quotes; texts are in single quotes.
#pragma once

#include <string>

#include "sql/parse.h"

namespace layergate::sql {

std::string Dump(const ParsedSql& sql);
std::string Dump(const Node& node);  // one node, without a line's end

}  // namespace layergate::sql

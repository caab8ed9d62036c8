// The tree as indented text, one node a line, for tests and for people who look into the parser:
//
//   (query
//     :body (select
//       :items (item :expr (column a))
//       :from (table orders)))
#pragma once

#include <string>

#include "sql/parse.h"

namespace layergate::sql {

std::string Dump(const ParsedSql& sql);

}  // namespace layergate::sql

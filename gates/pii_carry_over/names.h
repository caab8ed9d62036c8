// Names as this gate's messages write them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lineage/project_lineage.h"

namespace layergate::pii {

std::string Ticked(std::string_view text);
// "model.shop.stg_customers" -> "stg_customers"; "source.shop.raw.customers" -> "raw.customers".
std::string ShortName(std::string_view id);
std::string ShortName(const lineage::ColumnId& column);
std::string OneLine(std::string_view text);
// "a, b, c and 2 more columns"
std::string Listed(const std::vector<std::string>& names);
// "stg.a, stg.b, dim.c and 2 more"
std::string Names(const std::vector<lineage::ColumnId>& columns);

}  // namespace layergate::pii

#include "gates/pii_carry_over/names.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "core/text.h"
#include "dbt/unique_id.h"

namespace layergate::pii {

using lineage::ColumnId;

std::string Ticked(std::string_view text) { return fmt::format("`{}`", text); }

std::string ShortName(std::string_view id) { return std::string(dbt::NameOf(id)); }
std::string ShortName(const ColumnId& column) {
  return fmt::format("{}.{}", ShortName(column.node), column.column);
}

std::string OneLine(std::string_view text) {
  std::string line;
  for (char c : text) {
    bool blank = c == '\n' || c == '\t' || c == '\r' || c == ' ';
    if (!blank) line += c;
    if (blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  return line.size() <= 120 ? line : line.substr(0, 117) + "...";
}

std::string Listed(const std::vector<std::string>& names) {
  std::vector<std::string> first(
      names.begin(),
      names.begin() + std::min<std::ptrdiff_t>(3, static_cast<std::ptrdiff_t>(names.size())));
  std::string text = Join(first, ", ");
  if (names.size() > 3) text += fmt::format(" and {} more columns", names.size() - 3);
  return text;
}

std::string Names(const std::vector<ColumnId>& columns) {
  std::vector<std::string> names;
  for (const ColumnId& column : columns) {
    if (names.size() == 3) break;
    names.push_back(ShortName(column));
  }
  std::string text = Join(names, ", ");
  if (columns.size() > 3) text += fmt::format(" and {} more", columns.size() - 3);
  return text;
}

}  // namespace layergate::pii

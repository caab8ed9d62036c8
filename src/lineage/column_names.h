// Tests of column names, as `* LIKE 'a%'` and DuckDB's COLUMNS(lambda c: ...) make them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sql/ast.h"

namespace layergate::lineage {

enum class NameMatch : uint8_t {
  kLike,
  kIlike,
  kSimilar,  // a regular expression that the whole name matches
  kGlob,
  kRegex,  // a regular expression that a part of the name matches
};

// nullopt: can't be told.
std::optional<bool> MatchesName(NameMatch how, std::string_view pattern, std::string_view name);

// Is `test` true where `variable` is a column's name? nullopt: can't be told.
std::optional<bool> HoldsForName(const sql::Expr* test, std::string_view variable,
                                 std::string_view name);

}  // namespace layergate::lineage

// The words that the grammar knows (keywords.def) as small numbers, found by one hash look-up.
#pragma once

#include <cstdint>
#include <string_view>

namespace layergate::sql {

enum class Kw : uint16_t {
  kNone,
#define LAYERGATE_SQL_KEYWORD(word, flags) k##word,
#include "sql/keywords.def"
#undef LAYERGATE_SQL_KEYWORD
};

// kNone for a word that is no keyword; case does not matter.
Kw FindKeyword(std::string_view word);
// Upper case; empty for kNone.
std::string_view ToString(Kw keyword);

bool StartsNoExpression(Kw keyword);
bool IsNoItemAlias(Kw keyword);
bool IsNoTableAlias(Kw keyword);

}  // namespace layergate::sql

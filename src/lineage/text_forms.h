// Words for the same thing, in normalised text: functions and types under several names, and where
// a text is one whole. Data tables; nothing here knows a tree or a scope.
//
// Two names are one only where every argument gives the same value under both: CONCAT and || are
// not in PostgreSQL, whose CONCAT passes over NULL.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "sql/dialect.h"

namespace layergate::lineage {

// The one name of a function: "length" for "len", "coalesce" for "nvl". `lower` is in lower case.
std::string_view FunctionWord(std::string_view lower, size_t arguments, sql::Dialect dialect);

// "year" for the function YEAR(x) and the like, which is EXTRACT(year FROM x); empty for others.
std::string_view PartFunction(std::string_view lower, size_t arguments);

// Whether CONCAT(a, b) is a || b.
bool ConcatIsOperator(sql::Dialect dialect);

// The one name of a type: "integer" for "int". `lower` as sql::TypeText writes it.
std::string TypeWord(std::string lower, sql::Dialect dialect);

// Whether the text needs no parentheses as an operand: a word, a call, a CASE, a text in
// parentheses.
bool IsWhole(std::string_view text);

// The arguments of a text that is one call of `function` and nothing else; empty otherwise.
std::string_view ArgumentsOfCall(std::string_view text, std::string_view function);

}  // namespace layergate::lineage

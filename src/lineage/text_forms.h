// Words for the same thing, in normalised text: functions and types under several names, and where
// a text is one whole. Data tables; nothing here knows a tree or a scope.
//
// Two names are one only where every argument gives the same value under both: CONCAT and || are
// not in PostgreSQL, whose CONCAT passes over NULL.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sql/dialect.h"

namespace layergate::lineage {

// The one name of a function: "length" for "len", "coalesce" for "nvl". `lower` is in lower case.
std::string_view FunctionWord(std::string_view lower, size_t arguments, sql::Dialect dialect);

// "year" for the function YEAR(x) and the like, which is EXTRACT(year FROM x); empty for others.
std::string_view PartFunction(std::string_view lower, size_t arguments, sql::Dialect dialect);

// Whether CONCAT(a, b) is a || b.
bool ConcatIsOperator(sql::Dialect dialect);

// The one name of a type: "integer" for "int". `lower` as sql::TypeText writes it.
std::string TypeWord(std::string lower, sql::Dialect dialect);

// Whether the text needs no parentheses as an operand: a word, a call, a CASE, a text in
// parentheses.
bool IsWhole(std::string_view text);

// Whether the text is null where the columns in it are: a column, or casts and plain functions of
// one. In ClickHouse, whose outer joins give default values, only a column is.
bool IsNullOfNull(std::string_view text, sql::Dialect dialect);

// A text as an operand: in parentheses where it is not one whole.
std::string AsOperand(const std::string& text);

// Operands in their one order: `a > b` is `b < a`, what commutes is sorted. `op` in upper case.
std::string OperatorText(std::string_view op, std::vector<std::string> operands,
                         sql::Dialect dialect);

// Where comparing a number that is none (NaN) with anything is false: NOT (a < b) is not a >= b.
bool HasUnorderedNumbers(sql::Dialect dialect);

// Where a number stands for a truth value: `x = true` is not x, and NOT NOT x is not either.
bool TakesNumbersForTruth(sql::Dialect dialect);

// A constant text as SQL writes it: a quote within is written twice, so that no text can end it.
std::string Quoted(std::string_view content);

// 'MONTH' and 'month' name the same part of a date.
bool IsDatePart(std::string_view lower);
// The functions that take such a text. Elsewhere 'Month' is a value: to_char(d, 'Month') gives
// "January", to_char(d, 'month') gives "january".
bool TakesDatePart(std::string_view lower);

// The arguments of a text that is one call of `function` and nothing else; empty otherwise.
std::string_view ArgumentsOfCall(std::string_view text, std::string_view function);

}  // namespace layergate::lineage

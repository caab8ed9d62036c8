// What a function does to the values it is given, as far as lineage cares. One sorted table of
// names; a function that is not in it is a plain scalar function (every argument flows into the
// value).
#pragma once

#include <cstdint>
#include <string_view>

#include "sql/dialect.h"

namespace layergate::lineage {

enum class FunctionClass : uint8_t {
  kScalar,
  kAggregate,         // every argument is aggregated
  kArgMax,            // aggregate; the second argument only decides (max_by, arg_max, argMax)
  kCountLike,         // aggregate whose value can't be read back: count, approx_count_distinct
  kHash,              // scalar whose value can't be read back: md5, sha2
  kCoalesce,          // all but the last argument also decide
  kIf,                // (test, then, else)
  kNvl2,              // (test, then, else): the test is a value's nullness
  kDecode,            // (value, search, result, search, result, default)
  kNullIf,            // (value, compared)
  kMultiIf,           // ClickHouse: (test, value, test, value, ..., default)
  kWindowRank,        // row_number and the like: no argument is a value
  kWindowValue,       // lag, lead, first_value, ...
  kCondAggregate,     // ClickHouse's -If: aggregate whose last argument is a filter
  kConditionalCount,  // count_if, countif: masking aggregate of a test
};

FunctionClass ClassOf(std::string_view name, sql::Dialect dialect);
inline bool IsAggregate(FunctionClass c) {
  return c == FunctionClass::kAggregate || c == FunctionClass::kArgMax ||
         c == FunctionClass::kCountLike || c == FunctionClass::kCondAggregate ||
         c == FunctionClass::kConditionalCount;
}

}  // namespace layergate::lineage

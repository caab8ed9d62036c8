// Conditions compared as sets of what must hold, and test queries by what they look for.
#pragma once

#include <string>
#include <string_view>

#include "sql/dialect.h"

namespace layergate::test_weakening {

enum class Compared {
  kSame,
  kFewerRows,  // the head looks at fewer rows: it asks for more
  kMoreRows,
  kOther,  // neither is within the other
};

// Two conditions, either of which may be empty (all rows). Conjuncts are compared one by one.
Compared CompareConditions(std::string_view base, std::string_view head, sql::Dialect dialect);

// Two queries that select failing rows. `why` says what was added when the head finds fewer.
Compared CompareQueries(std::string_view base, std::string_view head, sql::Dialect dialect,
                        std::string& why);

// True when an expression names no column and so gives the same for any rows: "0", "1 - 1".
bool IsConstant(std::string_view expression, sql::Dialect dialect);

}  // namespace layergate::test_weakening

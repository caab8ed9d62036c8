// Two data types as written in YAML or a catalog: which of them holds more?
#pragma once

#include <string_view>

#include "sql/dialect.h"

namespace layergate::contract_break {

enum class TypeChange {
  kSame,      // the same type, perhaps under another name: int and integer
  kWider,     // every value of the base fits into the head's type
  kNarrower,  // some values of the base don't fit: numeric(10,2) to numeric(8,2)
  kOther,     // another kind of value, or types that this table does not know
};

TypeChange CompareTypes(std::string_view base, std::string_view head, sql::Dialect dialect);

}  // namespace layergate::contract_break

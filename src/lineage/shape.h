// Types as schemas write them, as far as fields matter: structs and arrays of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace layergate::lineage {

struct TypeTree {
  enum class Kind : uint8_t { kScalar, kStruct, kArray };
  Kind kind = Kind::kScalar;
  std::vector<std::string> names;  // of a struct's fields
  std::vector<TypeTree> children;  // fields; or the one element type of an array
};

// "struct<a int, b array<string>>", "STRUCT(a INTEGER)[]", "row(a bigint)", "Array(Tuple(a Int8))".
// What is not understood is a scalar. Never fails; nesting over 64 is a scalar.
TypeTree ParseTypeTree(std::string_view type);

}  // namespace layergate::lineage

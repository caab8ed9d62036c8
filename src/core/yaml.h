// YAML read strictly, into a plain tree in which every node knows where it was written.
//
// For files that people write and that decide something (policies, profiles): whatever two readers
// could understand in two ways, or what could exhaust memory, is refused with its place and a
// remedy. Refused are duplicate keys, merge keys (`<<`), keys that are not plain words, explicit
// tags, aliases that form a cycle or are many, several documents in one file, tabs in indentation,
// control characters, invalid UTF-8 and anything past the limits. Aliases are resolved by copying.
//
// Errors read "path:line:column: message". An empty text gives a null node.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/value.h"

namespace layergate {

struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  std::string scalar;           // kScalar: the text, without quotes
  bool was_quoted = false;      // kScalar: "10" and 10 differ
  int line = 0, column = 0;     // 1-based, column in code points; a null is placed at its key
  std::vector<YamlNode> keys;   // kMap: scalars, keys[i] belongs to items[i], in the order written
  std::vector<YamlNode> items;  // kMap and kList

  bool is_null() const { return kind == Kind::kNull; }
  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_map() const { return kind == Kind::kMap; }
  // The value under `key`, or nullptr.
  const YamlNode* Find(std::string_view key) const;
};

struct YamlLimits {
  size_t bytes = size_t{1} << 20;
  size_t depth = 64;
  size_t nodes = 200000;
  size_t aliases = 64;
  // Takes `<<` for a key like any other instead of refusing it: for files whose own reader merges,
  // by a caller who then does the same.
  bool merge_keys = false;
};

Result<YamlNode> ReadYaml(std::string_view text, const std::string& path,
                          const YamlLimits& limits = {});

// The node as a value: plain true/false, whole numbers and decimals become their types, everything
// else, and everything in quotes, is a string. yes, no, on and off stay words.
Value ToValue(const YamlNode& node);

// "a list", "a map", "text", "a number", ...: what the node is, for messages.
std::string_view Describe(const YamlNode& node);

}  // namespace layergate

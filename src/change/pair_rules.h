// What the state rules of Python dbt and of the Rust engine have in common: two nodes under one id,
// and the ways of saying that they differ. Nothing outside this folder includes this header.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "change/rules.h"

namespace layergate::change {

inline bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  for (std::string_view one : words) {
    if (one == word) return true;
  }
  return false;
}

inline bool IsGenericTest(const dbt::Node& node) {
  return node.resource_type == "test" && node.test_metadata.has_value();
}

// The only configs of a test that dbt compares.
inline bool IsComparedTestConfig(std::string_view key) {
  return IsOneOf(key, {"severity", "where", "limit", "fail_calc", "warn_if", "error_if",
                       "store_failures", "store_failures_as", "sql_header"});
}

class PairRules {
 protected:
  PairRules(const Pair& pair, const StateContext& context, Findings& findings)
      : base_(*pair.base), head_(*pair.head), context_(context), findings_(findings) {}

  // A difference that dbt sees but that no sub-selector names.
  void Differs(bool differs, std::string_view kind, std::string detail, Value base = {},
               Value head = {});
  // A field of the node's definition; null, absent and empty are the same.
  void DiffersField(std::string_view field);
  void DiffersText(std::string_view field, const std::string& base, const std::string& head);
  // The enforced contract; gives whether it differs.
  bool Contract();
  // latest_version, access and deprecation_date.
  void RefRepresentation();
  // Whether two nodes of which one or both came without their text are the same by checksum.
  bool SameWithoutText() const;
  bool LacksText() const { return base_.raw_code.empty() || head_.raw_code.empty(); }
  // What is said of another text or another file.
  std::string BodyDetail() const;
  // The file that most likely holds a config: the node's own when its code mentions the key.
  std::string ConfigPath(std::string_view key) const;
  // "config.schema", and whether the difference is one of writing alone.
  std::string ConfigDetail(std::string_view key) const;

  const dbt::Node& base_;
  const dbt::Node& head_;
  const StateContext& context_;
  Findings& findings_;
  bool modified_ = false;
};

}  // namespace layergate::change

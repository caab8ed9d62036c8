// A small JSON-like value: what findings carry as evidence, what dbt's free-form `meta` and
// `config` become, and what the result file is made of before it is written.
//
// Objects keep the order in which keys were added (a report is read by people), and equality of
// objects does not depend on that order (dbt's own dictionaries have no order). Numbers that are
// whole and fit are int64; everything else is a double. Copying copies deeply; values here are
// small.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/result.h"

namespace layergate {

class Value {
 public:
  using Array = std::vector<Value>;
  using Member = std::pair<std::string, Value>;
  using Object = std::vector<Member>;

  Value() = default;  // null
  Value(std::nullptr_t) {}
  Value(bool b) : data_(b) {}
  Value(int i) : data_(int64_t{i}) {}
  Value(long i) : data_(int64_t{i}) {}
  Value(long long i) : data_(int64_t{i}) {}
  Value(unsigned i) : data_(int64_t{i}) {}
  Value(unsigned long i) : data_(static_cast<int64_t>(i)) {}
  Value(double d) : data_(d) {}
  Value(const char* s) : data_(std::string(s)) {}
  Value(std::string s) : data_(std::move(s)) {}
  Value(std::string_view s) : data_(std::string(s)) {}
  Value(Array a) : data_(std::move(a)) {}
  Value(Object o) : data_(std::move(o)) {}

  static Value MakeArray(std::initializer_list<Value> items = {}) { return Value(Array(items)); }
  static Value MakeObject(std::initializer_list<Member> members = {}) {
    return Value(Object(members));
  }
  static Value FromStrings(const std::vector<std::string>& strings);

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  bool is_bool() const { return std::holds_alternative<bool>(data_); }
  bool is_int() const { return std::holds_alternative<int64_t>(data_); }
  bool is_double() const { return std::holds_alternative<double>(data_); }
  bool is_number() const { return is_int() || is_double(); }
  bool is_string() const { return std::holds_alternative<std::string>(data_); }
  bool is_array() const { return std::holds_alternative<Array>(data_); }
  bool is_object() const { return std::holds_alternative<Object>(data_); }

  // Lenient readers: the fallback when the value is of another type. Never throw.
  bool AsBool(bool fallback = false) const;
  int64_t AsInt(int64_t fallback = 0) const;
  double AsDouble(double fallback = 0) const;
  std::string_view AsString(std::string_view fallback = {}) const;
  const Array& items() const&;     // empty when not an array
  const Object& members() const&;  // empty when not an object
  // A loop over the items of a temporary would outlive it.
  const Array& items() const&& = delete;
  const Object& members() const&& = delete;

  // The member's value, or nullptr. Linear: objects are small.
  const Value* Find(std::string_view key) const;
  // Same, but a shared null when absent, so that look-ups chain: v["a"]["b"].AsString().
  const Value& operator[](std::string_view key) const;
  // Adds or replaces a member (a null value becomes an object first). Returns *this, for building.
  Value& Set(std::string_view key, Value value);
  // Appends to an array (a null value becomes an array first).
  Value& Append(Value value);

  bool empty() const;  // null, "", [] or {}

  // Objects compare without regard to order of members; 1 and 1.0 are equal.
  friend bool operator==(const Value& a, const Value& b);

 private:
  std::variant<std::monostate, bool, int64_t, double, std::string, Array, Object> data_;
};

// Canonical text of a value: one line, no spaces. Doubles are written shortest-round-trip; invalid
// UTF-8 is replaced by U+FFFD. `indent` > 0 gives the same over many lines.
std::string WriteJson(const Value& value, int indent = 0);

// Reads one JSON document. Refuses what two readers could understand in two ways or what could
// exhaust memory: duplicate keys, nesting over 128, invalid UTF-8, trailing text. The error names
// line and column.
Result<Value> ReadJson(std::string_view text);

}  // namespace layergate

#include "core/value.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/source_text.h"
#include "core/text.h"

namespace layergate {
namespace {

constexpr size_t kMaxDepth = 128;

nlohmann::ordered_json ToJson(const Value& value) {
  using Json = nlohmann::ordered_json;
  if (value.is_bool()) return value.AsBool();
  if (value.is_int()) return value.AsInt();
  if (value.is_double()) return value.AsDouble();
  if (value.is_string()) return std::string(value.AsString());
  if (value.is_array()) {
    Json array = Json::array();
    for (const Value& item : value.items()) array.push_back(ToJson(item));
    return array;
  }
  if (value.is_object()) {
    Json object = Json::object();
    for (const auto& [key, member] : value.members()) object[key] = ToJson(member);
    return object;
  }
  return nullptr;
}

// Builds a Value from parser events, refusing depth and duplicate keys on the way: an untrusted
// document is never held as a library tree, whose copy and destruction recurse.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return Add(Value()); }
  bool boolean(bool b) override { return Add(Value(b)); }
  bool number_integer(number_integer_t i) override { return Add(Value(static_cast<long long>(i))); }
  bool number_unsigned(number_unsigned_t u) override {
    if (u <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      return Add(Value(static_cast<long long>(u)));
    }
    return Add(Value(static_cast<double>(u)));
  }
  bool number_float(number_float_t d, const string_t&) override { return Add(Value(d)); }
  bool string(string_t& s) override { return Add(Value(std::move(s))); }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override { return Open(Value::MakeObject()); }
  bool start_array(size_t) override { return Open(Value::MakeArray()); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool key(string_t& k) override {
    if (open_.back().value.Find(k)) {
      problem_ = fmt::format("key \"{}\" appears twice", Printable(k));
      return false;
    }
    open_.back().key = std::move(k);
    return true;
  }
  bool parse_error(size_t position, const std::string&,
                   const nlohmann::detail::exception& e) override {
    position_ = position;
    if (problem_.empty()) {
      std::string_view what = e.what();
      size_t colon = what.find("- ");
      problem_ = Printable(what.substr(colon == std::string_view::npos ? 0 : colon + 2));
    }
    return false;
  }

  std::string problem_;
  size_t position_ = 0;
  Value root_;

 private:
  struct Container {
    Value value;
    std::string key;
  };

  bool Add(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().value.is_array()) {
      open_.back().value.Append(std::move(value));
    } else {
      open_.back().value.Set(open_.back().key, std::move(value));
    }
    return true;
  }
  bool Open(Value container) {
    if (open_.size() >= kMaxDepth) {
      problem_ = fmt::format("nested deeper than {} levels", kMaxDepth);
      return false;
    }
    open_.push_back({std::move(container), {}});
    return true;
  }
  bool Close() {
    Value done = std::move(open_.back().value);
    open_.pop_back();
    return Add(std::move(done));
  }

  std::vector<Container> open_;
};

}  // namespace

Value Value::FromStrings(const std::vector<std::string>& strings) {
  return Value(Array(strings.begin(), strings.end()));
}

bool Value::AsBool(bool fallback) const { return is_bool() ? std::get<bool>(data_) : fallback; }

int64_t Value::AsInt(int64_t fallback) const {
  return is_int() ? std::get<int64_t>(data_) : fallback;
}

double Value::AsDouble(double fallback) const {
  if (is_int()) return static_cast<double>(std::get<int64_t>(data_));
  return is_double() ? std::get<double>(data_) : fallback;
}

std::string_view Value::AsString(std::string_view fallback) const {
  return is_string() ? std::string_view(std::get<std::string>(data_)) : fallback;
}

const Value::Array& Value::items() const& {
  static const Array kEmpty;
  return is_array() ? std::get<Array>(data_) : kEmpty;
}

const Value::Object& Value::members() const& {
  static const Object kEmpty;
  return is_object() ? std::get<Object>(data_) : kEmpty;
}

const Value* Value::Find(std::string_view key) const {
  for (const auto& [name, value] : members()) {
    if (name == key) return &value;
  }
  return nullptr;
}

const Value& Value::operator[](std::string_view key) const {
  static const Value kNull;
  const Value* found = Find(key);
  return found ? *found : kNull;
}

Value& Value::Set(std::string_view key, Value value) {
  if (!is_object()) data_ = Object();
  for (auto& [name, member] : std::get<Object>(data_)) {
    if (name == key) {
      member = std::move(value);
      return *this;
    }
  }
  std::get<Object>(data_).emplace_back(std::string(key), std::move(value));
  return *this;
}

Value& Value::Append(Value value) {
  if (!is_array()) data_ = Array();
  std::get<Array>(data_).push_back(std::move(value));
  return *this;
}

bool Value::empty() const {
  return is_null() || (is_string() && AsString().empty()) || (is_array() && items().empty()) ||
         (is_object() && members().empty());
}

bool operator==(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number() && a.data_.index() != b.data_.index()) {
    return std::abs(a.AsDouble() - b.AsDouble()) == 0.0;
  }
  if (!a.is_object() || !b.is_object()) return a.data_ == b.data_;
  if (a.members().size() != b.members().size()) return false;
  return std::all_of(a.members().begin(), a.members().end(), [&](const Value::Member& member) {
    const Value* other = b.Find(member.first);
    return other && *other == member.second;
  });
}

std::string WriteJson(const Value& value, int indent) {
  return ToJson(value).dump(indent > 0 ? indent : -1, ' ', false,
                            nlohmann::ordered_json::error_handler_t::replace);
}

Result<Value> ReadJson(std::string_view text) {
  Builder builder;
  bool done = nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  if (done) return std::move(builder.root_);
  LineColumn place = Locate(text, builder.position_ > 0 ? builder.position_ - 1 : 0);
  if (builder.position_ == 0) return MakeError(fmt::format("not valid JSON: {}", builder.problem_));
  return MakeError(
      fmt::format("line {}, column {}: {}", place.line, place.column, builder.problem_));
}

}  // namespace layergate

// The part of JSON Schema draft-07 that the policy's schema uses, enough to hold documents against
// it.
#pragma once

#include <regex>
#include <string>
#include <vector>

#include "core/value.h"

namespace layergate::testing {

class JsonSchema {
 public:
  explicit JsonSchema(const Value& root) : root_(root) {}

  // What is wrong with the document, as "place: what"; nothing when it is right.
  std::vector<std::string> Problems(const Value& document) {
    problems_.clear();
    Check(root_, document, "");
    return problems_;
  }

 private:
  bool Fits(const Value& schema, const Value& value) const {
    JsonSchema inner(root_);
    inner.Check(schema, value, "");
    return inner.problems_.empty();
  }

  void Check(const Value& schema, const Value& value, const std::string& place) {
    if (schema.is_bool()) {
      if (!schema.AsBool()) Complain(place, "nothing is allowed here");
      return;
    }
    if (const Value* reference = schema.Find("$ref")) {
      std::string name(reference->AsString().substr(std::string("#/definitions/").size()));
      const Value* target = root_["definitions"].Find(name);
      if (!target) return Complain(place, "refers to nothing: " + name);
      return Check(*target, value, place);
    }
    if (schema.Find("type") && !HasType(schema["type"].AsString(), value)) {
      return Complain(place, "is no " + std::string(schema["type"].AsString()));
    }
    if (schema.Find("const") && !(schema["const"] == value)) Complain(place, "is not the constant");
    if (schema.Find("enum") && !Contains(schema["enum"], value)) Complain(place, "is no such word");
    if (schema.Find("not") && Fits(schema["not"], value)) Complain(place, "must not be that");
    if (schema.Find("oneOf")) {
      int fits = 0;
      for (const Value& each : schema["oneOf"].items()) fits += Fits(each, value) ? 1 : 0;
      if (fits != 1) Complain(place, "fits " + std::to_string(fits) + " of the choices");
    }
    if (value.is_string()) CheckText(schema, std::string(value.AsString()), place);
    if (value.is_number()) CheckNumber(schema, value.AsDouble(), place);
    if (value.is_array()) CheckList(schema, value, place);
    if (value.is_object()) CheckMap(schema, value, place);
  }

  void CheckText(const Value& schema, const std::string& text, const std::string& place) {
    if (schema.Find("minLength") &&
        text.size() < static_cast<size_t>(schema["minLength"].AsInt())) {
      Complain(place, "is too short");
    }
    if (schema.Find("maxLength") &&
        text.size() > static_cast<size_t>(schema["maxLength"].AsInt())) {
      Complain(place, "is too long");
    }
    if (schema.Find("pattern") &&
        !std::regex_search(
            text, std::regex(std::string(schema["pattern"].AsString()), std::regex::ECMAScript))) {
      Complain(place, "does not match");
    }
  }

  void CheckNumber(const Value& schema, double number, const std::string& place) {
    if (schema.Find("minimum") && number < schema["minimum"].AsDouble())
      Complain(place, "too small");
    if (schema.Find("maximum") && number > schema["maximum"].AsDouble()) Complain(place, "too big");
  }

  void CheckList(const Value& schema, const Value& list, const std::string& place) {
    const Value::Array& items = list.items();
    if (static_cast<int64_t>(items.size()) < schema["minItems"].AsInt()) Complain(place, "too few");
    for (size_t i = 0; i < items.size(); ++i) {
      if (schema.Find("items")) Check(schema["items"], items[i], place + "[]");
      for (size_t j = 0; schema["uniqueItems"].AsBool() && j < i; ++j) {
        if (items[i] == items[j]) Complain(place, "holds something twice");
      }
    }
  }

  void CheckMap(const Value& schema, const Value& map, const std::string& place) {
    if (static_cast<int64_t>(map.members().size()) < schema["minProperties"].AsInt()) {
      Complain(place, "has too few members");
    }
    for (const Value& key : schema["required"].items()) {
      if (!map.Find(key.AsString())) Complain(place, "lacks " + std::string(key.AsString()));
    }
    for (const auto& [key, value] : map.members()) {
      if (schema.Find("propertyNames"))
        Check(schema["propertyNames"], Value(key), place + "." + key);
      if (const Value* known = schema["properties"].Find(key)) {
        Check(*known, value, place + "." + key);
      } else if (const Value* others = schema.Find("additionalProperties")) {
        Check(*others, value, place + "." + key);
      }
    }
  }

  static bool Contains(const Value& words, const Value& value) {
    for (const Value& word : words.items()) {
      if (word == value) return true;
    }
    return false;
  }

  // Plain YAML scalars are text where text is wanted, whatever they look like; editors may ask for
  // quotes.
  static bool IsText(const Value& value) {
    return value.is_string() || value.is_number() || value.is_bool();
  }

  static bool HasType(std::string_view type, const Value& value) {
    return (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
           (type == "string" && IsText(value)) || (type == "integer" && value.is_int()) ||
           (type == "number" && value.is_number()) || (type == "boolean" && value.is_bool()) ||
           (type == "null" && value.is_null());
  }

  void Complain(const std::string& place, const std::string& what) {
    problems_.push_back((place.empty() ? "document" : place) + ": " + what);
  }

  const Value& root_;
  std::vector<std::string> problems_;
};

}  // namespace layergate::testing

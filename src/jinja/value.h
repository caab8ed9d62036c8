// What a Jinja expression gives: Python's values as far as dbt models use them.
//
// Strings, numbers and the like are values; lists, dictionaries and objects are shared, as in
// Python (a list that two names hold is one list). Everything with items in a row is a List of some
// kind: what Python makes of the kinds (an iterator is always true and can be walked once, a set
// has no order that could be relied on) decides what a template gives.
// "Undefined" is Jinja's own: it prints as nothing, is false, and is an error when it is called or
// asked for an attribute.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/value.h"

namespace layergate::jinja {

class Var;
class Interpreter;

struct List {
  enum class Kind {
    kList,
    kTuple,
    kIterator,  // generators, zip(), map(): walked once, then empty
    kView,      // keys(), values(), items() of a dictionary
    kRange,
    kSet,
  };
  ~List();  // however deep the nesting, without recursion
  std::vector<Var> items;
  Kind kind = Kind::kList;
  bool group = false;     // what groupby gives: a pair with the names grouper and list
  const char* view = "";  // kView: "dict_items"
  bool has_length() const { return kind != Kind::kIterator; }
  bool has_index() const {
    return kind == Kind::kList || kind == Kind::kTuple || kind == Kind::kRange;
  }
};

// Keeps the order of insertion, as Python's does.
struct Dict {
  ~Dict();
  std::vector<std::pair<Var, Var>> items;
  Var* Find(const Var& key);
  void Set(Var key, Var value);
  bool Erase(const Var& key);
};

struct Arguments {
  std::vector<Var> positional;
  std::vector<std::pair<std::string, Var>> named;

  // The argument at `index`, or named so; nullptr when it was not given.
  const Var* Get(size_t index, std::string_view name) const;
};

// Something with attributes, or that can be called: relations, columns, modules, macros, loop,
// namespaces.
class Object {
 public:
  virtual ~Object() = default;
  // nullopt: there is no such attribute.
  virtual std::optional<Var> Attribute(std::string_view name) const = 0;
  virtual bool SetAttribute(std::string_view, const Var&) { return false; }
  virtual bool IsCallable() const { return false; }
  virtual Var Call(Interpreter& interpreter, const Arguments& arguments);
  // What printing gives. Most objects print as what they are at which address: such text is no SQL,
  // and the default refuses it.
  virtual std::string ToString() const;
  virtual std::string Repr() const { return ToString(); }  // inside a list
  // Values of one kind compare by this text; empty: by identity.
  virtual std::string EqualityKey() const { return {}; }
  // `this op other`, or `other op this` when reflected; nullopt: not defined.
  virtual std::optional<Var> Operate(std::string_view op, const Var& other, bool reflected) const;
  // Less-than of two objects of one kind; nullopt: not defined.
  virtual std::optional<bool> IsLess(const Object& other) const;
  virtual bool Truth() const { return true; }
  virtual bool IsMapping() const { return false; }  // what `is mapping` says
  virtual bool IsUnknown() const { return false; }  // what nobody told: see unknown.h
};

struct Undefined {
  std::string name;  // what was looked for, for messages
};
struct None {};

class Var {
 public:
  Var() : data_(None()) {}
  Var(Undefined u) : data_(std::move(u)) {}                          // NOLINT
  Var(bool b) : data_(b) {}                                          // NOLINT
  Var(int i) : data_(int64_t{i}) {}                                  // NOLINT
  Var(int64_t i) : data_(i) {}                                       // NOLINT
  Var(double d) : data_(d) {}                                        // NOLINT
  Var(const char* s) : data_(std::string(s)) {}                      // NOLINT
  Var(std::string s) : data_(std::move(s)) {}                        // NOLINT
  Var(std::string_view s) : data_(std::string(s)) {}                 // NOLINT
  Var(std::shared_ptr<List> list) : data_(std::move(list)) {}        // NOLINT
  Var(std::shared_ptr<Dict> dict) : data_(std::move(dict)) {}        // NOLINT
  Var(std::shared_ptr<Object> object) : data_(std::move(object)) {}  // NOLINT

  static Var MakeList(std::vector<Var> items = {}, List::Kind kind = List::Kind::kList);
  static Var MakeTuple(std::vector<Var> items) {
    return MakeList(std::move(items), List::Kind::kTuple);
  }
  static Var MakeIterator(std::vector<Var> items) {
    return MakeList(std::move(items), List::Kind::kIterator);
  }
  static Var MakeDict();
  static Var FromValue(const Value& value);
  using Function = std::function<Var(Interpreter&, const Arguments&)>;
  static Var MakeFunction(std::string name, Function function);

  bool is_undefined() const { return std::holds_alternative<Undefined>(data_); }
  bool is_none() const { return std::holds_alternative<None>(data_); }
  bool is_bool() const { return std::holds_alternative<bool>(data_); }
  bool is_int() const { return std::holds_alternative<int64_t>(data_); }
  bool is_double() const { return std::holds_alternative<double>(data_); }
  bool is_number() const { return is_int() || is_double() || is_bool(); }
  bool is_string() const { return std::holds_alternative<std::string>(data_); }
  bool is_list() const { return std::holds_alternative<std::shared_ptr<List>>(data_); }
  bool is_dict() const { return std::holds_alternative<std::shared_ptr<Dict>>(data_); }
  bool is_object() const { return std::holds_alternative<std::shared_ptr<Object>>(data_); }

  // Only after the question: wrong kinds throw std::bad_variant_access.
  bool as_bool() const { return std::get<bool>(data_); }
  int64_t as_int() const;  // bools count as 0 and 1
  double as_double() const;
  const std::string& as_string() const { return std::get<std::string>(data_); }
  const std::shared_ptr<List>& list() const { return std::get<std::shared_ptr<List>>(data_); }
  const std::shared_ptr<Dict>& dict() const { return std::get<std::shared_ptr<Dict>>(data_); }
  const std::shared_ptr<Object>& object() const { return std::get<std::shared_ptr<Object>>(data_); }
  const std::string& undefined_name() const { return std::get<Undefined>(data_).name; }

  bool Truth() const;
  std::string ToString() const;  // Python's str()
  std::string Repr() const;      // Python's repr()
  Value ToValue() const;         // for tojson; objects become their text
  std::string_view TypeName() const;

  friend bool operator==(const Var& a, const Var& b);

 private:
  std::variant<None, Undefined, bool, int64_t, double, std::string, std::shared_ptr<List>,
               std::shared_ptr<Dict>, std::shared_ptr<Object>>
      data_;
};

// Less-than for sort and comparisons; throws RenderError for kinds that Python cannot order.
bool Less(const Var& a, const Var& b);

// Stands in every function that walks into lists and dictionaries: refuses what is nested too
// deeply (a list may hold itself), or is the same list many times over (two in each of two in each
// ...).
class DeepWalk {
 public:
  DeepWalk();
  ~DeepWalk();
  DeepWalk(const DeepWalk&) = delete;
  DeepWalk& operator=(const DeepWalk&) = delete;
};

// No text grows past this; throws RenderError.
void CheckTextSize(size_t bytes);

// Why a text was not rendered. Thrown inside this folder only; Render() catches it.
struct RenderError {
  std::string message;
  uint32_t offset = 0;    // in the template; 0 when not known
  std::string undecided;  // what was asked of an unknown setting; see unknown.h
  bool raised = false;    // by the template itself: exceptions.raise_compiler_error
  int64_t beyond = 0;     // for a number: how much what the text shows is more
};

}  // namespace layergate::jinja

#include "jinja/value.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "jinja/python_text.h"

namespace layergate::jinja {
namespace {

class FunctionObject final : public Object {
 public:
  FunctionObject(std::string name, Var::Function function)
      : name_(std::move(name)), function_(std::move(function)) {}
  std::optional<Var> Attribute(std::string_view) const override { return std::nullopt; }
  bool IsCallable() const override { return true; }
  Var Call(Interpreter& interpreter, const Arguments& arguments) override {
    return function_(interpreter, arguments);
  }
  std::string ToString() const override {
    throw RenderError{fmt::format("the template prints the function {}", name_), 0};
  }

 private:
  std::string name_;
  Var::Function function_;
};

struct WalkState {
  int depth = 0;
  int64_t visited = 0;
};
WalkState& Walk() {
  thread_local WalkState state;
  return state;
}

// A long chain of lists would otherwise be destroyed one inside the other.
void Discard(std::vector<Var> items) {
  thread_local std::vector<Var> waiting;
  thread_local bool busy = false;
  for (Var& item : items) {
    if (item.is_list() || item.is_dict()) waiting.push_back(std::move(item));
  }
  items.clear();
  if (busy) return;
  busy = true;
  while (!waiting.empty()) {
    Var next = std::move(waiting.back());
    waiting.pop_back();
  }
  busy = false;
}

}  // namespace

DeepWalk::DeepWalk() {
  constexpr int kMostDepth = 300;
  constexpr int64_t kMostVisited = 20'000'000;
  WalkState& state = Walk();
  if (state.depth == 0) state.visited = 0;
  if (state.depth >= kMostDepth || ++state.visited > kMostVisited)
    throw RenderError{"lists are nested too deeply", 0};
  ++state.depth;
}
DeepWalk::~DeepWalk() { --Walk().depth; }

void CheckTextSize(size_t bytes) {
  if (bytes > (size_t{32} << 20)) throw RenderError{"text too long", 0};
}

List::~List() { Discard(std::move(items)); }
Dict::~Dict() {
  std::vector<Var> values;
  for (auto& [key, value] : items) {
    values.push_back(std::move(key));
    values.push_back(std::move(value));
  }
  Discard(std::move(values));
}

Var* Dict::Find(const Var& key) {
  for (auto& [name, value] : items) {
    if (name == key) return &value;
  }
  return nullptr;
}

void Dict::Set(Var key, Var value) {
  if (Var* found = Find(key)) {
    *found = std::move(value);
  } else {
    items.emplace_back(std::move(key), std::move(value));
  }
}

bool Dict::Erase(const Var& key) {
  auto at =
      std::find_if(items.begin(), items.end(), [&](const auto& item) { return item.first == key; });
  if (at == items.end()) return false;
  items.erase(at);
  return true;
}

const Var* Arguments::Get(size_t index, std::string_view name) const {
  if (index < positional.size()) return &positional[index];
  for (const auto& [given, value] : named) {
    if (given == name) return &value;
  }
  return nullptr;
}

Var Object::Call(Interpreter&, const Arguments&) {
  throw RenderError{"this object cannot be called", 0};
}

std::string Object::ToString() const {
  throw RenderError{"the template prints an object of Python", 0};
}

std::optional<Var> Object::Operate(std::string_view, const Var&, bool) const {
  return std::nullopt;
}
std::optional<bool> Object::IsLess(const Object&) const { return std::nullopt; }

Var Var::MakeList(std::vector<Var> items, List::Kind kind) {
  auto list = std::make_shared<List>();
  list->items = std::move(items);
  list->kind = kind;
  return Var(std::move(list));
}

Var Var::MakeDict() { return Var(std::make_shared<Dict>()); }

Var Var::FromValue(const Value& value) {
  if (value.is_bool()) return Var(value.AsBool());
  if (value.is_int()) return Var(value.AsInt());
  if (value.is_double()) return Var(value.AsDouble());
  if (value.is_string()) return Var(value.AsString());
  if (value.is_array()) {
    std::vector<Var> items;
    for (const Value& item : value.items()) items.push_back(FromValue(item));
    return MakeList(std::move(items));
  }
  if (value.is_object()) {
    auto dict = std::make_shared<Dict>();
    for (const auto& [key, member] : value.members()) {
      dict->items.emplace_back(Var(key), FromValue(member));
    }
    return Var(std::move(dict));
  }
  return Var();
}

Var Var::MakeFunction(std::string name, Function function) {
  return Var(std::shared_ptr<Object>(
      std::make_shared<FunctionObject>(std::move(name), std::move(function))));
}

int64_t Var::as_int() const {
  if (is_bool()) return as_bool() ? 1 : 0;
  if (is_double()) return static_cast<int64_t>(std::get<double>(data_));
  return std::get<int64_t>(data_);
}

double Var::as_double() const {
  return is_double() ? std::get<double>(data_) : static_cast<double>(as_int());
}

bool Var::Truth() const {
  if (is_undefined() || is_none()) return false;
  if (is_bool()) return as_bool();
  if (is_int()) return as_int() != 0;
  if (is_double()) return as_double() != 0;
  if (is_string()) return !as_string().empty();
  if (is_list()) return !list()->has_length() || !list()->items.empty();
  if (is_dict()) return !dict()->items.empty();
  return object()->Truth();
}

namespace {

std::string ReprOfList(const List& list) {
  using Kind = List::Kind;
  if (list.kind == Kind::kIterator)
    throw RenderError{"the template prints an iterator (| list is missing)", 0};
  if (list.kind == Kind::kRange) throw RenderError{"the template prints a range", 0};
  if (list.kind == Kind::kSet && list.items.empty()) return "set()";
  if (list.kind == Kind::kSet && list.items.size() > 1)
    throw RenderError{"the template prints a set, which has no order", 0};
  std::string text;
  for (const Var& item : list.items) {
    text += (text.empty() ? "" : ", ") + item.Repr();
    CheckTextSize(text.size());
  }
  if (list.kind == Kind::kTuple) return "(" + text + (list.items.size() == 1 ? ",)" : ")");
  if (list.kind == Kind::kSet) return "{" + text + "}";
  return list.kind == Kind::kView ? fmt::format("{}([{}])", list.view, text) : "[" + text + "]";
}

}  // namespace

std::string Var::ToString() const {
  if (is_string()) return as_string();
  if (is_undefined()) return "";
  if (is_object()) return object()->ToString();
  return Repr();
}

std::string Var::Repr() const {
  if (is_undefined()) return "Undefined";
  if (is_none()) return "None";
  if (is_bool()) return as_bool() ? "True" : "False";
  if (is_int()) return std::to_string(as_int());
  if (is_double()) return ReprOfDouble(as_double());
  if (is_string()) return ReprOfText(as_string());
  if (is_object()) return object()->Repr();
  DeepWalk walk;
  if (is_list()) return ReprOfList(*list());
  std::string text;
  for (const auto& [key, value] : dict()->items) {
    text += (text.empty() ? "" : ", ") + key.Repr() + ": " + value.Repr();
    CheckTextSize(text.size());
  }
  return "{" + text + "}";
}

Value Var::ToValue() const {
  DeepWalk walk;
  if (is_none() || is_undefined()) return Value();
  if (is_bool()) return Value(as_bool());
  if (is_int()) return Value(static_cast<long long>(as_int()));
  if (is_double()) return Value(as_double());
  if (is_list()) {
    Value array = Value::MakeArray();
    for (const Var& item : list()->items) array.Append(item.ToValue());
    return array;
  }
  if (is_dict()) {
    Value object = Value::MakeObject();
    for (const auto& [key, value] : dict()->items) object.Set(key.ToString(), value.ToValue());
    return object;
  }
  return Value(is_object() ? object()->Repr() : ToString());
}

std::string_view Var::TypeName() const {
  if (is_undefined()) return "undefined";
  if (is_none()) return "None";
  if (is_bool()) return "bool";
  if (is_int()) return "int";
  if (is_double()) return "float";
  if (is_string()) return "str";
  if (is_list()) {
    constexpr std::string_view kNames[] = {"list", "tuple", "iterator", "view", "range", "set"};
    return kNames[static_cast<size_t>(list()->kind)];
  }
  if (is_dict()) return "dict";
  return "object";
}

namespace {

// What hangs on a setting that nobody told must not decide anything.
void RefuseUnknown(const Var& value) {
  bool unknown = value.is_string() ? value.as_string().find('\x01') != std::string::npos
                                   : value.is_object() && value.object()->IsUnknown();
  if (unknown)
    throw RenderError{"the template does more than print a setting that is not known", 0};
}

bool Holds(const std::vector<Var>& items, const Var& item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

bool SameItems(const List& a, const List& b) {
  if (a.kind != b.kind) return false;
  if (a.kind == List::Kind::kIterator) return &a == &b;
  if (a.kind != List::Kind::kSet) return a.items == b.items;
  return a.items.size() == b.items.size() &&
         std::all_of(a.items.begin(), a.items.end(),
                     [&](const Var& item) { return Holds(b.items, item); });
}

}  // namespace

bool operator==(const Var& a, const Var& b) {
  if (a.is_number() && b.is_number()) {
    if (a.is_double() || b.is_double()) return std::abs(a.as_double() - b.as_double()) == 0.0;
    return a.as_int() == b.as_int();
  }
  if (a.is_string() && b.is_string() && a.as_string() == b.as_string()) return true;
  RefuseUnknown(a);
  RefuseUnknown(b);
  if (a.data_.index() != b.data_.index() || a.is_string()) return false;
  DeepWalk walk;
  if (a.is_list()) return SameItems(*a.list(), *b.list());
  if (a.is_dict()) {
    if (a.dict()->items.size() != b.dict()->items.size()) return false;
    return std::all_of(a.dict()->items.begin(), a.dict()->items.end(), [&](const auto& item) {
      const Var* other = b.dict()->Find(item.first);
      return other && *other == item.second;
    });
  }
  if (a.is_object()) {
    if (a.object() == b.object()) return true;
    std::string key = a.object()->EqualityKey();
    return !key.empty() && key == b.object()->EqualityKey();
  }
  return true;  // None == None, Undefined == Undefined
}

bool Less(const Var& a, const Var& b) {
  RefuseUnknown(a);
  RefuseUnknown(b);
  if (a.is_number() && b.is_number()) {
    if (a.is_double() || b.is_double()) return a.as_double() < b.as_double();
    return a.as_int() < b.as_int();
  }
  if (a.is_string() && b.is_string()) return a.as_string() < b.as_string();
  bool ordered = a.is_list() && b.is_list() && a.list()->kind == b.list()->kind &&
                 (a.list()->kind == List::Kind::kList || a.list()->kind == List::Kind::kTuple);
  if (ordered) {
    DeepWalk walk;
    const auto& x = a.list()->items;
    const auto& y = b.list()->items;
    return std::lexicographical_compare(x.begin(), x.end(), y.begin(), y.end(), Less);
  }
  if (a.is_object() && b.is_object()) {
    if (std::optional<bool> less = a.object()->IsLess(*b.object())) return *less;
  }
  throw RenderError{fmt::format("'<' is not defined between {} and {}", a.TypeName(), b.TypeName()),
                    0};
}

}  // namespace layergate::jinja

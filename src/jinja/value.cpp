#include "jinja/value.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

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
  std::string ToString() const override { return fmt::format("<function {}>", name_); }

 private:
  std::string name_;
  Var::Function function_;
};

std::string ReprOfString(const std::string& text) {
  // Python prefers single quotes, unless the text holds one and no double quote.
  if (text.find('\x01') != std::string::npos)  // the mark of an unknown text: its quotes are, too
    throw RenderError{"a setting that is not known stands in a list", 0};
  bool use_double = text.find('\'') != std::string::npos && text.find('"') == std::string::npos;
  char quote = use_double ? '"' : '\'';
  std::string result(1, quote);
  for (char c : text) {
    if (c == '\n') {
      result += "\\n";
    } else if (c == '\t') {
      result += "\\t";
    } else if (c == '\r') {
      result += "\\r";
    } else {
      if (c == quote || c == '\\') result += '\\';
      result += c;
    }
  }
  return result + quote;
}

std::string ReprOfDouble(double d) {
  if (std::isnan(d)) return "nan";
  if (std::isinf(d)) return d < 0 ? "-inf" : "inf";
  std::string text = fmt::format("{}", d);
  bool whole = text.find_first_of(".en") == std::string::npos;
  return whole ? text + ".0" : text;
}

}  // namespace

namespace {

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
  throw RenderError{fmt::format("{} cannot be called", ToString()), 0};
}

Var Var::MakeList(std::vector<Var> items, bool tuple) {
  auto list = std::make_shared<List>();
  list->items = std::move(items);
  list->tuple = tuple;
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
  if (is_list()) return !list()->items.empty();
  if (is_dict()) return !dict()->items.empty();
  return object()->Truth();
}

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
  if (is_string()) return ReprOfString(as_string());
  if (is_object()) return object()->Repr();
  DeepWalk walk;
  std::string text;
  if (is_list()) {
    for (const Var& item : list()->items) {
      text += (text.empty() ? "" : ", ") + item.Repr();
      CheckTextSize(text.size());
    }
    if (!list()->tuple) return "[" + text + "]";
    return "(" + text + (list()->items.size() == 1 ? ",)" : ")");
  }
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
  if (is_list()) return list()->tuple ? "tuple" : "list";
  if (is_dict()) return "dict";
  return "object";
}

bool operator==(const Var& a, const Var& b) {
  if (a.is_number() && b.is_number()) {
    if (a.is_double() || b.is_double()) return std::abs(a.as_double() - b.as_double()) == 0.0;
    return a.as_int() == b.as_int();
  }
  if (a.data_.index() != b.data_.index()) return false;
  if (a.is_string()) return a.as_string() == b.as_string();
  DeepWalk walk;
  if (a.is_list()) return a.list()->items == b.list()->items;
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
  if (a.is_number() && b.is_number()) return a.as_double() < b.as_double();
  if (a.is_string() && b.is_string()) return a.as_string() < b.as_string();
  if (a.is_list() && b.is_list()) {
    DeepWalk walk;
    const auto& x = a.list()->items;
    const auto& y = b.list()->items;
    return std::lexicographical_compare(x.begin(), x.end(), y.begin(), y.end(), Less);
  }
  throw RenderError{fmt::format("'<' is not defined between {} and {}", a.TypeName(), b.TypeName()),
                    0};
}

}  // namespace layergate::jinja

// Jinja's tests and globals, and Python's json.dumps.
#include "jinja/builtins.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "core/text.h"
#include "jinja/operators.h"
#include "jinja/python_text.h"
#include "jinja/unknown.h"

namespace layergate::jinja {

std::string TextOf(const Arguments& arguments, size_t index, std::string_view name,
                   std::string_view otherwise) {
  const Var* given = arguments.Get(index, name);
  return given && !given->is_none() ? given->ToString() : std::string(otherwise);
}

int64_t NumberOf(const Arguments& arguments, size_t index, std::string_view name,
                 int64_t otherwise) {
  const Var* given = arguments.Get(index, name);
  if (!given || given->is_none()) return otherwise;
  if (const Unknown* unknown = AsUnknown(*given)) return unknown->Number();
  if (!given->is_number() || given->is_double())
    throw RenderError{fmt::format("'{}' must be a whole number", name), 0};
  return given->as_int();
}

bool FlagOf(const Arguments& arguments, size_t index, std::string_view name, bool otherwise) {
  const Var* given = arguments.Get(index, name);
  return given ? IsTrue(*given) : otherwise;
}

const Var& Needed(const Arguments& arguments, size_t index, std::string_view name) {
  const Var* given = arguments.Get(index, name);
  if (!given) throw RenderError{fmt::format("an argument '{}' is missing", name), 0};
  return *given;
}

std::string ReplaceAll(std::string text, const std::string& from, const std::string& to,
                       int64_t limit) {
  if (from.empty()) throw RenderError{"replacing an empty text is not supported", 0};
  for (size_t at = text.find(from); at != std::string::npos && limit != 0;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
    CheckTextSize(text.size());
    --limit;
  }
  return text;
}

namespace {

// ---- tests ----

using Test = bool (*)(Interpreter&, const Var&, const Arguments&);
struct TestEntry {
  Test run;
  size_t arguments = 0;
};

int64_t Remainder(const Var& value, int64_t divisor) {
  if (value.is_double()) throw RenderError{"the remainder of a fraction is not supported", 0};
  return Arithmetic("%", value, Var(divisor)).as_int();
}

bool Equal(Interpreter&, const Var& v, const Arguments& a) { return v == a.positional[0]; }
bool Unequal(Interpreter&, const Var& v, const Arguments& a) { return !(v == a.positional[0]); }

template <const char* kOperator>
bool Holds(Interpreter&, const Var& v, const Arguments& a) {
  return Compare(kOperator, v, a.positional[0]);
}
constexpr char kLess[] = "<", kLessEqual[] = "<=", kMore[] = ">", kMoreEqual[] = ">=";
constexpr char kIn[] = "in";

bool IsSequence(const Var& v) {
  return (v.is_list() && v.list()->has_index()) || v.is_string() || v.is_dict() || v.is_undefined();
}

// Python's `is`: lists and dictionaries by identity.
bool IsSame(const Var& a, const Var& b) {
  if (a.is_list() && b.is_list()) return a.list() == b.list();
  if (a.is_dict() && b.is_dict()) return a.dict() == b.dict();
  return a.TypeName() == b.TypeName() && a == b;
}

const std::map<std::string_view, TestEntry>& Tests() {
  static const std::map<std::string_view, TestEntry> kTests = {
      {"boolean", {[](Interpreter&, const Var& v, const Arguments&) { return v.is_bool(); }}},
      {"callable", {[](Interpreter&, const Var& v, const Arguments&) {
         return v.is_undefined() || (v.is_object() && v.object()->IsCallable());
       }}},
      {"defined", {[](Interpreter&, const Var& v, const Arguments&) { return !v.is_undefined(); }}},
      {"divisibleby",
       {[](Interpreter&, const Var& v, const Arguments& a) {
          return Remainder(v, NumberOf(a, 0, "num", 0)) == 0;
        },
        1}},
      {"eq", {Equal, 1}},
      {"equalto", {Equal, 1}},
      {"escaped", {[](Interpreter&, const Var&, const Arguments&) { return false; }}},
      {"even", {[](Interpreter&, const Var& v, const Arguments&) { return Remainder(v, 2) == 0; }}},
      {"false",
       {[](Interpreter&, const Var& v, const Arguments&) { return v.is_bool() && !v.as_bool(); }}},
      {"filter",
       {[](Interpreter&, const Var& v, const Arguments&) { return IsFilterName(v.ToString()); }}},
      {"float", {[](Interpreter&, const Var& v, const Arguments&) { return v.is_double(); }}},
      {"ge", {Holds<kMoreEqual>, 1}},
      {"gt", {Holds<kMore>, 1}},
      {"in", {Holds<kIn>, 1}},
      {"integer", {[](Interpreter&, const Var& v, const Arguments&) { return v.is_int(); }}},
      {"iterable", {[](Interpreter&, const Var& v, const Arguments&) {
         return v.is_list() || v.is_dict() || v.is_string() || v.is_undefined();
       }}},
      {"le", {Holds<kLessEqual>, 1}},
      {"lower",
       {[](Interpreter&, const Var& v, const Arguments&) { return IsLower(v.ToString()); }}},
      {"lt", {Holds<kLess>, 1}},
      {"mapping", {[](Interpreter&, const Var& v, const Arguments&) {
         return v.is_dict() || (v.is_object() && v.object()->IsMapping());
       }}},
      {"ne", {Unequal, 1}},
      {"none", {[](Interpreter&, const Var& v, const Arguments&) { return v.is_none(); }}},
      {"number", {[](Interpreter&, const Var& v, const Arguments&) { return v.is_number(); }}},
      {"odd", {[](Interpreter&, const Var& v, const Arguments&) { return Remainder(v, 2) == 1; }}},
      {"sameas",
       {[](Interpreter&, const Var& v, const Arguments& a) { return IsSame(v, a.positional[0]); },
        1}},
      {"sequence", {[](Interpreter&, const Var& v, const Arguments&) { return IsSequence(v); }}},
      {"string", {[](Interpreter&, const Var& v, const Arguments&) { return v.is_string(); }}},
      {"true",
       {[](Interpreter&, const Var& v, const Arguments&) { return v.is_bool() && v.as_bool(); }}},
      {"undefined",
       {[](Interpreter&, const Var& v, const Arguments&) { return v.is_undefined(); }}},
      {"upper",
       {[](Interpreter&, const Var& v, const Arguments&) { return IsUpper(v.ToString()); }}},
  };
  return kTests;
}

// ---- globals ----

class Namespace final : public Object {
 public:
  std::optional<Var> Attribute(std::string_view name) const override {
    auto found = values_.find(name);
    return found == values_.end() ? std::nullopt : std::optional<Var>(found->second);
  }
  bool SetAttribute(std::string_view name, const Var& value) override {
    values_[std::string(name)] = value;
    return true;
  }

 private:
  std::map<std::string, Var, std::less<>> values_;
};

Var Range(Interpreter& interpreter, const Arguments& arguments) {
  if (!arguments.named.empty() || arguments.positional.size() > 3)
    throw RenderError{"range takes one to three numbers", 0};
  Needed(arguments, 0, "stop");
  int64_t begin = 0, end = NumberOf(arguments, 0, "stop", 0),
          step = NumberOf(arguments, 2, "step", 1);
  if (arguments.positional.size() > 1) {
    begin = end;
    end = NumberOf(arguments, 1, "stop", 0);
  }
  if (step == 0) throw RenderError{"range cannot step by zero", 0};
  constexpr size_t kMost = 100'000;  // Jinja's sandbox has this limit, too
  std::vector<Var> items;
  for (int64_t i = begin; step > 0 ? i < end : i > end;) {
    interpreter.Step();
    if (items.size() >= kMost) throw RenderError{"range takes more steps than allowed", 0};
    items.emplace_back(i);
    if (__builtin_add_overflow(i, step, &i)) break;
  }
  return Var::MakeList(std::move(items), List::Kind::kRange);
}

Var ZipOf(Interpreter& interpreter, const Arguments& arguments) {
  std::vector<std::vector<Var>> columns;
  size_t length = SIZE_MAX;
  for (const auto& [name, value] : arguments.named) {
    if (name != "default") throw RenderError{"zip does not take " + name, 0};
  }
  for (const Var& argument : arguments.positional) {
    columns.push_back(interpreter.Iterate(argument));
    length = std::min(length, columns.back().size());
  }
  std::vector<Var> rows;
  for (size_t i = 0; !columns.empty() && i < length; ++i) {
    std::vector<Var> row;
    for (const auto& column : columns) row.push_back(column[i]);
    rows.push_back(Var::MakeTuple(std::move(row)));
  }
  return Var::MakeIterator(std::move(rows));
}

Var SetOf(Interpreter& interpreter, const Arguments& arguments) {
  std::vector<Var> kept;
  const Var& from = Needed(arguments, 0, "value");
  bool is_set = from.is_list() && from.list()->kind == List::Kind::kSet;
  for (const Var& item : is_set ? from.list()->items : interpreter.Iterate(from)) {
    interpreter.Step(kept.size() / 16);
    if ((item.is_list() && item.list()->kind != List::Kind::kTuple) || item.is_dict())
      throw RenderError{"a set of lists or dictionaries is not supported", 0};
    if (std::find(kept.begin(), kept.end(), item) == kept.end()) kept.push_back(item);
  }
  return Var::MakeList(std::move(kept), List::Kind::kSet);
}

Var DictOf(Interpreter& interpreter, const Arguments& arguments) {
  Var dict = Var::MakeDict();
  if (arguments.positional.size() > 1) throw RenderError{"dict takes one argument", 0};
  if (const Var* from = arguments.Get(0, ""); from && from->is_dict()) {
    dict.dict()->items = from->dict()->items;
  } else if (from) {
    for (const Var& pair : interpreter.Iterate(*from)) {
      interpreter.Step(dict.dict()->items.size() / 16);
      std::vector<Var> parts = interpreter.Iterate(pair);
      if (parts.size() != 2) throw RenderError{"dict needs pairs", 0};
      dict.dict()->Set(parts[0], parts[1]);
    }
  }
  for (const auto& [key, value] : arguments.named) dict.dict()->Set(Var(key), value);
  return dict;
}

Var NamespaceOf(Interpreter& interpreter, const Arguments& arguments) {
  auto space = std::make_shared<Namespace>();
  Var values = DictOf(interpreter, arguments);
  for (const auto& [key, value] : values.dict()->items) space->SetAttribute(key.ToString(), value);
  return Var(std::shared_ptr<Object>(std::move(space)));
}

// cycler('odd', 'even'): next(), reset(), current.
class Cycler final : public Object, public std::enable_shared_from_this<Cycler> {
 public:
  explicit Cycler(std::vector<Var> items) : items_(std::move(items)) {}
  std::optional<Var> Attribute(std::string_view name) const override {
    if (name == "current") return items_[at_];
    if (name != "next" && name != "reset") return std::nullopt;
    bool next = name == "next";
    auto self = std::const_pointer_cast<Cycler>(shared_from_this());
    return Var::MakeFunction(std::string(name), [self, next](Interpreter&, const Arguments&) {
      Var current = next ? self->items_[self->at_] : Var();
      self->at_ = next ? (self->at_ + 1) % self->items_.size() : 0;
      return current;
    });
  }

 private:
  std::vector<Var> items_;
  size_t at_ = 0;
};

// joiner(', '): nothing when it is called first, the separator from then on.
Var JoinerOf(Interpreter&, const Arguments& arguments) {
  std::string separator = TextOf(arguments, 0, "sep", ", ");
  auto used = std::make_shared<bool>(false);
  return Var::MakeFunction("joiner", [separator, used](Interpreter&, const Arguments&) {
    bool first = !*used;
    *used = true;
    return Var(first ? std::string() : separator);
  });
}

std::string JsonText(std::string_view text) {
  std::string result = "\"";
  for (std::string_view character : Characters(text)) {
    if (character.size() == 1 && static_cast<unsigned char>(character[0]) < 0x80) {
      char c = character[0];
      if (c == '\x01') throw RenderError{"a setting that is not known stands in JSON", 0};
      constexpr std::string_view kPlain = "\"\\\n\r\t\b\f", kEscapes = "\"\\nrtbf";
      size_t at = kPlain.find(c);
      if (at != std::string_view::npos) {
        result += '\\';
        result += kEscapes[at];
      } else if (c < 0x20) {
        result += fmt::format("\\u{:04x}", static_cast<int>(c));
      } else {
        result += c;
      }
      continue;
    }
    if (character.size() == 1) throw RenderError{"a text that is no UTF-8 stands in JSON", 0};
    uint32_t point = static_cast<unsigned char>(character[0]) & (character.size() == 2   ? 0x1FU
                                                                 : character.size() == 3 ? 0x0FU
                                                                                         : 0x07U);
    for (char c : character.substr(1)) point = point << 6 | (static_cast<unsigned char>(c) & 0x3FU);
    if (point >= 0x10000) {
      point -= 0x10000;
      result += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (point >> 10), 0xDC00 + (point & 0x3FF));
    } else {
      result += fmt::format("\\u{:04x}", point);
    }
  }
  return result + "\"";
}

std::string JsonKey(const Var& key) {
  if (key.is_string()) return key.as_string();
  if (key.is_none()) return "null";
  if (key.is_bool()) return key.as_bool() ? "true" : "false";
  if (key.is_number()) return key.ToString();
  throw RenderError{"this key cannot stand in JSON", 0};
}

}  // namespace

std::string DumpJson(const Var& value, bool sort_keys) {
  DeepWalk walk;
  std::string text;
  if (value.is_none()) return "null";
  if (value.is_bool()) return value.as_bool() ? "true" : "false";
  if (value.is_int()) return value.ToString();
  if (value.is_double()) {
    double number = value.as_double();
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
    return ReprOfDouble(number);
  }
  if (value.is_string()) return JsonText(value.as_string());
  bool array = value.is_list() && (value.list()->kind == List::Kind::kList ||
                                   value.list()->kind == List::Kind::kTuple);
  if (array) {
    for (const Var& item : value.list()->items) {
      text += (text.empty() ? "" : ", ") + DumpJson(item, sort_keys);
      CheckTextSize(text.size());
    }
    return "[" + text + "]";
  }
  if (!value.is_dict())
    throw RenderError{fmt::format("{} cannot be written as JSON", value.TypeName()), 0};
  auto items = value.dict()->items;
  if (sort_keys) {
    std::stable_sort(items.begin(), items.end(),
                     [](const auto& a, const auto& b) { return Less(a.first, b.first); });
  }
  for (const auto& [key, item] : items) {
    text += text.empty() ? "" : ", ";
    text += JsonText(JsonKey(key)) + ": " + DumpJson(item, sort_keys);
    CheckTextSize(text.size());
  }
  return "{" + text + "}";
}

bool BuiltinTest(Interpreter& interpreter, std::string_view name, const Var& operand,
                 const Arguments& arguments) {
  constexpr std::pair<std::string_view, std::string_view> kSigns[] = {
      {"==", "eq"}, {"!=", "ne"}, {"<", "lt"},           {"<=", "le"},
      {">", "gt"},  {">=", "ge"}, {"greaterthan", "gt"}, {"lessthan", "lt"}};
  for (const auto& [sign, word] : kSigns) {
    if (name == sign) name = word;
  }
  if (name == "test") return Tests().count(operand.ToString()) > 0;
  auto found = Tests().find(name);
  if (found == Tests().end()) throw RenderError{fmt::format("there is no test '{}'", name), 0};
  if (!arguments.named.empty() || arguments.positional.size() != found->second.arguments)
    throw RenderError{
        fmt::format("the test '{}' takes {} arguments", name, found->second.arguments), 0};
  return found->second.run(interpreter, operand, arguments);
}

std::optional<Var> BuiltinGlobal(std::string_view name) {
  if (name == "range") return Var::MakeFunction("range", Range);
  if (name == "zip" || name == "zip_strict") return Var::MakeFunction("zip", ZipOf);
  if (name == "set" || name == "set_strict") return Var::MakeFunction("set", SetOf);
  if (name == "dict") return Var::MakeFunction("dict", DictOf);
  if (name == "namespace") return Var::MakeFunction("namespace", NamespaceOf);
  if (name == "joiner") return Var::MakeFunction("joiner", JoinerOf);
  if (name == "cycler") {
    return Var::MakeFunction("cycler", [](Interpreter&, const Arguments& arguments) {
      if (arguments.positional.empty()) throw RenderError{"cycler needs values", 0};
      return Var(std::shared_ptr<Object>(std::make_shared<Cycler>(arguments.positional)));
    });
  }
  return std::nullopt;
}

}  // namespace layergate::jinja

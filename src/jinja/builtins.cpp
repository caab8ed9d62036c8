// Jinja's filters, tests and globals, and the Python methods of texts, lists and dictionaries that
// models call. Each name is one line in a table; what is not in a table is "not rendered".
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "core/text.h"
#include "jinja/interpreter.h"

namespace layergate::jinja {
namespace {

using Filter = Var (*)(Interpreter&, const Var&, const Arguments&);
using Test = bool (*)(Interpreter&, const Var&, const Arguments&);
using Method = Var (*)(const Var&, const Arguments&);

std::string TextOf(const Arguments& arguments, size_t index, std::string_view name,
                   std::string_view otherwise) {
  const Var* given = arguments.Get(index, name);
  return given && !given->is_none() ? given->ToString() : std::string(otherwise);
}
int64_t NumberOf(const Arguments& arguments, size_t index, std::string_view name,
                 int64_t otherwise) {
  const Var* given = arguments.Get(index, name);
  if (!given || given->is_none()) return otherwise;
  if (!given->is_number()) throw RenderError{fmt::format("'{}' must be a number", name), 0};
  return given->as_int();
}
bool FlagOf(const Arguments& arguments, size_t index, std::string_view name, bool otherwise) {
  const Var* given = arguments.Get(index, name);
  return given ? given->Truth() : otherwise;
}
const Var& Needed(const Arguments& arguments, size_t index, std::string_view name) {
  const Var* given = arguments.Get(index, name);
  if (!given) throw RenderError{fmt::format("an argument '{}' is missing", name), 0};
  return *given;
}

std::string ReplaceAll(std::string text, const std::string& from, const std::string& to,
                       int64_t limit = -1) {
  if (from.empty()) return text;
  for (size_t at = text.find(from); at != std::string::npos && limit != 0;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
    CheckTextSize(text.size());
    --limit;
  }
  return text;
}

std::string StripChars(std::string_view text, std::string_view chars, bool left, bool right) {
  size_t begin = left ? text.find_first_not_of(chars) : 0;
  if (begin == std::string_view::npos) return {};
  size_t end = right ? text.find_last_not_of(chars) : text.size() - 1;
  return std::string(text.substr(begin, end - begin + 1));
}

std::string Capitalize(std::string_view text) {
  std::string result = ToLower(text);
  if (!result.empty()) result[0] = ToUpper(result.substr(0, 1))[0];
  return result;
}

std::string Title(std::string_view text) {
  std::string result = ToLower(text);
  bool start = true;
  for (char& c : result) {
    bool letter = (c >= 'a' && c <= 'z');
    if (letter && start) c = static_cast<char>(c - 'a' + 'A');
    start = !letter;
  }
  return result;
}

// ---- filters ----

// map(attribute='x'), map('upper'), and the attribute of sort, unique, groupby: "a.b".
Var Path(Interpreter& interpreter, Var value, std::string_view path) {
  for (std::string_view part : Split(path, '.')) {
    value =
        value.is_dict() ? interpreter.Item(value, Var(part)) : interpreter.Attribute(value, part);
  }
  return value;
}

Arguments Tail(const Arguments& arguments, size_t from) {
  Arguments rest;
  for (size_t i = from; i < arguments.positional.size(); ++i)
    rest.positional.push_back(arguments.positional[i]);
  rest.named = arguments.named;
  return rest;
}

Var Map(Interpreter& interpreter, const Var& operand, const Arguments& arguments) {
  std::vector<Var> items;
  const Var* attribute = nullptr;
  for (const auto& [name, value] : arguments.named) {
    if (name == "attribute") attribute = &value;
  }
  for (const Var& item : interpreter.Iterate(operand)) {
    if (attribute) {
      items.push_back(Path(interpreter, item, attribute->ToString()));
    } else {
      items.push_back(interpreter.ApplyFilter(Needed(arguments, 0, "filter").ToString(), item,
                                              Tail(arguments, 1)));
    }
  }
  return Var::MakeList(std::move(items));
}

Var SelectBy(Interpreter& interpreter, const Var& operand, const Arguments& arguments,
             bool by_attribute, bool keep) {
  std::vector<Var> items;
  size_t first = by_attribute ? 1 : 0;
  for (const Var& item : interpreter.Iterate(operand)) {
    Var value =
        by_attribute ? Path(interpreter, item, Needed(arguments, 0, "attribute").ToString()) : item;
    bool holds = arguments.positional.size() > first
                     ? interpreter.ApplyTest(arguments.positional[first].ToString(), value,
                                             Tail(arguments, first + 1))
                     : value.Truth();
    if (holds == keep) items.push_back(item);
  }
  return Var::MakeList(std::move(items));
}

Var Sort(Interpreter& interpreter, const Var& operand, const Arguments& arguments) {
  std::vector<Var> items = interpreter.Iterate(operand);
  bool reverse = FlagOf(arguments, 0, "reverse", false);
  bool case_sensitive = FlagOf(arguments, 1, "case_sensitive", false);
  const Var* attribute = arguments.Get(2, "attribute");
  auto key = [&](const Var& item) {
    Var value =
        attribute && !attribute->is_none() ? Path(interpreter, item, attribute->ToString()) : item;
    if (!case_sensitive && value.is_string()) value = Var(ToLower(value.as_string()));
    return value;
  };
  std::stable_sort(items.begin(), items.end(), [&](const Var& a, const Var& b) {
    return reverse ? Less(key(b), key(a)) : Less(key(a), key(b));
  });
  return Var::MakeList(std::move(items));
}

Var Unique(Interpreter& interpreter, const Var& operand, const Arguments& arguments) {
  std::vector<Var> kept, seen;
  bool case_sensitive = FlagOf(arguments, 0, "case_sensitive", false);
  for (const Var& item : interpreter.Iterate(operand)) {
    Var key = !case_sensitive && item.is_string() ? Var(ToLower(item.as_string())) : item;
    if (std::find(seen.begin(), seen.end(), key) != seen.end()) continue;
    seen.push_back(key);
    kept.push_back(item);
  }
  return Var::MakeList(std::move(kept));
}

Var Join(Interpreter& interpreter, const Var& operand, const Arguments& arguments) {
  std::string separator = TextOf(arguments, 0, "d", "");
  const Var* attribute = arguments.Get(1, "attribute");
  std::string text;
  bool first = true;
  for (const Var& item : interpreter.Iterate(operand)) {
    if (!first) text += separator;
    first = false;
    text +=
        (attribute && !attribute->is_none() ? Path(interpreter, item, attribute->ToString()) : item)
            .ToString();
    CheckTextSize(text.size());
  }
  return Var(std::move(text));
}

Var Length(Interpreter& interpreter, const Var& operand, const Arguments&) {
  if (operand.is_string()) {
    const std::string& text = operand.as_string();
    return Var(static_cast<int64_t>(std::count_if(text.begin(), text.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    })));
  }
  return Var(static_cast<int64_t>(interpreter.Iterate(operand).size()));
}

Var ToInt(Interpreter&, const Var& operand, const Arguments& arguments) {
  if (operand.is_number()) return Var(operand.as_int());
  std::string text(Trim(operand.ToString()));
  try {
    size_t used = 0;
    int64_t number = std::stoll(text, &used);
    if (used == text.size()) return Var(number);
    double real = std::stod(text, &used);
    if (used == text.size()) return Var(static_cast<int64_t>(real));
  } catch (const std::exception&) {
    // Jinja's int gives its default for what is no number.
  }
  return Var(NumberOf(arguments, 0, "default", 0));
}

Var ToFloat(Interpreter&, const Var& operand, const Arguments&) {
  if (operand.is_number()) return Var(operand.as_double());
  try {
    return Var(std::stod(operand.ToString()));
  } catch (const std::exception&) {
    return Var(0.0);
  }
}

Var Round(Interpreter&, const Var& operand, const Arguments& arguments) {
  if (!operand.is_number()) throw RenderError{"round needs a number", 0};
  double scale = std::pow(10.0, static_cast<double>(NumberOf(arguments, 0, "precision", 0)));
  std::string method = TextOf(arguments, 1, "method", "common");
  double scaled = operand.as_double() * scale;
  double rounded = method == "ceil"    ? std::ceil(scaled)
                   : method == "floor" ? std::floor(scaled)
                                       : std::nearbyint(scaled);
  return Var(rounded / scale);
}

Var Batch(Interpreter& interpreter, const Var& operand, const Arguments& arguments) {
  int64_t size = NumberOf(arguments, 0, "linecount", 1);
  if (size < 1) throw RenderError{"batch needs a size", 0};
  std::vector<Var> batches;
  for (const Var& item : interpreter.Iterate(operand)) {
    if (batches.empty() || static_cast<int64_t>(batches.back().list()->items.size()) == size) {
      batches.push_back(Var::MakeList());
    }
    batches.back().list()->items.push_back(item);
  }
  return Var::MakeList(std::move(batches));
}

Var Sum(Interpreter& interpreter, const Var& operand, const Arguments&) {
  double total = 0;
  bool whole = true;
  for (const Var& item : interpreter.Iterate(operand)) {
    if (!item.is_number()) throw RenderError{"sum needs numbers", 0};
    whole = whole && !item.is_double();
    total += item.as_double();
  }
  return whole ? Var(static_cast<int64_t>(total)) : Var(total);
}

Var Extreme(Interpreter& interpreter, const Var& operand, bool largest) {
  std::vector<Var> items = interpreter.Iterate(operand);
  if (items.empty()) return Var(Undefined{"the extreme of nothing"});
  auto at = largest ? std::max_element(items.begin(), items.end(), Less)
                    : std::min_element(items.begin(), items.end(), Less);
  return *at;
}

Var Indent(const std::string& text, const Arguments& arguments) {
  const Var* width = arguments.Get(0, "width");
  std::string pad = width && width->is_string()
                        ? width->as_string()
                        : std::string(static_cast<size_t>(std::clamp<int64_t>(
                                          NumberOf(arguments, 0, "width", 4), 0, 1000)),
                                      ' ');
  std::string result = FlagOf(arguments, 1, "first", false) ? pad : "";
  bool blank = FlagOf(arguments, 2, "blank", false);
  for (size_t i = 0; i < text.size(); ++i) {
    result += text[i];
    bool next_is_blank = i + 1 < text.size() && text[i + 1] == '\n';
    if (text[i] == '\n' && i + 1 < text.size() && (blank || !next_is_blank)) result += pad;
    CheckTextSize(result.size());
  }
  return Var(std::move(result));
}

Var Default(Interpreter&, const Var& operand, const Arguments& arguments) {
  bool falsy_too = FlagOf(arguments, 1, "boolean", false);
  if (!operand.is_undefined() && (!falsy_too || operand.Truth())) return operand;
  const Var* otherwise = arguments.Get(0, "default_value");
  return otherwise ? *otherwise : Var("");
}

Var Items(Interpreter&, const Var& operand, const Arguments&) {
  std::vector<Var> items;
  if (operand.is_dict()) {
    for (const auto& [key, value] : operand.dict()->items)
      items.push_back(Var::MakeList({key, value}, true));
  }
  return Var::MakeList(std::move(items));
}

Var DictSort(Interpreter& interpreter, const Var& operand, const Arguments& arguments) {
  std::vector<Var> items = interpreter.Iterate(Items(interpreter, operand, arguments));
  std::stable_sort(items.begin(), items.end(), [](const Var& a, const Var& b) {
    return Less(a.list()->items[0], b.list()->items[0]);
  });
  return Var::MakeList(std::move(items));
}

Var GroupBy(Interpreter& interpreter, const Var& operand, const Arguments& arguments) {
  std::string path = Needed(arguments, 0, "attribute").ToString();
  Arguments by;
  by.named.emplace_back("attribute", Var(path));
  std::vector<Var> groups;
  for (const Var& item : interpreter.Iterate(Sort(interpreter, operand, by))) {
    Var key = Path(interpreter, item, path);
    if (groups.empty() || !(groups.back().list()->items[0] == key)) {
      groups.push_back(Var::MakeList({key, Var::MakeList()}, true));
      groups.back().list()->group = true;
    }
    groups.back().list()->items[1].list()->items.push_back(item);
  }
  return Var::MakeList(std::move(groups));
}

const std::map<std::string_view, Filter>& Filters() {
  static const std::map<std::string_view, Filter> kFilters = {
      {"abs",
       [](Interpreter&, const Var& v, const Arguments&) {
         return v.is_double() ? Var(std::abs(v.as_double())) : Var(std::abs(v.as_int()));
       }},
      {"as_bool",
       [](Interpreter&, const Var& v, const Arguments&) {
         return v.is_string() ? Var(EqualsIgnoreCase(v.as_string(), "true")) : Var(v.Truth());
       }},
      {"as_native", [](Interpreter&, const Var& v, const Arguments&) { return v; }},
      {"as_number", ToInt},
      {"as_text", [](Interpreter&, const Var& v, const Arguments&) { return Var(v.ToString()); }},
      {"attr", [](Interpreter& i, const Var& v,
                  const Arguments& a) { return i.Attribute(v, Needed(a, 0, "name").ToString()); }},
      {"batch", Batch},
      {"capitalize",
       [](Interpreter&, const Var& v, const Arguments&) { return Var(Capitalize(v.ToString())); }},
      {"count", Length},
      {"d", Default},
      {"default", Default},
      {"dictsort", DictSort},
      {"e", [](Interpreter&, const Var& v, const Arguments&) { return v; }},
      {"escape", [](Interpreter&, const Var& v, const Arguments&) { return v; }},
      {"first",
       [](Interpreter& i, const Var& v, const Arguments&) {
         auto items = i.Iterate(v);
         return items.empty() ? Var(Undefined{"the first of nothing"}) : items.front();
       }},
      {"float", ToFloat},
      {"format",
       [](Interpreter&, const Var& v, const Arguments& a) {
         return Var(FormatPercent(v.ToString(), Var::MakeList(a.positional, true)));
       }},
      {"groupby", GroupBy},
      {"indent",
       [](Interpreter&, const Var& v, const Arguments& a) { return Indent(v.ToString(), a); }},
      {"int", ToInt},
      {"items", Items},
      {"join", Join},
      {"last",
       [](Interpreter& i, const Var& v, const Arguments&) {
         auto items = i.Iterate(v);
         return items.empty() ? Var(Undefined{"the last of nothing"}) : items.back();
       }},
      {"length", Length},
      {"list",
       [](Interpreter& i, const Var& v, const Arguments&) { return Var::MakeList(i.Iterate(v)); }},
      {"lower",
       [](Interpreter&, const Var& v, const Arguments&) { return Var(ToLower(v.ToString())); }},
      {"map", Map},
      {"max", [](Interpreter& i, const Var& v, const Arguments&) { return Extreme(i, v, true); }},
      {"min", [](Interpreter& i, const Var& v, const Arguments&) { return Extreme(i, v, false); }},
      {"reject", [](Interpreter& i, const Var& v,
                    const Arguments& a) { return SelectBy(i, v, a, false, false); }},
      {"rejectattr", [](Interpreter& i, const Var& v,
                        const Arguments& a) { return SelectBy(i, v, a, true, false); }},
      {"replace",
       [](Interpreter&, const Var& v, const Arguments& a) {
         return Var(ReplaceAll(v.ToString(), Needed(a, 0, "old").ToString(),
                               Needed(a, 1, "new").ToString(), NumberOf(a, 2, "count", -1)));
       }},
      {"reverse",
       [](Interpreter& i, const Var& v, const Arguments&) {
         auto items = i.Iterate(v);
         std::reverse(items.begin(), items.end());
         if (v.is_string()) {
           std::string t;
           for (const Var& c : items) t += c.as_string();
           return Var(t);
         }
         return Var::MakeList(std::move(items));
       }},
      {"round", Round},
      {"safe", [](Interpreter&, const Var& v, const Arguments&) { return v; }},
      {"select", [](Interpreter& i, const Var& v,
                    const Arguments& a) { return SelectBy(i, v, a, false, true); }},
      {"selectattr", [](Interpreter& i, const Var& v,
                        const Arguments& a) { return SelectBy(i, v, a, true, true); }},
      {"sort", Sort},
      {"string", [](Interpreter&, const Var& v, const Arguments&) { return Var(v.ToString()); }},
      {"sum", Sum},
      {"title",
       [](Interpreter&, const Var& v, const Arguments&) { return Var(Title(v.ToString())); }},
      {"tojson",
       [](Interpreter&, const Var& v, const Arguments&) { return Var(DumpJson(v, true)); }},
      {"trim",
       [](Interpreter&, const Var& v, const Arguments& a) {
         return Var(StripChars(v.ToString(), TextOf(a, 0, "chars", " \t\r\n\v\f"), true, true));
       }},
      {"unique", Unique},
      {"upper",
       [](Interpreter&, const Var& v, const Arguments&) { return Var(ToUpper(v.ToString())); }},
  };
  return kFilters;
}

// ---- tests ----

bool IsIterable(const Var& v) {
  return v.is_list() || v.is_dict() || v.is_string() || v.is_undefined();
}

const std::map<std::string_view, Test>& Tests() {
  static const std::map<std::string_view, Test> kTests = {
      {"boolean", [](Interpreter&, const Var& v, const Arguments&) { return v.is_bool(); }},
      {"callable", [](Interpreter&, const Var& v,
                      const Arguments&) { return v.is_object() && v.object()->IsCallable(); }},
      {"defined", [](Interpreter&, const Var& v, const Arguments&) { return !v.is_undefined(); }},
      {"divisibleby",
       [](Interpreter&, const Var& v, const Arguments& a) {
         int64_t n = NumberOf(a, 0, "num", 1);
         return v.is_int() && n != 0 && v.as_int() % n == 0;
       }},
      {"eq",
       [](Interpreter&, const Var& v, const Arguments& a) { return v == Needed(a, 0, "other"); }},
      {"equalto",
       [](Interpreter&, const Var& v, const Arguments& a) { return v == Needed(a, 0, "other"); }},
      {"even", [](Interpreter&, const Var& v,
                  const Arguments&) { return v.is_int() && v.as_int() % 2 == 0; }},
      {"false",
       [](Interpreter&, const Var& v, const Arguments&) { return v.is_bool() && !v.as_bool(); }},
      {"float", [](Interpreter&, const Var& v, const Arguments&) { return v.is_double(); }},
      {"ge", [](Interpreter&, const Var& v,
                const Arguments& a) { return !Less(v, Needed(a, 0, "other")); }},
      {"gt", [](Interpreter&, const Var& v,
                const Arguments& a) { return Less(Needed(a, 0, "other"), v); }},
      {"in",
       [](Interpreter& i, const Var& v, const Arguments& a) {
         auto items = i.Iterate(Needed(a, 0, "seq"));
         return std::find(items.begin(), items.end(), v) != items.end();
       }},
      {"integer", [](Interpreter&, const Var& v, const Arguments&) { return v.is_int(); }},
      {"iterable", [](Interpreter&, const Var& v, const Arguments&) { return IsIterable(v); }},
      {"le", [](Interpreter&, const Var& v,
                const Arguments& a) { return !Less(Needed(a, 0, "other"), v); }},
      {"lower", [](Interpreter&, const Var& v,
                   const Arguments&) { return v.ToString() == ToLower(v.ToString()); }},
      {"lt", [](Interpreter&, const Var& v,
                const Arguments& a) { return Less(v, Needed(a, 0, "other")); }},
      {"mapping",
       [](Interpreter&, const Var& v, const Arguments&) {
         return v.is_dict() || (v.is_object() && v.object()->IsMapping());
       }},
      {"ne", [](Interpreter&, const Var& v,
                const Arguments& a) { return !(v == Needed(a, 0, "other")); }},
      {"none", [](Interpreter&, const Var& v, const Arguments&) { return v.is_none(); }},
      {"number", [](Interpreter&, const Var& v, const Arguments&) { return v.is_number(); }},
      {"odd", [](Interpreter&, const Var& v,
                 const Arguments&) { return v.is_int() && v.as_int() % 2 != 0; }},
      {"sameas",
       [](Interpreter&, const Var& v, const Arguments& a) { return v == Needed(a, 0, "other"); }},
      {"sequence", [](Interpreter&, const Var& v,
                      const Arguments&) { return v.is_list() || v.is_string() || v.is_dict(); }},
      {"string", [](Interpreter&, const Var& v, const Arguments&) { return v.is_string(); }},
      {"true",
       [](Interpreter&, const Var& v, const Arguments&) { return v.is_bool() && v.as_bool(); }},
      {"undefined", [](Interpreter&, const Var& v, const Arguments&) { return v.is_undefined(); }},
      {"upper", [](Interpreter&, const Var& v,
                   const Arguments&) { return v.ToString() == ToUpper(v.ToString()); }},
  };
  return kTests;
}

// ---- methods ----

Var SplitMethod(const Var& self, const Arguments& arguments) {
  const std::string& text = self.as_string();
  const Var* separator = arguments.Get(0, "sep");
  int64_t limit = NumberOf(arguments, 1, "maxsplit", -1);
  std::vector<Var> parts;
  if (separator && !separator->is_none()) {
    const std::string by = separator->ToString();
    if (by.empty()) throw RenderError{"split needs a separator", 0};
    size_t begin = 0;
    for (size_t at = text.find(by); at != std::string::npos && limit != 0;
         at = text.find(by, begin)) {
      parts.emplace_back(text.substr(begin, at - begin));
      begin = at + by.size();
      --limit;
    }
    parts.emplace_back(text.substr(begin));
    return Var::MakeList(std::move(parts));
  }
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  for (size_t begin = text.find_first_not_of(kSpace); begin != std::string::npos;) {
    size_t end = std::min(text.find_first_of(kSpace, begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(kSpace, end);
  }
  return Var::MakeList(std::move(parts));
}

bool AnyAffix(const Var& self, const Arguments& arguments, bool prefix) {
  const std::string& text = self.as_string();
  auto matches = [&](const Var& affix) {
    const std::string part = affix.ToString();
    if (part.size() > text.size()) return false;
    return text.compare(prefix ? 0 : text.size() - part.size(), part.size(), part) == 0;
  };
  const Var& affix = Needed(arguments, 0, "prefix");
  if (!affix.is_list()) return matches(affix);
  return std::any_of(affix.list()->items.begin(), affix.list()->items.end(), matches);
}

// str.format: {}, {0}, {name}, and {{ }} for braces. Format specifications are not supported.
Var FormatMethod(const Var& self, const Arguments& arguments) {
  const std::string& text = self.as_string();
  std::string result;
  size_t next = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if ((c == '{' || c == '}') && i + 1 < text.size() && text[i + 1] == c) {
      result += c;
      ++i;
    } else if (c == '{') {
      size_t close = text.find('}', i);
      if (close == std::string::npos) throw RenderError{"format: '{' is never closed", 0};
      std::string field = text.substr(i + 1, close - i - 1);
      if (field.find_first_of(":!.[") != std::string::npos)
        throw RenderError{"format specifications are not supported", 0};
      const Var* value = nullptr;
      if (field.empty()) {
        value = arguments.Get(next++, "");
      } else if (field.find_first_not_of("0123456789") == std::string::npos) {
        value = arguments.Get(std::stoul(field.substr(0, 6)), "");
      } else {
        value = arguments.Get(arguments.positional.size(), field);
      }
      if (!value) throw RenderError{"format: no value for {" + field + "}", 0};
      result += value->ToString();
      i = close;
    } else {
      result += c;
    }
  }
  return Var(std::move(result));
}

Var ZFill(const Var& self, const Arguments& arguments) {
  std::string text = self.as_string();
  auto width =
      static_cast<size_t>(std::clamp<int64_t>(NumberOf(arguments, 0, "width", 0), 0, 10000));
  size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  if (text.size() < width) text.insert(sign, width - text.size(), '0');
  return Var(std::move(text));
}

Var JoinMethod(const Var& self, const Arguments& arguments) {
  const Var& parts = Needed(arguments, 0, "iterable");
  std::vector<Var> items;
  if (parts.is_list()) items = parts.list()->items;
  if (parts.is_dict()) {
    for (const auto& [key, value] : parts.dict()->items) items.push_back(key);
  }
  std::string text;
  for (size_t i = 0; i < items.size(); ++i) {
    if (!items[i].is_string()) throw RenderError{"join: not a text", 0};
    text += (i ? self.as_string() : "") + items[i].as_string();
    CheckTextSize(text.size());
  }
  return Var(std::move(text));
}

template <bool (*Is)(char)>
Var AllAre(const Var& self, const Arguments&) {
  const std::string& text = self.as_string();
  return Var(!text.empty() && std::all_of(text.begin(), text.end(), Is));
}
bool IsDigitChar(char c) { return c >= '0' && c <= '9'; }
bool IsAlphaChar(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsAlnumChar(char c) { return IsDigitChar(c) || IsAlphaChar(c); }

constexpr char kSpaces[] = " \t\r\n\v\f";

const std::map<std::string_view, Method>& StringMethods() {
  static const std::map<std::string_view, Method> kMethods = {
      {"capitalize", [](const Var& s, const Arguments&) { return Var(Capitalize(s.as_string())); }},
      {"count",
       [](const Var& s, const Arguments& a) {
         std::string part = Needed(a, 0, "sub").ToString();
         int64_t n = 0;
         for (size_t at = s.as_string().find(part); !part.empty() && at != std::string::npos;
              at = s.as_string().find(part, at + part.size()))
           ++n;
         return Var(n);
       }},
      {"endswith", [](const Var& s, const Arguments& a) { return Var(AnyAffix(s, a, false)); }},
      {"find",
       [](const Var& s, const Arguments& a) {
         size_t at = s.as_string().find(Needed(a, 0, "sub").ToString());
         return Var(at == std::string::npos ? int64_t{-1} : static_cast<int64_t>(at));
       }},
      {"format", FormatMethod},
      {"isalnum", AllAre<IsAlnumChar>},
      {"isalpha", AllAre<IsAlphaChar>},
      {"isdigit", AllAre<IsDigitChar>},
      {"join", JoinMethod},
      {"lower", [](const Var& s, const Arguments&) { return Var(ToLower(s.as_string())); }},
      {"lstrip",
       [](const Var& s, const Arguments& a) {
         return Var(StripChars(s.as_string(), TextOf(a, 0, "chars", kSpaces), true, false));
       }},
      {"replace",
       [](const Var& s, const Arguments& a) {
         return Var(ReplaceAll(s.as_string(), Needed(a, 0, "old").ToString(),
                               Needed(a, 1, "new").ToString(), NumberOf(a, 2, "count", -1)));
       }},
      {"rstrip",
       [](const Var& s, const Arguments& a) {
         return Var(StripChars(s.as_string(), TextOf(a, 0, "chars", kSpaces), false, true));
       }},
      {"split", SplitMethod},
      {"startswith", [](const Var& s, const Arguments& a) { return Var(AnyAffix(s, a, true)); }},
      {"strip",
       [](const Var& s, const Arguments& a) {
         return Var(StripChars(s.as_string(), TextOf(a, 0, "chars", kSpaces), true, true));
       }},
      {"title", [](const Var& s, const Arguments&) { return Var(Title(s.as_string())); }},
      {"upper", [](const Var& s, const Arguments&) { return Var(ToUpper(s.as_string())); }},
      {"zfill", ZFill},
  };
  return kMethods;
}

const std::map<std::string_view, Method>& ListMethods() {
  static const std::map<std::string_view, Method> kMethods = {
      {"append",
       [](const Var& s, const Arguments& a) {
         s.list()->items.push_back(Needed(a, 0, "object"));
         return Var();
       }},
      {"copy", [](const Var& s, const Arguments&) { return Var::MakeList(s.list()->items); }},
      {"count",
       [](const Var& s, const Arguments& a) {
         return Var(static_cast<int64_t>(
             std::count(s.list()->items.begin(), s.list()->items.end(), Needed(a, 0, "value"))));
       }},
      {"extend",
       [](const Var& s, const Arguments& a) {
         const Var& more = Needed(a, 0, "iterable");
         if (!more.is_list()) throw RenderError{"extend needs a list", 0};
         std::vector<Var> items = more.list()->items;
         if (items.size() + s.list()->items.size() > 5'000'000)
           throw RenderError{"list too long", 0};
         s.list()->items.insert(s.list()->items.end(), items.begin(), items.end());
         return Var();
       }},
      {"index",
       [](const Var& s, const Arguments& a) {
         auto at = std::find(s.list()->items.begin(), s.list()->items.end(), Needed(a, 0, "value"));
         if (at == s.list()->items.end()) throw RenderError{"index: no such item", 0};
         return Var(static_cast<int64_t>(at - s.list()->items.begin()));
       }},
      {"insert",
       [](const Var& s, const Arguments& a) {
         auto& items = s.list()->items;
         int64_t at =
             std::clamp<int64_t>(NumberOf(a, 0, "index", 0), 0, static_cast<int64_t>(items.size()));
         items.insert(items.begin() + at, Needed(a, 1, "object"));
         return Var();
       }},
      {"pop",
       [](const Var& s, const Arguments& a) {
         auto& items = s.list()->items;
         int64_t at = NumberOf(a, 0, "index", -1);
         if (at < 0) at += static_cast<int64_t>(items.size());
         if (at < 0 || at >= static_cast<int64_t>(items.size()))
           throw RenderError{"pop: no such item", 0};
         Var item = items[static_cast<size_t>(at)];
         items.erase(items.begin() + at);
         return item;
       }},
      {"remove",
       [](const Var& s, const Arguments& a) {
         auto& items = s.list()->items;
         auto at = std::find(items.begin(), items.end(), Needed(a, 0, "value"));
         if (at == items.end()) throw RenderError{"remove: no such item", 0};
         items.erase(at);
         return Var();
       }},
      {"reverse",
       [](const Var& s, const Arguments&) {
         std::reverse(s.list()->items.begin(), s.list()->items.end());
         return Var();
       }},
      {"sort",
       [](const Var& s, const Arguments& a) {
         bool reverse = FlagOf(a, 1, "reverse", false);
         std::stable_sort(
             s.list()->items.begin(), s.list()->items.end(),
             [&](const Var& x, const Var& y) { return reverse ? Less(y, x) : Less(x, y); });
         return Var();
       }},
  };
  return kMethods;
}

const std::map<std::string_view, Method>& DictMethods() {
  static const std::map<std::string_view, Method> kMethods = {
      {"copy",
       [](const Var& s, const Arguments&) {
         Var copy = Var::MakeDict();
         copy.dict()->items = s.dict()->items;
         return copy;
       }},
      {"get",
       [](const Var& s, const Arguments& a) {
         Var* found = s.dict()->Find(Needed(a, 0, "key"));
         if (found) return *found;
         const Var* otherwise = a.Get(1, "default");
         return otherwise ? *otherwise : Var();
       }},
      {"items",
       [](const Var& s, const Arguments&) {
         std::vector<Var> items;
         for (const auto& [k, v] : s.dict()->items) items.push_back(Var::MakeList({k, v}, true));
         return Var::MakeList(std::move(items));
       }},
      {"keys",
       [](const Var& s, const Arguments&) {
         std::vector<Var> keys;
         for (const auto& [k, v] : s.dict()->items) keys.push_back(k);
         return Var::MakeList(std::move(keys));
       }},
      {"pop",
       [](const Var& s, const Arguments& a) {
         const Var& key = Needed(a, 0, "key");
         Var* found = s.dict()->Find(key);
         if (found) {
           Var value = *found;
           s.dict()->Erase(key);
           return value;
         }
         return a.Get(1, "default") ? *a.Get(1, "default") : Var();
       }},
      {"setdefault",
       [](const Var& s, const Arguments& a) {
         const Var& key = Needed(a, 0, "key");
         if (!s.dict()->Find(key))
           s.dict()->Set(key, a.Get(1, "default") ? *a.Get(1, "default") : Var());
         return *s.dict()->Find(key);
       }},
      {"update",
       [](const Var& s, const Arguments& a) {
         if (const Var* more = a.Get(0, ""); more && more->is_dict()) {
           auto items = more->dict()->items;
           for (auto& [k, v] : items) s.dict()->Set(k, v);
         }
         for (const auto& [k, v] : a.named) s.dict()->Set(Var(k), v);
         return Var();
       }},
      {"values",
       [](const Var& s, const Arguments&) {
         std::vector<Var> values;
         for (const auto& [k, v] : s.dict()->items) values.push_back(v);
         return Var::MakeList(std::move(values));
       }},
  };
  return kMethods;
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
  int64_t begin = 0, end = NumberOf(arguments, 0, "stop", 0),
          step = NumberOf(arguments, 2, "step", 1);
  if (arguments.positional.size() > 1) {
    begin = end;
    end = NumberOf(arguments, 1, "stop", 0);
  }
  if (step == 0) throw RenderError{"range cannot step by zero", 0};
  std::vector<Var> items;
  for (int64_t i = begin; step > 0 ? i < end : i > end; i += step) {
    interpreter.Step();
    items.emplace_back(i);
  }
  return Var::MakeList(std::move(items));
}

Var ZipOf(Interpreter& interpreter, const Arguments& arguments) {
  std::vector<std::vector<Var>> columns;
  size_t length = SIZE_MAX;
  for (const Var& argument : arguments.positional) {
    columns.push_back(interpreter.Iterate(argument));
    length = std::min(length, columns.back().size());
  }
  std::vector<Var> rows;
  for (size_t i = 0; !columns.empty() && i < length; ++i) {
    std::vector<Var> row;
    for (const auto& column : columns) row.push_back(column[i]);
    rows.push_back(Var::MakeList(std::move(row), true));
  }
  return Var::MakeList(std::move(rows));
}

Var SetOf(Interpreter& interpreter, const Arguments& arguments) {
  std::vector<Var> kept;
  const Var* from = arguments.Get(0, "value");
  if (from) {
    for (const Var& item : interpreter.Iterate(*from)) {
      if (std::find(kept.begin(), kept.end(), item) == kept.end()) kept.push_back(item);
    }
  }
  return Var::MakeList(std::move(kept));
}

}  // namespace

std::string DumpJson(const Var& value, bool sort_keys) {
  DeepWalk walk;
  std::string text;
  if (value.is_list()) {
    for (const Var& item : value.list()->items) {
      text += (text.empty() ? "" : ", ") + DumpJson(item, sort_keys);
      CheckTextSize(text.size());
    }
    return "[" + text + "]";
  }
  if (!value.is_dict()) return WriteJson(value.ToValue());
  auto items = value.dict()->items;
  if (sort_keys) {
    std::stable_sort(items.begin(), items.end(), [](const auto& a, const auto& b) {
      return a.first.ToString() < b.first.ToString();
    });
  }
  for (const auto& [key, item] : items) {
    text += text.empty() ? "" : ", ";
    text += WriteJson(Value(key.ToString())) + ": " + DumpJson(item, sort_keys);
    CheckTextSize(text.size());
  }
  return "{" + text + "}";
}

std::optional<Var> BuiltinMethod(const Var& object, std::string_view name) {
  const std::map<std::string_view, Method>* methods = object.is_string() ? &StringMethods()
                                                      : object.is_list() ? &ListMethods()
                                                      : object.is_dict() ? &DictMethods()
                                                                         : nullptr;
  if (!methods) return std::nullopt;
  auto found = methods->find(name);
  if (found == methods->end()) return std::nullopt;
  Method method = found->second;
  return Var::MakeFunction(std::string(name),
                           [object, method](Interpreter&, const Arguments& arguments) {
                             return method(object, arguments);
                           });
}

Var BuiltinFilter(Interpreter& interpreter, std::string_view name, const Var& operand,
                  const Arguments& arguments) {
  auto found = Filters().find(name);
  if (found == Filters().end()) throw RenderError{fmt::format("there is no filter '{}'", name), 0};
  return found->second(interpreter, operand, arguments);
}

bool BuiltinTest(Interpreter& interpreter, std::string_view name, const Var& operand,
                 const Arguments& arguments) {
  constexpr std::pair<std::string_view, std::string_view> kSigns[] = {
      {"==", "eq"}, {"!=", "ne"}, {"<", "lt"},           {"<=", "le"},
      {">", "gt"},  {">=", "ge"}, {"greaterthan", "gt"}, {"lessthan", "lt"}};
  for (const auto& [sign, word] : kSigns) {
    if (name == sign) name = word;
  }
  auto found = Tests().find(name);
  if (found == Tests().end()) throw RenderError{fmt::format("there is no test '{}'", name), 0};
  return found->second(interpreter, operand, arguments);
}

std::optional<Var> BuiltinGlobal(std::string_view name) {
  if (name == "range") return Var::MakeFunction("range", Range);
  if (name == "zip") return Var::MakeFunction("zip", ZipOf);
  if (name == "set" || name == "set_strict") return Var::MakeFunction("set", SetOf);
  if (name == "dict") {
    return Var::MakeFunction("dict", [](Interpreter&, const Arguments& arguments) {
      Var dict = Var::MakeDict();
      if (const Var* from = arguments.Get(0, ""); from && from->is_dict())
        dict.dict()->items = from->dict()->items;
      for (const auto& [key, value] : arguments.named) dict.dict()->Set(Var(key), value);
      return dict;
    });
  }
  if (name == "namespace") {
    return Var::MakeFunction("namespace", [](Interpreter&, const Arguments& arguments) {
      auto space = std::make_shared<Namespace>();
      for (const auto& [key, value] : arguments.named) space->SetAttribute(key, value);
      return Var(std::shared_ptr<Object>(std::move(space)));
    });
  }
  return std::nullopt;
}

std::string FormatPercent(const std::string& format, const Var& values) {
  std::vector<Var> items =
      values.is_list() && values.list()->tuple ? values.list()->items : std::vector<Var>{values};
  std::string result;
  size_t next = 0;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      result += format[i];
      continue;
    }
    if (++i >= format.size()) throw RenderError{"incomplete format", 0};
    if (format[i] == '%') {
      result += '%';
      continue;
    }
    bool zero = format[i] == '0';
    size_t width = 0;
    while (i < format.size() && IsDigitChar(format[i]) && width < 1000) {
      width = width * 10 + static_cast<size_t>(format[i++] - '0');
    }
    if (i >= format.size() || next >= items.size())
      throw RenderError{"not enough values for the format", 0};
    const Var& value = items[next++];
    std::string text;
    if (format[i] == 's') {
      text = value.ToString();
    } else if ((format[i] == 'd' || format[i] == 'i') && value.is_number()) {
      text = std::to_string(value.as_int());
    } else if (format[i] == 'r') {
      text = value.Repr();
    } else {
      throw RenderError{"this format is not supported", 0};
    }
    if (text.size() < width) text.insert(0, width - text.size(), zero ? '0' : ' ');
    result += text;
  }
  return result;
}

}  // namespace layergate::jinja

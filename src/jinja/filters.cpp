// Jinja's filters.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "core/text.h"
#include "jinja/builtins.h"
#include "jinja/operators.h"
#include "jinja/python_text.h"
#include "jinja/text_filters.h"

namespace layergate::jinja {
namespace {

// A part of map(attribute='a.b'), and of the attribute of sort, unique, groupby: items come before
// attributes, and whole numbers are indices. What is missing is `otherwise` if that is given.
Var Path(Interpreter& interpreter, Var value, const std::string& path,
         const Var* otherwise = nullptr) {
  for (std::string_view part : Split(path, '.')) {
    bool number = !part.empty() && part.size() < 10 &&
                  part.find_first_not_of("0123456789") == std::string_view::npos;
    value = interpreter.Item(value, number ? Var(std::stoi(std::string(part))) : Var(part));
    if (value.is_undefined() && otherwise) value = *otherwise;
  }
  return value;
}

const Var* GivenAttribute(const Arguments& arguments, size_t index) {
  const Var* attribute = arguments.Get(index, "attribute");
  return attribute && !attribute->is_none() ? attribute : nullptr;
}

Var WithoutCase(const Var& value, bool case_sensitive) {
  return !case_sensitive && value.is_string() ? Var(Lower(value.as_string())) : value;
}

// The key of one item for sort, min, max and unique; a tuple when several attributes are named.
Var KeyOf(Interpreter& interpreter, const Var& item, const Var* attribute, bool case_sensitive) {
  if (!attribute) return WithoutCase(item, case_sensitive);
  std::string paths = attribute->ToString();
  if (paths.find(',') == std::string::npos)
    return WithoutCase(Path(interpreter, item, paths), case_sensitive);
  std::vector<Var> parts;
  for (std::string_view path : Split(paths, ','))
    parts.push_back(WithoutCase(Path(interpreter, item, std::string(path)), case_sensitive));
  return Var::MakeList(std::move(parts));
}

Arguments Tail(const Arguments& arguments, size_t from) {
  Arguments rest;
  for (size_t i = from; i < arguments.positional.size(); ++i)
    rest.positional.push_back(arguments.positional[i]);
  rest.named = arguments.named;
  return rest;
}

// The items where their order does not matter.
std::vector<Var> InAnyOrder(Interpreter& interpreter, const Var& operand) {
  bool is_set = operand.is_list() && operand.list()->kind == List::Kind::kSet;
  return is_set ? operand.list()->items : interpreter.Iterate(operand);
}

Var Map(Interpreter& interpreter, const Var& operand, const Arguments& arguments) {
  std::vector<Var> items;
  const Var *attribute = nullptr, *otherwise = nullptr;
  for (const auto& [name, value] : arguments.named) {
    if (name == "attribute") attribute = &value;
    if (name == "default") otherwise = &value;
  }
  if (arguments.positional.empty()) {
    if (!attribute || arguments.named.size() > (otherwise ? 2 : 1))
      throw RenderError{"map needs an attribute or a filter", 0};
    for (const Var& item : interpreter.Iterate(operand))
      items.push_back(Path(interpreter, item, attribute->ToString(), otherwise));
    return Var::MakeIterator(std::move(items));
  }
  std::string filter = arguments.positional[0].ToString();
  for (const Var& item : interpreter.Iterate(operand))
    items.push_back(interpreter.ApplyFilter(filter, item, Tail(arguments, 1)));
  return Var::MakeIterator(std::move(items));
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
                     : IsTrue(value);
    if (holds == keep) items.push_back(item);
  }
  return Var::MakeIterator(std::move(items));
}

Var Sort(Interpreter& interpreter, const Var& operand, const Arguments& arguments) {
  bool reverse = FlagOf(arguments, 0, "reverse", false);
  bool case_sensitive = FlagOf(arguments, 1, "case_sensitive", false);
  const Var* attribute = GivenAttribute(arguments, 2);
  std::vector<std::pair<Var, Var>> keyed;
  for (Var& item : InAnyOrder(interpreter, operand)) {
    Var key = KeyOf(interpreter, item, attribute, case_sensitive);
    keyed.emplace_back(std::move(key), std::move(item));
  }
  std::stable_sort(keyed.begin(), keyed.end(), [&](const auto& a, const auto& b) {
    return reverse ? Less(b.first, a.first) : Less(a.first, b.first);
  });
  std::vector<Var> items;
  for (auto& [key, item] : keyed) items.push_back(std::move(item));
  return Var::MakeList(std::move(items));
}

Var Unique(Interpreter& interpreter, const Var& operand, const Arguments& arguments) {
  std::vector<Var> kept, seen;
  bool case_sensitive = FlagOf(arguments, 0, "case_sensitive", false);
  const Var* attribute = GivenAttribute(arguments, 1);
  for (const Var& item : interpreter.Iterate(operand)) {
    interpreter.Step(seen.size() / 8);
    Var key = KeyOf(interpreter, item, attribute, case_sensitive);
    if (std::find(seen.begin(), seen.end(), key) != seen.end()) continue;
    seen.push_back(std::move(key));
    kept.push_back(item);
  }
  return Var::MakeIterator(std::move(kept));
}

Var Join(Interpreter& interpreter, const Var& operand, const Arguments& arguments) {
  std::string separator = TextOf(arguments, 0, "d", "");
  const Var* attribute = GivenAttribute(arguments, 1);
  std::string text;
  bool first = true;
  for (const Var& item : interpreter.Iterate(operand)) {
    if (!first) text += separator;
    first = false;
    text += (attribute ? Path(interpreter, item, attribute->ToString()) : item).ToString();
    CheckTextSize(text.size());
  }
  return Var(std::move(text));
}

Var Length(Interpreter&, const Var& operand, const Arguments&) {
  if (operand.is_undefined()) return Var(0);
  if (operand.is_string()) return Var(CountCharacters(operand.as_string()));
  if (operand.is_list() && operand.list()->has_length())
    return Var(static_cast<int64_t>(operand.list()->items.size()));
  if (operand.is_dict()) return Var(static_cast<int64_t>(operand.dict()->items.size()));
  throw RenderError{fmt::format("{} has no length", operand.TypeName()), 0};
}

void RefuseUndefined(const Var& operand) {
  if (operand.is_undefined())
    throw RenderError{fmt::format("'{}' is undefined", operand.undefined_name()), 0};
}

// Python's int() and float() of a text; underscores may stand between digits.
std::optional<std::string> DigitsOf(std::string_view text) {
  std::string stripped = Strip(text, Side::kBoth), digits;
  for (size_t i = 0; i < stripped.size(); ++i) {
    if (stripped[i] != '_') {
      digits += stripped[i];
      continue;
    }
    auto is_digit = [&](size_t at) {
      return at < stripped.size() && stripped[at] >= '0' && stripped[at] <= '9';
    };
    if (i == 0 || !is_digit(i - 1) || !is_digit(i + 1)) return std::nullopt;
  }
  if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') digits.erase(0, 1);
  return digits;
}

template <typename Number>
std::optional<Number> ParseWhole(const std::string& digits) {
  Number number{};
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error == std::errc::result_out_of_range) throw RenderError{"number too large", 0};
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

Var ToInt(Interpreter&, const Var& operand, const Arguments& arguments) {
  RefuseUndefined(operand);
  const Var* otherwise = arguments.Get(0, "default");
  Var fallback = otherwise ? *otherwise : Var(0);
  if (NumberOf(arguments, 1, "base", 10) != 10)
    throw RenderError{"int with another base than 10 is not supported", 0};
  if (operand.is_double()) {
    double number = operand.as_double();
    if (!std::isfinite(number)) return fallback;
    if (std::abs(number) > 9e18) throw RenderError{"number too large", 0};
    return Var(static_cast<int64_t>(number));
  }
  if (operand.is_number()) return Var(operand.as_int());
  if (!operand.is_string()) return fallback;
  std::optional<std::string> digits = DigitsOf(operand.as_string());
  if (!digits) return fallback;
  if (auto number = ParseWhole<int64_t>(*digits)) return Var(*number);
  auto real = ParseWhole<double>(*digits);
  if (!real || !std::isfinite(*real)) return fallback;
  if (std::abs(*real) > 9e18) throw RenderError{"number too large", 0};
  return Var(static_cast<int64_t>(*real));
}

Var ToFloat(Interpreter&, const Var& operand, const Arguments& arguments) {
  RefuseUndefined(operand);
  if (operand.is_number()) return Var(operand.as_double());
  std::optional<double> number;
  if (operand.is_string()) {
    std::optional<std::string> digits = DigitsOf(operand.as_string());
    if (digits) number = ParseWhole<double>(*digits);
  }
  if (number) return Var(*number);
  const Var* otherwise = arguments.Get(0, "default");
  return otherwise ? *otherwise : Var(0.0);
}

// Rounds the number as it is in binary, half to even, as Python does.
double RoundTo(double number, int64_t precision) {
  if (precision < 0) {
    double scale = std::pow(10.0, static_cast<double>(-precision));
    return std::nearbyint(number / scale) * scale;
  }
  return std::stod(fmt::format("{:.{}f}", number, static_cast<int>(precision)));
}

Var Round(Interpreter&, const Var& operand, const Arguments& arguments) {
  if (!operand.is_number()) throw RenderError{"round needs a number", 0};
  int64_t precision = NumberOf(arguments, 0, "precision", 0);
  if (precision < -300 || precision > 300) throw RenderError{"round: precision too large", 0};
  std::string method = TextOf(arguments, 1, "method", "common");
  if (method == "common") {
    if (operand.is_double()) return Var(RoundTo(operand.as_double(), precision));
    if (precision >= 0) return Var(operand.as_int());
    throw RenderError{"round: tens of whole numbers are not supported", 0};
  }
  if (method != "ceil" && method != "floor") throw RenderError{"round: no such method", 0};
  double scale = std::pow(10.0, static_cast<double>(precision));
  double scaled = operand.as_double() * scale;
  return Var((method == "ceil" ? std::ceil(scaled) : std::floor(scaled)) / scale);
}

Var Batch(Interpreter& interpreter, const Var& operand, const Arguments& arguments) {
  int64_t size = NumberOf(arguments, 0, "linecount", 0);
  if (size < 1) throw RenderError{"batch needs a size", 0};
  const Var* fill = arguments.Get(1, "fill_with");
  std::vector<Var> batches;
  for (const Var& item : interpreter.Iterate(operand)) {
    if (batches.empty() || static_cast<int64_t>(batches.back().list()->items.size()) == size)
      batches.push_back(Var::MakeList());
    batches.back().list()->items.push_back(item);
  }
  while (fill && !fill->is_none() && !batches.empty() &&
         static_cast<int64_t>(batches.back().list()->items.size()) < size) {
    interpreter.Step();
    batches.back().list()->items.push_back(*fill);
  }
  return Var::MakeIterator(std::move(batches));
}

Var Slice(Interpreter& interpreter, const Var& operand, const Arguments& arguments) {
  std::vector<Var> items = interpreter.Iterate(operand);
  int64_t slices = NumberOf(arguments, 0, "slices", 0);
  if (slices < 1 || slices > 100'000) throw RenderError{"slice needs a number of slices", 0};
  const Var* fill = arguments.Get(1, "fill_with");
  auto length = static_cast<int64_t>(items.size());
  int64_t each = length / slices, longer = length % slices, at = 0;
  std::vector<Var> result;
  for (int64_t i = 0; i < slices; ++i) {
    int64_t size = each + (i < longer ? 1 : 0);
    std::vector<Var> slice(items.begin() + at, items.begin() + at + size);
    if (fill && !fill->is_none() && i >= longer) slice.push_back(*fill);
    at += size;
    result.push_back(Var::MakeList(std::move(slice)));
  }
  return Var::MakeIterator(std::move(result));
}

Var Sum(Interpreter& interpreter, const Var& operand, const Arguments& arguments) {
  const Var* attribute = GivenAttribute(arguments, 0);
  const Var* start = arguments.Get(1, "start");
  Var total = start ? *start : Var(0);
  if (total.is_string()) throw RenderError{"sum needs numbers", 0};
  for (const Var& item : InAnyOrder(interpreter, operand)) {
    Var value = attribute ? Path(interpreter, item, attribute->ToString()) : item;
    if (value.is_string()) throw RenderError{"sum needs numbers", 0};
    total = Arithmetic("+", total, value);
  }
  return total;
}

Var Extreme(Interpreter& interpreter, const Var& operand, const Arguments& arguments,
            bool largest) {
  bool case_sensitive = FlagOf(arguments, 0, "case_sensitive", false);
  const Var* attribute = GivenAttribute(arguments, 1);
  std::optional<std::pair<Var, Var>> best;
  for (Var& item : InAnyOrder(interpreter, operand)) {
    Var key = KeyOf(interpreter, item, attribute, case_sensitive);
    if (!best || (largest ? Less(best->first, key) : Less(key, best->first)))
      best.emplace(std::move(key), std::move(item));
  }
  return best ? best->second : Var(Undefined{"the extreme of nothing"});
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  for (std::string_view line : Split(text, '\n')) lines.emplace_back(line);
  return lines;
}

Var Indent(const std::string& text, const Arguments& arguments) {
  const Var* width = arguments.Get(0, "width");
  std::string pad = width && width->is_string()
                        ? width->as_string()
                        : std::string(static_cast<size_t>(std::clamp<int64_t>(
                                          NumberOf(arguments, 0, "width", 4), 0, 1000)),
                                      ' ');
  bool blank = FlagOf(arguments, 2, "blank", false);
  if (text.find('\r') != std::string::npos)
    throw RenderError{"indent of a text with carriage returns is not supported", 0};
  std::string result = FlagOf(arguments, 1, "first", false) ? pad : "";
  bool first = true;
  for (const std::string& line : Lines(text)) {
    if (!first) result += '\n';
    if (!first && (blank || !line.empty())) result += pad;
    first = false;
    result += line;
    CheckTextSize(result.size());
  }
  return Var(std::move(result));
}

Var Default(Interpreter&, const Var& operand, const Arguments& arguments) {
  bool falsy_too = FlagOf(arguments, 1, "boolean", false);
  if (!operand.is_undefined() && (!falsy_too || IsTrue(operand))) return operand;
  const Var* otherwise = arguments.Get(0, "default_value");
  return otherwise ? *otherwise : Var("");
}

std::vector<Var> Pairs(const Var& operand) {
  std::vector<Var> items;
  if (operand.is_undefined()) return items;
  if (!operand.is_dict()) throw RenderError{"items() needs a dictionary", 0};
  for (const auto& [key, value] : operand.dict()->items)
    items.push_back(Var::MakeTuple({key, value}));
  return items;
}

Var DictSort(Interpreter&, const Var& operand, const Arguments& arguments) {
  bool case_sensitive = FlagOf(arguments, 0, "case_sensitive", false);
  std::string by = TextOf(arguments, 1, "by", "key");
  bool reverse = FlagOf(arguments, 2, "reverse", false);
  if (by != "key" && by != "value") throw RenderError{"dictsort: by key or by value", 0};
  RefuseUndefined(operand);
  std::vector<Var> items = Pairs(operand);
  auto key = [&](const Var& pair) {
    return WithoutCase(pair.list()->items[by == "key" ? 0 : 1], case_sensitive);
  };
  std::stable_sort(items.begin(), items.end(), [&](const Var& a, const Var& b) {
    return reverse ? Less(key(b), key(a)) : Less(key(a), key(b));
  });
  return Var::MakeList(std::move(items));
}

Var GroupBy(Interpreter& interpreter, const Var& operand, const Arguments& arguments) {
  std::string path = Needed(arguments, 0, "attribute").ToString();
  const Var* otherwise = arguments.Get(1, "default");
  if (otherwise && otherwise->is_none()) otherwise = nullptr;
  bool case_sensitive = FlagOf(arguments, 2, "case_sensitive", false);
  std::vector<std::pair<Var, Var>> keyed;
  for (Var& item : interpreter.Iterate(operand)) {
    Var key = WithoutCase(Path(interpreter, item, path, otherwise), case_sensitive);
    keyed.emplace_back(std::move(key), std::move(item));
  }
  std::stable_sort(keyed.begin(), keyed.end(),
                   [](const auto& a, const auto& b) { return Less(a.first, b.first); });
  std::vector<Var> groups;
  const Var* last = nullptr;
  for (auto& [key, item] : keyed) {
    if (!last || !(*last == key)) {
      // The key as the first item of the group has it.
      groups.push_back(Var::MakeTuple({Path(interpreter, item, path, otherwise), Var::MakeList()}));
      groups.back().list()->group = true;
      last = &key;
    }
    groups.back().list()->items[1].list()->items.push_back(item);
  }
  return Var::MakeList(std::move(groups));
}

Var Reverse(Interpreter& interpreter, const Var& operand, const Arguments&) {
  if (operand.is_string()) {
    std::vector<std::string_view> characters = Characters(operand.as_string());
    std::string text;
    for (size_t i = characters.size(); i > 0; --i) text += characters[i - 1];
    return Var(std::move(text));
  }
  std::vector<Var> items = interpreter.Iterate(operand);
  std::reverse(items.begin(), items.end());
  return Var::MakeIterator(std::move(items));
}

// A set stays one: its order is no more known as a list.
Var ToList(Interpreter& interpreter, const Var& operand, const Arguments&) {
  bool is_set = operand.is_list() && operand.list()->kind == List::Kind::kSet;
  std::vector<Var> items = InAnyOrder(interpreter, operand);
  bool ordered = !is_set || items.size() <= 1;
  return Var::MakeList(std::move(items), ordered ? List::Kind::kList : List::Kind::kSet);
}

Var Last(Interpreter& interpreter, const Var& operand, const Arguments&) {
  if (operand.is_list() && (!operand.list()->has_length()))
    throw RenderError{"the last of an iterator is not known", 0};
  std::vector<Var> items = interpreter.Iterate(operand);
  return items.empty() ? Var(Undefined{"the last of nothing"}) : items.back();
}

// What may stand inside HTML: the filter, unlike dbt's function, escapes it.
std::string HtmlSafeJson(const Var& value) {
  std::string result;
  for (char c : DumpJson(value, /*sort_keys=*/true)) {
    if (c == '<' || c == '>' || c == '&' || c == '\'') {
      result += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else {
      result += c;
    }
  }
  return result;
}

Var Center(const std::string& text, int64_t width) {
  int64_t missing = std::clamp<int64_t>(width, 0, 10'000) - CountCharacters(text);
  if (missing <= 0) return Var(text);
  int64_t left = missing / 2 + (missing & width & 1);
  return Var(std::string(static_cast<size_t>(left), ' ') + text +
             std::string(static_cast<size_t>(missing - left), ' '));
}

Var Truncate(const std::string& text, const Arguments& arguments) {
  int64_t length = NumberOf(arguments, 0, "length", 255);
  std::string end = TextOf(arguments, 2, "end", "...");
  int64_t leeway = NumberOf(arguments, 3, "leeway", 5);
  if (length < CountCharacters(end) || leeway < 0) throw RenderError{"truncate: too short", 0};
  std::vector<std::string_view> characters = Characters(text);
  if (static_cast<int64_t>(characters.size()) <= length + leeway) return Var(text);
  std::string cut;
  for (int64_t i = 0; i < length - CountCharacters(end); ++i)
    cut += characters[static_cast<size_t>(i)];
  if (!FlagOf(arguments, 1, "killwords", false)) {
    size_t space = cut.rfind(' ');
    if (space != std::string::npos) cut.resize(space);
  }
  return Var(cut + end);
}

Var UrlEncode(const Var& operand) {
  if (!operand.is_string() && !operand.is_number())
    throw RenderError{"urlencode of anything but a text is not supported", 0};
  std::string result;
  for (char c : operand.ToString()) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 std::string_view("_.-~/").find(c) != std::string_view::npos;
    if (plain) {
      result += c;
    } else {
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return Var(std::move(result));
}

Var WordCount(const std::string& text) {
  int64_t words = 0;
  bool inside = false;
  for (char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80)
      throw RenderError{"wordcount of letters beyond ASCII is not supported", 0};
    bool word =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (word && !inside) ++words;
    inside = word;
  }
  return Var(words);
}

Var Absolute(const Var& value) {
  if (!value.is_number()) throw RenderError{"abs needs a number", 0};
  if (value.is_double()) return Var(std::abs(value.as_double()));
  return value.as_int() < 0 ? Negated(value) : Var(value.as_int());
}

Var Attr(Interpreter& interpreter, const Var& value, const Arguments& arguments) {
  std::string name = Needed(arguments, 0, "name").ToString();
  if (!value.is_dict()) return interpreter.Attribute(value, name);
  std::optional<Var> method = BuiltinMethod(value, name);
  return method ? *method : Var(Undefined{name});
}

const std::string& OnlyText(const Var& value) {
  if (!value.is_string()) throw RenderError{"this filter needs a text", 0};
  return value.as_string();
}

using Filter = Var (*)(Interpreter&, const Var&, const Arguments&);
struct Entry {
  Filter run;
  std::vector<std::string_view> parameters;
  bool takes_anything = false;
};

Var Same(Interpreter&, const Var& v, const Arguments&) { return v; }
Var AsText(Interpreter&, const Var& v, const Arguments&) { return Var(v.ToString()); }
Var Escape(Interpreter&, const Var& v, const Arguments&) {
  return Var(EscapedForHtml(v.ToString()));
}

template <std::string (*Change)(std::string_view)>
Var Changed(Interpreter&, const Var& v, const Arguments&) {
  return Var(Change(v.ToString()));
}

const std::map<std::string_view, Entry>& Filters() {
  static const std::map<std::string_view, Entry> kFilters = {
      {"abs", {[](Interpreter&, const Var& v, const Arguments&) { return Absolute(v); }, {}}},
      // In a model's text dbt's own four filters change nothing.
      {"as_bool", {Same, {}}},
      {"as_native", {Same, {}}},
      {"as_number", {Same, {}}},
      {"as_text", {Same, {}}},
      {"attr", {Attr, {"name"}}},
      {"batch", {Batch, {"linecount", "fill_with"}}},
      {"capitalize", {Changed<Capitalize>, {}}},
      {"center",
       {[](Interpreter&, const Var& v, const Arguments& a) {
          return Center(v.ToString(), NumberOf(a, 0, "width", 80));
        },
        {"width"}}},
      {"count", {Length, {}}},
      {"d", {Default, {"default_value", "boolean"}}},
      {"default", {Default, {"default_value", "boolean"}}},
      {"dictsort", {DictSort, {"case_sensitive", "by", "reverse"}}},
      {"e", {Escape, {}}},
      {"escape", {Escape, {}}},
      {"filesizeformat", {FileSizeFormat, {"binary"}}},
      {"first",
       {[](Interpreter& i, const Var& v, const Arguments&) {
          auto items = i.Iterate(v);
          return items.empty() ? Var(Undefined{"the first of nothing"}) : items.front();
        },
        {}}},
      {"float", {ToFloat, {"default"}}},
      {"forceescape", {Escape, {}}},
      {"format",
       {[](Interpreter&, const Var& v, const Arguments& a) {
          if (a.named.empty())
            return Var(FormatPercent(v.ToString(), Var::MakeTuple(a.positional)));
          if (!a.positional.empty()) throw RenderError{"format: by place or by name", 0};
          Var named = Var::MakeDict();
          for (const auto& [name, value] : a.named) named.dict()->Set(Var(name), value);
          return Var(FormatPercent(v.ToString(), named));
        },
        {},
        true}},
      {"groupby", {GroupBy, {"attribute", "default", "case_sensitive"}}},
      {"indent",
       {[](Interpreter&, const Var& v, const Arguments& a) { return Indent(OnlyText(v), a); },
        {"width", "first", "blank"}}},
      {"int", {ToInt, {"default", "base"}}},
      {"is_list",
       {[](Interpreter&, const Var& v, const Arguments&) {
          return Var(v.is_list() && v.list()->kind == List::Kind::kList);
        },
        {}}},
      {"items",
       {[](Interpreter&, const Var& v, const Arguments&) { return Var::MakeIterator(Pairs(v)); },
        {}}},
      {"join", {Join, {"d", "attribute"}}},
      {"last", {Last, {}}},
      {"length", {Length, {}}},
      {"list", {ToList, {}}},
      {"lower", {Changed<Lower>, {}}},
      {"map", {Map, {}, true}},
      {"max",
       {[](Interpreter& i, const Var& v, const Arguments& a) { return Extreme(i, v, a, true); },
        {"case_sensitive", "attribute"}}},
      {"min",
       {[](Interpreter& i, const Var& v, const Arguments& a) { return Extreme(i, v, a, false); },
        {"case_sensitive", "attribute"}}},
      {"pprint", {PrettyPrint, {}}},
      {"reject",
       {[](Interpreter& i, const Var& v, const Arguments& a) {
          return SelectBy(i, v, a, false, false);
        },
        {},
        true}},
      {"rejectattr",
       {[](Interpreter& i, const Var& v, const Arguments& a) {
          return SelectBy(i, v, a, true, false);
        },
        {},
        true}},
      {"replace",
       {[](Interpreter&, const Var& v, const Arguments& a) {
          return Var(ReplaceAll(v.ToString(), Needed(a, 0, "old").ToString(),
                                Needed(a, 1, "new").ToString(), NumberOf(a, 2, "count", -1)));
        },
        {"old", "new", "count"}}},
      {"reverse", {Reverse, {}}},
      {"round", {Round, {"precision", "method"}}},
      {"safe", {AsText, {}}},
      {"select",
       {[](Interpreter& i, const Var& v, const Arguments& a) {
          return SelectBy(i, v, a, false, true);
        },
        {},
        true}},
      {"selectattr",
       {[](Interpreter& i, const Var& v, const Arguments& a) {
          return SelectBy(i, v, a, true, true);
        },
        {},
        true}},
      {"slice", {Slice, {"slices", "fill_with"}}},
      {"sort", {Sort, {"reverse", "case_sensitive", "attribute"}}},
      {"string", {AsText, {}}},
      {"striptags", {StripTags, {}}},
      {"sum", {Sum, {"attribute", "start"}}},
      {"title", {Changed<TitleWords>, {}}},
      {"tojson",
       {[](Interpreter&, const Var& v, const Arguments& a) {
          const Var* indent = a.Get(0, "indent");
          if (indent && !indent->is_none())
            throw RenderError{"tojson with an indent is not supported", 0};
          return Var(HtmlSafeJson(v));
        },
        {"indent"}}},
      {"trim",
       {[](Interpreter&, const Var& v, const Arguments& a) {
          const Var* chars = a.Get(0, "chars");
          return Var(chars && !chars->is_none()
                         ? Strip(v.ToString(), chars->ToString(), Side::kBoth)
                         : Strip(v.ToString(), Side::kBoth));
        },
        {"chars"}}},
      {"truncate",
       {[](Interpreter&, const Var& v, const Arguments& a) { return Truncate(OnlyText(v), a); },
        {"length", "killwords", "end", "leeway"}}},
      {"unique", {Unique, {"case_sensitive", "attribute"}}},
      {"upper", {Changed<Upper>, {}}},
      {"urlencode",
       {[](Interpreter&, const Var& v, const Arguments&) { return UrlEncode(v); }, {}}},
      {"wordcount",
       {[](Interpreter&, const Var& v, const Arguments&) { return WordCount(v.ToString()); }, {}}},
      {"wordwrap", {WordWrap, {"width", "break_long_words", "wrapstring", "break_on_hyphens"}}},
      {"xmlattr", {XmlAttributes, {"autospace"}}},
  };
  return kFilters;
}

// Python refuses arguments that a function does not have.
void CheckArguments(std::string_view filter, const Entry& entry, const Arguments& arguments) {
  if (entry.takes_anything) return;
  const auto& known = entry.parameters;
  if (arguments.positional.size() > known.size())
    throw RenderError{fmt::format("the filter '{}' takes fewer arguments", filter), 0};
  for (const auto& [name, value] : arguments.named) {
    auto at = std::find(known.begin(), known.end(), name);
    bool twice =
        at != known.end() && static_cast<size_t>(at - known.begin()) < arguments.positional.size();
    if (at == known.end() || twice)
      throw RenderError{fmt::format("the filter '{}' does not take '{}'", filter, name), 0};
  }
}

}  // namespace

bool IsFilterName(std::string_view name) { return Filters().count(name) > 0; }

Var BuiltinFilter(Interpreter& interpreter, std::string_view name, const Var& operand,
                  const Arguments& arguments) {
  auto found = Filters().find(name);
  if (found == Filters().end()) throw RenderError{fmt::format("there is no filter '{}'", name), 0};
  CheckArguments(name, found->second, arguments);
  return found->second.run(interpreter, operand, arguments);
}

}  // namespace layergate::jinja

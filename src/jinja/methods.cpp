// The methods of Python's texts, lists, sets and dictionaries.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "jinja/builtins.h"
#include "jinja/operators.h"
#include "jinja/python_text.h"

namespace layergate::jinja {
namespace {

using Kind = List::Kind;
using Method = Var (*)(Interpreter&, const Var&, const Arguments&);
struct Entry {
  Method run;
  size_t most = 0;  // arguments; more are refused
};
using Table = std::map<std::string_view, Entry>;
constexpr size_t kAny = SIZE_MAX;
constexpr size_t kMostItems = 5'000'000;

// ---- texts ----

std::vector<Var> SplitAtSpace(const std::string& text, int64_t limit) {
  std::vector<Var> parts;
  std::vector<std::string_view> characters = Characters(text);
  size_t at = 0;
  auto skip = [&](bool space) {
    while (at < characters.size() && IsSpaceCharacter(characters[at]) == space) ++at;
  };
  auto offset = [&] {
    return at < characters.size() ? static_cast<size_t>(characters[at].data() - text.data())
                                  : text.size();
  };
  for (skip(true); at < characters.size(); skip(true)) {
    size_t begin = offset();
    if (limit-- == 0) {
      parts.emplace_back(text.substr(begin));
      break;
    }
    skip(false);
    parts.emplace_back(text.substr(begin, offset() - begin));
  }
  return parts;
}

Var SplitMethod(Interpreter&, const Var& self, const Arguments& arguments) {
  const std::string& text = self.as_string();
  const Var* separator = arguments.Get(0, "sep");
  int64_t limit = NumberOf(arguments, 1, "maxsplit", -1);
  if (!separator || separator->is_none()) return Var::MakeList(SplitAtSpace(text, limit));
  const std::string by = separator->ToString();
  if (by.empty()) throw RenderError{"split needs a separator", 0};
  std::vector<Var> parts;
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

Var RightSplit(Interpreter& interpreter, const Var& self, const Arguments& arguments) {
  const std::string& text = self.as_string();
  const Var* separator = arguments.Get(0, "sep");
  int64_t limit = NumberOf(arguments, 1, "maxsplit", -1);
  if (limit < 0) return SplitMethod(interpreter, self, arguments);
  if (!separator || separator->is_none())
    throw RenderError{"rsplit at white space is not supported", 0};
  const std::string by = separator->ToString();
  if (by.empty()) throw RenderError{"rsplit needs a separator", 0};
  std::vector<Var> parts;
  size_t end = text.size();
  while (limit-- > 0 && end >= by.size()) {
    size_t at = text.rfind(by, end - by.size());
    if (at == std::string::npos) break;
    parts.emplace_back(text.substr(at + by.size(), end - at - by.size()));
    end = at;
  }
  parts.emplace_back(text.substr(0, end));
  std::reverse(parts.begin(), parts.end());
  return Var::MakeList(std::move(parts));
}

Var SplitLines(Interpreter&, const Var& self, const Arguments& arguments) {
  std::string_view text = self.as_string();
  if (arguments.Get(0, "keepends")) throw RenderError{"splitlines(keepends) is not supported", 0};
  if (text.find_first_of("\v\f\x1c\x1d\x1e") != std::string_view::npos)
    throw RenderError{"splitlines: this end of a line is not supported", 0};
  std::vector<Var> lines;
  while (!text.empty()) {
    size_t end = std::min(text.find_first_of("\r\n"), text.size());
    lines.emplace_back(text.substr(0, end));
    if (text.substr(end, 2) == "\r\n") ++end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return Var::MakeList(std::move(lines));
}

template <bool kFromRight>
Var Partition(Interpreter&, const Var& self, const Arguments& arguments) {
  const std::string& text = self.as_string();
  std::string by = Needed(arguments, 0, "sep").ToString();
  if (by.empty()) throw RenderError{"partition needs a separator", 0};
  size_t at = kFromRight ? text.rfind(by) : text.find(by);
  if (at != std::string::npos)
    return Var::MakeTuple({text.substr(0, at), by, text.substr(at + by.size())});
  if (kFromRight) return Var::MakeTuple({"", "", text});
  return Var::MakeTuple({text, "", ""});
}

template <bool kPrefix>
Var HasAffix(Interpreter&, const Var& self, const Arguments& arguments) {
  const std::string& text = self.as_string();
  auto matches = [&](const Var& affix) {
    RefuseUnknown(affix);
    if (!affix.is_string()) throw RenderError{"startswith and endswith need a text", 0};
    const std::string& part = affix.as_string();
    if (part.size() > text.size()) return false;
    return text.compare(kPrefix ? 0 : text.size() - part.size(), part.size(), part) == 0;
  };
  const Var& affix = Needed(arguments, 0, "prefix");
  if (!affix.is_list()) return Var(matches(affix));
  if (affix.list()->kind != Kind::kTuple) throw RenderError{"startswith needs a tuple", 0};
  return Var(std::any_of(affix.list()->items.begin(), affix.list()->items.end(), matches));
}

template <bool kPrefix>
Var RemoveAffix(Interpreter&, const Var& self, const Arguments& arguments) {
  const std::string& text = self.as_string();
  std::string part = Needed(arguments, 0, "prefix").ToString();
  bool there = part.size() <= text.size() &&
               text.compare(kPrefix ? 0 : text.size() - part.size(), part.size(), part) == 0;
  if (!there || part.empty()) return self;
  return Var(kPrefix ? text.substr(part.size()) : text.substr(0, text.size() - part.size()));
}

Var CountMethod(Interpreter&, const Var& self, const Arguments& arguments) {
  const std::string& text = self.as_string();
  const Var& sub = Needed(arguments, 0, "sub");
  if (!sub.is_string()) throw RenderError{"count: not a text", 0};
  const std::string& part = sub.as_string();
  if (part.empty()) return Var(CountCharacters(text) + 1);
  int64_t n = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
    ++n;
  return Var(n);
}

// Where `part` stands, in characters; -1: nowhere.
int64_t Find(const Var& self, const Arguments& arguments, bool from_right) {
  const std::string& text = self.as_string();
  const Var& sub = Needed(arguments, 0, "sub");
  if (!sub.is_string()) throw RenderError{"find: not a text", 0};
  const std::string& part = sub.as_string();
  size_t at = from_right ? text.rfind(part) : text.find(part);
  if (at == std::string::npos) return -1;
  return CountCharacters(std::string_view(text).substr(0, at));
}

template <bool kFromRight>
Var FindMethod(Interpreter&, const Var& self, const Arguments& arguments) {
  return Var(Find(self, arguments, kFromRight));
}

template <bool kFromRight>
Var IndexMethod(Interpreter&, const Var& self, const Arguments& arguments) {
  int64_t at = Find(self, arguments, kFromRight);
  if (at < 0) throw RenderError{"index: the text is not there", 0};
  return Var(at);
}

Var ZFill(Interpreter&, const Var& self, const Arguments& arguments) {
  std::string text = self.as_string();
  int64_t missing =
      std::clamp<int64_t>(NumberOf(arguments, 0, "width", 0), 0, 10000) - CountCharacters(text);
  size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  if (missing > 0) text.insert(sign, static_cast<size_t>(missing), '0');
  return Var(std::move(text));
}

template <char kAlign>
Var Justify(Interpreter&, const Var& self, const Arguments& arguments) {
  int64_t width = std::clamp<int64_t>(NumberOf(arguments, 0, "width", 0), 0, 10000);
  std::string fill = TextOf(arguments, 1, "fillchar", " ");
  if (CountCharacters(fill) != 1) throw RenderError{"the fill must be one character", 0};
  return Var(FormatOne(self, fmt::format("{}{}{}", fill, kAlign, width)));
}

Var JoinMethod(Interpreter& interpreter, const Var& self, const Arguments& arguments) {
  std::string text;
  bool first = true;
  for (const Var& item : interpreter.Iterate(Needed(arguments, 0, "iterable"))) {
    bool unknown = item.is_object() && item.object()->IsUnknown();
    if (!item.is_string() && !unknown) throw RenderError{"join: not a text", 0};
    if (!first) text += self.as_string();
    first = false;
    text += item.ToString();
    CheckTextSize(text.size());
  }
  return Var(std::move(text));
}

Var FormatMethod(Interpreter&, const Var& self, const Arguments& arguments) {
  return Var(FormatBraces(self.as_string(), arguments));
}

Var ReplaceMethod(Interpreter&, const Var& self, const Arguments& arguments) {
  auto text = [&](size_t index, std::string_view name) {
    const Var& value = Needed(arguments, index, name);
    if (!value.is_string()) throw RenderError{"replace needs texts", 0};
    return value.as_string();
  };
  return Var(ReplaceAll(self.as_string(), text(0, "old"), text(1, "new"),
                        NumberOf(arguments, 2, "count", -1)));
}

template <Side kSide>
Var StripMethod(Interpreter&, const Var& self, const Arguments& arguments) {
  const Var* chars = arguments.Get(0, "chars");
  return Var(chars && !chars->is_none() ? Strip(self.as_string(), chars->ToString(), kSide)
                                        : Strip(self.as_string(), kSide));
}

template <std::string (*Change)(std::string_view)>
Var Changed(Interpreter&, const Var& self, const Arguments&) {
  return Var(Change(self.as_string()));
}

// isdigit and the like, for ASCII; what other letters are is refused.
template <bool (*Is)(char)>
Var AllAre(Interpreter&, const Var& self, const Arguments&) {
  const std::string& text = self.as_string();
  for (char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80)
      throw RenderError{"what letters beyond ASCII are is not known here", 0};
  }
  return Var(!text.empty() && std::all_of(text.begin(), text.end(), Is));
}
bool IsDigitChar(char c) { return c >= '0' && c <= '9'; }
bool IsAlphaChar(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsAlnumChar(char c) { return IsDigitChar(c) || IsAlphaChar(c); }
bool IsSpaceChar(char c) { return c == ' ' || (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x1F); }
bool IsAsciiChar(char) { return true; }

Var IsIdentifier(Interpreter& interpreter, const Var& self, const Arguments& arguments) {
  const std::string& text = self.as_string();
  std::string letters;
  for (char c : text) letters += c == '_' ? 'a' : c;
  if (text.empty() || IsDigitChar(text[0])) return Var(false);
  return AllAre<IsAlnumChar>(interpreter, Var(letters), arguments);
}

const Table& StringMethods() {
  static const Table kMethods = {
      {"capitalize", {Changed<Capitalize>}},
      {"casefold", {Changed<Lower>}},
      {"center", {Justify<'^'>, 2}},
      {"count", {CountMethod, 1}},
      {"endswith", {HasAffix<false>, 1}},
      {"find", {FindMethod<false>, 1}},
      {"format", {FormatMethod, kAny}},
      {"index", {IndexMethod<false>, 1}},
      {"isalnum", {AllAre<IsAlnumChar>}},
      {"isalpha", {AllAre<IsAlphaChar>}},
      {"isascii", {AllAre<IsAsciiChar>}},
      {"isdecimal", {AllAre<IsDigitChar>}},
      {"isdigit", {AllAre<IsDigitChar>}},
      {"isidentifier", {IsIdentifier}},
      {"islower",
       {[](Interpreter&, const Var& s, const Arguments&) { return Var(IsLower(s.as_string())); }}},
      {"isnumeric", {AllAre<IsDigitChar>}},
      {"isspace", {AllAre<IsSpaceChar>}},
      {"isupper",
       {[](Interpreter&, const Var& s, const Arguments&) { return Var(IsUpper(s.as_string())); }}},
      {"join", {JoinMethod, 1}},
      {"ljust", {Justify<'<'>, 2}},
      {"lower", {Changed<Lower>}},
      {"lstrip", {StripMethod<Side::kLeft>, 1}},
      {"partition", {Partition<false>, 1}},
      {"removeprefix", {RemoveAffix<true>, 1}},
      {"removesuffix", {RemoveAffix<false>, 1}},
      {"replace", {ReplaceMethod, 3}},
      {"rfind", {FindMethod<true>, 1}},
      {"rindex", {IndexMethod<true>, 1}},
      {"rjust", {Justify<'>'>, 2}},
      {"rpartition", {Partition<true>, 1}},
      {"rsplit", {RightSplit, 2}},
      {"rstrip", {StripMethod<Side::kRight>, 1}},
      {"split", {SplitMethod, 2}},
      {"splitlines", {SplitLines, 1}},
      {"startswith", {HasAffix<true>, 1}},
      {"strip", {StripMethod<Side::kBoth>, 1}},
      {"swapcase", {Changed<SwapCase>}},
      {"title", {Changed<Title>}},
      {"upper", {Changed<Upper>}},
      {"zfill", {ZFill, 1}},
  };
  return kMethods;
}

// ---- lists, tuples and sets ----

std::vector<Var>& Items(const Var& self) { return self.list()->items; }

void CheckSize(size_t items) {
  if (items > kMostItems) throw RenderError{"list too long", 0};
}

Var CountItems(Interpreter&, const Var& s, const Arguments& a) {
  const Var& wanted = Needed(a, 0, "value");
  return Var(static_cast<int64_t>(std::count(Items(s).begin(), Items(s).end(), wanted)));
}

Var IndexOf(Interpreter&, const Var& s, const Arguments& a) {
  auto at = std::find(Items(s).begin(), Items(s).end(), Needed(a, 0, "value"));
  if (at == Items(s).end()) throw RenderError{"index: no such item", 0};
  return Var(static_cast<int64_t>(at - Items(s).begin()));
}

Var Extend(Interpreter& interpreter, const Var& s, const Arguments& a) {
  std::vector<Var> more = interpreter.Iterate(Needed(a, 0, "iterable"));
  CheckSize(Items(s).size() + more.size());
  Items(s).insert(Items(s).end(), more.begin(), more.end());
  return Var();
}

Var Insert(Interpreter& interpreter, const Var& s, const Arguments& a) {
  auto size = static_cast<int64_t>(Items(s).size());
  interpreter.Step(Items(s).size() / 64);
  int64_t at = NumberOf(a, 0, "index", 0);
  if (at < 0) at += size;
  Items(s).insert(Items(s).begin() + std::clamp<int64_t>(at, 0, size), Needed(a, 1, "object"));
  return Var();
}

Var Pop(Interpreter& interpreter, const Var& s, const Arguments& a) {
  auto size = static_cast<int64_t>(Items(s).size());
  int64_t at = NumberOf(a, 0, "index", -1);
  if (at < 0) at += size;
  if (at < 0 || at >= size) throw RenderError{"pop: no such item", 0};
  interpreter.Step(static_cast<uint64_t>(size - at) / 64);
  Var item = Items(s)[static_cast<size_t>(at)];
  Items(s).erase(Items(s).begin() + at);
  return item;
}

Var Remove(Interpreter&, const Var& s, const Arguments& a) {
  auto at = std::find(Items(s).begin(), Items(s).end(), Needed(a, 0, "value"));
  if (at == Items(s).end()) throw RenderError{"remove: no such item", 0};
  Items(s).erase(at);
  return Var();
}

Var SortInPlace(Interpreter&, const Var& s, const Arguments& a) {
  for (const auto& [name, value] : a.named) {
    if (name != "reverse") throw RenderError{"sort(key) is not supported", 0};
  }
  bool reverse = FlagOf(a, 0, "reverse", false);
  std::stable_sort(Items(s).begin(), Items(s).end(),
                   [&](const Var& x, const Var& y) { return reverse ? Less(y, x) : Less(x, y); });
  return Var();
}

const Table& ListMethods() {
  static const Table kMethods = {
      {"append",
       {[](Interpreter&, const Var& s, const Arguments& a) {
          CheckSize(Items(s).size() + 1);
          Items(s).push_back(Needed(a, 0, "object"));
          return Var();
        },
        1}},
      {"clear", {[](Interpreter&, const Var& s, const Arguments&) {
         Items(s).clear();
         return Var();
       }}},
      {"copy",
       {[](Interpreter&, const Var& s, const Arguments&) { return Var::MakeList(Items(s)); }}},
      {"count", {CountItems, 1}},
      {"extend", {Extend, 1}},
      {"index", {IndexOf, 1}},
      {"insert", {Insert, 2}},
      {"pop", {Pop, 1}},
      {"remove", {Remove, 1}},
      {"reverse", {[](Interpreter&, const Var& s, const Arguments&) {
         std::reverse(Items(s).begin(), Items(s).end());
         return Var();
       }}},
      {"sort", {SortInPlace, 0}},
  };
  return kMethods;
}

const Table& TupleMethods() {
  static const Table kMethods = {{"count", {CountItems, 1}}, {"index", {IndexOf, 1}}};
  return kMethods;
}

void AddTo(std::vector<Var>& items, const Var& item) {
  if (std::find(items.begin(), items.end(), item) == items.end()) items.push_back(item);
}

std::vector<Var> Others(Interpreter& interpreter, const Arguments& a) {
  const Var& other = Needed(a, 0, "other");
  bool is_set = other.is_list() && other.list()->kind == Kind::kSet;
  return is_set ? other.list()->items : interpreter.Iterate(other);
}

bool Holds(const std::vector<Var>& items, const Var& item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

Var KeepIf(Interpreter& interpreter, const Var& s, const Arguments& a, bool in_other) {
  std::vector<Var> kept, other = Others(interpreter, a);
  for (const Var& item : Items(s)) {
    if (Holds(other, item) == in_other) kept.push_back(item);
  }
  return Var::MakeList(std::move(kept), Kind::kSet);
}

Var Union(Interpreter& interpreter, const Var& s, const Arguments& a) {
  std::vector<Var> items = Items(s);
  for (const Var& item : Others(interpreter, a)) AddTo(items, item);
  return Var::MakeList(std::move(items), Kind::kSet);
}

bool AllIn(const std::vector<Var>& items, const std::vector<Var>& container) {
  return std::all_of(items.begin(), items.end(),
                     [&](const Var& item) { return Holds(container, item); });
}

const Table& SetMethods() {
  static const Table kMethods = {
      {"add",
       {[](Interpreter&, const Var& s, const Arguments& a) {
          AddTo(Items(s), Needed(a, 0, "elem"));
          return Var();
        },
        1}},
      {"copy", {[](Interpreter&, const Var& s, const Arguments&) {
         return Var::MakeList(Items(s), Kind::kSet);
       }}},
      {"difference",
       {[](Interpreter& i, const Var& s, const Arguments& a) { return KeepIf(i, s, a, false); },
        1}},
      {"discard",
       {[](Interpreter&, const Var& s, const Arguments& a) {
          auto at = std::find(Items(s).begin(), Items(s).end(), Needed(a, 0, "elem"));
          if (at != Items(s).end()) Items(s).erase(at);
          return Var();
        },
        1}},
      {"intersection",
       {[](Interpreter& i, const Var& s, const Arguments& a) { return KeepIf(i, s, a, true); }, 1}},
      {"isdisjoint",
       {[](Interpreter& i, const Var& s, const Arguments& a) {
          return Var(KeepIf(i, s, a, true).list()->items.empty());
        },
        1}},
      {"issubset",
       {[](Interpreter& i, const Var& s, const Arguments& a) {
          return Var(AllIn(Items(s), Others(i, a)));
        },
        1}},
      {"issuperset",
       {[](Interpreter& i, const Var& s, const Arguments& a) {
          return Var(AllIn(Others(i, a), Items(s)));
        },
        1}},
      {"remove", {Remove, 1}},
      {"union", {Union, 1}},
      {"update",
       {[](Interpreter& i, const Var& s, const Arguments& a) {
          for (const Var& item : Others(i, a)) AddTo(Items(s), item);
          return Var();
        },
        1}},
  };
  return kMethods;
}

// ---- dictionaries ----

Var View(std::vector<Var> items, const char* name) {
  Var view = Var::MakeList(std::move(items), Kind::kView);
  view.list()->view = name;
  return view;
}

Var PopKey(Interpreter&, const Var& s, const Arguments& a) {
  const Var& key = Needed(a, 0, "key");
  if (Var* found = s.dict()->Find(key)) {
    Var value = *found;
    s.dict()->Erase(key);
    return value;
  }
  if (const Var* otherwise = a.Get(1, "default")) return *otherwise;
  throw RenderError{"pop: no such key", 0};
}

Var Update(Interpreter& interpreter, const Var& s, const Arguments& a) {
  if (const Var* more = a.Get(0, "")) {
    if (!more->is_dict()) throw RenderError{"update needs a dictionary", 0};
    auto items = more->dict()->items;
    for (auto& [k, v] : items) {
      interpreter.Step(s.dict()->items.size() / 16);
      s.dict()->Set(k, v);
    }
  }
  for (const auto& [k, v] : a.named) s.dict()->Set(Var(k), v);
  return Var();
}

const Table& DictMethods() {
  static const Table kMethods = {
      {"clear", {[](Interpreter&, const Var& s, const Arguments&) {
         s.dict()->items.clear();
         return Var();
       }}},
      {"copy", {[](Interpreter&, const Var& s, const Arguments&) {
         Var copy = Var::MakeDict();
         copy.dict()->items = s.dict()->items;
         return copy;
       }}},
      {"get",
       {[](Interpreter& i, const Var& s, const Arguments& a) {
          i.Step(s.dict()->items.size() / 16);
          Var* found = s.dict()->Find(Needed(a, 0, "key"));
          if (found) return *found;
          const Var* otherwise = a.Get(1, "default");
          return otherwise ? *otherwise : Var();
        },
        2}},
      {"items", {[](Interpreter& i, const Var& s, const Arguments&) {
         std::vector<Var> items;
         i.Step(s.dict()->items.size());
         for (const auto& [k, v] : s.dict()->items) items.push_back(Var::MakeTuple({k, v}));
         return View(std::move(items), "dict_items");
       }}},
      {"keys", {[](Interpreter& i, const Var& s, const Arguments&) {
         std::vector<Var> keys;
         i.Step(s.dict()->items.size());
         for (const auto& [k, v] : s.dict()->items) keys.push_back(k);
         return View(std::move(keys), "dict_keys");
       }}},
      {"pop", {PopKey, 2}},
      {"popitem", {[](Interpreter&, const Var& s, const Arguments&) {
         if (s.dict()->items.empty()) throw RenderError{"popitem: nothing is left", 0};
         auto [key, value] = s.dict()->items.back();
         s.dict()->items.pop_back();
         return Var::MakeTuple({key, value});
       }}},
      {"setdefault",
       {[](Interpreter&, const Var& s, const Arguments& a) {
          const Var& key = Needed(a, 0, "key");
          if (!s.dict()->Find(key))
            s.dict()->Set(key, a.Get(1, "default") ? *a.Get(1, "default") : Var());
          return *s.dict()->Find(key);
        },
        2}},
      {"update", {Update, 1}},
      {"values", {[](Interpreter& i, const Var& s, const Arguments&) {
         std::vector<Var> values;
         i.Step(s.dict()->items.size());
         for (const auto& [k, v] : s.dict()->items) values.push_back(v);
         return View(std::move(values), "dict_values");
       }}},
  };
  return kMethods;
}

const Table* MethodsOf(const Var& object) {
  if (object.is_string()) return &StringMethods();
  if (object.is_dict()) return &DictMethods();
  if (!object.is_list()) return nullptr;
  switch (object.list()->kind) {
    case Kind::kList:
      return &ListMethods();
    case Kind::kTuple:
      return &TupleMethods();
    case Kind::kSet:
      return &SetMethods();
    default:
      return nullptr;
  }
}

// Methods of texts that only carry their arguments into the result.
bool OnlyPrints(std::string_view name) { return name == "format" || name == "join"; }

}  // namespace

std::optional<Var> BuiltinMethod(const Var& object, std::string_view name) {
  const Table* methods = MethodsOf(object);
  auto found = methods ? methods->find(name) : Table::const_iterator();
  if (!methods || found == methods->end()) return std::nullopt;
  Entry entry = found->second;
  std::string method(name);
  bool looks = object.is_string() && !OnlyPrints(name);
  return Var::MakeFunction(
      method, [object, entry, method, looks](Interpreter& interpreter, const Arguments& arguments) {
        if (arguments.positional.size() > entry.most && method != "sort")
          throw RenderError{fmt::format("{}() takes fewer arguments", method), 0};
        for (const Var& argument : arguments.positional) {
          if (looks) RefuseUnknown(argument);
        }
        return entry.run(interpreter, object, arguments);
      });
}

}  // namespace layergate::jinja

#include "jinja/modules.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include "jinja/builtins.h"
#include "jinja/datetime.h"
#include "jinja/facade.h"
#include "jinja/operators.h"

namespace layergate::jinja {
namespace {

// ---- re ----

std::string TextArgument(const Arguments& arguments, size_t index, std::string_view name) {
  const Var& text = Needed(arguments, index, name);
  RefuseUnknown(text);
  if (!text.is_string()) NotRendered(fmt::format("re: `{}` must be a text", name));
  return text.as_string();
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// RE2 reads the same patterns as Python's re but for what it does not have (it says so itself) and
// for what is refused here.
void RefuseUnlike(std::string_view pattern, std::string_view subject) {
  if (!IsAscii(pattern) || !IsAscii(subject))
    NotRendered("re: texts beyond ASCII are not supported");
  if (subject.find_first_of("\v\x1c\x1d\x1e\x1f") != std::string_view::npos)
    NotRendered("re: this white space is not supported");
  bool dollar = pattern.find('$') != std::string_view::npos;
  if (dollar && !subject.empty() && subject.back() == '\n')
    NotRendered("re: `$` before a line end is not supported");
  for (size_t i = 0; i + 1 < pattern.size(); ++i) {
    std::string_view two = pattern.substr(i, 2);
    bool escape = two[0] == '\\';
    bool unlike = two == "{," || two == "[[" || (two == "(?" && pattern.substr(i, 3) != "(?:") ||
                  (escape && std::string_view("ZQECpPzGkKhHRX0123456789").find(two[1]) !=
                                 std::string_view::npos);
    if (unlike) NotRendered(fmt::format("re: `{}` is not supported", two));
    if (escape) ++i;
  }
}

std::shared_ptr<RE2> Compile(const std::string& pattern, std::string_view subject,
                             const Arguments& arguments, size_t flags_at) {
  const Var* flags = arguments.Get(flags_at, "flags");
  if (flags && !(flags->is_number() && flags->as_int() == 0))
    NotRendered("re: flags are not supported");
  RefuseUnlike(pattern, subject);
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(int64_t{8} << 20);
  auto regex = std::make_shared<RE2>(pattern, options);
  if (!regex->ok()) NotRendered(fmt::format("re: {}", regex->error()));
  return regex;
}

class Match final : public Object {
 public:
  explicit Match(std::vector<Var> groups) : groups_(std::move(groups)) {}
  std::optional<Var> Attribute(std::string_view name) const override {
    auto groups = groups_;
    if (name == "group") {
      return Var::MakeFunction("group", [groups](Interpreter&, const Arguments& a) {
        if (a.positional.size() > 1) NotRendered("re: several groups at once are not supported");
        int64_t index = NumberOf(a, 0, "group", 0);
        if (index < 0 || index >= static_cast<int64_t>(groups.size()))
          NotRendered("re: no such group");
        return groups[static_cast<size_t>(index)];
      });
    }
    if (name == "groups") {
      return Var::MakeFunction("groups", [groups](Interpreter&, const Arguments&) {
        return Var::MakeTuple({groups.begin() + 1, groups.end()});
      });
    }
    NotRendered(fmt::format("re: `{}` of a match is not supported", name));
  }

 private:
  std::vector<Var> groups_;
};

std::vector<Var> GroupsOf(const std::vector<re2::StringPiece>& pieces) {
  std::vector<Var> groups;
  for (const re2::StringPiece& piece : pieces)
    groups.push_back(piece.data() ? Var(std::string(piece.data(), piece.size())) : Var());
  return groups;
}

std::vector<re2::StringPiece> Pieces(const RE2& regex) {
  return std::vector<re2::StringPiece>(static_cast<size_t>(regex.NumberOfCapturingGroups()) + 1);
}

template <RE2::Anchor kAnchor>
Var Find(Interpreter& interpreter, const Arguments& arguments) {
  std::string pattern = TextArgument(arguments, 0, "pattern");
  std::string subject = TextArgument(arguments, 1, "string");
  auto regex = Compile(pattern, subject, arguments, 2);
  interpreter.Step(subject.size());
  std::vector<re2::StringPiece> pieces = Pieces(*regex);
  if (!regex->Match(subject, 0, subject.size(), kAnchor, pieces.data(),
                    static_cast<int>(pieces.size())))
    return Var();
  return Var(std::shared_ptr<Object>(std::make_shared<Match>(GroupsOf(pieces))));
}

// Calls `found` with the pieces of every match, from left to right; an empty match moves on by one.
template <typename Found>
void EachMatch(const RE2& regex, const std::string& subject, Found found) {
  std::vector<re2::StringPiece> pieces = Pieces(regex);
  size_t at = 0;
  while (at <= subject.size() && regex.Match(subject, at, subject.size(), RE2::UNANCHORED,
                                             pieces.data(), static_cast<int>(pieces.size()))) {
    auto begin = static_cast<size_t>(pieces[0].data() - subject.data());
    if (pieces[0].empty()) NotRendered("re: a pattern that matches nothing is not supported");
    if (!found(pieces, begin)) return;
    at = begin + pieces[0].size();
  }
}

Var Sub(Interpreter& interpreter, const Arguments& arguments) {
  std::string pattern = TextArgument(arguments, 0, "pattern");
  std::string by = TextArgument(arguments, 1, "repl");
  std::string subject = TextArgument(arguments, 2, "string");
  int64_t count = NumberOf(arguments, 3, "count", 0);
  auto regex = Compile(pattern, subject, arguments, 4);
  interpreter.Step(subject.size());
  std::string result;
  size_t at = 0;
  EachMatch(*regex, subject, [&](const auto& pieces, size_t begin) {
    result += subject.substr(at, begin - at);
    for (size_t i = 0; i < by.size(); ++i) {
      bool group = by[i] == '\\' && i + 1 < by.size() && by[i + 1] >= '1' && by[i + 1] <= '9';
      if (by[i] == '\\' && !group) NotRendered("re: this replacement is not supported");
      if (!group) {
        result += by[i];
        continue;
      }
      auto index = static_cast<size_t>(by[++i] - '0');
      if (index >= pieces.size()) NotRendered("re: no such group");
      if (i + 1 < by.size() && by[i + 1] >= '0' && by[i + 1] <= '9')
        NotRendered("re: this replacement is not supported");
      result += std::string(pieces[index].data() ? pieces[index].data() : "", pieces[index].size());
    }
    at = begin + pieces[0].size();
    CheckTextSize(result.size());
    return count == 0 || --count > 0;
  });
  return Var(result + subject.substr(at));
}

Var FindAll(Interpreter& interpreter, const Arguments& arguments) {
  std::string pattern = TextArgument(arguments, 0, "pattern");
  std::string subject = TextArgument(arguments, 1, "string");
  auto regex = Compile(pattern, subject, arguments, 2);
  interpreter.Step(subject.size());
  std::vector<Var> all;
  EachMatch(*regex, subject, [&](const auto& pieces, size_t) {
    std::vector<Var> groups = GroupsOf(pieces);
    for (Var& group : groups) {
      if (group.is_none()) group = Var("");
    }
    if (groups.size() > 2) {
      all.push_back(Var::MakeTuple({groups.begin() + 1, groups.end()}));
    } else {
      all.push_back(groups.back());
    }
    return true;
  });
  return Var::MakeList(std::move(all));
}

Var SplitBy(Interpreter& interpreter, const Arguments& arguments) {
  std::string pattern = TextArgument(arguments, 0, "pattern");
  std::string subject = TextArgument(arguments, 1, "string");
  int64_t limit = NumberOf(arguments, 2, "maxsplit", 0);
  auto regex = Compile(pattern, subject, arguments, 3);
  if (regex->NumberOfCapturingGroups() > 0) NotRendered("re: split at groups is not supported");
  interpreter.Step(subject.size());
  std::vector<Var> parts;
  size_t at = 0;
  EachMatch(*regex, subject, [&](const auto& pieces, size_t begin) {
    parts.emplace_back(subject.substr(at, begin - at));
    at = begin + pieces[0].size();
    return limit == 0 || --limit > 0;
  });
  parts.emplace_back(subject.substr(at));
  return Var::MakeList(std::move(parts));
}

std::optional<Var> Re(std::string_view name) {
  if (name == "match") return Var::MakeFunction("match", Find<RE2::ANCHOR_START>);
  if (name == "fullmatch") return Var::MakeFunction("fullmatch", Find<RE2::ANCHOR_BOTH>);
  if (name == "search") return Var::MakeFunction("search", Find<RE2::UNANCHORED>);
  if (name == "sub") return Var::MakeFunction("sub", Sub);
  if (name == "findall") return Var::MakeFunction("findall", FindAll);
  if (name == "split") return Var::MakeFunction("split", SplitBy);
  NotRendered(fmt::format("modules.re.{} is not supported", name));
}

// ---- itertools ----

std::vector<std::vector<Var>> Pools(Interpreter& interpreter, const Arguments& arguments) {
  if (!arguments.named.empty()) NotRendered("itertools: these arguments are not supported");
  std::vector<std::vector<Var>> pools;
  for (const Var& pool : arguments.positional) pools.push_back(interpreter.Iterate(pool));
  return pools;
}

Var Product(Interpreter& interpreter, const Arguments& arguments) {
  std::vector<std::vector<Var>> rows = {{}};
  for (const std::vector<Var>& pool : Pools(interpreter, arguments)) {
    std::vector<std::vector<Var>> longer;
    for (const std::vector<Var>& row : rows) {
      for (const Var& item : pool) {
        interpreter.Step(row.size() + 1);
        longer.push_back(row);
        longer.back().push_back(item);
      }
    }
    rows = std::move(longer);
  }
  std::vector<Var> tuples;
  for (std::vector<Var>& row : rows) tuples.push_back(Var::MakeTuple(std::move(row)));
  return Var::MakeIterator(std::move(tuples));
}

Var Combinations(Interpreter& interpreter, const Arguments& arguments) {
  std::vector<Var> pool = interpreter.Iterate(Needed(arguments, 0, "iterable"));
  int64_t wanted = NumberOf(arguments, 1, "r", 0);
  if (wanted < 0 || wanted > 20) NotRendered("itertools: too many at once");
  auto size = static_cast<size_t>(wanted);
  std::vector<Var> tuples;
  if (size > pool.size()) return Var::MakeIterator({});
  std::vector<size_t> at(size);
  for (size_t i = 0; i < size; ++i) at[i] = i;
  while (true) {
    interpreter.Step(size + 1);
    std::vector<Var> row;
    for (size_t i : at) row.push_back(pool[i]);
    tuples.push_back(Var::MakeTuple(std::move(row)));
    size_t i = size;
    while (i > 0 && at[i - 1] == pool.size() - size + i - 1) --i;
    if (i == 0) break;
    ++at[i - 1];
    for (size_t j = i; j < size; ++j) at[j] = at[j - 1] + 1;
  }
  return Var::MakeIterator(std::move(tuples));
}

Var Chain(Interpreter& interpreter, const Arguments& arguments) {
  std::vector<Var> items;
  for (std::vector<Var>& pool : Pools(interpreter, arguments))
    items.insert(items.end(), pool.begin(), pool.end());
  return Var::MakeIterator(std::move(items));
}

std::optional<Var> Itertools(std::string_view name) {
  if (name == "product") return Var::MakeFunction("product", Product);
  if (name == "combinations") return Var::MakeFunction("combinations", Combinations);
  if (name == "chain") return Var::MakeFunction("chain", Chain);
  NotRendered(fmt::format("modules.itertools.{} is not supported", name));
}

}  // namespace

Var Modules() {
  return MakeFacade("modules", [](std::string_view module) -> std::optional<Var> {
    if (module == "re") return MakeFacade("modules.re", Re);
    if (module == "itertools") return MakeFacade("modules.itertools", Itertools);
    if (module == "datetime") return MakeFacade("modules.datetime", DatetimeModule);
    NotRendered(fmt::format("modules.{} depends on the run, or is not supported", module));
  });
}

}  // namespace layergate::jinja

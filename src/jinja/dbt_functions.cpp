#include "jinja/dbt_functions.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/digest.h"
#include "core/yaml.h"
#include "jinja/builtins.h"
#include "jinja/facade.h"
#include "jinja/operators.h"
#include "jinja/python_text.h"
#include "jinja/text_filters.h"

namespace layergate::jinja {
namespace {

std::string TextArgument(const Arguments& arguments, std::string_view name) {
  const Var& text = Needed(arguments, 0, name);
  RefuseUnknown(text);
  if (!text.is_string()) NotRendered(fmt::format("`{}` must be a text", name));
  return text.as_string();
}

// Python reads some JSON that is refused here, and gives the default for what it cannot read: which
// of the two it would be is not guessed.
Var FromJson(Interpreter&, const Arguments& arguments) {
  Result<Value> value = ReadJson(TextArgument(arguments, "string"));
  if (!value) NotRendered("fromjson: " + value.error().message);
  return Var::FromValue(*value);
}

Var ToJson(Interpreter&, const Arguments& arguments) {
  return Var(DumpJson(Needed(arguments, 0, "value"), FlagOf(arguments, 2, "sort_keys", false)));
}

Var ToYaml(Interpreter&, const Arguments& arguments) {
  return Var(DumpYaml(Needed(arguments, 0, "value"), FlagOf(arguments, 2, "sort_keys", false)));
}

// Whether YAML 1.1, which dbt reads, takes the plain text for something else than a text where the
// reader here does not: yes and no, dates, octal and base-60 numbers.
bool IsDoubtful(std::string_view text) {
  constexpr std::string_view kWords[] = {"yes", "no", "on", "off", "y", "n"};
  if (std::find(std::begin(kWords), std::end(kWords), Lower(text)) != std::end(kWords)) return true;
  if (text == "=" || text == "<<") return true;
  bool starts_number =
      !text.empty() && std::string_view("0123456789+-.").find(text[0]) != std::string_view::npos;
  bool digits_only = text.find_first_not_of("0123456789") == std::string_view::npos;
  if (digits_only) return text.size() > 1 && text[0] == '0';
  return starts_number && text.find_first_of("0123456789") != std::string_view::npos &&
         text.find_first_of(" /%") == std::string_view::npos;
}

void RefuseDoubtful(const YamlNode& node) {
  for (const YamlNode& key : node.keys) RefuseDoubtful(key);
  for (const YamlNode& item : node.items) RefuseDoubtful(item);
  if (node.is_scalar() && !node.was_quoted && IsDoubtful(node.scalar))
    NotRendered(fmt::format("fromyaml: what `{}` is depends on the reader", node.scalar));
}

Var FromYaml(Interpreter&, const Arguments& arguments) {
  Result<YamlNode> yaml = ReadYaml(TextArgument(arguments, "value"), "fromyaml");
  if (!yaml) NotRendered(yaml.error().message);
  RefuseDoubtful(*yaml);
  return Var::FromValue(ToValue(*yaml));
}

Var LocalMd5(Interpreter&, const Arguments& arguments) {
  return Var(Md5Hex(TextArgument(arguments, "value")));
}

// What `a` has and `b` has not, whatever the case of keys and values.
Var DiffOfTwoDicts(Interpreter& interpreter, const Arguments& arguments) {
  const Var& a = Needed(arguments, 0, "dict_a");
  const Var& b = Needed(arguments, 1, "dict_b");
  if (!a.is_dict() || !b.is_dict()) NotRendered("diff_of_two_dicts needs two dictionaries");
  Var folded = Var::MakeDict();
  for (const auto& [key, values] : b.dict()->items) {
    std::vector<Var> lower;
    for (const Var& value : interpreter.Iterate(values))
      lower.emplace_back(Lower(value.ToString()));
    folded.dict()->Set(Var(Lower(key.ToString())), Var::MakeList(std::move(lower)));
  }
  Var result = Var::MakeDict();
  for (const auto& [key, values] : a.dict()->items) {
    const Var* there = folded.dict()->Find(Var(Lower(key.ToString())));
    if (!there) {
      result.dict()->Set(key, values);
      continue;
    }
    std::vector<Var> rest;
    for (const Var& value : interpreter.Iterate(values)) {
      if (!Contains(*there, Var(Lower(value.ToString())))) rest.push_back(value);
    }
    if (!rest.empty()) result.dict()->Set(key, Var::MakeList(std::move(rest)));
  }
  return result;
}

}  // namespace

std::optional<Var> PlainFunction(std::string_view name) {
  struct Function {
    std::string_view name;
    Var (*run)(Interpreter&, const Arguments&);
  };
  constexpr Function kFunctions[] = {
      {"fromjson", FromJson}, {"tojson", ToJson},      {"toyaml", ToYaml},
      {"fromyaml", FromYaml}, {"local_md5", LocalMd5}, {"diff_of_two_dicts", DiffOfTwoDicts}};
  for (const Function& function : kFunctions) {
    if (function.name == name) return Var::MakeFunction(std::string(name), function.run);
  }
  return std::nullopt;
}

}  // namespace layergate::jinja

#include "gates/pii_carry_over/marks.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include <fmt/format.h>

#include "core/text.h"

namespace layergate::pii {
namespace {

// Keys that exist for nothing else, whatever the policy lists.
constexpr std::string_view kMaskingKeys[] = {"masking_policy", "masking_policies", "masking_tag",
                                             "masking_tags",   "column_mask",      "data_policies"};

bool MatchesAny(const std::vector<std::string>& globs, std::string_view text) {
  std::string lower = ToLower(text);
  return std::any_of(globs.begin(), globs.end(),
                     [&](const std::string& glob) { return MatchesGlob(ToLower(glob), lower); });
}

bool IsMaskingKey(std::string_view key) {
  return std::any_of(std::begin(kMaskingKeys), std::end(kMaskingKeys),
                     [&](std::string_view known) { return EqualsIgnoreCase(known, key); });
}

// "pii: false" and "pii: none" are not marks.
bool SaysYes(const Value& value) {
  if (value.is_bool()) return value.AsBool();
  if (value.is_number()) return value.AsDouble() != 0;
  if (!value.is_string()) return !value.empty();
  std::string word = ToLower(Trim(value.AsString()));
  constexpr std::string_view kNo[] = {"", "no", "false", "none", "n", "0", "public"};
  return std::find(std::begin(kNo), std::end(kNo), word) == std::end(kNo);
}

// The value at the end of a chain of keys: {"a": {"b": value}}.
Value Nested(const std::vector<std::string>& keys, Value value) {
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
    value = Value::MakeObject({{*key, std::move(value)}});
  }
  return value;
}

void Merge(Value& into, const Value& more) {
  for (const auto& [key, value] : more.members()) {
    const Value* there = into.Find(key);
    if (there && there->is_object() && value.is_object()) {
      Value both = *there;
      Merge(both, value);
      into.Set(key, std::move(both));
    } else {
      into.Set(key, value);
    }
  }
}

class Collector {
 public:
  explicit Collector(const Matchers& marks) : marks_(marks) {}

  void Meta(const Value& meta) {
    std::vector<std::string> keys;
    Walk(meta, keys);
  }

  void Tags(const std::vector<std::string>& tags) {
    Value found = Value::MakeArray();
    for (const std::string& tag : tags) {
      if (!MatchesAny(marks_.tags, tag)) continue;
      mark_.what.push_back("tag " + tag);
      found.Append(tag);
    }
    if (!found.empty()) mark_.yaml.Set("tags", std::move(found));
  }

  // A key whose being there, with something in it, is the mark.
  void Whole(std::string_view key, const Value& value) {
    if (value.empty() || !SaysYes(value)) return;
    mark_.what.emplace_back(key);
    mark_.yaml.Set(key, value);
  }

  // Databricks' tags hold everything a team tags: only those that the policy's words match count.
  void KeyValueTags(std::string_view key, const Value& tags) {
    Value found = Value::MakeObject();
    for (const auto& [name, value] : tags.members()) {
      bool named =
          (MatchesAny(marks_.tags, name) || MatchesAny(marks_.meta_keys, name)) && SaysYes(value);
      if (named || (value.is_string() && MatchesAny(marks_.tags, value.AsString()))) {
        found.Set(name, value);
        mark_.what.push_back(fmt::format("{}.{}", key, name));
      }
    }
    if (!found.empty()) mark_.yaml.Set(key, std::move(found));
  }

  // classifiers: [pii.email, finance.amount], or {pii: [email]}.
  void Classifiers(const Value& classifiers) {
    std::vector<std::string> names;
    NamesIn(classifiers, "", names);
    const bool any = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return MatchesAny(marks_.classifiers, name);
    });
    if (any) Whole("classifiers", classifiers);
  }

  void Extra(const Value& extra) {
    Classifiers(extra["classifiers"]);
    for (std::string_view key : kMaskingKeys) Whole(key, extra[key]);
  }

  std::optional<Mark> Take() {
    if (mark_.what.empty()) return std::nullopt;
    std::vector<std::string> words;
    NamesIn(mark_.yaml, "", words);
    for (const std::string& word : words) mark_.level = std::max(mark_.level, LevelIn(word));
    return std::move(mark_);
  }

 private:
  // Every text in a value, with the keys above it: "pii.email".
  static void NamesIn(const Value& value, const std::string& above,
                      std::vector<std::string>& names) {
    const auto joined = [&](std::string_view name) {
      return above.empty() ? std::string(name) : fmt::format("{}.{}", above, name);
    };
    if (value.is_string()) names.push_back(joined(value.AsString()));
    for (const Value& item : value.items()) NamesIn(item, above, names);
    for (const auto& [key, member] : value.members()) {
      if (member.is_bool() && member.AsBool()) names.push_back(joined(key));
      NamesIn(member, joined(key), names);
    }
  }

  // "pii:restricted", "meta.sensitivity.confidential": the level that is one of its words.
  int LevelIn(std::string_view text) const {
    int level = -1;
    std::string word;
    for (const char c : fmt::format("{} ", text)) {
      const bool letter = std::isalnum(static_cast<unsigned char>(c)) != 0;
      if (letter) {
        word += c;
        continue;
      }
      for (size_t i = 0; i < marks_.levels.size(); ++i) {
        if (EqualsIgnoreCase(marks_.levels[i], word)) level = std::max(level, static_cast<int>(i));
      }
      word.clear();
    }
    return level;
  }

  void Walk(const Value& meta, std::vector<std::string>& keys) {
    for (const auto& [key, value] : meta.members()) {
      keys.push_back(key);
      std::string dotted = Join(keys, ".");
      bool named = MatchesAny(marks_.meta_keys, dotted) || IsMaskingKey(key);
      if (named && SaysYes(value)) {
        Found(keys, dotted, value);
      } else if (value.is_object()) {
        Walk(value, keys);
      } else {
        Listed(keys, dotted, value);
      }
      keys.pop_back();
    }
  }

  // meta: {labels: [pii, internal]} and meta: {classification: pii}
  void Listed(const std::vector<std::string>& keys, const std::string& dotted, const Value& value) {
    if (value.is_string() && MatchesAny(marks_.tags, value.AsString())) {
      return Found(keys, dotted, value);
    }
    Value words = Value::MakeArray();
    for (const Value& item : value.items()) {
      if (item.is_string() && MatchesAny(marks_.tags, item.AsString())) words.Append(item);
    }
    if (!words.empty()) Found(keys, dotted, words);
  }

  void Found(const std::vector<std::string>& keys, const std::string& dotted, const Value& value) {
    mark_.what.push_back("meta." + dotted);
    Value meta = mark_.yaml["meta"].is_object() ? mark_.yaml["meta"] : Value(Value::MakeObject());
    Merge(meta, Nested(keys, value));
    mark_.yaml.Set("meta", std::move(meta));
  }

  const Matchers& marks_;
  Mark mark_;
};

// One scalar as YAML reads it back: JSON's spelling is YAML's, and plain words need no quotes.
std::string Scalar(const Value& value) {
  if (!value.is_string()) return WriteJson(value);
  std::string_view text = value.AsString();
  bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || c == '_';
  });
  constexpr std::string_view kWords[] = {"true", "false", "null", "yes", "no",
                                         "on",   "off",   "y",    "n"};
  bool word = std::find(std::begin(kWords), std::end(kWords), text) != std::end(kWords);
  return plain && !word ? std::string(text) : WriteJson(value);
}

void WriteYaml(std::string& out, std::string_view key, const Value& value, int indent) {
  out += fmt::format("{:{}}{}:", "", indent, key);
  if (value.is_object()) {
    out += "\n";
    for (const auto& [name, member] : value.members()) WriteYaml(out, name, member, indent + 2);
  } else if (value.is_array()) {
    std::vector<std::string> items;
    for (const Value& item : value.items()) items.push_back(Scalar(item));
    out += fmt::format(" [{}]\n", fmt::join(items, ", "));
  } else {
    out += fmt::format(" {}\n", Scalar(value));
  }
}

// 1.10.0 -> {1, 10}
bool WantsConfig(std::string_view dbt_version) {
  std::vector<std::string_view> parts = Split(dbt_version, '.');
  auto number = [&](size_t i) {
    int n = 0;
    if (i < parts.size()) std::from_chars(parts[i].data(), parts[i].data() + parts[i].size(), n);
    return n;
  };
  return number(0) > 1 || (number(0) == 1 && number(1) >= 10);
}

void WriteMark(std::string& out, const Mark& mark, bool under_config, int indent) {
  bool opened = false;
  for (const auto& [key, value] : mark.yaml.members()) {
    if (!under_config || (key != "meta" && key != "tags")) continue;
    if (!opened) out += fmt::format("{:{}}config:\n", "", indent);
    opened = true;
    WriteYaml(out, key, value, indent + 2);
  }
  for (const auto& [key, value] : mark.yaml.members()) {
    if (!under_config || (key != "meta" && key != "tags")) WriteYaml(out, key, value, indent);
  }
}

}  // namespace

Matchers::Matchers(const policy::PiiMarks& marks, const Value& chosen, const Value& order)
    : policy::PiiMarks(marks) {
  const auto take = [](const Value& list, std::vector<std::string>& into) {
    if (!list.is_array()) return;
    into.clear();
    for (const Value& item : list.items()) into.emplace_back(item.AsString());
  };
  take(chosen, classifiers);
  take(order, levels);
}

std::string Mark::Describe() const { return Join(what, ", "); }

std::optional<Mark> MarkOf(const dbt::Column& column, const Matchers& marks) {
  Collector collector(marks);
  collector.Meta(column.meta);
  collector.Tags(column.tags);
  collector.Whole("policy_tags", column.policy_tags);
  collector.KeyValueTags("databricks_tags", column.databricks_tags);
  collector.Extra(column.extra);
  return collector.Take();
}

std::optional<Mark> MarkOf(const dbt::Node& node, const Matchers& marks) {
  Collector collector(marks);
  collector.Meta(node.meta);
  collector.Tags(node.tags);
  collector.KeyValueTags("databricks_tags", node.Config("databricks_tags"));
  return collector.Take();
}

std::string YamlPatch(const dbt::Node& node, std::string_view column, const Mark& mark,
                      std::string_view dbt_version) {
  bool under_config = WantsConfig(dbt_version);
  std::string out;
  int indent = 4;
  if (node.resource_type == "source") {
    out = fmt::format("sources:\n  - name: {}\n    tables:\n      - name: {}\n", node.source_name,
                      node.name);
    indent = 8;
  } else {
    out = fmt::format("{}s:\n  - name: {}\n", node.resource_type, node.name);
  }
  if (column.empty()) {
    WriteMark(out, mark, under_config, indent);
    return out;
  }
  out += fmt::format("{:{}}columns:\n{:{}}- name: {}\n", "", indent, "", indent + 2, column);
  WriteMark(out, mark, under_config, indent + 4);
  return out;
}

}  // namespace layergate::pii

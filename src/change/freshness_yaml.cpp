// Whether a manifest was made from a YAML file as a commit has it, as far as the file is plain
// text.
//
// dbt keeps no copy of its YAML files, but what they say ends up in the nodes. So every word that
// an entry says must stand in the node's JSON, and the columns, marks and tests that the manifest
// took from the file must stand in the file. Words are compared, not values: dbt turns "7 days"
// into {count: 7, granularity: day}, and quotes, nests and renames from version to version.
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "change/rules.h"
#include "core/text.h"
#include "core/yaml.h"
#include "dbt/json_text.h"

namespace layergate::change {
namespace {

using Words = std::set<std::string, std::less<>>;

bool IsWordPart(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

void AddWords(std::string_view text, Words& words) {
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && IsWordPart(text[end])) ++end;
    if (end > i) words.insert(ToLower(text.substr(i, end - i)));
    i = end + 1;
  }
}

// Every text in a JSON value, keys included.
void AddWordsOf(const Value& value, Words& words) {
  if (value.is_string()) AddWords(value.AsString(), words);
  if (value.is_number()) AddWords(WriteJson(value), words);
  for (const Value& item : value.items()) AddWordsOf(item, words);
  for (const auto& [key, member] : value.members()) {
    AddWords(key, words);
    AddWordsOf(member, words);
  }
}

bool IsRendered(std::string_view text) {
  return text.find("{{") != std::string_view::npos || text.find("{%") != std::string_view::npos;
}

// Keys whose values dbt turns into other nodes, or into something that keeps no words.
bool LivesElsewhere(std::string_view key) {
  constexpr std::string_view kKeys[] = {"tests",
                                        "data_tests",
                                        "versions",
                                        "tables",
                                        "latest_version",
                                        "depends_on",
                                        "freshness",
                                        "quoting",
                                        "version",
                                        "deprecation_date",
                                        "refs",
                                        "defined_in",
                                        "loaded_at_query",
                                        "quote",
                                        "window",
                                        "offset_window",
                                        "docs",
                                        "time_spine",
                                        "relation",
                                        "metrics",
                                        "semantic_model",
                                        "derived_semantics",
                                        "entity",
                                        "dimension",
                                        "agg_time_dimension"};
  return std::find(std::begin(kKeys), std::end(kKeys), key) != std::end(kKeys);
}

// Whether dbt keeps the text as it stands: no Jinja, and nothing that YAML 1.1 takes for a number,
// a date or a truth value.
bool IsKept(const YamlNode& scalar) {
  if (IsRendered(scalar.scalar)) return false;
  if (scalar.was_quoted) return true;
  char first = scalar.scalar.empty() ? '0' : scalar.scalar[0];
  if (std::isdigit(static_cast<unsigned char>(first)) != 0 ||
      std::string_view("+-.~").find(first) != std::string_view::npos)
    return false;
  std::string word = ToLower(scalar.scalar);
  constexpr std::string_view kFlags[] = {"yes",   "no", "on", "off", "true",
                                         "false", "y",  "n",  "null"};
  return std::find(std::begin(kFlags), std::end(kFlags), word) == std::end(kFlags);
}

// The first word that an entry says and the node doesn't have.
std::string MissingWord(const YamlNode& entry, const Words& in_node) {
  if (entry.is_scalar()) {
    if (!IsKept(entry)) return {};
    Words said;
    AddWords(entry.scalar, said);
    for (const std::string& word : said) {
      if (!in_node.count(word)) return word;
    }
    return {};
  }
  for (size_t i = 0; i < entry.items.size(); ++i) {
    std::string word;
    if (entry.is_map() && entry.keys[i].scalar == "config") {
      for (std::string_view mark : {"meta", "tags"}) {
        const YamlNode* marks = entry.items[i].Find(mark);
        if (marks && word.empty()) word = MissingWord(*marks, in_node);
      }
    } else if (!entry.is_map() || !LivesElsewhere(entry.keys[i].scalar)) {
      word = MissingWord(entry.items[i], in_node);
    }
    if (!word.empty()) return word;
  }
  return {};
}

// "not_null" of `- not_null`, `- not_null: {...}`, `- test_name: not_null` and
// `- dbt_utils.accepted_range: ...` (without the package).
std::string TestName(const YamlNode& test) {
  std::string name;
  if (test.is_scalar()) name = test.scalar;
  if (test.is_map() && !test.keys.empty()) name = test.keys[0].scalar;
  for (std::string_view key : {"test_name", "test"}) {
    const YamlNode* named = test.is_map() ? test.Find(key) : nullptr;
    if (named && named->is_scalar()) name = named->scalar;
  }
  return name.substr(name.rfind('.') + 1);
}

using Counts = std::map<std::string, int>;

void CountTests(const YamlNode& node, Counts& counts) {
  for (size_t i = 0; i < node.items.size(); ++i) {
    bool tests =
        node.is_map() && (node.keys[i].scalar == "tests" || node.keys[i].scalar == "data_tests");
    if (tests && node.items[i].is_list()) {
      for (const YamlNode& test : node.items[i].items) ++counts[TestName(test)];
    } else {
      CountTests(node.items[i], counts);
    }
  }
}

class Comparison {
 public:
  Comparison(const dbt::Project& project, const std::string& package, const std::string& file,
             const std::string& text)
      : project_(project), package_(package), file_(file) {
    AddWords(text, in_file_);
  }

  std::vector<PropertyDisagreement> Compare(const YamlNode& yaml) {
    struct Kind {
      std::string_view key, type;
    };
    constexpr Kind kKinds[] = {{"models", "model"},       {"seeds", "seed"},
                               {"snapshots", "snapshot"}, {"exposures", "exposure"},
                               {"metrics", "metric"},     {"semantic_models", "semantic_model"}};
    for (const Kind& kind : kKinds) {
      const YamlNode* entries = yaml.Find(kind.key);
      if (!entries || !entries->is_list()) continue;
      for (const YamlNode& entry : entries->items) Entry(kind.type, Id(kind.type, entry), entry);
    }
    Sources(yaml.Find("sources"));
    Tests(yaml);
    return std::move(found_);
  }

 private:
  std::string Id(std::string_view type, const YamlNode& entry) const {
    const YamlNode* name = entry.Find("name");
    if (!name || !name->is_scalar()) return {};
    return fmt::format("{}.{}.{}", type, package_, name->scalar);
  }
  void Say(const std::string& id, std::string why) { found_.push_back({id, std::move(why)}); }

  void Entry(std::string_view type, const std::string& id, const YamlNode& entry) {
    const dbt::Node* node = project_.Find(id);
    if (!node) {
      bool disabled =
          std::binary_search(project_.disabled_ids().begin(), project_.disabled_ids().end(), id);
      bool must_exist = type == "exposure" || type == "metric" || type == "semantic_model";
      if (must_exist && !disabled && !id.empty()) {
        Say(id, fmt::format("the commit has this {}, the manifest does not", type));
      }
      return;
    }
    Words in_node;
    for (std::string_view field :
         {"name",        "description",     "columns",     "meta",
          "tags",        "config",          "constraints", "type",
          "owner",       "label",           "url",         "maturity",
          "type_params", "filter",          "measures",    "entities",
          "dimensions",  "model",           "defaults",    "primary_entity",
          "relation",    "group",           "access",      "time_granularity",
          "identifier",  "loaded_at_field", "external",    "loader",
          "schema",      "database",        "source_name", "source_description",
          "source_meta"}) {
      AddWordsOf(dbt::ReadChecked(project_.RawField(id, field)), in_node);
    }
    if (std::string word = MissingWord(entry, in_node); !word.empty()) {
      Say(id, fmt::format("the file in the commit says \"{}\" of it, the manifest does not",
                          Printable(word)));
      return;
    }
    if (node->patch_path == file_) Backwards(*node, entry);
  }

  // What the manifest has of the columns must be in the file.
  void Backwards(const dbt::Node& node, const YamlNode& entry) {
    const YamlNode* columns = entry.Find("columns");
    for (const dbt::Column& column : node.columns) {
      const YamlNode* described = columns ? FindNamed(*columns, column.name) : nullptr;
      if (!described) {
        Say(node.unique_id,
            fmt::format("the manifest describes column {}, the file in the commit does not",
                        Printable(column.name)));
        return;
      }
      Words in_file, in_manifest;
      bool rendered = false;
      AddMarks(*described, in_file, rendered);
      if (const YamlNode* config = described->Find("config")) AddMarks(*config, in_file, rendered);
      if (rendered) continue;
      AddWordsOf(column.meta, in_manifest);
      for (const std::string& tag : column.tags) AddWords(tag, in_manifest);
      for (const std::string& word : in_manifest) {
        // YAML 1.1 reads some plain words as numbers, dates and truth values.
        bool number = std::isdigit(static_cast<unsigned char>(word[0])) != 0;
        if (number || in_file.count(word)) continue;
        Say(node.unique_id,
            fmt::format("the manifest says \"{}\" of column {}, the file in the commit does not",
                        Printable(word), Printable(column.name)));
        return;
      }
    }
  }

  static const YamlNode* FindNamed(const YamlNode& list, std::string_view name) {
    for (const YamlNode& item : list.items) {
      const YamlNode* item_name = item.Find("name");
      if (item_name && item_name->scalar == name) return &item;
    }
    return nullptr;
  }

  // Words below `meta` and `tags`, keys included.
  static void AddMarks(const YamlNode& described, Words& words, bool& rendered) {
    for (std::string_view key : {"meta", "tags"}) {
      if (const YamlNode* marks = described.Find(key)) AddAll(*marks, words, rendered);
    }
  }
  static void AddAll(const YamlNode& node, Words& words, bool& rendered) {
    if (node.is_scalar()) {
      AddWords(node.scalar, words);
      rendered = rendered || IsRendered(node.scalar);
    }
    for (const YamlNode& key : node.keys) AddAll(key, words, rendered);
    for (const YamlNode& item : node.items) AddAll(item, words, rendered);
  }

  void Sources(const YamlNode* sources) {
    if (!sources || !sources->is_list()) return;
    for (const YamlNode& source : sources->items) {
      const YamlNode* name = source.Find("name");
      const YamlNode* tables = source.Find("tables");
      if (!name || !name->is_scalar() || !tables || !tables->is_list()) continue;
      for (const YamlNode& table : tables->items) {
        const YamlNode* table_name = table.Find("name");
        if (!table_name || !table_name->is_scalar()) continue;
        Entry("source", fmt::format("source.{}.{}.{}", package_, name->scalar, table_name->scalar),
              table);
      }
    }
  }

  // A test that the manifest has and the file doesn't was removed after the manifest was made; the
  // other way round is no proof, because the test may be disabled.
  void Tests(const YamlNode& yaml) {
    Counts in_file, in_manifest;
    // At the top, data_tests: describes singular tests.
    for (size_t i = 0; i < yaml.items.size(); ++i) {
      bool singular = yaml.keys[i].scalar == "tests" || yaml.keys[i].scalar == "data_tests";
      if (!singular) CountTests(yaml.items[i], in_file);
    }
    for (const std::string& id : project_.ids()) {
      if (!id.starts_with("test.")) continue;
      if (dbt::ReadCheckedString(project_.RawField(id, "original_file_path")) != file_) continue;
      const dbt::Node* test = project_.Find(id);
      if (!test->test_metadata || test->package_name != package_) continue;
      if (++in_manifest[test->test_metadata->name] > in_file[test->test_metadata->name]) {
        if (HasVersions(yaml)) return;  // one entry makes tests for each version
        Say(id, "the manifest has this test, the file in the commit does not");
      }
    }
    Added(in_file, in_manifest, yaml);
  }

  void Added(const Counts& in_file, const Counts& in_manifest, const YamlNode& yaml) {
    if (in_file_.count("enabled") || !project_.disabled_ids().empty() || !AllExist(yaml)) return;
    for (const auto& [name, count] : in_file) {
      auto found = in_manifest.find(name);
      if (found != in_manifest.end() && found->second >= count) continue;
      if (found != in_manifest.end() || name.empty()) continue;
      Say("", fmt::format("the file in the commit has a test {}, the manifest has none of it",
                          Printable(name)));
      return;
    }
  }

  // Of an entry for a model that there isn't, dbt makes no tests.
  bool AllExist(const YamlNode& yaml) const {
    auto exist = [&](std::string_view key, std::string_view type) {
      const YamlNode* entries = yaml.Find(key);
      return !entries ||
             std::all_of(entries->items.begin(), entries->items.end(),
                         [&](const YamlNode& entry) { return project_.Contains(Id(type, entry)); });
    };
    return exist("models", "model") && exist("seeds", "seed") && exist("snapshots", "snapshot");
  }

  static bool HasVersions(const YamlNode& yaml) {
    const YamlNode* models = yaml.Find("models");
    return models && models->is_list() &&
           std::any_of(models->items.begin(), models->items.end(),
                       [](const YamlNode& entry) { return entry.Find("versions") != nullptr; });
  }

  const dbt::Project& project_;
  const std::string& package_;
  const std::string& file_;
  Words in_file_;
  std::vector<PropertyDisagreement> found_;
};

}  // namespace

std::vector<PropertyDisagreement> ComparePropertiesFile(const dbt::Project& project,
                                                        const std::string& package,
                                                        const std::string& file,
                                                        const std::string& text) {
  auto yaml = ReadYaml(text, file);
  if (!yaml || !yaml->is_map()) return {};
  return Comparison(project, package, file, text).Compare(*yaml);
}

}  // namespace layergate::change

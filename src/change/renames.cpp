// Which removed node went on under another id.
#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "change/rules.h"
#include "core/text.h"

namespace layergate::change {
namespace {

constexpr size_t kMinimumText = 20;  // shorter bodies ("select 1") say nothing about identity
constexpr size_t kMostForSimilar =
    300;                           // candidates a side, above which only equal bodies are paired
constexpr double kSimilar = 0.75;  // share of lines that two bodies have in common

std::string_view TypeOf(std::string_view id) { return id.substr(0, id.find('.')); }

bool HasBody(std::string_view id) {
  std::string_view type = TypeOf(id);
  return type == "model" || type == "snapshot" || type == "seed" || type == "analysis" ||
         type == "test" || type == "function";
}

// What must be equal for two nodes to be the same one: the body without white space differences, or
// a seed's checksum. Empty when the node has nothing that tells it from others.
std::string BodyKey(const dbt::Node& node) {
  if (node.resource_type == "seed") {
    return node.checksum_name == "path" || node.checksum.empty() ? "" : "seed " + node.checksum;
  }
  if (node.resource_type == "test" && node.test_metadata) return {};  // paired with their model
  std::string body = CollapseWhitespace(node.raw_code);
  return body.size() < kMinimumText ? "" : node.resource_type + " " + body;
}

std::set<std::string> Lines(const dbt::Node& node) {
  std::set<std::string> lines;
  for (std::string_view line : Split(node.raw_code, '\n')) {
    std::string text = CollapseWhitespace(line);
    if (text.size() > 1) lines.insert(std::move(text));
  }
  return lines;
}

double Likeness(const std::set<std::string>& a, const std::set<std::string>& b) {
  if (a.size() < 4 || b.size() < 4) return 0;
  size_t common = 0;
  for (const std::string& line : a) common += b.count(line);
  return static_cast<double>(common) / static_cast<double>(a.size() + b.size() - common);
}

// "model.old.orders" -> "model.new.orders".
std::string UnderPackage(std::string_view id, std::string_view package) {
  size_t first = id.find('.');
  size_t second = id.find('.', first + 1);
  if (second == std::string_view::npos) return {};
  return fmt::format("{}.{}{}", id.substr(0, first), package, id.substr(second));
}

bool InPackage(std::string_view id, std::string_view package) {
  size_t first = id.find('.');
  return first != std::string_view::npos && id.substr(first + 1).starts_with(package) &&
         id.substr(first + 1 + package.size()).starts_with('.');
}

class Finder {
 public:
  Finder(const dbt::Project& base, const dbt::Project& head,
         const std::vector<std::string>& removed, const std::vector<std::string>& added)
      : base_(base), head_(head), removed_(removed), added_(added) {}

  Renames Find() {
    ProjectRename();
    EqualBodies();
    SimilarBodies();
    SameMeanings("semantic_model");
    SameMeanings("metric");
    SameMeanings("saved_query");
    SameSources();
    SameSingularTests();
    SameTests();
    return std::move(renames_);
  }

 private:
  void Pair(const std::string& base_id, const std::string& head_id) {
    renames_.base_to_head.emplace(base_id, head_id);
    taken_.insert(head_id);
  }
  bool Open(const std::string& base_id) const { return !renames_.base_to_head.count(base_id); }

  void ProjectRename() {
    const std::string& old_name = base_.metadata().project_name;
    const std::string& new_name = head_.metadata().project_name;
    if (old_name.empty() || new_name.empty() || old_name == new_name) return;
    std::set<std::string_view> added(added_.begin(), added_.end());
    size_t of_project = 0, paired = 0;
    for (const std::string& id : removed_) {
      if (!InPackage(id, old_name)) continue;
      ++of_project;
      std::string renamed = UnderPackage(id, new_name);
      if (!added.count(renamed)) continue;
      Pair(id, renamed);
      ++paired;
    }
    if (paired == 0) return;
    renames_.notes.push_back(
        fmt::format("the project was renamed from {} to {}: {} of {} nodes are paired by name, and "
                    "dbt calls all "
                    "of them new",
                    Printable(old_name), Printable(new_name), paired, of_project));
  }

  void EqualBodies() {
    std::unordered_map<std::string, std::vector<const std::string*>> base, head;
    for (const std::string& id : removed_) {
      if (!HasBody(id) || !Open(id)) continue;
      if (std::string key = BodyKey(*base_.Find(id)); !key.empty()) base[key].push_back(&id);
    }
    if (base.empty()) return;
    for (const std::string& id : added_) {
      if (!HasBody(id) || taken_.count(id)) continue;
      std::string key = BodyKey(*head_.Find(id));
      if (!key.empty() && base.count(key)) head[key].push_back(&id);
    }
    for (const std::string& id : removed_) {
      if (!HasBody(id) || !Open(id)) continue;
      std::string key = BodyKey(*base_.Find(id));
      auto match = head.find(key);
      if (match != head.end() && match->second.size() == 1 && base[key].size() == 1) {
        Pair(id, *match->second[0]);
      }
    }
  }

  // A body that was edited while it was renamed: the pair that is most alike, when each is the
  // other's only one.
  void SimilarBodies() {
    std::vector<std::pair<std::string, std::set<std::string>>> base, head;
    for (const std::string& id : removed_) {
      if (TypeOf(id) == "model" && Open(id)) base.emplace_back(id, Lines(*base_.Find(id)));
    }
    for (const std::string& id : added_) {
      if (TypeOf(id) == "model" && !taken_.count(id)) head.emplace_back(id, Lines(*head_.Find(id)));
    }
    if (base.size() > kMostForSimilar || head.size() > kMostForSimilar) return;
    std::vector<std::vector<size_t>> of_base(base.size()), of_head(head.size());
    for (size_t b = 0; b < base.size(); ++b) {
      for (size_t h = 0; h < head.size(); ++h) {
        if (Likeness(base[b].second, head[h].second) < kSimilar) continue;
        of_base[b].push_back(h);
        of_head[h].push_back(b);
      }
    }
    for (size_t b = 0; b < base.size(); ++b) {
      if (of_base[b].size() == 1 && of_head[of_base[b][0]].size() == 1) {
        Pair(base[b].first, head[of_base[b][0]].first);
      }
    }
  }

  // What says how a part of the semantic layer computes, under the head side's names. Empty when it
  // says next to nothing.
  std::string MeaningKey(const dbt::Node& node, const SemanticModels& models,
                         const std::map<std::string, std::string>& new_names) const {
    Value meaning = MeaningOf(models, node);
    if (meaning.members().size() < 2) return {};
    Value key = UnderNewNames(meaning, new_names);
    std::set<std::string> parents;
    for (const std::string& parent : node.depends_on_nodes) {
      auto renamed = renames_.base_to_head.find(parent);
      parents.insert(renamed == renames_.base_to_head.end() ? parent : renamed->second);
    }
    key.Set("model", Value::FromStrings({parents.begin(), parents.end()}));
    return WriteJson(key);
  }

  // Names of semantic models and metrics stand in `semantic_model`, `name` and in lists of texts.
  static Value UnderNewNames(const Value& value, const std::map<std::string, std::string>& names) {
    auto renamed = [&](const Value& text) {
      auto found = names.find(std::string(text.AsString()));
      return found == names.end() ? text : Value(found->second);
    };
    if (value.is_array()) {
      Value list = Value::MakeArray();
      for (const Value& item : value.items()) {
        list.Append(item.is_string() ? renamed(item) : UnderNewNames(item, names));
      }
      return list;
    }
    if (!value.is_object()) return value;
    Value object = Value::MakeObject();
    for (const auto& [key, member] : value.members()) {
      bool is_name = member.is_string() && (key == "semantic_model" || key == "name");
      object.Set(key, is_name ? renamed(member) : UnderNewNames(member, names));
    }
    return object;
  }

  // A semantic model, metric or saved query that computes the same under another name, when it is
  // the only one on either side.
  void SameMeanings(std::string_view type) {
    auto of_type = [&](const std::string& id) { return TypeOf(id) == type; };
    if (std::none_of(removed_.begin(), removed_.end(), of_type)) return;
    SemanticModels base_models = SemanticModelsOf(base_), head_models = SemanticModelsOf(head_);
    std::map<std::string, std::string> new_names;
    for (const auto& [from, to] : renames_.base_to_head) {
      if (TypeOf(from) != "semantic_model" && TypeOf(from) != "metric") continue;
      new_names[base_.Find(from)->name] = head_.Find(to)->name;
    }
    std::map<std::string, std::vector<const std::string*>> base, head;
    for (const std::string& id : removed_) {
      if (!of_type(id) || !Open(id)) continue;
      std::map<std::string, std::string> names = new_names;
      names[base_.Find(id)->name] = "";  // its own name is what may differ
      base[MeaningKey(*base_.Find(id), base_models, names)].push_back(&id);
    }
    for (const std::string& id : added_) {
      if (!of_type(id) || taken_.count(id)) continue;
      head[MeaningKey(*head_.Find(id), head_models, {{head_.Find(id)->name, ""}})].push_back(&id);
    }
    for (const auto& [key, ids] : base) {
      auto match = head.find(key);
      if (key.empty() || match == head.end() || ids.size() != 1 || match->second.size() != 1) {
        continue;
      }
      Pair(*ids[0], *match->second[0]);
    }
  }

  // The Rust engine writes "__" into a source's id for what is no letter ("events_*"): the names of
  // which the id is made are the same.
  void SameSources() {
    std::map<std::string, const std::string*> head;
    auto key = [](const dbt::Node& source) {
      return fmt::format("{}\n{}\n{}", source.package_name, source.source_name, source.name);
    };
    for (const std::string& id : added_) {
      if (TypeOf(id) == "source" && !taken_.count(id)) head.emplace(key(*head_.Find(id)), &id);
    }
    if (head.empty()) return;
    for (const std::string& id : removed_) {
      if (TypeOf(id) != "source" || !Open(id)) continue;
      auto match = head.find(key(*base_.Find(id)));
      if (match != head.end() && !taken_.count(*match->second)) Pair(id, *match->second);
    }
  }

  void SameSingularTests() {
    for (const std::string& id : removed_) {
      if (TypeOf(id) != "test" || !Open(id)) continue;
      auto match = std::find_if(added_.begin(), added_.end(), [&](const std::string& other) {
        return !taken_.count(other) && IsSameSingularTest(id, other);
      });
      if (match != added_.end()) Pair(id, *match);
    }
  }

  // A generic test's id holds a hash that depends on how dbt writes its arguments, and the name of
  // the tested node: the same test of the same node is the same one.
  void SameTests() {
    std::unordered_map<std::string, std::vector<const std::string*>> head;
    for (const std::string& id : added_) {
      if (TypeOf(id) != "test" || taken_.count(id)) continue;
      std::string key = TestKey(*head_.Find(id), head_.Find(id)->attached_node);
      if (!key.empty()) head[key].push_back(&id);
    }
    if (head.empty()) return;
    for (const std::string& id : removed_) {
      if (TypeOf(id) != "test" || !Open(id)) continue;
      const dbt::Node& test = *base_.Find(id);
      auto renamed = renames_.base_to_head.find(test.attached_node);
      bool moved = renamed != renames_.base_to_head.end();
      auto match = head.find(TestKey(test, moved ? renamed->second : test.attached_node));
      if (match == head.end() || match->second.empty()) continue;
      Pair(id, *match->second.back());
      match->second.pop_back();
    }
  }

  static std::string TestKey(const dbt::Node& test, const std::string& attached_node) {
    if (!test.test_metadata || attached_node.empty()) return {};
    std::map<std::string, std::string> arguments;
    for (const auto& [key, value] : test.test_metadata->kwargs.members()) {
      if (key != "model") arguments[key] = WriteJson(value);
    }
    std::string key = fmt::format("{}\n{}\n{}\n{}", attached_node, test.test_metadata->package,
                                  test.test_metadata->name, ToLower(test.column_name));
    for (const auto& [name, value] : arguments) key += fmt::format("\n{}={}", name, value);
    return key;
  }

  const dbt::Project& base_;
  const dbt::Project& head_;
  const std::vector<std::string>& removed_;
  const std::vector<std::string>& added_;
  Renames renames_;
  std::set<std::string, std::less<>> taken_;
};

}  // namespace

bool IsSameSingularTest(std::string_view base_id, std::string_view head_id) {
  std::string_view shorter = base_id.size() < head_id.size() ? base_id : head_id;
  std::string_view longer = base_id.size() < head_id.size() ? head_id : base_id;
  constexpr size_t kSuffix = 11;  // the dot as well
  if (longer.size() != shorter.size() + kSuffix || !longer.starts_with(shorter)) return false;
  std::string_view suffix = longer.substr(shorter.size());
  return suffix[0] == '.' &&
         suffix.find_first_not_of("0123456789abcdef", 1) == std::string_view::npos;
}

Renames FindRenames(const dbt::Project& base, const dbt::Project& head,
                    const std::vector<std::string>& removed,
                    const std::vector<std::string>& added) {
  if (removed.empty() || added.empty()) return {};
  return Finder(base, head, removed, added).Find();
}

}  // namespace layergate::change

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
    SameSources();
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

Renames FindRenames(const dbt::Project& base, const dbt::Project& head,
                    const std::vector<std::string>& removed,
                    const std::vector<std::string>& added) {
  if (removed.empty() || added.empty()) return {};
  return Finder(base, head, removed, added).Find();
}

}  // namespace layergate::change

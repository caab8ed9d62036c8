#include "dbt/manifest_index.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "core/source_text.h"
#include "core/text.h"
#include "dbt/json_text.h"

namespace layergate::dbt {
namespace {

struct NamedSection {
  std::string_view name;
  Section section;
};
constexpr std::array kSections = {
    NamedSection{"nodes", Section::kNodes},
    NamedSection{"sources", Section::kSources},
    NamedSection{"exposures", Section::kExposures},
    NamedSection{"metrics", Section::kMetrics},
    NamedSection{"semantic_models", Section::kSemanticModels},
    NamedSection{"saved_queries", Section::kSavedQueries},
    NamedSection{"unit_tests", Section::kUnitTests},
    NamedSection{"functions", Section::kFunctions},
    NamedSection{"macros", Section::kMacros},
    NamedSection{"disabled", Section::kDisabled},
    NamedSection{"metadata", Section::kMetadata},
    NamedSection{"docs", Section::kOther},
    NamedSection{"groups", Section::kOther},
    NamedSection{"selectors", Section::kOther},
    NamedSection{"parent_map", Section::kOther},
    NamedSection{"child_map", Section::kOther},
    NamedSection{"group_map", Section::kOther},
    NamedSection{"files", Section::kOther},
};

Section SectionOf(std::string_view name) {
  for (const NamedSection& known : kSections) {
    if (known.name == name) return known.section;
  }
  return Section::kUnknown;
}

bool HoldsEntries(Section section) { return section <= Section::kMacros; }

constexpr std::string_view kNotAsWritten =
    "Write the manifest again with dbt: this file is not as dbt wrote it.";

class Indexer : public JsonSink {
 public:
  Indexer(std::string_view text, ManifestIndex& index) : text_(text), index_(index) {}

  Result<void> Key(int depth, uint32_t begin, uint32_t end) override {
    std::string_view body = text_.substr(begin, end - begin);
    if (depth == 1) return BeginSection(body);
    if (depth == 2) {
      BeginEntry(body, begin);
      return {};
    }
    if (!HoldsEntries(section_)) return {};
    return BeginField(body);
  }

  void Value(int depth, uint32_t begin, uint32_t end) override {
    if (depth == 3 && HoldsEntries(section_)) {
      index_.fields.push_back({field_key_, begin, end});
      ++entry_.field_count;
    } else if (depth == 2 && HoldsEntries(section_)) {
      EndEntry(begin);
    } else if (depth == 2 && section_ == Section::kDisabled) {
      index_.disabled_ids.push_back(entry_.id);
    } else if (depth == 1) {
      EndSection(text_.substr(begin, end - begin), begin);
    }
  }

  // A mistake that can wait until the document is known to be a manifest.
  struct Mistake {
    uint32_t offset;
    std::string message;
  };
  const std::optional<Mistake>& mistake() const { return mistake_; }

 private:
  Result<void> BeginSection(std::string_view body) {
    section_name_ = Unescape(body);
    if (!seen_sections_.insert(section_name_).second) {
      return MakeError(fmt::format("the key \"{}\" stands twice", Printable(section_name_)),
                       std::string(kNotAsWritten));
    }
    section_ = SectionOf(section_name_);
    if (section_name_ == "project_configuration") index_.has_project_configuration = true;
    return {};
  }

  void BeginEntry(std::string_view body, uint32_t begin) {
    if (!HoldsEntries(section_) && section_ != Section::kDisabled) return;
    entry_ = {};
    entry_.id = Unescape(body);
    entry_.key_begin = begin;
    entry_.first_field = static_cast<uint32_t>(index_.fields.size());
    entry_.section = section_;
    ++entry_number_;
    previous_key_ = kNoKey;
  }

  Result<void> BeginField(std::string_view body) {
    field_key_ = Intern(body);
    if (last_entry_with_key_[field_key_] == entry_number_) {
      return MakeError(
          fmt::format("the key \"{}\" stands twice in {}", Printable(body), Printable(entry_.id)),
          std::string(kNotAsWritten));
    }
    last_entry_with_key_[field_key_] = entry_number_;
    return {};
  }

  // The number of a field's name. Fields follow each other in the same order in nearly every node,
  // so the name that followed last time is tried first.
  uint32_t Intern(std::string_view body) {
    uint32_t key = kNoKey;
    if (previous_key_ != kNoKey) {
      uint32_t guess = follower_[previous_key_];
      if (guess != kNoKey && index_.keys[guess] == body) key = guess;
    }
    if (key == kNoKey) {
      std::string name = Unescape(body);
      auto [it, fresh] = numbers_.emplace(name, static_cast<uint32_t>(index_.keys.size()));
      key = it->second;
      if (fresh) {
        index_.keys.push_back(std::move(name));
        follower_.push_back(kNoKey);
        last_entry_with_key_.push_back(0);
      }
      if (previous_key_ != kNoKey) follower_[previous_key_] = key;
    }
    previous_key_ = key;
    return key;
  }

  void EndEntry(uint32_t begin) {
    if (text_[begin] != '{') {
      Note(begin, fmt::format("{} is not an object", Printable(entry_.id)));
    }
    (section_ == Section::kMacros ? index_.macros : index_.nodes).push_back(std::move(entry_));
    entry_ = {};
  }

  void EndSection(std::string_view text, uint32_t begin) {
    if (section_ == Section::kMetadata) index_.metadata = text;
    if (section_ == Section::kUnknown) index_.unknown_sections.push_back(section_name_);
    if (section_ == Section::kDisabled && text.starts_with('[')) {
      // Before v4 a list of nodes.
      layergate::Value list = ReadChecked(text);
      for (const layergate::Value& node : list.items()) {
        index_.disabled_ids.emplace_back(node["unique_id"].AsString());
      }
    } else if (HoldsEntries(section_) && !text.starts_with('{')) {
      Note(begin, fmt::format("\"{}\" is not an object", section_name_));
    }
  }

  void Note(uint32_t offset, std::string message) {
    if (!mistake_) mistake_ = Mistake{offset, std::move(message)};
  }

  static constexpr uint32_t kNoKey = UINT32_MAX;
  std::string_view text_;
  ManifestIndex& index_;
  std::string section_name_;
  Section section_ = Section::kUnknown;
  std::set<std::string> seen_sections_;
  ManifestIndex::Entry entry_;
  uint32_t entry_number_ = 0;
  uint32_t field_key_ = 0, previous_key_ = kNoKey;
  std::unordered_map<std::string, uint32_t> numbers_;
  std::vector<uint32_t> follower_, last_entry_with_key_;
  std::optional<Mistake> mistake_;
};

Error ManifestError(std::string_view text, const std::string& path, size_t offset,
                    const std::string& message) {
  LineColumn place = Locate(text, offset);
  return MakeError(fmt::format("{}:{}:{}: {}", path, place.line, place.column, message),
                   std::string(kNotAsWritten));
}

Result<void> SortEntries(std::vector<ManifestIndex::Entry>& entries, std::string_view text,
                         const std::string& path) {
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto& a, const auto& b) { return a.id < b.id; });
  auto twice = std::adjacent_find(entries.begin(), entries.end(),
                                  [](const auto& a, const auto& b) { return a.id == b.id; });
  if (twice == entries.end()) return {};
  return ManifestError(text, path, std::next(twice)->key_begin,
                       fmt::format("{} stands twice", Printable(twice->id)));
}

const ManifestIndex::Entry* FindEntry(const std::vector<ManifestIndex::Entry>& entries,
                                      std::string_view id) {
  auto found = std::lower_bound(
      entries.begin(), entries.end(), id,
      [](const ManifestIndex::Entry& entry, std::string_view wanted) { return entry.id < wanted; });
  return found == entries.end() || found->id != id ? nullptr : &*found;
}

}  // namespace

std::string_view SectionName(Section section) {
  for (const NamedSection& known : kSections) {
    if (known.section == section) return known.name;
  }
  return {};
}

const ManifestIndex::Entry* ManifestIndex::FindNode(std::string_view id) const {
  return FindEntry(nodes, id);
}
const ManifestIndex::Entry* ManifestIndex::FindMacro(std::string_view id) const {
  return FindEntry(macros, id);
}

Result<void> IndexManifest(std::string_view text, const std::string& path, ManifestIndex& index) {
  Indexer indexer(text, index);
  if (auto ok = WalkJson(text, path, indexer); !ok) return ok;
  index.walked = true;
  if (indexer.mistake()) {
    return ManifestError(text, path, indexer.mistake()->offset, indexer.mistake()->message);
  }
  if (auto ok = SortEntries(index.nodes, text, path); !ok) return ok;
  if (auto ok = SortEntries(index.macros, text, path); !ok) return ok;
  index.node_ids.reserve(index.nodes.size());
  for (const ManifestIndex::Entry& entry : index.nodes) index.node_ids.push_back(entry.id);
  std::sort(index.disabled_ids.begin(), index.disabled_ids.end());
  index.disabled_ids.erase(std::unique(index.disabled_ids.begin(), index.disabled_ids.end()),
                           index.disabled_ids.end());
  return {};
}

}  // namespace layergate::dbt

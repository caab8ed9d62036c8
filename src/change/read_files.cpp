#include "change/read_files.h"

#include <algorithm>

#include "core/text.h"
#include "core/yaml.h"

namespace layergate::change {
namespace {

std::vector<std::string> Parts(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    size_t slash = path.find('/');
    if (slash != 0) parts.emplace_back(path.substr(0, slash));
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return parts;
}

// Of a pattern, one step: a letter, "?", or a set in brackets. Gives where the next step begins, 0
// when the letter is another one.
size_t StepOver(std::string_view pattern, size_t at, char letter) {
  if (pattern[at] == '?') return at + 1;
  if (pattern[at] == '\\' && at + 1 < pattern.size()) return pattern[at + 1] == letter ? at + 2 : 0;
  size_t first = at + 1;
  bool inverted = first < pattern.size() && (pattern[first] == '!' || pattern[first] == '^');
  if (inverted) ++first;
  size_t end = pattern[at] == '[' ? pattern.find(']', first + 1) : std::string_view::npos;
  if (end == std::string_view::npos) return pattern[at] == letter ? at + 1 : 0;
  bool found = false;
  for (size_t i = first; i < end; ++i) {
    bool range = i + 2 < end && pattern[i + 1] == '-';
    found =
        found || (range ? pattern[i] <= letter && letter <= pattern[i + 2] : pattern[i] == letter);
    if (range) i += 2;
  }
  return found != inverted ? end + 1 : 0;
}

// Both matchers go back to their last star only, so that no pattern makes them slow.
bool MatchesName(std::string_view pattern, std::string_view name) {
  size_t at = 0, i = 0, star = std::string_view::npos, from = 0;
  while (i < name.size()) {
    size_t next = 0;
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      from = i;
    } else if (at < pattern.size() && (next = StepOver(pattern, at, name[i])) != 0) {
      at = next;
      ++i;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      i = ++from;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

bool MatchesPath(const std::vector<std::string>& pattern, const std::vector<std::string>& path,
                 size_t length) {
  size_t at = 0, i = 0, star = std::string::npos, from = 0;
  while (i < length) {
    if (at < pattern.size() && pattern[at] == "**") {
      star = at++;
      from = i;
    } else if (at < pattern.size() && MatchesName(pattern[at], path[i])) {
      ++at;
      ++i;
    } else if (star != std::string::npos) {
      at = star + 1;
      i = ++from;
    } else {
      return false;
    }
  }
  // "folder/**" is what lies in the folder, and not the folder.
  return at == pattern.size();
}

// The folders that a key of dbt_project.yml lists. What is written in Jinja is not known.
std::vector<std::string> FoldersOf(const YamlNode* project, std::string_view key,
                                   std::string_view older_key, std::string_view otherwise) {
  const YamlNode* list = project ? project->Find(key) : nullptr;
  if (!list && project && !older_key.empty()) list = project->Find(older_key);
  if (!list || !list->is_list()) return {std::string(otherwise) + "/"};
  std::vector<std::string> folders;
  for (const YamlNode& item : list->items) {
    std::string folder;
    for (const std::string& part : Parts(item.is_scalar() ? item.scalar : std::string())) {
      if (part != ".") folder += part + "/";
    }
    folders.push_back(std::move(folder));
  }
  return folders;
}

}  // namespace

IgnoreRules::IgnoreRules(std::string_view text) {
  while (!text.empty()) {
    size_t end = text.find('\n');
    std::string_view line = Trim(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.empty() || line.starts_with('#')) continue;
    Rule rule;
    rule.keeps = line.starts_with('!');
    if (rule.keeps) line.remove_prefix(1);
    rule.only_folders = line.ends_with('/');
    // Without a slash before its end, a line holds in every folder.
    bool anywhere = line.substr(0, line.size() - 1).find('/') == std::string_view::npos;
    rule.parts = Parts(line);
    if (rule.parts.empty()) continue;
    if (anywhere) rule.parts.insert(rule.parts.begin(), "**");
    rules_.push_back(std::move(rule));
  }
}

bool IgnoreRules::Ignores(std::string_view file) const {
  const std::vector<std::string> path = Parts(file);
  for (auto rule = rules_.rbegin(); rule != rules_.rend(); ++rule) {
    for (size_t length = 1; length <= path.size(); ++length) {
      if (length == path.size() && rule->only_folders) continue;
      if (MatchesPath(rule->parts, path, length)) return !rule->keeps;
    }
  }
  return false;
}

ReadFiles::ReadFiles(std::string_view dbt_project_yml, std::string_view dbtignore)
    : ignored_(dbtignore) {
  auto yaml = ReadYaml(dbt_project_yml, "dbt_project.yml");
  const YamlNode* project = yaml && yaml->is_map() ? &*yaml : nullptr;
  macros_ = FoldersOf(project, "macro-paths", "", "macros");
  tests_ = FoldersOf(project, "test-paths", "", "tests");
  snapshots_ = FoldersOf(project, "snapshot-paths", "", "snapshots");
  seeds_ = FoldersOf(project, "seed-paths", "data-paths", "seeds");
}

std::string_view ReadFiles::Below(const std::vector<std::string>& folders, std::string_view file) {
  for (const std::string& folder : folders) {
    if (file.starts_with(folder)) return file.substr(folder.size());
  }
  return {};
}

bool ReadFiles::PassesOver(std::string_view file) const {
  size_t slash = file.rfind('/');
  std::string_view name = slash == std::string_view::npos ? file : file.substr(slash + 1);
  return name.starts_with('.') || name.starts_with('#') || name.starts_with('~') ||
         ignored_.Ignores(file);
}

bool ReadFiles::IsMacroFile(std::string_view file) const {
  return file.ends_with(".sql") &&
         (!Below(macros_, file).empty() || Below(tests_, file).starts_with("generic/"));
}

bool ReadFiles::IsSnapshotFile(std::string_view file) const {
  return file.ends_with(".sql") && !Below(snapshots_, file).empty();
}

bool ReadFiles::IsSeed(std::string_view file) const {
  return file.ends_with(".csv") && !Below(seeds_, file).empty();
}

bool ReadFiles::IsSingularTest(std::string_view file) const {
  std::string_view name = Below(tests_, file);
  return file.ends_with(".sql") && !name.empty() && !name.starts_with("generic") &&
         !name.starts_with("fixtures/");
}

}  // namespace layergate::change

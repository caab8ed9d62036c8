#include "change/freshness.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "core/text.h"

namespace layergate::change {
namespace {

std::string CollapseWhitespace(std::string_view text) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF")
    text.remove_prefix(3);  // dbt reads past a byte-order mark
  std::string result;
  result.reserve(text.size());
  for (char c : text) {
    bool space = c == ' ' || (c >= '\t' && c <= '\r');
    if (!space) {
      result += c;
    } else if (!result.empty() && result.back() != ' ') {
      result += ' ';
    }
  }
  if (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

bool HasSuffix(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

std::string_view Stem(std::string_view path) {
  size_t slash = path.rfind('/');
  if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  return path.substr(0, path.find('.'));
}

// Where one file of a dbt project holds one node whose text is the whole file.
bool IsWholeFile(std::string_view resource_type) {
  return resource_type == "model" || resource_type == "analysis" || resource_type == "test";
}

bool HasSqlText(const dbt::Node& node) {
  return IsWholeFile(node.resource_type) || node.resource_type == "snapshot";
}

// Finds the nodes of a file without building every node of the project: a node bears its file's
// name almost always, so those ids are tried first.
class FileIndex {
 public:
  explicit FileIndex(const dbt::Project& project) : project_(project) {}

  std::vector<const dbt::Node*> NodesIn(const std::string& file) {
    std::vector<const dbt::Node*> nodes;
    const std::string& package = project_.metadata().project_name;
    for (std::string_view type : {"model", "snapshot", "analysis", "test"}) {
      std::string id = fmt::format("{}.{}.{}", type, package, Stem(file));
      const dbt::Node* node = project_.Find(id);
      if (node && node->original_file_path == file) nodes.push_back(node);
    }
    if (!nodes.empty()) return nodes;
    if (all_.empty()) BuildAll();
    auto found = all_.find(file);
    return found == all_.end() ? nodes : found->second;
  }

  bool IsDisabled(std::string_view file) const {
    std::string suffix = fmt::format(".{}", Stem(file));
    const auto& disabled = project_.disabled_ids();
    return std::any_of(disabled.begin(), disabled.end(),
                       [&](const std::string& id) { return HasSuffix(id, suffix); });
  }

 private:
  void BuildAll() {
    const std::string& package = project_.metadata().project_name;
    for (const std::string& id : project_.ids()) {
      if (id.substr(0, 6) == "source" || id.substr(0, 4) == "seed") continue;
      const dbt::Node* node = project_.Find(id);
      if (node && node->package_name == package && HasSqlText(*node)) {
        all_[node->original_file_path].push_back(node);
      }
    }
  }

  const dbt::Project& project_;
  std::map<std::string, std::vector<const dbt::Node*>, std::less<>> all_;
};

// Whether a file that no node claims should have one. Projects with other model-paths are judged by
// the nodes they have.
bool LooksLikeModel(std::string_view file) {
  return file.substr(0, 7) == "models/" && (HasSuffix(file, ".sql") || HasSuffix(file, ".py"));
}

std::optional<std::string> Disagreement(const dbt::Node& node,
                                        const std::optional<std::string>& blob) {
  if (!blob) return "the manifest has this node, the commit has no such file";
  std::string in_manifest = CollapseWhitespace(node.raw_code);
  std::string in_git = CollapseWhitespace(*blob);
  bool same = IsWholeFile(node.resource_type) ? in_manifest == in_git
                                              : in_git.find(in_manifest) != std::string::npos;
  if (same) return std::nullopt;
  return "the text in the manifest is not the text in the commit";
}

}  // namespace

Result<std::vector<StaleFile>> FindStaleFiles(const dbt::Project& project,
                                              const git::Repository& repository,
                                              const std::string& commit,
                                              const std::string& project_prefix,
                                              const std::vector<std::string>& paths,
                                              const std::vector<std::string>& node_ids) {
  FileIndex index(project);
  std::set<std::string> files;  // relative to the project
  for (const std::string& path : paths) {
    if (path.compare(0, project_prefix.size(), project_prefix) == 0) {
      files.insert(path.substr(project_prefix.size()));
    }
  }
  for (const std::string& id : node_ids) {
    const dbt::Node* node = project.Find(id);
    if (node && node->package_name == project.metadata().project_name && HasSqlText(*node) &&
        !node->test_metadata) {
      files.insert(node->original_file_path);
    }
  }

  std::vector<StaleFile> stale;
  for (const std::string& file : files) {
    if (!HasSuffix(file, ".sql") && !HasSuffix(file, ".py")) continue;
    LAYERGATE_TRY(std::optional<std::string> blob,
                  repository.ReadBlob(commit, project_prefix + file));
    std::vector<const dbt::Node*> nodes = index.NodesIn(file);
    if (nodes.empty() && blob && LooksLikeModel(file) && !index.IsDisabled(file)) {
      stale.push_back(
          {project_prefix + file, "", "the commit has this model, the manifest does not"});
    }
    for (const dbt::Node* node : nodes) {
      if (node->raw_code.empty()) continue;  // packages may strip it; nothing to compare
      if (auto why = Disagreement(*node, blob)) {
        stale.push_back({project_prefix + file, node->unique_id, *why});
      }
    }
  }
  return stale;
}

}  // namespace layergate::change

#include "offline/project_file.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"
#include "core/yaml.h"

namespace layergate::offline {
namespace {

struct Folder {
  std::string_view key, old_key, otherwise;
  FileKind kind;
  std::string_view extension;
};
constexpr Folder kFolders[] = {
    {"model-paths", "source-paths", "models", FileKind::kModel, ".sql"},
    {"model-paths", "source-paths", "models", FileKind::kModel, ".py"},
    {"seed-paths", "data-paths", "seeds", FileKind::kSeed, ".csv"},
    {"snapshot-paths", "", "snapshots", FileKind::kSnapshot, ".sql"},
    {"test-paths", "", "tests", FileKind::kSingularTest, ".sql"},
    {"macro-paths", "", "macros", FileKind::kMacro, ".sql"},
    {"analysis-paths", "", "analyses", FileKind::kAnalysis, ".sql"},
};

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool Lies(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() && path.substr(0, folder.size()) == folder &&
         path[folder.size()] == '/';
}

// Configs whose value is a map: without a '+' they look like a folder.
bool IsMapConfig(std::string_view key) {
  constexpr std::string_view kNames[] = {"meta",    "persist_docs", "grants",   "docs",
                                         "quoting", "column_types", "contract", "partition_by"};
  return std::find(std::begin(kNames), std::end(kNames), key) != std::end(kNames);
}

void Collect(const Value& level, const std::vector<std::string>& fqn, size_t depth, Value& out) {
  for (const auto& [key, value] : level.members()) {
    bool marked = !key.empty() && key[0] == '+';
    if (marked || !value.is_object() || IsMapConfig(key)) MergeConfig(out, ConfigName(key), value);
  }
  if (depth >= fqn.size()) return;
  const Value* child = level.Find(fqn[depth]);
  if (child && child->is_object()) Collect(*child, fqn, depth + 1, out);
}

std::vector<std::string> PathsOf(const Value& root, const Folder& folder) {
  const Value* given = root.Find(folder.key);
  if (!given && !folder.old_key.empty()) given = root.Find(folder.old_key);
  std::vector<std::string> paths;
  if (given) {
    for (const Value& path : given->items()) {
      std::string_view text = Trim(path.AsString());
      while (!text.empty() && text.back() == '/') text.remove_suffix(1);
      if (text.substr(0, 2) == "./") text.remove_prefix(2);
      if (!text.empty()) paths.emplace_back(text);
    }
  }
  if (!given) paths.emplace_back(folder.otherwise);
  return paths;
}

}  // namespace

std::string ConfigName(std::string_view key) {
  if (!key.empty() && key[0] == '+') key.remove_prefix(1);
  if (key == "pre_hook") return "pre-hook";
  if (key == "post_hook") return "post-hook";
  return std::string(key);
}

Value Without(const Value& object, std::string_view key) {
  Value rest = Value::MakeObject();
  for (const auto& [name, value] : object.members()) {
    if (name != key) rest.Set(name, value);
  }
  return rest;
}

void MergeConfig(Value& config, std::string_view key, const Value& value) {
  auto as_list = [](const Value& v) {
    if (v.is_array()) return v;
    return v.is_null() ? Value::MakeArray() : Value::MakeArray({v});
  };
  if (key == "tags" || key == "pre-hook" || key == "post-hook") {
    Value list = as_list(config[key]);
    Value more = as_list(value);
    for (const Value& item : more.items()) {
      const auto& there = list.items();
      if (key != "tags" || std::find(there.begin(), there.end(), item) == there.end())
        list.Append(item);
    }
    config.Set(key, std::move(list));
    return;
  }
  if ((key == "meta" || key == "grants") && value.is_object()) {
    Value merged = config[key].is_object() ? config[key] : Value::MakeObject();
    for (const auto& [name, item] : value.members()) merged.Set(name, item);
    config.Set(key, std::move(merged));
    return;
  }
  config.Set(key, value);
}

std::string ProjectFile::FolderOf(std::string_view key, std::string_view path) const {
  for (const Folder& folder : kFolders) {
    if (folder.key != key) continue;
    for (const std::string& candidate : PathsOf(root, folder)) {
      if (Lies(path, candidate)) return candidate;
    }
  }
  return {};
}

FileKind ProjectFile::KindOf(std::string_view path) const {
  if (path == "dbt_project.yml") return FileKind::kProjectFile;
  for (std::string_view file :
       {"packages.yml", "dependencies.yml", "package-lock.yml", "vars.yml"}) {
    if (path == file) return FileKind::kPackages;
  }
  for (const Folder& folder : kFolders) {
    for (const std::string& place : PathsOf(root, folder)) {
      if (!Lies(path, place)) continue;
      if (EndsWith(path, ".yml") || EndsWith(path, ".yaml")) return FileKind::kSchemaYaml;
      if (EndsWith(path, ".md")) return FileKind::kDocs;
      if (!EndsWith(path, folder.extension)) continue;
      if (folder.kind == FileKind::kSingularTest && Lies(path, place + "/generic"))
        return FileKind::kGenericTest;
      return folder.kind;
    }
  }
  return FileKind::kOther;
}

Value ProjectFile::ConfigsOf(std::string_view section, const std::vector<std::string>& fqn) const {
  Value configs = Value::MakeObject();
  if (const Value* tree = root.Find(section)) Collect(*tree, fqn, 0, configs);
  return configs;
}

Result<ProjectFile> ReadProjectFile(std::string_view text, const std::string& path) {
  LAYERGATE_TRY(YamlNode yaml, ReadYaml(text, path));
  if (!yaml.is_map()) return MakeError(fmt::format("{}: must be a map", path));
  ProjectFile file;
  file.root = ToValue(yaml);
  file.name = file.root["name"].AsString();
  return file;
}

}  // namespace layergate::offline

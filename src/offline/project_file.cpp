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
    {"function-paths", "", "functions", FileKind::kFunction, ".sql"},
    {"function-paths", "", "functions", FileKind::kFunction, ".py"},
    {"docs-paths", "", "models", FileKind::kDocs, ".md"},
};

// What a kind of node is called: the file that defines it, the manifest's word, that of
// dbt_project.yml, and where the manifest keeps it.
struct Kind {
  FileKind file;
  std::string_view resource, section, manifest;
};
constexpr Kind kKinds[] = {
    {FileKind::kModel, "model", "models", "nodes"},
    {FileKind::kAnalysis, "analysis", "models", "nodes"},
    {FileKind::kOther, "operation", "models", "nodes"},
    {FileKind::kSingularTest, "test", "tests", "nodes"},
    {FileKind::kSeed, "seed", "seeds", "nodes"},
    {FileKind::kSnapshot, "snapshot", "snapshots", "nodes"},
    {FileKind::kFunction, "function", "functions", "functions"},
    {FileKind::kOther, "source", "sources", "sources"},
    {FileKind::kOther, "exposure", "exposures", "exposures"},
    {FileKind::kOther, "metric", "metrics", "metrics"},
    {FileKind::kOther, "semantic_model", "semantic-models", "semantic_models"},
    {FileKind::kOther, "saved_query", "saved-queries", "saved_queries"},
    {FileKind::kOther, "unit_test", "unit_tests", "unit_tests"}};

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

void Replace(Value& config, std::string_view key, const Value& value) { config.Set(key, value); }

using Put = void (*)(Value& config, std::string_view key, const Value& value);

void Collect(const Value& level, const std::vector<std::string>& fqn, size_t depth, Put put,
             Value& out) {
  for (const auto& [key, value] : level.members()) {
    bool marked = !key.empty() && key[0] == '+';
    if (marked || !value.is_object() || IsMapConfig(key)) put(out, ConfigName(key), value);
  }
  if (depth >= fqn.size()) return;
  const Value* child = level.Find(fqn[depth]);
  if (child && child->is_object()) Collect(*child, fqn, depth + 1, put, out);
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

std::string_view ResourceOf(FileKind file) {
  if (file == FileKind::kOther) return {};
  for (const Kind& kind : kKinds) {
    if (kind.file == file) return kind.resource;
  }
  return {};
}

std::string_view SectionOf(std::string_view resource) {
  for (const Kind& kind : kKinds) {
    if (kind.resource == resource) return kind.section;
  }
  return {};
}

std::string_view ManifestSectionOf(std::string_view resource) {
  for (const Kind& kind : kKinds) {
    if (kind.resource == resource) return kind.manifest;
  }
  return "nodes";
}

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
  if (path == "vars.yml") return FileKind::kVars;
  for (std::string_view file : {"packages.yml", "dependencies.yml", "package-lock.yml"}) {
    if (path == file) return FileKind::kPackages;
  }
  for (const Folder& folder : kFolders) {
    for (const std::string& place : PathsOf(root, folder)) {
      if (!Lies(path, place)) continue;
      if (EndsWith(path, ".yml") || EndsWith(path, ".yaml")) return FileKind::kSchemaYaml;
      if (EndsWith(path, ".md")) return FileKind::kDocs;
      bool is_fixture = folder.kind == FileKind::kSingularTest && Lies(path, place + "/fixtures") &&
                        (EndsWith(path, ".csv") || EndsWith(path, ".sql"));
      if (is_fixture) return FileKind::kFixture;
      if (!EndsWith(path, folder.extension)) continue;
      if (folder.kind == FileKind::kSingularTest && Lies(path, place + "/generic"))
        return FileKind::kGenericTest;
      return folder.kind;
    }
  }
  return FileKind::kOther;
}

// `tests:` is the old word for `data_tests:`, and the new one wins.
const Value* ProjectFile::TreeOf(std::string_view section) const {
  const Value* tree = section == "tests" ? root.Find("data_tests") : nullptr;
  return tree ? tree : root.Find(section);
}

Value ProjectFile::ConfigsOf(std::string_view section, const std::vector<std::string>& fqn) const {
  Value configs = Value::MakeObject();
  if (const Value* tree = TreeOf(section)) Collect(*tree, fqn, 0, MergeConfig, configs);
  return configs;
}

Value ProjectFile::LastConfigsOf(std::string_view section,
                                 const std::vector<std::string>& fqn) const {
  Value configs = Value::MakeObject();
  if (const Value* tree = TreeOf(section)) Collect(*tree, fqn, 0, Replace, configs);
  return configs;
}

std::vector<std::string> ProjectFile::FqnOf(const std::string& path, const std::string& of) const {
  std::string inside = path;
  for (const Folder& folder : kFolders) {
    if (folder.kind == FileKind::kDocs) continue;
    std::string found = FolderOf(folder.key, path);
    if (!found.empty()) inside = path.substr(found.size() + 1);
  }
  std::vector<std::string> fqn = {name};
  std::vector<std::string_view> parts = Split(inside, '/');
  for (size_t i = 0; i + 1 < parts.size(); ++i) fqn.emplace_back(parts[i]);
  fqn.push_back(of);
  return fqn;
}

Result<ProjectFile> ReadProjectFile(std::string_view text, const std::string& path) {
  LAYERGATE_TRY(YamlNode yaml, ReadYaml(text, path));
  if (!yaml.is_map()) return MakeError(fmt::format("{}: must be a map", path));
  ProjectFile file;
  file.root = ToValue(yaml);
  file.name = file.root["name"].AsString();
  file.vars = file.root["vars"];
  return file;
}

}  // namespace layergate::offline

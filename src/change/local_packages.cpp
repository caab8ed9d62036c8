#include "change/local_packages.h"

#include <filesystem>
#include <set>
#include <utility>

#include "core/yaml.h"

namespace layergate::change {
namespace {

std::vector<std::string> LocalsIn(const git::Repository& repository, const std::string& commit,
                                  const std::string& folder, const std::string& file) {
  std::vector<std::string> found;
  auto text = repository.ReadBlob(commit, folder + file);
  if (!text || !*text) return found;
  auto yaml = ReadYaml(**text, folder + file);
  const YamlNode* packages = yaml && yaml->is_map() ? yaml->Find("packages") : nullptr;
  for (size_t i = 0; packages && i < packages->items.size(); ++i) {
    const YamlNode& item = packages->items[i];
    const YamlNode* local = item.is_map() ? item.Find("local") : nullptr;
    if (!local || !local->is_scalar()) continue;
    const std::string at =
        std::filesystem::path(folder + local->scalar + "/").lexically_normal().generic_string();
    if (at.starts_with("..") || at.starts_with("/")) continue;  // outside of the repository
    found.push_back(at == "./" || at == "." ? "" : at);
  }
  return found;
}

}  // namespace

std::vector<std::string> LocalPackageFolders(const git::Repository& repository,
                                             const std::string& commit,
                                             const std::string& project_prefix) {
  std::set<std::string> found;
  std::vector<std::string> open = {project_prefix};
  while (!open.empty()) {
    const std::string folder = std::move(open.back());
    open.pop_back();
    for (const char* file : {"packages.yml", "dependencies.yml"}) {
      for (const std::string& package : LocalsIn(repository, commit, folder, file)) {
        if (found.insert(package).second) open.push_back(package);
      }
    }
  }
  return {found.begin(), found.end()};
}

PackageFolders LocalPackages(const git::Repository& repository, const std::string& commit,
                             const std::string& project_prefix) {
  PackageFolders folders;
  for (const std::string& folder : LocalPackageFolders(repository, commit, project_prefix)) {
    std::string name = PackageNameOf(repository, commit, folder);
    if (!name.empty() && folder != project_prefix) folders.emplace(std::move(name), folder);
  }
  return folders;
}

std::string PackageNameOf(const git::Repository& repository, const std::string& commit,
                          const std::string& folder) {
  auto text = repository.ReadBlob(commit, folder + "dbt_project.yml");
  if (!text || !*text) return {};
  auto yaml = ReadYaml(**text, folder);
  const YamlNode* name = yaml && yaml->is_map() ? yaml->Find("name") : nullptr;
  return name && name->is_scalar() ? name->scalar : std::string();
}

}  // namespace layergate::change

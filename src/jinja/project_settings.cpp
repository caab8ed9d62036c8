#include "jinja/project_settings.h"

#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "core/file.h"
#include "core/yaml.h"
#include "jinja/library.h"

namespace layergate::jinja {
namespace {

Result<std::string> ReadProjectName(std::string_view dbt_project_yml, const std::string& path) {
  LAYERGATE_TRY(YamlNode project, ReadYaml(dbt_project_yml, path));
  const YamlNode* name = project.Find("name");
  if (!name || !name->is_scalar()) return MakeError(path + ": has no name");
  return name->scalar;
}

void AddPackage(std::string_view dbt_project_yml, const std::string& path,
                RenderSettings& settings) {
  RenderSettings package;
  Result<std::string> name = ReadProjectName(dbt_project_yml, path);
  if (!name || !ReadProjectFile(dbt_project_yml, path, package)) return;
  settings.package_vars.emplace(*name, std::move(package.vars));
}

// "a/b/" for "a/c/" and "../b"; nullopt: outside.
std::optional<std::string> Below(const std::string& folder, const std::string& relative) {
  namespace fs = std::filesystem;
  std::string joined = (fs::path(folder) / relative / "").lexically_normal().generic_string();
  if (joined == "./" || joined == ".") return std::string();
  if (joined.rfind("../", 0) == 0 && !fs::path(folder).is_absolute() && folder.rfind("../", 0) != 0)
    return joined;  // a reader of a folder may still find it; one of a commit does not
  return joined;
}

std::vector<std::string> LocalPackages(const ReadText& read, const std::string& folder) {
  std::vector<std::string> locals;
  for (const char* name : {"packages.yml", "dependencies.yml"}) {
    std::optional<std::string> text = read(folder + name);
    if (!text) continue;
    Result<YamlNode> yaml = ReadYaml(*text, folder + name);
    const YamlNode* packages = yaml ? yaml->Find("packages") : nullptr;
    if (!packages) continue;
    for (const YamlNode& package : packages->items) {
      const YamlNode* local = package.is_map() ? package.Find("local") : nullptr;
      if (local && local->is_scalar() && local->scalar.find("{{") == std::string::npos)
        locals.push_back(local->scalar);
    }
  }
  return locals;
}

}  // namespace

Result<void> ReadProjectFile(std::string_view dbt_project_yml, const std::string& path,
                             RenderSettings& settings) {
  LAYERGATE_TRY(YamlNode project, ReadYaml(dbt_project_yml, path));
  settings.vars = Value::MakeObject();
  settings.vars_known = true;
  if (const YamlNode* vars = project.Find("vars"); vars && !vars->is_null()) {
    if (!vars->is_map())
      return MakeError(fmt::format("{}:{}: vars must be a map", path, vars->line));
    settings.vars = ToValue(*vars);
  }
  if (const YamlNode* dispatch = project.Find("dispatch")) settings.dispatch = ToValue(*dispatch);
  return {};
}

Result<void> ReadVarsFile(std::string_view vars_yml, const std::string& path,
                          std::string_view dbt_version, RenderSettings& settings) {
  if (MinorVersion(dbt_version) < 12) return {};
  LAYERGATE_TRY(YamlNode file, ReadYaml(vars_yml, path));
  const YamlNode* vars = file.Find("vars");
  if (!vars || !vars->is_map() || vars->items.empty()) return {};
  if (!settings.vars.members().empty())
    return MakeError(fmt::format("{}:{}: vars stand here and in dbt_project.yml", path, vars->line),
                     "dbt allows them in one of the two files only");
  settings.vars = ToValue(*vars);
  return {};
}

void ReadLocalPackages(const ReadText& read, const std::string& folder, RenderSettings& settings) {
  constexpr size_t kMost = 100;
  std::vector<std::string> queue = {folder};
  std::set<std::string> seen = {folder};
  for (size_t i = 0; i < queue.size() && i < kMost; ++i) {
    for (const std::string& local : LocalPackages(read, queue[i])) {
      std::optional<std::string> package = Below(queue[i], local);
      if (!package || !seen.insert(*package).second) continue;
      std::string path = *package + "dbt_project.yml";
      if (std::optional<std::string> text = read(path)) AddPackage(*text, path, settings);
      queue.push_back(*package);
    }
  }
}

void ReadInstalledPackages(const std::string& project_dir, RenderSettings& settings) {
  namespace fs = std::filesystem;
  std::set<std::string> folders = {"dbt_packages", "dbt_modules"};
  std::string project = project_dir + "/dbt_project.yml";
  if (Result<std::string> text = ReadFile(project)) {
    Result<YamlNode> yaml = ReadYaml(*text, project);
    for (const char* key : {"packages-install-path", "modules-path"}) {
      const YamlNode* path = yaml ? yaml->Find(key) : nullptr;
      if (path && path->is_scalar()) folders.insert(path->scalar);
    }
  }
  for (const std::string& folder : folders) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(fs::path(project_dir) / folder, error)) {
      std::string path = (entry.path() / "dbt_project.yml").string();
      if (Result<std::string> text = ReadFile(path)) AddPackage(*text, path, settings);
    }
  }
}

}  // namespace layergate::jinja

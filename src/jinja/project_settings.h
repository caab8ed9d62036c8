// The settings that a project's files give to its templates: vars and dispatch of dbt_project.yml,
// vars.yml, and the vars of its packages.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "jinja/render.h"

namespace layergate::jinja {

// The text of a file; nullopt: it is not there. Of a commit, or of a folder.
using ReadText = std::function<std::optional<std::string>(const std::string& path)>;

// Takes vars: and dispatch: from the text of a dbt_project.yml; `path` is for messages.
Result<void> ReadProjectFile(std::string_view dbt_project_yml, const std::string& path,
                             RenderSettings& settings);

// Takes vars: of vars.yml, which dbt reads from 1.12 on and for which dbt_project.yml must have
// none. `dbt_version` is the manifest's.
Result<void> ReadVarsFile(std::string_view vars_yml, const std::string& path,
                          std::string_view dbt_version, RenderSettings& settings);

// Takes the vars of packages that packages.yml and dependencies.yml of `folder` name as `local:`,
// and of theirs in turn. One that cannot be read stays unknown, and its models' vars with it.
// `folder` is "" or ends with '/', as paths that are given to `read` are made.
void ReadLocalPackages(const ReadText& read, const std::string& folder, RenderSettings& settings);

// Takes the vars of the packages that `dbt deps` installed below a project on disk.
void ReadInstalledPackages(const std::string& project_dir, RenderSettings& settings);

}  // namespace layergate::jinja

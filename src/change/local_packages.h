// Packages that packages.yml and dependencies.yml install as `local:`: they lie in the repository,
// so a file of theirs has a place in it. The tests of a package are a project in a folder of it,
// which installs what lies around: `packages: [{local: ../}]`.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "git/repository.h"

namespace layergate::change {

// Folders with '/' at their end ("" is the repository) by the package's name.
using PackageFolders = std::map<std::string, std::string, std::less<>>;

// Folders of the local packages of the project in `project_prefix`, and those that these install in
// turn, at a commit. What lies outside of the repository is left out.
std::vector<std::string> LocalPackageFolders(const git::Repository& repository,
                                             const std::string& commit,
                                             const std::string& project_prefix);

// The same with the names that their dbt_project.yml give them.
PackageFolders LocalPackages(const git::Repository& repository, const std::string& commit,
                             const std::string& project_prefix);

// The name in the dbt_project.yml of a folder; empty when there is none.
std::string PackageNameOf(const git::Repository& repository, const std::string& commit,
                          const std::string& folder);

}  // namespace layergate::change

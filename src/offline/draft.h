// The head project while it is being put together: the base project, the edits made to it, and what
// could not be told.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "dbt/manifest_edit.h"
#include "dbt/project.h"

namespace layergate::offline {

struct UnknownPart {
  std::string path;  // relative to the repository root
  std::string why;
};

struct Draft {
  explicit Draft(const dbt::Project& project)
      : base(project), edit(project.text()), package(project.metadata().project_name) {}

  // `path` is relative to the project's folder.
  void CannotTell(const std::string& path, std::string why) {
    unknown.push_back({prefix + path, std::move(why)});
  }

  const dbt::Project& base;
  dbt::ManifestEdit edit;
  std::string package;  // the root project's name
  std::string prefix;   // "" or "dbt/"
  std::vector<UnknownPart> unknown;
  std::vector<std::string> notes;
  std::set<std::string> moved;  // nodes whose schema, database or alias must be found anew
};

}  // namespace layergate::offline

// The head project while it is being put together: the base project, the edits made to it, and what
// could not be told.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dbt/manifest_edit.h"
#include "dbt/project.h"

namespace layergate::offline {

struct UnknownPart {
  std::string path;  // relative to the repository root
  std::string why;
};

// The texts in quotes of a call as YAML writes it: doc('name'), source('raw', 'orders').
std::vector<std::string> QuotedIn(std::string_view call);

struct Draft {
  explicit Draft(const dbt::Project& project)
      : base(project), edit(project.text()), package(project.metadata().project_name) {}

  // `path` is relative to the project's folder.
  void CannotTell(const std::string& path, std::string why) {
    unknown.push_back({prefix + path, std::move(why)});
  }

  // A description with the texts that doc() gives; nullopt: it holds another template, or a text
  // that is not there.
  std::optional<std::string> Describe(const Value& description);

  // Takes the node out. Tests whose YAML still names it stay, without it: dbt warns of them.
  void RemoveNode(const std::string& id);
  // A node that is disabled goes under "disabled", and its tests with it.
  void SwitchOff(const std::string& id, Value entry);

  // A template of a YAML file; nullopt: it cannot be told. May be empty.
  std::function<std::optional<std::string>(const std::string& text)> render;

  const dbt::Project& base;
  dbt::ManifestEdit edit;
  std::string package;  // the root project's name
  std::string prefix;   // "" or "dbt/"
  std::vector<UnknownPart> unknown;
  std::vector<std::string> notes;
  std::set<std::string> reread;     // nodes that ref() may find elsewhere now: by another version
  std::set<std::string> new_tests;  // generic ones
  std::set<std::string> new_definitions, changed_definitions;  // of metrics, exposures, ...
  std::set<std::string> moved;  // nodes whose schema, database or alias must be found anew
};

}  // namespace layergate::offline

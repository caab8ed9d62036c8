// dbt_project.yml as far as a changed file needs it: which folders hold what, and which configs the
// file gives to a node by its place.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/value.h"

namespace layergate::offline {

enum class FileKind {
  kModel,
  kSeed,
  kSnapshot,
  kSingularTest,
  kGenericTest,
  kMacro,
  kAnalysis,
  kFunction,
  kFixture,  // rows of unit tests
  kSchemaYaml,
  kDocs,
  kProjectFile,
  kVars,
  kPackages,
  kOther,
};

// The manifest's word for what such a file defines ("model"); empty when it defines no node.
std::string_view ResourceOf(FileKind file);
// dbt_project.yml's word for it: "models".
std::string_view SectionOf(std::string_view resource);
// Where the manifest keeps such nodes: "nodes", "sources", "metrics", ...
std::string_view ManifestSectionOf(std::string_view resource);

struct ProjectFile {
  std::string name;
  Value root;  // the whole file
  Value vars;  // its own, or those of vars.yml where dbt reads that

  // What dbt reads the file at `path` as; `path` is relative to the project's folder.
  FileKind KindOf(std::string_view path) const;
  // The folder of that key ("model-paths") that holds `path`; empty when none does.
  std::string FolderOf(std::string_view key, std::string_view path) const;
  // The configs that `section` ("models", "seeds", ...) gives to a node of that fqn, inner folders
  // over outer ones; tags are added up, meta is merged. Values may be templates.
  Value ConfigsOf(std::string_view section, const std::vector<std::string>& fqn) const;
  // The same where each level replaces what an outer one said: what dbt keeps as unrendered_config.
  Value LastConfigsOf(std::string_view section, const std::vector<std::string>& fqn) const;
  // [package, folder, ..., name] of something that the file at `path` defines.
  std::vector<std::string> FqnOf(const std::string& path, const std::string& name) const;

 private:
  const Value* TreeOf(std::string_view section) const;
};

Result<ProjectFile> ReadProjectFile(std::string_view text, const std::string& path);

// Sets `key` of a config as dbt does when a nearer level speaks: tags add up, meta merges, anything
// else is replaced.
void MergeConfig(Value& config, std::string_view key, const Value& value);

// `object` without that member.
Value Without(const Value& object, std::string_view key);

// "tags" for "+tags"; "pre-hook" for "pre_hook".
std::string ConfigName(std::string_view key);

}  // namespace layergate::offline

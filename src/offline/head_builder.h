// How a head project is put together: the steps of BuildHeadProject, with what they share. Internal
// to this folder.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/render.h"
#include "offline/column_source.h"
#include "offline/draft.h"
#include "offline/head_project.h"
#include "offline/project_file.h"

namespace layergate::offline {

using jinja::Rendered;
using jinja::Renderer;
using jinja::RenderSettings;

// A changed file: its text on either side; nullopt where it is not there.
struct ChangedFile {
  std::string path;  // relative to the project's folder
  FileKind kind = FileKind::kOther;
  std::optional<std::string> base, head;
};

// The manifest's word for what such a file defines ("model"); empty when it defines no node.
std::string_view ResourceOf(FileKind file);
// dbt_project.yml's word for it: "models".
std::string_view SectionOf(std::string_view resource);
std::string WithoutSpaces(std::string_view text);

class HeadBuilder {
 public:
  explicit HeadBuilder(const HeadRequest& request) : request_(request), draft_(request.base) {
    draft_.prefix = request.prefix;
  }
  Result<HeadProject> Build();

 private:
  // ---- reading ----
  Result<ProjectFile> ReadProjectAt(const std::string& commit, RenderSettings& settings);
  void ReadPackages(const std::string& commit, RenderSettings& settings);
  Result<std::vector<ChangedFile>> ReadFiles();
  Result<bool> IsInOtherProject(const std::string& path);
  void IndexPaths();

  // ---- files ----
  void RemoveFile(const ChangedFile& file);
  void RemoveNode(const std::string& id);
  void PutFile(const ChangedFile& file);
  void TellPackages(const ChangedFile& file);
  void PutSql(const ChangedFile& file);
  bool OldFileStays(const dbt::Node& old) const;
  void PutNode(const ChangedFile& file, const std::string& id, const std::string& resource,
               const std::string& name, std::string raw_code);
  Value NewNode(const std::string& id, const std::string& resource, const std::string& name) const;
  void Place(const ChangedFile& file, Value& entry, bool is_new, const std::string& resource);
  void TellTemplates(const std::string& path, const std::string& id, const Value& before,
                     const Value& after);
  void PutSeed(const ChangedFile& file);
  void PutSnapshots(const ChangedFile& file);
  void PutMacros(const ChangedFile& file);
  void TellNameMacro(const std::string& path, const std::string& name);

  // ---- YAML ----
  void PatchAllSchemas(const std::vector<ChangedFile>& files);
  void PatchProjectFile();
  void FindChangedVars(const Value& before, const Value& after);
  void PatchTree(const std::string& section);

  // ---- what else has to be rendered ----
  bool Mentions(std::string_view text, const std::set<std::string>& names) const;
  std::set<std::string> ReachedMacros() const;
  bool IsRenderable(const std::string& id) const;
  void FindReach();
  void SpreadToReaders();

  // ---- rendering ----
  Result<std::unique_ptr<dbt::Project>> Parse() const;
  void KnowColumns();
  Result<HeadProject> Finish();
  void ReadInFileConfigs(const dbt::Project& draft);
  static Value Named(const Value& config);
  const dbt::Node* NamedAlike(const dbt::Node& node) const;
  void FindNames(const dbt::Project& draft);
  std::string NameBy(const Renderer& renderer, const dbt::Node& node, const std::string& part,
                     const std::string& path);
  std::string AliasOf(const Renderer& renderer, const dbt::Node& node, const dbt::Project& draft,
                      const std::string& path);
  static std::vector<RenderSettings> Runs(const RenderSettings& settings);
  struct Trial {
    size_t run = 0;
    std::string why_not;  // the base version does not render to what dbt compiled
  };
  Trial TryOnBase(const std::string& id, const std::vector<std::unique_ptr<Renderer>>& base) const;
  std::set<std::string> WithDescendants(const std::set<std::string>& ids) const;
  void RenderAll(const dbt::Project& draft, std::set<std::string>& done);
  void PutParents(const dbt::Project& draft, const dbt::Node& node, const Rendered& sql,
                  const Rendered& other, Value& entry) const;
  const HeadRequest& request_;
  Draft draft_;
  ProjectFile base_file_, head_file_;
  RenderSettings base_settings_, head_settings_;
  std::optional<ColumnSource> base_columns_;
  std::map<std::string, std::vector<std::string>> nodes_of_;  // by original_file_path
  std::set<std::string> dirty_;                               // nodes whose SQL must be rendered
  std::set<std::string> changed_text_;                        // those whose own file changed
  std::set<std::string> added_, moved_files_, reshaped_;
  std::set<std::string> changed_macros_, changed_vars_;
};

}  // namespace layergate::offline

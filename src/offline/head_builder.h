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
#include "offline/node_config.h"
#include "offline/project_file.h"
#include "offline/schema_patch.h"

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

std::string WithoutSpaces(std::string_view text);

class HeadBuilder {
 public:
  explicit HeadBuilder(const HeadRequest& request)
      : request_(request),
        base_side_{request.base_commit, request.base_prefix},
        head_side_{request.head_commit, request.prefix},
        draft_(request.base) {
    draft_.prefix = request.prefix;
  }
  Result<HeadProject> Build();

 private:
  // ---- reading ----
  // One side: its commit, and the project's folder there.
  struct Side {
    const std::string& commit;
    const std::string& prefix;
  };
  Result<ProjectFile> ReadProjectAt(const Side& side, RenderSettings& settings);
  void ReadPackages(const Side& side, RenderSettings& settings);
  Result<std::optional<std::string>> ReadAt(const Side& side, const std::string& path) const;
  Result<std::set<std::string>> ChangedPaths();
  Result<std::vector<ChangedFile>> ReadFiles();
  Result<void> AddFilesOfMovedFolders(std::set<std::string>& paths);
  void TellPackageFiles();
  void IndexPaths();

  // ---- files ----
  // What files give that were not there before: what is there again has moved, and is not removed.
  void FindReappearing(const std::vector<ChangedFile>& files);
  std::string IdOfSql(const ChangedFile& file) const;
  void RemoveFile(const ChangedFile& file);
  void RemoveNode(const std::string& id);
  void PutFile(const ChangedFile& file);
  void TellPackages(const ChangedFile& file);
  void PutSql(const ChangedFile& file);
  bool OldFileStays(const dbt::Node& old) const;
  void PutNode(const ChangedFile& file, const std::string& id, const std::string& resource,
               const std::string& name, std::string raw_code, const SchemaEntry* version = nullptr);
  Value NewNode(const std::string& id, const std::string& resource, const std::string& name) const;
  void Place(const ChangedFile& file, Value& entry, bool is_new);
  void PutSeed(const ChangedFile& file);
  void PutFixture(const ChangedFile& file);
  void PutSnapshots(const ChangedFile& file);
  void PutYamlSnapshots();
  void PutMacros(const ChangedFile& file);
  void TellNameMacro(const std::string& path, const std::string& name);

  // ---- YAML ----
  void ReadSchemas(const std::vector<ChangedFile>& files);
  void PatchAllSchemas();
  void PatchVersionedFiles();
  void ReadDocs(const std::vector<ChangedFile>& files);
  void PatchDocs();
  using ChangedDoc = std::pair<std::optional<std::string>, std::optional<std::string>>;
  void PatchDocsOf(const std::string& id, const std::string& mark, const std::string& quoted,
                   const ChangedDoc& texts);
  void PutVersion(const Value& yaml, const std::string& id, Value& node) const;
  const SchemaEntry* VersionIn(const std::string& stem) const;
  void PatchProjectFile();
  void FindChangedVars(const Value& before, const Value& after);

  // ---- dbt_project.yml's configs ----
  std::optional<Value> RenderSetting(const ProjectFile& file, const RenderSettings& settings,
                                     const Value& text) const;
  std::optional<std::string> RenderYaml(const std::string& text) const;
  const dbt::Node* AnyModel() const;
  void RenderTemplates(const std::string& path, const std::string& id, const Value& entry,
                       Value& before, Value& after);
  // What the place of the node gives it; `old_fqn` is null for a node that is new.
  ConfigChange PutProjectConfigs(const std::string& path, const std::string& id,
                                 const std::vector<std::string>* old_fqn,
                                 const std::vector<std::string>& fqn, Value& entry);
  Value NearerConfigs(const Value& entry);
  const std::vector<SchemaEntry>& EntriesOf(const std::string& path);
  void PatchTree(const std::string& section);
  void SwitchOff(const std::string& id, Value entry);
  void SwitchOn(const std::string& id, Value entry);
  void PatchRunHooks(const std::string& key);

  // ---- what else has to be rendered ----
  std::string DispatchedName(const std::string& name) const;
  std::set<std::string> MacrosInPlaceOf() const;
  void PutTestMacros();
  void PutGroupsOfNewTests();
  void PutDispatched(const std::set<std::string>& replaced);
  bool Mentions(std::string_view text, const std::set<std::string>& names) const;
  std::set<std::string> ReachedMacros() const;
  bool IsRenderable(const std::string& id) const;
  bool IsThere(const std::string& id);
  void FindReach();
  void SpreadToReaders();

  // ---- rendering ----
  Result<std::unique_ptr<dbt::Project>> Parse() const;
  void KnowColumns();
  Result<HeadProject> Finish();
  void ReadInFileConfigs(const dbt::Project& draft);
  static Value Named(const Value& config);
  static bool AsksForTarget(std::string_view raw_code);
  const dbt::Node* NamedAlike(const dbt::Node& node) const;
  void FindNames(const dbt::Project& draft);
  std::string NameBy(const Renderer& renderer, const dbt::Node& node, const std::string& part,
                     const std::string& path);
  std::string AliasOf(const Renderer& renderer, const dbt::Node& node, const dbt::Project& draft,
                      const std::string& path);
  using Names = std::set<std::string, std::less<>>;
  // Renderers of both sides for every way that dbt may have run; the same place, the same way.
  struct Ways {
    std::vector<std::unique_ptr<Renderer>> base, head;
  };
  // `open_vars` are taken from the compiled code, whatever the project's files say.
  Ways MakeWays(const dbt::Project& draft, RenderSettings head_settings,
                const Names& open_vars) const;
  struct Trial {
    size_t run = 0;
    bool equal = false;
    std::string base_sql;  // the base version, as this program renders it
    std::string why_not;   // the base version does not render to what dbt compiled
  };
  size_t UsualRun(const std::vector<std::unique_ptr<Renderer>>& base) const;
  Trial TryOnBase(const std::string& id, const std::vector<std::unique_ptr<Renderer>>& base) const;
  Names ContradictedVars(const std::string& id) const;
  std::set<std::string> WithDescendants(const std::set<std::string>& ids) const;
  void RenderAll(const dbt::Project& draft, std::set<std::string>& done);
  bool IsCertainlyWrong(const Rendered& sql) const;
  void PutParents(const dbt::Project& draft, const dbt::Node& node, const Rendered& sql,
                  const Rendered& other, Value& entry) const;
  const HeadRequest& request_;
  const Side base_side_, head_side_;
  Draft draft_;
  ProjectFile base_file_, head_file_;
  RenderSettings base_settings_, head_settings_;
  std::optional<ColumnSource> base_columns_;
  std::vector<SchemaEntry> base_entries_, head_entries_;       // of changed schema files
  std::map<std::string, std::vector<SchemaEntry>> base_yaml_;  // of the base commit, by path
  bool unreadable_yaml_ = false;
  std::map<std::string, ChangedDoc> changed_docs_;            // by name: the text before and after
  std::map<std::string, std::vector<std::string>> nodes_of_;  // by original_file_path
  std::set<std::string> dirty_;                               // nodes whose SQL must be rendered
  std::set<std::string> changed_text_;                        // those whose own file changed
  std::set<std::string> added_, moved_files_, reshaped_, reappearing_;
  std::set<std::string> rereads_;          // nodes whose parents are only what their text says now
  std::set<std::string> new_macro_names_;  // and those of removed ones: others may take their place
  std::set<std::string> changed_macros_, changed_vars_;
  bool changed_dispatch_ = false;
  bool packages_changed_ = false;
  mutable std::optional<size_t> usual_run_;
  std::set<std::string> package_folders_;  // of `local:` packages, from the repository's root
};

}  // namespace layergate::offline

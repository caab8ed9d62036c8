#include "offline/head_project.h"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "core/digest.h"
#include "core/text.h"
#include "core/yaml.h"
#include "jinja/compiled_evidence.h"
#include "jinja/project_settings.h"
#include "offline/column_source.h"
#include "offline/macro_file.h"
#include "offline/node_config.h"
#include "offline/project_file.h"
#include "offline/schema_patch.h"

namespace layergate::offline {
namespace {

using jinja::Rendered;
using jinja::Renderer;
using jinja::RenderSettings;

// dbt keeps a file's text without outer white space and with one kind of line end.
std::string AsDbtReads(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    result += text[i];
  }
  return std::string(Trim(result));
}

std::string WithoutSpaces(std::string_view text) {
  std::string result;
  for (char c : text) {
    if (c != ' ' && !(c >= '\t' && c <= '\r')) result += c;
  }
  return result;
}

std::string StemOf(std::string_view path) {
  std::string_view name = path.substr(path.rfind('/') + 1);
  return std::string(name.substr(0, name.rfind('.')));
}

Value Checksum(const std::string& raw_code) {
  return Value::MakeObject({{"name", "sha256"}, {"checksum", Sha256Hex(raw_code)}});
}

struct Kind {
  FileKind file;
  std::string_view resource, section;  // the manifest's word, and dbt_project.yml's
};
constexpr Kind kKinds[] = {{FileKind::kModel, "model", "models"},
                           {FileKind::kAnalysis, "analysis", "analyses"},
                           {FileKind::kSingularTest, "test", "tests"},
                           {FileKind::kSeed, "seed", "seeds"},
                           {FileKind::kSnapshot, "snapshot", "snapshots"}};

const Kind* KindOfFile(FileKind file) {
  for (const Kind& kind : kKinds) {
    if (kind.file == file) return &kind;
  }
  return nullptr;
}

std::string_view SectionOf(std::string_view resource) {
  for (const Kind& kind : kKinds) {
    if (kind.resource == resource) return kind.section;
  }
  return {};
}

// A changed file: its text on either side; nullopt where it is not there.
struct ChangedFile {
  std::string path;  // relative to the project's folder
  FileKind kind = FileKind::kOther;
  std::optional<std::string> base, head;
};

class Builder {
 public:
  explicit Builder(const HeadRequest& request) : request_(request), draft_(request.base) {
    draft_.prefix = request.prefix;
  }

  Result<HeadProject> Build() {
    LAYERGATE_TRY(base_file_, ReadProjectAt(request_.base_commit, base_settings_));
    LAYERGATE_TRY(head_file_, ReadProjectAt(request_.head_commit, head_settings_));
    if (draft_.package.empty()) draft_.package = base_file_.name;
    if (base_file_.name != draft_.package) {
      return MakeError(fmt::format("the base manifest is of project `{}`, the base commit's "
                                   "dbt_project.yml of `{}`",
                                   draft_.package, base_file_.name),
                       "give the manifest that dbt wrote for this project with --base-manifest");
    }
    KnowColumns();
    auto evidence = std::make_shared<jinja::CompiledEvidence>(draft_.base, request_.base_catalog,
                                                              base_settings_);
    base_settings_.evidence = head_settings_.evidence = std::move(evidence);
    LAYERGATE_TRY(std::vector<ChangedFile> files, ReadFiles());
    IndexPaths();
    for (const ChangedFile& file : files) {
      if (!file.head) RemoveFile(file);
    }
    for (const ChangedFile& file : files) {
      if (file.head) PutFile(file);
    }
    PatchAllSchemas(files);
    PatchProjectFile();
    FindReach();
    return Finish();
  }

 private:
  // ---- reading ----

  Result<ProjectFile> ReadProjectAt(const std::string& commit, RenderSettings& settings) {
    std::string path = request_.prefix + "dbt_project.yml";
    LAYERGATE_TRY(std::optional<std::string> text, request_.repository.ReadBlob(commit, path));
    if (!text) {
      return MakeError(fmt::format("{} is not in commit {}", path, commit.substr(0, 12)),
                       "give the folder of dbt_project.yml with --project-dir");
    }
    settings = request_.settings;
    Result<void> read = jinja::ReadProjectFile(*text, path, settings);
    if (!read) return read.error();
    std::string vars = request_.prefix + "vars.yml";
    LAYERGATE_TRY(std::optional<std::string> more, request_.repository.ReadBlob(commit, vars));
    if (more) {
      read = jinja::ReadVarsFile(*more, vars, draft_.base.metadata().dbt_version, settings);
      if (!read) return read.error();
    }
    ReadPackages(commit, settings);
    return ReadProjectFile(*text, path);
  }

  // Packages inside the repository are as the commit has them. Those that `dbt deps` installed are
  // in no commit: they are as they lie in the working tree, which is what dbt itself would use.
  void ReadPackages(const std::string& commit, RenderSettings& settings) {
    auto read = [&](const std::string& path) -> std::optional<std::string> {
      auto text = request_.repository.ReadBlob(commit, path);
      return text ? *text : std::nullopt;
    };
    jinja::ReadLocalPackages(read, request_.prefix, settings);
    jinja::ReadInstalledPackages(request_.repository.root() + "/" + request_.prefix, settings);
  }

  Result<std::vector<ChangedFile>> ReadFiles() {
    std::set<std::string> paths;
    for (const git::FileChange& change : request_.files) {
      for (const std::string* path : {&change.path, &change.old_path}) {
        if (path->compare(0, request_.prefix.size(), request_.prefix) == 0)
          paths.insert(path->substr(request_.prefix.size()));
      }
    }
    std::vector<ChangedFile> files;
    for (const std::string& path : paths) {
      ChangedFile file;
      file.path = path;
      file.kind = head_file_.KindOf(path);
      if (file.kind == FileKind::kOther) file.kind = base_file_.KindOf(path);
      if (file.kind == FileKind::kOther) {
        LAYERGATE_TRY(bool other, IsInOtherProject(path));
        if (other)
          draft_.CannotTell(path,
                            "it belongs to another dbt project in this repository; whether "
                            "this project uses that as a package cannot be told without dbt");
        continue;
      }
      std::string full = request_.prefix + path;
      LAYERGATE_TRY(file.base, request_.repository.ReadBlob(request_.base_commit, full));
      LAYERGATE_TRY(file.head, request_.repository.ReadBlob(request_.head_commit, full));
      files.push_back(std::move(file));
    }
    return files;
  }

  // A folder with a dbt_project.yml of its own below this project's.
  Result<bool> IsInOtherProject(const std::string& path) {
    for (size_t slash = path.find('/'); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
      std::string folder = request_.prefix + path.substr(0, slash);
      LAYERGATE_TRY(auto text, request_.repository.ReadBlob(request_.head_commit,
                                                            folder + "/dbt_project.yml"));
      if (text) return true;
    }
    return false;
  }

  void IndexPaths() {
    for (const std::string& id : draft_.base.ids()) {
      std::vector<std::string_view> parts = Split(id, '.');
      if (parts.size() < 3 || parts[1] != draft_.package || SectionOf(parts[0]).empty()) continue;
      Result<Value> path = ReadJson(draft_.base.RawField(id, "original_file_path"));
      if (!path) continue;
      std::string text(path->AsString());
      std::replace(text.begin(), text.end(), '\\', '/');
      nodes_of_[text].push_back(id);
    }
  }

  // ---- files ----

  void RemoveFile(const ChangedFile& file) {
    if (file.kind == FileKind::kMacro || file.kind == FileKind::kGenericTest)
      return PutMacros(file);
    if (file.kind == FileKind::kPackages) return TellPackages(file);
    if (!KindOfFile(file.kind)) return;
    for (const std::string& id : nodes_of_[file.path]) RemoveNode(id);
  }

  void RemoveNode(const std::string& id) {
    draft_.edit.Remove("nodes", id);
    dirty_.erase(id);
    for (const std::string& child : draft_.base.Children(id)) {
      const dbt::Node* test = draft_.base.Find(child);
      if (!test || test->resource_type != "test" || !test->test_metadata) continue;
      if (test->attached_node.empty() || test->attached_node == id)
        draft_.edit.Remove("nodes", child);
    }
  }

  void PutFile(const ChangedFile& file) {
    switch (file.kind) {
      case FileKind::kModel:
      case FileKind::kAnalysis:
      case FileKind::kSingularTest:
        return PutSql(file);
      case FileKind::kSeed:
        return PutSeed(file);
      case FileKind::kSnapshot:
        return PutSnapshots(file);
      case FileKind::kMacro:
      case FileKind::kGenericTest:
        return PutMacros(file);
      case FileKind::kPackages:
        return TellPackages(file);
      case FileKind::kDocs:
        draft_.notes.push_back(fmt::format("{}{}: texts of doc() are as in the base manifest",
                                           request_.prefix, file.path));
        return;
      default:
        return;
    }
  }

  void TellPackages(const ChangedFile& file) {
    draft_.CannotTell(file.path,
                      "packages changed; their models and macros cannot be told without dbt "
                      "(run `dbt deps` and `dbt parse`, and give --head-manifest)");
  }

  void PutSql(const ChangedFile& file) {
    std::string raw_code = AsDbtReads(*file.head);
    const std::vector<std::string>& ids = nodes_of_[file.path];
    std::string_view resource = KindOfFile(file.kind)->resource;
    std::string stem = StemOf(file.path);
    std::string id =
        ids.size() == 1 ? ids[0] : fmt::format("{}.{}.{}", resource, draft_.package, stem);
    if (ids.size() > 1 || stem.find('.') != std::string::npos) {
      draft_.CannotTell(file.path,
                        "which model of which version this file is cannot be told "
                        "without dbt");
      return;
    }
    if (ids.empty() && draft_.base.Contains(id)) {
      moved_files_.insert(id);
      if (const dbt::Node* old = draft_.base.Find(id);
          old && old->original_file_path != file.path && OldFileStays(*old)) {
        draft_.CannotTell(file.path, fmt::format("{} and {} are both {}", file.path,
                                                 old->original_file_path, id));
        return;
      }
    }
    PutNode(file, id, std::string(resource), stem, std::move(raw_code));
  }

  bool OldFileStays(const dbt::Node& old) const {
    auto text = request_.repository.ReadBlob(request_.head_commit,
                                             request_.prefix + old.original_file_path);
    return !text || *text;
  }

  void PutNode(const ChangedFile& file, const std::string& id, const std::string& resource,
               const std::string& name, std::string raw_code) {
    Value entry = draft_.edit.Get("nodes", id);
    // A file that moved was taken out a moment ago; the base has what it was.
    if (entry.is_null() && draft_.base.Contains(id))
      entry = dbt::ManifestEdit(draft_.base.text()).Get("nodes", id);
    bool is_new = entry.is_null();
    if (is_new) entry = NewNode(id, resource, name);
    bool is_old_form = entry.Find("raw_sql") && !entry.Find("raw_code");
    if (is_new || moved_files_.count(id) > 0) Place(file, entry, is_new, resource);
    entry.Set("checksum", Checksum(raw_code));
    entry.Set(is_old_form ? "raw_sql" : "raw_code", std::move(raw_code));
    for (std::string_view key : {"compiled_code", "compiled_sql", "compiled", "extra_ctes"})
      entry = Without(entry, key);
    if (file.path.size() > 3 && file.path.substr(file.path.size() - 3) == ".py")
      entry.Set("language", "python");
    draft_.edit.Set("nodes", id, std::move(entry));
    dirty_.insert(id);
    changed_text_.insert(id);
    if (is_new) added_.insert(id);
  }

  Value NewNode(const std::string& id, const std::string& resource, const std::string& name) const {
    Value config = Value::MakeObject({{"enabled", true},
                                      {"alias", Value()},
                                      {"schema", Value()},
                                      {"database", Value()},
                                      {"tags", Value::MakeArray()},
                                      {"meta", Value::MakeObject()},
                                      {"group", Value()},
                                      {"materialized", resource == "model" ? "view" : resource},
                                      {"unique_key", Value()},
                                      {"pre-hook", Value::MakeArray()},
                                      {"post-hook", Value::MakeArray()},
                                      {"full_refresh", Value()}});
    return Value::MakeObject(
        {{"unique_id", id},
         {"resource_type", resource},
         {"package_name", draft_.package},
         {"name", name},
         {"alias", name},
         {"language", "sql"},
         {"description", ""},
         {"columns", Value::MakeObject()},
         {"meta", Value::MakeObject()},
         {"tags", Value::MakeArray()},
         {"database", ""},
         {"schema", ""},
         {"config", std::move(config)},
         {"unrendered_config", Value::MakeObject()},
         {"refs", Value::MakeArray()},
         {"sources", Value::MakeArray()},
         {"patch_path", Value()},
         {"contract",
          Value::MakeObject({{"enforced", false}, {"alias_types", true}, {"checksum", Value()}})},
         {"access", "protected"},
         {"depends_on",
          Value::MakeObject({{"macros", Value::MakeArray()}, {"nodes", Value::MakeArray()}})}});
  }

  // Path and fqn, and the configs that dbt_project.yml gives to that place.
  void Place(const ChangedFile& file, Value& entry, bool is_new, const std::string& resource) {
    std::string_view key = file.kind == FileKind::kModel      ? "model-paths"
                           : file.kind == FileKind::kSnapshot ? "snapshot-paths"
                           : file.kind == FileKind::kSeed     ? "seed-paths"
                           : file.kind == FileKind::kAnalysis ? "analysis-paths"
                                                              : "test-paths";
    std::string folder = head_file_.FolderOf(key, file.path);
    std::string inside = file.path.substr(folder.empty() ? 0 : folder.size() + 1);
    std::vector<std::string> fqn = {draft_.package};
    std::vector<std::string_view> parts = Split(inside, '/');
    for (size_t i = 0; i + 1 < parts.size(); ++i) fqn.emplace_back(parts[i]);
    fqn.emplace_back(entry["name"].AsString());
    std::vector<std::string> old_fqn;
    for (const Value& part : entry["fqn"].items()) old_fqn.emplace_back(part.AsString());
    Value before = is_new ? Value() : base_file_.ConfigsOf(SectionOf(resource), old_fqn);
    Value after = head_file_.ConfigsOf(SectionOf(resource), fqn);
    entry.Set("path", inside).Set("original_file_path", file.path);
    entry.Set("fqn", Value::FromStrings(fqn));
    TellTemplates(file.path, std::string(entry["unique_id"].AsString()), before, after);
    ConfigChange change = ApplyConfig(entry, before, after, Value());
    if (is_new || change.relation) draft_.moved.insert(std::string(entry["unique_id"].AsString()));
  }

  // A config of dbt_project.yml that is a template is not rendered here.
  void TellTemplates(const std::string& path, const std::string& id, const Value& before,
                     const Value& after) {
    for (const auto& [key, value] : after.members()) {
      if (before.Find(key) && before[key] == value) continue;
      if (WriteJson(value).find("{{") == std::string::npos) continue;
      draft_.CannotTell(path, fmt::format("config `{}` of {} is a template in dbt_project.yml; "
                                          "its value cannot be told without dbt",
                                          key, id));
    }
  }

  void PutSeed(const ChangedFile& file) {
    const std::vector<std::string>& ids = nodes_of_[file.path];
    std::string name = StemOf(file.path);
    std::string id = ids.empty() ? fmt::format("seed.{}.{}", draft_.package, name) : ids[0];
    Value entry = draft_.edit.Get("nodes", id);
    bool is_new = entry.is_null();
    if (is_new) entry = NewNode(id, "seed", name);
    if (is_new) {
      Place(file, entry, true, "seed");
      added_.insert(id);
    }
    entry.Set("checksum", Checksum(AsDbtReads(*file.head)));
    draft_.edit.Set("nodes", id, std::move(entry));
  }

  void PutSnapshots(const ChangedFile& file) {
    std::vector<FileBlock> blocks = BlocksOf(*file.head);
    std::set<std::string> there;
    for (const FileBlock& block : blocks) {
      if (block.kind != "snapshot") continue;
      std::string id = fmt::format("snapshot.{}.{}", draft_.package, block.name);
      there.insert(id);
      const dbt::Node* old = draft_.base.Find(id);
      std::string text = AsDbtReads(block.inside);
      if (old && WithoutSpaces(old->raw_code) == WithoutSpaces(text)) continue;
      PutNode(file, id, "snapshot", block.name, std::move(text));
    }
    for (const std::string& id : nodes_of_[file.path]) {
      if (there.count(id) == 0) RemoveNode(id);
    }
  }

  void PutMacros(const ChangedFile& file) {
    std::map<std::string, std::string> before, after;
    for (const auto& [text, blocks] :
         {std::pair{&file.base, &before}, std::pair{&file.head, &after}}) {
      if (!*text) continue;
      for (const FileBlock& block : BlocksOf(**text)) {
        if (block.kind != "snapshot") (*blocks)[block.name] = block.text;
      }
    }
    for (const auto& [name, text] : before) {
      std::string id = fmt::format("macro.{}.{}", draft_.package, name);
      if (after.count(name) > 0) continue;
      draft_.edit.Remove("macros", id);
      changed_macros_.insert(id);
      TellNameMacro(file.path, name);
    }
    for (const auto& [name, text] : after) {
      auto old = before.find(name);
      if (old != before.end() && old->second == text) continue;
      std::string id = fmt::format("macro.{}.{}", draft_.package, name);
      Value entry = draft_.edit.Get("macros", id);
      if (entry.is_null()) {
        entry =
            Value::MakeObject({{"unique_id", id},
                               {"resource_type", "macro"},
                               {"package_name", draft_.package},
                               {"name", name},
                               {"path", file.path},
                               {"original_file_path", file.path},
                               {"depends_on", Value::MakeObject({{"macros", Value::MakeArray()}})},
                               {"arguments", Value::MakeArray()},
                               {"description", ""},
                               {"meta", Value::MakeObject()}});
      }
      entry.Set("original_file_path", file.path);
      entry.Set("macro_sql", text);
      draft_.edit.Set("macros", id, std::move(entry));
      changed_macros_.insert(id);
      TellNameMacro(file.path, name);
    }
  }

  void TellNameMacro(const std::string& path, const std::string& name) {
    bool names = name.find("generate_schema_name") != std::string::npos ||
                 name.find("generate_alias_name") != std::string::npos ||
                 name.find("generate_database_name") != std::string::npos;
    if (names)
      draft_.CannotTell(path, fmt::format("macro {} changed: where every model lies may have "
                                          "changed, which cannot be told without dbt",
                                          name));
    if (name.rfind("materialization_", 0) == 0)
      draft_.CannotTell(path, fmt::format("{} changed: how models are built cannot be told without "
                                          "running them",
                                          name));
  }

  // ---- YAML ----

  void PatchAllSchemas(const std::vector<ChangedFile>& files) {
    std::vector<SchemaEntry> base, head;
    for (const ChangedFile& file : files) {
      if (file.kind != FileKind::kSchemaYaml) continue;
      for (const auto& [text, entries] :
           {std::pair{&file.base, &base}, std::pair{&file.head, &head}}) {
        if (!*text) continue;
        Result<YamlNode> yaml = ReadYaml(**text, request_.prefix + file.path);
        if (!yaml) {
          draft_.CannotTell(file.path, yaml.error().message);
          return;
        }
        ReadSchemaEntries(ToValue(*yaml), file.path, *entries);
      }
    }
    PatchSchemas(draft_, head_file_, base, head);
  }

  void PatchProjectFile() {
    std::set<std::string> keys;
    for (const ProjectFile* file : {&base_file_, &head_file_}) {
      for (const auto& [key, value] : file->root.members()) keys.insert(key);
    }
    for (const std::string& key : keys) {
      const Value& before = base_file_.root[key];
      const Value& after = head_file_.root[key];
      if (before == after) continue;
      constexpr std::string_view kNothing[] = {"version", "config-version", "clean-targets",
                                               "require-dbt-version"};
      if (std::find(std::begin(kNothing), std::end(kNothing), key) != std::end(kNothing)) continue;
      if (key == "vars") {
        FindChangedVars(before, after);
      } else if (key == "models" || key == "seeds" || key == "snapshots") {
        PatchTree(key);
      } else {
        draft_.CannotTell("dbt_project.yml", fmt::format("`{}` changed; what that does to the "
                                                         "project cannot be told without dbt",
                                                         key));
      }
    }
  }

  void FindChangedVars(const Value& before, const Value& after) {
    for (const Value* side : {&before, &after}) {
      for (const auto& [name, value] : side->members()) {
        if (before[name] == after[name]) continue;
        changed_vars_.insert(name);
        for (const Value* inner : {&before[name], &after[name]}) {  // a package's section
          for (const auto& [own, ignored] : inner->members()) changed_vars_.insert(own);
        }
      }
    }
  }

  // The configs that the file gives to each node, before and after.
  void PatchTree(const std::string& section) {
    for (const std::string& id : draft_.base.ids()) {
      std::string_view resource = std::string_view(id).substr(0, id.find('.'));
      if (SectionOf(resource) != section) continue;
      const dbt::Node* node = draft_.base.Find(id);
      if (!node) continue;
      Value before = base_file_.ConfigsOf(section, node->fqn);
      Value after = head_file_.ConfigsOf(section, node->fqn);
      if (before == after) continue;
      TellTemplates("dbt_project.yml", id, before, after);
      Value entry = draft_.edit.Get("nodes", id);
      if (entry.is_null()) continue;
      // A nearer place that says the same key wins, and what it said is in unrendered_config.
      Value old = Value::MakeObject(), now = Value::MakeObject();
      for (const Value* side : {&before, &after}) {
        for (const auto& [key, value] : side->members()) {
          bool adds_up = key == "tags" || key == "meta" || key == "pre-hook" || key == "post-hook";
          bool speaks = before.Find(key) ? entry["unrendered_config"][key] == before[key]
                                         : !entry["unrendered_config"].Find(key);
          if (!adds_up && !speaks) continue;
          if (before.Find(key)) old.Set(key, before[key]);
          if (after.Find(key)) now.Set(key, after[key]);
        }
      }
      ConfigChange change = ApplyConfig(entry, old, now, Value());
      if (change.relation) draft_.moved.insert(id);
      draft_.edit.Set("nodes", id, std::move(entry));
      if (std::find(change.changed.begin(), change.changed.end(), "materialized") !=
          change.changed.end())
        reshaped_.insert(id);
    }
  }

  // ---- what else has to be rendered ----

  bool Mentions(std::string_view text, const std::set<std::string>& names) const {
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return text.find(name) != std::string_view::npos;
    });
  }

  // Macros that a change of a macro, or of a var, reaches.
  std::set<std::string> ReachedMacros() const {
    std::set<std::string> reached = changed_macros_;
    std::vector<std::string> ids = draft_.base.macro_ids();
    for (const std::string& id : ids) {
      if (!changed_vars_.empty() && Mentions(draft_.base.RawField(id, "macro_sql"), changed_vars_))
        reached.insert(id);
    }
    for (bool grown = !reached.empty(); grown;) {
      grown = false;
      for (const std::string& id : ids) {
        if (reached.count(id) > 0) continue;
        const dbt::Macro* macro = draft_.base.FindMacro(id);
        bool hit =
            macro && std::any_of(macro->depends_on_macros.begin(), macro->depends_on_macros.end(),
                                 [&](const std::string& m) { return reached.count(m) > 0; });
        if (hit) grown = reached.insert(id).second || grown;
      }
    }
    return reached;
  }

  bool IsRenderable(const std::string& id) const {
    return id.rfind("model.", 0) == 0 || id.rfind("snapshot.", 0) == 0 ||
           id.rfind("analysis.", 0) == 0 || id.rfind("test.", 0) == 0;
  }

  void FindReach() {
    std::set<std::string> macros = ReachedMacros();
    if (!macros.empty() || !changed_vars_.empty()) {
      for (const std::string& id : draft_.base.ids()) {
        if (!IsRenderable(id)) continue;
        const dbt::Node* node = draft_.base.Find(id);
        if (!node || node->test_metadata) continue;
        bool hit = std::any_of(node->depends_on_macros.begin(), node->depends_on_macros.end(),
                               [&](const std::string& m) { return macros.count(m) > 0; });
        hit = hit || (!changed_vars_.empty() && Mentions(node->raw_code, changed_vars_));
        if (hit && !draft_.edit.Get("nodes", id).is_null()) dirty_.insert(id);
      }
    }
  }

  // Readers of what moved, and readers of ephemeral models whose text changed: their SQL holds it.
  void SpreadToReaders() {
    std::vector<std::string> queue(draft_.moved.begin(), draft_.moved.end());
    queue.insert(queue.end(), reshaped_.begin(), reshaped_.end());
    for (const std::string& id : dirty_) {
      const dbt::Node* node = draft_.base.Find(id);
      if (node && node->materialized == "ephemeral") queue.push_back(id);
    }
    std::set<std::string> seen(queue.begin(), queue.end());
    for (size_t i = 0; i < queue.size(); ++i) {
      for (const std::string& child : draft_.base.Children(queue[i])) {
        const dbt::Node* node = draft_.base.Find(child);
        if (!node || !IsRenderable(child) || node->test_metadata) continue;
        if (!draft_.edit.Get("nodes", child).is_null()) dirty_.insert(child);
        if (node->materialized == "ephemeral" && seen.insert(child).second) queue.push_back(child);
      }
    }
    for (const std::string& id : draft_.moved) {
      if (IsRenderable(id) && !draft_.edit.Get("nodes", id).is_null()) dirty_.insert(id);
    }
  }

  // ---- rendering ----

  Result<std::unique_ptr<dbt::Project>> Parse() const {
    return dbt::Project::Parse(
        draft_.edit.is_changed() ? draft_.edit.Write() : std::string(draft_.base.text()),
        fmt::format("{} with the files of {}", draft_.base.metadata().path,
                    request_.head_commit.substr(0, 12)));
  }

  // Columns that a macro asks for are those of production as dbt compiled it; a parent that changed
  // has none.
  void KnowColumns() {
    base_columns_.emplace(draft_.base, request_.base_catalog);
    base_settings_.columns = base_columns_->ForSettings();
  }

  Result<HeadProject> Finish() {
    LAYERGATE_TRY(std::unique_ptr<dbt::Project> draft, Parse());
    ReadInFileConfigs(*draft);
    LAYERGATE_TRY(draft, Parse());
    FindNames(*draft);
    SpreadToReaders();
    LAYERGATE_TRY(draft, Parse());
    HeadProject result;
    RenderAll(*draft, result.rendered);
    LAYERGATE_TRY(result.project, Parse());
    result.unknown = std::move(draft_.unknown);
    result.notes = std::move(draft_.notes);
    return result;
  }

  void ReadInFileConfigs(const dbt::Project& draft) {
    Renderer base(draft_.base, request_.base_catalog, base_settings_);
    Renderer head(draft, request_.base_catalog, head_settings_);
    for (const std::string& id : changed_text_) {
      const dbt::Node* old = draft_.base.Find(id);
      const dbt::Node* now = draft.Find(id);
      if (!now || now->language == "python") continue;
      Value before = old ? base.Render(*old).config : Value();
      Value after = head.Render(*now).config;
      Value entry = draft_.edit.Get("nodes", id);
      Value weaker = head_file_.ConfigsOf(SectionOf(now->resource_type), now->fqn);
      ConfigChange change = ApplyConfig(entry, Named(before), Named(after), weaker);
      for (const std::string& key : change.changed) {
        if (jinja::HoldsMark(Named(after)[key].AsString()))
          draft_.CannotTell(
              now->original_file_path,
              fmt::format("config `{}` of {} hangs on a setting that is not known", key, id));
      }
      if (change.relation) draft_.moved.insert(id);
      if (std::find(change.changed.begin(), change.changed.end(), "materialized") !=
          change.changed.end())
        reshaped_.insert(id);
      if (change.enabled) {
        draft_.edit.Set("nodes", id, std::move(entry));
      } else {
        draft_.edit.Remove("nodes", id);
        draft_.edit.Set("disabled", id, Value::MakeArray({std::move(entry)}));
        dirty_.erase(id);
      }
    }
  }

  static Value Named(const Value& config) {
    Value named = Value::MakeObject();
    for (const auto& [key, value] : config.members()) named.Set(ConfigName(key), value);
    return named;
  }

  // A node whose relation is known, of the same kind and with the same custom schema and database:
  // what dbt's naming macros made of it holds for the other, too.
  const dbt::Node* NamedAlike(const dbt::Node& node) const {
    for (const std::string& id : draft_.base.ids()) {
      if (id.rfind(node.resource_type + ".", 0) != 0 || id == node.unique_id) continue;
      const dbt::Node* other = draft_.base.Find(id);
      bool alike = other && other->package_name == node.package_name &&
                   !other->relation_name.empty() &&
                   other->config["schema"] == node.config["schema"] &&
                   other->config["database"] == node.config["database"];
      if (alike) return other;
    }
    return nullptr;
  }

  void FindNames(const dbt::Project& draft) {
    Renderer renderer(draft, request_.base_catalog, head_settings_);
    for (const std::string& id : draft_.moved) {
      const dbt::Node* node = draft.Find(id);
      Value entry = draft_.edit.Get("nodes", id);
      bool is_built = node && (node->resource_type == "model" || node->resource_type == "seed" ||
                               node->resource_type == "snapshot");
      if (!is_built || entry.is_null()) continue;
      const dbt::Node* like = NamedAlike(*node);
      if (!like) like = draft_.base.Find(id);
      std::string path = node->original_file_path;
      bool same_place = like && like->config["schema"] == node->config["schema"] &&
                        like->config["database"] == node->config["database"];
      std::string schema = same_place ? like->schema : NameBy(renderer, *node, "schema", path);
      std::string database =
          same_place ? like->database : NameBy(renderer, *node, "database", path);
      std::string alias = AliasOf(renderer, *node, draft, path);
      entry.Set("schema", schema).Set("database", database).Set("alias", alias);
      bool has_relation = node->materialized != "ephemeral";
      std::string relation;
      if (has_relation && like && !schema.empty()) {
        relation =
            RelationNameLike(like->relation_name, {like->database, like->schema, like->alias},
                             {database, schema, alias});
      }
      entry.Set("relation_name", relation.empty() ? Value() : Value(relation));
      if (has_relation && relation.empty())
        draft_.CannotTell(path, fmt::format("where {} lies cannot be told without dbt", id));
      draft_.edit.Set("nodes", id, std::move(entry));
    }
  }

  // What generate_<part>_name gives; empty, and told, when it cannot be rendered.
  std::string NameBy(const Renderer& renderer, const dbt::Node& node, const std::string& part,
                     const std::string& path) {
    const Value& custom = node.config[part];
    std::string argument = custom.is_string() ? WriteJson(custom) : "none";
    Rendered name = renderer.RenderText(
        node, fmt::format("{{{{ generate_{}_name({}, model) }}}}", part, argument));
    if (name.ok) return std::string(Trim(name.sql));
    draft_.CannotTell(path, fmt::format("the {} of {}: {}", part, node.unique_id, name.why));
    return {};
  }

  std::string AliasOf(const Renderer& renderer, const dbt::Node& node, const dbt::Project& draft,
                      const std::string& path) {
    bool has_macro = draft.FindMacro("macro.dbt.generate_alias_name") ||
                     draft.FindMacro(fmt::format("macro.{}.generate_alias_name", draft_.package));
    if (has_macro) return NameBy(renderer, node, "alias", path);
    return node.config["alias"].is_string() ? std::string(node.config["alias"].AsString())
                                            : node.name;
  }

  // How production compiled the model: whether its table was there, and with --full-refresh or not.
  static std::vector<RenderSettings> Runs(const RenderSettings& settings) {
    RenderSettings later = settings, first = settings, full = settings;
    later.incremental = full.full_refresh = true;
    later.full_refresh = first.incremental = first.full_refresh = full.incremental = false;
    return {std::move(later), std::move(first), std::move(full)};
  }

  struct Trial {
    size_t run = 0;
    std::string why_not;  // the base version does not render to what dbt compiled
  };

  Trial TryOnBase(const std::string& id, const std::vector<std::unique_ptr<Renderer>>& base) const {
    const dbt::Node* node = draft_.base.Find(id);
    if (!node || !node->compiled_code) return {};
    std::string expected = WithoutSpaces(*node->compiled_code);
    bool rendered = false;
    for (size_t run = 0; run < base.size(); ++run) {
      Rendered sql = base[run]->Render(*node);
      rendered = rendered || sql.ok;
      if (sql.ok && WithoutSpaces(sql.sql) == expected) return {run, {}};
    }
    if (!rendered) return {};
    return {0,
            "this program renders the base version to another text than dbt compiled it to, so "
            "it is not trusted with the new one"};
  }

  std::set<std::string> WithDescendants(const std::set<std::string>& ids) const {
    std::set<std::string> all = ids;
    std::vector<std::string> queue(ids.begin(), ids.end());
    for (size_t i = 0; i < queue.size(); ++i) {
      for (const std::string& child : draft_.base.Children(queue[i])) {
        if (all.insert(child).second) queue.push_back(child);
      }
    }
    return all;
  }

  void RenderAll(const dbt::Project& draft, std::set<std::string>& done) {
    std::vector<std::unique_ptr<Renderer>> base, head;
    for (RenderSettings& run : Runs(base_settings_))
      base.push_back(
          std::make_unique<Renderer>(draft_.base, request_.base_catalog, std::move(run)));
    ColumnSource columns(draft, nullptr);
    RenderSettings head_settings = head_settings_;
    head_settings.columns = columns.ForSettings();
    std::set<std::string> stale = WithDescendants(dirty_);
    head_settings.catalog_is_stale = [&stale](std::string_view id) {
      return stale.count(std::string(id)) > 0;
    };
    for (RenderSettings& run : Runs(head_settings))
      head.push_back(std::make_unique<Renderer>(draft, request_.base_catalog, std::move(run)));
    for (const std::string& id : dirty_) {
      const dbt::Node* node = draft.Find(id);
      if (!node) continue;
      Trial trial = TryOnBase(id, base);
      Rendered sql = head[trial.run]->Render(*node);
      Rendered other = head[trial.run == 0 ? 1 : 0]->Render(*node);
      Value entry = draft_.edit.Get("nodes", id);
      PutParents(draft, *node, sql, other, entry);
      if (!trial.why_not.empty()) {
        sql.ok = false;
        sql.why = trial.why_not;
        sql.line = 0;
      }
      if (sql.ok) {
        bool is_old_form = entry.Find("raw_sql") && !entry.Find("raw_code");
        entry.Set(is_old_form ? "compiled_sql" : "compiled_code", sql.sql);
        entry.Set("compiled", true);
        done.insert(id);
      } else {
        for (std::string_view key : {"compiled_code", "compiled_sql", "compiled"})
          entry = Without(entry, key);
        std::string place = sql.line > 0
                                ? fmt::format(" (line {}, column {})", sql.line, sql.column)
                                : std::string();
        draft_.CannotTell(node->original_file_path,
                          fmt::format("{} was not rendered: {}{}", id, sql.why, place));
      }
      draft_.edit.Set("nodes", id, std::move(entry));
    }
  }

  // What the text asked for. A rendering that failed half-way may have missed some: what the base
  // had stays, then.
  void PutParents(const dbt::Project& draft, const dbt::Node& node, const Rendered& sql,
                  const Rendered& other, Value& entry) const {
    std::vector<std::string> parents, macros;
    auto add = [](std::vector<std::string>& list, const std::vector<std::string>& more) {
      for (const std::string& item : more) {
        if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
      }
    };
    if (!sql.ok || changed_text_.count(node.unique_id) == 0) {
      add(parents, node.depends_on_nodes);
      add(macros, node.depends_on_macros);
    }
    for (const Rendered* rendered : {&sql, &other}) {
      add(parents, rendered->parents);
      add(macros, rendered->macros);
    }
    // The same parents in the order that the base has them: no change of its own.
    std::vector<std::string> sorted = parents, old = node.depends_on_nodes;
    std::sort(sorted.begin(), sorted.end());
    std::sort(old.begin(), old.end());
    if (sorted == old) parents = node.depends_on_nodes;
    Value refs = Value::MakeArray(), sources = Value::MakeArray();
    for (const std::string& id : parents) {
      const dbt::Node* parent = draft.Find(id);
      if (!parent) continue;
      if (parent->resource_type == "source") {
        sources.Append(Value::MakeArray({Value(parent->source_name), Value(parent->name)}));
      } else {
        refs.Append(Value::MakeObject(
            {{"name", parent->name}, {"package", Value()}, {"version", Value()}}));
      }
    }
    // Macros that dbt itself brings into every call are known from the base alone.
    for (const std::string& id : node.depends_on_macros) {
      if (id.rfind("macro.dbt", 0) == 0) add(macros, {id});
    }
    if (parents != node.depends_on_nodes) {
      entry.Set("refs", std::move(refs));
      entry.Set("sources", std::move(sources));
    }
    entry.Set("depends_on", Value::MakeObject({{"macros", Value::FromStrings(macros)},
                                               {"nodes", Value::FromStrings(parents)}}));
  }

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

}  // namespace

Result<HeadProject> BuildHeadProject(const HeadRequest& request) {
  return Builder(request).Build();
}

}  // namespace layergate::offline

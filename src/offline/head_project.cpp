// Reads both sides, and runs the steps.
#include "offline/head_project.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"
#include "jinja/compiled_evidence.h"
#include "jinja/project_settings.h"
#include "offline/head_builder.h"

namespace layergate::offline {
std::string WithoutSpaces(std::string_view text) {
  std::string result;
  for (char c : text) {
    if (c != ' ' && !(c >= '\t' && c <= '\r')) result += c;
  }
  return result;
}

Result<HeadProject> HeadBuilder::Build() {
  LAYERGATE_TRY(base_file_, ReadProjectAt(base_side_, base_settings_));
  LAYERGATE_TRY(head_file_, ReadProjectAt(head_side_, head_settings_));
  if (draft_.package.empty()) draft_.package = base_file_.name;
  if (base_file_.name != draft_.package) {
    return MakeError(fmt::format("the base manifest is of project `{}`, the base commit's "
                                 "dbt_project.yml of `{}`",
                                 draft_.package, base_file_.name),
                     "give the manifest that dbt wrote for this project with --base-manifest");
  }
  KnowColumns();
  auto evidence =
      std::make_shared<jinja::CompiledEvidence>(draft_.base, request_.base_catalog, base_settings_);
  base_settings_.evidence = head_settings_.evidence = std::move(evidence);
  draft_.render = [this](const std::string& text) { return RenderYaml(text); };
  LAYERGATE_TRY(std::vector<ChangedFile> files, ReadFiles());
  IndexPaths();
  TellPackageFiles();
  ReadDocs(files);
  ReadSchemas(files);
  FindReappearing(files);
  for (const ChangedFile& file : files) {
    if (!file.head) RemoveFile(file);
  }
  for (const ChangedFile& file : files) {
    if (file.head) PutFile(file);
  }
  PatchProjectFile();
  PatchDocs();
  PatchAllSchemas();
  FindReach();
  return Finish();
}

Result<std::optional<std::string>> HeadBuilder::ReadAt(const Side& side,
                                                       const std::string& path) const {
  return request_.repository.ReadThroughLinks(side.commit, side.prefix + path);
}

Result<ProjectFile> HeadBuilder::ReadProjectAt(const Side& side, RenderSettings& settings) {
  std::string path = side.prefix + "dbt_project.yml";
  LAYERGATE_TRY(std::optional<std::string> text, ReadAt(side, "dbt_project.yml"));
  if (!text) {
    return MakeError(fmt::format("{} is not in commit {}", path, side.commit.substr(0, 12)),
                     "give the folder of dbt_project.yml with --project-dir");
  }
  settings = request_.settings;
  Result<void> read = jinja::ReadProjectFile(*text, path, settings);
  if (!read) return read.error();
  LAYERGATE_TRY(ProjectFile file, ReadProjectFile(*text, path));
  LAYERGATE_TRY(std::optional<std::string> more, ReadAt(side, "vars.yml"));
  if (more) {
    Value before = settings.vars;
    read = jinja::ReadVarsFile(*more, side.prefix + "vars.yml", draft_.base.metadata().dbt_version,
                               settings);
    if (!read) return read.error();
    if (!(settings.vars == before)) file.vars = settings.vars;
  }
  ReadPackages(side, settings);
  return file;
}

// Packages inside the repository are as the commit has them. Those that `dbt deps` installed are
// in no commit: they are as they lie in the working tree, which is what dbt itself would use.
void HeadBuilder::ReadPackages(const Side& side, RenderSettings& settings) {
  constexpr std::string_view kFile = "dbt_project.yml";
  auto read = [&](const std::string& path) -> std::optional<std::string> {
    auto text = request_.repository.ReadBlob(side.commit, path);
    bool is_project = path == kFile || path.ends_with("/" + std::string(kFile));
    if (is_project && text && *text)
      package_folders_.insert(path.substr(0, path.size() - kFile.size()));
    return text ? *text : std::nullopt;
  };
  jinja::ReadLocalPackages(read, side.prefix, settings);
  jinja::ReadInstalledPackages(request_.repository.root() + "/" + side.prefix, settings);
}

// Relative to the project's folder, which may be another one on the other side.
Result<std::set<std::string>> HeadBuilder::ChangedPaths() {
  std::set<std::string> paths;
  auto add = [&](const std::string& path, const std::string& prefix) {
    if (path.starts_with(prefix)) paths.insert(path.substr(prefix.size()));
  };
  for (const git::FileChange& change : request_.files) {
    if (change.kind != git::FileChange::Kind::kAdded) add(change.old_path, request_.base_prefix);
    if (change.kind != git::FileChange::Kind::kDeleted) add(change.path, request_.prefix);
  }
  if (auto added = AddFilesOfMovedFolders(paths); !added) return added.error();
  return paths;
}

// Files that are what they were, in folders that dbt reads otherwise than before.
Result<void> HeadBuilder::AddFilesOfMovedFolders(std::set<std::string>& paths) {
  bool same = true;
  for (const ProjectFile* file : {&base_file_, &head_file_}) {
    for (const auto& [key, value] : file->root.members()) {
      if (key.ends_with("-paths")) same = same && base_file_.root[key] == head_file_.root[key];
    }
  }
  if (same) return {};
  LAYERGATE_TRY(std::vector<std::string> all,
                request_.repository.ListFiles(head_side_.commit, head_side_.prefix));
  for (const std::string& full : all) {
    std::string path = full.substr(head_side_.prefix.size());
    bool read_alike = base_file_.KindOf(path) == head_file_.KindOf(path) &&
                      base_file_.FqnOf(path, "") == head_file_.FqnOf(path, "");
    if (!read_alike) paths.insert(path);
  }
  return {};
}

namespace {

// Whether dbt may read a file of a package; `path` is relative to the package. A package may be the
// whole repository, with a CI's files and others' beside its own.
bool MayBeRead(std::string_view path) {
  if (path.starts_with('.')) return false;
  constexpr std::string_view kRead[] = {".sql", ".py", ".csv", ".yml", ".yaml", ".md"};
  bool read = std::any_of(std::begin(kRead), std::end(kRead),
                          [&](std::string_view end) { return path.ends_with(end); });
  bool below = path.find('/') != std::string_view::npos;
  return read && (below || !path.ends_with(".md"));
}

}  // namespace

// A changed file of a package that this project reads from the repository: its nodes are the
// package's, and dbt alone knows which of its configs reach them.
void HeadBuilder::TellPackageFiles() {
  for (const git::FileChange& change : request_.files) {
    for (const std::string& folder : package_folders_) {
      if (!change.path.starts_with(folder) && !change.old_path.starts_with(folder)) continue;
      if (request_.prefix.starts_with(folder) && change.path.starts_with(request_.prefix)) continue;
      auto may_be_read = [&](const std::string& path) {
        return path.starts_with(folder) && MayBeRead(std::string_view(path).substr(folder.size()));
      };
      if (!may_be_read(change.path) && !may_be_read(change.old_path)) continue;
      packages_changed_ = true;
      draft_.unknown.push_back(
          {change.path, fmt::format("it belongs to the package in {}, which this project reads "
                                    "from the repository; what it changes cannot be told without "
                                    "dbt (run `dbt parse` and give --head-manifest)",
                                    folder.empty() ? "the repository's root" : folder)});
      break;
    }
  }
}

Result<std::vector<ChangedFile>> HeadBuilder::ReadFiles() {
  LAYERGATE_TRY(std::set<std::string> paths, ChangedPaths());
  using Text = Result<std::optional<std::string>>;
  std::vector<ChangedFile> files;
  for (const std::string& path : paths) {
    bool of_package = std::any_of(package_folders_.begin(), package_folders_.end(),
                                  [&](const std::string& folder) {
                                    return folder.size() > request_.prefix.size() &&
                                           (request_.prefix + path).starts_with(folder);
                                  });
    if (of_package) continue;
    FileKind before = base_file_.KindOf(path), after = head_file_.KindOf(path);
    ChangedFile file{path, after == FileKind::kOther ? before : after, {}, {}};
    if (file.kind == FileKind::kOther) continue;
    auto base_text = before == file.kind ? ReadAt(base_side_, path) : Text(std::nullopt);
    auto head_text = after == file.kind ? ReadAt(head_side_, path) : Text(std::nullopt);
    const Text* failed = !base_text ? &base_text : !head_text ? &head_text : nullptr;
    if (failed && !git::IsNoFile(failed->error())) return failed->error();
    if (failed) {
      draft_.CannotTell(path, failed->error().message);
      continue;
    }
    file.base = *std::move(base_text);
    file.head = *std::move(head_text);
    bool same = file.base == file.head && base_file_.FqnOf(path, "") == head_file_.FqnOf(path, "");
    if (!same) files.push_back(file);
    // What it was before under another kind is gone.
    if (before != after && before != FileKind::kOther && after != FileKind::kOther) {
      ChangedFile old{path, before, {}, {}};
      LAYERGATE_TRY(old.base, ReadAt(base_side_, path));
      if (old.base) files.push_back(std::move(old));
    }
  }
  return files;
}

void HeadBuilder::IndexPaths() {
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

Result<HeadProject> BuildHeadProject(const HeadRequest& request) {
  return HeadBuilder(request).Build();
}

}  // namespace layergate::offline

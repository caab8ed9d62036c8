// Reads both sides, and runs the steps.
#include "offline/head_project.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"
#include "jinja/compiled_evidence.h"
#include "jinja/project_settings.h"
#include "offline/head_builder.h"

namespace layergate::offline {
namespace {

struct Kind {
  FileKind file;
  std::string_view resource, section;
};
constexpr Kind kKinds[] = {{FileKind::kModel, "model", "models"},
                           {FileKind::kAnalysis, "analysis", "analyses"},
                           {FileKind::kSingularTest, "test", "tests"},
                           {FileKind::kSeed, "seed", "seeds"},
                           {FileKind::kSnapshot, "snapshot", "snapshots"}};

}  // namespace

std::string_view ResourceOf(FileKind file) {
  for (const Kind& kind : kKinds) {
    if (kind.file == file) return kind.resource;
  }
  return {};
}

std::string_view SectionOf(std::string_view resource) {
  for (const Kind& kind : kKinds) {
    if (kind.resource == resource) return kind.section;
  }
  return {};
}

std::string WithoutSpaces(std::string_view text) {
  std::string result;
  for (char c : text) {
    if (c != ' ' && !(c >= '\t' && c <= '\r')) result += c;
  }
  return result;
}

Result<HeadProject> HeadBuilder::Build() {
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
  auto evidence =
      std::make_shared<jinja::CompiledEvidence>(draft_.base, request_.base_catalog, base_settings_);
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

Result<ProjectFile> HeadBuilder::ReadProjectAt(const std::string& commit,
                                               RenderSettings& settings) {
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
void HeadBuilder::ReadPackages(const std::string& commit, RenderSettings& settings) {
  auto read = [&](const std::string& path) -> std::optional<std::string> {
    auto text = request_.repository.ReadBlob(commit, path);
    return text ? *text : std::nullopt;
  };
  jinja::ReadLocalPackages(read, request_.prefix, settings);
  jinja::ReadInstalledPackages(request_.repository.root() + "/" + request_.prefix, settings);
}

Result<std::vector<ChangedFile>> HeadBuilder::ReadFiles() {
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
Result<bool> HeadBuilder::IsInOtherProject(const std::string& path) {
  for (size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    std::string folder = request_.prefix + path.substr(0, slash);
    LAYERGATE_TRY(auto text,
                  request_.repository.ReadBlob(request_.head_commit, folder + "/dbt_project.yml"));
    if (text) return true;
  }
  return false;
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

#include "check/commits.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "core/file.h"
#include "git/revisions.h"

namespace layergate::check {
namespace {

namespace fs = std::filesystem;

Result<std::string> ProjectPrefix(const git::Repository& repository,
                                  const std::string& project_dir) {
  std::error_code error;
  fs::path project = fs::canonical(project_dir, error);
  if (error) return MakeError(fmt::format("{}: no such folder", project_dir), "give --project-dir");
  fs::path root = fs::canonical(repository.root(), error);
  std::string prefix = fs::relative(project, root, error).generic_string();
  if (error || prefix.substr(0, 2) == "..") {
    return MakeError(fmt::format("{} is not inside the repository {}", project_dir, root.string()));
  }
  return prefix == "." ? std::string() : prefix + "/";
}

// Where the project lay in the base commit: the folder from which most of its files were moved,
// when there is no project in its own folder and one in that.
std::string PrefixAtBase(const git::Repository& repository, const git::Commit& base,
                         const std::vector<git::FileChange>& files, const std::string& prefix) {
  // A file that cannot be read is there; whoever needs it says why it cannot be.
  auto has_project = [&](const std::string& folder) {
    auto file = repository.ReadBlob(base.id, folder + "dbt_project.yml");
    return !file || file->has_value();
  };
  if (has_project(prefix)) return prefix;
  std::map<std::string, size_t> votes;
  for (const git::FileChange& file : files) {
    if (file.old_path == file.path || !file.path.starts_with(prefix)) continue;
    std::string inside = file.path.substr(prefix.size());
    if (file.old_path == inside) ++votes[""];
    if (file.old_path.ends_with("/" + inside)) {
      ++votes[file.old_path.substr(0, file.old_path.size() - inside.size())];
    }
  }
  auto most = std::max_element(votes.begin(), votes.end(),
                               [](const auto& a, const auto& b) { return a.second < b.second; });
  return most != votes.end() && has_project(most->first) ? most->first : prefix;
}

}  // namespace

Result<Commits> ReadCommits(const CheckRequest& request) {
  Commits commits;
  if (request.no_git) return commits;
  LAYERGATE_TRY(git::Repository repository, git::Repository::Open(request.project_dir));
  git::RevisionRequest revisions{request.base, request.head, request.event_head,
                                 request.event_base};
  LAYERGATE_TRY(git::Revisions found,
                git::FindRevisions(repository, revisions, request.environment));
  commits.base = std::move(found.base);
  commits.head = std::move(found.head);
  commits.how = std::move(found.how);
  LAYERGATE_TRY(commits.prefix, ProjectPrefix(repository, request.project_dir));
  LAYERGATE_TRY(commits.files, repository.Diff(commits.base.id, commits.head.id));
  commits.package_folders = change::LocalPackages(repository, commits.head.id, commits.prefix);
  commits.base_prefix = PrefixAtBase(repository, commits.base, commits.files, commits.prefix);
  LAYERGATE_TRY(commits.log, repository.Log(commits.base.id, commits.head.id));
  LAYERGATE_TRY(commits.provenance, git::ReadProvenance(repository, commits.log,
                                                        {request.pull_request_description,
                                                         request.pull_request_labels}));
  commits.repository = std::move(repository);
  return commits;
}

PullRequestFacts FactsOf(const Commits& commits) {
  PullRequestFacts facts{commits.base.id, commits.head.id, {},
                         commits.prefix,  &commits.log,    &commits.provenance};
  facts.package_folders = commits.package_folders;
  for (const git::FileChange& file : commits.files) {
    facts.changed_paths.push_back(file.path);
    if (file.old_path != file.path) facts.changed_paths.push_back(file.old_path);
  }
  std::sort(facts.changed_paths.begin(), facts.changed_paths.end());
  return facts;
}

Result<std::optional<std::string>> ReadProjectFile(const CheckRequest& request,
                                                   const Commits& commits,
                                                   const git::Commit& commit,
                                                   const std::string& name) {
  if (commits.repository) {
    bool base = commit.id == commits.base.id;
    return commits.repository->ReadBlob(commit.id,
                                        (base ? commits.base_prefix : commits.prefix) + name);
  }
  return ReadFileIfThere(request.project_dir + "/" + name);
}

}  // namespace layergate::check

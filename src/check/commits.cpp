#include "check/commits.h"

#include <algorithm>
#include <filesystem>

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
  if (commits.repository) return commits.repository->ReadBlob(commit.id, commits.prefix + name);
  return ReadFileIfThere(request.project_dir + "/" + name);
}

}  // namespace layergate::check

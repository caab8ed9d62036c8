// Step one: which two commits are compared, what files differ between them, and which tools say
// they wrote them. Without git (CheckRequest::no_git) everything here is empty.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "change/local_packages.h"
#include "check/request.h"
#include "core/result.h"
#include "gate/gate.h"
#include "git/provenance.h"
#include "git/repository.h"

namespace layergate::check {

// The two commits, and where the dbt project lies in the repository.
struct Commits {
  std::optional<git::Repository> repository;
  git::Commit base, head;
  std::string how;     // how the two were found
  std::string prefix;  // "" or "dbt/"
  // The same in the base commit: another folder when the pull request moves the whole project. What
  // is read from the base commit is looked for there, or a moved folder would leave its policy
  // behind.
  std::string base_prefix;
  change::PackageFolders package_folders;  // of packages that lie in the repository, at the head
  std::vector<git::FileChange> files;
  std::vector<git::Commit> log;  // from base to head, newest first
  git::Provenance provenance;

  // The path of the repository's work tree; "" without one.
  std::string root() const { return repository ? repository->root() : std::string(); }
};

Result<Commits> ReadCommits(const CheckRequest& request);

// What gates are told of the pull request. Points into `commits`, which must outlive it.
PullRequestFacts FactsOf(const Commits& commits);

// A file of the dbt project as it stood at `commit`; without git, as it stands in the work tree.
// Nothing when there is no such file.
Result<std::optional<std::string>> ReadProjectFile(const CheckRequest& request,
                                                   const Commits& commits,
                                                   const git::Commit& commit,
                                                   const std::string& name);

}  // namespace layergate::check

// The repository under test, read through libgit2 without a work tree, a hook, a filter or a child
// process.
//
// Everything is read from commits. The one exception is no exception: a path in the work tree is
// never opened here. "No such path in that commit" and "the object is not in this clone" are
// different answers (libgit2 gives one code for both): the first is an empty optional, the second
// an Error that names the fetch to run.
//
// A Repository is cheap to move and not thread-safe; open one per thread. Object ids are full hex
// strings.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace layergate::git {

struct FileChange {
  enum class Kind { kAdded, kModified, kDeleted, kRenamed, kTypeChanged };
  Kind kind = Kind::kModified;
  std::string old_path;  // equal to path unless renamed
  std::string path;      // relative to the repository root, '/' separators
};
std::string_view ToString(FileChange::Kind kind);

struct Person {
  std::string name, email;
};

struct Commit {
  std::string id;
  std::vector<std::string> parents;
  Person author, committer;
  int64_t time = 0;  // committer time, seconds since 1970 UTC
  std::string message;
};

// Whether the error says that a path is a link, a submodule or a folder: no file to be read.
bool IsNoFile(const Error& error);

class Repository {
 public:
  // Opens the repository that holds `path` (a file or folder in it, or its .git folder); where none
  // does, the one that GIT_DIR names, as git itself and its hooks have it. The error
  // explains safe.directory when the owner is another user.
  static Result<Repository> Open(const std::string& path);
  ~Repository();
  Repository(Repository&&) noexcept;
  Repository& operator=(Repository&&) noexcept;

  const std::string& root()
      const;  // absolute path of the work tree (or of a bare repository), no trailing '/'
  bool is_shallow() const;

  // Full names of the references that begin with `prefix` ("refs/remotes/origin/"), sorted.
  Result<std::vector<std::string>> References(std::string_view prefix) const;

  // A commit by full or abbreviated id, branch, tag, remote branch or HEAD. Revision expressions
  // with @{...}, : or whitespace are refused: names come from outside. ~N and ^N may follow. A name
  // that means two different commits is an error.
  Result<Commit> Resolve(std::string_view revision) const;
  // The best common ancestor. The error tells a shallow clone (with the fetch to run) from
  // unrelated histories.
  Result<Commit> MergeBase(const std::string& a, const std::string& b) const;
  Result<Commit> ReadCommit(const std::string& id) const;
  // Commits reachable from head and not from base, newest first, at most `limit`.
  Result<std::vector<Commit>> Log(const std::string& base, const std::string& head,
                                  size_t limit = 10000) const;

  // The text of a file at a commit; nullopt when that commit has no such path. Symbolic links and
  // submodules are Errors: neither is a file of this repository.
  Result<std::optional<std::string>> ReadBlob(const std::string& commit,
                                              std::string_view path) const;
  // The same through symbolic links inside the repository, as dbt reads a project. A link that
  // leads out of it is an Error: what it shows is in no commit.
  Result<std::optional<std::string>> ReadThroughLinks(const std::string& commit,
                                                      std::string_view path) const;
  // Paths of all files below `folder` ("" for the root) at a commit, sorted.
  Result<std::vector<std::string>> ListFiles(const std::string& commit,
                                             std::string_view folder) const;
  // Files that differ between two commits, renames recognised, sorted by path.
  Result<std::vector<FileChange>> Diff(const std::string& base, const std::string& head) const;
  // The note on `commit` under `notes_ref` ("refs/notes/ai"), or nullopt.
  Result<std::optional<std::string>> ReadNote(const std::string& commit,
                                              const std::string& notes_ref) const;
  // Id of the tree of a commit: with the digest, what the report says it judged.
  Result<std::string> TreeId(const std::string& commit) const;

 private:
  Repository();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace layergate::git

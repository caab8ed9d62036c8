#include "git/repository.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <mutex>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <git2.h>

#include "core/file.h"
#include "core/shell.h"
#include "core/text.h"
#include "git/history.h"
#include "git/names.h"

namespace layergate::git {

namespace {

constexpr uint64_t kMaxBlobBytes = uint64_t{64} << 20;
constexpr size_t kMaxTreeDepth = 256;

// Owners of libgit2's objects.
template <typename T, void (*Free)(T*)>
class Handle {
 public:
  Handle() = default;
  ~Handle() { Free(object_); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  Handle(Handle&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  T** out() { return &object_; }
  T* get() const { return object_; }

 private:
  T* object_ = nullptr;
};

using RepositoryHandle = Handle<git_repository, git_repository_free>;
using ReferenceHandle = Handle<git_reference, git_reference_free>;
using ObjectHandle = Handle<git_object, git_object_free>;
using CommitHandle = Handle<git_commit, git_commit_free>;
using TreeHandle = Handle<git_tree, git_tree_free>;
using BlobHandle = Handle<git_blob, git_blob_free>;
using OdbHandle = Handle<git_odb, git_odb_free>;
using DiffHandle = Handle<git_diff, git_diff_free>;
using NoteHandle = Handle<git_note, git_note_free>;
using RevwalkHandle = Handle<git_revwalk, git_revwalk_free>;

// libgit2 counts its users and forgets its settings with the last; each Repository is one.
class Libgit2 {
 public:
  Libgit2() {
    std::lock_guard<std::mutex> lock(Mutex());
    [[maybe_unused]] int users = git_libgit2_init();
#if LIBGIT2_VER_MAJOR > 1 || (LIBGIT2_VER_MAJOR == 1 && LIBGIT2_VER_MINOR >= 2)
    // Without these, partial and sparse clones are refused although nothing here depends on them.
    const char* extensions[] = {"partialclone", "worktreeconfig"};
    if (users == 1) git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions, size_t{2});
#endif
  }
  ~Libgit2() {
    std::lock_guard<std::mutex> lock(Mutex());
    git_libgit2_shutdown();
  }
  Libgit2(const Libgit2&) = delete;
  Libgit2& operator=(const Libgit2&) = delete;

 private:
  static std::mutex& Mutex() {
    static std::mutex mutex;
    return mutex;
  }
};

std::string LastMessage() {
  const git_error* error = git_error_last();
  return error && error->message ? Printable(error->message) : "unknown error of libgit2";
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// What git wants to be told: the absolute path of the repository's root.
std::string TrustedPath(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::path start = fs::canonical(path, error);
  for (fs::path at = start; !error && at != at.root_path(); at = at.parent_path()) {
    if (fs::exists(at / ".git", error)) return at.string();
  }
  return start.empty() ? path : start.string();
}

Error OpenError(int code, const std::string& path) {
  std::string message = LastMessage();
  constexpr int kOwner = -36;  // GIT_EOWNER, which libgit2 1.1 does not name
  if (code == kOwner || Contains(message, "safe.directory") ||
      Contains(message, "not owned by current user")) {
    std::string root = TrustedPath(path);
    return MakeError(
        fmt::format("{}: the repository belongs to another user, and git does not trust it",
                    Printable(root)),
        fmt::format("Run `git config --global --add safe.directory {}`, or run as its owner.",
                    ShellWord(root)));
  }
  if (Contains(message, "objectformat")) {
    return MakeError(
        fmt::format("{}: the repository names its objects by SHA-256, which libgit2 {}.{} cannot "
                    "read",
                    path, LIBGIT2_VER_MAJOR, LIBGIT2_VER_MINOR),
        "Judge the two manifests alone, with --no-git: nothing is then held against commits.");
  }
  if (Contains(message, "unsupported extension")) {
    return MakeError(fmt::format("{}: {}", path, message),
                     "This clone uses a git feature that libgit2 cannot read; clone it again "
                     "without that extension.");
  }
  if (code == GIT_ENOTFOUND) {
    return MakeError(fmt::format("{}: not in a git repository", path),
                     "Run it inside the clone, or check out the repository first.");
  }
  return MakeError(fmt::format("{}: {}", path, message), "Check that the clone is complete.");
}

std::string HexOf(const git_oid* id) {
  char text[GIT_OID_HEXSZ + 1] = {};
  git_oid_tostr(text, sizeof text, id);
  return text;
}

Person PersonOf(const git_signature* signature) {
  if (!signature) return {};
  return {signature->name ? signature->name : "", signature->email ? signature->email : ""};
}

std::string_view KindOfMode(git_filemode_t mode) {
  if (mode == GIT_FILEMODE_LINK) return "a symbolic link";
  if (mode == GIT_FILEMODE_COMMIT) return "a submodule";
  return "a folder";
}

constexpr std::string_view kPutAFile = "Put a regular file there.";

Error NotAFile(std::string_view path, std::string_view kind) {
  return MakeError(fmt::format("{}: {}, not a file of this repository", Printable(path), kind),
                   std::string(kPutAFile));
}

std::string WithoutTrailingSlashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

}  // namespace

bool IsNoFile(const Error& error) { return error.remedy == kPutAFile; }

std::string_view ToString(FileChange::Kind kind) {
  switch (kind) {
    case FileChange::Kind::kAdded:
      return "added";
    case FileChange::Kind::kModified:
      return "modified";
    case FileChange::Kind::kDeleted:
      return "deleted";
    case FileChange::Kind::kRenamed:
      return "renamed";
    case FileChange::Kind::kTypeChanged:
      return "type changed";
  }
  return "modified";
}

struct Repository::State {
  Libgit2 library;
  RepositoryHandle repository;
  std::string root;
  std::set<std::string> shallow;  // commits where the clone's history ends

  git_repository* repo() const { return repository.get(); }

  Error Missing(std::string_view what) const {
    std::string message = fmt::format("{} is not in this clone", what);
    if (!shallow.empty()) {
      return MakeError(message + ", which is shallow",
                       "Run `git fetch --unshallow` (in CI: set fetch-depth or GIT_DEPTH to 0).");
    }
    return MakeError(message,
                     "If it is a partial clone, run `git fetch --refetch --no-filter origin`; else "
                     "fetch the commit, or clone again.");
  }

  // The error for a libgit2 call that failed on an object named by id.
  Error ObjectError(int code, std::string_view what) const {
    if (code == GIT_ENOTFOUND) return Missing(what);
    return MakeError(fmt::format("{}: {}", what, LastMessage()),
                     "Check the clone with `git fsck`.");
  }

  Result<CommitHandle> FindCommit(const std::string& id) const {
    git_oid oid;
    if (id.size() != GIT_OID_HEXSZ || !IsHex(id) || git_oid_fromstr(&oid, id.c_str()) != 0) {
      return MakeError(fmt::format("'{}' is no full commit id", Printable(id)),
                       "Resolve the name first.");
    }
    CommitHandle commit;
    int code = git_commit_lookup(commit.out(), repo(), &oid);
    if (code != 0) return ObjectError(code, "the commit " + id);
    return commit;
  }

  Result<TreeHandle> FindTree(const std::string& commit_id) const {
    LAYERGATE_TRY(CommitHandle commit, FindCommit(commit_id));
    TreeHandle tree;
    int code = git_commit_tree(tree.out(), commit.get());
    if (code != 0) return ObjectError(code, "the tree of commit " + commit_id);
    return tree;
  }

  Result<TreeHandle> Subtree(const git_tree_entry* entry, std::string_view path) const {
    TreeHandle tree;
    int code = git_tree_lookup(tree.out(), repo(), git_tree_entry_id(entry));
    if (code != 0) return ObjectError(code, fmt::format("the folder {}", Printable(path)));
    return tree;
  }

  Result<std::optional<std::string>> LookUpReference(const std::string& name) const;
  Result<std::string> LookUpName(const std::string& name) const;
  std::string HowToFetch(const std::string& name) const;
  Result<std::optional<std::string>> LookUpId(const std::string& name) const;
  Result<std::string> Follow(std::string id, const RevisionName& revision) const;
  Result<std::string> ReadObject(const git_oid* id, std::string_view path) const;
  struct Found {
    std::optional<std::string> text;  // nullopt: no such path
    std::string link;                 // where a symbolic link on the way leads, from the root
  };
  Result<Found> Look(const std::string& commit, std::string_view path, bool follow) const;
  Result<void> AddFiles(const git_tree* tree, const std::string& prefix, size_t depth,
                        std::vector<std::string>& files) const;
  Result<Links> LinksOfCommit(const std::string& id) const;
  Result<std::vector<std::string>> WalkBetween(const std::string& base, const std::string& head,
                                               size_t limit) const;
};

Repository::Repository() : state_(std::make_unique<State>()) {}
Repository::~Repository() = default;
Repository::Repository(Repository&&) noexcept = default;
Repository& Repository::operator=(Repository&&) noexcept = default;

const std::string& Repository::root() const { return state_->root; }
bool Repository::is_shallow() const { return !state_->shallow.empty(); }

Result<Repository> Repository::Open(const std::string& path) {
  namespace fs = std::filesystem;
  Repository repository;
  State& state = *repository.state_;
  std::error_code ignored;
  fs::path start = path.empty() ? "." : path;
  if (fs::is_regular_file(start, ignored)) start = start.parent_path();
  if (start.empty()) start = ".";
  int code = git_repository_open_ext(state.repository.out(), start.c_str(), 0, nullptr);
  const char* named = std::getenv("GIT_DIR");
  bool by_name = code == GIT_ENOTFOUND && named != nullptr;
  if (by_name) {
    code = git_repository_open_ext(state.repository.out(), named, GIT_REPOSITORY_OPEN_NO_SEARCH,
                                   nullptr);
  }
  if (code != 0) return OpenError(code, path);
  const char* work_tree = git_repository_workdir(state.repo());
  state.root = WithoutTrailingSlashes(work_tree ? work_tree : git_repository_path(state.repo()));
  if (by_name) {  // git then takes the current folder as the work tree, unless that is named too
    const char* tree = std::getenv("GIT_WORK_TREE");
    state.root = WithoutTrailingSlashes(tree ? tree : fs::current_path(ignored).string());
  }
  // A linked worktree shares this file with the main one.
  std::string shallow_file = std::string(git_repository_commondir(state.repo())) + "/shallow";
  if (FileExists(shallow_file)) {
    LAYERGATE_TRY(std::string text, ReadFile(shallow_file));
    for (std::string_view line : Split(text, '\n')) {
      if (!Trim(line).empty()) state.shallow.emplace(Trim(line));
    }
  }
  return repository;
}

Result<std::vector<std::string>> Repository::References(std::string_view prefix) const {
  git_strarray names{};
  if (git_reference_list(&names, state_->repo()) != 0) {
    return MakeError(fmt::format("list references: {}", LastMessage()), "Check the clone.");
  }
  std::vector<std::string> found;
  for (size_t i = 0; i < names.count; ++i) {
    std::string_view name = names.strings[i];
    if (name.substr(0, prefix.size()) == prefix) found.emplace_back(name);
  }
  git_strarray_dispose(&names);
  std::sort(found.begin(), found.end());
  return found;
}

// The commit that the reference of that full name leads to; nullopt: there is no such reference.
Result<std::optional<std::string>> Repository::State::LookUpReference(
    const std::string& name) const {
  ReferenceHandle reference;
  int code = git_reference_lookup(reference.out(), repo(), name.c_str());
  if (code == GIT_ENOTFOUND || code == GIT_EINVALIDSPEC) return std::optional<std::string>();
  if (code != 0) {
    return MakeError(fmt::format("{}: {}", Printable(name), LastMessage()), "Check the clone.");
  }
  ObjectHandle commit;
  code = git_reference_peel(commit.out(), reference.get(), GIT_OBJECT_COMMIT);
  if (code == GIT_ENOTFOUND && name == "HEAD" && git_repository_head_unborn(repo()) == 1) {
    return MakeError(fmt::format("{}: the branch that is checked out has no commit yet", root),
                     "Commit the project first.");
  }
  if (code != 0) return ObjectError(code, fmt::format("the commit of {}", Printable(name)));
  return std::optional<std::string>(HexOf(git_object_id(commit.get())));
}

// The commit of a full or abbreviated id (of a commit or of an annotated tag).
Result<std::optional<std::string>> Repository::State::LookUpId(const std::string& name) const {
  if (!IsHex(name) || name.size() < 4 || name.size() > GIT_OID_HEXSZ) {
    return std::optional<std::string>();
  }
  git_oid prefix;
  if (git_oid_fromstrn(&prefix, name.c_str(), name.size()) != 0)
    return std::optional<std::string>();
  ObjectHandle object;
  int code = git_object_lookup_prefix(object.out(), repo(), &prefix, name.size(), GIT_OBJECT_ANY);
  if (code == GIT_ENOTFOUND) return std::optional<std::string>();
  if (code == GIT_EAMBIGUOUS) {
    return MakeError(fmt::format("'{}' is the beginning of several ids", name),
                     "Give more of its digits.");
  }
  if (code != 0) return ObjectError(code, "the object " + name);
  ObjectHandle commit;
  code = git_object_peel(commit.out(), object.get(), GIT_OBJECT_COMMIT);
  if (code == GIT_ENOTFOUND) return Missing("the commit of " + name);
  if (code != 0) {
    return MakeError(fmt::format("'{}' is no commit", name), "Give the id of a commit.");
  }
  return std::optional<std::string>(HexOf(git_object_id(commit.get())));
}

// The remedy for a name that leads nowhere: a branch that was not fetched, or a commit.
std::string Repository::State::HowToFetch(const std::string& name) const {
  std::string_view deepen = shallow.empty() ? "" : "--unshallow ";
  constexpr std::string_view kRemote = "origin/";
  if (IsHex(name) && name.size() >= 7) {
    return fmt::format("Fetch it: `git fetch {}origin {}`.", deepen, name);
  }
  bool of_remote = name.rfind(kRemote, 0) == 0;
  std::string branch = of_remote ? name.substr(kRemote.size()) : name;
  std::string refspec = fmt::format("+refs/heads/{}:refs/remotes/origin/{}", branch, branch);
  return fmt::format(
      "Fetch it: `git fetch {}origin {}`{}.", deepen, ShellWord(refspec),
      of_remote ? "" : fmt::format(", and name it {}", ShellWord("origin/" + branch)));
}

// git's order of look-up, except that a name which means two commits is an error and no guess.
Result<std::string> Repository::State::LookUpName(const std::string& name) const {
  if (IsFullId(name)) {
    LAYERGATE_TRY(auto id, LookUpId(name));
    if (!id) return Missing("the commit " + name);
    return *id;
  }
  std::vector<std::string> candidates = {"refs/" + name, "refs/tags/" + name, "refs/heads/" + name,
                                         "refs/remotes/" + name, "refs/remotes/" + name + "/HEAD"};
  bool is_special = std::all_of(name.begin(), name.end(),
                                [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
  if (is_special || name.rfind("refs/", 0) == 0) candidates.insert(candidates.begin(), name);
  std::string found_as, found;
  for (const std::string& candidate : candidates) {
    LAYERGATE_TRY(auto id, LookUpReference(candidate));
    if (!id) continue;
    if (found.empty()) {
      found_as = candidate;
      found = *id;
      if (candidate == name) return found;
    } else if (found != *id) {
      return MakeError(fmt::format("'{}' is ambiguous: {} and {} are different commits",
                                   Printable(name), Printable(found_as), Printable(candidate)),
                       "Write the full name.");
    }
  }
  if (!found.empty()) return found;
  LAYERGATE_TRY(auto id, LookUpId(name));
  if (id) return *id;
  return MakeError(fmt::format("there is no revision '{}' in this clone", Printable(name)),
                   HowToFetch(name));
}

Result<std::string> Repository::State::Follow(std::string id, const RevisionName& revision) const {
  for (const RevisionName::Step& step : revision.steps) {
    int times = step.kind == '~' ? step.count : 1;
    int parent = step.kind == '~' ? 1 : step.count;
    if (parent == 0) continue;  // "^0" is the commit itself
    for (int i = 0; i < times; ++i) {
      LAYERGATE_TRY(CommitHandle commit, FindCommit(id));
      const git_oid* next =
          git_commit_parent_id(commit.get(), static_cast<unsigned int>(parent - 1));
      if (!next) {
        return MakeError(fmt::format("the commit {} has no parent number {}", id, parent),
                         "Give another revision.");
      }
      id = HexOf(next);
    }
  }
  return id;
}

Result<Commit> Repository::Resolve(std::string_view revision) const {
  LAYERGATE_TRY(RevisionName parsed, ParseRevision(revision));
  LAYERGATE_TRY(std::string start, state_->LookUpName(parsed.name));
  LAYERGATE_TRY(std::string id, state_->Follow(std::move(start), parsed));
  return ReadCommit(id);
}

Result<Commit> Repository::ReadCommit(const std::string& id) const {
  LAYERGATE_TRY(CommitHandle handle, state_->FindCommit(id));
  const git_commit* raw = handle.get();
  Commit commit;
  commit.id = HexOf(git_commit_id(raw));
  for (unsigned int i = 0; i < git_commit_parentcount(raw); ++i) {
    commit.parents.push_back(HexOf(git_commit_parent_id(raw, i)));
  }
  commit.author = PersonOf(git_commit_author(raw));
  commit.committer = PersonOf(git_commit_committer(raw));
  commit.time = git_commit_time(raw);
  const char* message = git_commit_message(raw);
  commit.message = message ? message : "";
  return commit;
}

Result<Links> Repository::State::LinksOfCommit(const std::string& id) const {
  LAYERGATE_TRY(CommitHandle commit, FindCommit(id));
  Links links;
  links.time = git_commit_time(commit.get());
  unsigned int count = git_commit_parentcount(commit.get());
  links.cut = count > 0 && shallow.count(id) != 0;
  for (unsigned int i = 0; i < count && !links.cut; ++i) {
    links.parents.push_back(HexOf(git_commit_parent_id(commit.get(), i)));
  }
  return links;
}

Result<Commit> Repository::MergeBase(const std::string& a, const std::string& b) const {
  LAYERGATE_TRY(CommitHandle commit_a, state_->FindCommit(a));
  LAYERGATE_TRY(CommitHandle commit_b, state_->FindCommit(b));
  if (is_shallow()) {
    LAYERGATE_TRY(auto best, BestCommonAncestor(a, b, [this](const std::string& id) {
                    return state_->LinksOfCommit(id);
                  }));
    if (best) return ReadCommit(*best);
    return MakeError(
        fmt::format("the merge base of {} and {} lies beyond this shallow clone", a, b),
        "Run `git fetch --unshallow`, or `git fetch --deepen=200` until it is found (in CI: set "
        "fetch-depth or GIT_DEPTH to 0).");
  }
  git_oid base;
  int code = git_merge_base(&base, state_->repo(), git_commit_id(commit_a.get()),
                            git_commit_id(commit_b.get()));
  if (code == 0) return ReadCommit(HexOf(&base));
  const git_error* error = git_error_last();
  if (code == GIT_ENOTFOUND && error && error->klass == GIT_ERROR_MERGE) {
    return MakeError(fmt::format("{} and {} have no common ancestor", a, b),
                     "Compare with a branch that this one was made from.");
  }
  return state_->ObjectError(code, fmt::format("a commit between {} and {}", a, b));
}

Result<std::vector<std::string>> Repository::State::WalkBetween(const std::string& base,
                                                                const std::string& head,
                                                                size_t limit) const {
  if (!shallow.empty()) {
    return CommitsBetween(base, head, limit,
                          [this](const std::string& id) { return LinksOfCommit(id); });
  }
  LAYERGATE_TRY(CommitHandle from, FindCommit(head));
  LAYERGATE_TRY(CommitHandle to, FindCommit(base));
  RevwalkHandle walk;
  int code = git_revwalk_new(walk.out(), repo());
  if (code == 0) code = git_revwalk_sorting(walk.get(), GIT_SORT_TOPOLOGICAL | GIT_SORT_TIME);
  if (code == 0) code = git_revwalk_push(walk.get(), git_commit_id(from.get()));
  if (code == 0) code = git_revwalk_hide(walk.get(), git_commit_id(to.get()));
  std::vector<std::string> ids;
  git_oid id;
  while (code == 0 && ids.size() < limit) {
    code = git_revwalk_next(&id, walk.get());
    if (code == 0) ids.push_back(HexOf(&id));
  }
  if (code != 0 && code != GIT_ITEROVER) {
    return ObjectError(code, fmt::format("a commit between {} and {}", base, head));
  }
  return ids;
}

Result<std::vector<Commit>> Repository::Log(const std::string& base, const std::string& head,
                                            size_t limit) const {
  LAYERGATE_TRY(std::vector<std::string> ids, state_->WalkBetween(base, head, limit));
  std::vector<Commit> commits;
  for (const std::string& id : ids) {
    LAYERGATE_TRY(Commit commit, ReadCommit(id));
    commits.push_back(std::move(commit));
  }
  return commits;
}

Result<std::string> Repository::State::ReadObject(const git_oid* id, std::string_view path) const {
  std::string what = fmt::format("the content of {}", Printable(path));
  OdbHandle odb;
  int code = git_repository_odb(odb.out(), repo());
  if (code != 0) return ObjectError(code, what);
  size_t size = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  code = git_odb_read_header(&size, &type, odb.get(), id);
  if (code != 0) return ObjectError(code, what);
  if (size > kMaxBlobBytes) {
    return MakeError(fmt::format("{}: {} bytes, more than the {} that are read", Printable(path),
                                 size, kMaxBlobBytes),
                     "Keep large files out of the repository.");
  }
  BlobHandle blob;
  code = git_blob_lookup(blob.out(), repo(), id);
  if (code != 0) return ObjectError(code, what);
  return std::string(static_cast<const char*>(git_blob_rawcontent(blob.get())),
                     static_cast<size_t>(git_blob_rawsize(blob.get())));
}

// `path` with "." and ".." taken away; nullopt: it leads out of the repository.
static std::optional<std::string> Normalised(std::string_view path) {
  std::vector<std::string> parts;
  for (std::string_view part : Split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.emplace_back(part);
    } else if (parts.empty()) {
      return std::nullopt;
    } else {
      parts.pop_back();
    }
  }
  return parts.empty() ? std::nullopt : std::optional(Join(parts, "/"));
}

Result<Repository::State::Found> Repository::State::Look(const std::string& commit,
                                                         std::string_view path, bool follow) const {
  if (auto wrong = WrongTreePath(path)) return *wrong;
  LAYERGATE_TRY(TreeHandle tree, FindTree(commit));
  // Step by step, because libgit2 gives one code for "no such entry" and "that folder's object is
  // not here".
  size_t begin = 0;
  while (true) {
    size_t slash = path.find('/', begin);
    std::string part(path.substr(begin, slash == std::string_view::npos ? slash : slash - begin));
    const git_tree_entry* entry = git_tree_entry_byname(tree.get(), part.c_str());
    if (!entry) return Found{};
    git_filemode_t mode = git_tree_entry_filemode(entry);
    std::string_view so_far = path.substr(0, slash);
    if (mode == GIT_FILEMODE_LINK && follow) {
      LAYERGATE_TRY(std::string target, ReadObject(git_tree_entry_id(entry), so_far));
      std::string rest(slash == std::string_view::npos ? "" : path.substr(slash));
      std::optional<std::string> link =
          target.starts_with('/')
              ? std::nullopt
              : Normalised(fmt::format("{}{}{}", path.substr(0, begin), target, rest));
      if (!link) return NotAFile(so_far, "a symbolic link that leads out of the repository");
      return Found{{}, *link};
    }
    if (mode == GIT_FILEMODE_LINK || mode == GIT_FILEMODE_COMMIT) {
      return NotAFile(so_far, KindOfMode(mode));
    }
    if (slash == std::string_view::npos) {
      if (mode == GIT_FILEMODE_TREE) return NotAFile(path, KindOfMode(mode));
      LAYERGATE_TRY(std::string text, ReadObject(git_tree_entry_id(entry), path));
      return Found{std::move(text), {}};
    }
    if (mode != GIT_FILEMODE_TREE) return Found{};
    LAYERGATE_TRY(tree, Subtree(entry, so_far));
    begin = slash + 1;
  }
}

Result<std::optional<std::string>> Repository::ReadBlob(const std::string& commit,
                                                        std::string_view path) const {
  LAYERGATE_TRY(State::Found found, state_->Look(commit, path, false));
  return std::move(found.text);
}

Result<std::optional<std::string>> Repository::ReadThroughLinks(const std::string& commit,
                                                                std::string_view path) const {
  constexpr int kMostLinks = 16;
  std::string at(path);
  for (int links = 0; links <= kMostLinks; ++links) {
    LAYERGATE_TRY(State::Found found, state_->Look(commit, at, true));
    if (found.link.empty()) return std::move(found.text);
    at = std::move(found.link);
  }
  return NotAFile(path, "a symbolic link that leads to no end");
}

Result<void> Repository::State::AddFiles(const git_tree* tree, const std::string& prefix,
                                         size_t depth, std::vector<std::string>& files) const {
  if (depth > kMaxTreeDepth) {
    return MakeError(fmt::format("{}: folders nested too deeply", Printable(prefix)));
  }
  for (size_t i = 0; i < git_tree_entrycount(tree); ++i) {
    const git_tree_entry* entry = git_tree_entry_byindex(tree, i);
    std::string path = prefix + git_tree_entry_name(entry);
    git_filemode_t mode = git_tree_entry_filemode(entry);
    if (mode == GIT_FILEMODE_TREE) {
      LAYERGATE_TRY(TreeHandle below, Subtree(entry, path));
      if (auto added = AddFiles(below.get(), path + "/", depth + 1, files); !added) {
        return added.error();
      }
    } else if (mode != GIT_FILEMODE_COMMIT) {
      files.push_back(std::move(path));
    }
  }
  return {};
}

Result<std::vector<std::string>> Repository::ListFiles(const std::string& commit,
                                                       std::string_view folder) const {
  while (!folder.empty() && folder.back() == '/') folder.remove_suffix(1);
  LAYERGATE_TRY(TreeHandle tree, state_->FindTree(commit));
  std::string prefix;
  if (!folder.empty()) {
    if (auto wrong = WrongTreePath(folder)) return *wrong;
    for (std::string_view part : Split(folder, '/')) {
      const git_tree_entry* entry = git_tree_entry_byname(tree.get(), std::string(part).c_str());
      if (!entry) return std::vector<std::string>();
      prefix += part;
      git_filemode_t mode = git_tree_entry_filemode(entry);
      if (mode == GIT_FILEMODE_LINK || mode == GIT_FILEMODE_COMMIT) {
        return NotAFile(prefix, KindOfMode(mode));
      }
      if (mode != GIT_FILEMODE_TREE) return std::vector<std::string>();
      LAYERGATE_TRY(tree, state_->Subtree(entry, prefix));
      prefix += '/';
    }
  }
  std::vector<std::string> files;
  if (auto added = state_->AddFiles(tree.get(), prefix, 0, files); !added) return added.error();
  std::sort(files.begin(), files.end());
  return files;
}

Result<std::vector<FileChange>> Repository::Diff(const std::string& base,
                                                 const std::string& head) const {
  LAYERGATE_TRY(TreeHandle old_tree, state_->FindTree(base));
  LAYERGATE_TRY(TreeHandle new_tree, state_->FindTree(head));
  git_diff_options options = GIT_DIFF_OPTIONS_INIT;
  options.flags = GIT_DIFF_INCLUDE_TYPECHANGE;
  options.ignore_submodules = GIT_SUBMODULE_IGNORE_NONE;
  DiffHandle diff;
  int code =
      git_diff_tree_to_tree(diff.out(), state_->repo(), old_tree.get(), new_tree.get(), &options);
  if (code != 0) return state_->ObjectError(code, "a folder of the compared commits");
  git_diff_find_options renames = GIT_DIFF_FIND_OPTIONS_INIT;
  renames.flags = GIT_DIFF_FIND_RENAMES;
  if (git_diff_find_similar(diff.get(), &renames) != 0) {
    // Contents may be missing in a partial clone: then only unchanged files are recognised as
    // renamed.
    renames.flags = GIT_DIFF_FIND_RENAMES | GIT_DIFF_FIND_EXACT_MATCH_ONLY;
    git_diff_find_similar(diff.get(), &renames);
  }
  std::vector<FileChange> changes;
  for (size_t i = 0; i < git_diff_num_deltas(diff.get()); ++i) {
    const git_diff_delta* delta = git_diff_get_delta(diff.get(), i);
    FileChange change;
    change.old_path = delta->old_file.path;
    change.path = delta->new_file.path;
    switch (delta->status) {
      case GIT_DELTA_ADDED:
        change.kind = FileChange::Kind::kAdded;
        break;
      case GIT_DELTA_DELETED:
        change.kind = FileChange::Kind::kDeleted;
        break;
      case GIT_DELTA_RENAMED:
        change.kind = FileChange::Kind::kRenamed;
        break;
      case GIT_DELTA_TYPECHANGE:
        change.kind = FileChange::Kind::kTypeChanged;
        break;
      default:
        change.kind = FileChange::Kind::kModified;
        break;
    }
    changes.push_back(std::move(change));
  }
  std::sort(changes.begin(), changes.end(), [](const FileChange& a, const FileChange& b) {
    return std::pair(a.path, a.old_path) < std::pair(b.path, b.old_path);
  });
  return changes;
}

Result<std::optional<std::string>> Repository::ReadNote(const std::string& commit,
                                                        const std::string& notes_ref) const {
  LAYERGATE_TRY(RevisionName parsed, ParseRevision(notes_ref));
  LAYERGATE_TRY(CommitHandle handle, state_->FindCommit(commit));
  ReferenceHandle reference;
  int code = git_reference_lookup(reference.out(), state_->repo(), parsed.name.c_str());
  if (code == GIT_ENOTFOUND) return std::optional<std::string>();
  NoteHandle note;
  if (code == 0) {
    code =
        git_note_read(note.out(), state_->repo(), parsed.name.c_str(), git_commit_id(handle.get()));
  }
  if (code == GIT_ENOTFOUND) return std::optional<std::string>();
  if (code != 0) return state_->ObjectError(code, "the note on " + commit);
  return std::optional<std::string>(git_note_message(note.get()));
}

Result<std::string> Repository::TreeId(const std::string& commit) const {
  LAYERGATE_TRY(CommitHandle handle, state_->FindCommit(commit));
  return HexOf(git_commit_tree_id(handle.get()));
}

}  // namespace layergate::git

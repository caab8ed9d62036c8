#include "git/hooks.h"

#include <filesystem>
#include <memory>
#include <system_error>

#include <fmt/format.h>
#include <git2.h>

namespace layergate::git {
namespace {

namespace fs = std::filesystem;

// libgit2 counts its initialisations; one that is ours alone keeps this file independent of the
// others.
struct Library {
  Library() { git_libgit2_init(); }
  ~Library() { git_libgit2_shutdown(); }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
};

template <auto Free>
struct Release {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using RepositoryPtr = std::unique_ptr<git_repository, Release<git_repository_free>>;
using ConfigPtr = std::unique_ptr<git_config, Release<git_config_free>>;

std::string LastError() {
  const git_error* error = git_error_last();
  return error && error->message ? error->message : "unknown error";
}

// core.hooksPath with ~ expanded, or empty.
std::string ConfiguredFolder(git_repository* repository) {
  git_config* raw = nullptr;
  if (git_repository_config_snapshot(&raw, repository) != 0) return {};
  ConfigPtr config(raw);
  git_buf buffer{};
  if (git_config_get_path(&buffer, config.get(), "core.hookspath") != 0) return {};
  std::string path(buffer.ptr, buffer.size);
  git_buf_dispose(&buffer);
  return path;
}

}  // namespace

Result<std::string> HooksFolder(const std::string& path) {
  Library library;
  git_repository* raw = nullptr;
  if (git_repository_open_ext(&raw, path.c_str(), 0, nullptr) != 0) {
    return MakeError(fmt::format("{}: not a git repository: {}", path, LastError()),
                     "run this inside the repository, or give --project-dir");
  }
  RepositoryPtr repository(raw);
  fs::path folder = ConfiguredFolder(repository.get());
  if (folder.empty()) {
    folder = fs::path(git_repository_commondir(repository.get())) / "hooks";
  } else if (folder.is_relative()) {
    // git resolves a relative hooksPath from where hooks run: the root of the work tree.
    const char* root = git_repository_workdir(repository.get());
    folder = fs::path(root ? root : git_repository_path(repository.get())) / folder;
  }
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return MakeError(fmt::format("{}: {}", folder.string(), error.message()));
  std::string text = folder.lexically_normal().string();
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

}  // namespace layergate::git

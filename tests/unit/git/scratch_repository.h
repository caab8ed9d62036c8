// A real repository in a temporary folder, made with the git command and gone when the test ends.
// Nothing of the machine's own git settings reaches it, and every date is fixed.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/file.h"
#include "git/repository.h"
#include "support/catch.h"

class ScratchRepository {
 public:
  explicit ScratchRepository(bool initialise = true) {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "layergate-git-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
    setenv("HOME", folder_.c_str(), 1);
    setenv("XDG_CONFIG_HOME", folder_.c_str(), 1);
    setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
    setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
    unsetenv("GIT_DIR");
    std::filesystem::create_directories(root());
    if (initialise) Git("init -q -b main .");
  }
  ~ScratchRepository() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  ScratchRepository(const ScratchRepository&) = delete;
  ScratchRepository& operator=(const ScratchRepository&) = delete;

  std::string root() const { return folder_ + "/work"; }
  const std::string& folder() const { return folder_; }

  // Runs `git <arguments>` in the work tree, or in another folder beside it.
  void Git(const std::string& arguments, const std::string& in = "work") {
    Shell(
        "git -c user.name=Ana -c user.email=ana@example.com -c commit.gpgsign=false "
        "-c protocol.file.allow=always " +
            arguments,
        in);
  }
  void Shell(const std::string& command, const std::string& in = "work") {
    std::string dated = "cd '" + folder_ + "/" + in + "' && export GIT_AUTHOR_DATE='" + Date() +
                        "' GIT_COMMITTER_DATE='" + Date() + "' && " + command + " >/dev/null 2>'" +
                        folder_ + "/stderr'";
    int code = std::system(dated.c_str());
    if (code != 0) {
      auto text = layergate::ReadFile(folder_ + "/stderr");
      FAIL(command + ": " + (text ? *text : ""));
    }
  }

  void Write(const std::string& path, const std::string& text) {
    REQUIRE(layergate::WriteFileAtomically(root() + "/" + path, text));
  }
  // Writes one file and commits everything; gives the commit's id.
  std::string Commit(const std::string& path, const std::string& text,
                     const std::string& message = "change") {
    Write(path, text);
    return CommitAll(message);
  }
  std::string CommitAll(const std::string& message) {
    ++commits_;
    Write("../message", message);
    Git("add -A");
    Git("commit -q --allow-empty --cleanup=verbatim -F ../message");
    return Id("HEAD");
  }
  void Merge(const std::string& branch) {
    ++commits_;
    Git("merge -q --no-ff -m merge " + branch);
  }
  std::string Id(const std::string& revision, const std::string& in = "work") {
    Shell("git rev-parse --verify '" + revision + "' | tee ../id", in);
    auto text = layergate::ReadFile(folder_ + "/id");
    REQUIRE(text);
    return text->substr(0, text->find('\n'));
  }
  layergate::git::Repository Open(const std::string& in = "work") {
    auto repository = layergate::git::Repository::Open(folder_ + "/" + in);
    if (!repository) FAIL(repository.error().ToString());
    return std::move(*repository);
  }

 private:
  std::string Date() const { return std::to_string(1700000000 + 60 * commits_) + " +0000"; }

  std::string folder_;
  int commits_ = 0;
};

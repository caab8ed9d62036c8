// Which two commits are compared, on GitHub, on GitLab and locally.
#include "git/revisions.h"

#include <map>

#include "scratch_repository.h"

using namespace layergate::git;

namespace {

using Variables = std::map<std::string, std::string>;

layergate::Result<Revisions> Find(const Repository& repository, const RevisionRequest& request,
                                  const Variables& variables = {}) {
  return FindRevisions(repository, request,
                       [&](std::string_view name) -> std::optional<std::string> {
                         auto found = variables.find(std::string(name));
                         if (found == variables.end()) return std::nullopt;
                         return found->second;
                       });
}

// "base..head", by the names given to commits; or the error.
std::string Text(const layergate::Result<Revisions>& found, const Variables& names) {
  if (!found) return found.error().ToString();
  auto name = [&](const std::string& id) {
    for (const auto& [short_name, known] : names) {
      if (known == id) return short_name;
    }
    return id;
  };
  return name(found->base.id) + ".." + name(found->head.id);
}

// origin: root - m1 - m2 (main), root - f1 - f2 (feature); merge = m2 + f2, as a provider makes it.
struct Fixture {
  ScratchRepository scratch;
  Variables ids;
  Fixture() {
    ids["root"] = scratch.Commit("a", "0");
    ids["m1"] = scratch.Commit("a", "1");
    scratch.Git("checkout -q -b feature " + ids["root"]);
    ids["f1"] = scratch.Commit("b", "1");
    ids["f2"] = scratch.Commit("b", "2");
    scratch.Git("checkout -q main");
    ids["m2"] = scratch.Commit("a", "2");
    scratch.Git("checkout -q -b merged");
    scratch.Merge("feature");
    ids["merge"] = scratch.Id("HEAD");
    scratch.Git("update-ref refs/pull/7/merge HEAD");
    scratch.Git("checkout -q main");
    scratch.Git("branch -q -D merged");
  }
  // A clone of it with `revision` checked out.
  Repository Clone(const std::string& revision, const std::string& options = "") {
    scratch.Git("clone -q --no-checkout " + options + " file://" + scratch.root() + " ../clone");
    scratch.Git("fetch -q " + std::string(options.empty() ? "" : "--depth 2 ") +
                    "origin +refs/pull/7/merge:refs/remotes/pull/7/merge",
                "clone");
    scratch.Git("checkout -q --detach " + ids[revision], "clone");
    return scratch.Open("clone");
  }
  Variables GitHub(const Variables& more = {}) {
    Variables all = {{"GITHUB_ACTIONS", "true"},
                     {"GITHUB_EVENT_NAME", "pull_request"},
                     {"GITHUB_BASE_REF", "main"},
                     {"GITHUB_REF", "refs/pull/7/merge"},
                     {"GITHUB_SHA", ids["merge"]}};
    for (const auto& [name, value] : more) all[name] = value;
    return all;
  }
};

}  // namespace

TEST_CASE("explicit revisions: the base is their merge base") {
  Fixture f;
  Repository clone = f.Clone("f2");
  CHECK(Text(Find(clone, {.base = "origin/main", .head = "origin/feature"}), f.ids) == "root..f2");
  CHECK(Text(Find(clone, {.base = "origin/main"}), f.ids) == "root..f2");
  CHECK(Text(Find(clone, {.base = "HEAD~1"}, f.GitHub()), f.ids) == "f1..f2");
  CHECK(Text(Find(clone, {.head = f.ids["f1"]}), f.ids) == "root..f1");
  CHECK_FALSE(Find(clone, {.base = "origin/main; rm -rf"}));
}

TEST_CASE("locally: against the remote's main branch") {
  Fixture f;
  Repository clone = f.Clone("f2");
  auto found = Find(clone, {});
  CHECK(Text(found, f.ids) == "root..f2");
  CHECK(found->how == "merge base of HEAD with origin/HEAD");
  f.scratch.Git("checkout -q feature");
  found = Find(f.scratch.Open(), {});
  CHECK(Text(found, f.ids) == "root..f2");
  CHECK(found->how == "merge base of HEAD with main");
  f.scratch.Git("branch -q -m main trunk");
  CHECK(Text(Find(f.scratch.Open(), {}), f.ids).find("git fetch origin") != std::string::npos);
}

TEST_CASE("locally on main with nothing new: base and head are one") {
  Fixture f;
  CHECK(Text(Find(f.Clone("m2"), {}), f.ids) == "m2..m2");
}

TEST_CASE("GitHub's merge commit: its parents, also in a clone of depth 2") {
  Fixture f;
  SECTION("whole history") {
    auto found = Find(f.Clone("merge"), {}, f.GitHub());
    CHECK(Text(found, f.ids) == "m2..merge");
    CHECK(found->how.find("GitHub's merge commit") != std::string::npos);
  }
  SECTION("depth 2") {
    Repository clone = f.Clone("merge", "--depth 2");
    REQUIRE(clone.is_shallow());
    CHECK(Text(Find(clone, {}, f.GitHub()), f.ids) == "m2..merge");
    CHECK(Text(Find(clone, {.event_head = f.ids["f2"]}, f.GitHub()), f.ids) == "m2..merge");
  }
}

TEST_CASE("GitHub: a merge commit that GitHub did not make is not taken apart") {
  Fixture f;
  Repository clone = f.Clone("merge");
  // The pull request's own head may be a merge commit with any first parent.
  CHECK(Text(Find(clone, {}, f.GitHub({{"GITHUB_REF", "refs/heads/feature"}})), f.ids) ==
        "m2..merge");
  CHECK(Find(clone, {}, f.GitHub({{"GITHUB_REF", "refs/heads/feature"}}))->how ==
        "merge base of HEAD with origin/main");
  CHECK(Find(clone, {.event_head = f.ids["f1"]}, f.GitHub())->how ==
        "merge base of HEAD with origin/main");
}

TEST_CASE("GitHub: the pull request's head checked out") {
  Fixture f;
  CHECK(Text(Find(f.Clone("f2"), {}, f.GitHub()), f.ids) == "root..f2");
}

TEST_CASE("GitHub: a target that is not in the clone names the fetch") {
  Fixture f;
  Repository clone = f.Clone("f2");
  std::string text = Text(Find(clone, {}, f.GitHub({{"GITHUB_BASE_REF", "release"}})), f.ids);
  CHECK(text.find("'release' is not in this clone") != std::string::npos);
  CHECK(text.find("git fetch origin +refs/heads/release:refs/remotes/origin/release") !=
        std::string::npos);
  CHECK_FALSE(Find(clone, {}, f.GitHub({{"GITHUB_BASE_REF", "main:x"}})));
}

TEST_CASE("GitHub: pull_request_target does not compare the target with itself") {
  Fixture f;
  Variables target = f.GitHub({{"GITHUB_EVENT_NAME", "pull_request_target"},
                               {"GITHUB_SHA", f.ids["m2"]},
                               {"GITHUB_REF", "refs/heads/main"}});
  Repository clone = f.Clone("m2");
  CHECK_FALSE(Find(clone, {}, target));
  CHECK(Text(Find(clone, {.event_head = f.ids["f2"]}, target), f.ids) == "root..f2");
}

TEST_CASE("GitHub: merge groups and pushes") {
  Fixture f;
  Repository clone = f.Clone("merge");
  Variables queue = {{"GITHUB_ACTIONS", "true"},
                     {"GITHUB_EVENT_NAME", "merge_group"},
                     {"GITHUB_REF", "refs/heads/gh-readonly-queue/main/pr-7-abc"}};
  CHECK(Text(Find(clone, {.event_base = f.ids["m1"]}, queue), f.ids) == "m1..merge");
  CHECK(Text(Find(clone, {}, queue), f.ids) == "m2..merge");
  queue["GITHUB_REF"] = "refs/heads/odd";
  CHECK_FALSE(Find(clone, {}, queue));
  Variables push = {{"GITHUB_ACTIONS", "true"}, {"GITHUB_EVENT_NAME", "push"}};
  CHECK(Text(Find(clone, {}, push), f.ids) == "m2..merge");
  f.scratch.Git("checkout -q --detach " + f.ids["m2"], "clone");
  CHECK(Text(Find(clone, {.event_base = f.ids["m1"]}, push), f.ids) == "m1..m2");
}

TEST_CASE("GitLab: merge requests, merged results and branches") {
  Fixture f;
  Variables request = {{"GITLAB_CI", "true"},
                       {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"},
                       {"CI_MERGE_REQUEST_DIFF_BASE_SHA", f.ids["root"]},
                       {"CI_COMMIT_SHA", f.ids["f2"]}};
  SECTION("detached") {
    Repository clone = f.Clone("f2");
    CHECK(Text(Find(clone, {}, request), f.ids) == "root..f2");
    request["CI_MERGE_REQUEST_DIFF_BASE_SHA"] = "1111111111111111111111111111111111111111";
    CHECK(Text(Find(clone, {}, request), f.ids) == "root..f2");
    request["CI_MERGE_REQUEST_TARGET_BRANCH_NAME"] = "other";
    CHECK(Text(Find(clone, {}, request), f.ids).find("GIT_DEPTH: 0") != std::string::npos);
  }
  SECTION("merged result") {
    request["CI_COMMIT_SHA"] = f.ids["merge"];
    request["CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"] = f.ids["f2"];
    CHECK(Text(Find(f.Clone("merge"), {}, request), f.ids) == "m2..merge");
  }
  SECTION("branch") {
    Variables branch = {{"GITLAB_CI", "true"},
                        {"CI_DEFAULT_BRANCH", "main"},
                        {"CI_COMMIT_BEFORE_SHA", f.ids["m1"]}};
    CHECK(Text(Find(f.Clone("m2"), {}, branch), f.ids) == "m1..m2");
    branch["CI_COMMIT_BEFORE_SHA"] = "0000000000000000000000000000000000000000";
    CHECK(Text(Find(f.scratch.Open("clone"), {}, branch), f.ids) == "m2..m2");
  }
}

#include "git/revisions.h"

#include <utility>

#include <fmt/format.h>

#include "core/shell.h"
#include "core/text.h"
#include "git/names.h"

namespace layergate::git {

namespace {

class Finder {
 public:
  Finder(const Repository& repository, const RevisionRequest& request,
         const EnvironmentLookup& environment)
      : repository_(repository), request_(request), environment_(environment) {}

  Result<Revisions> Find() const {
    if (!request_.base.empty()) {
      LAYERGATE_TRY(Commit head, Head());
      return Compare(head, request_.base, request_.base);
    }
    // A head that the user named is not what the provider's variables speak of.
    if (request_.head.empty() && Variable("GITHUB_ACTIONS") == "true") return OnGitHub();
    if (request_.head.empty() && Variable("GITLAB_CI") == "true") return OnGitLab();
    return Locally();
  }

 private:
  std::string Variable(std::string_view name) const {
    if (!environment_) return {};
    return environment_(name).value_or("");
  }

  Result<Commit> Head() const {
    return repository_.Resolve(request_.head.empty() ? "HEAD" : request_.head);
  }
  std::string HeadName() const { return request_.head.empty() ? "HEAD" : request_.head; }

  // Whether this clone has the commit; a text that names none is simply not there.
  std::optional<Commit> Present(const std::string& id) const {
    if (!IsFullId(id) || IsZeroId(id)) return std::nullopt;
    auto commit = repository_.ReadCommit(ToLower(id));
    if (!commit) return std::nullopt;
    return *commit;
  }

  Result<Revisions> Compare(const Commit& head, const std::string& target,
                            std::string_view target_name) const {
    LAYERGATE_TRY(Commit tip, repository_.Resolve(target));
    LAYERGATE_TRY(Commit base, repository_.MergeBase(tip.id, head.id));
    return Revisions{
        base, head,
        fmt::format("merge base of {} with {}", Printable(HeadName()), Printable(target_name))};
  }

  // Compares with a branch of origin, or says how to get it.
  Result<Revisions> CompareWithBranch(const Commit& head, const std::string& branch) const {
    std::string reference = "refs/remotes/origin/" + branch;
    auto compared = Compare(head, reference, "origin/" + branch);
    if (compared) return compared;
    LAYERGATE_TRY(auto known, repository_.References(reference));
    bool is_known = !known.empty() && known.front() == reference;
    if (is_known) return compared.error();
    return MakeError(fmt::format("the target branch '{}' is not in this clone", Printable(branch)),
                     fmt::format("Run `git fetch {}origin {}`, or check out with the whole history "
                                 "(fetch-depth: 0, GIT_DEPTH: 0).",
                                 repository_.is_shallow() ? "--unshallow " : "",
                                 ShellWord(fmt::format("+refs/heads/{}:{}", branch, reference))));
  }

  // The first parent of the merge commit that the provider made for the pull request is the
  // target's tip.
  static bool IsMergeOf(const Commit& merge, const std::string& source) {
    return merge.parents.size() == 2 && (source.empty() || merge.parents[1] == source);
  }

  Result<Revisions> FromMergeCommit(const Commit& merge, std::string_view provider) const {
    auto base = repository_.ReadCommit(merge.parents[0]);
    if (!base) {
      return base.error().WithContext(
          fmt::format("the target side of {}'s merge commit {}", provider, merge.id));
    }
    return Revisions{*base, merge,
                     fmt::format("parents of {}'s merge commit {}", provider, merge.id)};
  }

  Result<Revisions> OnGitHub() const {
    std::string event = Variable("GITHUB_EVENT_NAME");
    if (event == "pull_request_target") return OnGitHubTarget();
    if (event == "merge_group") return OnGitHubQueue();
    std::string branch = Variable("GITHUB_BASE_REF");
    if (branch.empty()) return OnPush(request_.event_base, "");
    LAYERGATE_TRY(Commit head, Head());
    // Only the commit that GitHub itself made is taken apart: any other merge commit chose its own
    // parents.
    std::string reference = Variable("GITHUB_REF");
    bool is_githubs = head.id == Variable("GITHUB_SHA") && reference.rfind("refs/pull/", 0) == 0 &&
                      reference.size() > 6 && reference.substr(reference.size() - 6) == "/merge";
    if (is_githubs && IsMergeOf(head, request_.event_head)) return FromMergeCommit(head, "GitHub");
    return CompareWithBranch(head, branch);
  }

  // The checkout of this event is the target branch, not the pull request.
  Result<Revisions> OnGitHubTarget() const {
    auto head = Present(request_.event_head);
    if (!head) {
      return MakeError(
          "the event pull_request_target checks out the target branch: the pull request is not "
          "here",
          "Run on the event pull_request, or name both sides with --base and --head.");
    }
    return CompareWithBranch(*head, Variable("GITHUB_BASE_REF"));
  }

  Result<Revisions> OnGitHubQueue() const {
    LAYERGATE_TRY(Commit head, Head());
    if (Present(request_.event_base)) {
      return Compare(head, request_.event_base, "the base of the merge group");
    }
    // refs/heads/gh-readonly-queue/<branch>/pr-<number>-<sha>
    std::string reference = Variable("GITHUB_REF");
    constexpr std::string_view kQueue = "refs/heads/gh-readonly-queue/";
    size_t end = reference.rfind("/pr-");
    if (reference.rfind(kQueue, 0) == 0 && end != std::string::npos && end > kQueue.size()) {
      return CompareWithBranch(head, reference.substr(kQueue.size(), end - kQueue.size()));
    }
    return MakeError("the base of the merge group is not known",
                     "Name both sides with --base and --head.");
  }

  Result<Revisions> OnGitLab() const {
    LAYERGATE_TRY(Commit head, Head());
    std::string branch = Variable("CI_MERGE_REQUEST_TARGET_BRANCH_NAME");
    if (branch.empty()) {
      return OnPush(Variable("CI_COMMIT_BEFORE_SHA"), Variable("CI_DEFAULT_BRANCH"));
    }
    // Set in merged-result pipelines only, whose commit GitLab made out of both sides.
    std::string source = Variable("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA");
    bool is_gitlabs = !source.empty() && head.id == Variable("CI_COMMIT_SHA");
    if (is_gitlabs && IsMergeOf(head, source)) return FromMergeCommit(head, "GitLab");
    std::string diff_base = Variable("CI_MERGE_REQUEST_DIFF_BASE_SHA");
    if (Present(diff_base)) return Compare(head, diff_base, "the merge request's diff base");
    return CompareWithBranch(head, branch);
  }

  // A branch pipeline: what the push brought to the default branch, else what the branch brings to
  // it.
  Result<Revisions> OnPush(const std::string& before, const std::string& default_branch) const {
    LAYERGATE_TRY(Revisions found, Target(default_branch));
    if (found.base.id != found.head.id) return found;
    if (Present(before)) return Compare(found.head, before, "the commit before this push");
    return found;
  }

  Result<Revisions> Target(const std::string& branch) const {
    if (branch.empty()) return Locally();
    LAYERGATE_TRY(Commit head, Head());
    return CompareWithBranch(head, branch);
  }

  Result<Revisions> Locally() const {
    LAYERGATE_TRY(Commit head, Head());
    std::optional<Revisions> nothing_new;
    for (const std::string& target : LikelyTargets("origin")) {
      LAYERGATE_TRY(auto known, repository_.References(target));
      if (known.empty() || known.front() != target) continue;
      auto found = Compare(head, target, ShortName(target));
      if (!found) return found.error();
      // Somebody who works on main itself means the remote's main; keep looking past the branch
      // that is HEAD.
      if (found->base.id != head.id) return found;
      if (!nothing_new) nothing_new = std::move(*found);
    }
    if (nothing_new) return *nothing_new;
    return MakeError("there is no branch to compare with: no origin/HEAD, main or master",
                     "Name it with --base, or fetch it: `git fetch origin "
                     "+refs/heads/main:refs/remotes/origin/main`.");
  }

  static std::string ShortName(const std::string& reference) {
    for (std::string_view prefix : {"refs/remotes/", "refs/heads/"}) {
      if (reference.rfind(prefix, 0) == 0) return reference.substr(prefix.size());
    }
    return reference;
  }

  const Repository& repository_;
  const RevisionRequest& request_;
  const EnvironmentLookup& environment_;
};

}  // namespace

std::vector<std::string> LikelyTargets(std::string_view remote) {
  std::string prefix = fmt::format("refs/remotes/{}/", remote);
  return {prefix + "HEAD", prefix + "main", prefix + "master", "refs/heads/main",
          "refs/heads/master"};
}

Result<Revisions> FindRevisions(const Repository& repository, const RevisionRequest& request,
                                const EnvironmentLookup& environment) {
  return Finder(repository, request, environment).Find();
}

}  // namespace layergate::git

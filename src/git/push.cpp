#include "git/push.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/shell.h"
#include "core/text.h"
#include "git/names.h"

namespace layergate::git {

namespace {

// Cuts the last word off `line`.
std::string TakeLastWord(std::string_view& line) {
  size_t space = line.rfind(' ');
  if (space == std::string_view::npos) return {};
  std::string word(line.substr(space + 1));
  line = line.substr(0, space);
  return word;
}

Result<bool> Exists(const Repository& repository, const std::string& reference) {
  LAYERGATE_TRY(auto names, repository.References(reference));
  return !names.empty() && names.front() == reference;
}

class PushJudge {
 public:
  PushJudge(const Repository& repository, const PushRef& ref, std::string_view remote)
      : repository_(repository), ref_(ref), remote_(remote) {}

  Result<std::optional<Revisions>> Find() const {
    auto head = repository_.Resolve(ref_.local_id);
    if (!head) return head.error().WithContext(Printable(ref_.local_ref));
    LAYERGATE_TRY(auto target, FindTarget());
    if (target) {
      // Pushed onto the target itself: new is what the remote does not have yet.
      if (IsTarget(*target)) return AgainstRemote(*head);
      return Against(*head, *target);
    }
    if (!ref_.is_new()) return AgainstRemote(*head);
    return AgainstAnyBranch(*head);
  }

 private:
  std::string Tracking(std::string_view branch) const {
    return fmt::format("refs/remotes/{}/{}", remote_, branch);
  }

  // A URL may hold a password, and messages end up in logs.
  static std::string WithoutSecret(const std::string& remote) {
    size_t scheme = remote.find("://");
    size_t host = scheme == std::string::npos ? scheme : remote.find('@', scheme);
    if (host == std::string::npos || remote.find('/', scheme + 3) < host) return remote;
    return remote.substr(0, scheme + 3) + remote.substr(host + 1);
  }
  std::string RemoteWord() const { return ShellWord(WithoutSecret(remote_)); }

  std::string Branch() const {
    constexpr std::string_view kHeads = "refs/heads/";
    return ref_.remote_ref.substr(kHeads.size());
  }

  // The remote's main branch; nullopt when there is no sign of one.
  Result<std::optional<std::string>> FindTarget() const {
    std::vector<std::string> candidates = LikelyTargets(remote_);
    if (remote_ != "origin") {
      std::vector<std::string> more = LikelyTargets("origin");
      candidates.insert(candidates.begin() + 3, more.begin(), more.begin() + 3);
    }
    for (const std::string& candidate : candidates) {
      LAYERGATE_TRY(bool there, Exists(repository_, candidate));
      // The local branch that is being pushed has nothing new against itself.
      if (there && candidate != ref_.local_ref) return std::optional<std::string>(candidate);
    }
    return std::optional<std::string>();
  }

  bool IsTarget(const std::string& target) const { return target == Tracking(Branch()); }

  Result<std::optional<Revisions>> Against(const Commit& head, const std::string& target) const {
    LAYERGATE_TRY(Commit tip, repository_.Resolve(target));
    LAYERGATE_TRY(Commit base, repository_.MergeBase(tip.id, head.id));
    return std::optional<Revisions>(
        {base, head,
         fmt::format("merge base of {} with {}", Printable(ref_.local_ref), Printable(target))});
  }

  Result<std::optional<Revisions>> AgainstRemote(const Commit& head) const {
    if (ref_.is_new()) return AgainstAnyBranch(head);
    auto there = repository_.ReadCommit(ref_.remote_id);
    if (!there) {
      return MakeError(
          fmt::format("{} on the remote is at {}, which this clone does not have",
                      Printable(ref_.remote_ref), ref_.remote_id),
          fmt::format("Run `git fetch {}` and look at what others pushed.", RemoteWord()));
    }
    return Against(head, ref_.remote_id);
  }

  // A new branch where no main branch is known: the nearest commit that the remote has in any
  // branch.
  Result<std::optional<Revisions>> AgainstAnyBranch(const Commit& head) const {
    LAYERGATE_TRY(auto references,
                  repository_.References(fmt::format("refs/remotes/{}/", remote_)));
    if (references.empty()) {
      LAYERGATE_TRY(references, repository_.References("refs/remotes/"));
    }
    std::optional<Commit> best;
    for (const std::string& reference : references) {
      auto tip = repository_.Resolve(reference);
      if (!tip) continue;
      auto base = repository_.MergeBase(tip->id, head.id);
      if (!base) continue;  // an unrelated branch
      bool is_nearer = !best;
      if (best && best->id != base->id) {
        auto older = repository_.MergeBase(best->id, base->id);
        is_nearer = older && older->id == best->id;
      }
      if (is_nearer) best = std::move(*base);
    }
    if (best) {
      return std::optional<Revisions>(
          {*best, head,
           fmt::format("nearest commit of {} that the remote has", Printable(ref_.local_ref))});
    }
    return MakeError(
        fmt::format("there is no commit to compare {} with: no branch of '{}' is known here",
                    Printable(ref_.local_ref), Printable(WithoutSecret(remote_))),
        fmt::format("Run `git fetch {}`; a first push of a whole history is judged in CI only.",
                    RemoteWord()));
  }

  const Repository& repository_;
  const PushRef& ref_;
  std::string remote_;
};

}  // namespace

bool PushRef::is_delete() const { return IsZeroId(local_id); }
bool PushRef::is_new() const { return IsZeroId(remote_id); }
bool PushRef::is_branch() const { return remote_ref.rfind("refs/heads/", 0) == 0; }

Result<std::vector<PushRef>> ParsePushLines(std::string_view text) {
  std::vector<PushRef> refs;
  int number = 0;
  for (std::string_view line : Split(text, '\n')) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (Trim(line).empty()) continue;
    std::string_view rest = line;
    PushRef ref;
    ref.remote_id = TakeLastWord(rest);
    ref.remote_ref = TakeLastWord(rest);
    ref.local_id = TakeLastWord(rest);
    ref.local_ref = std::string(rest);
    bool ids = IsFullId(ref.remote_id) && IsFullId(ref.local_id);
    if (!ids || ref.remote_ref.empty() || Trim(ref.local_ref).empty()) {
      return MakeError(fmt::format("line {} of standard input is none of git's pre-push: '{}'",
                                   number, Printable(line.substr(0, 200))),
                       "Expected is: <local ref> <local id> <remote ref> <remote id>.");
    }
    refs.push_back(std::move(ref));
  }
  return refs;
}

Result<std::optional<Revisions>> RevisionsOfPush(const Repository& repository, const PushRef& ref,
                                                 std::string_view remote) {
  if (ref.is_delete() || !ref.is_branch()) return std::optional<Revisions>();
  return PushJudge(repository, ref, remote).Find();
}

}  // namespace layergate::git

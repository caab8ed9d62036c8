// git's pre-push input, and what a push brings.
#include "git/push.h"

#include "scratch_repository.h"

using namespace layergate::git;

namespace {

const std::string kZero(40, '0');
const std::string kOne(40, '1');

std::string Base(const Repository& repository, const PushRef& ref, const std::string& remote) {
  auto found = RevisionsOfPush(repository, ref, remote);
  if (!found) return found.error().ToString();
  return *found ? (*found)->base.id : "nothing";
}

}  // namespace

TEST_CASE("lines are taken apart from the right") {
  auto refs = ParsePushLines("refs/heads/a " + kOne + " refs/heads/b " + kZero + "\n" +
                             "HEAD@{0 seconds ago} " + kOne + " refs/heads/c " + kOne + "\n" +
                             "(delete) " + kZero + " refs/heads/d " + kOne + "\n" +
                             "refs/tags/v1 " + kOne + " refs/tags/v1 " + kZero + "\n");
  REQUIRE(refs);
  REQUIRE(refs->size() == 4);
  CHECK((*refs)[0].is_new());
  CHECK((*refs)[0].remote_ref == "refs/heads/b");
  CHECK((*refs)[1].local_ref == "HEAD@{0 seconds ago}");
  CHECK_FALSE((*refs)[1].is_new());
  CHECK((*refs)[2].is_delete());
  CHECK_FALSE((*refs)[3].is_branch());
}

TEST_CASE("zeros of any length, no text at all, and a text that is none of git's") {
  std::string zero(64, '0');
  auto long_ids = ParsePushLines("refs/heads/a " + std::string(64, 'a') + " refs/heads/a " + zero);
  REQUIRE(long_ids);
  CHECK(long_ids->at(0).is_new());
  CHECK(ParsePushLines("")->empty());
  CHECK(ParsePushLines("\n")->empty());
  CHECK_FALSE(ParsePushLines("hello\n"));
  CHECK_FALSE(ParsePushLines("refs/heads/a abc refs/heads/b def\n"));
  CHECK_FALSE(ParsePushLines("refs/heads/a " + kOne + " " + kOne + "\n"));
  auto wrong = ParsePushLines("refs/heads/a " + kOne + " refs/heads/b " + kOne + "\nx\n");
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().message.find("line 2") != std::string::npos);
}

TEST_CASE("a pushed branch is compared with the branch it goes to") {
  ScratchRepository scratch;
  std::string root = scratch.Commit("a", "0");
  scratch.Git("clone -q --bare . ../remote.git");
  scratch.Git("clone -q ../remote.git ../clone");
  scratch.Git("remote add origin ../remote.git");
  scratch.Git("fetch -q origin");
  scratch.Git("remote set-head origin main");
  std::string main1 = scratch.Commit("a", "1");
  scratch.Git("checkout -q -b feature " + root);
  std::string f1 = scratch.Commit("b", "1");
  Repository repository = scratch.Open();

  PushRef fresh{"refs/heads/feature", f1, "refs/heads/feature", kZero};
  CHECK(Base(repository, fresh, "origin") == root);
  // Pushed before: still the whole branch, as the pull request shows it.
  scratch.Git("push -q origin feature");
  std::string f2 = scratch.Commit("b", "2");
  PushRef again{"refs/heads/feature", f2, "refs/heads/feature", f1};
  CHECK(Base(scratch.Open(), again, "origin") == root);
  // Onto main itself: what the remote does not have.
  PushRef onto_main{"refs/heads/main", main1, "refs/heads/main", root};
  CHECK(Base(repository, onto_main, "origin") == root);
  // To a fork by URL: origin's branches are the best there is.
  CHECK(Base(repository, fresh, "https://example.com/fork.git") == root);

  PushRef deletion{"(delete)", kZero, "refs/heads/feature", f1};
  CHECK(Base(repository, deletion, "origin") == "nothing");
  PushRef tag{"refs/tags/v1", f1, "refs/tags/v1", kZero};
  CHECK(Base(repository, tag, "origin") == "nothing");
  PushRef notes{"refs/notes/ai", f1, "refs/notes/ai", kZero};
  CHECK(Base(repository, notes, "origin") == "nothing");
}

TEST_CASE("without a main branch: the nearest commit that the remote has") {
  ScratchRepository scratch;
  scratch.Git("checkout -q -b trunk");
  std::string root = scratch.Commit("a", "0");
  std::string next = scratch.Commit("a", "1");
  scratch.Git("update-ref refs/remotes/origin/old " + root);
  scratch.Git("update-ref refs/remotes/origin/trunk " + next);
  std::string head = scratch.Commit("a", "2");
  PushRef fresh{"refs/heads/trunk", head, "refs/heads/topic", kZero};
  CHECK(Base(scratch.Open(), fresh, "origin") == next);
  PushRef known{"refs/heads/trunk", head, "refs/heads/trunk", root};
  CHECK(Base(scratch.Open(), known, "origin") == root);
  PushRef forced{"refs/heads/trunk", head, "refs/heads/trunk", kOne};
  CHECK(Base(scratch.Open(), forced, "origin").find("git fetch origin") != std::string::npos);
}

TEST_CASE("the first push of a whole history has nothing to be compared with") {
  ScratchRepository scratch;
  std::string head = scratch.Commit("a", "0");
  PushRef first{"refs/heads/main", head, "refs/heads/main", kZero};
  CHECK(Base(scratch.Open(), first, "origin").find("judged in CI only") != std::string::npos);
  PushRef unknown{"refs/heads/main", kOne, "refs/heads/main", kZero};
  CHECK(Base(scratch.Open(), unknown, "origin").find("not in this clone") != std::string::npos);
}

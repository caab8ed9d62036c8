// Which approvals count: the provider's own JSON, held against the policy.
#include "verdict/approvals.h"

#include "support/catch.h"
#include "verdict/break_glass.h"

using namespace layergate;
using namespace layergate::verdict;

namespace {

const std::string kHead = "1111111111111111111111111111111111111111";
const std::string kOld = "2222222222222222222222222222222222222222";

std::string Reviewed(const std::string& who, const std::string& state, const std::string& commit,
                     const std::string& at, const std::string& type = "User") {
  return "{\"id\":1,\"user\":{\"login\":\"" + who + "\",\"type\":\"" + type + "\"},\"state\":\"" +
         state + "\",\"commit_id\":\"" + commit + "\",\"submitted_at\":\"" + at + "\"}";
}

const char* const kPullRequest =
    R"({"number":7,"user":{"login":"Author"},"head":{"sha":"1"},"auto_merge":null,"commits":2,"comments":0})";
const char* const kCommits =
    R"([{"sha":"1","author":{"login":"author"},"committer":{"login":"web-flow"},"commit":{"author":{"email":"a@x"}}},
        {"sha":"2","author":null,"committer":{"login":"helper"},
         "commit":{"author":{"email":"42+pair@users.noreply.github.com"},"committer":{"email":"h@x"}}}])";

struct People {
  policy::People people;
  Reviews reviews;
  std::vector<RequiredReviewer> needs;

  People() {
    people.roles["senior-data-engineer"] = {"ana", "@acme/seniors"};
    people.roles["data-pm"] = {"carla"};
    people.teams["acme/seniors"] = {"Ben"};
    people.bots = {"release-*"};
    Add(kPullRequest);
    Add(kCommits);
  }
  void Add(const std::string& json) {
    Result<void> added = AddReviews(json, "file.json", reviews);
    INFO((added ? "" : added.error().ToString()));
    REQUIRE(added);
  }
  RequiredReviewer& Need(const std::string& role, int count = 1) {
    RequiredReviewer need;
    need.role = role;
    need.count = count;
    auto listed = people.roles.find(role);
    if (listed != people.roles.end()) need.people = listed->second;
    needs.push_back(need);
    return needs.back();
  }
  void Count(const std::string& head = kHead) { CountApprovals({&people, &reviews, head}, needs); }
};

}  // namespace

TEST_CASE("an approval of the head commit by the right person counts") {
  People scene;
  scene.Add("[" + Reviewed("Ana", "APPROVED", kHead, "2026-11-24T10:00:00Z") + "]");
  scene.Need("senior-data-engineer");
  scene.Count();
  CHECK(scene.needs[0].state == "met");
  CHECK(scene.needs[0].approved_by == std::vector<std::string>{"ana"});
  CHECK(scene.needs[0].why.empty());
}

TEST_CASE("approvals that do not count, and why") {
  struct Case {
    std::string review, why;
  };
  const Case cases[] = {
      {Reviewed("ana", "APPROVED", kOld, "2026-11-24T10:00:00Z"), "not the head commit"},
      {Reviewed("author", "APPROVED", kHead, "2026-11-24T10:00:00Z"), "author is the author"},
      {Reviewed("helper", "APPROVED", kHead, "2026-11-24T10:00:00Z"), "helper made commits of it"},
      {Reviewed("pair", "APPROVED", kHead, "2026-11-24T10:00:00Z"), "pair made commits of it"},
      {Reviewed("x[bot]", "APPROVED", kHead, "2026-11-24T10:00:00Z"), "x[bot] is a bot"},
      {Reviewed("copilot", "APPROVED", kHead, "2026-11-24T10:00:00Z", "Bot"), "copilot is a bot"},
      {Reviewed("release-train", "APPROVED", kHead, "2026-11-24T10:00:00Z"), "is a bot"},
      {Reviewed("ana", "DISMISSED", kHead, "2026-11-24T10:00:00Z"), "nobody"},
      {Reviewed("ana", "COMMENTED", kHead, "2026-11-24T10:00:00Z"), "nobody"},
      {Reviewed("ana", "APPROVED", kHead, "2026-11-24T10:00:00Z") + "," +
           Reviewed("ana", "CHANGES_REQUESTED", kHead, "2026-11-24T11:00:00Z"),
       "nobody"},
  };
  for (const Case& each : cases) {
    INFO(each.review);
    People scene;
    scene.Add("[" + each.review + "]");
    scene.Need("any-peer");
    scene.Need("senior-data-engineer");
    scene.Count();
    for (const RequiredReviewer& need : scene.needs) {
      INFO(need.why);
      CHECK(need.state == "pending");
      CHECK(need.why.find(each.why) != std::string::npos);
    }
  }
}

TEST_CASE("what is not known is pending, never met") {
  std::string approved = "[" + Reviewed("ana", "APPROVED", kHead, "2026-11-24T10:00:00Z") + "]";
  auto why = [&](auto change, const std::string& head) {
    People scene;
    scene.Add(approved);
    scene.Need("any-peer");
    change(scene);
    scene.Count(head);
    CHECK(scene.needs[0].state == "pending");
    return scene.needs[0].why;
  };
  CHECK(why([](People& s) { s.reviews.author.clear(); }, kHead).find("author") !=
        std::string::npos);
  CHECK(why([](People& s) { s.reviews.commits_known = false; }, kHead).find("commits") !=
        std::string::npos);
  CHECK(why([](People& s) { s.reviews.reviews_known = false; }, kHead).find("--reviews") !=
        std::string::npos);
  CHECK(why([](People&) {}, "").find("without git") != std::string::npos);
  CHECK(why([](People& s) { s.reviews.commits[0].emails.push_back("who@example.com"); }, kHead)
            .find("who@example.com") != std::string::npos);
  People nobody;
  nobody.Add(approved);
  nobody.Need("controller");
  nobody.Count();
  CHECK(nobody.needs[0].why.find("names nobody as controller") != std::string::npos);
}

TEST_CASE("each approval serves one need, and the best use of them is found") {
  People scene;
  scene.Add("[" + Reviewed("ana", "APPROVED", kHead, "2026-11-24T10:00:00Z") + "," +
            Reviewed("dora", "APPROVED", kHead, "2026-11-24T10:00:00Z") + "]");
  scene.Need("any-peer");
  scene.Need("senior-data-engineer");
  scene.Count();
  CHECK(scene.needs[0].approved_by == std::vector<std::string>{"dora"});
  CHECK(scene.needs[1].approved_by == std::vector<std::string>{"ana"});
  People one;
  one.people.roles["data-pm"] = {"ana"};
  one.Add("[" + Reviewed("ana", "APPROVED", kHead, "2026-11-24T10:00:00Z") + "]");
  one.Need("senior-data-engineer");
  one.Need("data-pm");
  one.Need("code owner").people = {"@ana"};
  one.Count();
  int met = 0;
  for (const RequiredReviewer& need : one.needs) met += need.state == "met" ? 1 : 0;
  CHECK(met == 2);  // one of the two roles, and the code owners beside them
  CHECK(one.needs[2].state == "met");
}

TEST_CASE("GitLab's approvals are bound to the head commit by time or by the project's setting") {
  const char* const approvals =
      R"({"approved":true,"approved_by":[{"user":{"username":"ana"},"approved_at":"2026-11-24T10:00:00.000Z"}]})";
  auto scene_with = [&](const std::string& more) {
    People scene;
    scene.reviews = {};
    scene.Add(R"({"iid":4,"author":{"username":"author"},"merge_when_pipeline_succeeds":true})");
    scene.Add(approvals);
    scene.Add(R"([{"id":"1","author_email":"author@x.io","committer_email":"author@x.io"}])");
    scene.people.emails["author@x.io"] = "author";
    if (!more.empty()) scene.Add(more);
    scene.Need("senior-data-engineer");
    scene.Count();
    return scene;
  };
  CHECK(scene_with("").needs[0].why.find("versions") != std::string::npos);
  std::string version = R"([{"head_commit_sha":")" + kHead + R"(","created_at":"2026-11-24T)";
  CHECK(scene_with(version + R"(09:00:00Z"}])").needs[0].state == "met");
  CHECK(scene_with(version + R"(10:30:00Z"}])").needs[0].state == "pending");
  People by_setting = scene_with(R"({"reset_approvals_on_push":true})");
  CHECK(by_setting.needs[0].state == "met");
  CHECK(by_setting.reviews.auto_merge == true);
}

TEST_CASE("answers in a bundle and in pages; what is no answer is an error with the file's name") {
  People scene;
  scene.Add("{\"reviews\":[[" + Reviewed("x", "APPROVED", kHead, "2026-11-24T10:00:00Z") +
            "],[]],\"teams\":{\"acme/data\":[{\"login\":\"x\"}]}}");
  CHECK(scene.reviews.reviews.size() == 1);
  CHECK(scene.reviews.teams["acme/data"] == std::vector<std::string>{"x"});
  for (const char* bad : {"{}", "3", "[1]", "[{\"a\":1}]", "{\"a\":", "nonsense",
                          R"({"message":"Not Found","documentation_url":"x"})"}) {
    INFO(bad);
    Reviews reviews;
    Result<void> added = AddReviews(bad, "bad.json", reviews);
    REQUIRE_FALSE(added);
    CHECK(added.error().message.find("bad.json") != std::string::npos);
  }
}

TEST_CASE("break-glass: who, when, why, and for how long") {
  policy::Policy policy;
  policy.break_glass = policy::BreakGlass{"emergency", {"senior-data-engineer"}, 4, {}};
  std::string labeled =
      R"({"event":"labeled","label":{"name":"emergency"},"actor":{"login":"ana"},"created_at":"2026-11-24T10:00:00Z"})";
  std::string committed = R"({"event":"committed","sha":"1"})";
  std::string comment =
      R"([{"body":"see the call\nBreak-Glass: nightly load is down","user":{"login":"ana"},"created_at":"2026-11-24T10:01:00Z"}])";
  struct Case {
    std::string timeline, comments, at, why;
  };
  const Case cases[] = {
      {committed + "," + labeled, comment, "2026-11-24T13:59:00Z", ""},
      {committed + "," + labeled, comment, "2026-11-24T14:00:00Z", "hours are over"},
      {committed + "," + labeled, "[]", "2026-11-24T11:00:00Z", "has not said why"},
      {labeled + "," + committed, comment, "2026-11-24T11:00:00Z", "before the head commit"},
      {labeled, comment, "2026-11-24T11:00:00Z", "before the head commit"},
      {committed + "," + labeled, comment, "2026-11-24T09:00:00Z", "after the time"},
  };
  for (const Case& each : cases) {
    INFO(each.timeline << each.at);
    People scene;
    policy.people = scene.people;
    scene.Add("[" + each.timeline + "]");
    scene.Add(each.comments);
    auto use = FindBreakGlass(policy, {&scene.people, &scene.reviews, kHead}, {}, each.at);
    REQUIRE(use);
    INFO(use->why);
    CHECK(use->holds == each.why.empty());
    CHECK(use->why.find(each.why) != std::string::npos);
    CHECK(use->by == "ana");
  }
  People scene;
  auto claimed = FindBreakGlass(policy, {&scene.people, &scene.reviews, kHead}, {"emergency"},
                                "2026-11-24T11:00:00Z");
  REQUIRE(claimed);
  CHECK_FALSE(claimed->holds);  // a label that nobody is known to have set
  std::string by_author = "[" + committed + "," + labeled + "]";
  by_author.replace(by_author.find("ana"), 3, "Author");
  People own;
  own.people.roles["senior-data-engineer"].push_back("author");
  own.Add(by_author);
  own.Add(comment);
  auto refused =
      FindBreakGlass(policy, {&own.people, &own.reviews, kHead}, {}, "2026-11-24T11:00:00Z");
  REQUIRE(refused);
  CHECK(refused->why.find("the author") != std::string::npos);
}

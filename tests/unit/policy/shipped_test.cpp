// The shipped policies against the gates of this very build: they may demand only what is there.
#include <string>

#include "check.h"
#include "core/file.h"
#include "gates/all_gates.h"
#include "policy/describe.h"
#include "policy/policy.h"
#include "support/catch.h"

using namespace layergate;

TEST_CASE("every shipped policy is valid with the gates of this build") {
  auto gates = KnownGates(AllGates());
  for (const char* name : {"default", "strict", "starter"}) {
    auto text = policy::ShippedPolicy(name);
    REQUIRE(text);
    auto policy = policy::ParsePolicy(*text, std::string(name) + ".yml", gates);
    INFO((policy ? name : policy.error().ToString()));
    CHECK(policy);
  }
}

TEST_CASE("gates about the pull request stand where they run") {
  auto gates = KnownGates(AllGates());
  auto wrong = policy::ParsePolicy(
      "version: 1\nextends: default\ndefaults: {gates: [policy_integrity]}\n", "p.yml", gates);
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().message.find("pull_request: gates:") != std::string::npos);
}

TEST_CASE("the policies in docs/policy.md are valid") {
  auto gates = KnownGates(AllGates());
  auto page = ReadFile(LAYERGATE_SOURCE_DIR "/docs/policy.md");
  REQUIRE(page);
  constexpr std::string_view kFence = "```yaml\n";
  int examples = 0;
  for (size_t at = page->find(kFence); at != std::string::npos; at = page->find(kFence, at)) {
    at += kFence.size();
    std::string example = page->substr(at, page->find("```", at) - at);
    auto policy = policy::ParsePolicy(example, "docs/policy.md", gates);
    INFO(example << (policy ? "" : policy.error().ToString()));
    CHECK(policy);
    ++examples;
  }
  CHECK(examples == 7);
}

// tests/policy/ok/*.yml are read and shown as ok/*.expected says; tests/policy/err/*.yml are
// refused with exactly the text of err/*.expected. LAYERGATE_UPDATE=1 writes the
// expectations anew, to be read in the diff.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "core/file.h"
#include "known_gates.h"
#include "policy/describe.h"
#include "policy/policy.h"
#include "support/catch.h"

using layergate::Result;
using namespace layergate::policy;

namespace {

const std::string kFolder = LAYERGATE_SOURCE_DIR "/tests/policy/";

std::vector<std::string> Files(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder + folder)) {
    if (entry.path().extension() == ".yml")
      files.push_back(folder + "/" + entry.path().filename().string());
  }
  std::sort(files.begin(), files.end());
  REQUIRE_FALSE(files.empty());
  return files;
}

Result<std::optional<std::string>> ReadBeside(std::string_view path) {
  std::string file = kFolder + std::string(path);
  if (!layergate::FileExists(file)) return std::optional<std::string>();
  auto text = layergate::ReadFile(file);
  if (!text) return text.error();
  return std::optional<std::string>(*text);
}

Result<Policy> Parse(const std::string& file) {
  return ParsePolicy(**ReadBeside(file), file, TestGates(), ReadBeside);
}

void Expect(const std::string& file, const std::string& actual) {
  std::string expected_path = kFolder + file.substr(0, file.size() - 4) + ".expected";
  if (std::getenv("LAYERGATE_UPDATE")) {
    REQUIRE(layergate::WriteFileAtomically(expected_path, actual));
  }
  auto expected = layergate::ReadFile(expected_path);
  INFO(file);
  REQUIRE(expected);
  CHECK(actual == *expected);
}

}  // namespace

TEST_CASE("wrong policies are refused with every mistake and its place") {
  for (const std::string& file : Files("err")) {
    auto policy = Parse(file);
    INFO(file);
    REQUIRE_FALSE(policy);
    Expect(file, policy.error().message + "\n");
  }
}

TEST_CASE("right policies mean what they say") {
  for (const std::string& file : Files("ok")) {
    auto policy = Parse(file);
    INFO((policy ? file : policy.error().ToString()));
    REQUIRE(policy);
    Expect(file, ShowPolicy(*policy));
  }
}

TEST_CASE("what `show` prints is a policy that means the same") {
  for (const std::string& file : Files("ok")) {
    auto policy = Parse(file);
    REQUIRE(policy);
    auto again = ParsePolicy(ShowPolicy(*policy), "again.yml", TestGates());
    INFO((again ? file : again.error().ToString()));
    REQUIRE(again);
    REQUIRE(again->layers.size() == policy->layers.size());
    for (size_t i = 0; i < policy->layers.size(); ++i) {
      const Layer& a = policy->layers[i];
      const Layer& b = again->layers[i];
      REQUIRE(a.gates.size() == b.gates.size());
      for (size_t g = 0; g < a.gates.size(); ++g) {
        CHECK(a.gates[g].gate == b.gates[g].gate);
        CHECK(a.gates[g].severity == b.gates[g].severity);
        CHECK(a.gates[g].on_unknown == b.gates[g].on_unknown);
        CHECK((a.gates[g].options.empty() ? b.gates[g].options.empty()
                                          : a.gates[g].options == b.gates[g].options));
        CHECK(a.gates[g].timeout_seconds == b.gates[g].timeout_seconds);
      }
      CHECK(a.match.size() == b.match.size());
      CHECK(a.bar.roles == b.bar.roles);
      CHECK(a.bar.reviewers == b.bar.reviewers);
      CHECK(a.window.zone == b.window.zone);
      CHECK(a.window.days == b.window.days);
      CHECK(a.rollback_sla_hours == b.rollback_sla_hours);
    }
    CHECK(again->waivers.size() == policy->waivers.size());
    CHECK(again->pii.meta_keys == policy->pii.meta_keys);
  }
}

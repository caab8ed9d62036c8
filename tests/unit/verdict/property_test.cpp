// What must hold for every verdict, tried on generated ones: more that is unknown never helps, less
// that is wrong never harms.
#include <random>

#include "scene.h"
#include "support/catch.h"

using namespace layergate;
using namespace layergate::verdict;
using namespace layergate::verdict::testing;

namespace {

int Badness(const Verdict& verdict) {
  return verdict.decision == Decision::kPass ? 0 : verdict.decision == Decision::kUndecided ? 1 : 2;
}

// A fixed seed: the same scenes everywhere.
class Maker {
 public:
  int Below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

  Scene Make() {
    Scene scene;
    constexpr const char* kRules[] = {"row_count_diff.change", "row_count_diff.slow",
                                      "row_count_diff.note", "row_count_diff.undeclared"};
    constexpr const char* kColumns[] = {"", "a", "b"};
    for (int i = Below(4); i > 0; --i) {
      scene.outcomes[0].findings.push_back(MakeFinding(kRules[Below(4)], kColumns[Below(3)]));
    }
    for (int i = Below(3); i > 0; --i) scene.outcomes[0].unknown.push_back(MakeUnknown());
    if (Below(4) == 0) scene.outcomes[0].not_applicable = "not a table";
    if (Below(3) == 0) scene.outcomes[1].findings = {MakeFinding("destructive_sql.drop")};
    for (int i = Below(3); i > 0; --i) {
      scene.Waive(kRules[Below(4)], kColumns[Below(3)], Below(2) ? "2026-12-31" : "2020-01-01");
    }
    if (Below(4) == 0) scene.Waive("destructive_sql.drop");
    scene.rows_rule.severity = static_cast<policy::Severity>(Below(3));
    scene.rows_rule.on_unknown = static_cast<policy::OnUnknown>(Below(3));
    if (Below(3) == 0) scene.rows_rule.rule_severity.Set(kRules[Below(4)], "warn");
    if (Below(6) == 0) scene.changes.unknown.push_back({"x.yml", "why"});
    return scene;
  }

 private:
  std::mt19937 random_{20261124};
};

}  // namespace

TEST_CASE("an unknown more never improves a verdict, a finding less never worsens it") {
  Maker maker;
  int seen[3] = {};
  for (int round = 0; round < 2000; ++round) {
    Scene scene = maker.Make();
    Verdict before = scene.Judged();
    int bad = Badness(before);
    ++seen[bad];
    CHECK(before.exit_code == (bad == 0 ? 0 : bad == 1 ? 2 : 1));

    for (size_t gate = 0; gate < 2; ++gate) {
      Scene more = scene;
      more.outcomes[gate].unknown.push_back(MakeUnknown("another"));
      REQUIRE(Badness(more.Judged()) >= bad);
      for (size_t i = 0; i < scene.outcomes[gate].findings.size(); ++i) {
        Scene less = scene;
        auto& findings = less.outcomes[gate].findings;
        findings.erase(findings.begin() + static_cast<std::ptrdiff_t>(i));
        REQUIRE(Badness(less.Judged()) <= bad);
      }
    }
    Scene wider = scene;
    wider.changes.unknown.push_back({"y.yml", "why"});
    REQUIRE(Badness(wider.Judged()) >= std::max(bad, 1));
    Scene shorter = scene;
    shorter.outcomes.pop_back();
    REQUIRE(Badness(shorter.Judged()) >= 1);
  }
  // The scenes are of all kinds, or the property says little.
  for (int n : seen) CHECK(n > 100);
}

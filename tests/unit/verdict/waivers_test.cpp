// Exceptions: exact, ending, and never for rules that allow none.
#include "verdict/waivers.h"

#include "scene.h"
#include "support/catch.h"

using namespace layergate;
using namespace layergate::verdict;
using namespace layergate::verdict::testing;

TEST_CASE("a waiver lets exactly its finding through") {
  Scene scene;
  scene.outcomes[0].findings = {MakeFinding("row_count_diff.change")};
  scene.Waive("row_count_diff.change");
  Verdict verdict = scene.Judged();
  CHECK(verdict.decision == Decision::kPass);
  CHECK(verdict.gates[0].status == GateStatus::kWaived);
  CHECK(verdict.gates[0].findings[0].waived_by == "jane until 2026-12-31: known");
  CHECK(verdict.waivers_used.size() == 1);
  CHECK(verdict.waivers_unused.empty());
}

TEST_CASE("a waiver for another rule, subject or column lets nothing through") {
  struct Case {
    const char* rule;
    const char* subject;
    const char* column;
  };
  const Case cases[] = {{"row_count_diff.slow", "model.shop.fct_orders", "amount"},
                        {"row_count_diff.change", "model.shop.fct_order", "amount"},
                        {"row_count_diff.change", "model.shop.*", "amount"},
                        {"row_count_diff.change", "model.shop.fct_orders", "amount_cents"},
                        {"row_count_diff.change", "model.shop.fct_orders", ""},
                        {"row_count_diff", "model.shop.fct_orders", "amount"}};
  for (const Case& each : cases) {
    INFO(each.rule << " " << each.subject << " " << each.column);
    Scene scene;
    scene.outcomes[0].findings = {MakeFinding("row_count_diff.change", "amount")};
    scene.Waive(each.rule, each.column).subject = each.subject;
    Verdict verdict = scene.Judged();
    CHECK(verdict.decision == Decision::kBlocked);
    CHECK(verdict.waivers_used.empty());
  }
}

TEST_CASE("a waiver that misses by its column is explained") {
  Scene scene;
  scene.outcomes[0].findings = {MakeFinding("row_count_diff.change", "amount")};
  scene.Waive("row_count_diff.change");
  Verdict verdict = scene.Judged();
  REQUIRE(verdict.notes.size() == 1);
  CHECK(verdict.notes[0] ==
        "a waiver for row_count_diff.change on model.shop.fct_orders names no column; this finding "
        "is about column amount");
}

TEST_CASE("waivers end with their last day in UTC") {
  struct Case {
    const char* expires;
    const char* at;
    bool holds;
  };
  const Case cases[] = {
      {"2026-11-24", "2026-11-24T00:00:00Z", true},
      {"2026-11-24", "2026-11-24T23:59:59Z", true},
      {"2026-11-24", "2026-11-25T00:00:00Z", false},
      {"2026-11-24", "2026-11-24T23:30:00-01:00", false},
      {"2026-11-24", "2026-11-25T00:30:00+01:00", true},
      {"2026-11-24", "2026-11-24T10:00:00.123456Z", true},
      {"2024-02-29", "2024-02-29T10:00:00Z", true},
      {"2023-02-29", "2023-02-28T10:00:00Z", false},
      {"2026-12-31", "2027-01-01T00:00:00Z", false},
      {"2026-11-31", "2026-11-24T00:00:00Z", false},
      {"2026-13-01", "2026-11-24T00:00:00Z", false},
      {"", "2026-11-24T00:00:00Z", false},
      {"never", "2026-11-24T00:00:00Z", false},
      {"2026-11-24T00:00:00Z", "2026-11-23T00:00:00Z", false},
      {"2026-12-31", "", false},
      {"2026-12-31", "now", false},
      {"2026-12-31", "2026-11-24", false},
      {"2026-12-31", "2026-11-24T10:00:00", false},
  };
  for (const Case& each : cases) {
    INFO(each.expires << " at " << each.at);
    CHECK(StillHolds(each.expires, each.at) == each.holds);
  }
}

TEST_CASE("an expired waiver lets nothing through and is reported") {
  Scene scene;
  scene.outcomes[0].findings = {MakeFinding("row_count_diff.change")};
  scene.Waive("row_count_diff.change", "", "2026-11-23");
  Verdict verdict = scene.Judged();
  CHECK(verdict.decision == Decision::kBlocked);
  REQUIRE(verdict.waivers_expired.size() == 1);
  CHECK(verdict.waivers_expired[0].expires == "2026-11-23");
  CHECK(verdict.waivers_unused.empty());
}

TEST_CASE("a rule that cannot be waived is not") {
  Scene scene;
  scene.outcomes[1].findings = {MakeFinding("destructive_sql.drop")};
  scene.Waive("destructive_sql.drop");
  Verdict verdict = scene.Judged();
  CHECK(verdict.decision == Decision::kBlocked);
  CHECK_FALSE(verdict.gates[1].findings[0].waivable);
  CHECK(verdict.waivers_used.empty());
  REQUIRE(verdict.notes.size() == 1);
  CHECK(verdict.notes[0].find("cannot be waived") != std::string::npos);
}

TEST_CASE("unused waivers are named only when their gate judged their subject") {
  Scene scene;
  scene.Waive("row_count_diff.change");
  CHECK(scene.Judged().waivers_unused.size() == 1);
  scene.outcomes[0].unknown = {MakeUnknown()};
  CHECK(scene.Judged().waivers_unused.empty());
  scene.outcomes[0] = {};
  scene.policy.waivers[0].subject = "model.shop.untouched";
  CHECK(scene.Judged().waivers_unused.empty());
}

TEST_CASE("a waiver does not waive what is unknown") {
  Scene scene;
  scene.outcomes[0].unknown = {MakeUnknown()};
  scene.Waive("row_count_diff.change");
  CHECK(scene.Judged().decision == Decision::kUndecided);
}

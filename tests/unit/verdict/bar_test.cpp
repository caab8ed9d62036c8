// Reviewers, windows, rollback and labels.
#include <algorithm>

#include "scene.h"
#include "support/catch.h"

using namespace layergate;
using namespace layergate::verdict;
using namespace layergate::verdict::testing;

namespace {

std::string Reviewers(const Verdict& verdict) {
  std::string text;
  for (const RequiredReviewer& reviewer : verdict.required_reviewers) {
    CHECK(reviewer.state == "pending");
    text += reviewer.role + " " + std::to_string(reviewer.count) + ":";
    for (const std::string& layer : reviewer.because) text += " " + layer;
    text += "; ";
  }
  return text;
}

bool Has(const std::vector<std::string>& labels, const char* label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

}  // namespace

TEST_CASE("the strictest of the touched layers decides") {
  Scene scene;
  CHECK(Reviewers(scene.Judged({"staging"})) == "any-peer 1: staging; ");
  CHECK(Reviewers(scene.Judged({"marts"})) == "senior-data-engineer 1: marts; ");
  CHECK(scene.Judged({"staging"}).rollback_sla_hours == 24);
  scene.Touch("model.shop.second");
  Verdict verdict = scene.Judged({"staging", "marts"});
  // A senior engineer is a peer too: no second approval for staging.
  CHECK(Reviewers(verdict) == "senior-data-engineer 1: marts; ");
  CHECK(verdict.rollback_sla_hours == 4);
  scene.Touch("metric.shop.third");
  verdict = scene.Judged({"staging", "marts", "metrics"});
  CHECK(Reviewers(verdict) == "senior-data-engineer 1: marts metrics; data-pm 1: metrics; ");
  CHECK(verdict.rollback_sla_hours == 1);
  scene.policy.layers[0].bar.reviewers = 3;
  CHECK(Reviewers(scene.Judged({"staging", "marts"})) ==
        "any-peer 2: staging; senior-data-engineer 1: marts; ");
}

TEST_CASE("a model took part: the bar rises, and it never falls") {
  Scene scene;
  scene.provenance = "llm";
  Verdict verdict = scene.Judged({"staging"});
  CHECK(Reviewers(verdict) == "senior-data-engineer 1: assisted-by:llm; ");
  for (const char* label : {"needs-senior-review", "hallucination-budget", "assisted-by:llm"}) {
    CHECK(Has(verdict.labels, label));
  }
  CHECK(Reviewers(scene.Judged({"marts"})) == "senior-data-engineer 1: marts assisted-by:llm; ");
  scene.provenance = "undeclared";
  verdict = scene.Judged({"staging"});
  CHECK_FALSE(Has(verdict.labels, "assisted-by:llm"));
  // Once declared, nothing here takes it back.
  CHECK_FALSE(Has(verdict.labels_remove, "assisted-by:llm"));
  CHECK_FALSE(Has(verdict.labels_remove, "hallucination-budget"));
}

TEST_CASE("what cannot be placed gets the bar of unmatched models") {
  Scene scene;
  scene.changes.nodes.clear();
  scene.Touch("macro.shop.cents");
  CHECK(Reviewers(scene.Judged({""})) == "senior-data-engineer 1: marts; ");
  Scene unknown;
  unknown.changes.unknown.push_back({"dbt_project.yml", "vars changed"});
  CHECK(Reviewers(unknown.Judged({"staging"})) == "senior-data-engineer 1: marts; ");
}

TEST_CASE("a window is open, closed until a time, or not evaluated without a clock") {
  Scene scene;
  Verdict verdict = scene.Judged({"staging"});
  CHECK(verdict.merge_window_name == "any");
  CHECK(verdict.merge_window_state == "open");
  verdict = scene.Judged({"marts"});  // Tuesday, 13:00 in Berlin
  CHECK(verdict.merge_window_name == "business-hours");
  CHECK(verdict.merge_window_state == "open");
  CHECK(verdict.merge_window_text == "business-hours: mon to fri 09:00 to 17:00 Europe/Berlin");
  CHECK(verdict.merge_window_changes_at == "2026-11-24T16:00:00Z");
  scene.at = "2026-11-27T16:00:00Z";  // Friday, 17:00: the end is not part of it
  verdict = scene.Judged({"marts"});
  CHECK(verdict.merge_window_state == "closed");
  CHECK(verdict.decision == Decision::kPass);
  CHECK(verdict.pending.back() ==
        "the merge window is closed until Mon 2026-11-30 09:00 Europe/Berlin / 2026-11-30 08:00 "
        "UTC");
  scene.at = "not a time";
  CHECK(scene.Judged({"marts"}).merge_window_state == "not evaluated");
}

TEST_CASE("waiting keeps the verdict undecided where the policy says so") {
  Scene scene;
  scene.policy.pending_blocks = true;
  Verdict verdict = scene.Judged({"staging"});
  CHECK(verdict.decision == Decision::kUndecided);
  CHECK(verdict.summary.substr(0, 44) == "nothing blocks; it waits for people or time:");
  CHECK(verdict.gates.back().gate == "merge");
}

TEST_CASE("a freeze closes every window, and only for its layers") {
  Scene scene;
  scene.policy.freezes = {{"year-end",
                           "Europe/Berlin",
                           "2026-11-24",
                           "2026-12-01 12:00",
                           "the books are closed",
                           {"staging"},
                           {}}};
  CHECK(scene.Judged({"staging"}).merge_window_state == "closed");
  CHECK(scene.Judged({"marts"}).merge_window_state == "open");
  CHECK(scene.Judged({"staging"}).merge_window_changes_at == "2026-12-01T11:00:00Z");
}

TEST_CASE("the bar for a model's part is the policy's, and never below the layer's own") {
  Scene scene;
  scene.policy.layers[0].llm = {2, {}, {}};
  scene.provenance = "llm";
  CHECK(Reviewers(scene.Judged({"staging"})) == "any-peer 2: staging assisted-by:llm; ");
  scene.policy.layers[3].llm = {1, {}, {}};
  CHECK(Reviewers(scene.Judged({"metrics"})) ==
        "senior-data-engineer 1: metrics; data-pm 1: metrics; ");
}

TEST_CASE("labels say the verdict, the layers and the failing gates") {
  Scene scene;
  scene.outcomes[0].findings = {MakeFinding("row_count_diff.change")};
  Verdict verdict = scene.Judged();
  CHECK(verdict.labels == std::vector<std::string>{"gate:row_count_diff", "layer:marts",
                                                   "layergate:blocked", "needs-senior-review"});
  CHECK(verdict.labels_remove ==
        std::vector<std::string>{"gate:destructive_sql", "layer:intermediate", "layer:metrics",
                                 "layer:staging", "layergate:pass", "layergate:undecided",
                                 "needs-data-pm-review"});
  for (const std::string& label : verdict.labels_remove) CHECK(IsOurLabel(label));
  for (const std::string& label : verdict.labels) CHECK(IsOurLabel(label));
  scene.outcomes[0] = {};
  scene.outcomes[0].unknown = {MakeUnknown()};
  verdict = scene.Judged({"metrics"});
  CHECK(Has(verdict.labels, "layergate:undecided"));
  CHECK(Has(verdict.labels, "needs-data-pm-review"));
  CHECK_FALSE(Has(verdict.labels, "gate:row_count_diff"));
}

TEST_CASE("labels of others are not ours") {
  for (const char* label : {"bug", "layergate:", "layergate:other", "layer:", "gate:", "",
                            "assisted-by:human", "needs-review", "Layergate:pass"}) {
    CHECK_FALSE(IsOurLabel(label));
  }
}

TEST_CASE("a layer's name cannot make a label that a provider refuses") {
  Scene scene;
  scene.policy.layers[2].name = "a,b\n" + std::string(30, 'x') + "ääääääääääää";
  Verdict verdict = scene.Judged({scene.policy.layers[2].name});
  for (const std::string& label : verdict.labels) {
    CHECK(label.size() <= 50);
    CHECK(label.find_first_of(",\n") == std::string::npos);
  }
}

// Statuses, severities, decisions and exit codes.
#include "scene.h"
#include "support/catch.h"

using namespace layergate;
using namespace layergate::verdict;
using namespace layergate::verdict::testing;

namespace {

void CheckVerdict(const Verdict& verdict, Decision decision, int exit_code) {
  CHECK(verdict.decision == decision);
  CHECK(verdict.exit_code == exit_code);
}

}  // namespace

TEST_CASE("nothing found passes") {
  Verdict verdict = Scene().Judged();
  CheckVerdict(verdict, Decision::kPass, 0);
  REQUIRE(verdict.gates.size() == 2);
  CHECK(verdict.gates[0].status == GateStatus::kPass);
  CHECK(verdict.gates[0].layer == "marts");
  CHECK(verdict.summary == "2 checks on 1 subject passed");
}

TEST_CASE("a finding blocks") {
  Scene scene;
  scene.outcomes[0].findings = {MakeFinding("row_count_diff.change", "", "rows doubled")};
  Verdict verdict = scene.Judged();
  CheckVerdict(verdict, Decision::kBlocked, 1);
  CHECK(verdict.gates[0].status == GateStatus::kFail);
  CHECK(verdict.gates[0].why == "rows doubled");
  CHECK(verdict.summary == "1 finding in 1 model must be fixed before this can be merged");
}

TEST_CASE("an unknown is undecided, and a failure beside it is blocked") {
  Scene scene;
  scene.outcomes[1].unknown = {MakeUnknown()};
  Verdict verdict = scene.Judged();
  CheckVerdict(verdict, Decision::kUndecided, 2);
  CHECK(verdict.gates[1].status == GateStatus::kUnknown);
  CHECK(verdict.gates[1].unknown_blocks);
  CHECK(verdict.gates[1].why == "cannot tell: no connection");

  scene.outcomes[0].findings = {MakeFinding("row_count_diff.change")};
  CheckVerdict(scene.Judged(), Decision::kBlocked, 1);
}

TEST_CASE(
    "an unknown beside a warning, a waiver or an audit finding in one gate is still unknown") {
  Scene scene;
  scene.outcomes[0].unknown = {MakeUnknown()};
  for (const char* rule : {"row_count_diff.slow", "row_count_diff.note"}) {
    scene.outcomes[0].findings = {MakeFinding(rule)};
    Verdict verdict = scene.Judged();
    CHECK(verdict.gates[0].status == GateStatus::kUnknown);
    CheckVerdict(verdict, Decision::kUndecided, 2);
  }
  scene.outcomes[0].findings = {MakeFinding("row_count_diff.change")};
  scene.Waive("row_count_diff.change");
  Verdict verdict = scene.Judged();
  CHECK(verdict.gates[0].status == GateStatus::kUnknown);
  CheckVerdict(verdict, Decision::kUndecided, 2);
}

TEST_CASE("only the policy lets an unknown through") {
  Scene scene;
  scene.outcomes[0].unknown = {MakeUnknown()};
  for (policy::OnUnknown on : {policy::OnUnknown::kWarn, policy::OnUnknown::kPass}) {
    scene.rows_rule.on_unknown = on;
    Verdict verdict = scene.Judged();
    CheckVerdict(verdict, Decision::kPass, 0);
    CHECK(verdict.gates[0].status == GateStatus::kUnknown);
    CHECK_FALSE(verdict.gates[0].unknown_blocks);
    CHECK(verdict.summary == "nothing blocks; 1 of 2 checks passed outright");
  }
  // A weak severity says nothing about what cannot be told.
  scene.rows_rule.on_unknown = policy::OnUnknown::kBlock;
  scene.rows_rule.severity = policy::Severity::kAudit;
  CheckVerdict(scene.Judged(), Decision::kUndecided, 2);
}

TEST_CASE("a change whose reach is unknown is undecided") {
  Scene scene;
  scene.changes.unknown.push_back({"dbt_project.yml", "vars changed"});
  CheckVerdict(scene.Judged(), Decision::kUndecided, 2);
}

TEST_CASE("a gate that does not apply is skipped, with its reason, and is no pass") {
  Scene scene;
  scene.outcomes[0].not_applicable = "a view has no rows of its own";
  scene.outcomes[1].not_applicable = "no hooks";
  Verdict verdict = scene.Judged();
  CHECK(verdict.gates[0].status == GateStatus::kSkipped);
  CHECK(verdict.gates[0].why == "a view has no rows of its own");
  CheckVerdict(verdict, Decision::kPass, 0);
  CHECK(verdict.summary == "nothing to judge: 1 node changed and no gate applies");

  scene.outcomes[0].unknown = {MakeUnknown()};
  CheckVerdict(scene.Judged(), Decision::kUndecided, 2);
}

TEST_CASE("nothing changed is nothing to judge") {
  Scene scene;
  scene.changes.nodes.clear();
  Verdict verdict = scene.Judged();
  CheckVerdict(verdict, Decision::kPass, 0);
  CHECK(verdict.summary == "nothing to judge: no dbt node changed");
  CHECK(verdict.required_reviewers.empty());
}

TEST_CASE("a task without a result is unknown") {
  Scene scene;
  scene.outcomes.pop_back();
  Verdict verdict = scene.Judged();
  REQUIRE(verdict.gates.size() == 2);
  CHECK(verdict.gates[1].status == GateStatus::kUnknown);
  CHECK(verdict.gates[1].unknown.at(0).code == "no_result");
  CheckVerdict(verdict, Decision::kUndecided, 2);
}

TEST_CASE("a result that was never filled in is unknown, whoever left it") {
  Scene scene;
  plan::Plan plan = scene.MakePlan();
  JudgeInput input{&plan, {}, &scene.policy, &scene.changes, {}, scene.at};
  for (const plan::Task& task : plan.tasks) {
    GateResult result;
    result.gate = std::string(task.gate->info().id);
    result.subject = task.subject;
    input.raw.push_back(result);
  }
  CheckVerdict(Judge(input), Decision::kUndecided, 2);
}

TEST_CASE("a result beyond the plan is judged at full strength") {
  Scene scene;
  plan::Plan plan = scene.MakePlan();
  JudgeInput input{&plan, {}, &scene.policy, &scene.changes, {}, scene.at};
  for (const plan::Task& task : plan.tasks) input.raw.push_back(RawResult(task, {}));
  GateResult extra;
  extra.gate = "external";
  extra.subject = "pull request";
  extra.status = GateStatus::kPass;
  extra.findings.push_back({MakeFinding("external.rule"), "audit", "", true});
  input.raw.push_back(extra);
  Verdict verdict = Judge(input);
  CheckVerdict(verdict, Decision::kBlocked, 1);
  CHECK(verdict.gates.back().findings[0].severity == "fail");
}

TEST_CASE("a changed model that no layer took is unknown") {
  Scene scene;
  scene.Touch("model.shop.lost");
  Verdict verdict = scene.Judged({"marts"});
  CheckVerdict(verdict, Decision::kUndecided, 2);
  CHECK(verdict.gates.back().gate == "plan");
  CHECK(verdict.gates.back().subject == "model.shop.lost");
}

TEST_CASE("severity: the rule's default, held down by the gate's, overruled by the rule's own") {
  struct Case {
    const char* rule;
    policy::Severity gate;
    const char* named;  // rule_severity, or null
    const char* expected;
  };
  using policy::Severity;
  const Case cases[] = {
      {"row_count_diff.change", Severity::kFail, nullptr, "fail"},
      {"row_count_diff.slow", Severity::kFail, nullptr, "warn"},
      {"row_count_diff.note", Severity::kFail, nullptr, "audit"},
      {"row_count_diff.change", Severity::kWarn, nullptr, "warn"},
      {"row_count_diff.change", Severity::kAudit, nullptr, "audit"},
      {"row_count_diff.note", Severity::kWarn, nullptr, "audit"},
      {"row_count_diff.change", Severity::kAudit, "fail", "fail"},
      {"row_count_diff.slow", Severity::kFail, "fail", "fail"},
      {"row_count_diff.change", Severity::kFail, "warn", "warn"},
      {"row_count_diff.change", Severity::kFail, "nonsense", "fail"},
      {"row_count_diff.never_declared", Severity::kFail, nullptr, "fail"},
  };
  for (const Case& each : cases) {
    INFO(each.rule << " gate " << static_cast<int>(each.gate) << " named "
                   << (each.named ? each.named : "-"));
    Scene scene;
    scene.rows_rule.severity = each.gate;
    if (each.named) scene.rows_rule.rule_severity.Set(each.rule, each.named);
    scene.outcomes[0].findings = {MakeFinding(each.rule)};
    Verdict verdict = scene.Judged();
    CHECK(verdict.gates[0].findings[0].severity == each.expected);
    bool fails = std::string_view(each.expected) == "fail";
    CHECK(verdict.decision == (fails ? Decision::kBlocked : Decision::kPass));
  }
}

TEST_CASE("findings are sorted, and the status counts what stands") {
  Scene scene;
  scene.outcomes[0].findings = {MakeFinding("row_count_diff.slow"),
                                MakeFinding("row_count_diff.change", "b"),
                                MakeFinding("row_count_diff.change", "a")};
  Verdict verdict = scene.Judged();
  CHECK(verdict.gates[0].findings[0].finding.column == "a");
  CHECK(verdict.gates[0].why == "something is wrong (and 1 more)");
  scene.outcomes[0].findings = {MakeFinding("row_count_diff.slow")};
  verdict = scene.Judged();
  CHECK(verdict.gates[0].status == GateStatus::kWarn);
  CHECK(verdict.summary == "nothing blocks; 1 of 2 checks passed outright, with 1 warning");
  scene.outcomes[0].findings = {MakeFinding("row_count_diff.note")};
  CHECK(scene.Judged().gates[0].status == GateStatus::kPass);
}

TEST_CASE("the record carries the change set with layers") {
  Scene scene;
  scene.changes.unknown.push_back({"dbt_project.yml", "vars changed"});
  Value changes = scene.Judged().changes;
  CHECK(changes["schema_version"].AsInt() == 1);
  REQUIRE(changes["nodes"].items().size() == 1);
  CHECK(changes["nodes"].items()[0]["layer"].AsString() == "marts");
  CHECK(changes["unknown"].items()[0]["why"].AsString() == "vars changed");
}

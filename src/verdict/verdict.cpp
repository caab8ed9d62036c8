#include "verdict/verdict.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "change/write.h"
#include "verdict/bar.h"
#include "verdict/labels.h"
#include "verdict/severity.h"
#include "verdict/waivers.h"

namespace layergate::verdict {
namespace {

std::string Count(size_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

// The result of task `i`. A run that left none did not pass: it is unknown.
GateResult TakeRaw(std::vector<GateResult>& raw, size_t i, const plan::Task& task) {
  GateResult result;
  bool matches = i < raw.size() && raw[i].subject == task.subject &&
                 (!task.gate || raw[i].gate == task.gate->info().id);
  if (matches) result = std::move(raw[i]);
  if (!matches) {
    result.gate = task.gate ? std::string(task.gate->info().id) : std::string("unknown");
    result.subject = task.subject;
    result.layer = task.layer;
  }
  bool silent = result.findings.empty() && result.unknown.empty();
  if (result.status == GateStatus::kUnknown && silent) {
    result.unknown.push_back(
        {"the gate left no result", "run again; report it if it stays", {}, "no_result", {}});
  }
  return result;
}

struct Tally {
  size_t fail = 0, warn = 0, audit = 0, waived = 0;
};

// Severities and waivers of one gate's findings. Notes tell why a waiver that is there does not
// hold.
Tally JudgeFindings(GateResult& result, const plan::Task* task, WaiverBook& book,
                    std::vector<std::string>& notes) {
  const GateInfo* info = task && task->gate ? &task->gate->info() : nullptr;
  const policy::GateRule* rule = task ? task->rule : nullptr;
  std::stable_sort(
      result.findings.begin(), result.findings.end(),
      [](const JudgedFinding& a, const JudgedFinding& b) { return a.finding < b.finding; });
  Tally tally;
  for (JudgedFinding& judged : result.findings) {
    const Finding& finding = judged.finding;
    judged.severity = SeverityOf(finding.rule, rule, info);
    judged.waivable = IsWaivable(finding.rule, info);
    judged.waived_by.clear();
    if (!judged.waivable) {
      if (book.Matching(finding)) {
        notes.push_back(fmt::format("a waiver for {} on {} is ignored: this rule cannot be waived",
                                    finding.rule, finding.subject));
      }
    } else if (const policy::Waiver* waiver = book.Use(finding)) {
      judged.waived_by = Describe(*waiver);
    } else if (const policy::Waiver* near = book.NearMiss(finding)) {
      notes.push_back(fmt::format(
          "a waiver for {} on {} names {}; this finding is about {}", finding.rule, finding.subject,
          near->column.empty() ? "no column" : "column " + near->column,
          finding.column.empty() ? "the whole model" : "column " + finding.column));
    }
    size_t& counter = !judged.waived_by.empty()   ? tally.waived
                      : judged.severity == "fail" ? tally.fail
                      : judged.severity == "warn" ? tally.warn
                                                  : tally.audit;
    ++counter;
  }
  return tally;
}

// The message of the first standing finding of a severity: what the one-line summary quotes.
const std::string& FirstMessage(const GateResult& result, std::string_view severity) {
  for (const JudgedFinding& judged : result.findings) {
    if (judged.severity == severity && judged.waived_by.empty()) return judged.finding.message;
  }
  return result.findings.front().finding.message;
}

std::string AndMore(size_t n) { return n > 1 ? fmt::format(" (and {} more)", n - 1) : ""; }

// Status and the sentence for it, worst first: a failure, something unknown, a warning, a waiver.
void SetStatus(GateResult& result, const Tally& tally) {
  if (tally.fail > 0) {
    result.status = GateStatus::kFail;
    result.why = FirstMessage(result, "fail") + AndMore(tally.fail);
  } else if (!result.unknown.empty()) {
    result.status = GateStatus::kUnknown;
    result.why = "cannot tell: " + result.unknown.front().reason + AndMore(result.unknown.size());
    if (!result.unknown_blocks) result.why += "; the policy lets unknown through here";
  } else if (tally.warn > 0) {
    result.status = GateStatus::kWarn;
    result.why = FirstMessage(result, "warn") + AndMore(tally.warn);
  } else if (tally.waived > 0) {
    result.status = GateStatus::kWaived;
    result.why = Count(tally.waived, "finding", "findings") + " waived";
  } else if (result.status == GateStatus::kSkipped) {
    if (result.why.empty()) result.why = "does not apply";
  } else {
    result.status = GateStatus::kPass;
    result.why = tally.audit > 0 ? Count(tally.audit, "finding", "findings") + " recorded for audit"
                                 : "nothing found";
  }
}

GateResult JudgeGate(GateResult result, const plan::Task* task, WaiverBook& book,
                     std::vector<std::string>& notes) {
  Tally tally = JudgeFindings(result, task, book, notes);
  policy::OnUnknown on_unknown =
      task && task->rule ? task->rule->on_unknown : policy::OnUnknown::kBlock;
  result.unknown_blocks = on_unknown == policy::OnUnknown::kBlock;
  SetStatus(result, tally);
  return result;
}

// Models that changed and that no layer took: nothing was planned for them, so nothing is known.
std::vector<GateResult> Unplaced(const plan::Plan& plan) {
  std::vector<GateResult> results;
  for (const plan::PlacedChange& placed : plan.placed) {
    if (placed.layer || !placed.change || placed.change->resource_type != "model") continue;
    GateResult result;
    result.gate = "plan";
    result.subject = placed.change->unique_id;
    result.unknown.push_back({"the model is in no layer and in neither manifest",
                              "build both manifests again",
                              {},
                              "no_layer",
                              {}});
    result.why = "cannot tell: " + result.unknown.front().reason;
    results.push_back(std::move(result));
  }
  return results;
}

Decision Decide(const Verdict& verdict, const change::ChangeSet& changes) {
  bool unknown = !changes.unknown.empty();
  for (const GateResult& result : verdict.gates) {
    if (result.status == GateStatus::kFail) return Decision::kBlocked;
    unknown = unknown || (!result.unknown.empty() && result.unknown_blocks);
  }
  return unknown ? Decision::kUndecided : Decision::kPass;
}

struct Totals {
  size_t fail = 0, warn = 0, blocking = 0, passed = 0, ran = 0;
  std::set<std::string> failed_subjects, subjects;
};

Totals Total(const Verdict& verdict) {
  Totals totals;
  for (const GateResult& result : verdict.gates) {
    totals.subjects.insert(result.subject);
    totals.ran += result.status != GateStatus::kSkipped ? 1 : 0;
    totals.passed += result.status == GateStatus::kPass ? 1 : 0;
    if (!result.unknown.empty() && result.unknown_blocks) ++totals.blocking;
    for (const JudgedFinding& judged : result.findings) {
      if (!judged.waived_by.empty()) continue;
      totals.warn += judged.severity == "warn" ? 1 : 0;
      if (judged.severity != "fail") continue;
      ++totals.fail;
      totals.failed_subjects.insert(result.subject);
    }
  }
  return totals;
}

std::string Places(const std::set<std::string>& subjects) {
  bool models = std::all_of(subjects.begin(), subjects.end(), [](const std::string& subject) {
    return subject.rfind("model.", 0) == 0;
  });
  return models ? Count(subjects.size(), "model", "models")
                : Count(subjects.size(), "place", "places");
}

std::string Summarise(const Verdict& verdict, const change::ChangeSet& changes) {
  Totals totals = Total(verdict);
  size_t open = totals.blocking + changes.unknown.size();
  std::string could_not =
      open == 0 ? "" : fmt::format("{} could not be judged", Count(open, "check", "checks"));
  switch (verdict.decision) {
    case Decision::kBlocked:
      return fmt::format("{} in {} must be fixed before this can be merged{}",
                         Count(totals.fail, "finding", "findings"), Places(totals.failed_subjects),
                         could_not.empty() ? "" : "; " + could_not);
    case Decision::kUndecided:
      return fmt::format("{}, so this is not a pass", could_not);
    case Decision::kPass:
      break;
  }
  if (changes.nodes.empty() && totals.ran == 0) return "nothing to judge: no dbt node changed";
  if (totals.ran == 0) {
    return fmt::format("nothing to judge: {} changed and no gate applies",
                       Count(changes.nodes.size(), "node", "nodes"));
  }
  std::string text = totals.passed == totals.ran
                         ? fmt::format("{} on {} passed", Count(totals.ran, "check", "checks"),
                                       Count(totals.subjects.size(), "subject", "subjects"))
                         : fmt::format("nothing blocks; {} of {} passed outright", totals.passed,
                                       Count(totals.ran, "check", "checks"));
  if (totals.warn > 0) text += ", with " + Count(totals.warn, "warning", "warnings");
  return text;
}

// Gate and subject of everything that was really judged, in the waiver book's key.
std::vector<std::string> JudgedKeys(const std::vector<GateResult>& results) {
  std::vector<std::string> keys;
  for (const GateResult& result : results) {
    if (!result.unknown.empty() || result.status == GateStatus::kSkipped) continue;
    keys.push_back(result.gate + '\x1f' + result.subject);
  }
  return keys;
}

std::string UnmatchedNote(const plan::Plan& plan, const policy::Policy& policy) {
  constexpr size_t kShown = 5;
  std::string names;
  for (size_t i = 0; i < plan.unmatched.size() && i < kShown; ++i) {
    names += (i == 0 ? "" : ", ") + plan.unmatched[i];
  }
  if (plan.unmatched.size() > kShown) {
    names += fmt::format(" and {} more", plan.unmatched.size() - kShown);
  }
  return fmt::format("in no layer, so held to the bar of {}: {}", policy.unmatched_layer, names);
}

}  // namespace

std::string_view ToString(GateStatus status) {
  switch (status) {
    case GateStatus::kPass:
      return "pass";
    case GateStatus::kWarn:
      return "warn";
    case GateStatus::kFail:
      return "fail";
    case GateStatus::kSkipped:
      return "skipped";
    case GateStatus::kWaived:
      return "waived";
    case GateStatus::kUnknown:
      break;
  }
  return "unknown";
}

std::string_view ToString(Decision decision) {
  switch (decision) {
    case Decision::kPass:
      return "pass";
    case Decision::kBlocked:
      return "blocked";
    case Decision::kUndecided:
      break;
  }
  return "undecided";
}

GateResult RawResult(const plan::Task& task, Outcome outcome, long long elapsed_ms) {
  GateResult result;
  result.gate = task.gate ? std::string(task.gate->info().id) : std::string();
  result.subject = task.subject;
  result.layer = task.layer;
  result.status = outcome.not_applicable.empty() ? GateStatus::kPass : GateStatus::kSkipped;
  result.why = std::move(outcome.not_applicable);
  for (Finding& finding : outcome.findings) {
    result.findings.push_back({std::move(finding), "fail", "", true});
  }
  result.unknown = std::move(outcome.unknown);
  result.measured = std::move(outcome.measured);
  result.elapsed_ms = elapsed_ms;
  return result;
}

Verdict Judge(JudgeInput input) {
  LAYERGATE_CHECK(input.plan && input.policy && input.changes);
  Verdict verdict;
  verdict.at = input.at;
  verdict.policy_source = input.policy->source;
  verdict.policy_digest = input.policy->digest;
  verdict.provenance = std::move(input.provenance);

  // Every planned task has a result, and no result without a task goes unjudged.
  WaiverBook book(input.policy->waivers, input.at);
  const std::vector<plan::Task>& tasks = input.plan->tasks;
  for (size_t i = 0; i < tasks.size(); ++i) {
    verdict.gates.push_back(
        JudgeGate(TakeRaw(input.raw, i, tasks[i]), &tasks[i], book, verdict.notes));
  }
  for (size_t i = tasks.size(); i < input.raw.size(); ++i) {
    verdict.gates.push_back(JudgeGate(std::move(input.raw[i]), nullptr, book, verdict.notes));
  }
  for (GateResult& result : Unplaced(*input.plan)) verdict.gates.push_back(std::move(result));

  verdict.waivers_used = book.Used();
  verdict.waivers_expired = book.Expired();
  verdict.waivers_unused = book.Unused(JudgedKeys(verdict.gates));
  if (!input.plan->unmatched.empty()) {
    verdict.notes.push_back(UnmatchedNote(*input.plan, *input.policy));
  }

  verdict.decision = Decide(verdict, *input.changes);
  verdict.exit_code = verdict.decision == Decision::kPass      ? 0
                      : verdict.decision == Decision::kBlocked ? 1
                                                               : 2;
  verdict.summary = Summarise(verdict, *input.changes);

  // The people's side, from the layers that the change touches.
  bool found_anything = std::any_of(
      verdict.gates.begin(), verdict.gates.end(),
      [](const GateResult& result) { return !result.findings.empty() || !result.unknown.empty(); });
  std::vector<const policy::Layer*> touched =
      TouchedLayers(*input.plan, *input.policy, !input.changes->nodes.empty() || found_anything,
                    !input.changes->unknown.empty());
  verdict.required_reviewers = RequiredReviewers(touched, verdict.provenance.status == "llm");
  Window window = MergeWindowOf(touched);
  verdict.merge_window_name = window.name;
  verdict.merge_window_state = window.state;
  verdict.merge_window_text = window.text;
  verdict.rollback_sla_hours = RollbackHours(touched);

  Labels labels = LabelsOf(verdict, touched, *input.policy);
  verdict.labels = std::move(labels.add);
  verdict.labels_remove = std::move(labels.remove);
  std::map<std::string_view, std::string> layers;
  for (const plan::PlacedChange& placed : input.plan->placed) {
    layers[placed.change->unique_id] = placed.layer_name;
  }
  verdict.changes = change::ToValue(*input.changes, [&](std::string_view unique_id) {
    auto found = layers.find(unique_id);
    return found == layers.end() ? std::string() : found->second;
  });
  return verdict;
}

}  // namespace layergate::verdict

#include "verdict/verdict.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "change/write.h"
#include "core/text.h"
#include "verdict/approvals.h"
#include "verdict/bar.h"
#include "verdict/break_glass.h"
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

// The code of what is not wrong, but has not happened yet.
constexpr std::string_view kPending = "pending";

struct Tally {
  size_t fail = 0, warn = 0, audit = 0, waived = 0;
};

// What may let a finding through, and what it is held against.
struct Exceptions {
  WaiverBook& book;
  const policy::Policy& policy;
  std::optional<BaselineUse>& baseline;
  const std::optional<BreakGlassUse>& break_glass;
  std::vector<std::string>& notes;
};

// Why a waiver that is there does not hold.
void NoteWaivers(const JudgedFinding& judged, Exceptions& exceptions) {
  const Finding& finding = judged.finding;
  if (!judged.waivable) {
    if (!exceptions.book.Matching(finding)) return;
    exceptions.notes.push_back(
        fmt::format("a waiver for {} on {} is ignored: this rule cannot be waived", finding.rule,
                    finding.subject));
  } else if (const policy::Waiver* near = exceptions.book.NearMiss(finding)) {
    exceptions.notes.push_back(
        fmt::format("a waiver for {} on {} names {}; this finding is about {}", finding.rule,
                    finding.subject, near->column.empty() ? "no column" : "column " + near->column,
                    finding.column.empty() ? "the whole model" : "column " + finding.column));
  }
}

// Who lets the finding through; empty: nobody.
std::string LetThroughBy(const JudgedFinding& judged, Exceptions& exceptions) {
  if (!judged.waivable) return {};
  if (const policy::Waiver* waiver = exceptions.book.Use(judged.finding)) return Describe(*waiver);
  if (std::optional<BaselineUse>& baseline = exceptions.baseline; baseline && baseline->holds) {
    if (exceptions.policy.baseline->fingerprints.count(Fingerprint(judged.finding)) > 0) {
      ++baseline->met;
      return fmt::format("baseline until {}: known before", baseline->expires);
    }
  }
  bool in_need = exceptions.break_glass && exceptions.break_glass->holds;
  if (in_need && judged.severity == "fail") return Describe(*exceptions.break_glass);
  return {};
}

// Severities and exceptions of one gate's findings.
Tally JudgeFindings(GateResult& result, const plan::Task* task, Exceptions& exceptions) {
  const GateInfo* info = task && task->gate ? &task->gate->info() : nullptr;
  const policy::GateRule* rule = task ? task->rule : nullptr;
  std::stable_sort(
      result.findings.begin(), result.findings.end(),
      [](const JudgedFinding& a, const JudgedFinding& b) { return a.finding < b.finding; });
  Tally tally;
  for (JudgedFinding& judged : result.findings) {
    const Finding& finding = judged.finding;
    judged.severity = SeverityOf(finding.rule, rule, info, finding.column);
    judged.waivable = IsWaivable(finding.rule, info) && exceptions.policy.IsWaivable(finding.rule);
    judged.waived_by = LetThroughBy(judged, exceptions);
    if (judged.waived_by.empty()) NoteWaivers(judged, exceptions);
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
    bool waits = result.unknown.front().code == kPending;
    result.why = (waits ? "waits: " : "cannot tell: ") + result.unknown.front().reason +
                 AndMore(result.unknown.size());
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

// False for gates such as policy_integrity, against which nothing helps.
bool HasWaivableRule(const plan::Task* task) {
  if (!task || !task->gate) return true;
  const std::vector<RuleInfo>& rules = task->gate->info().rules;
  return rules.empty() || std::any_of(rules.begin(), rules.end(),
                                      [](const RuleInfo& rule) { return rule.waivable; });
}

GateResult JudgeGate(GateResult result, const plan::Task* task, Exceptions& exceptions) {
  Tally tally = JudgeFindings(result, task, exceptions);
  policy::OnUnknown on_unknown =
      task && task->rule ? task->rule->on_unknown : policy::OnUnknown::kBlock;
  bool in_need = exceptions.break_glass && exceptions.break_glass->holds &&
                 exceptions.policy.IsWaivable(result.gate) && HasWaivableRule(task);
  result.unknown_blocks = on_unknown == policy::OnUnknown::kBlock && !in_need;
  SetStatus(result, tally);
  return result;
}

constexpr std::string_view kUpkeep = "policy_integrity";

bool Declares(const plan::Task& task, std::string_view rule) {
  const std::vector<RuleInfo>& rules = task.gate->info().rules;
  return std::any_of(rules.begin(), rules.end(),
                     [&](const RuleInfo& info) { return info.code == rule; });
}

void AddUpkeep(GateResult& result, const plan::Task& task, Finding finding) {
  if (!Declares(task, finding.rule)) return;
  // Without git the gate has nothing else to look at, but this it can tell.
  if (result.status == GateStatus::kSkipped) result.why.clear();
  result.findings.push_back({std::move(finding), "fail", "", true});
}

Finding AboutWaiver(const policy::Waiver& waiver, std::string_view rule, std::string what,
                    std::string fix) {
  Finding finding;
  finding.rule = rule;
  finding.subject = waiver.subject;
  finding.column = waiver.column;
  finding.message = fmt::format("the waiver of {} for {} {}", waiver.rule, waiver.subject, what);
  finding.location = Location{waiver.origin.file, waiver.origin.line, waiver.origin.column};
  finding.evidence.Set("waived_rule", waiver.rule);
  finding.evidence.Set("owner", waiver.owner);
  finding.fix = std::move(fix);
  return finding;
}

// What is known about the policy's own state only once everything else is judged: waivers that are
// over or of no use, and a pull request that would merge itself. Told under policy_integrity.
void AddUpkeepFindings(GateResult& result, const plan::Task& task, const Verdict& verdict,
                       const Reviews* reviews) {
  for (const policy::Waiver& waiver : verdict.waivers_expired) {
    AddUpkeep(result, task,
              AboutWaiver(waiver, "policy_integrity.waiver_expired",
                          "ended on " + waiver.expires + " and still stands in the policy",
                          "take it out, or renew it with a new reason"));
  }
  for (const policy::Waiver& waiver : verdict.waivers_unused) {
    AddUpkeep(result, task,
              AboutWaiver(waiver, "policy_integrity.waiver_unused",
                          "lets nothing through: the gate ran and did not find it",
                          "take it out of the policy"));
  }
  if (!reviews || !reviews->auto_merge.value_or(false)) return;
  Finding finding;
  finding.rule = "policy_integrity.auto_merge";
  finding.subject = "pull request";
  finding.message = "auto-merge is switched on: it would be merged without a person's last look";
  finding.fix = "switch auto-merge off; a person merges";
  AddUpkeep(result, task, std::move(finding));
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

// How many results block only because the merge waits.
size_t OnlyWaits(const Verdict& verdict) {
  return static_cast<size_t>(std::count_if(
      verdict.gates.begin(), verdict.gates.end(),
      [](const GateResult& result) { return result.gate == "merge" && !result.unknown.empty(); }));
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
      if (open == OnlyWaits(verdict)) {
        return fmt::format("nothing blocks; it waits for people or time: {}",
                           verdict.pending.front() + AndMore(verdict.pending.size()));
      }
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

std::optional<BaselineUse> BaselineOf(const policy::Policy& policy, const std::string& at) {
  if (!policy.baseline) return std::nullopt;
  BaselineUse use;
  use.path = policy.baseline->path;
  use.expires = policy.baseline->expires;
  use.holds = StillHolds(use.expires, at);
  use.known = policy.baseline->fingerprints.size();
  return use;
}

void NoteExceptions(Verdict& verdict) {
  if (verdict.baseline && !verdict.baseline->holds) {
    verdict.notes.push_back(fmt::format("the baseline {} ended on {}: what it knew counts again",
                                        verdict.baseline->path, verdict.baseline->expires));
  }
  if (!verdict.break_glass) return;
  const BreakGlassUse& use = *verdict.break_glass;
  verdict.notes.push_back(use.holds
                              ? Describe(use)
                              : fmt::format("the label {} does not count: {}", use.label, use.why));
}

std::string ApprovalText(const RequiredReviewer& need) {
  std::string role = need.role == "any-peer" ? "peer" : need.role;
  std::replace(role.begin(), role.end(), '-', ' ');
  if (need.role.substr(0, 7) == "one of ") role = need.role;
  return fmt::format("{} by {}{} ({}): {}",
                     Count(static_cast<size_t>(need.count), "approval", "approvals"), role,
                     need.people.empty() || need.role.substr(0, 7) == "one of "
                         ? ""
                         : " (" + Join(need.people, ", ") + ")",
                     Join(need.because, ", "), need.why);
}

// Who must approve and when it may be merged, and what of it is still open.
void AskPeople(const JudgeInput& input, const PeopleFacts& people,
               const std::vector<const policy::Layer*>& touched, Verdict& verdict) {
  verdict.required_reviewers =
      RequiredReviewers(touched, verdict.provenance.status == "llm", *people.people);
  if (input.code_owners && input.policy->code_owners) {
    for (const std::string& warning : input.code_owners->warnings()) {
      verdict.notes.push_back(warning);
    }
    for (RequiredReviewer& need : OwnersNeeded(*input.code_owners, input.changed_paths)) {
      verdict.required_reviewers.push_back(std::move(need));
    }
  }
  if (input.policy->code_owners) {
    for (const RequiredReviewer& need : input.owners_needed) {
      verdict.required_reviewers.push_back(need);
    }
  }
  CountApprovals(people, verdict.required_reviewers);
  Window window = MergeWindowOf(touched, input.policy->freezes, input.at);
  verdict.merge_window_name = window.name;
  verdict.merge_window_state = window.state;
  verdict.merge_window_text = window.text;
  verdict.merge_window_changes_at = window.changes_at;
  verdict.rollback_sla_hours = RollbackHours(touched);
  if (verdict.break_glass && verdict.break_glass->holds) return;
  for (const RequiredReviewer& need : verdict.required_reviewers) {
    if (need.state != "met") verdict.pending.push_back(ApprovalText(need));
  }
  for (const std::string& person : AskedForChanges(people)) {
    verdict.pending.push_back(fmt::format("{} asked for changes", person));
  }
  if (window.state == "closed") {
    verdict.pending.push_back(window.closed_until.empty()
                                  ? "the merge window is closed for more than a year"
                                  : "the merge window is closed until " + window.closed_until);
  } else if (window.state != "open") {
    verdict.pending.push_back(
        "whether the merge window is open is not known: the clock (--at) "
        "cannot be read");
  }
}

// What a pull request waits for, as a result of its own where the policy makes it count.
GateResult Waiting(const std::vector<std::string>& pending) {
  GateResult result;
  result.gate = "merge";
  result.subject = "pull request";
  for (const std::string& what : pending) {
    result.unknown.push_back(
        {what, "wait for it, then judge again", {}, std::string(kPending), {}});
  }
  SetStatus(result, {});
  return result;
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

  PeopleFacts people{&input.policy->people, input.reviews, input.head_commit};
  verdict.break_glass = FindBreakGlass(*input.policy, people, input.labels, input.at);
  verdict.baseline = BaselineOf(*input.policy, input.at);
  NoteExceptions(verdict);

  // Every planned task has a result, and no result without a task goes unjudged.
  WaiverBook book(input.policy->waivers, input.at);
  Exceptions exceptions{book, *input.policy, verdict.baseline, verdict.break_glass, verdict.notes};
  const std::vector<plan::Task>& tasks = input.plan->tasks;
  std::optional<size_t> upkeep;
  for (size_t i = 0; i < tasks.size(); ++i) {
    GateResult raw = TakeRaw(input.raw, i, tasks[i]);
    if (raw.gate == kUpkeep && tasks[i].gate) {
      upkeep = i;
      verdict.gates.push_back(std::move(raw));
    } else {
      verdict.gates.push_back(JudgeGate(std::move(raw), &tasks[i], exceptions));
    }
  }
  for (size_t i = tasks.size(); i < input.raw.size(); ++i) {
    verdict.gates.push_back(JudgeGate(std::move(input.raw[i]), nullptr, exceptions));
  }
  for (GateResult& result : Unplaced(*input.plan)) verdict.gates.push_back(std::move(result));

  verdict.waivers_used = book.Used();
  verdict.waivers_expired = book.Expired();
  verdict.waivers_unused = book.Unused(JudgedKeys(verdict.gates));
  if (upkeep) {
    GateResult& result = verdict.gates[*upkeep];
    AddUpkeepFindings(result, tasks[*upkeep], verdict, input.reviews);
    result = JudgeGate(std::move(result), &tasks[*upkeep], exceptions);
  }
  if (!input.plan->unmatched.empty()) {
    verdict.notes.push_back(UnmatchedNote(*input.plan, *input.policy));
  }

  // The people's side, from the layers that the change touches.
  bool found_anything = std::any_of(
      verdict.gates.begin(), verdict.gates.end(),
      [](const GateResult& result) { return !result.findings.empty() || !result.unknown.empty(); });
  std::vector<const policy::Layer*> touched =
      TouchedLayers(*input.plan, *input.policy, !input.changes->nodes.empty() || found_anything,
                    !input.changes->unknown.empty());
  AskPeople(input, people, touched, verdict);
  if (input.policy->pending_blocks && !verdict.pending.empty()) {
    verdict.gates.push_back(Waiting(verdict.pending));
  }

  verdict.decision = Decide(verdict, *input.changes);
  verdict.exit_code = verdict.decision == Decision::kPass      ? 0
                      : verdict.decision == Decision::kBlocked ? 1
                                                               : 2;
  verdict.summary = Summarise(verdict, *input.changes);

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

// From what the gates found to what is said: severities from the policy, waivers applied, one
// verdict, labels, and who must approve, when.
//
// The rule that no path may break: anything unknown that the policy does not explicitly let through
// makes the verdict at best "undecided". A pure function of its arguments; the clock is one of
// them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/finding.h"
#include "core/value.h"
#include "gate/gate.h"
#include "git/provenance.h"
#include "plan/plan.h"
#include "policy/codeowners.h"
#include "policy/policy.h"
#include "verdict/reviews.h"

namespace layergate::verdict {

enum class GateStatus { kPass, kWarn, kFail, kUnknown, kSkipped, kWaived };
std::string_view ToString(GateStatus status);

struct JudgedFinding {
  Finding finding;
  std::string severity;   // "fail", "warn", "audit"
  std::string waived_by;  // "owner until 2026-12-31: reason"; empty when it stands
  bool waivable = true;   // false: no waiver can let it through
};

struct GateResult {
  std::string gate, subject, layer;
  GateStatus status = GateStatus::kUnknown;
  std::string why;  // one sentence
  std::vector<JudgedFinding> findings;
  std::vector<Unknown> unknown;
  bool unknown_blocks = true;  // what the policy makes of the unknowns
  Value measured;
  long long elapsed_ms = 0;
};

enum class Decision { kPass, kBlocked, kUndecided };
std::string_view ToString(Decision decision);

struct RequiredReviewer {
  std::string role;  // "any-peer", "senior-data-engineer", "data-pm"
  int count = 1;
  std::vector<std::string> because;  // layers that ask for it, or paths that are owned
  std::string state = "pending";     // "met" once enough valid approvals are known
  std::vector<std::string> people;   // who may give it: logins and teams; empty: anybody else
  std::vector<std::string> approved_by;
  std::string why;  // why it is pending, one sentence
};

// An emergency: a label that lets a blocked pull request through for a while. Recorded whether it
// holds or not.
struct BreakGlassUse {
  std::string label;
  bool holds = false;
  std::string by, at, until, reason;
  std::string why;  // why it does not hold; empty when it does
};

struct BaselineUse {
  std::string path, expires;
  bool holds = false;
  size_t known = 0, met = 0;  // entries, and findings of this change that they cover
};

struct Side {
  std::string revision, commit, tree;  // empty with --no-git
  std::string manifest_path, manifest_digest, dbt_version, generated_at, invocation_id;
};

// The complete record: every report format is rendered from this and nothing else.
struct Verdict {
  std::string tool_version;
  Side base, head;
  std::string policy_source, policy_digest;
  std::string at;  // the clock, RFC 3339 UTC
  Decision decision = Decision::kUndecided;
  int exit_code = 2;
  std::string summary;              // one sentence
  std::vector<GateResult> gates;    // in plan order
  std::vector<std::string> labels;  // sorted; labels_remove: ours that no longer hold
  std::vector<std::string> labels_remove;
  std::vector<RequiredReviewer> required_reviewers;
  std::string merge_window_name, merge_window_state, merge_window_text;
  std::string merge_window_changes_at;  // RFC 3339: when it opens or closes next; may be empty
  std::vector<std::string> pending;     // what the merge still waits for: people and time
  int rollback_sla_hours = 0;           // 0: none asked
  std::optional<BreakGlassUse> break_glass;
  std::optional<BaselineUse> baseline;
  std::vector<policy::Waiver> waivers_used, waivers_expired, waivers_unused;
  git::Provenance provenance;
  Value evidence;  // which artifacts and connections were there
  Value changes;   // the change set as `layergate changes --format json` gives it
  std::vector<std::string>
      notes;  // things a reader should know: "policy: shipped default (no policy in base)"
  Value timings;
};

// What one run of a gate becomes before it is judged: its facts, and a status that says only that
// it ran (kPass) or did not apply (kSkipped, `why` tells). A result that was never filled in keeps
// kUnknown, and is judged as unknown: "nothing found" and "never ran" must not look the same.
GateResult RawResult(const plan::Task& task, Outcome outcome, long long elapsed_ms = 0);

struct JudgeInput {
  const plan::Plan* plan = nullptr;
  std::vector<GateResult> raw;  // one per task, in the plan's order, made by RawResult
  const policy::Policy* policy = nullptr;
  const change::ChangeSet* changes = nullptr;
  git::Provenance provenance;
  std::string at;  // RFC 3339 UTC
  // The people's side; all may be absent, and what is absent is pending.
  const Reviews* reviews = nullptr;
  const policy::CodeOwners* code_owners = nullptr;  // of the base commit
  std::string head_commit;
  std::vector<std::string> changed_paths;
  std::vector<std::string> labels;              // that the pull request carries
  std::vector<RequiredReviewer> owners_needed;  // instead of code_owners: a saved record has these
};

// Fills in everything that follows from the gates and the policy, `changes` included. Side,
// evidence, tool_version and timings are the caller's; notes are shared: append, do not assign.
Verdict Judge(JudgeInput input);

// Labels this tool may set: the fixed vocabulary, for adding and removing only our own.
bool IsOurLabel(std::string_view label);

}  // namespace layergate::verdict

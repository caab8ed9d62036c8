// The table of contents of the program: each step is one call under one sentence. The steps live in
// the folders they are named after, their wiring in check/; this file only hands values from one to
// the next.
#include "check.h"

#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "change/write.h"
#include "check/artifacts.h"
#include "check/changes.h"
#include "check/commits.h"
#include "check/databases.h"
#include "check/external_gates.h"
#include "check/record.h"
#include "check/rules.h"
#include "check/run.h"
#include "lineage/project_lineage.h"
#include "plan/plan.h"

namespace layergate {

std::vector<policy::KnownGate> KnownGates(const GateRegistry& gates) {
  std::vector<policy::KnownGate> known;
  for (const auto& gate : gates.gates()) {
    const GateInfo& info = gate->info();
    policy::KnownGate entry;
    entry.id = info.id;
    entry.about_pull_request = info.subject == SubjectKind::kPullRequest;
    for (const RuleInfo& rule : info.rules) {
      entry.rules.emplace_back(rule.code);
      if (!rule.waivable) entry.not_waivable.emplace_back(rule.code);
    }
    for (const OptionInfo& option : info.options) {
      entry.options.push_back({std::string(option.name), std::string(option.type)});
    }
    known.push_back(std::move(entry));
  }
  return known;
}

Result<verdict::Verdict> Check(const CheckRequest& request, const GateRegistry& built_in) {
  // Which two commits are compared, what files differ between them, and which tools say they wrote
  // them.
  LAYERGATE_TRY(check::Commits commits, check::ReadCommits(request));

  // What must be true, as the base commit says.
  LAYERGATE_TRY(policy::Policy policy, check::ReadPolicy(request, commits, KnownGates(built_in)));
  LAYERGATE_TRY(check::ExternalGates external,
                check::PrepareExternalGates(request, commits, policy));
  GateRegistry gates = built_in.With(std::move(external.gates));
  for (const std::string& id : request.only) {
    if (!gates.Find(id))
      return MakeError(fmt::format("--only: there is no gate `{}`", id),
                       "`layergate rules` lists them");
  }

  // The project on both sides, as dbt wrote it down.
  LAYERGATE_TRY(check::Artifacts artifacts, check::ReadArtifacts(request, commits, policy));

  // Which nodes changed and how, and whether the manifests belong to the commits.
  LAYERGATE_TRY(change::ChangeSet changes, check::FindChanges(request, artifacts, commits));
  Result<void> fresh = check::CheckFreshness(commits, artifacts, policy, changes);
  if (!fresh) return fresh.error();

  // Which gate runs on which node, by layer.
  plan::Plan plan =
      plan::MakePlan(changes, *artifacts.base, *artifacts.head, policy, gates, request.only);

  // Where the gates look: lineage of both sides on demand, and the databases, when there are any.
  LAYERGATE_TRY(check::Pools pools, check::MakePools(request, commits));
  std::stop_callback cancel(request.stop, [&pools] { pools.CancelAll(); });
  auto catalog = [](const std::optional<dbt::Catalog>& c) { return c ? &*c : nullptr; };
  lineage::ProjectLineage base_lineage(*artifacts.base, catalog(artifacts.base_catalog),
                                       check::DialectOf(*artifacts.base));
  lineage::ProjectLineage head_lineage(*artifacts.head, catalog(artifacts.head_catalog),
                                       check::DialectOf(*artifacts.head));
  PullRequestFacts facts = check::FactsOf(commits);
  std::vector<std::pair<std::string, std::string>> layer_of;
  for (const plan::PlacedChange& placed : plan.placed) {
    layer_of.emplace_back(placed.change->unique_id, placed.layer_name);
  }

  // The gates look, each on its own; whatever breaks inside one is that gate's "unknown".
  GateContext::Inputs inputs;
  inputs.changes = &changes;
  inputs.base = artifacts.base.get();
  inputs.head = artifacts.head.get();
  inputs.base_catalog = catalog(artifacts.base_catalog);
  inputs.head_catalog = catalog(artifacts.head_catalog);
  inputs.run_results = artifacts.run_results ? &*artifacts.run_results : nullptr;
  inputs.source_freshness = artifacts.sources ? &*artifacts.sources : nullptr;
  inputs.base_lineage = &base_lineage;
  inputs.head_lineage = &head_lineage;
  inputs.base_pool = pools.base.get();
  inputs.head_pool = pools.head.get();
  inputs.no_connection_reason = pools.none_because;
  inputs.pii = &policy.pii;
  inputs.pull_request = commits.repository ? &facts : nullptr;
  inputs.layer_of = &layer_of;
  std::vector<verdict::GateResult> results = check::RunPlan(request, plan, policy, inputs);

  // Who must approve, and what the provider says about it.
  LAYERGATE_TRY(std::optional<policy::CodeOwners> owners, check::ReadCodeOwners(commits));
  LAYERGATE_TRY(std::optional<verdict::Reviews> reviews, check::ReadReviews(request));

  // What the policy makes of it all.
  verdict::JudgeInput judge;
  judge.plan = &plan;
  judge.raw = std::move(results);
  judge.policy = &policy;
  judge.changes = &changes;
  judge.provenance = commits.provenance;
  judge.at = request.at;
  judge.reviews = reviews ? &*reviews : nullptr;
  judge.code_owners = owners ? &*owners : nullptr;
  judge.head_commit = commits.head.id;
  judge.changed_paths = facts.changed_paths;
  judge.labels = request.pull_request_labels;
  verdict::Verdict verdict = verdict::Judge(std::move(judge));

  // The record: what was judged, with which evidence.
  Result<void> written = check::WriteRecord(request, commits, artifacts, pools, policy, verdict);
  if (!written) return written.error();
  verdict.changes = change::ToValue(changes, [&](std::string_view id) -> std::string {
    for (const auto& [node, layer] : layer_of) {
      if (node == id) return layer;
    }
    return {};
  });
  return verdict;
}

}  // namespace layergate

#include "cli/doctor_command.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "check/artifacts.h"
#include "check/changes.h"
#include "check/commits.h"
#include "check/databases.h"
#include "check/rules.h"
#include "cli/check_command.h"
#include "core/text.h"
#include "core/version.h"

namespace layergate::cli {
namespace {

// What was found, a line a step. A step that fails does not keep the others from being looked at.
class Findings {
 public:
  void Good(std::string_view step, const std::string& text) { Line("ok", step, text); }
  void Missing(std::string_view step, const std::string& text, const std::string& remedy) {
    Line("--", step, text);
    if (!remedy.empty()) Line("", "", remedy);
    ++missing_;
  }
  void Missing(std::string_view step, const Error& error) {
    Missing(step, error.message, error.remedy);
  }
  int missing() const { return missing_; }

 private:
  static void Line(std::string_view mark, std::string_view step, const std::string& text) {
    fmt::print("{:<3} {:<12} {}\n", mark, step, Printable(text));
  }
  int missing_ = 0;
};

void ShowCommits(const CheckRequest& request, const check::Commits& commits, Findings& findings) {
  if (request.no_git) return findings.Good("git", "not used (--no-git)");
  findings.Good("git", fmt::format("{}: base {}, head {} ({}); {} files differ", commits.root(),
                                   commits.base.id.substr(0, 12), commits.head.id.substr(0, 12),
                                   commits.how, commits.files.size()));
  if (commits.repository->is_shallow()) {
    findings.Good("", "the clone is shallow: trailers before its edge are not read");
  }
  Result<std::vector<std::string>> notes = commits.repository->References("refs/notes/ai");
  if (notes && notes->empty()) {
    findings.Good("",
                  "no notes of assistants here; where they are used: git fetch origin "
                  "refs/notes/ai:refs/notes/ai");
  }
}

std::string Describe(const dbt::Project& project) {
  const dbt::ProjectMetadata& metadata = project.metadata();
  return fmt::format("{} (dbt {}, {}, of {})", metadata.path, metadata.dbt_version,
                     metadata.adapter_type, metadata.generated_at);
}

void ShowArtifacts(const CheckRequest& request, const check::Commits& commits,
                   const policy::Policy& policy, const check::Artifacts& artifacts,
                   Findings& findings) {
  findings.Good("base", Describe(*artifacts.base));
  if (artifacts.offline) {
    findings.Good(
        "head", fmt::format("no manifest of the head commit: {} models rendered without "
                            "dbt, {} parts that cannot be told",
                            artifacts.offline->rendered.size(), artifacts.offline->unknown.size()));
  } else {
    findings.Good("head", Describe(*artifacts.head));
  }
  Result<change::ChangeSet> changes = check::FindChanges(request, artifacts, commits);
  if (!changes) return findings.Missing("changes", changes.error());
  size_t before = changes->unknown.size();
  Result<void> fresh = check::CheckFreshness(commits, artifacts, policy, *changes);
  if (!fresh) return findings.Missing("changes", fresh.error());
  if (changes->unknown.size() > before) {
    findings.Missing(
        "changes",
        fmt::format("{}: {}", changes->unknown[before].path, changes->unknown[before].why),
        "until the manifests belong to the commits the verdict is undecided");
  } else {
    findings.Good("changes", fmt::format("{} nodes changed, {} changes whose reach cannot be told",
                                         changes->nodes.size(), changes->unknown.size()));
  }
}

void Reach(warehouse::Pool& pool, Findings& findings) {
  warehouse::Answer answer = pool.Run("select 1", std::chrono::seconds(10));
  if (answer) return findings.Good("database", pool.target().name);
  findings.Missing("database", answer.failure.message,
                   "check that it can be reached: its server and port or its file, and its login");
}

// The gates that the policy asks for anywhere.
std::set<std::string> Asked(const policy::Policy& policy) {
  std::set<std::string> gates;
  for (const policy::Layer& layer : policy.layers) {
    for (const policy::GateRule& rule : layer.gates) gates.insert(rule.gate);
  }
  for (const policy::GateRule& rule : policy.pull_request_gates) gates.insert(rule.gate);
  return gates;
}

// Which of them will say "cannot tell" for want of `evidence`.
void ShowWant(const policy::Policy& policy, const GateRegistry& gates, Evidence evidence,
              const std::string& why, const std::string& remedy, Findings& findings) {
  std::vector<std::string> want;
  for (const std::string& id : Asked(policy)) {
    const Gate* gate = gates.Find(id);
    if (!gate) continue;
    const std::vector<Evidence>& needs = gate->info().needs;
    if (std::find(needs.begin(), needs.end(), evidence) != needs.end()) want.push_back(id);
  }
  if (want.empty()) return;
  findings.Missing(ToString(evidence), fmt::format("{}: {} cannot judge", why, Join(want, ", ")),
                   remedy);
}

void ShowDatabases(const CheckRequest& request, const check::Commits& commits,
                   const policy::Policy* policy, const GateRegistry& gates, Findings& findings) {
  Result<check::Pools> pools = check::MakePools(request, commits);
  if (!pools) return findings.Missing("database", pools.error());
  if (pools->base) {
    Reach(*pools->base, findings);
    Reach(*pools->head, findings);
  } else if (policy) {
    ShowWant(
        *policy, gates, Evidence::kWarehouse, "no connection was given",
        "set LAYERGATE_BASE_URL and LAYERGATE_HEAD_URL, or give --target-base and --target-head",
        findings);
  }
}

}  // namespace

int RunDoctor(CheckRequest request, const GateRegistry& gates) {
  Result<void> filled = FillFromEnvironment(request);
  Findings findings;
  findings.Good("layergate", std::string(Version()));
  if (!filled) findings.Missing("environment", filled.error());
  Result<check::Commits> commits = check::ReadCommits(request);
  if (!commits) {
    // Everything else is read from the commits.
    findings.Missing("git", commits.error());
    return 2;
  }
  ShowCommits(request, *commits, findings);
  Result<policy::Policy> policy = check::ReadPolicy(request, *commits, KnownGates(gates));
  if (policy) {
    findings.Good("policy", policy->source);
    Result<check::Artifacts> artifacts = check::ReadArtifacts(request, *commits, *policy);
    if (artifacts) {
      ShowArtifacts(request, *commits, *policy, *artifacts, findings);
    } else {
      findings.Missing("manifests", artifacts.error());
    }
    if (request.run_results.empty()) {
      ShowWant(*policy, gates, Evidence::kRunResults, "none",
               "give the run_results.json of `dbt build` with --run-results", findings);
    }
  } else {
    findings.Missing("policy", policy.error());
  }
  ShowDatabases(request, *commits, policy ? &*policy : nullptr, gates, findings);
  fmt::print("\n{}\n", findings.missing() == 0
                           ? "`layergate check` has all it needs."
                           : fmt::format("{} missing: what needs it will be \"could not judge\".",
                                         findings.missing()));
  return findings.missing() == 0 ? 0 : 2;
}

}  // namespace layergate::cli

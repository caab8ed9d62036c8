// The pull request is judged by the base's policy, so changing the policy can't help it today. It
// can help the next one: every change to what guards the repository is shown, and none of it may
// ride along with a change to models.
#include "gate/gate.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"
#include "policy/policy.h"

namespace layergate {
namespace {

const GateInfo kInfo{
    .id = "policy_integrity",
    .title = "Policy integrity",
    .summary = "What guards the repository is not changed unseen",
    .subject = SubjectKind::kPullRequest,
    .resource_types = {},
    .needs = {Evidence::kGit},
    .uses = {},
    .rules =
        {
            {"policy_integrity.policy_with_models",
             "the policy is changed together with what it judges", "fail", false},
            {"policy_integrity.policy_changed", "the policy or its waivers change", "warn", false},
            {"policy_integrity.reviewers_changed", "who must review changes", "warn", false},
            {"policy_integrity.ci_changed", "the CI's own configuration changes", "warn", false},
            {"policy_integrity.hooks_changed", "the configuration of git hooks changes", "warn",
             false},
            {"policy_integrity.connection_changed", "connection settings in the repository change",
             "warn", false},
            {"policy_integrity.packages_changed",
             "other packages are installed, or other versions: their macros run in every model",
             "warn", false},
            {"policy_integrity.protected_changed", "a path that the policy protects changes",
             "warn", false},
            // Known only once all gates have answered: the verdict reports these.
            {"policy_integrity.waiver_expired", "a waiver that is over stands in the policy",
             "warn", false},
            {"policy_integrity.waiver_unused", "a waiver lets nothing through", "warn", false},
            {"policy_integrity.auto_merge", "the pull request is set to merge itself", "fail",
             false},
        },
    .options =
        {
            {"protected_paths", "list", "[]",
             "globs of further paths whose change is reported, such as files named by extends:"},
        },
};

struct Guard {
  std::string_view rule, what;
  std::vector<std::string_view> globs;  // over the path, at the root and in the dbt project
};

const std::vector<Guard>& Guards() {
  static const std::vector<Guard> guards = {
      {"policy_changed",
       "the policy",
       {".layergate.yml", ".layergate.yaml", ".layergate/**", "**/.layergate.yml",
        "**/.layergate.yaml", "**/.layergate/**"}},
      {"reviewers_changed",
       "who must review",
       {"CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS", "docs/CODEOWNERS"}},
      {"ci_changed",
       "the CI's configuration",
       {".github/workflows/**", ".github/actions/**", ".gitlab-ci.yml", ".gitlab/ci/**",
        "**/*.gitlab-ci.yml", "azure-pipelines.yml", ".circleci/**", "bitbucket-pipelines.yml",
        "Jenkinsfile"}},
      {"hooks_changed",
       "the git hooks",
       {".pre-commit-config.yaml", ".githooks/**", ".husky/**", "lefthook.yml", ".lefthook.yml"}},
      {"connection_changed", "a connection profile", {"profiles.yml", "**/profiles.yml"}},
      {"packages_changed",
       "which packages are installed",
       {"packages.yml", "**/packages.yml", "dependencies.yml", "**/dependencies.yml",
        "package-lock.yml", "**/package-lock.yml"}},
  };
  return guards;
}

bool MatchesAny(const std::vector<std::string_view>& globs, std::string_view path) {
  return std::any_of(globs.begin(), globs.end(),
                     [&](std::string_view glob) { return MatchesGlob(glob, path); });
}

class Integrity {
 public:
  explicit Integrity(GateContext& context)
      : context_(context), paths_(context.pull_request()->changed_paths) {}

  void Judge() {
    for (const Guard& guard : Guards()) {
      for (const std::string& path : paths_) {
        if (MatchesAny(guard.globs, path)) Report(guard.rule, guard.what, path);
      }
    }
    for (const Value& glob : context_.Option("protected_paths").items()) {
      for (const std::string& path : paths_) {
        if (MatchesGlob(glob.AsString(), path)) {
          Report("protected_changed", fmt::format("a path protected by `{}`", glob.AsString()),
                 path);
        }
      }
    }
  }

 private:
  void Report(std::string_view rule, std::string_view what, const std::string& path) {
    bool policy = rule == "policy_changed";
    std::vector<std::string> others = policy ? Models() : std::vector<std::string>();
    Finding finding;
    finding.rule = fmt::format("policy_integrity.{}",
                               others.empty() ? std::string(rule) : "policy_with_models");
    finding.subject = path;
    finding.location = Location{path, 0, 0};
    finding.message = fmt::format("{} changes {}", path, what);
    finding.fix = "let somebody who answers for the gate approve it";
    if (policy) {
      finding.message += "; this pull request is judged by the base's policy";
    }
    if (!others.empty()) {
      finding.message = fmt::format("{} changes {} together with {} {} that it judges", path, what,
                                    others.size(), others.size() == 1 ? "node" : "nodes");
      finding.impact = std::move(others);
      finding.fix =
          "put the change of the policy into a pull request of its own, and merge it first";
    }
    context_.Report(std::move(finding));
  }

  std::vector<std::string> Models() const {
    std::vector<std::string> ids;
    for (const change::NodeChange& node : context_.changes().nodes) ids.push_back(node.unique_id);
    return ids;
  }

  GateContext& context_;
  const std::vector<std::string>& paths_;
};

class PolicyIntegrity final : public Gate {
 public:
  const GateInfo& info() const override { return kInfo; }

  void Run(GateContext& context) const override {
    if (!context.pull_request()) {
      return context.NotApplicable("two manifests alone: there are no commits to look at");
    }
    Integrity(context).Judge();
  }
};

}  // namespace

std::unique_ptr<Gate> Make_policy_integrity() { return std::make_unique<PolicyIntegrity>(); }

}  // namespace layergate

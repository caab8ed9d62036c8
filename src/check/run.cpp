#include "check/run.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "dbt/project.h"
#include "gate/runner.h"

namespace layergate::check {
namespace {

// Evidence that the policy requires for a gate's answer and that is not there.
void RequireEvidence(const policy::GateRule& rule, const GateContext::Inputs& inputs,
                     RunnerResult& ran) {
  const dbt::Node* head =
      inputs.change && inputs.head ? inputs.head->Find(inputs.change->unique_id) : nullptr;
  const std::pair<std::string_view, bool> there[] = {
      {"base_catalog", inputs.base_catalog != nullptr},
      {"head_catalog", inputs.head_catalog != nullptr},
      {"run_results", inputs.run_results != nullptr},
      {"warehouse", inputs.base_pool != nullptr && inputs.head_pool != nullptr},
      {"git", inputs.pull_request != nullptr},
      {"compiled_sql", !head || head->compiled_code.has_value()},
  };
  for (const auto& [name, is_there] : there) {
    const auto& required = rule.require;
    if (is_there || std::find(required.begin(), required.end(), name) == required.end()) continue;
    ran.outcome.unknown.push_back(
        {fmt::format("the policy requires {} for {}, and there is none", name, rule.gate),
         "give it to layergate check",
         {},
         "no_evidence",
         {}});
  }
}

}  // namespace

std::vector<verdict::GateResult> RunPlan(const CheckRequest& request, const plan::Plan& plan,
                                         const policy::Policy& policy,
                                         const GateContext::Inputs& shared) {
  std::vector<RunnerTask> tasks;
  for (const plan::Task& task : plan.tasks) {
    RunnerTask run{task.gate, shared, {}};
    run.inputs.change = task.change;
    run.inputs.layer = task.layer;
    run.inputs.options = task.rule->options;
    if (task.rule->timeout_seconds) run.timeout = std::chrono::seconds(*task.rule->timeout_seconds);
    tasks.push_back(std::move(run));
  }
  RunnerOptions options;
  options.threads = request.threads;
  if (policy.budget_seconds) {
    options.deadline =
        std::chrono::steady_clock::now() + std::chrono::seconds(*policy.budget_seconds);
  }
  options.stop = request.stop;
  options.progress = request.progress;
  std::vector<GateContext::Inputs> inputs;
  for (const RunnerTask& task : tasks) inputs.push_back(task.inputs);
  std::vector<RunnerResult> ran = RunGates(std::move(tasks), options);
  for (size_t i = 0; i < ran.size(); ++i) {
    RequireEvidence(*plan.tasks[i].rule, inputs[i], ran[i]);
  }

  std::vector<verdict::GateResult> results;
  for (size_t i = 0; i < ran.size(); ++i) {
    const plan::Task& task = plan.tasks[i];
    verdict::GateResult result;
    result.gate = task.gate->info().id;
    result.subject = task.subject;
    result.layer = task.layer;
    // The gate ran to its end: silence means that it found nothing. Judge() looks at the rest.
    result.status = ran[i].outcome.not_applicable.empty() ? verdict::GateStatus::kPass
                                                          : verdict::GateStatus::kSkipped;
    result.why = ran[i].outcome.not_applicable;
    for (Finding& finding : ran[i].outcome.findings) {
      result.findings.push_back({std::move(finding), {}, {}});
    }
    result.unknown = std::move(ran[i].outcome.unknown);
    result.measured = std::move(ran[i].outcome.measured);
    result.elapsed_ms = ran[i].elapsed.count();
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace layergate::check

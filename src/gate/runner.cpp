#include "gate/runner.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "core/result.h"
#include "core/text.h"

namespace layergate {
namespace {

using Clock = std::chrono::steady_clock;

Outcome Broken(std::string reason) {
  Outcome outcome;
  outcome.unknown.push_back(
      {std::move(reason),
       "this is a defect of the gate, not of the pull request: please report it",
       {},
       "gate_error",
       {}});
  return outcome;
}

// Whatever happens inside a gate ends here as an Outcome.
Outcome RunGuarded(const Gate& gate, GateContext::Inputs inputs) {
  GateContext context(gate.info(), std::move(inputs));
  try {
    gate.Run(context);
  } catch (const CheckFailure& failure) {
    return Broken(failure.what);
  } catch (const std::exception& error) {
    return Broken(fmt::format("the gate threw: {}", Printable(error.what())));
  } catch (...) {
    return Broken("the gate threw something that is not an exception");
  }
  return context.TakeOutcome();
}

RunnerResult RunTask(RunnerTask& task, const RunnerOptions& options) {
  auto limit = task.timeout.count() > 0 ? task.timeout : options.default_timeout;
  auto begin = Clock::now();
  task.inputs.deadline = begin + limit;
  task.inputs.stop = options.stop;
  RunnerResult result;
  if (options.stop.stop_requested()) {
    result.outcome.unknown.push_back(
        {"the run was interrupted", "run it again", {}, "interrupted", {}});
    return result;
  }
  result.outcome = RunGuarded(*task.gate, std::move(task.inputs));
  result.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
  // Gates watch the deadline themselves. One that did not has an answer all the same, but a late
  // "nothing found" may mean that it looked at nothing: it does not count as a pass.
  Outcome& outcome = result.outcome;
  if (result.elapsed > limit && outcome.findings.empty() && outcome.unknown.empty()) {
    outcome.unknown.push_back(
        {fmt::format("took longer than its limit of {} s", limit.count() / 1000),
         "raise the gate's timeout_seconds in the policy",
         {},
         "timeout",
         {}});
  }
  std::sort(outcome.findings.begin(), outcome.findings.end());
  return result;
}

}  // namespace

std::vector<RunnerResult> RunGates(std::vector<RunnerTask> tasks, const RunnerOptions& options) {
  std::vector<RunnerResult> results(tasks.size());
  size_t wanted = options.threads > 0 ? static_cast<size_t>(options.threads)
                                      : std::max(4u, std::thread::hardware_concurrency());
  std::atomic<size_t> next{0};
  std::mutex progress_mutex;
  size_t done = 0;

  auto work = [&] {
    for (size_t i = next.fetch_add(1); i < tasks.size(); i = next.fetch_add(1)) {
      results[i] = RunTask(tasks[i], options);
      if (options.progress) {
        std::lock_guard lock(progress_mutex);
        options.progress(++done, tasks.size());
      }
    }
  };
  if (options.progress) options.progress(0, tasks.size());
  std::vector<std::jthread> threads;
  for (size_t i = 1; i < std::min(wanted, tasks.size()); ++i) threads.emplace_back(work);
  work();
  threads.clear();  // joins
  return results;
}

}  // namespace layergate

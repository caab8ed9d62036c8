// Runs tasks on threads, each within its time, and never lets one take another down.
//
// A gate that throws, breaks a check, or exceeds its time gives "unknown" for that task alone.
// Results come back in the order of the tasks, whatever the threads did.
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <vector>

#include "gate/gate.h"

namespace layergate {

struct RunnerTask {
  const Gate* gate = nullptr;
  GateContext::Inputs inputs;
  std::chrono::milliseconds timeout{0};  // 0: the runner's default
};

struct RunnerOptions {
  int threads = 0;  // 0: as many as the machine has, at least 4 (gates wait for databases)
  std::chrono::milliseconds default_timeout{std::chrono::seconds(300)};
  std::stop_token stop;
  // Called with 0 before the first gate begins, then from any thread, one at a time.
  std::function<void(size_t done, size_t total)> progress;
};

struct RunnerResult {
  Outcome outcome;
  std::chrono::milliseconds elapsed{0};
};

std::vector<RunnerResult> RunGates(std::vector<RunnerTask> tasks, const RunnerOptions& options);

}  // namespace layergate

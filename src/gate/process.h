// One child process with limits: it gets a text, has so much time and memory, and gives a text.
//
// The child has a process group of its own, which is killed as a whole when its time is over and
// when it ends, no file of ours open, no signal blocked, and only the environment that it is given.
#pragma once

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"

namespace layergate {

struct ProcessRequest {
  std::vector<std::string> command;  // the program first: a path, or a name that PATH has
  std::string folder;                // where it starts
  std::vector<std::pair<std::string, std::string>> environment;  // all of it
  std::string input;
  std::chrono::milliseconds timeout{60'000};
  size_t memory_bytes = size_t{512} << 20;  // of address space
  size_t most_output = size_t{8} << 20;
  std::stop_token stop;
};

struct ProcessOutcome {
  enum class End { kExited, kKilled, kTimedOut, kStopped, kTooMuchOutput };
  End end = End::kExited;
  int code = 0;  // of the exit, or the number of the signal
  std::string output;
  std::string errors;  // the last of what it wrote to standard error
};

// An Error when it could not be started at all.
Result<ProcessOutcome> RunProcess(const ProcessRequest& request);

}  // namespace layergate

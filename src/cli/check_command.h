// `layergate check`: judge a pull request, write the reports, exit 0, 1 or 2.
#pragma once

#include <string>
#include <vector>

#include "check.h"
#include "gate/registry.h"

namespace layergate::cli {

struct CheckArguments {
  CheckRequest request;  // what the flags say; the environment fills what they leave open
  std::vector<std::string> outputs;  // FORMAT:PATH, as typed
  std::string color = "auto";        // auto, always, never
  bool quiet = false;                // no report on the terminal, only the files
  bool verbose = false;
  bool exit_zero = false;  // audit: report everything, block nothing
};

// What the flags left open, from the process's environment: databases, the clock, and the CI host's
// claims about the pull request.
Result<void> FillFromEnvironment(CheckRequest& request);

int RunCheck(CheckArguments arguments, const GateRegistry& gates);

}  // namespace layergate::cli

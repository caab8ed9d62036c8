// `layergate policy validate|show|explain|simulate|baseline|schema`: a policy looked at by itself,
// or held against a saved result.
#pragma once

#include <string>
#include <vector>

#include "gate/registry.h"
#include "policy/policy.h"

namespace layergate::cli {

struct PolicyArguments {
  std::string action;  // "validate", "show", "explain", "simulate", "baseline", "schema"
  std::string path;  // a file, or default, strict, starter; empty: .layergate.yml or the like, else
                     // the default
  std::string manifest;  // for explain, and for validate to say which globs match nothing
  std::string model;     // explain: a name or a unique_id
  std::string from;      // a saved result, for simulate, explain and baseline
  std::string at;        // the clock; empty: the saved result's, for validate now
  std::vector<std::string> labels, reviews;
  std::string format = "text";
};

// Prints to standard output; the result is the exit code. The policy is read from the work tree
// here, because it is being written; `layergate check` reads it from the base commit.
int RunPolicy(const PolicyArguments& arguments, const GateRegistry& gates);

}  // namespace layergate::cli

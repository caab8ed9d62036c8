// `layergate policy validate|show|explain|schema`: a policy looked at by itself, without a pull
// request.
#pragma once

#include <string>
#include <vector>

#include "policy/policy.h"

namespace layergate::cli {

struct PolicyArguments {
  std::string action;  // "validate", "show", "explain", "schema"
  std::string path;  // a file, or default, strict, starter; empty: .layergate.yml or the like, else
                     // the default
  std::string manifest;  // for explain, and for validate to say which globs match nothing
  std::string model;     // explain: a name or a unique_id
};

// Prints to standard output; the result is the exit code. The policy is read from the work tree
// here, because it is being written; `layergate check` reads it from the base commit.
int RunPolicy(const PolicyArguments& arguments, const std::vector<policy::KnownGate>& gates);

}  // namespace layergate::cli

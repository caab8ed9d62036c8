// Where the `policy` commands find a policy: in the work tree, because it is being written there.
// `layergate check` reads it from the base commit.
#pragma once

#include <string>
#include <vector>

#include "policy/policy.h"
#include "verdict/verdict.h"

namespace layergate::cli {

// A file, or default, strict, starter; empty: .layergate.yml or the like in `folder`, else the
// default.
Result<policy::Policy> ReadPolicyFile(const std::string& given,
                                      const std::vector<policy::KnownGate>& gates,
                                      const std::string& folder = ".");

Result<verdict::Verdict> ReadSavedResult(const std::string& path);
// Several files with the provider's answers; nullopt for none.
Result<std::optional<verdict::Reviews>> ReadReviewFiles(const std::vector<std::string>& paths);

// The clock, RFC 3339 UTC.
std::string Now();

}  // namespace layergate::cli

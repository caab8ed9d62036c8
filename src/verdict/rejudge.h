// A saved record judged again: by another policy, at another time, with other labels or approvals.
//
// What the gates found stays as it was found; everything that follows from the policy is worked out
// anew. A gate that the policy asks for and that the record does not have is unknown, and so the
// answer is never better than a new run's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/registry.h"
#include "policy/policy.h"
#include "verdict/verdict.h"

namespace layergate::verdict {

struct Rejudging {
  const policy::Policy* policy = nullptr;
  const GateRegistry* gates = nullptr;
  std::string at;                   // empty: the record's
  std::vector<std::string> labels;  // "assisted-by:llm" counts as a sign of a model
  const Reviews* reviews = nullptr;
};

Verdict Rejudge(const Verdict& saved, const Rejudging& request);

}  // namespace layergate::verdict

// The labels of a verdict: a fixed vocabulary (docs/labels.md), of which some are set and the
// others are to be taken away.
#pragma once

#include <string>
#include <vector>

#include "policy/policy.h"
#include "verdict/verdict.h"

namespace layergate::verdict {

struct Labels {
  std::vector<std::string> add, remove;  // both sorted
};

// `verdict` has its decision, gates, reviewers and provenance filled in.
Labels LabelsOf(const Verdict& verdict, const std::vector<const policy::Layer*>& touched,
                const policy::Policy& policy);

}  // namespace layergate::verdict

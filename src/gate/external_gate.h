// A gate that is a program of the repository's own, named in the policy of the base commit.
//
// It gets one JSON object on standard input (the subject, both sides' nodes, SQL and lineage) and
// answers with one on standard output; docs/policy.md describes both. It starts in a folder that
// holds the base commit's `.layergate/` and nothing else of the repository, so a pull request can
// change neither the program nor what it reads beside it. No answer, a bad answer, an exit code but
// 0, or a limit that was reached is "cannot tell".
#pragma once

#include <memory>
#include <string>

#include "gate/gate.h"
#include "policy/policy.h"

namespace layergate {

// `folder` holds the copy of `.layergate/` and must outlive the gate.
std::unique_ptr<Gate> MakeExternalGate(policy::ExternalGate settings, std::string folder);

}  // namespace layergate

// How bad a finding is: the policy's word, else the rule's own.
//
// Precedence, strongest first:
//   1. the gate rule's rule_severity for exactly this rule code: the policy said it about this
//   rule;
//   2. the rule's default, held down to the gate's severity in the policy when that is weaker than
//      `fail` (a gate set to `warn` never blocks, and a rule that only warns is not raised by it).
// A rule code that the gate did not declare is `fail`.
#pragma once

#include <string>
#include <string_view>

#include "gate/gate.h"
#include "policy/policy.h"

namespace layergate::verdict {

// "fail", "warn" or "audit". `rule` and `info` may be null (no policy rule, no declared gate).
// `column` is the finding's: the policy may say more about single columns of a model, and that
// comes before all else.
std::string SeverityOf(std::string_view rule_code, const policy::GateRule* rule,
                       const GateInfo* info, std::string_view column = {});

// False when the gate declares that no waiver may let this rule through.
bool IsWaivable(std::string_view rule_code, const GateInfo* info);

}  // namespace layergate::verdict

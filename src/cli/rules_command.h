// `layergate rules` lists every rule there is; `layergate explain RULE` prints the page of its
// gate.
#pragma once

#include <string>

#include "gate/registry.h"

namespace layergate::cli {

// `format` is "text" or "json".
int RunRules(const GateRegistry& gates, const std::string& format);
// `rule` is a rule code or a gate id. An unknown one is an error with the nearest name.
int RunExplain(const GateRegistry& gates, const std::string& rule);

}  // namespace layergate::cli

// One case, judged by the program itself.
#pragma once

#include <string>

#include "core/result.h"
#include "gate/registry.h"
#include "support/case_file.h"

namespace layergate::cases {

// Writes what the case describes into a temporary folder (manifests, databases, a git repository
// when the case asks for one), calls Check() for `gate` alone, and gives the lines that a findings
// block holds. The folder is removed afterwards, unless LAYERGATE_KEEP is set.
Result<std::string> RunCase(const CaseFile& test_case, const std::string& gate,
                            const GateRegistry& gates);

}  // namespace layergate::cases

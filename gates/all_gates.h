// Every gate of this build, as listed in gates/gates.cmake.
#pragma once

#include "gate/registry.h"

namespace layergate {

GateRegistry AllGates();
// The README of a gate as compiled in; empty for an unknown id.
std::string_view GateReadme(std::string_view id);

}  // namespace layergate

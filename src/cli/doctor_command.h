// `layergate doctor`: what `layergate check` would find here, step by step, and what to do about
// what is missing. It judges nothing and sends the databases nothing but `select 1`. Exit 0 when
// check could judge every gate that the policy asks for, 2 when something is missing.
#pragma once

#include "check.h"
#include "gate/registry.h"

namespace layergate::cli {

int RunDoctor(CheckRequest request, const GateRegistry& gates);

}  // namespace layergate::cli

// What the state:modified selectors of dbt's Rust engine (2.x) say of two nodes, or of a new one
// (no base). They follow Python dbt's but for the differences listed in docs/changes.md. Source of
// the rules: the engine's previous-state comparison and its node classes on dbt-core's main branch
// of August 2026, after 2.0.0-beta.2. tests/e2e/dbt_state_test.py holds them against 2.0.0-alpha.4.
// Nothing outside this folder includes this header.
#pragma once

#include "change/rules.h"

namespace layergate::change {

void ApplyEngineRules(const Pair& pair, const StateContext& context, Findings& findings);

}  // namespace layergate::change

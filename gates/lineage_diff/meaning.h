// What an expression or filter lost or gained between two versions, read off their normalised
// texts: the patterns that reviewers know by name.
#pragma once

#include <cstdint>
#include <string_view>

namespace layergate::lineage_diff {

enum class Change : uint8_t {
  kOther,
  kEdge,           // `<` became `<=`, and nothing else
  kWindow,         // PARTITION BY, ORDER BY or the frame of a window function, and nothing else
  kAggregate,      // other aggregate functions: SUM for AVG, COUNT(DISTINCT) for COUNT
  kFallbackLost,   // fewer COALESCEs
  kBranchLost,     // a WHEN or the ELSE of a CASE is gone, and nothing else differs
  kOperator,       // `+` for `-`, AND for OR; the operands of a minus or a division exchanged
  kFactor,         // a constant factor: cents for units
  kType,           // another cast, or one more or less
  kFallbackOrder,  // the arguments of a COALESCE in another order
};

// Texts as lineage normalises them; kOther when nothing fits.
Change WhatChanged(std::string_view base, std::string_view head);

// Whether an aggregate or window function is called.
bool HasAggregates(std::string_view text);

}  // namespace layergate::lineage_diff

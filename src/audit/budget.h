// The hallucination budget: how often LLM-assisted changes had to be taken back, counted from the
// audit log (docs/audit.md). Everything is a count of changes; a change is all records that name
// the same pull request, or the same merge or head commit where none is named. A change that was
// merged counts in the period of its merge, another in that of its last event.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/value.h"
#include "policy/clock.h"

namespace layergate::audit {

struct Period {
  policy::Instant from = 0, to = 0;  // to is not part of it
};

// "2026-Q4", "2026-11" or "2026"; nullopt for anything else.
std::optional<Period> ParsePeriod(std::string_view text);

// `part` of `whole` changes; the target in tenths of a percent, -1: none.
struct Share {
  std::string name, meaning;
  int64_t part = 0, whole = 0;
  int target_permille = -1;

  bool IsOver() const { return target_permille >= 0 && part * 1000 > whole * target_permille; }
};

struct Budget {
  int64_t changes = 0, merged = 0;  // LLM-assisted ones, of the period
  std::vector<Share> shares;
  std::optional<int64_t> median_seconds;  // from the first judgement to the merge
  // Only LLM-assisted changes are in the log: nothing to hold their number against.
  bool adoption_known = false;

  bool IsOver() const;
};

Budget CountBudget(const std::vector<Value>& records, const Period& period);

std::string ToText(const Budget& budget, const Period& period);
Value ToValue(const Budget& budget, const Period& period);

}  // namespace layergate::audit

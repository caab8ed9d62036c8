// When may it be merged? Merge windows and freezes held against the clock.
//
// A window belongs to the day on which it begins: days and holidays speak of that day, and a window
// from 22:00 to 02:00 of a Friday ends on Saturday. Every interval is half-open. What counts is the
// clock on the wall in the window's zone, so on the day on which clocks are turned back the
// repeated hour is in or out twice, and an hour that is skipped is never in. A freeze closes every
// window, "any" too.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policy/clock.h"
#include "policy/policy.h"

namespace layergate::policy {

struct Opening {
  bool open = true;
  std::optional<Instant> changes_at;  // when it next opens or closes; nullopt: not within a year
  std::string zone;                   // whose wall clock to tell it by; "UTC" when nothing limits
  std::string closed_by;  // "freeze year-end: ..." or the window's name; empty when open
  bool limited = false;   // false: any time, and no freeze ahead
};

bool IsOpen(const MergeWindow& window, Instant at);
bool Holds(const Freeze& freeze, Instant at);  // closed by it

// All windows must be open, and no freeze may hold.
Opening OpeningAt(const std::vector<const MergeWindow*>& windows,
                  const std::vector<const Freeze*>& freezes, Instant at);

// "Mon 2026-11-30 09:00 Europe/Berlin / 2026-11-30 08:00 UTC".
std::string BothClocks(Instant instant, const std::string& zone);

}  // namespace layergate::policy

#include "policy/window.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/result.h"

namespace layergate::policy {
namespace {

constexpr int kMinutesOfDay = 24 * 60;
constexpr int kDaysAhead = 400;  // over the longest freeze that a policy may hold, and a year

// "09:00", checked when it was read.
int MinuteOf(const std::string& time) {
  return ((time[0] - '0') * 10 + (time[1] - '0')) * 60 + (time[3] - '0') * 10 + (time[4] - '0');
}

bool IsAny(const MergeWindow& window) { return window.zone.empty(); }

bool IsHoliday(const MergeWindow& window, Day day) {
  std::string text = DayText(day);
  // "12-25" is every year's.
  return std::any_of(
      window.holidays.begin(), window.holidays.end(),
      [&](const std::string& holiday) { return holiday == text || holiday == text.substr(5); });
}

bool BeginsOn(const MergeWindow& window, Day day) {
  const auto& days = window.days;
  return std::find(days.begin(), days.end(), WeekdayOf(day)) != days.end() &&
         !IsHoliday(window, day);
}

void AddInstants(std::vector<Instant>& into, const std::string& zone, WallTime time) {
  if (time.minute >= kMinutesOfDay) time = {time.day + 1, time.minute - kMinutesOfDay};
  for (Instant instant : InstantsOf(zone, time)) into.push_back(instant);
}

// Every instant after `at` at which the answer may change, sorted.
std::vector<Instant> Candidates(const std::vector<const MergeWindow*>& windows,
                                const std::vector<const Freeze*>& freezes, Instant at) {
  std::vector<Instant> instants;
  for (const MergeWindow* window : windows) {
    if (IsAny(*window)) continue;
    Day today = WallTimeAt(window->zone, at).day;
    for (Day day = today - 1; day <= today + kDaysAhead; ++day) {
      AddInstants(instants, window->zone, {day, 0});
      AddInstants(instants, window->zone, {day, MinuteOf(window->from)});
      AddInstants(instants, window->zone, {day, MinuteOf(window->to)});
    }
    // Where clocks are turned, the wall may jump over a window's edge.
    std::optional<Instant> turn = NextTurn(window->zone, at);
    for (int i = 0; i < 4 && turn; ++i) {
      instants.push_back(*turn);
      turn = NextTurn(window->zone, *turn);
    }
  }
  for (const Freeze* freeze : freezes) {
    AddInstants(instants, freeze->zone, *ParseWallTime(freeze->from));
    AddInstants(instants, freeze->zone, *ParseWallTime(freeze->to));
  }
  std::sort(instants.begin(), instants.end());
  instants.erase(std::unique(instants.begin(), instants.end()), instants.end());
  instants.erase(instants.begin(), std::upper_bound(instants.begin(), instants.end(), at));
  return instants;
}

// Who closes it; empty: nobody.
std::string ClosedBy(const std::vector<const MergeWindow*>& windows,
                     const std::vector<const Freeze*>& freezes, Instant at) {
  for (const Freeze* freeze : freezes) {
    if (Holds(*freeze, at)) {
      return fmt::format("freeze {}{}", freeze->name,
                         freeze->reason.empty() ? "" : ": " + freeze->reason);
    }
  }
  for (const MergeWindow* window : windows) {
    if (!IsOpen(*window, at)) return window->name;
  }
  return {};
}

}  // namespace

bool IsOpen(const MergeWindow& window, Instant at) {
  if (IsAny(window)) return true;
  WallTime now = WallTimeAt(window.zone, at);
  int from = MinuteOf(window.from), to = MinuteOf(window.to);
  if (from < to) return now.minute >= from && now.minute < to && BeginsOn(window, now.day);
  // Over midnight: begun today, or yesterday and not over yet.
  return (now.minute >= from && BeginsOn(window, now.day)) ||
         (now.minute < to && BeginsOn(window, now.day - 1));
}

bool Holds(const Freeze& freeze, Instant at) {
  WallTime now = WallTimeAt(freeze.zone, at);
  std::optional<WallTime> from = ParseWallTime(freeze.from), to = ParseWallTime(freeze.to);
  LAYERGATE_CHECK(from && to);
  return now >= *from && now < *to;
}

Opening OpeningAt(const std::vector<const MergeWindow*>& windows,
                  const std::vector<const Freeze*>& freezes, Instant at) {
  Opening opening;
  opening.zone = "UTC";
  for (const Freeze* freeze : freezes) {
    opening.limited = true;
    opening.zone = freeze->zone;
  }
  for (auto window = windows.rbegin(); window != windows.rend(); ++window) {
    if (IsAny(**window)) continue;
    opening.limited = true;
    opening.zone = (*window)->zone;
  }
  opening.closed_by = ClosedBy(windows, freezes, at);
  opening.open = opening.closed_by.empty();
  if (!opening.limited) return opening;
  for (Instant instant : Candidates(windows, freezes, at)) {
    if (ClosedBy(windows, freezes, instant).empty() == opening.open) continue;
    opening.changes_at = instant;
    break;
  }
  return opening;
}

std::string BothClocks(Instant instant, const std::string& zone) {
  std::string utc = WallTimeText(WallTimeAt("UTC", instant), zone == "UTC") + " UTC";
  if (zone == "UTC") return utc;
  return fmt::format("{} {} / {}", WallTimeText(WallTimeAt(zone, instant), true), zone, utc);
}

}  // namespace layergate::policy

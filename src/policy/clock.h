// The clock and the calendar: instants, days and IANA zones.
//
// Zones come from data that is compiled in (cmake/zone_data.cmake), never from the machine that the
// program runs on: a bare container has none, and the same question must have the same answer
// everywhere. An instant is a number of seconds since 1970-01-01T00:00:00Z, without leap seconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace layergate::policy {

using Instant = int64_t;
using Day = int64_t;  // days since 1970-01-01, in the proleptic Gregorian calendar

// "2026-11-24T05:20:00Z" or with an offset, RFC 3339; nullopt for anything else.
std::optional<Instant> ParseInstant(std::string_view text);
// "2026-11-24T05:20:00Z".
std::string InstantText(Instant instant);

// "2026-02-28"; nullopt for a day that no calendar has, and before 1970.
std::optional<Day> ParseDay(std::string_view text);
std::string DayText(Day day);
std::string_view WeekdayOf(Day day);  // "mon" to "sun"

// What a clock on a wall shows.
struct WallTime {
  Day day = 0;
  int minute = 0;  // of the day, 0 to 1439; seconds are cut off
  friend bool operator==(const WallTime&, const WallTime&) = default;
  friend auto operator<=>(const WallTime&, const WallTime&) = default;
};

// "2026-12-20" (the day's first minute) or "2026-12-20 18:00", also with a T between.
std::optional<WallTime> ParseWallTime(std::string_view text);

bool IsZone(std::string_view name);    // "UTC", "Europe/Berlin"
std::vector<std::string> ZoneNames();  // sorted
std::string_view ZoneDataVersion();    // "2026a"

// What the wall shows at an instant. The zone must be one (IsZone).
WallTime WallTimeAt(std::string_view zone, Instant instant);
// "2026-11-30 09:00", and its weekday in front when asked for.
std::string WallTimeText(WallTime time, bool with_weekday = false);
// Every instant at which something may begin or end that begins or ends at this time on the wall:
// one as a rule, two where the clock is turned back, the moment of turning where it is turned
// forward over it. Sorted.
std::vector<Instant> InstantsOf(std::string_view zone, WallTime time);
// When the zone's clock is next turned, after `instant`; nullopt: never again.
std::optional<Instant> NextTurn(std::string_view zone, Instant instant);

}  // namespace layergate::policy

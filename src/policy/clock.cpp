#include "policy/clock.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>
#include <cctz/zone_info_source.h>
#include <fmt/format.h>

#include "core/result.h"
#include "policy/zone_data.h"

namespace layergate::policy {
namespace {

class EmbeddedZone final : public cctz::ZoneInfoSource {
 public:
  explicit EmbeddedZone(std::string_view bytes) : rest_(bytes) {}
  std::size_t Read(void* into, std::size_t size) override {
    size = std::min(size, rest_.size());
    std::memcpy(into, rest_.data(), size);
    rest_.remove_prefix(size);
    return size;
  }
  int Skip(std::size_t offset) override {
    if (offset > rest_.size()) return -1;
    rest_.remove_prefix(offset);
    return 0;
  }
  std::string Version() const override { return std::string(ZoneDataRelease()); }

 private:
  std::string_view rest_;
};

// Files of the machine are never read, not even as a fallback.
std::unique_ptr<cctz::ZoneInfoSource> OnlyEmbedded(
    const std::string& name,
    const std::function<std::unique_ptr<cctz::ZoneInfoSource>(const std::string&)>& /*files*/) {
  std::optional<std::string_view> bytes = ZoneData(name);
  if (!bytes) return nullptr;
  return std::make_unique<EmbeddedZone>(*bytes);
}

using Seconds = cctz::time_point<cctz::seconds>;

Seconds PointOf(Instant instant) { return Seconds(cctz::seconds(instant)); }
Instant InstantOf(const Seconds& point) { return point.time_since_epoch().count(); }

cctz::time_zone Load(std::string_view name) {
  cctz::time_zone zone;
  LAYERGATE_CHECK(IsZone(name));
  LAYERGATE_CHECK(cctz::load_time_zone(std::string(name), &zone));
  return zone;
}

const cctz::civil_day kFirstDay(1970, 1, 1);

// Reads exactly `digits` digits at the front of `text`.
std::optional<int> Number(std::string_view& text, size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool Skip(std::string_view& text, char expected) {
  if (text.empty() || text[0] != expected) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<Day> ReadDay(std::string_view& text) {
  std::optional<int> year = Number(text, 4);
  if (!year || *year < 1970 || !Skip(text, '-')) return std::nullopt;
  std::optional<int> month = Number(text, 2);
  if (!month || !Skip(text, '-')) return std::nullopt;
  std::optional<int> day = Number(text, 2);
  if (!day) return std::nullopt;
  // Civil days normalise 02-30 to 03-02: a day that does not come back is none.
  cctz::civil_day civil(*year, *month, *day);
  if (civil.month() != *month || civil.day() != *day) return std::nullopt;
  return civil - kFirstDay;
}

// "05:20" as a minute of the day.
std::optional<int> ReadMinute(std::string_view& text) {
  std::optional<int> hour = Number(text, 2);
  if (!hour || *hour > 23 || !Skip(text, ':')) return std::nullopt;
  std::optional<int> minute = Number(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  return *hour * 60 + *minute;
}

// "Z" or "+02:00", in minutes.
std::optional<int> ReadOffset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  bool behind = Skip(text, '-');
  if (!behind && !Skip(text, '+')) return std::nullopt;
  std::optional<int> minutes = ReadMinute(text);
  if (!minutes || !text.empty()) return std::nullopt;
  return behind ? -*minutes : *minutes;
}

bool SkipDivider(std::string_view& text) {
  return Skip(text, 'T') || Skip(text, 't') || Skip(text, ' ');
}

}  // namespace

std::optional<Instant> ParseInstant(std::string_view text) {
  std::optional<Day> day = ReadDay(text);
  if (!day || !SkipDivider(text)) return std::nullopt;
  std::optional<int> minute = ReadMinute(text);
  if (!minute || !Skip(text, ':')) return std::nullopt;
  std::optional<int> second = Number(text, 2);
  if (!second || *second > 60) return std::nullopt;
  if (Skip(text, '.')) {
    size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits == 0) return std::nullopt;
    text.remove_prefix(digits);
  }
  std::optional<int> offset = ReadOffset(text);
  if (!offset) return std::nullopt;
  return *day * 86400 + (*minute - *offset) * 60 + std::min(*second, 59);
}

std::string InstantText(Instant instant) {
  cctz::civil_second civil = cctz::convert(PointOf(instant), cctz::utc_time_zone());
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", civil.year(), civil.month(),
                     civil.day(), civil.hour(), civil.minute(), civil.second());
}

std::optional<Day> ParseDay(std::string_view text) {
  std::optional<Day> day = ReadDay(text);
  return text.empty() ? day : std::nullopt;
}

std::string DayText(Day day) {
  cctz::civil_day civil = kFirstDay + day;
  return fmt::format("{:04}-{:02}-{:02}", civil.year(), civil.month(), civil.day());
}

std::string_view WeekdayOf(Day day) {
  static constexpr std::string_view kWeek[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  return kWeek[static_cast<size_t>(cctz::get_weekday(kFirstDay + day))];
}

std::optional<WallTime> ParseWallTime(std::string_view text) {
  std::optional<Day> day = ReadDay(text);
  if (!day) return std::nullopt;
  if (text.empty()) return WallTime{*day, 0};
  if (!SkipDivider(text)) return std::nullopt;
  std::optional<int> minute = ReadMinute(text);
  if (!minute || !text.empty()) return std::nullopt;
  return WallTime{*day, *minute};
}

bool IsZone(std::string_view name) { return ZoneData(name).has_value(); }
std::vector<std::string> ZoneNames() { return ZoneDataNames(); }
std::string_view ZoneDataVersion() { return ZoneDataRelease(); }

WallTime WallTimeAt(std::string_view zone, Instant instant) {
  cctz::civil_second civil = cctz::convert(PointOf(instant), Load(zone));
  return {cctz::civil_day(civil) - kFirstDay, civil.hour() * 60 + civil.minute()};
}

std::string WallTimeText(WallTime time, bool with_weekday) {
  std::string text =
      fmt::format("{} {:02}:{:02}", DayText(time.day), time.minute / 60, time.minute % 60);
  if (!with_weekday) return text;
  std::string weekday(WeekdayOf(time.day));
  weekday[0] = static_cast<char>(weekday[0] - 'a' + 'A');
  return weekday + " " + text;
}

std::vector<Instant> InstantsOf(std::string_view zone, WallTime time) {
  cctz::civil_second civil = cctz::civil_second(kFirstDay + time.day) + int64_t{time.minute} * 60;
  cctz::time_zone::civil_lookup found = Load(zone).lookup(civil);
  switch (found.kind) {
    case cctz::time_zone::civil_lookup::UNIQUE:
      return {InstantOf(found.pre)};
    case cctz::time_zone::civil_lookup::SKIPPED:
      return {InstantOf(found.trans)};
    case cctz::time_zone::civil_lookup::REPEATED:
      break;
  }
  return {InstantOf(found.pre), InstantOf(found.post)};
}

std::optional<Instant> NextTurn(std::string_view zone, Instant instant) {
  cctz::time_zone::civil_transition turn;
  cctz::time_zone loaded = Load(zone);
  if (!loaded.next_transition(PointOf(instant), &turn)) return std::nullopt;
  return InstantOf(cctz::convert(turn.to, loaded));
}

}  // namespace layergate::policy

namespace cctz_extension {
ZoneInfoSourceFactory zone_info_source_factory = layergate::policy::OnlyEmbedded;
}

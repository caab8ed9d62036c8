#include "verdict/waivers.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

namespace layergate::verdict {
namespace {

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

// Days since 1970-01-01 in the proleptic Gregorian calendar.
int64_t DayNumber(int64_t year, int month, int day) {
  // Counting years from March puts the leap day at the end of the year.
  year -= month <= 2 ? 1 : 0;
  int64_t era = (year >= 0 ? year : year - 399) / 400;
  int64_t year_of_era = year - era * 400;
  int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

int DaysInMonth(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

std::optional<int64_t> ReadDate(std::string_view& text) {
  std::optional<int> year = Number(text, 4);
  if (!year || !Skip(text, '-')) return std::nullopt;
  std::optional<int> month = Number(text, 2);
  if (!month || *month < 1 || *month > 12 || !Skip(text, '-')) return std::nullopt;
  std::optional<int> day = Number(text, 2);
  if (!day || *day < 1 || *day > DaysInMonth(*year, *month)) return std::nullopt;
  return DayNumber(*year, *month, *day);
}

// "+02:00" as minutes; 'Z' is 0.
std::optional<int64_t> ReadOffset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  bool behind = Skip(text, '-');
  if (!behind && !Skip(text, '+')) return std::nullopt;
  std::optional<int> hours = Number(text, 2);
  if (!hours || !Skip(text, ':')) return std::nullopt;
  std::optional<int> minutes = Number(text, 2);
  if (!minutes || !text.empty() || *hours > 23 || *minutes > 59) return std::nullopt;
  int64_t offset = int64_t{*hours} * 60 + *minutes;
  return behind ? -offset : offset;
}

// The UTC day on which an RFC 3339 time falls.
std::optional<int64_t> UtcDay(std::string_view at) {
  std::optional<int64_t> day = ReadDate(at);
  if (!day || at.empty() || (at[0] != 'T' && at[0] != 't' && at[0] != ' ')) return std::nullopt;
  at.remove_prefix(1);
  std::optional<int> hour = Number(at, 2);
  if (!hour || *hour > 23 || !Skip(at, ':')) return std::nullopt;
  std::optional<int> minute = Number(at, 2);
  if (!minute || *minute > 59 || !Skip(at, ':')) return std::nullopt;
  std::optional<int> second = Number(at, 2);
  if (!second || *second > 60) return std::nullopt;
  if (Skip(at, '.')) at.remove_prefix(std::min(at.find_first_not_of("0123456789"), at.size()));
  std::optional<int64_t> offset = ReadOffset(at);
  if (!offset) return std::nullopt;
  int64_t minutes = *day * 24 * 60 + int64_t{*hour} * 60 + *minute - *offset;
  constexpr int64_t kDay = 24 * 60;
  return minutes >= 0 ? minutes / kDay : (minutes - kDay + 1) / kDay;
}

bool SameSubject(const policy::Waiver& waiver, const Finding& finding) {
  return waiver.rule == finding.rule && waiver.subject == finding.subject;
}

bool Covers(const policy::Waiver& waiver, const Finding& finding) {
  return SameSubject(waiver, finding) && waiver.column == finding.column;
}

}  // namespace

bool StillHolds(std::string_view expires, std::string_view at) {
  std::optional<int64_t> last = ReadDate(expires);
  if (!last || !expires.empty()) return false;
  std::optional<int64_t> today = UtcDay(at);
  return today && *today <= *last;
}

WaiverBook::WaiverBook(const std::vector<policy::Waiver>& waivers, std::string_view at) {
  for (const policy::Waiver& waiver : waivers) {
    entries_.push_back({&waiver, StillHolds(waiver.expires, at)});
  }
}

const policy::Waiver* WaiverBook::Use(const Finding& finding) {
  for (Entry& entry : entries_) {
    if (!entry.holds || !Covers(*entry.waiver, finding)) continue;
    entry.used = true;
    return entry.waiver;
  }
  return nullptr;
}

const policy::Waiver* WaiverBook::Matching(const Finding& finding) const {
  for (const Entry& entry : entries_) {
    if (Covers(*entry.waiver, finding)) return entry.waiver;
  }
  return nullptr;
}

const policy::Waiver* WaiverBook::NearMiss(const Finding& finding) const {
  for (const Entry& entry : entries_) {
    if (entry.holds && SameSubject(*entry.waiver, finding)) return entry.waiver;
  }
  return nullptr;
}

std::vector<policy::Waiver> WaiverBook::Used() const {
  std::vector<policy::Waiver> result;
  for (const Entry& entry : entries_) {
    if (entry.used) result.push_back(*entry.waiver);
  }
  return result;
}

std::vector<policy::Waiver> WaiverBook::Expired() const {
  std::vector<policy::Waiver> result;
  for (const Entry& entry : entries_) {
    if (!entry.holds) result.push_back(*entry.waiver);
  }
  return result;
}

std::vector<policy::Waiver> WaiverBook::Unused(const std::vector<std::string>& judged) const {
  std::vector<policy::Waiver> result;
  for (const Entry& entry : entries_) {
    if (!entry.holds || entry.used) continue;
    std::string_view rule = entry.waiver->rule;
    std::string key = std::string(rule.substr(0, rule.find('.'))) + '\x1f' + entry.waiver->subject;
    if (std::find(judged.begin(), judged.end(), key) != judged.end()) {
      result.push_back(*entry.waiver);
    }
  }
  return result;
}

std::string Describe(const policy::Waiver& waiver) {
  std::string ticket = waiver.ticket.empty() ? "" : fmt::format(" ({})", waiver.ticket);
  return fmt::format("{} until {}: {}{}", waiver.owner, waiver.expires, waiver.reason, ticket);
}

}  // namespace layergate::verdict

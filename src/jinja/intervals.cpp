#include "jinja/intervals.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <vector>

#include "core/text.h"

namespace layergate::jinja {
namespace {

using Date = std::chrono::year_month_day;

// The rest of `text` behind `word`, both without white space in front.
bool Skip(std::string_view& text, std::string_view word) {
  if (text.substr(0, word.size()) != word) return false;
  text = Trim(text.substr(word.size()));
  return true;
}

std::optional<int> Number(std::string_view digits) {
  int number = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

// 'yyyy-mm-dd', with midnight behind it or not; or 'mm/dd/yyyy'.
std::optional<Date> ReadDate(std::string_view text, bool american) {
  constexpr std::array<std::string_view, 4> kMidnights = {"", " 00:00:00", "t00:00:00",
                                                          " 00:00:00.000"};
  if (text.size() < 10) return std::nullopt;
  if (std::find(kMidnights.begin(), kMidnights.end(), text.substr(10)) == kMidnights.end())
    return std::nullopt;
  char separator = american ? '/' : '-';
  if (text[american ? 2 : 4] != separator || text[american ? 5 : 7] != separator)
    return std::nullopt;
  auto year = Number(text.substr(american ? 6 : 0, 4));
  auto month = Number(text.substr(american ? 0 : 5, 2));
  auto day = Number(text.substr(american ? 3 : 8, 2));
  if (!year || !month || !day || *month < 1 || *day < 1) return std::nullopt;
  Date date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
            std::chrono::day(static_cast<unsigned>(*day))};
  return date.ok() ? std::optional(date) : std::nullopt;
}

// 2020, 01, 31)
std::optional<Date> ReadParts(std::string_view text) {
  if (text.empty() || text.back() != ')') return std::nullopt;
  text.remove_suffix(1);
  std::vector<std::string_view> parts = Split(text, ',');
  if (parts.size() != 3) return std::nullopt;
  auto year = Number(Trim(parts[0])), month = Number(Trim(parts[1])), day = Number(Trim(parts[2]));
  if (!year || !month || !day || *month < 1 || *day < 1) return std::nullopt;
  Date date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
            std::chrono::day(static_cast<unsigned>(*day))};
  return date.ok() ? std::optional(date) : std::nullopt;
}

// '2020-01-01', cast('2020-01-01' as date), date('2020-01-01'), to_date('01/31/2020', 'mm/dd/yyyy')
std::optional<Date> WrittenOut(const std::string& expression) {
  std::string lower = ToLower(expression);
  std::string_view text = Trim(lower);
  bool to_date = false, cast = false, call = false;
  if (Skip(text, "to_date")) to_date = call = true;
  if (!to_date && Skip(text, "cast")) cast = call = true;
  if (!call && (Skip(text, "date") || Skip(text, "timestamp"))) call = text.substr(0, 1) == "(";
  if (call && !Skip(text, "(")) return std::nullopt;
  if (call && !cast && !to_date && !text.empty() && text[0] >= '0' && text[0] <= '9')
    return ReadParts(text);
  if (text.empty() || text[0] != '\'') return std::nullopt;
  size_t close = text.find('\'', 1);
  if (close == std::string_view::npos) return std::nullopt;
  std::string_view literal = text.substr(1, close - 1);
  text = Trim(text.substr(close + 1));
  bool american = false;
  if (to_date && Skip(text, ",")) {
    american = Skip(text, "'mm/dd/yyyy'");
    if (!american && !Skip(text, "'yyyy-mm-dd'")) return std::nullopt;
  }
  if (cast) {
    if (!Skip(text, "as")) return std::nullopt;
    bool is_date = Skip(text, "datetime") || Skip(text, "date") || Skip(text, "timestamp_ntz") ||
                   Skip(text, "timestamp without time zone") || Skip(text, "timestamp");
    if (!is_date) return std::nullopt;
  }
  if (call && !Skip(text, ")")) return std::nullopt;
  return text.empty() ? ReadDate(literal, american) : std::nullopt;
}

}  // namespace

std::optional<int64_t> IntervalsBetween(const std::string& start, const std::string& end,
                                        std::string_view part, std::string_view adapter) {
  std::optional<Date> from = WrittenOut(start), to = WrittenOut(end);
  if (!from || !to) return std::nullopt;
  using std::chrono::sys_days;
  int64_t days = (sys_days(*to) - sys_days(*from)).count();
  std::string unit = ToLower(part);
  if (unit == "day") return days;
  // Elsewhere the longer parts are fractions, or are computed with SQL of dbt's own.
  constexpr std::array<std::string_view, 4> kWhole = {"snowflake", "bigquery", "redshift",
                                                      "duckdb"};
  if (std::find(kWhole.begin(), kWhole.end(), adapter) == kWhole.end()) return std::nullopt;
  int64_t years = static_cast<int>(to->year()) - static_cast<int>(from->year());
  auto month = [](const Date& d) { return static_cast<int64_t>(static_cast<unsigned>(d.month())); };
  if (unit == "year") return years;
  if (unit == "month") return years * 12 + month(*to) - month(*from);
  if (unit == "quarter") return years * 4 + (month(*to) - 1) / 3 - (month(*from) - 1) / 3;
  if (unit == "hour") return days * 24;
  return std::nullopt;
}

std::optional<int64_t> DaysBeyondToday(const std::string& start, const std::string& end,
                                       std::string_view part) {
  std::optional<Date> from = WrittenOut(start);
  std::string lower = ToLower(end);
  std::string_view text = Trim(lower);
  if (!from || ToLower(part) != "day" || !Skip(text, "current_date")) return std::nullopt;
  if (text.substr(0, 1) == "(" && (!Skip(text, "(") || !Skip(text, ")"))) return std::nullopt;
  int64_t more = 0;
  if (!text.empty()) {
    bool minus = text[0] == '-';
    if (!minus && text[0] != '+') return std::nullopt;
    std::optional<int> days = Number(Trim(text.substr(1)));
    if (!days || *days < 0) return std::nullopt;
    more = minus ? -*days : *days;
  }
  return more - std::chrono::sys_days(*from).time_since_epoch().count();
}

}  // namespace layergate::jinja

#include "gates/row_count_diff/window.h"

#include <charconv>
#include <chrono>

#include <fmt/format.h>

#include "core/text.h"

namespace layergate::row_count_diff {
namespace {

constexpr std::string_view kRemedy =
    "write window: {column: ordered_at, last: 7 days} or {column: ordered_at, from: 2026-01-01, "
    "to: 2026-02-01} or {column: ordered_at, overlap: true}";

// "7 days", "2 weeks", "1 day"
std::optional<int> DaysOf(std::string_view text) {
  text = Trim(text);
  int number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 1 || number > 3650) return std::nullopt;
  std::string unit = ToLower(Trim(text.substr(static_cast<size_t>(end - text.data()))));
  if (unit == "day" || unit == "days") return number;
  if (unit == "week" || unit == "weeks") return number * 7;
  return std::nullopt;
}

std::string TextOf(const Value& value) {
  if (value.is_string()) return std::string(Trim(value.AsString()));
  return value.is_null() ? std::string() : WriteJson(value);
}

}  // namespace

bool IsBound(std::string_view text) {
  return !text.empty() && text.size() <= 40 &&
         text.find_first_not_of("0123456789-:.+TZ ") == std::string_view::npos;
}

bool IsBefore(std::string_view a, std::string_view b) {
  double x = 0, y = 0;
  auto number = [](std::string_view text, double& value) {
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
  };
  return number(a, x) && number(b, y) ? x < y : a < b;
}

Result<std::optional<Window>> ReadWindow(const Value& option, const dbt::Node& node) {
  if (option.empty()) return std::optional<Window>();
  Window window;
  for (const auto& [key, value] : option.members()) {
    std::string text = TextOf(value);
    if (key == "column") {
      window.column = text;
    } else if (key == "last") {
      std::optional<int> days = DaysOf(text);
      if (!days) {
        return MakeError(
            fmt::format("the option window.last is `{}`, not a number of days or weeks",
                        Printable(text)),
            std::string(kRemedy));
      }
      window.last_days = *days;
    } else if (key == "overlap") {
      window.overlap = value.AsBool();
    } else if (key == "from" || key == "to") {
      if (!IsBound(text)) {
        return MakeError(fmt::format("the option window.{} is `{}`, not a date, a time or a number",
                                     key, Printable(text)),
                         std::string(kRemedy));
      }
      (key == "from" ? window.from : window.to) = text;
    } else {
      return MakeError(fmt::format("the option window has no `{}`", Printable(key)),
                       std::string(kRemedy));
    }
  }
  if (window.column.empty()) window.column = TextOf(node.Config("event_time"));
  if (window.column.empty()) {
    return MakeError("the option window names no column, and the model has no event_time",
                     std::string(kRemedy));
  }
  if (window.last_days > 0 && !window.from.empty()) {
    return MakeError("the option window has both `last` and `from`", std::string(kRemedy));
  }
  bool bounded = window.last_days > 0 || !window.from.empty() || !window.to.empty();
  if (window.overlap && bounded) {
    return MakeError("the option window has `overlap` and other bounds", std::string(kRemedy));
  }
  if (!window.overlap && !bounded) {
    return MakeError("the option window has none of `last`, `from`, `to` and `overlap`",
                     std::string(kRemedy));
  }
  return std::optional<Window>(window);
}

std::string DaysBefore(std::string_view text, int days) {
  using namespace std::chrono;
  text = Trim(text);
  int y = 0;
  unsigned m = 0, d = 0;
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return {};
  auto read = [&](size_t at, size_t length, auto& number) {
    const char* begin = text.data() + at;
    auto [end, error] = std::from_chars(begin, begin + length, number);
    return error == std::errc() && end == begin + length;
  };
  if (!read(0, 4, y) || !read(5, 2, m) || !read(8, 2, d)) return {};
  year_month_day date{year(y), month(m), day(d)};
  if (!date.ok()) return {};
  year_month_day result{sys_days(date) - std::chrono::days(days)};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(result.year()),
                     static_cast<unsigned>(result.month()), static_cast<unsigned>(result.day()));
}

}  // namespace layergate::row_count_diff

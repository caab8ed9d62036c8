#include "jinja/datetime.h"

#include <array>
#include <chrono>

#include <fmt/format.h>

#include "core/text.h"
#include "jinja/builtins.h"
#include "jinja/facade.h"
#include "jinja/operators.h"

namespace layergate::jinja {
namespace {

constexpr int64_t kSecond = 1'000'000, kDay = 86'400 * kSecond;
constexpr int64_t kMostDays = 3'000'000;  // beyond year 9999 either way

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

class Delta final : public Object {
 public:
  explicit Delta(int64_t micros) : micros_(micros) {
    if (micros / kDay > kMostDays || micros / kDay < -kMostDays)
      NotRendered("this timedelta is too long");
  }
  int64_t micros() const { return micros_; }

  std::optional<Var> Attribute(std::string_view name) const override {
    int64_t days = FloorDiv(micros_, kDay), rest = micros_ - days * kDay;
    if (name == "days") return Var(days);
    if (name == "seconds") return Var(rest / kSecond);
    if (name == "microseconds") return Var(rest % kSecond);
    if (name == "total_seconds") {
      double seconds = static_cast<double>(micros_) / static_cast<double>(kSecond);
      return Var::MakeFunction("total_seconds",
                               [seconds](Interpreter&, const Arguments&) { return Var(seconds); });
    }
    NotRendered(fmt::format("timedelta.{} is not supported", name));
  }
  std::string ToString() const override {
    int64_t days = FloorDiv(micros_, kDay), rest = micros_ - days * kDay;
    std::string text;
    if (days != 0) text = fmt::format("{} day{}, ", days, days == 1 || days == -1 ? "" : "s");
    int64_t seconds = rest / kSecond;
    text += fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if (rest % kSecond != 0) text += fmt::format(".{:06}", rest % kSecond);
    return text;
  }
  std::string Repr() const override { NotRendered("a timedelta stands in a list that is printed"); }
  std::string EqualityKey() const override { return fmt::format("timedelta {}", micros_); }
  bool Truth() const override { return micros_ != 0; }
  std::optional<bool> IsLess(const Object& other) const override {
    auto* delta = dynamic_cast<const Delta*>(&other);
    return delta ? std::optional<bool>(micros_ < delta->micros_) : std::nullopt;
  }
  std::optional<Var> Operate(std::string_view op, const Var& other, bool reflected) const override;

 private:
  int64_t micros_;
};

Var MakeDelta(int64_t micros) {
  return Var(std::shared_ptr<Object>(std::make_shared<Delta>(micros)));
}

const Delta* AsDelta(const Var& value) {
  return value.is_object() ? dynamic_cast<const Delta*>(value.object().get()) : nullptr;
}

std::optional<Var> Delta::Operate(std::string_view op, const Var& other, bool reflected) const {
  if (op == "*" && other.is_int()) {
    int64_t product = 0;
    if (__builtin_mul_overflow(micros_, other.as_int(), &product)) return std::nullopt;
    return MakeDelta(product);
  }
  const Delta* delta = AsDelta(other);
  if (!delta || reflected) return std::nullopt;
  if (op == "+") return MakeDelta(micros_ + delta->micros_);
  if (op == "-") return MakeDelta(micros_ - delta->micros_);
  return std::nullopt;
}

// A date, or a moment without time zone, in microseconds since 1970.
class Moment final : public Object {
 public:
  Moment(int64_t micros, bool has_time) : micros_(micros), has_time_(has_time) {
    auto year = static_cast<int>(Ymd().year());
    if (micros_ / kDay > kMostDays || year < 1 || year > 9999)
      NotRendered("this date is out of range");
  }

  std::optional<Var> Attribute(std::string_view name) const override;
  std::string ToString() const override {
    return has_time_ ? fmt::format("{} {}", Day(), Time()) : Day();
  }
  std::string Repr() const override { NotRendered("a date stands in a list that is printed"); }
  std::string EqualityKey() const override { return fmt::format("date {} {}", micros_, has_time_); }
  std::optional<bool> IsLess(const Object& other) const override {
    auto* moment = dynamic_cast<const Moment*>(&other);
    if (!moment || moment->has_time_ != has_time_) return std::nullopt;
    return micros_ < moment->micros_;
  }
  std::optional<Var> Operate(std::string_view op, const Var& other, bool reflected) const override;

 private:
  std::chrono::year_month_day Ymd() const {
    return std::chrono::sys_days(std::chrono::days(FloorDiv(micros_, kDay)));
  }
  int64_t OfDay() const { return micros_ - FloorDiv(micros_, kDay) * kDay; }
  int Weekday() const {  // 0: Monday
    std::chrono::weekday day{std::chrono::sys_days(Ymd())};
    return static_cast<int>(day.iso_encoding()) - 1;
  }
  int64_t Year() const { return static_cast<int>(Ymd().year()); }
  int64_t Month() const { return static_cast<unsigned>(Ymd().month()); }
  int64_t DayOfMonth() const { return static_cast<unsigned>(Ymd().day()); }
  std::string Day() const {
    return fmt::format("{:04}-{:02}-{:02}", Year(), Month(), DayOfMonth());
  }
  std::string Time() const {
    int64_t seconds = OfDay() / kSecond, micros = OfDay() % kSecond;
    std::string text =
        fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    return micros == 0 ? text : text + fmt::format(".{:06}", micros);
  }
  std::string Format(std::string_view format) const;
  Var Replace(const Arguments& arguments) const;

  int64_t micros_;
  bool has_time_;
};

Var MakeMoment(int64_t micros, bool has_time) {
  return Var(std::shared_ptr<Object>(std::make_shared<Moment>(micros, has_time)));
}

int64_t MicrosOf(int64_t year, int64_t month, int64_t day) {
  bool plausible = year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
  if (!plausible) NotRendered("there is no such date");
  std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                   std::chrono::month(static_cast<unsigned>(month)),
                                   std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) NotRendered("there is no such date");
  return std::chrono::sys_days(date).time_since_epoch().count() * kDay;
}

int64_t MicrosOf(int64_t hour, int64_t minute, int64_t second, int64_t micro) {
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ||
      micro < 0 || micro >= kSecond)
    NotRendered("there is no such time");
  return ((hour * 60 + minute) * 60 + second) * kSecond + micro;
}

std::string Moment::Format(std::string_view format) const {
  constexpr std::array<std::string_view, 7> kDays = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                     "Friday", "Saturday", "Sunday"};
  constexpr std::array<std::string_view, 12> kMonths = {
      "January", "February", "March",     "April",   "May",      "June",
      "July",    "August",   "September", "October", "November", "December"};
  int64_t seconds = OfDay() / kSecond;
  auto weekday = static_cast<size_t>(Weekday());
  auto month = static_cast<size_t>(Month() - 1);
  std::string text;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      text += format[i];
      continue;
    }
    switch (format[++i]) {
      case 'Y':
        text += fmt::format("{:04}", Year());
        break;
      case 'y':
        text += fmt::format("{:02}", Year() % 100);
        break;
      case 'm':
        text += fmt::format("{:02}", Month());
        break;
      case 'd':
        text += fmt::format("{:02}", DayOfMonth());
        break;
      case 'H':
        text += fmt::format("{:02}", seconds / 3600);
        break;
      case 'I':
        text += fmt::format("{:02}", (seconds / 3600 + 11) % 12 + 1);
        break;
      case 'p':
        text += seconds < 43200 ? "AM" : "PM";
        break;
      case 'M':
        text += fmt::format("{:02}", seconds / 60 % 60);
        break;
      case 'S':
        text += fmt::format("{:02}", seconds % 60);
        break;
      case 'f':
        text += fmt::format("{:06}", OfDay() % kSecond);
        break;
      case 'j':
        text += fmt::format("{:03}", FloorDiv(micros_ - MicrosOf(Year(), 1, 1), kDay) + 1);
        break;
      case 'A':
        text += kDays[weekday];
        break;
      case 'a':
        text += kDays[weekday].substr(0, 3);
        break;
      case 'B':
        text += kMonths[month];
        break;
      case 'b':
        text += kMonths[month].substr(0, 3);
        break;
      case 'F':
        text += Day();
        break;
      case 'T':
        text += fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
        break;
      case '%':
        text += '%';
        break;
      default:
        NotRendered(fmt::format("strftime: %{} is not supported", format[i]));
    }
  }
  return text;
}

Var Moment::Replace(const Arguments& arguments) const {
  int64_t seconds = OfDay() / kSecond;
  int64_t day =
      MicrosOf(NumberOf(arguments, 0, "year", Year()), NumberOf(arguments, 1, "month", Month()),
               NumberOf(arguments, 2, "day", DayOfMonth()));
  if (!has_time_) return MakeMoment(day, false);
  return MakeMoment(day + MicrosOf(NumberOf(arguments, 3, "hour", seconds / 3600),
                                   NumberOf(arguments, 4, "minute", seconds / 60 % 60),
                                   NumberOf(arguments, 5, "second", seconds % 60),
                                   NumberOf(arguments, 6, "microsecond", OfDay() % kSecond)),
                    true);
}

std::optional<Var> Moment::Attribute(std::string_view name) const {
  if (name == "year") return Var(Year());
  if (name == "month") return Var(Month());
  if (name == "day") return Var(DayOfMonth());
  int64_t seconds = OfDay() / kSecond;
  if (has_time_) {
    if (name == "hour") return Var(seconds / 3600);
    if (name == "minute") return Var(seconds / 60 % 60);
    if (name == "second") return Var(seconds % 60);
    if (name == "microsecond") return Var(OfDay() % kSecond);
  }
  Moment self = *this;
  auto method = [&](auto body) {
    return Var::MakeFunction(std::string(name), [self, body](Interpreter&, const Arguments& a) {
      return Var(body(self, a));
    });
  };
  if (name == "strftime") {
    return method([](const Moment& m, const Arguments& a) {
      return Var(m.Format(Needed(a, 0, "format").ToString()));
    });
  }
  if (name == "isoformat") {
    return method([](const Moment& m, const Arguments& a) {
      if (!a.positional.empty() || !a.named.empty())
        NotRendered("isoformat with arguments is not supported");
      return Var(m.has_time_ ? m.Day() + "T" + m.Time() : m.Day());
    });
  }
  if (name == "date" && has_time_) {
    return method([](const Moment& m, const Arguments&) {
      return MakeMoment(FloorDiv(m.micros_, kDay) * kDay, false);
    });
  }
  if (name == "weekday" || name == "isoweekday") {
    int64_t first = name == "weekday" ? 0 : 1;
    return method([first](const Moment& m, const Arguments&) { return Var(m.Weekday() + first); });
  }
  if (name == "replace")
    return method([](const Moment& m, const Arguments& a) { return m.Replace(a); });
  NotRendered(fmt::format("`{}` of a date is not supported", name));
}

std::optional<Var> Moment::Operate(std::string_view op, const Var& other, bool reflected) const {
  if (const Delta* delta = AsDelta(other)) {
    if (op != "+" && (op != "-" || reflected)) return std::nullopt;
    int64_t micros = has_time_ ? delta->micros() : FloorDiv(delta->micros(), kDay) * kDay;
    return MakeMoment(op == "+" ? micros_ + micros : micros_ - micros, has_time_);
  }
  auto* moment = other.is_object() ? dynamic_cast<const Moment*>(other.object().get()) : nullptr;
  if (!moment || op != "-" || reflected || moment->has_time_ != has_time_) return std::nullopt;
  return MakeDelta(micros_ - moment->micros_);
}

// strptime with the directives that are digits: %Y-%m-%d %H:%M:%S.
Var Parse(const std::string& text, std::string_view format) {
  int64_t year = 1900, month = 1, day = 1, hour = 0, minute = 0, second = 0;
  size_t at = 0;
  auto number = [&](size_t most) {
    int64_t value = 0;
    size_t begin = at;
    while (at < text.size() && at - begin < most && text[at] >= '0' && text[at] <= '9')
      value = value * 10 + (text[at++] - '0');
    if (at == begin) NotRendered(fmt::format("strptime: '{}' is not like the format", text));
    return value;
  };
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      if (at >= text.size() || text[at] != format[i])
        NotRendered(fmt::format("strptime: '{}' is not like the format", text));
      ++at;
      continue;
    }
    switch (format[++i]) {
      case 'Y':
        year = number(4);
        break;
      case 'm':
        month = number(2);
        break;
      case 'd':
        day = number(2);
        break;
      case 'H':
        hour = number(2);
        break;
      case 'M':
        minute = number(2);
        break;
      case 'S':
        second = number(2);
        break;
      default:
        NotRendered(fmt::format("strptime: %{} is not supported", format[i]));
    }
  }
  if (at != text.size()) NotRendered(fmt::format("strptime: '{}' is not like the format", text));
  return MakeMoment(MicrosOf(year, month, day) + MicrosOf(hour, minute, second, 0), true);
}

Var MakeDate(Interpreter&, const Arguments& a) {
  if (a.Get(7, "tzinfo")) NotRendered("time zones are not supported");
  return MakeMoment(
      MicrosOf(NumberOf(a, 0, "year", 0), NumberOf(a, 1, "month", 0), NumberOf(a, 2, "day", 0)),
      false);
}

Var MakeDatetime(Interpreter&, const Arguments& a) {
  if (a.Get(7, "tzinfo")) NotRendered("time zones are not supported");
  return MakeMoment(
      MicrosOf(NumberOf(a, 0, "year", 0), NumberOf(a, 1, "month", 0), NumberOf(a, 2, "day", 0)) +
          MicrosOf(NumberOf(a, 3, "hour", 0), NumberOf(a, 4, "minute", 0),
                   NumberOf(a, 5, "second", 0), NumberOf(a, 6, "microsecond", 0)),
      true);
}

Var MakeTimedelta(Interpreter&, const Arguments& a) {
  constexpr std::pair<const char*, int64_t> kUnits[] = {
      {"days", kDay},         {"seconds", kSecond},      {"microseconds", 1},
      {"milliseconds", 1000}, {"minutes", 60 * kSecond}, {"hours", 3600 * kSecond},
      {"weeks", 7 * kDay}};
  int64_t micros = 0;
  for (size_t i = 0; i < std::size(kUnits); ++i) {
    int64_t part = 0;
    int64_t count = NumberOf(a, i, kUnits[i].first, 0);
    if (__builtin_mul_overflow(count, kUnits[i].second, &part) ||
        __builtin_add_overflow(micros, part, &micros))
      NotRendered("this timedelta is too long");
  }
  return MakeDelta(micros);
}

std::optional<Var> DatetimeClass(std::string_view name) {
  if (name == "strptime") {
    return Var::MakeFunction("strptime", [](Interpreter&, const Arguments& a) {
      const Var& text = Needed(a, 0, "date_string");
      RefuseUnknown(text);
      return Parse(text.ToString(), Needed(a, 1, "format").ToString());
    });
  }
  NotRendered(fmt::format("datetime.{} depends on the run, or is not supported", name));
}

std::optional<Var> DateClass(std::string_view name) {
  if (name == "fromisoformat") {
    return Var::MakeFunction("fromisoformat", [](Interpreter& i, const Arguments& a) {
      const Var& text = Needed(a, 0, "date_string");
      RefuseUnknown(text);
      if (text.ToString().size() != 10) NotRendered("date.fromisoformat: not yyyy-mm-dd");
      Var moment = Parse(text.ToString(), "%Y-%m-%d");
      return moment.object()->Attribute("date")->object()->Call(i, {});
    });
  }
  NotRendered(fmt::format("date.{} depends on the run, or is not supported", name));
}

}  // namespace

std::optional<Var> DatetimeModule(std::string_view name) {
  if (name == "datetime") return MakeFacade("datetime", DatetimeClass, MakeDatetime);
  if (name == "date") return MakeFacade("date", DateClass, MakeDate);
  if (name == "timedelta")
    return MakeFacade("timedelta", [](std::string_view) { return std::nullopt; }, MakeTimedelta);
  NotRendered(fmt::format("modules.datetime.{} is not supported", name));
}

}  // namespace layergate::jinja

#include "warehouse/engine.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/text.h"
#include "warehouse/odbc/drivers.h"

namespace layergate::warehouse {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Spaces, comments and opening brackets before the first word. A comment that MySQL executes
// (`/*! ... */`) is not a comment here.
size_t SkipToFirstWord(std::string_view sql) {
  size_t i = 0;
  while (i < sql.size()) {
    std::string_view rest = sql.substr(i);
    if (IsSpace(sql[i]) || sql[i] == '(') {
      ++i;
    } else if (rest.substr(0, 2) == "--") {
      size_t end = rest.find('\n');
      if (end == std::string_view::npos) return sql.size();
      i += end + 1;
    } else if (rest.substr(0, 2) == "/*" && rest.substr(0, 3) != "/*!" &&
               rest.substr(0, 4) != "/*M!") {
      size_t end = rest.find("*/", 2);
      if (end == std::string_view::npos) return sql.size();
      i += end + 2;
    } else {
      break;
    }
  }
  return i;
}

}  // namespace

std::string_view Setting(const Target& target, std::string_view key) {
  for (const auto& [name, value] : target.settings) {
    if (name == key) return value;
  }
  return {};
}

sql::Dialect DialectOf(const Target& target) {
  if (target.engine == "odbc") {
    const odbc::Driver* driver = odbc::FindDriver(Setting(target, "driver"));
    return driver ? driver->dialect : sql::Dialect::kAnsi;
  }
  return sql::DialectFromName(target.engine).value_or(sql::Dialect::kAnsi);
}

std::string RefuseStatement(std::string_view sql) {
  constexpr std::array<std::string_view, 7> kReading = {"select", "with", "values",  "explain",
                                                        "show",   "desc", "describe"};
  if (sql.find('\0') != std::string_view::npos) return "the statement holds a NUL byte";
  size_t begin = SkipToFirstWord(sql);
  size_t end = begin;
  while (end < sql.size() && IsLetter(sql[end])) ++end;
  std::string word = ToLower(sql.substr(begin, end - begin));
  if (std::find(kReading.begin(), kReading.end(), word) != kReading.end()) return {};
  return fmt::format("only reading statements are sent, and this one begins with `{}`",
                     Printable(word.empty() ? sql.substr(begin, 20) : word));
}

bool HoldsSeveralStatements(std::string_view sql) {
  size_t at = sql.find(';');
  return at != std::string_view::npos && !Trim(sql.substr(at + 1)).empty();
}

long long WholeSeconds(std::chrono::milliseconds time) {
  return std::max(1LL, static_cast<long long>((time.count() + 999) / 1000));
}

Watchdog::Watchdog(std::chrono::milliseconds after, std::function<void()> act) {
  thread_ = std::thread([this, after, act = std::move(act)] {
    std::unique_lock lock(mutex_);
    auto wait = after;
    while (!wake_.wait_for(lock, wait, [this] { return done_; })) {
      fired_ = true;
      lock.unlock();
      act();
      lock.lock();
      wait = std::chrono::milliseconds(100);
    }
  });
}

Watchdog::~Watchdog() {
  {
    std::lock_guard lock(mutex_);
    done_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

bool Watchdog::fired() {
  std::lock_guard lock(mutex_);
  return fired_;
}

Alarm::~Alarm() {
  {
    std::lock_guard lock(mutex_);
    done_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Alarm::Set(std::chrono::milliseconds after) {
  std::lock_guard lock(mutex_);
  set_ = true;
  rang_ = false;
  due_ = Clock::now() + after;
  if (!thread_.joinable()) {
    thread_ = std::thread([this] { Run(); });
  } else if (due_ < sleeps_until_) {
    wake_.notify_all();  // else it wakes early enough by itself
  }
}

bool Alarm::Clear() {
  std::unique_lock lock(mutex_);
  set_ = false;
  quiet_.wait(lock, [this] { return !ringing_; });
  return rang_;
}

void Alarm::Run() {
  std::unique_lock lock(mutex_);
  while (!done_) {
    if (!set_) {
      sleeps_until_ = Clock::time_point::max();
      wake_.wait(lock, [this] { return done_ || set_; });
    } else if (Clock::now() < due_) {
      sleeps_until_ = due_;
      wake_.wait_until(lock, sleeps_until_);
    } else {
      rang_ = ringing_ = true;
      due_ = Clock::now() + std::chrono::milliseconds(100);
      lock.unlock();
      act_();
      lock.lock();
      ringing_ = false;
      quiet_.notify_all();
    }
  }
}

}  // namespace layergate::warehouse

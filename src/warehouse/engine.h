// What the engines share: the list of them, the settings of a target, and the rules that hold for
// every statement whatever the engine.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "warehouse/connection.h"

namespace layergate::warehouse {

#define LAYERGATE_ENGINE(name, open) \
  Opened open(const Target& target, std::chrono::milliseconds timeout);
#include "warehouse/engines.def"
#undef LAYERGATE_ENGINE

// The setting's value, or empty.
std::string_view Setting(const Target& target, std::string_view key);

// The SQL dialect of a target, known without connecting; kAnsi for an ODBC driver that is not
// known.
sql::Dialect DialectOf(const Target& target);

// Why a statement is not sent at all; empty when it may be. Only statements that begin with SELECT,
// WITH, VALUES, EXPLAIN, SHOW or DESCRIBE are: a session cannot be talked out of its read-only mode
// by a SET, nor be given another database by an ATTACH. It is the first of two locks; the second is
// the engine's own read-only mode, which stops what hides inside such a statement.
std::string RefuseStatement(std::string_view sql);

// True when a ';' is followed by anything but spaces. Quotes are not looked at, so that no two
// opinions about quoting can differ: a name that holds ';' is refused too.
bool HoldsSeveralStatements(std::string_view sql);

// Whole seconds, rounded up, at least one.
long long WholeSeconds(std::chrono::milliseconds time);

// Calls `act` when `after` has passed, and again every 100 ms until it is destroyed: a cancel that
// arrives between two statements is lost on most engines.
class Watchdog {
 public:
  Watchdog(std::chrono::milliseconds after, std::function<void()> act);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  bool fired();

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;
  bool fired_ = false;
  std::thread thread_;
};

// The same for a connection that sends many short statements: one thread for all of them. A thread
// for each costs more than the statement does.
class Alarm {
 public:
  explicit Alarm(std::function<void()> act) : act_(std::move(act)) {}
  ~Alarm();
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;
  void Set(std::chrono::milliseconds after);
  // When it returns, `act` does not run and will not. True when it has run since Set().
  bool Clear();

 private:
  using Clock = std::chrono::steady_clock;
  void Run();

  std::function<void()> act_;
  std::mutex mutex_;
  std::condition_variable wake_, quiet_;
  bool set_ = false, rang_ = false, ringing_ = false, done_ = false;
  Clock::time_point due_;
  Clock::time_point sleeps_until_ = Clock::time_point::max();
  std::thread thread_;
};

}  // namespace layergate::warehouse

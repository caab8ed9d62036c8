#include "warehouse/pool.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "warehouse/engine.h"
#include "warehouse/quoting.h"

namespace layergate::warehouse {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kTries = 3;

milliseconds Left(Clock::time_point deadline) {
  return std::max(milliseconds(0),
                  std::chrono::duration_cast<milliseconds>(deadline - Clock::now()));
}

Answer Refused(Failure failure) { return {std::nullopt, std::move(failure)}; }

}  // namespace

struct Pool::State {
  Target target;
  int max_connections;
  milliseconds connect_timeout;
  bool send = true;
  Usage usage;

  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::unique_ptr<Connection>> idle;
  std::vector<Connection*> running;
  int open = 0;                 // idle, running, and being opened
  bool opened_once = false;     // a connection has worked: others may be opened at the same time
  std::optional<Failure> dead;  // why no connection can be had, ever after
  bool stopped = false;

  // A connection to use, or the reason why there is none. Waits for one to come free.
  std::unique_ptr<Connection> Acquire(Clock::time_point deadline, Failure& failure);
  // True when the pool has been stopped meanwhile.
  bool Release(std::unique_ptr<Connection> connection, bool usable, milliseconds spent);

 private:
  std::unique_ptr<Connection> OpenOne(std::unique_lock<std::mutex>& lock,
                                      Clock::time_point deadline, Failure& failure);
};

std::unique_ptr<Connection> Pool::State::Acquire(Clock::time_point deadline, Failure& failure) {
  std::unique_lock lock(mutex);
  while (true) {
    if (stopped) {
      failure = {FailureKind::kCancelled, "the run was interrupted", ""};
      return nullptr;
    }
    if (!idle.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle.back());
      idle.pop_back();
      running.push_back(connection.get());
      return connection;
    }
    if (dead) {
      failure = *dead;
      return nullptr;
    }
    // Until one connection has worked, one thread tries and the others wait for what it learns: a
    // dead server costs one time-out.
    if (open < (opened_once ? max_connections : 1)) {
      if (auto connection = OpenOne(lock, deadline, failure)) return connection;
      if (open == 0 || failure.kind != FailureKind::kTransient) return nullptr;
      max_connections = open;  // the server has no more to give: share those there are
      continue;
    }
    if (changed.wait_until(lock, deadline) == std::cv_status::timeout) {
      failure = {FailureKind::kTimeout, "no connection came free in time", ""};
      return nullptr;
    }
  }
}

std::unique_ptr<Connection> Pool::State::OpenOne(std::unique_lock<std::mutex>& lock,
                                                 Clock::time_point deadline, Failure& failure) {
  ++open;
  lock.unlock();
  Opened opened;
  for (int i = 1;; ++i) {
    opened = Open(target, std::min(connect_timeout, std::max(milliseconds(1), Left(deadline))));
    bool again = !opened.connection && opened.failure.kind == FailureKind::kTransient;
    if (!again || i == kTries || Left(deadline).count() == 0) break;
    std::this_thread::sleep_for(std::min(milliseconds(100 * i), Left(deadline)));
  }
  lock.lock();
  if (opened.connection) {
    opened_once = true;
    ++usage.connections;
    running.push_back(opened.connection.get());
  } else {
    --open;
    failure = opened.failure;
    if (open == 0 || failure.kind != FailureKind::kTransient) dead = failure;
  }
  changed.notify_all();
  return std::move(opened.connection);
}

bool Pool::State::Release(std::unique_ptr<Connection> connection, bool usable, milliseconds spent) {
  std::lock_guard lock(mutex);
  ++usage.statements;
  usage.time += spent;
  running.erase(std::find(running.begin(), running.end(), connection.get()));
  if (usable) {
    idle.push_back(std::move(connection));
  } else {
    --open;
  }
  changed.notify_all();
  return stopped;
}

Pool::Pool(Target target, int max_connections, milliseconds connect_timeout, bool send)
    : state_(std::make_unique<State>()) {
  state_->target = std::move(target);
  state_->max_connections = state_->target.engine == "duckdb" ? 1 : std::max(1, max_connections);
  state_->send = send;
  state_->connect_timeout = connect_timeout;
}

Pool::~Pool() = default;

const Target& Pool::target() const { return state_->target; }

Answer Pool::Run(std::string_view sql, milliseconds timeout) {
  return RunBy(
      [&](Connection& connection, milliseconds left) { return connection.Query(sql, left); },
      timeout);
}

Answer Pool::Plan(std::string_view query, milliseconds timeout) {
  return RunBy(
      [&](Connection& connection, milliseconds left) { return connection.Plan(query, left); },
      timeout);
}

Answer Pool::RunBy(const Ask& ask, milliseconds timeout) {
  if (!state_->send) return Refused({FailureKind::kNotSent, "a dry run sends nothing", ""});
  auto deadline = Clock::now() + timeout;
  Failure failure;
  for (int i = 1;; ++i) {
    std::unique_ptr<Connection> connection = state_->Acquire(deadline, failure);
    if (!connection) return Refused(failure);
    auto begin = Clock::now();
    Answer answer = ask(*connection, Left(deadline));
    auto spent = std::chrono::duration_cast<milliseconds>(Clock::now() - begin);
    bool lost = !answer && answer.failure.kind == FailureKind::kTransient;
    if (state_->Release(std::move(connection), !lost, spent) && !answer) {
      return Refused({FailureKind::kCancelled, "the run was interrupted", ""});
    }
    if (!lost || i == kTries || Left(deadline).count() == 0) return answer;
    std::this_thread::sleep_for(std::min(milliseconds(50 * i), Left(deadline)));
  }
}

Relation Pool::Place(const Relation& relation) const {
  Relation placed = relation;
  if (!state_->target.database_override.empty()) placed.database = state_->target.database_override;
  if (!state_->target.schema_override.empty()) placed.schema = state_->target.schema_override;
  return placed;
}

Pool::Quoted Pool::Quote(const Relation& relation) {
  Quoted quoted{QuoteRelation(dialect(), Place(relation)), {}};
  if (quoted.sql.empty()) {
    quoted.failure = {FailureKind::kSql,
                      fmt::format("{}: the name of the relation is empty, too long or holds a NUL",
                                  state_->target.name),
                      ""};
  }
  return quoted;
}

Pool::Quoted Pool::QuoteName(std::string_view name) {
  Quoted quoted{warehouse::QuoteName(dialect(), name), {}};
  if (quoted.sql.empty()) {
    quoted.failure = {FailureKind::kSql, "a column's name is empty, too long or holds a NUL", ""};
  }
  return quoted;
}

Pool::Quoted Pool::QuoteText(std::string_view text) {
  Quoted quoted{warehouse::QuoteText(dialect(), text), {}};
  if (quoted.sql.empty()) {
    quoted.failure = {FailureKind::kSql, "a text holds a backslash or a NUL", ""};
  }
  return quoted;
}

sql::Dialect Pool::dialect() { return DialectOf(state_->target); }

Usage Pool::usage() const {
  std::lock_guard lock(state_->mutex);
  return state_->usage;
}

void Pool::CancelAll() {
  std::unique_lock lock(state_->mutex);
  state_->stopped = true;
  state_->changed.notify_all();
  // A cancel that comes just before its statement is lost, so it is said again for a while.
  for (int i = 0; i < 40 && !state_->running.empty(); ++i) {
    for (Connection* connection : state_->running) connection->Cancel();
    state_->changed.wait_for(lock, milliseconds(50), [this] { return state_->running.empty(); });
  }
}

}  // namespace layergate::warehouse

// A bounded number of connections to one target, shared by the gate threads.
//
// `Run` waits for a free connection (opening one when the bound allows), runs one statement with
// retry of transient failures (at most three tries within the deadline; read-only statements are
// idempotent), and gives the connection back. After the first failed attempt to connect, every
// later call answers with that failure at once: a dead server costs one time-out, not one per
// model. A pool that is told not to send answers every statement with kNotSent. `CancelAll` stops
// every running statement (Ctrl-C). Thread-safe.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "warehouse/connection.h"

namespace layergate::warehouse {

// What a pool's statements have cost so far.
struct Usage {
  size_t statements = 0;
  std::chrono::milliseconds time{0};  // summed over connections
  int connections = 0;                // opened
};

class Pool {
 public:
  // An engine that lives in this process and uses all cores for one statement (DuckDB) gets one
  // connection whatever `max_connections` says.
  Pool(Target target, int max_connections, std::chrono::milliseconds connect_timeout,
       bool send = true);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  const Target& target() const;
  Answer Run(std::string_view sql, std::chrono::milliseconds timeout);
  // Connection::Plan, on one of the connections.
  Answer Plan(std::string_view query, std::chrono::milliseconds timeout);
  // The relation as this target writes it, quoted; needs a connection once, hence an Answer-like
  // failure.
  struct Quoted {
    std::string sql;  // empty on failure
    Failure failure;
  };
  Quoted Quote(const Relation& relation);
  // The relation where this target keeps it: the manifest's place, or the overrides'.
  Relation Place(const Relation& relation) const;
  Quoted QuoteName(std::string_view name);
  // A text literal of this engine.
  Quoted QuoteText(std::string_view text);
  sql::Dialect dialect();
  void CancelAll();
  Usage usage() const;

 private:
  using Ask = std::function<Answer(Connection&, std::chrono::milliseconds)>;
  Answer RunBy(const Ask& ask, std::chrono::milliseconds timeout);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace layergate::warehouse

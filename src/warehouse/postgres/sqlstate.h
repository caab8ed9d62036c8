// What the five characters of PostgreSQL's protocol mean here; Redshift speaks the same ones.
#pragma once

#include <chrono>
#include <string>

#include "warehouse/connection.h"

namespace layergate::warehouse {

FailureKind ClassifySqlState(const std::string& state);

// The server gives 57014 for a deadline and for a cancel alike, and its words are in its own
// language. A deadline cannot pass early: what was stopped before it was cancelled by somebody.
FailureKind ClassifyCancel(std::chrono::steady_clock::time_point begin,
                           std::chrono::milliseconds timeout);

// 'value' in a connection string of libpq.
std::string QuoteOption(std::string_view value);

// Some failures while connecting have no SQLSTATE. A server without room is worth another try, and
// in servers of other languages than English it counts as refused.
bool SaysFull(const Failure& failure);

}  // namespace layergate::warehouse

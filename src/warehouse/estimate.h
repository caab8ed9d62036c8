// What a database's own statistics say about a relation's size.
//
// Never a count: statistics lag behind, and some are wrong by a factor (measured: PostgreSQL's
// live-row counter off by two). They serve to refuse a scan that would be too dear, to explain one
// that took too long, and to know a huge table in a plan. Whoever shows one shows where it comes
// from.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "warehouse/pool.h"

namespace layergate::warehouse {

struct Estimate {
  long long rows = 0;
  std::string source;  // "pg_class.reltuples"
  std::string as_of;   // when the statistics were made, as the database writes it; may be empty
};

// "about 12,000,000 rows by pg_class.reltuples of 2026-01-05 10:00"
std::string Words(const Estimate& estimate);

// nullopt: this engine keeps no statistics that are known here, or the relation has none. The
// statement is appended to `statements`.
std::optional<Estimate> EstimateRows(Pool& pool, const Relation& relation,
                                     std::chrono::milliseconds timeout,
                                     std::vector<std::string>& statements);

}  // namespace layergate::warehouse

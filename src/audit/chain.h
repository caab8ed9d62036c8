// The chain that makes a log of records show where it was changed.
//
// A log is JSON lines. Every line is the canonical text of its record (keys sorted, no spaces,
// whole numbers only: the part of RFC 8785 that we need); `hash` is the SHA-256 of that text
// without the `hash` member, and `prev_hash` is the hash of the line before, 64 zeros in the first.
// Checking computes every hash anew and believes none that is written.
//
// What it proves: no record was changed, put in or taken out between two that are there. What it
// does not: that a record was true when it was written, or that the end of the log was not cut off.
// For the latter keep the last hash where the log's writer cannot reach it, and give it to Check.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/value.h"

namespace layergate::audit {

inline constexpr std::string_view kNoHash =
    "0000000000000000000000000000000000000000000000000000000000000000";

enum class LogState {
  kIntact,
  kUnreadable,  // a line is not a record
  kAltered,     // a record does not have the hash that it says it has
  kBroken,      // a record does not follow the one before it
  kCutOff,      // the last line has no end: a writer was interrupted
  kShort,       // fewer records than expected
  kForeign,     // the expected hash is not in the chain: rewritten, or its end cut off
};
std::string_view ToString(LogState state);

struct Expectation {
  std::string hash;  // of a record that must be in the chain; empty: none
  int64_t count = 0;
};

struct LogCheck {
  LogState state = LogState::kIntact;
  size_t line = 0;  // from 1, where it is wrong
  std::string why;  // one sentence
  int64_t count = 0;
  std::string head = std::string(kNoHash);  // hash of the last good record
  std::vector<Value> records;               // the good ones before the first bad line
};

LogCheck CheckLog(std::string_view text, const Expectation& expected = {});

// `record` with its place behind `check`'s last record, as one line with its end.
// An Error when it holds a number that is not whole.
Result<std::string> NextLine(const LogCheck& check, Value record);

}  // namespace layergate::audit

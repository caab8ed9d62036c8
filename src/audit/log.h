// The file that the chain lies in. One writer at a time: the file is locked while a record is
// added, and the record is on the disk when Append returns. Nothing is ever written to a log that
// does not check.
#pragma once

#include <string>

#include "audit/chain.h"
#include "core/result.h"
#include "core/value.h"

namespace layergate::audit {

struct Appended {
  int64_t seq = 0;
  std::string hash;
};

// Makes the file when there is none.
Result<Appended> Append(const std::string& path, const Value& record);

// The log as it stands; the error is the file's (missing, unreadable), the state is the chain's.
Result<LogCheck> ReadLog(const std::string& path, const Expectation& expected = {});

}  // namespace layergate::audit

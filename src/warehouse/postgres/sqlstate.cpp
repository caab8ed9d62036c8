#include "warehouse/postgres/sqlstate.h"

namespace layergate::warehouse {

FailureKind ClassifySqlState(const std::string& state) {
  std::string group = state.substr(0, 2);
  if (state == "42P01" || state == "42703" || state == "3F000" || state == "3D000") {
    return FailureKind::kMissing;
  }
  if (state == "42501") return FailureKind::kPermission;
  if (state == "57014" || state == "55P03") return FailureKind::kTimeout;
  if (group == "08" || group == "40" || state == "53300" || state == "57P01" || state == "57P02" ||
      state == "57P03") {
    return FailureKind::kTransient;
  }
  if (group == "28") return FailureKind::kConnect;
  return FailureKind::kSql;
}

FailureKind ClassifyCancel(std::chrono::steady_clock::time_point begin,
                           std::chrono::milliseconds timeout) {
  bool passed = std::chrono::steady_clock::now() - begin >= timeout;
  return passed ? FailureKind::kTimeout : FailureKind::kCancelled;
}

std::string QuoteOption(std::string_view value) {
  std::string out = "'";
  for (char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

bool SaysFull(const Failure& failure) {
  return failure.sqlstate == "53300" ||
         failure.message.find("too many clients") != std::string::npos ||
         failure.message.find("too many connections") != std::string::npos ||
         failure.message.find("remaining connection slots") != std::string::npos;
}

}  // namespace layergate::warehouse

#include "warehouse/connection.h"

#include <fmt/format.h>

#include "core/text.h"
#include "warehouse/engine.h"

namespace layergate::warehouse {

std::string_view ToString(FailureKind kind) {
  switch (kind) {
    case FailureKind::kConnect:
      return "no_connection";
    case FailureKind::kMissing:
      return "missing_relation";
    case FailureKind::kPermission:
      return "permission";
    case FailureKind::kTimeout:
      return "timeout";
    case FailureKind::kCancelled:
      return "cancelled";
    case FailureKind::kTransient:
      return "connection_lost";
    case FailureKind::kNotSent:
      return "dry_run";
    case FailureKind::kSql:
      return "sql_error";
  }
  return "sql_error";
}

Answer Connection::Plan(std::string_view, std::chrono::milliseconds) {
  return {std::nullopt, {FailureKind::kSql, "this engine explains by a statement", ""}};
}

Opened Open(const Target& target, std::chrono::milliseconds timeout) {
#define LAYERGATE_ENGINE(name, open) \
  if (target.engine == #name) return open(target, timeout);
#include "warehouse/engines.def"
#undef LAYERGATE_ENGINE
  return {nullptr,
          {FailureKind::kConnect,
           fmt::format("{}: no engine is called `{}`", target.name, Printable(target.engine)), ""}};
}

}  // namespace layergate::warehouse

#include "core/result.h"

#include <cstdio>

#include <fmt/format.h>

namespace layergate {

Error Error::WithContext(std::string_view context) const {
  return Error{fmt::format("{}: {}", context, message), remedy};
}

std::string Error::ToString() const {
  return remedy.empty() ? message : fmt::format("{}\n  {}", message, remedy);
}

void FailCheck(const char* condition, const char* file, int line) {
  std::string what = fmt::format("internal error: check failed: {} ({}:{})", condition, file, line);
  std::fprintf(stderr, "%s\n", what.c_str());
  throw CheckFailure{std::move(what)};
}

}  // namespace layergate

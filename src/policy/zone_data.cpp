#include "policy/zone_data.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace layergate::policy {
namespace {

struct Name {
  std::string_view name;
  size_t blob;
};

// A text with NULs in it: the array's own size counts, not the first NUL.
template <size_t N>
constexpr std::string_view Bytes(const char (&text)[N]) {
  return {text, N - 1};
}

#include "zone_data.inc"

}  // namespace

std::optional<std::string_view> ZoneData(std::string_view name) {
  const auto* found =
      std::lower_bound(std::begin(kNames), std::end(kNames), name,
                       [](const Name& entry, std::string_view text) { return entry.name < text; });
  if (found == std::end(kNames) || found->name != name) return std::nullopt;
  return kBlobs[found->blob];
}

std::vector<std::string> ZoneDataNames() {
  std::vector<std::string> names;
  for (const Name& entry : kNames) names.emplace_back(entry.name);
  return names;
}

std::string_view ZoneDataRelease() { return kVersion; }

}  // namespace layergate::policy

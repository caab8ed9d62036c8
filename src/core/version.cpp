#include "core/version.h"

namespace layergate {
std::string_view Version() { return LAYERGATE_VERSION; }
}  // namespace layergate

// SHA-256, for policy digests, fingerprints and dbt's own checksums. Hex, lower case.
#pragma once

#include <string>
#include <string_view>

namespace layergate {

std::string Sha256Hex(std::string_view bytes);

}  // namespace layergate

// SHA-256, for policy digests, fingerprints and dbt's own checksums; MD5 only where dbt itself says
// so. Hex, lower case.
#pragma once

#include <string>
#include <string_view>

namespace layergate {

std::string Sha256Hex(std::string_view bytes);
std::string Md5Hex(std::string_view bytes);

}  // namespace layergate

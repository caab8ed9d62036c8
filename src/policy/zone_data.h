// The IANA zones' files as they were when this program was built. Private to clock.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace layergate::policy {

std::optional<std::string_view> ZoneData(std::string_view name);  // the bytes of a TZif file
std::vector<std::string> ZoneDataNames();
std::string_view ZoneDataRelease();

}  // namespace layergate::policy

// The version of this program, from CMakeLists.txt.
#pragma once

#include <string_view>

namespace layergate {
std::string_view Version();
}

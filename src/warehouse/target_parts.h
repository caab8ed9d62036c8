// What URLs and profiles have in common on their way to a Target. Private to target*.cpp.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "warehouse/connection.h"
#include "warehouse/target.h"

namespace layergate::warehouse {

using Settings = std::vector<std::pair<std::string, std::string>>;

// Adds the setting unless its value is empty.
void Add(Settings& settings, std::string_view key, const std::string& value);

std::string AbsolutePath(const std::string& path);

Result<Target> DuckDbFile(Target target, const std::string& path, const LoadRules& rules);

}  // namespace layergate::warehouse

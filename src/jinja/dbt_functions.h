// dbt's functions that need nothing but their arguments: fromjson, tojson, fromyaml, local_md5 ...
#pragma once

#include <optional>
#include <string_view>

#include "jinja/value.h"

namespace layergate::jinja {

// nullopt: no such function.
std::optional<Var> PlainFunction(std::string_view name);

}  // namespace layergate::jinja

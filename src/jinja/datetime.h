// modules.datetime: date, datetime (without time zones) and timedelta, as far as they need no
// clock.
#pragma once

#include <optional>
#include <string_view>

#include "jinja/value.h"

namespace layergate::jinja {

std::optional<Var> DatetimeModule(std::string_view name);

}  // namespace layergate::jinja

// The one number that dbt's date_spine asks the database for, where it can be computed: how many
// days, months ... lie between two dates that are written out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace layergate::jinja {

// What `select <datediff(start, end, part)>` gives on that adapter. nullopt: not written out, or
// not the same for every engine.
std::optional<int64_t> IntervalsBetween(const std::string& start, const std::string& end,
                                        std::string_view part, std::string_view adapter);

}  // namespace layergate::jinja

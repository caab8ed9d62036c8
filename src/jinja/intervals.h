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

// How many days more than since 1970-01-01 to the day on which dbt compiled: for an end that is
// current_date, or some days from it, and a start that is written out. nullopt: anything else.
std::optional<int64_t> DaysBeyondToday(const std::string& start, const std::string& end,
                                       std::string_view part);

}  // namespace layergate::jinja

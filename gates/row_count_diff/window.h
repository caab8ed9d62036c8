// The slice of time that is counted on both sides.
//
// Prod has run for an hour longer than the pull request's build, or the build holds a month only:
// counts are comparable over the same rows of time. Bounds are computed once and written as the
// same literals into both statements.
#pragma once

#include <optional>
#include <string>

#include "core/result.h"
#include "core/value.h"
#include "dbt/node.h"

namespace layergate::row_count_diff {

struct Window {
  std::string column;
  std::string from;           // inclusive; may be empty
  std::string to;             // may be empty
  bool to_inclusive = false;  // the greatest value of the base side, which belongs to the window
  bool overlap = false;       // from and to are what both sides hold: still to be found
  int last_days = 0;          // still to be turned into from, once `to` is known
};

// Dates, times and numbers: nothing else can bound a window, and nothing else reaches the SQL.
bool IsBound(std::string_view text);

// Whether the bound `a` lies before `b`: numbers by value, dates and times as they are written.
bool IsBefore(std::string_view a, std::string_view b);

// From the option `window`; the column is the model's `event_time` when the option names none.
// nullopt: no window asked for.
Result<std::optional<Window>> ReadWindow(const Value& option, const dbt::Node& node);

// The date that lies `days` before the date at the beginning of `text`; empty when there is none.
std::string DaysBefore(std::string_view text, int days);

}  // namespace layergate::row_count_diff

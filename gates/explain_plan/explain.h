// Asks a database for the plan of a query, in a form that does not run it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gates/explain_plan/plan.h"
#include "warehouse/pool.h"

namespace layergate::explain_plan {

struct Explained {
  std::optional<Plan> plan;
  // Why there is none: a stable word, a sentence, and what to do.
  std::string code, why, remedy;
};

// Only a single query is ever explained; what the parser does not take for one is not sent.
// `executes_allowed`: MariaDB and MySQL may run derived tables to explain them.
Explained Explain(warehouse::Pool& pool, std::string_view query, bool executes_allowed,
                  std::chrono::milliseconds timeout, std::vector<std::string>& statements);

}  // namespace layergate::explain_plan

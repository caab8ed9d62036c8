// What is wrong with a plan, in the planner's own numbers.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/value.h"
#include "gates/explain_plan/plan.h"

namespace layergate::explain_plan {

struct Limits {
  double pairs = 0;      // so many pairs of rows may be compared blindly
  double scan_rows = 0;  // tables with more rows are not to be read whole; 0: any size
  double fan_out = 0;    // a join may give so much more than its larger side: 0.5 is half more
};

// How many rows a table has by the database's statistics; nullopt: not known.
using SizeOf = std::function<std::optional<double>(const PlanNode& scan)>;

struct Defect {
  std::string rule;  // "explain_plan.cartesian_product"
  std::string message;
  std::vector<std::string> relations;
  Value evidence;

  // The same defect in another plan: rule and relations, whatever the estimates.
  std::string Signature() const;
};

// In the order of the plan, outermost first; one for each rule and set of relations.
std::vector<Defect> FindDefects(const Plan& plan, const Limits& limits, const SizeOf& size_of);

}  // namespace layergate::explain_plan

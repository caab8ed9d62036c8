// What one run of the gate knows, filled in from step to step.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/gate.h"
#include "gates/row_count_diff/keys.h"
#include "gates/row_count_diff/measure.h"
#include "gates/row_count_diff/window.h"

namespace layergate::row_count_diff {

struct Work {
  explicit Work(GateContext& c) : context(c) {}

  GateContext& context;
  Side base, head;
  std::optional<Window> window;
  std::optional<Key> key;
  std::vector<std::string> statements;
  std::vector<Multiplicity> histogram;
  Value hints;  // sizes by the databases' statistics: never evidence

  bool has_base() const { return base.node != nullptr; }
};

Value CountsValue(const Counts& counts, const std::vector<ColumnMeasure>& measures);

}  // namespace layergate::row_count_diff

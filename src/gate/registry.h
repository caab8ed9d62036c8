// The gates there are. The list is made by the build from gates/CMakeLists.txt: nothing registers
// itself.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "gate/gate.h"

namespace layergate {

class GateRegistry {
 public:
  explicit GateRegistry(std::vector<std::unique_ptr<Gate>> gates);
  const Gate* Find(std::string_view id) const;
  const std::vector<std::shared_ptr<const Gate>>& gates() const { return gates_; }  // sorted by id
  // These gates and more: the external ones that a policy names.
  GateRegistry With(std::vector<std::unique_ptr<Gate>> more) const;

 private:
  void Sort();

  std::vector<std::shared_ptr<const Gate>> gates_;
};

}  // namespace layergate

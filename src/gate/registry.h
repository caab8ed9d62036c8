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
  const std::vector<std::unique_ptr<Gate>>& gates() const { return gates_; }  // sorted by id

 private:
  std::vector<std::unique_ptr<Gate>> gates_;
};

}  // namespace layergate

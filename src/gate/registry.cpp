#include "gate/registry.h"

#include <algorithm>

#include "core/result.h"

namespace layergate {

GateRegistry::GateRegistry(std::vector<std::unique_ptr<Gate>> gates) : gates_(std::move(gates)) {
  std::sort(gates_.begin(), gates_.end(),
            [](const auto& a, const auto& b) { return a->info().id < b->info().id; });
  for (size_t i = 1; i < gates_.size(); ++i) {
    LAYERGATE_CHECK(gates_[i - 1]->info().id != gates_[i]->info().id);
  }
}

const Gate* GateRegistry::Find(std::string_view id) const {
  for (const auto& gate : gates_) {
    if (gate->info().id == id) return gate.get();
  }
  return nullptr;
}

}  // namespace layergate

#include "gate/registry.h"

#include <algorithm>

#include "core/result.h"

namespace layergate {

GateRegistry::GateRegistry(std::vector<std::unique_ptr<Gate>> gates) {
  for (std::unique_ptr<Gate>& gate : gates) gates_.push_back(std::move(gate));
  Sort();
}

GateRegistry GateRegistry::With(std::vector<std::unique_ptr<Gate>> more) const {
  GateRegistry all = *this;
  for (std::unique_ptr<Gate>& gate : more) all.gates_.push_back(std::move(gate));
  all.Sort();
  return all;
}

void GateRegistry::Sort() {
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

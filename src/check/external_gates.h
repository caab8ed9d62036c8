// The gates that are programs of the repository's own (gate/external_gate.h), made ready to run:
// they are started from a private copy of the base commit's `.layergate/` folder, so that the pull
// request can edit neither the policy that names them nor the programs.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "check/commits.h"
#include "check/request.h"
#include "core/result.h"
#include "gate/gate.h"
#include "policy/policy.h"

namespace layergate::check {

// A folder that is gone when its owner is.
class PrivateFolder {
 public:
  static Result<PrivateFolder> Make();
  PrivateFolder() = default;
  ~PrivateFolder();
  PrivateFolder(PrivateFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  PrivateFolder& operator=(PrivateFolder&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// `folder` must live as long as the gates run.
struct ExternalGates {
  PrivateFolder folder;
  std::vector<std::unique_ptr<Gate>> gates;
};

// Empty when the policy names no external gate.
Result<ExternalGates> PrepareExternalGates(const CheckRequest& request, const Commits& commits,
                                           const policy::Policy& policy);

}  // namespace layergate::check

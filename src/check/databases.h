// The databases of both sides, from URLs or from the targets of profiles.yml.
#pragma once

#include <memory>
#include <string>

#include "check/commits.h"
#include "check/request.h"
#include "core/result.h"
#include "warehouse/pool.h"

namespace layergate::check {

// Both or neither; `none_because` says why neither.
struct Pools {
  std::unique_ptr<warehouse::Pool> base, head;
  std::string none_because;

  void CancelAll();
};

// Nothing is opened here: a database that does not answer is for the gates that need it to report.
Result<Pools> MakePools(const CheckRequest& request, const Commits& commits);

}  // namespace layergate::check

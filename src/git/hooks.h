// Where git looks for hooks of a repository: core.hooksPath when it is set, else hooks/ in the
// repository's common folder (worktrees share it). Absolute; the folder is created when it does not
// exist yet.
#pragma once

#include <string>

#include "core/result.h"

namespace layergate::git {

Result<std::string> HooksFolder(const std::string& path);

}  // namespace layergate::git

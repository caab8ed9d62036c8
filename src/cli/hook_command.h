// `layergate hook install | uninstall | pre-push`: the same verdict before the push.
//
// install writes a pre-push hook where git looks for it (core.hooksPath and worktrees heeded). A
// hook that is already there is kept and runs first. uninstall puts it back. pre-push is what the
// hook runs: it reads git's lines from standard input, judges every pushed branch and exits
// non-zero when one is blocked or cannot be judged; git then pushes nothing. Gates that need a
// database or run results are deferred to CI, and the hook says so: deferred is not passed.
#pragma once

#include <string>
#include <vector>

#include "check.h"
#include "gate/registry.h"

namespace layergate::cli {

struct HookArguments {
  CheckRequest request;     // --project-dir, --base-manifest, --head-manifest, ...
  std::string remote_name;  // git's two arguments
  std::string remote_url;
};

// `forwarded` are the flags that the hook shall call pre-push with.
int RunHookInstall(const std::string& project_dir, const std::vector<std::string>& forwarded);
int RunHookUninstall(const std::string& project_dir);
int RunHookPrePush(HookArguments arguments, const GateRegistry& gates);

}  // namespace layergate::cli

#include "cli/hook_command.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <iterator>
#include <system_error>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/environment.h"
#include "cli/terminal.h"
#include "core/file.h"
#include "core/shell.h"
#include "core/text.h"
#include "git/hooks.h"
#include "git/push.h"
#include "git/repository.h"
#include "report/report.h"

namespace layergate::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMark = "# installed by `layergate hook install`";
constexpr std::string_view kKeptSuffix = ".before-layergate";

int Fail(const Error& error) {
  PrintError(error);
  return 2;
}

std::string OwnPath() {
  std::error_code error;
  fs::path self = fs::read_symlink("/proc/self/exe", error);
  return error ? "layergate" : self.string();
}

// The hook keeps git's standard input in a variable, so that a hook which was there before can read
// it too.
std::string HookScript(const std::vector<std::string>& forwarded) {
  std::string flags;
  for (const std::string& flag : forwarded) flags += " " + ShellQuote(flag);
  return fmt::format(R"sh(#!/bin/sh
{mark}
# Judges what is about to be pushed. Skip once, on the record: LAYERGATE_SKIP=1 LAYERGATE_SKIP_REASON=... git push
lines=$(cat)
kept="$0{kept}"
if [ -x "$kept" ]; then
  printf '%s\n' "$lines" | "$kept" "$@" || exit $?
fi
layergate={self}
[ -x "$layergate" ] || layergate=layergate
if [ -n "$lines" ]; then
  printf '%s\n' "$lines" | "$layergate" hook pre-push{flags} -- "$@"
fi
)sh",
                     fmt::arg("mark", kMark), fmt::arg("kept", kKeptSuffix),
                     fmt::arg("self", ShellQuote(OwnPath())), fmt::arg("flags", flags));
}

bool IsOurs(const std::string& path) {
  Result<std::string> text = ReadFile(path, 1 << 20);
  return text && text->find(kMark) != std::string::npos;
}

Result<std::string> HookPath(const std::string& project_dir) {
  LAYERGATE_TRY(std::string folder, git::HooksFolder(project_dir));
  return folder + "/pre-push";
}

// Gates that can speak without a database and without run results.
std::vector<std::string> OfflineGates(const GateRegistry& gates) {
  std::vector<std::string> offline;
  for (const auto& gate : gates.gates()) {
    const std::vector<Evidence>& needs = gate->info().needs;
    bool online = std::any_of(needs.begin(), needs.end(), [](Evidence evidence) {
      return evidence == Evidence::kWarehouse || evidence == Evidence::kRunResults;
    });
    if (!online) offline.emplace_back(gate->info().id);
  }
  return offline;
}

std::string DeferredGates(const GateRegistry& gates, const std::vector<std::string>& offline) {
  std::vector<std::string> deferred;
  for (const auto& gate : gates.gates()) {
    std::string id(gate->info().id);
    if (std::find(offline.begin(), offline.end(), id) == offline.end()) deferred.push_back(id);
  }
  return Join(deferred, ", ");
}

std::string ReadStandardInput() {
  std::string text;
  char buffer[4096];
  for (size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, stdin)) > 0;) text.append(buffer, n);
  return text;
}

std::string NowUtc() {
  std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

// One pushed branch: prints what there is to say on standard error (git shows it), gives the exit
// code.
int JudgePush(const CheckRequest& request, const git::PushRef& ref, const GateRegistry& gates) {
  Result<verdict::Verdict> verdict = Check(request, gates);
  if (!verdict) return Fail(verdict.error().WithContext(Printable(ref.remote_ref)));
  if (verdict->exit_code == 0) {
    fmt::print(stderr, "layergate: {}: {}\n", Printable(ref.remote_ref), verdict->summary);
    return 0;
  }
  report::RenderOptions options;
  options.color = isatty(STDERR_FILENO) == 1 && UseColor("auto");
  Result<std::string> text = report::Render(*verdict, "text", options);
  if (!text) return Fail(text.error());
  std::fputs(text->c_str(), stderr);
  return verdict->exit_code;
}

}  // namespace

int RunHookInstall(const std::string& project_dir, const std::vector<std::string>& forwarded) {
  Result<std::string> path = HookPath(project_dir);
  if (!path) return Fail(path.error());
  std::string kept = *path + std::string(kKeptSuffix);
  std::error_code error;
  if (fs::exists(*path, error) && !IsOurs(*path)) {
    if (fs::exists(kept, error)) {
      return Fail(MakeError(fmt::format("{} and {} both exist", *path, kept),
                            "remove the one that is not needed, then install again"));
    }
    fs::rename(*path, kept, error);
    if (error) return Fail(MakeError(fmt::format("cannot keep {}: {}", *path, error.message())));
    fmt::print(stderr, "kept the hook that was there as {}; it runs first\n", kept);
  }
  Result<void> written = WriteFileAtomically(*path, HookScript(forwarded));
  if (!written) return Fail(written.error());
  if (::chmod(path->c_str(), 0755) != 0)
    return Fail(MakeError("cannot make " + *path + " executable"));
  fmt::print("installed {}\n", *path);
  return 0;
}

int RunHookUninstall(const std::string& project_dir) {
  Result<std::string> path = HookPath(project_dir);
  if (!path) return Fail(path.error());
  std::error_code error;
  if (!IsOurs(*path))
    return Fail(MakeError(fmt::format("{} is not ours; nothing was removed", *path)));
  fs::remove(*path, error);
  std::string kept = *path + std::string(kKeptSuffix);
  if (fs::exists(kept, error)) fs::rename(kept, *path, error);
  if (error) return Fail(MakeError(fmt::format("{}: {}", *path, error.message())));
  fmt::print("removed {}\n", *path);
  return 0;
}

int RunHookPrePush(HookArguments arguments, const GateRegistry& gates) {
  Environment environment = ProcessEnvironment();
  if (environment("LAYERGATE_SKIP").value_or("0") != "0") {
    fmt::print(stderr,
               "layergate: SKIPPED by LAYERGATE_SKIP ({}); CI judges this push all the same\n",
               Printable(environment("LAYERGATE_SKIP_REASON").value_or("no reason given")));
    return 0;
  }
  Result<std::vector<git::PushRef>> refs = git::ParsePushLines(ReadStandardInput());
  if (!refs) return Fail(refs.error());
  Result<git::Repository> repository = git::Repository::Open(arguments.request.project_dir);
  if (!repository) return Fail(repository.error());

  std::vector<std::string> offline = OfflineGates(gates);
  if (arguments.request.only.empty()) arguments.request.only = offline;
  arguments.request.at = NowUtc();
  arguments.request.without_dbt = true;
  int worst = 0;
  bool judged = false;
  for (const git::PushRef& ref : *refs) {
    Result<std::optional<git::Revisions>> revisions =
        git::RevisionsOfPush(*repository, ref, arguments.remote_name);
    if (!revisions) {
      worst = std::max(worst, Fail(revisions.error()));
      continue;
    }
    if (!*revisions) continue;  // a deletion, a tag, notes: nothing that dbt would build
    CheckRequest request = arguments.request;
    request.base = (*revisions)->base.id;
    request.head = (*revisions)->head.id;
    worst = std::max(worst, JudgePush(request, ref, gates));
    judged = true;
  }
  if (judged) {
    std::string deferred = DeferredGates(gates, offline);
    if (!deferred.empty())
      fmt::print(stderr, "layergate: deferred to CI, not passed: {}\n", deferred);
  }
  return worst;
}

}  // namespace layergate::cli

#include "check/external_gates.h"

#include <cstdlib>
#include <filesystem>
#include <string_view>

#include <fmt/format.h>

#include "core/file.h"
#include "gate/external_gate.h"

namespace layergate::check {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kGatesFolder = ".layergate";

Result<void> CopyOut(const Commits& commits, const std::string& prefix, const std::string& to) {
  LAYERGATE_TRY(std::vector<std::string> paths,
                commits.repository->ListFiles(commits.base.id, prefix + std::string(kGatesFolder)));
  for (const std::string& path : paths) {
    LAYERGATE_TRY(std::optional<std::string> text,
                  commits.repository->ReadBlob(commits.base.id, path));
    if (!text) continue;
    std::string file = fmt::format("{}/{}", to, path);
    Result<void> written = WriteFileAtomically(file, *text);
    if (!written) return written.error().WithContext("copy external gates");
    std::error_code ignored;
    fs::permissions(file, fs::perms::owner_all, ignored);
  }
  return {};
}

}  // namespace

Result<PrivateFolder> PrivateFolder::Make() {
  std::error_code error;
  std::string pattern = (fs::temp_directory_path(error) / "layergate-gates-XXXXXX").string();
  if (error || !mkdtemp(pattern.data())) {
    return MakeError("no temporary folder could be made for the external gates",
                     "set TMPDIR to a folder that can be written");
  }
  PrivateFolder folder;
  folder.path_ = std::move(pattern);
  return folder;
}

PrivateFolder::~PrivateFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

Result<ExternalGates> PrepareExternalGates(const CheckRequest& request, const Commits& commits,
                                           const policy::Policy& policy) {
  ExternalGates external;
  if (policy.external_gates.empty()) return external;
  LAYERGATE_TRY(external.folder, PrivateFolder::Make());
  if (commits.repository) {
    Result<void> copied = CopyOut(commits, "", external.folder.path());
    if (copied && !commits.base_prefix.empty()) {
      copied = CopyOut(commits, commits.base_prefix, external.folder.path());
    }
    if (!copied) return copied.error();
  } else if (fs::path from = fs::path(request.project_dir) / kGatesFolder; fs::exists(from)) {
    std::error_code error;
    fs::copy(from, fs::path(external.folder.path()) / kGatesFolder,
             fs::copy_options::recursive | fs::copy_options::skip_symlinks, error);
    if (error) return MakeError(fmt::format("copy external gates: {}", error.message()));
  }
  for (const policy::ExternalGate& gate : policy.external_gates) {
    external.gates.push_back(MakeExternalGate(gate, external.folder.path()));
  }
  return external;
}

}  // namespace layergate::check

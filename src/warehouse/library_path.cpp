#include "warehouse/library_path.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include <fmt/format.h>

#include "core/text.h"

namespace layergate::warehouse {
namespace {

namespace fs = std::filesystem;

bool LiesBelow(const fs::path& path, const fs::path& folder) {
  auto mismatch = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return mismatch.first == folder.end();
}

std::vector<fs::path> LibraryFolders() {
  std::vector<fs::path> folders;
  std::error_code error;
  std::vector<fs::path> triplets;
  for (const auto& entry : fs::directory_iterator("/usr/lib", error)) {
    if (entry.path().filename().string().find("-linux-") != std::string::npos) {
      triplets.push_back(entry.path());
    }
  }
  std::sort(triplets.begin(), triplets.end());
  for (const fs::path& triplet : triplets) {
    folders.push_back(triplet / "odbc");
    folders.push_back(triplet);
  }
  for (const char* folder : {"/usr/lib64", "/usr/lib64/odbc", "/usr/lib", "/usr/lib/odbc",
                             "/usr/local/lib", "/opt/homebrew/lib"}) {
    folders.emplace_back(folder);
  }
  return folders;
}

}  // namespace

Result<void> CheckLibraryPath(const std::string& path_text, const std::string& repository_root,
                              const std::string& what) {
  fs::path path(path_text);
  if (!path.is_absolute()) {
    return MakeError(fmt::format("{} `{}` is a relative path", what, Printable(path_text)),
                     "write the absolute path of the library");
  }
  std::error_code error;
  fs::path real = fs::canonical(path, error);
  if (error || !fs::is_regular_file(real, error)) {
    return MakeError(fmt::format("{} is not there: `{}` is no file", what, Printable(path_text)));
  }
  fs::path root = fs::weakly_canonical(repository_root, error);
  if (!repository_root.empty() && (LiesBelow(real, root) || LiesBelow(path, root))) {
    return MakeError(
        fmt::format("{} `{}` lies in the repository under test", what, Printable(path_text)),
        "a pull request could replace it: install the library outside the repository");
  }
  return {};
}

std::optional<std::string> FindSystemLibrary(const std::string& file_name) {
  std::error_code error;
  for (const fs::path& folder : LibraryFolders()) {
    fs::path path = folder / file_name;
    if (fs::is_regular_file(path, error)) return path.string();
  }
  return std::nullopt;
}

}  // namespace layergate::warehouse

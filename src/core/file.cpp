#include "core/file.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace layergate {
namespace {

// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Error SystemError(const std::string& path, const char* action) {
  return MakeError(fmt::format("{}: cannot {}: {}", path, action, std::strerror(errno)));
}

bool WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

Result<std::string> ReadFile(const std::string& path, size_t max_bytes) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return SystemError(path, "read");
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return SystemError(path, "read");
  if (S_ISDIR(info.st_mode)) return MakeError(path + ": is a folder, not a file");
  auto size = static_cast<size_t>(info.st_size);
  if (size > max_bytes) {
    return MakeError(fmt::format("{}: {} bytes is over the limit of {}", path, size, max_bytes));
  }
  // Pipes and /dev/stdin have no size: read until the end, within the limit.
  std::string bytes(S_ISREG(info.st_mode) ? size : 1 << 16, '\0');
  size_t filled = 0;
  while (true) {
    if (filled == bytes.size()) {
      if (S_ISREG(info.st_mode) && filled >= size) break;
      bytes.resize(bytes.size() * 2);
    }
    ssize_t count = ::read(file.get(), bytes.data() + filled, bytes.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError(path, "read");
    if (count == 0) break;
    filled += static_cast<size_t>(count);
    if (filled > max_bytes) {
      return MakeError(fmt::format("{}: over the limit of {} bytes", path, max_bytes));
    }
  }
  bytes.resize(filled);
  return bytes;
}

Result<std::optional<std::string>> ReadFileIfThere(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
    return std::optional<std::string>();
  }
  LAYERGATE_TRY(std::string text, ReadFile(path));
  return std::optional<std::string>(std::move(text));
}

Result<void> WriteFileAtomically(const std::string& path, std::string_view bytes) {
  if (path == "-") {
    if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) != bytes.size() ||
        std::fflush(stdout) != 0) {
      return SystemError("standard output", "write");
    }
    return {};
  }
  std::error_code ignored;
  std::filesystem::path parent = std::filesystem::path(path).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, ignored);
  // A device or a pipe (/dev/stderr) cannot be replaced by a rename; write into it.
  struct stat info{};
  if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    Descriptor device(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (device.get() < 0 || !WriteAll(device.get(), bytes)) return SystemError(path, "write");
    return {};
  }
  std::string temporary = path + ".XXXXXX";
  Descriptor file(::mkstemp(temporary.data()));
  if (file.get() < 0) return SystemError(path, "write");
  if (!WriteAll(file.get(), bytes) || ::fchmod(file.get(), 0644) != 0 ||
      ::rename(temporary.c_str(), path.c_str()) != 0) {
    Error error = SystemError(path, "write");
    ::unlink(temporary.c_str());
    return error;
  }
  return {};
}

bool FileExists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

}  // namespace layergate

#include "audit/log.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/text.h"

namespace layergate::audit {
namespace {

constexpr size_t kLargestLog = size_t{1} << 30;

Error SystemError(const std::string& path, std::string_view action) {
  return MakeError(fmt::format("{}: cannot {}: {}", path, action, std::strerror(errno)));
}

// An open, locked file. Closing gives the lock back.
class LockedFile {
 public:
  static Result<LockedFile> Open(const std::string& path) {
    std::error_code ignored;  // what goes wrong here, open() says better
    if (auto parent = std::filesystem::path(path).parent_path(); !parent.empty()) {
      std::filesystem::create_directories(parent, ignored);
    }
    LockedFile file;
    file.fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file.fd_ < 0) return SystemError(path, "open");
    while (::flock(file.fd_, LOCK_EX) != 0) {
      if (errno != EINTR) return SystemError(path, "lock");
    }
    return file;
  }
  LockedFile() = default;
  ~LockedFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  LockedFile(LockedFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  LockedFile& operator=(LockedFile&&) = delete;
  LockedFile(const LockedFile&) = delete;
  LockedFile& operator=(const LockedFile&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_ = -1;
};

// Whole or not at all: what was written of a line that did not fit is taken back.
Result<void> WriteLine(int fd, const std::string& path, std::string_view line) {
  off_t before = ::lseek(fd, 0, SEEK_END);
  size_t done = 0;
  while (done < line.size()) {
    ssize_t written = ::write(fd, line.data() + done, line.size() - done);
    if (written >= 0) {
      done += static_cast<size_t>(written);
    } else if (errno != EINTR) {
      Error error = SystemError(path, "write");
      if (::ftruncate(fd, before) != 0) error.remedy = "the last line is half written: remove it";
      return error;
    }
  }
  if (::fsync(fd) != 0) return SystemError(path, "write");
  return {};
}

}  // namespace

Result<Appended> Append(const std::string& path, const Value& record) {
  LAYERGATE_TRY(LockedFile file, LockedFile::Open(path));
  LAYERGATE_TRY(std::string text, ReadFile(path, kLargestLog));
  LogCheck check = CheckLog(text);
  if (check.state != LogState::kIntact) {
    return MakeError(
        fmt::format("{}:{}: the log is {}: {}", path, check.line, ToString(check.state), check.why),
        check.state == LogState::kCutOff
            ? "remove the half line: it was never acknowledged"
            : "nothing was added; find out who changed it, and begin a new log");
  }
  LAYERGATE_TRY(std::string line, NextLine(check, record));
  Result<void> written = WriteLine(file.fd(), path, line);
  if (!written) return written.error();
  LAYERGATE_TRY(Value added, ReadJson(std::string_view(line).substr(0, line.size() - 1)));
  return Appended{check.count + 1, std::string(added["hash"].AsString())};
}

Result<LogCheck> ReadLog(const std::string& path, const Expectation& expected) {
  LAYERGATE_TRY(std::string text, ReadFile(path, kLargestLog));
  return CheckLog(text, expected);
}

}  // namespace layergate::audit

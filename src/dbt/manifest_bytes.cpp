#include "dbt/manifest_bytes.h"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"

namespace layergate::dbt {
namespace {

constexpr size_t kLargePage = size_t{2} << 20;
constexpr size_t kWorthIt = size_t{4} << 20;  // below, a string is as good

// Size of a regular file, or 0 for what ReadFile knows better how to read or to refuse.
size_t RegularSize(int fd) {
  struct stat info{};
  if (fd < 0 || ::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size <= 0) return 0;
  return static_cast<size_t>(info.st_size);
}

// Reads until `size` bytes or the end; -1 with errno on an error.
ssize_t ReadInto(int fd, char* memory, size_t size) {
  size_t filled = 0;
  while (filled < size) {
    ssize_t count = ::read(fd, memory + filled, size - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    if (count == 0) break;
    filled += static_cast<size_t>(count);
  }
  return static_cast<ssize_t>(filled);
}

}  // namespace

Result<ManifestBytes> ManifestBytes::Load(const std::string& path) {
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  size_t size = RegularSize(fd);
  ManifestBytes bytes;
  if (size >= kWorthIt && size < UINT32_MAX) {
    size_t rounded = (size + kLargePage - 1) / kLargePage * kLargePage;
    void* memory =
        ::mmap(nullptr, rounded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED) {
      bytes.mapping_ = memory;
      bytes.mapped_ = rounded;
      AskForLargePages(memory, rounded);
    }
  }
  if (!bytes.mapping_) {
    if (fd >= 0) ::close(fd);
    LAYERGATE_TRY(std::string text, ReadFile(path));
    return ManifestBytes(std::move(text));
  }
  ssize_t filled = ReadInto(fd, static_cast<char*>(bytes.mapping_), size);
  int error = errno;
  ::close(fd);
  if (filled < 0) return MakeError(fmt::format("{}: cannot read: {}", path, std::strerror(error)));
  bytes.size_ = static_cast<size_t>(filled);
  return bytes;
}

ManifestBytes::ManifestBytes(std::string text) : small_(std::move(text)) {}

ManifestBytes::~ManifestBytes() {
  if (mapping_) ::munmap(mapping_, mapped_);
}

ManifestBytes::ManifestBytes(ManifestBytes&& other) noexcept { *this = std::move(other); }

ManifestBytes& ManifestBytes::operator=(ManifestBytes&& other) noexcept {
  std::swap(mapping_, other.mapping_);
  std::swap(mapped_, other.mapped_);
  std::swap(size_, other.size_);
  std::swap(small_, other.small_);
  return *this;
}

std::string_view ManifestBytes::text() const {
  return mapping_ ? std::string_view(static_cast<const char*>(mapping_), size_) : small_;
}

void AskForLargePages([[maybe_unused]] void* memory, [[maybe_unused]] size_t bytes) {
#ifdef MADV_HUGEPAGE
  auto begin = (reinterpret_cast<uintptr_t>(memory) + kLargePage - 1) / kLargePage * kLargePage;
  auto end = (reinterpret_cast<uintptr_t>(memory) + bytes) / kLargePage * kLargePage;
  if (end > begin) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

}  // namespace layergate::dbt

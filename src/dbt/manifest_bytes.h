// The bytes of a large artifact: read once, into memory that is neither cleared nor copied on the
// way.
//
// The file is copied and not mapped: a file that another process cuts short while it is read must
// not bring this process down, and what was checked must be what is read later. Memory is asked for
// on large pages, because for a manifest of a hundred megabytes the page faults of small ones cost
// more than the parsing.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/result.h"

namespace layergate::dbt {

class ManifestBytes {
 public:
  // Errors are those of ReadFile: the path and the reason.
  static Result<ManifestBytes> Load(const std::string& path);
  explicit ManifestBytes(std::string text);
  ~ManifestBytes();
  ManifestBytes(ManifestBytes&& other) noexcept;
  ManifestBytes& operator=(ManifestBytes&& other) noexcept;

  // Valid as long as this object is not moved from.
  std::string_view text() const;

 private:
  ManifestBytes() = default;
  void* mapping_ = nullptr;  // pages of this object's own; null: the text is in small_
  size_t mapped_ = 0, size_ = 0;
  std::string small_;
};

// A hint that memory of this size, already reserved and not yet touched, should lie on large pages.
void AskForLargePages(void* memory, size_t bytes);

}  // namespace layergate::dbt

// Reading and writing files of the machine this program runs on.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace layergate {

// The bytes of a regular file. The error names the path and the reason; files over `max_bytes` are
// refused.
Result<std::string> ReadFile(const std::string& path, size_t max_bytes = size_t{2} << 30);

// The same, but nothing where there is no such file. A file that is there and cannot be read is an
// error all the same.
Result<std::optional<std::string>> ReadFileIfThere(const std::string& path);

// Writes through a temporary file in the same folder, then renames: a reader sees the old file or
// the whole new one, never half. "-" writes to standard output. Missing parent folders are created.
Result<void> WriteFileAtomically(const std::string& path, std::string_view bytes);

bool FileExists(const std::string& path);

}  // namespace layergate

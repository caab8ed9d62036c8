// Shared libraries that are loaded at run time: database drivers.
//
// Loading a library runs its code, so the path decides who may run code here: it is absolute, leads
// (links followed) to a regular file, and lies outside the repository under test, where a pull
// request could put one.
#pragma once

#include <optional>
#include <string>

#include "core/result.h"

namespace layergate::warehouse {

// `what` is for messages: "the ODBC driver".
Result<void> CheckLibraryPath(const std::string& path, const std::string& repository_root,
                              const std::string& what);

// The first library of that file name in the folders where the system keeps them.
std::optional<std::string> FindSystemLibrary(const std::string& file_name);

}  // namespace layergate::warehouse

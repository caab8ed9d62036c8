// Cases of a file of tests/jinja: parts between lines "----", each case ended by a line "====".
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace layergate::jinja {

inline std::vector<std::vector<std::string>> ReadCases(const std::string& name) {
  std::ifstream file(std::filesystem::path(LAYERGATE_SOURCE_DIR) / "tests/jinja" / name);
  std::vector<std::vector<std::string>> cases;
  std::vector<std::string> parts(1);
  for (std::string line; std::getline(file, line);) {
    if (line != "----" && line != "====") {
      parts.back() += line + "\n";
      continue;
    }
    if (!parts.back().empty()) parts.back().pop_back();
    if (line == "----") {
      parts.emplace_back();
    } else {
      cases.push_back(std::move(parts));
      parts.assign(1, {});
    }
  }
  return cases;
}

}  // namespace layergate::jinja

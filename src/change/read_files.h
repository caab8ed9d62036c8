// Which files of a project dbt reads, as far as their place and name decide it. Nothing outside
// this folder includes this header.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace layergate::change {

// The lines of a .dbtignore, which are those of a .gitignore. The last line that matches a file, or
// a folder around it, decides.
class IgnoreRules {
 public:
  IgnoreRules() = default;
  explicit IgnoreRules(std::string_view text);
  bool Ignores(std::string_view file) const;

 private:
  struct Rule {
    std::vector<std::string> parts;  // between slashes
    bool keeps = false, only_folders = false;
  };
  std::vector<Rule> rules_;
};

class ReadFiles {
 public:
  // Both texts may be empty: there is no such file.
  ReadFiles(std::string_view dbt_project_yml, std::string_view dbtignore);

  // Whether dbt passes the file over, wherever it lies: by its first letter or by .dbtignore.
  bool PassesOver(std::string_view file) const;
  bool IsMacroFile(std::string_view file) const;  // generic tests are macros
  bool IsSnapshotFile(std::string_view file) const;
  bool IsSeed(std::string_view file) const;
  bool IsSingularTest(std::string_view file) const;

 private:
  // What follows the folder; empty when none of them holds the file.
  static std::string_view Below(const std::vector<std::string>& folders, std::string_view file);

  IgnoreRules ignored_;
  std::vector<std::string> macros_, tests_, snapshots_, seeds_;
};

}  // namespace layergate::change

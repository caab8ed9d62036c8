// CODEOWNERS as GitHub and GitLab read it: who owns a path.
//
// One line is a pattern in gitignore's style and its owners; the last line that matches a path
// decides. A line without owners takes ownership away. GitLab adds sections, "[Name][2] @default"
// or "^[Optional]": each section decides for itself, wants as many approvals as it says, and an
// optional one wants none. A file without sections is one section that wants one approval.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace layergate::policy {

class CodeOwners {
 public:
  // Never fails: a line that cannot be read is told in warnings(), and owns nothing.
  static CodeOwners Parse(std::string_view text, const std::string& file);

  // What a set of changed paths asks for: one entry for each section and set of owners.
  struct Need {
    std::string section;  // empty outside sections
    int approvals = 1;
    std::vector<std::string> owners;  // "@ana", "@acme/data", "ana@example.com", as written
    std::vector<std::string> paths;   // that they own, sorted
  };
  std::vector<Need> NeedsOf(const std::vector<std::string>& paths) const;

  const std::string& file() const { return file_; }
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  struct Entry {
    std::string pattern;
    std::vector<std::string> owners;
  };
  struct Section {
    std::string name;
    int approvals = 1;
    bool optional = false;
    std::vector<Entry> entries;
  };
  std::string file_;
  std::vector<Section> sections_;
  std::vector<std::string> warnings_;
};

// True when a CODEOWNERS pattern covers the path (no '/' in front of either).
bool CoversPath(std::string_view pattern, std::string_view path);

// Where the hosts look for the file, in their order.
inline constexpr std::string_view kCodeOwnersPaths[] = {".github/CODEOWNERS", "CODEOWNERS",
                                                        "docs/CODEOWNERS", ".gitlab/CODEOWNERS"};

}  // namespace layergate::policy

// Is a text from outside safe to look up? Names of revisions and paths come from pull requests,
// environment variables and standard input; they are checked here, before libgit2 sees them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace layergate::git {

// "HEAD~2^1" taken apart: the name, and the steps from it: {'~', 2}, {'^', 1}.
struct RevisionName {
  std::string name;
  struct Step {
    char kind;
    int count;
  };
  std::vector<Step> steps;
};

// Refuses everything that git's rules for names of references forbid, and all other revision
// expressions.
Result<RevisionName> ParseRevision(std::string_view revision);

bool IsHex(std::string_view text);
bool IsFullId(std::string_view text);  // 40 hex digits (SHA-1) or 64 (SHA-256)
bool IsZeroId(std::string_view text);  // all '0', of any length: git's "no object"

// A path inside a tree: relative, '/' separators, no empty, "." or ".." parts, no NUL.
std::optional<Error> WrongTreePath(std::string_view path);

}  // namespace layergate::git

// Walks over a commit graph that may be cut off, as in a shallow clone.
//
// libgit2 before 1.7 does not know where a shallow clone ends and fails at the first missing
// parent. These two walks treat the cut as what it is: the end of what can be known.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"

namespace layergate::git {

struct Links {
  std::vector<std::string> parents;  // empty when the history is cut here
  int64_t time = 0;
  bool cut = false;  // there are parents, but not in this clone
};

using LinksOf = std::function<Result<Links>(const std::string& id)>;

// The best common ancestor of `a` and `b`; nullopt when there is none in the part that can be seen,
// or when a better one may lie beyond the cut.
Result<std::optional<std::string>> BestCommonAncestor(const std::string& a, const std::string& b,
                                                      const LinksOf& links_of);

// Commits reachable from `head` and not from `base`, children before parents, newest first where
// that leaves a choice. Ends where the history is cut.
Result<std::vector<std::string>> CommitsBetween(const std::string& base, const std::string& head,
                                                size_t limit, const LinksOf& links_of);

}  // namespace layergate::git

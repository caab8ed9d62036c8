// A fact that a gate reports about the pull request.
//
// A finding knows no severity: whether it fails, warns or is waived is the policy's business
// (src/verdict). It names the rule, the subject, the values on both sides, and the fix; every
// report format is rendered from it, so a gate never formats for a medium.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/value.h"

namespace layergate {

// A place in a file of the repository under test, as of the head commit unless the finding says
// otherwise. line and column are 1-based; 0 means the whole file.
struct Location {
  std::string path;  // relative to the repository root, '/' separators
  int line = 0;
  int column = 0;
  friend bool operator==(const Location&, const Location&) = default;
};

// One step on the way that a value takes from column to column, upstream first.
struct PathStep {
  std::string node;  // unique_id, or a relation's name when no node stands for it
  std::string column;
  std::string how;  // "identity", "transformation", "aggregation", "conditional", ...; empty for
                    // the first step
  std::string expression;  // the SQL of that step, as written, cut to one line; may be empty
  friend bool operator==(const PathStep&, const PathStep&) = default;
};

struct Finding {
  std::string rule;     // "<gate>.<rule>", stable once released: "row_count_diff.change"
  std::string subject;  // unique_id of the node it is about, or a path for findings about files
  std::string column;   // the column it is about; empty when it is about the whole subject
  std::string message;  // one sentence that a reviewer understands alone
  Value base;  // values on the base side, e.g. {"rows": 1000000}; null when the side has none
  Value head;
  std::optional<Location> location;
  std::vector<PathStep> path;       // lineage path where there is one
  std::vector<std::string> impact;  // unique_ids of what reads the changed thing, nearest first
  Value evidence;                   // anything else that a reader or a tool may want, keyed by name
  std::string fix;                  // what to do: a sentence
  std::string patch;                // text to paste (YAML or SQL); may be empty
};

// Sorts by rule, subject, column, then message: the order of every report.
bool operator<(const Finding& a, const Finding& b);

// What stays the same when the wording changes: rule, subject and column, as a hex digest. Waivers
// and baselines match on the three; code-quality reports show the digest.
std::string Fingerprint(const Finding& finding);

}  // namespace layergate

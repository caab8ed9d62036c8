// One policy file as it was read, before it is merged with what it extends: everything optional, so
// that the merge can tell "not written" from "written as the default".
//
// Private to src/policy: read.cpp fills it in, merge.cpp makes a Policy of a chain of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/value.h"
#include "policy/policy.h"

namespace layergate::policy {

// A text with the place where it was written.
struct Word {
  std::string text;
  Origin origin;
};

struct GateDraft {
  std::string gate;
  bool off = false;  // "row_count_diff: off": takes an inherited gate away
  std::optional<Severity> severity;
  std::optional<OnUnknown> on_unknown;
  Value options;        // an object, or null
  Value rule_severity;  // an object, or null; full rule codes
  std::optional<int> timeout_seconds;
  Origin origin;
};

struct LayerDraft {
  std::string name;
  std::optional<Word> like;
  std::optional<std::vector<LayerMatch>> match;
  std::vector<GateDraft> gates;
  std::optional<int> reviewers;
  std::optional<std::vector<std::string>> roles;
  std::optional<Word> merge_window;
  std::optional<int> rollback_sla_hours;
  Origin origin;
};

struct Draft {
  std::string file;
  std::optional<Word> extends;
  std::optional<Word> unmatched_layer;
  std::optional<std::string> base_manifest;
  std::optional<bool> require_fresh_base;
  std::vector<std::pair<MergeWindow, Origin>> merge_windows;
  std::optional<std::vector<std::string>> pii_meta_keys, pii_tags, pii_declassify;
  std::optional<Severity> severity;
  std::optional<OnUnknown> on_unknown;
  std::optional<int> timeout_seconds;
  std::vector<GateDraft> default_gates;
  std::vector<GateDraft> pull_request_gates;
  std::vector<LayerDraft> layers;
  std::vector<Waiver> waivers;
};

// Everything that is wrong, collected: a user corrects a file once, not once per mistake.
class Problems {
 public:
  void Add(const Origin& at, std::string message);
  bool empty() const { return lines_.empty(); }
  // All of them in the order of the files and lines, one per line: "path:line:column: message".
  Error ToError() const;

 private:
  struct Line {
    size_t file;
    Origin at;
    std::string message;
  };
  std::vector<std::string> files_;
  std::vector<Line> lines_;
};

// Reads one file. What is wrong goes to `problems`, and the draft holds the rest.
Draft ReadDraft(std::string_view yaml, const std::string& file, const std::vector<KnownGate>& gates,
                Problems& problems);

// Merges drafts, the file itself first and what it extends after it, and checks what only the whole
// can tell.
Policy MergeDrafts(const std::vector<Draft>& chain, Problems& problems);

// ": did you mean 'x'?" or "" when nothing is near.
std::string DidYouMean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace layergate::policy

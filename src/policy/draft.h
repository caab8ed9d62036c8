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

// Settings carry their places in `origins`, by the name of the setting: the merge takes both
// together.
struct GateDraft {
  std::string gate;
  bool off = false;  // "row_count_diff: off": takes an inherited gate away
  std::optional<Severity> severity;
  std::optional<OnUnknown> on_unknown;
  Value options;        // an object, or null
  Value rule_severity;  // an object, or null; full rule codes
  std::optional<int> timeout_seconds;
  std::optional<std::vector<std::string>> require;
  Origin origin;
  Origins origins;
};

struct ColumnDraft {
  std::string column;
  std::vector<GateDraft> gates;  // severity and rules only
};

struct LlmDraft {
  std::optional<int> count;
  std::optional<std::vector<std::string>> roles;
};

struct LayerDraft {
  std::string name;
  std::optional<Word> like;
  std::optional<std::vector<LayerMatch>> match;
  std::vector<GateDraft> gates;
  std::optional<int> reviewers;
  std::optional<std::vector<std::string>> roles, people;
  LlmDraft llm;
  std::optional<Word> merge_window;
  std::optional<int> rollback_sla_hours;
  std::vector<ColumnDraft> columns;  // of the overrides of one model
  Origin origin;
  Origins origins;
};

struct Draft {
  std::string file;
  std::optional<Word> extends;
  std::optional<Word> unmatched_layer;
  std::optional<std::string> base_manifest;
  std::optional<bool> require_fresh_base;
  std::vector<std::pair<MergeWindow, Origin>> merge_windows;
  std::vector<Freeze> freezes;
  std::optional<std::vector<std::string>> pii_meta_keys, pii_tags, pii_declassify;
  People people;
  std::optional<std::vector<std::string>> bots;
  std::optional<Severity> severity;
  std::optional<OnUnknown> on_unknown;
  std::optional<int> timeout_seconds, budget_seconds;
  LlmDraft llm;
  std::vector<GateDraft> default_gates;
  std::vector<GateDraft> pull_request_gates;
  std::optional<bool> code_owners, pending_blocks;
  std::vector<LayerDraft> layers;
  std::vector<LayerDraft> models;  // overrides: `name` is the model, `like` its layer
  std::vector<ExternalGate> external_gates;
  std::vector<Waiver> waivers;
  std::vector<Word> not_waivable;
  std::optional<Baseline> baseline;
  std::optional<BreakGlass> break_glass;
  Origins origins;
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

// The external gates that a file declares, as far as they can be read: gates of every file of a
// chain must be known before any layer is.
std::vector<KnownGate> DeclaredGates(std::string_view yaml, const std::string& file);

// Reads one file. What is wrong goes to `problems`, and the draft holds the rest.
Draft ReadDraft(std::string_view yaml, const std::string& file, const std::vector<KnownGate>& gates,
                Problems& problems);

// Merges drafts, the file itself first and what it extends after it, and checks what only the whole
// can tell.
Policy MergeDrafts(const std::vector<Draft>& chain, Problems& problems);

// ": did you mean 'x'?" or "" when nothing is near.
std::string DidYouMean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace layergate::policy

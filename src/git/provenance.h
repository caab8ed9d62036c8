// Which tool and model wrote which commits: from trailers, well-known co-author addresses, body
// markers and git notes. No signal means "undeclared", never "human". Texts found are claims by the
// author, never evidence that something is fine: they can raise the bar, not lower it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "git/repository.h"

namespace layergate::git {

struct Trailer {
  std::string key, value;
};

// Trailers of a commit message by our own reading, which also finds those git's own parser loses
// (docs/provenance.md).
std::vector<Trailer> ParseTrailers(std::string_view message);

struct ProvenanceSignal {
  std::string commit;  // empty when it comes from the pull request's description or labels
  // "trailer", "co-author", "author", "marker", "note", "label", "description"
  std::string source;
  std::string confidence;   // "declared", "likely"
  std::string tool, model;  // "claude", "claude-opus-4"; empty when not told
  std::string prompt_hash;  // sha256 named by a Prompt-Hash trailer; empty
  std::string reviewer;     // named by a Reviewed-by trailer; empty
  std::string text;         // the text that was found, printable
};

struct Provenance {
  std::string status = "undeclared";  // "llm" or "undeclared"
  std::vector<ProvenanceSignal> signals;
};

struct PullRequestText {
  std::string description;
  std::vector<std::string> labels;
};

Result<Provenance> ReadProvenance(const Repository& repository, const std::vector<Commit>& commits,
                                  const PullRequestText& text);

}  // namespace layergate::git

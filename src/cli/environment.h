// What the CI host says about the pull request: its variables and its event payload.
//
// Everything here is a claim from outside: it can say where to look (revisions) and raise the bar
// (labels that declare an LLM), never make a verdict better. A payload that cannot be read is an
// Error; fields that are missing are simply absent.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace layergate::cli {

using Environment = std::function<std::optional<std::string>(std::string_view name)>;

// The process's own environment; empty variables count as absent, as CI hosts write them.
Environment ProcessEnvironment();

struct PullRequestClaims {
  std::string provider;  // "github", "gitlab" or empty
  std::string description;
  bool description_truncated = false;
  std::vector<std::string> labels;
  std::string head, base;  // commits that the event names; empty when there is none
};

Result<PullRequestClaims> ReadPullRequestClaims(const Environment& environment);

}  // namespace layergate::cli

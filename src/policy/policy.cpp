#include "policy/policy.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/digest.h"
#include "core/text.h"
#include "policy/draft.h"
#include "policy/form.h"

namespace layergate::policy {

namespace {

constexpr size_t kMaxChain = 8;       // files that extend one another
constexpr size_t kMaxProblems = 100;  // shown at once

bool MatchesAny(std::string_view glob, const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& word) { return MatchesGlob(glob, word); });
}

// Why `match` holds for the node ("path models/staging/**, tag daily"); nullopt when it does not.
std::optional<std::string> WhyMatches(const LayerMatch& match, const dbt::Node& node) {
  std::vector<std::string> why;
  auto holds = [&](std::string_view what, const std::string& wanted, bool is_so) {
    if (wanted.empty()) return true;
    why.push_back(fmt::format("{} {}", what, wanted));
    return is_so;
  };
  bool all =
      holds("path", match.path, MatchesGlob(match.path, node.original_file_path)) &&
      holds("name", match.name, MatchesGlob(match.name, node.name)) &&
      holds("tag", match.tag, MatchesAny(match.tag, node.tags)) &&
      holds("group", match.group, MatchesGlob(match.group, node.group)) &&
      holds("package", match.package, MatchesGlob(match.package, node.package_name)) &&
      holds("resource type", match.resource_type, match.resource_type == node.resource_type) &&
      holds("fqn", match.fqn, MatchesGlob(match.fqn, Join(node.fqn, ".")));
  if (!all || why.empty()) return std::nullopt;
  return Join(why, ", ");
}

// What stands after `extends:`, as text to read.
struct Extended {
  std::string file;  // for messages
  std::string text;
};

Result<std::optional<Extended>> ReadExtended(const Word& word, const FileReader& read,
                                             Problems& problems) {
  if (auto shipped = ShippedPolicy(word.text)) {
    return std::optional<Extended>({word.text + ".yml", std::string(*shipped)});
  }
  std::string hint = DidYouMean(word.text, {"default", "strict", "starter"});
  if (auto wrong = WrongRelativePath(word.text)) {
    problems.Add(word.origin, *wrong);
    return std::optional<Extended>();
  }
  if (!read) {
    problems.Add(word.origin,
                 fmt::format("'{}' is none of default, strict and starter, and no other "
                             "file can be read here{}",
                             word.text, hint));
    return std::optional<Extended>();
  }
  LAYERGATE_TRY(std::optional<std::string> text, read(word.text));
  if (!text) {
    problems.Add(word.origin,
                 fmt::format("there is no file '{}' beside this policy (paths start at the "
                             "repository's root; shipped are default, strict and starter){}",
                             word.text, hint));
    return std::optional<Extended>();
  }
  return std::optional<Extended>({word.text, std::move(*text)});
}

std::string ChainText(const std::vector<Draft>& chain, const std::string& last) {
  std::vector<std::string> files;
  for (const Draft& draft : chain) files.push_back(draft.file);
  files.push_back(last);
  return Join(files, " -> ");
}

}  // namespace

std::string_view ToString(Severity severity) {
  switch (severity) {
    case Severity::kFail:
      return "fail";
    case Severity::kWarn:
      return "warn";
    case Severity::kAudit:
      return "audit";
  }
  return "fail";
}

std::string_view ToString(OnUnknown on_unknown) {
  switch (on_unknown) {
    case OnUnknown::kBlock:
      return "block";
    case OnUnknown::kWarn:
      return "warn";
    case OnUnknown::kPass:
      return "pass";
  }
  return "block";
}

std::string DidYouMean(std::string_view word, const std::vector<std::string>& candidates) {
  std::string_view near = NearestName(word, candidates);
  return near.empty() ? "" : fmt::format(": did you mean '{}'?", near);
}

void Problems::Add(const Origin& at, std::string message) {
  auto file = std::find(files_.begin(), files_.end(), at.file);
  auto index = static_cast<size_t>(file - files_.begin());
  if (file == files_.end()) files_.push_back(at.file);
  lines_.push_back({index, at, std::move(message)});
}

Error Problems::ToError() const {
  std::vector<Line> sorted = lines_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Line& a, const Line& b) {
    if (a.file != b.file) return a.file < b.file;
    if (a.at.line != b.at.line) return a.at.line < b.at.line;
    return a.at.column < b.at.column;
  });
  std::vector<std::string> texts;
  if (sorted.size() > 1) texts.push_back(fmt::format("{} mistakes in the policy:", sorted.size()));
  for (const Line& line : sorted) {
    if (texts.size() > kMaxProblems) {
      texts.push_back(fmt::format("... and {} more", sorted.size() - kMaxProblems));
      break;
    }
    texts.push_back(line.at.file.empty() ? line.message
                                         : fmt::format("{}:{}:{}: {}", line.at.file, line.at.line,
                                                       line.at.column, line.message));
  }
  return MakeError(Join(texts, "\n"),
                   "Correct the policy and run `layergate policy validate`; docs/policy.md "
                   "describes the format.");
}

Policy::Placement Policy::Place(const dbt::Node& node) const {
  for (const Layer& layer : layers) {
    for (const LayerMatch& match : layer.match) {
      if (auto why = WhyMatches(match, node)) return {&layer, *why, true};
    }
  }
  for (const Layer& layer : layers) {
    if (layer.name == unmatched_layer) {
      return {&layer, fmt::format("in no layer; unmatched_layer is {}", unmatched_layer), false};
    }
  }
  return {nullptr, "in no layer", false};
}

Result<Policy> ParsePolicy(std::string_view yaml, const std::string& path,
                           const std::vector<KnownGate>& gates, const FileReader& read) {
  Problems problems;
  std::vector<Draft> chain;
  Extended next{path, std::string(yaml)};
  std::string digested;
  while (true) {
    digested += fmt::format("{}\n{}", next.text.size(), next.text);
    chain.push_back(ReadDraft(next.text, next.file, gates, problems));
    const std::optional<Word> extends = chain.back().extends;
    if (!extends) break;
    LAYERGATE_TRY(std::optional<Extended> extended, ReadExtended(*extends, read, problems));
    if (!extended) break;
    bool seen = std::any_of(chain.begin(), chain.end(),
                            [&](const Draft& draft) { return draft.file == extended->file; });
    if (seen || chain.size() >= kMaxChain) {
      problems.Add(extends->origin,
                   fmt::format("{}: {}",
                               seen ? "these policies extend one another in a circle"
                                    : "too many policies extend one another",
                               ChainText(chain, extended->file)));
      break;
    }
    next = std::move(*extended);
  }
  // What only the whole can tell is judged once the parts are right: no follow-up errors.
  if (!problems.empty()) return problems.ToError();
  Policy policy = MergeDrafts(chain, problems);
  if (!problems.empty()) return problems.ToError();
  policy.source = path;
  policy.digest = Sha256Hex(digested);
  return policy;
}

}  // namespace layergate::policy

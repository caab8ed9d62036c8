#include "policy/policy.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/digest.h"
#include "core/text.h"
#include "core/yaml.h"
#include "dbt/unique_id.h"
#include "policy/draft.h"
#include "policy/form.h"
#include "policy/pattern.h"

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
      holds("path matches", match.path_regex,
            match.path_pattern && match.path_pattern->Matches(node.original_file_path)) &&
      holds("name matches", match.name_regex,
            match.name_pattern && match.name_pattern->Matches(node.name)) &&
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

// `extends:` of a file, when that much of it can be read; what else is wrong is told by the reader.
std::optional<Word> ExtendsOf(const Extended& file) {
  Result<YamlNode> root = ReadYaml(file.text, file.file);
  const YamlNode* extends = root ? root->Find("extends") : nullptr;
  if (!extends || !extends->is_scalar() || Trim(extends->scalar).empty()) return std::nullopt;
  return Word{extends->scalar, {file.file, extends->line, extends->column}};
}

Result<void> ReadBaselineFile(const FileReader& read, Policy& policy, std::string& digested) {
  const Baseline& baseline = *policy.baseline;
  std::optional<std::string> text;
  if (read) {
    LAYERGATE_TRY(text, read(baseline.path));
  }
  if (!text) {
    return MakeError(fmt::format("{}:{}:{}: there is no file '{}' (paths start at the repository's "
                                 "root)",
                                 baseline.origin.file, baseline.origin.line, baseline.origin.column,
                                 baseline.path),
                     "write it with `layergate policy baseline --from result.json` and commit it");
  }
  digested += fmt::format("{}\n{}", text->size(), *text);
  return AddBaseline(*text, policy);
}

std::string ChainText(const std::vector<Extended>& chain, const std::string& last) {
  std::vector<std::string> files;
  for (const Extended& text : chain) files.push_back(text.file);
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
  // What two layers inherit is read twice, and told once.
  bool told = std::any_of(lines_.begin(), lines_.end(), [&](const Line& line) {
    return line.file == index && line.at.line == at.line && line.at.column == at.column &&
           line.message == message;
  });
  if (!told) lines_.push_back({index, at, std::move(message)});
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

namespace {

bool IsFor(const ModelOverride& override, std::string_view unique_id, std::string_view name) {
  return override.model == unique_id || override.model == name;
}

}  // namespace

const Layer* Policy::SettingsFor(std::string_view layer, std::string_view unique_id) const {
  for (size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].name != layer) continue;
    for (const ModelOverride& override : models) {
      if (IsFor(override, unique_id, dbt::NameOf(unique_id))) return &override.layers[i];
    }
    return &layers[i];
  }
  return nullptr;
}

bool Policy::IsWaivable(std::string_view rule) const {
  std::string_view gate = rule.substr(0, rule.find('.'));
  return std::none_of(not_waivable.begin(), not_waivable.end(),
                      [&](const std::string& entry) { return entry == rule || entry == gate; });
}

Policy::Placement Policy::Place(const dbt::Node& node) const {
  for (const ModelOverride& override : models) {
    if (override.layer.empty() || !IsFor(override, node.unique_id, node.name)) continue;
    return {SettingsFor(override.layer, node.unique_id),
            fmt::format("models: {}: layer: {}", override.model, override.layer), true};
  }
  for (const Layer& layer : layers) {
    for (const LayerMatch& match : layer.match) {
      if (auto why = WhyMatches(match, node)) {
        return {SettingsFor(layer.name, node.unique_id), *why, true};
      }
    }
  }
  if (const Layer* layer = SettingsFor(unmatched_layer, node.unique_id)) {
    return {layer, fmt::format("in no layer; unmatched_layer is {}", unmatched_layer), false};
  }
  return {nullptr, "in no layer", false};
}

Result<Policy> ParsePolicy(std::string_view yaml, const std::string& path,
                           const std::vector<KnownGate>& gates, const FileReader& read) {
  Problems problems;
  // First the whole chain: an external gate may be declared in one file and used in another.
  std::vector<Extended> texts = {{path, std::string(yaml)}};
  std::vector<KnownGate> known = gates;
  std::string digested;
  while (true) {
    const Extended& current = texts.back();
    digested += fmt::format("{}\n{}", current.text.size(), current.text);
    for (KnownGate& gate : DeclaredGates(current.text, current.file)) {
      bool there = std::any_of(known.begin(), known.end(),
                               [&](const KnownGate& other) { return other.id == gate.id; });
      if (!there) known.push_back(std::move(gate));
    }
    std::optional<Word> extends = ExtendsOf(current);
    if (!extends) break;
    LAYERGATE_TRY(std::optional<Extended> extended, ReadExtended(*extends, read, problems));
    if (!extended) break;
    bool seen = std::any_of(texts.begin(), texts.end(),
                            [&](const Extended& text) { return text.file == extended->file; });
    if (seen || texts.size() >= kMaxChain) {
      problems.Add(extends->origin,
                   fmt::format("{}: {}",
                               seen ? "these policies extend one another in a circle"
                                    : "too many policies extend one another",
                               ChainText(texts, extended->file)));
      break;
    }
    texts.push_back(std::move(*extended));
  }
  std::vector<Draft> chain;
  for (const Extended& text : texts) {
    chain.push_back(ReadDraft(text.text, text.file, known, problems));
  }
  // What only the whole can tell is judged once the parts are right: no follow-up errors.
  if (!problems.empty()) return problems.ToError();
  Policy policy = MergeDrafts(chain, problems);
  if (!problems.empty()) return problems.ToError();
  policy.source = path;
  if (policy.baseline) {
    Result<void> baseline = ReadBaselineFile(read, policy, digested);
    if (!baseline) return baseline.error();
  }
  policy.digest = Sha256Hex(digested);
  return policy;
}

Result<void> AddBaseline(std::string_view json, Policy& policy) {
  LAYERGATE_CHECK(policy.baseline.has_value());
  Baseline& baseline = *policy.baseline;
  Result<Value> document = ReadJson(json);
  if (!document) return document.error().WithContext(baseline.path);
  const Value& findings = (*document)["findings"];
  if (!((*document)["schema_version"] == Value(1)) || !findings.is_array()) {
    return MakeError(fmt::format("{}: no baseline of version 1", baseline.path),
                     "write it with `layergate policy baseline --from result.json`");
  }
  size_t index = 0;
  for (const Value& entry : findings.items()) {
    ++index;
    std::string_view fingerprint = entry["fingerprint"].AsString();
    if (fingerprint.size() < 32) {
      return MakeError(fmt::format("{}: finding {} has no fingerprint", baseline.path, index),
                       "write it with `layergate policy baseline --from result.json`");
    }
    baseline.fingerprints.emplace(fingerprint);
  }
  return {};
}

}  // namespace layergate::policy

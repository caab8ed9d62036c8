#include "policy/section_reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"

namespace layergate::policy {

bool SectionReader::Section(const YamlNode& node, std::string_view section, std::string_view what,
                            const std::vector<std::string>& told_already) {
  if (!node.is_map()) {
    Problem(node, fmt::format("{} must be a map, not {}", what, Describe(node)));
    return false;
  }
  std::vector<std::string> known;
  for (const Key& key : kKeys) {
    if (key.section == section) known.emplace_back(key.name);
  }
  for (const YamlNode& key : node.keys) {
    if (std::find(known.begin(), known.end(), key.scalar) != known.end()) continue;
    if (std::find(told_already.begin(), told_already.end(), key.scalar) != told_already.end()) {
      continue;
    }
    std::string hint = DidYouMean(key.scalar, known);
    if (hint.empty()) hint = fmt::format(": valid here are {}", Join(known, ", "));
    Problem(key, fmt::format("unknown key '{}' in {}{}", Printable(key.scalar), what, hint));
  }
  return true;
}

std::optional<std::string> SectionReader::Text(const YamlNode& node, std::string_view what) {
  if (!node.is_scalar()) {
    Problem(node, fmt::format("{} must be text, not {}", what, Describe(node)));
    return std::nullopt;
  }
  if (Trim(node.scalar).empty()) {
    Problem(node, fmt::format("{} must not be empty", what));
    return std::nullopt;
  }
  if (Printable(node.scalar) != node.scalar) {
    Problem(node, fmt::format("{} holds control characters: {}", what, Printable(node.scalar)));
    return std::nullopt;
  }
  return node.scalar;
}

std::optional<std::string> SectionReader::OptionalText(const YamlNode& map, std::string_view key) {
  const YamlNode* node = map.Find(key);
  if (!node) return std::nullopt;
  return Text(*node, fmt::format("'{}'", key));
}

std::optional<bool> SectionReader::OptionalBool(const YamlNode& map, std::string_view key) {
  const YamlNode* node = map.Find(key);
  if (!node) return std::nullopt;
  Value value = ToValue(*node);
  if (value.is_bool()) return value.AsBool();
  Problem(*node, fmt::format("'{}' must be true or false, not {}", key, Shown(*node)));
  return std::nullopt;
}

std::optional<int> SectionReader::Integer(const YamlNode& node, std::string_view key, int low,
                                          int high) {
  Value value = ToValue(node);
  if (!value.is_int()) {
    Problem(node, fmt::format("'{}' must be a whole number, not {}", key, Shown(node)));
    return std::nullopt;
  }
  if (value.AsInt() < low || value.AsInt() > high) {
    Problem(node,
            fmt::format("'{}' must lie between {} and {}, not {}", key, low, high, value.AsInt()));
    return std::nullopt;
  }
  return static_cast<int>(value.AsInt());
}

std::optional<int> SectionReader::OptionalInteger(const YamlNode& map, std::string_view key,
                                                  int low, int high) {
  const YamlNode* node = map.Find(key);
  if (!node) return std::nullopt;
  return Integer(*node, key, low, high);
}

std::optional<std::vector<std::string>> SectionReader::OptionalTexts(const YamlNode& map,
                                                                     std::string_view key) {
  const YamlNode* node = map.Find(key);
  if (!node) return std::nullopt;
  if (!node->is_list()) {
    Problem(*node, fmt::format("'{}' must be a list, not {}", key, Describe(*node)));
    return std::nullopt;
  }
  std::vector<std::string> texts;
  for (const YamlNode& item : node->items) {
    auto text = Text(item, fmt::format("each entry of '{}'", key));
    if (!text) continue;
    if (std::find(texts.begin(), texts.end(), *text) != texts.end()) {
      Problem(item, fmt::format("'{}' stands twice in '{}'", *text, key));
      continue;
    }
    texts.push_back(std::move(*text));
  }
  return texts;
}

void SectionReader::NotOneOf(const YamlNode& node, std::string_view key,
                             const std::vector<std::string>& words) {
  std::string hint = node.is_scalar() ? DidYouMean(node.scalar, words) : "";
  Problem(node, fmt::format("'{}' must be one of {}, not {}{}", key, Join(words, ", "), Shown(node),
                            hint));
}

std::optional<Severity> SectionReader::ReadSeverity(const YamlNode& node, std::string_view key) {
  constexpr std::array<std::pair<std::string_view, Severity>, 3> kWords = {
      {{"fail", Severity::kFail}, {"warn", Severity::kWarn}, {"audit", Severity::kAudit}}};
  return OneOf(node, key, kWords);
}

std::optional<Severity> SectionReader::OptionalSeverity(const YamlNode& map) {
  const YamlNode* node = map.Find("severity");
  if (!node) return std::nullopt;
  return ReadSeverity(*node, "severity");
}

std::optional<OnUnknown> SectionReader::OptionalUnknown(const YamlNode& map) {
  constexpr std::array<std::pair<std::string_view, OnUnknown>, 3> kWords = {
      {{"block", OnUnknown::kBlock}, {"warn", OnUnknown::kWarn}, {"pass", OnUnknown::kPass}}};
  const YamlNode* node = map.Find("unknown");
  if (!node) return std::nullopt;
  return OneOf(*node, "unknown", kWords);
}

std::string SectionReader::Shown(const YamlNode& node) {
  if (!node.is_scalar()) return std::string(Describe(node));
  return fmt::format("'{}'", Printable(node.scalar));
}

void SectionReader::CheckRule(const YamlNode& at, const std::string& code,
                              const std::vector<std::string>& rules) {
  if (std::find(rules.begin(), rules.end(), code) != rules.end()) return;
  std::string hint = DidYouMean(code, rules);
  if (hint.empty()) hint = fmt::format(": there are {}", Join(rules, ", "));
  Problem(at, fmt::format("unknown rule '{}'{}", Printable(code), hint));
}

void SectionReader::Remember(const YamlNode& map, Origins& origins,
                             const std::string& prefix) const {
  for (size_t i = 0; i < map.keys.size(); ++i) {
    origins.insert_or_assign(prefix + map.keys[i].scalar, At(map.keys[i]));
  }
}

}  // namespace layergate::policy

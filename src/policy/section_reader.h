// What reading any section of a policy needs: texts, numbers, lists and words of a few, each with
// its place when it is wrong. Private to src/policy.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/text.h"
#include "core/yaml.h"
#include "policy/draft.h"
#include "policy/form.h"
#include "policy/keys.h"

namespace layergate::policy {

class SectionReader {
 public:
  SectionReader(const std::string& file, const std::vector<KnownGate>& gates, Problems& problems)
      : file_(file), gates_(gates), problems_(problems) {}

 protected:
  Origin At(const YamlNode& node) const { return {file_, node.line, node.column}; }
  void Problem(const YamlNode& node, std::string message) {
    problems_.Add(At(node), std::move(message));
  }

  // True when `node` is a map; its unknown keys are reported.
  bool Section(const YamlNode& node, std::string_view section, std::string_view what,
               const std::vector<std::string>& told_already = {}) {
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

  std::optional<std::string> Text(const YamlNode& node, std::string_view what) {
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

  std::optional<std::string> OptionalText(const YamlNode& map, std::string_view key) {
    const YamlNode* node = map.Find(key);
    if (!node) return std::nullopt;
    return Text(*node, fmt::format("'{}'", key));
  }

  std::optional<bool> OptionalBool(const YamlNode& map, std::string_view key) {
    const YamlNode* node = map.Find(key);
    if (!node) return std::nullopt;
    Value value = ToValue(*node);
    if (value.is_bool()) return value.AsBool();
    Problem(*node, fmt::format("'{}' must be true or false, not {}", key, Shown(*node)));
    return std::nullopt;
  }

  std::optional<int> Integer(const YamlNode& node, std::string_view key, int low, int high) {
    Value value = ToValue(node);
    if (!value.is_int()) {
      Problem(node, fmt::format("'{}' must be a whole number, not {}", key, Shown(node)));
      return std::nullopt;
    }
    if (value.AsInt() < low || value.AsInt() > high) {
      Problem(node, fmt::format("'{}' must lie between {} and {}, not {}", key, low, high,
                                value.AsInt()));
      return std::nullopt;
    }
    return static_cast<int>(value.AsInt());
  }

  std::optional<int> OptionalInteger(const YamlNode& map, std::string_view key, int low, int high) {
    const YamlNode* node = map.Find(key);
    if (!node) return std::nullopt;
    return Integer(*node, key, low, high);
  }

  std::optional<std::vector<std::string>> OptionalTexts(const YamlNode& map, std::string_view key) {
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

  // One of a few words; reports and gives nullopt for anything else.
  template <typename T, size_t N>
  std::optional<T> OneOf(const YamlNode& node, std::string_view key,
                         const std::array<std::pair<std::string_view, T>, N>& words) {
    std::vector<std::string> names;
    for (const auto& [name, value] : words) {
      if (node.is_scalar() && node.scalar == name) return value;
      names.emplace_back(name);
    }
    std::string hint = node.is_scalar() ? DidYouMean(node.scalar, names) : "";
    Problem(node, fmt::format("'{}' must be one of {}, not {}{}", key, Join(names, ", "),
                              Shown(node), hint));
    return std::nullopt;
  }

  std::optional<Severity> ReadSeverity(const YamlNode& node, std::string_view key) {
    constexpr std::array<std::pair<std::string_view, Severity>, 3> kWords = {
        {{"fail", Severity::kFail}, {"warn", Severity::kWarn}, {"audit", Severity::kAudit}}};
    return OneOf(node, key, kWords);
  }

  std::optional<Severity> OptionalSeverity(const YamlNode& map) {
    const YamlNode* node = map.Find("severity");
    if (!node) return std::nullopt;
    return ReadSeverity(*node, "severity");
  }

  std::optional<OnUnknown> OptionalUnknown(const YamlNode& map) {
    constexpr std::array<std::pair<std::string_view, OnUnknown>, 3> kWords = {
        {{"block", OnUnknown::kBlock}, {"warn", OnUnknown::kWarn}, {"pass", OnUnknown::kPass}}};
    const YamlNode* node = map.Find("unknown");
    if (!node) return std::nullopt;
    return OneOf(*node, "unknown", kWords);
  }

  static std::string Shown(const YamlNode& node) {
    if (!node.is_scalar()) return std::string(Describe(node));
    return fmt::format("'{}'", Printable(node.scalar));
  }

  void CheckRule(const YamlNode& at, const std::string& code,
                 const std::vector<std::string>& rules) {
    if (std::find(rules.begin(), rules.end(), code) != rules.end()) return;
    std::string hint = DidYouMean(code, rules);
    if (hint.empty()) hint = fmt::format(": there are {}", Join(rules, ", "));
    Problem(at, fmt::format("unknown rule '{}'{}", Printable(code), hint));
  }

  // Remembers where each key of a map was written, under `prefix` + key.
  void Remember(const YamlNode& map, Origins& origins, const std::string& prefix = {}) const {
    for (size_t i = 0; i < map.keys.size(); ++i) {
      origins.insert_or_assign(prefix + map.keys[i].scalar, At(map.keys[i]));
    }
  }

  const std::string& file_;
  const std::vector<KnownGate>& gates_;
  Problems& problems_;
};

}  // namespace layergate::policy

// What reading any section of a policy needs: texts, numbers, lists and words of a few, each with
// its place when it is wrong. Private to src/policy.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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
               const std::vector<std::string>& told_already = {});

  std::optional<std::string> Text(const YamlNode& node, std::string_view what);

  std::optional<std::string> OptionalText(const YamlNode& map, std::string_view key);

  std::optional<bool> OptionalBool(const YamlNode& map, std::string_view key);

  std::optional<int> Integer(const YamlNode& node, std::string_view key, int low, int high);

  std::optional<int> OptionalInteger(const YamlNode& map, std::string_view key, int low, int high);

  std::optional<std::vector<std::string>> OptionalTexts(const YamlNode& map, std::string_view key);

  // One of a few words; reports and gives nullopt for anything else.
  template <typename T, size_t N>
  std::optional<T> OneOf(const YamlNode& node, std::string_view key,
                         const std::array<std::pair<std::string_view, T>, N>& words) {
    std::vector<std::string> names;
    for (const auto& [name, value] : words) {
      if (node.is_scalar() && node.scalar == name) return value;
      names.emplace_back(name);
    }
    NotOneOf(node, key, names);
    return std::nullopt;
  }

  void NotOneOf(const YamlNode& node, std::string_view key, const std::vector<std::string>& words);

  std::optional<Severity> ReadSeverity(const YamlNode& node, std::string_view key);

  std::optional<Severity> OptionalSeverity(const YamlNode& map);

  std::optional<OnUnknown> OptionalUnknown(const YamlNode& map);

  static std::string Shown(const YamlNode& node);

  void CheckRule(const YamlNode& at, const std::string& code,
                 const std::vector<std::string>& rules);

  // Remembers where each key of a map was written, under `prefix` + key.
  void Remember(const YamlNode& map, Origins& origins, const std::string& prefix = {}) const;

  const std::string& file_;
  const std::vector<KnownGate>& gates_;
  Problems& problems_;
};

}  // namespace layergate::policy

// The parts of a policy that are not about layers: merge windows and freezes, people, exceptions
// that end, and external gates.
#include "policy/read_parts.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/text.h"
#include "policy/clock.h"
#include "policy/section_reader.h"

namespace layergate::policy {

namespace {

constexpr int kMaxBreakGlassHours = 7 * 24;
constexpr int kMaxMegabytes = 64 * 1024;
constexpr int kMaxSeconds = 24 * 60 * 60;

class PartsReader final : SectionReader {
 public:
  PartsReader(const std::string& file, const std::vector<KnownGate>& gates, Problems& problems,
              Draft& draft)
      : SectionReader(file, gates, problems), draft_(draft) {}

  void Read(const YamlNode& root) {
    if (const YamlNode* node = root.Find("merge_windows")) ReadMergeWindows(*node);
    if (const YamlNode* node = root.Find("freezes")) ReadFreezes(*node);
    if (const YamlNode* node = root.Find("people")) ReadPeople(*node);
    if (const YamlNode* node = root.Find("external_gates")) ReadExternalGates(*node);
    if (const YamlNode* node = root.Find("waivers")) ReadWaivers(*node);
    if (const YamlNode* node = root.Find("not_waivable")) ReadNotWaivable(*node);
    if (const YamlNode* node = root.Find("baseline")) ReadBaseline(*node);
    if (const YamlNode* node = root.Find("break_glass")) ReadBreakGlass(*node);
  }

 private:
  void ReadMergeWindows(const YamlNode& node) {
    if (!node.is_map()) {
      Problem(node, fmt::format("'merge_windows' must be a map of names, not {}", Describe(node)));
      return;
    }
    for (size_t i = 0; i < node.items.size(); ++i) {
      ReadMergeWindow(node.keys[i], node.items[i]);
    }
  }

  void ReadMergeWindow(const YamlNode& name, const YamlNode& node) {
    if (name.scalar == "any") {
      Problem(name, "the window 'any' is always there and cannot be defined anew");
      return;
    }
    if (!IsName(name.scalar)) {
      Problem(name, fmt::format("'{}' is no name: use letters, digits, '-' and '_'",
                                Printable(name.scalar)));
    }
    if (!Section(node, "merge_window", fmt::format("the window '{}'", Printable(name.scalar)))) {
      return;
    }
    MergeWindow window;
    window.name = name.scalar;
    for (std::string_view key : {"zone", "from", "to"}) {
      if (!node.Find(key)) {
        Problem(name, fmt::format("the window '{}' needs '{}'", window.name, key));
      }
    }
    if (auto zone = OptionalText(node, "zone")) {
      window.zone = *zone;
      CheckZone(*node.Find("zone"), *zone);
    }
    window.from = ReadTimeOfDay(node, "from");
    window.to = ReadTimeOfDay(node, "to");
    if (!window.from.empty() && window.from == window.to) {
      Problem(*node.Find("to"), "'from' and 'to' are the same time: the window would be empty");
    }
    ReadDays(node, window);
    ReadHolidays(node, window);
    draft_.merge_windows.emplace_back(std::move(window), At(name));
  }

  std::string ReadTimeOfDay(const YamlNode& map, std::string_view key) {
    auto text = OptionalText(map, key);
    if (!text) return {};
    if (IsTimeOfDay(*text) && !(key == "from" && *text == "24:00")) return *text;
    Problem(*map.Find(key), fmt::format("'{}' must be a time of day like \"09:00\", not '{}'", key,
                                        Printable(*text)));
    return {};
  }

  void ReadDays(const YamlNode& node, MergeWindow& window) {
    static const std::vector<std::string> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    window.days = kDays;
    auto days = OptionalTexts(node, "days");
    if (!days) return;
    const YamlNode& at = *node.Find("days");
    if (days->empty()) Problem(at, "'days' is empty: the window would never open");
    for (const std::string& day : *days) {
      if (std::find(kDays.begin(), kDays.end(), day) == kDays.end()) {
        Problem(at, fmt::format("'{}' is no day: write {}", day, Join(kDays, ", ")));
      }
    }
    window.days = std::move(*days);
  }

  // Holidays are days of a year, or of every year.
  void ReadHolidays(const YamlNode& node, MergeWindow& window) {
    auto holidays = OptionalTexts(node, "holidays");
    if (!holidays) return;
    const YamlNode& list = *node.Find("holidays");
    for (const YamlNode& item : list.items) {
      if (!item.is_scalar()) continue;
      bool every_year = item.scalar.size() == 5 && IsDate("2024-" + item.scalar);
      if (every_year || IsDate(item.scalar)) continue;
      Problem(item, fmt::format("'{}' is no day: write 2026-12-25, or 12-25 for every year",
                                Printable(item.scalar)));
    }
    window.holidays = std::move(*holidays);
  }

  void ReadFreezes(const YamlNode& node) {
    if (!node.is_list()) {
      Problem(node, fmt::format("'freezes' must be a list, not {}", Describe(node)));
      return;
    }
    for (const YamlNode& item : node.items) ReadFreeze(item);
  }

  void ReadFreeze(const YamlNode& node) {
    if (!Section(node, "freeze", "a freeze")) return;
    for (std::string_view key : {"name", "zone", "from", "to", "reason"}) {
      if (!node.Find(key)) Problem(node, fmt::format("a freeze needs '{}'", key));
    }
    Freeze freeze;
    freeze.origin = At(node);
    freeze.name = OptionalText(node, "name").value_or("");
    freeze.zone = OptionalText(node, "zone").value_or("");
    freeze.reason = OptionalText(node, "reason").value_or("");
    freeze.layers = OptionalTexts(node, "layers").value_or(std::vector<std::string>{});
    if (!freeze.zone.empty()) CheckZone(*node.Find("zone"), freeze.zone);
    auto from = ReadMoment(node, "from", freeze.from);
    auto to = ReadMoment(node, "to", freeze.to);
    constexpr Day kLongest = 366;
    if (from && to && *to <= *from) {
      Problem(*node.Find("to"),
              fmt::format("the freeze ends at {}, before it begins at {}", freeze.to, freeze.from));
    } else if (from && to && to->day - from->day > kLongest) {
      Problem(*node.Find("to"), "a freeze of more than a year: write a shorter one and renew it");
    }
    for (const Freeze& other : draft_.freezes) {
      if (other.name == freeze.name && !freeze.name.empty()) {
        Problem(*node.Find("name"), fmt::format("the freeze '{}' is given twice (first in line {})",
                                                freeze.name, other.origin.line));
      }
    }
    draft_.freezes.push_back(std::move(freeze));
  }

  std::optional<WallTime> ReadMoment(const YamlNode& map, std::string_view key, std::string& text) {
    auto written = OptionalText(map, key);
    if (!written) return std::nullopt;
    text = *written;
    auto time = ParseWallTime(text);
    if (!time) {
      Problem(*map.Find(key), fmt::format("'{}' must be a day like 2026-12-20, or with a time "
                                          "\"2026-12-20 18:00\", not '{}'",
                                          key, Printable(text)));
    }
    return time;
  }

  void CheckZone(const YamlNode& at, const std::string& zone) {
    if (auto wrong = WrongZone(zone)) Problem(at, *wrong);
  }

  void ReadPeople(const YamlNode& node) {
    if (!Section(node, "people", "'people'")) return;
    ReadGroups(node, "roles", true, draft_.people.roles);
    ReadGroups(node, "teams", false, draft_.people.teams);
    if (const YamlNode* emails = node.Find("emails")) ReadEmails(*emails);
    draft_.bots = OptionalTexts(node, "bots");
  }

  // A map of names to lists of people.
  void ReadGroups(const YamlNode& node, std::string_view key, bool may_hold_teams,
                  std::map<std::string, std::vector<std::string>>& groups) {
    const YamlNode* map = node.Find(key);
    if (!map) return;
    if (!map->is_map()) {
      Problem(*map, fmt::format("'{}' must be a map of names to lists of people, not {}", key,
                                Describe(*map)));
      return;
    }
    for (size_t i = 0; i < map->items.size(); ++i) {
      const YamlNode& name = map->keys[i];
      if (key == "roles" && name.scalar == "any-peer") {
        Problem(name, "'any-peer' is anybody but the author and cannot be listed");
        continue;
      }
      std::string group = key == "teams" && !name.scalar.empty() && name.scalar[0] == '@'
                              ? name.scalar.substr(1)
                              : name.scalar;
      auto people = OptionalTexts(*map, name.scalar);
      if (!people) continue;
      for (const YamlNode& person : map->items[i].items) CheckPerson(person, may_hold_teams);
      groups[group] = std::move(*people);
    }
  }

  // "ana" or "@ana" is a login, "@acme/data" a team.
  void CheckPerson(const YamlNode& node, bool may_be_team) {
    if (!node.is_scalar()) return;
    std::string_view name = node.scalar;
    bool team = name.find('/') != std::string_view::npos;
    if (team && !may_be_team) {
      Problem(node, fmt::format("'{}' is a team: a team lists people", Printable(name)));
    } else if (team && name[0] != '@') {
      Problem(node, fmt::format("write a team with an '@': '@{}'", Printable(name)));
    } else if (name.find_first_of(" ,;:") != std::string_view::npos || name == "@") {
      Problem(node, fmt::format("'{}' is no login and no team like @acme/data", Printable(name)));
    } else if (name.find('@', 1) != std::string_view::npos) {
      Problem(node, fmt::format("'{}' is an e-mail address: write the login", Printable(name)));
    }
  }

  void ReadEmails(const YamlNode& node) {
    if (!node.is_map()) {
      Problem(node,
              fmt::format("'emails' must be a map of addresses to logins, not {}", Describe(node)));
      return;
    }
    for (size_t i = 0; i < node.items.size(); ++i) {
      const YamlNode& address = node.keys[i];
      if (address.scalar.find('@') == std::string::npos) {
        Problem(address, fmt::format("'{}' is no e-mail address", Printable(address.scalar)));
      }
      if (auto login = Text(node.items[i], "a login")) {
        CheckPerson(node.items[i], false);
        draft_.people.emails[ToLower(address.scalar)] = *login;
      }
    }
  }

  void ReadExternalGates(const YamlNode& node) {
    if (!node.is_map()) {
      Problem(node, fmt::format("'external_gates' must be a map of names, not {}", Describe(node)));
      return;
    }
    for (size_t i = 0; i < node.items.size(); ++i) {
      ReadExternalGate(node.keys[i], node.items[i]);
    }
  }

  void ReadExternalGate(const YamlNode& name, const YamlNode& node) {
    if (!IsName(name.scalar)) {
      Problem(name, fmt::format("'{}' is no name: use letters, digits, '-' and '_'",
                                Printable(name.scalar)));
    }
    std::string what = fmt::format("the external gate '{}'", Printable(name.scalar));
    if (!Section(node, "external_gate", what)) return;
    for (const KnownGate& gate : gates_) {
      if (gate.id == name.scalar && !gate.any_option) {
        Problem(name, fmt::format("there is a gate '{}' in the program already", gate.id));
      }
    }
    for (std::string_view key : {"summary", "command", "rules"}) {
      if (!node.Find(key)) Problem(name, fmt::format("{} needs '{}'", what, key));
    }
    ExternalGate gate;
    gate.id = name.scalar;
    gate.origin = At(name);
    gate.summary = OptionalText(node, "summary").value_or("");
    gate.command = OptionalWords(node, "command");
    gate.environment = OptionalTexts(node, "environment").value_or(std::vector<std::string>{});
    if (!gate.command.empty()) CheckProgram(*node.Find("command"), gate.command.front());
    gate.resource_types = {"model"};
    if (auto types = OptionalTexts(node, "resource_types")) {
      for (const std::string& type : *types) {
        if (auto wrong = WrongResourceType(type)) Problem(*node.Find("resource_types"), *wrong);
      }
      gate.resource_types = std::move(*types);
    }
    gate.timeout_seconds = OptionalInteger(node, "timeout_seconds", 1, kMaxSeconds).value_or(60);
    gate.memory_mb = OptionalInteger(node, "memory_mb", 16, kMaxMegabytes).value_or(512);
    if (const YamlNode* rules = node.Find("rules")) ReadExternalRules(*rules, gate);
    draft_.external_gates.push_back(std::move(gate));
  }

  // A command's words, of which one may stand twice.
  std::vector<std::string> OptionalWords(const YamlNode& map, std::string_view key) {
    const YamlNode* node = map.Find(key);
    std::vector<std::string> words;
    if (!node) return words;
    if (!node->is_list() || node->items.empty()) {
      Problem(*node, fmt::format("'{}' must be a list of words, the program first", key));
      return words;
    }
    for (const YamlNode& item : node->items) {
      if (auto word = Text(item, fmt::format("each entry of '{}'", key))) words.push_back(*word);
    }
    return words;
  }

  void CheckProgram(const YamlNode& at, const std::string& program) {
    if (program[0] == '/' || program.find('/') == std::string::npos) return;
    if (auto wrong = WrongRelativePath(program)) {
      Problem(at, *wrong);
    } else if (program.find(".layergate/") == std::string::npos) {
      Problem(at, fmt::format("'{}' must lie in a folder .layergate/: nothing else of the "
                              "repository is there when it runs",
                              program));
    }
  }

  void ReadExternalRules(const YamlNode& node, ExternalGate& gate) {
    if (!node.is_map() || node.items.empty()) {
      Problem(node, "'rules' must be a map of rules to sentences that say what each means");
      return;
    }
    for (size_t i = 0; i < node.items.size(); ++i) {
      if (!IsName(node.keys[i].scalar)) {
        Problem(node.keys[i], fmt::format("'{}' is no name: use letters, digits, '-' and '_'",
                                          Printable(node.keys[i].scalar)));
      }
      if (auto text = Text(node.items[i], "what a rule means")) {
        gate.rules.emplace_back(gate.id + "." + node.keys[i].scalar, *text);
      }
    }
  }

  void ReadWaivers(const YamlNode& node) {
    if (!node.is_list()) {
      Problem(node, fmt::format("'waivers' must be a list, not {}", Describe(node)));
      return;
    }
    for (const YamlNode& item : node.items) ReadWaiver(item);
  }

  void ReadWaiver(const YamlNode& node) {
    if (!Section(node, "waiver", "a waiver")) return;
    for (std::string_view key : {"rule", "subject", "owner", "reason", "expires"}) {
      if (!node.Find(key)) Problem(node, fmt::format("a waiver needs '{}'", key));
    }
    Waiver waiver;
    waiver.origin = At(node);
    waiver.rule = OptionalText(node, "rule").value_or("");
    waiver.subject = OptionalText(node, "subject").value_or("");
    waiver.column = OptionalText(node, "column").value_or("");
    waiver.owner = OptionalText(node, "owner").value_or("");
    waiver.reason = OptionalText(node, "reason").value_or("");
    waiver.ticket = OptionalText(node, "ticket").value_or("");
    waiver.expires = OptionalText(node, "expires").value_or("");
    if (!waiver.rule.empty()) CheckWaiverRule(*node.Find("rule"), waiver.rule);
    for (std::string_view key : {"subject", "column"}) {
      const YamlNode* exact = node.Find(key);
      if (exact && exact->scalar.find_first_of("*?") != std::string::npos) {
        Problem(*exact, fmt::format("'{}' must be exact: a waiver is for one thing", key));
      }
    }
    if (!waiver.expires.empty()) CheckDate(*node.Find("expires"), waiver.expires);
    draft_.waivers.push_back(std::move(waiver));
  }

  void CheckWaiverRule(const YamlNode& at, const std::string& rule) {
    std::vector<std::string> rules;
    for (const KnownGate& gate : gates_) {
      rules.insert(rules.end(), gate.rules.begin(), gate.rules.end());
      const auto& fixed = gate.not_waivable;
      if (std::find(fixed.begin(), fixed.end(), rule) != fixed.end()) {
        Problem(at, fmt::format("the rule '{}' can't be waived", rule));
      }
    }
    CheckRule(at, rule, rules);
  }

  void ReadNotWaivable(const YamlNode& node) {
    auto texts = node.is_list() ? std::optional(node.items) : std::nullopt;
    if (!texts) {
      Problem(node, fmt::format("'not_waivable' must be a list of rules and gates, not {}",
                                Describe(node)));
      return;
    }
    std::vector<std::string> known;
    for (const KnownGate& gate : gates_) {
      known.push_back(gate.id);
      known.insert(known.end(), gate.rules.begin(), gate.rules.end());
    }
    for (const YamlNode& item : *texts) {
      auto text = Text(item, "each entry of 'not_waivable'");
      if (!text) continue;
      if (std::find(known.begin(), known.end(), *text) == known.end()) {
        Problem(item,
                fmt::format("there is no rule or gate '{}'{}", *text, DidYouMean(*text, known)));
      }
      draft_.not_waivable.push_back({*text, At(item)});
    }
  }

  void ReadBaseline(const YamlNode& node) {
    if (!Section(node, "baseline", "'baseline'")) return;
    for (std::string_view key : {"path", "expires"}) {
      if (!node.Find(key)) Problem(node, fmt::format("'baseline' needs '{}'", key));
    }
    Baseline baseline;
    baseline.origin = At(node);
    baseline.path = OptionalText(node, "path").value_or("");
    baseline.expires = OptionalText(node, "expires").value_or("");
    if (!baseline.path.empty()) {
      const YamlNode& path = *node.Find("path");
      if (auto wrong = WrongRelativePath(baseline.path)) {
        Problem(path, *wrong);
      } else if (baseline.path.find(".layergate/") == std::string::npos) {
        Problem(path, fmt::format("'{}' must lie in a folder .layergate/, which policy_integrity "
                                  "watches",
                                  baseline.path));
      }
    }
    if (!baseline.expires.empty()) CheckDate(*node.Find("expires"), baseline.expires);
    draft_.baseline = std::move(baseline);
  }

  void CheckDate(const YamlNode& at, const std::string& date) {
    if (!IsDate(date)) {
      Problem(at, fmt::format("'{}' is no date: write YYYY-MM-DD", Printable(date)));
    }
  }

  void ReadBreakGlass(const YamlNode& node) {
    if (!Section(node, "break_glass", "'break_glass'")) return;
    for (std::string_view key : {"label", "people"}) {
      if (!node.Find(key)) Problem(node, fmt::format("'break_glass' needs '{}'", key));
    }
    BreakGlass glass;
    glass.origin = At(node);
    glass.label = OptionalText(node, "label").value_or("");
    glass.people = OptionalTexts(node, "people").value_or(std::vector<std::string>{});
    if (const YamlNode* people = node.Find("people"); people && glass.people.empty()) {
      Problem(*people, "'people' is empty: nobody could ever set the label");
    }
    glass.hours = OptionalInteger(node, "hours", 1, kMaxBreakGlassHours).value_or(24);
    draft_.break_glass = std::move(glass);
  }

  Draft& draft_;
};

}  // namespace

void ReadParts(const YamlNode& root, const std::string& file, const std::vector<KnownGate>& gates,
               Problems& problems, Draft& draft) {
  PartsReader(file, gates, problems, draft).Read(root);
}

}  // namespace layergate::policy

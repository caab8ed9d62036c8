// What happened to the tests of a node: removed, disabled, weakened, changed, added.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "change/rules.h"
#include "core/text.h"

namespace layergate::change {
namespace {

// "dbt_utils.unique_combination_of_columns(customer_id)", "assert_totals" for a singular test.
std::string TitleOf(const dbt::Node& test) {
  if (!test.test_metadata) return test.name;
  const dbt::TestMetadata& metadata = *test.test_metadata;
  std::string name =
      metadata.package.empty() ? metadata.name : metadata.package + "." + metadata.name;
  return fmt::format("{}({})", name, test.column_name);
}

// Arguments without those that only say what is tested, and without configs, which old versions of
// dbt listed among the arguments as well.
Value Arguments(const dbt::Node& test) {
  constexpr std::string_view kNoArguments[] = {"model",
                                               "column_name",
                                               "severity",
                                               "where",
                                               "limit",
                                               "warn_if",
                                               "enabled",
                                               "error_if",
                                               "fail_calc",
                                               "store_failures",
                                               "store_failures_as",
                                               "tags",
                                               "meta",
                                               "database",
                                               "schema",
                                               "alias"};
  Value arguments = Value::MakeObject();
  if (!test.test_metadata) return arguments;
  for (const auto& [key, value] : test.test_metadata->kwargs.members()) {
    if (std::find(std::begin(kNoArguments), std::end(kNoArguments), key) ==
        std::end(kNoArguments)) {
      arguments.Set(key, value);
    }
  }
  return arguments;
}

Value ArgumentsOrNull(const dbt::Node& test) {
  Value arguments = Arguments(test);
  return arguments.empty() ? Value() : arguments;
}

// The nodes that a test says something about, by their ids in its own manifest.
std::vector<std::string> Tested(const dbt::Node& test) {
  if (test.resource_type == "test" && !test.attached_node.empty()) return {test.attached_node};
  if (test.resource_type == "test" && test.test_metadata) return {};
  std::vector<std::string> nodes;
  for (const std::string& parent : test.depends_on_nodes) {
    if (!parent.starts_with("macro.") && !parent.starts_with("metric.")) nodes.push_back(parent);
  }
  if (test.resource_type == "unit_test" && nodes.size() > 1) nodes.resize(1);
  return nodes;
}

bool IsTest(std::string_view id) { return id.starts_with("test.") || id.starts_with("unit_test."); }

// "> 10", "!=0", ">= 5": the number that a threshold allows up to, when it is one that grows.
bool ParseThreshold(std::string_view text, double& allowed) {
  text = Trim(text);
  if (text.starts_with("!=")) {
    text.remove_prefix(2);
  } else if (text.starts_with(">=")) {
    text.remove_prefix(2);
  } else if (text.starts_with(">")) {
    text.remove_prefix(1);
  } else {
    return false;
  }
  text = Trim(text);
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), allowed);
  return error == std::errc{} && end == text.data() + text.size();
}

class Comparison {
 public:
  Comparison(const dbt::Project& base, const dbt::Project& head, const Renames& renames,
             const CompareOptions& options)
      : base_(base), head_(head), renames_(renames), options_(options) {}

  std::vector<TestChange> Compare(const std::vector<std::string>& removed,
                                  const std::vector<std::string>& added,
                                  const std::vector<std::string>& modified) {
    for (const std::string& id : added) {
      if (IsTest(id)) added_.push_back(head_.Find(id));
    }
    for (const std::string& id : removed) {
      if (!IsTest(id)) continue;
      auto renamed = renames_.base_to_head.find(id);
      if (renamed == renames_.base_to_head.end()) {
        Removed(*base_.Find(id));
      } else {
        replaced_.insert(renamed->second);
        Modified(*base_.Find(id), *head_.Find(renamed->second));
      }
    }
    for (const dbt::Node* test : added_) {
      if (replaced_.count(test->unique_id)) continue;
      for (const std::string& node : Tested(*test)) {
        Tell(node, *test, fmt::format("{} was added", TitleOf(*test)), {}, ArgumentsOrNull(*test));
      }
    }
    for (const std::string& id : modified) {
      if (IsTest(id)) Modified(*base_.Find(id), *head_.Find(id));
    }
    return std::move(changes_);
  }

 private:
  // The head side's id of a node of the base side; empty when it is gone.
  std::string OnHead(const std::string& base_id) const {
    auto renamed = renames_.base_to_head.find(base_id);
    if (renamed != renames_.base_to_head.end()) return renamed->second;
    return head_.Contains(base_id) ? base_id : std::string();
  }

  void Tell(const std::string& node, const dbt::Node& test, std::string detail, Value base,
            Value head) {
    NodeChange none;
    Findings findings(none, options_, head_.metadata().project_name);
    changes_.push_back({node, std::move(detail), Small(std::move(base)), Small(std::move(head)),
                        findings.FileOf(test)});
  }

  // The same test of the same node and column under another id (its arguments are part of the id).
  const dbt::Node* Successor(const dbt::Node& test, const std::string& node) {
    if (!test.test_metadata) return nullptr;
    const dbt::Node* same_name = nullptr;
    for (const dbt::Node* candidate : added_) {
      if (!candidate->test_metadata || replaced_.count(candidate->unique_id)) continue;
      if (candidate->test_metadata->name != test.test_metadata->name ||
          candidate->test_metadata->package != test.test_metadata->package ||
          candidate->attached_node != node ||
          !EqualsIgnoreCase(candidate->column_name, test.column_name)) {
        continue;
      }
      if (Arguments(*candidate) == Arguments(test)) return candidate;
      if (!same_name) same_name = candidate;
    }
    return same_name;
  }

  void Removed(const dbt::Node& test) {
    bool disabled = std::binary_search(head_.disabled_ids().begin(), head_.disabled_ids().end(),
                                       test.unique_id);
    for (const std::string& base_node : Tested(test)) {
      std::string node = OnHead(base_node);
      if (node.empty()) continue;
      const dbt::Node* successor = disabled ? nullptr : Successor(test, node);
      if (!successor) {
        Tell(node, test, fmt::format("{} was {}", TitleOf(test), disabled ? "disabled" : "removed"),
             ArgumentsOrNull(test), {});
        continue;
      }
      replaced_.insert(successor->unique_id);
      Value base = Arguments(test), head = Arguments(*successor);
      if (!(base == head)) {
        Tell(node, *successor,
             fmt::format("{} was {}: its arguments differ", TitleOf(test),
                         AllowsMore(base, head) ? "weakened" : "changed"),
             base, head);
      }
      CompareConfigs(node, test, *successor);
    }
  }

  void Modified(const dbt::Node& base, const dbt::Node& head) {
    for (const std::string& node : Tested(head)) {
      CompareConfigs(node, base, head);
      bool code = !head.test_metadata && head.resource_type == "test" &&
                  CollapseWhitespace(base.raw_code) != CollapseWhitespace(head.raw_code);
      bool unit = head.resource_type == "unit_test" && !SameUnitTest(base, head);
      if (code || unit) {
        Tell(node, head, fmt::format("{} was changed", TitleOf(head)), {}, {});
      } else if (KindWasEdited(head)) {
        Tell(node, head, fmt::format("the macro of {} was changed", TitleOf(head)), {}, {});
      }
    }
  }

  // A generic test of the project itself, whose macro says something else now.
  bool KindWasEdited(const dbt::Node& test) const {
    if (!test.test_metadata) return false;
    const std::string id =
        fmt::format("macro.{}.test_{}", head_.metadata().project_name, test.test_metadata->name);
    if (base_.MacroFingerprint(id) == head_.MacroFingerprint(id)) return false;
    const dbt::Macro* before = base_.FindMacro(id);
    const dbt::Macro* now = head_.FindMacro(id);
    return before && now &&
           CollapseWhitespace(before->macro_sql) != CollapseWhitespace(now->macro_sql);
  }

  // accepted_values that accept more values than before.
  static bool AllowsMore(const Value& base, const Value& head) {
    const Value::Array& old_values = base["values"].items();
    const Value::Array& new_values = head["values"].items();
    if (old_values.empty() || new_values.size() <= old_values.size()) return false;
    return std::all_of(old_values.begin(), old_values.end(), [&](const Value& value) {
      return std::find(new_values.begin(), new_values.end(), value) != new_values.end();
    });
  }

  void CompareConfigs(const std::string& node, const dbt::Node& base, const dbt::Node& head) {
    if (head.resource_type != "test") return;
    for (std::string_view key :
         {"severity", "where", "limit", "fail_calc", "warn_if", "error_if", "enabled"}) {
      Value old_value = OrDefault(key, base.config[key]);
      Value new_value = OrDefault(key, head.config[key]);
      if (old_value == new_value || (old_value.empty() && new_value.empty())) continue;
      if (key == "severity" && EqualsIgnoreCase(old_value.AsString(), new_value.AsString()))
        continue;
      Tell(node, head,
           fmt::format("{} was {}: {}", TitleOf(head),
                       Weakens(key, old_value, new_value) ? "weakened" : "changed", key),
           old_value, new_value);
    }
  }

  // Older manifests leave out what is as usual.
  static Value OrDefault(std::string_view key, const Value& value) {
    if (!value.is_null()) return value;
    if (key == "severity") return "ERROR";
    if (key == "fail_calc") return "count(*)";
    if (key == "warn_if" || key == "error_if") return "!= 0";
    if (key == "enabled") return true;
    return value;
  }

  static bool Weakens(std::string_view key, const Value& base, const Value& head) {
    if (key == "severity") return EqualsIgnoreCase(head.AsString(), "warn");
    if (key == "where" || key == "limit") return base.empty();
    if (key == "enabled") return !head.AsBool(true);
    double before = 0, after = 0;
    return ParseThreshold(base.AsString(), before) && ParseThreshold(head.AsString(), after) &&
           after > before;
  }

  const dbt::Project& base_;
  const dbt::Project& head_;
  const Renames& renames_;
  const CompareOptions& options_;
  std::vector<const dbt::Node*> added_;
  std::set<std::string> replaced_;
  std::vector<TestChange> changes_;
};

}  // namespace

std::vector<TestChange> CompareTests(const dbt::Project& base, const dbt::Project& head,
                                     const std::vector<std::string>& removed,
                                     const std::vector<std::string>& added,
                                     const std::vector<std::string>& modified,
                                     const Renames& renames, const CompareOptions& options) {
  return Comparison(base, head, renames, options).Compare(removed, added, modified);
}

}  // namespace layergate::change

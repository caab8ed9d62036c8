#include "verdict/severity.h"

#include <algorithm>
#include <optional>

#include "core/text.h"

namespace layergate::verdict {
namespace {

const RuleInfo* FindRule(std::string_view code, const GateInfo* info) {
  if (!info) return nullptr;
  auto found = std::find_if(info->rules.begin(), info->rules.end(),
                            [&](const RuleInfo& rule) { return rule.code == code; });
  return found == info->rules.end() ? nullptr : &*found;
}

int Strength(std::string_view severity) {
  return severity == "audit" ? 0 : severity == "warn" ? 1 : 2;
}

bool IsSeverity(std::string_view word) {
  return word == "fail" || word == "warn" || word == "audit";
}

}  // namespace

std::string SeverityOf(std::string_view rule_code, const policy::GateRule* rule,
                       const GateInfo* info, std::string_view column) {
  std::optional<policy::Severity> limit;
  if (rule) limit = rule->severity;
  for (const policy::ColumnRule& own :
       rule && !column.empty() ? rule->columns : std::vector<policy::ColumnRule>()) {
    if (!EqualsIgnoreCase(own.column, column)) continue;
    std::string_view named = own.rule_severity[rule_code].AsString();
    if (IsSeverity(named)) return std::string(named);
    if (own.severity) return std::string(policy::ToString(*own.severity));
  }
  if (rule) {
    std::string_view named = rule->rule_severity[rule_code].AsString();
    if (IsSeverity(named)) return std::string(named);
  }
  const RuleInfo* declared = FindRule(rule_code, info);
  std::string_view severity = declared ? declared->default_severity : "fail";
  if (!IsSeverity(severity)) severity = "fail";
  if (!limit) return std::string(severity);
  std::string_view cap = policy::ToString(*limit);
  return std::string(Strength(cap) < Strength(severity) ? cap : severity);
}

bool IsWaivable(std::string_view rule_code, const GateInfo* info) {
  const RuleInfo* declared = FindRule(rule_code, info);
  return !declared || declared->waivable;
}

}  // namespace layergate::verdict

// The gates as the policy loader sees them, for tests: close to the real ones, but their own.
#pragma once

#include <vector>

#include "policy/policy.h"

inline std::vector<layergate::policy::KnownGate> TestGates() {
  using layergate::policy::KnownGate;
  KnownGate rows{
      "row_count_diff",
      {"row_count_diff.change", "row_count_diff.empty"},
      {{"up", "percent"}, {"down", "percent"}, {"window_column", "string"}, {"keys", "list"}},
      {},
      false};
  KnownGate lineage{"lineage_diff",
                    {"lineage_diff.removed_column", "lineage_diff.resourced"},
                    {{"depth", "integer"}},
                    {},
                    false};
  KnownGate pii{"pii_carry_over", {"pii_carry_over.lost", "pii_carry_over.derived"}, {}, {}, false};
  KnownGate metric{"metric_definition_review", {"metric_definition_review.changed"}, {}, {}, false};
  KnownGate integrity{"policy_integrity",
                      {"policy_integrity.policy_changed"},
                      {},
                      {"policy_integrity.policy_changed"},
                      true};
  return {{"parse", {"parse.broken"}, {}, {}, false},
          {"compile", {"compile.missing"}, {}, {}, false},
          {"test", {"test.failed"}, {}, {}, false},
          rows,
          lineage,
          pii,
          metric,
          integrity,
          {"destructive_sql",
           {"destructive_sql.drop"},
           {{"confirmed", "list"}},
           {"destructive_sql.drop"},
           true},
          {"provenance",
           {"provenance.assumed", "provenance.model_missing", "provenance.prompt_missing",
            "provenance.reviewer_missing", "provenance.self_review", "provenance.tool_review"},
           {{"declare", "string"}},
           {},
           true},
          {"join_fanout", {"join_fanout.proved"}, {}, {}, false},
          {"test_weakening", {"test_weakening.removed"}, {}, {}, false},
          {"contract_break", {"contract_break.column_removed"}, {}, {}, false}};
}

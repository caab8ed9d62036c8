// Every key of the policy format, by the section in which it may stand. The reader checks against
// this table, and a test holds policies/schema.json against it.
#pragma once

#include <string_view>

namespace layergate::policy {

struct Key {
  std::string_view section;
  std::string_view name;
};

inline constexpr Key kKeys[] = {
    {"policy", "version"},
    {"policy", "extends"},
    {"policy", "unmatched_layer"},
    {"policy", "base_manifest"},
    {"policy", "require_fresh_base"},
    {"policy", "merge_windows"},
    {"policy", "pii"},
    {"policy", "defaults"},
    {"policy", "pull_request"},
    {"policy", "layers"},
    {"policy", "waivers"},
    {"merge_window", "zone"},
    {"merge_window", "days"},
    {"merge_window", "from"},
    {"merge_window", "to"},
    {"pii", "meta_keys"},
    {"pii", "tags"},
    {"pii", "declassify"},
    {"defaults", "severity"},
    {"defaults", "unknown"},
    {"defaults", "timeout_seconds"},
    {"defaults", "gates"},
    {"pull_request", "gates"},
    {"gate", "severity"},
    {"gate", "unknown"},
    {"gate", "options"},
    {"gate", "rules"},
    {"gate", "timeout_seconds"},
    {"layer", "name"},
    {"layer", "like"},
    {"layer", "match"},
    {"layer", "gates"},
    {"layer", "reviewers"},
    {"layer", "merge_window"},
    {"layer", "rollback_sla_hours"},
    {"match", "path"},
    {"match", "name"},
    {"match", "tag"},
    {"match", "group"},
    {"match", "package"},
    {"match", "resource_type"},
    {"match", "fqn"},
    {"reviewers", "count"},
    {"reviewers", "roles"},
    {"waiver", "rule"},
    {"waiver", "subject"},
    {"waiver", "column"},
    {"waiver", "owner"},
    {"waiver", "reason"},
    {"waiver", "ticket"},
    {"waiver", "expires"},
};

}  // namespace layergate::policy

// What changed between two dbt projects, and the proof.
//
// `dbt_state` is exactly what dbt's state:modified.* selectors would say for these two manifests;
// `also` is what dbt does not see (tags and meta of columns, metric definitions, removed tests,
// ...); `cosmetic` means that the SQL of both sides parses to the same tree. Rules with their
// sources: docs/changes.md.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/value.h"
#include "dbt/project.h"

namespace layergate::change {

enum class ChangeKind { kAdded, kRemoved, kRenamed, kModified };
std::string_view ToString(ChangeKind kind);

// One reason why a node counts as changed.
struct Reason {
  std::string kind;  // a word of dbt_state or also: "body", "configs", "column_meta", "tests", ...
  std::string
      path;  // the file that holds the change, relative to the repository root; may be empty
  std::string detail;  // what differs, in words: "columns.email.meta.pii"
  Value base, head;    // both values where they are small; null otherwise
};

struct NodeChange {
  std::string unique_id;      // on the head side; on the base side for removed nodes
  std::string old_unique_id;  // renamed nodes: the id on the base side; else equal to unique_id
  std::string resource_type;
  ChangeKind kind = ChangeKind::kModified;
  std::vector<std::string>
      dbt_state;  // sorted: body configs contract macros new persisted_descriptions relation ...
  std::vector<std::string>
      also;  // sorted: column_meta columns metric_definition relation_name tags tests ...
  bool cosmetic = false;  // a body change that changes nothing
  std::string evidence;   // "manifests", "git" or "rendered"
  std::vector<Reason> reasons;

  bool Has(std::string_view state_or_also) const;
};

// Something that changed and whose reach could not be told.
struct UnknownChange {
  std::string path;
  std::string why;
};

struct ChangeSet {
  std::vector<NodeChange> nodes;  // sorted by unique_id
  std::vector<UnknownChange> unknown;

  const NodeChange* Find(std::string_view unique_id) const;
};

struct CompareOptions {
  // Says whether two SQL texts mean the same ("cosmetic"). The SQL front end lies beyond this
  // folder, so the caller passes it in; when empty, no change is called cosmetic.
  std::function<bool(const dbt::Node& base, const dbt::Node& head)> same_sql;
  // Folder of dbt_project.yml relative to the repository root ("" or "dbt/"), put in front of
  // paths.
  std::string project_prefix;
};

// Compares two projects node by node. Cost follows the number of nodes that differ, after one pass
// over fingerprints.
ChangeSet Compare(const dbt::Project& base, const dbt::Project& head,
                  const CompareOptions& options = {});

}  // namespace layergate::change

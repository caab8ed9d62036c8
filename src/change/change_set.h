// What changed between two dbt projects, and the proof.
//
// `dbt_state` is exactly what dbt's state:modified.* selectors would say for these two manifests;
// `also` is what dbt does not see (tags and meta of columns, metric definitions, removed tests,
// ...); `cosmetic` means that the SQL of both sides parses to the same tree. Rules with their
// sources: docs/changes.md.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
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
  // A word of dbt_state or also ("body", "column_meta"), or what dbt compares without a word of its
  // own ("fqn", "freshness", "owner"), or "removed", "renamed".
  std::string kind;
  // The file that holds the change, relative to the repository root; empty when it cannot be told.
  std::string path;
  std::string detail;  // what differs, in words: "columns.email.meta.pii"
  Value base, head;    // both values where they are small; null otherwise
};

struct NodeChange {
  std::string unique_id;      // on the head side; on the base side for removed nodes
  std::string old_unique_id;  // renamed nodes: the id on the base side; else equal to unique_id
  std::string resource_type;
  ChangeKind kind = ChangeKind::kModified;
  // What dbt's selectors say, sorted: body configs contract macros modified new
  // persisted_descriptions relation. "modified" is state:modified itself; it may stand alone (a
  // node that moved to another folder), and a new source, exposure or metric is "new" without it.
  std::vector<std::string> dbt_state;
  // What they don't, sorted: access column_meta columns compiled config constraints contract
  // description exposures freshness grants group hooks loader materialized meta metric_definition
  // relation_name tags tests unique_key version.
  std::vector<std::string> also;
  // dbt sees a change, and nothing changed: the SQL is the same tree, configs are written
  // differently and have the same values, the two engines of dbt write the same thing in two ways,
  // or the project was renamed.
  bool cosmetic = false;
  // "manifests", "git", or "rendered" when only the compiled SQL shows the change.
  std::string evidence;
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
  std::vector<std::string> notes;  // what the reader should know of the comparison as a whole

  const NodeChange* Find(std::string_view unique_id) const;
};

struct CompareOptions {
  // Says whether two SQL texts mean the same ("cosmetic"). The SQL front end lies beyond this
  // folder, so the caller passes it in; when empty, no change is called cosmetic.
  std::function<bool(const dbt::Node& base, const dbt::Node& head)> same_sql;
  // Folder of dbt_project.yml relative to the repository root ("" or "dbt/"), put in front of
  // paths.
  std::string project_prefix;
  // The same of packages that lie in the repository (change/local_packages.h), by their names.
  std::map<std::string, std::string, std::less<>> package_folders;
  // dbt's flag state_modified_compare_more_unrendered_values, which no manifest records: whether
  // sources compare their database and schema as written rather than as rendered. Unset: dbt's
  // default for the head manifest's version (on since 1.12).
  std::optional<bool> compare_more_unrendered_values;
  // Files that differ between the two commits, relative to the repository root, when the manifests
  // are known to belong to them: tells a seed that changed from one that another version of dbt
  // hashed.
  std::optional<std::set<std::string, std::less<>>> changed_files;
};

// Compares two projects node by node. Cost follows the number of nodes that differ, after one pass
// over fingerprints.
ChangeSet Compare(const dbt::Project& base, const dbt::Project& head,
                  const CompareOptions& options = {});

}  // namespace layergate::change

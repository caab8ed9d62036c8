// What must be true of a pull request, by layer: which gates run, how strict they are, who must
// approve, when it may be merged, and which exceptions hold until when.
//
// A Policy is read from YAML at the base commit (never from the tree under test), merged with what
// it `extends:`, and validated as a whole: there is no partial policy. Every error names
// file:line:column and the nearest valid key. The format is documented in docs/policy.md and
// published as JSON Schema (policies/schema.json).
//
// Plain values, immutable after loading.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/value.h"
#include "dbt/node.h"

namespace layergate::policy {

// What the policy makes of a gate's answer.
enum class Severity { kFail, kWarn, kAudit };  // blocks / is shown / is recorded only
enum class OnUnknown {
  kBlock,
  kWarn,
  kPass
};  // what "cannot tell" means; kBlock unless written otherwise

std::string_view ToString(Severity severity);
std::string_view ToString(OnUnknown on_unknown);

// Where a value was written, for `policy show`: "default.yml:12", ".layergate.yml:4:7".
struct Origin {
  std::string file;
  int line = 0;
  int column = 0;
};

// One gate as one layer demands it.
struct GateRule {
  std::string gate;
  Severity severity = Severity::kFail;
  OnUnknown on_unknown = OnUnknown::kBlock;
  Value options;  // the gate's own options, e.g. {"up": "10%", "down": "10%"}; validated by the
                  // gate's list
  Value rule_severity;  // {"pii_carry_over.indirect": "warn"}; the gate's default else
  std::optional<int> timeout_seconds;
  Origin origin;
};

// All given globs or words of one match must hold; the layer matches when any of its matches does.
struct LayerMatch {
  std::string path;  // glob over the node's original_file_path: "models/staging/**"
  std::string name;  // glob over the model's name: "stg_*"
  std::string tag, group, package, resource_type;
  std::string fqn;  // glob over the dotted fqn: "shop.marts.*"
  Origin origin;
};

struct Bar {
  int reviewers = 1;  // approvals needed
  std::vector<std::string>
      roles;  // "any-peer", "senior-data-engineer", "data-pm": one approval by each
};

struct MergeWindow {
  std::string name;               // "any", "business-hours"
  std::string zone;               // IANA zone; empty for "any"
  std::vector<std::string> days;  // "mon".."sun"
  std::string from, to;           // "09:00", "17:00", half-open
};

struct Layer {
  std::string name;
  std::vector<LayerMatch> match;
  std::vector<GateRule> gates;  // in the order written
  Bar bar;
  MergeWindow window;
  int rollback_sla_hours = 24;
  Origin origin;
};

struct Waiver {
  std::string rule, subject, column;  // exact; column may be empty
  std::string owner, reason, ticket;
  std::string expires;  // ISO date, inclusive: valid to the end of that day in UTC
  Origin origin;
};

struct PiiMarks {
  std::vector<std::string> meta_keys;  // globs over (dotted) meta keys
  std::vector<std::string> tags;       // globs over column and model tags
  std::vector<std::string>
      declassify;  // functions after which the mark may stop: "sha256", "count"
};

struct Policy {
  int version = 1;
  std::string source;           // ".layergate.yml@<commit>", "shipped default"
  std::string digest;           // SHA-256 over the effective policy's text(s)
  std::vector<Layer> layers;    // in order of precedence: first match wins
  std::string unmatched_layer;  // whose gates and bar a model in no layer gets
  // Gates about the pull request as a whole (policy_integrity): run once, in no layer.
  std::vector<GateRule> pull_request_gates;
  std::vector<Waiver> waivers;
  PiiMarks pii;
  // Settings that are not about one layer.
  std::string base_manifest;  // path of the prod manifest, relative to the project
  bool require_fresh_base = true;

  // The layer of a node and why ("path models/staging/**"); the unmatched layer when none matches.
  struct Placement {
    const Layer* layer = nullptr;
    std::string why;
    bool matched = true;
  };
  Placement Place(const dbt::Node& node) const;
};

// What the loader must know of the gates without knowing them: names and options, for validation
// and did-you-mean. Filled by check.cpp from the registry.
struct GateOption {
  std::string name;
  std::string type;  // "percent", "integer", "string", "boolean", "list", "map"
};
struct KnownGate {
  std::string id;
  std::vector<std::string> rules;  // "row_count_diff.change"
  std::vector<GateOption> options;
  std::vector<std::string> not_waivable;  // those of `rules` that no waiver may name
  bool about_pull_request = false;        // belongs under pull_request:, not into a layer
};

// Gives the text of another policy file of the same commit (for `extends: some/file.yml`); nullopt:
// no such file.
using FileReader = std::function<Result<std::optional<std::string>>(std::string_view path)>;

// Reads, merges and validates. `path` is for messages. All errors are collected into one message.
Result<Policy> ParsePolicy(std::string_view yaml, const std::string& path,
                           const std::vector<KnownGate>& gates, const FileReader& read = {});

// The policies that are compiled into the binary: "default", "strict", "starter"; nullopt for
// another name.
std::optional<std::string_view> ShippedPolicy(std::string_view name);

// The JSON Schema (draft-07) of the format, as policies/schema.json.
std::string_view PolicySchema();

// Names under which a policy is looked for at the base commit, in order.
inline constexpr std::string_view kPolicyPaths[] = {".layergate.yml", ".layergate.yaml",
                                                    ".layergate/policy.yml"};

}  // namespace layergate::policy

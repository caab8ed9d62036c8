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
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/value.h"
#include "dbt/node.h"

namespace layergate::policy {

class Pattern;

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

// "severity" -> where it was written. A setting that nobody wrote is not in it.
using Origins = std::map<std::string, Origin, std::less<>>;

// How bad findings about one column are.
struct ColumnRule {
  std::string column;
  std::optional<Severity> severity;
  Value rule_severity;
  Origin origin;
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
  std::vector<std::string> require;  // evidence without which its answer does not count
  std::vector<ColumnRule> columns;   // from the overrides of single models
  Origin origin;
  Origins origins;  // of the settings above; "options.up" for one option
};

// All given globs or words of one match must hold; the layer matches when any of its matches does.
struct LayerMatch {
  std::string path;  // glob over the node's original_file_path: "models/staging/**"
  std::string name;  // glob over the model's name: "stg_*"
  std::string tag, group, package, resource_type;
  std::string fqn;  // glob over the dotted fqn: "shop.marts.*"
  std::string path_regex, name_regex;
  std::shared_ptr<const Pattern> path_pattern, name_pattern;  // the same, compiled
  Origin origin;
};

struct Bar {
  int reviewers = 1;  // approvals needed
  std::vector<std::string>
      roles;  // "any-peer", "senior-data-engineer", "data-pm": one approval by each
  // When not empty: approvals beyond those of the roles count only from these. Logins, "@org/team".
  std::vector<std::string> people;
};

struct MergeWindow {
  std::string name;                   // "any", "business-hours"
  std::string zone;                   // IANA zone; empty for "any"
  std::vector<std::string> days;      // "mon".."sun"
  std::string from, to;               // "09:00", "17:00", half-open; over midnight when to < from
  std::vector<std::string> holidays;  // "2026-12-25", or "12-25" for every year
};

// Nothing is merged from `from` until `to`, whatever the windows say.
struct Freeze {
  std::string name, zone, from, to;  // "2026-12-20" or "2026-12-20 18:00", half-open, in the zone
  std::string reason;
  std::vector<std::string> layers;  // empty: all
  Origin origin;
};

// Who is who. Logins are the provider's, compared without regard to case; "@acme/data" is a team.
struct People {
  std::map<std::string, std::vector<std::string>> roles;  // "data-pm" -> people and teams
  std::map<std::string, std::vector<std::string>> teams;  // "acme/data" -> people
  std::map<std::string, std::string> emails;              // of commits -> people
  std::vector<std::string> bots;                          // globs over logins that never count
};

// An exception in an emergency: a label that one of `people` set, with a comment that says why.
struct BreakGlass {
  std::string label;
  std::vector<std::string> people;  // roles, people and teams
  int hours = 24;                   // after the label was set
  Origin origin;
};

// Findings known when the tool was adopted, by fingerprint.
struct Baseline {
  std::string path, expires;
  std::set<std::string, std::less<>> fingerprints;
  Origin origin;
};

// A gate that is a program of the repository's own (src/gate/external_gate.h).
struct ExternalGate {
  std::string id, summary;
  std::vector<std::string> command;
  std::vector<std::pair<std::string, std::string>> rules;  // "<id>.<rule>" and what it means
  std::vector<std::string> environment;                    // names of variables that it gets
  std::vector<std::string> resource_types;                 // empty: the pull request as a whole
  int timeout_seconds = 60;
  int memory_mb = 512;
  Origin origin;
};

struct Layer {
  std::string name;
  std::vector<LayerMatch> match;
  std::vector<GateRule> gates;  // in the order written
  Bar bar;
  // What a model's part asks for on top of `bar`.
  Bar llm{1, {"senior-data-engineer"}, {}};
  MergeWindow window;
  int rollback_sla_hours = 24;
  Origin origin;
  Origins origins;  // "reviewers.count", "merge_window", ...
};

// One model's own settings on top of its layer's.
struct ModelOverride {
  std::string model;          // name or unique_id
  std::string layer;          // that it belongs to, whatever the matches say; empty: as they say
  std::vector<Layer> layers;  // the settings, for each layer of the policy in its order
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
  std::vector<std::string> not_waivable;  // rules and gates, beside those that say so themselves
  std::vector<ModelOverride> models;
  std::vector<ExternalGate> external_gates;
  std::vector<Freeze> freezes;
  People people;
  std::optional<BreakGlass> break_glass;
  std::optional<Baseline> baseline;
  PiiMarks pii;
  // Settings that are not about one layer.
  std::string base_manifest;  // path of the prod manifest, relative to the project
  bool require_fresh_base = true;
  std::optional<int> budget_seconds;  // for all gates together
  bool code_owners = true;            // whether CODEOWNERS asks for approvals
  bool pending_blocks = false;        // a pull request that waits for people or time is undecided
  Origins origins;                    // of these settings, by their path: "pull_request.pending"

  // The layer of a node and why ("path models/staging/**"); the unmatched layer when none matches.
  struct Placement {
    const Layer* layer = nullptr;
    std::string why;
    bool matched = true;
  };
  Placement Place(const dbt::Node& node) const;
  // The settings of a node that is in the layer of this name: its own, when it has some. Null when
  // there is no such layer.
  const Layer* SettingsFor(std::string_view layer, std::string_view unique_id) const;
  bool IsWaivable(std::string_view rule) const;  // as far as the policy says
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
  bool any_option = false;                // an external gate reads its options itself
};

// Gives the text of another policy file of the same commit (for `extends: some/file.yml`); nullopt:
// no such file.
using FileReader = std::function<Result<std::optional<std::string>>(std::string_view path)>;

// Reads, merges and validates. `path` is for messages. All errors are collected into one message.
Result<Policy> ParsePolicy(std::string_view yaml, const std::string& path,
                           const std::vector<KnownGate>& gates, const FileReader& read = {});

// Reads the text of a baseline file into `policy.baseline`; the error names `path`.
Result<void> AddBaseline(std::string_view json, Policy& policy);

// The policies that are compiled into the binary: "default", "strict", "starter"; nullopt for
// another name.
std::optional<std::string_view> ShippedPolicy(std::string_view name);

// The JSON Schema (draft-07) of the format, as policies/schema.json.
std::string_view PolicySchema();

// Names under which a policy is looked for at the base commit, in order.
inline constexpr std::string_view kPolicyPaths[] = {".layergate.yml", ".layergate.yaml",
                                                    ".layergate/policy.yml"};

}  // namespace layergate::policy

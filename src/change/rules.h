// The parts of Compare, one theme per .cpp. Nothing outside this folder includes this header.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "change/change_set.h"
#include "dbt/project.h"

namespace layergate::change {

// Two nodes that stand for the same thing, and what has been found out about them so far.
struct Pair {
  const dbt::Node* base = nullptr;  // null for an added node
  const dbt::Node* head = nullptr;  // null for a removed one
};

// Collects words and reasons for one node.
class Findings {
 public:
  // `options` must outlive it.
  Findings(NodeChange& change, const CompareOptions& options, std::string root_package)
      : change_(change), options_(options), root_package_(std::move(root_package)) {}

  // A word that dbt's own selectors would say; a reason only when there is something to tell.
  void State(std::string_view word) { change_.dbt_state.emplace_back(word); }
  void Also(std::string_view word) { change_.also.emplace_back(word); }
  void Because(std::string_view kind, std::string path, std::string detail, Value base = {},
               Value head = {});
  // `path` of a file of a package, relative to the repository root.
  std::string PathOf(const std::string& package, const std::string& path) const;
  // The same, empty for a file of a package whose place in the repository is not known.
  std::string FileOfRoot(const std::string& package, const std::string& path) const {
    bool known = package == root_package_ || options_.package_folders.count(package) > 0;
    return known ? PathOf(package, path) : std::string();
  }
  // The node's own file, and the YAML file that describes it (its own file when there is none).
  std::string FileOf(const dbt::Node& node) const {
    return PathOf(node.package_name, node.original_file_path);
  }
  std::string YamlOf(const dbt::Node& node) const;
  NodeChange& change() { return change_; }

 private:
  NodeChange& change_;
  const CompareOptions& options_;
  std::string root_package_;
};

// A macro that is not what it was.
struct MacroChange {
  std::string_view verb;  // "changed", "is new", "is gone"
  std::string package, file;
};

// Macros of the head manifest that changed or call, at any depth, one that did; with the changed
// one.
using ChangedMacros = std::map<std::string, std::string, std::less<>>;

// What dbt's rules depend on beyond the two nodes.
struct StateContext {
  bool unrendered_sources = false;  // sources compare unrendered_database and unrendered_schema
  bool collapse_whitespace =
      false;  // bodies compare without regard to white space (the Rust engine)
  bool values_written_differently =
      false;                    // the two manifests write unrendered config values in two ways
  bool engines_differ = false;  // one manifest is of the Rust engine, the other is not
  bool no_columns = false;   // one manifest lists no column of any model: nothing can be compared
  bool rust_engine = false;  // the head manifest is of dbt's Rust engine: its rules
  bool hashed_differently = false;  // the two versions of dbt compute checksums in two ways
  bool semantic_models = true;      // the selectors look up semantic models in the base manifest
  bool saved_queries = true;        // the selectors know saved queries
  ChangedMacros changed_macros;
  std::map<std::string, MacroChange, std::less<>> macro_changes;  // of the causes
};

// Whether one of two nodes comes without what was written of its configs, as from the Rust engine's
// previews: then the values in force decide.
inline bool WrittenUnknown(const dbt::Node& base, const dbt::Node& head,
                           const StateContext& context) {
  return context.engines_differ &&
         (base.unrendered_config.empty() || head.unrendered_config.empty());
}

// dbt_state, as dbt's state:modified.* and state:new selectors would say.
void ApplyStateRules(const Pair& pair, const StateContext& context, Findings& findings);

// Whether two models promise the same columns, types and constraints, by what the manifests say of
// them and not by checksum.
bool SameContract(const dbt::Node& base, const dbt::Node& head);
// Whether two unit tests test the same, by checksum, or by definition where one side has none.
bool SameUnitTest(const dbt::Node& base, const dbt::Node& head);

// Fills context.changed_macros and what is known of the causes.
void FindChangedMacros(const dbt::Project& base, const dbt::Project& head, StateContext& context);
// The same for a renamed project: its macros are compared with those of its old name.
ChangedMacros FindChangedMacrosOfRenamed(const dbt::Project& base, const dbt::Project& head);

// `also`, for a node that both sides have (under whichever id).
void ApplyUnseenRules(const Pair& pair, const StateContext& context, Findings& findings);

// Where measures are looked up: names of measures are unique among them.
using SemanticModels = std::vector<const dbt::Node*>;
SemanticModels SemanticModelsOf(const dbt::Project& project);
// The meaning of a metric, a semantic model or a saved query: equal values mean that it computes
// the same.
Value MeaningOf(const SemanticModels& models, const dbt::Node& node);
// Metrics that hold their own aggregation are listed as measures of the semantic model once more by
// the Rust engine, and not by Python dbt nor in semantic_manifest.json. They are compared as
// metrics: where only one of two meanings has such measures, they are taken out of it.
void LeaveOutMetrics(const Pair& pair, Value& base, Value& head);
// Tells each place in which two such values differ ("aggregation.agg"), with both values.
using DifferenceTeller =
    std::function<void(const std::string& place, const Value& base, const Value& head)>;
void TellDifferences(const Value& base, const Value& head, const DifferenceTeller& tell);
void CompareMeaning(const dbt::Project& base_project, const dbt::Project& head_project,
                    const Pair& pair, Findings& findings);

// Ids of the base side that went on under another id on the head side, base id -> head id.
struct Renames {
  std::map<std::string, std::string, std::less<>> base_to_head;
  std::vector<std::string> notes;
};
// Whether two ids name one singular test: the Rust engine adds ten hexadecimal digits to it.
bool IsSameSingularTest(std::string_view base_id, std::string_view head_id);
Renames FindRenames(const dbt::Project& base, const dbt::Project& head,
                    const std::vector<std::string>& removed, const std::vector<std::string>& added);

// How the environment of one side (target database and schema) maps to the other's.
class RelationMap {
 public:
  // From all pairs (base id, head id) of nodes with a table.
  RelationMap(const dbt::Project& base, const dbt::Project& head,
              const std::vector<std::pair<std::string, std::string>>& pairs,
              const ChangedMacros& changed_macros);
  // True when the table moved in a way that another target alone does not explain.
  bool Moved(const dbt::Node& base, const dbt::Node& head) const;
  // False when it certainly did not; builds no node.
  bool MayHaveMoved(const dbt::Project& base, const dbt::Project& head,
                    const std::string& id) const;
  // True when the two manifests were written for two targets.
  bool environments_differ() const { return environments_differ_; }
  const std::string& note() const { return note_; }

 private:
  std::map<std::string, std::string>
      places_;  // "database"."schema" of the base side -> of the head side
  bool environments_differ_ = false;
  std::string note_;
};

// What happened to a node's tests.
struct TestChange {
  std::string node;    // the tested node, head id
  std::string detail;  // "not_null(customer_id) was removed"
  Value base, head;
  std::string path;
};
std::vector<TestChange> CompareTests(const dbt::Project& base, const dbt::Project& head,
                                     const std::vector<std::string>& removed,
                                     const std::vector<std::string>& added,
                                     const std::vector<std::string>& modified,
                                     const Renames& renames, const CompareOptions& options);

// What a YAML file of a commit says of a node and the manifest doesn't, or the other way round.
struct PropertyDisagreement {
  std::string unique_id, why;
};
// `file` is relative to the project, as nodes name it. A file that cannot be read as plain YAML
// proves nothing, and gives nothing.
std::vector<PropertyDisagreement> ComparePropertiesFile(const dbt::Project& project,
                                                        const std::string& package,
                                                        const std::string& file,
                                                        const std::string& text);

// A value as evidence: itself when small, null when it would fill the report.
Value Small(Value value);
// The value without members that are null, and without objects that hold nothing else.
Value WithoutNulls(const Value& value);
// The same without whatever else holds nothing: empty lists and texts, to any depth.
Value WithoutEmpty(const Value& value);
std::string CollapseWhitespace(std::string_view text);

}  // namespace layergate::change

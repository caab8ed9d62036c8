// The one header that a gate's author reads.
//
// A gate is one check with a stable id. It gets one subject (a changed node), looks at whatever
// evidence the context offers, and reports facts. It does not know severities, waivers, exit codes
// or report formats. The smallest whole gate:
//
//   class NoSelectStar final : public Gate {
//    public:
//     const GateInfo& info() const override { return kInfo; }
//     void Run(GateContext& context) const override {
//       const lineage::ProjectLineage* lineage = context.head_lineage();
//       if (!lineage) return context.CannotTell("no SQL", "compile the project first");
//       ...
//       context.Report({.rule = "no_select_star.found", .message = "..."});
//     }
//   };
//
// Exactly one thing must come out of Run: nothing reported means "passed"; Report() a finding;
// CannotTell() what it could not judge (never a pass: the policy decides, by default it blocks);
// NotApplicable() when the rule has no meaning for this subject. Report and CannotTell may both be
// called, several times.
//
// Run is called from several threads, for different subjects, on one const Gate object: keep no
// state in it. References from the context live until Run returns. A gate that throws is reported
// as unknown.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "change/change_set.h"
#include "core/finding.h"
#include "core/source_text.h"
#include "core/value.h"
#include "dbt/node.h"
#include "sql/dialect.h"

namespace layergate::dbt {
class Catalog;
class Project;
struct RunResults;
struct SourceFreshness;
}  // namespace layergate::dbt
namespace layergate::git {
struct Commit;
struct Provenance;
}  // namespace layergate::git
namespace layergate::lineage {
class ProjectLineage;
}
namespace layergate::policy {
struct PiiMarks;
}
namespace layergate::warehouse {
class Pool;
}

namespace layergate {

// Evidence a gate can use. A gate lists what it cannot work without (needs) and what makes it
// better (uses); the report says which was there.
enum class Evidence : uint8_t {
  kBaseManifest,
  kHeadManifest,
  kCompiledSql,
  kCatalog,
  kRunResults,
  kWarehouse,
  kGit
};
std::string_view ToString(Evidence evidence);

struct RuleInfo {
  std::string_view code;     // "row_count_diff.change": "<gate>.<rule>"
  std::string_view summary;  // one sentence: what is wrong when it speaks
  // "fail", "warn" or "audit": what it means unless the policy says otherwise.
  std::string_view default_severity = "fail";
  bool waivable = true;
};

struct OptionInfo {
  std::string_view name;
  std::string_view type;           // "percent", "integer", "string", "boolean", "list", "map"
  std::string_view default_value;  // as one would write it in YAML
  std::string_view summary;
};

// What one run of the gate is about.
enum class SubjectKind : uint8_t {
  kNode,         // each changed node of the resource types it names
  kPullRequest,  // the change as a whole, once
};

struct GateInfo {
  std::string_view id;
  std::string_view title;    // "Row-count diff"
  std::string_view summary;  // one sentence
  SubjectKind subject = SubjectKind::kNode;
  std::vector<std::string_view> resource_types = {"model"};  // for kNode
  std::vector<Evidence> needs, uses;
  std::vector<RuleInfo> rules;
  std::vector<OptionInfo> options;
};

// The pull request as git tells it, for gates about the change as a whole. Absent with --no-git.
struct PullRequestFacts {
  std::string base_commit, head_commit;    // full ids
  std::vector<std::string> changed_paths;  // sorted, both sides of renames
  std::string project_prefix;              // folder of dbt_project.yml, "" or "dbt/"
  // The commits from base to head, newest first, and what they, the description and the labels say
  // of who wrote them. Never null when there is a pull request.
  const std::vector<git::Commit>* commits = nullptr;
  const git::Provenance* provenance = nullptr;
  // Where packages lie that are in the repository too (change/local_packages.h), by their names.
  std::map<std::string, std::string, std::less<>> package_folders = {};
};

struct Unknown {
  std::string reason;
  std::string remedy;
  std::optional<Location> location;
  std::string
      code;  // short stable word: "no_connection", "timeout", "opaque_sql", "same_relation", ...
  Value evidence;
};

struct Outcome {
  std::vector<Finding> findings;
  std::vector<Unknown> unknown;
  std::string not_applicable;  // the reason; empty when it applied
  Value measured;  // numbers worth showing although nothing is wrong: {"base": {"rows": 10}, ...}
};

// What one run may look at. Built by the runner; everything may be absent except the change and the
// projects of the sides on which the node exists.
class GateContext {
 public:
  struct Inputs {
    const change::NodeChange* change = nullptr;  // null for kPullRequest
    const change::ChangeSet* changes = nullptr;
    const dbt::Project* base = nullptr;
    const dbt::Project* head = nullptr;
    const dbt::Catalog* base_catalog = nullptr;
    const dbt::Catalog* head_catalog = nullptr;
    const dbt::RunResults* run_results = nullptr;            // of the head side
    const dbt::SourceFreshness* source_freshness = nullptr;  // of the head side
    const lineage::ProjectLineage* base_lineage = nullptr;
    const lineage::ProjectLineage* head_lineage = nullptr;
    warehouse::Pool* base_pool = nullptr;
    warehouse::Pool* head_pool = nullptr;
    std::string no_connection_reason;  // why the pools are null
    const policy::PiiMarks* pii = nullptr;
    const PullRequestFacts* pull_request = nullptr;
    // Layer of any node, for gates that look past their subject ("does it leak into marts?").
    const std::vector<std::pair<std::string, std::string>>* layer_of = nullptr;
    std::string layer;
    Value options;
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
    std::stop_token stop;
  };

  GateContext(const GateInfo& info, Inputs inputs);

  const change::NodeChange& change() const;
  const change::ChangeSet& changes() const { return *inputs_.changes; }
  // The subject on each side; nullptr where it does not exist (added, removed).
  const dbt::Node* base_node() const;
  const dbt::Node* head_node() const;
  const dbt::Project& base() const { return *inputs_.base; }
  const dbt::Project& head() const { return *inputs_.head; }
  const dbt::Catalog* base_catalog() const { return inputs_.base_catalog; }
  const dbt::Catalog* head_catalog() const { return inputs_.head_catalog; }
  const dbt::RunResults* run_results() const { return inputs_.run_results; }
  const dbt::SourceFreshness* source_freshness() const { return inputs_.source_freshness; }
  const lineage::ProjectLineage* base_lineage() const { return inputs_.base_lineage; }
  const lineage::ProjectLineage* head_lineage() const { return inputs_.head_lineage; }
  warehouse::Pool* base_pool() const { return inputs_.base_pool; }
  warehouse::Pool* head_pool() const { return inputs_.head_pool; }
  // Of the head's project; the common ground when nothing tells.
  sql::Dialect dialect() const;
  const std::string& no_connection_reason() const { return inputs_.no_connection_reason; }
  const policy::PiiMarks& pii() const { return *inputs_.pii; }
  const PullRequestFacts* pull_request() const { return inputs_.pull_request; }
  const std::string& layer() const { return inputs_.layer; }
  const Value& options() const { return inputs_.options; }  // as the policy sets them, all at once
  std::stop_token stop_token() const { return inputs_.stop; }

  // Options, the gate's own default when the policy sets none.
  std::string OptionString(std::string_view name) const;
  int64_t OptionInt(std::string_view name) const;
  bool OptionBool(std::string_view name) const;
  double OptionPercent(std::string_view name) const;  // "10%" and 0.1 are both 0.1
  const Value& Option(std::string_view name) const;   // as written; null when the policy sets none

  // What is left of the time budget; zero when it is spent or the run is being stopped.
  std::chrono::milliseconds TimeLeft() const;

  // The file of a node, as a path in the repository (project prefix in front), with a line where
  // known.
  Location LocationOf(const dbt::Node& node) const;
  // Of a path that dbt gives for a file of a package.
  std::string PathOf(std::string_view package, std::string_view path) const;
  // The same, at a place in the node's compiled SQL, mapped back to the model's file when that text
  // stands there too; else the file without a line.
  Location LocationIn(const dbt::Node& node, std::string_view sql, Span span) const;

  // subject and location are filled in when empty.
  void Report(Finding finding);
  void CannotTell(std::string code, std::string reason, std::string remedy = {},
                  std::optional<Location> location = {}, Value evidence = {});
  void NotApplicable(std::string reason);
  // Numbers to show even when all is well.
  void Measured(Value numbers);

  const Outcome& outcome() const { return outcome_; }
  Outcome TakeOutcome() { return std::move(outcome_); }

 private:
  const GateInfo& info_;
  Inputs inputs_;
  Outcome outcome_;
};

class Gate {
 public:
  virtual ~Gate() = default;
  virtual const GateInfo& info() const = 0;
  virtual void Run(GateContext& context) const = 0;
};

}  // namespace layergate

// The tests of what changed ran, and passed. A test that did not run proves nothing: "skipped" and
// "not in the results" are no pass.
#include "gate/gate.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"
#include "dbt/project.h"
#include "dbt/run_results.h"
#include "dbt/source_freshness.h"

namespace layergate {
namespace {

const GateInfo kInfo{
    .id = "test",
    .title = "Test",
    .summary = "The tests of changed nodes ran and passed",
    .subject = SubjectKind::kNode,
    .resource_types = {"model", "seed", "snapshot"},
    .needs = {Evidence::kHeadManifest, Evidence::kRunResults},
    .uses = {},
    .rules =
        {
            {"test.failed", "a test of the node failed or could not run", "fail", true},
            {"test.node_failed", "dbt could not build the node", "fail", true},
            {"test.warned", "a test of severity warn found rows", "warn", true},
            {"test.stale_source", "the node was judged against data that is too old", "warn", true},
        },
    .options = {},
};

enum class Status { kGood, kWarned, kBad, kNotRun };

Status StatusOf(std::string_view word) {
  for (std::string_view good : {"pass", "success", "no-op", "reused"}) {
    if (word == good) return Status::kGood;
  }
  if (word == "warn") return Status::kWarned;
  return word == "skipped" ? Status::kNotRun : Status::kBad;
}

// dbt commands whose results say something about data.
bool RunsTests(std::string_view which) { return which == "build" || which == "test"; }
bool BuildsNodes(std::string_view which) {
  return which == "build" || which == "run" || which == "seed" || which == "snapshot";
}

class Tests {
 public:
  Tests(GateContext& context, const dbt::Node& node) : context_(context), node_(node) {}

  void Judge() {
    JudgeSources();
    FindTests();
    const dbt::RunResults* results = context_.run_results();
    if (!results) {
      return context_.CannotTell("no_run_results", "there are no run results of the pull request",
                                 "run `dbt build` for the pull request and give its "
                                 "run_results.json");
    }
    if (!RunsTests(results->which) && !BuildsNodes(results->which)) {
      return context_.CannotTell("no_run_results",
                                 fmt::format("{} was written by `dbt {}`, which runs no tests",
                                             results->path, results->which),
                                 "give the run_results.json of `dbt build` or `dbt test`");
    }
    JudgeNode(*results);
    for (const dbt::Node* test : tests_) JudgeTest(*results, *test);
    TellNotRun();
  }

 private:
  void FindTests() {
    for (const std::string& id : context_.head().Children(node_.unique_id)) {
      const dbt::Node* child = context_.head().Find(id);
      if (child && (child->resource_type == "test" || child->resource_type == "unit_test")) {
        tests_.push_back(child);
      }
    }
  }

  // Tests that pass on last month's rows say nothing of today's.
  void JudgeSources() {
    const dbt::SourceFreshness* freshness = context_.source_freshness();
    if (!freshness) return;
    for (const std::string& id : context_.head().Parents(node_.unique_id)) {
      const dbt::FreshnessResult* result = freshness->Find(id);
      if (!result || result->status == "pass") continue;
      const dbt::Node* source = context_.head().Find(id);
      std::string age = result->age_seconds ? fmt::format(", its newest row is {:.0f} hours old",
                                                          *result->age_seconds / 3600)
                                            : std::string();
      std::string_view error = Trim(result->error);
      std::string why = error.empty() ? "" : fmt::format(": {}", error.substr(0, error.find('\n')));
      Finding finding;
      finding.rule = "test.stale_source";
      finding.message = fmt::format("{} reads {}.{}, whose freshness is {}{}{}", node_.name,
                                    source->source_name, source->name, result->status, age, why);
      finding.head = Value::MakeObject(
          {{"source", id}, {"status", result->status}, {"max_loaded_at", result->max_loaded_at}});
      finding.fix = "load the source, then run `dbt source freshness` and `dbt build` again";
      context_.Report(std::move(finding));
    }
  }

  void JudgeNode(const dbt::RunResults& results) {
    const dbt::RunResult* result = results.Find(node_.unique_id);
    if (!result) {
      // `dbt test` builds nothing; an ephemeral model has nothing to build.
      if (BuildsNodes(results.which) && node_.materialized != "ephemeral") {
        not_run_.push_back(node_.name);
      }
      return;
    }
    Status status = StatusOf(result->status);
    if (status == Status::kNotRun) not_run_.push_back(node_.name);
    if (status != Status::kBad) return;
    Finding finding;
    finding.rule = "test.node_failed";
    finding.message =
        fmt::format("dbt could not build {} ({}){}", node_.name, result->status, Why(*result));
    finding.evidence = WhatDbtSaid(*result);
    finding.fix = "mend the model and run dbt again";
    context_.Report(std::move(finding));
  }

  void JudgeTest(const dbt::RunResults& results, const dbt::Node& test) {
    const dbt::RunResult* result = results.Find(test.unique_id);
    Status status = result ? StatusOf(result->status) : Status::kNotRun;
    if (status == Status::kGood) return;
    if (status == Status::kNotRun) return not_run_.push_back(test.name);
    Finding finding;
    finding.rule = status == Status::kWarned ? "test.warned" : "test.failed";
    finding.column = test.column_name;
    std::string rows = result->failures ? fmt::format(", {} {}", WithThousands(*result->failures),
                                                      *result->failures == 1 ? "row" : "rows")
                                        : std::string();
    finding.message = fmt::format("{}: {}{}{}", test.name, result->status, rows, Why(*result));
    finding.evidence = WhatDbtSaid(*result);
    finding.evidence.Set("test", test.unique_id);
    finding.fix = "mend the data or the model; a test is not weakened to make it pass";
    context_.Report(std::move(finding));
  }

  // A unit test prints a table of what differs, a broken model the whole statement: the first lines
  // are enough to see what it is about.
  static Value WhatDbtSaid(const dbt::RunResult& result) {
    constexpr size_t kMostLines = 6;
    std::string text(Trim(result.message));
    std::vector<std::string_view> lines = Split(text, '\n');
    std::string first;
    for (size_t i = 0; i < lines.size() && i < kMostLines; ++i) {
      first += (i == 0 ? "" : "\n") + std::string(lines[i]);
    }
    if (lines.size() > kMostLines) {
      first += fmt::format("\n… {} more lines in run_results.json", lines.size() - kMostLines);
    }
    Value said = Value::MakeObject({{"status", result.status}, {"message", std::move(first)}});
    if (result.failures) said.Set("failures", *result.failures);
    return said;
  }

  static std::string Why(const dbt::RunResult& result) {
    std::string_view first = Trim(result.message);
    first = Trim(first.substr(0, first.find('\n')));
    return first.empty() ? std::string() : fmt::format(": {}", first);
  }

  void TellNotRun() {
    if (not_run_.empty()) return;
    std::sort(not_run_.begin(), not_run_.end());
    size_t all = not_run_.size();
    std::vector<std::string> first(
        not_run_.begin(), not_run_.begin() + static_cast<std::ptrdiff_t>(std::min<size_t>(all, 3)));
    std::string names = Join(first, ", ");
    if (all > 3) names += fmt::format(" and {} more", all - 3);
    context_.CannotTell("not_run", fmt::format("{} did not run", names),
                        "run `dbt build` with the changed nodes and their tests selected");
  }

  GateContext& context_;
  const dbt::Node& node_;
  std::vector<const dbt::Node*> tests_;
  std::vector<std::string> not_run_;
};

class Test final : public Gate {
 public:
  const GateInfo& info() const override { return kInfo; }

  void Run(GateContext& context) const override {
    const dbt::Node* head = context.head_node();
    if (!head) return context.NotApplicable("the node is removed");
    Tests(context, *head).Judge();
  }
};

}  // namespace

std::unique_ptr<Gate> Make_test() { return std::make_unique<Test>(); }

}  // namespace layergate

// A metric means what its definition and the columns under it say. Both can change without a word
// of its description changing: the measure's aggregate, a filter, or, three models upstream, the
// column that is aggregated.
//
// For metrics, semantic models and saved queries the definitions of both sides are compared. For
// models the gate looks down: whether a measure, dimension or metric reads a column whose value
// comes from elsewhere now.
#include "gate/gate.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "core/text.h"
#include "dbt/project.h"
#include "gates/metric_definition_review/definition.h"
#include "gates/metric_definition_review/semantic.h"
#include "lineage/compare.h"
#include "lineage/project_lineage.h"

namespace layergate {
namespace {

using lineage::Difference;
using metrics::DefinitionChange;
using Kind = lineage::Difference::Kind;

const GateInfo kInfo{
    .id = "metric_definition_review",
    .title = "Metric definition review",
    .summary = "A change of what a metric means is seen by who answers for it",
    .subject = SubjectKind::kNode,
    .resource_types = {"metric", "semantic_model", "saved_query", "model", "snapshot"},
    .needs = {Evidence::kBaseManifest, Evidence::kHeadManifest},
    .uses = {Evidence::kCompiledSql},
    .rules =
        {
            {"metric_definition_review.changed", "a definition says something else than before",
             "fail", true},
            {"metric_definition_review.extended",
             "a semantic model or saved query has a new part, and the others are as they were",
             "audit", true},
            {"metric_definition_review.removed", "a definition is gone that something still uses",
             "fail", true},
            {"metric_definition_review.changed_underneath",
             "a column that a metric reads takes its value from another place", "fail", true},
            {"metric_definition_review.recomputed_underneath",
             "a column that a metric reads is computed in another way", "fail", true},
            {"metric_definition_review.added", "a definition is new", "audit", true},
        },
    .options = {},
};

std::string Shown(const Value& value) {
  if (value.is_null()) return "nothing";
  std::string text = value.is_string() ? std::string(Trim(value.AsString())) : WriteJson(value);
  if (text.size() > 80) text = text.substr(0, 77) + "...";
  return fmt::format("`{}`", text);
}

std::string KindOf(const dbt::Node& node) {
  std::string kind = node.resource_type;
  std::replace(kind.begin(), kind.end(), '_', ' ');
  return kind;
}

void ReportExtended(GateContext& context, const dbt::Node& head,
                    const std::vector<DefinitionChange>& changes) {
  Finding finding;
  finding.rule = "metric_definition_review.extended";
  std::vector<std::string> parts;
  for (const DefinitionChange& change : changes) {
    finding.head.Set(change.where, change.head);
    if (parts.size() < 3) parts.push_back(change.where);
  }
  finding.message = fmt::format("{} {}: {}{} new", KindOf(head), head.name, Join(parts, ", "),
                                changes.size() > parts.size()
                                    ? fmt::format(" and {} more are", changes.size() - parts.size())
                                : parts.size() == 1 ? " is"
                                                    : " are");
  finding.fix = "have the data PM who will answer for it read the new part";
  context.Report(std::move(finding));
}

void JudgeDefinition(GateContext& context, const dbt::Node& base, const dbt::Node& head) {
  const std::vector<DefinitionChange> changes =
      metrics::CompareDefinitions(context.base(), base, context.head(), head);
  if (changes.empty()) return;
  const auto first_other = std::find_if(changes.begin(), changes.end(),
                                        [](const auto& change) { return !change.IsNewPart(); });
  if (first_other == changes.end()) return ReportExtended(context, head, changes);
  Finding finding;
  finding.rule = "metric_definition_review.changed";
  const DefinitionChange& first = *first_other;
  finding.message =
      fmt::format("{} {}: {} is now {}; it was {}{}", KindOf(head), head.name, first.where,
                  Shown(first.head), Shown(first.base),
                  changes.size() > 1 ? fmt::format(" (and {} more)", changes.size() - 1) : "");
  for (const DefinitionChange& change : changes) {
    finding.base.Set(change.where, change.base);
    finding.head.Set(change.where, change.head);
  }
  finding.impact = context.head().Downstream(head.unique_id);
  finding.fix =
      "have the data PM who answers for the metric agree, and tell its readers from which day on "
      "it means something else";
  context.Report(std::move(finding));
}

void JudgeRemovedDefinition(GateContext& context, const dbt::Node& gone) {
  std::vector<std::string> users;
  for (const std::string& id : context.base().Children(gone.unique_id)) {
    const dbt::Node* now = context.head().Find(id);
    if (!now) continue;
    // A reader that was changed with it names it no longer.
    bool still = now->definition == context.base().Find(id)->definition;
    if (still) users.push_back(id);
  }
  if (users.empty()) return;
  Finding finding;
  finding.rule = "metric_definition_review.removed";
  finding.message =
      fmt::format("{} {} is gone; {} still {} it", KindOf(gone), gone.name,
                  users.size() == 1 ? users[0] : fmt::format("{} nodes", users.size()),
                  users.size() == 1 ? "uses" : "use");
  finding.impact = std::move(users);
  finding.fix = "keep it, or change what uses it in this pull request";
  context.Report(std::move(finding));
}

// --- what lies under a metric
// ----------------------------------------------------------------------

// A measure, dimension or metric that reads a column.
struct Use {
  const dbt::Node* node;  // semantic model or metric
  semantic::Part part;
  lineage::ColumnId column;
};

class Underneath {
 public:
  explicit Underneath(GateContext& context) : context_(context) {}

  void Judge() {
    const dbt::Node& base = *context_.base_node();
    const dbt::Node& head = *context_.head_node();
    if (!HasMetrics(head.unique_id)) {
      return context_.NotApplicable("no metric lies downstream");
    }
    if (context_.change().cosmetic) return;
    if (base.compiled_code && head.compiled_code && *base.compiled_code == *head.compiled_code) {
      return;
    }
    if (!context_.base_lineage() || !context_.head_lineage()) {
      return context_.CannotTell("no_lineage", "there is no lineage", "compile the project");
    }
    const lineage::ModelLineage& before = context_.base_lineage()->Model(base.unique_id);
    const lineage::ModelLineage& now = context_.head_lineage()->Model(head.unique_id);
    if (!before.unavailable.empty() || !now.unavailable.empty()) {
      return context_.CannotTell(
          "no_sql",
          fmt::format("metrics read {}, and its SQL can't be compared: {}", head.name,
                      before.unavailable.empty() ? now.unavailable : before.unavailable),
          "compile the project on both sides");
    }
    for (const lineage::ModelLineage* side : {&before, &now}) {
      if (!side->statement.columns.empty()) continue;
      return context_.CannotTell(
          "opaque_sql",
          fmt::format("metrics read {}, and its columns can't be told: {}", head.name,
                      side->statement.diagnostics.empty() ? "its SQL is not understood"
                                                          : side->statement.diagnostics[0].message),
          "have a person compare the two versions");
    }
    for (const Difference& difference : lineage::Compare(before.statement, now.statement)) {
      JudgeDifference(difference);
    }
  }

 private:
  bool HasMetrics(const std::string& id) const {
    for (const std::string& below : context_.head().Downstream(id)) {
      if (below.rfind("metric.", 0) == 0 || below.rfind("semantic_model.", 0) == 0) return true;
    }
    return false;
  }

  void JudgeDifference(const Difference& d) {
    switch (d.kind) {
      case Kind::kColumnResourced:
      case Kind::kColumnRemoved:
      case Kind::kColumnRenamed:
        return Report(d, "changed_underneath");
      case Kind::kExpressionChanged:
      case Kind::kSubtypeChanged:
      case Kind::kConditionsChanged:
        return Report(d, "recomputed_underneath");
      case Kind::kUnknown:
        return TellUnknown(d);
      default:
        return;
    }
  }

  // What reads `column` of the subject, in the subject's own semantic models and downstream.
  std::vector<Use> UsesOf(const std::string& column, bool at_base) const {
    const lineage::ProjectLineage& side =
        at_base ? *context_.base_lineage() : *context_.head_lineage();
    const dbt::Node& node = at_base ? *context_.base_node() : *context_.head_node();
    std::vector<lineage::ColumnId> columns = {{node.unique_id, column}};
    for (const lineage::ProjectLineage::Reader& reader : side.Readers(columns[0])) {
      if (reader.direct && !reader.column.column.empty()) columns.push_back(reader.column);
    }
    std::vector<Use> uses;
    for (const lineage::ColumnId& id : columns) {
      for (const std::string& child : context_.head().Children(id.node)) {
        const dbt::Node* reader = context_.head().Find(child);
        if (!reader) continue;
        for (semantic::Part& part : semantic::ReadersIn(*reader, id.column)) {
          uses.push_back({reader, std::move(part), id});
        }
      }
    }
    return uses;
  }

  static void Add(std::vector<std::string>& ids, const std::string& id) {
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }

  std::vector<std::string> MetricsOf(const std::vector<Use>& uses) const {
    std::vector<std::string> ids;
    for (const Use& use : uses) {
      for (const std::string& id : semantic::MetricsReading(context_.head(), *use.node, use.part)) {
        Add(ids, id);
      }
    }
    return ids;
  }

  static std::string Names(const std::vector<lineage::Edge>& edges) {
    std::vector<std::string> names;
    for (const lineage::Edge& edge : edges) {
      std::vector<std::string_view> parts = Split(edge.relation, '.');
      std::string name = fmt::format("{}.{}", parts.back(), edge.column);
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    return names.empty() ? "no column" : Join(names, ", ");
  }

  std::string WhatHappened(const Difference& d) const {
    const std::string& model = context_.head_node()->name;
    if (d.kind == Kind::kColumnRemoved) return fmt::format("{}.{} is gone", model, d.column);
    if (d.kind == Kind::kColumnRenamed) {
      return fmt::format("{}.{} is now called {}", model, d.old_column, d.column);
    }
    if (d.kind == Kind::kColumnResourced) {
      return fmt::format("{}.{} now comes from {}; it came from {}", model, d.column,
                         Names(d.head_edges), Names(d.base_edges));
    }
    return fmt::format("{}.{} is computed in another way", model, d.column);
  }

  void Report(const Difference& d, std::string_view rule) {
    bool renamed = d.kind == Kind::kColumnRenamed;
    bool gone = renamed || d.kind == Kind::kColumnRemoved;
    const std::string& column = renamed ? d.old_column : d.column;
    std::vector<Use> uses = UsesOf(column, gone);
    if (uses.empty()) return;
    std::vector<std::string> metrics = MetricsOf(uses);
    const Use& first = uses.front();
    Finding finding;
    finding.rule = fmt::format("metric_definition_review.{}", rule);
    finding.column = column;
    std::string reader = first.node->resource_type == "metric"
                             ? fmt::format("metric {}", first.node->name)
                             : fmt::format("{} {} of semantic model {}", first.part.kind,
                                           first.part.name, first.node->name);
    finding.message =
        fmt::format("{}; {} reads it{}", WhatHappened(d), reader,
                    metrics.empty() ? ""
                                    : fmt::format(" for {} {}", metrics.size(),
                                                  metrics.size() == 1 ? "metric" : "metrics"));
    if (!d.base_text.empty()) finding.base.Set("sql", d.base_text);
    if (!d.head_text.empty()) finding.head.Set("sql", d.head_text);
    finding.impact = metrics;
    for (const Use& use : uses) Add(finding.impact, use.node->unique_id);
    if (!d.head_span.empty()) {
      const lineage::ModelLineage& now =
          context_.head_lineage()->Model(context_.head_node()->unique_id);
      finding.location = context_.LocationIn(*context_.head_node(), now.sql, d.head_span);
    }
    finding.path = PathTo(first, d, gone);
    finding.fix = "have the data PM who answers for the metric agree before this is merged";
    context_.Report(std::move(finding));
  }

  // From where the value now comes, through the models, to the measure that reads it.
  std::vector<PathStep> PathTo(const Use& use, const Difference& d, bool gone) const {
    const lineage::ProjectLineage& side =
        gone ? *context_.base_lineage() : *context_.head_lineage();
    const std::string& subject =
        gone ? context_.base_node()->unique_id : context_.head_node()->unique_id;
    const std::string& column = gone && !d.old_column.empty() ? d.old_column : d.column;
    std::vector<PathStep> path;
    const auto add = [&](const lineage::ColumnId& at, std::string how) {
      path.push_back({at.node, at.column, std::move(how), ""});
    };
    const std::vector<lineage::Edge>& edges = gone ? d.base_edges : d.head_edges;
    if (!edges.empty()) add({edges[0].relation, edges[0].column}, "");
    add({subject, column},
        edges.empty() ? std::string() : std::string(lineage::ToString(edges[0].subtype)));
    for (const lineage::ProjectLineage::Origin& origin : side.Origins(use.column)) {
      size_t at = 0;
      while (at < origin.path.size() && !(origin.path[at].node == subject &&
                                          EqualsIgnoreCase(origin.path[at].column, column))) {
        ++at;
      }
      if (at >= origin.path.size()) continue;
      for (size_t i = at + 1; i < origin.path.size(); ++i) {
        add(origin.path[i], std::string(lineage::ToString(origin.how[i - 1])));
      }
      break;
    }
    path.push_back({use.node->unique_id, use.part.name, use.part.kind, ""});
    return path;
  }

  void TellUnknown(const Difference& d) {
    if (d.column.empty()) return;  // rows: lineage_diff's
    std::vector<Use> uses = UsesOf(d.column, false);
    if (uses.empty()) return;
    context_.CannotTell(
        "opaque_sql",
        fmt::format("{} of {} is read by {} {}, and its source can't be followed", d.column,
                    context_.head_node()->name, uses.front().part.kind, uses.front().part.name),
        "have a person compare the two versions of the column");
  }

  GateContext& context_;
};

class MetricDefinitionReview final : public Gate {
 public:
  const GateInfo& info() const override { return kInfo; }

  void Run(GateContext& context) const override {
    const dbt::Node* base = context.base_node();
    const dbt::Node* head = context.head_node();
    const std::string& type = context.change().resource_type;
    bool is_model = type == "model" || type == "snapshot";
    if (!head) {
      return is_model ? context.NotApplicable("the model is removed")
                      : JudgeRemovedDefinition(context, *base);
    }
    if (base && is_model) return Underneath(context).Judge();
    if (base) return JudgeDefinition(context, *base, *head);
    if (is_model) return context.NotApplicable("a new model has nothing to compare with");
    Finding finding;
    finding.rule = "metric_definition_review.added";
    finding.message = fmt::format("{} {} is new", KindOf(*head), head->name);
    finding.fix = "have the data PM who will answer for it read the definition";
    context.Report(std::move(finding));
  }
};

}  // namespace

std::unique_ptr<Gate> Make_metric_definition_review() {
  return std::make_unique<MetricDefinitionReview>();
}

}  // namespace layergate

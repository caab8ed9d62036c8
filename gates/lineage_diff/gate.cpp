// What a model's SQL means, before and after: which columns it gives, where their values come from,
// and which rows there are. Layout, comments, aliases, names of CTEs and the order of commutative
// things are no difference, so that an honest refactoring says nothing here.
#include "gate/gate.h"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "core/text.h"
#include "dbt/project.h"
#include "gates/lineage_diff/impact.h"
#include "lineage/compare.h"
#include "lineage/project_lineage.h"

namespace layergate {
namespace {

using lineage::Difference;
using lineage::Edge;
using lineage::ModelLineage;
using lineage::ProjectLineage;
using lineage_diff::Impact;
using Kind = lineage::Difference::Kind;

const GateInfo kInfo{
    .id = "lineage_diff",
    .title = "Lineage diff",
    .summary = "Columns keep their sources and models keep their rows, or the change says so",
    .subject = SubjectKind::kNode,
    .resource_types = {"model", "snapshot"},
    .needs = {Evidence::kBaseManifest, Evidence::kHeadManifest, Evidence::kCompiledSql},
    .uses = {Evidence::kCatalog},
    .rules =
        {
            {"lineage_diff.column_removed",
             "a column (or a whole model) is gone, and something still reads it", "fail", true},
            {"lineage_diff.column_resourced",
             "a column's value comes from another place than it did", "fail", true},
            {"lineage_diff.join_kind_changed", "a join became another kind of join", "fail", true},
            {"lineage_diff.grain_changed", "the rows are grouped by other columns", "fail", true},
            {"lineage_diff.set_operation_changed",
             "UNION ALL became UNION or the like, or a branch came or went", "fail", true},
            {"lineage_diff.limit_added", "a LIMIT was left in", "fail", true},
            {"lineage_diff.boundary_changed",
             "a comparison now includes its edge, or no longer does", "fail", true},
            {"lineage_diff.column_dropped", "a column is gone that nothing in the project reads",
             "warn", true},
            {"lineage_diff.column_renamed",
             "a column has a new name, and nothing reads the old one", "warn", true},
            {"lineage_diff.sources_changed", "a column takes its value from more or fewer columns",
             "warn", true},
            {"lineage_diff.column_rerouted",
             "a column reaches the same source by another way through the models", "warn", true},
            {"lineage_diff.expression_changed", "the same sources, another computation", "warn",
             true},
            {"lineage_diff.predicate_removed", "a filter is gone", "warn", true},
            {"lineage_diff.predicate_added", "there is a new filter", "warn", true},
            {"lineage_diff.predicate_changed", "a filter asks for something else", "warn", true},
            {"lineage_diff.join_changed", "a join came, went, or joins on something else", "warn",
             true},
            {"lineage_diff.distinct_changed", "DISTINCT came or went", "warn", true},
            {"lineage_diff.window_changed",
             "a window function partitions or orders by something else", "warn", true},
            {"lineage_diff.relation_changed", "the model reads other relations", "warn", true},
            {"lineage_diff.row_set_changed", "something else decides which rows there are", "warn",
             true},
            {"lineage_diff.column_added", "a column is new", "audit", true},
            {"lineage_diff.order_changed", "columns or rows come in another order", "audit", true},
        },
    .options = {},
};

std::string Ticked(std::string_view text) { return fmt::format("`{}`", text); }

std::string OneLine(std::string_view text) {
  std::string line;
  for (char c : text) {
    bool blank = c == '\n' || c == '\t' || c == '\r' || c == ' ';
    if (!blank) line += c;
    if (blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  if (!line.empty() && line.back() == ' ') line.pop_back();
  return line.size() <= 160 ? line : line.substr(0, 157) + "...";
}

// "model.shop.stg_customers" -> "stg_customers"; "source.shop.raw.customers" -> "raw.customers".
std::string ShortName(std::string_view id) {
  std::vector<std::string_view> parts = Split(id, '.');
  bool known = parts.size() >= 3 && (parts[0] == "model" || parts[0] == "source" ||
                                     parts[0] == "seed" || parts[0] == "snapshot");
  if (!known) return std::string(id);
  if (parts[0] == "source" && parts.size() >= 4) return fmt::format("{}.{}", parts[2], parts[3]);
  return std::string(parts[2]);
}

std::string Name(const Edge& edge) {
  std::string name = fmt::format("{}.{}", ShortName(edge.relation), edge.column);
  return edge.field.empty() ? name : name + "." + edge.field;
}

std::string Names(const std::vector<Edge>& edges) {
  std::vector<std::string> names;
  for (const Edge& edge : edges) {
    std::string name = Name(edge);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  if (names.empty()) return "no column";
  if (names.size() <= 4) return Join(names, ", ");
  size_t more = names.size() - 3;
  names.resize(3);
  return fmt::format("{} and {} more", Join(names, ", "), more);
}

using Places = std::set<std::pair<std::string, std::string>>;
Places PlacesOf(const std::vector<Edge>& edges) {
  Places places;
  for (const Edge& edge : edges) {
    places.emplace(edge.relation,
                   edge.field.empty() ? edge.column : edge.column + "." + edge.field);
  }
  return places;
}
bool Holds(const Places& whole, const Places& part) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

// "x <= y" and "x < y" differ in the edge alone.
bool OnlyTheEdge(std::string_view base, std::string_view head) {
  auto without_edges = [](std::string_view text) {
    std::string out;
    for (char c : text) {
      if (c == '=' && !out.empty() && (out.back() == '<' || out.back() == '>')) continue;
      if (c != ' ') out += c;
    }
    return out;
  };
  bool compares = head.find_first_of("<>") != std::string_view::npos;
  return compares && base != head && without_edges(base) == without_edges(head);
}

class Differ {
 public:
  Differ(GateContext& context, const ModelLineage& base, const ModelLineage& head)
      : context_(context), base_(base), head_(head) {}

  void Run() {
    std::vector<Difference> differences = lineage::Compare(base_.statement, head_.statement);
    for (const Difference& difference : differences) {
      rows_explained_ = rows_explained_ || ExplainsRows(difference.kind);
      removed_join_ = removed_join_ || difference.kind == Kind::kJoinRemoved ||
                      difference.kind == Kind::kJoinAdded ||
                      difference.kind == Kind::kSetOperationChanged;
    }
    for (const Difference& difference : differences) Judge(difference);
    TellUnknown();
  }

 private:
  static bool ExplainsRows(Kind kind) {
    return kind >= Kind::kJoinAdded && kind <= Kind::kOtherRowSetChange &&
           kind != Kind::kOrderByChanged;
  }

  void Judge(const Difference& d) {
    switch (d.kind) {
      case Kind::kColumnAdded:
        return Report(d, "column_added", fmt::format("{} is new", Ticked(d.column)), {});
      case Kind::kColumnRemoved:
        return JudgeRemoved(d);
      case Kind::kColumnRenamed:
        return JudgeRenamed(d);
      case Kind::kColumnsReordered:
        return Report(d, "order_changed", "the columns come in another order", {});
      case Kind::kColumnResourced:
        return JudgeResourced(d);
      case Kind::kConditionsChanged:
      case Kind::kExpressionChanged:
      case Kind::kSubtypeChanged:
        return JudgeExpression(d);
      case Kind::kUnknown:
        unknown_.push_back(d);
        return;
      default:
        return JudgeRows(d);
    }
  }

  // --- columns ---------------------------------------------------------------------------------

  void JudgeRemoved(const Difference& d) {
    Impact impact = lineage_diff::OfRemovedColumn(context_, d.column);
    if (impact.breaks.empty()) {
      return Report(
          d, "column_dropped",
          fmt::format("{} is gone; nothing in the project reads it by name", Ticked(d.column)),
          impact, "tell who reads the table from outside, or keep the column for now");
    }
    Report(d, "column_removed",
           fmt::format("{} is gone, and {} still {} it", Ticked(d.column), ListOf(impact.breaks),
                       impact.breaks.size() == 1 ? "reads" : "read"),
           impact,
           fmt::format("keep {}, or change its readers in this pull request", Ticked(d.column)));
  }

  void JudgeRenamed(const Difference& d) {
    Difference old = d;
    Impact impact = lineage_diff::OfRemovedColumn(context_, d.old_column);
    if (impact.breaks.empty()) {
      return Report(d, "column_renamed",
                    fmt::format("{} is now called {}", Ticked(d.old_column), Ticked(d.column)),
                    impact, "tell who reads the table from outside");
    }
    old.column = d.old_column;
    Report(old, "column_removed",
           fmt::format("{} is now called {}, and {} still {} the old name", Ticked(d.old_column),
                       Ticked(d.column), ListOf(impact.breaks),
                       impact.breaks.size() == 1 ? "reads" : "read"),
           impact,
           fmt::format("keep the name {}, or change its readers in this pull request",
                       Ticked(d.old_column)));
  }

  static std::string ListOf(const std::vector<std::string>& ids) {
    std::vector<std::string> names;
    for (const std::string& id : ids) {
      if (names.size() == 3) break;
      names.push_back(id.rfind("model.", 0) == 0 ? ShortName(id) : WithKind(id));
    }
    std::string text = Join(names, ", ");
    if (ids.size() > 3) text += fmt::format(" and {} more", ids.size() - 3);
    return text;
  }
  // "test.shop.not_null_x.1a2b" -> "test not_null_x"
  static std::string WithKind(const std::string& id) {
    std::vector<std::string_view> parts = Split(id, '.');
    return parts.size() < 3 ? id : fmt::format("{} {}", parts[0], parts[2]);
  }

  void JudgeResourced(const Difference& d) {
    Places base = PlacesOf(d.base_edges), head = PlacesOf(d.head_edges);
    Impact impact = lineage_diff::OfChangedColumn(context_, d.column);
    // One set within the other: a source more or less, as COALESCE brings it, or a value where
    // there was a constant. The other way round, a constant instead of a value, is a source lost.
    bool more = Holds(head, base), less = !head.empty() && Holds(base, head);
    if (base == head) return JudgeExpression(d);
    if (more || less) {
      return Report(
          d, "sources_changed",
          fmt::format("{} {} {}; it {} from {}", Ticked(d.column),
                      more ? "now also takes from" : "no longer takes from",
                      more ? Names(Only(d.head_edges, base)) : Names(Only(d.base_edges, head)),
                      more ? "came" : "still comes", Names(more ? d.base_edges : d.head_edges)),
          impact, "check that the values mean what they did");
    }
    bool same_roots = !base.empty() && RootsOf(true, d) == RootsOf(false, d);
    if (same_roots && !RootsOf(false, d).empty()) {
      return Report(d, "column_rerouted",
                    fmt::format("{} now comes by way of {}; it came by way of {}, from the same "
                                "source",
                                Ticked(d.column), Names(d.head_edges), Names(d.base_edges)),
                    impact, "check that nothing is filtered or changed on the new way");
    }
    Report(d, "column_resourced",
           fmt::format("{} now comes from {}; it came from {}", Ticked(d.column),
                       Names(d.head_edges), Names(d.base_edges)),
           impact,
           fmt::format("take {} from {} again, or give the new value a new name", Ticked(d.column),
                       Names(d.base_edges)));
  }

  static std::vector<Edge> Only(const std::vector<Edge>& edges, const Places& without) {
    std::vector<Edge> only;
    for (const Edge& edge : edges) {
      if (!Holds(without, PlacesOf({edge}))) only.push_back(edge);
    }
    return only;
  }

  // Columns of sources and seeds that the value comes from in the end; empty when that is not
  // certain, or when a step on the way changes the value.
  Places RootsOf(bool base, const Difference& d) const {
    const ProjectLineage& side = base ? *context_.base_lineage() : *context_.head_lineage();
    const dbt::Node& node = base ? *context_.base_node() : *context_.head_node();
    Places roots;
    for (const ProjectLineage::Origin& origin : side.Origins({node.unique_id, d.column})) {
      if (!origin.certain || origin.path.empty()) return {};
      bool untouched = std::all_of(origin.how.begin(), origin.how.end(), [](lineage::Subtype how) {
        return how == lineage::Subtype::kIdentity;
      });
      if (!untouched) return {};
      const lineage::ColumnId& root = origin.path.front();
      if (!side.project().Parents(root.node).empty()) continue;
      roots.emplace(root.node, root.column);
    }
    return roots;
  }

  void JudgeExpression(const Difference& d) {
    std::string message;
    if (!d.base_text.empty() && !d.head_text.empty() && d.base_text != d.head_text) {
      message = fmt::format("{} is now {}; it was {}", Ticked(d.column),
                            Ticked(OneLine(d.head_text)), Ticked(OneLine(d.base_text)));
    } else if (d.kind == Kind::kConditionsChanged) {
      message = fmt::format("{} now depends on {} for its value; it depended on {}",
                            Ticked(d.column), Names(d.head_edges), Names(d.base_edges));
    } else {
      message = fmt::format("{} is computed in another way from the same columns ({})",
                            Ticked(d.column), Names(d.head_edges));
    }
    Report(d, "expression_changed", std::move(message),
           lineage_diff::OfChangedColumn(context_, d.column),
           "check units, rounding, nulls and the aggregate");
  }

  // --- rows ------------------------------------------------------------------------------------

  void JudgeRows(const Difference& d) {
    std::string base = Ticked(OneLine(d.base_text)), head = Ticked(OneLine(d.head_text));
    bool added = d.base_text.empty(), removed = d.head_text.empty();
    switch (d.kind) {
      case Kind::kRelationAdded:
        if (removed_join_) return;
        return Rows(d, "relation_changed",
                    fmt::format("the model now reads {}", ShortTicked(d.head_text)));
      case Kind::kSourceChanged:
        return Rows(d, "relation_changed",
                    fmt::format("the rows now come {}; they came {}", head, base),
                    "check that the other relation has the same rows");
      case Kind::kRelationRemoved:
        if (removed_join_) return;
        return Rows(d, "relation_changed",
                    fmt::format("the model no longer reads {}", ShortTicked(d.base_text)));
      case Kind::kJoinAdded:
        return Rows(d, "join_changed", fmt::format("there is a new join: {}", head),
                    "check that it finds at most one row for each row there was");
      case Kind::kJoinRemoved:
        return Rows(d, "join_changed", fmt::format("a join is gone: {}", base));
      case Kind::kJoinConditionChanged:
        return Rows(d, "join_changed", fmt::format("the join is now {}; it was {}", head, base),
                    "check that the key is unique on the joined side");
      case Kind::kJoinKindChanged:
        return Rows(d, "join_kind_changed",
                    fmt::format("a join changed its kind ({}): {}", d.detail, head),
                    "an inner join drops rows without a partner, an outer join keeps them: restore "
                    "the kind, or say why in the pull request");
      case Kind::kPredicateAdded:
        return Rows(d, "predicate_added", fmt::format("there is a new filter: {}", head));
      case Kind::kPredicateRemoved:
        return Rows(d, "predicate_removed", fmt::format("a filter is gone: {}", base),
                    "put it back, or show where its rows are removed now");
      case Kind::kPredicateChanged:
        if (OnlyTheEdge(d.base_text, d.head_text)) {
          return Rows(
              d, "boundary_changed",
              fmt::format("the edge of a filter moved: it is now {}, it was {}", head, base),
              "decide on which side the edge belongs; at a window's end this counts rows "
              "twice or never");
        }
        return Rows(d, "predicate_changed",
                    fmt::format("a filter is now {}; it was {}", head, base));
      case Kind::kGroupByChanged:
        return Rows(d, "grain_changed",
                    added     ? fmt::format("the rows are now grouped by {}", head)
                    : removed ? fmt::format("the rows are no longer grouped by {}", base)
                              : fmt::format("the rows are grouped by {}; they were grouped by {}",
                                            head, base),
                    "one row now stands for something else: restore the grouping, or make it a new "
                    "model");
      case Kind::kDistinctChanged:
        return Rows(d, "distinct_changed",
                    added     ? "DISTINCT is new"
                    : removed ? "DISTINCT is gone"
                              : fmt::format("{} was {}", head, base),
                    "DISTINCT often hides a join that multiplies rows: find the join");
      case Kind::kSetOperationChanged:
        return Rows(d, "set_operation_changed", SetOperation(d),
                    "UNION removes equal rows and UNION ALL keeps them: choose on purpose");
      case Kind::kLimitChanged:
        if (added) {
          return Rows(d, "limit_added", fmt::format("there is a {} in the model", head),
                      "remove it: a limit from trying out must not reach production");
        }
        return Rows(
            d, "row_set_changed",
            removed ? fmt::format("{} is gone", base) : fmt::format("{} was {}", head, base));
      case Kind::kWindowChanged:
        return Rows(d, "window_changed",
                    added     ? fmt::format("there is a new window: {}", head)
                    : removed ? fmt::format("a window is gone: {}", base)
                              : fmt::format("a window is now {}; it was {}", head, base),
                    "check the partition and the order: they decide which row is the first");
      case Kind::kOrderByChanged:
        return Rows(d, "order_changed",
                    fmt::format("the rows are ordered by {}; they were ordered by {}",
                                removed ? "nothing" : head, added ? "nothing" : base));
      case Kind::kDatasetEdgesChanged:
        if (rows_explained_) return;
        return Rows(d, "row_set_changed",
                    fmt::format("the rows are decided by {}; they were decided by {}",
                                Names(d.head_edges), Names(d.base_edges)));
      case Kind::kStatementKindChanged:
        return Rows(d, "row_set_changed",
                    fmt::format("the statement is now {}; it was {}", head, base));
      default:
        return Rows(d, "row_set_changed",
                    added     ? fmt::format("new: {}", head)
                    : removed ? fmt::format("gone: {}", base)
                              : fmt::format("{} was {}", head, base));
    }
  }

  static std::string ShortTicked(std::string_view id) { return Ticked(ShortName(id)); }

  static std::string SetOperation(const Difference& d) {
    if (!d.detail.empty() && !d.base_text.empty() && !d.head_text.empty()) {
      return fmt::format("a set operation changed: {}", d.detail);
    }
    if (d.base_text.empty())
      return fmt::format("a branch is new: {}", Ticked(OneLine(d.head_text)));
    if (d.head_text.empty()) {
      return fmt::format("a branch is gone: {}", Ticked(OneLine(d.base_text)));
    }
    return fmt::format("{} was {}", Ticked(OneLine(d.head_text)), Ticked(OneLine(d.base_text)));
  }

  void Rows(const Difference& d, std::string_view rule, std::string message, std::string fix = {}) {
    if (fix.empty()) fix = "check that the model has the rows it should have";
    Report(d, rule, std::move(message), lineage_diff::OfChangedRows(context_), std::move(fix));
  }

  // --- reporting -------------------------------------------------------------------------------

  void Report(const Difference& d, std::string_view rule, std::string message, const Impact& impact,
              std::string fix = {}) {
    Finding finding;
    finding.rule = fmt::format("lineage_diff.{}", rule);
    finding.column = d.column;
    finding.message = std::move(message);
    if (!d.base_text.empty()) finding.base.Set("sql", OneLine(d.base_text));
    if (!d.head_text.empty()) finding.head.Set("sql", OneLine(d.head_text));
    if (!d.base_edges.empty()) finding.base.Set("from", EdgeNames(d.base_edges));
    if (!d.head_edges.empty()) finding.head.Set("from", EdgeNames(d.head_edges));
    finding.location = d.head_span.empty()
                           ? context_.LocationOf(*context_.head_node())
                           : context_.LocationIn(*context_.head_node(), head_.sql, d.head_span);
    finding.impact = impact.All();
    Value by_kind = impact.ToValue();
    if (!by_kind.empty()) finding.evidence.Set("impact", std::move(by_kind));
    AddSnippet(finding.evidence, "base_sql", base_.sql, d.base_span);
    AddSnippet(finding.evidence, "head_sql", head_.sql, d.head_span);
    std::string words = impact.InWords();
    if (!words.empty()) finding.evidence.Set("impact_in_words", words);
    finding.fix = std::move(fix);
    context_.Report(std::move(finding));
  }

  static Value EdgeNames(const std::vector<Edge>& edges) {
    Value names = Value::MakeArray();
    for (const Edge& edge : edges) names.Append(Name(edge));
    return names;
  }

  static void AddSnippet(Value& evidence, std::string_view key, std::string_view sql, Span span) {
    if (!span.empty()) evidence.Set(key, CaretLine(sql, span));
  }

  // One report for all columns that can't be compared, at the first place that was not understood.
  void TellUnknown() {
    if (unknown_.empty()) return;
    std::vector<std::string> columns;
    bool rows = false;
    for (const Difference& d : unknown_) {
      if (d.column.empty()) rows = true;
      if (!d.column.empty() && columns.size() < 4) columns.push_back(Ticked(d.column));
    }
    size_t all = unknown_.size() - (rows ? 1 : 0);
    std::string what = Join(columns, ", ");
    if (all > columns.size()) what += fmt::format(" and {} more columns", all - columns.size());
    if (rows) what += columns.empty() ? "the rows" : " and the rows";
    bool at_head = !head_.statement.diagnostics.empty();
    const ModelLineage& side = at_head ? head_ : base_;
    std::string why = "its SQL is not understood";
    std::optional<Location> place;
    Value evidence;
    if (!side.statement.diagnostics.empty()) {
      const lineage::Diagnostic& first = side.statement.diagnostics.front();
      why = fmt::format("{} ({} side)", first.message, at_head ? "head" : "base");
      const dbt::Node& node = at_head ? *context_.head_node() : *context_.base_node();
      place = context_.LocationIn(node, side.sql, first.span);
      AddSnippet(evidence, "sql", side.sql, first.span);
    }
    context_.CannotTell("opaque_sql", fmt::format("{} can't be compared: {}", what, why),
                        "give a catalog when a star or a name could not be resolved; otherwise "
                        "have a person compare the two versions",
                        place, std::move(evidence));
  }

  GateContext& context_;
  const ModelLineage& base_;
  const ModelLineage& head_;
  bool rows_explained_ = false, removed_join_ = false;
  std::vector<Difference> unknown_;
};

// A model that is gone: does anything that stays, unchanged, still read it?
void JudgeRemovedModel(GateContext& context) {
  const dbt::Node& gone = *context.base_node();
  std::vector<std::string> readers;
  for (const std::string& id : context.base().Children(gone.unique_id)) {
    const dbt::Node* before = context.base().Find(id);
    const dbt::Node* now = context.head().Find(id);
    if (!before || !now || before->resource_type == "test") continue;
    if (before->raw_code == now->raw_code && before->definition == now->definition) {
      readers.push_back(id);
    }
  }
  if (readers.empty()) return;
  Finding finding;
  finding.rule = "lineage_diff.column_removed";
  finding.message = fmt::format(
      "{} is gone, and {} still {} it", gone.name,
      readers.size() == 1 ? ShortName(readers[0]) : fmt::format("{} nodes", readers.size()),
      readers.size() == 1 ? "reads" : "read");
  finding.impact = std::move(readers);
  finding.fix = "change its readers in this pull request, or keep the model";
  context.Report(std::move(finding));
}

class LineageDiff final : public Gate {
 public:
  const GateInfo& info() const override { return kInfo; }

  void Run(GateContext& context) const override {
    if (!context.base_node())
      return context.NotApplicable("a new model has nothing to compare with");
    if (!context.head_node()) return JudgeRemovedModel(context);
    const dbt::Node& base = *context.base_node();
    const dbt::Node& head = *context.head_node();
    if (context.change().cosmetic) return;
    bool same_text = base.compiled_code && head.compiled_code
                         ? *base.compiled_code == *head.compiled_code
                         : base.language == "python" && base.raw_code == head.raw_code;
    if (same_text) return;
    if (!context.base_lineage() || !context.head_lineage()) {
      return context.CannotTell("no_lineage", "there is no lineage", "compile the project");
    }
    const ModelLineage& before = context.base_lineage()->Model(base.unique_id);
    const ModelLineage& now = context.head_lineage()->Model(head.unique_id);
    for (const auto& [side, lineage] : {std::pair{"base", &before}, std::pair{"head", &now}}) {
      if (lineage->unavailable.empty()) continue;
      return context.CannotTell(
          "no_sql", fmt::format("the {} side can't be read: {}", side, lineage->unavailable),
          "compile the project on that side (`dbt compile`), so that the manifest holds the SQL");
    }
    Differ(context, before, now).Run();
  }
};

}  // namespace

std::unique_ptr<Gate> Make_lineage_diff() { return std::make_unique<LineageDiff>(); }

}  // namespace layergate

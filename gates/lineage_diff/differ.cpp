#include "gates/lineage_diff/differ.h"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "core/text.h"
#include "dbt/project.h"
#include "dbt/unique_id.h"
#include "gates/lineage_diff/impact.h"
#include "gates/lineage_diff/meaning.h"
#include "gates/lineage_diff/words.h"
#include "lineage/compare.h"

namespace layergate::lineage_diff {

std::string ShortName(std::string_view id) {
  std::vector<std::string_view> parts = Split(id, '.');
  bool known = parts.size() >= 3 && (parts[0] == "model" || parts[0] == "source" ||
                                     parts[0] == "seed" || parts[0] == "snapshot");
  return std::string(known ? dbt::NameWithVersion(id) : id);
}

namespace {

using lineage::Difference;
using lineage::Edge;
using lineage::ModelLineage;
using lineage::ProjectLineage;
using Kind = lineage::Difference::Kind;

std::string Ticked(std::string_view text) { return fmt::format("`{}`", text); }

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

class Differ {
 public:
  Differ(GateContext& context, const ModelLineage& base, const ModelLineage& head, bool same_text)
      : context_(context), base_(base), head_(head), same_text_(same_text) {}

  void Run() {
    std::vector<Difference> differences = lineage::Compare(base_.statement, head_.statement);
    for (const Difference& difference : differences) {
      rows_explained_ = rows_explained_ || ExplainsRows(difference.kind);
      windows_ += difference.kind == Kind::kWindowChanged;
      branches_ = branches_ || difference.kind == Kind::kSetOperationChanged;
    }
    for (const Difference& difference : differences) Judge(difference);
    if (!same_text_) TellUnknown();
  }

 private:
  static bool ExplainsRows(Kind kind) {
    return kind >= Kind::kSourceChanged && kind <= Kind::kOtherRowSetChange &&
           kind != Kind::kOrderByChanged && kind != Kind::kWindowChanged;
  }

  // As written where that tells the sides apart, else normalised.
  Words WordsOf(const Difference& d) const {
    Words words{As(d.column, base_.sql, d.base_span), As(d.column, head_.sql, d.head_span), ""};
    // The star that a column comes through says nothing of it, nor does `group by 1, 2` to somebody
    // who does not see the list.
    if (IsStar(words.base)) words.base = Readable(d.base_text);
    if (IsStar(words.head)) words.head = Readable(d.head_text);
    if (OnlyPositions(words.base)) words.base = Readable(WithoutGroupBy(d.base_text));
    if (OnlyPositions(words.head)) words.head = Readable(WithoutGroupBy(d.head_text));
    const bool same = !words.base.empty() && EqualsIgnoreCase(words.base, words.head);
    const bool star = d.base_text.empty() || d.head_text.empty();
    if (same && !star) words.as_before = OneLine(words.head);
    if (words.base.empty() || !words.as_before.empty()) words.base = Readable(d.base_text);
    if (words.head.empty() || !words.as_before.empty()) words.head = Readable(d.head_text);
    if (!words.as_before.empty() && words.base == words.head) words.base = words.head = "";
    Focus(words.base, words.head);
    return words;
  }
  static bool IsStar(const std::string& text) {
    return text == "*" || (text.size() > 2 && text.substr(text.size() - 2) == ".*");
  }
  static bool OnlyPositions(const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789, ") == std::string::npos;
  }
  static std::string WithoutGroupBy(std::string_view text) {
    constexpr std::string_view kGroupBy = "group by ";
    return std::string(text.substr(text.rfind(kGroupBy, 0) == 0 ? kGroupBy.size() : 0));
  }
  static std::string As(const std::string& column, std::string_view sql, Span span) {
    return WithoutAlias(WithShortRelations(OneLineOf(Slice(sql, span))), column);
  }

  void Judge(const Difference& d) {
    if (IsCompileTimeValue(d)) return JudgeCompileTimeValue(d);
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

  // Nobody edited the model or a macro that it calls, and all that differs is a number or a text: a
  // date spine up to today, or a var.
  bool IsCompileTimeValue(const Difference& d) const {
    const auto& change = context_.change();
    if (change.Has("body") || change.Has("macros")) return false;
    if (context_.base_node()->raw_code != context_.head_node()->raw_code) return false;
    const PullRequestFacts* facts = context_.pull_request();
    if (facts != nullptr) {
      for (const char* name : {"dbt_project.yml", "vars.yml"}) {
        const std::string path = facts->project_prefix + name;
        if (std::binary_search(facts->changed_paths.begin(), facts->changed_paths.end(), path)) {
          return false;  // a var of this pull request
        }
      }
    }
    const Words words = WordsOf(d);
    return !words.base.empty() && words.base != words.head &&
           WithoutConstants(words.base) == WithoutConstants(words.head);
  }

  void JudgeCompileTimeValue(const Difference& d) {
    const Words words = WordsOf(d);
    const std::string what = fmt::format("a constant of the compiled SQL differs: {}, it was {}",
                                         Ticked(words.head), Ticked(words.base));
    if (context_.pull_request() != nullptr) {
      return Report(d, "compile_time_value", what, {},
                    "nothing, when it is a date; compile both sides on one day to be sure");
    }
    context_.CannotTell("compile_time_value",
                        what +
                            "; neither the model nor a macro changed, and without git nobody "
                            "can tell whether a var did",
                        "judge with git, or compile both sides on one day");
  }

  void JudgeRemoved(const Difference& d) {
    Impact impact = OfRemovedColumn(context_, d.column);
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
    Impact impact = OfRemovedColumn(context_, d.old_column);
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
    if (PlacesOf(d.base_edges) == PlacesOf(d.head_edges)) return JudgeExpression(d);
    if (ToldByBranch(d)) return;
    // COUNT(*) for COUNT(x): "comes from no column" would be true, and no help.
    const auto counts = [](const std::string& text) { return text.rfind("count(", 0) == 0; };
    const bool constant = d.base_edges.empty() || d.head_edges.empty();
    if (constant && counts(d.base_text) && counts(d.head_text)) {
      return Expression(d, "aggregate_changed");
    }
    const bool same_roots = !d.base_edges.empty() && RootsOf(true, d) == RootsOf(false, d);
    if (same_roots && !RootsOf(false, d).empty()) {
      return Report(d, "column_rerouted",
                    fmt::format("{} now comes by way of {}; it came by way of {}, from the same "
                                "source",
                                Ticked(d.column), Names(d.head_edges), Names(d.base_edges)),
                    OfChangedColumn(context_, d.column),
                    "check that nothing is filtered or changed on the new way");
    }
    JudgeSources(d, "comes from", "came from");
  }

  // A branch of a union that is gone or new takes its relation along: that is told once, as the
  // branch, not for each column.
  bool ToldByBranch(const Difference& d) const {
    if (!branches_ || d.base_edges.empty() || d.head_edges.empty()) return false;
    const auto reads = [](const ModelLineage& side, const Edge& edge) {
      const std::vector<std::string>& all = side.statement.relations;
      return std::find(all.begin(), all.end(), edge.relation) != all.end();
    };
    const std::vector<Edge> lost = Only(d.base_edges, PlacesOf(d.head_edges));
    const std::vector<Edge> found = Only(d.head_edges, PlacesOf(d.base_edges));
    return std::none_of(lost.begin(), lost.end(),
                        [&](const Edge& edge) { return reads(head_, edge); }) &&
           std::none_of(found.begin(), found.end(),
                        [&](const Edge& edge) { return reads(base_, edge); });
  }

  // One set within the other: a source more or less, as COALESCE brings it. A constant where a
  // value was is a source lost, and the other way round one found.
  void JudgeSources(const Difference& d, std::string_view comes, std::string_view came) {
    const Places base = PlacesOf(d.base_edges), head = PlacesOf(d.head_edges);
    const Impact impact = OfChangedColumn(context_, d.column);
    if (Holds(head, base)) {
      return Report(d, "sources_changed",
                    base.empty()
                        ? fmt::format("{} now {} {}; it {} no column", Ticked(d.column), comes,
                                      Names(d.head_edges), came)
                        : fmt::format("{} now also {} {}; it {} {}", Ticked(d.column), comes,
                                      Names(Only(d.head_edges, base)), came, Names(d.base_edges)),
                    impact, "check that the values mean what they did");
    }
    const bool value = comes == "comes from";  // else it decides which value
    if (head.empty() && !value) {
      return Report(
          d, "source_lost",
          fmt::format("{} no longer depends on {}", Ticked(d.column), Names(d.base_edges)), impact,
          "put the condition back, or say in the pull request why it can go");
    }
    const std::vector<Edge> lost = Only(d.base_edges, head);
    if (!head.empty() && Holds(base, head) &&
        std::all_of(lost.begin(), lost.end(), [&](const Edge& edge) { return IsGone(edge); })) {
      return Report(d, "sources_changed",
                    fmt::format("{} no longer {} {}, which {} gone; it still {} {}",
                                Ticked(d.column), value ? "takes from" : "depends on", Names(lost),
                                lost.size() == 1 ? "is" : "are", comes, Names(d.head_edges)),
                    impact, "check that the values mean what they did");
    }
    if (!head.empty() && Holds(base, head)) {
      return Report(
          d, "source_lost",
          fmt::format("{} no longer {} {}; it still {} {}", Ticked(d.column),
                      value ? "takes from" : "depends on", Names(lost), comes, Names(d.head_edges)),
          impact, "put the source back, or say in the pull request why it is not needed");
    }
    Report(d, "column_resourced",
           fmt::format("{} now {} {}; it {} {}", Ticked(d.column), comes, Names(d.head_edges), came,
                       Names(d.base_edges)),
           impact,
           fmt::format("take {} from {} again, or give the new value a new name", Ticked(d.column),
                       Names(d.base_edges)));
  }

  // Certainly no column of the head any more.
  bool IsGone(const Edge& edge) const {
    const dbt::Node* node = context_.head().Find(edge.relation);
    if (node == nullptr) return context_.base().Find(edge.relation) != nullptr;
    if (node->resource_type != "model") return false;
    const ModelLineage& model = context_.head_lineage()->Model(edge.relation);
    if (!model.unavailable.empty() || model.statement.status == lineage::Status::kUnknown) {
      return false;
    }
    const auto& columns = model.statement.columns;
    return std::none_of(columns.begin(), columns.end(), [&](const lineage::OutputColumn& column) {
      return EqualsIgnoreCase(column.name, edge.column);
    });
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

  static std::string_view WithoutLabel(std::string_view part) {
    bool quoted = false;
    for (size_t i = 0; i < part.size(); ++i) {
      quoted = quoted != (part[i] == '\'');
      const std::string_view word = part.substr(i, 4);
      if (!quoted && (word == " of " || word == " of")) return part.substr(0, i);
    }
    return part;
  }

  // What the branches of a union give, one text each and what tells the branch apart ("x of 'a'"):
  // the new branch's is not told again.
  static bool OnlyBranchesDiffer(const Difference& d) {
    const auto parts = [](std::string_view text) {
      std::set<std::string> set;
      for (size_t at = 0; at <= text.size();) {
        const size_t end = std::min(text.find(" | ", at), text.size());
        set.emplace(WithoutLabel(text.substr(at, end - at)));
        at = end + 3;
      }
      return set;
    };
    const std::set<std::string> base = parts(d.base_text), head = parts(d.head_text);
    return std::includes(base.begin(), base.end(), head.begin(), head.end()) ||
           std::includes(head.begin(), head.end(), base.begin(), base.end());
  }

  void JudgeExpression(const Difference& d) {
    if (branches_ && OnlyBranchesDiffer(d)) return;
    const Change change = WhatChanged(d.base_text, d.head_text);
    // The window that changed is told once, with its partition and order.
    if (change == Change::kWindow && windows_ == 0) return Expression(d, "window_changed");
    if (change == Change::kWindow) return WindowColumn(d);
    const bool other_columns = PlacesOf(d.base_edges) != PlacesOf(d.head_edges);
    // An aggregate where there was none, over other columns, is another value altogether.
    const bool aggregates = HasAggregates(d.base_text) && HasAggregates(d.head_text);
    const bool named = (change == Change::kAggregate && aggregates) ||
                       change == Change::kFallbackLost || change == Change::kFallbackOrder;
    if (d.kind == Kind::kConditionsChanged && other_columns && !named) {
      return JudgeSources(d, "depends on", "depended on");
    }
    switch (change) {
      case Change::kAggregate:
        return Expression(d, "aggregate_changed");
      case Change::kFallbackLost:
        return Expression(d, "fallback_lost");
      case Change::kFactor:
        return Expression(d, "factor_changed");
      case Change::kType:
        return Expression(d, "type_changed");
      case Change::kEdge:
        return Expression(d, "boundary_changed");
      case Change::kFallbackOrder:
        return Expression(d, "column_resourced");
      case Change::kBranchLost:
        return Expression(d, "branch_lost");
      case Change::kOperator:
        return Expression(d, "operator_changed");
      default:
        return Expression(d, "expression_changed");
    }
  }

  void WindowColumn(const Difference& d) {
    Expression(d, "window_changed");
    told_windows_ = windows_ == 1;
  }

  void Expression(const Difference& d, std::string_view rule) {
    const Words words = WordsOf(d);
    std::string message =
        words.base != words.head && !words.base.empty() && !words.head.empty()
            ? fmt::format("{} is now {}; it was {}", Ticked(d.column), Ticked(words.head),
                          Ticked(words.base))
            : fmt::format("{} is computed in another way upstream, from the same columns ({})",
                          Ticked(d.column), Names(d.head_edges));
    Report(d, rule, std::move(message), OfChangedColumn(context_, d.column),
           std::string(FixOf(rule)));
  }

  static std::string_view FixOf(std::string_view rule) {
    if (rule == "aggregate_changed")
      return "restore the aggregate, or give the new number a new name";
    if (rule == "fallback_lost") return "put the COALESCE back, or show that no value is null";
    if (rule == "factor_changed") return "restore the factor: who reads it expects the old unit";
    if (rule == "type_changed") return "check rounding, precision and what readers compare it with";
    if (rule == "window_changed") {
      return "check the partition and the order: they decide which row is the first";
    }
    if (rule == "boundary_changed") return "decide on which side the edge belongs";
    if (rule == "branch_lost") {
      return "put the branch back: without it those rows get another value, or none";
    }
    if (rule == "operator_changed") return "restore the operator and the order of its operands";
    if (rule == "column_resourced")
      return "the first value that is not null wins: restore the order";
    return "check units, rounding, nulls and the branches of CASE";
  }

  // --- rows ------------------------------------------------------------------------------------

  void JudgeRows(const Difference& d) {
    const Words words = WordsOf(d);
    const std::string base = Ticked(words.base), head = Ticked(words.head);
    const bool added = d.base_text.empty(), removed = d.head_text.empty();
    switch (d.kind) {
      case Kind::kRelationAdded:
        return Rows(d, "relation_changed",
                    fmt::format("the model now reads {}", ShortTicked(d.head_text)));
      case Kind::kRelationRemoved:
        return Rows(d, "relation_changed",
                    fmt::format("the model no longer reads {}", ShortTicked(d.base_text)));
      case Kind::kSourceChanged:
        return Rows(d, "relation_changed",
                    fmt::format("the rows now come {}; they came {}", Ticked(Readable(d.head_text)),
                                Ticked(Readable(d.base_text))),
                    "check that the other relation has the same rows");
      case Kind::kJoinAdded:
        return Rows(d, "join_added", fmt::format("there is a new join: {}", head),
                    "check that it finds at most one row for each row there was");
      case Kind::kJoinRemoved:
        return Rows(d,
                    d.base_text.rfind("left join", 0) == 0 ? "left_join_removed" : "join_removed",
                    fmt::format("a join is gone: {}", base),
                    "put it back, or show that it neither filtered nor multiplied rows");
      case Kind::kJoinConditionChanged:
        return JudgeJoinCondition(d, words);
      case Kind::kJoinKindChanged:
        if (d.detail.find("exchanged") != std::string::npos) {
          return Rows(d, "join_kind_changed",
                      fmt::format("the sides of a join are exchanged: it is now {}, it was {}",
                                  Ticked(Readable(d.head_text)), Ticked(Readable(d.base_text))),
                      "the rows of the first relation stay and the others come where they match: "
                      "restore the order, or say why in the pull request");
        }
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
        return JudgeFilter(d, words);
      case Kind::kGroupByChanged:
        return Rows(d, "grain_changed",
                    added     ? fmt::format("the rows are now grouped: {}", head)
                    : removed ? fmt::format("the rows are no longer grouped: {}", base)
                              : fmt::format("the grain is now {}; it was {}", head, base),
                    "one row now stands for something else: restore the grouping, or make it a new "
                    "model");
      case Kind::kDistinctChanged:
        return Rows(d, "distinct_changed",
                    added ? "DISTINCT is new"
                    : removed
                        ? "DISTINCT is gone"
                        : fmt::format("the rows are {}; they were {}",
                                      Ticked(Readable(d.head_text)), Ticked(Readable(d.base_text))),
                    "DISTINCT often hides a join that multiplies rows: find the join");
      case Kind::kSetOperationChanged:
        if (d.base_text.empty()) {
          return Rows(d, "union_branch_added", SetOperation(d),
                      "check that its rows are not in another branch already, and that its columns "
                      "stand in the same order");
        }
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
        if (told_windows_) return;
        return Rows(d, "window_changed",
                    fmt::format("a window is now {}; it was {}", Ticked(Readable(d.head_text)),
                                Ticked(Readable(d.base_text))),
                    std::string(FixOf("window_changed")));
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

  void JudgeFilter(const Difference& d, const Words& words) {
    const std::string base = Ticked(words.base), head = Ticked(words.head);
    switch (WhatChanged(d.base_text, d.head_text)) {
      case Change::kEdge:
        return Rows(d, "boundary_changed",
                    fmt::format("the edge of a filter moved: it is now {}, it was {}", head, base),
                    "decide on which side the edge belongs; at a window's end this counts rows "
                    "twice or never");
      case Change::kWindow:
        if (windows_ > 0) return;  // told as the window
        return Rows(d, "window_changed", fmt::format("a filter is now {}; it was {}", head, base),
                    std::string(FixOf("window_changed")));
      default:
        break;
    }
    const bool upstream = words.base == words.head;
    Rows(d, "predicate_changed",
         upstream ? fmt::format("the filter {} is written as before, and what it asks about is "
                                "computed in another way",
                                Ticked(words.as_before))
                  : fmt::format("a filter is now {}; it was {}", head, base),
         "check that the rows it now keeps and drops are the right ones");
  }

  void JudgeJoinCondition(const Difference& d, const Words& words) {
    const std::string base = Ticked(words.base), head = Ticked(words.head);
    const std::string join = d.detail.empty() ? "a join" : fmt::format("the {}", d.detail);
    const std::string_view fix = "check that the key is unique on the joined side";
    if (d.head_text.empty()) {
      return Rows(d, "join_condition_changed",
                  fmt::format("{} lost a part of its condition: {}", join, base),
                  "put it back: without it rows find more partners");
    }
    if (d.base_text.empty()) {
      return Rows(d, "join_condition_changed",
                  fmt::format("{} has a new condition: {}", join, head), std::string(fix));
    }
    const bool upstream = words.base == words.head;
    Rows(d, "join_condition_changed",
         upstream ? fmt::format("the condition of {} is written as before, and what it compares is "
                                "computed in another way",
                                join)
                  : fmt::format("{} is now on {}; it was on {}", join, head, base),
         std::string(fix));
  }

  static std::string ShortTicked(std::string_view id) { return Ticked(ShortName(id)); }

  static std::string SetOperation(const Difference& d) {
    if (!d.detail.empty() && !d.base_text.empty() && !d.head_text.empty()) {
      return fmt::format("a set operation changed: {}", d.detail);
    }
    if (d.base_text.empty())
      return fmt::format("a branch is new: {}", Ticked(Readable(d.head_text)));
    return fmt::format("a branch is gone: {}", Ticked(Readable(d.base_text)));
  }

  void Rows(const Difference& d, std::string_view rule, std::string message, std::string fix = {}) {
    if (fix.empty()) fix = "check that the model has the rows it should have";
    if (!d.where.empty()) message += fmt::format(" (in {})", Ticked(d.where));
    Report(d, rule, std::move(message), OfChangedRows(context_), std::move(fix));
  }

  // --- reporting -------------------------------------------------------------------------------

  void Report(const Difference& d, std::string_view rule, std::string message, const Impact& impact,
              std::string fix = {}) {
    Finding finding;
    finding.rule = fmt::format("lineage_diff.{}", rule);
    finding.column = d.column;
    finding.message = std::move(message);
    const Words words = WordsOf(d);
    if (!words.base.empty()) finding.base.Set("sql", words.base);
    if (!words.head.empty()) finding.head.Set("sql", words.head);
    if (!d.base_edges.empty()) finding.base.Set("from", EdgeNames(d.base_edges));
    if (!d.head_edges.empty()) finding.head.Set("from", EdgeNames(d.head_edges));
    Span before = d.base_span, after = d.head_span;
    Narrow(base_.sql, before, head_.sql, after);
    const Span place = after.empty() ? d.near : after;
    finding.location = place.empty() ? context_.LocationOf(*context_.head_node())
                                     : context_.LocationIn(*context_.head_node(), head_.sql, place);
    finding.impact = impact.All();
    AddNames(finding.evidence, "breaks", impact.breaks);
    AddNames(finding.evidence, "values_change_in", impact.values);
    AddNames(finding.evidence, "rows_change_in", impact.rows);
    finding.path = PathTo(d);
    AddSnippet(finding.evidence, "sql_before", base_.sql, before);
    AddSnippet(finding.evidence, "sql_after", head_.sql, after);
    finding.fix = std::move(fix);
    context_.Report(std::move(finding));
  }

  static void AddNames(Value& evidence, std::string_view key, const std::vector<std::string>& ids) {
    constexpr size_t kMost = 8;
    if (ids.empty()) return;
    std::vector<std::string> names;
    for (const std::string& id : ids) {
      if (names.size() == kMost) break;
      names.push_back(id.rfind("model.", 0) == 0 ? ShortName(id) : WithKind(id));
    }
    std::string text = Join(names, ", ");
    if (ids.size() > kMost) text += fmt::format(" and {} more", ids.size() - kMost);
    evidence.Set(key, text);
  }

  // The way that a value which is new under its name takes from its root.
  std::vector<PathStep> PathTo(const Difference& d) const {
    const Places before = PlacesOf(d.base_edges);
    const std::vector<Edge> fresh = Only(d.head_edges, before);
    if (d.kind != Kind::kColumnResourced || fresh.empty()) return {};
    const std::string& id = context_.head_node()->unique_id;
    for (const ProjectLineage::Origin& origin : context_.head_lineage()->Origins({id, d.column})) {
      if (origin.path.size() < 2) continue;
      const lineage::ColumnId& last = origin.path[origin.path.size() - 2];
      if (last.node != fresh[0].relation || !EqualsIgnoreCase(last.column, fresh[0].column)) {
        continue;
      }
      std::vector<PathStep> path;
      for (size_t i = 0; i < origin.path.size(); ++i) {
        const std::string how =
            i == 0 ? std::string() : std::string(lineage::ToString(origin.how[i - 1]));
        path.push_back({origin.path[i].node, origin.path[i].column, how, ""});
      }
      return path;
    }
    return {};
  }

  static Value EdgeNames(const std::vector<Edge>& edges) {
    Value names = Value::MakeArray();
    for (const Edge& edge : edges) names.Append(Name(edge));
    return names;
  }

  static void AddSnippet(Value& evidence, std::string_view key, std::string_view sql, Span span) {
    const std::string_view words = Slice(sql, span);
    if (words.empty() || words.back() == '*') return;  // a star shows nothing of its columns
    evidence.Set(key, CaretLine(sql, span));
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
  const bool same_text_;
  bool rows_explained_ = false, told_windows_ = false, branches_ = false;
  int windows_ = 0;
  std::vector<Difference> unknown_;
};

}  // namespace

void ReportDifferences(GateContext& context, const ModelLineage& base, const ModelLineage& head,
                       bool same_text) {
  Differ(context, base, head, same_text).Run();
}

}  // namespace layergate::lineage_diff

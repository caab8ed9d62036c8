// Row-count diff: counts a changed model's relation on both sides and compares.
#include "gate/gate.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"
#include "dbt/catalog.h"
#include "dbt/run_results.h"
#include "gates/row_count_diff/judge.h"
#include "gates/row_count_diff/work.h"
#include "lineage/project_lineage.h"
#include "warehouse/estimate.h"

namespace layergate {
namespace row_count_diff {
namespace {

using warehouse::FailureKind;

bool HasRelation(const dbt::Node& node) { return node.materialized != "ephemeral"; }

std::string RemedyFor(const Work& work, const Side& side, FailureKind kind) {
  bool base = &side == &work.base;
  switch (kind) {
    case FailureKind::kMissing:
      return base ? "build the base's models in that database, or say where they are with "
                    "?schema= and ?database= in LAYERGATE_BASE_URL"
                  : "build the pull request's models before this gate (dbt build --select "
                    "state:modified+), or say where they are with ?schema= in LAYERGATE_HEAD_URL";
    case FailureKind::kPermission:
      return fmt::format("let the role of {} read the relation (grant select)",
                         side.pool->target().name);
    case FailureKind::kTimeout:
      return "raise the gate's timeout_seconds in the policy, or count a window";
    case FailureKind::kConnect:
      return "check that this target can be reached: its server and port or its file, and its "
             "login";
    case FailureKind::kTransient:
      return "run it again; the database closed the connection";
    case FailureKind::kCancelled:
      return "run it again";
    case FailureKind::kNotSent:
      return "run it without --dry-run";
    case FailureKind::kSql:
      break;
  }
  return "the statement is in the evidence: run it by hand to see what the database says";
}

// A hint is labelled as what it is wherever it is shown.
std::optional<warehouse::Estimate> Hint(Work& work, const Side& side,
                                        std::chrono::milliseconds time) {
  auto estimate = warehouse::EstimateRows(*side.pool, side.place, time, work.statements);
  if (estimate) {
    work.hints.Append(Value::MakeObject({{"side", side.label},
                                         {"rows", estimate->rows},
                                         {"exactness", "estimate"},
                                         {"source", estimate->source},
                                         {"as_of", estimate->as_of}}));
  }
  return estimate;
}

// Failures of the connection or of the run rather than of one relation: when both sides met the
// same, it is said once.
bool IsOfBothSides(const Work& work) {
  const warehouse::Failure& base = work.base.failure;
  const warehouse::Failure& head = work.head.failure;
  if (!work.has_base() || work.base.counts || work.head.counts) return false;
  if (base.kind != head.kind || base.message != head.message) return false;
  return base.kind != FailureKind::kMissing && base.kind != FailureKind::kPermission &&
         base.kind != FailureKind::kSql;
}

void CannotCount(Work& work, const Side& side) {
  FailureKind kind = side.failure.kind;
  std::string code =
      kind == FailureKind::kCancelled ? "interrupted" : std::string(warehouse::ToString(kind));
  std::string what =
      kind == FailureKind::kConnect
          ? fmt::format("no connection to the {} side", side.label)
          : fmt::format("the {} relation {} was not counted", side.label, Printable(side.relation));
  if (IsOfBothSides(work) && kind != FailureKind::kConnect) {
    what = fmt::format("{} and {} were not counted", Printable(work.base.relation),
                       Printable(work.head.relation));
  }
  std::string size;
  if (kind == FailureKind::kTimeout) {
    auto estimate = Hint(work, side, std::chrono::seconds(3));
    if (estimate) size = fmt::format(" (it has {})", warehouse::Words(*estimate));
  }
  work.context.CannotTell(code, fmt::format("{}: {}{}", what, side.failure.message, size),
                          RemedyFor(work, side, kind), {},
                          Value::MakeObject({{"statements", Value::FromStrings(work.statements)},
                                             {"sqlstate", side.failure.sqlstate},
                                             {"hints", work.hints}}));
}

std::vector<Side*> SidesOf(Work& work) {
  if (!work.has_base()) return {&work.head};
  return {&work.base, &work.head};
}

// Step 1: which sides there are to count. False when the question has been answered already.
bool FindSides(Work& work) {
  GateContext& context = work.context;
  work.base.label = "base";
  work.head.label = "head";
  work.head.node = context.head_node();
  work.base.node = context.base_node();
  if (!work.head.node) {
    context.NotApplicable("the model is removed: there is nothing to count on the head side");
    return false;
  }
  if (!HasRelation(*work.head.node)) {
    context.NotApplicable("ephemeral: the model has no relation of its own to count");
    return false;
  }
  if (work.base.node && !HasRelation(*work.base.node)) work.base.node = nullptr;
  if (!context.base_pool() || !context.head_pool()) {
    context.CannotTell("no_connection", "no connection: " + context.no_connection_reason(),
                       "set LAYERGATE_BASE_URL and LAYERGATE_HEAD_URL, or take the gate out of "
                       "the layer's policy");
    return false;
  }
  work.base.pool = context.base_pool();
  work.head.pool = context.head_pool();
  work.base.catalog = context.base_catalog();
  work.head.catalog = context.head_catalog();
  for (Side* side : {&work.base, &work.head}) {
    if (!side->node) continue;
    side->place = RelationOf(*side->pool, *side->node);
    side->relation = side->pool->Quote(side->place).sql;
    if (side->relation.empty()) {
      context.CannotTell("bad_relation_name",
                         fmt::format("the name of the {} relation is empty, too long for the "
                                     "database or holds a NUL",
                                     side->label),
                         "check database, schema and alias of the model in the manifest");
      return false;
    }
  }
  return true;
}

// Step 2: comparing a relation with itself always agrees, and proves nothing.
bool AreDifferent(Work& work) {
  if (!work.has_base() || work.base.relation != work.head.relation ||
      !SameTarget(*work.base.pool, *work.head.pool)) {
    return true;
  }
  work.context.CannotTell(
      "same_relation",
      fmt::format("both sides are the same relation {} in the same database: it would be compared "
                  "with itself",
                  Printable(work.head.relation)),
      "build the pull request into a schema of its own (not --defer or a clone onto prod), and "
      "name it with ?schema= in LAYERGATE_HEAD_URL");
  return false;
}

// A build without rows, or with a sample of them, is no build to count.
bool HoldsAllRows(Work& work) {
  const dbt::RunResults* run = work.context.run_results();
  if (!run || !run->Find(work.head.node->unique_id)) return true;
  if (run->empty) {
    work.context.CannotTell("empty_build", "dbt built the pull request with --empty: no rows",
                            "build it with data before this gate");
    return false;
  }
  if (!run->sample.empty() && work.context.Option("window").empty()) {
    work.context.CannotTell(
        "sampled",
        fmt::format("dbt built the pull request with --sample {}: a sample is no count",
                    Printable(run->sample)),
        "give the gate a window that lies inside the sample, or build without --sample");
    return false;
  }
  return true;
}

std::string WindowCondition(const Window& window, const Side& side, std::string_view column) {
  std::vector<std::string> parts;
  if (!window.from.empty()) {
    parts.push_back(fmt::format("{} >= {}", column, side.pool->QuoteText(window.from).sql));
  }
  if (!window.to.empty()) {
    parts.push_back(fmt::format("{} {} {}", column, window.to_inclusive ? "<=" : "<",
                                side.pool->QuoteText(window.to).sql));
  }
  return Join(parts, " and ");
}

// Asks one side for bounds of the window's column: one row of `width` cells. False when that was
// not answered, which is said. A dry run goes on with placeholders.
bool AskBounds(Work& work, Side& side, const std::string& columns, size_t width,
               std::vector<std::string>& bounds) {
  std::string sql = fmt::format("select {} from {} as t", columns, side.relation);
  work.statements.push_back(sql);
  warehouse::Answer answer = side.pool->Run(sql, work.context.TimeLeft());
  if (!answer && answer.failure.kind == FailureKind::kNotSent) {
    bounds.assign(width, "9999-12-31");
    return true;
  }
  if (!answer) {
    side.failure = answer.failure;
    CannotCount(work, side);
    return false;
  }
  const auto& rows = answer.rows->rows;
  bool there = rows.size() == 1 && rows[0].cells.size() == width;
  for (size_t i = 0; there && i < width; ++i) there = rows[0].cells[i].has_value();
  if (!there) {
    work.context.CannotTell("empty_window",
                            fmt::format("the window has no end: `{}` of the {} relation holds no "
                                        "value",
                                        Printable(work.window->column), side.label),
                            "give the window a `to`, or check that the relation is filled");
    return false;
  }
  for (const auto& cell : rows[0].cells) {
    if (IsBound(*cell)) {
      bounds.push_back(*cell);
      continue;
    }
    work.context.CannotTell("bad_window",
                            fmt::format("`{}` does not hold dates: its latest value is `{}`",
                                        Printable(work.window->column), Printable(*cell)),
                            "choose a date or timestamp column, or give from and to");
    return false;
  }
  return true;
}

// The end of a window of "the last N days" is the latest value of the base side: what the head has
// beyond it came after prod's last run.
bool FindLastDays(Work& work) {
  Window& window = *work.window;
  if (window.to.empty()) {
    Side& side = work.has_base() ? work.base : work.head;
    std::vector<std::string> bounds;
    std::string columns = fmt::format("max({}) as latest", ColumnSql(side, window.column));
    if (!AskBounds(work, side, columns, 1, bounds)) return false;
    window.to = bounds[0];
    window.to_inclusive = true;
  }
  window.from = DaysBefore(window.to, window.last_days);
  if (!window.from.empty()) return true;
  work.context.CannotTell("bad_window",
                          fmt::format("`{}` does not hold dates: its latest value is `{}`",
                                      Printable(window.column), Printable(window.to)),
                          "choose a date or timestamp column, or give from and to");
  return false;
}

// What both sides hold: from the later beginning to the earlier end.
bool FindOverlap(Work& work) {
  Window& window = *work.window;
  window.to_inclusive = true;
  for (Side* side : SidesOf(work)) {
    std::vector<std::string> bounds;
    std::string column = ColumnSql(*side, window.column);
    std::string columns = fmt::format("min({0}) as earliest, max({0}) as latest", column);
    if (!AskBounds(work, *side, columns, 2, bounds)) return false;
    if (window.from.empty() || IsBefore(window.from, bounds[0])) window.from = bounds[0];
    if (window.to.empty() || IsBefore(bounds[1], window.to)) window.to = bounds[1];
  }
  if (!IsBefore(window.to, window.from)) return true;
  work.context.CannotTell(
      "empty_window",
      fmt::format("base and head have no time of `{}` in common", Printable(window.column)),
      "build the pull request over a time that production holds");
  return false;
}

// Step 3: the same slice of time on both sides.
bool FindWindow(Work& work) {
  Result<std::optional<Window>> read = ReadWindow(work.context.Option("window"), *work.head.node);
  if (!read) {
    work.context.CannotTell("bad_window", read.error().message, read.error().remedy);
    return false;
  }
  work.window = *read;
  if (!work.window) return true;
  if (work.window->last_days > 0 && !FindLastDays(work)) return false;
  if (work.window->overlap && !FindOverlap(work)) return false;
  for (Side* side : SidesOf(work)) {
    side->where = WindowCondition(*work.window, *side, ColumnSql(*side, work.window->column));
  }
  return true;
}

// A layer's list names columns that not every model of it has. Where nothing is known of a model's
// columns the database is asked, and says so.
bool MayHaveColumn(const Work& work, std::string_view column) {
  if (work.head.node->FindColumn(column) || HasCatalogColumn(work.head, column)) return true;
  if (work.head.catalog && work.head.catalog->Find(work.head.node->unique_id)) return false;
  const auto* lineage = work.context.head_lineage();
  auto names = lineage ? lineage->Columns(work.head.node->unique_id) : std::nullopt;
  if (!names) return work.head.node->columns.empty();
  return std::any_of(names->begin(), names->end(),
                     [&](const std::string& name) { return EqualsIgnoreCase(name, column); });
}

// The numbers that the policy asks for, by column: {amount: [sum, nulls]}.
bool FindMeasures(Work& work) {
  using Kind = ColumnMeasure::Kind;
  for (const auto& [column, kinds] : work.context.Option("columns").members()) {
    for (const Value& kind : kinds.items()) {
      std::string_view word = kind.AsString();
      bool known = word == "nulls" || word == "distinct" || word == "sum";
      if (!known) {
        work.context.CannotTell(
            "bad_option",
            fmt::format("the option columns.{} asks for `{}`, which is not one of nulls, distinct, "
                        "sum",
                        Printable(column), Printable(word)),
            "write columns: {amount: [sum, nulls], customer_id: [distinct]}");
        return false;
      }
      Kind what = word == "nulls" ? Kind::kNulls : word == "sum" ? Kind::kSum : Kind::kDistinct;
      if (MayHaveColumn(work, column)) {
        for (Side* side : SidesOf(work)) side->measures.push_back({column, what});
      }
    }
  }
  return true;
}

// Step 4: a scan that would be too dear is not begun. Statistics decide about that and about
// nothing else.
bool IsAffordable(Work& work) {
  int64_t limit = work.context.OptionInt("max_rows");
  if (limit <= 0 || work.window) return true;
  for (Side* side : SidesOf(work)) {
    auto estimate = Hint(work, *side, work.context.TimeLeft());
    if (!estimate || estimate->rows <= limit) continue;
    work.context.CannotTell(
        "too_large",
        fmt::format("the {} relation {} was not counted: it has {}, and max_rows is {}",
                    side->label, Printable(side->relation), warehouse::Words(*estimate),
                    WithThousands(limit)),
        "count a window, or raise max_rows in the policy: an estimate never stands for a count", {},
        Value::MakeObject(
            {{"statements", Value::FromStrings(work.statements)}, {"hints", work.hints}}));
    return false;
  }
  return true;
}

void SetKeys(Work& work, Side& side) {
  side.keys.clear();
  if (!work.key) return;
  for (const std::string& column : work.key->columns) {
    std::string sql = ColumnSql(side, column);
    if (!sql.empty()) side.keys.push_back(sql);
  }
}

// What a dry run shows: everything that would be sent, with the proof that only a repeated key asks
// for.
void ShowStatements(Work& work) {
  if (!work.head.keys.empty()) work.statements.push_back(HistogramSql(work.head));
  work.context.CannotTell("dry_run", "a dry run sends nothing", "run it without --dry-run", {},
                          Value::MakeObject({{"statements", Value::FromStrings(work.statements)}}));
}

// A column that one side does not have must not keep its rows from being counted.
void CountWithoutColumns(Work& work, Side& side) {
  warehouse::Failure with_columns = side.failure;
  bool had_measures = !side.measures.empty();
  bool had_keys = !side.keys.empty();
  side.measures.clear();
  if (had_measures) Count({&side}, work.context, work.statements);
  if (!side.counts && had_keys) {
    side.keys.clear();
    Count({&side}, work.context, work.statements);
  }
  // What base does not have yet is new; what head lacks is said.
  if (!side.counts || &side != &work.head) return;
  if (had_keys && side.keys.empty()) {
    work.context.CannotTell(
        "missing_key",
        fmt::format("the key ({}) of {} was not checked: {}", Join(work.key->columns, ", "),
                    work.key->source, with_columns.message),
        "name existing columns in the option `key`, or correct the declaration");
  } else {
    work.context.CannotTell(
        "missing_column",
        fmt::format("the option `columns` was not checked: {}", with_columns.message),
        "name existing columns in the option `columns`");
  }
}

// Step 5: counts.
bool CountSides(Work& work) {
  work.key = FindKey(work.context, *work.head.node);
  for (Side* side : SidesOf(work)) SetKeys(work, *side);
  Count(SidesOf(work), work.context, work.statements);
  if (work.head.failure.kind == FailureKind::kNotSent) {
    ShowStatements(work);
    return false;
  }
  for (Side* side : SidesOf(work)) {
    bool named_columns = !side->keys.empty() || !side->measures.empty();
    if (side->counts || !named_columns || side->failure.kind != FailureKind::kMissing) continue;
    CountWithoutColumns(work, *side);
  }
  bool counted = true;
  for (Side* side : SidesOf(work)) {
    if (side->counts) continue;
    if (counted || !IsOfBothSides(work)) CannotCount(work, *side);
    counted = false;
  }
  return counted;
}

void Measure(Work& work) {
  Value measured = Value::MakeObject();
  if (work.has_base()) measured.Set("base", CountsValue(*work.base.counts, work.base.measures));
  measured.Set("head", CountsValue(*work.head.counts, work.head.measures));
  work.context.Measured(std::move(measured));
}

class RowCountDiff final : public Gate {
 public:
  const GateInfo& info() const override { return info_; }

  void Run(GateContext& context) const override {
    Work work(context);
    bool counted = FindSides(work) && AreDifferent(work) && HoldsAllRows(work) &&
                   FindWindow(work) && FindMeasures(work) && IsAffordable(work) && CountSides(work);
    if (!counted) return;
    Measure(work);
    Judge(work);
  }

 private:
  GateInfo info_ = {
      .id = "row_count_diff",
      .title = "Row-count diff",
      .summary =
          "Counts each changed model in production and in the pull request's build, and "
          "proves multiplied keys",
      .resource_types = {"model", "seed", "snapshot"},
      .needs = {Evidence::kHeadManifest, Evidence::kWarehouse},
      .uses = {Evidence::kBaseManifest, Evidence::kCatalog, Evidence::kCompiledSql,
               Evidence::kRunResults},
      .rules = {{"row_count_diff.change", "the number of rows moved by more than the layer allows"},
                {"row_count_diff.empty_base",
                 "production has no rows, so that nothing can be compared"},
                {"row_count_diff.empty_head", "every row is gone"},
                {"row_count_diff.empty_new", "a new model has no rows", "warn"},
                {"row_count_diff.key_multiplied", "a key that was unique occurs several times"},
                {"row_count_diff.key_null", "rows have lost their key"},
                {"row_count_diff.column_drift",
                 "nulls, values or the sum of a column moved by more than the layer allows",
                 "warn"}},
      .options = {
          {"up", "percent", "10%", "how much the count may grow"},
          {"down", "percent", "10%", "how much the count may shrink"},
          {"min_rows", "integer", "0", "differences of so many rows or fewer are never reported"},
          {"window", "map", "{}",
           "count a slice of time: {column, last: 7 days}, {column, from, to} or {column, "
           "overlap}"},
          {"key", "list", "[]", "columns that identify a row, when the project declares none"},
          {"columns", "map", "{}",
           "numbers to compare as well: {amount: [sum, nulls], customer_id: [distinct]}"},
          {"drift", "percent", "10%", "how much those numbers may move"},
          {"max_rows", "integer", "0",
           "relations that statistics call larger are not counted without a window; 0: any size"}}};
};

}  // namespace
}  // namespace row_count_diff

std::unique_ptr<Gate> Make_row_count_diff() {
  return std::make_unique<row_count_diff::RowCountDiff>();
}

}  // namespace layergate

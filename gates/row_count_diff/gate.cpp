// Row-count diff: counts a changed model's relation on both sides and compares.
#include "gate/gate.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "core/text.h"
#include "gates/row_count_diff/keys.h"
#include "gates/row_count_diff/measure.h"
#include "gates/row_count_diff/window.h"
#include "lineage/project_lineage.h"

namespace layergate {
namespace row_count_diff {
namespace {

using warehouse::FailureKind;

// What one run has learnt, from step to step.
struct Work {
  explicit Work(GateContext& c) : context(c) {}

  GateContext& context;
  Side base, head;
  std::optional<Window> window;
  std::optional<Key> key;
  std::vector<std::string> statements;
  std::vector<Multiplicity> histogram;

  bool has_base() const { return base.node != nullptr; }
};

bool HasRelation(const dbt::Node& node) { return node.materialized != "ephemeral"; }

std::string Rows(long long count) { return WithThousands(count) + (count == 1 ? " row" : " rows"); }

// +100%, -12.5%
std::string Change(long long base, long long head) {
  double percent = 100.0 * static_cast<double>(head - base) / static_cast<double>(base);
  std::string text = fmt::format("{:+.1f}", percent);
  if (text.size() > 2 && text.substr(text.size() - 2) == ".0") text.resize(text.size() - 2);
  return text + "%";
}

std::string Percent(double share) { return fmt::format("{:g}%", std::round(share * 1e4) / 100); }

Value CountsValue(const Counts& counts) {
  Value value = Value::MakeObject({{"rows", counts.rows}});
  if (counts.has_keys()) {
    value.Set("keys", *counts.distinct_keys);
    value.Set("rows_without_key", counts.rows - *counts.keyed);
  }
  return value;
}

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
      return "check the server, the port and the login of this target (layergate doctor)";
    case FailureKind::kTransient:
      return "run it again; the database closed the connection";
    case FailureKind::kCancelled:
      return "run it again";
    case FailureKind::kSql:
      break;
  }
  return "the statement is in the evidence: run it by hand to see what the database says";
}

Value Statements(const Work& work) { return Value::FromStrings(work.statements); }

void CannotCount(Work& work, const Side& side) {
  FailureKind kind = side.failure.kind;
  std::string code =
      kind == FailureKind::kCancelled ? "interrupted" : std::string(warehouse::ToString(kind));
  std::string what =
      kind == FailureKind::kConnect
          ? fmt::format("no connection to the {} side", side.label)
          : fmt::format("the {} relation {} was not counted", side.label, Printable(side.relation));
  work.context.CannotTell(
      code, fmt::format("{}: {}", what, side.failure.message), RemedyFor(work, side, kind), {},
      Value::MakeObject({{"statements", Statements(work)}, {"sqlstate", side.failure.sqlstate}}));
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
    side->relation = RelationSql(*side->pool, *side->node);
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

// The end of a window of "the last N days" is the latest value of the base side: what the head has
// beyond it came after prod's last run.
bool FindEnd(Work& work) {
  Window& window = *work.window;
  Side& side = work.has_base() ? work.base : work.head;
  std::string sql = fmt::format("select max({}) as latest from {} as t",
                                ColumnSql(side, window.column), side.relation);
  work.statements.push_back(sql);
  warehouse::Answer answer = side.pool->Run(sql, work.context.TimeLeft());
  if (!answer) {
    side.failure = answer.failure;
    CannotCount(work, side);
    return false;
  }
  bool one = answer.rows->rows.size() == 1 && answer.rows->rows[0].cells.size() == 1;
  if (!one || !answer.rows->rows[0].cells[0]) {
    work.context.CannotTell("empty_window",
                            fmt::format("the window has no end: `{}` of the {} relation holds no "
                                        "value",
                                        Printable(window.column), side.label),
                            "give the window a `to`, or check that the relation is filled");
    return false;
  }
  window.to = *answer.rows->rows[0].cells[0];
  window.to_inclusive = true;
  return true;
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
  Window& window = *work.window;
  if (window.last_days > 0) {
    if (window.to.empty() && !FindEnd(work)) return false;
    window.from = DaysBefore(window.to, window.last_days);
    if (window.from.empty()) {
      work.context.CannotTell("bad_window",
                              fmt::format("`{}` does not hold dates: its latest value is `{}`",
                                          Printable(window.column), Printable(window.to)),
                              "choose a date or timestamp column, or give from and to");
      return false;
    }
  }
  for (Side* side : {&work.base, &work.head}) {
    if (side->node) side->where = WindowCondition(window, *side, ColumnSql(*side, window.column));
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

std::vector<Side*> SidesOf(Work& work) {
  if (!work.has_base()) return {&work.head};
  return {&work.base, &work.head};
}

// Step 4: counts. A key that the base side does not have yet must not keep its rows from being
// counted; a key that the head side lacks is said.
bool CountSides(Work& work) {
  work.key = FindKey(work.context, *work.head.node);
  for (Side* side : SidesOf(work)) SetKeys(work, *side);
  Count(SidesOf(work), work.context, work.statements);
  for (Side* side : SidesOf(work)) {
    if (side->counts || side->keys.empty() || side->failure.kind != FailureKind::kMissing) continue;
    warehouse::Failure with_keys = side->failure;
    std::vector<std::string> keys = std::move(side->keys);
    side->keys.clear();
    Count({side}, work.context, work.statements);
    if (side->counts && side == &work.head) {
      work.context.CannotTell(
          "missing_key",
          fmt::format("the key ({}) of {} was not checked: {}", Join(work.key->columns, ", "),
                      work.key->source, with_keys.message),
          "name existing columns in the option `key`, or correct the declaration");
    }
  }
  bool counted = true;
  std::string said;
  for (Side* side : SidesOf(work)) {
    if (side->counts) continue;
    counted = false;
    if (side->failure.kind == FailureKind::kConnect && side->failure.message == said) continue;
    said = side->failure.message;
    CannotCount(work, *side);
  }
  return counted;
}

// The joins of the head's SQL that the base's does not have: the usual suspects.
struct Suspects {
  std::vector<std::string> joins;
  std::optional<Location> location;
};
Suspects NewJoins(const Work& work) {
  Suspects suspects;
  const auto* lineage = work.context.head_lineage();
  if (!lineage) return suspects;
  const lineage::ModelLineage& head = lineage->Model(work.head.node->unique_id);
  if (!head.unavailable.empty()) return suspects;
  std::vector<lineage::RowSetFact> before;
  if (work.context.base_lineage() && work.has_base()) {
    before = work.context.base_lineage()->Model(work.base.node->unique_id).statement.row_set;
  }
  for (const lineage::RowSetFact& fact : head.statement.row_set) {
    if (fact.kind != "join") continue;
    if (std::find(before.begin(), before.end(), fact) != before.end()) continue;
    suspects.joins.push_back(fact.text);
    if (!suspects.location) {
      suspects.location = work.context.LocationIn(*work.head.node, head.sql, fact.span);
    }
  }
  return suspects;
}

std::string JoinHint(const Suspects& suspects) {
  if (suspects.joins.empty()) return {};
  return fmt::format(
      "; new in this change: `{}`{}", Printable(suspects.joins[0]),
      suspects.joins.size() > 1 ? fmt::format(" and {} more", suspects.joins.size() - 1) : "");
}

Value Evidence(const Work& work, const Suspects& suspects) {
  Value evidence = Value::MakeObject({{"statements", Statements(work)}, {"exactness", "exact"}});
  if (work.window) {
    const Window& window = *work.window;
    evidence.Set("window", Value::MakeObject({{"column", window.column},
                                              {"from", window.from},
                                              {"to", window.to},
                                              {"to_inclusive", window.to_inclusive}}));
  }
  if (work.key) {
    evidence.Set("key", Value::MakeObject({{"columns", Value::FromStrings(work.key->columns)},
                                           {"declared_by", work.key->source}}));
  }
  if (!work.histogram.empty()) {
    Value lines = Value::MakeArray();
    for (const Multiplicity& line : work.histogram) {
      lines.Append(Value::MakeObject({{"times", line.times}, {"keys", line.keys}}));
    }
    evidence.Set("keys_by_times", std::move(lines));
  }
  if (!suspects.joins.empty()) evidence.Set("new_joins", Value::FromStrings(suspects.joins));
  return evidence;
}

std::string WindowWords(const Work& work) {
  if (!work.window) return {};
  const Window& window = *work.window;
  std::string words = fmt::format(" (where {}", Printable(window.column));
  if (!window.from.empty()) words += " from " + window.from;
  if (!window.to.empty()) {
    words +=
        fmt::format(" {} {}", window.to_inclusive ? "through" : "to before", Printable(window.to));
  }
  return words + ")";
}

void Report(Work& work, std::string rule, std::string message, std::string fix,
            const Suspects& suspects, std::string column = {}) {
  Finding finding;
  finding.rule = std::move(rule);
  finding.column = std::move(column);
  finding.message = std::move(message);
  if (work.has_base()) finding.base = CountsValue(*work.base.counts);
  finding.head = CountsValue(*work.head.counts);
  finding.evidence = Evidence(work, suspects);
  finding.fix = std::move(fix);
  finding.location = suspects.location;
  work.context.Report(std::move(finding));
}

// Step 5: what the counts say.
void JudgeRows(Work& work, const Suspects& suspects) {
  long long head = work.head.counts->rows;
  std::string where = WindowWords(work);
  if (!work.has_base()) {
    if (head > 0) return;
    Report(work, "row_count_diff.empty_new", fmt::format("the new model has no rows{}", where),
           "check the model's filters and joins against data that it should select", {});
    return;
  }
  long long base = work.base.counts->rows;
  if (base == 0 && head == 0) {
    work.context.CannotTell("both_empty",
                            fmt::format("both sides have no rows{}: nothing was compared", where),
                            "build both sides with data (dbt's --empty gives none), or choose a "
                            "window that holds rows",
                            {}, Evidence(work, {}));
    return;
  }
  if (base == 0) {
    Report(
        work, "row_count_diff.empty_base",
        fmt::format("base has no rows and head has {}{}: there is nothing to compare with",
                    WithThousands(head), where),
        "check that LAYERGATE_BASE_URL leads to the database in use and that its model is built; "
        "waive this with an expiry if production is really empty",
        {});
    return;
  }
  if (head == 0) {
    Report(work, "row_count_diff.empty_head", fmt::format("all {} are gone{}", Rows(base), where),
           "look for a filter or an inner join that matches nothing, and for a build with --empty "
           "or of an empty source",
           suspects);
    return;
  }
  if (std::llabs(head - base) <= work.context.OptionInt("min_rows")) return;
  double change = static_cast<double>(head - base) / static_cast<double>(base);
  double limit = work.context.OptionPercent(change > 0 ? "up" : "down");
  if (std::fabs(change) <= limit) return;
  Report(work, "row_count_diff.change",
         fmt::format("{} became {}{}: {}, and {}{} is allowed{}", Rows(base), WithThousands(head),
                     where, Change(base, head), change > 0 ? "+" : "-", Percent(limit),
                     change > 0 ? JoinHint(suspects) : std::string()),
         change > 0
             ? "find the join that matches several rows per row, or waive the change with the "
               "reason if more rows are meant"
             : "find the filter or the inner join that drops rows, or waive the change with "
               "the reason if fewer rows are meant",
         suspects);
}

std::string Times(long long times) {
  return times == 2 ? std::string("twice") : fmt::format("{} times", WithThousands(times));
}

// "every key exactly twice: 20,000 of 20,000"
std::string HistogramWords(const Work& work) {
  if (work.histogram.empty()) return "how often each repeats was not counted";
  long long keys = *work.head.counts->distinct_keys;
  if (work.histogram.size() == 1 && work.histogram[0].keys == keys) {
    return fmt::format("every key exactly {}: {} of {}", Times(work.histogram[0].times),
                       WithThousands(keys), WithThousands(keys));
  }
  long long once = 0;
  std::string words;
  for (const Multiplicity& line : work.histogram) {
    if (line.times == 1) {
      once = line.keys;
      continue;
    }
    words += fmt::format("{}{} {} {}", words.empty() ? "" : ", ", WithThousands(line.keys),
                         line.keys == 1 ? "key" : "keys", Times(line.times));
  }
  return fmt::format("{} of {} keys more than once ({})", WithThousands(keys - once),
                     WithThousands(keys), words);
}

// Step 6: a key that was unique and is not any more proves the fan-out, whatever the counts say:
// doubling and filtering can cancel each other out.
void JudgeKeys(Work& work, const Suspects& suspects) {
  const Counts& head = *work.head.counts;
  if (!head.has_keys() || head.repeated() == 0) return;
  if (work.has_base() && work.base.counts->repeated() > 0) return;
  auto histogram = Histogram(work.head, work.context, work.statements);
  if (histogram) work.histogram = *histogram;
  std::string key = Join(work.key->columns, ", ");
  std::string before = !work.has_base()               ? "in this new model"
                       : work.base.counts->has_keys() ? "any more"
                                                      : "in head, and base does not have it";
  Report(work, "row_count_diff.key_multiplied",
         fmt::format("the key ({}) of {} is not unique {}: {}{}", key, work.key->source, before,
                     HistogramWords(work), JoinHint(suspects)),
         "join to one row per key: aggregate or deduplicate the joined side first, or complete the "
         "join condition",
         suspects, work.key->columns.size() == 1 ? work.key->columns[0] : std::string());
}

void Measure(Work& work) {
  Value measured = Value::MakeObject();
  if (work.has_base()) measured.Set("base", CountsValue(*work.base.counts));
  measured.Set("head", CountsValue(*work.head.counts));
  work.context.Measured(std::move(measured));
}

class RowCountDiff final : public Gate {
 public:
  const GateInfo& info() const override { return info_; }

  void Run(GateContext& context) const override {
    Work work(context);
    if (!FindSides(work) || !AreDifferent(work) || !FindWindow(work) || !CountSides(work)) return;
    Measure(work);
    Suspects suspects = NewJoins(work);
    JudgeRows(work, suspects);
    JudgeKeys(work, suspects);
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
      .uses = {Evidence::kBaseManifest, Evidence::kCatalog, Evidence::kCompiledSql},
      .rules = {{"row_count_diff.change", "the number of rows moved by more than the layer allows"},
                {"row_count_diff.empty_base",
                 "production has no rows, so that nothing can be compared"},
                {"row_count_diff.empty_head", "every row is gone"},
                {"row_count_diff.empty_new", "a new model has no rows", "warn"},
                {"row_count_diff.key_multiplied", "a key that was unique occurs several times"}},
      .options = {
          {"up", "percent", "10%", "how much the count may grow"},
          {"down", "percent", "10%", "how much the count may shrink"},
          {"min_rows", "integer", "0", "differences of so many rows or fewer are never reported"},
          {"window", "map", "{}",
           "count a slice of time: {column, last: 7 days} or {column, from, to}"},
          {"key", "list", "[]", "columns that identify a row, when the project declares none"}}};
};

}  // namespace
}  // namespace row_count_diff

std::unique_ptr<Gate> Make_row_count_diff() {
  return std::make_unique<row_count_diff::RowCountDiff>();
}

}  // namespace layergate

#include "gates/row_count_diff/judge.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "core/text.h"
#include "gates/row_count_diff/found_key.h"
#include "lineage/project_lineage.h"

namespace layergate::row_count_diff {
namespace {

std::string Rows(long long count) { return WithThousands(count) + (count == 1 ? " row" : " rows"); }

// +100%, -12.5%
std::string Change(long long base, long long head) {
  double percent = 100.0 * static_cast<double>(head - base) / static_cast<double>(base);
  std::string text = fmt::format("{:+.1f}", percent);
  if (text.size() > 2 && text.substr(text.size() - 2) == ".0") text.resize(text.size() - 2);
  return text + "%";
}

std::string Percent(double share) { return fmt::format("{:g}%", std::round(share * 1e4) / 100); }

Value Statements(const Work& work) { return Value::FromStrings(work.statements); }

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
  if (!work.hints.empty()) evidence.Set("hints", work.hints);
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
  if (work.has_base()) finding.base = CountsValue(*work.base.counts, work.base.measures);
  finding.head = CountsValue(*work.head.counts, work.head.measures);
  finding.evidence = Evidence(work, suspects);
  finding.fix = std::move(fix);
  finding.location = suspects.location;
  work.context.Report(std::move(finding));
}

// Base has grown run by run, head was most likely built at once.
bool IsIncremental(const Work& work) {
  return !work.window && work.head.node->materialized == "incremental";
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
         : IsIncremental(work)
             ? "an incremental model keeps rows that its sources have lost, and a full "
               "refresh does not: give a window, or find the filter or the inner join that "
               "drops rows"
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

double RowsPerKey(const Counts& counts) {
  return static_cast<double>(*counts.keyed) / static_cast<double>(*counts.distinct_keys);
}

// How many rows may be odd in head when so many are odd in base: as many more as there are rows
// more, the layer's margin, and what chance adds (three standard deviations of a count). One double
// delivery in production must not hide a fan-out of a thousand keys.
double AllowedAsBefore(const Work& work, long long odd_in_base) {
  const Counts& base = *work.base.counts;
  const Counts& head = *work.head.counts;
  auto odd = static_cast<double>(odd_in_base);
  double growth =
      base.rows == 0
          ? 1.0
          : std::max(1.0, static_cast<double>(head.rows) / static_cast<double>(base.rows));
  return odd * growth * (1 + work.context.OptionPercent("up")) + 3 * std::sqrt(odd);
}

// A key that repeats in base is not this pull request's doing, unless it repeats more in head.
bool RepeatsAsBefore(const Work& work) {
  if (!work.has_base() || !work.base.counts->has_keys()) return false;
  long long before = work.base.counts->repeated();
  if (before == 0) return false;
  double limit = 1 + work.context.OptionPercent("up");
  return RowsPerKey(*work.head.counts) <= RowsPerKey(*work.base.counts) * limit &&
         static_cast<double>(work.head.counts->repeated()) <= AllowedAsBefore(work, before);
}

// Step 6: a key that was unique and is not any more proves the fan-out, whatever the counts say:
// doubling and filtering can cancel each other out.
void JudgeKeys(Work& work, const Suspects& suspects) {
  const Counts& head = *work.head.counts;
  if (!head.has_keys() || head.repeated() == 0) return;
  if (RepeatsAsBefore(work)) return;
  auto histogram = Histogram(work.head, work.context, work.statements);
  if (histogram) work.histogram = *histogram;
  std::string key = Join(work.key->columns, ", ");
  std::string before = !work.has_base()                    ? "in this new model"
                       : !work.base.counts->has_keys()     ? "in head, and base does not have it"
                       : work.base.counts->repeated() == 0 ? "any more"
                                                           : "and repeats more than in base";
  std::string what =
      work.key->found
          ? fmt::format(
                "{} is declared nowhere and occurs once in each of the {} of base, and is "
                "not unique any more",
                key, Rows(work.base.counts->rows))
          : fmt::format("the key ({}) of {} is not unique {}", key, work.key->source, before);
  Report(work, "row_count_diff.key_multiplied",
         fmt::format("{}: {}{}", what, HistogramWords(work), JoinHint(suspects)),
         "join to one row per key: aggregate or deduplicate the joined side first, or complete the "
         "join condition",
         suspects, work.key->columns.size() == 1 ? work.key->columns[0] : std::string());
}

// Step 7: rows without a key cannot be found again, and no check of uniqueness sees them.
void JudgeNullKeys(Work& work, const Suspects& suspects) {
  const Counts& head = *work.head.counts;
  if (!head.has_keys() || head.rows == *head.keyed) return;
  long long without = head.rows - *head.keyed;
  std::string key = Join(work.key->columns, ", ");
  std::string before;
  if (!work.has_base()) {
    if (*head.keyed > 0) return;  // some may be meant to have none; a key that nobody has is no key
  } else {
    if (!work.base.counts->has_keys()) return;
    long long without_before = work.base.counts->rows - *work.base.counts->keyed;
    if (static_cast<double>(without) <= AllowedAsBefore(work, without_before)) return;
    before = without_before == 0 ? ", and none in base"
                                 : fmt::format(", and {} in base", WithThousands(without_before));
  }
  Report(work, "row_count_diff.key_null",
         fmt::format("the key ({}) of {} is null in {} of {}{}{}", key, work.key->source,
                     WithThousands(without), Rows(head.rows), before, JoinHint(suspects)),
         "look for an outer join whose other side now gives the key, and for an expression that "
         "became null; if such rows are meant, take the column out of the key",
         suspects, work.key->columns.size() == 1 ? work.key->columns[0] : std::string());
}

// Step 8: numbers of columns that the policy asks for.
std::optional<double> DriftOf(const ColumnMeasure& measure, const Counts& base, const Counts& head,
                              size_t i) {
  if (i >= base.measures.size() || i >= head.measures.size()) return std::nullopt;
  if (base.rows == 0 || head.rows == 0) return std::nullopt;
  // A sum is null when no row has a value: from all to nothing, or back.
  if (base.measures[i].has_value() != head.measures[i].has_value()) {
    return head.measures[i] ? 1 : -1;
  }
  if (!base.measures[i]) return std::nullopt;
  double before = *base.measures[i];
  double after = *head.measures[i];
  if (measure.kind == ColumnMeasure::Kind::kNulls) {
    // Shares of all rows, so that more rows alone are no drift.
    return before / static_cast<double>(base.rows) - after / static_cast<double>(head.rows);
  }
  if (before == 0) return after == 0 ? 0 : std::optional<double>(1);
  return (after - before) / std::fabs(before);
}

std::string DriftWords(const ColumnMeasure& measure, const Counts& base, const Counts& head,
                       size_t i, double drift) {
  if (measure.kind == ColumnMeasure::Kind::kNulls) {
    auto share = [&](const Counts& counts) {
      return Percent(1 - *counts.measures[i] / static_cast<double>(counts.rows));
    };
    return fmt::format("the share of nulls of `{}` went from {} to {}", Printable(measure.column),
                       share(base), share(head));
  }
  std::string what = measure.kind == ColumnMeasure::Kind::kSum ? "the sum of `{}`"
                                                               : "the number of values of `{}`";
  auto number = [](const std::optional<double>& value) {
    return value ? fmt::format("{}", *value) : std::string("null (no row has a value)");
  };
  return fmt::format(
      "{} went from {} to {} ({}{})", fmt::format(fmt::runtime(what), Printable(measure.column)),
      number(base.measures[i]), number(head.measures[i]), drift > 0 ? "+" : "", Percent(drift));
}

void JudgeColumns(Work& work) {
  if (!work.has_base()) return;
  double limit = work.context.OptionPercent("drift");
  const Counts& base = *work.base.counts;
  const Counts& head = *work.head.counts;
  for (size_t i = 0; i < work.head.measures.size(); ++i) {
    const ColumnMeasure& measure = work.head.measures[i];
    std::optional<double> drift = DriftOf(measure, base, head, i);
    if (!drift || std::fabs(*drift) <= limit) continue;
    Report(work, "row_count_diff.column_drift",
           fmt::format("{}, and {} is allowed{}", DriftWords(measure, base, head, i, *drift),
                       Percent(limit), WindowWords(work)),
           "compare how the column is computed on both sides, or waive the change with the reason "
           "if it is meant",
           {}, measure.column);
  }
}

}  // namespace

Value CountsValue(const Counts& counts, const std::vector<ColumnMeasure>& measures) {
  Value value = Value::MakeObject({{"rows", counts.rows}});
  if (counts.has_keys()) {
    value.Set("keys", *counts.distinct_keys);
    value.Set("rows_without_key", counts.rows - *counts.keyed);
  }
  for (size_t i = 0; i < measures.size() && i < counts.measures.size(); ++i) {
    if (!counts.measures[i]) continue;
    double number = *counts.measures[i];
    bool nulls = measures[i].kind == ColumnMeasure::Kind::kNulls;
    if (nulls) number = static_cast<double>(counts.rows) - number;
    value.Set(fmt::format("{}({})", ToString(measures[i].kind), measures[i].column), number);
  }
  return value;
}

void Judge(Work& work) {
  Suspects suspects = NewJoins(work);
  JudgeRows(work, suspects);
  if (!work.key) FindKeyByCount(work, !suspects.joins.empty());
  JudgeKeys(work, suspects);
  JudgeNullKeys(work, suspects);
  JudgeColumns(work);
}

}  // namespace layergate::row_count_diff

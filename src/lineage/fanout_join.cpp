#include "lineage/fanout_join.h"

#include <algorithm>

#include "core/text.h"

namespace layergate::lineage::fanout {

using Form = Condition::Form;
using sql::JoinKind;

namespace {

std::string Names(const std::set<std::string>& columns) {
  std::string out;
  for (const std::string& each : columns) out += (out.empty() ? "" : ", ") + ToLower(each);
  return out;
}

bool IsIn(const std::set<size_t>& items, const std::set<size_t>& all) {
  return std::includes(all.begin(), all.end(), items.begin(), items.end());
}

}  // namespace

void Step::Take(const Condition& condition, bool of_on) {
  switch (condition.form) {
    case Form::kEqual:
      same.Equate(condition.a, condition.b, condition.null_safe);
      break;
    case Form::kFixed:
      same.Fix(condition.a);
      break;
    case Form::kNull:
      if (of_on) same.FixNull(condition.a);
      break;
    case Form::kComputed:
      if (right->items.count(condition.a.item) > 0 && IsIn(condition.others, left->items)) {
        right_given.insert(condition.a);
      } else if (left->items.count(condition.a.item) > 0 && IsIn(condition.others, right->items)) {
        left_given.insert(condition.a);
      }
      break;
    case Form::kOther:
      break;
  }
}

void Describe(const sql::ParsedSql& sql, const Block& block, const Step& step,
              const std::vector<Condition>& where, JoinFanout& report) {
  const Part& side = step.kind == JoinKind::kRight ? *step.left : *step.right;
  const Part& other = step.kind == JoinKind::kRight ? *step.right : *step.left;
  const RefSet& given = step.kind == JoinKind::kRight ? step.left_given : step.right_given;
  std::set<std::string> on;
  RefSet all = step.same.mentioned();
  all.insert(given.begin(), given.end());
  for (const Ref& ref : all) {
    if (side.items.count(ref.item) == 0) continue;
    const bool joined =
        given.count(ref) > 0 || std::any_of(all.begin(), all.end(), [&](const Ref& each) {
          return other.items.count(each.item) > 0 && step.same.Same(ref, each);
        });
    if (joined) on.insert(ToLower(ref.column));
  }
  report.on.assign(on.begin(), on.end());
  const Item& first = block.items[*side.items.begin()];
  report.relation = first.rows.name;
  report.alias = first.alias;
  for (const ColumnKey& key : first.rows.keys) {
    UniqueKey names;
    for (const std::string& each : key.columns) names.push_back(ToLower(each));
    report.keys.push_back(std::move(names));
  }
  const auto speak = [&](const Condition& condition, bool of_on) {
    const bool touches = std::any_of(condition.items.begin(), condition.items.end(),
                                     [&](size_t i) { return side.items.count(i) > 0; });
    if (condition.form == Form::kEqual && !IsIn(condition.items, side.items) && condition.whole)
      return;
    if (condition.form == Form::kComputed && condition.whole && given.count(condition.a) > 0)
      return;
    if (condition.whole && touches && IsIn(condition.items, side.items)) {
      report.only.emplace_back(sql.Text(*condition.expr));
    } else if (of_on || touches) {
      report.restricted = true;
    }
  };
  for (const Condition& condition : step.on) speak(condition, true);
  for (const Condition& condition : where) {
    // What concerns relations to come is no matter of this join.
    std::set<size_t> both = step.left->items;
    both.insert(step.right->items.begin(), step.right->items.end());
    if (IsIn(condition.items, both)) speak(condition, false);
  }
}

void Explain(const Step& step, const std::vector<Condition>& where, JoinFanout& report) {
  const bool turned = step.kind == JoinKind::kRight;
  const Part& side = turned ? *step.left : *step.right;
  const std::string name = "\"" + report.relation + "\"";
  if (!side.known) {
    report.risk = FanoutRisk::kUnknown;
    report.why = "what is joined was not understood";
    return;
  }
  if (side.single_row) {
    report.risk = FanoutRisk::kSafe;
    report.why = name + " has at most one row";
    return;
  }
  for (const RefKey& key : side.keys) {
    const bool covered = std::all_of(key.refs.begin(), key.refs.end(), [&](const Ref& ref) {
      return turned ? step.LeftIsGiven(ref, key.nulls_repeat)
                    : step.RightIsGiven(ref, key.nulls_repeat);
    });
    if (!covered) continue;
    std::set<std::string> columns;
    for (const Ref& ref : key.refs) columns.insert(ref.column);
    report.risk = FanoutRisk::kSafe;
    report.why = name + " is unique by (" + Names(columns) + "), which the join equates";
    return;
  }
  // A left join of which WHERE keeps the unmatched rows only.
  if (step.kind == JoinKind::kLeft) {
    for (const Condition& condition : where) {
      if (condition.form != Form::kNull || side.items.count(condition.a.item) == 0) continue;
      const bool joined = step.RightIsGiven(condition.a, true);
      if (!joined) continue;
      report.risk = FanoutRisk::kSafe;
      report.why = "only rows without a match in " + name + " are kept";
      return;
    }
  }
  report.risk = FanoutRisk::kCanMultiply;
  const std::string on = Join(report.on, ", ");
  if (report.on.empty()) {
    report.why = "no column of " + name + " is equated with another relation's";
  } else if (report.keys.empty()) {
    report.why = name + " is joined by (" + on + "), and no unique key of it is known";
  } else {
    report.why = name + " is joined by (" + on + "), which covers none of its keys (" +
                 Join(report.keys.front(), ", ") + ")";
  }
}

}  // namespace layergate::lineage::fanout

#include "lineage/fanout.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "core/text.h"
#include "lineage/fanout_block.h"
#include "lineage/fanout_join.h"
#include "lineage/fanout_keys.h"
#include "lineage/fanout_project.h"
#include "lineage/names.h"
#include "sql/parse.h"
#include "sql/walk.h"

namespace layergate::lineage {

namespace {

using namespace fanout;  // NOLINT: this file is the door of these
using Form = Condition::Form;
using sql::JoinKind;
using sql::Kind;

struct Frame {
  const Frame* parent = nullptr;
  std::map<std::string, RowSet> ctes;
};

// Where a query stands: the CTEs that it sees, what it is called in the report, and the FROM around
// it when it is LATERAL.
struct Place {
  const Frame* frame = nullptr;
  std::string where;
  const Block* outer = nullptr;
};

RowSet Unknown(bool known) {
  RowSet out;
  out.columns.emplace_back("*");
  out.known = known;
  return out;
}

bool IsLimitOne(const sql::Limit* limit) {
  return limit != nullptr && IsOne(limit->count) && !limit->with_ties && !limit->percent &&
         limit->by.empty();
}

// Keeps one row of several by their number, or by DISTINCT ON.
bool PicksRows(const sql::Select& select) {
  if (select.distinct == sql::Select::Distinct::kOn) return true;
  if (select.qualify == nullptr) return false;
  bool numbers = false;
  const auto look = [&](const sql::Node* node) {
    const auto* call = sql::As<sql::Call>(node);
    numbers = numbers || (call != nullptr && AsRowNumber(call) != nullptr);
    return !numbers;
  };
  sql::Walk(select.qualify, look);
  for (const sql::SelectItem* item : select.items) sql::Walk(item->expr, look);
  return numbers;
}

// Columns of one branch of a set operation, by their names in another.
std::set<std::string> ByPlace(const std::set<std::string>& columns, const RowSet& from,
                              const RowSet& to) {
  std::set<std::string> out;
  for (const std::string& column : columns) {
    const auto at = static_cast<size_t>(
        std::find(from.columns.begin(), from.columns.end(), column) - from.columns.begin());
    out.insert(at < to.columns.size() ? to.columns[at] : std::string());
  }
  return out;
}

class Judge {
 public:
  Judge(const sql::ParsedSql& sql, const SchemaLookup& schemas, const KeyLookup& keys)
      : sql_(sql), rules_(RulesOf(sql.dialect())), schemas_(schemas), keys_(keys) {}

  RowSet OfQuery(const sql::Node* node, const Place& place);
  std::vector<JoinFanout> joins;

 private:
  std::string Key(const sql::Name& name) const { return NameKey(rules_, name.text, name.quoted); }
  RowSet OfBody(const sql::Node* node, const Place& place);
  RowSet OfSelect(const sql::Select& select, const Place& place);
  RowSet OfSetOperation(const sql::SetOperation& operation, const Place& place);
  RowSet OfValues(const sql::Values& values) const;
  RowSet OfRelation(const sql::Node* node, const Place& place);
  RowSet OfTable(const sql::Table& table, const Frame* frame) const;
  RowSet OfCte(const sql::Cte& cte, bool recursive, Frame& frame);

  // What stands in FROM. `where` are the conditions of WHERE that hold for joins too.
  struct From {
    Block block;
    const Place& place;
    const sql::Expr* where = nullptr;
    bool where_counts = true;  // false: an outer join may bring back what WHERE would drop
    std::set<size_t> joins;    // their places in the report
  };
  Part AddFrom(const sql::Node* node, From& from);
  Part AddComma(const std::vector<const sql::Node*>& nodes, From& from);
  size_t AddItem(const sql::Node* node, From& from);
  Part AddJoin(const sql::Join& join, const Part& left, const Span& first, From& from);
  void AddShared(const sql::Join& join, const Part& left, size_t right, From& from, Step& step);
  void TakeConditions(From& from, Step& step);
  void FixRanks(const Condition& condition, const Block& block);
  // Judges the step and gives what the two parts are together.
  Part Finish(Step& step, JoinFanout report, From& from);

  const sql::ParsedSql& sql_;
  const NameRules& rules_;
  const SchemaLookup& schemas_;
  const KeyLookup& keys_;
};

// ---- relations
// ------------------------------------------------------------------------------------

RowSet Judge::OfTable(const sql::Table& table, const Frame* frame) const {
  if (table.name.size() == 1) {
    const std::string key = Key(table.name[0]);
    for (const Frame* at = frame; at != nullptr; at = at->parent) {
      const auto found = at->ctes.find(key);
      if (found != at->ctes.end()) return found->second;
    }
  }
  RelationName name;
  RowSet out;
  for (const sql::Name& part : table.name) {
    name.parts.emplace_back(part.text);
    name.quoted.push_back(part.quoted);
    if (!out.name.empty()) out.name += '.';
    out.name += ShownName(rules_, part.text, part.quoted);
  }
  const bool named = table.form == sql::Table::Form::kName && !name.parts.empty();
  const RelationSchema* schema = schemas_ && named ? schemas_(name) : nullptr;
  if (schema != nullptr) {
    for (const SchemaColumn& column : schema->columns) {
      out.columns.push_back(NameKey(rules_, column.name, false));
    }
  }
  if (schema == nullptr || !schema->complete) out.columns.emplace_back("*");
  if (keys_ && named) {
    for (const KnownKey& key : keys_(name)) {
      ColumnKey set;
      set.nulls_repeat = !key.null_is_a_value;
      for (const std::string& column : key.columns)
        set.columns.insert(NameKey(rules_, column, false));
      out.single_row = out.single_row || set.columns.empty();
      out.keys.push_back(std::move(set));
    }
  }
  return out;
}

RowSet Judge::OfRelation(const sql::Node* node, const Place& place) {
  const sql::RelationNode* relation = sql::AsRelation(node);
  RowSet out;
  switch (node->kind) {
    case Kind::kTable:
      out = OfTable(static_cast<const sql::Table&>(*node), place.frame);
      break;
    case Kind::kDerived: {
      const auto& derived = static_cast<const sql::Derived&>(*node);
      Place inner = place;
      if (!derived.alias.empty()) inner.where = ToLower(derived.alias.text);
      if (!derived.lateral) inner.outer = nullptr;
      out = OfQuery(derived.query, inner);
      out.name = derived.alias.empty() ? "subquery" : ToLower(derived.alias.text);
      break;
    }
    case Kind::kUnnest:
    case Kind::kTableFunction:
      out = Unknown(true);
      out.name = node->kind == Kind::kUnnest ? "unnest" : "a table function";
      return out;
    default:
      out = Unknown(node->kind != Kind::kOpaque);
      out.name = std::string(sql::ToString(node->kind));
      return out;
  }
  if (relation != nullptr && !relation->column_aliases.empty()) {
    std::vector<std::string> names;
    for (const sql::Name& name : relation->column_aliases) names.push_back(Key(name));
    out.Rename(names);
  }
  return out;
}

size_t Judge::AddItem(const sql::Node* node, From& from) {
  Item item;
  Place place = from.place;
  place.outer = &from.block;
  item.rows = node != nullptr ? OfRelation(node, place) : Unknown(false);
  const sql::RelationNode* relation = sql::AsRelation(node);
  const sql::Name* name = nullptr;
  if (relation != nullptr && !relation->alias.empty()) {
    name = &relation->alias;
  } else if (const auto* table = sql::As<sql::Table>(node);
             table != nullptr && !table->name.empty()) {
    name = &table->name.back();
  }
  if (name != nullptr) {
    item.key = Key(*name);
    item.alias = std::string(Slice(sql_.text(), name->span));
  }
  from.block.items.push_back(std::move(item));
  return from.block.items.size() - 1;
}

// ---- joins
// ----------------------------------------------------------------------------------------

// A row number that is fixed picks rows again that its joins have multiplied.
void Judge::FixRanks(const Condition& condition, const Block& block) {
  if (condition.form != Form::kFixed) return;
  const std::map<std::string, std::set<size_t>>& ranked = block.items[condition.a.item].rows.ranked;
  const auto rank = ranked.find(condition.a.column);
  if (rank == ranked.end()) return;
  for (size_t join : rank->second) joins[join].reduced_after = true;
}

void Judge::TakeConditions(From& from, Step& step) {
  step.same = from.block.same;
  for (const Condition& condition : step.on) {
    step.Take(condition, true);
    FixRanks(condition, from.block);
  }
  if (!from.where_counts) return;
  for (const Condition& condition : from.block.Conditions(from.where)) {
    step.Take(condition, false);
  }
}

// USING and NATURAL.
void Judge::AddShared(const sql::Join& join, const Part& left, size_t right, From& from,
                      Step& step) {
  Block& block = from.block;
  std::vector<std::string> shared;
  for (const sql::Name& name : join.using_columns) shared.push_back(Key(name));
  if (join.natural) {
    for (const std::string& column : block.items[right].rows.columns) {
      const bool on_left = std::any_of(left.items.begin(), left.items.end(),
                                       [&](size_t i) { return block.items[i].rows.Has(column); });
      if (column != "*" && on_left) shared.push_back(column);
    }
  }
  for (const std::string& column : shared) {
    const Ref mine{right, column};
    std::optional<Ref> other;
    const auto known = block.merged.find(column);
    if (known != block.merged.end()) {
      other = known->second;
    } else {
      for (size_t i : left.items) {
        const RowSet& rows = block.items[i].rows;
        if (!other && (rows.Has(column) || rows.IsOpen())) other = Ref{i, column};
      }
    }
    step.right_given.insert(mine);
    if (other) step.same.Equate(*other, mine);
    if (other && join.join == JoinKind::kInner) from.block.same.Equate(*other, mine);
    if (join.join == JoinKind::kFull) {
      block.merged[column] = std::nullopt;
    } else {
      block.merged[column] = join.join == JoinKind::kRight ? std::optional<Ref>(mine) : other;
    }
  }
}

Part Judge::Finish(Step& step, JoinFanout report, From& from) {
  step.right_once = IsOnce(
      *step.right, [&](const Ref& ref, bool nulls) { return step.RightIsGiven(ref, nulls); });
  step.left_once =
      IsOnce(*step.left, [&](const Ref& ref, bool nulls) { return step.LeftIsGiven(ref, nulls); });
  const std::string relation = report.relation;
  std::vector<Condition> where;
  if (from.where_counts) where = from.block.Conditions(from.where);
  Describe(sql_, from.block, step, where, report);
  if (!relation.empty()) report.relation = relation;
  if (report.why.empty()) Explain(step, where, report);
  if (step.kind == JoinKind::kLeft && report.risk == FanoutRisk::kSafe) step.right_once = true;
  const bool inner = step.kind == JoinKind::kInner || step.kind == JoinKind::kCross;
  if (inner) {
    for (const Condition& condition : step.on) {
      if (condition.form == Form::kEqual)
        from.block.same.Equate(condition.a, condition.b, condition.null_safe);
      if (condition.form == Form::kFixed) from.block.same.Fix(condition.a);
    }
  }
  from.joins.insert(joins.size());
  joins.push_back(std::move(report));
  return Combine(*step.left, *step.right, step.kind, step.left_once, step.right_once);
}

Part Judge::AddJoin(const sql::Join& join, const Part& left, const Span& first, From& from) {
  JoinFanout report;
  report.where = from.place.where;
  report.kind = std::string(sql::ToString(join.join));
  report.span = join.span;
  Part right;
  Step step;
  step.kind = join.join;
  const size_t at = from.block.items.size();
  if (join.right != nullptr && join.right->kind == Kind::kJoined) {
    right = AddFrom(join.right, from);
  } else {
    AddItem(join.right, from);
    right = PartOf(at, from.block.items[at].rows);
  }
  step.left = &left;
  step.right = &right;
  const auto drop_right = [&] {
    // Its columns are not to be seen behind the join.
    for (size_t i : right.items) from.block.items[i] = Item{"\x01", "", RowSet{}};
  };
  switch (join.join) {
    case JoinKind::kSemi:
    case JoinKind::kAnti:
    case JoinKind::kRightSemi:
    case JoinKind::kRightAnti: {
      report.risk = FanoutRisk::kSafe;
      report.relation = from.block.items[at].rows.name;
      report.why = "a semi or anti join only keeps or drops rows of its left side";
      from.joins.insert(joins.size());
      joins.push_back(std::move(report));
      const bool keeps_left = join.join == JoinKind::kSemi || join.join == JoinKind::kAnti;
      if (keeps_left) drop_right();
      return keeps_left ? left : right;
    }
    case JoinKind::kPositional:
      report.risk = FanoutRisk::kSafe;
      report.why = "a positional join pairs rows one by one";
      break;
    case JoinKind::kCrossApply:
      step.kind = JoinKind::kCross;
      break;
    case JoinKind::kOuterApply:
      step.kind = JoinKind::kLeft;
      break;
    case JoinKind::kLateralView:
    case JoinKind::kArrayJoin:
    case JoinKind::kLeftArrayJoin:
      step.kind = JoinKind::kCross;
      break;
    case JoinKind::kRight:
      // The left side may multiply the rows of the right: the join begins there.
      if (left.items.size() == 1) report.span.begin = first.begin;
      break;
    default:
      break;
  }
  step.on = from.block.Conditions(join.on);
  TakeConditions(from, step);
  AddShared(join, left, at, from, step);
  const bool one_match = join.any || join.asof;
  if (one_match && join.join != JoinKind::kFull && join.join != JoinKind::kRight) {
    report.risk = FanoutRisk::kSafe;
    report.why = join.any ? "an ANY join takes at most one match" : "an ASOF join takes one match";
  }
  const bool safe = report.risk == FanoutRisk::kSafe && one_match;
  Part out = Finish(step, std::move(report), from);
  if (safe) {
    out = left;
    out.items.insert(right.items.begin(), right.items.end());
  }
  return out;
}

Part Judge::AddFrom(const sql::Node* node, From& from) {
  if (const auto* joined = sql::As<sql::Joined>(node)) {
    Part part = AddFrom(joined->first, from);
    for (const sql::Join* join : joined->joins) {
      part = AddJoin(*join, part, joined->first->span, from);
    }
    return part;
  }
  const size_t at = AddItem(node, from);
  return PartOf(at, from.block.items[at].rows);
}

// FROM a, b, c WHERE ...: taken in an order in which each is joined to something, where there is
// one.
Part Judge::AddComma(const std::vector<const sql::Node*>& nodes, From& from) {
  std::vector<Part> parts;
  for (const sql::Node* node : nodes) parts.push_back(AddFrom(node, from));
  if (parts.empty()) {
    Part none;
    none.single_row = true;
    return none;
  }
  Part whole = parts[0];
  std::set<size_t> left;
  for (size_t i = 1; i < parts.size(); ++i) left.insert(i);
  while (!left.empty()) {
    size_t next = *left.begin();
    for (size_t i : left) {
      Step step;
      step.left = &whole;
      step.right = &parts[i];
      TakeConditions(from, step);
      if (IsOnce(parts[i],
                 [&](const Ref& ref, bool nulls) { return step.RightIsGiven(ref, nulls); })) {
        next = i;
        break;
      }
    }
    left.erase(next);
    Step step;
    step.left = &whole;
    step.right = &parts[next];
    TakeConditions(from, step);
    JoinFanout report;
    report.where = from.place.where;
    report.span = nodes[next]->span;
    report.kind = "inner";
    const size_t place = joins.size();
    whole = Finish(step, std::move(report), from);
    if (joins[place].on.empty()) joins[place].kind = "cross";
  }
  return whole;
}

// ---- queries
// --------------------------------------------------------------------------------------

RowSet Judge::OfSelect(const sql::Select& select, const Place& place) {
  From from{Block(sql_, rules_, place.outer), place, select.where, true, {}};
  std::vector<const sql::Node*> nodes;
  for (const sql::Node* node : select.from) {
    nodes.push_back(node);
    sql::Walk(node, [&](const sql::Node* each) {
      const auto* join = sql::As<sql::Join>(each);
      if (join != nullptr && (join->join == JoinKind::kFull || join->join == JoinKind::kRight)) {
        from.where_counts = false;
      }
      return each->kind != Kind::kQuery;
    });
  }
  // In ClickHouse an alias of the list stands before a column of the same name, WHERE included.
  for (const sql::SelectItem* item : select.items) {
    if (rules_.alias_wins && !item->alias.empty()) from.block.shadowed.insert(Key(item->alias));
  }
  Part part = AddComma(nodes, from);
  const auto narrow = [&](const sql::Expr* filter) {
    for (const Condition& condition : from.block.Conditions(filter)) {
      FixRanks(condition, from.block);
      if (condition.form == Form::kEqual)
        from.block.same.Equate(condition.a, condition.b, condition.null_safe);
      if (condition.form == Form::kFixed) from.block.same.Fix(condition.a);
      if (condition.form == Form::kNull) from.block.same.FixNull(condition.a);
    }
  };
  narrow(select.where);
  narrow(select.prewhere);
  const bool picks = PicksRows(select);
  for (size_t join : from.joins) {
    joins[join].reduced_after = joins[join].reduced_after || picks;
  }
  const bool unknown = !select.unknown.empty();
  Reduce(part, from.block.same);
  RowSet out = Project(sql_, rules_, select, from.block, std::move(part), from.joins);
  out.known = out.known && !unknown;
  return out;
}

RowSet Judge::OfSetOperation(const sql::SetOperation& operation, const Place& place) {
  using Op = sql::SetOperation::Op;
  std::vector<RowSet> branches;
  for (const sql::Node* node : operation.branches) branches.push_back(OfBody(node, place));
  if (branches.empty()) return Unknown(false);
  RowSet out = branches[0];
  out.ranked.clear();
  out.constants.clear();
  const bool by_place =
      !operation.by_name && operation.by.empty() && !operation.outer && operation.mode.empty();
  const bool same_width = std::all_of(branches.begin(), branches.end(), [&](const RowSet& each) {
    return !each.IsOpen() && each.columns.size() == out.columns.size();
  });
  for (const RowSet& each : branches) out.known = out.known && each.known;
  if (operation.op == Op::kUnion) {
    out.keys.clear();
    out.single_row = false;
    // Branches that a constant tells apart: their common keys, with that column.
    for (size_t i = 0; by_place && same_width && i < out.columns.size(); ++i) {
      std::set<std::string> seen;
      for (const RowSet& each : branches) {
        const auto constant = each.constants.find(i);
        if (constant != each.constants.end()) seen.insert(std::string(Trim(constant->second)));
      }
      if (out.columns[i].empty() || seen.size() != branches.size()) continue;
      std::vector<ColumnKey> keys = branches[0].keys;
      if (branches[0].single_row) keys.push_back({});
      for (const ColumnKey& key : keys) {
        const auto has = [&](const RowSet& branch) {
          const std::set<std::string> there = ByPlace(key.columns, out, branch);
          return branch.single_row ||
                 std::any_of(branch.keys.begin(), branch.keys.end(), [&](const ColumnKey& own) {
                   return std::includes(there.begin(), there.end(), own.columns.begin(),
                                        own.columns.end());
                 });
        };
        if (!std::all_of(branches.begin(), branches.end(), has)) continue;
        ColumnKey with = key;
        with.columns.insert(out.columns[i]);
        with.nulls_repeat = true;
        out.keys.push_back(std::move(with));
      }
    }
  } else if (!by_place) {
    out.keys.clear();
  } else if (operation.op == Op::kIntersect && same_width) {
    for (size_t i = 1; i < branches.size(); ++i) {
      out.single_row = out.single_row || branches[i].single_row;
      for (ColumnKey key : branches[i].keys) {
        key.columns = ByPlace(key.columns, branches[i], out);
        out.keys.push_back(std::move(key));
      }
    }
  }
  if (!by_place) out.columns = {"*"};
  if (!operation.all && by_place) {
    ColumnKey all;
    all.columns.insert(out.columns.begin(), out.columns.end());
    const bool named = all.columns.count("*") == 0 && all.columns.count("") == 0;
    if (named && all.columns.size() == out.columns.size()) out.keys.push_back(std::move(all));
  }
  return out;
}

// Columns of literals that all differ are keys: a written list of codes.
RowSet Judge::OfValues(const sql::Values& values) const {
  RowSet out;
  out.single_row = values.rows.size() <= 1;
  const size_t width = values.rows.empty() ? 0 : values.rows[0]->items.size();
  for (size_t i = 0; i < width; ++i) {
    const std::string name = "column" + std::to_string(i + 1);
    out.columns.push_back(name);
    std::set<std::string> seen;
    const auto* first = sql::As<sql::Literal>(values.rows[0]->items[i]);
    for (const sql::Row* row : values.rows) {
      const auto* literal = i < row->items.size() ? sql::As<sql::Literal>(row->items[i]) : nullptr;
      const bool plain =
          literal != nullptr && first != nullptr && literal->form == first->form &&
          (literal->form == sql::Literal::Form::kString ||
           (literal->form == sql::Literal::Form::kNumber &&
            literal->text.find_first_not_of("0123456789") == std::string_view::npos &&
            literal->text[0] != '0'));
      if (plain) seen.insert(ToLower(Trim(literal->text)));
    }
    if (seen.size() == values.rows.size()) out.keys.push_back({{name}, false});
  }
  if (out.columns.empty()) out.columns.emplace_back("*");
  return out;
}

RowSet Judge::OfBody(const sql::Node* node, const Place& place) {
  if (node == nullptr) return Unknown(false);
  switch (node->kind) {
    case Kind::kSelect:
      return OfSelect(static_cast<const sql::Select&>(*node), place);
    case Kind::kQuery:
      return OfQuery(node, place);
    case Kind::kSetOperation:
      return OfSetOperation(static_cast<const sql::SetOperation&>(*node), place);
    case Kind::kValues:
      return OfValues(static_cast<const sql::Values&>(*node));
    default:
      return Unknown(false);
  }
}

RowSet Judge::OfCte(const sql::Cte& cte, bool recursive, Frame& frame) {
  const std::string key = Key(cte.name);
  std::vector<std::string> names;
  for (const sql::Name& name : cte.columns) names.push_back(Key(name));
  if (recursive) {
    // Itself, of which nothing is known yet; not a table of the same name.
    RowSet itself = Unknown(true);
    itself.name = ToLower(cte.name.text);
    frame.ctes[key] = itself;
  }
  Place place;
  place.frame = &frame;
  place.where = ToLower(cte.name.text);
  RowSet rows = OfQuery(cte.query, place);
  rows.name = ToLower(cte.name.text);
  rows.Rename(names);
  if (!cte.key.empty()) {
    ColumnKey own;
    for (const sql::Name& name : cte.key) own.columns.insert(Key(name));
    rows.keys = {own};
  }
  return rows;
}

RowSet Judge::OfQuery(const sql::Node* node, const Place& place) {
  const auto* query = sql::As<sql::Query>(node);
  if (query == nullptr) return OfBody(node, place);
  Frame own;
  own.parent = place.frame;
  if (query->with != nullptr) {
    const bool recursive = query->with->recursive || sql_.dialect() == sql::Dialect::kTsql;
    for (const sql::Cte* cte : query->with->ctes) {
      if (cte->query == nullptr) continue;
      RowSet rows = OfCte(*cte, recursive, own);
      own.ctes[Key(cte->name)] = std::move(rows);
    }
  }
  Place inner = place;
  inner.frame = &own;
  RowSet out = OfBody(query->body, inner);
  if (IsLimitOne(query->limit)) out.single_row = true;
  if (query->limit_by != nullptr && IsOne(query->limit_by->count)) {
    ColumnKey key;
    for (const sql::Expr* expr : query->limit_by->by) {
      const auto* column = sql::As<sql::Column>(expr);
      const bool plain = column != nullptr && column->parts.size() == 1;
      const std::string name = plain ? Key(column->parts.back()) : "";
      const bool unlike = std::count(out.columns.begin(), out.columns.end(), name) == 1;
      key.columns.insert(unlike ? name : "");
    }
    if (!key.columns.empty() && key.columns.count("") == 0) out.keys.push_back(std::move(key));
  }
  if (!query->unknown.empty()) {
    out.keys.clear();
    out.single_row = false;
    out.known = false;
  }
  return out;
}

}  // namespace

std::string_view ToString(FanoutRisk risk) {
  switch (risk) {
    case FanoutRisk::kSafe:
      return "safe";
    case FanoutRisk::kCanMultiply:
      return "can_multiply";
    case FanoutRisk::kUnknown:
      return "unknown";
  }
  return "unknown";
}

Fanout AnalyzeFanout(std::string_view text, sql::Dialect dialect, const SchemaLookup& schemas,
                     const KeyLookup& keys) {
  const sql::ParsedSql parsed = sql::Parse(text, dialect);
  Fanout out;
  for (const sql::Statement* statement : parsed.statements()) {
    const sql::Node* query = statement;
    if (const auto* create = sql::As<sql::Create>(statement)) query = create->query;
    if (const auto* insert = sql::As<sql::Insert>(statement)) query = insert->query;
    if (query == nullptr || query->kind != Kind::kQuery) continue;
    Judge judge(parsed, schemas, keys);
    const RowSet result = judge.OfQuery(query, {});
    out.joins = std::move(judge.joins);
    std::stable_sort(
        out.joins.begin(), out.joins.end(),
        [](const JoinFanout& a, const JoinFanout& b) { return a.span.begin < b.span.begin; });
    if (result.single_row) out.output_keys.emplace_back();
    for (const ColumnKey& key : result.keys) {
      UniqueKey names;
      for (const std::string& each : key.columns) names.push_back(ToLower(each));
      if (std::find(out.output_keys.begin(), out.output_keys.end(), names) ==
          out.output_keys.end()) {
        out.output_keys.push_back(std::move(names));
      }
    }
    std::sort(out.output_keys.begin(), out.output_keys.end());
    break;
  }
  return out;
}

}  // namespace layergate::lineage

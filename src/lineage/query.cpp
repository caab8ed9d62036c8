// Queries: SELECT blocks, set operations, CTEs, pipes.
#include <algorithm>

#include "core/text.h"
#include "lineage/analyzer.h"
#include "sql/walk.h"

namespace layergate::lineage {

using sql::Dialect;
using sql::Kind;

// --- CTEs ---------------------------------------------------------------------------------------

namespace {

bool ReadsTable(const sql::Node* node, const NameRules& rules, const std::string& key) {
  bool found = false;
  sql::Walk(node, [&](const sql::Node* each) {
    if (const auto* table = sql::As<sql::Table>(each)) {
      found = found || (table->name.size() == 1 &&
                        NameKey(rules, table->name[0].text, table->name[0].quoted) == key);
    }
    return !found;
  });
  return found;
}

// The set operation that a query's body is, through parentheses without clauses of their own.
const sql::SetOperation* BodyOperation(const sql::Node* node) {
  while (const auto* query = sql::As<sql::Query>(node)) node = query->body;
  return sql::As<sql::SetOperation>(node);
}

}  // namespace

CteView Analyzer::OpenWith(const sql::With* with, CteView ctes, Scope* outer) {
  if (with == nullptr) return ctes;
  frames_.emplace_back();
  CteFrame& frame = frames_.back();
  frame.parent = ctes;
  for (const sql::Cte* cte : with->ctes) {
    units_.emplace_back();
    CteEntry entry;
    entry.key = Key(cte->name);
    entry.unit = &units_.back();
    Unit* unit = unit_;
    unit_ = entry.unit;
    if (cte->scalar != nullptr) {
      // WITH expr AS name: one value, seen as a column everywhere in the query.
      unit_ = unit;
      frame.entries.push_back(entry);
      continue;
    }
    entry.flow = AnalyzeCte(*cte, with->recursive, frame, outer, entry.unit);
    unit_ = unit;
    const size_t index = frame.entries.size();
    frame.entries.push_back(entry);
    frame.by_key[frame.entries.back().key].push_back(index);
  }
  return {&frame, frame.entries.size()};
}

const RelationFlow* Analyzer::AnalyzeCte(const sql::Cte& cte, bool recursive, CteFrame& frame,
                                         Scope* outer, Unit* unit) {
  (void)unit;
  const std::string key = Key(cte.name);
  const std::string where = ToLower(cte.name.text);
  const CteView before{&frame, frame.entries.size()};
  const sql::SetOperation* operation = BodyOperation(cte.query);
  const bool may_recurse =
      recursive || dialect_ == Dialect::kTsql || dialect_ == Dialect::kSnowflake;
  const RelationFlow* flow = nullptr;
  if (may_recurse && operation != nullptr && operation->branches.size() >= 2 &&
      !ReadsTable(operation->branches[0], rules_, key) && ReadsTable(cte.query, rules_, key)) {
    flow = AnalyzeRecursive(cte, *operation, frame, outer);
  } else if (cte.query != nullptr && cte.query->kind == Kind::kQuery) {
    flow = AnalyzeQuery(cte.query, before, outer, where);
  } else {
    // A statement with RETURNING, or nothing that was understood.
    RelationFlow* unknown = NewRelation();
    unknown->open = true;
    unknown->rows_status = Status::kUnknown;
    unknown->columns.push_back(
        MakeColumn("*", "*", flows_.none(), Status::kUnknown, "?", cte.span));
    Diagnose("opaque_cte", "what \"" + where + "\" gives is not known", cte.span);
    flow = unknown;
  }
  RelationFlow* named = NewRelation();
  *named = *Renamed(flow, cte.columns);
  // An import CTE (`select * from t`) goes by the name of what it imports.
  const auto* query = sql::As<sql::Query>(cte.query);
  const auto* select = query != nullptr ? sql::As<sql::Select>(query->body) : nullptr;
  const bool import =
      select != nullptr && select->items.size() == 1 && select->items[0]->expr != nullptr &&
      select->items[0]->expr->kind == Kind::kStar && select->from.size() == 1 &&
      select->from[0]->kind == Kind::kTable && select->where == nullptr &&
      select->qualify == nullptr && query->limit == nullptr && select->group_by == nullptr &&
      select->distinct == sql::Select::Distinct::kNone;
  if (!import) named->label = where;
  return named;
}

// The least fixpoint over the anchor and the recursive branches: column by column, what the last
// round found flows in through the CTE's own name until nothing new comes.
const RelationFlow* Analyzer::AnalyzeRecursive(const sql::Cte& cte,
                                               const sql::SetOperation& operation, CteFrame& frame,
                                               Scope* outer) {
  const std::string where = ToLower(cte.name.text);
  const CteView before{&frame, frame.entries.size()};
  Unit* unit = unit_;
  units_.emplace_back();
  Unit* scratch = &units_.back();
  unit_ = scratch;
  ++quiet_;
  // The clauses around the operation are analysed in the last round only.
  const auto* around = sql::As<sql::Query>(cte.query);
  CteView inside =
      around != nullptr && around->with != nullptr ? OpenWith(around->with, before, outer) : before;
  const RelationFlow* known =
      Renamed(AnalyzeBody(operation.branches[0], inside, outer, where, nullptr), cte.columns);
  frame.entries.push_back({Key(cte.name), known, nullptr});
  const size_t index = frame.entries.size() - 1;
  frame.by_key[frame.entries[index].key].push_back(index);
  const CteView with_self{&frame, frame.entries.size()};

  const RelationFlow* result = known;
  constexpr int kMostRounds = 64;
  for (int round = 0;; ++round) {
    const bool last = round >= kMostRounds;
    resolved_.clear();
    subqueries_.clear();
    RelationFlow* self = NewRelation();
    *self = *known;
    self->label = where;
    frame.entries[index].flow = self;
    CteView view = with_self;
    if (around != nullptr && around->with != nullptr) {
      view = OpenWith(around->with, with_self, outer);
    }
    const RelationFlow* next =
        Renamed(AnalyzeBody(&operation, view, outer, where, nullptr), cte.columns);
    bool same = next->columns.size() == known->columns.size() &&
                next->dataset->size() == known->dataset->size();
    for (size_t i = 0; same && i < next->columns.size(); ++i) {
      same = next->columns[i].deps->size() == known->columns[i].deps->size() &&
             next->columns[i].status == known->columns[i].status;
    }
    result = next;
    if (same || last) break;
    // Texts of columns stay those of the anchor: a round must not make them longer.
    RelationFlow* grown = NewRelation();
    *grown = *next;
    for (size_t i = 0; i < grown->columns.size() && i < known->columns.size(); ++i) {
      grown->columns[i].text = known->columns[i].text;
    }
    known = grown;
  }
  // Once more for facts and diagnostics.
  --quiet_;
  unit_ = unit;
  resolved_.clear();
  subqueries_.clear();
  RelationFlow* self = NewRelation();
  *self = *known;
  self->label = where;
  for (FlowColumn& column : self->columns) column.text = Keep(where + "." + *column.name);
  frame.entries[index].flow = self;
  if (cte.query->kind == Kind::kQuery && around->with == nullptr) {
    result = Renamed(AnalyzeQuery(cte.query, with_self, outer, where), cte.columns);
  } else {
    result = Renamed(AnalyzeBody(&operation, with_self, outer, where, nullptr), cte.columns);
  }
  if (!cte.added.empty()) {
    // SEARCH and CYCLE columns depend on the recursion, not on one value.
    RelationFlow* more = NewRelation();
    *more = *result;
    for (const sql::Name& name : cte.added) {
      more->columns.push_back(NamedColumn(
          name, MakeColumn("", "", flows_.none(), Status::kUnknown, "cycle", cte.span)));
    }
    result = more;
  }
  frame.by_key[frame.entries[index].key].pop_back();
  frame.entries.pop_back();
  return result;
}

// --- queries ------------------------------------------------------------------------------------

const RelationFlow* Analyzer::AnalyzeQuery(const sql::Node* node, CteView ctes, Scope* outer,
                                           const std::string& where) {
  const auto* query = sql::As<sql::Query>(node);
  if (query == nullptr) return AnalyzeBody(node, ctes, outer, where, nullptr);
  const CteView view = OpenWith(query->with, ctes, outer);
  // ClickHouse WITH expr AS name.
  Scope* scope = outer;
  if (query->with != nullptr) {
    for (const sql::Cte* cte : query->with->ctes) {
      if (cte->scalar == nullptr) continue;
      if (scope == outer) {
        scopes_.emplace_back();
        scope = &scopes_.back();
        scope->parent = outer;
        scope->ctes = view;
      }
    }
    if (scope != outer) {
      for (const sql::Cte* cte : query->with->ctes) {
        if (cte->scalar == nullptr) continue;
        scope->extra[Key(cte->name)] = NamedColumn(cte->name, Evaluate(cte->scalar, *scope));
      }
    }
  }
  return AnalyzeBody(query->body, view, scope, where, query);
}

const RelationFlow* Analyzer::AnalyzeBody(const sql::Node* body, CteView ctes, Scope* outer,
                                          const std::string& where, const sql::Query* tail) {
  const bool bare_tail = tail == nullptr || (tail->order_by.empty() && tail->limit == nullptr &&
                                             tail->limit_by == nullptr && !tail->order_by_all &&
                                             tail->sample == nullptr && tail->unknown.empty());
  if (bare_tail) tail = nullptr;
  if (body == nullptr) return NewRelation();
  switch (body->kind) {
    case Kind::kSelect:
      return AnalyzeSelect(static_cast<const sql::Select&>(*body), ctes, outer, where, tail);
    case Kind::kSetOperation:
      return AnalyzeSetOperation(static_cast<const sql::SetOperation&>(*body), ctes, outer, where,
                                 tail);
    case Kind::kValues:
      return AnalyzeValues(static_cast<const sql::Values&>(*body), ctes, outer, where, tail);
    case Kind::kQuery:
      return WithTail(AnalyzeQuery(body, ctes, outer, where), tail, ctes, outer, where);
    case Kind::kPipeQuery:
      return WithTail(AnalyzePipe(static_cast<const sql::PipeQuery&>(*body), ctes, outer, where),
                      tail, ctes, outer, where);
    default: {
      Scope scope;
      scope.parent = outer;
      scope.ctes = ctes;
      Rows rows;
      return OpaqueFlow(*body, scope, rows);
    }
  }
}

// ORDER BY and LIMIT over something whose output columns are all there is to see.
const RelationFlow* Analyzer::WithTail(const RelationFlow* flow, const sql::Query* tail,
                                       CteView ctes, Scope* outer, const std::string& where) {
  if (tail == nullptr) return flow;
  Scope scope;
  scope.parent = outer;
  scope.ctes = ctes;
  Rows rows;
  rows.where = where;
  FromItem item;
  item.relation = flow;
  AddItem(scope, std::move(item), rows);
  StarOf(scope, 0, scope.star);
  OrderAndLimit(*tail, scope, flow->columns, rows);
  RelationFlow* out = NewRelation();
  *out = *flow;
  out->dataset = flows_.Keep(rows.deps.Take());
  out->rows_status = rows.status;
  return out;
}

const RelationFlow* Analyzer::AnalyzeValues(const sql::Values& values, CteView ctes, Scope* outer,
                                            const std::string& where, const sql::Query* tail) {
  Scope scope;
  scope.parent = outer;
  scope.ctes = ctes;
  RelationFlow* flow = NewRelation();
  flow->label = "values";
  size_t width = 0;
  for (const sql::Row* row : values.rows) width = std::max(width, row->items.size());
  for (size_t i = 0; i < width; ++i) {
    Gathered all;
    std::string text;
    for (const sql::Row* row : values.rows) {
      if (i >= row->items.size()) continue;
      Follow(row->items[i], scope, Subtype::kIdentity, false, all);
      if (text.size() < 4096) text += (text.empty() ? "" : " | ") + Text(row->items[i], scope);
    }
    const bool counts_from_zero = dialect_ == Dialect::kDuckDb;
    std::string name = counts_from_zero              ? "col" + std::to_string(i)
                       : dialect_ == Dialect::kTrino ? "_col" + std::to_string(i)
                       : dialect_ == Dialect::kDatabricks || dialect_ == Dialect::kSpark
                           ? "col" + std::to_string(i + 1)
                       : dialect_ == Dialect::kClickHouse ? "c" + std::to_string(i + 1)
                       : dialect_ == Dialect::kMySql || dialect_ == Dialect::kMariaDb
                           ? "column_" + std::to_string(i)
                           : "column" + std::to_string(i + 1);
    flow->columns.push_back(MakeColumn(ShownOutput(rules_, name, false),
                                       NameKey(rules_, name, false), flows_.Keep(all.deps.Take()),
                                       all.status, text, values.span));
  }
  Fact("from", where, "values", std::to_string(values.rows.size()) + " rows", values.span);
  return WithTail(flow, tail, ctes, outer, where);
}

const RelationFlow* Analyzer::AnalyzeSetOperation(const sql::SetOperation& operation, CteView ctes,
                                                  Scope* outer, const std::string& where,
                                                  const sql::Query* tail) {
  std::vector<const RelationFlow*> branches;
  for (const sql::Node* branch : operation.branches) {
    branches.push_back(AnalyzeBody(branch, ctes, outer, where, nullptr));
  }
  const RelationFlow* flow = CombineBranches(branches, operation, where);
  return WithTail(flow, tail, ctes, outer, where);
}

RelationFlow* Analyzer::CombineBranches(const std::vector<const RelationFlow*>& branches,
                                        const sql::SetOperation& operation,
                                        const std::string& where) {
  using Op = sql::SetOperation::Op;
  RelationFlow* flow = NewRelation();
  flow->label = "union";
  DepBuilder dataset;
  bool uneven = false;
  for (const RelationFlow* branch : branches) {
    dataset.Append(*branch->dataset);
    flow->rows_status = Worse(flow->rows_status, branch->rows_status);
    flow->bases.insert(flow->bases.end(), branch->bases.begin(), branch->bases.end());
    const bool star = std::any_of(branch->columns.begin(), branch->columns.end(),
                                  [](const FlowColumn& c) { return *c.name == "*"; });
    uneven = uneven || star || branch->columns.size() != branches[0]->columns.size();
    flow->open = flow->open || star;
  }
  std::sort(flow->bases.begin(), flow->bases.end());
  flow->bases.erase(std::unique(flow->bases.begin(), flow->bases.end()), flow->bases.end());
  if (operation.by_name) uneven = flow->open;
  if (uneven) {
    Diagnose(flow->open ? "star_unknown_relation" : "uneven_set_operation",
             flow->open ? "a branch has columns that are not known: positions can't be paired"
                        : "the branches have different numbers of columns",
             operation.span);
  }
  // Which columns of which branches meet.
  std::vector<std::vector<const FlowColumn*>> meeting;
  if (operation.by_name) {
    std::unordered_map<std::string, size_t> slots;
    for (const RelationFlow* branch : branches) {
      for (const FlowColumn& column : branch->columns) {
        const auto [place, added] = slots.emplace(*column.key, meeting.size());
        if (added) meeting.emplace_back();
        meeting[place->second].push_back(&column);
      }
    }
    // CORRESPONDING and BigQuery's inner mode keep common columns only; LEFT those of the first.
    const bool left = operation.mode == "LEFT" && operation.outer;
    const bool inner = (dialect_ == Dialect::kBigQuery && operation.mode != "FULL" && !left) ||
                       (operation.by_name && dialect_ != Dialect::kBigQuery &&
                        dialect_ != Dialect::kDuckDb && dialect_ != Dialect::kSnowflake &&
                        dialect_ != Dialect::kDatabricks && dialect_ != Dialect::kSpark);
    if (inner && dialect_ != Dialect::kBigQuery) {
      std::vector<std::vector<const FlowColumn*>> common;
      for (auto& each : meeting) {
        if (each.size() == branches.size()) common.push_back(std::move(each));
      }
      meeting = std::move(common);
    } else if (left) {
      meeting.resize(std::min(meeting.size(), branches[0]->columns.size()));
    }
  } else {
    for (size_t i = 0; i < branches[0]->columns.size(); ++i) {
      std::vector<const FlowColumn*> column;
      for (const RelationFlow* branch : branches) {
        if (i < branch->columns.size()) column.push_back(&branch->columns[i]);
      }
      meeting.push_back(std::move(column));
    }
  }
  for (const std::vector<const FlowColumn*>& column : meeting) {
    FlowColumn out = *column[0];
    DepBuilder deps;
    std::vector<std::string> texts;
    bool same_shape = true;
    for (size_t b = 0; b < column.size(); ++b) {
      const FlowColumn& each = *column[b];
      // INTERSECT and EXCEPT give rows of the left side; the others decide which.
      const bool value = operation.op == Op::kUnion || &each == column[0];
      if (value) deps.Append(*each.deps);
      if (!value || !operation.all || operation.op != Op::kUnion) {
        dataset.Add(*each.deps, Subtype::kFilter, false, each.span);
      }
      if (b > 0 && value && texts.size() < 64) {
        if (*each.text != *out.text) texts.push_back(*each.text);
      }
      out.status = Worse(out.status, each.status);
      same_shape = same_shape && each.shape == nullptr;
    }
    if (uneven) out.status = Status::kUnknown;
    if (column.size() > 1) {
      out.deps = flows_.Keep(deps.Take());
      out.type = nullptr;
      if (!same_shape && operation.op == Op::kUnion) out.shape = nullptr;
      if (!texts.empty()) out.text = Keep(Capped(*out.text) + " | " + Capped(Join(texts, " | ")));
    }
    out.from_star = out.from_star && column.size() == 1;
    flow->columns.push_back(out);
  }
  flow->dataset = flows_.Keep(dataset.Take());
  if (!uneven) flow->open = false;
  std::string name = operation.op == Op::kUnion       ? "union"
                     : operation.op == Op::kIntersect ? "intersect"
                                                      : "except";
  if (operation.all) name += " all";
  if (operation.by_name) name += " by name";
  Fact("set_operation", where, name + " of " + std::to_string(branches.size()) + " branches", name,
       operation.span);
  return flow;
}

// --- SELECT -------------------------------------------------------------------------------------

const RelationFlow* Analyzer::AnalyzeSelect(const sql::Select& select, CteView ctes, Scope* outer,
                                            const std::string& where, const sql::Query* tail) {
  Scope scope;
  scope.parent = outer;
  scope.ctes = ctes;
  Rows rows;
  rows.where = where;
  scope.select = nullptr;
  for (const sql::Node* from : select.from) {
    const size_t before = scope.items.size();
    AddFrom(from, scope, rows, scope.star, before == 0);
    const bool values = from->kind == Kind::kUnnest || from->kind == Kind::kTableFunction;
    if (before > 0 && from->kind != Kind::kJoined && !values && scope.items.size() > before) {
      Fact("join", where, "cross join " + scope.items[before].relation->label, "cross", from->span);
    }
  }
  for (const sql::NamedWindow* window : select.windows) {
    scope.windows[Key(window->name)] = window->spec;
  }
  scope.select = &select;
  scope.item_state.assign(select.items.size(), 0);
  scope.item_flow.resize(select.items.size());
  for (size_t i = 0; i < select.items.size(); ++i) {
    if (!select.items[i]->alias.empty()) scope.aliases.emplace(Key(select.items[i]->alias), i);
  }
  scope.clause = Clause::kWhere;
  if (select.prewhere != nullptr) Conjuncts(select.prewhere, "predicate", scope, rows);
  if (select.where != nullptr) Conjuncts(select.where, "predicate", scope, rows);
  if (select.connect_by != nullptr) {
    for (const sql::Expr* expr : {select.connect_by->start_with, select.connect_by->condition}) {
      if (expr != nullptr) Conjuncts(expr, "predicate", scope, rows);
    }
  }
  std::vector<FlowColumn> columns;
  EvaluateItems(scope, columns);
  FollowUnknown(select.unknown, scope, rows);
  if (select.as != sql::Select::As::kColumns && select.as == sql::Select::As::kStruct) {
    // SELECT AS STRUCT: one value with these fields.
    shapes_.emplace_back();
    Shape& shape = shapes_.back();
    shape.fields = columns;
    Gathered all;
    for (const FlowColumn& column : columns) {
      AddColumn(column, Subtype::kTransformation, false, column.span, all);
    }
    FlowColumn value =
        MakeColumn("", "", flows_.Keep(all.deps.Take()), all.status, "struct", select.span);
    value.shape = &shape;
    columns = {value};
  }
  if (select.group_by != nullptr) {
    scope.clause = Clause::kGroupBy;
    GroupBy(*select.group_by, scope, rows);
  }
  if (select.having != nullptr) {
    scope.clause = Clause::kHaving;
    Conjuncts(select.having, "having", scope, rows);
  }
  if (select.qualify != nullptr) {
    scope.clause = Clause::kQualify;
    Conjuncts(select.qualify, "qualify", scope, rows);
  }
  scope.clause = Clause::kSelect;
  for (const sql::SelectItem* item : select.items) CollectWindows(item->expr, scope, rows);
  if (select.qualify != nullptr) CollectWindows(select.qualify, scope, rows);
  if (select.distinct == sql::Select::Distinct::kDistinct) {
    for (const FlowColumn& column : columns) {
      rows.deps.Add(*column.deps, Subtype::kFilter, false, column.span);
      rows.status = Worse(rows.status, column.status);
    }
    Fact("distinct", where, "distinct", "", select.span);
  } else if (select.distinct == sql::Select::Distinct::kOn) {
    std::vector<std::string> texts;
    scope.clause = Clause::kOrderBy;
    for (const sql::Expr* expr : select.distinct_on) {
      Gathered on;
      Follow(expr, scope, Subtype::kFilter, false, on);
      rows.deps.Append(on.deps.Take());
      rows.status = Worse(rows.status, on.status);
      texts.push_back(Text(expr, scope));
    }
    std::sort(texts.begin(), texts.end());
    Fact("distinct_on", where, "distinct on " + Join(texts, ", "), "", select.span);
  }
  bool limits = select.distinct == sql::Select::Distinct::kOn;
  LimitFact(select.top, scope, rows, limits);
  if (tail != nullptr) {
    scope.clause = Clause::kOrderBy;
    LimitFact(tail->limit_by, scope, rows, limits);
    LimitFact(tail->limit, scope, rows, limits);
    const Subtype use = limits ? Subtype::kFilter : Subtype::kSort;
    std::vector<std::string> texts;
    const auto output = [&](const sql::Expr* expr) -> const FlowColumn* {
      // A bare name is an output column first; a number is one by its place.
      if (const auto* literal = sql::As<sql::Literal>(expr);
          literal && literal->form == sql::Literal::Form::kNumber) {
        const int ordinal = std::atoi(std::string(literal->text).c_str());
        if (ordinal >= 1 && static_cast<size_t>(ordinal) <= columns.size()) {
          return &columns[static_cast<size_t>(ordinal) - 1];
        }
        return nullptr;
      }
      const auto* column = sql::As<sql::Column>(expr);
      if (column == nullptr || column->parts.size() != 1) return nullptr;
      const std::string key = Key(column->parts[0]);
      for (const FlowColumn& each : columns) {
        if (*each.key == key && *each.name != "*") return &each;
      }
      return nullptr;
    };
    for (const sql::OrderItem* item : tail->order_by) {
      Gathered by;
      std::string text;
      if (const FlowColumn* column = output(item->expr)) {
        AddColumn(*column, use, false, item->span, by);
        text = Capped(*column->text);
      } else {
        Follow(item->expr, scope, use, false, by);
        text = Text(item->expr, scope);
      }
      if (item->direction == sql::OrderItem::Direction::kDescending) text += " desc";
      if (item->nulls == sql::OrderItem::Nulls::kFirst) text += " nulls first";
      if (item->nulls == sql::OrderItem::Nulls::kLast) text += " nulls last";
      texts.push_back(std::move(text));
      rows.deps.Append(by.deps.Take());
      rows.status = Worse(rows.status, by.status);
    }
    if (tail->order_by_all) {
      for (const FlowColumn& column : columns) {
        rows.deps.Add(*column.deps, use, false, column.span);
      }
      texts.emplace_back("all");
    }
    if (!texts.empty()) {
      Fact("order_by", where, "order by " + Join(texts, ", "), "",
           tail->order_by.empty()
               ? tail->span
               : Span{tail->order_by.front()->span.begin, tail->order_by.back()->span.end});
    }
    FollowUnknown(tail->unknown, scope, rows);
    if (tail->sample != nullptr) {
      Fact("sample", where, GenericText(*tail->sample, scope), "", tail->sample->span);
    }
  }
  RelationFlow* flow = NewRelation();
  flow->columns = std::move(columns);
  for (const FlowColumn& column : flow->columns) flow->open = flow->open || *column.name == "*";
  flow->dataset = flows_.Keep(rows.deps.Take());
  flow->rows_status = rows.status;
  flow->label = scope.items.size() == 1 ? scope.items[0].relation->label : std::string("subquery");
  SeeBases(*flow, scope);
  // SELECT AS VALUE: the relation's name is the value.
  if (select.as == sql::Select::As::kValue && flow->columns.size() == 1) {
    const Shape* shape = ShapeOf(flow->columns[0]);
    values_.push_back(flow->columns[0]);
    flow->value = &values_.back();
    if (shape != nullptr && shape->element == nullptr) {
      flow->columns = shape->fields;
    } else {
      flow->open = true;
    }
  }
  return flow;
}

void Analyzer::EvaluateItems(Scope& scope, std::vector<FlowColumn>& out) {
  const sql::Select& select = *scope.select;
  for (size_t i = 0; i < select.items.size(); ++i) {
    const sql::SelectItem& item = *select.items[i];
    if (item.expr == nullptr || !item.variable.empty()) continue;
    scope.clause = Clause::kSelect;
    scope.current_item = i;
    if (const auto* star = sql::As<sql::Star>(item.expr)) {
      ExpandStar(*star, scope, out);
      continue;
    }
    if (const auto* macro = sql::As<sql::ColumnsMacro>(FindMacro(item.expr))) {
      ExpandColumns(item, *macro, scope, out);
      continue;
    }
    if (!item.aliases.empty()) {
      // explode(m) AS (k, v)
      const FlowColumn value = Evaluate(item.expr, scope);
      for (const sql::Name& name : item.aliases) out.push_back(NamedColumn(name, value));
      continue;
    }
    FlowColumn column = Item(scope, i);
    if (column.name->empty() && item.alias.empty()) {
      const std::string name = DefaultName(item, out.size());
      column.name = Keep(name);
      column.key = Keep(NameKey(rules_, name, false));
    }
    out.push_back(column);
  }
  scope.current_item = SIZE_MAX;
}

// The value of one item of the SELECT list; evaluated once, whoever asks first.
FlowColumn& Analyzer::Item(Scope& scope, size_t index) {
  FlowColumn& flow = scope.item_flow[index];
  if (scope.item_state[index] == 2) return flow;
  scope.item_state[index] = 1;
  const sql::SelectItem& item = *scope.select->items[index];
  const Clause clause = scope.clause;
  const size_t current = scope.current_item;
  scope.clause = Clause::kSelect;
  scope.current_item = index;
  FlowColumn value = Evaluate(item.expr, scope);
  scope.clause = clause;
  scope.current_item = current;
  value.span = item.span;
  value.from_star = false;
  if (!item.alias.empty()) {
    value = NamedColumn(item.alias, value);
  } else if (const auto* column = sql::As<sql::Column>(item.expr)) {
    value = NamedColumn(column->parts.back(), value);
  } else if (const auto* field = sql::As<sql::Field>(item.expr)) {
    value = NamedColumn(field->name, value);
  } else {
    value.name = flows_.empty_text();
    value.key = flows_.empty_text();
  }
  scope.item_flow[index] = value;
  scope.item_state[index] = 2;
  return scope.item_flow[index];
}

std::string Analyzer::DefaultName(const sql::SelectItem& item, size_t ordinal) const {
  const sql::Node* expr = item.expr;
  switch (dialect_) {
    case Dialect::kPostgres:
    case Dialect::kRedshift:
      while (const auto* cast = sql::As<sql::Cast>(expr)) {
        if (sql::As<sql::Column>(cast->operand) == nullptr &&
            sql::As<sql::Call>(cast->operand) == nullptr &&
            sql::As<sql::Cast>(cast->operand) == nullptr) {
          return cast->type != nullptr ? ToLower(cast->type->name) : "?column?";
        }
        expr = cast->operand;
      }
      if (const auto* column = sql::As<sql::Column>(expr))
        return ToLower(column->parts.back().text);
      if (const auto* call = sql::As<sql::Call>(expr); call && !call->name.empty()) {
        return ToLower(call->name.back().text);
      }
      if (expr->kind == Kind::kCase) return "case";
      if (expr->kind == Kind::kExists) return "exists";
      if (expr->kind == Kind::kExtract) return "extract";
      if (expr->kind == Kind::kArray) return "array";
      if (expr->kind == Kind::kRow) return "row";
      return "?column?";
    case Dialect::kBigQuery:
      return "f" + std::to_string(ordinal) + "_";
    case Dialect::kTrino:
      return "_col" + std::to_string(ordinal);
    case Dialect::kTsql:
      return "";
    default:
      break;
  }
  std::string text(sql_.Text(*expr));
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

void Analyzer::Conjuncts(const sql::Expr* predicate, const char* kind, Scope& scope, Rows& rows) {
  if (const auto* binary = sql::As<sql::Binary>(predicate);
      binary != nullptr && binary->op_class == sql::OpClass::kAnd) {
    for (const sql::Expr* each : binary->operands) Conjuncts(each, kind, scope, rows);
    return;
  }
  Gathered all;
  Follow(predicate, scope, Subtype::kFilter, false, all);
  rows.deps.Append(all.deps.Take());
  rows.status = Worse(rows.status, all.status);
  Fact(kind, rows.where, Text(predicate, scope), "", predicate->span);
}

bool Analyzer::HasAggregate(const sql::Node* expr) const {
  bool found = false;
  sql::Walk(expr, [&](const sql::Node* node) {
    if (node->kind == Kind::kQuery) return false;
    if (const auto* call = sql::As<sql::Call>(node)) {
      if (call->over == nullptr && IsAggregate(ClassOf(FunctionName(*call), dialect_))) {
        found = true;
      }
    }
    return !found;
  });
  return found;
}

void Analyzer::GroupItem(const sql::Node* node, Scope& scope, Rows& rows,
                         std::vector<std::string>& texts) {
  if (node == nullptr) return;
  if (const auto* set = sql::As<sql::GroupingSet>(node)) {
    static constexpr const char* kForms[] = {"rollup", "cube", "sets", "set"};
    std::vector<std::string> inner;
    for (const sql::Node* each : set->items) GroupItem(each, scope, rows, inner);
    texts.push_back(std::string(kForms[static_cast<size_t>(set->form)]) + "(" + Join(inner, ", ") +
                    ")");
    return;
  }
  if (const auto* row = sql::As<sql::Row>(node)) {
    for (const sql::Expr* each : row->items) GroupItem(each, scope, rows, texts);
    return;
  }
  const sql::Expr* expr = node;
  if (const auto* item = sql::As<sql::SelectItem>(node)) expr = item->expr;
  Gathered by;
  const FlowColumn* column = nullptr;
  const auto* literal = sql::As<sql::Literal>(expr);
  if (literal != nullptr && literal->form == sql::Literal::Form::kNumber &&
      scope.select != nullptr) {
    const int ordinal = std::atoi(std::string(literal->text).c_str());
    const bool stars = std::any_of(
        scope.select->items.begin(), scope.select->items.end(), [](const sql::SelectItem* each) {
          return each->expr != nullptr && each->expr->kind == Kind::kStar;
        });
    if (stars) {
      std::vector<FlowColumn> columns;
      ++quiet_;
      EvaluateItems(scope, columns);
      --quiet_;
      scope.clause = Clause::kGroupBy;
      if (ordinal >= 1 && static_cast<size_t>(ordinal) <= columns.size()) {
        values_.push_back(columns[static_cast<size_t>(ordinal) - 1]);
        column = &values_.back();
      }
    } else if (ordinal >= 1 && static_cast<size_t>(ordinal) <= scope.select->items.size()) {
      column = &Item(scope, static_cast<size_t>(ordinal) - 1);
    }
  } else if (const auto* name = sql::As<sql::Column>(expr);
             name != nullptr && name->parts.size() == 1 && rules_.group_by_alias_first) {
    const auto found = scope.aliases.find(Key(name->parts[0]));
    if (found != scope.aliases.end()) column = &Item(scope, found->second);
  }
  if (column != nullptr) {
    AddColumn(*column, Subtype::kGroupBy, false, expr->span, by);
    texts.push_back(Capped(*column->text));
  } else {
    Follow(expr, scope, Subtype::kGroupBy, false, by);
    texts.push_back(Text(expr, scope));
  }
  rows.deps.Append(by.deps.Take());
  rows.status = Worse(rows.status, by.status);
}

void Analyzer::GroupBy(const sql::GroupBy& group, Scope& scope, Rows& rows) {
  std::vector<std::string> texts;
  for (const sql::Node* node : group.items) GroupItem(node, scope, rows, texts);
  if (group.all && scope.select != nullptr) {
    for (size_t i = 0; i < scope.select->items.size(); ++i) {
      const sql::SelectItem& item = *scope.select->items[i];
      if (item.expr == nullptr || HasAggregate(item.expr)) continue;
      if (item.expr->kind == Kind::kStar) {
        for (const StarColumn& column : scope.star) {
          rows.deps.Add(*column.column.deps, Subtype::kGroupBy, false, item.span);
          texts.push_back(Capped(*column.column.text));
        }
        continue;
      }
      const FlowColumn& column = Item(scope, i);
      if (column.deps->empty()) continue;  // a constant groups nothing
      rows.deps.Add(*column.deps, Subtype::kGroupBy, false, item.span);
      rows.status = Worse(rows.status, column.status);
      texts.push_back(Capped(*column.text));
    }
  }
  std::sort(texts.begin(), texts.end());
  std::string text = "group by " + Join(texts, ", ");
  if (!group.with_.empty()) text += " with " + ToLower(group.with_);
  Fact("group_by", rows.where, std::move(text), "", group.span);
}

void Analyzer::LimitFact(const sql::Limit* limit, Scope& scope, Rows& rows, bool& limits) {
  if (limit == nullptr) return;
  const auto follow = [&](const sql::Expr* expr) {
    Gathered all;
    Follow(expr, scope, Subtype::kFilter, false, all);
    rows.deps.Append(all.deps.Take());
    rows.status = Worse(rows.status, all.status);
  };
  if (limit->count != nullptr) {
    std::string text = "limit " + Text(limit->count, scope);
    if (limit->percent) text += " percent";
    if (limit->with_ties) text += " with ties";
    for (const sql::Expr* by : limit->by) {
      follow(by);
      text += " by " + Text(by, scope);
    }
    follow(limit->count);
    Fact("limit", rows.where, std::move(text), "", limit->span);
    limits = true;
  }
  if (limit->offset != nullptr) {
    follow(limit->offset);
    Fact("offset", rows.where, "offset " + Text(limit->offset, scope), "", limit->span);
    limits = true;
  }
}

// Clauses that were not understood: what they name decides about rows, and more may.
void Analyzer::FollowUnknown(sql::List<sql::Node> clauses, Scope& scope, Rows& rows) {
  for (const sql::Node* clause : clauses) {
    Gathered all;
    Follow(clause, scope, Subtype::kFilter, false, all);
    rows.deps.Append(all.deps.Take());
    rows.status = Status::kUnknown;
    Fact("opaque", rows.where, Text(clause, scope), "", clause->span);
  }
}

void Analyzer::OrderAndLimit(const sql::Query& tail, Scope& scope,
                             const std::vector<FlowColumn>& columns, Rows& rows) {
  scope.clause = Clause::kOrderBy;
  bool limits = false;
  LimitFact(tail.limit_by, scope, rows, limits);
  LimitFact(tail.limit, scope, rows, limits);
  const Subtype use = limits ? Subtype::kFilter : Subtype::kSort;
  std::vector<std::string> texts;
  for (const sql::OrderItem* item : tail.order_by) {
    Gathered by;
    const auto* literal = sql::As<sql::Literal>(item->expr);
    const int ordinal = literal != nullptr && literal->form == sql::Literal::Form::kNumber
                            ? std::atoi(std::string(literal->text).c_str())
                            : 0;
    std::string text;
    if (ordinal >= 1 && static_cast<size_t>(ordinal) <= columns.size()) {
      AddColumn(columns[static_cast<size_t>(ordinal) - 1], use, false, item->span, by);
      text = Capped(*columns[static_cast<size_t>(ordinal) - 1].text);
    } else {
      Follow(item->expr, scope, use, false, by);
      text = Text(item->expr, scope);
    }
    if (item->direction == sql::OrderItem::Direction::kDescending) text += " desc";
    texts.push_back(std::move(text));
    rows.deps.Append(by.deps.Take());
    rows.status = Worse(rows.status, by.status);
  }
  if (!texts.empty()) {
    Fact("order_by", rows.where, "order by " + Join(texts, ", "), "",
         {tail.order_by.front()->span.begin, tail.order_by.back()->span.end});
  }
  FollowUnknown(tail.unknown, scope, rows);
  if (tail.sample != nullptr) {
    Fact("sample", rows.where, GenericText(*tail.sample, scope), "", tail.sample->span);
  }
}

void Analyzer::CollectWindows(const sql::Node* node, Scope& scope, Rows& rows) {
  sql::Walk(node, [&](const sql::Node* each) {
    if (each->kind == Kind::kQuery || each->kind == Kind::kLambda) return false;
    const auto* call = sql::As<sql::Call>(each);
    if (call == nullptr || call->over == nullptr) return true;
    std::string text = WindowText(call->over, scope, 0);
    const std::vector<RowSetFact>* facts = unit_ != nullptr ? &unit_->facts : nullptr;
    const bool known =
        facts != nullptr && std::any_of(facts->begin(), facts->end(), [&](const RowSetFact& f) {
          return f.kind == "window" && f.where == rows.where && f.text == text;
        });
    if (!known) Fact("window", rows.where, std::move(text), "", call->over->span);
    return true;
  });
}

// --- pipes --------------------------------------------------------------------------------------

const RelationFlow* Analyzer::AnalyzePipe(const sql::PipeQuery& pipe, CteView ctes, Scope* outer,
                                          const std::string& where) {
  const RelationFlow* source = AnalyzeBody(pipe.source, ctes, outer, where, nullptr);
  RelationFlow* flow = NewRelation();
  *flow = *source;
  std::string alias;
  // Until a step makes new columns, the tables of FROM can still be named.
  if (const auto* select = sql::As<sql::Select>(pipe.source); select && select->from.size() == 1) {
    if (const sql::RelationNode* relation = sql::AsRelation(select->from[0])) {
      alias = AliasKey(*relation);
      const auto* table = sql::As<sql::Table>(select->from[0]);
      if (alias.empty() && table != nullptr && !table->name.empty()) {
        alias = Key(table->name.back());
      }
    }
  }
  for (const sql::PipeStep* step : pipe.steps) {
    RelationFlow* next = NewRelation();
    *next = *flow;
    PipeStepInto(*step, *next, ctes, outer, where, alias);
    flow = NewRelation();
    // A fresh object, so that no index of names is stale.
    flow->columns = next->columns;
    flow->dataset = next->dataset;
    flow->rows_status = next->rows_status;
    flow->bases = next->bases;
    flow->label = next->label;
    for (const FlowColumn& column : flow->columns) flow->open = flow->open || *column.name == "*";
  }
  return flow;
}

void Analyzer::PipeStepInto(const sql::PipeStep& step, RelationFlow& flow, CteView ctes,
                            Scope* outer, const std::string& where, std::string& alias) {
  using Op = sql::PipeStep::Op;
  RelationFlow* input = NewRelation();
  input->columns = flow.columns;
  input->open = flow.open;
  input->dataset = flow.dataset;
  input->rows_status = flow.rows_status;
  input->bases = flow.bases;
  input->label = flow.label;
  input->base = flow.base;
  Scope scope;
  scope.parent = outer;
  scope.ctes = ctes;
  Rows rows;
  rows.where = where;
  FromItem item;
  item.alias = alias;
  item.relation = input;
  AddItem(scope, std::move(item), rows);
  StarOf(scope, 0, scope.star);
  for (const sql::NamedWindow* window : step.windows) {
    scope.windows[Key(window->name)] = window->spec;
  }
  // A SELECT list over the pipe's columns.
  const auto evaluate = [&](const sql::SelectItem& each, std::vector<FlowColumn>& out) {
    if (const auto* star = sql::As<sql::Star>(each.expr)) {
      ExpandStar(*star, scope, out);
      return;
    }
    FlowColumn value = Evaluate(each.expr, scope);
    value.span = each.span;
    value.from_star = false;
    const auto* column = sql::As<sql::Column>(each.expr);
    if (!each.alias.empty()) {
      value = NamedColumn(each.alias, value);
    } else if (column != nullptr) {
      value = NamedColumn(column->parts.back(), value);
    } else if (value.name->empty()) {
      const std::string name = DefaultName(each, out.size());
      value.name = Keep(name);
      value.key = Keep(NameKey(rules_, name, false));
    }
    CollectWindows(each.expr, scope, rows);
    out.push_back(value);
  };
  const auto is_named = [&](const FlowColumn& column, const sql::Name& name) {
    return *column.key == Key(name);
  };
  switch (step.op) {
    case Op::kSelect: {
      std::vector<FlowColumn> out;
      for (const sql::SelectItem* each : step.items) evaluate(*each, out);
      flow.columns = std::move(out);
      alias.clear();
      if (step.distinct) {
        for (const FlowColumn& column : flow.columns) {
          rows.deps.Add(*column.deps, Subtype::kFilter, false, column.span);
        }
        Fact("distinct", where, "distinct", "", step.span);
      }
      break;
    }
    case Op::kExtend:
    case Op::kWindow:
      for (const sql::SelectItem* each : step.items) evaluate(*each, flow.columns);
      break;
    case Op::kSet:
      for (const sql::SelectItem* each : step.items) {
        FlowColumn value = Evaluate(each->expr, scope);
        for (FlowColumn& column : flow.columns) {
          if (!is_named(column, each->alias)) continue;
          value.name = column.name;
          value.key = column.key;
          value.span = each->span;
          column = value;
        }
      }
      break;
    case Op::kDrop:
      for (const sql::Name& name : step.names) {
        flow.columns.erase(
            std::remove_if(flow.columns.begin(), flow.columns.end(),
                           [&](const FlowColumn& column) { return is_named(column, name); }),
            flow.columns.end());
      }
      break;
    case Op::kRename:
      for (const sql::SelectItem* each : step.items) {
        const auto* from = sql::As<sql::Column>(each->expr);
        if (from == nullptr) continue;
        for (FlowColumn& column : flow.columns) {
          if (is_named(column, from->parts.back())) column = NamedColumn(each->alias, column);
        }
      }
      break;
    case Op::kAs:
      if (!step.names.empty()) alias = Key(step.names[0]);
      break;
    case Op::kWhere:
      scope.clause = Clause::kWhere;
      Conjuncts(step.condition, "predicate", scope, rows);
      break;
    case Op::kLimit: {
      bool limits = false;
      LimitFact(step.limit, scope, rows, limits);
      break;
    }
    case Op::kAggregate: {
      std::vector<FlowColumn> out;
      std::vector<std::string> texts;
      if (step.group_by != nullptr) {
        for (const sql::Node* each : step.group_by->items) {
          const auto* selected = sql::As<sql::SelectItem>(each);
          FlowColumn value = Evaluate(selected != nullptr ? selected->expr : each, scope);
          rows.deps.Add(*value.deps, Subtype::kGroupBy, false, each->span);
          rows.status = Worse(rows.status, value.status);
          texts.push_back(Capped(*value.text));
          const auto* column = sql::As<sql::Column>(selected != nullptr ? selected->expr : each);
          if (selected != nullptr && !selected->alias.empty()) {
            value = NamedColumn(selected->alias, value);
          } else if (column != nullptr) {
            value = NamedColumn(column->parts.back(), value);
          }
          value.span = each->span;
          out.push_back(value);
        }
        std::sort(texts.begin(), texts.end());
        Fact("group_by", where, "group by " + Join(texts, ", "), "", step.group_by->span);
      } else {
        Fact("group_by", where, "group by ", "", step.span);
      }
      for (const sql::SelectItem* each : step.items) evaluate(*each, out);
      flow.columns = std::move(out);
      alias.clear();
      break;
    }
    case Op::kDistinct:
      for (const FlowColumn& column : flow.columns) {
        rows.deps.Add(*column.deps, Subtype::kFilter, false, column.span);
      }
      Fact("distinct", where, "distinct", "", step.span);
      break;
    case Op::kOrderBy:
      for (const sql::OrderItem* each : step.order_by) {
        Gathered by;
        Follow(each->expr, scope, Subtype::kSort, false, by);
        rows.deps.Append(by.deps.Take());
        rows.status = Worse(rows.status, by.status);
      }
      Fact("order_by", where, "order by " + OrderText(step.order_by, scope), "", step.span);
      break;
    case Op::kSetOperation: {
      std::vector<const RelationFlow*> branches = {input};
      for (const sql::Node* branch : step.set_operation->branches) {
        branches.push_back(AnalyzeBody(branch, ctes, outer, where, nullptr));
      }
      flow = *CombineBranches(branches, *step.set_operation, where);
      rows.deps.Append(*flow.dataset);
      rows.status = Worse(rows.status, flow.rows_status);
      break;
    }
    case Op::kJoin: {
      AddJoin(*step.join, scope, rows, scope.star);
      flow.columns.clear();
      for (const StarColumn& column : scope.star) flow.columns.push_back(column.column);
      SeeBases(flow, scope);
      break;
    }
    case Op::kSample:
      Fact("sample", where, GenericText(*step.sample, scope), "", step.span);
      break;
    case Op::kPivot:
    case Op::kUnpivot: {
      Scope inner;
      inner.parent = outer;
      inner.ctes = ctes;
      inner.items = scope.items;
      inner.star = scope.star;
      const RelationFlow* made =
          step.op == Op::kPivot
              ? PivotFlow(static_cast<const sql::Pivot&>(*step.relation), input, inner, rows)
              : UnpivotFlow(static_cast<const sql::Unpivot&>(*step.relation), input, inner, rows);
      flow.columns = made->columns;
      rows.deps.Append(*made->dataset);
      rows.status = Worse(rows.status, made->rows_status);
      alias.clear();
      break;
    }
    case Op::kMatchRecognize:
    case Op::kWith:
    case Op::kCall:
    case Op::kOther:
      rows.status = Status::kUnknown;
      for (FlowColumn& column : flow.columns) column.status = Status::kUnknown;
      Diagnose("opaque_syntax", "this step of the pipe was not understood", step.span);
      break;
  }
  flow.dataset = flows_.Keep(rows.deps.Take());
  flow.rows_status = Worse(flow.rows_status, rows.status);
}

}  // namespace layergate::lineage

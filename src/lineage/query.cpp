// Queries: SELECT blocks, VALUES.
#include <algorithm>
#include <array>
#include <utility>

#include "core/text.h"
#include "lineage/analyzer.h"
#include "sql/walk.h"

namespace layergate::lineage {

using sql::Dialect;
using sql::Kind;

// --- queries ------------------------------------------------------------------------------------

const RelationFlow* Analyzer::AnalyzeQuery(const sql::Node* node, CteView ctes, Scope* outer,
                                           const std::string& where) {
  const auto* query = sql::As<sql::Query>(node);
  if (query == nullptr) return AnalyzeBody(node, ctes, outer, where, nullptr);
  const CteView view = OpenWith(query->with, ctes, outer);
  // ClickHouse WITH expr AS name: stands for the expression wherever the name is read.
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
      scope->scalars[Key(cte->name)] = cte;
    }
  }
  return AnalyzeBody(query->body, view, scope, where, query);
}

const RelationFlow* Analyzer::AnalyzeBody(const sql::Node* body, CteView ctes, Scope* outer,
                                          const std::string& where, const sql::Query* tail) {
  const bool bare_tail = tail == nullptr || (tail->order_by.empty() && tail->limit == nullptr &&
                                             tail->limit_by == nullptr && !tail->order_by_all &&
                                             tail->sample == nullptr && tail->details.empty() &&
                                             tail->unknown.empty());
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
  const OpenBlock block(*this, flow->block);
  FromItem item;
  item.relation = flow;
  AddItem(scope, std::move(item), rows);
  StarOf(scope, 0, scope.star);
  OrderAndLimit(*tail, scope, flow->columns, rows, false);
  RelationFlow* out = NewRelation();
  *out = *flow;
  out->block = block_;
  out->dataset = flows_.Keep(rows.deps.Take());
  out->rows_status = rows.status;
  return out;
}

const RelationFlow* Analyzer::AnalyzeValues(const sql::Values& values, CteView ctes, Scope* outer,
                                            const std::string& where, const sql::Query* tail) {
  Scope scope;
  scope.parent = outer;
  scope.ctes = ctes;
  const OpenBlock block(*this);
  RelationFlow* flow = NewRelation();
  flow->label = "values";
  flow->block = block_;
  size_t width = 0;
  for (const sql::Row* row : values.rows) width = std::max(width, row->items.size());
  for (size_t i = 0; i < width; ++i) {
    Gathered all;
    std::string text;
    for (const sql::Row* row : values.rows) {
      if (i >= row->items.size()) continue;
      Follow(row->items[i], scope, Subtype::kIdentity, false, all);
      text += (text.empty() ? "" : " | ") + Text(row->items[i], scope);
    }
    text = Capped(text);
    const bool counts_from_zero = dialect_ == Dialect::kDuckDb;
    std::string name = counts_from_zero              ? "col" + std::to_string(i)
                       : dialect_ == Dialect::kTrino ? "_col" + std::to_string(i)
                       : dialect_ == Dialect::kDatabricks || dialect_ == Dialect::kSpark
                           ? "col" + std::to_string(i + 1)
                       : dialect_ == Dialect::kClickHouse ? "c" + std::to_string(i + 1)
                       : dialect_ == Dialect::kMySql      ? "column_" + std::to_string(i)
                       : dialect_ == Dialect::kMariaDb && i < values.rows[0]->items.size()
                           ? std::string(sql_.Text(*values.rows[0]->items[i]))
                           : "column" + std::to_string(i + 1);
    flow->columns.push_back(MakeColumn(ShownOutput(rules_, name, false),
                                       NameKey(rules_, name, false), flows_.Keep(all.deps.Take()),
                                       all.status, text, values.span));
  }
  SetSource(
      Fact("from", where, "values", std::to_string(values.rows.size()) + " rows", values.span),
      RelationFlow());
  return WithTail(flow, tail, ctes, outer, where);
}

// --- SELECT -------------------------------------------------------------------------------------

const RelationFlow* Analyzer::AnalyzeSelect(const sql::Select& select, CteView ctes, Scope* outer,
                                            const std::string& where, const sql::Query* tail) {
  Scope scope;
  scope.parent = outer;
  scope.ctes = ctes;
  Rows rows;
  rows.where = where;
  const OpenBlock block(*this);
  const size_t first_fact = unit_ != nullptr ? unit_->facts.size() : 0;
  scope.coming = &select;
  for (const sql::Node* from : select.from) {
    const size_t before = scope.items.size();
    AddFrom(from, scope, rows, scope.star, before == 0);
    const bool values = from->kind == Kind::kUnnest || from->kind == Kind::kTableFunction;
    if (before > 0 && from->kind != Kind::kJoined && !values && scope.items.size() > before) {
      const RelationFlow& relation = *scope.items[before].relation;
      SetSource(Fact("join", where, "cross join " + relation.label, "cross", from->span), relation);
    }
  }
  for (const sql::NamedWindow* window : select.windows) {
    scope.windows[Key(window->name)] = window->spec;
  }
  OpenItems(select, scope);
  if (dialect_ == Dialect::kSqlite) PickRows(select, tail, scope);
  if (select.connect_by != nullptr) {
    // How deep the walk is at a row: the walk's conditions, which are the row set's, decide.
    static constexpr sql::Name kLevel{"level", false, {}};
    scope.extra[Key(kLevel)] = NamedColumn(
        kLevel, MakeColumn("", "", flows_.none(), Status::kExact, "level", select.span));
  }
  scope.clause = Clause::kWhere;
  if (select.prewhere != nullptr) Conjuncts(select.prewhere, "predicate", scope, rows);
  if (select.where != nullptr) Conjuncts(select.where, "predicate", scope, rows);
  if (select.connect_by != nullptr) {
    for (const sql::Expr* expr : {select.connect_by->start_with, select.connect_by->condition}) {
      if (expr != nullptr) Conjuncts(expr, "predicate", scope, rows);
    }
    if (select.connect_by->no_cycle) Fact("option", where, "nocycle", "", select.span);
  }
  std::vector<FlowColumn> columns;
  EvaluateItems(scope, columns);
  FollowUnknown(select.unknown, scope, rows);
  const FlowColumn* row = nullptr;
  if (select.as == sql::Select::As::kStruct) {
    // SELECT AS STRUCT: one value with these fields, which are the columns where it is a relation.
    shapes_.emplace_back();
    Shape& shape = shapes_.back();
    shape.fields = columns;
    Gathered all;
    for (const FlowColumn& column : columns) {
      AddColumn(column, Subtype::kTransformation, false, column.span, all);
    }
    values_.push_back(MakeColumn("", "", flows_.Keep(all.deps.Take()), all.status,
                                 "struct" + RowText(columns), select.span));
    values_.back().shape = &shape;
    row = &values_.back();
  }
  if (select.group_by != nullptr) {
    scope.clause = Clause::kGroupBy;
    GroupBy(*select.group_by, scope, rows, GroupsLikeDistinct(select) ? &columns : nullptr);
  }
  const bool one_row = select.group_by == nullptr &&
                       std::any_of(select.items.begin(), select.items.end(),
                                   [&](const auto* item) { return HasAggregate(item->expr); });
  if (one_row) Fact("group_by", rows.where, "group by nothing", "", select.span);
  if (select.having != nullptr) {
    scope.clause = Clause::kHaving;
    Conjuncts(select.having, "having", scope, rows);
  }
  if (select.qualify != nullptr) {
    scope.clause = Clause::kQualify;
    Conjuncts(select.qualify, "qualify", scope, rows);
  }
  if (!select.details.empty()) {
    Fact("option", rows.where, DetailText(select.details), "", select.span);
  }
  scope.clause = Clause::kSelect;
  for (const sql::SelectItem* item : select.items) CollectWindows(item->expr, scope, rows);
  if (select.qualify != nullptr) CollectWindows(select.qualify, scope, rows);
  bool limits = false;
  Distinct(select, scope, columns, rows, limits);
  LimitFact(select.top, scope, rows, limits);
  if (tail != nullptr) OrderAndLimit(*tail, scope, columns, rows, limits);
  for (auto& [text, span] : scope.generators) Fact("unnest", rows.where, text, "", span);
  rows.deps.Append(scope.multiplied.Take());
  rows.status = Worse(rows.status, scope.multiplied_status);
  RelationFlow* flow = NewRelation();
  flow->columns = std::move(columns);
  if (tail != nullptr) {
    for (const sql::SelectItem* filled : tail->interpolate) {
      const auto* itself = sql::As<sql::Column>(filled->expr);
      for (FlowColumn& column : flow->columns) {
        if (*column.key != Key(filled->alias)) continue;
        const bool other = itself == nullptr || Key(itself->parts.back()) != *column.key;
        if (other) column.status = Status::kUnknown;  // filled rows hold something else
      }
    }
  }
  for (const FlowColumn& column : flow->columns) flow->open = flow->open || *column.name == "*";
  flow->dataset = flows_.Keep(rows.deps.Take());
  flow->rows_status = rows.status;
  flow->block = block_;
  flow->label = scope.items.size() == 1 ? scope.items[0].relation->label : std::string("subquery");
  SeeBases(*flow, scope);
  flow->rows = RowsText(scope, first_fact);
  flow->value = row;
  if (select.implicit_star) from_items_ = scope.items;
  // SELECT AS VALUE: the relation's name is the value.
  if (select.as == sql::Select::As::kValue && flow->columns.size() == 1) {
    const Shape* shape = ShapeOf(flow->columns[0]);
    values_.push_back(flow->columns[0]);
    flow->value = &values_.back();
    if (shape != nullptr && shape->element == nullptr) {
      flow->columns = shape->fields;
    } else {
      flow->open = shape == nullptr;
    }
  }
  return flow;
}

// From here on the items of the SELECT list, and their aliases, can be asked for.
void Analyzer::OpenItems(const sql::Select& select, Scope& scope) {
  scope.select = &select;
  scope.item_state.assign(select.items.size(), 0);
  scope.item_flow.resize(select.items.size());
  for (size_t i = 0; i < select.items.size(); ++i) {
    if (!select.items[i]->alias.empty()) scope.aliases.emplace(Key(select.items[i]->alias), i);
  }
}

void Analyzer::EvaluateItems(Scope& scope, std::vector<FlowColumn>& out) {
  const sql::Select& select = *scope.select;
  for (size_t i = 0; i < select.items.size(); ++i) {
    const sql::SelectItem& item = *select.items[i];
    if (item.expr == nullptr || !item.variable.empty()) continue;
    scope.clause = Clause::kSelect;
    scope.current_item = i;
    if (const auto* star = sql::As<sql::Star>(item.expr)) {
      const size_t first = out.size();
      ExpandStar(*star, scope, out);
      const auto named = [&](size_t at) {
        return item.aliases[at - first];
      };  // Trino: t.* AS (a, b)
      for (size_t at = first; at < out.size(); ++at) {
        if (at - first < item.aliases.size()) out[at] = NamedColumn(named(at), out[at]);
        const bool bare = scope.picked_by != nullptr && scope.grouped.count(*out[at].key) == 0;
        if (bare) AddPicked(scope, out[at]);
      }
      continue;
    }
    if (const auto* macro = sql::As<sql::ColumnsMacro>(FindMacro(item.expr))) {
      ExpandColumns(item, *macro, scope, out);
      continue;
    }
    if (ExpandGenerator(item, scope, out)) continue;
    if (!item.aliases.empty()) {
      // explode(m) AS (k, v)
      const FlowColumn value = Evaluate(item.expr, scope);
      for (const sql::Name& name : item.aliases) out.push_back(NamedColumn(name, value));
      continue;
    }
    FlowColumn column = Item(scope, i);
    if (column.name->empty() && item.alias.empty()) {
      const std::string name = DefaultName(item, out);
      column.name = Keep(name);
      column.key = Keep(NameKey(rules_, name, false));
      column.guessed_name = GuessesName(item);
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
  if (scope.picked_by != nullptr && HasBareColumn(item.expr, scope)) AddPicked(scope, value);
  if (!item.alias.empty()) {
    value = NamedColumn(item.alias, value);
  } else if (const auto* column = sql::As<sql::Column>(item.expr)) {
    value = NamedColumn(column->parts.back(), value);
    if (dialect_ == Dialect::kClickHouse) NameByPath(*column, scope, value);
  } else if (item.expr->kind == Kind::kPositionalColumn && dialect_ == Dialect::kDuckDb) {
    // #1 bears the name of the column that it stands for.
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

// ClickHouse calls a field of a tuple or of nested arrays by its whole path.
void Analyzer::NameByPath(const sql::Column& column, const Scope& scope, FlowColumn& value) {
  if (column.parts.size() < 2) return;
  std::vector<std::string> path;
  for (const sql::Name& part : column.parts) path.emplace_back(part.text);
  if (FindItem(scope, std::array{Key(column.parts[0])}) != nullptr) path.erase(path.begin());
  value.name = Keep(Join(path, "."));
  value.key = value.name;
}

void Analyzer::Conjuncts(const sql::Expr* predicate, const char* kind, Scope& scope, Rows& rows) {
  Gathered all;
  Follow(predicate, scope, Subtype::kFilter, false, all);
  if (scope.picked_by != nullptr && scope.clause == Clause::kHaving &&
      HasBareColumn(predicate, scope)) {
    all.deps.Add(*scope.picked_by, Subtype::kFilter, false, predicate->span);
  }
  rows.deps.Append(all.deps.Take());
  rows.status = Worse(rows.status, all.status);
  std::vector<RowSetFact::Conjunct> conjuncts;
  SplitConjuncts(predicate, scope, conjuncts);
  for (RowSetFact::Conjunct& each : conjuncts) {
    Fact(kind, rows.where, std::move(each.text), "", each.span);
  }
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
    for (const sql::Node* each : set->items) {
      if (each == nullptr || each->kind != Kind::kRow) {
        GroupItem(each, scope, rows, inner);
        continue;
      }
      std::vector<std::string> together;  // ROLLUP ((a, b), c) takes a and b in one step
      GroupItem(each, scope, rows, together);
      inner.push_back("(" + Join(together, ", ") + ")");
    }
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

// No aggregate anywhere: then GROUP BY over all columns is DISTINCT.
bool Analyzer::GroupsLikeDistinct(const sql::Select& select) const {
  if (select.distinct != sql::Select::Distinct::kNone || select.having != nullptr ||
      select.qualify != nullptr || !select.group_by->with_.empty()) {
    return false;
  }
  return std::none_of(select.items.begin(), select.items.end(), [&](const sql::SelectItem* item) {
    bool window = false;
    sql::Walk(item->expr, [&](const sql::Node* node) {
      const auto* call = sql::As<sql::Call>(node);
      window = window || (call != nullptr && call->over != nullptr);
      return !window;
    });
    return window || HasAggregate(item->expr);
  });
}

void Analyzer::GroupBy(const sql::GroupBy& group, Scope& scope, Rows& rows,
                       const std::vector<FlowColumn>* columns) {
  sql::Walk(&group, [&](const sql::Node* node) {
    const auto* column = sql::As<sql::Column>(node);
    if (column != nullptr) scope.grouped.insert(Key(column->parts.back()));
    return node->kind != Kind::kQuery;
  });
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
  // The order of keys says nothing, nor does a key that stands there twice; sets of keys multiply.
  const bool plain = std::none_of(
      group.items.begin(), group.items.end(),
      [](const sql::Node* each) { return each != nullptr && each->kind == Kind::kGroupingSet; });
  if (group.with_.empty()) std::sort(texts.begin(), texts.end());
  if (group.with_.empty() && plain) {
    texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  }
  if (columns != nullptr) {
    std::vector<std::string> all;
    for (const FlowColumn& column : *columns) all.push_back(Capped(*column.text));
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    if (all == texts) {
      if (RowSetFact* fact = Fact("distinct", rows.where, "distinct", "", group.span)) {
        for (const FlowColumn& column : *columns) {
          fact->on.push_back({Capped(*column.text), column.span});
        }
      }
      return;
    }
  }
  std::string text = (group.distinct ? "group by distinct " : "group by ") + Join(texts, ", ");
  if (!group.with_.empty()) text += " with " + ToLower(group.with_);
  Fact("group_by", rows.where, std::move(text), "", group.span);
}

void Analyzer::LimitFact(const sql::Limit* limit, Scope& scope, Rows& rows, bool& limits,
                         const std::vector<FlowColumn>* columns) {
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
      static const std::vector<FlowColumn> kNone;
      text += " by " + FollowKey(by, Subtype::kFilter, scope, columns ? *columns : kNone, rows);
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

// The output column that a key of ORDER BY or DISTINCT ON means: a number is one by its place, a
// bare name is one first of all. nullptr: an expression over what the block reads.
const FlowColumn* Analyzer::OutputOf(const sql::Expr* expr,
                                     const std::vector<FlowColumn>& columns) const {
  if (const auto* literal = sql::As<sql::Literal>(expr);
      literal != nullptr && literal->form == sql::Literal::Form::kNumber) {
    const int ordinal = std::atoi(std::string(literal->text).c_str());
    const bool there = ordinal >= 1 && static_cast<size_t>(ordinal) <= columns.size();
    return there ? &columns[static_cast<size_t>(ordinal) - 1] : nullptr;
  }
  const auto* column = sql::As<sql::Column>(expr);
  if (column == nullptr || column->parts.size() != 1) return nullptr;
  const std::string key = Key(column->parts[0]);
  for (const FlowColumn& each : columns) {
    if (*each.key == key && *each.name != "*") return &each;
  }
  return nullptr;
}

// DISTINCT compares every output; DISTINCT ON its keys, and then order picks the row.
void Analyzer::Distinct(const sql::Select& select, Scope& scope,
                        const std::vector<FlowColumn>& columns, Rows& rows, bool& limits) {
  if (select.distinct == sql::Select::Distinct::kDistinct) {
    for (const FlowColumn& column : columns) {
      rows.deps.Add(*column.deps, Subtype::kFilter, false, column.span);
      rows.status = Worse(rows.status, column.status);
    }
    if (RowSetFact* fact = Fact("distinct", rows.where, "distinct", "", select.span)) {
      for (const FlowColumn& column : columns) {
        fact->on.push_back({Capped(*column.text), column.span});
      }
    }
  }
  if (select.distinct != sql::Select::Distinct::kOn) return;
  limits = true;
  std::vector<std::string> texts;
  scope.clause = Clause::kOrderBy;
  for (const sql::Expr* expr : select.distinct_on) {
    texts.push_back(FollowKey(expr, Subtype::kFilter, scope, columns, rows));
  }
  std::sort(texts.begin(), texts.end());
  Fact("distinct_on", rows.where, "distinct on " + Join(texts, ", "), "", select.span);
}

// One key of ORDER BY or DISTINCT ON decides about rows; gives its text.
std::string Analyzer::FollowKey(const sql::Expr* expr, Subtype use, Scope& scope,
                                const std::vector<FlowColumn>& columns, Rows& rows) {
  Gathered by;
  std::string text;
  if (const FlowColumn* column = OutputOf(expr, columns)) {
    AddColumn(*column, use, false, expr->span, by);
    text = Capped(*column->text);
  } else {
    Follow(expr, scope, use, false, by);
    text = Text(expr, scope);
  }
  rows.deps.Append(by.deps.Take());
  rows.status = Worse(rows.status, by.status);
  return text;
}

// ORDER BY decides about rows only where a limit cuts (`limits`: one did already).
void Analyzer::OrderAndLimit(const sql::Query& tail, Scope& scope,
                             const std::vector<FlowColumn>& columns, Rows& rows, bool limits) {
  scope.clause = Clause::kOrderBy;
  LimitFact(tail.limit_by, scope, rows, limits, &columns);
  LimitFact(tail.limit, scope, rows, limits);
  const bool ordered = !tail.order_by.empty() || tail.order_by_all;
  if (limits && !ordered) result_.takes_order = true;
  const Subtype use = limits ? Subtype::kFilter : Subtype::kSort;
  std::vector<std::string> texts;
  for (const sql::OrderItem* item : tail.order_by) {
    std::string text = FollowKey(item->expr, use, scope, columns, rows);
    text += DirectionText(*item);
    if (!item->details.empty()) {  // WITH FILL makes rows
      Fact("option", rows.where, "order by " + text + " " + DetailText(item->details), "",
           item->span);
    }
    texts.push_back(std::move(text));
  }
  if (tail.order_by_all) {
    for (const FlowColumn& column : columns) {
      rows.deps.Add(*column.deps, use, false, column.span);
    }
    texts.emplace_back("all");
  }
  if (!texts.empty()) {
    const Span span = tail.order_by.empty()
                          ? tail.span
                          : Span{tail.order_by.front()->span.begin, tail.order_by.back()->span.end};
    Fact("order_by", rows.where, "order by " + Join(texts, ", "), "", span);
  }
  if (!tail.details.empty()) Fact("option", rows.where, DetailText(tail.details), "", tail.span);
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
    std::string text = WindowText(call->over, ToLower(FunctionName(*call)), scope, 0);
    const std::vector<RowSetFact>* facts = unit_ != nullptr ? &unit_->facts : nullptr;
    const bool known =
        facts != nullptr && std::any_of(facts->begin(), facts->end(), [&](const RowSetFact& f) {
          return f.kind == "window" && f.block == block_ && f.text == text;
        });
    if (!known) Fact("window", rows.where, std::move(text), "", call->over->span);
    return true;
  });
}

}  // namespace layergate::lineage

// How values flow through expressions.
#include <algorithm>
#include <array>
#include <tuple>

#include "core/text.h"
#include "lineage/analyzer.h"
#include "lineage/row_blocks.h"
#include "lineage/shape.h"
#include "sql/walk.h"

namespace layergate::lineage {

namespace {

// What a use becomes one level deeper.
Subtype Through(Subtype hop, Subtype use) { return Compose(hop, use); }

}  // namespace

void Analyzer::AddColumn(const FlowColumn& column, Subtype use, bool masking, Span span,
                         Gathered& into) {
  into.deps.Add(*column.deps, use, masking && IsDirect(use), span);
  into.status = Worse(into.status, column.status);
}

std::string_view Analyzer::FunctionName(const sql::Call& call) const {
  return call.name.empty() ? std::string_view() : call.name.back().text;
}

// `$1`, `#1`: a column by its place in FROM.
FlowColumn Analyzer::PositionalColumn(const sql::PositionalColumn& positional, Scope& scope) {
  std::vector<FlowColumn> columns;
  for (const StarColumn& column :
       StarColumns(positional.qualifier, nullptr, positional.span, scope)) {
    columns.push_back(column.column);
  }
  const size_t count = std::min<size_t>(positional.ordinal, columns.size());
  const bool known = positional.ordinal > 0 && positional.ordinal <= columns.size() &&
                     std::none_of(columns.begin(), columns.begin() + static_cast<ptrdiff_t>(count),
                                  [](const FlowColumn& c) { return *c.name == "*"; });
  if (known) return columns[count - 1];
  // A staged file has columns by their place only: $1 is what it is called.
  const Leaf* leaf = columns.size() == 1 && columns[0].deps->size() == 1
                         ? &flows_.leaf(columns[0].deps->front().leaf)
                         : nullptr;
  if (leaf != nullptr && leaf->column == "*" && !leaf->relation.empty() &&
      leaf->relation[0] == '@') {
    const std::string relation(leaf->relation);
    const std::string name = "$" + std::to_string(positional.ordinal);
    const LeafId id = flows_.Intern(relation, name);
    return MakeColumn(name, name, flows_.Keep({{id, Subtype::kIdentity, false, positional.span}}),
                      Status::kExact, relation + "." + name, positional.span);
  }
  Gathered all;
  for (const FlowColumn& column : columns) {
    AddColumn(column, Subtype::kTransformation, false, positional.span, all);
  }
  Diagnose("unresolved_column", "a column by its place, in a relation that is not known",
           positional.span);
  return MakeColumn("", "", flows_.Keep(all.deps.Take()), Status::kUnknown, "?", positional.span);
}

// An expression as a column: paths keep their fields, structs their shape.
FlowColumn Analyzer::Evaluate(const sql::Expr* expr, Scope& scope) {
  if (expr == nullptr) {
    return MakeColumn("", "", flows_.none(), Status::kExact, "", {});
  }
  if (const auto* column = sql::As<sql::Column>(expr)) return ResolveColumn(*column, scope);
  if (const auto* field = sql::As<sql::Field>(expr)) {
    return FieldOf(Evaluate(field->base, scope), field->name, field->span, field->json);
  }
  if (const auto* subscript = sql::As<sql::Subscript>(expr); subscript && !subscript->slice) {
    const FlowColumn base = Evaluate(subscript->base, scope);
    const auto* literal = sql::As<sql::Literal>(subscript->index);
    FlowColumn out;
    if (literal != nullptr && literal->form == sql::Literal::Form::kString) {
      const sql::Name name{literal->text, true, literal->span};
      const Shape* shape = ShapeOf(base);
      out = FieldOf(base, name, expr->span, shape == nullptr || shape->element != nullptr);
    } else {
      out = ElementOf(base, expr->span);
    }
    Gathered index;
    if (literal == nullptr) Follow(subscript->index, scope, Subtype::kTransformation, false, index);
    if (!index.deps.empty() || index.status != Status::kExact) {
      index.deps.Append(*out.deps);
      out.deps = flows_.Keep(index.deps.Take());
      out.status = Worse(out.status, index.status);
    }
    out.text = Keep(Text(expr, scope));
    if (out.shape != nullptr && out.shape->element == nullptr) {
      shapes_.emplace_back();
      Shape& row = shapes_.back();
      row.fields = out.shape->fields;
      for (FlowColumn& field : row.fields) field.text = FieldText(out, field);
      out.shape = &row;
    }
    return out;
  }
  if (columns_value_ != nullptr && expr->kind == sql::Kind::kColumnsMacro) return *columns_value_;
  if (const auto* positional = sql::As<sql::PositionalColumn>(expr)) {
    return PositionalColumn(*positional, scope);
  }
  Gathered all;
  Follow(expr, scope, Subtype::kIdentity, false, all);
  FlowColumn out =
      MakeColumn("", "", flows_.Keep(all.deps.Take()), all.status, Text(expr, scope), expr->span);
  if (const auto* built = sql::As<sql::Struct>(expr)) {
    shapes_.emplace_back();
    Shape& shape = shapes_.back();
    for (const sql::StructField* field : built->fields) {
      FlowColumn value = Evaluate(field->value, scope);
      sql::Name name = field->name;
      if (name.empty()) {
        if (const auto* column = sql::As<sql::Column>(field->value)) name = column->parts.back();
      }
      shape.fields.push_back(NamedColumn(name, value));
    }
    out.shape = &shape;
  } else if (const auto* tuple = sql::As<sql::Row>(expr)) {
    out.shape = RowShape(tuple->items, scope);
  } else if (const auto* subquery = sql::As<sql::Subquery>(expr)) {
    out.shape = SubqueryShape(*subquery, scope);
  } else if (const auto* call = sql::As<sql::Call>(expr)) {
    out.shape = CallShape(*call, out, scope);
  } else if (const auto* cast = sql::As<sql::Cast>(expr)) {
    out.shape = CastShape(*cast, scope);
  } else if (const auto* array = sql::As<sql::Array>(expr); array && !array->items.empty()) {
    out.shape = ArrayShape(*array, scope);
  }
  return out;
}

// What decides about the rows of a subquery decides about the value that is made of them.
// Conditions of its joins filter its rows, like WHERE does.
void Analyzer::AddRowsOf(const RelationFlow& flow, Subtype use, Gathered& into) {
  for (const Dep& dep : *flow.dataset) {
    const Subtype own = dep.subtype == Subtype::kJoin ? Subtype::kFilter : dep.subtype;
    into.deps.Add(dep.leaf, IsDirect(use) ? own : use, false, dep.span);
  }
  into.status = Worse(into.status, flow.rows_status);
}

void Analyzer::Follow(const sql::Expr* expr, Scope& scope, Subtype use, bool masking,
                      Gathered& into) {
  if (expr == nullptr) return;
  using sql::Kind;
  const Subtype transformed = Through(Subtype::kTransformation, use);
  const Subtype decides = Through(Subtype::kConditional, use);
  switch (expr->kind) {
    case Kind::kColumn:
    case Kind::kField:
      AddColumn(Evaluate(expr, scope), use, masking, expr->span, into);
      return;
    case Kind::kSubscript: {
      const auto& subscript = static_cast<const sql::Subscript&>(*expr);
      if (!subscript.slice) {
        AddColumn(Evaluate(expr, scope), transformed, masking, expr->span, into);
        return;
      }
      sql::ForEachChild(
          *expr, [&](const sql::Node* child) { Follow(child, scope, transformed, masking, into); });
      return;
    }
    case Kind::kPositionalColumn: {
      const auto& positional = static_cast<const sql::PositionalColumn&>(*expr);
      const FlowColumn column = PositionalColumn(positional, scope);
      AddColumn(column, column.status == Status::kUnknown ? transformed : use, masking, expr->span,
                into);
      return;
    }
    case Kind::kStar: {
      // Inside a call: every column.
      const auto& star = static_cast<const sql::Star&>(*expr);
      std::vector<FlowColumn> columns;
      ExpandStar(star, scope, columns);
      for (const FlowColumn& column : columns) AddColumn(column, use, masking, expr->span, into);
      return;
    }
    case Kind::kColumnsMacro: {
      if (columns_value_ != nullptr) {
        AddColumn(*columns_value_, use, masking, expr->span, into);
        return;
      }
      const auto& macro = static_cast<const sql::ColumnsMacro&>(*expr);
      for (const FlowColumn& column : MacroColumns(macro, scope)) {
        AddColumn(column, transformed, masking, expr->span, into);
      }
      return;
    }
    case Kind::kLiteral:
    case Kind::kType:
      return;
    case Kind::kParameter:
      return;
    case Kind::kCase: {
      const auto& test = static_cast<const sql::Case&>(*expr);
      Follow(test.operand, scope, decides, masking, into);
      for (const sql::When* when : test.whens) {
        Follow(when->test, scope, decides, masking, into);
        Follow(when->result, scope, transformed, masking, into);
      }
      Follow(test.otherwise, scope, transformed, masking, into);
      return;
    }
    case Kind::kCall:
      FollowCall(static_cast<const sql::Call&>(*expr), scope, use, masking, into);
      return;
    case Kind::kSubquery: {
      const auto& subquery = static_cast<const sql::Subquery&>(*expr);
      const bool scalar = subquery.form == sql::Subquery::Form::kScalar;
      FollowQuery(subquery.query, scope, use, scalar ? use : transformed, masking, into);
      return;
    }
    case Kind::kExists: {
      // A star there is a habit of writing: whether there are rows says nothing of their columns.
      const SubqueryFlow& inner = SubqueryOf(static_cast<const sql::Exists&>(*expr).query, scope);
      for (const FlowColumn& column : inner.flow->columns) {
        if (!column.from_star) AddColumn(column, decides, masking, expr->span, into);
      }
      AddRowsOf(*inner.flow, use, into);
      return;
    }
    case Kind::kIn: {
      const auto& in = static_cast<const sql::In&>(*expr);
      Follow(in.operand, scope, transformed, masking, into);
      for (const sql::Expr* item : in.list) Follow(item, scope, transformed, masking, into);
      Follow(in.source, scope, transformed, masking, into);
      if (in.query != nullptr) FollowQuery(in.query, scope, use, decides, masking, into);
      return;
    }
    case Kind::kQuantified: {
      const auto& quantified = static_cast<const sql::Quantified&>(*expr);
      Follow(quantified.operand, scope, transformed, masking, into);
      Follow(quantified.array, scope, transformed, masking, into);
      if (quantified.query != nullptr) {
        FollowQuery(quantified.query, scope, use, decides, masking, into);
      }
      return;
    }
    case Kind::kLambda:
      FollowLambda(static_cast<const sql::Lambda&>(*expr), scope, transformed, masking, into);
      return;
    case Kind::kComprehension: {
      const auto& loop = static_cast<const sql::Comprehension&>(*expr);
      Follow(loop.source, scope, transformed, masking, into);
      scopes_.emplace_back();
      Scope& inner = scopes_.back();
      inner.parent = &scope;
      inner.ctes = scope.ctes;
      for (const sql::Name& name : loop.variables) inner.parameters.push_back(Key(name));
      Follow(loop.body, inner, transformed, masking, into);
      Follow(loop.condition, inner, Through(Subtype::kFilter, use), masking, into);
      return;
    }
    case Kind::kNamedArgument: {
      const auto& argument = static_cast<const sql::NamedArgument&>(*expr);
      Follow(argument.key, scope, transformed, masking, into);
      Follow(argument.value, scope, use, masking, into);
      return;
    }
    case Kind::kQuery:
      FollowQuery(expr, scope, use, use, masking, into);
      return;
    case Kind::kOpaque: {
      into.status = Status::kUnknown;
      ++quiet_;
      for (const sql::Node* part : static_cast<const sql::Opaque&>(*expr).parts) {
        Follow(part, scope, transformed, masking, into);
      }
      --quiet_;
      into.status = Status::kUnknown;
      return;
    }
    case Kind::kTable: {
      // T-SQL: freetext(t.*, ...) and the like.
      into.status = Status::kUnknown;
      return;
    }
    case Kind::kCollate:
      Follow(static_cast<const sql::Collate&>(*expr).operand, scope, transformed, masking, into);
      return;
    default:
      sql::ForEachChild(
          *expr, [&](const sql::Node* child) { Follow(child, scope, transformed, masking, into); });
      return;
  }
}

void Analyzer::FollowLambda(const sql::Lambda& lambda, Scope& scope, Subtype use, bool masking,
                            Gathered& into) {
  scopes_.emplace_back();
  Scope& inner = scopes_.back();
  inner.parent = &scope;
  inner.ctes = scope.ctes;
  for (const sql::Name& name : lambda.parameters) inner.parameters.push_back(Key(name));
  Follow(lambda.body, inner, use, masking, into);
}

// A subquery as a value: its columns are used as `value_use`; what decides about its rows decides
// about this value only.
void Analyzer::FollowQuery(const sql::Node* query, Scope& scope, Subtype use, Subtype value_use,
                           bool masking, Gathered& into) {
  const SubqueryFlow& inner = SubqueryOf(query, scope);
  if (inner.flow->value != nullptr) {
    AddColumn(*inner.flow->value, value_use, masking, query->span, into);
  } else {
    for (const FlowColumn& column : inner.flow->columns) {
      AddColumn(column, value_use, masking, query->span, into);
    }
  }
  AddRowsOf(*inner.flow, use, into);
}

const Analyzer::SubqueryFlow& Analyzer::SubqueryOf(const sql::Node* query, Scope& scope) {
  const auto known = subqueries_.find(query);
  if (known != subqueries_.end()) return known->second;
  // Facts of an expression's subquery belong to the expression: they become part of its text.
  units_.emplace_back();
  Unit* outer_unit = unit_;
  Unit* own = &units_.back();
  unit_ = own;
  SubqueryFlow result;
  const bool kept = keep_facts_;
  keep_facts_ = true;
  result.flow = AnalyzeQuery(query, scope.ctes, &scope, "");
  keep_facts_ = kept;
  unit_ = outer_unit;
  if (unit_ != nullptr) {
    unit_->uses.insert(unit_->uses.end(), own->uses.begin(), own->uses.end());
  }
  std::string text = "select ";
  if (result.flow->value != nullptr) {  // the names of the row's fields are part of the value
    text += *result.flow->value->text;
  } else {
    for (size_t i = 0; i < result.flow->columns.size(); ++i) {
      if (i > 0) text += ", ";
      text += *result.flow->columns[i].text;
    }
  }
  RowsOf(*own, result);
  result.text = text + "; " + result.rows;
  return subqueries_[query] = std::move(result);
}

// What rows a subquery gives, whatever its CTEs are called.
void Analyzer::RowsOf(Unit& unit, SubqueryFlow& of) const {
  std::deque<RowSetFact> facts;
  std::set<Unit*> seen = {&unit};
  std::vector<Unit*> open = {&unit};
  while (!open.empty()) {
    Unit* each = open.back();
    open.pop_back();
    for (const RowSetFact& fact : each->facts) {
      // Databases and schemas differ between environments; who reads which table is told by edges.
      facts.push_back(fact);
      std::string& relation = facts.back().relation;
      relation.erase(0, relation.rfind('.') + 1);
    }
    for (Unit* used : each->uses) {
      if (seen.insert(used).second) open.push_back(used);
    }
  }
  std::vector<const RowSetFact*> sorted;
  for (const RowSetFact& fact : facts) sorted.push_back(&fact);
  std::stable_sort(sorted.begin(), sorted.end(), [](const RowSetFact* a, const RowSetFact* b) {
    return std::tie(a->span.begin, a->span.end) < std::tie(b->span.begin, b->span.end);
  });
  const RowBlocks blocks(sorted, of.flow->block, result_.goes_on_from, result_.takes_order);
  of.rows = "rows {" + blocks.at(blocks.root()).digest.substr(0, 16) + "}";
  if (blocks.order() != nullptr) of.order = " " + blocks.order()->text;
}

void Analyzer::FollowArguments(const sql::Call& call, Scope& scope, Subtype use, bool masking,
                               Gathered& into) {
  for (const sql::Expr* argument : call.arguments) Follow(argument, scope, use, masking, into);
}

// MySQL's VALUES(a) in ON DUPLICATE KEY UPDATE: the value that was to be inserted.
bool Analyzer::FollowInsertedValue(const sql::Call& call, Scope& scope, Subtype use, bool masking,
                                   Gathered& into) {
  if (dialect_ != sql::Dialect::kMySql && dialect_ != sql::Dialect::kMariaDb) return false;
  if (call.arguments.size() != 1 || !EqualsIgnoreCase(FunctionName(call), "values")) return false;
  const auto* column = sql::As<sql::Column>(call.arguments[0]);
  const FromItem* excluded = FindItem(scope, std::array<std::string, 1>{"excluded"});
  if (column == nullptr || excluded == nullptr) return false;
  const std::span<const uint32_t> found = excluded->relation->Find(Key(column->parts.back()));
  if (found.empty()) return false;
  AddColumn(excluded->relation->columns[found[0]], use, masking, call.span, into);
  return true;
}

// current_date and its kin where their word is not reserved: a column of that name wins.
bool Analyzer::FollowColumnOfThatName(const sql::Call& call, Scope& scope, Subtype use,
                                      bool masking, Gathered& into) {
  if (!call.no_parentheses || call.name.size() != 1 || call.over != nullptr) return false;
  if (IsReserved(ToLower(FunctionName(call)))) return false;
  const std::string key = Key(call.name[0]);
  for (Scope* at = &scope; at != nullptr; at = at->parent) {
    for (const uint32_t place : MayHave(*at, key, false)) {
      const FromItem& item = at->items[place];
      const std::span<const uint32_t> found = item.relation->Find(key);
      if (item.gone || item.hidden || found.size() != 1) continue;
      AddColumn(ThroughItem(item, item.relation->columns[found[0]]), use, masking, call.span, into);
      return true;
    }
  }
  return false;
}

// A qualified name is a function that somebody wrote, but for BigQuery's own.
FunctionClass Analyzer::ClassOfCall(const sql::Call& call) const {
  const std::string_view name = FunctionName(call);
  if (call.name.size() <= 1) return ClassOf(name, dialect_);
  if (dialect_ != sql::Dialect::kBigQuery || call.name.size() != 2) return FunctionClass::kScalar;
  if (EqualsIgnoreCase(call.name[0].text, "safe")) return ClassOf(name, dialect_);
  const bool sketch = EqualsIgnoreCase(call.name[0].text, "hll_count") ||
                      EqualsIgnoreCase(call.name[0].text, "kll_quantiles");
  const bool whole = EqualsIgnoreCase(name, "extract") || EqualsIgnoreCase(name, "extract_int64");
  return sketch && !whole ? FunctionClass::kCountLike : FunctionClass::kScalar;
}

namespace {

// Whether the value depends on the order in which rows come, since nothing here says which.
bool TakesOrder(const sql::Call& call, FunctionClass what) {
  if (!call.order_by.empty() || !call.within_group.empty()) return false;
  if (call.over != nullptr) {
    return call.over->order_by.empty() && call.over->base.empty() &&
           (what == FunctionClass::kWindowRank || what == FunctionClass::kWindowValue);
  }
  if (!IsAggregate(what) || call.name.empty()) return false;
  static constexpr std::string_view kMakers[] = {"any",
                                                 "any_value",
                                                 "anylast",
                                                 "arbitrary",
                                                 "array_agg",
                                                 "array_concat_agg",
                                                 "arrayagg",
                                                 "collect_list",
                                                 "first",
                                                 "first_value",
                                                 "group_concat",
                                                 "grouparray",
                                                 "json_agg",
                                                 "json_arrayagg",
                                                 "json_group_array",
                                                 "json_object_agg",
                                                 "jsonb_agg",
                                                 "jsonb_object_agg",
                                                 "last",
                                                 "last_value",
                                                 "list",
                                                 "listagg",
                                                 "object_agg",
                                                 "string_agg",
                                                 "xmlagg"};
  const std::string name = ToLower(call.name.back().text);
  return std::find(std::begin(kMakers), std::end(kMakers), name) != std::end(kMakers);
}

}  // namespace

void Analyzer::FollowCall(const sql::Call& call, Scope& scope, Subtype use, bool masking,
                          Gathered& into) {
  const std::string_view name = FunctionName(call);
  FunctionClass what = ClassOfCall(call);
  const Subtype transformed = Through(Subtype::kTransformation, use);
  const Subtype aggregated = Through(Subtype::kAggregation, use);
  const Subtype decides = Through(Subtype::kConditional, use);
  const size_t count = call.arguments.size();
  const bool star_only = count == 1 && call.arguments[0]->kind == sql::Kind::kStar &&
                         IsAggregate(what) &&
                         static_cast<const sql::Star&>(*call.arguments[0]).qualifier.empty();
  if (what == FunctionClass::kScalar && (call.over != nullptr || call.filter != nullptr ||
                                         call.distinct || !call.within_group.empty())) {
    what = FunctionClass::kAggregate;  // a user-defined one
  }
  if (FollowInsertedValue(call, scope, use, masking, into)) return;
  if (FollowColumnOfThatName(call, scope, use, masking, into)) return;
  const int inside = IsAggregate(what) ? 1 : 0;
  aggregates_ += inside;
  switch (what) {
    case FunctionClass::kScalar:
      if (GivesRows(call)) {
        Gathered values;
        FollowArguments(call, scope, transformed, masking, values);
        Multiply(call, scope, values);
        into.deps.Append(values.deps.Take());
        into.status = Worse(into.status, values.status);
      } else {
        FollowArguments(call, scope, transformed, masking, into);
      }
      break;
    case FunctionClass::kHash:
      FollowArguments(call, scope, transformed, true, into);
      break;
    case FunctionClass::kAggregate:
    case FunctionClass::kWindowValue:
      FollowArguments(call, scope, aggregated, masking, into);
      break;
    case FunctionClass::kArgMax:
      for (size_t i = 0; i < count; ++i) {
        const Subtype each = i == 1 ? Through(Subtype::kSort, use) : aggregated;
        Follow(call.arguments[i], scope, each, masking, into);
      }
      break;
    case FunctionClass::kCountLike:
      if (!star_only) FollowArguments(call, scope, aggregated, true, into);
      break;
    case FunctionClass::kConditionalCount:
      FollowArguments(call, scope, aggregated, true, into);
      break;
    case FunctionClass::kCondAggregate:
      for (size_t i = 0; i < count; ++i) {
        const bool test = i + 1 == count;
        Follow(call.arguments[i], scope, test ? Through(Subtype::kFilter, use) : aggregated,
               masking, into);
      }
      break;
    case FunctionClass::kCoalesce:
      for (size_t i = 0; i < count; ++i) {
        Follow(call.arguments[i], scope, transformed, masking, into);
        if (i + 1 < count) Follow(call.arguments[i], scope, decides, masking, into);
      }
      break;
    case FunctionClass::kIf:
    case FunctionClass::kNvl2:
      for (size_t i = 0; i < count; ++i) {
        Follow(call.arguments[i], scope, i == 0 ? decides : transformed, masking, into);
      }
      break;
    case FunctionClass::kMultiIf:
      for (size_t i = 0; i < count; ++i) {
        const bool test = i % 2 == 0 && i + 1 < count;
        Follow(call.arguments[i], scope, test ? decides : transformed, masking, into);
      }
      break;
    case FunctionClass::kDecode:
      for (size_t i = 0; i < count; ++i) {
        // decode(value, search, result, ..., default); with two arguments it decodes bytes.
        const bool value = count == 2 || (i > 0 && (i % 2 == 0 || i + 1 == count));
        Follow(call.arguments[i], scope, value ? transformed : decides, masking, into);
      }
      break;
    case FunctionClass::kNullIf:
      for (size_t i = 0; i < count; ++i) {
        if (i == 0) Follow(call.arguments[i], scope, transformed, masking, into);
        Follow(call.arguments[i], scope, decides, masking, into);
      }
      break;
    case FunctionClass::kWindowRank:
      FollowArguments(call, scope, transformed, masking, into);
      break;
  }
  aggregates_ -= inside;
  if (TakesOrder(call, what)) result_.takes_order = true;
  for (const sql::Expr* parameter : call.parameters) {
    Follow(parameter, scope, transformed, masking, into);
  }
  // Methods of values: a.b(c) reads a.
  if (call.name.size() > 1) {
    FlowColumn base;
    for (const FromItem& item : scope.items) {
      if (item.gone || item.relation->Find(Key(call.name[0])).empty()) continue;
      if (dialect_ == sql::Dialect::kTsql || dialect_ == sql::Dialect::kDuckDb) {
        if (ResolveParts(call.name.subspan(0, 1), call.span, &scope, base)) {
          AddColumn(base, transformed, masking, call.span, into);
        }
        break;
      }
    }
  }
  const Subtype sorts = Through(Subtype::kSort, use);
  for (const sql::OrderItem* item : call.order_by) {
    Follow(item->expr, scope, sorts, masking, into);
  }
  for (const sql::OrderItem* item : call.within_group) {
    // percentile_cont(0.5) within group (order by a): the value that comes out is a's.
    const bool ordered_set = call.arguments.empty() ||
                             call.arguments[0]->kind == sql::Kind::kLiteral ||
                             call.arguments[0]->kind == sql::Kind::kArray ||
                             ToLower(name).compare(0, 10, "percentile") == 0;
    if (ordered_set) Follow(item->expr, scope, aggregated, masking, into);
    Follow(item->expr, scope, sorts, masking, into);
  }
  Follow(call.having_bound, scope, Through(Subtype::kFilter, use), masking, into);
  Follow(call.limit, scope, transformed, masking, into);
  Follow(call.filter, scope, Through(Subtype::kFilter, use), masking, into);
  if (call.over != nullptr) FollowWindow(call.over, scope, use, into, 0);
}

void Analyzer::FollowWindow(const sql::WindowSpec* window, Scope& scope, Subtype use,
                            Gathered& into, int depth) {
  const Subtype each = Through(Subtype::kWindow, use);
  if (!window->base.empty() && depth < 16) {
    const sql::WindowSpec* base = nullptr;
    for (Scope* at = &scope; at != nullptr && base == nullptr; at = at->parent) {
      const auto found = at->windows.find(Key(window->base));
      if (found != at->windows.end()) base = found->second;
      if (at->select != nullptr) break;
    }
    if (base != nullptr) {
      FollowWindow(base, scope, use, into, depth + 1);
    } else {
      into.status = Status::kUnknown;
      Diagnose("unresolved_window", "there is no window \"" + std::string(window->base.text) + "\"",
               window->span);
    }
  }
  for (const sql::Expr* expr : window->partition_by) Follow(expr, scope, each, false, into);
  for (const sql::OrderItem* item : window->order_by) Follow(item->expr, scope, each, false, into);
  if (window->frame != nullptr) {
    Follow(window->frame->start_value, scope, each, false, into);
    Follow(window->frame->end_value, scope, each, false, into);
  }
}

}  // namespace layergate::lineage

// The fields of values that the text itself builds: structs, rows, arrays of them, and what
// aggregates, casts and subqueries make of these.
#include <algorithm>
#include <initializer_list>

#include "core/text.h"
#include "lineage/analyzer.h"
#include "lineage/shape.h"

namespace layergate::lineage {

// What a field is that is read out of something computed: which of the rows it is of, say.
const std::string* Analyzer::FieldText(const FlowColumn& of, const FlowColumn& field) {
  return Keep(Capped(*of.text) + "." + *field.name);
}

// An array of structs: fields by their places, under the names of the first.
const Shape* Analyzer::ArrayShape(const sql::Array& array, Scope& scope) {
  FlowColumn first = Evaluate(array.items[0], scope);
  if (first.shape == nullptr) return nullptr;
  if (array.items.size() > 1 && first.shape->element == nullptr) {
    shapes_.emplace_back();
    Shape& row = shapes_.back();
    row.fields = first.shape->fields;
    for (size_t i = 1; i < array.items.size(); ++i) {
      const FlowColumn other = Evaluate(array.items[i], scope);
      const Shape* shape = ShapeOf(other);
      const bool alike = shape != nullptr && shape->fields.size() == row.fields.size();
      for (size_t k = 0; k < row.fields.size(); ++k) {
        FlowColumn& field = row.fields[k];
        const FlowColumn& more = alike ? shape->fields[k] : other;
        DepBuilder deps;
        deps.Append(*field.deps);
        deps.Append(*more.deps);
        field.deps = flows_.Keep(deps.Take());
        field.status = Worse(field.status, alike ? more.status : Status::kUnknown);
      }
    }
    first.shape = &row;
  } else if (array.items.size() > 1) {
    return nullptr;
  }
  values_.push_back(first);
  shapes_.emplace_back();
  shapes_.back().element = &values_.back();
  return &shapes_.back();
}

// A row's fields, under the names that they have where nobody named them.
const Shape* Analyzer::RowShape(sql::List<sql::Expr> items, Scope& scope) {
  const char* prefix = "";  // ClickHouse: 1, 2
  if (dialect_ == sql::Dialect::kPostgres || dialect_ == sql::Dialect::kRedshift) prefix = "f";
  if (dialect_ == sql::Dialect::kSpark || dialect_ == sql::Dialect::kDatabricks) prefix = "col";
  shapes_.emplace_back();
  Shape& shape = shapes_.back();
  for (size_t i = 0; i < items.size(); ++i) {
    const std::string* name = Keep(prefix + std::to_string(i + 1));
    shape.fields.push_back(NamedColumn({*name, false, items[i]->span}, Evaluate(items[i], scope)));
  }
  return &shape;
}

namespace {

bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

// The fields of what a call gives; nullptr where it has none that are known.
const Shape* Analyzer::CallShape(const sql::Call& call, const FlowColumn& value, Scope& scope) {
  const std::string name = ToLower(FunctionName(call));
  if (IsOneOf(name,
              {"named_struct", "struct_pack", "object_construct", "object_construct_keep_null"})) {
    return StructShape(call, scope);
  }
  if (call.arguments.empty() || call.over != nullptr) return nullptr;
  if (name == "unnest") {
    const Shape* array = ShapeOf(Evaluate(call.arguments[0], scope));
    const bool holds = array != nullptr && array->element != nullptr;
    return holds ? Transformed(ShapeOf(*array->element), call.span) : nullptr;
  }
  // array_agg(row): an array whose elements have the row's fields.
  const bool picks = IsOneOf(name, {"any", "any_value", "arbitrary", "first"});
  if (!picks && !IsOneOf(name, {"array_agg", "arrayagg", "collect_list", "collect_set",
                                "grouparray", "list"})) {
    return nullptr;
  }
  const Shape* shape = ShapeOf(Evaluate(call.arguments[0], scope));
  if (shape == nullptr || shape->element != nullptr) return nullptr;
  // What orders and limits the aggregate decides about every field.
  Gathered order;
  for (const auto& items : {call.order_by, call.within_group}) {
    for (const sql::OrderItem* item : items) {
      Follow(item->expr, scope, Subtype::kSort, false, order);
    }
  }
  Follow(call.filter, scope, Subtype::kFilter, false, order);
  Follow(call.having_bound, scope, Subtype::kFilter, false, order);
  const DepSet extra = order.deps.Take();
  shapes_.emplace_back();
  Shape& row = shapes_.back();
  for (FlowColumn field : shape->fields) {
    DepBuilder deps;
    deps.Add(*field.deps, picks ? Subtype::kAggregation : Subtype::kIdentity, false, call.span);
    deps.Append(extra);
    field.deps = flows_.Keep(deps.Take());
    field.shape = nullptr;
    field.type = nullptr;
    field.status = Worse(field.status, order.status);
    field.text = FieldText(value, field);
    row.fields.push_back(field);
  }
  if (picks) return &row;
  values_.push_back(value);
  values_.back().shape = &row;
  shapes_.emplace_back();
  shapes_.back().element = &values_.back();
  return &shapes_.back();
}

// A row that is cast to a type with names: its fields have these, by their places.
const Shape* Analyzer::CastShape(const sql::Cast& cast, Scope& scope) {
  if (cast.type == nullptr) return nullptr;
  const TypeTree type = ParseTypeTree(sql_.Text(*cast.type));
  if (type.kind != TypeTree::Kind::kStruct) return nullptr;
  const Shape* shape = ShapeOf(Evaluate(cast.operand, scope));
  if (shape == nullptr || shape->element != nullptr || shape->fields.size() != type.names.size()) {
    return nullptr;
  }
  shapes_.emplace_back();
  Shape& row = shapes_.back();
  for (size_t i = 0; i < type.names.size(); ++i) {
    FlowColumn field = shape->fields[i];
    DepBuilder deps;
    deps.Add(*field.deps, Subtype::kTransformation, false, cast.span);
    field.deps = flows_.Keep(deps.Take());
    field.shape = nullptr;
    field.type = nullptr;
    row.fields.push_back(NamedColumn({*Keep(type.names[i]), false, cast.span}, field));
  }
  return &row;
}

// named_struct('a', x, 'b', y), struct_pack(a := x), object_construct('a', x).
const Shape* Analyzer::StructShape(const sql::Call& call, Scope& scope) {
  const bool exact = dialect_ == sql::Dialect::kSnowflake;  // keys of objects keep their case
  shapes_.emplace_back();
  Shape& shape = shapes_.back();
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    if (const auto* named = sql::As<sql::NamedArgument>(call.arguments[i])) {
      shape.fields.push_back(NamedColumn(named->name, Evaluate(named->value, scope)));
      continue;
    }
    const auto* literal = sql::As<sql::Literal>(call.arguments[i]);
    if (literal == nullptr || i + 1 >= call.arguments.size()) return nullptr;
    const sql::Name name{literal->text, exact, literal->span};
    shape.fields.push_back(NamedColumn(name, Evaluate(call.arguments[++i], scope)));
  }
  return &shape;
}

// The fields of a subquery's value: of its one column, or of its rows where they are values. What
// decides about the subquery's rows decides about every field.
const Shape* Analyzer::SubqueryShape(const sql::Subquery& subquery, Scope& scope) {
  const RelationFlow& flow = *SubqueryOf(subquery.query, scope).flow;
  const FlowColumn* value = flow.value;
  if (value == nullptr && flow.columns.size() == 1) value = &flow.columns[0];
  const Shape* inner = value == nullptr ? nullptr : ShapeOf(*value);
  if (inner == nullptr || inner->element != nullptr) return nullptr;
  const bool scalar = subquery.form == sql::Subquery::Form::kScalar;
  FlowColumn whole = *value;
  whole.text = Keep(Text(&subquery, scope));
  shapes_.emplace_back();
  Shape& row = shapes_.back();
  for (FlowColumn field : inner->fields) {
    Gathered all;
    AddColumn(field, scalar ? Subtype::kIdentity : Subtype::kTransformation, false, subquery.span,
              all);
    AddRowsOf(flow, Subtype::kIdentity, all);
    field.deps = flows_.Keep(all.deps.Take());
    field.status = all.status;
    field.shape = nullptr;
    field.type = nullptr;
    field.text = FieldText(whole, field);
    row.fields.push_back(field);
  }
  if (scalar) return &row;
  values_.push_back(*value);
  values_.back().shape = &row;
  shapes_.emplace_back();
  shapes_.back().element = &values_.back();
  return &shapes_.back();
}

}  // namespace layergate::lineage

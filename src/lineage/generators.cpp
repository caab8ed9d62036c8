// Functions of a SELECT list that give several columns: Spark's explode and its kin, DuckDB's
// unnest of a struct. (In FROM they are relations: generated.cpp.)
#include <algorithm>
#include <charconv>

#include "core/text.h"
#include "lineage/analyzer.h"

namespace layergate::lineage {

using sql::Dialect;

namespace {

struct Generator {
  Dialect dialect;
  std::string_view names;  // between blanks
};

// Functions that give several rows for one where they stand in an expression.
constexpr std::string_view kPostgresGenerators =
    " generate_series generate_subscripts json_array_elements json_array_elements_text json_each "
    "json_each_text json_object_keys json_populate_recordset json_to_recordset "
    "jsonb_array_elements jsonb_array_elements_text jsonb_each jsonb_each_text jsonb_object_keys "
    "jsonb_path_query jsonb_populate_recordset jsonb_to_recordset regexp_matches "
    "regexp_split_to_table string_to_table unnest ";
constexpr std::string_view kSparkGenerators =
    " explode explode_outer inline inline_outer posexplode posexplode_outer ";
constexpr Generator kGenerators[] = {
    {Dialect::kPostgres, kPostgresGenerators},
    {Dialect::kRedshift, kPostgresGenerators},
    {Dialect::kDuckDb, " generate_subscripts regexp_split_to_table string_split_to_table unnest "},
    {Dialect::kSpark, kSparkGenerators},
    {Dialect::kDatabricks, kSparkGenerators},
    {Dialect::kClickHouse, " arrayjoin "},
};

}  // namespace

bool Analyzer::IsMap(const FlowColumn& column) {
  return column.type != nullptr &&
         EqualsIgnoreCase(std::string_view(*column.type).substr(0, 4), "map<");
}

bool Analyzer::GivesRows(const sql::Call& call) const {
  if (call.name.size() != 1) return false;
  for (const Generator& each : kGenerators) {
    if (each.dialect != dialect_) continue;
    return each.names.find(" " + ToLower(FunctionName(call)) + " ") != std::string_view::npos;
  }
  return false;
}

// A call that gives several rows for one: what it is given decides how many rows the block has.
void Analyzer::Multiply(const sql::Call& call, Scope& scope, const Gathered& values) {
  Scope* block = &scope;
  while (block != nullptr && block->select == nullptr) block = block->parent;
  if (block == nullptr) return;
  DepBuilder copy = values.deps;
  block->multiplied.Add(copy.Take(), Subtype::kJoin, false, call.span);
  block->generators.emplace(CallText(call, scope), call.span);
  block->multiplied_status = Worse(block->multiplied_status, values.status);
}

// stack(n, a, b, c, d): n rows, whose columns take every k-th value.
std::vector<FlowColumn> Analyzer::StackColumns(const sql::Call& call, Scope& scope) {
  std::vector<FlowColumn> columns;
  const auto* literal = call.arguments.empty() ? nullptr : sql::As<sql::Literal>(call.arguments[0]);
  size_t rows = 0;
  if (literal != nullptr) {
    std::from_chars(literal->text.data(), literal->text.data() + literal->text.size(), rows);
  }
  const size_t values = call.arguments.empty() ? 0 : call.arguments.size() - 1;
  if (rows == 0 || rows > values) return columns;
  const size_t width = (values + rows - 1) / rows;
  for (size_t i = 0; i < width; ++i) {
    Gathered all;
    std::string text;
    for (size_t at = i; at < values; at += width) {
      Follow(call.arguments[at + 1], scope, Subtype::kIdentity, false, all);
      text += (text.empty() ? "" : " | ") + Text(call.arguments[at + 1], scope);
    }
    columns.push_back(MakeColumn("col" + std::to_string(i), "col" + std::to_string(i),
                                 flows_.Keep(all.deps.Take()), all.status, text, call.span));
  }
  return columns;
}

// The columns that a call gives, under the names that they have without aliases; empty when it
// gives one column like any other.
std::vector<FlowColumn> Analyzer::GeneratedColumns(const sql::Call& call, Scope& scope) {
  std::vector<FlowColumn> columns;
  if (call.name.size() != 1 || call.arguments.empty()) return columns;
  std::string name = ToLower(FunctionName(call));
  const auto fields = [&](const FlowColumn& value) {
    const Shape* shape = ShapeOf(value);
    if (shape == nullptr || shape->element != nullptr) return;
    for (FlowColumn field : shape->fields) {
      field.status = Worse(field.status, value.status);
      field.span = call.span;
      columns.push_back(field);
    }
  };
  if (dialect_ == Dialect::kDuckDb) {
    if (name != "unnest") return columns;
    const FlowColumn value = Evaluate(call.arguments[0], scope);
    fields(value);
    const bool deep = call.arguments.size() > 1;  // recursive := true, or max_depth
    if (columns.empty() && deep) fields(ElementOf(value, call.span));
    return columns;
  }
  if (dialect_ != Dialect::kSpark && dialect_ != Dialect::kDatabricks) return columns;
  if (name.size() > 6 && name.compare(name.size() - 6, 6, "_outer") == 0) {
    name.resize(name.size() - 6);
  }
  if (name == "stack") return StackColumns(call, scope);
  if (name != "explode" && name != "posexplode" && name != "inline" && name != "json_tuple") {
    return columns;
  }
  const FlowColumn value = Evaluate(call.arguments[0], scope);
  if (name == "inline") {
    fields(ElementOf(value, call.span));
    if (columns.empty()) {
      Diagnose("star_unknown_struct", "the fields of these rows are not known", call.span);
      columns.push_back(
          MakeColumn("*", "*", value.deps, Status::kUnknown, *value.text + ".*", call.span));
    }
    return columns;
  }
  if (name == "json_tuple") {
    for (size_t i = 1; i < call.arguments.size(); ++i) {
      columns.push_back(Generated("c" + std::to_string(i - 1), value, call.span));
    }
    return columns;
  }
  if (name == "posexplode") columns.push_back(Generated("pos", value, call.span));
  if (IsMap(value)) {
    columns.push_back(Generated("key", value, call.span));
    columns.push_back(Generated("value", value, call.span));
    return columns;
  }
  FlowColumn element = ElementOf(value, call.span);
  const FlowColumn plain = Generated("col", element, call.span);
  element.name = plain.name;
  element.key = plain.key;
  element.deps = plain.deps;
  element.text = plain.text;
  columns.push_back(element);
  return columns;
}

// True when the item was such a call, and `out` has its columns.
bool Analyzer::ExpandGenerator(const sql::SelectItem& item, Scope& scope,
                               std::vector<FlowColumn>& out) {
  const auto* call = sql::As<sql::Call>(item.expr);
  if (call == nullptr) return false;
  std::vector<FlowColumn> columns = GeneratedColumns(*call, scope);
  if (columns.empty()) return false;
  // DuckDB's unnest of a struct gives columns, not rows.
  const Shape* shape =
      dialect_ == Dialect::kDuckDb ? ShapeOf(Evaluate(call->arguments[0], scope)) : nullptr;
  if (GivesRows(*call) && (shape == nullptr || shape->element != nullptr)) {
    Gathered values;
    for (const sql::Expr* argument : call->arguments) {
      Follow(argument, scope, Subtype::kIdentity, false, values);
    }
    Multiply(*call, scope, values);
  }
  const bool known = *columns[0].name != "*";
  const sql::Names names =
      item.aliases.empty() && !item.alias.empty() ? sql::Names(&item.alias, 1) : item.aliases;
  if (dialect_ == Dialect::kDuckDb && !names.empty()) return false;
  // explode(m) AS (k, v) of a map whose type is not known.
  while (known && names.size() > columns.size()) columns.push_back(columns.back());
  if (!known && !names.empty()) columns.resize(names.size(), columns[0]);
  for (size_t i = 0; i < names.size() && i < columns.size(); ++i) {
    columns[i] = NamedColumn(names[i], columns[i]);
  }
  for (FlowColumn& column : columns) {
    column.span = item.span;
    out.push_back(column);
  }
  return true;
}

}  // namespace layergate::lineage

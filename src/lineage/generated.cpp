// Relations that are made from values: UNNEST, ARRAY JOIN, table functions.
#include <algorithm>

#include "core/text.h"
#include "lineage/analyzer.h"

namespace layergate::lineage {

using sql::Dialect;

// A generated column: its value comes from `from` by a collection access.
FlowColumn Analyzer::Generated(std::string_view name, const FlowColumn& from, Span span) {
  DepBuilder deps;
  deps.Add(*from.deps, Subtype::kTransformation, false, span);
  return MakeColumn(ShownOutput(rules_, name, false), NameKey(rules_, name, false),
                    flows_.Keep(deps.Take()), from.status,
                    "unnest(" + *from.text + ")." + ToLower(name), span);
}

// Are the elements of this array known to have no fields?
bool Analyzer::HasScalarElements(const sql::Expr* expr, const FlowColumn& array) {
  static constexpr std::string_view kFunctions[] = {"generate_array",
                                                    "generate_date_array",
                                                    "generate_timestamp_array",
                                                    "json_extract_array",
                                                    "json_extract_string_array",
                                                    "json_query_array",
                                                    "json_value_array",
                                                    "range",
                                                    "regexp_extract_all",
                                                    "split",
                                                    "to_code_points"};
  if (const auto* call = sql::As<sql::Call>(expr)) {
    return std::binary_search(std::begin(kFunctions), std::end(kFunctions),
                              std::string_view(ToLower(FunctionName(*call))));
  }
  if (const auto* list = sql::As<sql::Array>(expr)) {
    return !list->items.empty() && list->items[0]->kind == sql::Kind::kLiteral;
  }
  const Shape* shape = ShapeOf(array);
  return array.type != nullptr && shape != nullptr && shape->element != nullptr &&
         ShapeOf(*shape->element) == nullptr;
}

// The fields of elements, each read through the collection that held them.
const Shape* Analyzer::Transformed(const Shape* shape, Span span) {
  if (shape == nullptr || shape->element != nullptr) return shape;
  shapes_.emplace_back();
  Shape& out = shapes_.back();
  for (FlowColumn field : shape->fields) {
    DepBuilder deps;
    deps.Add(*field.deps, Subtype::kTransformation, false, span);
    field.deps = flows_.Keep(deps.Take());
    out.fields.push_back(field);
  }
  return &out;
}

const RelationFlow* Analyzer::UnnestFlow(const sql::Unnest& unnest, Scope& scope, Rows& rows) {
  RelationFlow* flow = NewRelation();
  flow->label = "unnest";
  Gathered inputs;
  std::string text;
  const bool names_rows = dialect_ == Dialect::kBigQuery;
  bool options = false;
  for (const sql::SelectItem* item : unnest.items) {
    if (item->expr->kind == sql::Kind::kNamedArgument) {  // unnest(l, recursive := true)
      options = true;
      continue;
    }
    const FlowColumn value = Evaluate(item->expr, scope);
    AddColumn(value, Subtype::kJoin, false, item->span, inputs);
    text += (text.empty() ? "" : ", ") + *value.text;
    FlowColumn element = ElementOf(value, item->span);
    DepBuilder deps;
    deps.Add(*element.deps, Subtype::kTransformation, false, item->span);
    element.deps = flows_.Keep(deps.Take());
    element.text = Keep("unnest(" + *value.text + ")");
    const Shape* shape = ShapeOf(element);
    // DuckDB keeps a struct whole; others make its fields columns.
    const bool fields =
        shape != nullptr && shape->element == nullptr && dialect_ != Dialect::kDuckDb;
    const size_t position = flow->columns.size();
    if (fields && unnest.items.size() == 1) {
      flow->columns = Transformed(shape, item->span)->fields;
    } else {
      sql::Name name = !item->alias.empty() ? item->alias : unnest.alias;
      if (item->alias.empty() && unnest.items.size() > 1) name = {};
      if (position < unnest.column_aliases.size()) name = unnest.column_aliases[position];
      static constexpr sql::Name kUnnest{"unnest", false, {}}, kFirst{"f0_", false, {}};
      const sql::Name& unnamed = dialect_ == Dialect::kBigQuery ? kFirst : kUnnest;
      flow->columns.push_back(NamedColumn(name.empty() ? unnamed : name, element));
    }
    if (unnest.items.size() == 1 && !unnest.alias.empty()) {
      values_.push_back(NamedColumn(unnest.alias, element));
      const bool scalar_name = unnest.column_aliases.empty();
      if (names_rows || (scalar_name && !fields)) flow->value = &values_.back();
      // Fields of elements whose type is not known.
      if (names_rows && shape == nullptr && !HasScalarElements(item->expr, value)) {
        flow->open = true;
      }
    }
  }
  if (options) {
    Diagnose("unnest_options", "which columns UNNEST gives under these options is not known",
             unnest.span);
    for (FlowColumn& column : flow->columns) column.status = Status::kUnknown;
    flow->open = true;
  }
  // The last of the aliases is the ordinality's, where it has one.
  const size_t aliases = unnest.column_aliases.size();
  size_t value_aliases = aliases;
  if (unnest.with_ordinality && dialect_ == Dialect::kTrino && aliases > 0) value_aliases -= 1;
  if (unnest.with_ordinality && dialect_ != Dialect::kTrino) {
    value_aliases = std::min(aliases, flow->columns.size());
  }
  for (size_t i = 0; i < value_aliases; ++i) {
    // More names than values: rows of fields that are not known, or keys and values of a map.
    if (i >= flow->columns.size()) {
      FlowColumn all = flow->columns.empty() ? Generated("", Evaluate(nullptr, scope), unnest.span)
                                             : flow->columns[0];
      flow->columns.push_back(all);
    }
    flow->columns[i] = NamedColumn(unnest.column_aliases[i], flow->columns[i]);
  }
  Gathered every;
  every.deps.Append(inputs.deps.Take());
  const DepSet join = every.deps.Take();
  rows.deps.Append(join);
  rows.status = Worse(rows.status, inputs.status);
  if (unnest.with_ordinality || unnest.with_offset) {
    DepBuilder deps;
    for (const Dep& dep : join) deps.Add(dep.leaf, Subtype::kTransformation, false, dep.span);
    FlowColumn number = MakeColumn("", "", flows_.Keep(deps.Take()), inputs.status,
                                   "unnest(" + text + ").position", unnest.span);
    static constexpr sql::Name kOffset{"offset", false, {}};
    static constexpr sql::Name kOrdinality{"ordinality", false, {}};
    sql::Name name = unnest.with_offset ? kOffset : kOrdinality;
    if (!unnest.offset_alias.empty()) name = unnest.offset_alias;
    if (unnest.with_ordinality && value_aliases < aliases) {
      name = unnest.column_aliases[value_aliases];
    }
    flow->columns.push_back(NamedColumn(name, number));
  }
  Fact("unnest", rows.where, "unnest " + text, "", unnest.span);
  return flow;
}

// ARRAY JOIN: the names of the arrays stand for their elements from here on.
void Analyzer::AddArrayJoin(const sql::Unnest& unnest, Scope& scope, Rows& rows,
                            std::vector<StarColumn>& star) {
  for (const sql::SelectItem* item : unnest.items) {
    const FlowColumn value = Evaluate(item->expr, scope);
    rows.deps.Add(*value.deps, Subtype::kJoin, false, item->span);
    rows.status = Worse(rows.status, value.status);
    sql::Name name = item->alias;
    const auto* column = sql::As<sql::Column>(item->expr);
    if (name.empty() && column != nullptr) name = column->parts.back();
    if (name.empty()) continue;
    FlowColumn element = NamedColumn(name, ElementOf(value, item->span));
    DepBuilder deps;
    deps.Add(*element.deps, Subtype::kTransformation, false, item->span);
    element.deps = flows_.Keep(deps.Take());
    element.text = Keep("unnest(" + *value.text + ")");
    scope.merged[Key(name)] = element;
    if (item->alias.empty()) {
      for (StarColumn& each : star) {
        if (*each.column.key == *element.key) each.column = element;
      }
    }
    Fact("unnest", rows.where, "array join " + *value.text, "", unnest.span);
  }
  // What was resolved before meant the array, what comes now means the element.
}

namespace {

struct KnownFunction {
  std::string_view name;
  std::string_view columns;  // separated by spaces
};

// Functions in FROM whose columns are known. Sorted.
constexpr KnownFunction kFunctions[] = {
    {"explode", "col"},
    {"explode_outer", "col"},
    {"flatten", "seq key path index value this"},
    {"generate_date_array", "generate_date_array"},
    {"generate_series", "generate_series"},
    {"generate_subscripts", "generate_subscripts"},
    {"json_array_elements", "value"},
    {"json_array_elements_text", "value"},
    {"json_each", "key value"},
    {"json_each_text", "key value"},
    {"json_object_keys", "json_object_keys"},
    {"jsonb_array_elements", "value"},
    {"jsonb_array_elements_text", "value"},
    {"jsonb_each", "key value"},
    {"jsonb_each_text", "key value"},
    {"jsonb_object_keys", "jsonb_object_keys"},
    {"numbers", "number"},
    {"openjson", "key value type"},
    {"posexplode", "pos col"},
    {"posexplode_outer", "pos col"},
    {"range", "range"},
    {"regexp_split_to_table", "regexp_split_to_table"},
    {"sequence", "sequential_number"},
    {"split_to_table", "seq index value"},
    {"string_split", "value ordinal"},
    {"string_to_table", "string_to_table"},
    {"strtok_split_to_table", "seq index value"},
    {"variant_explode", "pos key value"},
    {"variant_explode_outer", "pos key value"},
};

// Where a dialect's function of a common name gives other columns.
struct OwnFunction {
  Dialect dialect;
  KnownFunction function;
};
constexpr std::string_view kJsonTree = "key value type atom id parent fullkey path";
constexpr OwnFunction kOwnFunctions[] = {
    {Dialect::kSqlite, {"json_each", kJsonTree}},
    {Dialect::kSqlite, {"json_tree", kJsonTree}},
    {Dialect::kSqlite, {"generate_series", "value"}},
    {Dialect::kDuckDb, {"json_each", kJsonTree}},
    {Dialect::kDuckDb, {"json_tree", kJsonTree}},
    {Dialect::kTsql, {"generate_series", "value"}},
    {Dialect::kTsql, {"string_split", "value"}},
    {Dialect::kSpark, {"range", "id"}},
    {Dialect::kDatabricks, {"range", "id"}},
};

const KnownFunction* FindFunction(std::string_view name, Dialect dialect) {
  for (const OwnFunction& own : kOwnFunctions) {
    if (own.dialect == dialect && own.function.name == name) return &own.function;
  }
  for (const KnownFunction& known : kFunctions) {
    if (known.name == name) return &known;
  }
  return nullptr;
}

bool ReadsFiles(std::string_view name) {
  return name.compare(0, 5, "read_") == 0 || name == "parquet_scan" || name == "delta_scan" ||
         name == "iceberg_scan" || name == "sqlite_scan" || name == "postgres_scan" ||
         name == "s3" || name == "file" || name == "url" || name == "openrowset";
}

size_t CallArguments(const sql::TableFunction& function) {
  const auto* call = function.calls.empty() ? nullptr : sql::As<sql::Call>(function.calls[0]);
  return call == nullptr ? 0 : call->arguments.size();
}

}  // namespace

const RelationFlow* Analyzer::FunctionFlow(const sql::TableFunction& function, Scope& scope,
                                           Rows& rows) {
  RelationFlow* flow = NewRelation();
  std::string name;
  Gathered inputs;
  std::string text;
  std::vector<FlowColumn> arguments;
  bool opaque = false;
  for (const sql::Expr* expr : function.calls) {
    const auto* call = sql::As<sql::Call>(expr);
    if (call == nullptr) {
      opaque = true;
      Follow(expr, scope, Subtype::kTransformation, false, inputs);
      continue;
    }
    if (name.empty()) name = ToLower(FunctionName(*call));
    for (const sql::Expr* argument : call->arguments) {
      const auto* named = sql::As<sql::NamedArgument>(argument);
      const sql::Expr* value = named != nullptr ? named->value : argument;
      if (named != nullptr && (EqualsIgnoreCase(named->name.text, "mode") ||
                               EqualsIgnoreCase(named->name.text, "outer") ||
                               EqualsIgnoreCase(named->name.text, "recursive"))) {
        continue;
      }
      if (value->kind == sql::Kind::kLiteral) continue;
      arguments.push_back(Evaluate(value, scope));
      AddColumn(arguments.back(), Subtype::kTransformation, false, argument->span, inputs);
    }
    text += (text.empty() ? "" : ", ") + CallText(*call, scope);
  }
  flow->label = name;
  const DepSet* deps = flows_.Keep(inputs.deps.Take());
  rows.deps.Add(*deps, Subtype::kJoin, false, function.span);
  rows.status = Worse(rows.status, opaque ? Status::kUnknown : inputs.status);
  const FlowColumn source =
      MakeColumn("", "", deps, opaque ? Status::kUnknown : inputs.status, text, function.span);

  if (ReadsFiles(name) && !function.calls.empty()) {
    if (const auto* call = sql::As<sql::Call>(function.calls[0])) {
      const auto* file =
          call->arguments.empty() ? nullptr : sql::As<sql::Literal>(call->arguments[0]);
      const sql::Name part{file != nullptr ? file->text : std::string_view(call->name.back().text),
                           true, call->span};
      return Renamed(BaseTable(sql::Names(&part, 1), call->span), function.column_aliases);
    }
  }
  const KnownFunction* known = opaque ? nullptr : FindFunction(name, dialect_);
  const bool view_names = !function.column_aliases.empty();
  std::vector<sql::Name> names;
  std::vector<std::string> definitions;  // of each: its type and the path that it is read from
  if (!function.columns.empty()) {
    for (const sql::ColumnDef* column : function.columns) {
      if (column->name.empty()) continue;
      names.push_back(column->name);
      const Span named = column->name.span;
      const std::string_view rest = sql_.text().substr(named.end, column->span.end - named.end);
      definitions.push_back(" " + DetailText(rest));
    }
  } else if (view_names) {
    names.assign(function.column_aliases.begin(), function.column_aliases.end());
  }
  const Shape* element = nullptr;
  if (arguments.size() == 1) {
    const Shape* shape = ShapeOf(arguments[0]);
    if (shape != nullptr && shape->element != nullptr) element = ShapeOf(*shape->element);
  }
  const auto* stack = name == "stack" ? sql::As<sql::Call>(function.calls[0]) : nullptr;
  if (stack != nullptr) flow->columns = StackColumns(*stack, scope);
  if (!flow->columns.empty()) {
    for (size_t i = 0; i < names.size() && i < flow->columns.size(); ++i) {
      flow->columns[i] = NamedColumn(names[i], flow->columns[i]);
    }
  } else if ((name == "inline" || name == "inline_outer") && element != nullptr && !view_names) {
    for (const FlowColumn& field : element->fields) {
      DepBuilder through;
      through.Add(*field.deps, Subtype::kTransformation, false, function.span);
      FlowColumn column = field;
      column.deps = flows_.Keep(through.Take());
      flow->columns.push_back(column);
    }
  } else if (!names.empty()) {
    for (const sql::Name& each : names) {
      FlowColumn column = NamedColumn(each, Generated(each.text, source, function.span));
      if (!definitions.empty()) {
        column.text = Keep(*column.text + definitions[static_cast<size_t>(&each - names.data())]);
      }
      // An array of structs keeps its fields behind the one value column.
      const bool value = name.compare(0, 7, "explode") == 0 && names.size() == 1;
      const bool position_value =
          name.compare(0, 10, "posexplode") == 0 && names.size() == 2 && &each == &names[1];
      if ((value || position_value) && arguments.size() == 1) {
        FlowColumn item = ElementOf(arguments[0], function.span);
        DepBuilder through;
        through.Add(*item.deps, Subtype::kTransformation, false, function.span);
        item.deps = flows_.Keep(through.Take());
        item.shape = Transformed(ShapeOf(item), function.span);
        item.text = column.text;
        column = NamedColumn(each, item);
      }
      flow->columns.push_back(column);
    }
    if (function.with_ordinality && names.size() == function.column_aliases.size() &&
        known == nullptr && names.size() == 1) {
      flow->columns.push_back(Generated("ordinality", source, function.span));
    }
    // FLATTEN(...) AS f (a, b): names by position of the known columns.
    if (known == nullptr && function.columns.empty() && !function.view && !opaque &&
        name != "unnest" && name != "json_to_recordset" && name != "jsonb_to_recordset" &&
        name != "stack" && name != "json_tuple" && name != "inline" && name != "json_table" &&
        name != "xmltable") {
      for (FlowColumn& column : flow->columns) column.status = Status::kUnknown;
      flow->rows_status = Status::kUnknown;
      Diagnose("unknown_table_function", "what \"" + name + "\" gives is not known", function.span);
    }
  } else if (known != nullptr && known->name.starts_with("explode") && arguments.size() == 1 &&
             IsMap(arguments[0])) {
    flow->columns.push_back(Generated("key", source, function.span));
    flow->columns.push_back(Generated("value", source, function.span));
  } else if (known != nullptr) {
    for (const std::string_view each : Split(known->columns, ' ')) {
      flow->columns.push_back(Generated(each, source, function.span));
    }
    if (function.with_ordinality) {
      flow->columns.push_back(Generated("ordinality", source, function.span));
    }
    if (name == "string_split" && CallArguments(function) == 3) {
      flow->columns.push_back(Generated("ordinal", source, function.span));
    }
    const bool renames = (dialect_ == Dialect::kPostgres || dialect_ == Dialect::kRedshift ||
                          dialect_ == Dialect::kDuckDb) &&
                         flow->columns.size() == 1 && !function.alias.empty();
    if (renames && known->columns != "value") {
      flow->columns[0] = NamedColumn(function.alias, flow->columns[0]);
    }
    if (flow->columns.size() == 1 && !function.alias.empty()) {
      values_.push_back(NamedColumn(function.alias, flow->columns[0]));
      flow->value = &values_.back();
    }
    if (name == "flatten" && arguments.size() == 1) {
      // f.this is the value itself.
      DepBuilder through;
      through.Add(*arguments[0].deps, Subtype::kTransformation, false, function.span);
      flow->columns[5].deps = flows_.Keep(through.Take());
      const Shape* array = arguments[0].shape;  // one that the text made
      if (array != nullptr && array->element != nullptr) {
        flow->columns[4].shape = array->element->shape;
      }
    }
  } else if (name == "generator" || name == "dual") {
    flow->label = name;
  } else {
    flow->open = true;
    flow->rows_status = Status::kUnknown;
    rows.status = Status::kUnknown;
    flow->columns.push_back(
        MakeColumn("*", "*", deps, Status::kUnknown, text + ".*", function.span));
    Diagnose(
        opaque ? "opaque_syntax" : "unknown_table_function",
        opaque ? "this relation was not understood" : "what \"" + name + "\" gives is not known",
        function.span);
  }
  Fact("unnest", rows.where, (function.outer ? "outer " : "") + text, "", function.span);
  return flow;
}

}  // namespace layergate::lineage

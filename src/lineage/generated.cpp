// Relations that are made from values: UNNEST, table functions, PIVOT, UNPIVOT, MATCH_RECOGNIZE.
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

const RelationFlow* Analyzer::UnnestFlow(const sql::Unnest& unnest, Scope& scope, Rows& rows) {
  RelationFlow* flow = NewRelation();
  flow->label = "unnest";
  Gathered inputs;
  std::string text;
  const bool names_rows = dialect_ == Dialect::kBigQuery;
  for (const sql::SelectItem* item : unnest.items) {
    const FlowColumn value = Evaluate(item->expr, scope);
    AddColumn(value, Subtype::kJoin, false, item->span, inputs);
    text += (text.empty() ? "" : ", ") + *value.text;
    FlowColumn element = ElementOf(value, item->span);
    DepBuilder deps;
    deps.Add(*element.deps, Subtype::kTransformation, false, item->span);
    element.deps = flows_.Keep(deps.Take());
    element.text = Keep("unnest(" + *value.text + ")");
    const Shape* shape = ShapeOf(element);
    const bool fields = shape != nullptr && shape->element == nullptr;
    const size_t position = flow->columns.size();
    if (fields && unnest.items.size() == 1) {
      for (const FlowColumn& field : shape->fields) flow->columns.push_back(field);
    } else {
      sql::Name name = !item->alias.empty() ? item->alias : unnest.alias;
      if (position < unnest.column_aliases.size()) name = unnest.column_aliases[position];
      static constexpr sql::Name kUnnest{"unnest", false, {}};
      const bool default_name =
          name.empty() || (dialect_ == Dialect::kDuckDb && unnest.column_aliases.empty());
      flow->columns.push_back(NamedColumn(default_name ? kUnnest : name, element));
    }
    if (unnest.items.size() == 1 && !unnest.alias.empty()) {
      values_.push_back(NamedColumn(unnest.alias, element));
      const bool scalar_name = unnest.column_aliases.empty();
      if (names_rows || (scalar_name && !fields)) flow->value = &values_.back();
      // Fields of elements whose type is not known.
      if (names_rows && shape == nullptr) flow->open = true;
    }
  }
  if (!unnest.column_aliases.empty()) {
    for (size_t i = 0; i < unnest.column_aliases.size(); ++i) {
      if (i < flow->columns.size()) {
        flow->columns[i] = NamedColumn(unnest.column_aliases[i], flow->columns[i]);
      } else if (!unnest.with_ordinality || i != flow->columns.size()) {
        // More names than values: rows of unknown fields, or keys and values of a map.
        FlowColumn all = flow->columns.empty()
                             ? Generated("", Evaluate(nullptr, scope), unnest.span)
                             : flow->columns[0];
        flow->columns.push_back(NamedColumn(unnest.column_aliases[i], all));
      } else {
        break;
      }
    }
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
    if (unnest.with_ordinality && flow->columns.size() < unnest.column_aliases.size()) {
      name = unnest.column_aliases[flow->columns.size()];
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

const KnownFunction* FindFunction(std::string_view name) {
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
    const auto& call = static_cast<const sql::Call&>(*function.calls[0]);
    const auto* file = call.arguments.empty() ? nullptr : sql::As<sql::Literal>(call.arguments[0]);
    const sql::Name part{file != nullptr ? file->text : std::string_view(call.name.back().text),
                         true, call.span};
    return Renamed(BaseTable(sql::Names(&part, 1), call.span), function.column_aliases);
  }
  const KnownFunction* known = opaque ? nullptr : FindFunction(name);
  const bool view_names = !function.column_aliases.empty();
  std::vector<sql::Name> names;
  const auto declare = [&](sql::List<sql::ColumnDef> columns) {
    for (const sql::ColumnDef* column : columns) {
      if (!column->name.empty()) names.push_back(column->name);
    }
  };
  if (!function.columns.empty()) {
    declare(function.columns);
  } else if (view_names) {
    names.assign(function.column_aliases.begin(), function.column_aliases.end());
  }
  const Shape* element = nullptr;
  if (arguments.size() == 1) {
    const Shape* shape = ShapeOf(arguments[0]);
    if (shape != nullptr && shape->element != nullptr) element = ShapeOf(*shape->element);
  }
  if ((name == "inline" || name == "inline_outer") && element != nullptr && !view_names) {
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
      // An array of structs keeps its fields behind the one value column.
      const bool value = name.compare(0, 7, "explode") == 0 && names.size() == 1;
      const bool position_value =
          name.compare(0, 10, "posexplode") == 0 && names.size() == 2 && &each == &names[1];
      if ((value || position_value) && arguments.size() == 1) {
        FlowColumn item = ElementOf(arguments[0], function.span);
        DepBuilder through;
        through.Add(*item.deps, Subtype::kTransformation, false, function.span);
        item.deps = flows_.Keep(through.Take());
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
  } else if (known != nullptr) {
    for (const std::string_view each : Split(known->columns, ' ')) {
      flow->columns.push_back(Generated(each, source, function.span));
    }
    if (function.with_ordinality) {
      flow->columns.push_back(Generated("ordinality", source, function.span));
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

namespace {

// The name that a value of a pivot's IN list gives to its column.
std::string ValueName(const sql::SelectItem& item, std::string_view text, Dialect dialect) {
  if (!item.alias.empty()) return std::string(item.alias.text);
  if (const auto* literal = sql::As<sql::Literal>(item.expr)) {
    if (literal->form == sql::Literal::Form::kString && dialect == Dialect::kSnowflake) {
      return "'" + std::string(literal->text) + "'";
    }
    return std::string(literal->text);
  }
  if (const auto* column = sql::As<sql::Column>(item.expr)) {
    return std::string(column->parts.back().text);
  }
  if (const auto* row = sql::As<sql::Row>(item.expr)) {
    std::string out;
    for (const sql::Expr* each : row->items) {
      const auto* literal = sql::As<sql::Literal>(each);
      if (!out.empty()) out += '_';
      out += literal != nullptr ? std::string(literal->text) : std::string();
    }
    return out;
  }
  return std::string(text);
}

}  // namespace

const RelationFlow* Analyzer::PivotFlow(const sql::Pivot& pivot, const RelationFlow* input,
                                        Scope& scope, Rows& rows) {
  (void)rows;
  RelationFlow* flow = NewRelation();
  flow->label = "pivot";
  flow->bases = input->bases;
  flow->rows_status = input->rows_status;
  DepBuilder dataset;
  dataset.Append(*input->dataset);
  std::set<LeafId> consumed_leaves;
  std::set<std::string> consumed;
  std::vector<std::pair<std::string, FlowColumn>> aggregates;
  const auto consume = [&](const sql::Expr* expr) {
    Gathered all;
    Follow(expr, scope, Subtype::kIdentity, false, all);
    for (const Dep& dep : all.deps.Take()) consumed_leaves.insert(dep.leaf);
  };
  std::string fact = "pivot ";
  for (const sql::SelectItem* item : pivot.aggregates) {
    FlowColumn value = Evaluate(item->expr, scope);
    consume(item->expr);
    std::string name = item->alias.empty() ? "" : std::string(item->alias.text);
    fact += *value.text + " ";
    aggregates.emplace_back(std::move(name), value);
  }
  Gathered choose;
  bool dynamic = false;
  std::vector<std::vector<std::string>> names;
  for (const sql::PivotColumn* column : pivot.columns) {
    Follow(column->column, scope, Subtype::kConditional, false, choose);
    consume(column->column);
    fact += "for " + Text(column->column, scope) + " ";
    dynamic = dynamic || column->any || column->query != nullptr || column->values.empty();
    std::vector<std::string> values;
    for (const sql::SelectItem* value : column->values) {
      values.push_back(ValueName(*value, sql_.Text(*value), dialect_));
    }
    names.push_back(std::move(values));
  }
  const DepSet choosing = choose.deps.Take();
  // Pass-through columns are the grouping.
  const auto pass = [&](const FlowColumn& column) {
    flow->columns.push_back(column);
    dataset.Add(*column.deps, Subtype::kGroupBy, false, column.span);
  };
  if (!pivot.group_by.empty()) {
    for (const sql::Expr* expr : pivot.group_by) pass(Evaluate(expr, scope));
  } else {
    for (const FlowColumn& column : input->columns) {
      const bool used = std::any_of(column.deps->begin(), column.deps->end(), [&](const Dep& dep) {
        return consumed_leaves.count(dep.leaf) > 0;
      });
      if (!used || *column.name == "*") pass(column);
    }
  }
  const auto add = [&](const std::string& name, const FlowColumn& value) {
    DepBuilder deps;
    deps.Append(*value.deps);
    deps.Append(choosing);
    FlowColumn out = value;
    out.deps = flows_.Keep(deps.Take());
    out.status = Worse(value.status, choose.status);
    out.text = Keep(*value.text + " for " + name);
    out.shape = nullptr;
    out.type = nullptr;
    flow->columns.push_back(
        NamedColumn({*Keep(name), name.find_first_of("' ") != std::string::npos, pivot.span}, out));
  };
  if (dynamic) {
    Gathered all;
    for (const auto& [name, value] : aggregates) all.deps.Append(*value.deps);
    all.deps.Append(choosing);
    flow->columns.push_back(MakeColumn("*", "*", flows_.Keep(all.deps.Take()), Status::kUnknown,
                                       "pivot.*", pivot.span));
    flow->open = true;
    Diagnose("dynamic_pivot", "the columns of this pivot depend on the data", pivot.span);
  } else {
    // The product of the lists, the last one varying fastest.
    std::vector<std::string> combined = {""};
    for (const std::vector<std::string>& values : names) {
      std::vector<std::string> next;
      for (const std::string& before : combined) {
        for (const std::string& value : values) {
          next.push_back(before.empty() ? value : before + "_" + value);
        }
      }
      combined = std::move(next);
      if (combined.size() > 10000) break;
    }
    for (const std::string& value : combined) {
      for (const auto& [alias, aggregate] : aggregates) {
        const bool single = aggregates.size() == 1;
        std::string name = value;
        if (dialect_ == Dialect::kBigQuery) {
          if (!alias.empty()) name = alias + "_" + value;
        } else if (!single || (dialect_ == Dialect::kDuckDb && !alias.empty())) {
          name = value + "_" + (alias.empty() ? *aggregate.text : alias);
        }
        add(name, aggregate);
      }
    }
  }
  for (const FlowColumn& column : input->columns) {
    if (*column.name == "*") flow->open = true;
  }
  flow->dataset = flows_.Keep(dataset.Take());
  Fact("group_by", rows.where, fact, "pivot", pivot.span);
  return flow;
}

const RelationFlow* Analyzer::UnpivotFlow(const sql::Unpivot& unpivot, const RelationFlow* input,
                                          Scope& scope, Rows& rows) {
  RelationFlow* flow = NewRelation();
  flow->label = "unpivot";
  flow->bases = input->bases;
  flow->rows_status = input->rows_status;
  flow->open = input->open;
  DepBuilder dataset;
  dataset.Append(*input->dataset);
  std::set<std::string> listed;
  std::vector<DepBuilder> values(unpivot.value_columns.size());
  DepBuilder labels;
  Status status = Status::kExact;
  bool unknown = false;
  std::string text = "unpivot";
  std::vector<std::string> texts(values.size());
  for (const sql::UnpivotItem* item : unpivot.items) {
    for (size_t i = 0; i < item->columns.size(); ++i) {
      const sql::Expr* expr = item->columns[i];
      std::vector<FlowColumn> columns;
      if (const auto* star = sql::As<sql::Star>(expr)) {
        ExpandStar(*star, scope, columns);
      } else if (expr->kind == sql::Kind::kColumnsMacro) {
        unknown = true;
        columns = input->columns;
      } else {
        columns.push_back(Evaluate(expr, scope));
        if (const auto* column = sql::As<sql::Column>(expr)) {
          listed.insert(Key(column->parts.back()));
        }
      }
      for (const FlowColumn& column : columns) {
        if (expr->kind == sql::Kind::kStar) listed.insert(*column.key);
        const size_t slot = values.size() == 1 || i >= values.size() ? 0 : i;
        if (slot < values.size()) {
          values[slot].Add(*column.deps, Subtype::kIdentity, false, item->span);
          texts[slot] += (texts[slot].empty() ? "" : " | ") + *column.text;
        }
        labels.Add(*column.deps, Subtype::kConditional, false, item->span);
        status = Worse(status, column.status);
        if (!unpivot.include_nulls) {
          dataset.Add(*column.deps, Subtype::kFilter, false, item->span);
        }
        text += " " + *column.text;
      }
    }
  }
  if (unknown) status = Status::kUnknown;
  for (const FlowColumn& column : input->columns) {
    if (listed.count(*column.key) == 0 || *column.name == "*") flow->columns.push_back(column);
  }
  const FlowColumn name = NamedColumn(
      unpivot.name_column,
      MakeColumn("", "", flows_.Keep(labels.Take()), status, "unpivot name", unpivot.span));
  const bool value_first = dialect_ == Dialect::kBigQuery || dialect_ == Dialect::kTsql;
  if (!value_first && !unpivot.name_column.empty()) flow->columns.push_back(name);
  for (size_t i = 0; i < values.size(); ++i) {
    flow->columns.push_back(NamedColumn(
        unpivot.value_columns[i],
        MakeColumn("", "", flows_.Keep(values[i].Take()), status, texts[i], unpivot.span)));
  }
  if (value_first && !unpivot.name_column.empty()) flow->columns.push_back(name);
  flow->dataset = flows_.Keep(dataset.Take());
  Fact("unnest", rows.where, text, unpivot.include_nulls ? "include nulls" : "", unpivot.span);
  return flow;
}

const RelationFlow* Analyzer::MatchFlow(const sql::MatchRecognize& match, const RelationFlow* input,
                                        Scope& scope, Rows& rows) {
  RelationFlow* flow = NewRelation();
  flow->label = "match_recognize";
  flow->bases = input->bases;
  flow->rows_status = input->rows_status;
  flow->open = match.all_rows && input->open;
  DepBuilder dataset;
  dataset.Append(*input->dataset);
  // Pattern variables qualify columns of the input: words of the pattern, and what DEFINE names.
  std::set<std::string> variables;
  std::string word;
  for (const char c : std::string(match.pattern) + " ") {
    const bool in_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
                         (!word.empty() && c >= '0' && c <= '9');
    if (in_word) {
      word += c;
    } else if (!word.empty()) {
      variables.insert(NameKey(rules_, word, false));
      word.clear();
    }
  }
  for (const sql::SelectItem* item : match.define) variables.insert(Key(item->alias));
  for (const std::string& variable : variables) {
    FromItem item;
    item.alias = variable;
    item.relation = input;
    item.hidden = true;
    scope.items.push_back(std::move(item));
  }
  std::string text = "match_recognize";
  const auto decide = [&](const sql::Expr* expr, Subtype use) {
    Gathered all;
    Follow(expr, scope, use, false, all);
    dataset.Append(all.deps.Take());
    flow->rows_status = Worse(flow->rows_status, all.status);
    text += " " + Text(expr, scope);
  };
  std::vector<FlowColumn> partition;
  for (const sql::Expr* expr : match.partition_by) {
    partition.push_back(Evaluate(expr, scope));
    decide(expr, Subtype::kWindow);
  }
  for (const sql::OrderItem* item : match.order_by) decide(item->expr, Subtype::kWindow);
  for (const sql::SelectItem* item : match.define) decide(item->expr, Subtype::kFilter);
  if (match.all_rows) {
    flow->columns = input->columns;
  } else {
    flow->columns = partition;
  }
  for (const sql::SelectItem* item : match.measures) {
    FlowColumn value = Evaluate(item->expr, scope);
    if (const auto* column = sql::As<sql::Column>(item->expr); column && item->alias.empty()) {
      flow->columns.push_back(NamedColumn(column->parts.back(), value));
    } else {
      flow->columns.push_back(NamedColumn(item->alias, value));
    }
  }
  flow->dataset = flows_.Keep(dataset.Take());
  Fact("window", rows.where, text + " pattern " + ToLower(match.pattern), "", match.span);
  return flow;
}

}  // namespace layergate::lineage

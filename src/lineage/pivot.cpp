// PIVOT, UNPIVOT and MATCH_RECOGNIZE.
#include <algorithm>
#include <array>

#include "core/text.h"
#include "lineage/analyzer.h"
#include "sql/walk.h"

namespace layergate::lineage {

using sql::Dialect;

namespace {

// BigQuery makes a name of a number: 1.5 is _1_point_5.
std::string NumberName(std::string_view number) {
  std::string out = "_";
  for (const char c : number) {
    if (c == '-') {
      out += "minus_";
    } else if (c == '.') {
      out += "_point_";
    } else {
      out += c;
    }
  }
  return out;
}

// The name that a value of a pivot's IN list gives to its column.
std::string ValueName(const sql::SelectItem& item, std::string_view text, Dialect dialect) {
  if (!item.alias.empty()) return std::string(item.alias.text);
  if (const auto* literal = sql::As<sql::Literal>(item.expr)) {
    if (literal->form == sql::Literal::Form::kString && dialect == Dialect::kSnowflake) {
      return "'" + std::string(literal->text) + "'";
    }
    const bool number = literal->form == sql::Literal::Form::kNumber;
    if (number && dialect == Dialect::kBigQuery) return NumberName(literal->text);
    return std::string(literal->text);
  }
  if (const auto* column = sql::As<sql::Column>(item.expr)) {
    return std::string(column->parts.back().text);
  }
  if (const auto* row = sql::As<sql::Row>(item.expr)) {
    std::vector<std::string> parts;
    for (const sql::Expr* each : row->items) {
      const auto* literal = sql::As<sql::Literal>(each);
      parts.emplace_back(literal != nullptr ? literal->text : std::string_view());
    }
    const bool spark = dialect == Dialect::kSpark || dialect == Dialect::kDatabricks;
    return spark ? "{" + Join(parts, ", ") + "}" : Join(parts, "_");
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
  std::set<std::string> consumed;  // columns of the input that the aggregates and FOR read
  std::vector<std::pair<std::string, FlowColumn>> aggregates;
  const auto consume = [&](const sql::Expr* expr) {
    sql::Walk(expr, [&](const sql::Node* node) {
      const auto* column = sql::As<sql::Column>(node);
      if (column == nullptr) return true;
      const sql::Names parts = column->parts;
      const bool qualified =
          parts.size() > 1 && FindItem(scope, std::array{Key(parts[0])}) != nullptr;
      consumed.insert(Key(parts[qualified ? 1 : 0]));
      return true;
    });
  };
  std::string fact = "pivot ";
  for (const sql::SelectItem* item : pivot.aggregates) {
    FlowColumn value = Evaluate(item->expr, scope);
    consume(item->expr);
    std::string name = item->alias.empty() ? "" : std::string(item->alias.text);
    // One that has no alias goes by its text, where there are several.
    if (name.empty() && pivot.aggregates.size() > 1 && dialect_ != Dialect::kBigQuery) {
      name = std::string(sql_.Text(*item->expr));
    }
    fact += *value.text + " ";
    aggregates.emplace_back(std::move(name), value);
  }
  // DuckDB counts rows when it is not told what else to do.
  if (aggregates.empty()) aggregates.emplace_back("", Evaluate(nullptr, scope));
  Gathered choose;
  bool dynamic = false;
  std::vector<std::vector<std::string>> names;
  for (const sql::PivotColumn* column : pivot.columns) {
    Follow(column->column, scope, Subtype::kConditional, false, choose);
    consume(column->column);
    fact += "for " + Text(column->column, scope) + " ";
    const bool named =
        column->column->kind == sql::Kind::kColumn || column->column->kind == sql::Kind::kRow;
    // DuckDB takes `a || b IN (...)` for one expression whose values are the columns.
    dynamic = dynamic || column->any || column->query != nullptr || column->values.empty() ||
              (dialect_ == Dialect::kDuckDb && !named);
    std::vector<std::string> values;
    for (const sql::SelectItem* value : column->values) {
      values.push_back(ValueName(*value, sql_.Text(*value), dialect_));
      fact += std::string(sql_.Text(*value->expr)) +
              (value->alias.empty() ? " " : " as " + values.back() + " ");
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
      if (consumed.count(*column.key) == 0 || *column.name == "*") pass(column);
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
  if (pivot.default_value != nullptr) fact += "default " + Text(pivot.default_value, scope);
  if (pivot.columns.empty()) {  // it was not understood
    for (FlowColumn& column : flow->columns) column.status = Status::kUnknown;
  }
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
          name = value + "_" + alias;
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
  static constexpr sql::Name kName{"name", false, {}}, kValue{"value", false, {}};
  const bool duckdb = dialect_ == Dialect::kDuckDb;
  const sql::Name label = unpivot.name_column.empty() && duckdb ? kName : unpivot.name_column;
  const sql::Names value_names =
      unpivot.value_columns.empty() && duckdb ? sql::Names(&kValue, 1) : unpivot.value_columns;
  std::vector<DepBuilder> values(value_names.size());
  DepBuilder labels;
  Status status = Status::kExact;
  std::string text = "unpivot";
  std::vector<std::string> texts(values.size());
  for (const sql::UnpivotItem* item : unpivot.items) {
    for (size_t i = 0; i < item->columns.size(); ++i) {
      const sql::Expr* expr = item->columns[i];
      std::vector<FlowColumn> columns;
      if (const auto* star = sql::As<sql::Star>(expr)) {
        ExpandStar(*star, scope, columns);
      } else if (const auto* macro = sql::As<sql::ColumnsMacro>(expr)) {
        columns = MacroColumns(*macro, scope);
      } else {
        columns.push_back(Evaluate(expr, scope));
        if (const auto* column = sql::As<sql::Column>(expr)) {
          listed.insert(Key(column->parts.back()));
        }
      }
      for (const FlowColumn& column : columns) {
        if (expr->kind != sql::Kind::kColumn) listed.insert(*column.key);
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
    if (item->label != nullptr) text += " as " + std::string(sql_.Text(*item->label));
  }
  for (const FlowColumn& column : input->columns) {
    if (listed.count(*column.key) == 0 || *column.name == "*") flow->columns.push_back(column);
  }
  const FlowColumn name = NamedColumn(
      label, MakeColumn("", "", flows_.Keep(labels.Take()), status, "unpivot name", unpivot.span));
  const bool value_first = dialect_ == Dialect::kBigQuery || dialect_ == Dialect::kTsql;
  if (!value_first && !label.empty()) flow->columns.push_back(name);
  for (size_t i = 0; i < values.size(); ++i) {
    flow->columns.push_back(NamedColumn(
        value_names[i],
        MakeColumn("", "", flows_.Keep(values[i].Take()), status, texts[i], unpivot.span)));
  }
  if (value_first && !label.empty()) flow->columns.push_back(name);
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
  // Trino: what partitions, what orders, the measures, and then the other columns.
  std::vector<FlowColumn> others;
  if (match.all_rows && dialect_ == Dialect::kTrino) {
    std::vector<FlowColumn> first = partition;
    for (const sql::OrderItem* item : match.order_by) first.push_back(Evaluate(item->expr, scope));
    std::set<std::string> keys;
    for (const FlowColumn& column : first) keys.insert(*column.key);
    for (const FlowColumn& column : flow->columns) {
      if (keys.count(*column.key) == 0) others.push_back(column);
    }
    flow->columns = std::move(first);
  }
  for (const sql::SelectItem* item : match.measures) {
    FlowColumn value = Evaluate(item->expr, scope);
    if (const auto* column = sql::As<sql::Column>(item->expr); column && item->alias.empty()) {
      flow->columns.push_back(NamedColumn(column->parts.back(), value));
    } else {
      flow->columns.push_back(NamedColumn(item->alias, value));
    }
  }
  flow->columns.insert(flow->columns.end(), others.begin(), others.end());
  flow->dataset = flows_.Keep(dataset.Take());
  Fact("window", rows.where, text + " pattern " + ToLower(match.pattern), "", match.span);
  return flow;
}

}  // namespace layergate::lineage

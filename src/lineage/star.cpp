// `*` with its modifiers, and DuckDB's COLUMNS().
#include <algorithm>

#include <re2/re2.h>

#include "core/text.h"
#include "lineage/analyzer.h"
#include "sql/walk.h"

namespace layergate::lineage {

std::vector<FlowColumn> Analyzer::StarColumns(sql::Names qualifier, const sql::Expr* base,
                                              Span span, Scope& scope) {
  std::vector<FlowColumn> out;
  if (base != nullptr || qualifier.empty()) {
    if (base == nullptr) {
      for (const StarColumn& column : scope.star) out.push_back(column.column);
      return out;
    }
  } else {
    std::vector<std::string> keys;
    for (const sql::Name& part : qualifier) keys.push_back(Key(part));
    for (Scope* at = &scope; at != nullptr; at = at->parent) {
      const FromItem* item = FindItem(*at, keys);
      if (item == nullptr) continue;
      for (const FlowColumn& column : item->relation->columns) {
        out.push_back(ThroughItem(*item, column));
      }
      return out;
    }
  }
  // Fields of a struct.
  FlowColumn value;
  if (base != nullptr) {
    value = Evaluate(base, scope);
  } else if (!ResolveParts(qualifier, span, &scope, value)) {
    value = Unresolved(qualifier, span);
  }
  const Shape* shape = ShapeOf(value);
  if (shape != nullptr && shape->element == nullptr) {
    for (FlowColumn field : shape->fields) {
      field.status = Worse(field.status, value.status);
      out.push_back(field);
    }
    return out;
  }
  Diagnose("star_unknown_struct", "the fields of this value are not known", span);
  FlowColumn star = MakeColumn("*", "*", value.deps, Status::kUnknown, *value.text + ".*", span);
  return {star};
}

bool Analyzer::MatchesPattern(std::string_view pattern, std::string_view text, bool like,
                              bool& known) {
  std::string expression;
  if (like) {
    expression = "(?is)^";
    for (const char c : pattern) {
      if (c == '%') {
        expression += ".*";
      } else if (c == '_') {
        expression += '.';
      } else {
        expression += RE2::QuoteMeta(std::string(1, c));
      }
    }
    expression += '$';
  } else {
    expression = std::string(pattern);
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(like);
  const RE2 re(expression, options);
  known = re.ok();
  return known && RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), re);
}

void Analyzer::ExpandStar(const sql::Star& star, Scope& scope, std::vector<FlowColumn>& out) {
  std::vector<FlowColumn> columns = StarColumns(star.qualifier, star.base, star.span, scope);
  std::set<std::string> excluded;
  for (const sql::Name& name : star.except) excluded.insert(Key(name));
  const auto* pattern = sql::As<sql::Literal>(star.ilike);
  for (FlowColumn& column : columns) {
    column.from_star = true;
    column.span = star.span;
    if (*column.name == "*") {
      column.status = Status::kUnknown;
      const Leaf* leaf =
          column.deps->size() == 1 ? &flows_.leaf(column.deps->front().leaf) : nullptr;
      const bool base = leaf != nullptr && leaf->column == "*";
      column.from_star = base;
      Diagnose("star_unknown_relation",
               base ? "the columns of \"" + leaf->relation + "\" are not known"
                    : std::string("the columns that this star stands for are not known"),
               star.span);
      // REPLACE and RENAME over what is not known still give these columns.
      out.push_back(column);
      continue;
    }
    if (excluded.count(*column.key) > 0) continue;
    bool known = true;
    if (star.ilike != nullptr &&
        (pattern == nullptr || !MatchesPattern(pattern->text, *column.name, true, known))) {
      if (pattern != nullptr) continue;
      column.status = Status::kUnknown;
    }
    for (const sql::SelectItem* item : star.replace) {
      if (item->alias.empty() || Key(item->alias) != *column.key) continue;
      FlowColumn replaced = Evaluate(item->expr, scope);
      replaced.name = column.name;
      replaced.key = column.key;
      replaced.span = item->span;
      column = replaced;
    }
    for (const sql::SelectItem* item : star.rename) {
      const auto* from = sql::As<sql::Column>(item->expr);
      if (from == nullptr || Key(from->parts.back()) != *column.key) continue;
      column = NamedColumn(item->alias, column);
    }
    if (!star.apply.empty()) {
      DepBuilder deps;
      deps.Add(*column.deps, Subtype::kTransformation, false, star.span);
      column.deps = flows_.Keep(deps.Take());
      column.status = Status::kUnknown;  // the function and the name that comes out
      column.text = Keep(TextList(star.apply, scope) + "(" + *column.text + ")");
    }
    out.push_back(column);
  }
}

const sql::Node* Analyzer::FindMacro(const sql::Node* expr) const {
  if (dialect_ != sql::Dialect::kDuckDb && dialect_ != sql::Dialect::kClickHouse) return nullptr;
  const sql::Node* found = nullptr;
  sql::Walk(expr, [&](const sql::Node* node) {
    if (node->kind == sql::Kind::kQuery) return false;
    if (node->kind == sql::Kind::kColumnsMacro &&
        !static_cast<const sql::ColumnsMacro*>(node)->unpacked && found == nullptr) {
      found = node;
    }
    return found == nullptr;
  });
  return found;
}

void Analyzer::ExpandColumns(const sql::SelectItem& item, const sql::ColumnsMacro& macro,
                             Scope& scope, std::vector<FlowColumn>& out) {
  const sql::Expr* argument = macro.arguments.empty() ? nullptr : macro.arguments[0];
  const sql::Node* unsure = nullptr;
  std::vector<FlowColumn> columns;
  if (const auto* star = sql::As<sql::Star>(argument)) {
    ExpandStar(*star, scope, columns);
  } else {
    columns = StarColumns(macro.qualifier, nullptr, macro.span, scope);
    const auto* literal = sql::As<sql::Literal>(argument);
    const auto* list = sql::As<sql::Array>(argument);
    std::vector<FlowColumn> chosen;
    for (const FlowColumn& column : columns) {
      bool take = true, known = true;
      if (*column.name == "*") {
        known = false;
      } else if (literal != nullptr) {
        take = MatchesPattern(literal->text, *column.name, false, known);
        take = take || !known;
      } else if (list != nullptr) {
        take = std::any_of(list->items.begin(), list->items.end(), [&](const sql::Expr* each) {
          const auto* text = sql::As<sql::Literal>(each);
          return text != nullptr && EqualsIgnoreCase(text->text, *column.name);
        });
      } else if (argument != nullptr) {
        known = false;  // a lambda decides
      }
      if (!take) continue;
      chosen.push_back(column);
      if (!known) {
        unsure = &macro;
        chosen.back().status = Status::kUnknown;
      }
    }
    columns = std::move(chosen);
  }
  if (unsure != nullptr) {
    Diagnose("columns_unknown", "which columns COLUMNS() stands for can't be told", macro.span);
  }
  std::set<std::string> excluded;
  for (const sql::Name& name : macro.except) excluded.insert(Key(name));
  for (const FlowColumn& column : columns) {
    if (excluded.count(*column.key) > 0) continue;
    FlowColumn value = column;
    if (item.expr != &macro) {
      columns_value_ = &column;
      Gathered all;
      Follow(item.expr, scope, Subtype::kIdentity, false, all);
      value.deps = flows_.Keep(all.deps.Take());
      value.status = Worse(column.status, all.status);
      value.text = Keep(Text(item.expr, scope));
      value.shape = nullptr;
      value.type = nullptr;
      columns_value_ = nullptr;
    }
    value.span = item.span;
    // DuckDB names the column after the one that COLUMNS stands for.
    if (!item.alias.empty() && columns.size() == 1) value = NamedColumn(item.alias, value);
    out.push_back(value);
  }
}

}  // namespace layergate::lineage

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
               base ? "the columns of \"" + std::string(leaf->relation) + "\" are not known"
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
    Replace(star.replace, scope, column);
    for (const sql::SelectItem* item : star.rename) {
      const auto* from = sql::As<sql::Column>(item->expr);
      if (from == nullptr || Key(from->parts.back()) != *column.key) continue;
      column = NamedColumn(item->alias, column);
    }
    Apply(star.apply, scope, column);
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

// The columns that COLUMNS(...) stands for, as they are.
std::vector<FlowColumn> Analyzer::MacroColumns(const sql::ColumnsMacro& macro, Scope& scope) {
  const sql::Expr* argument = macro.arguments.empty() ? nullptr : macro.arguments[0];
  std::vector<FlowColumn> columns;
  bool unsure = false;
  if (const auto* star = sql::As<sql::Star>(argument)) {
    ExpandStar(*star, scope, columns);
  } else {
    const auto* literal = sql::As<sql::Literal>(argument);
    const auto* list = sql::As<sql::Array>(argument);
    for (const FlowColumn& column : StarColumns(macro.qualifier, nullptr, macro.span, scope)) {
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
      columns.push_back(column);
      if (known) continue;
      unsure = true;
      columns.back().status = Status::kUnknown;
    }
  }
  if (unsure) {
    Diagnose("columns_unknown", "which columns COLUMNS() stands for can't be told", macro.span);
  }
  std::set<std::string> excluded;
  for (const sql::Name& name : macro.except) excluded.insert(Key(name));
  columns.erase(std::remove_if(columns.begin(), columns.end(),
                               [&](const FlowColumn& c) { return excluded.count(*c.key) > 0; }),
                columns.end());
  for (FlowColumn& column : columns) {
    Replace(macro.replace, scope, column);
    Apply(macro.apply, scope, column);
  }
  return columns;
}

// REPLACE (expr AS name): another value in the same place.
void Analyzer::Replace(sql::List<sql::SelectItem> items, Scope& scope, FlowColumn& column) {
  for (const sql::SelectItem* item : items) {
    if (item->alias.empty() || Key(item->alias) != *column.key) continue;
    FlowColumn replaced = Evaluate(item->expr, scope);
    replaced.name = column.name;
    replaced.key = column.key;
    replaced.span = item->span;
    column = replaced;
  }
}

// ClickHouse APPLY(f): each column is given to f, and called f(name).
void Analyzer::Apply(sql::List<sql::Expr> functions, Scope& scope, FlowColumn& column) {
  for (const sql::Expr* function : functions) {
    const auto* named = sql::As<sql::Column>(function);
    const auto* call = sql::As<sql::Call>(function);
    const std::string name(named != nullptr  ? named->parts.back().text
                           : call != nullptr ? FunctionName(*call)
                                             : std::string_view());
    Subtype use = Subtype::kTransformation;
    if (IsAggregate(ClassOf(name, dialect_))) use = Subtype::kAggregation;
    Gathered all;
    AddColumn(column, use, false, function->span, all);
    if (named == nullptr) Follow(function, scope, Subtype::kTransformation, false, all);
    column.deps = flows_.Keep(all.deps.Take());
    column.status = Worse(column.status, all.status);
    column.text = Keep(name + "(" + *column.text + ")");
    column.shape = nullptr;
    column.type = nullptr;
    if (named == nullptr && call == nullptr) continue;
    const std::string shown = std::string(sql_.Text(*function)) + "(" + *column.name + ")";
    column.name = Keep(shown);
    column.key = Keep(NameKey(rules_, shown, true));
  }
}

void Analyzer::ExpandColumns(const sql::SelectItem& item, const sql::ColumnsMacro& macro,
                             Scope& scope, std::vector<FlowColumn>& out) {
  const std::vector<FlowColumn> columns = MacroColumns(macro, scope);
  const auto* pattern =
      macro.arguments.empty() ? nullptr : sql::As<sql::Literal>(macro.arguments[0]);
  for (const FlowColumn& column : columns) {
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
    // DuckDB names the column after the one that COLUMNS stands for; the alias may use groups of
    // the pattern.
    if (!item.alias.empty()) {
      std::string name(item.alias.text);
      if (pattern != nullptr && name.find('\\') != std::string::npos) {
        RE2::Options options;
        options.set_log_errors(false);
        std::string made;
        if (RE2::Extract(*column.name, RE2(pattern->text, options), name, &made)) name = made;
      }
      value = NamedColumn({*Keep(name), item.alias.quoted, item.alias.span}, value);
    }
    out.push_back(value);
  }
}

}  // namespace layergate::lineage

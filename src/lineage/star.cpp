// `*` with its modifiers, and DuckDB's COLUMNS().
#include <algorithm>
#include <array>

#include <re2/re2.h>

#include "core/text.h"
#include "lineage/analyzer.h"
#include "lineage/column_names.h"
#include "sql/walk.h"

namespace layergate::lineage {

std::vector<StarColumn> Analyzer::StarColumns(sql::Names qualifier, const sql::Expr* base,
                                              Span span, Scope& scope) {
  if (base == nullptr && qualifier.empty()) return scope.star;
  std::vector<StarColumn> out;
  if (base == nullptr) {
    std::vector<std::string> keys;
    for (const sql::Name& part : qualifier) keys.push_back(Key(part));
    for (Scope* at = &scope; at != nullptr; at = at->parent) {
      const FromItem* item = FindItem(*at, keys);
      if (item == nullptr) continue;
      const size_t index = static_cast<size_t>(item - at->items.data());
      for (const FlowColumn& column : item->relation->columns) {
        const auto merged = at->merged_before.find(*column.key);
        if (merged != at->merged_before.end() && index < merged->second) continue;
        out.push_back({ThroughItem(*item, column), index});
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
      out.push_back({field, SIZE_MAX});
    }
    return out;
  }
  Diagnose("star_unknown_struct", "the fields of this value are not known", span);
  FlowColumn star = MakeColumn("*", "*", value.deps, Status::kUnknown, *value.text + ".*", span);
  return {{star, SIZE_MAX}};
}

// Is the column one that EXCEPT or EXCLUDE names?
bool Analyzer::IsExcluded(const sql::Star& star, const StarColumn& column, const Scope& scope) {
  for (size_t i = 0; i < star.except.size(); ++i) {
    if (Key(star.except[i]) != *column.column.key) continue;
    if (i >= star.except_of.size() || star.except_of[i].empty()) return true;
    const FromItem* item = FindItem(scope, std::array{Key(star.except_of[i])});
    if (item != nullptr && column.item == static_cast<size_t>(item - scope.items.data())) {
      return true;
    }
  }
  return false;
}

// Does the star's pattern let the name through? nullopt: can't be told.
std::optional<bool> Analyzer::PassesPattern(const sql::Star& star, const std::string& name) {
  if (star.ilike == nullptr) return true;
  const auto* pattern = sql::As<sql::Literal>(star.ilike);
  if (pattern == nullptr || star.escape != nullptr) return std::nullopt;
  NameMatch how = NameMatch::kIlike;
  if (star.match == "LIKE") how = NameMatch::kLike;
  if (star.match == "SIMILAR TO") how = NameMatch::kSimilar;
  if (star.match == "GLOB") how = NameMatch::kGlob;
  const std::optional<bool> found = MatchesName(how, pattern->text, name);
  return found ? std::optional<bool>(*found != star.not_matching) : std::nullopt;
}

void Analyzer::ExpandStar(const sql::Star& star, Scope& scope, std::vector<FlowColumn>& out) {
  std::vector<StarColumn> columns = StarColumns(star.qualifier, star.base, star.span, scope);
  // Without a merged column, DuckDB shows what was merged into it, in places of their own.
  const bool splits =
      std::any_of(star.except_of.begin(), star.except_of.end(), [&](const sql::Name& relation) {
        const size_t at = static_cast<size_t>(&relation - star.except_of.data());
        return !relation.empty() && star.qualifier.empty() &&
               scope.merged.count(Key(star.except[at])) > 0;
      });
  if (splits) Diagnose("star_merged_column", "a merged column is excluded by one side", star.span);
  std::set<const sql::SelectItem*> replaced;
  for (StarColumn& starred : columns) {
    FlowColumn& column = starred.column;
    column.from_star = true;
    column.span = star.span;
    if (splits) column.status = Status::kUnknown;
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
    if (IsExcluded(star, starred, scope)) continue;
    const std::optional<bool> passes = PassesPattern(star, *column.name);
    if (passes.has_value() && !*passes) continue;
    if (!passes.has_value()) column.status = Status::kUnknown;
    if (!Replace(star.replace, scope, column, replaced)) continue;
    Rename(star, scope, starred);
    Apply(star.apply, scope, column);
    out.push_back(column);
  }
}

void Analyzer::Rename(const sql::Star& star, const Scope& scope, StarColumn& column) {
  for (const sql::SelectItem* item : star.rename) {
    const auto* from = sql::As<sql::Column>(item->expr);
    if (from == nullptr || Key(from->parts.back()) != *column.column.key) continue;
    if (from->parts.size() > 1 && star.qualifier.empty()) {
      const FromItem* of = FindItem(scope, std::array{Key(from->parts[from->parts.size() - 2])});
      if (of == nullptr || column.item != static_cast<size_t>(of - scope.items.data())) continue;
    }
    column.column = NamedColumn(item->alias, column.column);
    return;
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
    const auto* lambda = sql::As<sql::Lambda>(argument);
    const auto* loop = sql::As<sql::Comprehension>(argument);
    for (const StarColumn& starred : StarColumns(macro.qualifier, nullptr, macro.span, scope)) {
      const FlowColumn& column = starred.column;
      bool take = true, known = true;
      const auto decide = [&](std::optional<bool> holds) {
        known = holds.has_value();
        take = holds.value_or(true);
      };
      if (*column.name == "*") {
        known = false;
      } else if (literal != nullptr) {
        decide(MatchesName(NameMatch::kRegex, literal->text, *column.name));
      } else if (list != nullptr) {
        take = std::any_of(list->items.begin(), list->items.end(), [&](const sql::Expr* each) {
          const auto* text = sql::As<sql::Literal>(each);
          return text != nullptr && EqualsIgnoreCase(text->text, *column.name);
        });
        known = std::all_of(list->items.begin(), list->items.end(), [](const sql::Expr* each) {
          return each->kind == sql::Kind::kLiteral;
        });
      } else if (lambda != nullptr && lambda->parameters.size() == 1) {
        decide(HoldsForName(lambda->body, lambda->parameters[0].text, *column.name));
      } else if (loop != nullptr && loop->variables.size() == 1 &&
                 loop->body->kind == sql::Kind::kColumn) {
        decide(HoldsForName(loop->condition, loop->variables[0].text, *column.name));
      } else if (argument != nullptr) {
        known = false;
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
  std::set<const sql::SelectItem*> replaced;
  for (FlowColumn& column : columns) {
    Replace(macro.replace, scope, column, replaced);
    Apply(macro.apply, scope, column);
  }
  return columns;
}

// REPLACE (expr AS name): another value in the same place. False where the column goes: of several
// of that name, DuckDB keeps the first alone.
bool Analyzer::Replace(sql::List<sql::SelectItem> items, Scope& scope, FlowColumn& column,
                       std::set<const sql::SelectItem*>& done) {
  for (const sql::SelectItem* item : items) {
    if (item->alias.empty() || Key(item->alias) != *column.key) continue;
    if (!done.insert(item).second && dialect_ == sql::Dialect::kDuckDb) return false;
    FlowColumn replaced = Evaluate(item->expr, scope);
    replaced.name = column.name;
    replaced.key = column.key;
    replaced.span = item->span;
    column = replaced;
  }
  return true;
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

// SQLite's columns outside of aggregates: which row of the group they are read from.
#include <cstdlib>
#include <utility>

#include "core/text.h"
#include "lineage/analyzer.h"
#include "sql/walk.h"

namespace layergate::lineage {

using sql::Kind;

// SQLite reads columns outside of aggregates from the row that the min() or max() of the block
// comes from.
void Analyzer::PickRows(const sql::Select& select, const sql::Query* tail, Scope& scope) {
  Gathered all;
  std::string text;
  const auto collect = [&](const sql::Node* root) {
    sql::Walk(root, [&](const sql::Node* node) {
      if (node->kind == Kind::kQuery) return false;
      const auto* call = sql::As<sql::Call>(node);
      if (call == nullptr || call->over != nullptr || call->arguments.size() != 1) return true;
      const std::string name = ToLower(FunctionName(*call));
      if (name != "min" && name != "max") return true;
      Follow(call->arguments[0], scope, Subtype::kSort, false, all);
      text += (text.empty() ? "" : ", ") + CallText(*call, scope);
      return false;
    });
  };
  const Clause clause = std::exchange(scope.clause, Clause::kSelect);
  ++aggregates_;
  for (const sql::SelectItem* item : select.items) collect(item->expr);
  collect(select.having);
  if (tail != nullptr) {
    for (const sql::OrderItem* item : tail->order_by) collect(item->expr);
  }
  --aggregates_;
  scope.clause = clause;
  // What was read here is read again where it stands.
  if (all.deps.empty()) return;
  resolved_.clear();
  subqueries_.clear();
  scope.picked_by = flows_.Keep(all.deps.Take());
  scope.picked_text = Capped(text);
  if (select.group_by == nullptr) return;
  for (const sql::Node* node : select.group_by->items) {
    const sql::Expr* expr = node;
    if (const auto* literal = sql::As<sql::Literal>(expr)) {
      const auto at = static_cast<size_t>(std::atoi(std::string(literal->text).c_str()));
      if (at >= 1 && at <= select.items.size()) expr = select.items[at - 1]->expr;
    } else if (const auto* name = sql::As<sql::Column>(expr); name && name->parts.size() == 1) {
      const auto alias = scope.aliases.find(Key(name->parts[0]));
      if (alias != scope.aliases.end()) expr = select.items[alias->second]->expr;
    }
    for (const sql::Node* each : {node, expr}) {
      sql::Walk(each, [&](const sql::Node* below) {
        const auto* column = sql::As<sql::Column>(below);
        if (column != nullptr) scope.grouped.insert(Key(column->parts.back()));
        return below->kind != Kind::kQuery;
      });
    }
  }
}

void Analyzer::AddPicked(const Scope& scope, FlowColumn& column) {
  DepBuilder deps;
  deps.Append(*column.deps);
  deps.Append(*scope.picked_by);
  column.deps = flows_.Keep(deps.Take());
  column.text = Keep(Capped(*column.text) + " of the row of " + scope.picked_text);
}

// Does the expression read a column that is neither grouped by nor inside of an aggregate?
bool Analyzer::HasBareColumn(const sql::Node* node, const Scope& scope) const {
  bool found = false;
  sql::Walk(node, [&](const sql::Node* each) {
    if (const auto* call = sql::As<sql::Call>(each); call != nullptr && call->over == nullptr) {
      const bool scalar =
          call->arguments.size() > 1 && EqualsIgnoreCase(FunctionName(*call), "max");
      if (!scalar && IsAggregate(ClassOf(FunctionName(*call), dialect_))) return false;
    }
    const auto* column = sql::As<sql::Column>(each);
    found = found || each->kind == Kind::kStar ||
            (column != nullptr && scope.grouped.count(Key(column->parts.back())) == 0);
    return !found;
  });
  return found;
}

}  // namespace layergate::lineage

// Pipe syntax: each step makes a new relation from the one before.
#include <algorithm>

#include "core/text.h"
#include "lineage/analyzer.h"

namespace layergate::lineage {

const RelationFlow* Analyzer::AnalyzePipe(const sql::PipeQuery& pipe, CteView ctes, Scope* outer,
                                          const std::string& where) {
  const RelationFlow* source = AnalyzeBody(pipe.source, ctes, outer, where, nullptr);
  RelationFlow* flow = NewRelation();
  *flow = *source;
  // Until a step makes a new list of columns, the relations of FROM and of joins can be named.
  std::vector<FromItem> named;
  const auto* select = sql::As<sql::Select>(pipe.source);
  if (select != nullptr && select->implicit_star) named = from_items_;
  for (const sql::PipeStep* step : pipe.steps) {
    RelationFlow* next = NewRelation();
    *next = *flow;
    PipeStepInto(*step, *next, ctes, outer, where, named);
    flow = NewRelation();
    // A fresh object, so that no index of names is stale.
    flow->columns = next->columns;
    flow->dataset = next->dataset;
    flow->rows_status = next->rows_status;
    flow->bases = next->bases;
    flow->label = next->label;
    flow->block = next->block;
    for (const FlowColumn& column : flow->columns) flow->open = flow->open || *column.name == "*";
  }
  return flow;
}

void Analyzer::PipeStepInto(const sql::PipeStep& step, RelationFlow& flow, CteView ctes,
                            Scope* outer, const std::string& where, std::vector<FromItem>& named) {
  using Op = sql::PipeStep::Op;
  RelationFlow* input = NewRelation();
  input->columns = flow.columns;
  input->open = flow.open;
  input->dataset = flow.dataset;
  input->rows_status = flow.rows_status;
  input->bases = flow.bases;
  input->label = flow.label;
  input->block = flow.block;
  input->base = flow.base;
  // Each step is a block that goes on from the rows of the one before.
  const OpenBlock block(*this, flow.block);
  flow.block = block_;
  Scope scope;
  scope.parent = outer;
  scope.ctes = ctes;
  Rows rows;
  rows.where = where;
  FromItem item;
  item.relation = input;
  AddItem(scope, std::move(item), rows);
  StarOf(scope, 0, scope.star);
  for (FromItem each : named) {
    each.hidden = true;  // names qualify; alone they mean the pipe's columns
    scope.items.push_back(std::move(each));
  }
  for (const sql::NamedWindow* window : step.windows) {
    scope.windows[Key(window->name)] = window->spec;
  }
  // A SELECT list over the pipe's columns.
  const auto evaluate = [&](const sql::SelectItem& each, std::vector<FlowColumn>& out) {
    if (const auto* star = sql::As<sql::Star>(each.expr)) {
      ExpandStar(*star, scope, out);
      return;
    }
    FlowColumn value = Evaluate(each.expr, scope);
    value.span = each.span;
    value.from_star = false;
    const auto* column = sql::As<sql::Column>(each.expr);
    if (!each.alias.empty()) {
      value = NamedColumn(each.alias, value);
    } else if (column != nullptr) {
      value = NamedColumn(column->parts.back(), value);
    } else if (value.name->empty()) {
      const std::string name = DefaultName(each, out);
      value.name = Keep(name);
      value.key = Keep(NameKey(rules_, name, false));
      value.guessed_name = GuessesName(each);
    }
    CollectWindows(each.expr, scope, rows);
    out.push_back(value);
  };
  const auto is_named = [&](const FlowColumn& column, const sql::Name& name) {
    return *column.key == Key(name);
  };
  switch (step.op) {
    case Op::kSelect: {
      std::vector<FlowColumn> out;
      for (const sql::SelectItem* each : step.items) evaluate(*each, out);
      flow.columns = std::move(out);
      named.clear();
      if (step.distinct) {
        for (const FlowColumn& column : flow.columns) {
          rows.deps.Add(*column.deps, Subtype::kFilter, false, column.span);
        }
        Fact("distinct", where, "distinct", "", step.span);
      }
      break;
    }
    case Op::kExtend:
    case Op::kWindow:
      for (const sql::SelectItem* each : step.items) evaluate(*each, flow.columns);
      break;
    case Op::kSet:
      for (const sql::SelectItem* each : step.items) {
        FlowColumn value = Evaluate(each->expr, scope);
        for (FlowColumn& column : flow.columns) {
          if (!is_named(column, each->alias)) continue;
          value.name = column.name;
          value.key = column.key;
          value.span = each->span;
          column = value;
        }
      }
      break;
    case Op::kDrop:
      for (const sql::Name& name : step.names) {
        flow.columns.erase(
            std::remove_if(flow.columns.begin(), flow.columns.end(),
                           [&](const FlowColumn& column) { return is_named(column, name); }),
            flow.columns.end());
      }
      break;
    case Op::kRename:
      for (const sql::SelectItem* each : step.items) {
        const auto* from = sql::As<sql::Column>(each->expr);
        if (from == nullptr) continue;
        for (FlowColumn& column : flow.columns) {
          if (is_named(column, from->parts.back())) column = NamedColumn(each->alias, column);
        }
      }
      break;
    case Op::kAs:
      named.clear();
      if (!step.names.empty()) {
        named.emplace_back();
        named.back().alias = Key(step.names[0]);
        named.back().relation = input;
      }
      break;
    case Op::kWhere:
      scope.clause = Clause::kWhere;
      Conjuncts(step.condition, "predicate", scope, rows);
      break;
    case Op::kLimit: {
      result_.takes_order = true;
      bool limits = false;
      LimitFact(step.limit, scope, rows, limits);
      break;
    }
    case Op::kAggregate: {
      std::vector<FlowColumn> out;
      std::vector<std::string> texts;
      if (step.group_by != nullptr) {
        for (const sql::Node* each : step.group_by->items) {
          const auto* selected = sql::As<sql::SelectItem>(each);
          FlowColumn value = Evaluate(selected != nullptr ? selected->expr : each, scope);
          rows.deps.Add(*value.deps, Subtype::kGroupBy, false, each->span);
          rows.status = Worse(rows.status, value.status);
          texts.push_back(Capped(*value.text));
          const auto* column = sql::As<sql::Column>(selected != nullptr ? selected->expr : each);
          if (selected != nullptr && !selected->alias.empty()) {
            value = NamedColumn(selected->alias, value);
          } else if (column != nullptr) {
            value = NamedColumn(column->parts.back(), value);
          }
          value.span = each->span;
          out.push_back(value);
        }
        std::sort(texts.begin(), texts.end());
        Fact("group_by", where, "group by " + Join(texts, ", "), "", step.group_by->span);
      } else {
        Fact("group_by", where, "group by ", "", step.span);
      }
      for (const sql::SelectItem* each : step.items) evaluate(*each, out);
      flow.columns = std::move(out);
      named.clear();
      break;
    }
    case Op::kDistinct:
      for (const FlowColumn& column : flow.columns) {
        rows.deps.Add(*column.deps, Subtype::kFilter, false, column.span);
      }
      Fact("distinct", where, "distinct", "", step.span);
      break;
    case Op::kOrderBy:
      for (const sql::OrderItem* each : step.order_by) {
        Gathered by;
        Follow(each->expr, scope, Subtype::kSort, false, by);
        rows.deps.Append(by.deps.Take());
        rows.status = Worse(rows.status, by.status);
      }
      Fact("order_by", where, "order by " + OrderText(step.order_by, scope), "", step.span);
      break;
    case Op::kSetOperation: {
      std::vector<const RelationFlow*> branches = {input};
      for (const sql::Node* branch : step.set_operation->branches) {
        branches.push_back(AnalyzeBody(branch, ctes, outer, where, nullptr));
      }
      flow = *CombineBranches(branches, *step.set_operation, where);
      // The branches hold what came before; this step adds nothing to them.
      result_.goes_on_from[static_cast<size_t>(block_)] = flow.block;
      flow.block = block_;
      rows.deps.Append(*flow.dataset);
      rows.status = Worse(rows.status, flow.rows_status);
      break;
    }
    case Op::kJoin: {
      const size_t before = scope.items.size();
      AddJoin(*step.join, scope, rows, scope.star);
      named.insert(named.end(), scope.items.begin() + static_cast<ptrdiff_t>(before),
                   scope.items.end());
      flow.columns.clear();
      for (const StarColumn& column : scope.star) flow.columns.push_back(column.column);
      SeeBases(flow, scope);
      break;
    }
    case Op::kSample:
      Fact("sample", where, GenericText(*step.sample, scope), "", step.span);
      break;
    case Op::kPivot:
    case Op::kUnpivot: {
      Scope inner;
      inner.parent = outer;
      inner.ctes = ctes;
      inner.items = scope.items;
      inner.star = scope.star;
      const auto* pivot = sql::As<sql::Pivot>(step.relation);
      const auto* unpivot = sql::As<sql::Unpivot>(step.relation);
      const RelationFlow* made = pivot != nullptr     ? PivotFlow(*pivot, input, inner, rows)
                                 : unpivot != nullptr ? UnpivotFlow(*unpivot, input, inner, rows)
                                                      : OpaqueFlow(*step.relation, inner, rows);
      flow.columns = made->columns;
      rows.deps.Append(*made->dataset);
      rows.status = Worse(rows.status, made->rows_status);
      named.clear();
      break;
    }
    case Op::kAssert:  // rows pass as they are, or the query ends
      return;
    case Op::kMatchRecognize:
    case Op::kWith:
    case Op::kCall:
    case Op::kOther:
      rows.status = Status::kUnknown;
      for (FlowColumn& column : flow.columns) column.status = Status::kUnknown;
      Diagnose("opaque_syntax", "this step of the pipe was not understood", step.span);
      break;
  }
  flow.dataset = flows_.Keep(rows.deps.Take());
  flow.rows_status = Worse(flow.rows_status, rows.status);
}

}  // namespace layergate::lineage

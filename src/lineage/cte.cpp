// WITH: common table expressions, and the fixpoint of recursive ones.
#include <algorithm>

#include "core/text.h"
#include "lineage/analyzer.h"
#include "sql/walk.h"

namespace layergate::lineage {

using sql::Dialect;
using sql::Kind;

namespace {

bool ReadsTable(const sql::Node* node, const NameRules& rules, const std::string& key) {
  bool found = false;
  sql::Walk(node, [&](const sql::Node* each) {
    if (const auto* table = sql::As<sql::Table>(each)) {
      found = found || (table->name.size() == 1 &&
                        NameKey(rules, table->name[0].text, table->name[0].quoted) == key);
    }
    return !found;
  });
  return found;
}

// The set operation that a query's body is, through parentheses without clauses of their own.
const sql::SetOperation* BodyOperation(const sql::Node* node) {
  while (const auto* query = sql::As<sql::Query>(node)) node = query->body;
  return sql::As<sql::SetOperation>(node);
}

}  // namespace

CteView Analyzer::OpenWith(const sql::With* with, CteView ctes, Scope* outer) {
  if (with == nullptr) return ctes;
  frames_.emplace_back();
  CteFrame& frame = frames_.back();
  frame.parent = ctes;
  for (const sql::Cte* cte : with->ctes) {
    units_.emplace_back();
    CteEntry entry;
    entry.key = Key(cte->name);
    entry.unit = &units_.back();
    Unit* unit = unit_;
    unit_ = entry.unit;
    if (cte->scalar != nullptr) {
      // WITH expr AS name: one value, seen as a column everywhere in the query.
      unit_ = unit;
      frame.entries.push_back(entry);
      continue;
    }
    entry.flow = AnalyzeCte(*cte, with->recursive, frame, outer, entry.unit);
    unit_ = unit;
    const size_t index = frame.entries.size();
    frame.entries.push_back(entry);
    frame.by_key[frame.entries.back().key].push_back(index);
  }
  return {&frame, frame.entries.size()};
}

const RelationFlow* Analyzer::AnalyzeCte(const sql::Cte& cte, bool recursive, CteFrame& frame,
                                         Scope* outer, Unit* unit) {
  (void)unit;
  const std::string key = Key(cte.name);
  const std::string where = ToLower(cte.name.text);
  const CteView before{&frame, frame.entries.size()};
  const sql::SetOperation* operation = BodyOperation(cte.query);
  const bool may_recurse =
      recursive || dialect_ == Dialect::kTsql || dialect_ == Dialect::kSnowflake;
  const RelationFlow* flow = nullptr;
  if (may_recurse && operation != nullptr && operation->branches.size() >= 2 &&
      !ReadsTable(operation->branches[0], rules_, key) && ReadsTable(cte.query, rules_, key)) {
    flow = AnalyzeRecursive(cte, *operation, frame, outer);
  } else if (cte.query != nullptr && cte.query->kind == Kind::kQuery) {
    flow = AnalyzeQuery(cte.query, before, outer, where);
  } else {
    // A statement with RETURNING, or nothing that was understood.
    RelationFlow* unknown = NewRelation();
    unknown->open = true;
    unknown->rows_status = Status::kUnknown;
    unknown->columns.push_back(
        MakeColumn("*", "*", flows_.none(), Status::kUnknown, "?", cte.span));
    Diagnose("opaque_cte", "what \"" + where + "\" gives is not known", cte.span);
    flow = unknown;
  }
  RelationFlow* named = NewRelation();
  CopyRelation(*Stored(Renamed(flow, cte.columns)), *named);
  // An import CTE (`select * from t`) goes by the name of what it imports.
  const auto* query = sql::As<sql::Query>(cte.query);
  const auto* select = query != nullptr ? sql::As<sql::Select>(query->body) : nullptr;
  const bool import =
      select != nullptr && select->items.size() == 1 && select->items[0]->expr != nullptr &&
      select->items[0]->expr->kind == Kind::kStar && select->from.size() == 1 &&
      select->from[0]->kind == Kind::kTable && select->where == nullptr &&
      select->qualify == nullptr && query->limit == nullptr && select->group_by == nullptr &&
      select->distinct == sql::Select::Distinct::kNone;
  if (!import) named->label = where;
  return named;
}

// The least fixpoint over the anchor and the recursive branches: column by column, what the last
// round found flows in through the CTE's own name until nothing new comes.
const RelationFlow* Analyzer::AnalyzeRecursive(const sql::Cte& cte,
                                               const sql::SetOperation& operation, CteFrame& frame,
                                               Scope* outer) {
  const std::string where = ToLower(cte.name.text);
  const CteView before{&frame, frame.entries.size()};
  Unit* unit = unit_;
  units_.emplace_back();
  Unit* scratch = &units_.back();
  unit_ = scratch;
  ++quiet_;
  // The clauses around the operation are analysed in the last round only.
  const auto* around = sql::As<sql::Query>(cte.query);
  CteView inside =
      around != nullptr && around->with != nullptr ? OpenWith(around->with, before, outer) : before;
  const RelationFlow* known =
      Renamed(AnalyzeBody(operation.branches[0], inside, outer, where, nullptr), cte.columns);
  frame.entries.push_back({Key(cte.name), known, nullptr});
  const size_t index = frame.entries.size() - 1;
  frame.by_key[frame.entries[index].key].push_back(index);
  const CteView with_self{&frame, frame.entries.size()};

  const RelationFlow* result = known;
  constexpr int kMostRounds = 64;
  for (int round = 0;; ++round) {
    const bool last = round >= kMostRounds;
    resolved_.clear();
    subqueries_.clear();
    RelationFlow* self = NewRelation();
    *self = *known;
    self->label = where;
    frame.entries[index].flow = self;
    CteView view = with_self;
    if (around != nullptr && around->with != nullptr) {
      view = OpenWith(around->with, with_self, outer);
    }
    const RelationFlow* next =
        Renamed(AnalyzeBody(&operation, view, outer, where, nullptr), cte.columns);
    bool same = next->columns.size() == known->columns.size() &&
                next->dataset->size() == known->dataset->size();
    for (size_t i = 0; same && i < next->columns.size(); ++i) {
      same = next->columns[i].deps->size() == known->columns[i].deps->size() &&
             next->columns[i].status == known->columns[i].status;
    }
    result = next;
    if (same || last) break;
    // Texts of columns stay those of the anchor: a round must not make them longer.
    RelationFlow* grown = NewRelation();
    *grown = *next;
    for (size_t i = 0; i < grown->columns.size() && i < known->columns.size(); ++i) {
      grown->columns[i].text = known->columns[i].text;
    }
    known = grown;
  }
  // Once more for facts and diagnostics.
  --quiet_;
  unit_ = unit;
  resolved_.clear();
  subqueries_.clear();
  RelationFlow* self = NewRelation();
  *self = *known;
  self->label = where;
  self->block = RowSetFact::kItself;
  for (FlowColumn& column : self->columns) column.text = Keep(where + "." + *column.name);
  frame.entries[index].flow = self;
  if (cte.query->kind == Kind::kQuery && around->with == nullptr) {
    result = Renamed(AnalyzeQuery(cte.query, with_self, outer, where), cte.columns);
  } else {
    result = Renamed(AnalyzeBody(&operation, with_self, outer, where, nullptr), cte.columns);
  }
  if (!cte.added.empty()) {
    // SEARCH and CYCLE columns depend on the recursion, not on one value.
    RelationFlow* more = NewRelation();
    *more = *result;
    for (const sql::Name& name : cte.added) {
      more->columns.push_back(NamedColumn(
          name, MakeColumn("", "", flows_.none(), Status::kUnknown, "cycle", cte.span)));
    }
    result = more;
  }
  frame.by_key[frame.entries[index].key].pop_back();
  frame.entries.pop_back();
  return result;
}

}  // namespace layergate::lineage

#include "lineage/compare.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "core/text.h"
#include "lineage/compare_rows.h"

namespace layergate::lineage {

namespace {

using Kind = Difference::Kind;

// --- Columns ----------------------------------------------------------------------------------

using SourceSet = std::set<std::tuple<std::string, std::string, std::string>>;

SourceSet SourcesOf(const std::vector<Edge>& edges) {
  SourceSet sources;
  for (const Edge& edge : edges) sources.emplace(edge.relation, edge.column, edge.field);
  return sources;
}

SourceSet AllSources(const OutputColumn& column) {
  SourceSet sources = SourcesOf(column.direct);
  sources.merge(SourcesOf(column.indirect));
  return sources;
}

struct ColumnPair {
  const OutputColumn* base = nullptr;
  const OutputColumn* head = nullptr;
  bool renamed = false;
};

// "name#k" for the k-th column of that name.
std::vector<std::string> OccurrenceKeys(const std::vector<OutputColumn>& columns) {
  std::map<std::string, int> seen;
  std::vector<std::string> keys;
  for (const OutputColumn& column : columns) {
    const std::string name = ToLower(column.name);
    keys.push_back(fmt::format("{}#{}", name, ++seen[name]));
  }
  return keys;
}

bool SameValue(const OutputColumn& a, const OutputColumn& b) {
  if (a.expression != b.expression || a.direct != b.direct || a.indirect != b.indirect)
    return false;
  return !a.expression.empty() || !a.direct.empty();
}

// Among unpaired base columns, the one that `head` is a rename of: the same value, the same ordinal
// if there is such a one.
size_t FindRenamed(const std::vector<OutputColumn>& base, const std::vector<bool>& taken,
                   const OutputColumn& head) {
  size_t found = base.size();
  for (size_t i = 0; i < base.size(); ++i) {
    if (taken[i] || !SameValue(base[i], head)) continue;
    if (base[i].ordinal == head.ordinal) return i;
    if (found == base.size()) found = i;
  }
  return found;
}

// In the order of the head's columns, then removed ones.
std::vector<ColumnPair> PairColumns(const std::vector<OutputColumn>& base,
                                    const std::vector<OutputColumn>& head, bool exact_names) {
  const std::vector<std::string> base_keys = OccurrenceKeys(base);
  const std::vector<std::string> head_keys = OccurrenceKeys(head);
  std::map<std::string, size_t> by_key;
  for (size_t i = 0; i < base.size(); ++i) by_key[base_keys[i]] = i;
  std::vector<bool> taken(base.size());
  std::vector<ColumnPair> pairs;
  for (size_t i = 0; i < head.size(); ++i) {
    ColumnPair pair;
    pair.head = &head[i];
    const auto found = by_key.find(head_keys[i]);
    if (found != by_key.end()) {
      pair.base = &base[found->second];
      taken[found->second] = true;
      pair.renamed = exact_names && pair.base->name != head[i].name;
    }
    pairs.push_back(pair);
  }
  for (ColumnPair& pair : pairs) {
    if (pair.base != nullptr) continue;  // a rename by case alone too
    const size_t found = FindRenamed(base, taken, *pair.head);
    if (found == base.size()) continue;
    pair.base = &base[found];
    pair.renamed = true;
    taken[found] = true;
  }
  for (size_t i = 0; i < base.size(); ++i) {
    if (!taken[i]) pairs.push_back({&base[i], nullptr, false});
  }
  return pairs;
}

Difference AboutColumn(Kind kind, const ColumnPair& pair) {
  Difference d;
  d.kind = kind;
  d.column = pair.head != nullptr ? pair.head->name : pair.base->name;
  if (pair.base != nullptr) {
    d.base_text = pair.base->expression;
    d.base_edges = pair.base->direct;
    d.base_span = pair.base->span;
  }
  if (pair.head != nullptr) {
    d.head_text = pair.head->expression;
    d.head_edges = pair.head->direct;
    d.head_span = pair.head->span;
  }
  return d;
}

std::string EdgeNames(const SourceSet& sources) {
  std::string out;
  for (const auto& [relation, column, field] : sources) {
    if (!out.empty()) out += ", ";
    out += relation + "." + column;
    if (!field.empty()) out += "." + field;
  }
  return out.empty() ? "no column" : out;
}

// Beside what the value is made of, both sides depend on the same: COALESCE(sum(x), 0) asks x
// whether it is null, and is made of x as sum(x) is.
bool SameConditionsBeside(const SourceSet& value, const OutputColumn& base,
                          const OutputColumn& head) {
  const SourceSet before = SourcesOf(base.indirect), after = SourcesOf(head.indirect);
  const auto only_value = [&](const SourceSet& more, const SourceSet& less) {
    return std::all_of(more.begin(), more.end(), [&](const auto& source) {
      return less.count(source) > 0 || value.count(source) > 0;
    });
  };
  const bool more = std::includes(after.begin(), after.end(), before.begin(), before.end());
  const bool less = std::includes(before.begin(), before.end(), after.begin(), after.end());
  return (more && only_value(after, before)) || (less && only_value(before, after));
}

void CompareValues(const ColumnPair& pair, std::vector<Difference>& out) {
  const OutputColumn& base = *pair.base;
  const OutputColumn& head = *pair.head;
  const SourceSet base_sources = SourcesOf(base.direct);
  const SourceSet head_sources = SourcesOf(head.direct);
  // One computation of the same columns, said in two ways: FILTER (WHERE c) or a CASE.
  const bool same_text = base.expression == head.expression && !base.expression.empty();
  if (same_text && AllSources(base) == AllSources(head)) return;
  if (base_sources != head_sources) {
    Difference d = AboutColumn(Kind::kColumnResourced, pair);
    d.detail = EdgeNames(base_sources) + " -> " + EdgeNames(head_sources);
    out.push_back(std::move(d));
    return;
  }
  if (base.direct != head.direct) {
    out.push_back(AboutColumn(Kind::kSubtypeChanged, pair));
    return;
  }
  const bool told_by_text =
      base.expression != head.expression && SameConditionsBeside(head_sources, base, head);
  if (base.indirect != head.indirect && !told_by_text) {
    Difference d = AboutColumn(Kind::kConditionsChanged, pair);
    d.base_edges = base.indirect;
    d.head_edges = head.indirect;
    out.push_back(std::move(d));
    return;
  }
  if (base.expression != head.expression) {
    out.push_back(AboutColumn(Kind::kExpressionChanged, pair));
  }
}

// Two sides that bind in the same two ways say the same; everything else that is not exact proves
// nothing.
bool ProvesNothing(const OutputColumn& base, const OutputColumn& head) {
  const Status worst = base.status < head.status ? head.status : base.status;
  if (worst == Status::kExact) return false;
  return worst == Status::kUnknown || !(base.status == head.status && SameValue(base, head));
}

// A star that could not be expanded, on the side that lacks the column: it may well be behind it.
bool MayHoldMore(const std::vector<OutputColumn>& columns) {
  return std::any_of(columns.begin(), columns.end(),
                     [](const OutputColumn& column) { return column.name == "*"; });
}

void ComparePair(const ColumnPair& pair, bool base_may_hold_more, bool head_may_hold_more,
                 std::vector<Difference>& out) {
  if (pair.base == nullptr || pair.head == nullptr) {
    const OutputColumn& only = pair.base == nullptr ? *pair.head : *pair.base;
    const bool unknown = pair.base == nullptr ? base_may_hold_more : head_may_hold_more;
    if (unknown || only.name == "*") {
      out.push_back(AboutColumn(Kind::kUnknown, pair));
      return;
    }
    out.push_back(
        AboutColumn(pair.base == nullptr ? Kind::kColumnAdded : Kind::kColumnRemoved, pair));
    return;
  }
  if (pair.renamed) {
    Difference d = AboutColumn(Kind::kColumnRenamed, pair);
    d.old_column = pair.base->name;
    out.push_back(std::move(d));
  }
  if (ProvesNothing(*pair.base, *pair.head)) {
    out.push_back(AboutColumn(Kind::kUnknown, pair));
    return;
  }
  CompareValues(pair, out);
}

// At the column that stood before them.
void TellWhereGoneColumnsStood(const std::vector<OutputColumn>& base,
                               const std::vector<OutputColumn>& head,
                               std::vector<Difference>& out) {
  for (Difference& d : out) {
    if (d.kind != Kind::kColumnRemoved || head.empty()) continue;
    d.near = head.front().span;
    for (const OutputColumn& column : base) {
      if (EqualsIgnoreCase(column.name, d.column)) break;
      const auto still = std::find_if(head.begin(), head.end(), [&](const OutputColumn& each) {
        return EqualsIgnoreCase(each.name, column.name);
      });
      if (still != head.end()) d.near = still->span;
    }
  }
}

void CompareOrder(const std::vector<ColumnPair>& pairs, std::vector<Difference>& out) {
  int last = 0;
  bool in_order = true;
  std::string order;
  for (const ColumnPair& pair : pairs) {
    if (pair.head == nullptr) continue;
    if (!order.empty()) order += ", ";
    order += pair.head->name;
    if (pair.base == nullptr) continue;
    in_order = in_order && pair.base->ordinal > last;
    last = pair.base->ordinal;
  }
  if (in_order) return;
  Difference d;
  d.kind = Kind::kColumnsReordered;
  d.detail = order;
  out.push_back(std::move(d));
}

// --- Row set ----------------------------------------------------------------------------------

// Base tables that rows or values come from; a table that only an unused CTE reads is not.
std::set<std::string> RelationsInUse(const StatementLineage& statement) {
  std::set<std::string> used = RelationsOfRows(statement);
  const auto add = [&](const std::vector<Edge>& edges) {
    for (const Edge& edge : edges) used.insert(edge.relation);
  };
  add(statement.dataset);
  for (const OutputColumn& column : statement.columns) {
    add(column.direct);
    add(column.indirect);
  }
  return used;
}

// Base tables that only one side reads, where nothing else says so.
void CompareRelations(const StatementLineage& base, const StatementLineage& head,
                      std::vector<Difference>& out) {
  const bool told = std::any_of(out.begin(), out.end(), [](const Difference& d) {
    return d.kind == Kind::kSourceChanged || d.kind == Kind::kJoinAdded ||
           d.kind == Kind::kJoinRemoved || d.kind == Kind::kSetOperationChanged ||
           d.kind == Kind::kPredicateChanged || d.kind == Kind::kPredicateAdded ||
           d.kind == Kind::kPredicateRemoved;
  });
  if (told) return;
  const std::set<std::string> in_base = RelationsInUse(base), in_head = RelationsInUse(head);
  const auto report = [&](const StatementLineage& of, const std::set<std::string>& here,
                          const std::set<std::string>& there, Kind kind) {
    for (const std::string& relation : of.relations) {
      if (here.count(relation) == 0 || there.count(relation) > 0) continue;
      Difference d;
      d.kind = kind;
      (kind == Kind::kRelationAdded ? d.head_text : d.base_text) = relation;
      d.detail = relation;
      out.push_back(std::move(d));
    }
  };
  report(head, in_head, in_base, Kind::kRelationAdded);
  report(base, in_base, in_head, Kind::kRelationRemoved);
}

// Syntax that was not understood may decide about rows: what is seen beside it proves nothing.
bool HasOpaqueRows(const StatementLineage& statement) {
  if (statement.row_set_status != Status::kUnknown) return false;
  const bool fact = std::any_of(statement.row_set.begin(), statement.row_set.end(),
                                [](const RowSetFact& each) { return each.kind == "opaque"; });
  return fact || std::any_of(statement.diagnostics.begin(), statement.diagnostics.end(),
                             [](const Diagnostic& each) {
                               return each.code.rfind("opaque", 0) == 0 ||
                                      each.code.find("limit") != std::string::npos;
                             });
}

bool IsRowSetKind(Kind kind) {
  return kind >= Kind::kRelationAdded && kind <= Kind::kOtherRowSetChange;
}

// A name that can mean several columns stands as "?name" in a normalised text.
bool HasGuess(const std::string& text) {
  for (size_t at = text.find('?'); at != std::string::npos; at = text.find('?', at + 1)) {
    const bool begins = at == 0 || text[at - 1] == ' ' || text[at - 1] == '(';
    const char next = at + 1 < text.size() ? text[at + 1] : ' ';
    if (begins && next != ' ' && next != '?' && next != '|' && next != '&') return true;
  }
  return false;
}

// `group by state` for `group by o.state`, when it isn't known whether `state` is that column: no
// difference is proven. That the rows cannot be compared is told.
void DropGuesses(std::vector<Difference>& out) {
  std::erase_if(out, [](const Difference& d) {
    return IsRowSetKind(d.kind) && !d.base_text.empty() && !d.head_text.empty() &&
           HasGuess(d.base_text) != HasGuess(d.head_text);
  });
}

void CompareDatasets(const StatementLineage& base, const StatementLineage& head,
                     std::vector<Difference>& out) {
  // Which clause a column decides by is told by the facts, where it matters.
  if (SourcesOf(base.dataset) == SourcesOf(head.dataset)) return;
  const bool explained =
      std::any_of(out.begin(), out.end(), [](const Difference& d) { return IsRowSetKind(d.kind); });
  if (explained) return;
  Difference d;
  d.kind = Kind::kDatasetEdgesChanged;
  d.base_edges = base.dataset;
  d.head_edges = head.dataset;
  out.push_back(std::move(d));
}

}  // namespace

std::string_view ToString(Difference::Kind kind) {
  switch (kind) {
    case Kind::kColumnAdded:
      return "column_added";
    case Kind::kColumnRemoved:
      return "column_removed";
    case Kind::kColumnRenamed:
      return "column_renamed";
    case Kind::kColumnsReordered:
      return "columns_reordered";
    case Kind::kColumnResourced:
      return "column_resourced";
    case Kind::kConditionsChanged:
      return "conditions_changed";
    case Kind::kExpressionChanged:
      return "expression_changed";
    case Kind::kSubtypeChanged:
      return "subtype_changed";
    case Kind::kRelationAdded:
      return "relation_added";
    case Kind::kRelationRemoved:
      return "relation_removed";
    case Kind::kSourceChanged:
      return "source_changed";
    case Kind::kJoinAdded:
      return "join_added";
    case Kind::kJoinRemoved:
      return "join_removed";
    case Kind::kJoinKindChanged:
      return "join_kind_changed";
    case Kind::kJoinConditionChanged:
      return "join_condition_changed";
    case Kind::kPredicateAdded:
      return "predicate_added";
    case Kind::kPredicateRemoved:
      return "predicate_removed";
    case Kind::kPredicateChanged:
      return "predicate_changed";
    case Kind::kGroupByChanged:
      return "group_by_changed";
    case Kind::kDistinctChanged:
      return "distinct_changed";
    case Kind::kSetOperationChanged:
      return "set_operation_changed";
    case Kind::kLimitChanged:
      return "limit_changed";
    case Kind::kWindowChanged:
      return "window_changed";
    case Kind::kOrderByChanged:
      return "order_by_changed";
    case Kind::kOtherRowSetChange:
      return "other_row_set_change";
    case Kind::kDatasetEdgesChanged:
      return "dataset_edges_changed";
    case Kind::kStatementKindChanged:
      return "statement_kind_changed";
    case Kind::kUnknown:
      return "unknown";
  }
  return "unknown";
}

bool ChangesMeaning(Difference::Kind kind) {
  return kind != Kind::kColumnsReordered && kind != Kind::kOrderByChanged;
}

std::vector<Difference> Compare(const StatementLineage& base, const StatementLineage& head) {
  std::vector<Difference> out;
  if (base.kind != head.kind) {
    Difference d;
    d.kind = Kind::kStatementKindChanged;
    d.base_text = base.kind;
    d.head_text = head.kind;
    d.detail = base.kind + " -> " + head.kind;
    out.push_back(std::move(d));
  }
  const std::vector<ColumnPair> pairs = PairColumns(base.columns, head.columns, head.exact_names);
  const bool base_more = MayHoldMore(base.columns), head_more = MayHoldMore(head.columns);
  for (const ColumnPair& pair : pairs) ComparePair(pair, base_more, head_more, out);
  TellWhereGoneColumnsStood(base.columns, head.columns, out);
  CompareOrder(pairs, out);
  const bool opaque = HasOpaqueRows(base) || HasOpaqueRows(head);
  if (!opaque) {
    CompareRows(base, head, out);
    CompareRelations(base, head, out);
    CompareDatasets(base, head, out);
  }
  const Status rows =
      base.row_set_status < head.row_set_status ? head.row_set_status : base.row_set_status;
  const bool same_rows = base.dataset == head.dataset && base.row_set == head.row_set;
  if (rows == Status::kCandidates && !same_rows) DropGuesses(out);
  if (opaque || rows == Status::kUnknown || (rows == Status::kCandidates && !same_rows)) {
    out.push_back({});  // kUnknown about the row set
  }
  return out;
}

}  // namespace layergate::lineage

#include "lineage/compare.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "core/text.h"

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
                                    const std::vector<OutputColumn>& head) {
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
    }
    pairs.push_back(pair);
  }
  for (ColumnPair& pair : pairs) {
    if (pair.base != nullptr) continue;
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

void CompareValues(const ColumnPair& pair, std::vector<Difference>& out) {
  const OutputColumn& base = *pair.base;
  const OutputColumn& head = *pair.head;
  const SourceSet base_sources = SourcesOf(base.direct);
  const SourceSet head_sources = SourcesOf(head.direct);
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
  if (base.indirect != head.indirect) {
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

void ComparePair(const ColumnPair& pair, std::vector<Difference>& out) {
  if (pair.base == nullptr || pair.head == nullptr) {
    out.push_back(
        AboutColumn(pair.base == nullptr ? Kind::kColumnAdded : Kind::kColumnRemoved, pair));
    const OutputColumn& only = pair.base == nullptr ? *pair.head : *pair.base;
    if (only.status == Status::kUnknown) out.push_back(AboutColumn(Kind::kUnknown, pair));
    return;
  }
  if (pair.renamed) {
    Difference d = AboutColumn(Kind::kColumnRenamed, pair);
    d.old_column = pair.base->name;
    out.push_back(std::move(d));
  }
  CompareValues(pair, out);
  if (ProvesNothing(*pair.base, *pair.head)) out.push_back(AboutColumn(Kind::kUnknown, pair));
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

bool IsWordChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Whole-word replacement.
std::string ReplaceWord(const std::string& text, const std::string& from, const std::string& to) {
  std::string out;
  size_t at = 0;
  while (true) {
    const size_t found = from.empty() ? std::string::npos : text.find(from, at);
    if (found == std::string::npos) return out + text.substr(at);
    const size_t end = found + from.size();
    const bool whole = (found == 0 || !IsWordChar(text[found - 1])) &&
                       (end == text.size() || !IsWordChar(text[end]));
    out += text.substr(at, found - at) + (whole ? to : from);
    at = end;
  }
}

std::vector<std::string> BlocksOf(const std::vector<RowSetFact>& facts,
                                  const std::vector<RowSetFact>& others) {
  std::set<std::string> known;
  for (const RowSetFact& fact : others) known.insert(fact.where);
  std::vector<std::string> blocks;
  for (const RowSetFact& fact : facts) {
    if (known.insert(fact.where).second) blocks.push_back(fact.where);
  }
  return blocks;
}

// Facts of the head with its new names of CTEs put back to the base's, where blocks were only
// renamed.
std::vector<RowSetFact> WithBaseNames(const std::vector<RowSetFact>& base,
                                      std::vector<RowSetFact> head) {
  const std::vector<std::string> gone = BlocksOf(base, head);
  const std::vector<std::string> come = BlocksOf(head, base);
  if (gone.size() != come.size()) return head;
  for (size_t i = 0; i < gone.size(); ++i) {
    if (gone[i].empty() || come[i].empty()) continue;
    for (RowSetFact& fact : head) {
      if (fact.where == come[i]) fact.where = gone[i];
      fact.text = ReplaceWord(fact.text, come[i], gone[i]);
    }
  }
  return head;
}

using FactList = std::vector<const RowSetFact*>;

// Takes equal facts off both lists.
template <typename Same>
void TakeEqual(FactList& base, FactList& head, const Same& same) {
  FactList rest;
  for (const RowSetFact* fact : base) {
    const auto found = std::find_if(head.begin(), head.end(),
                                    [&](const RowSetFact* other) { return same(*fact, *other); });
    if (found == head.end()) {
      rest.push_back(fact);
    } else {
      head.erase(found);
    }
  }
  base = std::move(rest);
}

// "left join stg_refunds on ..." -> "stg_refunds".
std::string JoinedRelation(const std::string& text) {
  const size_t join = text.find("join ");
  if (join == std::string::npos) return text;
  const size_t begin = join + 5;
  size_t end = text.size();
  for (const std::string_view stop : {" on ", " using ", " match_condition "}) {
    end = std::min(end, text.find(stop, begin));
  }
  return text.substr(begin, end - begin);
}

enum class Side { kAdded, kRemoved, kChanged };

Kind KindOf(const RowSetFact& fact, Side side) {
  const std::string& kind = fact.kind;
  if (kind == "join") {
    return side == Side::kAdded     ? Kind::kJoinAdded
           : side == Side::kRemoved ? Kind::kJoinRemoved
                                    : Kind::kJoinConditionChanged;
  }
  if (kind == "predicate" || kind == "having" || kind == "qualify") {
    return side == Side::kAdded     ? Kind::kPredicateAdded
           : side == Side::kRemoved ? Kind::kPredicateRemoved
                                    : Kind::kPredicateChanged;
  }
  if (kind == "group_by") return Kind::kGroupByChanged;
  if (kind == "distinct" || kind == "distinct_on") return Kind::kDistinctChanged;
  if (kind == "set_operation") return Kind::kSetOperationChanged;
  if (kind == "limit" || kind == "offset") return Kind::kLimitChanged;
  if (kind == "window") return Kind::kWindowChanged;
  if (kind == "order_by") return Kind::kOrderByChanged;
  return Kind::kOtherRowSetChange;
}

Difference AboutFacts(const RowSetFact* base, const RowSetFact* head) {
  Difference d;
  const RowSetFact& any = head != nullptr ? *head : *base;
  d.kind = KindOf(any, base == nullptr   ? Side::kAdded
                       : head == nullptr ? Side::kRemoved
                                         : Side::kChanged);
  if (base != nullptr) {
    d.base_text = base->text;
    d.base_span = base->span;
  }
  if (head != nullptr) {
    d.head_text = head->text;
    d.head_span = head->span;
  }
  if (base != nullptr && head != nullptr && base->detail != head->detail) {
    if (any.kind == "join") d.kind = Kind::kJoinKindChanged;
    d.detail = base->detail + " -> " + head->detail;
  } else if (!any.where.empty()) {
    d.detail = "in " + any.where;
  }
  return d;
}

template <typename Same>
void PairChanged(FactList& base, FactList& head, const Same& same, std::vector<Difference>& out) {
  FactList rest;
  for (const RowSetFact* fact : base) {
    const auto found = std::find_if(head.begin(), head.end(),
                                    [&](const RowSetFact* other) { return same(*fact, *other); });
    if (found == head.end()) {
      rest.push_back(fact);
      continue;
    }
    out.push_back(AboutFacts(fact, *found));
    head.erase(found);
  }
  base = std::move(rest);
}

bool SameClass(const RowSetFact& a, const RowSetFact& b) {
  if (a.kind != b.kind) return false;
  return a.kind != "join" || JoinedRelation(a.text) == JoinedRelation(b.text);
}

void CompareFacts(const std::vector<RowSetFact>& base_facts,
                  const std::vector<RowSetFact>& head_facts, std::vector<Difference>& out) {
  const std::vector<RowSetFact> renamed = WithBaseNames(base_facts, head_facts);
  FactList base, head;
  for (const RowSetFact& fact : base_facts) base.push_back(&fact);
  for (const RowSetFact& fact : renamed) head.push_back(&fact);
  TakeEqual(base, head, [](const RowSetFact& a, const RowSetFact& b) { return a == b; });
  TakeEqual(base, head, [](const RowSetFact& a, const RowSetFact& b) {
    return a.kind == b.kind && a.text == b.text && a.detail == b.detail;
  });
  std::vector<Difference> found;
  PairChanged(
      base, head,
      [](const RowSetFact& a, const RowSetFact& b) {
        return SameClass(a, b) && a.where == b.where;
      },
      found);
  PairChanged(base, head, SameClass, found);
  for (const RowSetFact* fact : base) found.push_back(AboutFacts(fact, nullptr));
  for (const RowSetFact* fact : head) found.push_back(AboutFacts(nullptr, fact));
  std::stable_sort(found.begin(), found.end(), [](const Difference& a, const Difference& b) {
    const auto place = [](const Difference& d) {
      return d.head_span.empty() ? d.base_span.begin : d.head_span.begin;
    };
    return place(a) < place(b);
  });
  for (Difference& d : found) out.push_back(std::move(d));
}

void CompareRelations(const StatementLineage& base, const StatementLineage& head,
                      std::vector<Difference>& out) {
  const auto report = [&](const StatementLineage& of, const StatementLineage& other, Kind kind) {
    for (const std::string& relation : of.relations) {
      if (std::find(other.relations.begin(), other.relations.end(), relation) !=
          other.relations.end()) {
        continue;
      }
      Difference d;
      d.kind = kind;
      (kind == Kind::kRelationAdded ? d.head_text : d.base_text) = relation;
      d.detail = relation;
      out.push_back(std::move(d));
    }
  };
  report(head, base, Kind::kRelationAdded);
  report(base, head, Kind::kRelationRemoved);
}

bool IsRowSetKind(Kind kind) {
  return kind >= Kind::kRelationAdded && kind <= Kind::kOtherRowSetChange;
}

void CompareDatasets(const StatementLineage& base, const StatementLineage& head,
                     std::vector<Difference>& out) {
  if (base.dataset == head.dataset) return;
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
  const std::vector<ColumnPair> pairs = PairColumns(base.columns, head.columns);
  for (const ColumnPair& pair : pairs) ComparePair(pair, out);
  CompareOrder(pairs, out);
  CompareRelations(base, head, out);
  CompareFacts(base.row_set, head.row_set, out);
  CompareDatasets(base, head, out);
  const Status rows =
      base.row_set_status < head.row_set_status ? head.row_set_status : base.row_set_status;
  const bool same_rows = base.dataset == head.dataset && base.row_set == head.row_set;
  if (rows == Status::kUnknown || (rows == Status::kCandidates && !same_rows)) {
    out.push_back({});  // kUnknown about the row set
  }
  return out;
}

}  // namespace layergate::lineage

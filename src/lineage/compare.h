// Two versions of one statement, compared by what they mean: which columns they give, where the
// values come from, and which rows there are. An empty list of differences means that layout,
// aliases, comments, names of CTEs and the order of commutative things are all that changed.
//
// Columns are paired by name first (case-insensitive, k-th with k-th where names repeat), then a
// column that only one side has is paired with one of the other side that has the same expression
// and sources: that is a rename. Row sets are compared as trees of query blocks in canonical form
// (row_blocks.h): by what CTEs and subqueries hold, not by what they are called or where they
// stand.
//
// Differences of what is unknown are never hidden: when a side is not exact, `kUnknown` says so,
// and stands instead of what would only be guessed about that column. Pure functions; the order of
// the result is: columns by ordinal (head, then removed ones), then row-set differences in text
// order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/source_text.h"
#include "lineage/column_graph.h"

namespace layergate::lineage {

struct Difference {
  enum class Kind : uint8_t {
    // Columns.
    kColumnAdded,
    kColumnRemoved,
    kColumnRenamed,      // `old_column` is now `column`
    kColumnsReordered,   // the same names in another order; `detail` lists the head's order
    kColumnResourced,    // the value comes from other columns: direct edges differ
    kConditionsChanged,  // direct edges are the same, indirect ones of the column differ
    kExpressionChanged,  // the same sources, another computation
    kSubtypeChanged,     // the same sources, used in another way (identity -> transformation ...)
    // Row set.
    kRelationAdded,  // a base table that no other difference speaks of
    kRelationRemoved,
    kSourceChanged,  // FROM or a join reads another relation
    kJoinAdded,
    kJoinRemoved,
    kJoinKindChanged,       // left -> inner; `detail` is "left -> inner"
    kJoinConditionChanged,  // the same kind and relation, another ON / USING
    kPredicateAdded,        // one conjunct of WHERE, HAVING or QUALIFY
    kPredicateRemoved,
    kPredicateChanged,
    kGroupByChanged,
    kDistinctChanged,
    kSetOperationChanged,  // union all -> union, a branch more or less
    kLimitChanged,
    kWindowChanged,  // decides no rows by itself: columns or filters made from it differ too
    kOrderByChanged,
    kOtherRowSetChange,    // unnest, sample, offset and what has no kind of its own
    kDatasetEdgesChanged,  // the row set depends on other base columns, though no fact above says
                           // so
    // Judgement.
    kStatementKindChanged,
    kUnknown,  // a side is not exact: the comparison proves nothing about `column` (or, when that
               // is empty, about the row set)
  };

  Kind kind = Kind::kUnknown;
  std::string column;                // the head's name; for a removed column the base's
  std::string old_column;            // renamed columns only: the base's name
  std::string base_text, head_text;  // normalised expression, or row-set fact; empty on the side
                                     // that has none
  std::vector<Edge> base_edges, head_edges;  // columns: direct edges (indirect for
                                             // kConditionsChanged); kDatasetEdgesChanged: dataset
  Span base_span, head_span;  // into the text of each side; empty where there is none
  Span near;                  // in the head's text: where a thing that is gone would stand
  std::string detail;         // one clause for a person: "left -> inner"
  std::string where;          // the CTE or subquery it happens in; empty in the outermost block
};

// "column_added", "join_kind_changed", ...
std::string_view ToString(Difference::Kind kind);
// True for kinds that change the rows or the values that somebody reads; false for
// kColumnsReordered and kOrderByChanged.
bool ChangesMeaning(Difference::Kind kind);

std::vector<Difference> Compare(const StatementLineage& base, const StatementLineage& head);

}  // namespace layergate::lineage

// Column lineage of one SQL statement: for every output column, which base columns its value comes
// from and which decide about it; and for the row set as a whole, which columns decide which rows
// there are.
//
// Types and subtypes are those of OpenLineage's column lineage facet (1-2-0): DIRECT is identity,
// transformation, aggregation; INDIRECT is conditional, window, filter, sort, group_by, join.
// Relations are the base tables of the text: CTEs and subqueries are seen through. Columns are
// keyed by ordinal, never by name: duplicate names are legal.
//
// Nothing is dropped. What cannot be resolved makes the column `kUnknown` (with a diagnostic that
// has a span) or `kCandidates` (a name that binds in two ways); only what is certain is `kExact`. A
// wrong answer marked exact is the worst defect this program can have.
//
// Plain values, sorted, byte-stable: equal inputs give equal graphs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/source_text.h"

namespace layergate::lineage {

enum class Status : uint8_t { kExact, kCandidates, kUnknown };

enum class Subtype : uint8_t {
  kIdentity,
  kTransformation,
  kAggregation,  // DIRECT
  kConditional,
  kWindow,
  kFilter,
  kSort,
  kGroupBy,
  kJoin,  // INDIRECT
};
inline bool IsDirect(Subtype s) { return s <= Subtype::kAggregation; }

std::string_view ToString(Status status);
std::string_view ToString(Subtype subtype);

// One base column that an output (or the row set) depends on.
struct Edge {
  std::string relation;  // as in the text, folded by the dialect, parts joined by '.': "raw.orders"
  std::string column;    // folded; "*" when a star over an unknown relation was all there was
  std::string
      field;  // path into a struct or JSON column ("address.zip"); empty for the whole column
  Subtype subtype = Subtype::kIdentity;
  bool masking = false;  // passed through a hash or count: the value itself can't be read back
  Span span;             // one place in the text where it is read; the first one
  friend bool operator==(const Edge& a, const Edge& b) {
    return a.relation == b.relation && a.column == b.column && a.field == b.field &&
           a.subtype == b.subtype && a.masking == b.masking;
  }
};

struct OutputColumn {
  int ordinal = 0;  // from 1
  std::string name;
  Status status = Status::kExact;
  std::vector<Edge> direct, indirect;  // sorted by relation, column, field, subtype; no duplicates
  Span span;                           // the projection in the text (for a star: the star)
  std::string expression;  // normalised text of the projection, alias removed: what "the expression
                           // changed" compares; empty when the column came through a star
};

struct Diagnostic {
  std::string code;  // "opaque_syntax", "unresolved_column", "ambiguous_column",
                     // "star_unknown_relation", ...
  std::string message;
  Span span;
};

// A fact about which rows the statement gives, normalised so that meaningless differences disappear
// (operands of commutative operators, order of ANDs, redundant parentheses, aliases, comments).
struct RowSetFact {
  // One conjunct of a join's condition; USING counts as equalities.
  struct Conjunct {
    std::string text;
    Span span;
  };
  static constexpr int kBaseTable = -1;  // in `reads`: no block, `relation` names it
  static constexpr int kItself = -2;     // in `reads`: a recursive CTE reading its own rows

  std::string
      kind;  // "join", "predicate", "having", "qualify", "group_by", "distinct", "distinct_on",
             // "limit", "offset", "set_operation", "window", "order_by", "from", "unnest", "sample"
  std::string where;  // the block: "" for the outermost, else the CTE or alias it belongs to
                      // ("orders_enriched")
  std::string text;   // normalised: "left join stg_refunds on o.order_id = r.order_id"
  std::string
      detail;  // for joins the kind alone ("left"), for set operations the operator ("union all")
  Span span;
  // The query block it belongs to, and the blocks whose rows it takes: one for "from" and "join",
  // one for each branch of a "set_operation".
  int block = 0;
  std::vector<int> reads;
  std::string relation;      // of "from" and "join": the base table or table function, as in Edge
  std::vector<Conjunct> on;  // of "join"
  friend bool operator==(const RowSetFact& a, const RowSetFact& b) {
    return a.kind == b.kind && a.where == b.where && a.text == b.text && a.detail == b.detail;
  }
};

struct StatementLineage {
  std::string kind;    // "select", "create_table_as", "create_view", "insert", "merge", "update",
                       // "delete", ...
  std::string target;  // the relation written to; empty for a query
  Status status = Status::kExact;          // the worst of its columns and of the row set
  Status row_set_status = Status::kExact;  // of `dataset`, `relations` and `row_set` alone
  std::vector<OutputColumn> columns;
  std::vector<Edge> dataset;           // INDIRECT edges of the row set
  std::vector<std::string> relations;  // base tables read, sorted
  std::vector<RowSetFact> row_set;     // in text order
  int root_block = 0;                  // the block whose rows are the result's
  // For each block, the one whose rows it goes on from without a FROM of its own (a pipe's step,
  // ORDER BY and LIMIT around parentheses); RowSetFact::kBaseTable where there is none.
  std::vector<int> goes_on_from;
  std::vector<Diagnostic> diagnostics;  // in text order
  // Something takes rows in the order in which they come (an aggregate that makes a list, a limit),
  // so that ORDER BY in a subquery is no decoration.
  bool takes_order = false;
  // Names that differ in case alone are two names.
  bool exact_names = false;

  // The column of that name (case-insensitive), or nullptr; the first when several bear it.
  const OutputColumn* Find(std::string_view name) const;
};

}  // namespace layergate::lineage

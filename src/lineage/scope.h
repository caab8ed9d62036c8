// What is known of relations and names while a statement is analysed.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "lineage/column_graph.h"
#include "lineage/flow.h"
#include "sql/ast.h"

namespace layergate::lineage {

struct Shape;

// One column of a relation, or the value of an expression: where it comes from, how sure that is,
// and its normalised text with everything derived put in place.
struct FlowColumn {
  const std::string* name = nullptr;  // as shown; "*" stands for columns that are not known
  const std::string* key = nullptr;   // what comparing uses
  const DepSet* deps = nullptr;
  const std::string* text = nullptr;
  const Shape* shape = nullptr;       // fields, where the value is a struct or array that we know
  const std::string* type = nullptr;  // of base columns, when the schema tells; may be nullptr
  Status status = Status::kExact;
  Span span;
  bool from_star = false;
  // The engine names it by an expression that we could not write as it does: what it is made of is
  // known, what it is called is not.
  bool guessed_name = false;
};

// Fields of a struct, or (when `element` is set) of an array's elements.
struct Shape {
  std::vector<FlowColumn> fields;
  const FlowColumn* element = nullptr;
};

struct RelationFlow {
  std::vector<FlowColumn> columns;  // a "*" column stands for what is not known, in its place
  bool open = false;                // there may be more columns than these
  bool exact_names = false;         // some of its columns have names that folding does not give
  std::string base;                 // shown name of a base table; else empty
  std::string label;                // what texts call it
  std::string rows;                 // which rows it has, in few words; what tells branches apart
  std::vector<LeafId> bases;  // base tables underneath, as leaves with an empty column; sorted
  const DepSet* dataset = nullptr;     // who decides which rows there are
  int block = RowSetFact::kBaseTable;  // the query block that gives the rows
  Status rows_status = Status::kExact;
  // UNNEST(a) AS x: the relation's name is also a value.
  const FlowColumn* value = nullptr;

  // Indexes of the columns of that name, in order.
  std::span<const uint32_t> Find(std::string_view key) const;

 private:
  mutable bool indexed_ = false;
  mutable std::vector<uint32_t> by_key_;  // columns that have names, sorted by key
};

// One entry of FROM that a qualifier can name.
struct FromItem {
  std::string alias;               // key; empty when it has none
  std::vector<std::string> parts;  // keys of the table's name, outermost first, when not aliased
  const RelationFlow* relation = nullptr;
  int tag = 1;          // 2, 3...: another reading of the same base table in this block
  bool hidden = false;  // the far side of a semi join, pattern variables: not seen unqualified
  bool gone = false;    // not seen at all any more
  bool may_be_missing = false;  // on the far side of an outer join
};

// A column of `*`, in order.
struct StarColumn {
  FlowColumn column;
  size_t item = 0;
};

enum class Clause : uint8_t { kFrom, kSelect, kWhere, kGroupBy, kHaving, kQualify, kOrderBy };

struct CteFrame;
// Which CTEs can be seen: those of `frame` before `limit`, then those of its parent.
struct CteView {
  const CteFrame* frame = nullptr;
  size_t limit = 0;
};

// The entries of FROM by their names and by the names of their columns: entries only come, and
// keep their places.
struct ScopeIndex {
  std::unordered_map<std::string, std::vector<uint32_t>> by_name;  // alias, or last part
  size_t named = 0;                                                // entries in by_name
  std::unordered_map<std::string_view, std::vector<uint32_t>> by_column;
  std::vector<uint32_t> open;  // entries that may have columns that are not known
  size_t listed = 0;           // entries in by_column and open
};

// One query block's names.
struct Scope {
  Scope* parent = nullptr;
  CteView ctes;
  std::vector<FromItem> items;
  mutable ScopeIndex index;
  std::vector<StarColumn> star;
  std::unordered_map<std::string, FlowColumn> merged;  // USING, NATURAL, ARRAY JOIN
  Clause clause = Clause::kFrom;

  // The SELECT list: aliases seen from clauses and, in some dialects, from later items.
  const sql::Select* select = nullptr;
  std::unordered_map<std::string, size_t> aliases;  // key -> the first item that bears it
  size_t current_item = SIZE_MAX;                   // being evaluated; SIZE_MAX: none
  std::vector<uint8_t> item_state;                  // 0 not begun, 1 being evaluated, 2 done
  std::vector<FlowColumn> item_flow;
  std::unordered_map<std::string, FlowColumn> extra;  // pipe columns
  // ClickHouse WITH expr AS name; nullptr while one is being evaluated.
  std::unordered_map<std::string, const sql::Cte*> scalars;

  std::unordered_set<std::string> grouped;  // names of columns in GROUP BY
  const sql::Select* coming = nullptr;      // the SELECT whose FROM is being put together
  std::unordered_set<std::string> coming_aliases;
  // Trino: merged columns, which stars of the entries before that one leave out.
  std::unordered_map<std::string, size_t> merged_before;
  // What functions that give several rows for one are given; it decides how many rows there are.
  DepBuilder multiplied;
  std::map<std::string, Span> generators;  // these calls, as texts
  Status multiplied_status = Status::kExact;
  // SQLite: what the group's min() or max() is taken of, which picks the row that columns outside
  // of aggregates are read from.
  const DepSet* picked_by = nullptr;
  std::string picked_text;

  std::vector<std::string> parameters;  // of lambdas
  std::unordered_map<std::string, const sql::WindowSpec*> windows;
  std::map<std::string, int> readings;  // base table -> how many items read it
};

// A unit whose facts count only when it is reached from the result: the statement, or a CTE.
struct Unit {
  std::vector<RowSetFact> facts;
  std::vector<Unit*> uses;
  bool reached = false;
};

struct CteEntry {
  std::string key;
  const RelationFlow* flow = nullptr;
  Unit* unit = nullptr;
};

struct CteFrame {
  CteView parent;
  std::vector<CteEntry> entries;
  std::unordered_map<std::string, std::vector<size_t>> by_key;
  // Names of CTEs that are not analysed yet, where it can't be told what reading them means.
  std::unordered_set<std::string> unclear;
};

}  // namespace layergate::lineage

// Keys of row sets, as an algebra: what stays unique when rows are joined, filtered and projected.
//
// A key is a set of columns of which no two rows have the same values. With `nulls_repeat` that
// holds only of rows in which none of them is null, as with SQL's unique constraints and dbt's
// unique tests; keys that come of GROUP BY or DISTINCT hold of nulls too. No SQL here: fanout.cpp
// and fanout_block.cpp read it.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sql/ast.h"

namespace layergate::lineage::fanout {

struct ColumnKey {
  std::set<std::string> columns;
  bool nulls_repeat = false;
};

// A relation, as far as uniqueness goes. Names are keys of the dialect.
struct RowSet {
  std::string name;
  std::vector<std::string> columns;  // in order; "*" where they are not known, "" without a name
  std::vector<ColumnKey> keys;
  bool single_row = false;
  bool known = true;
  std::map<size_t, std::string> constants;  // by place: what holds one literal in every row
  // Columns that number rows, and the joins (by their places in the report) that made those rows.
  std::map<std::string, std::set<size_t>> ranked;

  bool IsOpen() const;  // there may be columns that are not listed
  bool Has(const std::string& column) const;
  // Other names for the first columns; what is known of columns without a place is forgotten.
  void Rename(const std::vector<std::string>& names);
};

// A column of a relation in FROM.
struct Ref {
  size_t item = 0;
  std::string column;
  friend auto operator<=>(const Ref&, const Ref&) = default;
};
using RefSet = std::set<Ref>;
struct RefKey {
  RefSet refs;
  bool nulls_repeat = false;
};

// Which columns are equal in every row, and which are constant.
class Sameness {
 public:
  // `null_safe`: two nulls are equal too.
  void Equate(const Ref& a, const Ref& b, bool null_safe = false);
  void Fix(const Ref& ref) { fixed_.insert(ref); }
  void FixNull(const Ref& ref) { fixed_null_.insert(ref); }

  bool Same(const Ref& a, const Ref& b) const;
  // Whether `ref`, a part of a key of that kind, is constant or equal to a column that `test`
  // takes.
  bool IsGiven(const Ref& ref, bool nulls_repeat,
               const std::function<bool(const Ref&)>& test) const;
  bool IsFixed(const Ref& ref, bool nulls_repeat) const;
  bool IsFixedNull(const Ref& ref) const { return fixed_null_.count(ref) > 0; }
  // Every column that an equality was said of.
  RefSet mentioned() const;

 private:
  RefSet ClassOf(const Ref& ref) const;

  std::vector<RefSet> classes_;
  RefSet fixed_, fixed_null_, null_safe_;
};

// Some relations of FROM, joined.
struct Part {
  std::set<size_t> items;
  std::vector<RefKey> keys;
  bool single_row = false;
  bool known = true;
};
Part PartOf(size_t item, const RowSet& rows);

// At most one row for given values of the columns that `given` takes.
bool IsOnce(const Part& part, const std::function<bool(const Ref&, bool nulls_repeat)>& given);

// What two parts are together. `left_once`: at most one row of the left for a row of the right.
Part Combine(const Part& left, const Part& right, sql::JoinKind kind, bool left_once,
             bool right_once);

// Leaves out of each key what is constant, and all but one of columns that are equal.
void Reduce(Part& part, const Sameness& same);

// Leaves out of the key what other columns of it determine through a key of their relation.
RefKey Minimized(RefKey key, const std::vector<const RowSet*>& items, const Sameness& same);

}  // namespace layergate::lineage::fanout

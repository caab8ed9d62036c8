// How values flow: sets of base columns with the way each is used, while a statement is analysed.
//
// Base columns are interned to small numbers, sets are immutable and shared (a column that passes
// through ten CTEs is ten pointers to one set), and everything lives until the Flows object goes.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/source_text.h"
#include "lineage/column_graph.h"

namespace layergate::lineage {

using LeafId = uint32_t;

// As shown; the texts live as long as the Flows.
struct Leaf {
  std::string_view relation, column, field;
};

struct Dep {
  LeafId leaf = 0;
  Subtype subtype = Subtype::kIdentity;
  bool masking = false;
  Span span;
};

// Sorted by leaf, then subtype; no two entries with both equal.
using DepSet = std::vector<Dep>;

inline Status Worse(Status a, Status b) { return a < b ? b : a; }

// What an inner use of a column becomes when its consumer uses it as `outer`: the strongest direct
// subtype on a path, and any indirect hop makes the path indirect (the hop nearest to the output).
inline Subtype Compose(Subtype inner, Subtype outer) {
  if (!IsDirect(outer)) return outer;
  if (!IsDirect(inner)) return inner;
  return inner < outer ? outer : inner;
}

// Collects uses and makes a DepSet of them.
class DepBuilder {
 public:
  void Add(LeafId leaf, Subtype subtype, bool masking, Span span) {
    deps_.push_back({leaf, subtype, masking, span});
  }
  void Add(const DepSet& inner, Subtype outer, bool masking, Span span) {
    for (const Dep& dep : inner) {
      deps_.push_back({dep.leaf, Compose(dep.subtype, outer), dep.masking || masking, span});
    }
  }
  void Append(const DepSet& deps) { deps_.insert(deps_.end(), deps.begin(), deps.end()); }
  bool empty() const { return deps_.empty(); }
  DepSet Take();

 private:
  DepSet deps_;
};

class Flows {
 public:
  Flows();
  Flows(const Flows&) = delete;
  Flows& operator=(const Flows&) = delete;

  LeafId Intern(std::string_view relation, std::string_view column, std::string_view field = {});
  const Leaf& leaf(LeafId id) const { return leaves_[id]; }
  // Keeps the set; the empty set is shared.
  const DepSet* Keep(DepSet set);
  const DepSet* none() const { return &none_; }
  // Keeps a text for as long as this object lives.
  const std::string* Keep(std::string text);
  const std::string* empty_text() const { return &empty_text_; }

  // Edges as the outside sees them: sorted by relation, column, field, subtype; the first span.
  std::vector<Edge> ToEdges(const DepSet& set) const;

 private:
  std::deque<Leaf> leaves_;
  std::unordered_map<std::string, LeafId> ids_;  // "relation\ncolumn\nfield", which leaves slice
  std::string key_;
  std::deque<DepSet> sets_;
  std::deque<std::string> texts_;
  DepSet none_;
  std::string empty_text_;
};

}  // namespace layergate::lineage

#include "lineage/flow.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace layergate::lineage {

DepSet DepBuilder::Take() {
  // The first place in the text comes first, and an unmasked way before a masked one.
  const auto order = [](const Dep& a, const Dep& b) {
    return std::tie(a.leaf, a.subtype, a.masking, a.span.begin, a.span.end) <
           std::tie(b.leaf, b.subtype, b.masking, b.span.begin, b.span.end);
  };
  std::sort(deps_.begin(), deps_.end(), order);
  const auto same = [](const Dep& a, const Dep& b) {
    return a.leaf == b.leaf && a.subtype == b.subtype;
  };
  deps_.erase(std::unique(deps_.begin(), deps_.end(), same), deps_.end());
  return std::exchange(deps_, {});
}

Flows::Flows() = default;

LeafId Flows::Intern(std::string_view relation, std::string_view column, std::string_view field) {
  key_.clear();
  key_.append(relation).push_back('\n');
  key_.append(column).push_back('\n');
  key_.append(field);
  const auto [place, added] = ids_.try_emplace(key_, static_cast<LeafId>(leaves_.size()));
  if (added) {
    const std::string_view key = place->first;  // nodes of the map stay where they are
    const size_t at = relation.size() + 1, behind = at + column.size() + 1;
    leaves_.push_back(
        {key.substr(0, relation.size()), key.substr(at, column.size()), key.substr(behind)});
  }
  return place->second;
}

const DepSet* Flows::Keep(DepSet set) {
  if (set.empty()) return &none_;
  sets_.push_back(std::move(set));
  return &sets_.back();
}

const std::string* Flows::Keep(std::string text) {
  if (text.empty()) return &empty_text_;
  texts_.push_back(std::move(text));
  return &texts_.back();
}

std::vector<Edge> Flows::ToEdges(const DepSet& set) const {
  std::vector<Edge> edges;
  edges.reserve(set.size());
  for (const Dep& dep : set) {
    const Leaf& l = leaf(dep.leaf);
    edges.push_back({std::string(l.relation), std::string(l.column), std::string(l.field),
                     dep.subtype, dep.masking, dep.span});
  }
  std::sort(edges.begin(), edges.end(), [](const Edge& a, const Edge& b) {
    return std::tie(a.relation, a.column, a.field, a.subtype, a.span.begin) <
           std::tie(b.relation, b.column, b.field, b.subtype, b.span.begin);
  });
  return edges;
}

}  // namespace layergate::lineage

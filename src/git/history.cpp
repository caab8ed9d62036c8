#include "git/history.h"

#include <algorithm>
#include <map>
#include <queue>
#include <set>
#include <utility>

namespace layergate::git {

namespace {

using Graph = std::map<std::string, Links>;

// Everything reachable from `start`, itself included, without going past `stop`.
Result<Graph> Reachable(const std::string& start, const Graph& stop, const LinksOf& links_of) {
  Graph seen;
  std::vector<std::string> waiting = {start};
  while (!waiting.empty()) {
    std::string id = std::move(waiting.back());
    waiting.pop_back();
    if (seen.count(id) != 0 || stop.count(id) != 0) continue;
    LAYERGATE_TRY(Links links, links_of(id));
    waiting.insert(waiting.end(), links.parents.begin(), links.parents.end());
    seen.emplace(std::move(id), std::move(links));
  }
  return seen;
}

bool IsCutBefore(const Graph& part) {
  return std::any_of(part.begin(), part.end(), [](const auto& entry) { return entry.second.cut; });
}

}  // namespace

Result<std::optional<std::string>> BestCommonAncestor(const std::string& a, const std::string& b,
                                                      const LinksOf& links_of) {
  LAYERGATE_TRY(Graph from_a, Reachable(a, {}, links_of));
  LAYERGATE_TRY(Graph from_b, Reachable(b, {}, links_of));
  // The newest commit that both reach and that no other such commit reaches.
  std::map<std::string, int64_t> common;
  std::set<std::string> surpassed;
  for (const auto& [id, links] : from_a) {
    if (from_b.count(id) == 0) continue;
    common.emplace(id, links.time);
    surpassed.insert(links.parents.begin(), links.parents.end());
  }
  std::optional<std::string> best;
  for (const auto& [id, time] : common) {
    if (surpassed.count(id) != 0) continue;
    if (!best || time > common.at(*best)) best = id;
  }
  if (!best || *best == a || *best == b) return best;
  // A way that leaves the clone before it reaches `best` might lead to a nearer common ancestor.
  LAYERGATE_TRY(Graph below, Reachable(*best, {}, links_of));
  LAYERGATE_TRY(Graph side_a, Reachable(a, below, links_of));
  LAYERGATE_TRY(Graph side_b, Reachable(b, below, links_of));
  if (IsCutBefore(side_a) || IsCutBefore(side_b)) return std::optional<std::string>();
  return best;
}

Result<std::vector<std::string>> CommitsBetween(const std::string& base, const std::string& head,
                                                size_t limit, const LinksOf& links_of) {
  LAYERGATE_TRY(Graph below, Reachable(base, {}, links_of));
  LAYERGATE_TRY(Graph between, Reachable(head, below, links_of));
  std::map<std::string, int> children;
  for (const auto& [id, links] : between) {
    for (const std::string& parent : links.parents) ++children[parent];
  }
  std::vector<std::string> order;
  std::priority_queue<std::pair<int64_t, std::string>> ready;
  if (between.count(head) != 0) ready.emplace(between.at(head).time, head);
  while (!ready.empty() && order.size() < limit) {
    std::string id = ready.top().second;
    ready.pop();
    for (const std::string& parent : between.at(id).parents) {
      if (--children[parent] == 0 && between.count(parent) != 0) {
        ready.emplace(between.at(parent).time, parent);
      }
    }
    order.push_back(std::move(id));
  }
  return order;
}

}  // namespace layergate::git

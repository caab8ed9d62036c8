// SQLite's EXPLAIN QUERY PLAN: id|parent|unused|detail. It has no estimates, and does not tell a
// Cartesian product from a join on an inequality: both are two scans, one inside the other.
#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "core/text.h"
#include "gates/explain_plan/plan.h"

namespace layergate::explain_plan {
namespace {

using Kind = PlanNode::Kind;

struct Line {
  int id = 0, parent = 0;
  std::string detail;
};

std::optional<Line> LineOf(std::string_view text) {
  auto cells = Split(text, '|');
  if (cells.size() < 4) return std::nullopt;
  Line line;
  std::from_chars(cells[0].data(), cells[0].data() + cells[0].size(), line.id);
  std::from_chars(cells[1].data(), cells[1].data() + cells[1].size(), line.parent);
  size_t skip = cells[0].size() + cells[1].size() + cells[2].size() + 3;
  line.detail = std::string(Trim(text.substr(skip)));
  return line;
}

bool StartsWith(std::string_view text, std::string_view begin) {
  return text.substr(0, begin.size()) == begin;
}

// "SCAN o", "SCAN TABLE orders AS o" (before 3.36), "SEARCH c USING INDEX ...".
PlanNode TableOf(std::string_view detail, const std::set<std::string>& computed) {
  PlanNode node;
  bool scan = StartsWith(detail, "SCAN ");
  std::string_view rest = detail.substr(detail.find(' ') + 1);
  if (StartsWith(rest, "TABLE ")) rest.remove_prefix(6);
  bool subquery = StartsWith(rest, "SUBQUERY ");
  std::string name(rest.substr(0, rest.find(' ')));
  if (size_t as = rest.find(" AS "); as != std::string_view::npos) {
    std::string_view alias = rest.substr(as + 4);
    node.alias = std::string(alias.substr(0, alias.find(' ')));
  }
  node.name = scan ? "SCAN" : "SEARCH";
  node.kind = Kind::kScan;
  node.relation = name;
  node.whole = scan;
  // By its rowid: one row at most. By another index: as many as match.
  node.one_row = !scan && rest.find("(rowid=?)") != std::string_view::npos;
  // What a co-routine or a subquery gives may be one row: the plan does not say.
  if (subquery || computed.count(name) > 0 || name == "CONSTANT" ||
      rest.find("CONSTANT ROW") != std::string_view::npos) {
    node.kind = Kind::kOther;
    node.one_row = true;
  }
  return node;
}

PlanNode LevelOf(int parent, const std::multimap<int, Line>& lines,
                 const std::set<std::string>& computed) {
  PlanNode level;
  level.name = "loops";
  std::vector<PlanNode> others;
  std::optional<PlanNode> joined;
  auto [begin, end] = lines.equal_range(parent);
  // Scans of computed sets go by their aliases, which the plan does not explain: where there are
  // such sets, any scan may be of one, and that one may be one row.
  bool computes = std::any_of(begin, end, [](const auto& entry) {
    return StartsWith(entry.second.detail, "CO-ROUTINE ") ||
           StartsWith(entry.second.detail, "MATERIALIZE ");
  });
  for (auto at = begin; at != end; ++at) {
    const Line& line = at->second;
    bool table = StartsWith(line.detail, "SCAN ") || StartsWith(line.detail, "SEARCH ");
    if (!table) {
      if (lines.count(line.id) > 0) others.push_back(LevelOf(line.id, lines, computed));
      continue;
    }
    PlanNode node = TableOf(line.detail, computed);
    if (!joined) {
      joined = std::move(node);
      continue;
    }
    PlanNode join;
    join.kind = Kind::kJoin;
    join.name = "nested loop";
    join.pairs = node.whole && node.kind == Kind::kScan && !computes;
    // Whether there is a condition is not told.
    join.conditional = true;
    join.children.push_back(std::move(*joined));
    join.children.push_back(std::move(node));
    joined = std::move(join);
  }
  if (joined) level.children.push_back(std::move(*joined));
  for (PlanNode& other : others) level.children.push_back(std::move(other));
  return level;
}

}  // namespace

Result<Plan> ReadSqlite(std::string_view text) {
  std::multimap<int, Line> lines;
  std::set<std::string> computed;
  std::set<int> ids;
  for (std::string_view row : Split(text, '\n')) {
    std::optional<Line> line = LineOf(row);
    if (!line) continue;
    // Lines come after their parents, each with an id of its own: so there are no circles.
    if (line->id <= line->parent || !ids.insert(line->id).second) {
      return MakeError("the lines of the plan are not in order");
    }
    for (std::string_view word : {"CO-ROUTINE ", "MATERIALIZE "}) {
      if (!StartsWith(line->detail, word)) continue;
      std::string name = line->detail.substr(word.size());
      computed.insert(name.substr(0, name.find(' ')));
    }
    lines.emplace(line->parent, std::move(*line));
  }
  if (lines.empty()) return MakeError("this is not what EXPLAIN QUERY PLAN prints");
  return Plan{LevelOf(0, lines, computed), {}};
}

}  // namespace layergate::explain_plan

// PostgreSQL's EXPLAIN (FORMAT JSON), and Redshift's text, which is an older form of the same plan.
#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "core/text.h"
#include "core/value.h"
#include "gates/explain_plan/plan.h"

namespace layergate::explain_plan {
namespace {

using Kind = PlanNode::Kind;

// One node of either form, before it means anything.
struct Raw {
  std::string name, join_type, schema, relation, alias;
  std::string filter;                   // of a scan
  std::string join_filter;              // of a nested loop
  std::string join_cond;                // of a hash or merge join
  std::vector<std::string> conditions;  // every text below which could name another relation
  std::optional<double> rows;
  bool is_subplan = false;  // runs by itself, not as a side of the join
  std::vector<Raw> children;
};

bool IsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

// `alias.` in a condition, quoted or not.
bool Names(std::string_view condition, const std::string& alias) {
  for (const std::string& written : {alias + ".", "\"" + alias + "\"."}) {
    for (size_t at = 0; (at = condition.find(written, at)) != std::string_view::npos; ++at) {
      if (at == 0 || (!IsWord(condition[at - 1]) && condition[at - 1] != '"')) return true;
    }
  }
  return false;
}

void Aliases(const Raw& raw, std::set<std::string>& aliases) {
  if (!raw.alias.empty()) aliases.insert(raw.alias);
  for (const Raw& child : raw.children) Aliases(child, aliases);
}

// A condition below `raw` that names one of the aliases: the inner side is computed for each outer
// row (an index look-up, LATERAL), so the two are not paired blindly.
bool DependsOn(const Raw& raw, const std::set<std::string>& aliases) {
  for (const std::string& condition : raw.conditions) {
    for (const std::string& alias : aliases) {
      if (Names(condition, alias)) return true;
    }
  }
  return std::any_of(raw.children.begin(), raw.children.end(),
                     [&](const Raw& child) { return DependsOn(child, aliases); });
}

void MakeJoin(const Raw& raw, PlanNode& node) {
  node.kind = Kind::kJoin;
  std::string type = ToLower(raw.join_type);
  node.multiplies =
      type.find("semi") == std::string::npos && type.find("anti") == std::string::npos;
  std::vector<const Raw*> sides;
  for (const Raw& child : raw.children) {
    if (!child.is_subplan) sides.push_back(&child);
  }
  if (raw.name.find("Nested Loop") == std::string::npos) {
    node.conditional = !raw.join_cond.empty();
    node.condition = raw.join_cond;
    return;
  }
  std::set<std::string> outer;
  if (sides.size() == 2) Aliases(*sides[0], outer);
  bool looked_up = sides.size() == 2 && DependsOn(*sides[1], outer);
  node.condition = raw.join_filter;
  node.conditional = looked_up || !raw.join_filter.empty();
  node.pairs = !looked_up;
}

PlanNode Convert(const Raw& raw) {
  PlanNode node;
  node.name = raw.name;
  node.rows = raw.rows;
  bool join = raw.name.find("Nested Loop") != std::string::npos ||
              raw.name.find(" Join") != std::string::npos;
  if (join) MakeJoin(raw, node);
  if (!raw.relation.empty()) {
    node.kind = Kind::kScan;
    node.schema = raw.schema;
    node.relation = raw.relation;
    node.alias = raw.alias;
    node.whole = raw.name.find("Seq Scan") != std::string::npos;
    node.filtered = !raw.filter.empty();
  }
  for (const Raw& child : raw.children) node.children.push_back(Convert(child));
  if (join) {
    // Sub-plans do not take part in the join: the rules look at its two sides.
    size_t i = 0;
    std::vector<PlanNode> sides, others;
    for (PlanNode& child : node.children) {
      (raw.children[i++].is_subplan ? others : sides).push_back(std::move(child));
    }
    node.children = std::move(sides);
    for (PlanNode& other : others) node.children.push_back(std::move(other));
  }
  return node;
}

Raw FromJson(const Value& json) {
  Raw raw;
  raw.name = json["Node Type"].AsString();
  raw.join_type = json["Join Type"].AsString();
  if (!raw.join_type.empty() && (raw.name == "Hash Join" || raw.name == "Merge Join")) {
    raw.name = fmt::format("{} ({})", raw.name, ToLower(raw.join_type));
  }
  raw.schema = json["Schema"].AsString();
  raw.relation = json["Relation Name"].AsString();
  raw.alias = json["Alias"].AsString();
  raw.filter = json["Filter"].AsString();
  raw.join_filter = json["Join Filter"].AsString();
  raw.join_cond = json["Hash Cond"].AsString(json["Merge Cond"].AsString());
  for (const char* key :
       {"Filter", "Index Cond", "Recheck Cond", "Join Filter", "Hash Cond", "Merge Cond",
        "Cache Key", "One-Time Filter", "TID Cond", "Function Call", "Remote SQL", "Order By"}) {
    std::string_view text = json[key].AsString();
    if (!text.empty()) raw.conditions.emplace_back(text);
  }
  // LATERAL without a condition: the inner side computes from columns of the outer one.
  for (const Value& column : json["Output"].items()) raw.conditions.emplace_back(column.AsString());
  if (json["Plan Rows"].is_number()) raw.rows = json["Plan Rows"].AsDouble();
  std::string_view relationship = json["Parent Relationship"].AsString();
  raw.is_subplan = relationship == "InitPlan" || relationship == "SubPlan";
  for (const Value& child : json["Plans"].items()) raw.children.push_back(FromJson(child));
  return raw;
}

// "rows=4000000" in "XN Seq Scan on orders o  (cost=0.00..1.0 rows=4000000 width=8)".
std::optional<double> RowsIn(std::string_view line) {
  size_t at = line.find(" rows=");
  if (at == std::string_view::npos) return std::nullopt;
  double rows = 0;
  auto [end, error] = std::from_chars(line.data() + at + 6, line.data() + line.size(), rows);
  return error == std::errc() ? std::optional<double>(rows) : std::nullopt;
}

// A line of text that begins a node.
Raw FromLine(std::string_view line) {
  Raw raw;
  raw.rows = RowsIn(line);
  std::string_view words = Trim(line.substr(0, line.find("(cost=")));
  if (words.substr(0, 3) == "XN ") words.remove_prefix(3);
  if (words.substr(0, 3) == "LD ") words.remove_prefix(3);
  size_t on = words.find(" on ");
  raw.name = std::string(words.substr(0, on));
  if (raw.name.find("Left Join") != std::string::npos) raw.join_type = "Left";
  if (raw.name.find(" IN Join") != std::string::npos ||
      raw.name.find("Semi") != std::string::npos) {
    raw.join_type = "Semi";
  }
  if (raw.name.find("Anti") != std::string::npos) raw.join_type = "Anti";
  if (on == std::string_view::npos) return raw;
  std::string_view what = Trim(words.substr(on + 4));
  std::string_view relation = what.substr(0, what.find(' '));
  raw.alias = std::string(Trim(what.substr(relation.size())));
  if (raw.alias.empty()) raw.alias = std::string(relation);
  raw.relation = std::string(relation);
  return raw;
}

// "Hash Cond: (...)" below a node.
void AddProperty(std::string_view line, Raw& raw) {
  size_t colon = line.find(": ");
  if (colon == std::string_view::npos) return;
  std::string_view key = Trim(line.substr(0, colon));
  std::string value(Trim(line.substr(colon + 2)));
  if (key == "Filter") raw.filter = value;
  if (key == "Join Filter") raw.join_filter = value;
  if (key == "Hash Cond" || key == "Merge Cond") raw.join_cond = value;
  raw.conditions.push_back(std::move(value));
}

}  // namespace

Result<Plan> ReadPostgres(std::string_view text) {
  LAYERGATE_TRY(Value json, ReadJson(text));
  const Value::Array& plans = json.items();
  if (plans.size() != 1 || !plans[0]["Plan"].is_object()) {
    return MakeError("this is not the JSON of an EXPLAIN");
  }
  return Plan{Convert(FromJson(plans[0]["Plan"])), {}};
}

Result<Plan> ReadRedshift(std::string_view text) {
  // Depth by indentation: a node's arrow stands right of its parent's.
  std::vector<std::pair<size_t, Raw>> open;
  auto close = [&open] {
    Raw raw = std::move(open.back().second);
    open.pop_back();
    open.back().second.children.push_back(std::move(raw));
  };
  for (std::string_view line : Split(text, '\n')) {
    if (Trim(line).empty() || line.find("-----") != std::string_view::npos) continue;
    size_t arrow = line.find("->");
    bool node = line.find("(cost=") != std::string_view::npos &&
                (arrow != std::string_view::npos || open.empty());
    if (!node) {
      if (!open.empty()) AddProperty(line, open.back().second);
      continue;
    }
    size_t indent = arrow == std::string_view::npos ? 0 : arrow + 1;
    while (open.size() > 1 && open.back().first >= indent) close();
    if (!open.empty() && open.back().first >= indent) return MakeError("a plan with two roots");
    size_t begin = arrow == std::string_view::npos ? 0 : arrow + 2;
    open.emplace_back(indent, FromLine(line.substr(begin)));
  }
  if (open.empty()) return MakeError("this is not the text of an EXPLAIN");
  while (open.size() > 1) close();
  return Plan{Convert(open.front().second), {}};
}

}  // namespace layergate::explain_plan

// SQL Server's SHOWPLAN XML: RelOp elements inside each other.
#include <charconv>
#include <map>

#include "core/text.h"
#include "gates/explain_plan/plan.h"

namespace layergate::explain_plan {
namespace {

using Kind = PlanNode::Kind;

struct Tag {
  std::string name;
  std::map<std::string, std::string> attributes;
  bool closes = false;    // </name>
  bool is_empty = false;  // <name/>
};

std::string Unescape(std::string_view text) {
  static constexpr std::pair<std::string_view, char> kEntities[] = {
      {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};
  std::string out;
  for (size_t i = 0; i < text.size();) {
    bool found = false;
    for (const auto& [entity, character] : kEntities) {
      if (text.substr(i, entity.size()) != entity) continue;
      out += character;
      i += entity.size();
      found = true;
      break;
    }
    if (!found) out += text[i++];
  }
  return out;
}

// The tag that begins at `at` (which is a '<'); `at` is put behind it. nullopt: no element.
std::optional<Tag> NextTag(std::string_view xml, size_t& at) {
  size_t end = at + 1;
  char quote = 0;
  while (end < xml.size() && (quote != 0 || xml[end] != '>')) {
    if (quote != 0) {
      if (xml[end] == quote) quote = 0;
    } else if (xml[end] == '"' || xml[end] == '\'') {
      quote = xml[end];
    }
    ++end;
  }
  std::string_view inside = xml.substr(at + 1, end - at - 1);
  at = end + 1;
  if (inside.empty() || inside[0] == '?' || inside[0] == '!') return std::nullopt;
  Tag tag;
  tag.closes = inside[0] == '/';
  if (tag.closes) inside.remove_prefix(1);
  tag.is_empty = !inside.empty() && inside.back() == '/';
  if (tag.is_empty) inside.remove_suffix(1);
  size_t name_end = inside.find_first_of(" \t\r\n");
  std::string_view name = inside.substr(0, name_end);
  if (size_t colon = name.find(':'); colon != std::string_view::npos) name.remove_prefix(colon + 1);
  tag.name = std::string(name);
  size_t i = name_end;
  while (i < inside.size()) {
    size_t equals = inside.find('=', i);
    if (equals == std::string_view::npos || equals + 1 >= inside.size()) break;
    char mark = inside[equals + 1];
    size_t close = inside.find(mark, equals + 2);
    if ((mark != '"' && mark != '\'') || close == std::string_view::npos) break;
    tag.attributes[std::string(Trim(inside.substr(i, equals - i)))] =
        Unescape(inside.substr(equals + 2, close - equals - 2));
    i = close + 1;
  }
  return tag;
}

std::optional<double> Number(const Tag& tag, const char* name) {
  auto found = tag.attributes.find(name);
  if (found == tag.attributes.end()) return std::nullopt;
  double number = 0;
  const std::string& text = found->second;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() ? std::optional<double>(number) : std::nullopt;
}

std::string Text(const Tag& tag, const char* name) {
  auto found = tag.attributes.find(name);
  return found == tag.attributes.end() ? std::string() : found->second;
}

bool IsTrue(const std::string& text) { return text == "1" || text == "true"; }

std::string WithoutBrackets(std::string text) {
  if (text.size() > 1 && text.front() == '[' && text.back() == ']') {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

PlanNode NodeOf(const Tag& tag) {
  PlanNode node;
  node.name = Text(tag, "PhysicalOp");
  node.rows = Number(tag, "EstimateRows");
  std::string logical = Text(tag, "LogicalOp");
  bool join = logical.find("Join") != std::string::npos;
  if (join) {
    node.kind = Kind::kJoin;
    node.conditional = true;
    node.multiplies = logical.find("Semi") == std::string::npos;
  }
  if (node.name == "Stream Aggregate" && node.rows && *node.rows <= 1) node.one_row = true;
  return node;
}

// What stands inside a RelOp, and belongs to it.
void AddTo(const Tag& tag, PlanNode& node) {
  // NoJoinPredicate is the optimiser's own warning: nothing links the two sides, not even an outer
  // reference.
  if (tag.name == "Warnings" && IsTrue(Text(tag, "NoJoinPredicate"))) {
    node.pairs = true;
    node.conditional = false;
  }
  if (tag.name == "NestedLoops" && node.kind == Kind::kJoin) node.pairs = true;
  // The inner side is looked up for each outer row.
  if (tag.name == "OuterReferences" && node.kind == Kind::kJoin) {
    node.pairs = false;
    node.conditional = true;
  }
  if (tag.name == "Object" && node.relation.empty() && node.kind != Kind::kJoin) {
    node.kind = Kind::kScan;
    node.schema = WithoutBrackets(Text(tag, "Schema"));
    node.relation = WithoutBrackets(Text(tag, "Table"));
    node.alias = WithoutBrackets(Text(tag, "Alias"));
    node.whole = node.name.find("Scan") != std::string::npos;
  }
  if (tag.name == "Predicate" && node.kind == Kind::kScan) node.filtered = true;
  if (tag.name == "ScalarOperator" && node.kind == Kind::kJoin && node.condition.empty()) {
    node.condition = Text(tag, "ScalarString");
  }
}

}  // namespace

Result<Plan> ReadSqlServer(std::string_view xml) {
  std::vector<PlanNode> open;  // RelOps
  std::optional<PlanNode> root;
  for (size_t at = xml.find('<'); at != std::string_view::npos; at = xml.find('<', at)) {
    std::optional<Tag> tag = NextTag(xml, at);
    if (!tag) continue;
    if (tag->name != "RelOp") {
      if (!open.empty() && !tag->closes) AddTo(*tag, open.back());
      continue;
    }
    if (!tag->closes && open.size() > 500) return MakeError("the plan is nested too deeply");
    if (!tag->closes) open.push_back(NodeOf(*tag));
    if (!tag->closes && !tag->is_empty) continue;
    if (open.empty()) return MakeError("the plan's XML does not close what it opens");
    PlanNode done = std::move(open.back());
    open.pop_back();
    if (!open.empty()) {
      open.back().children.push_back(std::move(done));
    } else if (!root) {
      root = std::move(done);
    }
  }
  if (!root || !open.empty()) return MakeError("this is no whole SHOWPLAN XML");
  return Plan{std::move(*root), {}};
}

}  // namespace layergate::explain_plan

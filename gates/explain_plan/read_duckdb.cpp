// DuckDB's EXPLAIN (FORMAT JSON).
#include <charconv>

#include "core/text.h"
#include "core/value.h"
#include "gates/explain_plan/plan.h"

namespace layergate::explain_plan {
namespace {

using Kind = PlanNode::Kind;

// "2": numbers are texts there, and some versions write "~2 Rows".
std::optional<double> Estimate(const Value& value) {
  if (value.is_number()) return value.AsDouble();
  std::string_view text = Trim(value.AsString());
  if (!text.empty() && text[0] == '~') text.remove_prefix(1);
  double rows = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rows);
  return error == std::errc() ? std::optional<double>(rows) : std::nullopt;
}

std::string TextOf(const Value& value) {
  if (value.is_string()) return std::string(value.AsString());
  std::string text;
  for (const Value& item : value.items()) {
    text += (text.empty() ? "" : " and ") + std::string(item.AsString());
  }
  return text;
}

// The last part of "db".main.orders, quotes removed.
std::string LastPart(std::string_view name) {
  std::string part;
  bool quoted = false;
  for (char c : name) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == '.' && !quoted) {
      part.clear();
    } else {
      part += c;
    }
  }
  return part;
}

PlanNode Convert(const Value& json) {
  PlanNode node;
  node.name = Trim(json["name"].AsString());
  const Value& info = json["extra_info"];
  node.rows = Estimate(info["Estimated Cardinality"]);
  std::string type = ToLower(info["Join Type"].AsString());
  if (!info["Table"].AsString().empty()) {
    node.kind = Kind::kScan;
    node.relation = LastPart(info["Table"].AsString());
    node.whole = info["Type"].AsString() == "Sequential Scan";
    // Its bounds of a join key ("id>=1") are filters too: the estimate stays the table's size then.
    node.filtered = info.Find("Filters") != nullptr;
  } else if (node.name == "CROSS_PRODUCT") {
    node.kind = Kind::kJoin;
    node.pairs = true;
  } else if (node.name.find("JOIN") != std::string::npos) {
    node.kind = Kind::kJoin;
    node.conditional = true;
    node.condition = TextOf(info["Conditions"].is_null() ? info["Condition"] : info["Conditions"]);
    node.pairs = node.name == "NESTED_LOOP_JOIN" || node.name == "BLOCKWISE_NL_JOIN";
    node.multiplies = type != "semi" && type != "anti" && type != "mark" && type != "single" &&
                      type != "right_semi" && type != "right_anti";
  } else if (node.name == "UNGROUPED_AGGREGATE" || node.name == "DUMMY_SCAN") {
    node.one_row = true;
  }
  for (const Value& child : json["children"].items()) node.children.push_back(Convert(child));
  return node;
}

}  // namespace

Result<Plan> ReadDuckDb(std::string_view text) {
  // "physical_plan|[...]": the key that stands before the value.
  size_t begin = text.find('[');
  if (begin == std::string_view::npos) return MakeError("this is not the JSON of an EXPLAIN");
  LAYERGATE_TRY(Value json, ReadJson(text.substr(begin)));
  const Value::Array& roots = json.items();
  if (roots.size() != 1) return MakeError("this is not the JSON of an EXPLAIN");
  return Plan{Convert(roots[0]), {}};
}

}  // namespace layergate::explain_plan

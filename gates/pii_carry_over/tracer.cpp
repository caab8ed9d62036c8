#include "gates/pii_carry_over/tracer.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "core/text.h"
#include "dbt/project.h"
#include "gates/pii_carry_over/names.h"
#include "lineage/functions.h"

namespace layergate::pii {

using lineage::ColumnId;
using lineage::OutputColumn;
using lineage::ProjectLineage;

namespace {

// Functions that are called in a text, in lower case.
std::vector<std::string> CallsIn(std::string_view text) {
  std::vector<std::string> calls;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '(') continue;
    size_t end = i;
    while (end > 0 && text[end - 1] == ' ') --end;
    size_t begin = end;
    while (begin > 0 && (std::isalnum(static_cast<unsigned char>(text[begin - 1])) ||
                         text[begin - 1] == '_' || text[begin - 1] == '.')) {
      --begin;
    }
    if (begin < end) calls.push_back(ToLower(text.substr(begin, end - begin)));
  }
  return calls;
}

// The function whose call is the whole text: "sum" for "sum(x.amount)"; empty when there is none.
std::string OutermostCall(std::string_view text) {
  text = Trim(text);
  size_t open = text.find('(');
  if (open == std::string_view::npos || text.back() != ')') return {};
  int depth = 0;
  for (size_t i = open; i < text.size(); ++i) {
    if (text[i] == '\'' || text[i] == '"') {  // a parenthesis in quotes is none
      size_t close = text.find(text[i], i + 1);
      if (close == std::string_view::npos) return {};
      i = close;
      continue;
    }
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth == 0 && i + 1 < text.size()) return {};
  }
  std::vector<std::string> calls = CallsIn(text.substr(0, open + 1));
  return calls.size() == 1 && Trim(text.substr(0, open)) == text.substr(0, open) ? calls[0]
                                                                                 : std::string();
}

// Whether the whole text asks if something is there at all: that tells nothing of what it is.
bool IsNullTest(std::string_view text) {
  for (const std::string_view end : {" is null", " is not null"}) {
    if (text.size() <= end.size() || text.substr(text.size() - end.size()) != end) continue;
    const std::string_view operand = text.substr(0, text.size() - end.size());
    const bool whole = operand.find(' ') == std::string_view::npos ||
                       (operand.front() == '(' && operand.find('(', 1) == std::string_view::npos);
    if (whole) return true;
  }
  return false;
}

}  // namespace

std::vector<Carried> Tracer::Into(const ColumnId& column, bool& unsure) const {
  std::map<ColumnId, Carried> found;
  for (const ProjectLineage::Origin& origin : side_.Origins(column)) {
    Follow(origin, found, unsure);
  }
  std::vector<Carried> carried;
  for (auto& [id, entry] : found) carried.push_back(std::move(entry));
  return carried;
}

std::optional<Mark> Tracer::ColumnMark(const ColumnId& column) const {
  for (const dbt::Project* project : {&context_.head(), &context_.base()}) {
    const dbt::Node* node = project->Find(column.node);
    if (!node) continue;
    // A column may be described twice, in upper and in lower case: one mark is enough.
    for (const dbt::Column& entry : node->columns) {
      if (!EqualsIgnoreCase(entry.name, column.column)) continue;
      if (std::optional<Mark> mark = MarkOf(entry, marks_)) return mark;
    }
  }
  return std::nullopt;
}

std::optional<Mark> Tracer::NodeMark(std::string_view id) const {
  for (const dbt::Project* project : {&context_.head(), &context_.base()}) {
    const dbt::Node* node = project->Find(id);
    if (!node) continue;
    if (std::optional<Mark> mark = MarkOf(*node, marks_)) return mark;
  }
  return std::nullopt;
}

bool Tracer::MarkedAbove(std::string_view id, bool itself) const {
  std::set<std::string> seen;
  std::vector<std::string> waiting =
      itself ? std::vector<std::string>{std::string(id)} : side_.project().Parents(id);
  while (!waiting.empty()) {
    std::string node_id = std::move(waiting.back());
    waiting.pop_back();
    if (!seen.insert(node_id).second) continue;
    if (HasMarks(node_id)) return true;
    for (const std::string& parent : side_.project().Parents(node_id)) waiting.push_back(parent);
  }
  return false;
}

bool Tracer::HasMarks(const std::string& id) const {
  const auto known = has_marks_.find(id);
  if (known != has_marks_.end()) return known->second;
  bool found = NodeMark(id).has_value();
  for (const dbt::Project* project : {&context_.head(), &context_.base()}) {
    const dbt::Node* node = found ? nullptr : project->Find(id);
    if (!node) continue;
    found = std::any_of(node->columns.begin(), node->columns.end(), [&](const dbt::Column& column) {
      return MarkOf(column, marks_).has_value();
    });
  }
  return has_marks_[id] = found;
}

const OutputColumn* Tracer::Output(const ColumnId& column) const {
  const dbt::Node* node = side_.project().Find(column.node);
  if (!node || node->resource_type == "source" || node->resource_type == "seed") return nullptr;
  return side_.Model(column.node).statement.Find(column.column);
}

void Tracer::Follow(const ProjectLineage::Origin& origin, std::map<ColumnId, Carried>& found,
                    bool& unsure) const {
  if (origin.path.size() < 2) return;
  // From the asked column upstream, as long as nothing on the way takes the personal part away.
  for (size_t i = origin.path.size() - 1; i-- > 0;) {
    const ColumnId& at = origin.path[i];
    if (Declassifies(origin.path[i + 1], origin.how[i])) return;
    std::optional<Mark> mark = ColumnMark(at);
    bool whole_node = false;
    if (!mark) {
      mark = NodeMark(at.node);
      whole_node = mark.has_value();
    }
    if (!mark) continue;
    Carried carried{at, whole_node, *mark, Steps(origin, i), origin.certain};
    auto [place, added] = found.try_emplace(at, std::move(carried));
    // A certain way beats an uncertain one, a short one a long one.
    if (!added && ((origin.certain && !place->second.certain) ||
                   (origin.certain == place->second.certain &&
                    origin.path.size() - i < place->second.path.size()))) {
      place->second = {at, whole_node, *mark, Steps(origin, i), origin.certain};
    }
    return;
  }
  // The way ends in something that can't be followed, or in a node that we know only in part.
  if (!origin.certain && MarkedAbove(origin.path.front().node, true)) unsure = true;
}

// Whether the step into `reader` leaves nothing personal behind, by the base policy's list: every
// function on the way that hides the value must be named there. An unkeyed md5 is not.
bool Tracer::Declassifies(const ColumnId& reader, lineage::Subtype how) const {
  const OutputColumn* output = Output(reader);
  if (!output || how == lineage::Subtype::kIdentity) return false;
  if (IsNamed(OutermostCall(output->expression))) return true;
  if (IsNullTest(output->expression)) return true;
  bool masked = !output->direct.empty() &&
                std::all_of(output->direct.begin(), output->direct.end(),
                            [](const lineage::Edge& edge) { return edge.masking; });
  if (!masked) return false;
  std::vector<std::string> hiding = Hiding(output->expression);
  if (hiding.empty()) hiding = Hiding(side_.Model(reader.node).sql);
  return !hiding.empty() && std::all_of(hiding.begin(), hiding.end(),
                                        [&](const std::string& call) { return IsNamed(call); });
}

bool Tracer::IsNamed(std::string_view call) const {
  return !call.empty() &&
         std::any_of(marks_.declassify.begin(), marks_.declassify.end(),
                     [&](const std::string& name) { return MatchesGlob(ToLower(name), call); });
}

std::vector<std::string> Tracer::Hiding(std::string_view text) const {
  std::vector<std::string> calls;
  for (std::string& call : CallsIn(text)) {
    lineage::FunctionClass kind = lineage::ClassOf(call, side_.dialect());
    if (kind == lineage::FunctionClass::kHash || kind == lineage::FunctionClass::kCountLike ||
        kind == lineage::FunctionClass::kConditionalCount) {
      calls.push_back(std::move(call));
    }
  }
  return calls;
}

std::vector<PathStep> Tracer::Steps(const ProjectLineage::Origin& origin, size_t from) const {
  std::vector<PathStep> steps;
  for (size_t i = from; i < origin.path.size(); ++i) {
    PathStep step{origin.path[i].node, origin.path[i].column, "", ""};
    if (i > from) step.how = std::string(ToString(origin.how[i - 1]));
    const OutputColumn* output = i > from ? Output(origin.path[i]) : nullptr;
    if (output) step.expression = OneLine(output->expression);
    steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace layergate::pii

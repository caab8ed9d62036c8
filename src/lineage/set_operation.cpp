// UNION, INTERSECT and EXCEPT: which columns of their branches meet, and what their values are.
#include <algorithm>

#include "core/text.h"
#include "lineage/analyzer.h"

namespace layergate::lineage {

using sql::Dialect;

const RelationFlow* Analyzer::AnalyzeSetOperation(const sql::SetOperation& operation, CteView ctes,
                                                  Scope* outer, const std::string& where,
                                                  const sql::Query* tail) {
  std::vector<const RelationFlow*> branches;
  for (const sql::Node* branch : operation.branches) {
    branches.push_back(AnalyzeBody(branch, ctes, outer, where, nullptr));
  }
  const RelationFlow* flow = CombineBranches(branches, operation, where);
  return WithTail(flow, tail, ctes, outer, where);
}

// What tells the branches of a union apart, for values that do not say themselves which rows they
// are of: `select 'web' as source, a from t union all select 'shop', a from u` is another query
// with the words exchanged. Begins with '~' where the branch's tables are read by no other one.
// Where branches have the same rows or none, the first value that differs between them tells, and
// '=' stands before it.
std::vector<std::string> Analyzer::BranchNames(
    const std::vector<const RelationFlow*>& branches) const {
  std::unordered_map<LeafId, size_t> readers;
  std::unordered_map<std::string, std::vector<size_t>> alike;
  for (size_t b = 0; b < branches.size(); ++b) {
    for (const LeafId base : branches[b]->bases) ++readers[base];
    alike[branches[b]->rows].push_back(b);
  }
  std::vector<std::string> names;
  for (const RelationFlow* branch : branches) {
    const bool alone = std::all_of(branch->bases.begin(), branch->bases.end(),
                                   [&](LeafId base) { return readers[base] == 1; });
    const std::vector<size_t>& same = alike[branch->rows];
    if (same.size() > 1) {
      const RelationFlow& other = *branches[same[0] == names.size() ? same[1] : same[0]];
      size_t k = 0;
      const size_t width = std::min(branch->columns.size(), other.columns.size());
      while (k < width && *branch->columns[k].text == *other.columns[k].text) ++k;
      names.push_back(k < width ? "=" + Capped(*branch->columns[k].text) : "");
      continue;
    }
    std::string name = alone ? "~" : "+" + branch->rows;
    for (const LeafId base : alone ? branch->bases : std::vector<LeafId>()) {
      const std::string_view relation = flows_.leaf(base).relation;
      if (name.size() > 1) name += ", ";
      name += relation.substr(relation.rfind('.') + 1);
    }
    names.push_back(std::move(name));
  }
  return names;
}

// Which rows a block gives, in few words: its relation where it only projects one.
std::string Analyzer::RowsText(const Scope& scope, size_t first_fact) const {
  std::vector<std::string> parts;
  for (const FromItem& item : scope.items) {
    const RelationFlow& relation = *item.relation;
    parts.push_back(relation.rows.empty() ? relation.label : relation.rows);
  }
  std::sort(parts.begin(), parts.end());
  const size_t relations = parts.size();
  if (unit_ != nullptr) {
    for (size_t i = first_fact; i < unit_->facts.size(); ++i) {
      const RowSetFact& fact = unit_->facts[i];
      if (fact.block != block_ || fact.kind == "from" || fact.kind == "window") continue;
      if (fact.kind != "join") parts.push_back(fact.text);
      for (const RowSetFact::Conjunct& each : fact.on) parts.push_back(each.text);
    }
  }
  std::sort(parts.begin() + static_cast<std::ptrdiff_t>(relations), parts.end());
  std::string text = Join(parts, ", ");
  return parts.size() == 1 ? text : Capped("(" + text + ")");
}

// Which columns of which branches meet: by position or by name.
Analyzer::Meetings Analyzer::MeetingColumns(const std::vector<const RelationFlow*>& branches,
                                            const sql::SetOperation& operation) const {
  Meetings meeting;
  if (operation.by_name) {
    std::unordered_map<std::string, size_t> slots;
    for (const RelationFlow* branch : branches) {
      for (const FlowColumn& column : branch->columns) {
        const auto [place, added] = slots.emplace(*column.key, meeting.size());
        if (added) meeting.emplace_back();
        meeting[place->second].push_back(&column);
      }
    }
    // INNER and CORRESPONDING keep the columns that all have, LEFT those of the first, others all.
    const bool left = operation.mode == "LEFT";
    const bool every = operation.mode == "FULL" || operation.outer ||
                       dialect_ == Dialect::kDuckDb || dialect_ == Dialect::kSnowflake ||
                       dialect_ == Dialect::kDatabricks || dialect_ == Dialect::kSpark;
    if (left) {
      meeting.resize(std::min(meeting.size(), branches[0]->columns.size()));
    } else if (!every || operation.mode == "INNER") {
      meeting.erase(std::remove_if(meeting.begin(), meeting.end(),
                                   [&](const auto& m) { return m.size() < branches.size(); }),
                    meeting.end());
    }
    // ON (a, b), CORRESPONDING BY (a, b): these, in this order.
    if (!operation.by.empty()) {
      std::vector<std::vector<const FlowColumn*>> listed;
      for (const sql::Name& name : operation.by) {
        for (const auto& each : meeting) {
          if (*each[0]->key == Key(name)) listed.push_back(each);
        }
      }
      meeting = std::move(listed);
    }
  } else {
    for (size_t i = 0; i < branches[0]->columns.size(); ++i) {
      std::vector<const FlowColumn*> column;
      for (const RelationFlow* branch : branches) {
        if (i < branch->columns.size()) column.push_back(&branch->columns[i]);
      }
      meeting.push_back(std::move(column));
    }
  }
  return meeting;
}

RelationFlow* Analyzer::CombineBranches(const std::vector<const RelationFlow*>& branches,
                                        const sql::SetOperation& operation,
                                        const std::string& where) {
  using Op = sql::SetOperation::Op;
  const OpenBlock block(*this);
  RelationFlow* flow = NewRelation();
  flow->label = "union";
  flow->block = block_;
  DepBuilder dataset;
  bool uneven = false;
  for (const RelationFlow* branch : branches) {
    dataset.Append(*branch->dataset);
    flow->rows_status = Worse(flow->rows_status, branch->rows_status);
    flow->bases.insert(flow->bases.end(), branch->bases.begin(), branch->bases.end());
    const bool star = std::any_of(branch->columns.begin(), branch->columns.end(),
                                  [](const FlowColumn& c) { return *c.name == "*"; });
    uneven = uneven || star || branch->columns.size() != branches[0]->columns.size();
    flow->open = flow->open || star;
  }
  std::sort(flow->bases.begin(), flow->bases.end());
  flow->bases.erase(std::unique(flow->bases.begin(), flow->bases.end()), flow->bases.end());
  if (operation.by_name) uneven = flow->open;
  if (uneven) {
    Diagnose(flow->open ? "star_unknown_relation" : "uneven_set_operation",
             flow->open ? "a branch has columns that are not known: positions can't be paired"
                        : "the branches have different numbers of columns",
             operation.span);
  }
  const Meetings meeting = MeetingColumns(branches, operation);
  std::vector<std::string> names = BranchNames(branches);
  std::unordered_map<const FlowColumn*, size_t> branch_of;
  for (size_t b = 0; b < branches.size(); ++b) {
    for (const FlowColumn& column : branches[b]->columns) branch_of.emplace(&column, b);
  }
  // A value that says by itself which table it is of needs no name of its branch.
  const auto text_of = [&](const FlowColumn& column) {
    const std::string& name = names[branch_of[&column]];
    if (name.empty() || name[0] == '=') {
      const bool first = name.empty() || name.substr(1) == Capped(*column.text);
      return Capped(*column.text) + (first ? "" : " of " + name.substr(1));
    }
    if (name[0] == '~' && !column.deps->empty()) return Capped(*column.text);
    return Capped(*column.text) + " of " + name.substr(1);
  };
  for (const std::vector<const FlowColumn*>& column : meeting) {
    FlowColumn out = *column[0];
    DepBuilder deps;
    std::vector<std::string> texts;
    bool same_shape = true, same_text = true;
    for (size_t b = 0; b < column.size(); ++b) {
      const FlowColumn& each = *column[b];
      // INTERSECT and EXCEPT give rows of the left side; the others decide which.
      const bool value = operation.op == Op::kUnion || &each == column[0];
      if (value) deps.Append(*each.deps);
      if (!value || !operation.all || operation.op != Op::kUnion) {
        dataset.Add(*each.deps, Subtype::kFilter, false, each.span);
      }
      same_text = same_text && *each.text == *out.text;
      if (value) texts.push_back(operation.op == Op::kUnion ? text_of(each) : *each.text);
      out.status = Worse(out.status, each.status);
      same_shape = same_shape && each.shape == nullptr;
    }
    if (uneven) out.status = Status::kUnknown;
    if (column.size() > 1) {
      out.deps = flows_.Keep(deps.Take());
      out.type = nullptr;
      if (!same_shape && operation.op == Op::kUnion) out.shape = nullptr;
      if (!same_text && operation.op == Op::kUnion) {  // a union's branches have no order
        std::sort(texts.begin(), texts.end());
        texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
        out.text = Keep(Join(texts, " | "));
      }
    }
    out.from_star = out.from_star && column.size() == 1;
    flow->columns.push_back(out);
  }
  flow->dataset = flows_.Keep(dataset.Take());
  if (!uneven) flow->open = false;
  std::string name = operation.op == Op::kUnion       ? "union"
                     : operation.op == Op::kIntersect ? "intersect"
                                                      : "except";
  if (operation.all) name += " all";
  if (operation.by_name) name += " by name";
  if (!operation.mode.empty()) name += " " + ToLower(operation.mode);
  if (operation.outer) name += " outer";
  RowSetFact* fact =
      Fact("set_operation", where, name + " of " + std::to_string(branches.size()) + " branches",
           name, operation.span);
  if (fact != nullptr) {
    for (const RelationFlow* branch : branches) fact->reads.push_back(branch->block);
    // What is compared decides which rows stay, also where nobody reads it further out.
    const bool compares = operation.op != Op::kUnion || !operation.all;
    for (size_t b = 0; b < branches.size() && compares; ++b) {
      std::string row = operation.op != Op::kExcept ? "" : b == 0 ? "of " : "but ";
      for (const FlowColumn& column : branches[b]->columns) row += Capped(*column.text) + ", ";
      fact->on.push_back({Capped(row), operation.span});
    }
  }
  return flow;
}

}  // namespace layergate::lineage

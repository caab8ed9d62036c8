// WITH: common table expressions, and the fixpoint of recursive ones.
#include <algorithm>
#include <cctype>

#include "core/text.h"
#include "lineage/analyzer.h"
#include "sql/walk.h"

namespace layergate::lineage {

using sql::Dialect;
using sql::Kind;

namespace {

using Keys = std::set<std::string>;

// The names without qualifiers that are read from FROM below `node` and that no WITH below it
// gives.
void FreeTables(const sql::Node* root, const NameRules& rules, const Keys& hidden, Keys& out) {
  sql::Walk(root, [&](const sql::Node* node) {
    if (const auto* table = sql::As<sql::Table>(node); table && table->name.size() == 1) {
      std::string key = NameKey(rules, table->name[0].text, table->name[0].quoted);
      if (hidden.count(key) == 0) out.insert(std::move(key));
    }
    const auto* query = sql::As<sql::Query>(node);
    if (query == nullptr || query->with == nullptr) return true;
    Keys below = hidden;
    for (const sql::Cte* cte : query->with->ctes) {
      const std::string key = NameKey(rules, cte->name.text, cte->name.quoted);
      if (query->with->recursive) below.insert(key);
      FreeTables(cte->query, rules, below, out);
      below.insert(key);
    }
    sql::ForEachChild(*query, [&](const sql::Node* child) {
      if (child != query->with) FreeTables(child, rules, below, out);
    });
    return false;
  });
}

bool ReadsTable(const sql::Node* node, const NameRules& rules, const std::string& key) {
  Keys names;
  FreeTables(node, rules, {}, names);
  return names.count(key) > 0;
}

// The set operation that a query's body is, through parentheses without clauses of their own.
const sql::SetOperation* BodyOperation(const sql::Node* node) {
  while (const auto* query = sql::As<sql::Query>(node)) node = query->body;
  const auto* operation = sql::As<sql::SetOperation>(node);
  const bool unites = operation != nullptr && operation->op == sql::SetOperation::Op::kUnion;
  return unites && operation->branches.size() >= 2 ? operation : nullptr;
}

// "r.n" stands in `text`, and not as the beginning of "r.next".
bool HasWord(const std::string& text, const std::string& word) {
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const size_t end = at + word.size();
    const auto next = static_cast<unsigned char>(end < text.size() ? text[end] : ' ');
    if (std::isalnum(next) == 0 && next != '_') return true;
  }
  return false;
}

// What the name of a CTE means in those of the same WITH that stand before it.
enum class Forward : uint8_t { kTable, kCte, kUnclear };
Forward ForwardNames(Dialect dialect, bool recursive) {
  switch (dialect) {
    case Dialect::kSqlite:
      return Forward::kCte;  // with the word or without
    case Dialect::kPostgres:
    case Dialect::kMariaDb:
    case Dialect::kBigQuery:
      return recursive ? Forward::kCte : Forward::kTable;
    case Dialect::kDuckDb:
    case Dialect::kTsql:
    case Dialect::kTrino:
    case Dialect::kSpark:
    case Dialect::kDatabricks:
      return Forward::kTable;
    case Dialect::kClickHouse:
      return Forward::kUnclear;  // its two analysers differ
    default:
      return recursive ? Forward::kUnclear : Forward::kTable;
  }
}

// Does the own name in a CTE that is not of the form of a recursion mean a relation outside of it?
bool OwnNameIsOutside(Dialect dialect, bool recursive) {
  if (dialect == Dialect::kSqlite || dialect == Dialect::kTsql) return false;
  return !recursive || dialect == Dialect::kDuckDb;
}

// The CTEs of a WITH, each behind those that it reads; as written where they read each other.
std::vector<const sql::Cte*> InOrder(sql::List<sql::Cte> ctes, const NameRules& rules) {
  std::unordered_map<std::string, size_t> places;
  std::vector<Keys> reads(ctes.size());
  for (size_t i = 0; i < ctes.size(); ++i) {
    places.emplace(NameKey(rules, ctes[i]->name.text, ctes[i]->name.quoted), i);
    FreeTables(ctes[i]->query, rules, {}, reads[i]);
  }
  std::vector<const sql::Cte*> order;
  std::vector<uint8_t> state(ctes.size(), 0);  // 0 not seen, 1 waits for what it reads, 2 placed
  for (size_t first = 0; first < ctes.size(); ++first) {
    std::vector<size_t> open = {first};
    while (!open.empty()) {
      const size_t at = open.back();
      if (state[at] == 0) {
        state[at] = 1;
        for (const std::string& key : reads[at]) {
          const auto found = places.find(key);
          if (found != places.end() && state[found->second] == 0) open.push_back(found->second);
        }
        continue;
      }
      open.pop_back();
      if (state[at] == 1) order.push_back(ctes[at]);
      state[at] = 2;
    }
  }
  return order;
}

}  // namespace

CteView Analyzer::OpenWith(const sql::With* with, CteView ctes, Scope* outer) {
  if (with == nullptr) return ctes;
  frames_.emplace_back();
  CteFrame& frame = frames_.back();
  frame.parent = ctes;
  const Forward forward = ForwardNames(dialect_, with->recursive);
  std::vector<const sql::Cte*> order(with->ctes.begin(), with->ctes.end());
  if (forward == Forward::kCte && order.size() > 1) order = InOrder(with->ctes, rules_);
  if (forward != Forward::kTable) {
    for (const sql::Cte* cte : order) frame.unclear.insert(Key(cte->name));
  }
  Scope* seen = outer;
  for (const sql::Cte* cte : order) {
    units_.emplace_back();
    CteEntry entry;
    entry.key = Key(cte->name);
    entry.unit = &units_.back();
    Unit* unit = unit_;
    unit_ = entry.unit;
    if (cte->scalar != nullptr) {
      // WITH expr AS name: one value, seen as a column in the CTEs behind it and in the query.
      unit_ = unit;
      if (seen == outer) {
        scopes_.emplace_back();
        seen = &scopes_.back();
        seen->parent = outer;
        seen->ctes = ctes;
      }
      seen->scalars[entry.key] = cte;
      frame.entries.push_back(entry);
      continue;
    }
    const bool outside = OwnNameIsOutside(dialect_, with->recursive);
    outside ? void(frame.unclear.erase(entry.key)) : void(frame.unclear.insert(entry.key));
    entry.flow = AnalyzeCte(*cte, with->recursive, frame, seen);
    unit_ = unit;
    frame.unclear.erase(entry.key);
    const size_t index = frame.entries.size();
    frame.entries.push_back(entry);
    frame.by_key[frame.entries.back().key].push_back(index);
  }
  return {&frame, frame.entries.size()};
}

const RelationFlow* Analyzer::AnalyzeCte(const sql::Cte& cte, bool recursive, CteFrame& frame,
                                         Scope* outer) {
  const std::string key = Key(cte.name);
  const std::string where = ToLower(cte.name.text);
  const CteView before{&frame, frame.entries.size()};
  const sql::SetOperation* operation = BodyOperation(cte.query);
  const bool may_recurse =
      recursive || dialect_ == Dialect::kTsql || dialect_ == Dialect::kSnowflake;
  const RelationFlow* flow = nullptr;
  if (may_recurse && operation != nullptr && !ReadsTable(operation->branches[0], rules_, key) &&
      ReadsTable(cte.query, rules_, key)) {
    flow = AnalyzeRecursive(cte, *operation, frame, outer);
  } else if (cte.query != nullptr && cte.query->kind == Kind::kQuery) {
    flow = AnalyzeQuery(cte.query, before, outer, where);
  } else {
    // A statement with RETURNING, or nothing that was understood.
    RelationFlow* unknown = NewRelation();
    unknown->open = true;
    unknown->rows_status = Status::kUnknown;
    unknown->columns.push_back(
        MakeColumn("*", "*", flows_.none(), Status::kUnknown, "?", cte.span));
    Diagnose("opaque_cte", "what \"" + where + "\" gives is not known", cte.span);
    // It happens even where nobody reads what it returns.
    result_.row_set_status = Status::kUnknown;
    flow = unknown;
  }
  RelationFlow* named = NewRelation();
  CopyRelation(*Stored(Renamed(flow, cte.columns)), *named);
  // An import CTE (`select * from t`) goes by the name of what it imports.
  const auto* query = sql::As<sql::Query>(cte.query);
  const auto* select = query != nullptr ? sql::As<sql::Select>(query->body) : nullptr;
  const bool import =
      select != nullptr && select->items.size() == 1 && select->items[0]->expr != nullptr &&
      select->items[0]->expr->kind == Kind::kStar && select->from.size() == 1 &&
      select->from[0]->kind == Kind::kTable && select->where == nullptr &&
      select->qualify == nullptr && query->limit == nullptr && select->group_by == nullptr &&
      select->distinct == sql::Select::Distinct::kNone;
  if (!import) named->label = where;
  return named;
}

// A recursion's own columns have names for texts: says what those are that others are made from
// and that decide about rows, so that no change of them is lost. `first_unit`: the first one that
// stands inside of it.
const RelationFlow* Analyzer::WithRowsOfItself(const RelationFlow& result, const RelationFlow& self,
                                               std::string_view details, size_t first_unit) {
  RelationFlow* out = NewRelation();
  *out = result;
  const size_t count = std::min(result.columns.size(), self.columns.size());
  using Places = std::set<size_t>;
  const auto read_in = [&](const std::string& text, Places& into) {
    for (size_t i = 0; i < count; ++i) {
      if (HasWord(text, *self.columns[i].text)) into.insert(i);
    }
  };
  std::vector<Places> reads(count);
  for (size_t i = 0; i < count; ++i) read_in(*result.columns[i].text, reads[i]);
  const auto told = [&](Places used, size_t but) {
    std::vector<size_t> open(used.begin(), used.end());
    while (!open.empty()) {
      const size_t at = open.back();
      open.pop_back();
      for (const size_t more : reads[at]) {
        if (used.insert(more).second) open.push_back(more);
      }
    }
    used.erase(but);
    std::vector<std::string> texts;
    for (const size_t i : used) {
      texts.push_back(*self.columns[i].text + " is " + Capped(*result.columns[i].text));
    }
    return texts.empty() ? std::string() : " where " + Capped(Join(texts, ", "));
  };
  for (size_t i = 0; i < count; ++i) {
    const std::string others = told(reads[i], i);
    if (!others.empty()) out->columns[i].text = Keep(*result.columns[i].text + others);
  }
  std::vector<Unit*> units = {unit_};
  for (size_t i = first_unit; i < units_.size(); ++i) units.push_back(&units_[i]);
  Places deciding;
  for (const Unit* unit : units) {
    for (const RowSetFact& fact : unit->facts) {
      read_in(fact.text, deciding);
      for (const RowSetFact::Conjunct& each : fact.on) read_in(each.text, deciding);
    }
  }
  // CYCLE ends it, SEARCH numbers its rows.
  std::string rows = "(itself)" + told(deciding, count);
  if (!details.empty()) rows += ' ' + DetailText(details);
  for (Unit* unit : units) {
    for (RowSetFact& fact : unit->facts) {
      const bool own = !fact.reads.empty() && fact.reads[0] == RowSetFact::kItself;
      if (own && fact.relation == self.label) fact.relation = rows;
    }
  }
  return out;
}

// The least fixpoint over the anchor and the recursive branches: column by column, what the last
// round found flows in through the CTE's own name until nothing new comes.
const RelationFlow* Analyzer::AnalyzeRecursive(const sql::Cte& cte,
                                               const sql::SetOperation& operation, CteFrame& frame,
                                               Scope* outer) {
  const std::string where = ToLower(cte.name.text);
  const CteView before{&frame, frame.entries.size()};
  Unit* unit = unit_;
  units_.emplace_back();
  Unit* scratch = &units_.back();
  unit_ = scratch;
  ++quiet_;
  // The clauses around the operation are analysed in the last round only.
  const auto* around = sql::As<sql::Query>(cte.query);
  CteView inside =
      around != nullptr && around->with != nullptr ? OpenWith(around->with, before, outer) : before;
  const RelationFlow* known =
      Renamed(AnalyzeBody(operation.branches[0], inside, outer, where, nullptr), cte.columns);
  frame.entries.push_back({Key(cte.name), known, nullptr});
  const size_t index = frame.entries.size() - 1;
  frame.by_key[frame.entries[index].key].push_back(index);
  const CteView with_self{&frame, frame.entries.size()};

  const RelationFlow* result = known;
  constexpr int kMostRounds = 64;
  for (int round = 0;; ++round) {
    const bool last = round >= kMostRounds;
    resolved_.clear();
    subqueries_.clear();
    RelationFlow* self = NewRelation();
    *self = *known;
    self->label = where;
    frame.entries[index].flow = self;
    CteView view = with_self;
    if (around != nullptr && around->with != nullptr) {
      view = OpenWith(around->with, with_self, outer);
    }
    const RelationFlow* next =
        Renamed(AnalyzeBody(&operation, view, outer, where, nullptr), cte.columns);
    bool same = next->columns.size() == known->columns.size() &&
                next->dataset->size() == known->dataset->size();
    for (size_t i = 0; same && i < next->columns.size(); ++i) {
      same = next->columns[i].deps->size() == known->columns[i].deps->size() &&
             next->columns[i].status == known->columns[i].status;
    }
    result = next;
    if (same || last) break;
    // Texts of columns stay those of the anchor: a round must not make them longer.
    RelationFlow* grown = NewRelation();
    *grown = *next;
    for (size_t i = 0; i < grown->columns.size() && i < known->columns.size(); ++i) {
      grown->columns[i].text = known->columns[i].text;
    }
    known = grown;
  }
  // Once more for facts and diagnostics.
  --quiet_;
  unit_ = unit;
  resolved_.clear();
  subqueries_.clear();
  RelationFlow* self = NewRelation();
  *self = *known;
  self->label = where;
  self->block = RowSetFact::kItself;
  for (FlowColumn& column : self->columns) column.text = Keep(where + "." + *column.name);
  const size_t first_unit = units_.size();
  frame.entries[index].flow = self;
  if (cte.query->kind == Kind::kQuery && around->with == nullptr) {
    result = Renamed(AnalyzeQuery(cte.query, with_self, outer, where), cte.columns);
  } else {
    result = Renamed(AnalyzeBody(&operation, with_self, outer, where, nullptr), cte.columns);
  }
  result = WithRowsOfItself(*result, *self, cte.details, first_unit);
  if (!cte.added.empty()) {
    // SEARCH and CYCLE columns depend on the recursion, not on one value.
    RelationFlow* more = NewRelation();
    *more = *result;
    for (const sql::Name& name : cte.added) {
      more->columns.push_back(NamedColumn(
          name, MakeColumn("", "", flows_.none(), Status::kUnknown, "cycle", cte.span)));
    }
    result = more;
  }
  frame.by_key[frame.entries[index].key].pop_back();
  frame.entries.pop_back();
  return result;
}

}  // namespace layergate::lineage

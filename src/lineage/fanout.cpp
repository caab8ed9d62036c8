#include "lineage/fanout.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "core/text.h"
#include "lineage/functions.h"
#include "lineage/names.h"
#include "sql/parse.h"
#include "sql/walk.h"

namespace layergate::lineage {

namespace {

using sql::JoinKind;
using sql::Kind;
using KeySet = std::set<std::string>;

// A relation as far as uniqueness goes. Names are keys of the dialect.
struct Keyed {
  std::string name;
  std::vector<std::string> columns;  // in order; "*" where they are not known
  std::vector<KeySet> keys;
  bool single_row = false;
  bool known = true;
  std::map<std::string, KeySet> ranks;  // rn -> what row_number() was partitioned by
};

// Column of an entry of FROM.
struct Ref {
  size_t item = 0;
  std::string column;
  friend auto operator<=>(const Ref&, const Ref&) = default;
};
using RefSet = std::set<Ref>;

struct Item {
  std::string alias;
  Keyed relation;
};

struct Frame {
  const Frame* parent = nullptr;
  std::map<std::string, Keyed> ctes;
};

struct Block {
  std::vector<Item> items;
  std::vector<RefSet> keys;  // of what has been joined so far
  bool single_row = false;
  std::string where;
  std::map<std::string, size_t> merged;  // USING columns -> the item that stands for them
};

class Judge {
 public:
  Judge(const sql::ParsedSql& sql, const SchemaLookup& schemas, const KeyLookup& keys)
      : sql_(sql), rules_(RulesOf(sql.dialect())), schemas_(schemas), keys_(keys) {}

  Keyed OfQuery(const sql::Node* node, const Frame* frame, const std::string& where);
  std::vector<JoinFanout> joins;

 private:
  std::string Key(const sql::Name& name) const { return NameKey(rules_, name.text, name.quoted); }
  Keyed OfBody(const sql::Node* node, const Frame* frame, const std::string& where);
  Keyed OfSelect(const sql::Select& select, const Frame* frame, const std::string& where);
  Keyed OfRelation(const sql::Node* node, const Frame* frame, const std::string& where);
  Keyed OfTable(const sql::Table& table, const Frame* frame);
  void AddFrom(const sql::Node* node, const Frame* frame, Block& block, const sql::Expr* filter);
  void AddJoin(const sql::Join& join, const Frame* frame, Block& block, const sql::Expr* filter);
  void Combine(Block& block, const Keyed& right, size_t at, const std::set<std::string>& equated,
               const RefSet& left_equated, JoinKind kind, JoinFanout* report);
  std::optional<Ref> Resolve(const sql::Expr* expr, const Block& block) const;
  void Equalities(const sql::Expr* on, const Block& block, size_t right,
                  std::set<std::string>& right_columns, RefSet& left_columns) const;
  bool Mentions(const sql::Expr* expr, const Block& block, size_t item) const;
  void Reduce(const sql::Expr* filter, Block& block) const;
  std::optional<KeySet> RankPartition(const sql::Expr* expr, const Block& block,
                                      RefSet& refs) const;
  Keyed Project(const sql::Select& select, const Block& block);
  static bool IsOne(const sql::Expr* expr);

  const sql::ParsedSql& sql_;
  const NameRules& rules_;
  const SchemaLookup& schemas_;
  const KeyLookup& keys_;
};

bool Judge::IsOne(const sql::Expr* expr) {
  const auto* literal = sql::As<sql::Literal>(expr);
  return literal != nullptr && literal->form == sql::Literal::Form::kNumber && literal->text == "1";
}

Keyed Judge::OfTable(const sql::Table& table, const Frame* frame) {
  if (table.name.size() == 1) {
    const std::string key = Key(table.name[0]);
    for (const Frame* at = frame; at != nullptr; at = at->parent) {
      const auto found = at->ctes.find(key);
      if (found != at->ctes.end()) return found->second;
    }
  }
  RelationName name;
  Keyed out;
  for (const sql::Name& part : table.name) {
    name.parts.emplace_back(part.text);
    name.quoted.push_back(part.quoted);
    if (!out.name.empty()) out.name += '.';
    out.name += ShownName(rules_, part.text, part.quoted);
  }
  const RelationSchema* schema = schemas_ && !name.parts.empty() ? schemas_(name) : nullptr;
  if (schema != nullptr) {
    for (const SchemaColumn& column : schema->columns) {
      out.columns.push_back(NameKey(rules_, column.name, false));
    }
  }
  if (schema == nullptr || !schema->complete) out.columns.emplace_back("*");
  if (keys_) {
    for (const UniqueKey& key : keys_(name)) {
      KeySet set;
      for (const std::string& column : key) set.insert(NameKey(rules_, column, false));
      out.keys.push_back(std::move(set));
    }
  }
  return out;
}

Keyed Judge::OfRelation(const sql::Node* node, const Frame* frame, const std::string& where) {
  switch (node->kind) {
    case Kind::kTable:
      return OfTable(static_cast<const sql::Table&>(*node), frame);
    case Kind::kDerived: {
      const auto& derived = static_cast<const sql::Derived&>(*node);
      Keyed out = OfQuery(derived.query, frame,
                          derived.alias.empty() ? where : ToLower(derived.alias.text));
      out.name = derived.alias.empty() ? "subquery" : ToLower(derived.alias.text);
      for (size_t i = 0; i < derived.column_aliases.size(); ++i) {
        if (i >= out.columns.size()) break;
        const std::string old = out.columns[i];
        out.columns[i] = Key(derived.column_aliases[i]);
        for (KeySet& key : out.keys) {
          if (key.erase(old) > 0) key.insert(out.columns[i]);
        }
      }
      return out;
    }
    case Kind::kUnnest:
    case Kind::kTableFunction: {
      Keyed out;
      out.name = node->kind == Kind::kUnnest ? "unnest" : "a table function";
      out.columns.emplace_back("*");
      return out;
    }
    default: {
      Keyed out;
      out.name = std::string(sql::ToString(node->kind));
      out.columns.emplace_back("*");
      out.known = node->kind != Kind::kOpaque;
      return out;
    }
  }
}

std::optional<Ref> Judge::Resolve(const sql::Expr* expr, const Block& block) const {
  // lower(x) = lower(y) says nothing about x; a cast may merge values too.
  const auto* column = sql::As<sql::Column>(expr);
  if (column == nullptr) return std::nullopt;
  const std::string name = Key(column->parts.back());
  if (column->parts.size() >= 2) {
    const std::string qualifier = Key(column->parts[column->parts.size() - 2]);
    for (size_t i = 0; i < block.items.size(); ++i) {
      if (block.items[i].alias == qualifier) return Ref{i, name};
    }
    return std::nullopt;
  }
  const auto merged = block.merged.find(name);
  if (merged != block.merged.end()) return Ref{merged->second, name};
  std::optional<Ref> found;
  size_t open = 0, open_item = 0;
  for (size_t i = 0; i < block.items.size(); ++i) {
    const std::vector<std::string>& columns = block.items[i].relation.columns;
    if (std::find(columns.begin(), columns.end(), name) != columns.end()) {
      if (found) return std::nullopt;
      found = Ref{i, name};
    } else if (std::find(columns.begin(), columns.end(), "*") != columns.end()) {
      ++open;
      open_item = i;
    }
  }
  if (found) return found;
  if (open == 1) return Ref{open_item, name};
  return std::nullopt;
}

bool Judge::Mentions(const sql::Expr* expr, const Block& block, size_t item) const {
  bool found = false;
  sql::Walk(expr, [&](const sql::Node* node) {
    if (node->kind == Kind::kQuery || node->kind == Kind::kOpaque) found = true;
    if (node->kind == Kind::kColumn) {
      const std::optional<Ref> ref = Resolve(node, block);
      found = found || !ref || ref->item == item;
    }
    return !found;
  });
  return found;
}

void Judge::Equalities(const sql::Expr* on, const Block& block, size_t right,
                       std::set<std::string>& right_columns, RefSet& left_columns) const {
  const auto* binary = sql::As<sql::Binary>(on);
  if (binary == nullptr) return;
  if (binary->op_class == sql::OpClass::kAnd) {
    for (const sql::Expr* each : binary->operands) {
      Equalities(each, block, right, right_columns, left_columns);
    }
    return;
  }
  if ((binary->op != "=" && binary->op != "<=>") || binary->operands.size() != 2) return;
  for (int side = 0; side < 2; ++side) {
    const sql::Expr* mine = binary->operands[static_cast<size_t>(side)];
    const sql::Expr* other = binary->operands[static_cast<size_t>(1 - side)];
    const std::optional<Ref> ref = Resolve(mine, block);
    if (!ref) continue;
    if (ref->item == right && !Mentions(other, block, right)) {
      right_columns.insert(ref->column);
    } else if (ref->item != right) {
      // Fixed by the right side: at most one value per right row.
      bool other_left = false;
      sql::Walk(other, [&](const sql::Node* node) {
        if (node->kind == Kind::kQuery || node->kind == Kind::kOpaque) other_left = true;
        if (node->kind == Kind::kColumn) {
          const std::optional<Ref> o = Resolve(node, block);
          other_left = other_left || !o || o->item != right;
        }
        return true;
      });
      if (!other_left) left_columns.insert(*ref);
    }
  }
}

bool Covers(const std::set<std::string>& columns, const KeySet& key) {
  return std::includes(columns.begin(), columns.end(), key.begin(), key.end());
}

std::string Names(const KeySet& key) {
  std::string out;
  for (const std::string& each : key) out += (out.empty() ? "" : ", ") + ToLower(each);
  return out;
}

void Explain(const Keyed& right, const std::set<std::string>& equated, JoinFanout& report) {
  for (const KeySet& key : right.keys) {
    UniqueKey names;
    for (const std::string& each : key) names.push_back(ToLower(each));
    report.keys.push_back(std::move(names));
  }
  for (const std::string& each : equated) report.on.push_back(ToLower(each));
  if (!right.known) {
    report.risk = FanoutRisk::kUnknown;
    report.why = "what is joined was not understood";
    return;
  }
  if (right.single_row) {
    report.risk = FanoutRisk::kSafe;
    report.why = "\"" + right.name + "\" has at most one row";
    return;
  }
  for (const KeySet& key : right.keys) {
    if (!Covers(equated, key)) continue;
    report.risk = FanoutRisk::kSafe;
    report.why = "\"" + right.name + "\" is unique by (" + Names(key) + "), which the join equates";
    return;
  }
  report.risk = FanoutRisk::kCanMultiply;
  const std::string on = Names({equated.begin(), equated.end()});
  if (equated.empty()) {
    report.why = "no column of \"" + right.name + "\" is equated with another relation's";
  } else if (right.keys.empty()) {
    report.why =
        "\"" + right.name + "\" is joined by (" + on + "), and no unique key of it is known";
  } else {
    report.why = "\"" + right.name + "\" is joined by (" + on +
                 "), which covers none of its keys (" + Names(right.keys.front()) + ")";
  }
}

void Judge::Combine(Block& block, const Keyed& right, size_t at,
                    const std::set<std::string>& equated, const RefSet& left_equated, JoinKind kind,
                    JoinFanout* report) {
  if (kind == JoinKind::kSemi || kind == JoinKind::kAnti) {
    if (report != nullptr) {
      report->risk = FanoutRisk::kSafe;
      report->why = "a semi or anti join only keeps or drops rows of its left side";
    }
    return;
  }
  JoinFanout local;
  JoinFanout& judged = report != nullptr ? *report : local;
  Explain(right, equated, judged);
  if (kind == JoinKind::kPositional && judged.risk != FanoutRisk::kUnknown) {
    judged.risk = FanoutRisk::kSafe;
    judged.why = "a positional join pairs rows one by one";
  }
  std::vector<RefSet> keys;
  const bool right_once = judged.risk == FanoutRisk::kSafe;
  if (right_once && kind != JoinKind::kFull && kind != JoinKind::kRight) keys = block.keys;
  const bool left_once =
      block.single_row || std::any_of(block.keys.begin(), block.keys.end(), [&](const RefSet& key) {
        return std::includes(left_equated.begin(), left_equated.end(), key.begin(), key.end());
      });
  std::vector<RefSet> right_keys;
  for (const KeySet& key : right.keys) {
    RefSet refs;
    for (const std::string& column : key) refs.insert({at, column});
    right_keys.push_back(std::move(refs));
  }
  // A left row that has no match gives NULLs on the right: the right's keys stay keys of inner and
  // right joins only.
  if (left_once &&
      (kind == JoinKind::kInner || kind == JoinKind::kCross || kind == JoinKind::kRight)) {
    keys.insert(keys.end(), right_keys.begin(), right_keys.end());
  }
  if (kind != JoinKind::kFull || (right_once && left_once)) {
    for (const RefSet& a : block.keys) {
      for (const RefSet& b : right_keys) {
        RefSet both = a;
        both.insert(b.begin(), b.end());
        if (keys.size() < 32) keys.push_back(std::move(both));
      }
    }
  }
  block.single_row = block.single_row && right_once && kind != JoinKind::kFull;
  block.keys = std::move(keys);
}

void Judge::AddFrom(const sql::Node* node, const Frame* frame, Block& block,
                    const sql::Expr* filter) {
  if (const auto* joined = sql::As<sql::Joined>(node)) {
    AddFrom(joined->first, frame, block, filter);
    for (const sql::Join* join : joined->joins) AddJoin(*join, frame, block, filter);
    return;
  }
  const sql::RelationNode* relation = sql::AsRelation(node);
  Item item;
  item.relation = OfRelation(node, frame, block.where);
  if (relation != nullptr && !relation->alias.empty()) {
    item.alias = Key(relation->alias);
  } else if (const auto* table = sql::As<sql::Table>(node); table && !table->name.empty()) {
    item.alias = Key(table->name.back());
  }
  const size_t at = block.items.size();
  block.items.push_back(item);
  if (at == 0) {
    block.single_row = item.relation.single_row;
    for (const KeySet& key : item.relation.keys) {
      RefSet refs;
      for (const std::string& column : key) refs.insert({at, column});
      block.keys.push_back(std::move(refs));
    }
    return;
  }
  // A comma: the conditions are in WHERE.
  JoinFanout report;
  report.where = block.where;
  report.kind = "cross";
  report.relation = item.relation.name;
  report.span = node->span;
  std::set<std::string> equated;
  RefSet left;
  if (filter != nullptr) Equalities(filter, block, at, equated, left);
  if (!equated.empty()) report.kind = "inner";
  Combine(block, item.relation, at, equated, left, JoinKind::kInner, &report);
  joins.push_back(std::move(report));
}

void Judge::AddJoin(const sql::Join& join, const Frame* frame, Block& block,
                    const sql::Expr* filter) {
  JoinFanout report;
  report.where = block.where;
  report.kind = std::string(sql::ToString(join.join));
  report.span = join.span;
  const sql::RelationNode* relation = sql::AsRelation(join.right);
  Item item;
  if (join.right != nullptr) item.relation = OfRelation(join.right, frame, block.where);
  if (join.right == nullptr || join.right->kind == Kind::kJoined) item.relation.known = false;
  if (relation != nullptr && !relation->alias.empty()) {
    item.alias = Key(relation->alias);
  } else if (const auto* table = sql::As<sql::Table>(join.right); table && !table->name.empty()) {
    item.alias = Key(table->name.back());
  }
  report.relation = item.relation.name;
  const size_t at = block.items.size();
  std::set<std::string> equated;
  RefSet left;
  std::vector<std::string> shared;
  for (const sql::Name& name : join.using_columns) shared.push_back(Key(name));
  if (join.natural) {
    for (const std::string& column : item.relation.columns) {
      for (const Item& other : block.items) {
        const std::vector<std::string>& columns = other.relation.columns;
        if (column != "*" && std::find(columns.begin(), columns.end(), column) != columns.end()) {
          shared.push_back(column);
          break;
        }
      }
    }
  }
  std::map<std::string, size_t> merged;
  for (const std::string& column : shared) {
    equated.insert(column);
    for (size_t i = 0; i < at; ++i) {
      const std::vector<std::string>& columns = block.items[i].relation.columns;
      const bool has = std::find(columns.begin(), columns.end(), column) != columns.end() ||
                       std::find(columns.begin(), columns.end(), "*") != columns.end();
      if (!has) continue;
      left.insert({i, column});
      merged[column] = i;
      break;
    }
  }
  block.items.push_back(item);
  if (join.on != nullptr) Equalities(join.on, block, at, equated, left);
  const bool inner = join.join == JoinKind::kInner || join.join == JoinKind::kCross;
  if (inner && filter != nullptr) Equalities(filter, block, at, equated, left);
  block.merged.insert(merged.begin(), merged.end());
  const bool all_left = join.any || (join.asof && join.join != JoinKind::kFull);
  if (all_left) {
    report.risk = FanoutRisk::kSafe;
    report.why = join.any ? "an ANY join takes at most one match" : "an ASOF join takes one match";
    if (join.join == JoinKind::kInner || join.join == JoinKind::kLeft) {
      joins.push_back(std::move(report));
      return;
    }
  }
  Combine(block, item.relation, at, equated, left, join.join, &report);
  joins.push_back(std::move(report));
}

// row_number() over (partition by ...): what it is partitioned by.
std::optional<KeySet> Judge::RankPartition(const sql::Expr* expr, const Block& block,
                                           RefSet& refs) const {
  const auto* call = sql::As<sql::Call>(expr);
  if (call == nullptr || call->over == nullptr || call->name.size() != 1) return std::nullopt;
  if (!EqualsIgnoreCase(call->name[0].text, "row_number")) return std::nullopt;
  if (!call->over->base.empty()) return std::nullopt;
  KeySet set;
  for (const sql::Expr* each : call->over->partition_by) {
    const std::optional<Ref> ref = Resolve(each, block);
    if (!ref) return std::nullopt;
    refs.insert(*ref);
    set.insert(ref->column);
  }
  return set;
}

// Conjuncts that leave fewer rows: `a = 1` fixes a, `rn = 1` leaves one row per partition.
void Judge::Reduce(const sql::Expr* filter, Block& block) const {
  const auto* binary = sql::As<sql::Binary>(filter);
  if (binary == nullptr) return;
  if (binary->op_class == sql::OpClass::kAnd) {
    for (const sql::Expr* each : binary->operands) Reduce(each, block);
    return;
  }
  if (binary->op != "=" || binary->operands.size() != 2) return;
  for (int side = 0; side < 2; ++side) {
    const sql::Expr* mine = binary->operands[static_cast<size_t>(side)];
    const sql::Expr* other = binary->operands[static_cast<size_t>(1 - side)];
    if (other->kind != Kind::kLiteral) continue;
    RefSet partition;
    if (IsOne(other) && RankPartition(mine, block, partition)) {
      block.keys.push_back(partition);
      continue;
    }
    const std::optional<Ref> ref = Resolve(mine, block);
    if (!ref) continue;
    const std::map<std::string, KeySet>& ranks = block.items[ref->item].relation.ranks;
    const auto rank = ranks.find(ref->column);
    if (IsOne(other) && rank != ranks.end() && block.items.size() == 1) {
      RefSet refs;
      for (const std::string& column : rank->second) refs.insert({ref->item, column});
      block.keys.push_back(std::move(refs));
    }
    for (RefSet& key : block.keys) key.erase(*ref);
  }
  block.single_row = block.single_row || std::any_of(block.keys.begin(), block.keys.end(),
                                                     [](const RefSet& key) { return key.empty(); });
}

Keyed Judge::Project(const sql::Select& select, const Block& block) {
  Keyed out;
  std::map<Ref, std::string> names;  // where a column of FROM is to be found in the output
  bool aggregates = false;
  std::vector<std::optional<Ref>> refs;
  const auto add = [&](const std::string& name, std::optional<Ref> ref) {
    if (ref) names.emplace(*ref, name);
    out.columns.push_back(name);
    refs.push_back(std::move(ref));
  };
  for (const sql::SelectItem* item : select.items) {
    if (const auto* star = sql::As<sql::Star>(item->expr)) {
      std::set<std::string> gone;
      for (const sql::Name& name : star->except) gone.insert(Key(name));
      for (const sql::SelectItem* each : star->replace) gone.insert(Key(each->alias));
      std::map<std::string, std::string> renamed;
      for (const sql::SelectItem* each : star->rename) {
        if (const auto* from = sql::As<sql::Column>(each->expr)) {
          renamed[Key(from->parts.back())] = Key(each->alias);
        }
      }
      for (size_t i = 0; i < block.items.size(); ++i) {
        if (!star->qualifier.empty() && block.items[i].alias != Key(star->qualifier.back())) {
          continue;
        }
        for (const std::string& column : block.items[i].relation.columns) {
          if (gone.count(column) > 0) continue;
          const auto other = renamed.find(column);
          add(other == renamed.end() ? column : other->second, Ref{i, column});
        }
        // Keys of a relation whose columns are not known come through a bare star all the same.
        const std::vector<std::string>& columns = block.items[i].relation.columns;
        if (std::find(columns.begin(), columns.end(), "*") != columns.end() && gone.empty() &&
            renamed.empty()) {
          for (const KeySet& key : block.items[i].relation.keys) {
            for (const std::string& column : key) names.emplace(Ref{i, column}, column);
          }
        }
        for (const auto& [rank, partition] : block.items[i].relation.ranks) {
          if (block.items.size() == 1 && gone.empty()) out.ranks[rank] = partition;
        }
      }
      continue;
    }
    const auto* column = sql::As<sql::Column>(item->expr);
    std::string name = !item->alias.empty() ? Key(item->alias)
                       : column != nullptr  ? Key(column->parts.back())
                                            : std::string();
    RefSet partition;
    const bool rank = RankPartition(item->expr, block, partition).has_value();
    add(name, Resolve(item->expr, block));
    if (rank && !name.empty()) {
      KeySet set;
      bool whole = true;
      for (const Ref& ref : partition) {
        // The partition's columns must be in the output; later items are looked at below.
        set.insert(ref.column);
        whole = whole && ref.item < block.items.size();
      }
      if (whole) out.ranks[name] = set;
    }
    bool has_aggregate = false;
    sql::Walk(item->expr, [&](const sql::Node* node) {
      const auto* call = sql::As<sql::Call>(node);
      if (call != nullptr && call->over == nullptr && !call->name.empty() &&
          IsAggregate(ClassOf(call->name.back().text, sql_.dialect()))) {
        has_aggregate = true;
      }
      return node->kind != Kind::kQuery;
    });
    aggregates = aggregates || has_aggregate;
  }
  // row_number()'s partition under the names that the output has.
  for (auto it = out.ranks.begin(); it != out.ranks.end();) {
    KeySet renamed;
    bool whole = true;
    for (const std::string& column : it->second) {
      std::string found;
      for (const auto& [ref, name] : names) {
        if (ref.column == column) found = name;
      }
      whole = whole && !found.empty();
      renamed.insert(found);
    }
    if (whole) {
      it->second = renamed;
      ++it;
    } else {
      it = out.ranks.erase(it);
    }
  }
  if (select.group_by != nullptr) {
    KeySet key;
    bool whole = !select.group_by->all;
    for (const sql::Node* node : select.group_by->items) {
      std::string found;
      const auto* literal = sql::As<sql::Literal>(node);
      const auto* column = sql::As<sql::Column>(node);
      if (literal != nullptr && literal->form == sql::Literal::Form::kNumber) {
        const size_t ordinal = static_cast<size_t>(std::atoi(std::string(literal->text).c_str()));
        if (ordinal >= 1 && ordinal <= out.columns.size()) found = out.columns[ordinal - 1];
      } else if (const std::optional<Ref> ref = Resolve(node, block);
                 ref && names.count(*ref) > 0) {
        found = names.at(*ref);
      } else if (column != nullptr && column->parts.size() == 1) {
        const std::string alias = Key(column->parts[0]);
        const auto item = std::find(out.columns.begin(), out.columns.end(), alias);
        if (item != out.columns.end()) found = alias;
      } else {
        // An expression that is also an item of the list.
        for (size_t i = 0; i < select.items.size() && i < out.columns.size(); ++i) {
          if (select.items[i]->expr != nullptr &&
              sql_.Text(*select.items[i]->expr) == sql_.Text(*node)) {
            found = out.columns[i];
          }
        }
      }
      whole = whole && !found.empty() && node->kind != Kind::kGroupingSet;
      key.insert(found);
    }
    if (select.group_by->all) {
      whole = true;
      for (size_t i = 0; i < select.items.size() && i < out.columns.size(); ++i) {
        bool aggregate = false;
        sql::Walk(select.items[i]->expr, [&](const sql::Node* node) {
          const auto* call = sql::As<sql::Call>(node);
          aggregate = aggregate || (call != nullptr && !call->name.empty() &&
                                    IsAggregate(ClassOf(call->name.back().text, sql_.dialect())));
          return true;
        });
        if (!aggregate) key.insert(out.columns[i]);
      }
      whole = key.count("") == 0;
    }
    if (select.group_by->items.empty() && !select.group_by->all) {
      out.single_row = true;
    } else if (whole && select.group_by->with_.empty()) {
      out.keys.push_back(std::move(key));
    }
    return out;
  }
  if (aggregates) {
    out.single_row = true;
    return out;
  }
  out.single_row = block.single_row;
  for (const RefSet& key : block.keys) {
    KeySet mapped;
    bool whole = true;
    for (const Ref& ref : key) {
      const auto found = names.find(ref);
      whole = whole && found != names.end();
      if (whole) mapped.insert(found->second);
    }
    if (whole) out.keys.push_back(std::move(mapped));
  }
  return out;
}

Keyed Judge::OfSelect(const sql::Select& select, const Frame* frame, const std::string& where) {
  Block block;
  block.where = where;
  block.single_row = select.from.empty();
  for (const sql::Node* from : select.from) AddFrom(from, frame, block, select.where);
  if (select.where != nullptr) Reduce(select.where, block);
  if (select.qualify != nullptr) Reduce(select.qualify, block);
  Keyed out = Project(select, block);
  if (select.distinct == sql::Select::Distinct::kDistinct) {
    KeySet all(out.columns.begin(), out.columns.end());
    if (all.count("*") == 0 && all.count("") == 0) out.keys.push_back(std::move(all));
  }
  if (select.distinct == sql::Select::Distinct::kOn) {
    KeySet key;
    bool whole = true;
    for (const sql::Expr* expr : select.distinct_on) {
      const auto* column = sql::As<sql::Column>(expr);
      const std::string name = column != nullptr ? Key(column->parts.back()) : "";
      whole = whole && std::find(out.columns.begin(), out.columns.end(), name) != out.columns.end();
      key.insert(name);
    }
    if (whole) out.keys.push_back(std::move(key));
  }
  if (select.top != nullptr && IsOne(select.top->count) && !select.top->with_ties) {
    out.single_row = true;
  }
  if (!select.unknown.empty()) {
    out.keys.clear();
    out.known = false;
  }
  return out;
}

Keyed Judge::OfBody(const sql::Node* node, const Frame* frame, const std::string& where) {
  if (node == nullptr) return {};
  switch (node->kind) {
    case Kind::kSelect:
      return OfSelect(static_cast<const sql::Select&>(*node), frame, where);
    case Kind::kQuery:
      return OfQuery(node, frame, where);
    case Kind::kSetOperation: {
      const auto& operation = static_cast<const sql::SetOperation&>(*node);
      Keyed out;
      for (size_t i = 0; i < operation.branches.size(); ++i) {
        Keyed branch = OfBody(operation.branches[i], frame, where);
        if (i == 0) out = std::move(branch);
      }
      const bool union_all = operation.op == sql::SetOperation::Op::kUnion;
      if (union_all) {
        out.keys.clear();
        out.single_row = false;
      }
      out.ranks.clear();
      if (!operation.all) {
        KeySet all(out.columns.begin(), out.columns.end());
        if (all.count("*") == 0 && all.count("") == 0) out.keys.push_back(std::move(all));
      }
      return out;
    }
    case Kind::kValues: {
      Keyed out;
      out.single_row = static_cast<const sql::Values&>(*node).rows.size() <= 1;
      out.columns.emplace_back("*");
      return out;
    }
    default: {
      Keyed out;
      out.known = false;
      out.columns.emplace_back("*");
      return out;
    }
  }
}

Keyed Judge::OfQuery(const sql::Node* node, const Frame* frame, const std::string& where) {
  const auto* query = sql::As<sql::Query>(node);
  if (query == nullptr) return OfBody(node, frame, where);
  Frame own;
  own.parent = frame;
  if (query->with != nullptr) {
    for (const sql::Cte* cte : query->with->ctes) {
      if (cte->query == nullptr) continue;
      Keyed keyed = OfQuery(cte->query, &own, ToLower(cte->name.text));
      keyed.name = ToLower(cte->name.text);
      for (size_t i = 0; i < cte->columns.size() && i < keyed.columns.size(); ++i) {
        const std::string old = keyed.columns[i];
        keyed.columns[i] = Key(cte->columns[i]);
        for (KeySet& key : keyed.keys) {
          if (key.erase(old) > 0) key.insert(keyed.columns[i]);
        }
      }
      own.ctes[Key(cte->name)] = std::move(keyed);
    }
  }
  Keyed out = OfBody(query->body, &own, where);
  if (query->limit != nullptr && IsOne(query->limit->count) && !query->limit->with_ties) {
    out.single_row = true;
  }
  if (!query->unknown.empty()) {
    out.keys.clear();
    out.known = false;
  }
  return out;
}

}  // namespace

std::string_view ToString(FanoutRisk risk) {
  switch (risk) {
    case FanoutRisk::kSafe:
      return "safe";
    case FanoutRisk::kCanMultiply:
      return "can_multiply";
    case FanoutRisk::kUnknown:
      return "unknown";
  }
  return "unknown";
}

Fanout AnalyzeFanout(std::string_view text, sql::Dialect dialect, const SchemaLookup& schemas,
                     const KeyLookup& keys) {
  const sql::ParsedSql parsed = sql::Parse(text, dialect);
  Fanout out;
  for (const sql::Statement* statement : parsed.statements()) {
    const sql::Node* query = statement;
    if (const auto* create = sql::As<sql::Create>(statement)) query = create->query;
    if (const auto* insert = sql::As<sql::Insert>(statement)) query = insert->query;
    if (query == nullptr || query->kind != Kind::kQuery) continue;
    Judge judge(parsed, schemas, keys);
    const Keyed result = judge.OfQuery(query, nullptr, "");
    out.joins = std::move(judge.joins);
    std::stable_sort(
        out.joins.begin(), out.joins.end(),
        [](const JoinFanout& a, const JoinFanout& b) { return a.span.begin < b.span.begin; });
    for (const KeySet& key : result.keys) {
      UniqueKey names;
      for (const std::string& each : key) names.push_back(ToLower(each));
      if (std::find(out.output_keys.begin(), out.output_keys.end(), names) ==
          out.output_keys.end()) {
        out.output_keys.push_back(std::move(names));
      }
    }
    std::sort(out.output_keys.begin(), out.output_keys.end());
    break;
  }
  return out;
}

}  // namespace layergate::lineage

#include "lineage/fanout_project.h"

#include <algorithm>
#include <charconv>

#include "core/text.h"
#include "sql/walk.h"

namespace layergate::lineage::fanout {

using sql::Kind;

namespace {

struct Output {
  std::string name;  // "" without one, "*" for columns that are not known
  std::optional<Ref> ref;
  const sql::Expr* expr = nullptr;  // nullptr: from a star
  bool hidden = false;  // found behind a star although its relation's columns are not known
};

class Projection {
 public:
  Projection(const sql::ParsedSql& sql, const NameRules& rules, const sql::Select& select,
             const Block& block)
      : sql_(sql), rules_(rules), select_(select), block_(block) {
    for (const sql::SelectItem* item : select.items) AddItem(*item);
  }

  RowSet Run(Part part, const std::set<size_t>& joins);

 private:
  void AddItem(const sql::SelectItem& item);
  void AddStar(const sql::Star& star);
  bool IsUnlike(const std::string& name) const;
  // The output column that holds the value of `ref`; empty: there is none for certain.
  std::string NameOf(const Ref& ref) const;
  std::string NameOfGrouped(const sql::Node* node, std::optional<Ref>& ref) const;
  // A key in names of the output; nullopt when a part of it is not there.
  std::optional<ColumnKey> Renamed(const RefKey& key) const;
  std::optional<ColumnKey> KeyOf(const std::vector<std::string>& names, const RefSet& refs) const;
  void Group(RowSet& out) const;
  void Rank(RowSet& out, const std::set<size_t>& joins) const;
  void Qualify(RowSet& out, Part& part, bool grouped) const;
  void AddPartitionKey(const sql::Call& rank, RowSet& out, const std::string& extra) const;
  void Distinct(RowSet& out) const;
  std::vector<const RowSet*> Rows() const;

  const sql::ParsedSql& sql_;
  const NameRules& rules_;
  const sql::Select& select_;
  const Block& block_;
  std::vector<Output> outputs_;
};

std::vector<const RowSet*> Projection::Rows() const {
  std::vector<const RowSet*> rows;
  for (const Item& item : block_.items) rows.push_back(&item.rows);
  return rows;
}

void Projection::AddStar(const sql::Star& star) {
  std::set<std::string> gone;
  for (const sql::Name& name : star.except) gone.insert(block_.Key(name));
  for (const sql::SelectItem* each : star.replace) gone.insert(block_.Key(each->alias));
  std::map<std::string, std::string> renamed;
  for (const sql::SelectItem* each : star.rename) {
    if (const auto* from = sql::As<sql::Column>(each->expr)) {
      renamed[block_.Key(from->parts.back())] = block_.Key(each->alias);
    }
  }
  const bool changed = star.base != nullptr || star.ilike != nullptr || !star.apply.empty();
  bool open_before = false;
  std::set<std::string> shown_once;  // columns of USING
  for (size_t i = 0; i < block_.items.size(); ++i) {
    const Item& item = block_.items[i];
    if (!star.qualifier.empty() && item.key != block_.Key(star.qualifier.back())) continue;
    for (const std::string& column : item.rows.columns) {
      if (column == "*") {
        outputs_.push_back({"*", std::nullopt, nullptr, false});
        continue;
      }
      const bool shared = star.qualifier.empty() && block_.merged.count(column) > 0;
      if (shared && !shown_once.insert(column).second) continue;
      const auto other = renamed.find(column);
      const std::string name = other == renamed.end() ? column : other->second;
      std::optional<Ref> ref;
      if (gone.count(column) == 0 && !changed)
        ref = shared ? block_.merged.at(column) : Ref{i, column};
      // An excepted column is not there; one of REPLACE is, with another value.
      const bool replaced = std::any_of(
          star.replace.begin(), star.replace.end(),
          [&](const sql::SelectItem* each) { return block_.Key(each->alias) == column; });
      if (gone.count(column) > 0 && !replaced) continue;
      outputs_.push_back({name, ref, nullptr, false});
    }
    if (item.rows.IsOpen() && gone.empty() && renamed.empty() && !changed && !open_before) {
      // Keys of a relation whose columns are not known come through all the same.
      std::set<std::string> columns;
      for (const ColumnKey& key : item.rows.keys)
        columns.insert(key.columns.begin(), key.columns.end());
      for (const auto& [column, unused] : item.rows.ranked) columns.insert(column);
      for (const std::string& column : columns) {
        if (!item.rows.Has(column)) outputs_.push_back({column, Ref{i, column}, nullptr, true});
      }
    }
    open_before = open_before || item.rows.IsOpen();
  }
}

void Projection::AddItem(const sql::SelectItem& item) {
  if (const auto* star = sql::As<sql::Star>(item.expr)) return AddStar(*star);
  if (item.expr != nullptr && item.expr->kind == Kind::kColumnsMacro) {
    outputs_.push_back({"*", std::nullopt, nullptr, false});
    return;
  }
  const auto* column = sql::As<sql::Column>(item.expr);
  std::string name = !item.alias.empty() ? block_.Key(item.alias)
                     : column != nullptr ? block_.Key(column->parts.back())
                                         : std::string();
  outputs_.push_back({std::move(name), block_.Resolve(item.expr), item.expr, false});
}

bool Projection::IsUnlike(const std::string& name) const {
  if (name.empty() || name == "*") return false;
  return std::count_if(outputs_.begin(), outputs_.end(),
                       [&](const Output& output) { return output.name == name; }) == 1;
}

std::string Projection::NameOf(const Ref& ref) const {
  for (const Output& output : outputs_) {
    if (output.ref && block_.same.Same(*output.ref, ref) && IsUnlike(output.name))
      return output.name;
  }
  return {};
}

std::optional<ColumnKey> Projection::Renamed(const RefKey& key) const {
  ColumnKey out;
  out.nulls_repeat = key.nulls_repeat;
  for (const Ref& ref : key.refs) {
    if (block_.same.IsFixed(ref, key.nulls_repeat)) continue;
    std::string name = NameOf(ref);
    if (name.empty()) return std::nullopt;
    out.columns.insert(std::move(name));
  }
  return out;
}

// A key of output columns, of which those in `refs` are columns of FROM.
std::optional<ColumnKey> Projection::KeyOf(const std::vector<std::string>& names,
                                           const RefSet& refs) const {
  RefKey plain;
  plain.refs = refs;
  std::optional<ColumnKey> key = Renamed(Minimized(plain, Rows(), block_.same));
  if (!key) return std::nullopt;
  for (const std::string& name : names) {
    if (!IsUnlike(name)) return std::nullopt;
    key->columns.insert(name);
  }
  return key;
}

// What an item of GROUP BY is: a column of FROM (then `ref`), or an output column.
std::string Projection::NameOfGrouped(const sql::Node* node, std::optional<Ref>& ref) const {
  const auto* literal = sql::As<sql::Literal>(node);
  if (literal != nullptr && literal->form == sql::Literal::Form::kNumber) {
    size_t ordinal = 0;
    std::from_chars(literal->text.data(), literal->text.data() + literal->text.size(), ordinal);
    for (size_t i = 0; i < outputs_.size() && i < ordinal; ++i) {
      if (outputs_[i].name == "*" || outputs_[i].hidden) return {};
    }
    if (ordinal < 1 || ordinal > outputs_.size()) return {};
    ref = outputs_[ordinal - 1].ref;
    return outputs_[ordinal - 1].name;
  }
  const auto* column = sql::As<sql::Column>(node);
  if (column != nullptr && column->parts.size() == 1) {
    const std::string name = block_.Key(column->parts[0]);
    const bool alias = rules_.alias_in_group_by && IsUnlike(name);
    if (alias && (rules_.group_by_alias_first || rules_.alias_wins || !block_.MayBeColumn(name)))
      return name;
  }
  if ((ref = block_.Resolve(node))) return {};
  // An expression that is also an item of the list.
  for (const Output& output : outputs_) {
    if (output.expr != nullptr && column == nullptr &&
        sql_.Text(*output.expr) == sql_.Text(*node)) {
      return output.name;
    }
  }
  return {};
}

void Projection::Group(RowSet& out) const {
  const sql::GroupBy& group = *select_.group_by;
  if (group.items.empty() && !group.all) {
    out.single_row = true;
    return;
  }
  if (!group.with_.empty()) return;
  std::vector<std::string> names;
  RefSet refs;
  if (group.all) {
    for (const Output& output : outputs_) {
      if (output.expr != nullptr && HasAggregate(output.expr, sql_.dialect())) continue;
      if (output.hidden) continue;
      if (output.ref) {
        refs.insert(*output.ref);
      } else {
        names.push_back(output.name);
      }
    }
  }
  for (const sql::Node* node : group.items) {
    std::optional<Ref> ref;
    const std::string name = NameOfGrouped(node, ref);
    if (ref) {
      refs.insert(*ref);
    } else if (name.empty()) {
      return;
    } else {
      names.push_back(name);
    }
  }
  if (std::optional<ColumnKey> key = KeyOf(names, refs)) out.keys.push_back(std::move(*key));
}

// The partition of a row number, with the number itself (`extra`) or, where it is one, without.
void Projection::AddPartitionKey(const sql::Call& rank, RowSet& out,
                                 const std::string& extra) const {
  RefSet refs;
  std::vector<std::string> names;
  if (!extra.empty()) names.push_back(extra);
  for (const sql::Expr* each : rank.over->partition_by) {
    std::optional<Ref> ref;
    const std::string name = NameOfGrouped(each, ref);
    if (ref) {
      refs.insert(*ref);
    } else if (name.empty()) {
      return;
    } else {
      names.push_back(name);
    }
  }
  std::optional<ColumnKey> key = KeyOf(names, refs);
  if (!key) return;
  if (key->columns.empty()) {
    out.single_row = true;
  } else {
    out.keys.push_back(std::move(*key));
  }
}

void Projection::Rank(RowSet& out, const std::set<size_t>& joins) const {
  for (const Output& output : outputs_) {
    if (output.ref && IsUnlike(output.name)) {
      const RowSet& rows = block_.items[output.ref->item].rows;
      if (const auto rank = rows.ranked.find(output.ref->column); rank != rows.ranked.end()) {
        out.ranked[output.name].insert(rank->second.begin(), rank->second.end());
      }
    }
    const sql::Call* rank = output.expr != nullptr ? AsRowNumber(output.expr) : nullptr;
    if (rank == nullptr || !IsUnlike(output.name)) continue;
    out.ranked[output.name].insert(joins.begin(), joins.end());
    AddPartitionKey(*rank, out, output.name);
  }
}

// QUALIFY row_number() over (partition by a) = 1, or by the alias of it.
void Projection::Qualify(RowSet& out, Part& part, bool grouped) const {
  if (select_.qualify == nullptr) return;
  for (const Condition& condition : block_.Conditions(select_.qualify)) {
    const auto* binary = sql::As<sql::Binary>(condition.expr);
    if (binary == nullptr || binary->op != "=" || binary->operands.size() != 2) continue;
    for (size_t side = 0; side < 2; ++side) {
      if (!IsOne(binary->operands[1 - side])) continue;
      const sql::Expr* mine = binary->operands[side];
      const sql::Call* rank = AsRowNumber(mine);
      const auto* column = sql::As<sql::Column>(mine);
      if (column != nullptr && column->parts.size() == 1 && rules_.alias_in_qualify) {
        const std::string name = block_.Key(column->parts[0]);
        for (const Output& output : outputs_) {
          if (output.name == name && output.expr != nullptr && IsUnlike(name))
            rank = AsRowNumber(output.expr);
        }
      }
      if (rank == nullptr) continue;
      AddPartitionKey(*rank, out, "");
      RefKey key;
      const bool plain = std::all_of(rank->over->partition_by.begin(),
                                     rank->over->partition_by.end(), [&](const sql::Expr* each) {
                                       const std::optional<Ref> ref = block_.Resolve(each);
                                       if (ref) key.refs.insert(*ref);
                                       return ref.has_value();
                                     });
      if (plain && !grouped) part.keys.push_back(std::move(key));
    }
  }
}

void Projection::Distinct(RowSet& out) const {
  using Distinct = sql::Select::Distinct;
  if (select_.distinct == Distinct::kNone) return;
  std::vector<std::string> names;
  RefSet refs;
  if (select_.distinct == Distinct::kDistinct) {
    for (const Output& output : outputs_) {
      if (output.hidden) continue;
      if (output.ref) {
        refs.insert(*output.ref);
      } else {
        names.push_back(output.name);
      }
    }
  } else {
    for (const sql::Expr* expr : select_.distinct_on) {
      std::optional<Ref> ref;
      const std::string name = NameOfGrouped(expr, ref);
      if (ref) {
        refs.insert(*ref);
      } else if (name.empty()) {
        return;
      } else {
        names.push_back(name);
      }
    }
  }
  if (std::optional<ColumnKey> key = KeyOf(names, refs)) out.keys.push_back(std::move(*key));
}

RowSet Projection::Run(Part part, const std::set<size_t>& joins) {
  RowSet out;
  bool gives_rows = false, aggregates = false;
  for (const Output& output : outputs_) {
    if (!output.hidden) out.columns.push_back(output.name);
    if (output.expr == nullptr) continue;
    gives_rows = gives_rows || MayGiveRows(output.expr, sql_.dialect());
    aggregates = aggregates || HasAggregate(output.expr, sql_.dialect());
    const auto* literal = sql::As<sql::Literal>(output.expr);
    const bool constant = literal != nullptr && literal->form != sql::Literal::Form::kNull &&
                          literal->form != sql::Literal::Form::kKeyword;
    if (constant) out.constants[out.columns.size() - 1] = ToLower(literal->text);
  }
  const bool grouped = select_.group_by != nullptr;
  Qualify(out, part, grouped);
  if (grouped) {
    Group(out);
  } else if (aggregates ||
             (select_.having != nullptr && HasAggregate(select_.having, sql_.dialect()))) {
    out.single_row = true;
  } else {
    Reduce(part, block_.same);
    out.single_row = out.single_row || part.single_row;
    for (const RefKey& key : part.keys) {
      if (std::optional<ColumnKey> renamed = Renamed(key)) out.keys.push_back(std::move(*renamed));
    }
  }
  Rank(out, joins);
  if (gives_rows || select_.connect_by != nullptr || select_.as != sql::Select::As::kColumns) {
    out.keys.clear();
    out.single_row = false;
    out.ranked.clear();
  }
  Distinct(out);
  const sql::Limit* top = select_.top;
  if (top != nullptr && IsOne(top->count) && !top->with_ties && !top->percent)
    out.single_row = true;
  if (!select_.unknown.empty()) {
    out.keys.clear();
    out.single_row = false;
    out.known = false;
  }
  return out;
}

}  // namespace

RowSet Project(const sql::ParsedSql& sql, const NameRules& rules, const sql::Select& select,
               const Block& block, Part part, const std::set<size_t>& joins) {
  return Projection(sql, rules, select, block).Run(std::move(part), joins);
}

}  // namespace layergate::lineage::fanout

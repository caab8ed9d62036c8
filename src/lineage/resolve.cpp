// Which column a name means.
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "core/text.h"
#include "lineage/analyzer.h"
#include "lineage/shape.h"

namespace layergate::lineage {

namespace {

bool SameFlow(const FlowColumn& a, const FlowColumn& b) {
  if (a.deps == b.deps) return true;
  if (a.deps->size() != b.deps->size()) return false;
  return std::equal(a.deps->begin(), a.deps->end(), b.deps->begin(),
                    [](const Dep& x, const Dep& y) {
                      return x.leaf == y.leaf && x.subtype == y.subtype && x.masking == y.masking;
                    });
}

bool IsJsonType(std::string_view type) {
  static constexpr std::string_view kTypes[] = {"json", "jsonb", "object", "super", "variant"};
  return std::any_of(std::begin(kTypes), std::end(kTypes),
                     [&](std::string_view each) { return EqualsIgnoreCase(each, type); });
}

}  // namespace

std::span<const uint32_t> RelationFlow::Find(std::string_view key) const {
  const auto key_of = [this](uint32_t index) { return std::string_view(*columns[index].key); };
  if (!indexed_) {
    for (size_t i = 0; i < columns.size(); ++i) {
      if (*columns[i].name != "*") by_key_.push_back(static_cast<uint32_t>(i));
    }
    std::sort(by_key_.begin(), by_key_.end(), [&](uint32_t a, uint32_t b) {
      const int order = key_of(a).compare(key_of(b));
      return order != 0 ? order < 0 : a < b;
    });
    indexed_ = true;
  }
  const auto first =
      std::lower_bound(by_key_.begin(), by_key_.end(), key,
                       [&](uint32_t index, std::string_view k) { return key_of(index) < k; });
  auto last = first;
  while (last != by_key_.end() && key_of(*last) == key) ++last;
  return {first, last};
}

FlowColumn Analyzer::ResolveColumn(const sql::Column& column, Scope& scope) {
  const auto known = resolved_.find(&column);
  if (known != resolved_.end()) return known->second;
  FlowColumn out;
  if (!ResolveParts(column.parts, column.span, &scope, out)) {
    out = Unresolved(column.parts, column.span);
  }
  out.span = column.span;
  resolved_[&column] = out;
  return out;
}

bool Analyzer::ResolveParts(sql::Names parts, Span span, Scope* scope, FlowColumn& out) {
  if (parts.size() == 1) return ResolveName(parts[0], span, scope, out, true);
  for (Scope* at = scope; at != nullptr; at = at->parent) {
    if (ResolveQualified(parts, span, *at, out)) return true;
  }
  // column.field of an open relation: nothing in sight bears the qualifier's name.
  FlowColumn base;
  if (!ResolveName(parts[0], span, scope, base, false)) return false;
  for (size_t i = 1; i < parts.size(); ++i) base = FieldOf(base, parts[i], span, false);
  out = base;
  return true;
}

bool Analyzer::AliasVisible(const Scope& scope, const std::string& key, size_t& index) const {
  if (scope.select == nullptr) return false;
  const auto found = scope.aliases.find(key);
  if (found == scope.aliases.end()) return false;
  index = found->second;
  using Visibility = NameRules::Visibility;
  switch (scope.clause) {
    case Clause::kSelect:
      if (rules_.select_alias == Visibility::kNone) return false;
      if (index == scope.current_item) return false;
      return rules_.select_alias == Visibility::kAnywhere || index < scope.current_item;
    case Clause::kFrom:
      return rules_.alias_in_join;
    case Clause::kWhere:
      return rules_.alias_in_where;
    case Clause::kGroupBy:
      return rules_.alias_in_group_by;
    case Clause::kHaving:
      return rules_.alias_in_having;
    case Clause::kQualify:
      return rules_.alias_in_qualify;
    case Clause::kOrderBy:
      return rules_.order_by_alias_in_expressions;
  }
  return false;
}

// The item of the SELECT list that is a column of that name; SIZE_MAX: none, or several.
size_t Analyzer::ItemOf(const Scope& scope, const std::string& key) const {
  size_t found = SIZE_MAX;
  for (size_t i = 0; scope.select != nullptr && i < scope.select->items.size(); ++i) {
    const sql::SelectItem& item = *scope.select->items[i];
    const auto* column = sql::As<sql::Column>(item.expr);
    if (column == nullptr || !item.alias.empty() || Key(column->parts.back()) != key) continue;
    if (found != SIZE_MAX) return SIZE_MAX;
    found = i;
  }
  return found;
}

FlowColumn Analyzer::LeafColumn(const RelationFlow& relation, const sql::Name& name, Span span) {
  const std::string shown = ShownName(rules_, name.text, name.quoted);
  const LeafId leaf = flows_.Intern(relation.base, shown);
  return MakeColumn(shown, Key(name), flows_.Keep({{leaf, Subtype::kIdentity, false, span}}),
                    Status::kExact, relation.label + "." + shown, span);
}

// The column of that name in one relation. `may_have`: it has none that is known, but it is open.
bool Analyzer::ColumnOf(const FromItem& item, const sql::Name& name, Span span, FlowColumn& out,
                        bool& may_have) {
  const RelationFlow& relation = *item.relation;
  const std::span<const uint32_t> found = relation.Find(Key(name));
  may_have = false;
  if (found.size() == 1) {
    out = ThroughItem(item, relation.columns[found[0]]);
    return true;
  }
  // A schema's author may have folded a name in another way than the warehouse does: the one column
  // that differs in case alone is meant, since nothing else could be.
  if (found.empty() && !relation.base.empty() && !relation.open &&
      rules_.compare == NameRules::Compare::kFoldUnquoted &&
      (relation.exact_names || name.quoted)) {
    const FlowColumn* only = nullptr;
    size_t alike = 0;
    for (const FlowColumn& column : relation.columns) {
      if (!EqualsIgnoreCase(*column.key, name.text)) continue;
      only = &column;
      ++alike;
    }
    if (alike == 1) {
      out = ThroughItem(item, *only);
      return true;
    }
  }
  if (found.size() > 1) {
    std::vector<FlowColumn> options;
    for (const uint32_t index : found) {
      options.push_back(ThroughItem(item, relation.columns[index]));
    }
    out = Choices(std::move(options), span, name.text);
    return true;
  }
  if (relation.value != nullptr && relation.open) {
    out = FieldOf(ThroughItem(item, *relation.value), name, span, false);
    may_have = true;
    return false;
  }
  if (!relation.open) return false;
  may_have = true;
  if (!relation.base.empty()) {
    out = ThroughItem(item, LeafColumn(relation, name, span));
    return false;
  }
  // A star over something unknown: the column may have come through it.
  Gathered all;
  for (const FlowColumn& column : relation.columns) {
    if (*column.name != "*") continue;
    all.deps.Add(*column.deps, Subtype::kIdentity, false, span);
  }
  const std::string shown = ShownName(rules_, name.text, name.quoted);
  // What comes through a star of base tables bears its name: show that, and say that it is unknown.
  DepSet set = all.deps.Take();
  for (Dep& dep : set) {
    const Leaf leaf = flows_.leaf(dep.leaf);
    if (leaf.column == "*") dep.leaf = flows_.Intern(leaf.relation, shown);
  }
  // Through one star of one base table, the column can only be that table's column of that name.
  Status status = Status::kUnknown;
  size_t stars = 0;
  bool of_base_tables = true;
  for (const FlowColumn& column : relation.columns) {
    if (*column.name != "*") continue;
    ++stars;
    of_base_tables = of_base_tables && column.deps->size() == 1 && column.from_star;
  }
  if (of_base_tables && stars > 0) status = stars == 1 ? Status::kExact : Status::kCandidates;
  out = MakeColumn(shown, Key(name), flows_.Keep(std::move(set)), status,
                   relation.label + "." + shown, span);
  out = ThroughItem(item, out);
  return false;
}

// Several things that a name may mean.
FlowColumn Analyzer::Choices(std::vector<FlowColumn> options, Span span, std::string_view name) {
  bool same = true;
  for (const FlowColumn& option : options) same = same && SameFlow(option, options.front());
  if (same) {
    FlowColumn out = options.front();
    for (const FlowColumn& option : options) out.status = Worse(out.status, option.status);
    return out;
  }
  Gathered all;
  Status status = Status::kCandidates;
  for (const FlowColumn& option : options) {
    all.deps.Add(*option.deps, Subtype::kIdentity, false, span);
    status = Worse(status, option.status);
  }
  Diagnose("ambiguous_column",
           "\"" + std::string(name) +
               "\" can mean more than one column; qualify it, or give the "
               "schemas",
           span);
  FlowColumn out = options.front();
  out.deps = flows_.Keep(all.deps.Take());
  out.status = status;
  out.shape = nullptr;
  out.text = Keep("?" + *out.text);
  return out;
}

// One block: known columns, then aliases, then relations that may have it. True when `out` is the
// answer; otherwise `maybe` holds what it could be here.
bool Analyzer::ResolveHere(const sql::Name& name, Span span, Scope& scope, FlowColumn& out,
                           std::vector<FlowColumn>& maybe) {
  const std::string key = Key(name);
  for (const std::string& parameter : scope.parameters) {
    if (parameter != key) continue;
    out = MakeColumn(name.text, key, flows_.none(), Status::kExact, ToLower(name.text), span);
    return true;
  }
  size_t alias = 0;
  const bool has_alias = AliasVisible(scope, key, alias);
  const bool grouped = scope.clause == Clause::kHaving || scope.clause == Clause::kQualify ||
                       scope.clause == Clause::kOrderBy;
  // Outside of aggregates HAVING sees grouping columns only: another of that name is not meant.
  const bool not_grouped = rules_.having_sees_grouped_only && scope.clause == Clause::kHaving &&
                           aggregates_ == 0 && scope.grouped.count(key) == 0;
  const bool alias_wins =
      rules_.alias_wins || (rules_.alias_wins_after_grouping && grouped) || not_grouped;
  if (has_alias && alias_wins && scope.item_state[alias] != 1) {
    out = Item(scope, alias);
    return true;
  }
  const auto extra = scope.extra.find(key);
  if (extra != scope.extra.end()) {
    out = extra->second;
    return true;
  }
  const auto merged = scope.merged.find(key);
  if (merged != scope.merged.end()) {
    out = merged->second;
    return true;
  }
  std::vector<FlowColumn> found, open;
  for (const uint32_t at : MayHave(scope, key, name.quoted)) {
    const FromItem& item = scope.items[at];
    if (item.gone || item.hidden) continue;
    FlowColumn column;
    bool may_have = false;
    if (ColumnOf(item, name, span, column, may_have)) {
      found.push_back(column);
    } else if (may_have) {
      open.push_back(column);
    }
  }
  if (!found.empty()) {
    // In BigQuery the relation of that name may be meant all the same.
    const FromItem* row =
        dialect_ == sql::Dialect::kBigQuery ? FindItem(scope, std::span(&key, 1)) : nullptr;
    if (row != nullptr && row->relation->value == nullptr) found.push_back(WholeRow(*row, span));
    // MySQL and MariaDB mean what the SELECT list has, where several relations have the name.
    const bool listed = (scope.clause == Clause::kHaving || scope.clause == Clause::kGroupBy) &&
                        found.size() > 1 &&
                        (dialect_ == sql::Dialect::kMySql || dialect_ == sql::Dialect::kMariaDb);
    const size_t item = !listed ? SIZE_MAX : has_alias ? alias : ItemOf(scope, key);
    if (item != SIZE_MAX && scope.item_state[item] != 1) {
      out = Item(scope, item);
      return true;
    }
    out = found.size() == 1 ? found.front() : Choices(std::move(found), span, name.text);
    return true;
  }
  // The name of a relation stands for its row, when no column that is known bears it.
  if (const FromItem* item = FindItem(scope, std::span(&key, 1))) {
    if (item->relation->value != nullptr) {
      out = ThroughItem(*item, *item->relation->value);
      return true;
    }
    if (HasWholeRows() && dialect_ != sql::Dialect::kPostgres) {
      if (open.empty() || dialect_ == sql::Dialect::kBigQuery) {
        out = WholeRow(*item, span);
        return true;
      }
      open.push_back(WholeRow(*item, span));
    }
  }
  if (has_alias && scope.item_state[alias] != 1) {
    if (open.empty()) {
      out = Item(scope, alias);
      return true;
    }
    open.push_back(Item(scope, alias));
  }
  if (open.empty()) return false;
  maybe.insert(maybe.end(), open.begin(), open.end());
  return false;
}

// ClickHouse WITH expr AS name: the expression, as if it stood where the name is read.
bool Analyzer::ResolveScalar(const std::string& key, Scope* from, FlowColumn& out) {
  for (Scope* scope = from; scope != nullptr; scope = scope->parent) {
    const auto found = scope->scalars.find(key);
    if (found == scope->scalars.end() || found->second == nullptr) {
      if (dialect_ == sql::Dialect::kClickHouse) continue;  // there the name wins over columns
      const bool column =
          std::any_of(scope->items.begin(), scope->items.end(), [&](const FromItem& item) {
            return item.relation->open || !item.relation->Find(key).empty();
          });
      if (column) return false;
      continue;
    }
    const sql::Cte* cte = std::exchange(found->second, nullptr);
    // What its names mean depends on who reads it: nothing that is remembered holds here.
    auto resolved = std::exchange(resolved_, {});
    auto subqueries = std::exchange(subqueries_, {});
    out = NamedColumn(cte->name, Evaluate(cte->scalar, *from));
    resolved_ = std::move(resolved);
    subqueries_ = std::move(subqueries);
    scope->scalars[key] = cte;
    return true;
  }
  return false;
}

bool Analyzer::ResolveName(const sql::Name& name, Span span, Scope* from, FlowColumn& out,
                           bool fields) {
  (void)fields;
  const std::string lower = ToLower(name.text);
  if (!name.quoted && IsReserved(lower)) {
    out = MakeColumn(lower, lower, flows_.none(), Status::kExact, lower, span);
    return true;
  }
  const bool scalars = dialect_ == sql::Dialect::kClickHouse || dialect_ == sql::Dialect::kBigQuery;
  if (scalars && ResolveScalar(Key(name), from, out)) return true;
  std::vector<FlowColumn> maybe;
  for (Scope* scope = from; scope != nullptr; scope = scope->parent) {
    const size_t before = maybe.size();
    FlowColumn found;
    if (ResolveHere(name, span, *scope, found, maybe)) {
      if (maybe.empty()) {
        out = found;
        return true;
      }
      maybe.push_back(found);
      break;
    }
    (void)before;
  }
  // PostgreSQL looks for columns in all blocks before it thinks of rows.
  for (Scope* scope = dialect_ == sql::Dialect::kPostgres ? from : nullptr; scope != nullptr;
       scope = scope->parent) {
    const FromItem* item = FindItem(*scope, std::array{Key(name)});
    if (item == nullptr) continue;
    maybe.push_back(WholeRow(*item, span));
    break;
  }
  if (!name.quoted && IsNiladic(lower)) {
    out = MakeColumn(lower, lower, flows_.none(), Status::kExact, lower, span);
    return true;
  }
  if (!maybe.empty()) {
    out = maybe.size() == 1 ? maybe.front() : Choices(std::move(maybe), span, name.text);
    return true;
  }
  if (IsPseudoColumn(lower)) {
    for (Scope* scope = from; scope != nullptr; scope = scope->parent) {
      std::vector<FlowColumn> options;
      for (const FromItem& item : scope->items) {
        if (item.gone || item.relation->base.empty()) continue;
        options.push_back(ThroughItem(item, LeafColumn(*item.relation, name, span)));
      }
      if (options.empty()) continue;
      out = Choices(std::move(options), span, name.text);
      return true;
    }
  }
  if (name.quoted && rules_.unresolvable_quoted_is_string) {
    const std::string text = "'" + std::string(name.text) + "'";
    out = MakeColumn(text, text, flows_.none(), Status::kExact, text, span);
    return true;
  }
  return false;
}

// The entry that a qualifier means; nullptr when there is none.
const FromItem* Analyzer::FindItem(const Scope& scope, std::span<const std::string> keys) const {
  if (keys.empty()) return nullptr;
  ScopeIndex& index = scope.index;
  for (; index.named < scope.items.size(); ++index.named) {
    const FromItem& item = scope.items[index.named];
    const bool aliased = !item.alias.empty();
    if (!aliased && item.parts.empty()) continue;
    const std::string& name = aliased ? item.alias : item.parts.back();
    index.by_name[name].push_back(static_cast<uint32_t>(index.named));
  }
  const auto named = index.by_name.find(keys.back());
  if (named == index.by_name.end()) return nullptr;
  for (const uint32_t at : named->second) {
    const FromItem& item = scope.items[at];
    if (item.gone) continue;
    if (!item.alias.empty()) {
      if (keys.size() == 1) return &item;
      continue;
    }
    if (keys.size() > item.parts.size()) continue;
    if (std::equal(keys.rbegin(), keys.rend(), item.parts.rbegin())) return &item;
  }
  return nullptr;
}

// The entries of FROM that have a column of that name, or may have one; all where they are few.
std::vector<uint32_t> Analyzer::MayHave(const Scope& scope, const std::string& key,
                                        bool quoted) const {
  constexpr size_t kFew = 8;
  std::vector<uint32_t> out;
  const bool in_any_case = quoted && rules_.compare == NameRules::Compare::kFoldUnquoted;
  if (scope.items.size() <= kFew || in_any_case) {
    for (size_t i = 0; i < scope.items.size(); ++i) out.push_back(static_cast<uint32_t>(i));
    return out;
  }
  ScopeIndex& index = scope.index;
  for (; index.listed < scope.items.size(); ++index.listed) {
    const auto at = static_cast<uint32_t>(index.listed);
    const RelationFlow& relation = *scope.items[at].relation;
    // Names of a table may be meant though they differ in case.
    if (relation.open || relation.value != nullptr || relation.exact_names) {
      index.open.push_back(at);
      continue;
    }
    for (const FlowColumn& column : relation.columns) {
      std::vector<uint32_t>& places = index.by_column[*column.key];
      if (places.empty() || places.back() != at) places.push_back(at);
    }
  }
  const auto found = index.by_column.find(key);
  if (found != index.by_column.end()) out = found->second;
  out.insert(out.end(), index.open.begin(), index.open.end());
  std::sort(out.begin(), out.end());
  return out;
}

bool Analyzer::ResolveQualified(sql::Names parts, Span span, Scope& scope, FlowColumn& out) {
  std::vector<std::string> keys;
  for (const sql::Name& part : parts) keys.push_back(Key(part));
  // A lambda's parameter with fields.
  for (const std::string& parameter : scope.parameters) {
    if (parameter != keys[0]) continue;
    out = MakeColumn(parts.back().text, keys.back(), flows_.none(), Status::kExact,
                     ToLower(parts.back().text), span);
    return true;
  }
  std::vector<FlowColumn> options;
  for (size_t qualifier = 1; qualifier < parts.size() && qualifier <= 4; ++qualifier) {
    const FromItem* item = FindItem(scope, std::span(keys).first(qualifier));
    if (item == nullptr) continue;
    FlowColumn column;
    bool may_have = false;
    bool found = ColumnOf(*item, parts[qualifier], span, column, may_have) || may_have;
    if (!found && item->relation->value != nullptr && dialect_ == sql::Dialect::kDuckDb &&
        keys[qualifier] == "unnest") {
      // What the column of `unnest(a) AS u` was called before it was called u.
      column = ThroughItem(*item, *item->relation->value);
      found = true;
    } else if (!found && item->relation->value != nullptr) {
      column = FieldOf(ThroughItem(*item, *item->relation->value), parts[qualifier], span, false);
      found = column.status != Status::kUnknown;
    }
    if (!found && IsPseudoColumn(ToLower(parts[qualifier].text)) && !item->relation->base.empty()) {
      column = ThroughItem(*item, LeafColumn(*item->relation, parts[qualifier], span));
      found = true;
    }
    if (!found) continue;
    for (size_t i = qualifier + 1; i < parts.size(); ++i) {
      column = FieldOf(column, parts[i], span, false);
    }
    options.push_back(column);
  }
  // column.field, where a known column bears the first name.
  std::vector<FlowColumn> columns;
  const auto extra = scope.extra.find(keys[0]);
  if (extra != scope.extra.end()) columns.push_back(extra->second);
  const auto merged = scope.merged.find(keys[0]);
  if (merged != scope.merged.end()) columns.push_back(merged->second);
  for (const uint32_t at : MayHave(scope, keys[0], false)) {
    const FromItem& item = scope.items[at];
    if (item.gone || item.hidden || merged != scope.merged.end()) continue;
    const std::span<const uint32_t> found = item.relation->Find(keys[0]);
    // UNNEST(a) AS x: the relation x is its own column x.
    if (item.alias == keys[0] && !options.empty()) continue;
    for (const uint32_t index : found) {
      columns.push_back(ThroughItem(item, item.relation->columns[index]));
    }
  }
  size_t alias = 0;
  if (columns.empty() && options.empty() && AliasVisible(scope, keys[0], alias) &&
      scope.item_state[alias] != 1) {
    columns.push_back(Item(scope, alias));
  }
  if (!options.empty()) {
    // A column that could be a struct, named like the relation: both bind. Spark takes the
    // relation's column before it thinks of fields.
    const bool relation_wins =
        dialect_ == sql::Dialect::kDatabricks || dialect_ == sql::Dialect::kSpark;
    for (const FlowColumn& column : columns) {
      if (relation_wins || ShapeOf(column) == nullptr) continue;
      FlowColumn field = column;
      bool known = true;
      ++quiet_;
      for (size_t i = 1; i < parts.size() && known; ++i) {
        field = FieldOf(field, parts[i], span, false);
        known = field.status != Status::kUnknown;
      }
      --quiet_;
      if (known) options.push_back(field);
    }
    out = options.size() == 1 ? options.front()
                              : Choices(std::move(options), span, parts.back().text);
    return true;
  }
  if (columns.empty()) return false;
  if (columns.size() > 1) {
    out = Choices(std::move(columns), span, parts[0].text);
  } else {
    out = columns.front();
  }
  for (size_t i = 1; i < parts.size(); ++i) out = FieldOf(out, parts[i], span, false);
  return true;
}

const Shape* Analyzer::ShapeOf(const FlowColumn& column) {
  if (column.shape != nullptr) return column.shape;
  if (column.type == nullptr || column.type->empty() || column.deps->size() != 1) return nullptr;
  const Dep dep = column.deps->front();
  const Leaf leaf = flows_.leaf(dep.leaf);
  const auto make = [&](const TypeTree& type, const std::string& path, Subtype use,
                        const auto& self) -> FlowColumn {
    FlowColumn out;
    const LeafId id = flows_.Intern(leaf.relation, leaf.column, path);
    const std::string name = path.substr(path.rfind('.') + 1);
    const Subtype subtype = Compose(dep.subtype, use);
    out = MakeColumn(ShownName(rules_, name, false), NameKey(rules_, name, false),
                     flows_.Keep({{id, subtype, dep.masking, column.span}}), column.status,
                     *column.text + "." + path, column.span);
    if (type.kind == TypeTree::Kind::kScalar) return out;
    shapes_.emplace_back();
    Shape& shape = shapes_.back();
    if (type.kind == TypeTree::Kind::kArray) {
      values_.push_back(self(type.children[0], path, Subtype::kTransformation, self));
      shape.element = &values_.back();
    } else {
      for (size_t i = 0; i < type.children.size(); ++i) {
        const std::string field = path.empty() ? type.names[i] : path + "." + type.names[i];
        FlowColumn made = self(type.children[i], ToLower(field), use, self);
        made.name = Keep(ShownOutput(rules_, type.names[i], false));
        made.key = Keep(NameKey(rules_, type.names[i], false));
        shape.fields.push_back(made);
      }
    }
    out.shape = &shape;
    return out;
  };
  const TypeTree type = ParseTypeTree(*column.type);
  if (type.kind == TypeTree::Kind::kScalar) return nullptr;
  return make(type, std::string(leaf.field), Subtype::kIdentity, make).shape;
}

FlowColumn Analyzer::FieldOf(const FlowColumn& base, const sql::Name& name, Span span, bool json) {
  const std::string key = Key(name);
  const Shape* shape = json ? nullptr : ShapeOf(base);
  if (base.type != nullptr) json = json || IsJsonType(*base.type);
  // Keys of documents keep their case. (Databricks folds those of texts, not those of VARIANT.)
  const std::string written(name.text);
  const bool folds = !json || dialect_ == sql::Dialect::kDatabricks;
  const std::string shown = folds ? ShownName(rules_, name.text, name.quoted) : written;
  // An object that was built in the text: its keys are known.
  if (json && base.shape != nullptr && base.shape->element == nullptr) {
    for (const FlowColumn& field : base.shape->fields) {
      if (*field.key != name.text) continue;
      FlowColumn out = field;
      DepBuilder deps;
      deps.Add(*field.deps, Subtype::kTransformation, false, span);
      out.deps = flows_.Keep(deps.Take());
      out.status = Worse(out.status, base.status);
      return out;
    }
  }
  if (shape != nullptr && shape->element == nullptr) {
    // ClickHouse: tuple.1 is the first.
    size_t place = 0;
    if (dialect_ == sql::Dialect::kClickHouse) {
      std::from_chars(name.text.data(), name.text.data() + name.text.size(), place);
    }
    if (place > 0 && place <= shape->fields.size()) {
      FlowColumn out = shape->fields[place - 1];
      out.status = Worse(out.status, base.status);
      return out;
    }
    for (const FlowColumn& field : shape->fields) {
      if (*field.key == key || EqualsIgnoreCase(*field.name, name.text)) {
        FlowColumn out = field;
        out.status = Worse(out.status, base.status);
        return out;
      }
    }
    FlowColumn out =
        MakeColumn(shown, key, base.deps, Status::kUnknown, *base.text + "." + shown, span);
    Diagnose("unresolved_field", "there is no field \"" + std::string(name.text) + "\"", span);
    return out;
  }
  const Subtype use = json ? Subtype::kTransformation : Subtype::kIdentity;
  const std::string text = *base.text + (json ? ":" + written : "." + shown);
  DepSet set;
  if (base.deps->size() == 1 && base.deps->front().subtype <= Subtype::kTransformation) {
    const Dep dep = base.deps->front();
    const Leaf leaf = flows_.leaf(dep.leaf);
    // Below a value that was computed the path means nothing for the base column.
    const bool passes = dep.subtype == Subtype::kIdentity || !leaf.field.empty();
    const std::string path = leaf.field.empty() ? shown : std::string(leaf.field) + "." + shown;
    set.push_back({passes ? flows_.Intern(leaf.relation, leaf.column, path) : dep.leaf,
                   Compose(dep.subtype, passes ? use : Subtype::kTransformation), dep.masking,
                   span});
  } else {
    DepBuilder builder;
    builder.Add(*base.deps, Subtype::kTransformation, false, span);
    set = builder.Take();
  }
  return MakeColumn(shown, key, flows_.Keep(std::move(set)), base.status, text, span);
}

FlowColumn Analyzer::ElementOf(const FlowColumn& base, Span span) {
  const Shape* shape = ShapeOf(base);
  if (shape != nullptr && shape->element != nullptr) {
    FlowColumn out = *shape->element;
    out.status = Worse(out.status, base.status);
    return out;
  }
  DepBuilder builder;
  builder.Add(*base.deps, Subtype::kTransformation, false, span);
  FlowColumn out = base;
  out.deps = flows_.Keep(builder.Take());
  out.shape = nullptr;
  out.type = nullptr;
  return out;
}

// Can the name of a relation stand for its row?
bool Analyzer::HasWholeRows() const {
  using sql::Dialect;
  return dialect_ == Dialect::kPostgres || dialect_ == Dialect::kRedshift ||
         dialect_ == Dialect::kDuckDb || dialect_ == Dialect::kBigQuery ||
         dialect_ == Dialect::kAnsi;
}

FlowColumn Analyzer::WholeRow(const FromItem& item, Span span) {
  Gathered all;
  shapes_.emplace_back();
  Shape& shape = shapes_.back();
  for (const FlowColumn& column : item.relation->columns) {
    all.deps.Add(*column.deps, Subtype::kIdentity, false, span);
    all.status = Worse(all.status, column.status);
    shape.fields.push_back(ThroughItem(item, column));
  }
  FlowColumn out = MakeColumn(item.alias, item.alias, flows_.Keep(all.deps.Take()), all.status,
                              "row" + RowText(shape.fields), span);
  if (!item.relation->open) out.shape = &shape;
  return out;
}

FlowColumn Analyzer::Unresolved(sql::Names parts, Span span) {
  std::string relation, shown;
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    if (i > 0) relation += '.';
    relation += ShownName(rules_, parts[i].text, parts[i].quoted);
  }
  if (!parts.empty()) shown = ShownName(rules_, parts.back().text, parts.back().quoted);
  Diagnose("unresolved_column",
           "no relation in sight has a column \"" + (relation.empty() ? "" : relation + ".") +
               shown + "\"",
           span);
  return MakeColumn(shown, shown, flows_.none(), Status::kUnknown,
                    relation.empty() ? shown : relation + "." + shown, span);
}

bool Analyzer::IsPseudoColumn(const std::string& lower) const {
  using sql::Dialect;
  const auto any_of = [&](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), lower) != names.end();
  };
  switch (dialect_) {
    case Dialect::kSnowflake:
      return lower.compare(0, 9, "metadata$") == 0 || lower == "rownum";
    case Dialect::kBigQuery:
      return any_of({"_partitiontime", "_partitiondate", "_table_suffix", "_file_name"});
    case Dialect::kDatabricks:
    case Dialect::kSpark:
      return lower == "_metadata";
    case Dialect::kPostgres:
    case Dialect::kRedshift:
      return any_of({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"});
    case Dialect::kDuckDb:
      return any_of({"rowid", "filename", "file_row_number"});
    case Dialect::kSqlite:
      return any_of({"rowid", "oid", "_rowid_"});
    case Dialect::kTrino:
      return any_of({"$path", "$file_size", "$partition"});
    case Dialect::kClickHouse:
      return any_of({"_part", "_path", "_file", "_table"});
    default:
      return false;
  }
}

bool Analyzer::IsNiladic(const std::string& lower) const {
  static constexpr std::string_view kNames[] = {
      "current_catalog",   "current_date", "current_role", "current_schema", "current_time",
      "current_timestamp", "current_user", "localtime",    "localtimestamp", "session_user",
      "sysdate",           "systimestamp", "system_user"};
  if (lower == "user") return dialect_ == sql::Dialect::kPostgres;
  return std::binary_search(std::begin(kNames), std::end(kNames), std::string_view(lower));
}

// Words that are no columns unless they are quoted, whatever columns there are.
bool Analyzer::IsReserved(const std::string& lower) const {
  using sql::Dialect;
  static constexpr std::string_view kTimes[] = {"current_date", "current_time",
                                                "current_timestamp"};
  static constexpr std::string_view kMore[] = {"current_user", "localtime", "localtimestamp"};
  static constexpr std::string_view kPostgres[] = {"current_catalog", "current_role",
                                                   "current_schema", "session_user", "user"};
  static constexpr std::string_view kTsql[] = {"current_timestamp", "current_user", "session_user",
                                               "system_user", "user"};
  const auto in = [&](const auto& names) {
    return std::find(std::begin(names), std::end(names), lower) != std::end(names);
  };
  switch (dialect_) {
    case Dialect::kPostgres:
    case Dialect::kRedshift:
      return in(kTimes) || in(kMore) || in(kPostgres);
    case Dialect::kSnowflake:
    case Dialect::kTrino:
    case Dialect::kMySql:
    case Dialect::kMariaDb:
      return in(kTimes) || in(kMore);
    case Dialect::kSqlite:
      return in(kTimes);
    case Dialect::kTsql:
      return in(kTsql);
    default:
      return false;
  }
}

}  // namespace layergate::lineage

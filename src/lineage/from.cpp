// Relations of FROM, and joins.
#include <algorithm>
#include <array>

#include "core/text.h"
#include "lineage/analyzer.h"
#include "lineage/text_forms.h"
#include "sql/walk.h"

namespace layergate::lineage {

using sql::JoinKind;
using sql::Kind;

RelationFlow* Analyzer::NewRelation() {
  relation_store_.emplace_back();
  relation_store_.back().dataset = flows_.none();
  return &relation_store_.back();
}

std::string Analyzer::AliasKey(const sql::RelationNode& node) {
  return node.alias.empty() ? std::string() : Key(node.alias);
}

// A column as it is read through one entry of FROM.
FlowColumn Analyzer::ThroughItem(const FromItem& item, const FlowColumn& column) {
  FlowColumn out = column;
  if (item.tag > 1) out.text = Keep(*column.text + "#" + std::to_string(item.tag));
  return item.may_be_missing ? MaybeMissing(out) : out;
}

// A value of a row that an outer join may not find: null then, whatever it is computed from.
// COALESCE inside of the joined subquery and around its column are two things.
FlowColumn Analyzer::MaybeMissing(const FlowColumn& column) {
  if (IsNullOfNull(*column.text, dialect_)) return column;
  FlowColumn out = column;
  out.text = Keep("joined(" + Capped(*column.text) + ")");
  return out;
}

// What the join says of the entries from `first` to `last`: their rows may be missing.
void Analyzer::MayBeMissing(Scope& scope, size_t first, size_t last,
                            std::vector<StarColumn>& star) {
  for (size_t i = first; i < last; ++i) scope.items[i].may_be_missing = true;
  for (StarColumn& column : star) {
    if (column.item >= first && column.item < last) column.column = MaybeMissing(column.column);
  }
}

size_t Analyzer::AddItem(Scope& scope, FromItem item, Rows& rows) {
  for (const LeafId base : item.relation->bases) {
    // Texts name a table by its last part: raw.orders and staging.orders are told apart.
    const std::string_view relation = flows_.leaf(base).relation;
    const std::string_view name = relation.substr(relation.rfind('.') + 1);
    int tag = ++scope.readings[std::string(name)];
    // Of `exists (select 1 from t as b where b.a > t.a)` too.
    for (const Scope* outer = scope.parent; outer != nullptr; outer = outer->parent) {
      const auto read = outer->readings.find(std::string(name));
      if (read != outer->readings.end()) tag += read->second;
    }
    item.tag = std::max(item.tag, tag);
  }
  if (item.relation->bases.empty() && !item.relation->columns.empty()) {
    // The same values unnested twice.
    item.tag = ++scope.readings["(" + *item.relation->columns.front().text + ")"];
  }
  rows.deps.Append(*item.relation->dataset);
  rows.status = Worse(rows.status, item.relation->rows_status);
  scope.items.push_back(std::move(item));
  return scope.items.size() - 1;
}

void Analyzer::StarOf(const Scope& scope, size_t index, std::vector<StarColumn>& star) {
  const FromItem& item = scope.items[index];
  for (const FlowColumn& column : item.relation->columns) {
    star.push_back({ThroughItem(item, column), index});
  }
}

const RelationFlow* Analyzer::FindCte(const sql::Name& name, CteView ctes) {
  const std::string key = Key(name);
  for (CteView view = ctes; view.frame != nullptr; view = view.frame->parent) {
    const auto found = view.frame->by_key.find(key);
    if (found != view.frame->by_key.end()) {
      for (auto it = found->second.rbegin(); it != found->second.rend(); ++it) {
        if (*it >= view.limit) continue;
        const CteEntry& entry = view.frame->entries[*it];
        if (entry.flow == nullptr) continue;
        if (unit_ != nullptr && entry.unit != nullptr) unit_->uses.push_back(entry.unit);
        return entry.flow;
      }
    }
    if (view.frame->unclear.count(key) > 0) return UnclearCte(name);
  }
  return nullptr;
}

// A CTE that reads itself, or one behind it, in a way that its engine refuses or that is not known.
const RelationFlow* Analyzer::UnclearCte(const sql::Name& name) {
  Diagnose("unclear_cte",
           "\"" + std::string(name.text) + "\" is read where its own WITH is still being made",
           name.span);
  RelationFlow* flow = NewRelation();
  flow->open = true;
  flow->label = ToLower(name.text);
  flow->rows_status = Status::kUnknown;
  flow->columns.push_back(
      MakeColumn("*", "*", flows_.none(), Status::kUnknown, flow->label + ".*", name.span));
  return flow;
}

const RelationFlow* Analyzer::BaseTable(sql::Names name, Span span) {
  std::string shown, key;
  RelationName request;
  for (const sql::Name& part : name) {
    if (!shown.empty()) {
      shown += '.';
      key += '.';
    }
    const bool keep = dialect_ == sql::Dialect::kBigQuery;
    shown += keep ? std::string(part.text) : ShownName(rules_, part.text, part.quoted);
    key += keep ? std::string(part.text) : Key(part);
    request.parts.emplace_back(part.text);
    request.quoted.push_back(part.quoted);
  }
  const auto known = base_tables_.find(key);
  if (known != base_tables_.end()) return known->second;
  RelationFlow* flow = NewRelation();
  flow->base = shown;
  flow->label = name.empty() ? shown : ShownName(rules_, name.back().text, name.back().quoted);
  flow->bases = {flows_.Intern(shown, "")};
  relations_.insert(shown);
  const RelationSchema* schema = schemas_ && !name.empty() ? schemas_(request) : nullptr;
  if (schema != nullptr) {
    flow->columns.reserve(schema->columns.size());
    for (const SchemaColumn& column : schema->columns) {
      // Schemas tell stored names. Catalogs of folding warehouses tell them folded, people write
      // them as they like: a name in one case is taken as unquoted, one in mixed case as it is.
      const bool exact = rules_.compare == NameRules::Compare::kFoldUnquoted &&
                         column.name != ToLower(column.name) && column.name != ToUpper(column.name);
      flow->exact_names = flow->exact_names || exact;
      // Tables are wide and queries many: nothing is kept twice here.
      FlowColumn out;
      const std::string* shown_name = Keep(ShownName(rules_, column.name, exact));
      std::string column_key = NameKey(rules_, column.name, exact);
      out.key = column_key == *shown_name ? shown_name : Keep(std::move(column_key));
      out.name = rules_.keeps_case_of_output ? &column.name : shown_name;
      const LeafId leaf = flows_.Intern(shown, *shown_name);
      out.deps = flows_.Keep(DepSet(1, {leaf, Subtype::kIdentity, false, span}));
      std::string text;
      text.reserve(flow->label.size() + 1 + shown_name->size());
      text.append(flow->label).append(1, '.').append(*shown_name);
      out.text = Keep(std::move(text));
      out.span = span;
      if (!column.type.empty()) out.type = &column.type;
      flow->columns.push_back(out);
    }
    flow->open = !schema->complete;
  } else {
    flow->open = true;
  }
  if (flow->open) flow->columns.push_back(UnknownStar(flow, span));
  base_tables_[key] = flow;
  return flow;
}

FlowColumn Analyzer::UnknownStar(const RelationFlow* relation, Span span) {
  const LeafId leaf = flows_.Intern(relation->base, "*");
  FlowColumn out = MakeColumn("*", "*", flows_.Keep({{leaf, Subtype::kIdentity, false, span}}),
                              Status::kUnknown, relation->label + ".*", span);
  out.from_star = true;
  return out;
}

// All but the index of names, which the copy makes anew once its columns have their names.
void Analyzer::CopyRelation(const RelationFlow& from, RelationFlow& to) {
  to.columns = from.columns;
  to.open = from.open;
  to.label = from.label;
  to.rows = from.rows;
  to.bases = from.bases;
  to.dataset = from.dataset;
  to.rows_status = from.rows_status;
  to.block = from.block;
  to.value = from.value;
}

// The same rows under other column names, by position.
const RelationFlow* Analyzer::Renamed(const RelationFlow* flow, sql::Names names) {
  if (names.empty()) return flow;
  RelationFlow* out = NewRelation();
  CopyRelation(*flow, *out);
  const auto is_open = [](const FlowColumn& column) { return *column.name == "*"; };
  const auto star = std::find_if(out->columns.begin(), out->columns.end(), is_open);
  if (star == out->columns.end()) {
    for (size_t i = 0; i < names.size() && i < out->columns.size(); ++i) {
      out->columns[i] = NamedColumn(names[i], out->columns[i]);
    }
    return out;
  }
  // Names over something that is not known: those before it pair from the left. Those behind it
  // pair from the right where the list must be whole (PostgreSQL's may be short). Between them are
  // names without sources of their own.
  const size_t before = static_cast<size_t>(star - out->columns.begin());
  const size_t behind = out->columns.size() - before - 1;
  const bool one_star = std::find_if(star + 1, out->columns.end(), is_open) == out->columns.end();
  const bool whole = dialect_ != sql::Dialect::kPostgres && dialect_ != sql::Dialect::kRedshift &&
                     dialect_ != sql::Dialect::kDuckDb;
  const size_t from_right =
      one_star && whole && names.size() >= before + behind ? names.size() - behind : names.size();
  Gathered all;
  for (size_t k = before; k < flow->columns.size(); ++k) {
    all.deps.Add(*flow->columns[k].deps, Subtype::kIdentity, false, flow->columns[k].span);
  }
  const FlowColumn unknown = MakeColumn("", "", flows_.Keep(all.deps.Take()), Status::kUnknown, "?",
                                        out->columns[before].span);
  std::vector<FlowColumn> columns;
  for (size_t i = 0; i < names.size(); ++i) {
    const FlowColumn& column = i < before ? flow->columns[i]
                               : i >= from_right
                                   ? flow->columns[flow->columns.size() - (names.size() - i)]
                                   : unknown;
    columns.push_back(NamedColumn(names[i], column));
  }
  if (!whole) columns.push_back(*star);
  out->columns = std::move(columns);
  out->open = !whole;
  return out;
}

// A query as a relation: DuckDB makes the names of its columns unlike each other.
const RelationFlow* Analyzer::Stored(const RelationFlow* flow) {
  if (!rules_.stored_names_are_unlike) return flow;
  std::vector<std::string> names;
  for (const FlowColumn& column : flow->columns) names.push_back(*column.name);
  if (!MakeUnlike(rules_, names)) return flow;
  RelationFlow* out = NewRelation();
  CopyRelation(*flow, *out);
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == *out->columns[i].name) continue;
    out->columns[i].key = Keep(NameKey(rules_, names[i], false));
    out->columns[i].name = Keep(std::move(names[i]));
  }
  return out;
}

const RelationFlow* Analyzer::TableFlow(const sql::Table& table, Scope& scope, bool& is_cte) {
  is_cte = false;
  if (table.form == sql::Table::Form::kName && table.name.size() == 1) {
    if (const RelationFlow* cte = FindCte(table.name[0], scope.ctes)) {
      is_cte = true;
      return cte;
    }
  }
  return BaseTable(table.name, table.span);
}

void Analyzer::AddFrom(const sql::Node* node, Scope& scope, Rows& rows,
                       std::vector<StarColumn>& star, bool first) {
  if (node->kind == Kind::kJoined) {
    const auto& joined = static_cast<const sql::Joined&>(*node);
    std::vector<StarColumn> own;
    AddJoined(joined, scope, rows, own);
    star.insert(star.end(), own.begin(), own.end());
    return;
  }
  const sql::RelationNode* relation = sql::AsRelation(node);
  if (relation == nullptr) return;
  if (node->kind == Kind::kUnnest && static_cast<const sql::Unnest*>(node)->array_join) {
    AddArrayJoin(static_cast<const sql::Unnest&>(*node), scope, rows, star);
    return;
  }
  FromItem item;
  item.alias = AliasKey(*relation);
  const char* fact = first ? "from" : nullptr;
  std::string text;
  switch (node->kind) {
    case Kind::kTable: {
      const auto& table = static_cast<const sql::Table&>(*node);
      // `from t, t.items i`: a path into a left sibling.
      const bool path =
          table.name.size() >= 2 &&
          (dialect_ == sql::Dialect::kBigQuery || dialect_ == sql::Dialect::kRedshift) &&
          FindItem(scope, std::array{Key(table.name[0])}) != nullptr;
      if (path) {
        FlowColumn value;
        if (!ResolveParts(table.name, table.span, &scope, value)) {
          value = Unresolved(table.name, table.span);
        }
        rows.deps.Add(*value.deps, Subtype::kJoin, false, table.span);
        rows.status = Worse(rows.status, value.status);
        const FlowColumn element = ElementOf(value, table.span);
        RelationFlow* flow = NewRelation();
        const sql::Name name = table.alias.empty() ? table.name.back() : table.alias;
        if (item.alias.empty()) item.alias = Key(name);
        values_.push_back(NamedColumn(name, element));
        flow->value = &values_.back();
        const Shape* shape = ShapeOf(element);
        if (shape != nullptr && shape->element == nullptr) {
          flow->columns = Transformed(shape, table.span)->fields;
        } else {
          flow->columns.push_back(values_.back());
          flow->open = shape == nullptr;
        }
        flow->label = "unnest";
        item.relation = flow;
        Fact("unnest", rows.where, "unnest " + *value.text, "", table.span);
        fact = nullptr;
        break;
      }
      bool is_cte = false;
      item.relation = TableFlow(table, scope, is_cte);
      if (item.alias.empty()) {
        for (const sql::Name& part : table.name) item.parts.push_back(Key(part));
      }
      text = item.relation->label;
      break;
    }
    case Kind::kDerived: {
      const auto& derived = static_cast<const sql::Derived&>(*node);
      const bool sees_siblings = derived.lateral || dialect_ == sql::Dialect::kDuckDb;
      const std::string where = derived.alias.empty() ? rows.where : ToLower(derived.alias.text);
      item.relation = Stored(
          AnalyzeQuery(derived.query, scope.ctes, sees_siblings ? &scope : scope.parent, where));
      text = "subquery";
      break;
    }
    case Kind::kTableFunction:
      item.relation = FunctionFlow(static_cast<const sql::TableFunction&>(*node), scope, rows);
      text = item.relation->label;
      break;
    case Kind::kUnnest:
      item.relation = UnnestFlow(static_cast<const sql::Unnest&>(*node), scope, rows);
      text = item.relation->label;
      break;
    case Kind::kPivot: {
      const auto& pivot = static_cast<const sql::Pivot&>(*node);
      Scope inner;
      const RelationFlow* input = InnerFlow(pivot.input, scope, rows, inner);
      item.relation = PivotFlow(pivot, input, inner, rows);
      text = "pivot";
      break;
    }
    case Kind::kUnpivot: {
      const auto& unpivot = static_cast<const sql::Unpivot&>(*node);
      Scope inner;
      const RelationFlow* input = InnerFlow(unpivot.input, scope, rows, inner);
      item.relation = UnpivotFlow(unpivot, input, inner, rows);
      text = "unpivot";
      break;
    }
    case Kind::kMatchRecognize: {
      const auto& match = static_cast<const sql::MatchRecognize&>(*node);
      Scope inner;
      const RelationFlow* input = InnerFlow(match.input, scope, rows, inner);
      item.relation = MatchFlow(match, input, inner, rows);
      Fact("option", rows.where,
           std::string(match.all_rows ? "all rows" : "one row") + " per match of " +
               DetailText(match.pattern),
           "", match.span);
      text = "match_recognize";
      break;
    }
    default:
      item.relation = OpaqueFlow(*node, scope, rows);
      text = "?";
      break;
  }
  item.relation = node->kind == Kind::kTableFunction || node->kind == Kind::kUnnest
                      ? item.relation
                      : Renamed(item.relation, relation->column_aliases);
  if (!relation->details.empty()) {
    Fact("option", rows.where, DetailText(relation->details), "", relation->span);
  }
  if (const auto* table = sql::As<sql::Table>(node);
      table != nullptr && table->version != nullptr) {
    Fact("option", rows.where, "version " + Text(table->version, scope), "", table->version->span);
  }
  if (relation->sample != nullptr) {
    Fact("sample", rows.where, GenericText(*relation->sample, scope), "", relation->sample->span);
  }
  const size_t index = AddItem(scope, std::move(item), rows);
  StarOf(scope, index, star);
  if (fact != nullptr) {
    SetSource(Fact("from", rows.where, "from " + text, "", node->span),
              *scope.items[index].relation);
  }
}

// Pivots and the like read one relation in a block of their own.
const RelationFlow* Analyzer::InnerFlow(const sql::Node* node, Scope& outer, Rows& rows,
                                        Scope& inner) {
  inner.parent = outer.parent;
  inner.ctes = outer.ctes;
  inner.clause = Clause::kFrom;
  RelationFlow* flow = NewRelation();
  if (node == nullptr) return flow;
  std::vector<StarColumn> star;
  Rows own;
  own.where = rows.where;
  AddFrom(node, inner, own, star, true);
  for (const StarColumn& column : star) {
    flow->columns.push_back(column.column);
    flow->open = flow->open || *column.column.name == "*";
  }
  flow->dataset = flows_.Keep(own.deps.Take());
  flow->rows_status = own.status;
  SeeBases(*flow, inner);
  inner.star = star;
  return flow;
}

void Analyzer::SeeBases(RelationFlow& flow, const Scope& scope) {
  for (const FromItem& item : scope.items) {
    flow.bases.insert(flow.bases.end(), item.relation->bases.begin(), item.relation->bases.end());
  }
  std::sort(flow.bases.begin(), flow.bases.end());
  flow.bases.erase(std::unique(flow.bases.begin(), flow.bases.end()), flow.bases.end());
}

void Analyzer::AddJoined(const sql::Joined& joined, Scope& scope, Rows& rows,
                         std::vector<StarColumn>& star) {
  if (!joined.alias.empty()) {
    // (a join b on ...) as t: one relation to the outside.
    Scope inner;
    inner.parent = scope.parent;
    inner.ctes = scope.ctes;
    Rows own;
    own.where = rows.where;
    std::vector<StarColumn> columns;
    AddFrom(joined.first, inner, own, columns, true);
    for (const sql::Join* join : joined.joins) AddJoin(*join, inner, own, columns);
    RelationFlow* flow = NewRelation();
    for (const StarColumn& column : columns) {
      flow->columns.push_back(column.column);
      flow->open = flow->open || *column.column.name == "*";
    }
    flow->dataset = flows_.Keep(own.deps.Take());
    flow->rows_status = own.status;
    flow->label = "join";
    SeeBases(*flow, inner);
    FromItem item;
    item.alias = AliasKey(joined);
    item.relation = Renamed(flow, joined.column_aliases);
    StarOf(scope, AddItem(scope, std::move(item), rows), star);
    return;
  }
  AddFrom(joined.first, scope, rows, star, scope.items.empty());
  for (const sql::Join* join : joined.joins) AddJoin(*join, scope, rows, star);
}

void Analyzer::AddJoin(const sql::Join& join, Scope& scope, Rows& rows,
                       std::vector<StarColumn>& star) {
  if (join.right == nullptr) return;
  const size_t before = scope.items.size();
  if (join.join == JoinKind::kArrayJoin || join.join == JoinKind::kLeftArrayJoin ||
      (join.right->kind == Kind::kUnnest &&
       static_cast<const sql::Unnest*>(join.right)->array_join)) {
    AddFrom(join.right, scope, rows, star, false);
    if (join.join == JoinKind::kLeftArrayJoin) {
      Fact("option", rows.where, "left array join", "", join.span);
    }
    return;
  }
  std::vector<StarColumn> right;
  AddFrom(join.right, scope, rows, right, false);
  const bool generated =
      join.right->kind == Kind::kUnnest || join.right->kind == Kind::kTableFunction;

  std::string text(sql::ToString(join.join));
  if (join.asof) text = "asof " + text;
  if (join.any) text = "any " + text;
  const std::string kind = text;
  text += " join ";
  const std::string label =
      scope.items.size() > before ? scope.items[before].relation->label : std::string("subquery");
  text += label.empty() ? "subquery" : label;
  if (scope.items.size() > before && scope.items[before].tag > 1) {
    text += "#" + std::to_string(scope.items[before].tag);
  }

  std::vector<sql::Name> shared(join.using_columns.begin(), join.using_columns.end());
  if (join.natural) {
    shared = NaturalNames(star, right);
    const auto open = [](const std::vector<StarColumn>& side) {
      return std::any_of(side.begin(), side.end(),
                         [](const StarColumn& c) { return *c.column.name == "*"; });
    };
    if (open(star) || open(right)) {
      rows.status = Status::kUnknown;
      Diagnose("star_unknown_relation", "NATURAL JOIN needs the columns of both sides", join.span);
    }
  }
  if (!shared.empty()) {
    MergeColumns(shared, join, scope, rows, star, right);
    if (!join.using_alias.empty()) NameMerged(join, scope, rows);
    std::vector<std::string> names;
    for (const sql::Name& name : shared) names.push_back(ToLower(name.text));
    std::sort(names.begin(), names.end());
    text += " using (" + Join(names, ", ") + ")";
  } else {
    star.insert(star.end(), right.begin(), right.end());
  }
  const Clause clause = scope.clause;
  scope.clause = Clause::kFrom;
  std::vector<std::string> conditions;
  std::vector<RowSetFact::Conjunct> conjuncts = std::move(rows.using_);
  rows.using_.clear();
  for (const sql::Expr* condition : {join.on, join.match_condition}) {
    if (condition == nullptr) continue;
    const bool aliases = ReadsAlias(condition, scope);
    if (aliases) OpenItems(*scope.coming, scope);
    Gathered on;
    Follow(condition, scope, Subtype::kJoin, false, on);
    rows.deps.Append(on.deps.Take());
    rows.status = Worse(rows.status, on.status);
    conditions.push_back(Text(condition, scope));
    SplitConjuncts(condition, scope, conjuncts);
    if (aliases) CloseItems(scope);
  }
  if (!conditions.empty()) text += " on " + Join(conditions, " and ");
  scope.clause = clause;

  // ClickHouse shows both sides of a semi join: one match of each row.
  const bool one_sided = dialect_ != sql::Dialect::kClickHouse;
  const bool left_only =
      one_sided && (join.join == JoinKind::kSemi || join.join == JoinKind::kAnti);
  const bool right_only =
      one_sided && (join.join == JoinKind::kRightSemi || join.join == JoinKind::kRightAnti);
  if (left_only || right_only) {
    for (size_t i = 0; i < scope.items.size(); ++i) {
      if ((i >= before) == left_only) scope.items[i].gone = true;
    }
    star.erase(std::remove_if(star.begin(), star.end(),
                              [&](const StarColumn& c) { return scope.items[c.item].gone; }),
               star.end());
  }
  const bool left_stays = join.join == JoinKind::kLeft || join.join == JoinKind::kOuterApply;
  const bool full = join.join == JoinKind::kFull;
  if (full || join.join == JoinKind::kRight) MayBeMissing(scope, 0, before, star);
  if (full || left_stays) MayBeMissing(scope, before, scope.items.size(), star);
  if (!generated || join.on != nullptr || join.join == JoinKind::kLeft) {
    RowSetFact* fact = Fact("join", rows.where, std::move(text), kind, join.span);
    if (fact != nullptr) {
      if (scope.items.size() > before) SetSource(fact, *scope.items[before].relation);
      fact->on = std::move(conjuncts);
    }
  }
}

// PostgreSQL's USING (a) AS u: a relation of the merged columns, beside the joined ones.
void Analyzer::NameMerged(const sql::Join& join, Scope& scope, Rows& rows) {
  RelationFlow* flow = NewRelation();
  flow->label = ToLower(join.using_alias.text);
  for (const sql::Name& name : join.using_columns) {
    const auto merged = scope.merged.find(Key(name));
    if (merged != scope.merged.end()) flow->columns.push_back(merged->second);
  }
  FromItem item;
  item.alias = Key(join.using_alias);
  item.relation = flow;
  item.hidden = true;
  AddItem(scope, std::move(item), rows);
}

// Does the condition name an alias of the SELECT list, which is not analysed yet?
bool Analyzer::ReadsAlias(const sql::Expr* condition, Scope& scope) const {
  if (!rules_.alias_in_join || scope.coming == nullptr) return false;
  if (scope.coming_aliases.empty()) {
    for (const sql::SelectItem* item : scope.coming->items) {
      if (!item->alias.empty()) scope.coming_aliases.insert(Key(item->alias));
    }
  }
  bool found = false;
  sql::Walk(condition, [&](const sql::Node* node) {
    const auto* column = sql::As<sql::Column>(node);
    if (column == nullptr || column->parts.size() != 1) return !found;
    const std::string key = Key(column->parts[0]);
    if (scope.coming_aliases.count(key) == 0) return true;
    const std::vector<uint32_t> places = MayHave(scope, key, column->parts[0].quoted);
    const bool column_wins =
        !rules_.alias_wins && std::any_of(places.begin(), places.end(), [&](uint32_t at) {
          return !scope.items[at].gone && !scope.items[at].relation->Find(key).empty();
        });
    found = found || !column_wins;
    return !found;
  });
  return found;
}

// The SELECT list sees more relations than a join's condition does: nothing of it that was
// evaluated for the condition is kept.
void Analyzer::CloseItems(Scope& scope) {
  scope.select = nullptr;
  scope.aliases.clear();
  resolved_.clear();
  subqueries_.clear();
}

std::vector<sql::Name> Analyzer::NaturalNames(const std::vector<StarColumn>& left,
                                              const std::vector<StarColumn>& right) {
  std::vector<sql::Name> names;
  std::set<std::string> keys;
  for (const StarColumn& column : right) keys.insert(*column.column.key);
  for (const StarColumn& column : left) {
    if (*column.column.name == "*" || keys.erase(*column.column.key) == 0) continue;
    names.push_back({*column.column.key, true, column.column.span});
  }
  return names;
}

// A shared column on one side of a join.
FlowColumn Analyzer::Unmerged(const std::vector<StarColumn>& side, const std::string& key,
                              const sql::Name& name, const Scope& scope) {
  std::vector<FlowColumn> open;
  for (const StarColumn& column : side) {
    if (*column.column.name == "*") {
      FlowColumn found;
      bool may_have = false;
      ColumnOf(scope.items[column.item], name, name.span, found, may_have);
      if (may_have) open.push_back(found);
      continue;
    }
    if (*column.column.key == key) return column.column;
  }
  if (open.size() == 1) return open.front();
  if (!open.empty()) return Choices(std::move(open), name.span, name.text);
  return Unresolved(sql::Names(&name, 1), name.span);
}

void Analyzer::MergeColumns(const std::vector<sql::Name>& names, const sql::Join& join,
                            Scope& scope, Rows& rows, std::vector<StarColumn>& left,
                            std::vector<StarColumn>& right) {
  using sql::Dialect;
  const bool stays_in_place = dialect_ == Dialect::kDuckDb || dialect_ == Dialect::kSqlite;
  std::vector<StarColumn> merged;
  for (const sql::Name& name : names) {
    const std::string key = Key(name);
    if (dialect_ == Dialect::kTrino) {
      scope.merged_before[key] = scope.items.size();
    }
    const FlowColumn a = Unmerged(left, key, name, scope);
    const FlowColumn b = Unmerged(right, key, name, scope);
    rows.deps.Add(*a.deps, Subtype::kJoin, false, name.span);
    rows.deps.Add(*b.deps, Subtype::kJoin, false, name.span);
    rows.status = Worse(rows.status, Worse(a.status, b.status));
    rows.using_.push_back(
        {std::min(*a.text, *b.text) + " = " + std::max(*a.text, *b.text), name.span});
    FlowColumn out = join.join == JoinKind::kRight ? b : a;
    if (join.join == JoinKind::kFull) {
      // COALESCE(left, right).
      DepBuilder both;
      both.Add(*a.deps, Subtype::kTransformation, false, name.span);
      both.Add(*a.deps, Subtype::kConditional, false, name.span);
      both.Add(*b.deps, Subtype::kTransformation, false, name.span);
      out.deps = flows_.Keep(both.Take());
      out.text = Keep("coalesce(" + *a.text + ", " + *b.text + ")");
      out.shape = nullptr;
    }
    out.status = Worse(a.status, b.status);
    out.key = Keep(key);
    if (out.name->empty()) out.name = a.name;
    scope.merged[key] = out;
    merged.push_back({out, left.empty() ? 0 : left.front().item});
    if (stays_in_place) {
      bool placed = false;
      for (StarColumn& column : left) {
        if (placed || *column.column.key != key) continue;
        column.column = out;
        placed = true;
      }
      if (!placed) left.insert(left.begin(), merged.back());
    }
    const auto same = [&](const StarColumn& column) {
      return *column.column.name != "*" && *column.column.key == key;
    };
    if (!stays_in_place) {
      const auto first = std::find_if(left.begin(), left.end(), same);
      if (first != left.end()) left.erase(first);
    }
    const auto second = std::find_if(right.begin(), right.end(), same);
    if (second != right.end()) right.erase(second);
  }
  std::vector<StarColumn> out;
  if (!stays_in_place) out = std::move(merged);
  // MySQL turns a right join round, and shows it so.
  if (join.join == JoinKind::kRight &&
      (dialect_ == Dialect::kMySql || dialect_ == Dialect::kMariaDb)) {
    std::swap(left, right);
  }
  out.insert(out.end(), left.begin(), left.end());
  out.insert(out.end(), right.begin(), right.end());
  left = std::move(out);
}

const RelationFlow* Analyzer::OpaqueFlow(const sql::Node& node, Scope& scope, Rows& rows) {
  RelationFlow* flow = NewRelation();
  flow->open = true;
  flow->rows_status = Status::kUnknown;
  rows.status = Status::kUnknown;
  Gathered parts;
  ++quiet_;
  Follow(&node, scope, Subtype::kTransformation, false, parts);
  --quiet_;
  FlowColumn star =
      MakeColumn("*", "*", flows_.Keep(parts.deps.Take()), Status::kUnknown, "?", node.span);
  flow->columns.push_back(star);
  flow->label = "?";
  return flow;
}

}  // namespace layergate::lineage

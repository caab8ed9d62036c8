// Statements: what they read and what they write.
#include <algorithm>
#include <map>
#include <tuple>

#include "core/text.h"
#include "lineage/analyzer.h"
#include "sql/walk.h"

namespace layergate::lineage {

using sql::Kind;

Analyzer::Analyzer(const sql::ParsedSql& sql, const SchemaLookup& schemas)
    : sql_(sql), dialect_(sql.dialect()), rules_(RulesOf(sql.dialect())), schemas_(schemas) {}

FlowColumn Analyzer::MakeColumn(std::string_view shown, std::string_view key, const DepSet* deps,
                                Status status, std::string text, Span span) {
  FlowColumn column;
  column.name = Keep(std::string(shown));
  column.key = shown == key ? column.name : Keep(std::string(key));
  column.deps = deps;
  column.text = Keep(std::move(text));
  column.status = status;
  column.span = span;
  return column;
}

FlowColumn Analyzer::NamedColumn(const sql::Name& name, FlowColumn column) {
  column.name = Keep(ShownOutput(rules_, name.text, name.quoted));
  column.key = Keep(Key(name));
  column.guessed_name = false;
  return column;
}

void Analyzer::Diagnose(std::string code, std::string message, Span span) {
  if (quiet_ > 0) return;
  result_.diagnostics.push_back({std::move(code), std::move(message), span});
}

void Analyzer::AddOutput(std::string name, const FlowColumn& column) {
  OutputColumn out;
  out.ordinal = static_cast<int>(result_.columns.size()) + 1;
  out.name = std::move(name);
  out.status = column.guessed_name ? Worse(column.status, Status::kCandidates) : column.status;
  out.span = column.span;
  out.expression = *column.text;
  SetEdges(*column.deps, out);
  result_.columns.push_back(std::move(out));
}

void Analyzer::SetEdges(const DepSet& deps, OutputColumn& column) {
  DepSet direct, indirect;
  for (const Dep& dep : deps) (IsDirect(dep.subtype) ? direct : indirect).push_back(dep);
  for (Dep& dep : indirect) dep.masking = false;
  column.direct = flows_.ToEdges(direct);
  column.indirect = flows_.ToEdges(indirect);
}

void Analyzer::AddOutputs(const std::vector<FlowColumn>& columns) {
  for (const FlowColumn& column : columns) AddOutput(*column.name, column);
}

void Analyzer::TakeRows(const DepSet* dataset, Status status) {
  DepBuilder rows;
  for (const Dep& dep : *dataset) rows.Add(dep.leaf, dep.subtype, false, dep.span);
  const DepSet set = rows.Take();
  std::vector<Edge> edges = flows_.ToEdges(set);
  result_.dataset.insert(result_.dataset.end(), edges.begin(), edges.end());
  result_.row_set_status = Worse(result_.row_set_status, status);
}

void Analyzer::RenameOutputs(sql::Names names) {
  for (size_t i = 0; i < names.size() && i < result_.columns.size(); ++i) {
    result_.columns[i].name = ShownOutput(rules_, names[i].text, names[i].quoted);
  }
}

std::string Analyzer::TargetName(const sql::Node* relation) const {
  const auto* table = sql::As<sql::Table>(relation);
  if (table == nullptr) return "";
  std::string out;
  for (const sql::Name& part : table->name) {
    if (!out.empty()) out += '.';
    out += dialect_ == sql::Dialect::kBigQuery ? std::string(part.text)
                                               : ShownName(rules_, part.text, part.quoted);
  }
  return out;
}

// `stored`: the query's rows become a relation.
void Analyzer::RunQuery(const sql::Node* query, bool stored) {
  const RelationFlow* flow = AnalyzeQuery(query, {}, nullptr, "");
  if (stored) flow = Stored(flow);
  result_.root_block = flow->block;
  AddOutputs(flow->columns);
  TakeRows(flow->dataset, flow->rows_status);
}

void Analyzer::RunCreate(const sql::Create& create) {
  const std::string object = ToLower(create.object);
  result_.target = TargetName(create.to != nullptr ? create.to : create.target);
  const bool view = object.find("view") != std::string::npos;
  if (create.query == nullptr) {
    std::string name = object;
    std::replace(name.begin(), name.end(), ' ', '_');
    result_.kind = "create_" + name;
    if (create.source != nullptr) {
      const RelationFlow* flow = BaseTable(create.source->name, create.source->span);
      AddOutputs(flow->columns);
    }
    return;
  }
  result_.kind = view ? "create_view" : "create_table_as";
  if (create.query->kind == Kind::kQuery) {
    RunQuery(create.query, true);
  } else {
    result_.row_set_status = Status::kUnknown;
    Diagnose("opaque_syntax", "the query was not understood", create.query->span);
  }
  size_t i = 0;
  for (const sql::ColumnDef* column : create.columns) {
    if (column->name.empty()) continue;
    if (i >= result_.columns.size()) break;
    result_.columns[i++].name = ShownOutput(rules_, column->name.text, column->name.quoted);
  }
}

void Analyzer::RunInsert(const sql::Insert& insert) {
  result_.kind = "insert";
  result_.target = TargetName(insert.target);
  const CteView ctes = OpenWith(insert.with, {}, nullptr);
  Scope scope;
  scope.ctes = ctes;
  if (insert.query != nullptr) {
    const RelationFlow* flow = AnalyzeQuery(insert.query, ctes, nullptr, "");
    result_.root_block = flow->block;
    AddOutputs(flow->columns);
    TakeRows(flow->dataset, flow->rows_status);
    if (!insert.by_name) {
      if (!insert.columns.empty()) {
        RenameOutputs(insert.columns);
      } else if (insert.target != nullptr && schemas_) {
        // Without a column list values go by position: the target's own names, when known.
        RelationName name;
        for (const sql::Name& part : insert.target->name) {
          name.parts.emplace_back(part.text);
          name.quoted.push_back(part.quoted);
        }
        const RelationSchema* schema = schemas_(name);
        if (schema != nullptr && schema->complete) {
          for (size_t i = 0; i < schema->columns.size() && i < result_.columns.size(); ++i) {
            result_.columns[i].name = ShownOutput(rules_, schema->columns[i].name, false);
          }
        }
      }
    }
  }
  for (const sql::Assignment* assignment : insert.set) {
    const auto* column = sql::As<sql::Column>(assignment->target);
    FlowColumn value = Evaluate(assignment->value, scope);
    value.span = assignment->span;
    AddOutput(column != nullptr
                  ? ShownOutput(rules_, column->parts.back().text, column->parts.back().quoted)
                  : "",
              value);
  }
  if (!insert.on_conflict.empty()) RunConflict(insert, ctes);
}

namespace {

sql::Names TargetParts(const sql::Expr* target) {
  const auto* column = sql::As<sql::Column>(target);
  return column == nullptr ? sql::Names() : column->parts;
}

}  // namespace

// ON CONFLICT DO UPDATE, ON DUPLICATE KEY UPDATE: what is assigned flows into the target's columns
// too; `excluded` (and MySQL's VALUES(a)) is the row that was to be inserted.
void Analyzer::RunConflict(const sql::Insert& insert, CteView ctes) {
  if (insert.target == nullptr) return;
  Scope scope;
  scope.ctes = ctes;
  Rows rows;
  AddFrom(insert.target, scope, rows, scope.star, true);
  RelationFlow* row = NewRelation();
  row->label = "excluded";
  for (const OutputColumn& column : result_.columns) {
    DepSet deps;
    for (const auto* edges : {&column.direct, &column.indirect}) {
      for (const Edge& edge : *edges) {
        const LeafId leaf = flows_.Intern(edge.relation, edge.column, edge.field);
        deps.push_back({leaf, edge.subtype, edge.masking, edge.span});
      }
    }
    DepBuilder builder;
    builder.Append(deps);
    row->columns.push_back(MakeColumn(column.name, NameKey(rules_, column.name, false),
                                      flows_.Keep(builder.Take()), column.status, column.expression,
                                      column.span));
  }
  static constexpr sql::Name kExcluded{"excluded", false, {}};
  FromItem item;
  item.alias = Key(kExcluded);
  item.relation = row;
  item.hidden = true;
  AddItem(scope, std::move(item), rows);
  for (const sql::Expr* key : insert.conflict_keys) {
    Gathered decides;
    Follow(key, scope, Subtype::kJoin, false, decides);
    const auto* column = sql::As<sql::Column>(key);
    if (column != nullptr) {
      for (const uint32_t index : row->Find(Key(column->parts.back()))) {
        AddColumn(row->columns[index], Subtype::kJoin, false, key->span, decides);
      }
    }
    rows.deps.Append(decides.deps.Take());
    rows.status = Worse(rows.status, decides.status);
  }
  if (insert.conflict_where != nullptr) {
    Conjuncts(insert.conflict_where, "predicate", scope, rows);
  }
  for (const sql::Assignment* assignment : insert.on_conflict) {
    const sql::Names parts = TargetParts(assignment->target);
    if (parts.empty()) {
      rows.status = Status::kUnknown;
      continue;
    }
    const FlowColumn value = Evaluate(assignment->value, scope);
    const std::span<const uint32_t> into = row->Find(Key(parts.back()));
    if (into.empty()) {
      FlowColumn column = NamedColumn(parts.back(), value);
      column.span = assignment->span;
      AddOutput(*column.name, column);
      continue;
    }
    Gathered both;
    AddColumn(row->columns[into[0]], Subtype::kIdentity, false, row->columns[into[0]].span, both);
    AddColumn(value, Subtype::kIdentity, false, assignment->span, both);
    OutputColumn& output = result_.columns[into[0]];
    output.status = both.status;
    SetEdges(both.deps.Take(), output);
  }
  TakeRows(flows_.Keep(rows.deps.Take()), rows.status);
}

void Analyzer::RunMerge(const sql::Merge& merge) {
  result_.kind = "merge";
  result_.target = TargetName(merge.target);
  Scope scope;
  scope.ctes = OpenWith(merge.with, {}, nullptr);
  Rows rows;
  AddFrom(merge.target, scope, rows, scope.star, true);
  const size_t source_at = scope.items.size();
  std::vector<StarColumn> source_star;
  if (merge.source != nullptr) AddFrom(merge.source, scope, rows, source_star, false);
  const auto decide = [&](const sql::Expr* expr, Subtype use, const char* kind) {
    if (expr == nullptr) return;
    Gathered all;
    Follow(expr, scope, use, false, all);
    rows.deps.Append(all.deps.Take());
    rows.status = Worse(rows.status, all.status);
    Fact(kind, "", (use == Subtype::kJoin ? "merge on " : "when ") + Text(expr, scope), "merge",
         expr->span);
  };
  decide(merge.on, Subtype::kJoin, "join");
  for (const sql::Name& name : merge.using_columns) {
    const sql::Names parts(&name, 1);
    FlowColumn column;
    if (ResolveParts(parts, name.span, &scope, column)) {
      rows.deps.Add(*column.deps, Subtype::kJoin, false, name.span);
    }
  }
  // Target column -> what flows into it, over all branches; in the order of first mention.
  std::vector<std::pair<FlowColumn, Gathered>> outputs;
  std::map<std::string, size_t> slots;
  std::map<std::string, std::string> texts;
  const auto write = [&](const sql::Name& name, const FlowColumn& value, Span span) {
    const auto [place, added] = slots.emplace(Key(name), outputs.size());
    if (added) {
      FlowColumn column = NamedColumn(name, value);
      column.span = span;
      outputs.emplace_back(column, Gathered());
    }
    Gathered& into = outputs[place->second].second;
    AddColumn(value, Subtype::kIdentity, false, span, into);
    std::string& text = texts[Key(name)];
    text += (text.empty() ? "" : " | ") + *value.text;
  };
  const auto write_all_by_name = [&](Span span, sql::Names except) {
    for (const StarColumn& column : source_star) {
      const std::string& key = *column.column.key;
      if (std::any_of(except.begin(), except.end(),
                      [&](const sql::Name& name) { return Key(name) == key; })) {
        continue;
      }
      if (*column.column.name == "*") {
        Diagnose("star_unknown_relation", "the source's columns are not known", span);
      }
      write({*column.column.name, true, span}, column.column, span);
      outputs[slots[NameKey(rules_, *column.column.name, true)]].first.key = column.column.key;
      outputs[slots[NameKey(rules_, *column.column.name, true)]].first.name = column.column.name;
    }
  };
  // BigQuery's INSERT ROW: the source's columns by place.
  const auto write_row = [&](Span span) {
    for (size_t i = 0; i < source_star.size(); ++i) {
      const FlowColumn& value = source_star[i].column;
      if (*value.name == "*" || i >= scope.star.size() || *scope.star[i].column.name == "*") {
        rows.status = Status::kUnknown;
        Diagnose("unknown_target", "which column this value goes to is not known", span);
        return;
      }
      write({*scope.star[i].column.name, true, span}, value, span);
    }
  };
  for (const sql::MergeClause* clause : merge.clauses) {
    decide(clause->condition, Subtype::kFilter, "predicate");
    if (clause->star && clause->action == sql::MergeClause::Action::kInsert &&
        dialect_ == sql::Dialect::kBigQuery) {
      write_row(clause->span);
    } else if (clause->star) {
      write_all_by_name(clause->span, clause->except);
    }
    for (const sql::Assignment* assignment : clause->set) {
      const sql::Names parts = TargetParts(assignment->target);
      if (parts.empty()) {
        rows.status = Status::kUnknown;
        continue;
      }
      write(parts.back(), Evaluate(assignment->value, scope), assignment->span);
    }
    for (size_t i = 0; i < clause->values.size(); ++i) {
      const FlowColumn value = Evaluate(clause->values[i], scope);
      if (i < clause->columns.size()) {
        write(clause->columns[i], value, clause->values[i]->span);
      } else if (clause->columns.empty() && source_at > 0 && i < scope.star.size() &&
                 *scope.star[i].column.name != "*") {
        const FlowColumn& target = scope.star[i].column;
        write({*target.name, true, clause->span}, value, clause->values[i]->span);
      } else {
        rows.status = Status::kUnknown;
        Diagnose("unknown_target", "which column this value goes to is not known",
                 clause->values[i]->span);
      }
    }
  }
  for (auto& [column, gathered] : outputs) {
    column.deps = flows_.Keep(gathered.deps.Take());
    column.status = gathered.status;
    column.text = Keep(texts[*column.key].empty() ? *column.text : texts[*column.key]);
    AddOutput(*column.name, column);
  }
  TakeRows(flows_.Keep(rows.deps.Take()), rows.status);
}

// T-SQL and MySQL name the target once more in FROM, or by an alias that FROM gives: that one.
const sql::Node* Analyzer::AgainInFrom(const sql::Node* target,
                                       sql::List<sql::Relation> from) const {
  const auto* table = sql::As<sql::Table>(target);
  const bool may = dialect_ == sql::Dialect::kTsql || dialect_ == sql::Dialect::kMySql ||
                   dialect_ == sql::Dialect::kMariaDb || dialect_ == sql::Dialect::kAnsi;
  if (table == nullptr || !may || !table->alias.empty()) return nullptr;
  const sql::Node* found = nullptr;
  for (const sql::Node* each : from) {
    sql::Walk(each, [&](const sql::Node* node) {
      const auto* read = sql::As<sql::Table>(node);
      if (read == nullptr || found != nullptr) return node->kind != Kind::kQuery;
      const bool by_alias = table->name.size() == 1 && !read->alias.empty() &&
                            Key(read->alias) == Key(table->name[0]);
      const bool by_name = read->alias.empty() && read->name.size() == table->name.size() &&
                           TargetName(read) == TargetName(table);
      if (by_alias || by_name) found = read;
      return true;
    });
  }
  return found;
}

// What is written to: T-SQL writes through a CTE to the one table below it.
std::string Analyzer::WrittenName(const sql::Node* target, const Scope& scope) {
  const auto* table = sql::As<sql::Table>(target);
  if (table != nullptr && table->name.size() == 1 && dialect_ == sql::Dialect::kTsql) {
    const RelationFlow* cte = FindCte(table->name[0], scope.ctes);
    if (cte != nullptr && cte->bases.size() == 1) {
      return std::string(flows_.leaf(cte->bases[0]).relation);
    }
  }
  return TargetName(target);
}

void Analyzer::RunUpdate(const sql::Update& update) {
  result_.kind = "update";
  Scope scope;
  scope.ctes = OpenWith(update.with, {}, nullptr);
  Rows rows;
  const sql::Node* aliased = AgainInFrom(update.target, update.from);
  result_.target = WrittenName(aliased != nullptr ? aliased : update.target, scope);
  if (const auto* joined = sql::As<sql::Joined>(update.target)) {
    result_.target = TargetName(joined->first);
  }
  if (aliased == nullptr && update.target != nullptr) {
    AddFrom(update.target, scope, rows, scope.star, true);
  }
  for (const sql::Node* from : update.from) AddFrom(from, scope, rows, scope.star, false);
  if (update.where != nullptr) Conjuncts(update.where, "predicate", scope, rows);
  const auto name_of = [&](const sql::Name& name) {
    return ShownOutput(rules_, name.text, name.quoted);
  };
  for (const sql::Assignment* assignment : update.set) {
    const sql::Names parts = TargetParts(assignment->target);
    if (const auto* row = sql::As<sql::Row>(assignment->target)) {
      // (a, b) = (select x, y ...)
      const auto* subquery = sql::As<sql::Subquery>(assignment->value);
      const auto* values = sql::As<sql::Row>(assignment->value);
      for (size_t i = 0; i < row->items.size(); ++i) {
        const sql::Names each = TargetParts(row->items[i]);
        FlowColumn value;
        if (values != nullptr && i < values->items.size()) {
          value = Evaluate(values->items[i], scope);
        } else if (subquery != nullptr) {
          const SubqueryFlow& inner = SubqueryOf(subquery->query, scope);
          Gathered all;
          if (i < inner.flow->columns.size()) {
            AddColumn(inner.flow->columns[i], Subtype::kIdentity, false, assignment->span, all);
          }
          all.deps.Append(*inner.flow->dataset);
          all.status = Worse(all.status, inner.flow->rows_status);
          value = MakeColumn("", "", flows_.Keep(all.deps.Take()), all.status, inner.text,
                             assignment->span);
        } else {
          value = Evaluate(assignment->value, scope);
          value.status = Status::kUnknown;
        }
        value.span = assignment->span;
        AddOutput(each.empty() ? "" : name_of(each.back()), value);
      }
      continue;
    }
    FlowColumn value = Evaluate(assignment->value, scope);
    value.span = assignment->span;
    if (parts.empty()) value.status = Status::kUnknown;
    AddOutput(parts.empty() ? "" : name_of(parts.back()), value);
  }
  TakeRows(flows_.Keep(rows.deps.Take()), rows.status);
}

void Analyzer::RunDelete(const sql::Delete& del) {
  result_.kind = "delete";
  Scope scope;
  scope.ctes = OpenWith(del.with, {}, nullptr);
  Rows rows;
  const sql::Node* again = AgainInFrom(del.target, del.from);
  result_.target = WrittenName(again != nullptr ? again : del.target, scope);
  if (again == nullptr && del.target != nullptr) {
    AddFrom(del.target, scope, rows, scope.star, true);
  }
  for (const sql::Node* from : del.from) AddFrom(from, scope, rows, scope.star, false);
  if (del.where != nullptr) Conjuncts(del.where, "predicate", scope, rows);
  TakeRows(flows_.Keep(rows.deps.Take()), rows.status);
}

namespace {

// First words of statements that are no queries. Sorted.
constexpr std::string_view kVerbs[] = {
    "ABORT",    "ALTER",      "ANALYSE",    "ANALYZE",   "ASSERT",     "ATTACH",   "BACKUP",
    "BEGIN",    "BULK",       "CACHE",      "CALL",      "CHECKPOINT", "CLEAR",    "CLONE",
    "CLOSE",    "CLUSTER",    "COMMENT",    "COMMIT",    "CONVERT",    "COPY",     "CREATE",
    "DBCC",     "DEALLOCATE", "DECLARE",    "DELIMITER", "DENY",       "DESC",     "DESCRIBE",
    "DETACH",   "DISCARD",    "DO",         "DROP",      "END",        "EXCHANGE", "EXEC",
    "EXECUTE",  "EXPLAIN",    "EXPORT",     "FETCH",     "FLUSH",      "FOR",      "FORCE",
    "FSCK",     "GET",        "GO",         "GRANT",     "HANDLER",    "IF",       "IMPORT",
    "INSERT",   "INSTALL",    "INVALIDATE", "KILL",      "LET",        "LIST",     "LISTEN",
    "LOAD",     "LOCK",       "LOOP",       "LS",        "MSCK",       "NOTIFY",   "OPEN",
    "OPTIMIZE", "PRAGMA",     "PREPARE",    "PRINT",     "PUT",        "RAISE",    "RAISERROR",
    "REASSIGN", "REBUILD",    "REFRESH",    "REINDEX",   "RELEASE",    "REMOVE",   "RENAME",
    "REORG",    "REPAIR",     "RESET",      "RESTORE",   "RETURN",     "REVOKE",   "RM",
    "ROLLBACK", "SAVE",       "SAVEPOINT",  "SECURITY",  "SET",        "SHOW",     "SHUTDOWN",
    "START",    "STOP",       "SUMMARIZE",  "SYNC",      "SYSTEM",     "TABLE",    "THROW",
    "TRUNCATE", "UNCACHE",    "UNDROP",     "UNINSTALL", "UNLISTEN",   "UNLOAD",   "UNLOCK",
    "UNSET",    "UPDATE",     "USE",        "VACUUM",    "VALIDATE",   "WAITFOR",  "WHILE"};

}  // namespace

void Analyzer::RunCommand(const sql::Command& command) {
  result_.kind = ToLower(command.verb);
  std::replace(result_.kind.begin(), result_.kind.end(), ' ', '_');
  if (!command.targets.empty()) result_.target = TargetName(command.targets[0]);
  if (!std::binary_search(std::begin(kVerbs), std::end(kVerbs), command.verb)) {
    result_.row_set_status = Status::kUnknown;
    Diagnose("unknown_statement",
             "there is no statement \"" + std::string(command.verb) + "\" that is known",
             command.span);
  }
  if (command.verb == "INSERT") {
    result_.row_set_status = Status::kUnknown;
    Diagnose("multi_table_insert", "what goes into which table is not followed", command.span);
  }
  if (command.verb == "UNLOAD" && command.statements.empty() && command.targets.empty()) {
    result_.row_set_status = Status::kUnknown;
    Diagnose("opaque_unload", "a query that stands in a text is not followed", command.span);
  }
  // EXPLAIN q, COPY (q) TO: what the inner query reads.
  for (const sql::Node* inner : command.statements) {
    if (inner->kind == Kind::kQuery) {
      const RelationFlow* flow = AnalyzeQuery(inner, {}, nullptr, "");
      TakeRows(flow->dataset, flow->rows_status);
    } else {
      result_.row_set_status = Status::kUnknown;
    }
  }
}

void Analyzer::Finish() {
  // Facts of what the result is made from, in text order.
  std::vector<Unit*> open = {&units_.front()};
  units_.front().reached = true;
  while (!open.empty()) {
    Unit* unit = open.back();
    open.pop_back();
    result_.row_set.insert(result_.row_set.end(), unit->facts.begin(), unit->facts.end());
    for (Unit* used : unit->uses) {
      if (used->reached) continue;
      used->reached = true;
      open.push_back(used);
    }
  }
  std::stable_sort(result_.row_set.begin(), result_.row_set.end(),
                   [](const RowSetFact& a, const RowSetFact& b) {
                     return std::tie(a.span.begin, a.span.end) < std::tie(b.span.begin, b.span.end);
                   });
  result_.relations.assign(relations_.begin(), relations_.end());
  const auto order = [](const Edge& a, const Edge& b) {
    return std::tie(a.relation, a.column, a.field, a.subtype, a.span.begin) <
           std::tie(b.relation, b.column, b.field, b.subtype, b.span.begin);
  };
  std::vector<Edge>& rows = result_.dataset;
  std::sort(rows.begin(), rows.end(), order);
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  result_.status = result_.row_set_status;
  for (const OutputColumn& column : result_.columns) {
    result_.status = Worse(result_.status, column.status);
  }
  // What was not understood taints what it stands in. Where nothing was tainted, nobody looked at
  // it, and no answer is certain.
  if (opaque_ && result_.status == Status::kExact) {
    result_.status = result_.row_set_status = Status::kUnknown;
    for (OutputColumn& column : result_.columns) column.status = Status::kUnknown;
  }
  std::vector<Diagnostic>& diagnostics = result_.diagnostics;
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) {
                     return std::tie(a.span.begin, a.span.end, a.code) <
                            std::tie(b.span.begin, b.span.end, b.code);
                   });
  diagnostics.erase(std::unique(diagnostics.begin(), diagnostics.end(),
                                [](const Diagnostic& a, const Diagnostic& b) {
                                  return a.span == b.span && a.code == b.code;
                                }),
                    diagnostics.end());
}

StatementLineage Analyzer::Run(const sql::Statement* statement) {
  result_.exact_names = rules_.compare != NameRules::Compare::kInsensitive;
  units_.emplace_back();
  unit_ = &units_.front();
  const OpenBlock outermost(*this);
  for (const sql::ParseDiagnostic& diagnostic : sql_.diagnostics()) {
    if (diagnostic.span.begin >= statement->span.begin &&
        diagnostic.span.begin <= statement->span.end) {
      Diagnose(diagnostic.code, diagnostic.message, diagnostic.span);
      opaque_ = true;
    }
  }
  switch (statement->kind) {
    case Kind::kQuery: {
      result_.kind = "select";
      const auto* query = static_cast<const sql::Query*>(statement);
      const auto* select = sql::As<sql::Select>(query->body);
      if (select != nullptr && select->into != nullptr) {
        result_.kind = "create_table_as";
        result_.target = TargetName(select->into);
      }
      RunQuery(statement, false);
      break;
    }
    case Kind::kCreate:
      RunCreate(static_cast<const sql::Create&>(*statement));
      break;
    case Kind::kInsert:
      RunInsert(static_cast<const sql::Insert&>(*statement));
      break;
    case Kind::kMerge:
      RunMerge(static_cast<const sql::Merge&>(*statement));
      break;
    case Kind::kUpdate:
      RunUpdate(static_cast<const sql::Update&>(*statement));
      break;
    case Kind::kDelete:
      RunDelete(static_cast<const sql::Delete&>(*statement));
      break;
    case Kind::kCommand:
      RunCommand(static_cast<const sql::Command&>(*statement));
      break;
    default:
      result_.kind = "unknown";
      result_.row_set_status = Status::kUnknown;
      if (result_.diagnostics.empty()) {
        Diagnose("opaque_syntax", "this statement was not understood", statement->span);
      }
      break;
  }
  Finish();
  return std::move(result_);
}

}  // namespace layergate::lineage

// The analysis of one statement, spread over the files of this folder by theme:
//   statement.cpp    statements, and what they write
//   query.cpp        queries, SELECT blocks
//   set_operation.cpp  UNION, INTERSECT, EXCEPT
//   from.cpp         relations of FROM and joins
//   cte.cpp          WITH, recursion
//   pipe.cpp         pipe syntax
//   generated.cpp    relations made from values: UNNEST, ARRAY JOIN, table functions
//   generators.cpp   the same in a SELECT list: explode(), unnest()
//   default_names.cpp  names of columns that nobody named
//   pivot.cpp        PIVOT, UNPIVOT, MATCH_RECOGNIZE
//   resolve.cpp      names
//   star.cpp         `*`, COLUMNS(); column_names.cpp has their tests of names
//   picked_rows.cpp  SQLite's columns outside of aggregates
//   expression.cpp   how values flow through expressions
//   built_shapes.cpp  the fields of values that the text builds
//   text.cpp         normalised text of expressions and facts; text_truth.cpp of conditions
//
// Internal to src/lineage. Not thread-safe; one object per statement.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lineage/analyze.h"
#include "lineage/column_graph.h"
#include "lineage/flow.h"
#include "lineage/functions.h"
#include "lineage/names.h"
#include "lineage/scope.h"
#include "sql/ast.h"
#include "sql/parse.h"

namespace layergate::lineage {

// What is being collected while an expression is followed.
struct Gathered {
  DepBuilder deps;
  Status status = Status::kExact;
};

// The rows of a block, while it is being put together.
struct Rows {
  DepBuilder deps;
  Status status = Status::kExact;
  std::string where;                         // the block's name in facts
  std::vector<RowSetFact::Conjunct> using_;  // equalities of the USING that was merged last
};

class Analyzer {
 public:
  Analyzer(const sql::ParsedSql& sql, const SchemaLookup& schemas);

  StatementLineage Run(const sql::Statement* statement);

 private:
  // --- statement.cpp
  void RunQuery(const sql::Node* query, bool stored);
  void RunCreate(const sql::Create& create);
  void RunInsert(const sql::Insert& insert);
  void RunConflict(const sql::Insert& insert, CteView ctes);
  void RunMerge(const sql::Merge& merge);
  void RunUpdate(const sql::Update& update);
  void RunDelete(const sql::Delete& del);
  void RunCommand(const sql::Command& command);
  void AddOutputs(const std::vector<FlowColumn>& columns);
  void AddOutput(std::string name, const FlowColumn& column);
  void SetEdges(const DepSet& deps, OutputColumn& column);
  void TakeRows(const DepSet* dataset, Status status);
  void Finish();
  std::string TargetName(const sql::Node* relation) const;
  std::string WrittenName(const sql::Node* target, const Scope& scope);
  const sql::Node* AgainInFrom(const sql::Node* target, sql::List<sql::Relation> from) const;
  void RenameOutputs(sql::Names names);

  // --- query.cpp, set_operation.cpp
  struct Tail {  // ORDER BY and LIMIT around a body
    const sql::Query* query = nullptr;
  };
  const RelationFlow* AnalyzeQuery(const sql::Node* node, CteView ctes, Scope* outer,
                                   const std::string& where);
  const RelationFlow* AnalyzeBody(const sql::Node* body, CteView ctes, Scope* outer,
                                  const std::string& where, const sql::Query* tail);
  const RelationFlow* AnalyzeSelect(const sql::Select& select, CteView ctes, Scope* outer,
                                    const std::string& where, const sql::Query* tail);
  const RelationFlow* AnalyzeSetOperation(const sql::SetOperation& operation, CteView ctes,
                                          Scope* outer, const std::string& where,
                                          const sql::Query* tail);
  const RelationFlow* AnalyzeValues(const sql::Values& values, CteView ctes, Scope* outer,
                                    const std::string& where, const sql::Query* tail);
  // --- pipe.cpp
  const RelationFlow* AnalyzePipe(const sql::PipeQuery& pipe, CteView ctes, Scope* outer,
                                  const std::string& where);
  void PipeStepInto(const sql::PipeStep& step, RelationFlow& flow, CteView ctes, Scope* outer,
                    const std::string& where, std::vector<FromItem>& named);
  std::string RowsText(const Scope& scope, size_t first_fact) const;
  std::vector<std::string> BranchNames(const std::vector<const RelationFlow*>& branches) const;
  using Meetings = std::vector<std::vector<const FlowColumn*>>;
  Meetings MeetingColumns(const std::vector<const RelationFlow*>& branches,
                          const sql::SetOperation& operation) const;
  RelationFlow* CombineBranches(const std::vector<const RelationFlow*>& branches,
                                const sql::SetOperation& operation, const std::string& where);
  // --- cte.cpp
  CteView OpenWith(const sql::With* with, CteView ctes, Scope* outer);
  const RelationFlow* AnalyzeCte(const sql::Cte& cte, bool recursive, CteFrame& frame,
                                 Scope* outer);
  const RelationFlow* WithRowsOfItself(const RelationFlow& result, const RelationFlow& self,
                                       std::string_view details, size_t first_unit);
  const RelationFlow* AnalyzeRecursive(const sql::Cte& cte, const sql::SetOperation& operation,
                                       CteFrame& frame, Scope* outer);
  void EvaluateItems(Scope& scope, std::vector<FlowColumn>& out);
  FlowColumn& Item(Scope& scope, size_t index);
  void OpenItems(const sql::Select& select, Scope& scope);
  bool GroupsLikeDistinct(const sql::Select& select) const;
  void GroupBy(const sql::GroupBy& group, Scope& scope, Rows& rows,
               const std::vector<FlowColumn>* columns);
  void GroupItem(const sql::Node* node, Scope& scope, Rows& rows, std::vector<std::string>& texts);
  const FlowColumn* OutputOf(const sql::Expr* expr, const std::vector<FlowColumn>& columns) const;
  void Distinct(const sql::Select& select, Scope& scope, const std::vector<FlowColumn>& columns,
                Rows& rows, bool& limits);
  std::string FollowKey(const sql::Expr* expr, Subtype use, Scope& scope,
                        const std::vector<FlowColumn>& columns, Rows& rows);
  void OrderAndLimit(const sql::Query& tail, Scope& scope, const std::vector<FlowColumn>& columns,
                     Rows& rows, bool limits);
  const RelationFlow* WithTail(const RelationFlow* flow, const sql::Query* tail, CteView ctes,
                               Scope* outer, const std::string& where);
  void FollowUnknown(sql::List<sql::Node> clauses, Scope& scope, Rows& rows);
  void LimitFact(const sql::Limit* limit, Scope& scope, Rows& rows, bool& limits,
                 const std::vector<FlowColumn>* columns = nullptr);
  void Conjuncts(const sql::Expr* predicate, const char* kind, Scope& scope, Rows& rows);
  bool HasAggregate(const sql::Node* expr) const;
  void NameByPath(const sql::Column& column, const Scope& scope, FlowColumn& value);
  // --- picked_rows.cpp
  void PickRows(const sql::Select& select, const sql::Query* tail, Scope& scope);
  void AddPicked(const Scope& scope, FlowColumn& column);
  bool HasBareColumn(const sql::Node* node, const Scope& scope) const;
  // --- default_names.cpp
  std::string DefaultName(const sql::SelectItem& item, const std::vector<FlowColumn>& before) const;
  // DuckDB prints the expression anew, and not every version in the same way; what DefaultName
  // gives may not be its name.
  bool GuessesName(const sql::SelectItem& item) const;
  std::string PostgresName(const sql::Expr* expr, bool& strong) const;
  void CollectWindows(const sql::Node* node, Scope& scope, Rows& rows);
  RelationFlow* NewRelation();
  void SeeBases(RelationFlow& flow, const Scope& scope);

  // --- from.cpp
  void AddFrom(const sql::Node* node, Scope& scope, Rows& rows, std::vector<StarColumn>& star,
               bool first);
  const RelationFlow* TableFlow(const sql::Table& table, Scope& scope, bool& is_cte);
  const RelationFlow* BaseTable(sql::Names name, Span span);
  const RelationFlow* FindCte(const sql::Name& name, CteView ctes);
  const RelationFlow* UnclearCte(const sql::Name& name);
  void AddJoined(const sql::Joined& joined, Scope& scope, Rows& rows,
                 std::vector<StarColumn>& star);
  void AddJoin(const sql::Join& join, Scope& scope, Rows& rows, std::vector<StarColumn>& star);
  void CloseItems(Scope& scope);
  bool ReadsAlias(const sql::Expr* condition, Scope& scope) const;
  void NameMerged(const sql::Join& join, Scope& scope, Rows& rows);
  void MergeColumns(const std::vector<sql::Name>& names, const sql::Join& join, Scope& scope,
                    Rows& rows, std::vector<StarColumn>& left, std::vector<StarColumn>& right);
  std::vector<sql::Name> NaturalNames(const std::vector<StarColumn>& left,
                                      const std::vector<StarColumn>& right);
  size_t AddItem(Scope& scope, FromItem item, Rows& rows);
  const RelationFlow* Renamed(const RelationFlow* flow, sql::Names names);
  const RelationFlow* Stored(const RelationFlow* flow);
  static void CopyRelation(const RelationFlow& from, RelationFlow& to);
  std::string AliasKey(const sql::RelationNode& node);
  void StarOf(const Scope& scope, size_t item, std::vector<StarColumn>& star);
  FlowColumn Unmerged(const std::vector<StarColumn>& side, const std::string& key,
                      const sql::Name& name, const Scope& scope);
  FlowColumn ThroughItem(const FromItem& item, const FlowColumn& column);
  FlowColumn MaybeMissing(const FlowColumn& column);
  void MayBeMissing(Scope& scope, size_t first, size_t last, std::vector<StarColumn>& star);

  // --- generated.cpp
  const Shape* Transformed(const Shape* shape, Span span);
  const RelationFlow* UnnestFlow(const sql::Unnest& unnest, Scope& scope, Rows& rows);
  const RelationFlow* FunctionFlow(const sql::TableFunction& function, Scope& scope, Rows& rows);
  const RelationFlow* PivotFlow(const sql::Pivot& pivot, const RelationFlow* input, Scope& scope,
                                Rows& rows);
  const RelationFlow* UnpivotFlow(const sql::Unpivot& unpivot, const RelationFlow* input,
                                  Scope& scope, Rows& rows);
  const RelationFlow* MatchFlow(const sql::MatchRecognize& match, const RelationFlow* input,
                                Scope& scope, Rows& rows);
  const RelationFlow* OpaqueFlow(const sql::Node& node, Scope& scope, Rows& rows);
  // A relation of one FROM entry, analysed in a block of its own.
  const RelationFlow* InnerFlow(const sql::Node* node, Scope& outer, Rows& rows, Scope& inner);
  FlowColumn Generated(std::string_view name, const FlowColumn& from, Span span);
  bool HasScalarElements(const sql::Expr* expr, const FlowColumn& array);
  void AddArrayJoin(const sql::Unnest& unnest, Scope& scope, Rows& rows,
                    std::vector<StarColumn>& star);

  // --- generators.cpp
  std::vector<FlowColumn> StackColumns(const sql::Call& call, Scope& scope);
  std::vector<FlowColumn> GeneratedColumns(const sql::Call& call, Scope& scope);
  bool ExpandGenerator(const sql::SelectItem& item, Scope& scope, std::vector<FlowColumn>& out);
  static bool IsMap(const FlowColumn& column);
  bool GivesRows(const sql::Call& call) const;
  void Multiply(const sql::Call& call, Scope& scope, const Gathered& values);

  // --- resolve.cpp
  FlowColumn ResolveColumn(const sql::Column& column, Scope& scope);
  bool ResolveParts(sql::Names parts, Span span, Scope* scope, FlowColumn& out);
  bool ResolveName(const sql::Name& name, Span span, Scope* from, FlowColumn& out, bool fields);
  // In one block only.
  bool ResolveHere(const sql::Name& name, Span span, Scope& scope, FlowColumn& out,
                   std::vector<FlowColumn>& maybe);
  bool ResolveQualified(sql::Names parts, Span span, Scope& scope, FlowColumn& out);
  bool ColumnOf(const FromItem& item, const sql::Name& name, Span span, FlowColumn& out,
                bool& may_have);
  bool ResolveScalar(const std::string& key, Scope* from, FlowColumn& out);
  bool AliasVisible(const Scope& scope, const std::string& key, size_t& index) const;
  FlowColumn FieldOf(const FlowColumn& base, const sql::Name& name, Span span, bool json);
  FlowColumn ElementOf(const FlowColumn& base, Span span);
  const Shape* ShapeOf(const FlowColumn& column);
  FlowColumn WholeRow(const FromItem& item, Span span);
  bool HasWholeRows() const;
  size_t ItemOf(const Scope& scope, const std::string& key) const;
  FlowColumn Choices(std::vector<FlowColumn> options, Span span, std::string_view name);
  FlowColumn Unresolved(sql::Names parts, Span span);
  const FromItem* FindItem(const Scope& scope, std::span<const std::string> keys) const;
  std::vector<uint32_t> MayHave(const Scope& scope, const std::string& key, bool quoted) const;
  FlowColumn LeafColumn(const RelationFlow& relation, const sql::Name& name, Span span);
  bool IsPseudoColumn(const std::string& lower) const;
  bool IsNiladic(const std::string& lower) const;
  bool IsReserved(const std::string& lower) const;

  // --- star.cpp
  void ExpandStar(const sql::Star& star, Scope& scope, std::vector<FlowColumn>& out);
  void ExpandColumns(const sql::SelectItem& item, const sql::ColumnsMacro& macro, Scope& scope,
                     std::vector<FlowColumn>& out);
  std::vector<FlowColumn> MacroColumns(const sql::ColumnsMacro& macro, Scope& scope);
  bool Replace(sql::List<sql::SelectItem> items, Scope& scope, FlowColumn& column,
               std::set<const sql::SelectItem*>& done);
  void Rename(const sql::Star& star, const Scope& scope, StarColumn& column);
  bool IsExcluded(const sql::Star& star, const StarColumn& column, const Scope& scope);
  std::optional<bool> PassesPattern(const sql::Star& star, const std::string& name);
  void Apply(sql::List<sql::Expr> functions, Scope& scope, FlowColumn& column);
  std::vector<StarColumn> StarColumns(sql::Names qualifier, const sql::Expr* base, Span span,
                                      Scope& scope);
  const sql::Node* FindMacro(const sql::Node* expr) const;

  // --- expression.cpp
  FlowColumn Evaluate(const sql::Expr* expr, Scope& scope);
  void Follow(const sql::Expr* expr, Scope& scope, Subtype use, bool masking, Gathered& into);
  FunctionClass ClassOfCall(const sql::Call& call) const;
  void FollowCall(const sql::Call& call, Scope& scope, Subtype use, bool masking, Gathered& into);
  bool FollowColumnOfThatName(const sql::Call& call, Scope& scope, Subtype use, bool masking,
                              Gathered& into);
  bool FollowInsertedValue(const sql::Call& call, Scope& scope, Subtype use, bool masking,
                           Gathered& into);
  void FollowArguments(const sql::Call& call, Scope& scope, Subtype use, bool masking,
                       Gathered& into);
  void FollowWindow(const sql::WindowSpec* window, Scope& scope, Subtype use, Gathered& into,
                    int depth);
  void FollowQuery(const sql::Node* query, Scope& scope, Subtype use, Subtype value_use,
                   bool masking, Gathered& into);
  void FollowLambda(const sql::Lambda& lambda, Scope& scope, Subtype use, bool masking,
                    Gathered& into);
  void AddColumn(const FlowColumn& column, Subtype use, bool masking, Span span, Gathered& into);
  struct SubqueryFlow {
    const RelationFlow* flow = nullptr;
    std::string text;
    std::string rows;   // the part of it that is about rows
    std::string order;  // how they are ordered, which is something where they become a list
  };
  const SubqueryFlow& SubqueryOf(const sql::Node* query, Scope& scope);
  FlowColumn PositionalColumn(const sql::PositionalColumn& positional, Scope& scope);
  const Shape* CallShape(const sql::Call& call, const FlowColumn& value, Scope& scope);
  const Shape* CastShape(const sql::Cast& cast, Scope& scope);
  const std::string* FieldText(const FlowColumn& of, const FlowColumn& field);
  const Shape* ArrayShape(const sql::Array& array, Scope& scope);
  const Shape* RowShape(sql::List<sql::Expr> items, Scope& scope);
  const Shape* StructShape(const sql::Call& call, Scope& scope);
  void AddRowsOf(const RelationFlow& flow, Subtype use, Gathered& into);
  const Shape* SubqueryShape(const sql::Subquery& subquery, Scope& scope);
  void RowsOf(Unit& unit, SubqueryFlow& of) const;
  std::string_view FunctionName(const sql::Call& call) const;

  // --- text.cpp
  std::string Text(const sql::Expr* expr, Scope& scope);
  std::string Operand(const sql::Expr* expr, Scope& scope);
  // One part of an AND or OR, perhaps under a NOT.
  struct Term {
    const sql::Expr* expr = nullptr;
    bool negated = false;
  };
  struct Membership {
    std::string subject;
    std::vector<std::string> values;
    bool negated = false;
    Span span;
    size_t at = 0;
  };
  bool IsMembership(const Term& term, Scope& scope, Membership& out);
  static void Flatten(std::string_view op, const Term& term, std::vector<Term>& into);
  std::vector<RowSetFact::Conjunct> PartsOf(std::string_view op, const std::vector<Term>& terms,
                                            Scope& scope);
  std::string TermsText(std::string_view op, const std::vector<Term>& terms, Scope& scope);
  std::string Negated(const sql::Expr* expr, Scope& scope);
  static std::string CaseText(const std::vector<std::pair<std::string, std::string>>& branches,
                              std::string otherwise);
  static std::string PartText(const sql::Expr* argument);
  std::vector<std::string> ArgumentTexts(const sql::Call& call, Scope& scope);
  std::string CallInOtherWords(std::string_view name, const sql::Call& call, Scope& scope);
  std::string ExtractText(std::string_view part, const sql::Expr* operand, Scope& scope);
  std::string ListText(const std::string& subject, bool negated,
                       std::vector<std::string> values) const;
  std::vector<std::string> Bounds(const sql::Between& between, Scope& scope);
  std::string TextList(sql::List<sql::Expr> list, Scope& scope);
  std::string CallText(const sql::Call& call, Scope& scope);
  std::string BinaryText(const sql::Binary& binary, Scope& scope);
  enum class Truth : uint8_t { kNo, kPerhaps, kYes };
  Truth IsTruth(const sql::Expr* expr, Scope& scope);
  static const sql::Expr* TestedForTruth(const sql::Binary& binary, bool& yes);
  std::string TruthText(const sql::Expr* expr, bool negated, Scope& scope);
  bool MayBeUnordered(const sql::Expr* expr, Scope& scope);
  std::string WindowText(const sql::WindowSpec* window, std::string_view function, Scope& scope,
                         int depth);
  std::string StarText(const sql::Star& star, Scope& scope);
  std::string RowText(const std::vector<FlowColumn>& columns) const;
  std::string OrderText(sql::List<sql::OrderItem> order, Scope& scope);
  std::string DirectionText(const sql::OrderItem& item) const;
  std::string GenericText(const sql::Node& node, Scope& scope);
  static std::string DetailText(std::string_view details);  // one spelling of sql's `details`
  // A text as part of another: long ones become a digest.
  std::string Capped(const std::string& text) const;
  RowSetFact* Fact(const char* kind, const std::string& where, std::string text, std::string detail,
                   Span span);
  // Facts belong to the query block that is open. A new one may go on from another one's rows.
  class OpenBlock {
   public:
    explicit OpenBlock(Analyzer& analyzer, int goes_on_from = RowSetFact::kBaseTable);
    ~OpenBlock() { analyzer_.block_ = before_; }
    OpenBlock(const OpenBlock&) = delete;
    OpenBlock& operator=(const OpenBlock&) = delete;

   private:
    Analyzer& analyzer_;
    int before_;
  };
  void SetSource(RowSetFact* fact, const RelationFlow& relation);
  void SplitConjuncts(const sql::Expr* condition, Scope& scope,
                      std::vector<RowSetFact::Conjunct>& into);

  // --- shared
  const std::string* Keep(std::string text) { return flows_.Keep(std::move(text)); }
  std::string Key(const sql::Name& name) const { return NameKey(rules_, name.text, name.quoted); }
  FlowColumn MakeColumn(std::string_view shown, std::string_view key, const DepSet* deps,
                        Status status, std::string text, Span span);
  FlowColumn NamedColumn(const sql::Name& name, FlowColumn column);
  FlowColumn UnknownStar(const RelationFlow* relation, Span span);
  void Diagnose(std::string code, std::string message, Span span);

  const sql::ParsedSql& sql_;
  sql::Dialect dialect_;
  const NameRules& rules_;
  const SchemaLookup& schemas_;
  Flows flows_;
  StatementLineage result_;
  std::deque<RelationFlow> relation_store_;
  std::deque<Shape> shapes_;
  std::deque<FlowColumn> values_;
  std::deque<CteFrame> frames_;
  std::deque<Unit> units_;
  std::deque<Scope> scopes_;  // scopes that outlive their block (lambdas, pipes)
  Unit* unit_ = nullptr;
  int block_ = 0;
  bool keep_facts_ = false;  // in an expression's subquery: its facts are its text, quiet or not
  std::unordered_map<std::string, const RelationFlow*> base_tables_;
  std::set<std::string> relations_;
  std::vector<FromItem> from_items_;  // of the FROM that a pipe begins with
  std::unordered_map<const sql::Node*, FlowColumn> resolved_;
  std::unordered_map<const sql::Node*, SubqueryFlow> subqueries_;
  const FlowColumn* columns_value_ = nullptr;  // what COLUMNS(...) stands for just now
  bool opaque_ = false;                        // the statement has syntax that was not understood
  int aggregates_ = 0;                         // > 0: inside of an aggregate's arguments
  int quiet_ = 0;                              // > 0: diagnostics are not collected
};

}  // namespace layergate::lineage

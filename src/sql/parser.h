// The parser: recursive descent for clauses, precedence climbing for expressions, over all tokens
// of a text. Internal to this folder; the door is sql/parse.h.
//
// Three rules keep it honest on any input:
//   - every loop takes at least one token a round, so it ends;
//   - every function that may recurse counts depth (Deeper), and every finished node has its height
//     checked (Finish), so neither the parser nor a walker can exhaust the stack;
//   - what does not fit becomes an Opaque up to the next place where the surrounding list or clause
//     can go on (ParseOpaqueRest), which keeps the names and queries that can be seen in it.
// Alternatives are told apart by looking ahead, never by trying and going back.
#pragma once

#include <cassert>
#include <string>
#include <string_view>
#include <vector>

#include "sql/arena.h"
#include "sql/ast.h"
#include "sql/grammar.h"
#include "sql/lexer.h"
#include "sql/parse.h"

namespace layergate::sql {

class Parser {
 public:
  Parser(std::string_view text, const Grammar& grammar, Arena& arena,
         std::vector<ParseDiagnostic>& diagnostics);

  List<Statement> ParseStatements();

 private:
  // ---- tokens (inline: they are asked all the time) ---------------------------------------------

  const Token& Peek(size_t ahead = 0) const {
    size_t at = pos_ + ahead;
    return at < tokens_.size() ? tokens_[at] : tokens_.back();
  }
  Kw Word(size_t ahead = 0) const {
    const Token& token = Peek(ahead);
    return token.kind == TokenKind::kWord ? static_cast<Kw>(token.id) : Kw::kNone;
  }
  bool Is(Kw word, size_t ahead = 0) const { return Word(ahead) == word; }
  bool Is(Op op, size_t ahead = 0) const {
    const Token& token = Peek(ahead);
    return token.kind == TokenKind::kOperator && token.id == static_cast<uint16_t>(op);
  }
  bool Is(TokenKind kind, size_t ahead = 0) const { return Peek(ahead).kind == kind; }
  bool IsName(size_t ahead = 0) const {
    return Is(TokenKind::kWord, ahead) || Is(TokenKind::kQuoted, ahead);
  }
  // A word, keyword or not, compared without case: for words too rare for keywords.def.
  bool IsText(std::string_view upper, size_t ahead = 0) const;
  bool AtEnd() const { return Is(TokenKind::kEnd) || Is(Op::kSemicolon); }
  void Next() {
    if (pos_ + 1 < tokens_.size()) ++pos_;
  }
  template <typename T>
  bool Accept(T what) {
    if (!Is(what)) return false;
    Next();
    return true;
  }
  bool Accept(Kw first, Kw second) {
    if (!Is(first) || !Is(second, 1)) return false;
    Next();
    Next();
    return true;
  }
  bool AcceptText(std::string_view upper) {
    if (!IsText(upper)) return false;
    Next();
    return true;
  }
  bool Adjacent(size_t ahead = 0) const { return Peek(ahead).end == Peek(ahead + 1).begin; }
  uint32_t Begin() const { return Peek().begin; }
  uint32_t LastEnd() const { return pos_ == 0 ? 0 : tokens_[pos_ - 1].end; }
  std::string_view Raw(const Token& token) const {
    return text_.substr(token.begin, token.end - token.begin);
  }
  std::string_view RawSince(uint32_t begin) const {
    uint32_t end = LastEnd();
    return end > begin ? text_.substr(begin, end - begin) : std::string_view();
  }
  // Adds what was taken since `begin` to the details of a node.
  void Detail(std::string_view& details, uint32_t begin);
  Span SpanSince(uint32_t begin) const { return {begin, LastEnd() > begin ? LastEnd() : begin}; }

  // ---- making nodes -----------------------------------------------------------------------------

  template <typename T>
  T* New() {
    return arena_.New<T>();
  }
  // Sets the span (from `begin` to the last token) and the height. A node that would be too high
  // comes back as an Opaque.
  template <typename T>
  const Node* Finish(T* node, uint32_t begin) {
    node->span = SpanSince(begin);
    HeightField field;
    const T* fixed = node;
    fixed->Fields(field);
    node->height = static_cast<uint16_t>(field.height + 1);
    if (node->height <= kMaxHeight) return node;
    return TooDeep(begin);
  }
  // The same for a node whose type must stay; its height is not checked, since what it is put into
  // is (a few kinds only lie between two checks).
  template <typename T>
  const T* FinishAs(T* node, uint32_t begin) {
    node->span = SpanSince(begin);
    HeightField field;
    const T* fixed = node;
    fixed->Fields(field);
    node->height = static_cast<uint16_t>(field.height + 1);
    return node;
  }
  struct HeightField {
    int height = 0;
    template <typename F>
    void operator()(const char*, const F& field) {
      if constexpr (std::is_pointer_v<F>) {
        if (field != nullptr && field->height > height) height = field->height;
      } else if constexpr (!std::is_same_v<F, Names> && !std::is_same_v<F, std::string_view>) {
        if constexpr (requires { field.begin(); }) {
          for (const auto* child : field) {
            if (child->height > height) height = child->height;
          }
        }
      }
    }
  };

  // A list under construction, kept on one shared stack and copied to the arena by Take(). So only
  // the youngest Builder may be added to: a list that grows beside another one is a std::vector.
  template <typename T>
  class Builder {
   public:
    explicit Builder(Parser& parser)
        : parser_(parser), base_(parser.nodes_.size()), level_(++parser.builders_) {}
    ~Builder() {
      parser_.nodes_.resize(base_);
      --parser_.builders_;
    }
    Builder(const Builder&) = delete;
    Builder& operator=(const Builder&) = delete;
    void Add(const T* node) {
      assert(parser_.builders_ == level_);  // the youngest
      parser_.nodes_.push_back(node);
    }
    size_t size() const { return parser_.nodes_.size() - base_; }
    bool empty() const { return size() == 0; }
    const T* back() const { return static_cast<const T*>(parser_.nodes_.back()); }
    void Pop() { parser_.nodes_.pop_back(); }
    List<T> Take() {
      if (empty()) return {};
      std::span<const Node* const> nodes(parser_.nodes_.data() + base_, size());
      if constexpr (std::is_same_v<T, Node>) {
        return parser_.arena_.Copy<const Node*>(nodes);
      } else {
        auto* place = parser_.arena_.template NewArray<const T*>(nodes.size());
        for (size_t i = 0; i < nodes.size(); ++i) place[i] = static_cast<const T*>(nodes[i]);
        return {place, nodes.size()};
      }
    }

   private:
    Parser& parser_;
    size_t base_;
    [[maybe_unused]] int level_;
  };
  class NameBuilder {
   public:
    explicit NameBuilder(Parser& parser) : parser_(parser), base_(parser.names_.size()) {}
    ~NameBuilder() { parser_.names_.resize(base_); }
    NameBuilder(const NameBuilder&) = delete;
    NameBuilder& operator=(const NameBuilder&) = delete;
    void Add(Name name) { parser_.names_.push_back(name); }
    size_t size() const { return parser_.names_.size() - base_; }
    bool empty() const { return size() == 0; }
    Names Take() { return parser_.arena_.Copy<Name>({parser_.names_.data() + base_, size()}); }

   private:
    Parser& parser_;
    size_t base_;
  };
  // Sets a flag of the parser for a while: what is in parentheses of its own starts anew.
  class Flagged {
   public:
    Flagged(bool& flag, bool value) : flag_(flag), before_(flag) { flag = value; }
    ~Flagged() { flag_ = before_; }
    Flagged(const Flagged&) = delete;
    Flagged& operator=(const Flagged&) = delete;

   private:
    bool& flag_;
    bool before_;
  };
  template <typename T>
  List<T> One(const T* node) {
    Builder<T> list(*this);
    list.Add(node);
    return list.Take();
  }
  Names One(Name name) {
    NameBuilder names(*this);
    names.Add(name);
    return names.Take();
  }

  // Depth guard: `Deeper deeper(*this); if (!deeper) return TooDeep...`.
  class Deeper {
   public:
    explicit Deeper(Parser& parser, int by = 1) : parser_(parser), by_(by) { parser_.depth_ += by; }
    ~Deeper() { parser_.depth_ -= by_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;
    explicit operator bool() const { return parser_.depth_ <= kMaxDepth; }

   private:
    Parser& parser_;
    int by_;
  };

  // ---- names and literals (parse_names.cpp)
  // -------------------------------------------------------

  std::string_view Unescape(std::string_view content, char quote, bool backslash);
  std::string_view NameText(const Token& token);
  std::string_view StringText(const Token& token);
  Name MakeName(const Token& token);
  Name TakeName();            // the current token as a name, whatever its kind
  Names ParseNamePath();      // a.b.c; the current token is a name
  Names ParseTableName();     // the same with each dialect's extras
  Names ParseNameList();      // a, b, c
  Names ParseParenNames();    // (a, b, c)
  const Literal* MakeWord();  // the current token as a kKeyword literal

  // ---- opaque (parse_opaque.cpp)
  // ------------------------------------------------------------------

  void Report(std::string_view code, std::string message, Span span);
  const Node* TooDeep(uint32_t begin);
  // Skips from the current token to the next ',' ')' ']' '}' or clause word of this level, and
  // makes one Opaque of everything since `begin`; `seen` are nodes already made of it.
  const Node* ParseOpaqueRest(uint32_t begin, const Node* seen);
  const Node* MakeOpaque(uint32_t begin, uint32_t end, std::string_view what, List<Node> parts);
  void SkipBalanced();  // one token, or a whole bracketed group
  void CollectOpaqueParts(Builder<Node>& parts, bool stop_at_clause, bool stop_at_comma);
  bool IsClauseWord(size_t ahead = 0) const;
  bool IsStatementStart(size_t ahead = 0) const;
  // After something was parsed inside brackets: takes the closing one, opaquing what stands before.
  const Node* CloseParen(uint32_t begin, const Node* inner, Op close = Op::kRightParen);
  // An Opaque that has no place in the node being made: the query or statement around it takes it.
  // One that holds others takes them in, so that a text that is wrong on a thousand levels is not
  // kept a thousand times.
  void Keep(const Node* node);
  // What was kept since there were `from` of them, with `more` in front.
  List<Node> TakeLost(size_t from, List<Node> more);

  // ---- expressions (parse_expression.cpp, parse_postfix.cpp, parse_primary.cpp, parse_cast.cpp,
  // parse_constructor.cpp, parse_star.cpp, parse_call.cpp) ----------------------------------------

  const Expr* ParseExpr(int min_power = 0);
  const Expr* ParseExprAfter(const Expr* left, uint32_t begin);
  const Expr* ParsePrefix();
  const Expr* ParsePostfix(const Expr* left, uint32_t begin, bool zones = true);
  const Expr* ParseInfix(const Expr* left, uint32_t begin, int min_power, bool& taken);
  const Expr* ParseOperatorRhs(const Expr* left, uint32_t begin, std::string_view op,
                               OpClass op_class, int right_power, size_t tokens);
  const Expr* ParseNamedOperator(const Expr* left, uint32_t begin, int min_power, bool& taken);
  bool StartsOperand(size_t ahead) const;
  const Expr* ParseIs(const Expr* left, uint32_t begin);
  const Expr* ParseBetween(const Expr* left, uint32_t begin, bool negated);
  const Expr* ParseIn(const Expr* left, uint32_t begin, bool negated);
  const Expr* ParseLike(const Expr* left, uint32_t begin, bool negated);
  const Expr* ParsePrimary();
  const Expr* ParseWordPrimary();
  const Expr* ParseParen();
  const Expr* ParseCase();
  const Expr* ParseWithExpression();
  const Expr* HalfCast(const Cast* cast, uint32_t begin);
  const Expr* ParseCast(bool is_try);
  const Expr* ParseConvert(bool is_try);
  const Expr* ParseInterval();
  const Expr* ParseExtract();
  const Expr* ParseArrayBrackets(uint32_t begin, const Type* type);
  const Expr* ParseBraces();
  const Expr* ParseMapBraces(uint32_t begin);
  const Expr* ParseStructCall(uint32_t begin, const Type* type);
  const Expr* ParseColumn();
  const Expr* ParseStar(uint32_t begin, Names qualifier, const Expr* base);
  const Expr* ParseColumnsMacro(uint32_t begin, Names qualifier, bool unpacked);
  void ParseStarModifiers(Star* star);
  List<SelectItem> ParseStarItems();
  size_t StarPatternWords() const;
  const Expr* ParseSubscript(const Expr* base, uint32_t begin);
  const Expr* ParseJsonPath(const Expr* base, uint32_t begin);
  const Expr* ParseString();
  const Expr* ParseLambda();
  bool AtLambda() const;
  bool AtTypedLiteral() const;
  bool AtDateUnit(size_t ahead = 0) const;
  bool AtIntervalOfExpression() const;
  bool AtDateWord() const;
  std::string_view ParseDateUnit();
  const Type* ParseType();
  const Type* ParseTypeInner();
  void ParseTypeArguments(Type* type, bool angled);
  const ColumnDef* ParseTypeField();
  bool AtTypedConstructor() const;

  const Expr* ParseCall(uint32_t begin, Names name);
  void ParseArguments(Call* call);
  const Expr* ParseArgument(const Call& call, size_t index);
  bool HasThreeArguments() const;
  const Expr* ParseBareCall(size_t words);
  void ParseCallInner(Call* call, Builder<Expr>& arguments);
  const Expr* ParsePassed();
  bool TakeCallDetail();
  const Expr* ParseRow(uint32_t begin);
  const Expr* ParseAliased();
  const Expr* ParseTableArgument();
  const Expr* ParseXmlCall(uint32_t begin, Names name);
  const Expr* ParseCallTail(Call* call, uint32_t begin);
  const Expr* ParseSpecialCall(uint32_t begin, Names name);
  const Expr* ParseWordSeparatedCall(uint32_t begin, Names name);
  const Expr* ParseTable(uint32_t begin);
  const WindowSpec* ParseOver();
  const WindowSpec* ParseWindowSpec();
  const WindowFrame* ParseFrame();
  void ParseFrameBound(WindowFrame::Bound& bound, const Expr*& value);
  List<Expr> ParseExprList();
  List<OrderItem> ParseOrderItems();
  const OrderItem* ParseOrderItem();

  // ---- queries (parse_query.cpp, parse_select.cpp, parse_pipe.cpp)
  // ---------------------------------

  bool AtQuery(size_t ahead = 0) const;
  const Node* ParseQuery();  // Query or Opaque
  const Node* ParseQueryAfter(const Node* first, uint32_t begin, const With* with);
  const Node* ParseSetOperations(int min_power);
  const Node* ParseSetOperationsAfter(const Node* left, uint32_t begin, int min_power);
  bool AtSetOperator() const;
  void ParseSetHead(SetOperation* set);
  const Node* ParseBranchSample(const Node* branch, uint32_t begin);
  const Node* ParseQueryTerm();
  const Node* ParseParenQuery();  // '(' query ')' with the parentheses
  void ParseQueryTail(Query* query);
  bool TurnIntoDocument(Query* query, uint32_t begin);
  bool ParseLimitClause(Query* query);
  bool AtRowsExamined() const;
  void ParseRowsExamined(Query* query);
  void ParseInterpolate(Query* query);
  void SkipSettings();
  const With* ParseWith();
  void SkipDefinitions(With* with);
  const Cte* ParseCte();
  const Node* ParseValues();
  const Node* ParseAliasedValues();
  const Node* ParseBranch();
  void SkipOutfile();
  bool ParseExcludeClause(List<SelectItem> items);
  const Node* ParseSelect();
  const Node* ParseFromFirst();
  const Node* ParseTableCommand();
  const Node* ParsePivotStatement();
  void ParseSelectHead(Select* select);
  void ParseClauses(Select* select);
  const Select* StarOver(List<Relation> from, uint32_t begin);
  List<SelectItem> ParseSelectItems();
  const SelectItem* ParseSelectItem();
  void ParseAlias(SelectItem* item);
  bool IsItemAlias(size_t ahead = 0) const;
  bool AtSelectEnd() const;
  List<Node> ParseGroupingItems(bool aliases);
  const GroupBy* ParseGroupBy(bool aliases);
  const Node* ParseGroupingElement(bool aliases);
  void SkipDirection();
  List<NamedWindow> ParseWindows();
  const ConnectBy* ParseConnectBy(const Expr* start);
  const Limit* ParseTop();
  const Node* ParsePipes(const Node* source, uint32_t begin);
  const PipeStep* ParsePipeStep();
  bool ParsePipeOperator(PipeStep* step);
  const SetOperation* ParsePipeSetOperation();

  // ---- relations (parse_relation.cpp, parse_relation_suffix.cpp, parse_join.cpp, parse_pivot.cpp,
  // parse_table_function.cpp) ---------------------------------------------------------------------

  List<Relation> ParseFrom();
  const Relation* ParseJoined();
  const Relation* ParseJoins(const Relation* first, uint32_t begin);
  bool AtPivot() const;
  Join* ParseJoin();
  void ParseJoinCondition(Join* join);
  List<Join> CopyJoins(std::span<Join* const> joins);
  static bool NeedsCondition(const Join& join);
  static bool NeedsConditionOrAsof(const Join& join);
  bool AtJoin(size_t ahead = 0) const;
  bool AtRelationEnd() const;
  bool AtClauseOfSelect() const;
  const Relation* ParseRelation();
  const Relation* ParseRelationPrimary();
  const Relation* ParseParenRelation();
  const Relation* ParseOnly();
  const Relation* ParseStage();
  bool AtIndexAlias() const;
  const Relation* ParseArrayPathOffset(const Relation* relation, uint32_t begin);
  const Relation* ParseObjectUnpivot();
  const Relation* ParseRelationSuffix(const Relation* relation, uint32_t begin);
  void Refinish(Node* node);
  void ParseVersion(Table* table);
  void ParseRelationAlias(RelationNode* relation);
  void SetAlias(const Relation* relation);
  bool IsTableAlias(size_t ahead = 0) const;
  bool AtSample() const;
  const Sample* ParseSample();
  void SkipHints(RelationNode* relation);
  bool AtTableHint(size_t ahead) const;
  const Table* NamedTable(const Expr* node);
  void NameArguments(const Expr* node);
  const Relation* ParseTableFunction();
  const Relation* ParseTableCall(uint32_t begin, Names name);
  void ParseOrdinality(TableFunction* function);
  const Relation* ParseUnnest();
  void ParseUnnestSuffix(Unnest* unnest);
  List<SelectItem> ParseAsItems();
  const Relation* ParseLateralView();
  Names ParseViewColumns();
  const Relation* ParseArrayJoin();
  const Relation* ParseJsonTable();
  List<ColumnDef> ParseJsonColumns(std::string_view& details);
  void ParseJsonColumnsInto(Builder<ColumnDef>& columns, std::string_view& details);
  const Relation* ParsePivot(const Relation* input, uint32_t begin);
  const PivotColumn* ParsePivotColumn();
  const Relation* ParseUnpivot(const Relation* input, uint32_t begin);
  List<UnpivotItem> ParseUnpivotItems();
  const UnpivotItem* ParseUnpivotItem();
  const Relation* ParseMatchRecognize(const Relation* input, uint32_t begin);
  List<SelectItem> ParseMeasures();

  // ---- statements (parse_statement.cpp, parse_dml.cpp)
  // ---------------------------------------------

  const Statement* ParseStatement();
  const Node* ParseDml(const With* with, uint32_t begin);
  const Node* ParseInsert(const With* with, uint32_t begin);
  const Node* ParseUpdate(const With* with, uint32_t begin);
  const Node* ParseDelete(const With* with, uint32_t begin);
  const Node* ParseMerge(const With* with, uint32_t begin);
  const MergeClause* ParseMergeClause();
  List<Assignment> ParseAssignments();
  const Assignment* ParseAssignment();
  List<SelectItem> ParseReturning();
  void ParseConflict(Insert* insert);
  void ParseInsertDirectory(Insert* insert);
  void ParseMergeExcept(MergeClause* clause);
  void SkipPortion();
  const Node* ParseCreate();
  void ParseCreateBody(Create* create);
  const ColumnDef* ParseColumnDef();
  List<ColumnDef> ParseColumnDefs();
  const Node* ParseCommand();
  const Node* ParseMultiInsert();
  const Table* ParseTarget();
  void ParseTargets(Builder<Table>& targets);
  bool AtKind(size_t ahead) const;
  std::string_view ParseObjectKind();
  void SkipToStatementEnd(std::vector<const Node*>* statements, bool body);
  bool AtNextStatement() const;
  bool HoldsUnclosed(uint32_t begin, uint32_t end) const;
  bool AtTableConstraint() const;
  bool AtComputedColumn() const;
  void ParseDeclare(std::vector<const Node*>& statements);
  void ParseBlock(Kw verb, Command* command, std::vector<const Node*>& statements);
  void ParseCreateQuery(Create* create);
  void SkipDefiner();
  void IfExists(bool& flag);
  Names ParseMergeColumns();

  std::string_view text_;
  const Grammar& grammar_;
  Arena& arena_;
  std::vector<ParseDiagnostic>& diagnostics_;
  std::vector<Token> tokens_;
  size_t pos_ = 0;
  int depth_ = 0;
  bool no_in_ = false;  // IN ends an expression: POSITION(a IN b), AGAINST (a IN BOOLEAN MODE)
  bool too_deep_reported_ = false;
  std::vector<LexProblem> unclosed_;  // quotes and comments that are never closed
  std::vector<const Node*> lost_;
  std::vector<const Node*> nodes_;
  int builders_ = 0;  // that are alive
  std::vector<Name> names_;
};

}  // namespace layergate::sql

// FROM: tables, subqueries, joins, aliases, and what may stand behind a relation.
#include <algorithm>

#include "core/text.h"
#include "sql/parser.h"
#include "sql/walk.h"

namespace layergate::sql {

List<Relation> Parser::ParseFrom() {
  Builder<Relation> relations(*this);
  do {
    if (IsClauseWord() || AtEnd() || Is(Op::kRightParen)) break;  // a trailing comma
    size_t start = pos_;
    relations.Add(ParseJoined());
    if (pos_ == start) Next();
  } while (Accept(Op::kComma));
  return relations.Take();
}

// Whether the text behind a relation or a join's condition is something that may stand there.
bool Parser::AtRelationEnd() const {
  return AtEnd() || Is(Op::kComma) || Is(Op::kRightParen) || Is(Op::kRightBrace) || Is(Op::kPipe) ||
         IsClauseWord() || AtJoin() || AtSelectEnd() || Is(Kw::kUSING) || Is(Kw::kWINDOW) ||
         Is(Kw::kSTART) || Is(Kw::kCONNECT) || Is(Kw::kPREWHERE) || Is(Kw::kMATCH_CONDITION) ||
         Is(Kw::kSET) || Is(Kw::kOUTPUT) || Is(Kw::kVALUES) || Is(Kw::kWHEN) || AtPivot();
}

// ---- one relation -------------------------------------------------------------------------------

const Relation* Parser::ParseRelation() {
  uint32_t begin = Begin();
  Name prefix;
  if (grammar_.alias_colon && IsName() && Is(Op::kColon, 1)) {  // DuckDB: FROM a: t
    prefix = TakeName();
    Next();
  }
  bool lateral = Is(Kw::kLATERAL) && !IsText("VIEW", 1) && Accept(Kw::kLATERAL);
  const Relation* relation = ParseRelationPrimary();
  auto* common = const_cast<RelationNode*>(AsRelation(relation));
  if (common == nullptr) return ParseOpaqueRest(begin, relation);
  if (lateral) common->lateral = true;
  if (!prefix.empty()) common->alias = prefix;
  return ParseRelationSuffix(relation, begin);
}

const Relation* Parser::ParseRelationPrimary() {
  uint32_t begin = Begin();
  if (Is(Op::kLeftParen)) return ParseParenRelation();
  auto named = [&](Table::Form form) {
    auto* table = New<Table>();
    table->form = form;
    table->name = One(TakeName());
    return Finish(table, begin);
  };
  if (Is(TokenKind::kString)) {
    // DuckDB looks a string without a path up in its catalog first.
    const bool path = StringText(Peek()).find_first_of("./*\\") != std::string_view::npos;
    const Node* file = named(path || grammar_.at_stages ? Table::Form::kFile : Table::Form::kName);
    if (grammar_.at_stages && Is(Op::kLeftParen)) {  // '@stage' (FILE_FORMAT => f)
      const uint32_t options = Begin();
      SkipBalanced();
      Detail(const_cast<Table*>(As<Table>(file))->details, options);
    }
    return file;
  }
  if (Is(TokenKind::kParameter)) {
    bool path = Is(Op::kDot, 1) && (IsName(2) || Is(TokenKind::kParameter, 2));
    if (path && Is(Op::kLeftParen, 3)) {  // @x.nodes('...')
      auto* function = New<TableFunction>();
      function->calls = One(ParsePostfix(ParsePrimary(), begin));
      return Finish(function, begin);
    }
    if (!path) return named(Table::Form::kVariable);
    auto* table = New<Table>();  // ${catalog}.schema.t
    table->form = Table::Form::kVariable;
    table->name = ParseTableName();
    return Finish(table, begin);
  }
  if (Is(Op::kAt) && grammar_.at_stages) return ParseStage();
  if (Is(Op::kLeftBrace) && IsText("OJ", 1)) {  // ODBC: {oj t LEFT JOIN u ON ...}
    Next();
    Next();
    return CloseParen(begin, ParseJoined(), Op::kRightBrace);
  }
  if (!IsName()) return ParseOpaqueRest(begin, nullptr);
  if (Is(Kw::kUNPIVOT) && grammar_.super_paths && IsName(1)) return ParseObjectUnpivot();
  bool called = Is(Op::kLeftParen, 1);
  switch (Word()) {
    case Kw::kUNNEST:
      if (called) return ParseUnnest();
      break;
    case Kw::kVALUES:
      if (called && grammar_.array_join) break;  // ClickHouse: a function, values('a Int8', 1, 2)
      if (called || Is(TokenKind::kString, 1) || Is(TokenKind::kNumber, 1) || Is(Kw::kROW, 1)) {
        auto* derived = New<Derived>();
        auto* query = New<Query>();
        query->body = ParseValues();
        derived->query = Finish(query, begin);
        return Finish(derived, begin);
      }
      break;
    case Kw::kONLY:
      if (called || IsName(1)) return ParseOnly();
      break;
    case Kw::kJSON_TABLE:
      if (called) return ParseJsonTable();
      break;
    case Kw::kROWS:
      if (Is(Kw::kFROM, 1) && Is(Op::kLeftParen, 2)) return ParseTableFunction();
      break;
    case Kw::kTABLE:
      if (called) return ParseTableFunction();
      // A table called `table`, unless a name follows that can be no alias of it.
      if (Is(TokenKind::kQuoted, 1) || (Is(TokenKind::kWord, 1) && Word(1) == Kw::kNone)) Next();
      break;
    default:
      if (IsText("XMLTABLE") && called) return ParseJsonTable();
      if (IsText("STREAM") && grammar_.sort_by) {  // STREAM(t), STREAM t, STREAM read_files(...)
        if (called) {
          Next();
          Next();
          return CloseParen(begin, ParseRelation());
        }
        if (IsName(1) && (Is(Op::kDot, 2) || Is(Op::kLeftParen, 2))) Next();
      }
      break;
  }
  called = Is(Op::kLeftParen, 1);
  if (StartsNoExpression(Word()) && !called) return ParseOpaqueRest(begin, nullptr);
  Names name = ParseTableName();
  if (Is(Op::kLeftParen) && !(grammar_.table_hints && AtTableHint(1))) {
    return ParseTableCall(begin, name);
  }
  if (grammar_.super_paths && Is(Op::kLeftBracket)) {  // Redshift: FROM t.items[0].lines AS l
    auto* column = New<Column>();
    column->parts = name;
    auto* item = New<SelectItem>();
    item->expr = ParsePostfix(Finish(column, begin), begin, false);
    auto* unnest = New<Unnest>();
    unnest->items = One<SelectItem>(FinishAs(item, begin));
    return Finish(unnest, begin);
  }
  auto* table = New<Table>();
  table->name = name;
  if (Is(Op::kDot) && Is(Op::kStar, 1)) {  // BigQuery's wildcard a.b.*
    Next();
    Next();
  } else if (Is(Op::kStar) && (grammar_.free_operators || grammar_.dashed_tables)) {
    Next();  // PostgreSQL: t *; BigQuery: a.b_*
  } else if (Is(Op::kAt) && grammar_.sort_by && Peek().begin == LastEnd()) {  // Delta: t@v12
    uint32_t version = Begin();
    Next();
    Next();
    auto* word = New<Literal>();
    word->form = Literal::Form::kKeyword;
    word->text = RawSince(version);
    table->version = Finish(word, version);
  }
  return Finish(table, begin);
}

// ONLY t, ONLY (t): without the tables that inherit from it.
const Relation* Parser::ParseOnly() {
  uint32_t begin = Begin();
  auto* table = New<Table>();
  Next();
  Detail(table->details, begin);
  const bool many = Accept(Op::kLeftParen);
  if (!IsName()) return ParseOpaqueRest(begin, nullptr);
  table->name = ParseTableName();
  Accept(Op::kStar);
  const Node* only = Finish(table, begin);
  return many ? CloseParen(begin, only) : only;
}

// @stage/path (FILE_FORMAT => f)
const Relation* Parser::ParseStage() {
  uint32_t begin = Begin();
  Next();
  while (!Is(TokenKind::kEnd) && Peek().begin == LastEnd() && !Is(Op::kLeftParen) &&
         !Is(Op::kRightParen) && !Is(Op::kComma) && !Is(Op::kSemicolon)) {
    Next();
  }
  auto* table = New<Table>();
  table->form = Table::Form::kStage;
  table->name = One(Name{RawSince(begin), true, SpanSince(begin)});
  const uint32_t options = Begin();
  if (Is(Op::kLeftParen)) SkipBalanced();
  Detail(table->details, options);
  return Finish(table, begin);
}

const Relation* Parser::ParseParenRelation() {
  uint32_t begin = Begin();
  bool show = Is(TokenKind::kWord, 1) &&
              (Is(Kw::kDESCRIBE, 1) || IsText("SHOW", 1) || IsText("SUMMARIZE", 1)) && IsName(2);
  bool table = Is(Kw::kTABLE, 1) && IsName(2) && !Is(Op::kLeftParen, 2);
  bool values = Is(Kw::kVALUES, 1);  // (VALUES (1) AS t (a)) is a relation in parentheses
  if ((AtQuery(1) && !values) || table || Is(Kw::kINSERT, 1) || Is(Kw::kUPDATE, 1) ||
      Is(Kw::kDELETE, 1) || Is(Kw::kMERGE, 1)) {
    auto* derived = New<Derived>();
    derived->query = ParseParenQuery();
    return Finish(derived, begin);
  }
  Next();
  if (show) return CloseParen(begin, ParseOpaqueRest(begin, nullptr));
  bool doubled = Is(Op::kLeftParen) || values;
  const Relation* inner = ParseJoined();
  const auto* derived = As<Derived>(inner);
  if (doubled && derived != nullptr && derived->alias.empty() &&
      (AtSetOperator() || (Is(Kw::kORDER) && Is(Kw::kBY, 1)) || Is(Kw::kLIMIT))) {
    auto* whole = New<Derived>();
    const Node* continued = ParseQueryAfter(derived->query, begin, nullptr);
    whole->query = CloseParen(begin, continued);
    return Finish(whole, begin);
  }
  if (Is(Op::kComma)) {  // (a, b): a cross join in parentheses
    std::vector<Join*> joins;
    while (Accept(Op::kComma)) {
      auto* join = New<Join>();
      uint32_t join_begin = Begin();
      join->join = JoinKind::kCross;
      join->right = ParseJoined();
      FinishAs(join, join_begin);
      joins.push_back(join);
    }
    auto* joined = New<Joined>();
    joined->first = inner;
    joined->joins = CopyJoins(joins);
    inner = Finish(joined, begin);
  }
  inner = CloseParen(begin, inner);
  const RelationNode* common = AsRelation(inner);
  bool again = common != nullptr && !common->alias.empty() && (Is(Kw::kAS) || IsTableAlias());
  if (!again) return inner;
  auto* joined = New<Joined>();
  joined->first = inner;
  return Finish(joined, begin);
}

bool Parser::AtPivot() const {
  if (Is(Kw::kPIVOT)) return Is(Op::kLeftParen, 1);
  return Is(Kw::kUNPIVOT) && (Is(Op::kLeftParen, 1) || Is(Kw::kINCLUDE, 1) || Is(Kw::kEXCLUDE, 1));
}

// Versions, aliases, samples, hints, pivots: whatever follows a relation, in whatever order.
const Relation* Parser::ParseRelationSuffix(const Relation* relation, uint32_t begin) {
  for (size_t start = pos_;; start = pos_) {
    auto* common = const_cast<RelationNode*>(AsRelation(relation));
    if (common == nullptr) return relation;
    if (auto* table = const_cast<Table*>(As<Table>(relation))) ParseVersion(table);
    relation = ParseArrayPathOffset(relation, begin);
    common = const_cast<RelationNode*>(AsRelation(relation));
    if (Is(Kw::kFINAL) && grammar_.final_modifier) {
      const uint32_t word = Begin();
      Next();
      Detail(common->details, word);
    }
    if (common->alias.empty() && common->column_aliases.empty() &&
        (Is(Kw::kAS) || IsTableAlias())) {
      ParseRelationAlias(common);
    }
    if (AtSample()) {
      Next();
      common->sample = ParseSample();
    }
    if (auto* unnest = const_cast<Unnest*>(As<Unnest>(relation))) ParseUnnestSuffix(unnest);
    SkipHints(common);
    Refinish(common);
    if (AtPivot()) {
      relation = Is(Kw::kPIVOT) ? ParsePivot(relation, begin) : ParseUnpivot(relation, begin);
    } else if (Is(Kw::kMATCH_RECOGNIZE) && Is(Op::kLeftParen, 1)) {
      relation = ParseMatchRecognize(relation, begin);
    } else if (pos_ == start) {
      if (AtRelationEnd() || AtClauseOfSelect()) return relation;
      return ParseOpaqueRest(begin, relation);
    }
  }
}

// BigQuery's `t.items WITH OFFSET AS i` and Redshift's `t.items AS item AT i`: the name is a path
// to an array, not a table's.
const Relation* Parser::ParseArrayPathOffset(const Relation* relation, uint32_t begin) {
  const auto* table = As<Table>(relation);
  if (table == nullptr) return relation;
  const bool offset = grammar_.struct_constructor && Is(Kw::kWITH) && Is(Kw::kOFFSET, 1);
  const bool at = AtIndexAlias() && table->name.size() > 1;
  if (!offset && !at) return relation;
  auto* column = New<Column>();
  column->parts = table->name;
  column->span = table->span;
  auto* item = New<SelectItem>();
  item->expr = column;
  item->span = column->span;
  item->height = 2;
  auto* unnest = New<Unnest>();
  unnest->items = One<SelectItem>(item);
  unnest->alias = table->alias;
  if (at) {
    Next();
    unnest->with_offset = true;
    unnest->offset_alias = TakeName();
  } else {
    ParseUnnestSuffix(unnest);
  }
  return Finish(unnest, begin);
}

// Redshift: `AT i` behind a path or its alias; a bare `at` is an alias like any other.
bool Parser::AtIndexAlias() const {
  return grammar_.super_paths && Is(Kw::kAT) && IsName(1) && !Is(Kw::kAT, 1) && IsTableAlias(1);
}

// Redshift: UNPIVOT object [AS value] [AT name], a row for each attribute of an object.
const Relation* Parser::ParseObjectUnpivot() {
  uint32_t begin = Begin();
  Next();
  auto* unnest = New<Unnest>();
  uint32_t item_begin = Begin();
  auto* item = New<SelectItem>();
  item->expr = ParsePostfix(ParsePrimary(), item_begin);
  unnest->items = One<SelectItem>(FinishAs(item, item_begin));
  if (Accept(Kw::kAS)) {
    unnest->alias = TakeName();
  } else if (IsName() && IsTableAlias()) {
    unnest->alias = TakeName();
  }
  if (AtIndexAlias()) {
    Next();
    unnest->with_offset = true;
    unnest->offset_alias = TakeName();
  }
  return Finish(unnest, begin);
}

// Sets span and height again after fields were added.
void Parser::Refinish(Node* node) {
  node->span.end = std::max(LastEnd(), node->span.begin);
  HeightField field;
  VisitNode(*node, [&](const auto& typed) { typed.Fields(field); });
  node->height = static_cast<uint16_t>(field.height + 1);
}

bool Parser::AtClauseOfSelect() const {
  return Is(Kw::kQUALIFY) || Is(Kw::kGROUP) || Is(Op::kRightBracket) || Is(Kw::kCASCADE) ||
         Is(Kw::kDO) || Is(Kw::kPARTITION) || Is(Kw::kCOMMENT) ||
         ((Is(Kw::kINCLUDE) || Is(Kw::kEXCLUDE)) && Is(Kw::kNULLS, 1));
}

// [AS] alias [(a, b)], and PostgreSQL's AS (a int, b text).
void Parser::ParseRelationAlias(RelationNode* relation) {
  Accept(Kw::kAS);
  if (IsName() || Is(TokenKind::kString)) relation->alias = TakeName();
  bool view_list = false;
  if (Is(Op::kLeftParen) && (IsName(1) || Is(TokenKind::kString, 1)) && !AtQuery(1)) {
    bool plain = Is(Op::kComma, 2) || Is(Op::kRightParen, 2);
    bool hint = grammar_.table_hints && relation->kind == Kind::kTable;
    if (hint) SkipBalanced();  // T-SQL: t (nolock)
    if (hint) return;
    view_list = !hint;
    if (view_list && plain) {
      relation->column_aliases = ParseParenNames();
    } else if (view_list) {
      Next();
      NameBuilder names(*this);
      Builder<ColumnDef> columns(*this);
      while (IsName() || Is(TokenKind::kString)) {
        const ColumnDef* column = ParseTypeField();
        names.Add(column->name);
        columns.Add(column);
        if (!Accept(Op::kComma)) break;
      }
      relation->column_aliases = names.Take();
      if (auto* function = const_cast<TableFunction*>(As<TableFunction>(relation))) {
        function->columns = columns.Take();
      }
      Keep(CloseParen(Begin(), nullptr));
    }
  }
}

bool Parser::IsTableAlias(size_t ahead) const {
  if (Is(TokenKind::kQuoted, ahead)) return true;
  if (Is(TokenKind::kString, ahead)) return grammar_.string_aliases && !grammar_.string_tables;
  if (!Is(TokenKind::kWord, ahead)) return false;
  Kw word = Word(ahead);
  if (word == Kw::kNone) {
    if (IsText("INDEXED", ahead)) return !Is(Kw::kBY, ahead + 1);
    return !(grammar_.newline_statements && Peek(ahead).newline && IsStatementStart(ahead));
  }
  if (IsNoTableAlias(word) || AtJoin(ahead)) return false;
  if (grammar_.newline_statements && Peek(ahead).newline && IsStatementStart(ahead)) return false;
  bool paren = Is(Op::kLeftParen, ahead + 1);
  switch (word) {
    case Kw::kQUALIFY:
      return !grammar_.qualify;
    case Kw::kWINDOW:
      return !(IsName(ahead + 1) && Is(Kw::kAS, ahead + 2));
    case Kw::kMINUS:
      return !grammar_.minus;
    case Kw::kPREWHERE:
    case Kw::kSETTINGS:
    case Kw::kFINAL:
      return !grammar_.prewhere;
    case Kw::kFORMAT:
      return !(grammar_.settings && IsName(ahead + 1));
    case Kw::kSAMPLE:
      return !grammar_.sample_clause;
    case Kw::kAT:
      return !paren && !(grammar_.super_paths && IsName(ahead + 1) && !Is(Kw::kAT, ahead + 1) &&
                         IsTableAlias(ahead + 1));
    case Kw::kPIVOT:
    case Kw::kMATCH_RECOGNIZE:
    case Kw::kBEFORE:
    case Kw::kCHANGES:
    case Kw::kPARTITION:
      return !paren;
    case Kw::kTABLE:
      return grammar_.dialect == Dialect::kBigQuery;
    case Kw::kUNION:
      return false;
    case Kw::kINCLUDE:
    case Kw::kEXCLUDE:
      return !Is(Kw::kNULLS, ahead + 1);
    case Kw::kCOMMENT:
      return !Is(TokenKind::kString, ahead + 1);
    case Kw::kUNPIVOT:
      return !paren && !Is(Kw::kINCLUDE, ahead + 1) && !Is(Kw::kEXCLUDE, ahead + 1);
    case Kw::kSTART:
      return !Is(Kw::kWITH, ahead + 1);
    case Kw::kCONNECT:
    case Kw::kSORT:
    case Kw::kCLUSTER:
    case Kw::kDISTRIBUTE:
      return !Is(Kw::kBY, ahead + 1);
    case Kw::kVERSION:
    case Kw::kTIMESTAMP:
    case Kw::kSYSTEM_TIME:
      return !(Is(Kw::kAS, ahead + 1) && Is(Kw::kOF, ahead + 2));
    case Kw::kOFFSET:
      return !(Is(TokenKind::kNumber, ahead + 1) || Is(TokenKind::kParameter, ahead + 1) || paren);
    case Kw::kUSE:
    case Kw::kFORCE:
    case Kw::kIGNORE:
      return !(Is(Kw::kINDEX, ahead + 1) || Is(Kw::kKEY, ahead + 1));
    case Kw::kRETURNING:
    case Kw::kVALUES:
    case Kw::kVALUE:
      return word == Kw::kVALUE;
    case Kw::kLOCK:
      return !Is(Kw::kIN, ahead + 1);
    case Kw::kOPTION:
      return !grammar_.for_xml;
    case Kw::kOUTPUT:
      return !grammar_.for_xml;
    case Kw::kOVERWRITE:
      return false;
    default:
      return true;
  }
}

}  // namespace layergate::sql

// INSERT, UPDATE, DELETE and MERGE.
#include "core/text.h"
#include "sql/parser.h"

namespace layergate::sql {

const Node* Parser::ParseDml(const With* with, uint32_t begin) {
  switch (Word()) {
    case Kw::kINSERT:
    case Kw::kREPLACE:
      return ParseInsert(with, begin);
    case Kw::kUPDATE:
      return ParseUpdate(with, begin);
    case Kw::kDELETE:
      return ParseDelete(with, begin);
    default:
      return ParseMerge(with, begin);
  }
}

const Node* Parser::ParseInsert(const With* with, uint32_t begin) {
  auto* insert = New<Insert>();
  insert->with = with;
  insert->overwrite = Is(Kw::kREPLACE);
  Next();
  while (IsText("LOW_PRIORITY") || IsText("DELAYED") || IsText("HIGH_PRIORITY")) Next();
  if (Is(Kw::kOR) || Is(Kw::kIGNORE)) {  // INSERT OR REPLACE, INSERT IGNORE
    if (Accept(Kw::kOR)) {
      insert->overwrite = Is(Kw::kREPLACE);
      if (IsName()) Next();
    } else {
      Next();
    }
  }
  if (Accept(Kw::kOVERWRITE)) insert->overwrite = true;
  if (Is(Kw::kTOP) && Is(Op::kLeftParen, 1)) {
    const uint32_t top = Begin();
    ParseTop();
    Detail(insert->details, top);
  }
  Accept(Kw::kINTO);
  Accept(Kw::kTABLE);
  bool function = Accept(Kw::kFUNCTION);
  Accept(Kw::kLOCAL);
  bool directory = IsText("DIRECTORY") && (Is(TokenKind::kString, 1) || Is(Kw::kUSING, 1));
  if (directory) {
    ParseInsertDirectory(insert);
  } else if (IsName() || Is(TokenKind::kParameter)) {
    insert->target = ParseTarget();
    if (function && Is(Op::kLeftParen)) SkipBalanced();
  } else {
    Keep(ParseOpaqueRest(begin, nullptr));
  }
  while (function && (Is(Kw::kPARTITION) && Is(Kw::kBY, 1))) {
    Next();
    Next();
    ParseExpr();
  }
  if (function && Is(Kw::kSETTINGS)) {
    Query settings;
    ParseQueryTail(&settings);
  }
  if (Is(Kw::kPARTITION) && Is(Op::kLeftParen, 1)) {
    Next();
    uint32_t open = Begin();
    Next();
    insert->partition = ParseAssignments();
    Keep(CloseParen(open, nullptr));
  }
  if (insert->target != nullptr) SkipHints(nullptr);
  bool exists = false;
  IfExists(exists);
  if (Accept(Kw::kAS) ||
      (IsName() && IsTableAlias() && !AtQuery() && !Is(Kw::kVALUES) && !Is(Kw::kVALUE) &&
       !Is(Kw::kREPLACE) && !Is(Kw::kBY) && !Is(Kw::kDEFAULT) && !Is(Kw::kSETTINGS) &&
       !Is(Kw::kFORMAT) && !Is(Kw::kEXECUTE) && !IsText("EXEC") && !IsText("OVERRIDING"))) {
    if (insert->target != nullptr && IsName() && !AtQuery()) {
      const_cast<Table*>(insert->target)->alias = TakeName();
    }
  }
  bool by_name = Is(Kw::kBY) && (Is(Kw::kNAME, 1) || Is(Kw::kPOSITION, 1));
  if (by_name) {
    insert->by_name = Is(Kw::kNAME, 1);
    Next();
    Next();
  }
  if (Is(Op::kLeftParen) && !AtQuery(1) && !(Is(Op::kLeftParen, 1))) {
    if (grammar_.array_join && Is(Op::kStar, 1)) {
      SkipBalanced();
    } else {
      insert->columns = ParseMergeColumns();
    }
  }
  if (Is(Kw::kBY) && Is(Kw::kNAME, 1)) {
    insert->by_name = true;
    Next();
    Next();
  }
  if (Is(Kw::kREPLACE) && (Is(Kw::kWHERE, 1) || Is(Kw::kON, 1) || Is(Kw::kUSING, 1))) {
    Next();
    Next();
    insert->replace_where = ParseExpr();
    insert->overwrite = true;
  }
  if (IsText("OVERRIDING")) {
    const uint32_t words = Begin();
    for (int i = 0; i < 3; ++i) Next();
    Detail(insert->details, words);
  }
  if (Is(Kw::kOUTPUT)) insert->returning = ParseReturning();
  if (Is(Kw::kSETTINGS) && grammar_.settings) SkipSettings();
  if (Is(Kw::kDEFAULT) && Is(Kw::kVALUES, 1)) {
    Next();
    Next();
  } else if (Accept(Kw::kSET)) {
    insert->set = ParseAssignments();
  } else if (IsText("EXEC") || Is(Kw::kEXECUTE)) {
    const uint32_t call = Begin();
    Next();
    SkipToStatementEnd(nullptr, false);
    insert->query = MakeOpaque(call, LastEnd(), "what a procedure returns is not known", {});
  } else if (Is(Kw::kFORMAT) && grammar_.settings && !Is(Kw::kVALUES, 1)) {
    SkipToStatementEnd(nullptr, false);  // ClickHouse: the data follow, in that format
  } else if (!AtEnd()) {
    if (Is(Kw::kFORMAT) && grammar_.settings) Next();
    if (!AtEnd()) insert->query = ParseQuery();
  }
  if (Is(Kw::kAS) && IsName(1)) {  // MySQL: VALUES (...) AS new
    Next();
    Next();
    if (Is(Op::kLeftParen)) SkipBalanced();
  }
  ParseConflict(insert);
  if (Is(Kw::kRETURNING)) insert->returning = ParseReturning();
  return Finish(insert, begin);
}

// DIRECTORY 'path' with its format, up to the query.
void Parser::ParseInsertDirectory(Insert* insert) {
  Next();
  uint32_t begin = Begin();
  auto* table = New<Table>();
  table->form = Table::Form::kFile;
  if (Is(TokenKind::kString)) table->name = One(TakeName());
  insert->target = FinishAs(table, begin);
  while (!AtEnd() && !AtQuery() && !Is(Kw::kTABLE) && !Is(Op::kLeftParen)) {
    Next();
    if (Is(Op::kLeftParen) && !AtQuery(1)) SkipBalanced();  // OPTIONS (...)
  }
}

// ON CONFLICT (a) DO UPDATE SET ..., ON DUPLICATE KEY UPDATE ...
void Parser::ParseConflict(Insert* insert) {
  while (Is(Kw::kON) && (Is(Kw::kCONFLICT, 1) || Is(Kw::kDUPLICATE, 1))) {
    bool duplicate = Is(Kw::kDUPLICATE, 1);
    Next();
    Next();
    if (duplicate) {
      Accept(Kw::kKEY);
      Accept(Kw::kUPDATE);
      insert->on_conflict = ParseAssignments();
      continue;
    }
    if (Is(Op::kLeftParen)) {
      uint32_t open = Begin();
      Next();
      Builder<Expr> keys(*this);
      do {
        keys.Add(ParseExpr());
        const uint32_t index = Begin();
        while (IsName()) Next();  // an operator class
        Detail(insert->details, index);
      } while (Accept(Op::kComma));
      insert->conflict_keys = keys.Take();
      Keep(CloseParen(open, nullptr));
      const uint32_t where = Begin();
      if (Accept(Kw::kWHERE)) ParseExpr();
      Detail(insert->details, where);
    } else if (Is(Kw::kON)) {
      const uint32_t constraint = Begin();
      for (int i = 0; i < 3; ++i) Next();  // ON CONSTRAINT name
      Detail(insert->details, constraint);
    }
    if (Accept(Kw::kDO) && Accept(Kw::kUPDATE)) {
      Accept(Kw::kSET);
      insert->on_conflict = ParseAssignments();
      if (Accept(Kw::kWHERE)) insert->conflict_where = ParseExpr();
    } else {
      Accept(Kw::kNOTHING);
    }
  }
}

List<Assignment> Parser::ParseAssignments() {
  Builder<Assignment> list(*this);
  do {
    if (Is(Op::kRightParen) || AtEnd()) break;
    list.Add(ParseAssignment());
  } while (Accept(Op::kComma));
  return list.Take();
}

// a = expr, t.a = expr, (a, b) = (SELECT ...), a (for partitions).
const Assignment* Parser::ParseAssignment() {
  uint32_t begin = Begin();
  auto* assignment = New<Assignment>();
  assignment->target = ParseExpr(kLikePower);
  if (Is(Op::kEqual) || Is(Op::kAssign)) {
    Next();
    assignment->value = ParseExpr();
  } else if (Is(Op::kCompoundAssign)) {  // T-SQL: a += 1 is a = a + 1
    auto* sum = New<Binary>();
    sum->op = Raw(Peek()).substr(0, 1);
    sum->op_class = OpClass::kArithmetic;
    Next();
    Builder<Expr> operands(*this);
    operands.Add(assignment->target);
    operands.Add(ParseExpr());
    sum->operands = operands.Take();
    assignment->value = Finish(sum, begin);
  }
  return FinishAs(assignment, begin);
}

// MariaDB: FOR PORTION OF period FROM a TO b.
void Parser::SkipPortion() {
  if (!Is(Kw::kFOR) || !IsText("PORTION", 1)) return;
  while (!AtEnd() && !Is(Kw::kSET) && !Is(Kw::kWHERE)) Next();
}

// RETURNING a, b [INTO x], OUTPUT inserted.a [INTO t]; the current token is the word.
List<SelectItem> Parser::ParseReturning() {
  Next();
  if (Is(Kw::kWITH) && Is(Op::kLeftParen, 1)) {
    Next();
    SkipBalanced();
  }
  List<SelectItem> items = ParseSelectItems();
  if (Accept(Kw::kINTO)) {
    if (IsName() || Is(TokenKind::kParameter)) ParseTarget();
    if (Is(Op::kLeftParen)) SkipBalanced();
  }
  return items;
}

const Node* Parser::ParseUpdate(const With* with, uint32_t begin) {
  Next();
  auto* update = New<Update>();
  update->with = with;
  if (Is(Kw::kTOP) && Is(Op::kLeftParen, 1)) update->limit = ParseTop();
  if (Is(Kw::kOR)) {
    Next();
    Next();
  }
  if (IsText("LOW_PRIORITY") || Is(Kw::kIGNORE)) Next();
  update->target = ParseJoined();
  SkipPortion();
  if (Is(Op::kComma)) {  // MySQL: UPDATE a, b SET
    Next();
    update->from = ParseFrom();
  }
  if (Is(Kw::kFROM) && grammar_.at_stages) {  // Snowflake takes it here too
    Next();
    update->from = ParseFrom();
  }
  if (!Accept(Kw::kSET)) Keep(ParseOpaqueRest(begin, nullptr));
  update->set = ParseAssignments();
  if (Is(Kw::kOUTPUT)) update->returning = ParseReturning();
  if (Accept(Kw::kFROM)) update->from = ParseFrom();
  if (Accept(Kw::kWHERE)) update->where = ParseExpr();
  Query tail;
  ParseQueryTail(&tail);
  update->order_by = tail.order_by;
  if (tail.limit != nullptr) update->limit = tail.limit;
  if (Is(Kw::kRETURNING)) update->returning = ParseReturning();
  return Finish(update, begin);
}

const Node* Parser::ParseDelete(const With* with, uint32_t begin) {
  Next();
  auto* node = New<Delete>();
  node->with = with;
  if (Is(Kw::kTOP) && Is(Op::kLeftParen, 1)) node->limit = ParseTop();
  while (IsText("LOW_PRIORITY") || IsText("QUICK") || (Is(Kw::kIGNORE) && !Is(Op::kDot, 1))) Next();
  Accept(Kw::kFROM);
  node->target = ParseJoined();
  SkipPortion();
  if (Accept(Op::kComma)) ParseFrom();  // MySQL: DELETE a, b FROM ..., DELETE FROM a, b USING ...
  if (Is(Kw::kON) && IsText("CLUSTER", 1) && grammar_.array_join) {
    for (int i = 0; i < 3; ++i) Next();
  }
  if (Is(Kw::kOUTPUT)) node->returning = ParseReturning();
  if (Accept(Kw::kUSING) || Accept(Kw::kFROM)) node->from = ParseFrom();
  if (Accept(Kw::kWHERE)) node->where = ParseExpr();
  Query tail;
  ParseQueryTail(&tail);
  node->order_by = tail.order_by;
  if (tail.limit != nullptr) node->limit = tail.limit;
  if (Is(Kw::kRETURNING)) node->returning = ParseReturning();
  return Finish(node, begin);
}

const Node* Parser::ParseMerge(const With* with, uint32_t begin) {
  Next();
  auto* merge = New<Merge>();
  merge->with = with;
  if (Is(Kw::kTOP) && Is(Op::kLeftParen, 1)) ParseTop();
  if (Is(Kw::kWITH) && IsText("SCHEMA", 1)) {
    Next();
    Next();
    AcceptText("EVOLUTION");
  }
  Accept(Kw::kINTO);
  merge->target = ParseRelation();
  if (IsText("WITH") && IsText("SCHEMA", 1)) {
    for (int i = 0; i < 3; ++i) Next();
  }
  if (Accept(Kw::kUSING)) merge->source = ParseJoined();
  if (Accept(Kw::kON)) merge->on = ParseExpr();
  if (Is(Kw::kUSING) && Is(Op::kLeftParen, 1)) {
    Next();
    merge->using_columns = ParseParenNames();
  }
  Builder<MergeClause> clauses(*this);
  if (IsText("REMOVE") && IsText("DUPLICATES", 1)) {  // Redshift: update all, insert the others
    uint32_t words = Begin();
    Next();
    Next();
    for (auto action : {MergeClause::Action::kUpdate, MergeClause::Action::kInsert}) {
      auto* clause = New<MergeClause>();
      if (action == MergeClause::Action::kInsert) clause->when = MergeClause::When::kNotMatched;
      clause->action = action;
      clause->star = true;
      clauses.Add(FinishAs(clause, words));
    }
  }
  while (Is(Kw::kWHEN)) clauses.Add(ParseMergeClause());
  merge->clauses = clauses.Take();
  if (Is(Kw::kRETURNING) || Is(Kw::kOUTPUT)) merge->returning = ParseReturning();
  if (Is(Kw::kOPTION) && Is(Op::kLeftParen, 1)) {
    Next();
    SkipBalanced();
  }
  return Finish(merge, begin);
}

const MergeClause* Parser::ParseMergeClause() {
  uint32_t begin = Begin();
  auto* clause = New<MergeClause>();
  Next();
  bool negated = Accept(Kw::kNOT);
  Accept(Kw::kMATCHED);
  clause->when = negated ? MergeClause::When::kNotMatched : MergeClause::When::kMatched;
  if (Accept(Kw::kBY)) {
    if (Is(Kw::kSOURCE)) clause->when = MergeClause::When::kNotMatchedBySource;
    Next();
  }
  if (Accept(Kw::kAND)) clause->condition = ParseExpr();
  Accept(Kw::kTHEN);
  if (Accept(Kw::kUPDATE)) {
    clause->action = MergeClause::Action::kUpdate;
    if (Accept(Kw::kALL) || (Is(Kw::kBY) && Is(Kw::kNAME, 1))) {
      while (Is(Kw::kBY) || Is(Kw::kNAME)) Next();
      clause->star = true;
    } else if (Accept(Kw::kSET)) {
      if (Accept(Op::kStar)) {
        clause->star = true;
        ParseMergeExcept(clause);
      } else {
        clause->set = ParseAssignments();
      }
    } else if (Accept(Op::kStar) || AtEnd() || Is(Kw::kWHEN)) {
      clause->star = true;
    }
  } else if (Accept(Kw::kINSERT)) {
    clause->action = MergeClause::Action::kInsert;
    if (Accept(Op::kStar) || Accept(Kw::kROW) || Accept(Kw::kALL) || AtEnd() || Is(Kw::kWHEN)) {
      clause->star = true;
      ParseMergeExcept(clause);
      while (Is(Kw::kBY) || Is(Kw::kNAME)) Next();
    } else if (Is(Kw::kBY) && Is(Kw::kNAME, 1)) {
      Next();
      Next();
      Accept(Op::kStar);
      clause->star = true;
    } else {
      if (Is(Op::kLeftParen)) clause->columns = ParseMergeColumns();
      if (IsText("OVERRIDING")) {
        for (int i = 0; i < 3; ++i) Next();
      }
      if (Accept(Kw::kVALUES)) {
        uint32_t open = Begin();
        if (Accept(Op::kLeftParen)) {
          if (!Is(Op::kRightParen)) clause->values = ParseExprList();
          Keep(CloseParen(open, nullptr));
        }
      } else if (Accept(Kw::kDEFAULT)) {
        Accept(Kw::kVALUES);
      } else if (Accept(Kw::kROW)) {
        clause->star = true;
      }
    }
    if (Accept(Kw::kWHERE)) clause->condition = ParseExpr();
  } else if (Accept(Kw::kDELETE)) {
    clause->action = MergeClause::Action::kDelete;
  } else if (Accept(Kw::kDO)) {
    Accept(Kw::kNOTHING);
  } else {
    Keep(ParseOpaqueRest(begin, nullptr));
  }
  return FinishAs(clause, begin);
}

// Databricks: UPDATE SET * EXCEPT (a), INSERT * EXCEPT (a).
void Parser::ParseMergeExcept(MergeClause* clause) {
  if (!Is(Kw::kEXCEPT) || !Is(Op::kLeftParen, 1)) return;
  Next();
  clause->except = ParseMergeColumns();
}

// (a, t.b): names whose qualifier says nothing.
Names Parser::ParseMergeColumns() {
  uint32_t begin = Begin();
  Next();
  NameBuilder names(*this);
  while (IsName() || Is(TokenKind::kString)) {
    Name name = TakeName();
    while (Is(Op::kDot) && IsName(1)) {
      Next();
      name = TakeName();
    }
    if (Is(Op::kLeftBracket)) SkipBalanced();  // PostgreSQL: INSERT INTO t (a[1])
    names.Add(name);
    if (!Accept(Op::kComma)) break;
  }
  Names taken = names.Take();
  Keep(CloseParen(begin, nullptr));
  return taken;
}

}  // namespace layergate::sql

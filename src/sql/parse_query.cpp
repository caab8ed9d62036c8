// Queries: WITH, set operations, ORDER BY and LIMIT, and the bodies they stand around.
#include "core/text.h"
#include "sql/parser.h"

namespace layergate::sql {

bool Parser::AtQuery(size_t ahead) const {
  switch (Word(ahead)) {
    case Kw::kSELECT:
      return true;
    case Kw::kWITH:
      return IsName(ahead + 1) || (grammar_.scalar_with && !Is(Op::kRightParen, ahead + 1));
    case Kw::kVALUES:
      return Is(Op::kLeftParen, ahead + 1) || Is(TokenKind::kString, ahead + 1) ||
             Is(TokenKind::kNumber, ahead + 1) || Is(Kw::kROW, ahead + 1);
    case Kw::kFROM:
      return grammar_.from_first && (IsName(ahead + 1) || Is(Op::kLeftParen, ahead + 1) ||
                                     Is(TokenKind::kString, ahead + 1));
    case Kw::kPIVOT:
    case Kw::kPIVOT_WIDER:
    case Kw::kUNPIVOT:
    case Kw::kPIVOT_LONGER:
      if (!grammar_.pivot_statement) return false;
      return Is(Op::kLeftParen, ahead + 1) ? AtQuery(ahead + 2) : IsName(ahead + 1);
    default:
      return false;
  }
}

const Node* Parser::ParseQuery() {
  Deeper deeper(*this, 2);
  uint32_t begin = Begin();
  if (!deeper) return TooDeep(begin);
  const With* with = Is(Kw::kWITH) ? ParseWith() : nullptr;
  if (Is(Kw::kINSERT) || Is(Kw::kUPDATE) || Is(Kw::kDELETE) || Is(Kw::kMERGE)) {
    return ParseDml(with, begin);
  }
  return ParseQueryAfter(ParseQueryTerm(), begin, with);
}

// Goes on behind the first term of a query: set operations, ORDER BY, LIMIT, pipes.
const Node* Parser::ParseQueryAfter(const Node* first, uint32_t begin, const With* with) {
  size_t lost = lost_.size();
  const Node* body = ParseSetOperationsAfter(first, begin, 0);
  auto* query = New<Query>();
  query->with = with;
  query->body = body;
  if (const auto* sampled = As<Query>(body); sampled != nullptr && sampled->body == first) {
    query->body = body = first;  // of one branch: the query's own
    query->sample = sampled->sample;
  }
  ParseQueryTail(query);
  query->unknown = TakeLost(lost, query->unknown);
  bool bare = query->with == nullptr && query->order_by.empty() && !query->order_by_all &&
              query->limit == nullptr && query->limit_by == nullptr && query->sample == nullptr &&
              query->details.empty() && query->unknown.empty();
  if (grammar_.pipes && Is(Kw::kAS) && IsName(1) && Is(Op::kPipe, 2)) {  // (SELECT ...) AS t |> ...
    auto* derived = New<Derived>();
    derived->query = Finish(query, begin);
    ParseRelationAlias(derived);
    Builder<Relation> from(*this);
    from.Add(Finish(derived, begin));
    auto* piped = New<Query>();
    piped->body = ParsePipes(StarOver(from.Take(), begin), begin);
    return Finish(piped, begin);
  }
  if (Is(Op::kPipe) && grammar_.pipes) {
    const Node* source = body;
    if (!bare) source = Finish(query, begin);
    auto* piped = New<Query>();
    piped->body = ParsePipes(source, begin);
    if (!bare && source == query) {  // WITH belongs to the whole
      piped->with = query->with;
      query->with = nullptr;
    }
    return Finish(piped, begin);
  }
  // ClickHouse: WITH a AS (...) SELECT ... LIMIT 1 is one query, though the tail is the branch's.
  if (grammar_.tail_per_branch && body == first && body->kind == Kind::kQuery && with != nullptr &&
      text_[body->span.begin] != '(') {
    auto* branch = const_cast<Query*>(As<Query>(body));
    if (branch->with == nullptr) {
      branch->with = with;
      return Finish(branch, begin);
    }
  }
  // Redundant parentheses leave no node.
  if (bare && body->kind == Kind::kQuery) return body;
  return Finish(query, begin);
}

const Node* Parser::ParseParenQuery() {
  uint32_t begin = Begin();
  Next();
  const Node* query = ParseQuery();
  return CloseParen(begin, query);
}

// ---- set operations -----------------------------------------------------------------------------

bool Parser::AtSetOperator() const {
  size_t at = 0;
  if (Is(Kw::kFULL) || Is(Kw::kLEFT) || Is(Kw::kINNER) || Is(Kw::kOUTER)) {
    at = 1;
    if (Is(Kw::kOUTER, at)) ++at;
  }
  return Is(Kw::kUNION, at) || Is(Kw::kINTERSECT, at) || Is(Kw::kEXCEPT, at) ||
         (at == 0 && grammar_.minus && Is(Kw::kMINUS) &&
          (Is(Kw::kSELECT, 1) || Is(Op::kLeftParen, 1) || Is(Kw::kALL, 1) || Is(Kw::kDISTINCT, 1) ||
           Is(Kw::kVALUES, 1) || Is(Kw::kFROM, 1)));
}

const Node* Parser::ParseSetOperations(int min_power) {
  uint32_t begin = Begin();
  return ParseSetOperationsAfter(ParseQueryTerm(), begin, min_power);
}

const Node* Parser::ParseSetOperationsAfter(const Node* left, uint32_t begin, int min_power) {
  left = ParseBranchSample(left, begin);
  while (AtSetOperator()) {
    SetOperation head;
    size_t at = pos_;
    ParseSetHead(&head);
    bool tight = head.op == SetOperation::Op::kIntersect && !grammar_.flat_set_operations;
    int power = tight ? 2 : 1;
    if (power <= min_power) {
      pos_ = at;  // the operator is looked at again by the caller, once
      break;
    }
    auto* set = New<SetOperation>();
    *set = head;
    Builder<Node> branches(*this);
    branches.Add(left);
    for (;;) {
      uint32_t branch = Begin();
      branches.Add(power == 2 ? ParseBranchSample(ParseQueryTerm(), branch)
                              : ParseSetOperations(1));
      if (!AtSetOperator()) break;
      SetOperation next;
      at = pos_;
      ParseSetHead(&next);
      bool same = next.op == set->op && next.all == set->all && next.by_name == set->by_name &&
                  next.mode == set->mode && next.by.empty() && set->by.empty();
      if (same) continue;
      pos_ = at;
      break;
    }
    set->branches = branches.Take();
    left = Finish(set, begin);
  }
  return left;
}

// DuckDB's USING SAMPLE belongs to the branch that it stands behind.
const Node* Parser::ParseBranchSample(const Node* branch, uint32_t begin) {
  if (!Is(Kw::kUSING) || !Is(Kw::kSAMPLE, 1)) return branch;
  Next();
  Next();
  auto* query = New<Query>();
  query->body = branch;
  query->sample = ParseSample();
  return Finish(query, begin);
}

// [FULL | LEFT | INNER] UNION | INTERSECT | EXCEPT [ALL | DISTINCT] [BY NAME | CORRESPONDING].
void Parser::ParseSetHead(SetOperation* set) {
  if (Is(Kw::kFULL) || Is(Kw::kLEFT) || Is(Kw::kINNER)) {
    set->mode = ToString(Word());
    set->outer = !Is(Kw::kINNER);
    Next();
  }
  if (Is(Kw::kOUTER)) {
    set->outer = true;
    if (set->mode.empty()) set->mode = "FULL";
    Next();
  }
  set->op = Is(Kw::kUNION)       ? SetOperation::Op::kUnion
            : Is(Kw::kINTERSECT) ? SetOperation::Op::kIntersect
                                 : SetOperation::Op::kExcept;
  Next();
  if (Accept(Kw::kALL)) {
    set->all = true;
  } else {
    Accept(Kw::kDISTINCT);
  }
  if (Is(Kw::kBY) && Is(Kw::kNAME, 1)) {
    Next();
    Next();
    set->by_name = true;
    if (Is(Kw::kON) && Is(Op::kLeftParen, 1)) {
      Next();
      set->by = ParseParenNames();
    }
    if (IsText("MATCHING") && Is(Op::kLeftParen, 1)) {
      Next();
      set->by = ParseParenNames();
    }
  } else if (IsText("STRICT") || Is(Kw::kCORRESPONDING)) {
    AcceptText("STRICT");
    if (Accept(Kw::kCORRESPONDING)) set->by_name = true;
    if (Is(Kw::kBY) && Is(Op::kLeftParen, 1)) {
      Next();
      set->by = ParseParenNames();
    }
  }
}

const Node* Parser::ParseQueryTerm() {
  uint32_t begin = Begin();
  switch (Word()) {
    case Kw::kSELECT:
      return grammar_.tail_per_branch ? ParseBranch() : ParseSelect();
    case Kw::kWITH:
      return ParseQuery();
    case Kw::kVALUES:
    case Kw::kVALUE:
      return ParseAliasedValues();
    case Kw::kFROM:
      if (grammar_.from_first) return ParseFromFirst();
      break;
    case Kw::kTABLE:
      if (IsName(1)) return ParseTableCommand();
      break;
    case Kw::kPIVOT:
    case Kw::kPIVOT_WIDER:
    case Kw::kUNPIVOT:
    case Kw::kPIVOT_LONGER:
      if (grammar_.pivot_statement) return ParsePivotStatement();
      break;
    default:
      break;
  }
  if (Is(Op::kLeftParen)) {
    Deeper deeper(*this);
    if (!deeper) return TooDeep(begin);
    return ParseParenQuery();
  }
  return ParseOpaqueRest(begin, nullptr);
}

// SELECT with the ORDER BY and LIMIT behind it, where those never belong to a whole union.
const Node* Parser::ParseBranch() {
  uint32_t begin = Begin();
  const Node* select = ParseSelect();
  size_t start = pos_;
  auto* query = New<Query>();
  query->body = select;
  ParseQueryTail(query);
  return pos_ == start ? select : Finish(query, begin);
}

// VALUES (1) AS t (a) where a query is expected is SELECT * FROM (VALUES (1)) AS t (a).
const Node* Parser::ParseAliasedValues() {
  uint32_t begin = Begin();
  const Node* values = ParseValues();
  if (!grammar_.cte_without_as || !(Is(Kw::kAS) || IsTableAlias())) return values;
  auto* query = New<Query>();
  query->body = values;
  auto* derived = New<Derived>();
  derived->query = Finish(query, begin);
  ParseRelationAlias(derived);
  Builder<Relation> from(*this);
  from.Add(Finish(derived, begin));
  return StarOver(from.Take(), begin);
}

// VALUES (1, 2), (3, 4); rows without parentheses have one column.
const Node* Parser::ParseValues() {
  uint32_t begin = Begin();
  Next();
  auto* values = New<Values>();
  Builder<Row> rows(*this);
  do {
    uint32_t row_begin = Begin();
    if (Is(Kw::kROW) && Is(Op::kLeftParen, 1)) Next();
    auto* row = New<Row>();
    if (Is(Op::kLeftParen) && !AtQuery(1)) {
      Next();
      if (!Is(Op::kRightParen)) row->items = ParseExprList();
      Keep(CloseParen(row_begin, nullptr));
    } else if (!AtEnd() && !Is(Op::kRightParen)) {
      row->items = One(ParseExpr());
    }
    rows.Add(FinishAs(row, row_begin));
    if (grammar_.dialect == Dialect::kClickHouse) Accept(Op::kComma);
    if (Is(Op::kComma) && Is(Kw::kVALUES, 1)) break;  // FROM VALUES 1, VALUES 2
  } while ((Accept(Op::kComma) && !AtEnd() && !Is(Op::kRightParen)) ||
           (grammar_.dialect == Dialect::kClickHouse && Is(Op::kLeftParen)));
  values->rows = rows.Take();
  return Finish(values, begin);
}

// TABLE t: SELECT * FROM t.
const Node* Parser::ParseTableCommand() {
  uint32_t begin = Begin();
  Next();
  Builder<Relation> from(*this);
  from.Add(Is(Kw::kONLY) && IsName(1) ? ParseOnly() : ParseTable(Begin()));
  return StarOver(from.Take(), begin);
}

const Select* Parser::StarOver(List<Relation> from, uint32_t begin) {
  auto* select = New<Select>();
  select->implicit_star = true;
  auto* star = New<Star>();
  star->span = {begin, begin};
  auto* item = New<SelectItem>();
  item->expr = star;
  item->height = 2;
  item->span = star->span;
  select->items = One<SelectItem>(item);
  select->from = from;
  return FinishAs(select, begin);
}

// ---- WITH ---------------------------------------------------------------------------------------

const With* Parser::ParseWith() {
  uint32_t begin = Begin();
  Next();
  auto* with = New<With>();
  if (Is(Kw::kRECURSIVE) && (IsName(1) || grammar_.scalar_with) && !Is(Kw::kAS, 1)) {
    with->recursive = true;
    Next();
  }
  if (IsText("XMLNAMESPACES") && Is(Op::kLeftParen, 1)) {  // T-SQL
    const uint32_t spaces = Begin();
    Next();
    SkipBalanced();
    Detail(with->details, spaces);
    if (!Accept(Op::kComma)) return FinishAs(with, begin);
  }
  SkipDefinitions(with);
  if (!with->details.empty()) {
    if (Is(Kw::kWITH)) Next();
    if (!IsName()) return FinishAs(with, begin);
  }
  Builder<Cte> ctes(*this);
  do {
    if (Is(Kw::kSELECT)) break;                                // a trailing comma
    if (Is(Kw::kRECURSIVE) && IsName(1) && !Is(Kw::kAS, 1)) {  // Snowflake: before any of them
      with->recursive = true;
      Next();
    }
    ctes.Add(ParseCte());
  } while (Accept(Op::kComma));
  with->ctes = ctes.Take();
  return FinishAs(with, begin);
}

// Trino: WITH SESSION a = b, WITH FUNCTION f(x int) RETURNS int RETURN x, up to the query.
void Parser::SkipDefinitions(With* with) {
  const bool session = IsText("SESSION") && IsName(1) && !Is(Kw::kAS, 1);
  const bool function = Is(Kw::kFUNCTION) && IsName(1) && !Is(Kw::kAS, 1);
  if (!session && !function) return;
  uint32_t begin = Begin();
  int blocks = 0;
  while (!Is(TokenKind::kEnd)) {
    if (blocks == 0 && (Is(Op::kSemicolon) || AtQuery() || Is(Kw::kTABLE))) break;
    if (Is(Kw::kBEGIN) || Is(Kw::kCASE) || (Is(Kw::kIF) && blocks > 0 && !Is(Op::kLeftParen, 1))) {
      ++blocks;
    }
    if (Is(Kw::kEND)) {
      --blocks;
      if (Is(Kw::kIF, 1) || Is(Kw::kCASE, 1) || IsText("WHILE", 1) || IsText("LOOP", 1) ||
          IsText("REPEAT", 1)) {
        Next();
      }
    } else if (blocks > 0 && !Is(Op::kLeftParen, 1) && !Is(Op::kColon, 1) &&
               (IsText("WHILE") || IsText("LOOP") || IsText("REPEAT"))) {
      ++blocks;
    }
    SkipBalanced();
  }
  Detail(with->details, begin);
}

const Cte* Parser::ParseCte() {
  uint32_t begin = Begin();
  auto* cte = New<Cte>();
  bool named =
      IsName() &&
      (!grammar_.scalar_with || Is(Op::kLeftParen, 1) ||
       (Is(Kw::kAS, 1) && (Is(Op::kLeftParen, 2) || Is(Kw::kMATERIALIZED, 2) || Is(Kw::kNOT, 2))));
  if (grammar_.scalar_with && named && Is(Op::kLeftParen, 1)) {
    // f(x) AS name, or name (a, b) AS (query)
    size_t at = 2;
    while (IsName(at) && Is(Op::kComma, at + 1)) at += 2;
    named = IsName(at) && Is(Op::kRightParen, at + 1) && Is(Kw::kAS, at + 2) &&
            Is(Op::kLeftParen, at + 3);
  }
  if (!named && grammar_.scalar_with) {
    cte->scalar = ParseExpr();
    if (Accept(Kw::kAS) && IsName()) cte->name = TakeName();
    return FinishAs(cte, begin);
  }
  if (!IsName() && !(Is(TokenKind::kString) && grammar_.string_aliases)) {
    cte->query = ParseOpaqueRest(begin, nullptr);
    return FinishAs(cte, begin);
  }
  cte->name = TakeName();
  if (Is(Op::kLeftParen) && !(grammar_.cte_without_as && AtQuery(1))) {
    cte->columns = ParseParenNames();
  }
  if (Is(Kw::kUSING) && Is(Kw::kKEY, 1)) {
    Next();
    Next();
    // USING KEY (a, max(b)): columns, and aggregates of what other rows of the key have.
    const uint32_t open = Begin();
    Next();
    NameBuilder key(*this);
    do {
      if (IsName() && (Is(Op::kComma, 1) || Is(Op::kRightParen, 1))) {
        key.Add(TakeName());
      } else {
        const uint32_t aggregate = Begin();
        ParseExpr();
        Detail(cte->details, aggregate);
      }
    } while (Accept(Op::kComma));
    Keep(CloseParen(open, nullptr));
    cte->key = key.Take();
  }
  if (IsText("MAX") && IsText("RECURSION", 1)) {
    for (int i = 0; i < 4 && !Is(Kw::kAS); ++i) Next();
  }
  Accept(Kw::kAS);
  if (Is(Kw::kNOT) && Is(Kw::kMATERIALIZED, 1)) Next();
  Accept(Kw::kMATERIALIZED);
  if (Is(Op::kLeftParen)) {
    cte->query = ParseParenQuery();
  } else {
    cte->query = ParseOpaqueRest(begin, nullptr);
  }
  const uint32_t details = Begin();
  if (IsText("SEARCH")) {  // SEARCH DEPTH FIRST BY a SET b
    while (!Is(Kw::kSET) && !AtEnd() && !Is(Op::kRightParen) && !Is(Kw::kSELECT)) Next();
    if (Accept(Kw::kSET) && IsName()) cte->added = One(TakeName());
  }
  if (Is(Kw::kCYCLE)) {  // CYCLE a SET c [TO x DEFAULT y] USING p
    NameBuilder added(*this);
    for (const Name& name : cte->added) added.Add(name);
    while (!Is(Kw::kSET) && !Is(Kw::kRESTRICT) && !AtEnd() && !Is(Op::kRightParen) &&
           !Is(Kw::kSELECT)) {
      Next();
    }
    if (Accept(Kw::kSET) && IsName()) added.Add(TakeName());
    if (Accept(Kw::kTO)) ParsePrimary();
    if (Accept(Kw::kDEFAULT)) ParsePrimary();
    if (Accept(Kw::kUSING) && IsName()) added.Add(TakeName());
    AcceptText("RESTRICT");  // MariaDB
    cte->added = added.Take();
  }
  Detail(cte->details, details);
  return FinishAs(cte, begin);
}

// ---- ORDER BY, LIMIT and what else stands at the end
// ----------------------------------------------

void Parser::ParseQueryTail(Query* query) {
  Builder<Node> unknown(*this);
  for (;;) {
    if (Is(Kw::kORDER) && (Is(Kw::kBY, 1) || IsText("SIBLINGS", 1))) {
      Next();
      AcceptText("SIBLINGS");
      Next();
      if (Is(Kw::kALL) && !Is(Op::kDot, 1)) {
        Next();
        query->order_by_all = true;
        const uint32_t direction = Begin();
        if (!Accept(Kw::kASC)) Accept(Kw::kDESC);
        if (Accept(Kw::kNULLS)) Next();
        Detail(query->details, direction);
      } else {
        query->order_by = ParseOrderItems();
        if (IsText("INTERPOLATE")) ParseInterpolate(query);
      }
    } else if (grammar_.sort_by && Is(Kw::kBY, 1) &&
               (Is(Kw::kSORT) || Is(Kw::kCLUSTER) || Is(Kw::kDISTRIBUTE))) {
      query->order_kind = Is(Kw::kSORT)      ? "SORT BY"
                          : Is(Kw::kCLUSTER) ? "CLUSTER BY"
                                             : "DISTRIBUTE BY";
      Next();
      Next();
      Builder<OrderItem> all(*this);  // DISTRIBUTE BY a SORT BY b
      for (const OrderItem* item : query->order_by) all.Add(item);
      for (const OrderItem* item : ParseOrderItems()) all.Add(item);
      query->order_by = all.Take();
    } else if (ParseLimitClause(query)) {
      continue;
    } else if (Is(Kw::kFOR) && (Is(Kw::kUPDATE, 1) || Is(Kw::kSHARE, 1) || Is(Kw::kNO, 1) ||
                                Is(Kw::kKEY, 1) || IsText("READ", 1) || IsText("BROWSE", 1))) {
      const uint32_t lock = Begin();
      Next();
      bool skips = false;  // of all locks only this one leaves rows out
      while (Is(TokenKind::kWord) && !IsClauseWord()) {
        skips = skips || (IsText("SKIP") && IsText("LOCKED", 1));
        if (Accept(Kw::kOF)) {
          ParseNameList();
        } else {
          Next();
        }
      }
      if (skips) Detail(query->details, lock);
    } else if (Is(Kw::kFOR) && grammar_.for_xml) {
      uint32_t begin = Begin();
      Next();
      while (Is(TokenKind::kWord) || Is(Op::kComma) || Is(Op::kLeftParen)) {
        if (IsStatementStart() && Peek().newline) break;
        if (Is(Kw::kOPTION)) break;
        SkipBalanced();
      }
      if (!TurnIntoDocument(query, begin)) {
        unknown.Add(MakeOpaque(begin, LastEnd(),
                               "FOR XML and FOR JSON over groups or all columns are not followed",
                               {}));
      }
    } else if (Is(Kw::kOPTION) && grammar_.for_xml && Is(Op::kLeftParen, 1)) {
      const uint32_t option = Begin();
      Next();
      SkipBalanced();
      // The others say how to run it, not what it gives.
      if (ToUpper(RawSince(option)).find("MAXRECURSION") != std::string::npos) {
        Detail(query->details, option);
      }
    } else if (Is(Kw::kLOCK) && Is(Kw::kIN, 1)) {
      for (int i = 0; i < 4; ++i) Next();
    } else if (Is(Kw::kINTO) && (IsText("OUTFILE", 1) || IsText("DUMPFILE", 1))) {
      SkipOutfile();
    } else if (Is(Kw::kSETTINGS) && grammar_.settings) {
      const uint32_t settings = Begin();
      SkipSettings();
      Detail(query->details, settings);
    } else if (Is(Kw::kFORMAT) && grammar_.settings && IsName(1)) {
      Next();
      Next();
    } else if (Is(Kw::kUSING) && Is(Kw::kSAMPLE, 1)) {
      Next();
      Next();
      query->sample = ParseSample();
    } else if (Is(Kw::kPROCEDURE) && IsText("ANALYSE", 1) && Is(Op::kLeftParen, 2)) {  // MySQL
      Next();
      Next();
      SkipBalanced();
    } else if (Is(Kw::kWITH) && IsText("UR", 1)) {
      Next();
      Next();
    } else {
      break;
    }
  }
  query->unknown = unknown.Take();
}

// INTERPOLATE [(column [AS expr], ...)]
void Parser::ParseInterpolate(Query* query) {
  uint32_t open = Begin();
  Next();
  if (!Accept(Op::kLeftParen)) return Detail(query->details, open);
  Builder<SelectItem> items(*this);
  while (IsName()) {
    uint32_t begin = Begin();
    auto* item = New<SelectItem>();
    item->alias = TakeName();
    if (Accept(Kw::kAS)) {
      item->expr = ParseExpr();
    } else {
      auto* column = New<Column>();
      column->parts = One(item->alias);
      item->expr = Finish(column, begin);
    }
    items.Add(FinishAs(item, begin));
    if (!Accept(Op::kComma)) break;
  }
  query->interpolate = items.Take();
  Keep(CloseParen(open, nullptr));
}

// SETTINGS a = 1, b = 'x'
void Parser::SkipSettings() {
  Next();
  while (IsName() && Is(Op::kEqual, 1)) {
    Next();
    Next();
    if (Is(Op::kLeftBrace)) {
      SkipBalanced();
    } else {
      ParseExpr(kLikePower);
    }
    if (!Accept(Op::kComma)) break;
  }
}

// SELECT a, b FROM t ORDER BY c FOR JSON PATH is one value that is made of all rows: the SELECT
// gets one item, the aggregate for_json(a, b ORDER BY c). False where the query's shape is not that
// simple; then nothing was changed.
bool Parser::TurnIntoDocument(Query* query, uint32_t begin) {
  auto* select = const_cast<Select*>(As<Select>(query->body));
  if (select == nullptr || select->group_by != nullptr || select->having != nullptr ||
      select->distinct != Select::Distinct::kNone || select->into != nullptr ||
      query->limit != nullptr || select->top != nullptr || !select->unknown.empty()) {
    return false;
  }
  for (const SelectItem* item : select->items) {
    if (item->expr == nullptr || item->expr->kind == Kind::kStar || !item->variable.empty()) {
      return false;
    }
  }
  auto* call = New<Call>();
  const bool json = text_.substr(begin, LastEnd() - begin).find_first_of("jJ") < 8;
  call->name = One(Name{json ? "for_json" : "for_xml", false, {begin, LastEnd()}});
  Builder<Expr> arguments(*this);
  for (const SelectItem* item : select->items) arguments.Add(item->expr);
  call->arguments = arguments.Take();
  // What it says of the form, and the names of the document's parts.
  std::string form(text_.substr(begin, LastEnd() - begin));
  for (size_t i = 0; i < select->items.size(); ++i) {
    const Name& alias = select->items[i]->alias;
    if (!alias.empty())
      form += ", " + std::to_string(i + 1) + " as '" + std::string(alias.text) + "'";
  }
  call->details = arena_.CopyText(form);
  call->order_by = query->order_by;
  query->order_by = {};
  auto* item = New<SelectItem>();
  const uint32_t first = select->items.empty() ? begin : select->items.front()->span.begin;
  item->expr = Finish(call, first);
  select->items = One<SelectItem>(FinishAs(item, first));
  Refinish(select);
  return true;
}

bool Parser::AtRowsExamined() const {
  return Is(Kw::kROWS) && IsText("EXAMINED", 1) && !Is(Op::kComma, 2);
}

// MariaDB's LIMIT ROWS EXAMINED n: what has been found by then is the result.
void Parser::ParseRowsExamined(Query* query) {
  const uint32_t begin = Begin();
  for (int i = 0; i < 3; ++i) Next();
  Detail(query->details, begin);
}

bool Parser::ParseLimitClause(Query* query) {
  uint32_t begin = query->limit != nullptr ? query->limit->span.begin : Begin();
  auto limit = [&]() {
    auto* node = New<Limit>();
    if (query->limit != nullptr) *node = *query->limit;
    return node;
  };
  if (Is(Kw::kLIMIT)) {
    Next();
    if (AtRowsExamined()) {
      ParseRowsExamined(query);
      return true;
    }
    Limit* node = limit();
    if (Is(Kw::kALL)) {
      Next();
    } else if (Is(TokenKind::kNumber) && Is(Op::kPercent, 1)) {
      node->count = ParsePrimary();
      node->percent = true;
      Next();
    } else {
      node->count = ParseExpr();
    }
    if (Accept(Kw::kPERCENT)) node->percent = true;
    if (Accept(Op::kComma)) {  // LIMIT offset, count
      node->offset = node->count;
      node->count = ParseExpr();
    }
    if (grammar_.limit_by && (Is(Kw::kBY) || (Is(Kw::kOFFSET) && Is(Kw::kBY, 2)))) {
      if (Accept(Kw::kOFFSET)) node->offset = ParseExpr();
      Next();
      node->by = ParseExprList();
      query->limit_by = FinishAs(node, begin);
      return true;
    }
    if (Accept(Kw::kWITH, Kw::kTIES)) node->with_ties = true;
    query->limit = FinishAs(node, begin);
    if (AtRowsExamined()) ParseRowsExamined(query);
    return true;
  }
  if (Is(Kw::kOFFSET) && !Is(Op::kDot, 1)) {
    Next();
    Limit* node = limit();
    node->offset = ParseExpr();
    if (!Accept(Kw::kROWS)) Accept(Kw::kROW);
    if (Accept(Kw::kWITH, Kw::kTIES)) node->with_ties = true;
    query->limit = FinishAs(node, begin);
    return true;
  }
  if (Is(Kw::kFETCH) && (Is(Kw::kFIRST, 1) || Is(Kw::kNEXT, 1) || Is(TokenKind::kNumber, 1)) &&
      !Is(Kw::kFROM, 2)) {
    Next();
    if (!Accept(Kw::kFIRST)) Accept(Kw::kNEXT);
    Limit* node = limit();
    if (!Is(Kw::kROW) && !Is(Kw::kROWS)) {
      node->count = ParseExpr(kLikePower);
    } else {
      auto* one = New<Literal>();
      one->text = "1";
      one->span = {begin, begin};
      node->count = one;
    }
    if (Accept(Kw::kPERCENT)) node->percent = true;
    if (!Accept(Kw::kROWS)) Accept(Kw::kROW);
    if (Accept(Kw::kWITH, Kw::kTIES)) {
      node->with_ties = true;
    } else {
      Accept(Kw::kONLY);
    }
    query->limit = FinishAs(node, begin);
    return true;
  }
  return false;
}

}  // namespace layergate::sql

// SELECT: its list, its clauses in any order, and DuckDB's and the pipes' FROM first.
#include <vector>

#include "core/text.h"
#include "sql/parser.h"

namespace layergate::sql {

const Node* Parser::ParseSelect() {
  size_t lost = lost_.size();
  uint32_t begin = Begin();
  auto* select = New<Select>();
  Next();
  ParseSelectHead(select);
  select->items = ParseSelectItems();
  if (Is(Kw::kEXCLUDE) && grammar_.exclude_clause) {
    uint32_t exclude = Begin();
    if (!ParseExcludeClause(select->items)) Keep(ParseOpaqueRest(exclude, nullptr));
  }
  ParseClauses(select);
  select->unknown = TakeLost(lost, select->unknown);
  return Finish(select, begin);
}

// What stands between SELECT and its list.
void Parser::ParseSelectHead(Select* select) {
  for (;;) {
    if (Is(Kw::kDISTINCT) && !Is(Op::kDot, 1)) {
      Next();
      select->distinct = Select::Distinct::kDistinct;
      if (Is(Kw::kON) && Is(Op::kLeftParen, 1)) {
        Next();
        uint32_t open = Begin();
        Next();
        select->distinct = Select::Distinct::kOn;
        select->distinct_on = ParseExprList();
        Keep(CloseParen(open, nullptr));
      }
    } else if (Is(Kw::kDISTINCTROW) && grammar_.pipes_are_or) {
      Next();
      select->distinct = Select::Distinct::kDistinct;
    } else if (Is(Kw::kALL) && !Is(Op::kDot, 1) && !Is(Op::kComma, 1) && !Is(Kw::kFROM, 1)) {
      Next();
    } else if (Is(Kw::kTOP) && grammar_.top &&
               (Is(TokenKind::kNumber, 1) || Is(Op::kLeftParen, 1) ||
                Is(TokenKind::kParameter, 1))) {
      select->top = ParseTop();
    } else if (Is(Kw::kAS) && (Is(Kw::kSTRUCT, 1) || Is(Kw::kVALUE, 1))) {
      Next();
      select->as = Is(Kw::kSTRUCT) ? Select::As::kStruct : Select::As::kValue;
      Next();
    } else if (Is(Kw::kWITH) && IsName(1) && grammar_.struct_constructor) {
      const uint32_t begin = Begin();
      Next();  // WITH DIFFERENTIAL_PRIVACY, ANONYMIZATION
      Next();
      if (IsText("OPTIONS")) Next();
      if (Is(Op::kLeftParen)) SkipBalanced();
      Detail(select->details, begin);
    } else if (grammar_.pipes_are_or &&
               (Is(Kw::kSTRAIGHT_JOIN) || IsText("SQL_CALC_FOUND_ROWS") || IsText("SQL_NO_CACHE") ||
                IsText("SQL_CACHE") || IsText("HIGH_PRIORITY") || IsText("SQL_SMALL_RESULT") ||
                IsText("SQL_BIG_RESULT") || IsText("SQL_BUFFER_RESULT"))) {
      Next();
    } else {
      return;
    }
  }
}

const Limit* Parser::ParseTop() {
  uint32_t begin = Begin();
  Next();
  auto* top = New<Limit>();
  if (Is(Op::kLeftParen)) {
    top->count = ParseParen();
  } else {
    top->count = ParsePrimary();
  }
  if (Accept(Kw::kPERCENT)) top->percent = true;
  if (Accept(Kw::kWITH, Kw::kTIES)) top->with_ties = true;
  return FinishAs(top, begin);
}

List<SelectItem> Parser::ParseSelectItems() {
  Builder<SelectItem> items(*this);
  while (!AtEnd() && !Is(Op::kRightParen) && !Is(Kw::kFROM)) {
    size_t start = pos_;
    const bool named = (Is(Kw::kLIMIT) || Is(Kw::kFETCH)) && (Is(Kw::kAS, 1) || Is(Op::kComma, 1));
    if (IsClauseWord() && !named && !Is(Op::kDot, 1) && !Is(Op::kLeftParen, 1)) break;
    items.Add(ParseSelectItem());
    if (pos_ == start) Next();
    if (!Accept(Op::kComma)) break;
  }
  return items.Take();
}

const SelectItem* Parser::ParseSelectItem() {
  uint32_t begin = Begin();
  auto* item = New<SelectItem>();
  if (grammar_.alias_equals && Is(Op::kEqual, 1) && (IsName() || Is(TokenKind::kString))) {
    item->alias = TakeName();
    Next();
  } else if (grammar_.alias_equals && Is(TokenKind::kParameter) &&
             (Is(Op::kEqual, 1) || Is(Op::kCompoundAssign, 1) ||
              (Is(TokenKind::kOperator, 1) && Is(Op::kEqual, 2) && Peek(1).end == Peek(2).begin &&
               !Is(Op::kLess, 1) && !Is(Op::kGreater, 1)))) {
    item->variable = Raw(Peek());
    Next();
    if (!Is(Op::kEqual) && !Is(Op::kCompoundAssign)) Next();
    Next();
  } else if (grammar_.alias_colon && (IsName() || Is(TokenKind::kString)) && Is(Op::kColon, 1)) {
    item->alias = TakeName();
    Next();
  }
  uint32_t expr_begin = Begin();
  item->expr = ParseExpr();
  ParseAlias(item);
  bool ends = Is(Op::kComma) || Is(Op::kRightParen) || AtEnd() || IsClauseWord() || Is(Op::kPipe) ||
              AtSelectEnd() || Is(Kw::kVALUES) || (Is(Kw::kEXCLUDE) && grammar_.exclude_clause);
  if (!ends) {
    item->expr = ParseOpaqueRest(expr_begin, item->expr);
    ParseAlias(item);
  }
  return FinishAs(item, begin);
}

void Parser::ParseAlias(SelectItem* item) {
  if (Is(Kw::kAS)) {
    Next();
    if (Is(Op::kLeftParen)) {
      item->aliases = ParseParenNames();
    } else if (IsName() || Is(TokenKind::kString)) {
      item->alias = TakeName();
    }
  } else if (IsItemAlias()) {
    item->alias = TakeName();
  }
}

bool Parser::IsItemAlias(size_t ahead) const {
  if (Is(TokenKind::kQuoted, ahead)) return true;
  if (Is(TokenKind::kString, ahead)) return grammar_.string_aliases;
  if (!Is(TokenKind::kWord, ahead)) return false;
  Kw word = Word(ahead);
  if (IsNoItemAlias(word)) return false;
  if (grammar_.newline_statements && Peek(ahead).newline && IsStatementStart(ahead)) return false;
  switch (word) {
    case Kw::kQUALIFY:
      return !grammar_.qualify;
    case Kw::kWINDOW:
      return !(IsName(ahead + 1) && Is(Kw::kAS, ahead + 2));
    case Kw::kMINUS:
      return !grammar_.minus;
    case Kw::kPREWHERE:
    case Kw::kSETTINGS:
      return !grammar_.prewhere;
    case Kw::kFORMAT:
      return !(grammar_.settings && IsName(ahead + 1));
    case Kw::kLEFT:
    case Kw::kFULL:
    case Kw::kINNER:
      return !Is(Kw::kUNION, ahead + 1) && !Is(Kw::kOUTER, ahead + 1);
    case Kw::kOFFSET:
      return !Is(TokenKind::kNumber, ahead + 1);
    case Kw::kRETURNING:
      return false;
    case Kw::kVALUES:
      return !Is(Op::kLeftParen, ahead + 1);
    case Kw::kEXCLUDE:
      return !grammar_.exclude_clause;
    case Kw::kCOLLATE:
    case Kw::kAT:
      return !IsName(ahead + 1);
    case Kw::kDIV:
      return !StartsOperand(ahead + 1);
    default:
      return true;
  }
}

// A word of the query's end, or of the statement around it.
bool Parser::AtSelectEnd() const {
  if (AtSetOperator() || (grammar_.newline_statements && IsStatementStart())) return true;
  switch (Word()) {
    case Kw::kORDER:
      return Is(Kw::kBY, 1) || IsText("SIBLINGS", 1);
    case Kw::kSORT:
    case Kw::kCLUSTER:
    case Kw::kDISTRIBUTE:
      return grammar_.sort_by && Is(Kw::kBY, 1);
    case Kw::kLIMIT:
    case Kw::kOFFSET:
    case Kw::kFETCH:
    case Kw::kFOR:
    case Kw::kON:
    case Kw::kRETURNING:
    case Kw::kWITH:
      return true;
    case Kw::kUSING:
      return Is(Kw::kSAMPLE, 1);
    case Kw::kOPTION:
      return grammar_.for_xml;
    case Kw::kSETTINGS:
    case Kw::kFORMAT:
      return grammar_.settings;
    case Kw::kCOMMENT:
      return Is(TokenKind::kString, 1);
    case Kw::kASC:
    case Kw::kDESC:
      return grammar_.pipes;
    case Kw::kLOCK:
      return Is(Kw::kIN, 1);
    case Kw::kPROCEDURE:
      return IsText("ANALYSE", 1) && Is(Op::kLeftParen, 2);
    case Kw::kINTO:
      return IsText("OUTFILE", 1) || IsText("DUMPFILE", 1);
    case Kw::kEND:
    case Kw::kWHEN:
    case Kw::kTHEN:
    case Kw::kELSE:
      return true;
    default:
      return false;
  }
}

// The clauses behind the list, in whatever order; each place that is none of them is an Opaque of
// its own, and the next clause is read as usual.
void Parser::ParseClauses(Select* select) {
  std::vector<const Node*> unknown;
  for (;;) {
    uint32_t begin = Begin();
    switch (Word()) {
      case Kw::kINTO:
        if (IsText("OUTFILE", 1) || IsText("DUMPFILE", 1)) {
          if (grammar_.settings) break;
          SkipOutfile();
          continue;
        }
        Next();
        Accept(Kw::kTEMPORARY) || Accept(Kw::kTEMP) || AcceptText("UNLOGGED");
        Accept(Kw::kTABLE);
        if (IsName() || Is(TokenKind::kParameter)) select->into = ParseTarget();
        if (grammar_.pipes_are_or) {
          while (Accept(Op::kComma)) Next();
        }
        continue;
      case Kw::kFROM:
        Next();
        select->from = ParseFrom();
        continue;
      case Kw::kPREWHERE:
        if (!grammar_.prewhere) break;
        Next();
        select->prewhere = ParseExpr();
        continue;
      case Kw::kWHERE:
        Next();
        select->where = ParseExpr();
        continue;
      case Kw::kSTART:
        if (!Is(Kw::kWITH, 1)) break;
        Next();
        Next();
        select->connect_by = ParseConnectBy(ParseExpr());
        continue;
      case Kw::kCONNECT:
        if (!Is(Kw::kBY, 1)) break;
        select->connect_by = ParseConnectBy(nullptr);
        continue;
      case Kw::kGROUP:
        if (!Is(Kw::kBY, 1)) break;
        Next();
        Next();
        select->group_by = ParseGroupBy(false);
        continue;
      case Kw::kHAVING:
        Next();
        select->having = ParseExpr();
        continue;
      case Kw::kQUALIFY:
        if (!grammar_.qualify) break;
        Next();
        select->qualify = ParseExpr();
        continue;
      case Kw::kWINDOW:
        if (!IsName(1) || !Is(Kw::kAS, 2)) break;
        Next();
        select->windows = ParseWindows();
        continue;
      default:
        break;
    }
    if (AtEnd() || Is(Op::kRightParen) || Is(Op::kPipe) || AtSelectEnd()) break;
    std::string near = Printable(Raw(Peek()).substr(0, 40));
    Builder<Node> parts(*this);
    if (IsClauseWord() || Is(Op::kComma) || Is(Op::kRightBracket) || Is(Op::kRightBrace)) Next();
    CollectOpaqueParts(parts, true, false);
    if (LastEnd() <= begin) Next();
    unknown.push_back(
        MakeOpaque(begin, LastEnd(), "syntax near '" + near + "' is not understood", parts.Take()));
  }
  select->unknown = arena_.Copy<const Node*>(unknown);
}

// INTO OUTFILE 'f' FIELDS TERMINATED BY ...: where the rows go, not which ones.
void Parser::SkipOutfile() {
  for (int i = 0; i < 3; ++i) Next();
  if (grammar_.settings) {
    while (IsText("COMPRESSION") || IsText("LEVEL") || Is(Kw::kTRUNCATE) || IsText("APPEND")) {
      Next();
      if (Is(TokenKind::kString) || Is(TokenKind::kNumber)) Next();
    }
    return;
  }
  while (!AtEnd() && !Is(Op::kRightParen) && !Is(Kw::kFROM) && !Is(Kw::kFOR) && !Is(Kw::kLOCK)) {
    Next();
  }
}

// Redshift: EXCLUDE (a) behind the whole list leaves columns out of its star. False when there is
// no such star, or an item of that name besides it.
bool Parser::ParseExcludeClause(List<SelectItem> items) {
  Star* star = nullptr;
  bool one = true;
  for (const SelectItem* item : items) {
    if (item->expr == nullptr || item->expr->kind != Kind::kStar) continue;
    one = star == nullptr;
    star = const_cast<Star*>(As<Star>(item->expr));
  }
  Next();
  Names names = Is(Op::kLeftParen) ? ParseParenNames() : ParseNameList();
  if (star == nullptr || !one || !star->except.empty()) return false;
  for (const Name& name : names) {
    for (const SelectItem* item : items) {
      const auto* column = As<Column>(item->expr);
      std::string_view called = !item->alias.empty() ? item->alias.text
                                : column != nullptr  ? column->parts.back().text
                                                     : std::string_view();
      if (EqualsIgnoreCase(called, name.text)) return false;
    }
  }
  star->except = names;
  return true;
}

const ConnectBy* Parser::ParseConnectBy(const Expr* start) {
  uint32_t begin = start != nullptr ? start->span.begin : Begin();
  auto* node = New<ConnectBy>();
  node->start_with = start;
  if (Is(Kw::kCONNECT) && Is(Kw::kBY, 1)) {
    Next();
    Next();
    node->no_cycle = Accept(Kw::kNOCYCLE);
    node->condition = ParseExpr();
    if (start == nullptr && Is(Kw::kSTART) && Is(Kw::kWITH, 1)) {
      Next();
      Next();
      node->start_with = ParseExpr();
    }
  }
  return FinishAs(node, begin);
}

// The words GROUP BY are taken.
const GroupBy* Parser::ParseGroupBy(bool aliases) {
  uint32_t begin = Begin();
  auto* group = New<GroupBy>();
  if (Is(Kw::kALL) && !Is(Op::kDot, 1) && !Is(Op::kLeftParen, 1)) {
    Next();
    bool quantifier = IsName() && !IsClauseWord() && !AtSelectEnd() && !Is(Kw::kWINDOW) &&
                      !Is(Kw::kWITH) && !AtEnd();
    group->all = !quantifier;
    if (quantifier) {
      group->items = ParseGroupingItems(aliases);
    }
  } else {
    if (Is(Kw::kDISTINCT)) {
      Next();
      group->distinct = true;
    }
    group->items = ParseGroupingItems(aliases);
  }
  if (Is(Kw::kGROUPING) && Is(Kw::kSETS, 1)) {  // Spark: GROUP BY a, b GROUPING SETS (...)
    group->items = One(ParseGroupingElement(false));
  }
  if (Is(Kw::kWITH) && (Is(Kw::kROLLUP, 1) || Is(Kw::kCUBE, 1) || Is(Kw::kTOTALS, 1))) {
    Next();
    const bool totals = Is(Kw::kTOTALS);
    group->with_ = ToString(Word());
    Next();
    if (Accept(Kw::kWITH, Kw::kTOTALS) && !totals) {
      group->with_ = arena_.CopyText(std::string(group->with_) + " TOTALS");
    }
  }
  return FinishAs(group, begin);
}

List<Node> Parser::ParseGroupingItems(bool aliases) {
  Builder<Node> items(*this);
  do {
    if (AtEnd() || Is(Op::kRightParen) || IsClauseWord()) break;  // a trailing comma
    uint32_t begin = Begin();
    size_t start = pos_;
    const Node* item = ParseGroupingElement(aliases);
    items.Add(item);
    if (pos_ == start) {
      Keep(ParseOpaqueRest(begin, nullptr));
      break;
    }
  } while (Accept(Op::kComma));
  return items.Take();
}

void Parser::SkipDirection() {
  if (!Accept(Kw::kASC)) Accept(Kw::kDESC);
  if (Is(Kw::kNULLS) && (Is(Kw::kFIRST, 1) || Is(Kw::kLAST, 1))) {
    Next();
    Next();
  }
}

const Node* Parser::ParseGroupingElement(bool aliases) {
  Deeper deeper(*this);
  uint32_t begin = Begin();
  if (!deeper) return TooDeep(begin);
  bool rollup = Is(Kw::kROLLUP) && Is(Op::kLeftParen, 1);
  bool cube = Is(Kw::kCUBE) && Is(Op::kLeftParen, 1);
  bool sets = Is(Kw::kGROUPING) && Is(Kw::kSETS, 1) && Is(Op::kLeftParen, 2);
  if (rollup || cube || sets) {
    Next();
    if (sets) Next();
    Next();
    auto* set = New<GroupingSet>();
    set->form = rollup ? GroupingSet::Form::kRollup
                : cube ? GroupingSet::Form::kCube
                       : GroupingSet::Form::kSets;
    set->items = ParseGroupingItems(aliases);
    Finish(set, begin);
    const Node* closed = CloseParen(begin, set);
    return closed == set ? Finish(set, begin) : closed;
  }
  if (Is(Op::kLeftParen) && Is(Op::kRightParen, 1)) {
    Next();
    Next();
    return Finish(New<GroupingSet>(), begin);
  }
  const Expr* expr = ParseExpr();
  bool aliased = Is(Kw::kAS) || (aliases && IsName() && IsItemAlias());
  if (!aliased) {
    // Pipes: GROUP AND ORDER BY a DESC; MariaDB and old MySQL: GROUP BY a DESC.
    if (aliases || grammar_.pipes_are_or) SkipDirection();
    return expr;
  }
  auto* item = New<SelectItem>();
  item->expr = expr;
  ParseAlias(item);
  if (aliases) SkipDirection();
  return Finish(item, begin);
}

List<NamedWindow> Parser::ParseWindows() {
  Builder<NamedWindow> windows(*this);
  while (IsName() && Is(Kw::kAS, 1)) {
    uint32_t begin = Begin();
    auto* window = New<NamedWindow>();
    window->name = TakeName();
    Next();
    if (Is(Op::kLeftParen)) {
      window->spec = ParseWindowSpec();
    } else {
      uint32_t spec_begin = Begin();
      auto* spec = New<WindowSpec>();
      spec->reference = true;
      if (IsName()) spec->base = TakeName();
      window->spec = FinishAs(spec, spec_begin);
    }
    windows.Add(FinishAs(window, begin));
    if (!Accept(Op::kComma)) break;
  }
  return windows.Take();
}

// FROM t [SELECT a] [WHERE ...] ...: DuckDB, ClickHouse, and the start of a pipe.
const Node* Parser::ParseFromFirst() {
  size_t lost = lost_.size();
  uint32_t begin = Begin();
  Next();
  List<Relation> from = ParseFrom();
  auto* select = New<Select>();
  if (Is(Kw::kSELECT)) {
    Next();
    ParseSelectHead(select);
    select->items = ParseSelectItems();
  } else {
    const Select* star = StarOver(from, begin);
    select->items = star->items;
    select->implicit_star = true;
  }
  select->from = from;
  ParseClauses(select);
  if (select->from.empty()) select->from = from;
  select->unknown = TakeLost(lost, select->unknown);
  return Finish(select, begin);
}

}  // namespace layergate::sql

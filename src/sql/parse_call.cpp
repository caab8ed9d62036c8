// Function calls with all that dialects allow in and behind their parentheses, and windows.
#include "core/text.h"
#include "sql/parser.h"

namespace layergate::sql {
namespace {

constexpr size_t kNoWord = 1000;  // the place of an argument that is never a bare word

}  // namespace

// The current token is '('.
const Expr* Parser::ParseCall(uint32_t begin, Names name) {
  const Flagged in(no_in_, false);
  if (const Expr* special = ParseSpecialCall(begin, name)) return special;
  auto* call = New<Call>();
  call->name = name;
  ParseArguments(call);
  if (grammar_.parametric_calls && Is(Op::kLeftParen) && Peek().begin == LastEnd()) {
    call->parameters = call->arguments;
    call->arguments = {};
    ParseArguments(call);
  }
  return ParseCallTail(call, begin);
}

const Expr* Parser::ParseBareCall(size_t words) {
  uint32_t begin = Begin();
  auto* call = New<Call>();
  call->name = One(MakeName(Peek()));
  call->no_parentheses = true;
  for (size_t i = 0; i < words; ++i) Next();
  return ParseCallTail(call, begin);
}

// '(' arguments ')' into the call.
void Parser::ParseArguments(Call* call) {
  uint32_t open = Begin();
  Next();
  if (Accept(Kw::kDISTINCT)) {
    call->distinct = true;
  } else if (Is(Kw::kALL) && !Is(Op::kRightParen, 1) && !Is(Op::kComma, 1)) {
    Next();
  }
  if ((IsText("ABSENT") || Is(Kw::kNULL)) && Is(Kw::kON, 1) && Is(Kw::kNULL, 2)) {
    const uint32_t begin = Begin();
    for (int i = 0; i < 3; ++i) Next();  // JSON_ARRAY(NULL ON NULL)
    Detail(call->details, begin);
  }
  Builder<Expr> arguments(*this);
  while (!Is(Op::kRightParen) && !AtEnd()) {
    uint32_t begin = Begin();
    size_t start = pos_;
    if (arguments.size() > 0 || !(Is(Kw::kORDER) && Is(Kw::kBY, 1))) {
      arguments.Add(ParseArgument(*call, arguments.size()));
    }
    ParseCallInner(call, arguments);
    if (!Is(Op::kComma) && !Is(Op::kRightParen)) {
      const Node* last = arguments.empty() ? nullptr : arguments.back();
      if (!arguments.empty()) arguments.Pop();
      arguments.Add(ParseOpaqueRest(begin, last));
    }
    if (pos_ == start) Next();
    if (!Accept(Op::kComma)) break;
  }
  call->arguments = arguments.Take();
  if (Accept(Op::kRightParen)) return;
  const Node* rest = CloseParen(open, nullptr);
  Builder<Expr> all(*this);
  for (const Expr* each : call->arguments) all.Add(each);
  all.Add(rest);
  call->arguments = all.Take();
}

const Expr* Parser::ParseArgument(const Call& call, size_t index) {
  uint32_t begin = Begin();
  if (Is(TokenKind::kWord) && !grammar_.word_arguments.empty() &&
      IsWordArgument(grammar_, call.name.back().text, index) && AtDateWord() &&
      !(grammar_.sort_by && !HasThreeArguments())) {
    auto* word = New<Literal>();
    word->form = Literal::Form::kKeyword;
    Next();
    if (Is(Op::kLeftParen)) SkipBalanced();
    word->text = RawSince(begin);
    return Finish(word, begin);
  }
  if (AtQuery()) {
    auto* query = New<Subquery>();
    query->query = ParseQuery();
    return Finish(query, begin);
  }
  if (IsText("VARIADIC") && grammar_.free_operators && !Is(Op::kComma, 1) &&
      !Is(Op::kRightParen, 1)) {
    Next();
  }
  if (IsName() && (Is(Op::kFatArrow, 1) || Is(Op::kAssign, 1))) {
    auto* argument = New<NamedArgument>();
    argument->name = TakeName();
    Next();
    if (Is(Kw::kTABLE) || AtQuery()) {
      argument->value = ParseArgument(call, kNoWord);
    } else {
      argument->value = ParseExpr();
    }
    return Finish(argument, begin);
  }
  if (Is(Kw::kTABLE) && (IsName(1) || (Is(Op::kLeftParen, 1)))) return ParseTableArgument();
  if (IsName() && call.name.size() == 1 && EqualsIgnoreCase(call.name[0].text, "descriptor")) {
    auto* column = New<Literal>();  // DESCRIPTOR(a, b int) lists names
    column->form = Literal::Form::kKeyword;
    TakeName();
    if (IsName()) ParseType();
    column->text = RawSince(begin);
    return Finish(column, begin);
  }
  if (IsText("MODEL") && IsName(1) && grammar_.struct_constructor && !Is(Kw::kAS, 1)) {
    Next();  // BigQuery: ML.PREDICT(MODEL m, TABLE t)
    return ParseTable(begin);
  }
  if (Is(Kw::kKEY) && !Is(Op::kComma, 1) && !Is(Op::kRightParen, 1) && !Is(Op::kDot, 1) &&
      (IsName(1) || Is(TokenKind::kString, 1))) {
    Next();  // JSON_OBJECT(KEY k VALUE v)
  }
  const Expr* value = ParseExpr();
  if (const auto* first = As<Subquery>(value); first != nullptr && AtSetOperator()) {
    auto* query = New<Subquery>();  // f((SELECT 1) UNION (SELECT 2))
    query->query = ParseQueryAfter(first->query, begin, nullptr);
    return Finish(query, begin);
  }
  if ((Is(Op::kColon) || Is(Kw::kVALUE)) && !Is(Op::kRightParen, 1) && !Is(Op::kComma, 1)) {
    auto* argument = New<NamedArgument>();
    argument->key = value;
    Next();
    argument->value = ParseExpr();
    return Finish(argument, begin);
  }
  if (Is(Kw::kAS)) {
    auto* item = New<SelectItem>();
    item->expr = value;
    Next();
    if (IsName() || Is(TokenKind::kString)) item->alias = TakeName();
    if (Is(Op::kLeftParen)) SkipBalanced();  // WEIGHT_STRING(a AS CHAR(3))
    return Finish(item, begin);
  }
  return value;
}

// TABLE t, TABLE(t), TABLE(SELECT ...), with an alias; what follows is left to ParseCallInner.
const Expr* Parser::ParseTableArgument() {
  uint32_t begin = Begin();
  Next();
  if (Is(Op::kLeftParen) && AtQuery(1)) {
    auto* derived = New<Derived>();
    derived->query = ParseParenQuery();
    if (Accept(Kw::kAS) && IsName()) derived->alias = TakeName();
    return Finish(derived, begin);
  }
  const bool many = Accept(Op::kLeftParen);
  const Expr* table = IsName() ? ParseTable(begin) : ParseExpr();
  if (many) table = CloseParen(begin, table);
  auto* named = const_cast<Table*>(As<Table>(table));
  if (named == nullptr || !Is(Kw::kAS) || !IsName(1)) return table;
  Next();
  named->alias = TakeName();
  return Finish(named, begin);
}

// Spark's datediff(day, a, b) has a word in front, its datediff(day, b) a column.
bool Parser::HasThreeArguments() const {
  int depth = 0, commas = 0;
  for (size_t i = 0; i < 200; ++i) {
    if (Is(TokenKind::kEnd, i) || Is(Op::kSemicolon, i)) break;
    if (Is(Op::kLeftParen, i)) ++depth;
    if (Is(Op::kRightParen, i) && --depth < 0) break;
    if (depth == 0 && Is(Op::kComma, i) && ++commas == 2) return true;
  }
  return false;
}

// A date part, also such as DOW, ISOWEEK, WEEK(MONDAY), EPOCH: nothing but a word up to ',' or ')'.
// Any other word is a column even there: Snowflake's trunc(amount, scale).
bool Parser::AtDateWord() const {
  const bool alone = Is(Op::kComma, 1) || Is(Op::kRightParen, 1);
  const bool of_weekday = Is(Op::kLeftParen, 1) && IsName(2) && Is(Op::kRightParen, 3);
  if (!alone && !of_weekday) return false;
  if (AtDateUnit()) return true;
  static constexpr std::string_view kParts[] = {"DATE",
                                                "DATETIME",
                                                "DAYOFMONTH",
                                                "DAYOFWEEK",
                                                "DAYOFWEEKISO",
                                                "DAYOFWEEK_ISO",
                                                "DAYOFYEAR",
                                                "DOW",
                                                "DOWISO",
                                                "DOW_ISO",
                                                "DOY",
                                                "EPOCH",
                                                "EPOCH_MICROSECOND",
                                                "EPOCH_MILLISECOND",
                                                "EPOCH_NANOSECOND",
                                                "EPOCH_SECOND",
                                                "ISODOW",
                                                "ISOWEEK",
                                                "ISOWK",
                                                "ISOYEAR",
                                                "ISO_WEEK",
                                                "JULIAN",
                                                "TIME",
                                                "TIMEZONE",
                                                "TIMEZONE_HOUR",
                                                "TIMEZONE_MINUTE",
                                                "TZ",
                                                "TZH",
                                                "TZM",
                                                "TZOFFSET",
                                                "WEEKDAY",
                                                "WEEKDAYISO",
                                                "WEEKDAY_ISO",
                                                "WEEKISO",
                                                "WEEKOFYEAR",
                                                "WEEKOFYEARISO",
                                                "WEEK_ISO",
                                                "YEAROFWEEK",
                                                "YEAROFWEEKISO",
                                                "C",
                                                "CC",
                                                "CE",
                                                "D",
                                                "DD",
                                                "DW",
                                                "DY",
                                                "H",
                                                "HH",
                                                "HR",
                                                "HRS",
                                                "M",
                                                "MCS",
                                                "MI",
                                                "MIL",
                                                "MIN",
                                                "MINS",
                                                "MM",
                                                "MON",
                                                "MONS",
                                                "MS",
                                                "MSEC",
                                                "MSECS",
                                                "N",
                                                "NS",
                                                "NSEC",
                                                "Q",
                                                "QQ",
                                                "QTR",
                                                "QTRS",
                                                "S",
                                                "SEC",
                                                "SECS",
                                                "SS",
                                                "US",
                                                "USEC",
                                                "USECS",
                                                "W",
                                                "WK",
                                                "WW",
                                                "WY",
                                                "Y",
                                                "YR",
                                                "YRS",
                                                "YY",
                                                "YYY",
                                                "YYYY",
                                                "CENT",
                                                "CENTS",
                                                "CENTURIES",
                                                "DEC",
                                                "DECS",
                                                "MICROSEC",
                                                "MICROSECS",
                                                "MILLENNIA",
                                                "MILLISEC",
                                                "MILLISECS",
                                                "MILS",
                                                "MSECOND",
                                                "MSECONDS",
                                                "USECOND",
                                                "USECONDS"};
  for (std::string_view part : kParts) {
    if (IsText(part)) return true;
  }
  return false;
}

const Expr* Parser::ParseTable(uint32_t begin) {
  auto* table = New<Table>();
  table->name = ParseTableName();
  return Finish(table, begin);
}

// What may stand behind an argument, before ',' or ')'.
void Parser::ParseCallInner(Call* call, Builder<Expr>& arguments) {
  while (Is(TokenKind::kWord)) {
    uint32_t begin = Begin();
    if ((Is(Kw::kIGNORE) || Is(Kw::kRESPECT)) && Is(Kw::kNULLS, 1)) {
      call->nulls = Is(Kw::kIGNORE) ? Call::Nulls::kIgnore : Call::Nulls::kRespect;
      Next();
      Next();
    } else if (Is(Kw::kORDER) && Is(Kw::kBY, 1)) {
      Next();
      Next();
      call->order_by = ParseOrderItems();
    } else if (Is(Kw::kPARTITION) && Is(Kw::kBY, 1)) {  // f(TABLE(t) PARTITION BY a ORDER BY b)
      Next();
      Next();
      auto* window = New<WindowSpec>();
      if (Is(Op::kLeftParen)) {
        Next();
        window->partition_by = ParseExprList();
        Keep(CloseParen(begin, nullptr));
      } else {
        window->partition_by = One(ParseExpr());
      }
      call->over = FinishAs(window, begin);
    } else if (Is(Kw::kLIMIT)) {
      Next();
      call->limit = ParseExpr();
    } else if (Is(Kw::kHAVING) && (Is(Kw::kMAX, 1) || Is(Kw::kMIN, 1))) {
      Next();
      Next();
      Detail(call->details, begin);
      call->having_bound = ParseExpr();
    } else if (Is(Kw::kSEPARATOR)) {
      Next();
      call->separator = ParseExpr();
    } else if (IsText("PASSING")) {  // JSON_VALUE(a, '$.x' PASSING b AS x)
      Next();
      do {
        arguments.Add(ParsePassed());
      } while (Accept(Op::kComma));
    } else if (Is(Kw::kDEFAULT)) {
      Next();
      call->separator = ParseExpr();
      begin = Begin();
      if (Accept(Kw::kON)) Next();
      Detail(call->details, begin);
    } else if (TakeCallDetail()) {
      Detail(call->details, begin);
    } else {
      return;
    }
  }
}

// One of those that PASSING lists: [BY REF | VALUE] expr [FORMAT JSON] [AS name].
const Expr* Parser::ParsePassed() {
  uint32_t begin = Begin();
  auto* argument = New<NamedArgument>();
  if (Is(Kw::kBY) && IsName(1)) {
    Next();
    Next();
  }
  argument->value = ParseExpr();
  if (Accept(Kw::kFORMAT)) Accept(Kw::kJSON);
  if (Accept(Kw::kAS) && IsName()) argument->name = TakeName();
  return argument->name.empty() ? argument->value : Finish(argument, begin);
}

// Words in a call that change what it gives and hold no column.
bool Parser::TakeCallDetail() {
  auto take = [&](size_t tokens) {
    for (size_t i = 0; i < tokens; ++i) Next();
    return true;
  };
  const bool behaviour = Is(Kw::kNULL) || IsText("ABSENT") || Is(Kw::kERROR) || Is(Kw::kEMPTY) ||
                         Is(Kw::kTRUE) || Is(Kw::kFALSE) || Is(Kw::kUNKNOWN);
  if (behaviour && Is(Kw::kON, 1)) return take(3);       // NULL ON EMPTY
  if (Is(Kw::kEMPTY) && Is(Kw::kON, 2)) return take(4);  // EMPTY ARRAY ON ERROR
  if (Is(Kw::kON) && Is(Kw::kOVERFLOW, 1)) {
    take(2);
    if (Accept(Kw::kERROR)) return true;
    Accept(Kw::kTRUNCATE);
    Accept(TokenKind::kString);
    if (Accept(Kw::kWITH) || Accept(Kw::kWITHOUT)) AcceptText("COUNT");
    return true;
  }
  if (IsText("RETURNING")) {
    Next();
    ParseType();
    if (Accept(Kw::kFORMAT)) Accept(Kw::kJSON);
    return true;
  }
  if (Is(Kw::kFORMAT) && Is(Kw::kJSON, 1)) return take(2);
  if (IsText("ENCODING")) return take(2);
  if ((Is(Kw::kWITH) || Is(Kw::kWITHOUT)) &&
      (Is(Kw::kUNIQUE, 1) || IsText("WRAPPER", 1) || IsText("WRAPPER", 2) || IsText("WRAPPER", 3) ||
       IsText("ARRAY", 2))) {
    Next();
    while (IsName() && !Is(Kw::kNULL) && !IsText("KEEP") && !IsText("OMIT") && !Is(Kw::kEMPTY) &&
           !Is(Kw::kERROR)) {
      Next();
    }
    return true;
  }
  if ((IsText("KEEP") || IsText("OMIT")) && IsText("QUOTES", 1)) {
    take(2);
    if (Is(Kw::kON) && IsText("SCALAR", 1)) take(3);
    return true;
  }
  if ((IsText("KEEP") || IsText("PRUNE")) && Is(Kw::kWHEN, 1) && Is(Kw::kEMPTY, 2)) return take(3);
  if (Is(Kw::kWITH) && IsText("SINGLE", 1) && Is(Kw::kPARTITION, 2)) return take(3);
  if (IsText("COPARTITION") && Is(Op::kLeftParen, 1)) {
    Next();
    SkipBalanced();
    return true;
  }
  if (IsText("CLAMPED") && Is(Kw::kBETWEEN, 1)) {  // BigQuery: SUM(a CLAMPED BETWEEN 0 AND 1)
    take(2);
    ParseExpr(kOtherPower);
    if (Accept(Kw::kAND)) ParseExpr(kOtherPower);
    return true;
  }
  if (Is(Kw::kUSE) && IsText("MODEL", 1)) {  // T-SQL: AI_GENERATE_EMBEDDINGS(a USE MODEL m)
    take(2);
    if (IsName()) ParseNamePath();
    return true;
  }
  if ((IsText("PRESERVE") || IsText("STRIP")) && IsText("WHITESPACE", 1)) return take(2);
  if ((Is(Kw::kNO) || IsText("INDENT")) && (Is(Op::kRightParen, 1) || IsText("INDENT", 1))) {
    return take(Is(Kw::kNO) ? 2 : 1);
  }
  return false;
}

// WITHIN GROUP, FILTER, IGNORE NULLS, OVER; the call's arguments are taken.
const Expr* Parser::ParseCallTail(Call* call, uint32_t begin) {
  for (;;) {
    if (Is(Kw::kWITHIN) && Is(Kw::kGROUP, 1) && Is(Op::kLeftParen, 2)) {
      for (int i = 0; i < 3; ++i) Next();
      if (Accept(Kw::kORDER)) Accept(Kw::kBY);
      call->within_group = ParseOrderItems();
      Keep(CloseParen(begin, nullptr));
    } else if (Is(Kw::kFILTER) && Is(Op::kLeftParen, 1)) {
      uint32_t open = Begin();
      Next();
      Next();
      Accept(Kw::kWHERE);
      call->filter = CloseParen(open, ParseExpr());
    } else if ((Is(Kw::kIGNORE) || Is(Kw::kRESPECT)) && Is(Kw::kNULLS, 1)) {
      call->nulls = Is(Kw::kIGNORE) ? Call::Nulls::kIgnore : Call::Nulls::kRespect;
      Next();
      Next();
    } else if (Is(Kw::kFROM) && (Is(Kw::kFIRST, 1) || Is(Kw::kLAST, 1)) &&
               (Is(Kw::kOVER, 2) || Is(Kw::kIGNORE, 2) || Is(Kw::kRESPECT, 2))) {
      Next();  // nth_value(x, 2) FROM LAST
      auto* direction = New<Literal>();
      direction->form = Literal::Form::kKeyword;
      direction->text = Raw(Peek());
      call->separator = direction;
      Next();
    } else if (Is(Kw::kOVER) && (Is(Op::kLeftParen, 1) || IsName(1))) {
      call->over = ParseOver();
    } else if (grammar_.pivot_statement && call->details.empty() && IsText("EXPORT_STATE")) {
      const uint32_t word = Begin();  // DuckDB: the aggregate's state, not its value
      Next();
      Detail(call->details, word);
    } else {
      return Finish(call, begin);
    }
  }
}

// Calls whose arguments are separated by words: TRIM(BOTH x FROM y), SUBSTRING(x FROM a FOR b),
// POSITION(a IN b), OVERLAY(x PLACING y FROM a), CEIL(x TO DAY), MATCH (a, b) AGAINST (c). nullptr
// when this is an ordinary call.
const Expr* Parser::ParseSpecialCall(uint32_t begin, Names name) {
  std::string_view text = name.back().text;
  if (name.size() != 1 || name.back().quoted) return nullptr;
  if (grammar_.match_against && EqualsIgnoreCase(text, "match")) {
    auto* call = New<Call>();
    call->name = name;
    ParseArguments(call);
    if (AcceptText("AGAINST") && Is(Op::kLeftParen)) {
      Next();
      Builder<Expr> all(*this);
      for (const Expr* each : call->arguments) all.Add(each);
      {
        const Flagged no_in(no_in_, true);
        all.Add(ParseExpr());
      }
      const uint32_t mode = Begin();
      while (Is(Kw::kIN) || Is(Kw::kWITH) || IsText("MODE") || IsText("BOOLEAN") ||
             IsText("QUERY") || IsText("EXPANSION") || Is(Kw::kNATURAL) || IsText("LANGUAGE")) {
        Next();
      }
      Detail(call->details, mode);
      call->arguments = all.Take();
      Keep(CloseParen(begin, nullptr));
    }
    return ParseCallTail(call, begin);
  }
  if (text.size() > 3 && EqualsIgnoreCase(text.substr(0, 3), "xml"))
    return ParseXmlCall(begin, name);
  bool worded = EqualsIgnoreCase(text, "trim") || EqualsIgnoreCase(text, "substring") ||
                EqualsIgnoreCase(text, "substr") || EqualsIgnoreCase(text, "position") ||
                EqualsIgnoreCase(text, "overlay") || EqualsIgnoreCase(text, "char") ||
                EqualsIgnoreCase(text, "floor") || EqualsIgnoreCase(text, "ceil") ||
                EqualsIgnoreCase(text, "translate");
  return worded ? ParseWordSeparatedCall(begin, name) : nullptr;
}

const Expr* Parser::ParseWordSeparatedCall(uint32_t begin, Names name) {
  uint32_t open = Begin();
  Next();
  auto* call = New<Call>();
  call->name = name;
  Builder<Expr> arguments(*this);
  const Literal* side = nullptr;
  if ((Is(Kw::kBOTH) || Is(Kw::kLEADING) || Is(Kw::kTRAILING)) && !Is(Op::kComma, 1) &&
      !Is(Op::kRightParen, 1) && !Is(Op::kDot, 1)) {
    side = MakeWord();
  }
  Accept(Kw::kFROM);  // TRIM(FROM x), TRIM(LEADING FROM x)
  bool from = false;
  bool trim = EqualsIgnoreCase(name.back().text, "trim");
  const bool position = EqualsIgnoreCase(name.back().text, "position");
  while (!Is(Op::kRightParen) && !AtEnd()) {
    const Flagged no_in(no_in_, position);
    uint32_t item_begin = Begin();
    size_t start = pos_;
    const Expr* item = AtQuery() ? ParseArgument(*call, kNoWord) : ParseExpr();
    bool separated = Is(Op::kComma) || Is(Kw::kFROM) || Is(Kw::kFOR) || Is(Kw::kIN) ||
                     Is(Kw::kUSING) || Is(Kw::kTO) || IsText("PLACING") || Is(Kw::kSIMILAR) ||
                     Is(Kw::kESCAPE);
    if (!separated && !Is(Op::kRightParen)) item = ParseOpaqueRest(item_begin, item);
    // TRIM(chars FROM x) is trim(x, chars).
    if (trim && from && arguments.size() == 1) {
      const Node* characters = arguments.back();
      arguments.Pop();
      arguments.Add(item);
      arguments.Add(characters);
    } else {
      arguments.Add(item);
    }
    if (pos_ == start) Next();
    if (!separated) break;
    from = Is(Kw::kFROM);
    const uint32_t word = Begin();
    const bool length = Is(Kw::kFOR) && arguments.size() == 1;  // SUBSTRING(a FOR 2): no start
    Next();
    if (length) Detail(call->details, word);
    if (Is(TokenKind::kWord) && AtDateUnit() && Is(Op::kRightParen, 1)) arguments.Add(MakeWord());
  }
  if (side != nullptr) arguments.Add(side);
  call->arguments = arguments.Take();
  Keep(Is(Op::kRightParen) ? nullptr : CloseParen(open, nullptr));
  if (Is(Op::kRightParen)) Next();
  return ParseCallTail(call, begin);
}

// XMLELEMENT(NAME tag, ...), XMLPI(NAME tag, ...): the tag is no column. XMLPARSE(DOCUMENT x),
// XMLSERIALIZE(CONTENT x AS t), XMLROOT(x, VERSION v, STANDALONE YES): words that say how.
const Expr* Parser::ParseXmlCall(uint32_t begin, Names name) {
  const bool tag = Is(Kw::kNAME, 1) && IsName(2);
  const bool form = (IsText("DOCUMENT", 1) || IsText("CONTENT", 1)) && !Is(Op::kComma, 2) &&
                    !Is(Op::kRightParen, 2) && !Is(Op::kDot, 2);
  const bool root = EqualsIgnoreCase(name.back().text, "xmlroot");
  if (!tag && !form && !root) return nullptr;
  auto* call = New<Call>();
  call->name = name;
  uint32_t open = Begin();
  Next();
  Builder<Expr> arguments(*this);
  if (tag || form) {
    uint32_t word = Begin();
    Next();
    Detail(call->details, word);
  }
  if (tag) {
    auto* element = New<Literal>();  // the case of an element's name counts
    element->form = Literal::Form::kString;
    element->text = NameText(Peek());
    const uint32_t at = Begin();
    Next();
    arguments.Add(Finish(element, at));
    Accept(Op::kComma);
  }
  while (!Is(Op::kRightParen) && !AtEnd()) {
    size_t start = pos_;
    uint32_t words = Begin();
    if (root && (Is(Kw::kVERSION) || IsText("STANDALONE"))) {
      Next();
      while (!Is(Op::kComma) && !Is(Op::kRightParen) && !AtEnd()) SkipBalanced();
      Detail(call->details, words);
    } else {
      arguments.Add(ParseArgument(*call, kNoWord));
      ParseCallInner(call, arguments);
    }
    if (pos_ == start || !Accept(Op::kComma)) break;
  }
  call->arguments = arguments.Take();
  Keep(CloseParen(open, nullptr));
  return ParseCallTail(call, begin);
}

// ---- windows ------------------------------------------------------------------------------------

const WindowSpec* Parser::ParseOver() {
  uint32_t begin = Begin();
  Next();
  if (Is(Op::kLeftParen)) return ParseWindowSpec();
  auto* spec = New<WindowSpec>();
  spec->base = TakeName();
  spec->reference = true;
  return FinishAs(spec, begin);
}

// '(' [base] [PARTITION BY ...] [ORDER BY ...] [frame] ')'
const WindowSpec* Parser::ParseWindowSpec() {
  uint32_t begin = Begin();
  Next();
  auto* spec = New<WindowSpec>();
  bool clause = ((Is(Kw::kPARTITION) || Is(Kw::kORDER) || IsText("DISTRIBUTE") || Is(Kw::kSORT) ||
                  Is(Kw::kCLUSTER)) &&
                 Is(Kw::kBY, 1)) ||
                Is(Kw::kROWS) || Is(Kw::kRANGE) || Is(Kw::kGROUPS);
  if (IsName() && !clause) spec->base = TakeName();
  if ((Is(Kw::kPARTITION) || Is(Kw::kDISTRIBUTE)) && Is(Kw::kBY, 1)) {
    Next();
    Next();
    spec->partition_by = ParseExprList();
  }
  if ((Is(Kw::kORDER) || Is(Kw::kSORT)) && Is(Kw::kBY, 1)) {
    Next();
    Next();
    spec->order_by = ParseOrderItems();
  }
  if (Is(Kw::kROWS) || Is(Kw::kRANGE) || Is(Kw::kGROUPS)) spec->frame = ParseFrame();
  Keep(CloseParen(begin, nullptr));
  return FinishAs(spec, begin);
}

const WindowFrame* Parser::ParseFrame() {
  uint32_t begin = Begin();
  auto* frame = New<WindowFrame>();
  frame->unit = Is(Kw::kROWS)    ? WindowFrame::Unit::kRows
                : Is(Kw::kRANGE) ? WindowFrame::Unit::kRange
                                 : WindowFrame::Unit::kGroups;
  Next();
  if (Accept(Kw::kBETWEEN)) {
    ParseFrameBound(frame->start, frame->start_value);
    Accept(Kw::kAND);
    ParseFrameBound(frame->end, frame->end_value);
  } else {
    ParseFrameBound(frame->start, frame->start_value);
  }
  if (Is(Kw::kEXCLUDE)) {
    Next();
    uint32_t exclude = Begin();
    while (Is(TokenKind::kWord)) Next();
    frame->exclude = RawSince(exclude);
  }
  return FinishAs(frame, begin);
}

void Parser::ParseFrameBound(WindowFrame::Bound& bound, const Expr*& value) {
  using Bound = WindowFrame::Bound;
  if (Accept(Kw::kUNBOUNDED)) {
    bound = Is(Kw::kFOLLOWING) ? Bound::kUnboundedFollowing : Bound::kUnboundedPreceding;
    Next();
  } else if (Accept(Kw::kCURRENT)) {
    bound = Bound::kCurrentRow;
    Next();
  } else {
    value = ParseExpr(kNotPower);
    bound = Is(Kw::kFOLLOWING) ? Bound::kFollowing : Bound::kPreceding;
    if (Is(Kw::kFOLLOWING) || Is(Kw::kPRECEDING)) Next();
  }
}

// ---- ORDER BY items -----------------------------------------------------------------------------

List<OrderItem> Parser::ParseOrderItems() {
  Builder<OrderItem> items(*this);
  do {
    items.Add(ParseOrderItem());
    // f(TABLE(t) ORDER BY a, next => 1): the comma belongs to the call.
    if (Is(Op::kComma) && IsName(1) && Is(Op::kFatArrow, 2)) break;
  } while (Accept(Op::kComma));
  return items.Take();
}

const OrderItem* Parser::ParseOrderItem() {
  uint32_t begin = Begin();
  auto* item = New<OrderItem>();
  item->expr = ParseExpr();
  if (Is(Kw::kAS) && grammar_.scalar_with) {
    auto* aliased = New<SelectItem>();
    aliased->expr = item->expr;
    Next();
    aliased->alias = TakeName();
    item->expr = Finish(aliased, begin);
  }
  if (Accept(Kw::kASC) || AcceptText("ASCENDING")) {
    item->direction = OrderItem::Direction::kAscending;
  } else if (Accept(Kw::kDESC) || AcceptText("DESCENDING")) {
    item->direction = OrderItem::Direction::kDescending;
  } else if (Is(Kw::kUSING) && Is(TokenKind::kOperator, 1)) {  // PostgreSQL
    Next();
    item->direction =
        Is(Op::kGreater) ? OrderItem::Direction::kDescending : OrderItem::Direction::kAscending;
    Next();
  } else if (Is(Kw::kUSING) && Is(Kw::kOPERATOR, 1) && Is(Op::kLeftParen, 2)) {
    Next();
    Next();
    const uint32_t op = Begin();
    SkipBalanced();
    const bool down = RawSince(op).find('>') != std::string_view::npos;
    item->direction = down ? OrderItem::Direction::kDescending : OrderItem::Direction::kAscending;
  }
  if (Is(Kw::kNULLS) && (Is(Kw::kFIRST, 1) || Is(Kw::kLAST, 1))) {
    item->nulls = Is(Kw::kFIRST, 1) ? OrderItem::Nulls::kFirst : OrderItem::Nulls::kLast;
    Next();
    Next();
  }
  if (Is(Kw::kCOLLATE)) {
    Next();
    Next();
  }
  if (Is(Kw::kWITH) && Is(Kw::kFILL, 1)) {
    const uint32_t words = Begin();
    Next();
    Next();
    Builder<Expr> fill(*this);
    while (Is(Kw::kFROM) || Is(Kw::kTO) || Is(Kw::kSTEP) || IsText("STALENESS")) {
      Next();
      fill.Add(ParseExpr());
    }
    item->fill = fill.Take();
    Detail(item->details, words);
  }
  return FinishAs(item, begin);
}

}  // namespace layergate::sql

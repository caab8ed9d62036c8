// The operands of expressions: names, literals, constructors and parentheses.
#include <vector>

#include "core/text.h"
#include "sql/parser.h"

namespace layergate::sql {

const Expr* Parser::ParsePrimary() {
  uint32_t begin = Begin();
  const Token& token = Peek();
  auto literal = [&](Literal::Form form, std::string_view text) {
    auto* node = New<Literal>();
    node->form = form;
    node->text = text;
    Next();
    return Finish(node, begin);
  };
  switch (token.kind) {
    case TokenKind::kNumber:
      return literal(Literal::Form::kNumber, Raw(token));
    case TokenKind::kBytes:
      return literal(Literal::Form::kBytes, Raw(token));
    case TokenKind::kString:
      return ParseString();
    case TokenKind::kQuoted:
      return ParseColumn();
    case TokenKind::kWord:
      return ParseWordPrimary();
    case TokenKind::kParameter: {
      std::string_view text = Raw(token);
      bool digits = text.size() > 1 && text[1] >= '0' && text[1] <= '9';
      if (digits && ((text[0] == '$' && grammar_.dollar_columns) || text[0] == '#')) {
        auto* column = New<PositionalColumn>();
        for (char c : text.substr(1, 6)) {
          column->ordinal = column->ordinal * 10 + static_cast<uint32_t>(c - '0');
        }
        Next();
        return Finish(column, begin);
      }
      auto* parameter = New<Parameter>();
      parameter->text = text;
      Next();
      return Finish(parameter, begin);
    }
    case TokenKind::kOperator:
      switch (static_cast<Op>(token.id)) {
        case Op::kLeftParen:
          return ParseParen();
        case Op::kLeftBracket:
          return ParseArrayBrackets(begin, nullptr);
        case Op::kLeftBrace:
          return ParseBraces();
        case Op::kStar:
          if (Is(Kw::kCOLUMNS, 1) && Is(Op::kLeftParen, 2)) {
            Next();
            return ParseColumnsMacro(begin, {}, true);
          }
          return ParseStar(begin, {}, nullptr);
        case Op::kAt:
          if (grammar_.at_stages) return ParseStage();
          break;
        case Op::kQuestion: {
          auto* parameter = New<Parameter>();
          parameter->text = Raw(token);
          Next();
          return Finish(parameter, begin);
        }
        default:
          break;
      }
      break;
    default:
      break;
  }
  return ParseOpaqueRest(begin, nullptr);
}

const Expr* Parser::ParseString() {
  uint32_t begin = Begin();
  auto* node = New<Literal>();
  node->form = Literal::Form::kString;
  node->text = StringText(Peek());
  Next();
  if (grammar_.adjacent_strings && Is(TokenKind::kString)) {
    std::string joined(node->text);
    while (Is(TokenKind::kString)) {
      joined += StringText(Peek());
      Next();
    }
    node->text = arena_.CopyText(joined);
  }
  if (IsText("UESCAPE") && Is(TokenKind::kString, 1)) {  // U&'..' UESCAPE '!'
    Next();
    Next();
  }
  return Finish(node, begin);
}

const Expr* Parser::ParseWordPrimary() {
  uint32_t begin = Begin();
  Kw word = Word();
  auto word_literal = [&](Literal::Form form) {
    auto* node = New<Literal>();
    node->form = form;
    node->text = Raw(Peek());
    Next();
    return Finish(node, begin);
  };
  bool dotted = Is(Op::kDot, 1);
  bool called = Is(Op::kLeftParen, 1);
  switch (word) {
    case Kw::kCASE:
      if (!dotted && !called) return ParseCase();
      if (called) return ParseCase();
      break;
    case Kw::kNULL:
      if (!dotted) return word_literal(Literal::Form::kNull);
      break;
    case Kw::kTRUE:
    case Kw::kFALSE:
      if (!dotted && !called) return word_literal(Literal::Form::kBoolean);
      break;
    case Kw::kDEFAULT:
      if (!dotted && !called) return word_literal(Literal::Form::kKeyword);
      break;
    case Kw::kCAST:
      if (called) return ParseCast(false);
      break;
    case Kw::kTRY_CAST:
    case Kw::kSAFE_CAST:
      if (called) return ParseCast(true);
      break;
    case Kw::kCONVERT:
    case Kw::kTRY_CONVERT:
      if (called) return ParseConvert(word == Kw::kTRY_CONVERT);
      break;
    case Kw::kEXTRACT:
      if (called) return ParseExtract();
      break;
    case Kw::kEXISTS:
      if (called && (AtQuery(2) || Is(Op::kLeftParen, 2))) {
        if (!AtQuery(2) && !AtQuery(3)) break;
        auto* exists = New<Exists>();
        Next();
        exists->query = ParseParenQuery();
        return Finish(exists, begin);
      }
      break;
    case Kw::kINTERVAL:
      if (const Expr* interval = ParseInterval()) return interval;
      break;
    case Kw::kARRAY:
      if (Is(Op::kLeftBracket, 1) && grammar_.bracket_arrays) {
        Next();
        return ParseArrayBrackets(begin, nullptr);
      }
      if (called && AtQuery(2)) {
        auto* query = New<Subquery>();
        query->form = Subquery::Form::kArray;
        Next();
        query->query = ParseParenQuery();
        return Finish(query, begin);
      }
      if (AtTypedConstructor()) {
        const Type* type = ParseType();
        if (Is(Op::kLeftBracket)) return ParseArrayBrackets(begin, type);
        return ParseStructCall(begin, type);
      }
      break;
    case Kw::kSTRUCT:
      if (AtTypedConstructor()) return ParseStructCall(begin, ParseType());
      if (called && grammar_.struct_constructor) {
        Next();
        return ParseStructCall(begin, nullptr);
      }
      break;
    case Kw::kMAP:
      if (Is(Op::kLeftBrace, 1)) {
        Next();
        return ParseMapBraces(begin);
      }
      break;
    case Kw::kMULTISET:
      if (called && AtQuery(2)) {
        auto* query = New<Subquery>();
        query->form = Subquery::Form::kMultiset;
        Next();
        query->query = ParseParenQuery();
        return Finish(query, begin);
      }
      break;
    case Kw::kROW:
      if (called) {
        Next();
        uint32_t open = Begin();
        Next();
        auto* row = New<Row>();
        if (!Is(Op::kRightParen)) {
          Builder<Expr> items(*this);
          do {
            items.Add(ParseExpr());
            if (Accept(Kw::kAS)) TakeName();
          } while (Accept(Op::kComma));
          row->items = items.Take();
        }
        Finish(row, begin);
        const Node* closed = CloseParen(open, row);
        return closed == row ? Finish(row, begin) : closed;
      }
      break;
    case Kw::kCOLUMNS:
      if (called && (grammar_.from_first || grammar_.array_join)) {
        return ParseColumnsMacro(begin, {}, false);
      }
      break;
    case Kw::kLAMBDA:
      if (grammar_.lambdas && IsName(1)) return ParseLambda();
      break;
    case Kw::kCURRENT_DATE:
    case Kw::kCURRENT_TIME:
    case Kw::kCURRENT_TIMESTAMP:
    case Kw::kCURRENT_USER:
    case Kw::kCURRENT_ROLE:
    case Kw::kCURRENT_CATALOG:
    case Kw::kCURRENT_SCHEMA:
    case Kw::kLOCALTIME:
    case Kw::kLOCALTIMESTAMP:
    case Kw::kSESSION_USER:
      if (!dotted && !called) return ParseBareCall(1);
      break;
    case Kw::kNEXT:
    case Kw::kPREVIOUS:
      if (Is(Kw::kVALUE, 1) && Is(Kw::kFOR, 2)) {
        auto* call = New<Call>();
        call->name = One(MakeName(Peek()));
        for (int i = 0; i < 3; ++i) Next();
        if (IsName()) {
          call->arguments = One(ParseTable(begin));
        }
        return ParseCallTail(call, begin);
      }
      break;
    case Kw::kMATCH:
      if (called && grammar_.match_against) return ParseSpecialCall(begin, One(TakeName()));
      break;
    case Kw::kCURRENT:
      if (Is(Kw::kOF, 1) && IsName(2)) {  // WHERE CURRENT OF cursor
        Next();
        Next();
        return MakeWord();
      }
      break;
    case Kw::kAPPROXIMATE:
      if (IsName(1) && Is(Op::kLeftParen, 2)) {  // Redshift: APPROXIMATE count(DISTINCT a)
        Next();
        return ParseColumn();
      }
      break;
    case Kw::kDATE_PART:
      if (called && Is(Kw::kFROM, 3) && grammar_.colon_paths) return ParseExtract();
      break;
    default:
      break;
  }
  if (grammar_.lambdas && (Is(Op::kArrow, 1) || Is(Op::kArrow, 2)) && AtLambda()) {
    return ParseLambda();
  }
  if (AtTypedLiteral()) {
    auto* node = New<Literal>();
    node->form = Literal::Form::kTyped;
    while (!Is(TokenKind::kString)) Next();
    node->type = RawSince(begin);
    node->text = StringText(Peek());
    Next();
    return Finish(node, begin);
  }
  if (StartsNoExpression(word) && !dotted && !called) return ParseOpaqueRest(begin, nullptr);
  return ParseColumn();
}

// `date '2024-01-01'`: a word of time or a type, then a string.
bool Parser::AtTypedLiteral() const {
  size_t at = 1;
  if ((Is(Kw::kTIMESTAMP) || Is(Kw::kTIME)) && (Is(Kw::kWITH, 1) || Is(Kw::kWITHOUT, 1)) &&
      Is(Kw::kTIME, 2) && Is(Kw::kZONE, 3)) {
    at = 4;
  }
  if (!Is(TokenKind::kString, at)) return false;
  if (at > 1 || Is(Kw::kDATE) || Is(Kw::kTIME) || Is(Kw::kTIMESTAMP) || Is(Kw::kDATETIME) ||
      Is(Kw::kJSON)) {
    return true;
  }
  if (StartsNoExpression(Word())) return false;
  if (grammar_.free_operators && !grammar_.string_aliases) return true;
  std::string_view raw = Raw(Peek());
  if (raw[0] == '_') return grammar_.pipes_are_or;  // MySQL's _utf8'x'
  static constexpr std::string_view kTypes[] = {
      "TIMESTAMPTZ", "TIMESTAMP_NTZ",  "TIMESTAMP_LTZ", "TIMESTAMP_TZ", "NUMERIC", "BIGNUMERIC",
      "DECIMAL",     "JSONB",          "UUID",          "INET",         "BYTEA",   "RANGE",
      "INT",         "FLOAT",          "REAL",          "DOUBLE",       "CHAR",    "VARCHAR",
      "BLOB",        "DATETIMEOFFSET", "IPADDRESS",     "BOOLEAN"};
  for (std::string_view type : kTypes) {
    if (EqualsIgnoreCase(type, raw)) return true;
  }
  return false;
}

bool Parser::AtTypedConstructor() const {
  return (Is(Op::kLess, 1) || Is(Op::kNotEqual, 1)) &&
         (grammar_.struct_constructor || grammar_.lambdas);
}

// (x), (a, b), (SELECT ...), (), and lambdas (a, b) -> x.
const Expr* Parser::ParseParen() {
  uint32_t begin = Begin();
  if (grammar_.lambdas && AtLambda()) return ParseLambda();
  if (AtQuery(1)) {
    auto* query = New<Subquery>();
    query->query = ParseParenQuery();
    return Finish(query, begin);
  }
  Next();
  if (Accept(Op::kRightParen)) return Finish(New<Row>(), begin);
  bool doubled = Is(Op::kLeftParen);
  const Expr* inner = ParseExpr();
  // ((SELECT ...) UNION ...): what began as a subquery goes on as a query.
  const auto* query = As<Subquery>(inner);
  if (doubled && query != nullptr && query->form == Subquery::Form::kScalar &&
      (AtSetOperator() || (Is(Kw::kORDER) && Is(Kw::kBY, 1)) || Is(Kw::kLIMIT))) {
    auto* whole = New<Subquery>();
    const Node* continued = ParseQueryAfter(query->query, begin, nullptr);
    whole->query = CloseParen(begin, continued);
    return Finish(whole, begin);
  }
  if (Is(Kw::kAS) && (grammar_.scalar_with || grammar_.struct_constructor)) {
    auto* item = New<SelectItem>();
    item->expr = inner;
    Next();
    if (IsName()) item->alias = TakeName();
    inner = Finish(item, begin);
  }
  if (Is(Op::kComma)) {
    auto* row = New<Row>();
    Builder<Expr> items(*this);
    items.Add(inner);
    while (Accept(Op::kComma)) {
      if (Is(Op::kRightParen)) break;
      uint32_t item_begin = Begin();
      const Expr* next = ParseExpr();
      if (Is(Kw::kAS) && (grammar_.scalar_with || grammar_.struct_constructor)) {
        auto* item = New<SelectItem>();
        item->expr = next;
        Next();
        if (IsName()) item->alias = TakeName();
        next = Finish(item, item_begin);
      }
      items.Add(next);
    }
    row->items = items.Take();
    Finish(row, begin);
    const Node* closed = CloseParen(begin, row);
    return closed == row ? Finish(row, begin) : closed;
  }
  return CloseParen(begin, inner);
}

const Expr* Parser::ParseCase() {
  uint32_t begin = Begin();
  Next();
  auto* node = New<Case>();
  if (!Is(Kw::kWHEN)) node->operand = ParseExpr();
  Builder<When> whens(*this);
  while (Is(Kw::kWHEN)) {
    uint32_t when_begin = Begin();
    Next();
    auto* when = New<When>();
    when->test = ParseExpr();
    if (!Is(Kw::kTHEN)) when->test = ParseOpaqueRest(when_begin, when->test);
    if (Accept(Kw::kTHEN)) {
      uint32_t result_begin = Begin();
      when->result = ParseExpr();
      if (!Is(Kw::kWHEN) && !Is(Kw::kELSE) && !Is(Kw::kEND)) {
        when->result = ParseOpaqueRest(result_begin, when->result);
      }
    }
    whens.Add(FinishAs(when, when_begin));
  }
  node->whens = whens.Take();
  if (Accept(Kw::kELSE)) node->otherwise = ParseExpr();
  if (Accept(Kw::kEND)) return Finish(node, begin);
  const Node* done = Finish(node, begin);
  const Node* opaque = ParseOpaqueRest(begin, done);
  if (Accept(Kw::kEND)) return opaque;
  return opaque;
}

// A cast whose type or operand is missing: every Cast has both.
const Expr* Parser::HalfCast(const Cast* cast, uint32_t begin) {
  Builder<Node> parts(*this);
  if (cast->operand != nullptr) parts.Add(cast->operand);
  CollectOpaqueParts(parts, false, false);
  Accept(Op::kRightParen);
  return MakeOpaque(begin, LastEnd(), "a cast without a type or an operand is not understood",
                    parts.Take());
}

// CAST(x AS type [FORMAT f] [DEFAULT d ON CONVERSION ERROR]); also CAST(x, 'type') of ClickHouse.
const Expr* Parser::ParseCast(bool is_try) {
  uint32_t begin = Begin();
  Next();
  uint32_t open = Begin();
  Next();
  auto* cast = New<Cast>();
  cast->is_try = is_try;
  cast->operand = ParseExpr();
  if (Accept(Kw::kAS)) {
    if (Is(TokenKind::kString)) {
      Next();
      auto* type = New<Type>();
      type->name = RawSince(LastEnd() > 0 ? tokens_[pos_ - 1].begin : 0);
      cast->type = FinishAs(type, tokens_[pos_ - 1].begin);
    } else {
      cast->type = ParseType();
    }
    if (Accept(Kw::kCOLLATE)) TakeName();
    if (Accept(Kw::kFORMAT) || Accept(Op::kComma)) cast->format = ParseExpr();
    while ((Is(Kw::kRENAME) || IsText("ADD")) && IsText("FIELDS", 1)) {
      Next();
      Next();
    }
    if (Is(Kw::kDEFAULT) || Is(Kw::kNULL)) {  // DEFAULT x ON CONVERSION ERROR
      Accept(Kw::kDEFAULT);
      if (cast->format == nullptr) cast->format = ParseExpr();
      while (Is(Kw::kON) || IsText("CONVERSION") || Is(Kw::kERROR)) Next();
    }
  } else if (Accept(Op::kComma)) {
    uint32_t type_begin = Begin();
    auto* type = New<Type>();
    ParseExpr();
    type->name = RawSince(type_begin);
    cast->type = FinishAs(type, type_begin);
  }
  if (cast->type == nullptr || cast->operand == nullptr) return HalfCast(cast, begin);
  Finish(cast, begin);
  const Node* closed = CloseParen(open, cast);
  return closed == cast ? Finish(cast, begin) : closed;
}

// CONVERT(type, x [, style]) in T-SQL, CONVERT(x, type) and CONVERT(x USING charset) in MySQL; a
// plain call elsewhere.
const Expr* Parser::ParseConvert(bool is_try) {
  uint32_t begin = Begin();
  if (!grammar_.convert_type_first && !grammar_.pipes_are_or) {
    return ParseCall(begin, One(TakeName()));
  }
  Next();
  uint32_t open = Begin();
  Next();
  auto* cast = New<Cast>();
  cast->is_try = is_try;
  if (grammar_.convert_type_first) {
    cast->type = ParseType();
    if (Accept(Op::kComma)) cast->operand = ParseExpr();
    if (Accept(Op::kComma)) cast->format = ParseExpr();
  } else {
    cast->operand = ParseExpr();
    if (Accept(Op::kComma)) {
      cast->type = ParseType();
    } else if (Accept(Kw::kUSING)) {
      auto* type = New<Type>();
      type->name = Raw(Peek());
      uint32_t type_begin = Begin();
      Next();
      cast->type = FinishAs(type, type_begin);
    }
  }
  if (cast->type == nullptr || cast->operand == nullptr) return HalfCast(cast, begin);
  Finish(cast, begin);
  const Node* closed = CloseParen(open, cast);
  return closed == cast ? Finish(cast, begin) : closed;
}

bool Parser::AtDateUnit(size_t ahead) const {
  if (!Is(TokenKind::kWord, ahead)) return false;
  std::string_view word = Raw(Peek(ahead));
  if (word.size() > 1 && (word.back() == 's' || word.back() == 'S')) word.remove_suffix(1);
  static constexpr std::string_view kUnits[] = {"DAY",
                                                "HOUR",
                                                "MINUTE",
                                                "SECOND",
                                                "MONTH",
                                                "YEAR",
                                                "WEEK",
                                                "QUARTER",
                                                "MILLISECOND",
                                                "MICROSECOND",
                                                "NANOSECOND",
                                                "DECADE",
                                                "CENTURY",
                                                "MILLENNIUM",
                                                "DAY_HOUR",
                                                "DAY_MINUTE",
                                                "DAY_SECOND",
                                                "HOUR_MINUTE",
                                                "HOUR_SECOND",
                                                "MINUTE_SECOND",
                                                "YEAR_MONTH",
                                                "SECOND_MICROSECOND",
                                                "DAY_MICROSECOND"};
  for (std::string_view unit : kUnits) {
    if (EqualsIgnoreCase(unit, word)) return true;
  }
  return false;
}

// `day`, `year to month`, `second(3)`; the current token is a unit.
std::string_view Parser::ParseDateUnit() {
  uint32_t begin = Begin();
  Next();
  if (Is(Op::kLeftParen)) SkipBalanced();
  if (Is(Kw::kTO) && AtDateUnit(1)) {
    Next();
    Next();
    if (Is(Op::kLeftParen)) SkipBalanced();
  }
  return RawSince(begin);
}

// nullptr when the word is only a name here.
const Expr* Parser::ParseInterval() {
  uint32_t begin = Begin();
  bool value =
      Is(TokenKind::kString, 1) || Is(TokenKind::kNumber, 1) || Is(TokenKind::kParameter, 1) ||
      Is(Op::kLeftParen, 1) ||
      (Is(Op::kMinus, 1) && (Is(TokenKind::kNumber, 2) || Is(TokenKind::kString, 2))) ||
      (IsName(1) && !StartsNoExpression(Word(1)) &&
       (AtDateUnit(2) || Is(Op::kLeftParen, 2) || Is(Op::kDot, 2) ||
        (grammar_.pipes_are_or && (Is(Op::kPlus, 2) || Is(Op::kMinus, 2) || Is(Op::kStar, 2)))));
  if (!value) return nullptr;
  auto* interval = New<Interval>();
  size_t start = pos_;
  Next();
  if (Is(TokenKind::kString)) {
    interval->value = ParseString();
  } else {
    // MySQL: INTERVAL a + b DAY; elsewhere `INTERVAL 1 DAY + x` ends before the sum anyway.
    interval->value = ParseExpr(grammar_.pipes_are_or ? 8 : 9);
  }
  if (AtDateUnit()) {
    interval->unit = ParseDateUnit();
    uint32_t unit_begin = LastEnd() - static_cast<uint32_t>(interval->unit.size());
    while ((Is(TokenKind::kNumber) || Is(TokenKind::kString)) && AtDateUnit(1)) {
      Next();
      ParseDateUnit();
      interval->unit = RawSince(unit_begin);
    }
  } else if (interval->value->kind != Kind::kLiteral && Is(Op::kLeftParen, start + 1 - pos_)) {
    // MySQL's function INTERVAL(a, b, c), and a call of a function of that name.
    if (const auto* row = As<Row>(interval->value)) {
      auto* call = New<Call>();
      call->name = One(MakeName(tokens_[start]));
      call->arguments = row->items;
      return ParseCallTail(call, begin);
    }
  }
  return Finish(interval, begin);
}

const Expr* Parser::ParseExtract() {
  uint32_t begin = Begin();
  Names name = One(TakeName());
  // EXTRACT(x, y) and the like are plain calls.
  if (!(IsName(1) || Is(TokenKind::kString, 1)) || !(Is(Kw::kFROM, 2) || Is(Op::kLeftParen, 2))) {
    return ParseCall(begin, name);
  }
  uint32_t open = Begin();
  Next();
  auto* extract = New<Extract>();
  uint32_t part = Begin();
  Next();
  if (Is(Op::kLeftParen)) SkipBalanced();
  extract->part = RawSince(part);
  if (Accept(Kw::kFROM)) extract->operand = ParseExpr();
  Finish(extract, begin);
  const Node* closed = CloseParen(open, extract);
  return closed == extract ? Finish(extract, begin) : closed;
}

// [a, b], and DuckDB's [f(x) FOR x IN list IF test].
const Expr* Parser::ParseArrayBrackets(uint32_t begin, const Type* type) {
  uint32_t open = Begin();
  Next();
  auto* array = New<Array>();
  array->type = type;
  if (!Is(Op::kRightBracket)) {
    const Expr* first = ParseExpr();
    if (Is(Kw::kFOR)) {
      Next();
      auto* comprehension = New<Comprehension>();
      comprehension->body = first;
      comprehension->variables = ParseNameList();
      if (Accept(Kw::kIN)) comprehension->source = ParseExpr();
      if (Accept(Kw::kIF)) comprehension->condition = ParseExpr();
      Finish(comprehension, begin);
      const Node* closed = CloseParen(open, comprehension, Op::kRightBracket);
      return closed == comprehension ? Finish(comprehension, begin) : closed;
    }
    Builder<Expr> items(*this);
    items.Add(first);
    while (Accept(Op::kComma)) {
      if (Is(Op::kRightBracket)) break;
      items.Add(ParseExpr());
    }
    array->items = items.Take();
  }
  Finish(array, begin);
  const Node* closed = CloseParen(open, array, Op::kRightBracket);
  return closed == array ? Finish(array, begin) : closed;
}

// {'key': value, name: value, *}: a struct (DuckDB) or object (Snowflake).
const Expr* Parser::ParseBraces() {
  uint32_t begin = Begin();
  Next();
  if (IsText("FN") && IsName(1)) {  // ODBC's {fn f(x)}
    Next();
    return CloseParen(begin, ParseExpr(), Op::kRightBrace);
  }
  auto* node = New<Struct>();
  Builder<StructField> fields(*this);
  while (!Is(Op::kRightBrace) && !AtEnd()) {
    uint32_t field_begin = Begin();
    auto* field = New<StructField>();
    if ((IsName() || Is(TokenKind::kString)) && Is(Op::kColon, 1)) {
      field->name = TakeName();
      Next();
      field->value = ParseExpr();
    } else {
      field->value = ParseExpr();
    }
    fields.Add(FinishAs(field, field_begin));
    if (!Accept(Op::kComma)) break;
  }
  node->fields = fields.Take();
  Finish(node, begin);
  const Node* closed = CloseParen(begin, node, Op::kRightBrace);
  return closed == node ? Finish(node, begin) : closed;
}

const Expr* Parser::ParseMapBraces(uint32_t begin) {
  uint32_t open = Begin();
  Next();
  auto* map = New<Map>();
  std::vector<const Expr*> keys, values;
  while (!Is(Op::kRightBrace) && !AtEnd()) {
    const Expr* key = ParseExpr();
    if (!Accept(Op::kColon)) break;
    keys.push_back(key);
    values.push_back(ParseExpr());
    if (!Accept(Op::kComma)) break;
  }
  map->keys = arena_.Copy<const Expr*>(keys);
  map->values = arena_.Copy<const Expr*>(values);
  Finish(map, begin);
  const Node* closed = CloseParen(open, map, Op::kRightBrace);
  return closed == map ? Finish(map, begin) : closed;
}

// STRUCT(a AS x, b, c := d); the current token is '('.
const Expr* Parser::ParseStructCall(uint32_t begin, const Type* type) {
  uint32_t open = Begin();
  if (!Accept(Op::kLeftParen)) return ParseOpaqueRest(begin, nullptr);
  auto* node = New<Struct>();
  node->type = type;
  Builder<StructField> fields(*this);
  while (!Is(Op::kRightParen) && !AtEnd()) {
    uint32_t field_begin = Begin();
    auto* field = New<StructField>();
    field->value = ParseExpr();
    if (Accept(Kw::kAS)) {
      if (IsName()) field->name = TakeName();
    } else if (IsName() && !IsNoItemAlias(Word())) {
      field->name = TakeName();
    }
    fields.Add(FinishAs(field, field_begin));
    if (!Accept(Op::kComma)) break;
  }
  node->fields = fields.Take();
  Finish(node, begin);
  const Node* closed = CloseParen(open, node);
  return closed == node ? Finish(node, begin) : closed;
}

// A dotted name, and what a name can turn out to be: a call, t.*, t.$1.
const Expr* Parser::ParseColumn() {
  uint32_t begin = Begin();
  Names path = ParseNamePath();
  if (Is(Op::kBang) && grammar_.at_stages && IsName(1) && Is(Op::kLeftParen, 2)) {
    NameBuilder method(*this);  // Snowflake: model!PREDICT(x)
    for (const Name& part : path) method.Add(part);
    Next();
    method.Add(TakeName());
    path = method.Take();
  }
  if (Is(Op::kLeftParen)) {
    if (!Is(Op::kPlus, 1) || !Is(Op::kRightParen, 2)) {
      bool by_name =
          grammar_.at_stages && path.size() == 1 && EqualsIgnoreCase(path[0].text, "identifier");
      const Expr* call = ParseCall(begin, path);
      if (!by_name || !Is(Op::kLeftParen)) return call;
      auto* named = New<Call>();  // Snowflake: IDENTIFIER('f')(x)
      named->name = One(Name{"identifier", false, call->span});
      ParseArguments(named);
      return ParseCallTail(named, begin);
    }
    auto* column = New<Column>();  // a(+)
    column->parts = path;
    column->outer_join_mark = true;
    for (int i = 0; i < 3; ++i) Next();
    return Finish(column, begin);
  }
  if (Is(Op::kDot)) {
    if (Is(Op::kStar, 1)) {
      Next();
      if (Is(Kw::kCOLUMNS, 1) && Is(Op::kLeftParen, 2)) return ParseColumnsMacro(begin, path, true);
      return ParseStar(begin, path, nullptr);
    }

    if (Is(TokenKind::kParameter, 1) && grammar_.dollar_columns) {
      Next();
      const Node* inner = ParsePrimary();
      if (const auto* place = As<PositionalColumn>(inner)) {
        auto* column = New<PositionalColumn>();
        column->qualifier = path;
        column->ordinal = place->ordinal;
        return Finish(column, begin);
      }
      return inner;
    }
  }
  auto* column = New<Column>();
  column->parts = path;
  return Finish(column, begin);
}

// `x -> ...`, `(x, y) -> ...`, `x INT -> ...` at the current token.
bool Parser::AtLambda() const {
  if (IsName() && IsName(1) && Is(Op::kArrow, 2) && grammar_.at_stages) {
    return true;  // Snowflake: x variant -> ...
  }
  if (IsName() && Is(Op::kArrow, 1)) {
    return !grammar_.arrow_is_json_too ||
           !(Is(TokenKind::kString, 2) || (Is(TokenKind::kNumber, 2) && !Is(Op::kStar, 3)));
  }
  if (!Is(Op::kLeftParen)) return false;
  size_t at = 1;
  while (IsName(at)) {
    ++at;
    while (IsName(at)) ++at;  // types of parameters
    if (!Is(Op::kComma, at)) break;
    ++at;
  }
  return Is(Op::kRightParen, at) && Is(Op::kArrow, at + 1);
}

const Expr* Parser::ParseLambda() {
  uint32_t begin = Begin();
  auto* lambda = New<Lambda>();
  NameBuilder names(*this);
  if (Is(Kw::kLAMBDA) && IsName(1)) {  // DuckDB: lambda x, y: body
    Next();
    do {
      names.Add(TakeName());
    } while (Accept(Op::kComma) && IsName());
    Accept(Op::kColon);
  } else if (Accept(Op::kLeftParen)) {
    while (IsName()) {
      names.Add(TakeName());
      while (IsName()) Next();
      if (!Accept(Op::kComma)) break;
    }
    Accept(Op::kRightParen);
    Accept(Op::kArrow);
  } else {
    names.Add(TakeName());
    if (IsName()) Next();
    Accept(Op::kArrow);
  }
  lambda->parameters = names.Take();
  lambda->body = ParseExpr();
  return Finish(lambda, begin);
}

}  // namespace layergate::sql

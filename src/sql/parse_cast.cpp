// Casts, and what is written with a unit of time: intervals and EXTRACT.
#include "core/text.h"
#include "sql/parser.h"

namespace layergate::sql {

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
    uint32_t details = Begin();
    if (Accept(Kw::kCOLLATE)) TakeName();
    Detail(cast->details, details);
    if (Accept(Kw::kFORMAT) || Accept(Kw::kUSING) || Accept(Op::kComma)) cast->format = ParseExpr();
    details = Begin();
    while ((Is(Kw::kRENAME) || IsText("ADD")) && IsText("FIELDS", 1)) {
      Next();
      Next();
      Accept(Op::kComma);
    }
    if (Is(Kw::kDEFAULT) || Is(Kw::kNULL)) {  // DEFAULT x ON CONVERSION ERROR
      Accept(Kw::kDEFAULT);
      const Expr* value = ParseExpr();
      if (cast->format == nullptr) cast->format = value;
      while (Is(Kw::kON) || IsText("CONVERSION") || Is(Kw::kERROR)) Next();
    }
    Detail(cast->details, details);
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

// INTERVAL a + 1 DAY, INTERVAL CASE ... END DAY: where the word is reserved, any expression may
// stand in front of the unit.
bool Parser::AtIntervalOfExpression() const {
  if (!grammar_.pipes_are_or && grammar_.dialect != Dialect::kBigQuery) return false;
  constexpr size_t kFarthest = 200;
  int depth = 0, cases = 0;
  bool value = false;  // the token before ends one
  for (size_t at = 1; at < kFarthest && !Is(TokenKind::kEnd, at); ++at) {
    if (depth == 0 && cases == 0) {
      if (value && AtDateUnit(at)) return true;
      if (Is(Op::kComma, at) || Is(Op::kSemicolon, at) || Is(Op::kRightParen, at) ||
          Is(Kw::kFROM, at) || Is(Kw::kAS, at)) {
        return false;
      }
    }
    depth += static_cast<int>(Is(Op::kLeftParen, at)) - static_cast<int>(Is(Op::kRightParen, at));
    cases += static_cast<int>(Is(Kw::kCASE, at)) - static_cast<int>(Is(Kw::kEND, at));
    value = Is(TokenKind::kWord, at) || Is(TokenKind::kNumber, at) || Is(TokenKind::kString, at) ||
            Is(Op::kRightParen, at) || Is(Op::kRightBracket, at);
  }
  return false;
}

// nullptr when the word is only a name here.
const Expr* Parser::ParseInterval() {
  uint32_t begin = Begin();
  const bool any = AtIntervalOfExpression();
  bool value =
      any || Is(TokenKind::kString, 1) || Is(TokenKind::kNumber, 1) ||
      Is(TokenKind::kParameter, 1) || Is(Op::kLeftParen, 1) ||
      (Is(Op::kQuestion, 1) && AtDateUnit(2)) ||
      (Is(Op::kMinus, 1) && (Is(TokenKind::kNumber, 2) || Is(TokenKind::kString, 2))) ||
      (IsName(1) && !StartsNoExpression(Word(1)) &&
       (AtDateUnit(2) || Is(Op::kLeftParen, 2) || Is(Op::kDot, 2) ||
        (grammar_.pipes_are_or && (Is(Op::kPlus, 2) || Is(Op::kMinus, 2) || Is(Op::kStar, 2)))));
  if (!value) return nullptr;
  auto* interval = New<Interval>();
  size_t start = pos_;
  Next();
  if (Is(Op::kLeftParen) && Is(TokenKind::kNumber, 1) && Is(Op::kRightParen, 2) &&
      Is(TokenKind::kString, 3)) {
    SkipBalanced();  // INTERVAL(3) '1 s': digits of the seconds
  }
  if (Is(TokenKind::kString)) {
    interval->value = ParseString();
  } else {
    // MySQL: INTERVAL a + b DAY; elsewhere `INTERVAL 1 DAY + x` ends before the sum anyway.
    interval->value = ParseExpr(any || grammar_.pipes_are_or ? kBitOrPower : kSumPower);
  }
  // ClickHouse has more spellings than are worth a list: INTERVAL 3 yyyy.
  const bool word = grammar_.array_join && Is(TokenKind::kWord) && Word() == Kw::kNone &&
                    interval->value->kind == Kind::kLiteral &&
                    As<Literal>(interval->value)->form == Literal::Form::kNumber;
  if (AtDateUnit() || word) {
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

}  // namespace layergate::sql

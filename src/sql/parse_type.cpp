// Types, as they stand in casts, column definitions and typed constructors.
#include "core/text.h"
#include "sql/parser.h"

namespace layergate::sql {
namespace {

// Words that go on a type's name.
bool GoesOn(std::string_view first, std::string_view word) {
  auto is = [](std::string_view a, std::string_view b) { return EqualsIgnoreCase(a, b); };
  if (is(word, "PRECISION")) return is(first, "DOUBLE");
  if (is(word, "VARYING")) {
    return is(first, "CHARACTER") || is(first, "CHAR") || is(first, "BIT") ||
           is(first, "NATIONAL") || is(first, "NCHAR") || is(first, "BINARY");
  }
  if (is(word, "CHARACTER") || is(word, "CHAR")) return is(first, "NATIONAL");
  if (is(word, "UNSIGNED") || is(word, "SIGNED") || is(word, "ZEROFILL")) return true;
  if (is(word, "INTEGER") || is(word, "INT")) return is(first, "UNSIGNED") || is(first, "SIGNED");
  if (is(word, "LARGE")) return is(first, "BINARY") || is(first, "CHARACTER");
  return false;
}

}  // namespace

const Type* Parser::ParseType() {
  Deeper deeper(*this);
  uint32_t begin = Begin();
  if (!deeper) {
    Keep(TooDeep(begin));
    auto* type = New<Type>();
    type->name = RawSince(begin);
    return FinishAs(type, begin);
  }
  return ParseTypeInner();
}

const Type* Parser::ParseTypeInner() {
  uint32_t begin = Begin();
  auto* type = New<Type>();
  if (!IsName()) {
    if (Is(TokenKind::kString)) Next();
    type->name = RawSince(begin);
    if (LastEnd() <= begin) Keep(ParseOpaqueRest(begin, nullptr));
    return FinishAs(type, begin);
  }
  std::string_view first = Raw(Peek());
  Next();
  while (Is(Op::kDot) && IsName(1)) {
    Next();
    Next();
  }
  while (Is(TokenKind::kWord) && GoesOn(first, Raw(Peek()))) Next();
  if (EqualsIgnoreCase(first, "INTERVAL") && AtDateUnit()) ParseDateUnit();
  type->name = RawSince(begin);
  // Only these take angle brackets: behind any other type, `<` compares what was cast.
  const bool nests = Is(Op::kLess) || Is(Op::kNotEqual);
  const bool angled =
      nests && (EqualsIgnoreCase(first, "ARRAY") || EqualsIgnoreCase(first, "STRUCT") ||
                EqualsIgnoreCase(first, "MAP") || EqualsIgnoreCase(first, "RANGE") ||
                EqualsIgnoreCase(first, "TABLE"));
  if (grammar_.array_join && Is(Op::kLeftParen) && EqualsIgnoreCase(first, "JSON")) {
    SkipBalanced();  // ClickHouse: JSON(max_dynamic_paths = 3, a.b Int8, SKIP c)
    type->name = RawSince(begin);
  } else if (angled && Is(Op::kNotEqual)) {  // struct<>
    Next();
  } else if (angled) {
    ParseTypeArguments(type, true);
  } else if (Is(Op::kLeftParen)) {
    ParseTypeArguments(type, false);
  }
  if ((Is(Kw::kWITH) || Is(Kw::kWITHOUT)) &&
      (Is(Kw::kTIME, 1) || (Is(Kw::kLOCAL, 1) && Is(Kw::kTIME, 2)))) {
    while (!Is(Kw::kZONE) && Is(TokenKind::kWord)) Next();
    Accept(Kw::kZONE);
    type->name = RawSince(begin);
  }
  while (Is(TokenKind::kWord) && GoesOn(first, Raw(Peek()))) {
    Next();
    type->name = RawSince(begin);
  }
  if (Is(Kw::kCHARACTER) && Is(Kw::kSET, 1)) {
    for (int i = 0; i < 3; ++i) Next();
    type->name = RawSince(begin);
  }
  // ARRAY<t>[1] is a constructor: its brackets are no dimension.
  while (!angled && Is(Op::kLeftBracket) &&
         (Is(Op::kRightBracket, 1) || (Is(TokenKind::kNumber, 1) && Is(Op::kRightBracket, 2)))) {
    SkipBalanced();
    ++type->array_levels;
  }
  if (Is(Kw::kARRAY) && grammar_.free_operators) {
    Next();
    ++type->array_levels;
    if (Is(Op::kLeftBracket)) SkipBalanced();
  }
  return FinishAs(type, begin);
}

// <...> or (...) behind a type's name.
void Parser::ParseTypeArguments(Type* type, bool angled) {
  uint32_t open = Begin();
  Next();
  Builder<Expr> parameters(*this);
  std::vector<const Type*> elements;
  std::vector<const ColumnDef*> fields;
  auto at_close = [&] {
    return angled ? Is(Op::kGreater) || Is(Op::kShiftRight) || Is(Op::kGreaterEqual)
                  : Is(Op::kRightParen);
  };
  while (!at_close() && !AtEnd()) {
    size_t start = pos_;
    bool setting = IsName() && Is(Op::kEqual, 1);  // ClickHouse: JSON(max_dynamic_paths = 16)
    bool named = (IsName() || Is(TokenKind::kString)) &&
                 (Is(Op::kColon, 1) ||
                  (IsName(1) && !GoesOn(Raw(Peek()), Raw(Peek(1))) && !Is(Kw::kNOT, 1) &&
                   !Is(Kw::kWITH, 1) && !Is(Kw::kCOLLATE, 1) && !AtDateUnit(1)));
    if (named) {
      fields.push_back(ParseTypeField());
    } else if (IsName() && !IsText("MAX") && !setting) {
      elements.push_back(ParseType());
      if (Is(Kw::kNOT) && Is(Kw::kNULL, 1)) {
        Next();
        Next();
      }
      if (Accept(Kw::kCOLLATE)) TakeName();
    } else if (IsText("MAX")) {
      parameters.Add(MakeWord());
    } else {
      parameters.Add(ParseExpr(kLikePower));
      if (Is(Op::kEqual)) {  // Enum8('a' = 1)
        Next();
        parameters.Add(ParseExpr(kLikePower));
      }
    }
    if (pos_ == start) Next();
    if (!Accept(Op::kComma)) {
      if (IsText("CHAR") || IsText("BYTE")) Next();  // VARCHAR(10 CHAR)
      break;
    }
  }
  type->parameters = parameters.Take();
  type->elements = arena_.Copy<const Type*>(elements);
  type->fields = arena_.Copy<const ColumnDef*>(fields);
  if (!angled) {
    Keep(CloseParen(open, nullptr));
  } else if (Is(Op::kShiftRight)) {  // the first half of >> closes this one
    Token& token = tokens_[pos_];
    token.id = static_cast<uint16_t>(Op::kGreater);
    ++token.begin;
  } else if (!Accept(Op::kGreater)) {
    Keep(ParseOpaqueRest(open, nullptr));
  }
}

// name: type, or name type, with NOT NULL, COMMENT 'x', OPTIONS (...).
const ColumnDef* Parser::ParseTypeField() {
  uint32_t begin = Begin();
  auto* field = New<ColumnDef>();
  field->name = TakeName();
  Accept(Op::kColon);
  field->type = ParseType();
  uint32_t rest = Begin();
  while (Is(TokenKind::kWord) && (Is(Kw::kNOT) || Is(Kw::kNULL) || Is(Kw::kCOMMENT) ||
                                  IsText("OPTIONS") || Is(Kw::kCOLLATE))) {
    Next();
    if (Is(TokenKind::kString)) Next();
    if (Is(Op::kLeftParen)) SkipBalanced();
  }
  if (Begin() > rest) field->constraints = RawSince(rest);
  return FinishAs(field, begin);
}

}  // namespace layergate::sql

// Expressions: precedence climbing over prefix, infix and postfix operators.
//
// Chains of one operator become one flat node, so that ten thousand ANDs are one level high.
#include "core/text.h"
#include "sql/parser.h"

namespace layergate::sql {
const Expr* Parser::ParseExpr(int min_power) {
  Deeper deeper(*this);
  uint32_t begin = Begin();
  if (!deeper) return TooDeep(begin);
  const Expr* left = ParsePrefix();
  for (bool taken = true; taken;) left = ParseInfix(left, begin, min_power, taken);
  return left;
}

// The same where the first operand was read already.
const Expr* Parser::ParseExprAfter(const Expr* left, uint32_t begin) {
  left = ParsePostfix(left, begin);
  for (bool taken = true; taken;) left = ParseInfix(left, begin, 0, taken);
  return left;
}

const Expr* Parser::ParsePrefix() {
  uint32_t begin = Begin();
  std::string_view op;
  OpClass op_class = OpClass::kArithmetic;
  int power = kUnaryPower;
  if (Is(Kw::kNOT)) {
    op = "NOT", op_class = OpClass::kLogical, power = kNotPower;
  } else if (Is(Op::kMinus)) {
    op = "-";
  } else if (Is(Op::kPlus)) {
    op = "+";
  } else if (Is(Op::kTilde)) {
    op = "~", op_class = OpClass::kBitwise, power = grammar_.powers.prefix;
  } else if (Is(Op::kBang)) {
    op = "NOT", op_class = OpClass::kLogical, power = grammar_.powers.bang;
  } else if (Is(Op::kDoubleStar) && grammar_.at_stages) {  // Snowflake: f(**array)
    op = "**", op_class = OpClass::kOther;
  } else if (Is(Kw::kPRIOR) && grammar_.connect_by && !Is(Op::kDot, 1)) {
    op = "PRIOR", op_class = OpClass::kOther;
  } else if (Is(Kw::kCONNECT_BY_ROOT) && grammar_.connect_by) {
    op = "CONNECT_BY_ROOT", op_class = OpClass::kOther;
  } else if (Is(Kw::kBINARY) && grammar_.pipes_are_or && (IsName(1) || Is(TokenKind::kString, 1))) {
    op = "BINARY", op_class = OpClass::kOther;
  } else if (Is(Op::kFree) || (Is(Op::kAt) && grammar_.free_operators)) {
    op = Raw(Peek()), op_class = OpClass::kOther, power = grammar_.powers.prefix;
  } else {
    return ParsePostfix(ParsePrimary(), begin);
  }
  Next();
  auto* unary = New<Unary>();
  unary->op = op;
  unary->op_class = op_class;
  unary->operand = ParseExpr(power);
  return Finish(unary, begin);
}

// One infix operator and its right side, when it binds at least as tightly as asked.
const Expr* Parser::ParseInfix(const Expr* left, uint32_t begin, int min_power, bool& taken) {
  taken = true;
  const Token& token = Peek();
  const Powers& powers = grammar_.powers;
  auto binary = [&](std::string_view op, OpClass op_class, int power, size_t tokens = 1,
                    int right_power = -1) {
    if (power < min_power) {
      taken = false;
      return left;
    }
    return ParseOperatorRhs(left, begin, op, op_class, right_power < 0 ? power + 1 : right_power,
                            tokens);
  };
  if (token.kind == TokenKind::kOperator) {
    switch (static_cast<Op>(token.id)) {
      case Op::kEqual:
      case Op::kDoubleEqual:
        return binary("=", OpClass::kCompare, kComparePower);
      case Op::kNotEqual:
      case Op::kBangEqual:
        return binary("<>", OpClass::kCompare, kComparePower);
      case Op::kLess:
        return binary("<", OpClass::kCompare, powers.less);
      case Op::kLessEqual:
        return binary("<=", OpClass::kCompare, powers.less);
      case Op::kGreater:
        return binary(">", OpClass::kCompare, powers.less);
      case Op::kGreaterEqual:
        return binary(">=", OpClass::kCompare, powers.less);
      case Op::kNullSafeEqual:
        return binary("<=>", OpClass::kCompare, kComparePower);
      case Op::kPlus:
        return binary("+", OpClass::kArithmetic, kSumPower);
      case Op::kMinus:
        return binary("-", OpClass::kArithmetic, kSumPower);
      case Op::kStar:
        return binary("*", OpClass::kArithmetic, kProductPower);
      case Op::kSlash:
        return binary("/", OpClass::kArithmetic, kProductPower);
      case Op::kDoubleSlash:
        return binary("//", OpClass::kArithmetic, kProductPower);
      case Op::kPercent:
        return binary("%", OpClass::kArithmetic, kProductPower);
      case Op::kDoubleStar:
        return binary("**", OpClass::kArithmetic, kExponentPower);
      case Op::kCaret:
        return grammar_.caret_is_power ? binary("^", OpClass::kArithmetic, kExponentPower)
                                       : binary("^", OpClass::kBitwise, powers.bit_xor);
      case Op::kDoubleBar:
        if (grammar_.pipes_are_or) return binary("OR", OpClass::kOr, kOrPower);
        return binary("||", OpClass::kConcat, powers.concat);
      case Op::kDoubleAmpersand:
        if (grammar_.ampersands_are_and) return binary("AND", OpClass::kAnd, kAndPower);
        return binary("&&", OpClass::kOther, kOtherPower);
      case Op::kBar:
        return binary("|", OpClass::kBitwise, powers.bit_or);
      case Op::kAmpersand:
        return binary("&", OpClass::kBitwise, powers.bit_and);
      case Op::kShiftLeft:
        return binary("<<", OpClass::kBitwise, powers.shift);
      case Op::kShiftRight:
        if (grammar_.sort_by && Is(Op::kGreater, 1) && Adjacent()) {  // Spark
          return binary(">>>", OpClass::kBitwise, powers.shift, 2);
        }
        return binary(">>", OpClass::kBitwise, powers.shift);
      case Op::kHash:
        if (!grammar_.free_operators) break;
        return binary("#", OpClass::kBitwise, powers.bit_xor);
      case Op::kArrow:
        return binary("->", OpClass::kJson, powers.arrow);
      case Op::kLongArrow:
        return binary("->>", OpClass::kJson, powers.arrow, 1,
                      powers.arrow == kLoosePower ? kBitOrPower : -1);
      case Op::kTilde:
        return binary("~", OpClass::kMatch, powers.match);
      case Op::kFree:
        return binary(
            Raw(token),
            Raw(token).find('~') != std::string_view::npos ? OpClass::kMatch : OpClass::kOther,
            kOtherPower);
      case Op::kQuestion:
        if (grammar_.question_operator) return binary("?", OpClass::kJson, kOtherPower);
        if (grammar_.ternary && min_power <= kLoosePower) {
          Next();
          auto* call = New<Case>();
          auto* when = New<When>();
          when->test = left;
          when->result = ParseExpr();
          Builder<When> whens(*this);
          whens.Add(FinishAs(when, begin));
          call->whens = whens.Take();
          if (Accept(Op::kColon)) call->otherwise = ParseExpr();
          return Finish(call, begin);
        }
        break;
      case Op::kAssign:
        if (min_power == 0) return binary(":=", OpClass::kAssign, 0, 1, 0);
        break;
      case Op::kAt:
        if (grammar_.free_operators) return binary("@", OpClass::kOther, kOtherPower);
        break;
      case Op::kDoubleColon: {  // x IS NULL::boolean; elsewhere ParsePostfix has taken it
        auto* cast = New<Cast>();
        Next();
        cast->operand = left;
        cast->type = ParseType();
        return Finish(cast, begin);
      }
      default:
        break;
    }
    taken = false;
    return left;
  }
  if (token.kind != TokenKind::kWord) {
    taken = false;
    return left;
  }
  switch (static_cast<Kw>(token.id)) {
    case Kw::kAND:
      return binary("AND", OpClass::kAnd, kAndPower);
    case Kw::kOPERATOR:
      if (grammar_.free_operators && Is(Op::kLeftParen, 1)) {
        return ParseNamedOperator(left, begin, min_power, taken);
      }
      break;
    case Kw::kOR:
      return binary("OR", OpClass::kOr, kOrPower);
    case Kw::kXOR:
      return binary("XOR", OpClass::kLogical, kXorPower);
    case Kw::kDIV:
      if (!StartsOperand(1)) break;
      return binary("DIV", OpClass::kArithmetic, kProductPower);
    case Kw::kMOD:
      if (!StartsOperand(1)) break;
      return binary("MOD", OpClass::kArithmetic, kProductPower);
    case Kw::kOVERLAPS:
      if (!StartsOperand(1)) break;
      return binary("OVERLAPS", OpClass::kCompare, kComparePower);
    case Kw::kMEMBER:
      if (Is(Kw::kOF, 1)) return binary("MEMBER OF", OpClass::kOther, kLikePower, 2);
      break;
    case Kw::kIS:
    case Kw::kISNULL:
    case Kw::kNOTNULL:
      if (min_power > powers.is) break;
      if (!Is(Kw::kIS) && (Is(Op::kLeftParen, 1) || grammar_.dialect == Dialect::kMySql ||
                           grammar_.dialect == Dialect::kMariaDb)) {
        break;
      }
      return ParseIs(left, begin);
    case Kw::kGLOBAL:
      if (min_power > powers.like || !grammar_.global_joins) break;
      if (Is(Kw::kIN, 1)) {
        Next();
        return ParseIn(left, begin, false);
      }
      if (Is(Kw::kNOT, 1) && Is(Kw::kIN, 2)) {
        Next();
        Next();
        return ParseIn(left, begin, true);
      }
      break;
    case Kw::kNOT:
    case Kw::kBETWEEN:
    case Kw::kIN:
    case Kw::kLIKE:
    case Kw::kILIKE:
    case Kw::kRLIKE:
    case Kw::kREGEXP:
    case Kw::kGLOB:
    case Kw::kSIMILAR:
    case Kw::kMATCH: {
      bool negated = Is(Kw::kNOT);
      size_t at = negated ? 1 : 0;
      Kw word = Word(at);
      if (min_power > (word == Kw::kBETWEEN ? powers.between : powers.like)) break;
      if (negated && word == Kw::kNULL) return ParseIs(left, begin);
      bool known = word == Kw::kBETWEEN || (word == Kw::kIN && !no_in_) || word == Kw::kLIKE ||
                   word == Kw::kILIKE || word == Kw::kRLIKE || word == Kw::kREGEXP ||
                   word == Kw::kGLOB || (word == Kw::kSIMILAR && Is(Kw::kTO, at + 1)) ||
                   (word == Kw::kMATCH && grammar_.dialect == Dialect::kSqlite);
      if (!known) break;
      if (negated) Next();
      if (Accept(Kw::kBETWEEN)) return ParseBetween(left, begin, negated);
      if (Is(Kw::kIN)) return ParseIn(left, begin, negated);
      return ParseLike(left, begin, negated);
    }
    default:
      if (grammar_.pipes_are_or && Is(Kw::kLIKE, 1) && min_power <= kLikePower &&
          IsText("SOUNDS")) {
        return binary("SOUNDS LIKE", OpClass::kMatch, kLikePower, 2);
      }
      break;
  }
  taken = false;
  return left;
}

// Whether the token can begin an operand; what stands before it may be an alias then: `a mod FROM`.
bool Parser::StartsOperand(size_t ahead) const {
  if (Is(TokenKind::kEnd, ahead) || Is(TokenKind::kBad, ahead)) return false;
  if (Is(TokenKind::kWord, ahead)) return !StartsNoExpression(Word(ahead));
  return !Is(Op::kComma, ahead) && !Is(Op::kRightParen, ahead) && !Is(Op::kSemicolon, ahead) &&
         !Is(Op::kPipe, ahead);
}

// PostgreSQL: a OPERATOR(pg_catalog.=) b.
const Expr* Parser::ParseNamedOperator(const Expr* left, uint32_t begin, int min_power,
                                       bool& taken) {
  taken = min_power <= kOtherPower;
  if (!taken) return left;
  Next();
  uint32_t open = Begin();
  SkipBalanced();
  auto* binary = New<Binary>();
  binary->op = RawSince(open);
  binary->op_class = OpClass::kOther;
  Builder<Expr> operands(*this);
  operands.Add(left);
  operands.Add(ParseExpr(kOtherPower + 1));
  binary->operands = operands.Take();
  return Finish(binary, begin);
}

const Expr* Parser::ParseOperatorRhs(const Expr* left, uint32_t begin, std::string_view op,
                                     OpClass op_class, int right_power, size_t tokens) {
  uint16_t id = Peek().id;
  TokenKind kind = Peek().kind;
  for (size_t i = 0; i < tokens; ++i) Next();
  // x = ANY (...), x <> ALL (...), x ~ ANY (...).
  if ((op_class == OpClass::kCompare || op_class == OpClass::kMatch) && Is(Op::kLeftParen, 1) &&
      (Is(Kw::kANY) || Is(Kw::kALL) || Is(Kw::kSOME))) {
    auto* quantified = New<Quantified>();
    quantified->op = op;
    quantified->quantifier = Is(Kw::kALL) ? "ALL" : "ANY";
    quantified->operand = left;
    Next();
    if (AtQuery(1) || (Is(Op::kLeftParen, 1) && AtQuery(2))) {
      quantified->query = ParseParenQuery();
    } else {
      uint32_t open = Begin();
      Next();
      quantified->array = CloseParen(open, ParseExpr());
    }
    return Finish(quantified, begin);
  }
  Builder<Expr> operands(*this);
  operands.Add(left);
  bool chain = op_class != OpClass::kCompare && op_class != OpClass::kAssign;
  do {
    operands.Add(ParseExpr(right_power));
    if (!chain || Peek().kind != kind || Peek().id != id) break;
    if (kind == TokenKind::kOperator && static_cast<Op>(id) == Op::kFree && Raw(Peek()) != op)
      break;
    for (size_t i = 0; i < tokens; ++i) Next();
  } while (true);
  auto* binary = New<Binary>();
  binary->op = op;
  binary->op_class = op_class;
  binary->operands = operands.Take();
  return Finish(binary, begin);
}

const Expr* Parser::ParseIs(const Expr* left, uint32_t begin) {
  auto* test = New<IsTest>();
  test->operand = left;
  if (Accept(Kw::kISNULL)) {
    test->test = "NULL";
  } else if (Accept(Kw::kNOTNULL) || Accept(Kw::kNOT, Kw::kNULL)) {
    test->test = "NULL", test->negated = true;
  } else {
    Next();  // IS
    test->negated = Accept(Kw::kNOT);
    if (Accept(Kw::kNULL)) {
      test->test = "NULL";
    } else if (Accept(Kw::kTRUE)) {
      test->test = "TRUE";
    } else if (Accept(Kw::kFALSE)) {
      test->test = "FALSE";
    } else if (Accept(Kw::kUNKNOWN)) {
      test->test = "UNKNOWN";
    } else if (Accept(Kw::kDISTINCT, Kw::kFROM)) {
      test->test = "DISTINCT FROM";
      test->other = ParseExpr(grammar_.powers.is + 1);
    } else if (Is(Kw::kJSON)) {
      const uint32_t words = Begin();
      Next();
      test->test = "JSON";
      if (AcceptText("OBJECT"))
        test->test = "JSON OBJECT";
      else if (Accept(Kw::kARRAY))
        test->test = "JSON ARRAY";
      else if (AcceptText("SCALAR"))
        test->test = "JSON SCALAR";
      else if (Accept(Kw::kVALUE))
        test->test = "JSON VALUE";
      if ((Is(Kw::kWITH) || Is(Kw::kWITHOUT)) && Is(Kw::kUNIQUE, 1)) Next();
      if (Accept(Kw::kUNIQUE)) {
        AcceptText("KEYS");
        test->test = RawSince(words);
      }
    } else if (AcceptText("DOCUMENT")) {
      test->test = "DOCUMENT";
    } else if (IsText("NORMALIZED") || (Is(TokenKind::kWord) && IsText("NORMALIZED", 1))) {
      const uint32_t words = Begin();
      if (!IsText("NORMALIZED")) Next();  // NFC
      Next();
      test->test = RawSince(words);
    } else {
      test->other = ParseExpr(grammar_.powers.is + 1);  // SQLite's x IS y
    }
  }
  return Finish(test, begin);
}

const Expr* Parser::ParseBetween(const Expr* left, uint32_t begin, bool negated) {
  auto* between = New<Between>();
  between->operand = left;
  between->negated = negated;
  if (Accept(Kw::kSYMMETRIC))
    between->symmetric = true;
  else
    AcceptText("ASYMMETRIC");
  between->low = ParseExpr(grammar_.powers.between + 1);
  if (!Accept(Kw::kAND)) return ParseOpaqueRest(begin, Finish(between, begin));
  between->high = ParseExpr(grammar_.powers.between + 1);
  return Finish(between, begin);
}

const Expr* Parser::ParseIn(const Expr* left, uint32_t begin, bool negated) {
  Next();  // IN
  auto* in = New<In>();
  in->operand = left;
  in->negated = negated;
  if (!Is(Op::kLeftParen)) {
    in->source = ParseExpr(grammar_.powers.like + 1);
    return Finish(in, begin);
  }
  if (AtQuery(1)) {
    in->query = ParseParenQuery();
    return Finish(in, begin);
  }
  uint32_t open = Begin();
  Next();
  if (Is(Op::kLeftParen) && AtQuery(1)) {  // IN ((SELECT ...)), IN ((SELECT ...) UNION ...)
    uint32_t inner = Begin();
    const Node* first = ParseParenQuery();
    if (Is(Op::kRightParen) || AtSetOperator()) {
      in->query = CloseParen(open, ParseQueryAfter(first, inner, nullptr));
      return Finish(in, begin);
    }
    auto* query = New<Subquery>();
    query->query = first;
    Builder<Expr> items(*this);
    items.Add(ParseExprAfter(Finish(query, inner), inner));
    if (Accept(Op::kComma)) {
      for (const Expr* each : ParseExprList()) items.Add(each);
    }
    in->list = items.Take();
  } else if (!Is(Op::kRightParen)) {
    in->list = ParseExprList();
  }
  const Node* rest = Is(Op::kRightParen) ? nullptr : CloseParen(open, nullptr);
  if (rest == nullptr) Accept(Op::kRightParen);
  if (in->list.size() == 1 && rest == nullptr) {  // IN (((SELECT ...)))
    if (const auto* query = As<Subquery>(in->list[0])) {
      in->query = query->query;
      in->list = {};
    }
  }
  if (rest != nullptr) {
    Builder<Expr> all(*this);
    for (const Expr* each : in->list) all.Add(each);
    all.Add(rest);
    in->list = all.Take();
  }
  return Finish(in, begin);
}

const Expr* Parser::ParseLike(const Expr* left, uint32_t begin, bool negated) {
  auto* like = New<Like>();
  like->operand = left;
  like->negated = negated;
  if (Accept(Kw::kSIMILAR)) {
    Next();  // TO
    like->op = "SIMILAR TO";
  } else {
    like->op = ToString(Word());
    Next();
  }
  if ((Is(Op::kLeftParen, 1) || Is(Kw::kUNNEST, 1)) &&
      (Is(Kw::kANY) || Is(Kw::kALL) || Is(Kw::kSOME))) {
    like->quantifier = Is(Kw::kALL) ? "ALL" : "ANY";
    Next();
    uint32_t open = Begin();
    if (Is(Kw::kUNNEST)) {
      like->pattern = ParsePrimary();
    } else if (AtQuery(1)) {
      auto* query = New<Subquery>();
      query->query = ParseParenQuery();
      like->pattern = Finish(query, open);
    } else {
      Next();
      auto* row = New<Row>();
      row->items = ParseExprList();
      Finish(row, open);
      const Node* closed = CloseParen(open, row);
      like->pattern = closed == row ? Finish(row, open) : closed;
    }
  } else {
    like->pattern = ParseExpr(grammar_.powers.like + 1);
  }
  if (Accept(Kw::kESCAPE)) like->escape = ParseExpr(grammar_.powers.like + 1);
  return Finish(like, begin);
}

List<Expr> Parser::ParseExprList() {
  Builder<Expr> items(*this);
  do {
    uint32_t begin = Begin();
    const Expr* item = ParseExpr();
    if (!Is(Op::kComma) && !Is(Op::kRightParen) && !Is(Op::kRightBracket) && !Is(Op::kRightBrace) &&
        !AtEnd() && !IsClauseWord() && !Is(Op::kPipe) && Begin() == begin) {
      item = ParseOpaqueRest(begin, nullptr);
    }
    items.Add(item);
  } while (Accept(Op::kComma) && !Is(Op::kRightParen) && !Is(Op::kRightBracket));
  return items.Take();
}

}  // namespace layergate::sql

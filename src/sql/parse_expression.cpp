// Expressions: precedence climbing over prefix, infix and postfix operators.
//
// Chains of one operator become one flat node, so that ten thousand ANDs are one level high.
#include "core/text.h"
#include "sql/parser.h"

namespace layergate::sql {
namespace {

// How strongly operators bind; larger binds tighter.
enum Power : int {
  kOrPower = 1,
  kXorPower,
  kAndPower,
  kNotPower,
  kComparePower,
  kLikePower,
  kOtherPower,
  kBitPower,
  kSumPower,
  kProductPower,
  kCaretPower,
  kUnaryPower,
  kPostfixPower,
};

struct InfixOp {
  std::string_view op;
  OpClass op_class;
  int power;
};

}  // namespace

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
  left = ParsePostfix(left, begin, 0);
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
    op = "~", op_class = OpClass::kBitwise;
  } else if (Is(Op::kBang)) {
    op = "NOT", op_class = OpClass::kLogical;
  } else if (Is(Kw::kPRIOR) && grammar_.connect_by && !Is(Op::kDot, 1)) {
    op = "PRIOR", op_class = OpClass::kOther;
  } else if (Is(Kw::kCONNECT_BY_ROOT) && grammar_.connect_by) {
    op = "CONNECT_BY_ROOT", op_class = OpClass::kOther;
  } else if (Is(Kw::kBINARY) && grammar_.pipes_are_or && (IsName(1) || Is(TokenKind::kString, 1))) {
    op = "BINARY", op_class = OpClass::kOther;
  } else if (Is(Op::kFree) || (Is(Op::kAt) && grammar_.free_operators)) {
    op = Raw(Peek()), op_class = OpClass::kOther;
  } else {
    return ParsePostfix(ParsePrimary(), begin, 0);
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
  auto binary = [&](std::string_view op, OpClass op_class, int power, size_t tokens = 1) {
    if (power < min_power) {
      taken = false;
      return left;
    }
    return ParseOperatorRhs(left, begin, op, op_class, power, tokens);
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
        return binary("<", OpClass::kCompare, kComparePower);
      case Op::kLessEqual:
        return binary("<=", OpClass::kCompare, kComparePower);
      case Op::kGreater:
        return binary(">", OpClass::kCompare, kComparePower);
      case Op::kGreaterEqual:
        return binary(">=", OpClass::kCompare, kComparePower);
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
        return binary("**", OpClass::kArithmetic, kCaretPower);
      case Op::kCaret:
        return grammar_.caret_is_power ? binary("^", OpClass::kArithmetic, kCaretPower)
                                       : binary("^", OpClass::kBitwise, kBitPower);
      case Op::kDoubleBar:
        if (grammar_.pipes_are_or) return binary("OR", OpClass::kOr, kOrPower);
        return binary("||", OpClass::kConcat, grammar_.free_operators ? kOtherPower : kSumPower);
      case Op::kDoubleAmpersand:
        if (grammar_.ampersands_are_and) return binary("AND", OpClass::kAnd, kAndPower);
        return binary("&&", OpClass::kOther, kOtherPower);
      case Op::kBar:
        return binary("|", OpClass::kBitwise, kBitPower);
      case Op::kAmpersand:
        return binary("&", OpClass::kBitwise, kBitPower);
      case Op::kShiftLeft:
        return binary("<<", OpClass::kBitwise, kBitPower);
      case Op::kShiftRight:
        return binary(">>", OpClass::kBitwise, kBitPower);
      case Op::kHash:
        if (!grammar_.free_operators) break;
        return binary("#", OpClass::kBitwise, kBitPower);
      case Op::kArrow:
        return binary("->", OpClass::kJson, grammar_.free_operators ? kOtherPower : kPostfixPower);
      case Op::kLongArrow:
        return binary("->>", OpClass::kJson, grammar_.free_operators ? kOtherPower : kPostfixPower);
      case Op::kTilde:
        return binary("~", OpClass::kMatch, kOtherPower);
      case Op::kFree:
        return binary(
            Raw(token),
            Raw(token).find('~') != std::string_view::npos ? OpClass::kMatch : OpClass::kOther,
            kOtherPower);
      case Op::kQuestion:
        if (grammar_.question_operator) return binary("?", OpClass::kJson, kOtherPower);
        if (grammar_.ternary && min_power <= kOrPower) {
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
        if (min_power == 0) return binary(":=", OpClass::kAssign, 0);
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
      return binary("DIV", OpClass::kArithmetic, kProductPower);
    case Kw::kMOD:
      return binary("MOD", OpClass::kArithmetic, kProductPower);
    case Kw::kOVERLAPS:
      return binary("OVERLAPS", OpClass::kCompare, kComparePower);
    case Kw::kMEMBER:
      if (Is(Kw::kOF, 1)) return binary("MEMBER OF", OpClass::kOther, kLikePower, 2);
      break;
    case Kw::kIS:
    case Kw::kISNULL:
    case Kw::kNOTNULL:
      if (min_power > kComparePower) break;
      if (!Is(Kw::kIS) && (Is(Op::kLeftParen, 1) || grammar_.dialect == Dialect::kMySql ||
                           grammar_.dialect == Dialect::kMariaDb)) {
        break;
      }
      return ParseIs(left, begin);
    case Kw::kGLOBAL:
      if (min_power > kLikePower || !grammar_.global_joins) break;
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
      if (min_power > kLikePower) break;
      bool negated = Is(Kw::kNOT);
      size_t at = negated ? 1 : 0;
      Kw word = Word(at);
      if (negated && word == Kw::kNULL) return ParseIs(left, begin);
      bool known = word == Kw::kBETWEEN || (word == Kw::kIN && no_in_ == 0) || word == Kw::kLIKE ||
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
                                     OpClass op_class, int power, size_t tokens) {
  uint16_t id = Peek().id;
  TokenKind kind = Peek().kind;
  for (size_t i = 0; i < tokens; ++i) Next();
  // x = ANY (...), x <> ALL (...).
  if (op_class == OpClass::kCompare && Is(Op::kLeftParen, 1) &&
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
    operands.Add(ParseExpr(op_class == OpClass::kAssign ? 0 : power + 1));
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
      test->other = ParseExpr(kLikePower);
    } else if (Accept(Kw::kJSON)) {
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
      if (Accept(Kw::kUNIQUE)) AcceptText("KEYS");
    } else if (AcceptText("DOCUMENT")) {
      test->test = "DOCUMENT";
    } else if (IsText("NORMALIZED") || (Is(TokenKind::kWord) && IsText("NORMALIZED", 1))) {
      if (!IsText("NORMALIZED")) Next();  // NFC
      Next();
      test->test = "NORMALIZED";
    } else {
      test->other = ParseExpr(kLikePower);  // SQLite's x IS y
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
  between->low = ParseExpr(kOtherPower);
  if (!Accept(Kw::kAND)) return ParseOpaqueRest(begin, Finish(between, begin));
  between->high = ParseExpr(kOtherPower);
  return Finish(between, begin);
}

const Expr* Parser::ParseIn(const Expr* left, uint32_t begin, bool negated) {
  Next();  // IN
  auto* in = New<In>();
  in->operand = left;
  in->negated = negated;
  if (!Is(Op::kLeftParen)) {
    in->source = ParseExpr(kOtherPower);
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
  if (Is(Op::kLeftParen, 1) && (Is(Kw::kANY) || Is(Kw::kALL) || Is(Kw::kSOME))) {
    like->quantifier = Is(Kw::kALL) ? "ALL" : "ANY";
    Next();
    uint32_t open = Begin();
    if (AtQuery(1)) {
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
    like->pattern = ParseExpr(kOtherPower);
  }
  if (Accept(Kw::kESCAPE)) like->escape = ParseExpr(kOtherPower);
  return Finish(like, begin);
}

// Everything that is written behind an operand and binds tightest.
const Expr* Parser::ParsePostfix(const Expr* left, uint32_t begin, int min_power) {
  (void)min_power;
  for (;;) {
    const Token& token = Peek();
    if (token.kind == TokenKind::kOperator) {
      switch (static_cast<Op>(token.id)) {
        case Op::kQuestion:  // Databricks: x?::int gives NULL where x::int fails
          if (!grammar_.macro_variables || !Is(Op::kDoubleColon, 1)) return left;
          [[fallthrough]];
        case Op::kDoubleColon: {
          auto* cast = New<Cast>();
          cast->is_try = Accept(Op::kQuestion);
          Next();
          cast->operand = left;
          cast->type = ParseType();
          left = Finish(cast, begin);
          continue;
        }
        case Op::kLeftBracket:
          if (!grammar_.bracket_arrays) return left;
          left = ParseSubscript(left, begin);
          continue;
        case Op::kColon:
          if (!grammar_.colon_paths || !(IsName(1) || Is(Op::kLeftBracket, 1))) return left;
          left = ParseJsonPath(left, begin);
          continue;
        case Op::kBang:
          if (!grammar_.pivot_statement || Is(Op::kLeftParen, 1) ||
              (IsName(1) && !StartsNoExpression(Word(1)))) {
            return left;
          }
          {
            Next();  // DuckDB's factorial
            auto* call = New<Unary>();
            call->op = "!";
            call->op_class = OpClass::kArithmetic;
            call->operand = left;
            left = Finish(call, begin);
          }
          continue;
        case Op::kDot:
          if (Is(Op::kColon, 1) && grammar_.array_join) {  // ClickHouse: json.a.:Int64
            Next();
            Next();
            auto* cast = New<Cast>();
            cast->operand = left;
            cast->type = ParseType();
            left = Finish(cast, begin);
            continue;
          }
          if (Is(Op::kStar, 1)) {
            Next();
            return ParseStar(begin, {}, left);
          }
          if (!IsName(1) && !Is(TokenKind::kNumber, 1)) return left;
          Next();
          if (Is(Op::kLeftParen, 1) && IsName()) {  // DuckDB's x.f(a): f(x, a)
            auto* call = New<Call>();
            call->name = One(TakeName());
            ParseArguments(call);
            Builder<Expr> arguments(*this);
            arguments.Add(left);
            for (const Expr* each : call->arguments) arguments.Add(each);
            call->arguments = arguments.Take();
            left = ParseCallTail(call, begin);
          } else {
            auto* field = New<Field>();
            field->base = left;
            field->name = TakeName();
            left = Finish(field, begin);
          }
          continue;
        default:
          return left;
      }
    }
    if (token.kind != TokenKind::kWord) return left;
    if (Is(Kw::kAT) && Is(Kw::kTIME, 1) && Is(Kw::kZONE, 2)) {
      for (int i = 0; i < 3; ++i) Next();
      auto* zone = New<AtTimeZone>();
      zone->operand = left;
      uint32_t zone_begin = Begin();
      zone->zone = ParsePostfix(ParsePrimary(), zone_begin, 0);
      left = Finish(zone, begin);
      if (left->kind == Kind::kOpaque) return left;
      // The zone may itself have swallowed a chain; both ways mean the same columns.
      continue;
    }
    if (Is(Kw::kAT) && Is(Kw::kLOCAL, 1)) {
      Next();
      Next();
      auto* zone = New<AtTimeZone>();
      zone->operand = left;
      left = Finish(zone, begin);
      continue;
    }
    if (Is(Kw::kCOLLATE) && (IsName(1) || Is(TokenKind::kString, 1))) {
      Next();
      auto* collate = New<Collate>();
      collate->operand = left;
      uint32_t name = Begin();
      TakeName();
      while (Is(Op::kDot) && IsName(1)) {
        Next();
        Next();
      }
      collate->collation = RawSince(name);
      left = Finish(collate, begin);
      continue;
    }
    return left;
  }
}

const Expr* Parser::ParseSubscript(const Expr* base, uint32_t begin) {
  auto* subscript = New<Subscript>();
  subscript->base = base;
  Next();
  if (Is(Op::kDoubleColon)) {  // [::step]
    subscript->slice = true;
    Next();
    subscript->step = ParseExpr();
  } else {
    if (!Is(Op::kColon)) subscript->index = ParseExpr();
    if (Accept(Op::kColon)) {
      subscript->slice = true;
      if (Is(Op::kMinus) && (Is(Op::kColon, 1) || Is(Op::kRightBracket, 1)))
        Next();
      else if (!Is(Op::kColon) && !Is(Op::kRightBracket))
        subscript->upper = ParseExpr();
      if (Accept(Op::kColon) && !Is(Op::kRightBracket)) subscript->step = ParseExpr();
    }
  }
  Finish(subscript, begin);
  const Node* done = CloseParen(begin, subscript, Op::kRightBracket);
  return done == subscript ? Finish(subscript, begin) : done;
}

// base:a.b[0].c and base:['a']; dots behind it belong to the path.
const Expr* Parser::ParseJsonPath(const Expr* base, uint32_t begin) {
  Next();  // ':'
  const Expr* path = base;
  if (Is(Op::kLeftBracket)) {
    path = ParseSubscript(path, begin);
  } else {
    auto* field = New<Field>();
    field->base = path;
    field->json = true;
    field->name = TakeName();
    path = Finish(field, begin);
  }
  for (;;) {
    if (Is(Op::kLeftBracket)) {
      path = ParseSubscript(path, begin);
    } else if ((Is(Op::kDot) || Is(Op::kColon)) && IsName(1)) {
      Next();
      auto* field = New<Field>();
      field->base = path;
      field->json = true;
      field->name = TakeName();
      path = Finish(field, begin);
    } else {
      return path;
    }
  }
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

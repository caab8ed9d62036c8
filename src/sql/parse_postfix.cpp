// What is written behind an operand and binds tightest: casts, fields, subscripts, paths.
#include "sql/parser.h"

namespace layergate::sql {

// Everything that is written behind an operand and binds tightest; AT TIME ZONE and COLLATE only
// with `zones`.
const Expr* Parser::ParsePostfix(const Expr* left, uint32_t begin, bool zones) {
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
          if (Is(Op::kCaret, 1) && grammar_.array_join && IsName(2)) Next();  // json.^sub
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
    if (token.kind != TokenKind::kWord || !zones) return left;
    if (Is(Kw::kAT) && Is(Kw::kTIME, 1) && Is(Kw::kZONE, 2)) {
      for (int i = 0; i < 3; ++i) Next();
      auto* zone = New<AtTimeZone>();
      zone->operand = left;
      uint32_t zone_begin = Begin();
      zone->zone = ParsePostfix(ParsePrimary(), zone_begin, false);
      left = Finish(zone, begin);
      if (left->kind == Kind::kOpaque) return left;
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
  if (Is(Op::kRightBracket)) {  // ClickHouse: json.list[].key
    subscript->slice = true;
  } else if (Is(Op::kDoubleColon)) {  // [::step]
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

}  // namespace layergate::sql

// Stars with their modifiers, and COLUMNS(...).
#include <vector>

#include "core/text.h"
#include "sql/parser.h"

namespace layergate::sql {

const Expr* Parser::ParseStar(uint32_t begin, Names qualifier, const Expr* base) {
  Next();  // '*'
  auto* star = New<Star>();
  star->qualifier = qualifier;
  star->base = base;
  ParseStarModifiers(star);
  return Finish(star, begin);
}

void Parser::ParseStarModifiers(Star* star) {
  std::vector<const Expr*> apply;
  for (;;) {
    if ((Is(Kw::kEXCEPT) || Is(Kw::kEXCLUDE)) &&
        (Is(Op::kLeftParen, 1) ? !AtQuery(2)
                               : Is(Kw::kEXCLUDE) || (IsName(1) && !AtQuery(1) &&
                                                      !Is(Kw::kALL, 1) && !Is(Kw::kDISTINCT, 1)))) {
      Next();
      std::vector<Name> names, relations;
      bool qualified = false;
      bool many = Accept(Op::kLeftParen);
      while (IsName() || Is(TokenKind::kString)) {
        Name name = TakeName(), relation;
        while (Is(Op::kDot) && IsName(1)) {  // EXCLUDE (t.a)
          relation = name;
          Next();
          name = TakeName();
        }
        names.push_back(name);
        relations.push_back(relation);
        qualified = qualified || !relation.empty();
        if (!many || !Accept(Op::kComma)) break;
      }
      star->except = arena_.Copy<Name>(names);
      if (qualified) star->except_of = arena_.Copy<Name>(relations);
      if (many) Keep(CloseParen(Begin(), nullptr));
    } else if (Is(Kw::kREPLACE) &&
               (Is(Op::kLeftParen, 1) || grammar_.array_join || grammar_.pivot_statement)) {
      Next();
      bool many = Accept(Op::kLeftParen);
      Builder<SelectItem> items(*this);
      do {
        if (many && Is(Op::kRightParen)) break;  // a trailing comma
        items.Add(ParseSelectItem());
      } while (many && Accept(Op::kComma));
      star->replace = items.Take();
      if (many) Keep(CloseParen(Begin(), nullptr));
    } else if (Is(Kw::kRENAME) && (Is(Op::kLeftParen, 1) || (IsName(1) && Is(Kw::kAS, 2)))) {
      Next();
      bool many = Accept(Op::kLeftParen);
      Builder<SelectItem> items(*this);
      do {
        if (many && Is(Op::kRightParen)) break;
        items.Add(ParseSelectItem());
      } while (many && Accept(Op::kComma));
      star->rename = items.Take();
      if (many) Keep(CloseParen(Begin(), nullptr));
    } else if (const size_t at = Is(Kw::kNOT) ? 1 : 0;
               ((Is(Kw::kILIKE, at) || Is(Kw::kLIKE, at) || Is(Kw::kGLOB, at)) &&
                Is(TokenKind::kString, at + 1)) ||
               (Is(Kw::kSIMILAR, at) && Is(TokenKind::kString, at + 2))) {
      star->not_matching = Accept(Kw::kNOT);
      if (Is(Kw::kLIKE)) star->match = "LIKE";
      if (Is(Kw::kGLOB)) star->match = "GLOB";
      if (Accept(Kw::kSIMILAR)) star->match = "SIMILAR TO";
      Next();
      star->ilike = ParsePrimary();
    } else if (Is(Kw::kAPPLY) && (Is(Op::kLeftParen, 1) || IsName(1)) && grammar_.array_join) {
      Next();
      bool many = Accept(Op::kLeftParen);
      apply.push_back(ParseExpr());
      if (many) Keep(CloseParen(Begin(), nullptr));
    } else {
      break;
    }
  }
  star->apply = arena_.Copy<const Expr*>(apply);
}

// COLUMNS(...); the current token is COLUMNS, or the '*' was just taken.
const Expr* Parser::ParseColumnsMacro(uint32_t begin, Names qualifier, bool unpacked) {
  Next();
  uint32_t open = Begin();
  Next();
  auto* columns = New<ColumnsMacro>();
  columns->qualifier = qualifier;
  columns->unpacked = unpacked;
  if (!Is(Op::kRightParen)) columns->arguments = ParseExprList();
  Finish(columns, begin);
  const Node* closed = CloseParen(open, columns);
  if (closed != columns) return closed;
  Star modifiers;
  if (grammar_.array_join) ParseStarModifiers(&modifiers);
  columns->except = modifiers.except;
  columns->replace = modifiers.replace;
  columns->apply = modifiers.apply;
  return Finish(columns, begin);
}

}  // namespace layergate::sql

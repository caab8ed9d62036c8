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
      NameBuilder names(*this);
      bool many = Accept(Op::kLeftParen);
      while (IsName() || Is(TokenKind::kString)) {
        const uint32_t name_begin = Begin();
        Name name = TakeName();
        const Name relation = name;
        const bool qualified = Is(Op::kDot) && IsName(1);  // DuckDB's EXCLUDE (t.a)
        while (Is(Op::kDot) && IsName(1)) {
          Next();
          name = TakeName();
        }
        names.Add(name);
        // The list holds plain names: which relation's column goes can't be told from it.
        const bool of_star =
            star->qualifier.size() == 1 && EqualsIgnoreCase(star->qualifier[0].text, relation.text);
        if (qualified && !of_star)
          Keep(MakeOpaque(name_begin, LastEnd(), "whose column EXCLUDE names is not followed", {}));
        if (!many || !Accept(Op::kComma)) break;
      }
      star->except = names.Take();
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
    } else if ((Is(Kw::kILIKE) || Is(Kw::kLIKE)) && Is(TokenKind::kString, 1)) {
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

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
      if (grammar_.array_join && Is(TokenKind::kString)) {  // ClickHouse: a pattern, not a name
        Keep(MakeOpaque(Begin(), Peek().end, "a pattern in EXCEPT is not followed", {}));
        Next();
      }
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
      star->replace = ParseStarItems();
    } else if (Is(Kw::kRENAME) &&
               (Is(Op::kLeftParen, 1) ||
                (IsName(1) && (Is(Kw::kAS, 2) || (Is(Op::kDot, 2) && Is(Kw::kAS, 4)))))) {
      Next();
      star->rename = ParseStarItems();
    } else if (const size_t words = StarPatternWords(); words > 0) {
      star->not_matching = Accept(Kw::kNOT);
      if (Is(Kw::kLIKE)) star->match = "LIKE";
      if (Is(Kw::kGLOB)) star->match = "GLOB";
      if (Accept(Kw::kSIMILAR)) star->match = "SIMILAR TO";
      Next();
      star->ilike = ParsePrimary();
      if (Is(Kw::kESCAPE) && Is(TokenKind::kString, 1)) {
        Next();
        star->escape = ParsePrimary();
      }
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

// (a AS b, ...), or one without parentheses.
List<SelectItem> Parser::ParseStarItems() {
  const bool many = Accept(Op::kLeftParen);
  Builder<SelectItem> items(*this);
  do {
    if (many && Is(Op::kRightParen)) break;  // a trailing comma
    items.Add(ParseSelectItem());
  } while (many && Accept(Op::kComma));
  if (many) Keep(CloseParen(Begin(), nullptr));
  return items.Take();
}

// The words of `[NOT] LIKE | ILIKE | GLOB | SIMILAR TO 'pattern'` behind a star; 0: none of them.
size_t Parser::StarPatternWords() const {
  const size_t at = Is(Kw::kNOT) && grammar_.pivot_statement ? 1 : 0;
  size_t words = 0;
  if (Is(Kw::kLIKE, at) || Is(Kw::kILIKE, at)) words = at + 1;
  if (grammar_.pivot_statement && Is(Kw::kGLOB, at)) words = at + 1;
  if (grammar_.pivot_statement && Is(Kw::kSIMILAR, at) && Is(Kw::kTO, at + 1)) words = at + 2;
  return Is(TokenKind::kString, words) ? words : 0;
}

// COLUMNS(...); the current token is COLUMNS or the '(' behind it.
const Expr* Parser::ParseColumnsMacro(uint32_t begin, Names qualifier, bool unpacked) {
  Accept(Kw::kCOLUMNS);
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

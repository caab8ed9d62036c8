// Values that are built from others: arrays, structs, maps, and comprehensions.
#include <vector>

#include "core/text.h"
#include "sql/parser.h"

namespace layergate::sql {

// [a, b], and DuckDB's [f(x) FOR x IN list IF test].
const Expr* Parser::ParseArrayBrackets(uint32_t begin, const Type* type) {
  uint32_t open = Begin();
  Next();
  auto* array = New<Array>();
  array->type = type;
  if (!Is(Op::kRightBracket)) {
    const Expr* first = ParseAliased();
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
      items.Add(ParseAliased());
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
  if (Is(TokenKind::kWord) && Is(TokenKind::kString, 1)) {  // and {d '2024-01-01'}
    auto* literal = New<Literal>();
    literal->form = Literal::Form::kTyped;
    literal->type = Raw(Peek());
    Next();
    literal->text = StringText(Peek());
    Next();
    const Node* typed = Finish(literal, begin);
    const Node* closed = CloseParen(begin, typed, Op::kRightBrace);
    return closed == typed ? Finish(literal, begin) : closed;
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

// ROW(a, b), and ROW(a AS x, b), whose fields have names; the current token is '('.
const Expr* Parser::ParseRow(uint32_t begin) {
  uint32_t open = Begin();
  Next();
  std::vector<const StructField*> fields;
  bool named = false;
  while (!Is(Op::kRightParen) && !AtEnd()) {
    uint32_t field_begin = Begin();
    auto* field = New<StructField>();
    field->value = ParseExpr();
    if (Accept(Kw::kAS) && IsName()) {
      field->name = TakeName();
      named = true;
    }
    fields.push_back(FinishAs(field, field_begin));
    if (!Accept(Op::kComma)) break;
  }
  auto finish = [&](auto* node) {
    const Node* done = Finish(node, begin);
    const Node* closed = CloseParen(open, done);
    return closed == done ? Finish(node, begin) : closed;
  };
  if (named) {
    auto* node = New<Struct>();
    node->fields = arena_.Copy<const StructField*>(fields);
    return finish(node);
  }
  auto* row = New<Row>();
  Builder<Expr> items(*this);
  for (const StructField* field : fields) items.Add(field->value);
  row->items = items.Take();
  return finish(row);
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

// BigQuery: WITH(a AS x, b AS a + 1, a * b), a value with names for its parts. The same as a query
// whose WITH names expressions (ClickHouse), as a scalar subquery.
const Expr* Parser::ParseWithExpression() {
  const uint32_t begin = Begin();
  Next();
  const uint32_t open = Begin();
  Next();
  auto* with = New<With>();
  Builder<Cte> ctes(*this);
  while (IsName() && Is(Kw::kAS, 1)) {
    const uint32_t at = Begin();
    auto* cte = New<Cte>();
    cte->name = TakeName();
    Next();
    cte->scalar = ParseExpr();
    ctes.Add(FinishAs(cte, at));
    if (!Accept(Op::kComma)) break;
  }
  with->ctes = ctes.Take();
  const uint32_t value = Begin();
  auto* item = New<SelectItem>();
  item->expr = ParseExpr();
  auto* select = New<Select>();
  select->items = One<SelectItem>(FinishAs(item, value));
  auto* query = New<Query>();
  query->with = FinishAs(with, open);
  query->body = Finish(select, value);
  auto* subquery = New<Subquery>();
  subquery->query = Finish(query, open);
  return CloseParen(begin, Finish(subquery, begin));
}

}  // namespace layergate::sql

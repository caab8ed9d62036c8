// Functions in FROM: UNNEST, LATERAL VIEW, ARRAY JOIN, JSON_TABLE, OPENJSON and all the others.
#include <vector>

#include "core/text.h"
#include "sql/parser.h"

namespace layergate::sql {

// TABLE(f(x)), ROWS FROM (f(x), g(y)).
const Relation* Parser::ParseTableFunction() {
  uint32_t begin = Begin();
  bool rows = Is(Kw::kROWS);
  Next();
  if (rows) Next();
  if (!rows && AtQuery(1)) {  // TABLE(SELECT ...)
    auto* derived = New<Derived>();
    derived->query = ParseParenQuery();
    return Finish(derived, begin);
  }
  Next();
  auto* function = New<TableFunction>();
  std::vector<const Expr*> calls;
  Builder<ColumnDef> columns(*this);
  do {
    calls.push_back(ParseExpr());
    if (rows && Accept(Kw::kAS)) {  // f(x) AS (a int), f(x) AS t (a int)
      if (IsName()) TakeName();
      uint32_t open = Begin();
      if (Accept(Op::kLeftParen)) {
        while (IsName()) {
          columns.Add(ParseTypeField());
          if (!Accept(Op::kComma)) break;
        }
        Keep(CloseParen(open, nullptr));
      }
    }
  } while (Accept(Op::kComma));
  function->columns = columns.Take();
  function->calls = arena_.Copy<const Expr*>(calls);
  Finish(function, begin);
  const Node* closed = CloseParen(begin, function);
  if (closed != function) return closed;
  // TABLE('name'), TABLE($var), TABLE(t): a relation by another way of naming it.
  if (!rows && function->calls.size() == 1) {
    if (const auto* column = As<Column>(function->calls[0])) {
      auto* table = New<Table>();
      table->name = column->parts;
      return Finish(table, begin);
    }
    if (const auto* literal = As<Literal>(function->calls[0])) {
      auto* table = New<Table>();
      table->form = Table::Form::kVariable;
      table->name = One(Name{literal->text, true, literal->span});
      return Finish(table, begin);
    }
  }
  ParseOrdinality(function);
  return Finish(function, begin);
}

void Parser::ParseOrdinality(TableFunction* function) {
  if (Is(Kw::kWITH) && Is(Kw::kORDINALITY, 1)) {
    Next();
    Next();
    function->with_ordinality = true;
  }
}

// f(x) in FROM; the name is taken, the current token is '('.
const Relation* Parser::ParseTableCall(uint32_t begin, Names name) {
  auto* function = New<TableFunction>();
  if (EqualsIgnoreCase(name.back().text, "openrowset")) {
    auto* call = New<Call>();
    call->name = name;
    const uint32_t arguments = Begin();
    SkipBalanced();
    Detail(call->details, arguments);
    function->calls = One(Finish(call, begin));
  } else {
    const Expr* call = ParsePostfix(ParseCall(begin, name), begin);
    if (const Table* table = NamedTable(call)) return table;
    if (grammar_.pivot_statement) NameArguments(call);
    function->calls = One(call);
  }
  ParseOrdinality(function);
  if (Is(Kw::kWITH) && Is(Op::kLeftParen, 1) && grammar_.table_hints) {
    Next();
    function->columns = ParseJsonColumns(function->details);
  }
  return Finish(function, begin);
}

// IDENTIFIER('db.s.t') names a table; nullptr when the call is something else.
const Table* Parser::NamedTable(const Expr* node) {
  const auto* call = As<Call>(node);
  if (call == nullptr || call->arguments.size() != 1 || call->name.size() != 1 ||
      !EqualsIgnoreCase(call->name[0].text, "identifier")) {
    return nullptr;
  }
  const auto* literal = As<Literal>(call->arguments[0]);
  if (literal == nullptr || literal->form != Literal::Form::kString ||
      literal->text.find_first_of("\"`{") != std::string_view::npos) {
    return nullptr;
  }
  auto* table = New<Table>();
  NameBuilder parts(*this);
  for (std::string_view part : Split(literal->text, '.')) parts.Add({part, false, literal->span});
  table->name = parts.Take();
  return FinishAs(table, call->span.begin);
}

// DuckDB: in read_csv('f', header = true) the second argument is called header.
void Parser::NameArguments(const Expr* node) {
  auto* call = const_cast<Call*>(As<Call>(node));
  if (call == nullptr) return;
  std::vector<const Expr*> arguments(call->arguments.begin(), call->arguments.end());
  for (const Expr*& each : arguments) {
    const auto* equal = As<Binary>(each);
    if (equal == nullptr || equal->op != "=" || equal->operands.size() != 2) continue;
    const auto* name = As<Column>(equal->operands[0]);
    if (name == nullptr || name->parts.size() != 1) continue;
    auto* argument = New<NamedArgument>();
    argument->name = name->parts[0];
    argument->value = equal->operands[1];
    argument->span = equal->span;
    argument->height = equal->height;
    each = argument;
  }
  call->arguments = arena_.Copy<const Expr*>(arguments);
}

const Relation* Parser::ParseUnnest() {
  uint32_t begin = Begin();
  auto* unnest = New<Unnest>();
  Next();
  uint32_t open = Begin();
  Next();
  unnest->items = ParseAsItems();
  Finish(unnest, begin);
  const Node* closed = CloseParen(open, unnest);
  if (closed != unnest) return closed;
  ParseUnnestSuffix(unnest);
  return Finish(unnest, begin);
}

void Parser::ParseUnnestSuffix(Unnest* unnest) {
  if (Is(Kw::kWITH) && Is(Kw::kORDINALITY, 1)) {
    Next();
    Next();
    unnest->with_ordinality = true;
  } else if (Is(Kw::kWITH) && Is(Kw::kOFFSET, 1)) {
    Next();
    Next();
    unnest->with_offset = true;
    if (Accept(Kw::kAS) || IsTableAlias()) {
      if (IsName()) unnest->offset_alias = TakeName();
    }
  }
}

// expr [AS name], ...
List<SelectItem> Parser::ParseAsItems() {
  Builder<SelectItem> items(*this);
  do {
    if (Is(Op::kRightParen)) break;
    uint32_t begin = Begin();
    auto* item = New<SelectItem>();
    if (IsName() && (Is(Op::kFatArrow, 1) || Is(Op::kAssign, 1))) {  // unnest(x, recursive := true)
      auto* argument = New<NamedArgument>();
      argument->name = TakeName();
      Next();
      argument->value = ParseExpr();
      item->expr = Finish(argument, begin);
    } else {
      item->expr = ParseExpr();
    }
    if (Accept(Kw::kAS)) {
      if (IsName()) item->alias = TakeName();
    }
    items.Add(FinishAs(item, begin));
  } while (Accept(Op::kComma));
  return items.Take();
}

// LATERAL VIEW [OUTER] f(x) [t] [AS a, b]
const Relation* Parser::ParseLateralView() {
  uint32_t begin = Begin();
  Next();
  Next();
  auto* function = New<TableFunction>();
  function->view = true;
  function->lateral = true;
  function->outer = Accept(Kw::kOUTER);
  if (!IsName()) return ParseOpaqueRest(begin, nullptr);
  uint32_t call = Begin();
  Names name = ParseNamePath();
  if (!Is(Op::kLeftParen)) return ParseOpaqueRest(begin, nullptr);
  function->calls = One(ParseCall(call, name));
  if (!Is(Kw::kAS) && IsTableAlias()) function->alias = TakeName();
  if (Accept(Kw::kAS) || IsTableAlias()) {
    function->column_aliases = Is(Op::kLeftParen) ? ParseParenNames() : ParseViewColumns();
  }
  return Finish(function, begin);
}

// a, b up to what is no further name: the comma may also begin the next relation.
Names Parser::ParseViewColumns() {
  NameBuilder names(*this);
  while (IsName()) {
    names.Add(TakeName());
    if (!Is(Op::kComma) || !IsName(1) || Is(Op::kDot, 2) || Is(Op::kLeftParen, 2) ||
        (IsName(2) && !IsNoTableAlias(Word(2)))) {
      break;
    }
    Next();
  }
  return names.Take();
}

// The words [LEFT] ARRAY JOIN are taken.
const Relation* Parser::ParseArrayJoin() {
  uint32_t begin = Begin();
  auto* unnest = New<Unnest>();
  unnest->array_join = true;
  unnest->lateral = true;
  Builder<SelectItem> items(*this);
  do {
    uint32_t item_begin = Begin();
    auto* item = New<SelectItem>();
    item->expr = ParseExpr();
    if (Accept(Kw::kAS)) {
      if (IsName()) item->alias = TakeName();
    } else if (IsTableAlias()) {
      item->alias = TakeName();
    }
    items.Add(FinishAs(item, item_begin));
  } while (Accept(Op::kComma));
  unnest->items = items.Take();
  return Finish(unnest, begin);
}

// JSON_TABLE(doc, path [PASSING ...] COLUMNS (...)) and XMLTABLE.
const Relation* Parser::ParseJsonTable() {
  uint32_t begin = Begin();
  auto* function = New<TableFunction>();
  auto* call = New<Call>();
  call->name = One(TakeName());
  Next();
  Builder<Expr> arguments(*this);
  while (!Is(Op::kRightParen) && !AtEnd() && !Is(Kw::kCOLUMNS)) {
    size_t start = pos_;
    const uint32_t words = Begin();
    if (Is(Op::kComma)) {
      Next();
    } else if (IsText("PASSING")) {
      Next();
      do {
        arguments.Add(ParsePassed());
      } while (Accept(Op::kComma));
    } else if (Is(Kw::kAS)) {  // the path's name
      Next();
      Next();
    } else if (TakeCallDetail()) {
      Detail(function->details, words);
    } else {
      arguments.Add(ParseExpr());
    }
    if (pos_ == start) Next();
  }
  if (Is(Kw::kCOLUMNS)) {
    Next();
    if (Is(Op::kLeftParen)) {
      function->columns = ParseJsonColumns(function->details);
    } else {  // XMLTABLE's have no parentheses
      Builder<ColumnDef> columns(*this);
      ParseJsonColumnsInto(columns, function->details);
      function->columns = columns.Take();
    }
  }
  const uint32_t words = Begin();
  if (IsText("PLAN")) {  // PLAN (a OUTER b)
    Next();
    if (Is(Kw::kDEFAULT)) Next();
    if (Is(Op::kLeftParen)) SkipBalanced();
  }
  while (TakeCallDetail()) {
  }
  Detail(function->details, words);
  call->arguments = arguments.Take();
  function->calls = One(Finish(call, begin));
  Finish(function, begin);
  const Node* closed = CloseParen(begin, function);
  return closed == function ? Finish(function, begin) : closed;
}

// '(' column [, column] ')'
List<ColumnDef> Parser::ParseJsonColumns(std::string_view& details) {
  uint32_t begin = Begin();
  Next();
  Builder<ColumnDef> columns(*this);
  ParseJsonColumnsInto(columns, details);
  List<ColumnDef> taken = columns.Take();
  Keep(CloseParen(begin, nullptr));
  return taken;
}

// name type [PATH] 'p' [AS JSON] [DEFAULT x ON EMPTY], name FOR ORDINALITY, NESTED [PATH] 'p'
// COLUMNS
// (...), whose columns are put in place.
void Parser::ParseJsonColumnsInto(Builder<ColumnDef>& columns, std::string_view& details) {
  Deeper deeper(*this);
  while (IsName() && deeper) {
    if (Is(Kw::kNESTED) && (Is(Kw::kPATH, 1) || Is(TokenKind::kString, 1))) {
      const uint32_t nested = Begin();
      Next();
      Accept(Kw::kPATH);
      ParsePrimary();
      Detail(details, nested);
      if (Accept(Kw::kAS)) Next();
      if (Accept(Kw::kCOLUMNS) && Accept(Op::kLeftParen)) {
        ParseJsonColumnsInto(columns, details);
        Keep(CloseParen(Begin(), nullptr));
      }
    } else {
      uint32_t begin = Begin();
      auto* column = New<ColumnDef>();
      column->name = TakeName();
      if (Is(Kw::kFOR) && Is(Kw::kORDINALITY, 1)) {
        Next();
        Next();
        column->ordinality = true;
      } else {
        if (IsName() && !Is(Kw::kPATH)) column->type = ParseType();
        if (Is(Kw::kFORMAT) && Is(Kw::kJSON, 1)) {
          Next();
          Next();
        }
        Accept(Kw::kEXISTS);
        Accept(Kw::kPATH);
        if (Is(TokenKind::kString)) column->path = ParsePrimary();
        uint32_t rest = Begin();
        while (!Is(Op::kComma) && !Is(Op::kRightParen) && !AtEnd()) SkipBalanced();
        if (Begin() > rest) column->constraints = RawSince(rest);
      }
      columns.Add(FinishAs(column, begin));
    }
    if (!Accept(Op::kComma)) break;
  }
}

}  // namespace layergate::sql

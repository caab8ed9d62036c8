// PIVOT, UNPIVOT and MATCH_RECOGNIZE, as parts of FROM and as DuckDB's statements.
#include "core/text.h"
#include "sql/parser.h"

namespace layergate::sql {

// PIVOT ( aggregates FOR column IN (values) ... ); `input` is nullptr in a pipe.
const Relation* Parser::ParsePivot(const Relation* input, uint32_t begin) {
  Next();
  uint32_t open = Begin();
  Next();
  auto* pivot = New<Pivot>();
  pivot->input = input;
  Builder<SelectItem> aggregates(*this);
  do {
    if (Is(Kw::kFOR)) break;  // a trailing comma
    aggregates.Add(ParseSelectItem());
  } while (Accept(Op::kComma));
  pivot->aggregates = aggregates.Take();
  Builder<PivotColumn> columns(*this);
  if (Accept(Kw::kFOR)) {
    for (size_t start = pos_;; start = pos_) {
      columns.Add(ParsePivotColumn());
      Accept(Kw::kFOR);
      if (pos_ == start || !IsName() || Is(Kw::kGROUP) || Is(Kw::kDEFAULT)) break;
    }
  }
  pivot->columns = columns.Take();
  if (Is(Kw::kDEFAULT) && Is(Kw::kON, 1) && Is(Kw::kNULL, 2)) {
    for (int i = 0; i < 3; ++i) Next();
    pivot->default_value = ParseExpr();
  }
  if (Is(Kw::kGROUP) && Is(Kw::kBY, 1)) {
    Next();
    Next();
    pivot->group_by = ParseExprList();
  }
  Finish(pivot, begin);
  const Node* closed = CloseParen(open, pivot);
  return closed == pivot ? Finish(pivot, begin) : closed;
}

// column IN (values); DuckDB's statement may leave out IN.
const PivotColumn* Parser::ParsePivotColumn() {
  uint32_t begin = Begin();
  auto* column = New<PivotColumn>();
  column->column = ParseExpr(kOtherPower);
  if (grammar_.sort_by && Is(Op::kComma)) {  // Spark: FOR a, b IN ((1, 2))
    auto* row = New<Row>();
    Builder<Expr> items(*this);
    items.Add(column->column);
    while (Accept(Op::kComma)) items.Add(ParseExpr(kOtherPower));
    row->items = items.Take();
    column->column = Finish(row, begin);
  }
  if (!Accept(Kw::kIN)) {
    column->any = true;
    return FinishAs(column, begin);
  }
  if (!Is(Op::kLeftParen)) {  // an enum's name
    ParsePrimary();
    column->any = true;
    return FinishAs(column, begin);
  }
  if (AtQuery(1)) {
    column->query = ParseParenQuery();
    return FinishAs(column, begin);
  }
  uint32_t open = Begin();
  Next();
  if (Is(Kw::kANY)) {
    Next();
    column->any = true;
    if (Is(Kw::kORDER) && Is(Kw::kBY, 1)) {
      Next();
      Next();
      column->order_by = ParseOrderItems();
    }
  } else {
    Builder<SelectItem> values(*this);
    while (!Is(Op::kRightParen) && !AtEnd()) {
      size_t start = pos_;
      values.Add(ParseSelectItem());
      if (pos_ == start) Next();
      if (!Accept(Op::kComma)) break;
    }
    column->values = values.Take();
  }
  Keep(CloseParen(open, nullptr));
  return FinishAs(column, begin);
}

// UNPIVOT [INCLUDE NULLS] ( value FOR name IN (columns) )
const Relation* Parser::ParseUnpivot(const Relation* input, uint32_t begin) {
  Next();
  auto* unpivot = New<Unpivot>();
  unpivot->input = input;
  auto nulls = [&] {
    if ((Is(Kw::kINCLUDE) || Is(Kw::kEXCLUDE)) && Is(Kw::kNULLS, 1)) {
      unpivot->include_nulls = Is(Kw::kINCLUDE);
      Next();
      Next();
    }
  };
  nulls();
  uint32_t open = Begin();
  if (!Accept(Op::kLeftParen)) return ParseOpaqueRest(begin, input);
  nulls();
  if (Is(Op::kLeftParen)) {
    unpivot->value_columns = ParseParenNames();
  } else if (IsName()) {
    unpivot->value_columns = One(TakeName());
  }
  if (Accept(Kw::kFOR) && IsName()) unpivot->name_column = TakeName();
  if (Accept(Kw::kIN) && Accept(Op::kLeftParen)) {
    unpivot->items = ParseUnpivotItems();
    Keep(CloseParen(open, nullptr));
  }
  Finish(unpivot, begin);
  const Node* closed = CloseParen(open, unpivot);
  return closed == unpivot ? Finish(unpivot, begin) : closed;
}

List<UnpivotItem> Parser::ParseUnpivotItems() {
  Builder<UnpivotItem> items(*this);
  while (!Is(Op::kRightParen) && !AtEnd() && !Is(Kw::kINTO)) {
    size_t start = pos_;
    items.Add(ParseUnpivotItem());
    if (pos_ == start) Next();
    if (!Accept(Op::kComma)) break;
  }
  return items.Take();
}

const UnpivotItem* Parser::ParseUnpivotItem() {
  uint32_t begin = Begin();
  auto* item = New<UnpivotItem>();
  const Expr* expr = ParseExpr();
  if (const auto* row = As<Row>(expr)) {
    item->columns = row->items;
  } else {
    item->columns = One(expr);
  }
  bool label = Accept(Kw::kAS);
  if (label || (IsName() && !IsNoItemAlias(Word())) || Is(TokenKind::kString)) {
    item->label = ParsePrimary();
  }
  return FinishAs(item, begin);
}

// PIVOT t ON c [IN (...)], ... USING sum(x) GROUP BY y; UNPIVOT t ON a, b INTO NAME n VALUE v. Both
// are SELECT * over the pivoted relation.
const Node* Parser::ParsePivotStatement() {
  uint32_t begin = Begin();
  const bool unpivot = Is(Kw::kUNPIVOT) || Is(Kw::kPIVOT_LONGER);
  Next();
  const Relation* input = ParseRelation();
  const Relation* result = nullptr;
  if (unpivot) {
    auto* node = New<Unpivot>();
    node->input = input;
    if ((Is(Kw::kINCLUDE) || Is(Kw::kEXCLUDE)) && Is(Kw::kNULLS, 1)) {
      node->include_nulls = Is(Kw::kINCLUDE);
      Next();
      Next();
    }
    if (Accept(Kw::kON)) node->items = ParseUnpivotItems();
    if (Accept(Kw::kINTO)) {
      if (Accept(Kw::kNAME) && IsName()) node->name_column = TakeName();
      if (Accept(Kw::kVALUE)) node->value_columns = ParseNameList();
    }
    result = Finish(node, begin);
  } else {
    auto* node = New<Pivot>();
    node->input = input;
    Builder<PivotColumn> columns(*this);
    if (Accept(Kw::kON)) {
      do {
        columns.Add(ParsePivotColumn());
      } while (Accept(Op::kComma));
    }
    node->columns = columns.Take();
    Builder<SelectItem> aggregates(*this);
    if (Accept(Kw::kUSING)) {
      do {
        aggregates.Add(ParseSelectItem());
      } while (Accept(Op::kComma));
    }
    node->aggregates = aggregates.Take();
    if (Is(Kw::kGROUP) && Is(Kw::kBY, 1)) {
      Next();
      Next();
      node->group_by = ParseExprList();
    }
    result = Finish(node, begin);
  }
  Builder<Relation> from(*this);
  from.Add(result);
  return StarOver(from.Take(), begin);
}

const Relation* Parser::ParseMatchRecognize(const Relation* input, uint32_t begin) {
  Next();
  uint32_t open = Begin();
  Next();
  auto* match = New<MatchRecognize>();
  match->input = input;
  for (bool known = true; known;) {
    known = true;
    const uint32_t words = Begin();
    if (Is(Kw::kPARTITION) && Is(Kw::kBY, 1)) {
      Next();
      Next();
      match->partition_by = ParseExprList();
    } else if (Is(Kw::kORDER) && Is(Kw::kBY, 1)) {
      Next();
      Next();
      match->order_by = ParseOrderItems();
    } else if (Is(Kw::kMEASURES)) {
      Next();
      match->measures = ParseMeasures();
    } else if ((Is(Kw::kONE) || Is(Kw::kALL)) && (Is(Kw::kROW, 1) || Is(Kw::kROWS, 1))) {
      match->all_rows = Is(Kw::kALL);
      for (int i = 0; i < 4; ++i) Next();  // ONE ROW PER MATCH
      const uint32_t rows = Begin();
      while (IsText("SHOW") || IsText("OMIT") || Is(Kw::kEMPTY) || IsText("MATCHES") ||
             Is(Kw::kWITH) || IsText("UNMATCHED") || Is(Kw::kROWS)) {
        Next();
      }
      Detail(match->details, rows);
    } else if (Is(Kw::kAFTER)) {
      while (!Is(Kw::kPATTERN) && !Is(Kw::kDEFINE) && !Is(Op::kRightParen) && !AtEnd()) Next();
      Detail(match->details, words);
    } else if (Is(Kw::kPATTERN) && Is(Op::kLeftParen, 1)) {
      Next();
      uint32_t pattern = Begin();
      SkipBalanced();
      match->pattern = RawSince(pattern);
      const uint32_t within = Begin();
      if (Accept(Kw::kWITHIN)) ParseExpr();
      Detail(match->details, within);
    } else if (Is(Kw::kSUBSET)) {
      Next();
      while (IsName() && Is(Op::kEqual, 1)) {
        Next();
        Next();
        SkipBalanced();
        if (!Accept(Op::kComma)) break;
      }
      Detail(match->details, words);
    } else if (Is(Kw::kDEFINE)) {
      Next();
      Builder<SelectItem> define(*this);
      do {
        uint32_t item_begin = Begin();
        auto* item = New<SelectItem>();
        if (IsName()) item->alias = TakeName();
        Accept(Kw::kAS);
        item->expr = ParseExpr();
        define.Add(FinishAs(item, item_begin));
      } while (Accept(Op::kComma));
      match->define = define.Take();
    } else {
      known = false;
    }
  }
  Finish(match, begin);
  const Node* closed = CloseParen(open, match);
  return closed == match ? Finish(match, begin) : closed;
}

// [FINAL | RUNNING] expr AS name, ...
List<SelectItem> Parser::ParseMeasures() {
  Builder<SelectItem> measures(*this);
  do {
    uint32_t begin = Begin();
    auto* item = New<SelectItem>();
    if ((Is(Kw::kFINAL) || IsText("RUNNING")) && IsName(1)) {
      auto* when = New<Unary>();
      when->op = arena_.CopyText(ToUpper(Raw(Peek())));
      Next();
      when->operand = ParseExpr();
      item->expr = Finish(when, begin);
    } else {
      item->expr = ParseExpr();
    }
    if (Accept(Kw::kAS) && IsName()) item->alias = TakeName();
    measures.Add(FinishAs(item, begin));
  } while (Accept(Op::kComma));
  return measures.Take();
}

}  // namespace layergate::sql

// Pipe syntax: a query, then `|> operator ...` steps.
#include "core/text.h"
#include "sql/parser.h"

namespace layergate::sql {

const Node* Parser::ParsePipes(const Node* source, uint32_t begin) {
  auto* pipes = New<PipeQuery>();
  pipes->source = source;
  Builder<PipeStep> steps(*this);
  while (Accept(Op::kPipe)) steps.Add(ParsePipeStep());
  pipes->steps = steps.Take();
  return Finish(pipes, begin);
}

const PipeStep* Parser::ParsePipeStep() {
  uint32_t begin = Begin();
  auto* step = New<PipeStep>();
  if (!ParsePipeOperator(step)) {
    step->op = PipeStep::Op::kOther;
    step->opaque = ParseOpaqueRest(begin, nullptr);
  }
  if (!Is(Op::kPipe) && !AtEnd() && !Is(Op::kRightParen)) {
    Builder<Node> parts(*this);
    uint32_t rest = Begin();
    std::string near = Printable(Raw(Peek()).substr(0, 40));
    CollectOpaqueParts(parts, false, false);
    if (LastEnd() <= rest) Next();
    step->opaque =
        MakeOpaque(rest, LastEnd(), "syntax near '" + near + "' is not understood", parts.Take());
  }
  return FinishAs(step, begin);
}

// False when the operator is not known.
bool Parser::ParsePipeOperator(PipeStep* step) {
  using S = PipeStep::Op;
  if (AtJoin()) {
    step->op = S::kJoin;
    step->join = ParseJoin();
    return true;
  }
  if (AtSetOperator()) {
    step->op = S::kSetOperation;
    step->set_operation = ParsePipeSetOperation();
    return true;
  }
  if (AtSample()) {
    Next();
    step->op = S::kSample;
    step->sample = ParseSample();
    return true;
  }
  uint32_t begin = Begin();
  if (AcceptText("SELECT")) {
    step->op = S::kSelect;
    Accept(Kw::kALL);
    step->distinct = Accept(Kw::kDISTINCT);
    if (Is(Kw::kAS) && (Is(Kw::kSTRUCT, 1) || Is(Kw::kVALUE, 1))) return false;
    step->items = ParseSelectItems();
    if (Is(Kw::kWINDOW) && IsName(1)) {
      Next();
      step->windows = ParseWindows();
    }
  } else if (Accept(Kw::kEXTEND)) {
    step->op = S::kExtend;
    step->items = ParseSelectItems();
  } else if (Accept(Kw::kWINDOW)) {
    step->op = S::kWindow;
    step->items = ParseSelectItems();
  } else if (Accept(Kw::kSET)) {
    step->op = S::kSet;
    Builder<SelectItem> items(*this);
    do {
      if (!IsName()) break;
      uint32_t item_begin = Begin();
      auto* item = New<SelectItem>();
      item->alias = TakeName();
      if (!Accept(Op::kEqual)) return false;
      item->expr = ParseExpr();
      items.Add(FinishAs(item, item_begin));
    } while (Accept(Op::kComma));
    step->items = items.Take();
  } else if (Accept(Kw::kDROP)) {
    step->op = S::kDrop;
    step->names = ParseNameList();
  } else if (Accept(Kw::kRENAME)) {
    step->op = S::kRename;
    step->items = ParseSelectItems();
  } else if (Accept(Kw::kAS)) {
    step->op = S::kAs;
    if (!IsName()) return false;
    step->names = One(TakeName());
  } else if (Accept(Kw::kWHERE)) {
    step->op = S::kWhere;
    step->condition = ParseExpr();
  } else if (AcceptText("ASSERT")) {
    step->op = S::kAssert;
    step->condition = ParseExpr();
    if (Accept(Op::kComma)) step->items = ParseSelectItems();
  } else if (Is(Kw::kLIMIT) || Is(Kw::kOFFSET)) {
    step->op = S::kLimit;
    Query query;
    while (ParseLimitClause(&query)) {
    }
    step->limit = query.limit;
  } else if (Accept(Kw::kAGGREGATE)) {
    step->op = S::kAggregate;
    Builder<SelectItem> items(*this);
    while (!Is(Kw::kGROUP) && !Is(Op::kPipe) && !AtEnd() && !Is(Op::kRightParen)) {
      size_t start = pos_;
      items.Add(ParseSelectItem());
      if (Is(Kw::kASC) || Is(Kw::kDESC)) {
        step->group_and_order_by = true;
        Next();
        if (Accept(Kw::kNULLS)) Next();
      }
      if (!Accept(Op::kComma) || pos_ == start) break;
    }
    step->items = items.Take();
    if (Is(Kw::kGROUP) && Is(Kw::kAND, 1)) {  // GROUP AND ORDER BY
      Next();
      Next();
      Next();
      step->group_and_order_by = true;
      Accept(Kw::kBY);
      step->group_by = ParseGroupBy(true);
    } else if (Is(Kw::kGROUP) && Is(Kw::kBY, 1)) {
      Next();
      Next();
      step->group_by = ParseGroupBy(true);
    }
  } else if (Accept(Kw::kDISTINCT)) {
    step->op = S::kDistinct;
    step->distinct = true;
  } else if (Is(Kw::kORDER) && Is(Kw::kBY, 1)) {
    Next();
    Next();
    step->op = S::kOrderBy;
    step->order_by = ParseOrderItems();
  } else if (Is(Kw::kPIVOT) && Is(Op::kLeftParen, 1)) {
    step->op = S::kPivot;
    step->relation = ParsePivot(nullptr, begin);
    if (Accept(Kw::kAS) || IsTableAlias()) SetAlias(step->relation);
  } else if (Is(Kw::kUNPIVOT)) {
    step->op = S::kUnpivot;
    step->relation = ParseUnpivot(nullptr, begin);
    if (Accept(Kw::kAS) || IsTableAlias()) SetAlias(step->relation);
  } else if (Is(Kw::kMATCH_RECOGNIZE)) {
    step->op = S::kMatchRecognize;
    step->relation = ParseMatchRecognize(nullptr, begin);
  } else if (Is(Kw::kWITH) && IsName(1)) {
    step->op = S::kWith;
    step->with = ParseWith();
  } else if (Accept(Kw::kCALL)) {
    step->op = S::kCall;
    if (!IsName()) return false;
    uint32_t call = Begin();
    Names name = ParseNamePath();
    if (!Is(Op::kLeftParen)) return false;
    step->expr = ParseCall(call, name);
    if (Accept(Kw::kAS) || IsTableAlias()) step->names = One(TakeName());
  } else {
    return false;
  }
  return true;
}

void Parser::SetAlias(const Relation* relation) {
  auto* common = const_cast<RelationNode*>(AsRelation(relation));
  if (common != nullptr && IsName()) common->alias = TakeName();
}

// UNION ALL (q1), (q2): the left side is the pipe's input.
const SetOperation* Parser::ParsePipeSetOperation() {
  uint32_t begin = Begin();
  auto* set = New<SetOperation>();
  ParseSetHead(set);
  Builder<Node> branches(*this);
  do {
    branches.Add(ParseQueryTerm());
  } while (Accept(Op::kComma));
  set->branches = branches.Take();
  return FinishAs(set, begin);
}

}  // namespace layergate::sql

// Joins: chains of them, their kinds and their conditions.
#include <vector>

#include "core/text.h"
#include "sql/parser.h"

namespace layergate::sql {

// A relation and the joins behind it. `a JOIN b JOIN c ON x ON y` nests: a condition that the last
// join does not need belongs to the nearest earlier join without one, whose right side then is what
// was joined since.
const Relation* Parser::ParseJoined() {
  Deeper deeper(*this);
  uint32_t begin = Begin();
  if (!deeper) return TooDeep(begin);
  const Relation* whole = ParseRelation();
  for (;;) {
    whole = ParseJoins(whole, begin);
    // `a JOIN b ON c PIVOT (...)`: the pivot is over what was joined.
    if (!AtPivot()) return whole;
    whole = ParseRelationSuffix(whole, begin);
  }
}

const Relation* Parser::ParseJoins(const Relation* first, uint32_t begin) {
  if (!AtJoin() && !(Is(Kw::kLATERAL) && IsText("VIEW", 1))) return first;
  std::vector<Join*> joins;
  while (AtJoin() || (Is(Kw::kLATERAL) && IsText("VIEW", 1))) {
    joins.push_back(ParseJoin());
    while (Is(Kw::kON) || (Is(Kw::kUSING) && Is(Op::kLeftParen, 1))) {
      size_t at = joins.size();
      while (at > 0 && !NeedsCondition(*joins[at - 1])) --at;
      if (at == 0) break;
      Join* outer = joins[at - 1];
      if (at < joins.size()) {
        auto* inner = New<Joined>();
        inner->first = outer->right;
        inner->joins = CopyJoins(std::span(joins).subspan(at));
        outer->right = Finish(inner, outer->right->span.begin);
        joins.resize(at);
      }
      ParseJoinCondition(outer);
    }
  }
  auto* joined = New<Joined>();
  joined->first = first;
  joined->joins = CopyJoins(joins);
  return Finish(joined, begin);
}

List<Join> Parser::CopyJoins(std::span<Join* const> joins) {
  const Join** place = arena_.NewArray<const Join*>(joins.size());
  for (size_t i = 0; i < joins.size(); ++i) place[i] = joins[i];
  return {place, joins.size()};
}

bool Parser::NeedsCondition(const Join& join) {
  switch (join.join) {
    case JoinKind::kCross:
    case JoinKind::kCrossApply:
    case JoinKind::kOuterApply:
    case JoinKind::kPositional:
    case JoinKind::kLateralView:
    case JoinKind::kArrayJoin:
    case JoinKind::kLeftArrayJoin:
      return false;
    default:
      return join.on == nullptr && join.using_columns.empty() && !join.natural;
  }
}

bool Parser::AtJoin(size_t ahead) const {
  switch (Word(ahead)) {
    case Kw::kJOIN:
    case Kw::kSTRAIGHT_JOIN:
      return true;
    case Kw::kLATERAL:
      return IsText("VIEW", ahead + 1);
    case Kw::kINNER:
    case Kw::kLEFT:
    case Kw::kRIGHT:
    case Kw::kFULL:
    case Kw::kOUTER:
    case Kw::kCROSS:
    case Kw::kNATURAL:
    case Kw::kASOF:
    case Kw::kSEMI:
    case Kw::kANTI:
    case Kw::kANY:
    case Kw::kALL:
    case Kw::kGLOBAL:
    case Kw::kPOSITIONAL:
    case Kw::kARRAY:
      break;
    case Kw::kPASTE:
      if (grammar_.array_join) break;
      return false;
    default:
      return IsText("DIRECTED", ahead) && Is(Kw::kJOIN, ahead + 1);
  }
  for (size_t i = 1; i < 6; ++i) {
    switch (Word(ahead + i)) {
      case Kw::kJOIN:
        return true;
      case Kw::kAPPLY:
        return Is(Kw::kCROSS, ahead + i - 1) || Is(Kw::kOUTER, ahead + i - 1);
      case Kw::kINNER:
      case Kw::kLEFT:
      case Kw::kRIGHT:
      case Kw::kFULL:
      case Kw::kOUTER:
      case Kw::kCROSS:
      case Kw::kASOF:
      case Kw::kSEMI:
      case Kw::kANTI:
      case Kw::kANY:
      case Kw::kALL:
      case Kw::kARRAY:
      case Kw::kMERGE:
      case Kw::kPASTE:
        continue;
      default:
        if (IsText("HASH", ahead + i) || IsText("LOOP", ahead + i) || IsText("REMOTE", ahead + i) ||
            IsText("DIRECTED", ahead + i)) {
          continue;
        }
        return false;
    }
  }
  return false;
}

Join* Parser::ParseJoin() {
  uint32_t begin = Begin();
  auto* join = New<Join>();
  if (Is(Kw::kLATERAL)) {
    join->join = JoinKind::kLateralView;
    join->right = ParseLateralView();
    FinishAs(join, begin);
    return join;
  }
  bool left = false, right = false, full = false, cross = false, semi = false, anti = false,
       array = false, outer = false, done = false;
  while (!done) {
    switch (Word()) {
      case Kw::kLEFT:
        left = true;
        break;
      case Kw::kRIGHT:
        right = true;
        break;
      case Kw::kFULL:
        full = true;
        break;
      case Kw::kOUTER:
        outer = true;
        break;
      case Kw::kCROSS:
        cross = true;
        break;
      case Kw::kNATURAL:
        join->natural = true;
        break;
      case Kw::kASOF:
        join->asof = true;
        break;
      case Kw::kSEMI:
        semi = true;
        break;
      case Kw::kANTI:
        anti = true;
        break;
      case Kw::kANY:
        join->any = true;
        break;
      case Kw::kGLOBAL:
        join->global = true;
        break;
      case Kw::kPOSITIONAL:
      case Kw::kPASTE:
        join->join = JoinKind::kPositional;
        break;
      case Kw::kARRAY:
        array = true;
        break;
      case Kw::kJOIN:
      case Kw::kAPPLY:
      case Kw::kSTRAIGHT_JOIN:
        done = true;
        break;
      default:
        if (AtEnd()) done = true;
        break;
    }
    bool apply = Is(Kw::kAPPLY);
    Next();
    if (apply) join->join = cross ? JoinKind::kCrossApply : JoinKind::kOuterApply;
  }
  if (array) {
    join->join = left ? JoinKind::kLeftArrayJoin : JoinKind::kArrayJoin;
    join->right = ParseArrayJoin();
    FinishAs(join, begin);
    return join;
  }
  bool apply = join->join == JoinKind::kCrossApply || join->join == JoinKind::kOuterApply;
  if (join->join == JoinKind::kInner) {
    if (semi)
      join->join = right ? JoinKind::kRightSemi : JoinKind::kSemi;
    else if (anti)
      join->join = right ? JoinKind::kRightAnti : JoinKind::kAnti;
    else if (left)
      join->join = JoinKind::kLeft;
    else if (right)
      join->join = JoinKind::kRight;
    else if (full || outer)
      join->join = JoinKind::kFull;
    else if (cross)
      join->join = JoinKind::kCross;
  }
  join->right = ParseRelation();
  auto* joined = const_cast<RelationNode*>(AsRelation(join->right));
  if (apply && joined != nullptr) joined->lateral = true;
  ParseJoinCondition(join);
  FinishAs(join, begin);
  return join;
}

void Parser::ParseJoinCondition(Join* join) {
  uint32_t begin = join->span.end > 0 ? join->span.begin : Begin();
  for (;;) {
    if (Is(Kw::kMATCH_CONDITION) && Is(Op::kLeftParen, 1)) {
      Next();
      uint32_t open = Begin();
      Next();
      join->match_condition = CloseParen(open, ParseExpr());
    } else if (Is(Kw::kON) && NeedsConditionOrAsof(*join)) {
      Next();
      uint32_t on = Begin();
      join->on = ParseExpr();
      if (!AtRelationEnd()) join->on = ParseOpaqueRest(on, join->on);
    } else if (Is(Kw::kUSING) && NeedsConditionOrAsof(*join) && !Is(Kw::kSAMPLE, 1) &&
               (Is(Op::kLeftParen, 1) || grammar_.array_join)) {
      Next();
      join->using_columns = Is(Op::kLeftParen) ? ParseMergeColumns() : ParseNameList();
      if (Is(Kw::kAS) && IsName(1)) {  // USING (a) AS j
        Next();
        join->using_alias = TakeName();
      }
    } else {
      break;
    }
  }
  FinishAs(join, begin);
}

bool Parser::NeedsConditionOrAsof(const Join& join) {
  return join.on == nullptr && join.using_columns.empty() &&
         (NeedsCondition(join) || join.join == JoinKind::kCross);
}

}  // namespace layergate::sql

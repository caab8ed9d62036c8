// What happens to syntax that is not understood: it becomes an Opaque that ends where the list or
// clause around it can go on, and keeps the names and queries that can be seen in it.
#include <algorithm>

#include "core/text.h"
#include "sql/parser.h"

namespace layergate::sql {

void Parser::Report(std::string_view code, std::string message, Span span) {
  diagnostics_.push_back({std::string(code), std::move(message), span});
}

// Goes past the current element without looking at it; one report for a text is enough.
const Node* Parser::TooDeep(uint32_t begin) {
  while (!Is(TokenKind::kEnd) && !Is(Op::kSemicolon) && !Is(Op::kComma) && !Is(Op::kRightParen) &&
         !Is(Op::kRightBracket) && !Is(Op::kRightBrace)) {
    SkipBalanced();
  }
  auto* opaque = New<Opaque>();
  opaque->span = SpanSince(begin);
  opaque->text = text_.substr(opaque->span.begin, opaque->span.end - opaque->span.begin);
  if (!too_deep_reported_) {
    Report("too_deep",
           "nested deeper than this program follows (" + std::to_string(kMaxDepth) +
               " levels); nothing below is analysed",
           {begin, begin + 1});
  }
  too_deep_reported_ = true;
  return opaque;
}

void Parser::Keep(const Node* node) {
  if (node == nullptr || node->kind != Kind::kOpaque) return;
  size_t first = lost_.size();
  while (first > 0 && lost_[first - 1]->span.begin >= node->span.begin &&
         lost_[first - 1]->span.end <= node->span.end) {
    --first;
  }
  if (first < lost_.size()) {
    auto* opaque = const_cast<Opaque*>(As<Opaque>(node));
    Builder<Node> parts(*this);
    for (const Node* part : opaque->parts) parts.Add(part);
    for (size_t i = first; i < lost_.size(); ++i) parts.Add(lost_[i]);
    opaque->parts = parts.Take();
    HeightField field;
    As<Opaque>(node)->Fields(field);
    opaque->height = static_cast<uint16_t>(field.height + 1);
    if (opaque->height > kMaxHeight) {
      opaque->parts = {};
      opaque->height = 1;
    }
    lost_.resize(first);
  }
  lost_.push_back(node);
}

List<Node> Parser::TakeLost(size_t from, List<Node> more) {
  if (lost_.size() <= from) return more;
  Builder<Node> all(*this);
  for (const Node* node : more) all.Add(node);
  for (size_t i = from; i < lost_.size(); ++i) all.Add(lost_[i]);
  lost_.resize(from);
  return all.Take();
}

void Parser::SkipBalanced() {
  int depth = 0;
  do {
    if (Is(TokenKind::kEnd)) return;
    if (Is(Op::kLeftParen) || Is(Op::kLeftBracket) || Is(Op::kLeftBrace)) ++depth;
    if (Is(Op::kRightParen) || Is(Op::kRightBracket) || Is(Op::kRightBrace)) --depth;
    Next();
  } while (depth > 0);
}

// Words at which something unknown surely ends, because a clause begins.
bool Parser::IsClauseWord(size_t ahead) const {
  switch (Word(ahead)) {
    case Kw::kFROM:
    case Kw::kWHERE:
    case Kw::kHAVING:
    case Kw::kUNION:
    case Kw::kINTERSECT:
    case Kw::kEXCEPT:
    case Kw::kSELECT:
    case Kw::kJOIN:
    case Kw::kON:
    case Kw::kAS:
    case Kw::kWHEN:
    case Kw::kTHEN:
    case Kw::kELSE:
    case Kw::kEND:
    case Kw::kINTO:
      return true;
    case Kw::kGROUP:
      return Is(Kw::kBY, ahead + 1) || Is(Kw::kAND, ahead + 1);
    case Kw::kORDER:
      return Is(Kw::kBY, ahead + 1);
    case Kw::kLIMIT:
    case Kw::kFETCH:
      return true;
    case Kw::kQUALIFY:
      return grammar_.qualify;
    case Kw::kLEFT:
    case Kw::kRIGHT:
    case Kw::kFULL:
    case Kw::kINNER:
    case Kw::kCROSS:
    case Kw::kNATURAL:
      return AtJoin(ahead);
    default:
      return false;
  }
}

// Gathers what can be seen: names that are no function's, and queries in parentheses.
void Parser::CollectOpaqueParts(Builder<Node>& parts, bool stop_at_clause, bool stop_at_comma) {
  int depth = 0;
  Deeper deeper(*this);
  while (!Is(TokenKind::kEnd) && !Is(Op::kSemicolon) && !Is(Op::kPipe)) {
    if (depth == 0) {
      if (Is(Op::kRightParen) || Is(Op::kRightBracket) || Is(Op::kRightBrace)) return;
      if (stop_at_comma && Is(Op::kComma)) return;
      if (stop_at_clause && IsClauseWord()) return;
    }
    if (Is(Op::kLeftParen) && deeper &&
        (Is(Kw::kSELECT, 1) || (Is(Kw::kWITH, 1) && IsName(2) && Is(Kw::kAS, 3)))) {
      parts.Add(ParseParenQuery());
      continue;
    }
    if (Is(Op::kLeftParen) || Is(Op::kLeftBracket) || Is(Op::kLeftBrace)) ++depth;
    if (Is(Op::kRightParen) || Is(Op::kRightBracket) || Is(Op::kRightBrace)) --depth;
    bool name = Is(TokenKind::kQuoted) || (Is(TokenKind::kWord) && !StartsNoExpression(Word()));
    if (!name) {
      Next();
      continue;
    }
    uint32_t begin = Begin();
    Names path = ParseNamePath();
    if (Is(Op::kLeftParen)) continue;
    auto* column = New<Column>();
    column->parts = path;
    parts.Add(FinishAs(column, begin));
  }
}

const Node* Parser::MakeOpaque(uint32_t begin, uint32_t end, std::string_view what,
                               List<Node> parts) {
  auto* opaque = New<Opaque>();
  opaque->parts = parts;
  Finish(opaque, begin);
  opaque->span = {begin, end};
  opaque->text = text_.substr(begin, end - begin);
  if (opaque->height > kMaxHeight) {
    opaque->parts = {};
    opaque->height = 1;
  }
  Report("opaque_syntax", std::string(what), opaque->span);
  return opaque;
}

const Node* Parser::ParseOpaqueRest(uint32_t begin, const Node* seen) {
  Builder<Node> parts(*this);
  if (seen != nullptr) {
    parts.Add(seen);
    begin = std::min(begin, seen->span.begin);
  }
  std::string near = Printable(Raw(Peek()).substr(0, 40));
  CollectOpaqueParts(parts, true, true);
  uint32_t end = std::max(LastEnd(), begin);
  return MakeOpaque(begin, end,
                    near.empty() ? "the text ends where more was expected"
                                 : "syntax near '" + near + "' is not understood",
                    parts.Take());
}

const Node* Parser::CloseParen(uint32_t begin, const Node* inner, Op close) {
  if (Accept(close)) return inner;
  Builder<Node> parts(*this);
  if (inner != nullptr) {
    parts.Add(inner);
    begin = std::min(begin, inner->span.begin);
  }
  std::string near = Printable(Raw(Peek()).substr(0, 40));
  CollectOpaqueParts(parts, false, false);
  Accept(close);
  uint32_t end = std::max(LastEnd(), begin);
  return MakeOpaque(
      begin, end,
      near.empty() ? "a parenthesis is not closed" : "syntax near '" + near + "' is not understood",
      parts.Take());
}

}  // namespace layergate::sql

// What stands behind a relation and chooses its rows: versions, samples, hints.
#include "core/text.h"
#include "sql/parser.h"

namespace layergate::sql {

void Parser::ParseVersion(Table* table) {
  uint32_t begin = Begin();
  auto literal = [&](std::string_view text) {
    auto* word = New<Literal>();
    word->form = Literal::Form::kKeyword;
    word->text = text;
    return Finish(word, begin);
  };
  if ((Is(Kw::kAT) || Is(Kw::kBEFORE) || Is(Kw::kCHANGES)) && Is(Op::kLeftParen, 1) &&
      (grammar_.at_stages || grammar_.pivot_statement)) {
    while ((Is(Kw::kAT) || Is(Kw::kBEFORE) || Is(Kw::kCHANGES) || Is(Kw::kEND)) &&
           Is(Op::kLeftParen, 1)) {
      Next();
      SkipBalanced();
    }
    table->version = literal(RawSince(begin));
    return;
  }
  bool two_words = Is(Kw::kFOR) && IsText("SYSTEM", 1) && Is(Kw::kTIME, 2);
  bool after_for =
      two_words || (Is(Kw::kFOR) && (Is(Kw::kSYSTEM_TIME, 1) || Is(Kw::kVERSION, 1) ||
                                     Is(Kw::kTIMESTAMP, 1) || IsText("SYSTEM_VERSION", 1)));
  size_t at = two_words ? 2 : after_for ? 1 : 0;
  bool bare = Is(Kw::kVERSION) || Is(Kw::kTIMESTAMP) || IsText("SYSTEM_TIME");
  if (!after_for && !(bare && Is(Kw::kAS, 1) && Is(Kw::kOF, 2))) return;
  for (size_t i = 0; i <= at; ++i) Next();
  if (Accept(Kw::kAS)) {
    Accept(Kw::kOF);
    table->version = ParseExpr(kLikePower);
    return;
  }
  // FROM a TO b, BETWEEN a AND b, CONTAINED IN (a, b), ALL
  uint32_t value = Begin();
  if (Accept(Kw::kFROM)) {
    ParseExpr(kLikePower);
    if (Accept(Kw::kTO)) ParseExpr(kLikePower);
  } else if (Accept(Kw::kBETWEEN)) {
    ParseExpr(kOtherPower);
    if (Accept(Kw::kAND)) ParseExpr(kOtherPower);
  } else if (!Accept(Kw::kALL)) {
    while (Is(TokenKind::kWord)) Next();
    if (Is(Op::kLeftParen)) SkipBalanced();
  }
  table->version = literal(RawSince(value));
}

bool Parser::AtSample() const {
  if (Is(Kw::kTABLESAMPLE)) return true;
  return Is(Kw::kSAMPLE) && grammar_.sample_clause &&
         (Is(Op::kLeftParen, 1) || Is(TokenKind::kNumber, 1) ||
          (IsName(1) && Is(Op::kLeftParen, 2)));
}

// The word TABLESAMPLE or SAMPLE is taken.
const Sample* Parser::ParseSample() {
  uint32_t begin = Begin();
  auto* sample = New<Sample>();
  if (Is(TokenKind::kWord) && Is(Op::kLeftParen, 1)) {
    sample->method = Raw(Peek());
    Next();
  }
  bool paren = Accept(Op::kLeftParen);
  if (IsText("BUCKET")) {
    Next();
    sample->unit = "BUCKET";
    sample->size = ParseExpr(kSumPower);
    const uint32_t rest = Begin();
    while (!Is(Op::kRightParen) && !AtEnd()) SkipBalanced();  // OUT OF y ON c
    Detail(sample->details, rest);
  } else if (!Is(Op::kRightParen)) {
    if (Is(TokenKind::kNumber) && Is(Op::kPercent, 1)) {
      sample->size = ParsePrimary();
      sample->unit = "PERCENT";
      Next();
    } else {
      sample->size = ParseExpr(kBitOrPower);
    }
    if (Accept(Kw::kPERCENT)) sample->unit = "PERCENT";
    if (Accept(Kw::kROWS) || Accept(Kw::kROW)) sample->unit = "ROWS";
  }
  if (paren) Keep(CloseParen(begin, nullptr));
  const uint32_t rest = Begin();
  if (Is(Op::kLeftParen) && (!paren || sample->method.empty())) {
    SkipBalanced();  // DuckDB: 10% (bernoulli, 377)
  }
  if (!paren && grammar_.final_modifier && Accept(Kw::kOFFSET)) ParseExpr(kBitOrPower);
  Detail(sample->details, rest);
  if ((Is(Kw::kREPEATABLE) || Is(Kw::kSEED)) && Is(Op::kLeftParen, 1)) {
    Next();
    uint32_t open = Begin();
    Next();
    sample->seed = CloseParen(open, ParseExpr());
  }
  return FinishAs(sample, begin);
}

// T-SQL's hints, which may stand in parentheses without WITH: FROM t (NOLOCK).
bool Parser::AtTableHint(size_t ahead) const {
  static constexpr std::string_view kHints[] = {
      "FORCESEEK",       "FORCESCAN",      "HOLDLOCK", "INDEX",         "NOEXPAND",
      "NOLOCK",          "NOWAIT",         "PAGLOCK",  "READCOMMITTED", "READPAST",
      "READUNCOMMITTED", "REPEATABLEREAD", "ROWLOCK",  "SNAPSHOT",      "SERIALIZABLE",
      "TABLOCK",         "TABLOCKX",       "UPDLOCK",  "XLOCK"};
  for (std::string_view hint : kHints) {
    if (IsText(hint, ahead)) return true;
  }
  return false;
}

// Hints, which change no row, and what chooses partitions, which does.
void Parser::SkipHints(RelationNode* relation) {
  for (;;) {
    const uint32_t begin = Begin();
    if (grammar_.table_hints && Is(Kw::kWITH) && Is(Op::kLeftParen, 1) && !AtQuery(0)) {
      Next();
      SkipBalanced();
    } else if (grammar_.table_hints && Is(Op::kLeftParen) && AtTableHint(1)) {
      SkipBalanced();
    } else if (grammar_.index_hints && (Is(Kw::kUSE) || Is(Kw::kFORCE) || Is(Kw::kIGNORE)) &&
               (Is(Kw::kINDEX, 1) || Is(Kw::kKEY, 1))) {
      Next();
      Next();
      if (Accept(Kw::kFOR)) {
        while (Is(TokenKind::kWord)) Next();
      }
      if (Is(Op::kLeftParen)) SkipBalanced();
      const bool more = Is(Op::kComma) &&
                        (Is(Kw::kUSE, 1) || Is(Kw::kFORCE, 1) || Is(Kw::kIGNORE, 1)) &&
                        (Is(Kw::kINDEX, 2) || Is(Kw::kKEY, 2));
      if (more) Next();
    } else if (grammar_.index_hints && IsText("INDEXED") && Is(Kw::kBY, 1)) {
      for (int i = 0; i < 3; ++i) Next();
    } else if (grammar_.index_hints && Is(Kw::kNOT) && IsText("INDEXED", 1)) {
      Next();
      Next();
    } else if (grammar_.index_hints && Is(Kw::kPARTITION) && Is(Op::kLeftParen, 1)) {
      Next();
      SkipBalanced();
      if (relation != nullptr) Detail(relation->details, begin);
    } else {
      return;
    }
  }
}

}  // namespace layergate::sql

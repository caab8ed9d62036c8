// Text to tokens. White space and comments leave none; every other byte is in exactly one token.
//
// The lexer never fails: what is not closed runs to the end of the text and is reported, what fits
// nowhere is a kBad token. Time is linear in the text.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/source_text.h"
#include "sql/grammar.h"
#include "sql/keyword.h"

namespace layergate::sql {

enum class Op : uint16_t {
#define LAYERGATE_SQL_OP(name, text) k##name,
#include "sql/operators.def"
#undef LAYERGATE_SQL_OP
};

enum class TokenKind : uint8_t {
  kEnd,
  kWord,    // unquoted; `keyword` is set when it is one
  kQuoted,  // a quoted name
  kString,  // any string that is text
  kBytes,   // b'..', x'..'
  kNumber,
  kParameter,  // ?, :x, @x, $1, #1, {x:T}, {{ x }}
  kOperator,
  kBad,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  bool escaped = false;  // the content holds escapes or doubled quotes
  bool newline = false;  // a line ended somewhere before this token
  uint8_t open = 0;      // bytes before the content: quote, prefix
  uint8_t close = 0;     // bytes behind it
  uint16_t id = 0;       // Kw of a word, Op of an operator
  uint32_t begin = 0;
  uint32_t end = 0;
};

struct LexProblem {
  std::string_view what;  // "string", "comment", "name"
  Span span;
};

// Appends the tokens of `text` and one kEnd.
void Lex(std::string_view text, const Grammar& grammar, std::vector<Token>& tokens,
         std::vector<LexProblem>& problems);

// The text between the quotes of a string or name token, escapes not undone.
inline std::string_view Content(std::string_view text, const Token& token) {
  return text.substr(token.begin + token.open, token.end - token.begin - token.open - token.close);
}

}  // namespace layergate::sql

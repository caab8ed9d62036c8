// Names, strings and the paths that are made of them.
#include "core/text.h"
#include "sql/parser.h"

namespace layergate::sql {

bool Parser::IsText(std::string_view upper, size_t ahead) const {
  const Token& token = Peek(ahead);
  return token.kind == TokenKind::kWord && token.end - token.begin == upper.size() &&
         EqualsIgnoreCase(Raw(token), upper);
}

namespace {

char Escaped(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'b':
      return '\b';
    case '0':
      return '\0';
    default:
      return c;
  }
}

}  // namespace

std::string_view Parser::Unescape(std::string_view content, char quote, bool backslash) {
  std::string plain;
  plain.reserve(content.size());
  for (size_t i = 0; i < content.size(); ++i) {
    if (backslash && content[i] == '\\' && i + 1 < content.size()) {
      plain += Escaped(content[++i]);
    } else {
      plain += content[i];
      if (content[i] == quote && i + 1 < content.size() && content[i + 1] == quote) ++i;
    }
  }
  return arena_.CopyText(plain);
}

std::string_view Parser::NameText(const Token& token) {
  if (token.kind != TokenKind::kQuoted) return Raw(token);
  std::string_view content = Content(text_, token);
  if (!token.escaped) return content;
  char close = token.close == 0 ? '\0' : text_[token.end - 1];
  return Unescape(content, close, content.find('\\') != std::string_view::npos);
}

std::string_view Parser::StringText(const Token& token) {
  std::string_view content = Content(text_, token);
  if (!token.escaped) return content;
  char close = token.close == 0 ? '\0' : text_[token.end - 1];
  char prefix = text_[token.begin];
  bool backslash = grammar_.backslash_escapes || prefix == 'e' || prefix == 'E';
  return Unescape(content, close, backslash);
}

Name Parser::MakeName(const Token& token) {
  bool quoted = token.kind == TokenKind::kQuoted || token.kind == TokenKind::kString;
  std::string_view text = token.kind == TokenKind::kString ? StringText(token) : NameText(token);
  return {text, quoted, {token.begin, token.end}};
}

Name Parser::TakeName() {
  Name name = MakeName(Peek());
  Next();
  return name;
}

Names Parser::ParseNamePath() {
  NameBuilder parts(*this);
  parts.Add(TakeName());
  while (Is(Op::kDot) && (IsName(1) || Is(TokenKind::kNumber, 1))) {
    Next();
    parts.Add(TakeName());
  }
  return parts.Take();
}

// Adds what BigQuery's dashes, its quoted paths and T-SQL's empty parts (db..t) are.
Names Parser::ParseTableName() {
  NameBuilder parts(*this);
  for (;;) {
    const Token& token = Peek();
    if (token.kind == TokenKind::kQuoted && grammar_.dotted_quoted_tables) {
      std::string_view content = NameText(token);
      for (std::string_view part : Split(content, '.')) {
        parts.Add({part, true, {token.begin, token.end}});
      }
      Next();
    } else if (token.kind == TokenKind::kParameter) {  // ${schema}, {{ schema }}
      parts.Add({Raw(token), true, {token.begin, token.end}});
      Next();
    } else if (grammar_.dashed_tables && token.kind == TokenKind::kWord && Adjacent() &&
               Is(Op::kMinus, 1)) {
      uint32_t begin = Begin();
      Next();
      while (Is(Op::kMinus) && Peek().begin == LastEnd() && Adjacent() &&
             (Is(TokenKind::kWord, 1) || Is(TokenKind::kNumber, 1))) {
        Next();
        Next();
        // "a-1.b": the lexer takes "1." for a number; "a-1b": "1" and "b".
        if (text_[LastEnd() - 1] == '.') break;
        if (Is(TokenKind::kWord) && Peek().begin == LastEnd()) Next();
      }
      std::string_view text = RawSince(begin);
      bool dotted = text.ends_with('.');
      if (dotted) text.remove_suffix(1);
      parts.Add({text, false, SpanSince(begin)});
      if (dotted && IsName()) continue;
    } else {
      parts.Add(TakeName());
    }
    if (!Is(Op::kDot)) break;
    if (Is(Op::kDot, 1) && IsName(2)) {  // db..t
      Next();
    } else if (!IsName(1) && !Is(TokenKind::kNumber, 1) && !Is(TokenKind::kParameter, 1)) {
      break;
    }
    Next();
  }
  return parts.Take();
}

Names Parser::ParseNameList() {
  NameBuilder names(*this);
  while (IsName() || Is(TokenKind::kString)) {
    names.Add(TakeName());
    if (!Accept(Op::kComma)) break;
  }
  return names.Take();
}

// `(a, b)`; whatever else stands inside is passed over and reported.
Names Parser::ParseParenNames() {
  uint32_t begin = Begin();
  if (!Accept(Op::kLeftParen)) return {};
  Names names = ParseNameList();
  Keep(CloseParen(begin, nullptr));
  return names;
}

const Literal* Parser::MakeWord() {
  auto* literal = New<Literal>();
  literal->form = Literal::Form::kKeyword;
  uint32_t begin = Begin();
  literal->text = Raw(Peek());
  Next();
  return FinishAs(literal, begin);
}

}  // namespace layergate::sql

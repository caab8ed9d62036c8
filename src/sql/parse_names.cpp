// Names, strings and the paths that are made of them.
#include "core/text.h"
#include "sql/parser.h"

namespace layergate::sql {

bool Parser::IsText(std::string_view upper, size_t ahead) const {
  const Token& token = Peek(ahead);
  return token.kind == TokenKind::kWord && token.end - token.begin == upper.size() &&
         EqualsIgnoreCase(Raw(token), upper);
}

void Parser::Detail(std::string_view& details, uint32_t begin) {
  constexpr size_t kMaxPieces = 512;  // bytes: what is put together is copied each time
  const std::string_view text = RawSince(begin);
  if (text.empty()) return;
  if (details.empty()) {
    details = text;
    return;
  }
  const char* end = details.data() + details.size();
  const bool slice = details.data() >= text_.data() && end <= text.data();
  if (slice &&
      std::string_view(end, static_cast<size_t>(text.data() - end)).find_first_not_of(" \t\r\n") ==
          std::string_view::npos) {
    details = {details.data(), static_cast<size_t>(text.data() + text.size() - details.data())};
  } else if (details.size() < kMaxPieces) {
    details = arena_.CopyText(std::string(details) + ' ' + std::string(text));
  } else {
    Keep(MakeOpaque(begin, LastEnd(), "more options than are followed", {}));
  }
}

namespace {

void AppendUtf8(uint32_t code, std::string& out) {
  auto byte = [&](uint32_t value) { out += static_cast<char>(value); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) return byte(0xC0 | code >> 6), byte(0x80 | (code & 0x3F));
  if (code < 0x10000) {
    byte(0xE0 | code >> 12);
    return byte(0x80 | (code >> 6 & 0x3F)), byte(0x80 | (code & 0x3F));
  }
  byte(0xF0 | (code >> 18 & 7));
  byte(0x80 | (code >> 12 & 0x3F));
  return byte(0x80 | (code >> 6 & 0x3F)), byte(0x80 | (code & 0x3F));
}

// The number of up to `most` digits at `at`, which moves behind them; false when there are fewer
// than `least`.
bool TakeCode(std::string_view text, size_t& at, size_t least, size_t most, int base,
              uint32_t& code) {
  const size_t begin = at;
  code = 0;
  while (at < text.size() && at - begin < most) {
    const char c = text[at];
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : 99;
    if (digit >= base) break;
    code = code * static_cast<uint32_t>(base) + static_cast<uint32_t>(digit);
    ++at;
  }
  if (at - begin >= least) return true;
  at = begin;
  return false;
}

// What a backslash means in front of the character at `at`, which moves behind the escape. Two
// different strings must not become one, so every dialect's own rule counts.
void AppendEscape(std::string_view text, size_t& at, Dialect dialect, std::string& out) {
  const bool mysql = dialect == Dialect::kMySql || dialect == Dialect::kMariaDb;
  const bool spark = dialect == Dialect::kSpark || dialect == Dialect::kDatabricks;
  const bool clickhouse = dialect == Dialect::kClickHouse;
  const char c = text[at++];
  uint32_t code = 0;
  if (c == 'x' && !mysql && !spark && TakeCode(text, at, clickhouse ? 2 : 1, 2, 16, code)) {
    out += static_cast<char>(code);
    return;
  }
  if (!mysql && !clickhouse) {
    if (c == 'u' && TakeCode(text, at, 4, 4, 16, code)) return AppendUtf8(code, out);
    if (c == 'U' && TakeCode(text, at, 8, 8, 16, code)) return AppendUtf8(code, out);
    if (c >= '0' && c <= '7') {
      --at;
      if (TakeCode(text, at, spark || dialect == Dialect::kBigQuery ? 3 : 1, 3, 8, code)) {
        out += static_cast<char>(code);
        return;
      }
      ++at;
    }
  }
  switch (c) {
    case 'n':
      out += '\n';
      return;
    case 't':
      out += '\t';
      return;
    case 'r':
      out += '\r';
      return;
    case 'b':
      out += '\b';
      return;
    case '0':
      out += '\0';
      return;
    case 'f':
      out += mysql || spark ? 'f' : '\f';
      return;
    case 'a':
    case 'v':
      if (clickhouse || dialect == Dialect::kBigQuery) {
        out += c == 'a' ? '\a' : '\v';
        return;
      }
      break;
    case 'Z':
      out += mysql || spark ? '\x1A' : 'Z';
      return;
    case '%':
    case '_':
      if (mysql || spark) out += '\\';  // left to LIKE
      break;
    default:
      break;
  }
  const bool plain = c == '\\' || c == '\'' || c == '"' || c == '`' || c == '/' || c == '=';
  if (clickhouse && !plain) out += '\\';  // an escape that means nothing stays as it is
  out += c;
}

}  // namespace

std::string_view Parser::Unescape(std::string_view content, char quote, bool backslash) {
  std::string plain;
  plain.reserve(content.size());
  for (size_t i = 0; i < content.size();) {
    const char c = content[i++];
    if (backslash && c == '\\' && i < content.size()) {
      AppendEscape(content, i, grammar_.dialect, plain);
      continue;
    }
    plain += c;
    if (c == quote && i < content.size() && content[i] == quote) ++i;
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

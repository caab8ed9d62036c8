#include "sql/lexer.h"

#include <array>

namespace layergate::sql {
namespace {

enum CharClass : uint8_t { kSpace = 1, kWordStart = 2, kWordPart = 4, kDigit = 8, kOpChar = 16 };

constexpr std::array<uint8_t, 256> MakeClasses() {
  std::array<uint8_t, 256> classes{};
  for (char c : std::string_view(" \t\r\n\f\v")) classes[static_cast<uint8_t>(c)] = kSpace;
  for (int c = 'a'; c <= 'z'; ++c) classes[static_cast<size_t>(c)] = kWordStart | kWordPart;
  for (int c = 'A'; c <= 'Z'; ++c) classes[static_cast<size_t>(c)] = kWordStart | kWordPart;
  for (size_t c = 128; c < 256; ++c) classes[c] = kWordStart | kWordPart;
  classes['_'] = kWordStart | kWordPart;
  for (int c = '0'; c <= '9'; ++c) classes[static_cast<size_t>(c)] = kDigit | kWordPart;
  for (char c : std::string_view("+-*/<>=~!@#%^&|?")) classes[static_cast<uint8_t>(c)] = kOpChar;
  return classes;
}
constexpr std::array<uint8_t, 256> kClasses = MakeClasses();

bool Is(char c, uint8_t what) { return (kClasses[static_cast<uint8_t>(c)] & what) != 0; }
bool IsHexDigit(char c) {
  return Is(c, kDigit) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Operators that all dialects lex alike, longest first among those with one beginning.
struct OpText {
  std::string_view text;
  Op op;
};
constexpr OpText kOps[] = {
    {"<=>", Op::kNullSafeEqual},
    {"<=", Op::kLessEqual},
    {"<>", Op::kNotEqual},
    {"<<", Op::kShiftLeft},
    {"<@", Op::kFree},
    {"<", Op::kLess},
    {">=", Op::kGreaterEqual},
    {">>", Op::kShiftRight},
    {">", Op::kGreater},
    {"==", Op::kDoubleEqual},
    {"=>", Op::kFatArrow},
    {"=", Op::kEqual},
    {"!=", Op::kBangEqual},
    {"!<", Op::kGreaterEqual},
    {"!>", Op::kLessEqual},
    {"!~*", Op::kFree},
    {"!~~", Op::kFree},
    {"!~", Op::kFree},
    {"!", Op::kBang},
    {"->>", Op::kLongArrow},
    {"->", Op::kArrow},
    {"-", Op::kMinus},
    {"+", Op::kPlus},
    {"**", Op::kDoubleStar},
    {"*", Op::kStar},
    {"//", Op::kDoubleSlash},
    {"/", Op::kSlash},
    {"%", Op::kPercent},
    {"^", Op::kCaret},
    {"|>", Op::kPipe},
    {"||", Op::kDoubleBar},
    {"|", Op::kBar},
    {"&&", Op::kDoubleAmpersand},
    {"&", Op::kAmpersand},
    {"~*", Op::kFree},
    {"~~*", Op::kFree},
    {"~~", Op::kFree},
    {"~", Op::kTilde},
    {"?", Op::kQuestion},
    {"@>", Op::kFree},
    {"@", Op::kAt},
    {"#>>", Op::kFree},
    {"#>", Op::kFree},
    {"#", Op::kHash},
};

struct OpRange {
  uint8_t first = 0, count = 0;
};
constexpr std::array<OpRange, 128> MakeRanges() {
  std::array<OpRange, 128> ranges{};
  for (size_t i = 0; i < std::size(kOps); ++i) {
    OpRange& range = ranges[static_cast<size_t>(kOps[i].text[0])];
    if (range.count == 0) range.first = static_cast<uint8_t>(i);
    ++range.count;
  }
  return ranges;
}
constexpr std::array<OpRange, 128> kRanges = MakeRanges();

class Lexer {
 public:
  Lexer(std::string_view text, const Grammar& grammar, std::vector<Token>& tokens,
        std::vector<LexProblem>& problems)
      : text_(text), grammar_(grammar), tokens_(tokens), problems_(problems) {}

  void Run() {
    while (SkipBlank()) One();
    Emit(TokenKind::kEnd, text_.size(), 0);
    tokens_.back().begin = static_cast<uint32_t>(text_.size());
  }

 private:
  char At(size_t at) const { return at < text_.size() ? text_[at] : '\0'; }
  bool StartsWith(std::string_view what) const { return text_.substr(pos_).starts_with(what); }

  void Emit(TokenKind kind, size_t end, uint16_t id) {
    Token token;
    token.kind = kind;
    token.newline = newline_;
    token.id = id;
    token.begin = static_cast<uint32_t>(pos_);
    token.end = static_cast<uint32_t>(end);
    tokens_.push_back(token);
    newline_ = false;
    pos_ = end;
  }
  void EmitQuoted(TokenKind kind, size_t end, size_t open, size_t close, bool escaped) {
    Emit(kind, end, 0);
    tokens_.back().open = static_cast<uint8_t>(open);
    tokens_.back().close = static_cast<uint8_t>(close);
    tokens_.back().escaped = escaped;
  }
  void Problem(std::string_view what, size_t begin, size_t end) {
    problems_.push_back({what, {static_cast<uint32_t>(begin), static_cast<uint32_t>(end)}});
  }

  // Where a quote that is never closed ends all the same: with its statement, so that the others
  // can be read. Searched for a few times only: linear time.
  size_t UnclosedEnd(std::string_view what, size_t content) {
    constexpr int kRecoveries = 16;
    size_t end = recoveries_++ < kRecoveries ? text_.find(';', content) : std::string_view::npos;
    if (end == std::string_view::npos) end = text_.size();
    Problem(what, pos_, end);
    return end;
  }

  // ---- white space and comments -----------------------------------------------------------------

  bool SkipBlank() {
    for (;;) {
      while (pos_ < text_.size() && Is(text_[pos_], kSpace)) {
        newline_ |= text_[pos_] == '\n';
        ++pos_;
      }
      if (pos_ >= text_.size()) return false;
      if (!SkipComment()) return true;
    }
  }

  bool SkipComment() {
    char c = text_[pos_], next = At(pos_ + 1);
    if (c == '-' && next == '-') {
      char third = At(pos_ + 2);
      if (grammar_.dash_needs_space && third != '\0' && !Is(third, kSpace)) return false;
      return SkipLine();
    }
    if (c == '/' && next == '*') return SkipBlock();
    if (c == '/' && next == '/' && grammar_.slash_comments) return SkipLine();
    if (c == '#' && grammar_.hash_comments) return SkipLine();
    if (c == '*' && next == '/' && executable_ > 0) {
      --executable_;
      pos_ += 2;
      return true;
    }
    static constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (pos_ == 0 && StartsWith(kByteOrderMark)) {
      pos_ += kByteOrderMark.size();
      return true;
    }
    if (StartsWith("\xC2\xA0")) {  // no-break space
      pos_ += 2;
      return true;
    }
    return false;
  }

  bool SkipLine() {
    size_t end = text_.find('\n', pos_);
    pos_ = end == std::string_view::npos ? text_.size() : end;
    return true;
  }

  bool SkipBlock() {
    if (grammar_.executable_comments && (At(pos_ + 2) == '!' || StartsWith("/*M!"))) {
      pos_ += At(pos_ + 2) == '!' ? 3 : 4;
      while (pos_ < text_.size() && Is(text_[pos_], kDigit)) ++pos_;
      ++executable_;
      return true;
    }
    size_t begin = pos_;
    int depth = 1;
    pos_ += 2;
    while (pos_ < text_.size()) {
      if (text_[pos_] == '*' && At(pos_ + 1) == '/') {
        pos_ += 2;
        if (--depth == 0) return true;
      } else if (grammar_.nested_comments && text_[pos_] == '/' && At(pos_ + 1) == '*') {
        pos_ += 2;
        ++depth;
      } else {
        newline_ |= text_[pos_] == '\n';
        ++pos_;
      }
    }
    if (grammar_.dialect != Dialect::kSqlite) Problem("comment", begin, text_.size());
    return true;
  }

  // ---- tokens -----------------------------------------------------------------------------------

  void One() {
    char c = text_[pos_];
    if (Is(c, kWordStart)) return WordOrPrefix();
    if (Is(c, kDigit)) return Number();
    switch (c) {
      case '\'':
        return String(pos_, grammar_.backslash_escapes, TokenKind::kString);
      case '"':
        if (!grammar_.double_quoted_strings) return QuotedName('"');
        return String(pos_, grammar_.backslash_escapes, TokenKind::kString);
      case '`':
        if (grammar_.backtick_names) return QuotedName('`');
        return Emit(TokenKind::kBad, pos_ + 1, 0);
      case '[':
        if (grammar_.bracket_names) return QuotedName(']');
        return Punctuation(Op::kLeftBracket);
      case '.':
        if (Is(At(pos_ + 1), kDigit) && !EndsOperand()) return Number();
        return Punctuation(Op::kDot);
      case '(':
        return Punctuation(Op::kLeftParen);
      case ')':
        return Punctuation(Op::kRightParen);
      case ']':
        return Punctuation(Op::kRightBracket);
      case '{':
        return Brace();
      case '}':
        return Punctuation(Op::kRightBrace);
      case ',':
        return Punctuation(Op::kComma);
      case ';':
        return Punctuation(Op::kSemicolon);
      case ':':
        return Colon();
      case '$':
        return Dollar();
      default:
        return Is(c, kOpChar) ? Operator() : Emit(TokenKind::kBad, pos_ + 1, 0);
    }
  }

  void Punctuation(Op op) { Emit(TokenKind::kOperator, pos_ + 1, static_cast<uint16_t>(op)); }

  // Whether the token just emitted can end an operand, so that what follows is an operator.
  bool EndsOperand() const {
    if (tokens_.empty()) return false;
    const Token& last = tokens_.back();
    switch (last.kind) {
      case TokenKind::kWord:
        return !StartsNoExpression(static_cast<Kw>(last.id)) ||
               static_cast<Kw>(last.id) == Kw::kEND;
      case TokenKind::kQuoted:
      case TokenKind::kString:
      case TokenKind::kBytes:
      case TokenKind::kNumber:
      case TokenKind::kParameter:
        return true;
      case TokenKind::kOperator:
        return static_cast<Op>(last.id) == Op::kRightParen ||
               static_cast<Op>(last.id) == Op::kRightBracket ||
               static_cast<Op>(last.id) == Op::kRightBrace;
      default:
        return false;
    }
  }

  size_t WordEnd(size_t at) const {
    while (at < text_.size() &&
           (Is(text_[at], kWordPart) || (text_[at] == '$' && grammar_.dollar_in_names) ||
            (text_[at] == '#' && grammar_.hash_names) ||
            (text_[at] == '@' && grammar_.hash_names && grammar_.at_names))) {
      ++at;
    }
    return at;
  }

  void WordOrPrefix() {
    size_t end = WordEnd(pos_);
    char quote = At(end);
    if (quote == '\'' || (quote == '"' && grammar_.double_quoted_strings)) {
      if (PrefixedString(end)) return;
    }
    if (quote == '&' && end == pos_ + 1 && Lower(text_[pos_]) == 'u') {
      if (At(end + 1) == '\'') return String(end + 1, false, TokenKind::kString);
      if (At(end + 1) == '"') return QuotedName('"', 3);
    }
    Kw keyword = FindKeyword(text_.substr(pos_, end - pos_));
    Emit(TokenKind::kWord, end, static_cast<uint16_t>(keyword));
  }

  // r'..', b'..', rb'..', e'..', n'..', x'..' with the quote at `quote`.
  bool PrefixedString(size_t quote) {
    size_t length = quote - pos_;
    char first = Lower(text_[pos_]);
    char second = length == 2 ? Lower(text_[pos_ + 1]) : '\0';
    if (length > 2) return false;
    if (grammar_.prefixed_raw &&
        ((first == 'r' && second == 'b') || (first == 'b' && second == 'r'))) {
      String(quote, false, TokenKind::kBytes);
      return true;
    }
    if (length == 2) return false;
    switch (first) {
      case 'r':
        if (!grammar_.prefixed_raw) return false;
        String(quote, false, TokenKind::kString);
        return true;
      case 'e':
        if (!grammar_.escape_strings) return false;
        String(quote, true, TokenKind::kString);
        return true;
      case 'n':
        String(quote, grammar_.backslash_escapes, TokenKind::kString);
        return true;
      case 'b':
        String(quote, grammar_.backslash_escapes, TokenKind::kBytes);
        return true;
      case 'x':
        String(quote, false, TokenKind::kBytes);
        return true;
      default:
        return false;
    }
  }

  // A string whose opening quote is at `quote`; the token begins at pos_, so prefixes are in it.
  void String(size_t quote, bool backslash, TokenKind kind) {
    char mark = text_[quote];
    if (grammar_.triple_quotes && At(quote + 1) == mark && At(quote + 2) == mark) {
      return TripleString(quote, kind);
    }
    bool escaped = false;
    size_t at = quote + 1;
    size_t open = at - pos_;
    // BigQuery's raw strings keep their backslashes, but a quote behind one does not end them.
    const bool raw_pairs = grammar_.triple_quotes && !backslash;
    while (at < text_.size()) {
      char c = text_[at];
      if (c == mark) {
        if (At(at + 1) != mark || grammar_.triple_quotes) {
          return EmitQuoted(kind, at + 1, open, 1, escaped);
        }
        escaped = true;
        at += 2;
      } else if (c == '\\' && backslash) {
        escaped = true;
        at += 2;
      } else if (c == '\\' && raw_pairs) {
        at += 2;
      } else {
        ++at;
      }
    }
    EmitQuoted(kind, UnclosedEnd("string", quote + 1), open, 0, escaped);
  }

  void TripleString(size_t quote, TokenKind kind) {
    std::string_view mark = text_.substr(quote, 3);
    size_t open = quote + 3 - pos_;
    bool raw = quote > pos_ && Lower(text_[pos_]) != 'b';
    for (size_t at = quote + 3; at < text_.size(); ++at) {
      if (text_[at] == '\\') {
        ++at;
      } else if (text_.substr(at).starts_with(mark)) {
        return EmitQuoted(kind, at + 3, open, 3, !raw);
      }
    }
    EmitQuoted(kind, UnclosedEnd("string", quote + 3), open, 0, !raw);
  }

  void QuotedName(char close, size_t open = 1) {
    bool escaped = false;
    bool backslash = grammar_.dialect == Dialect::kClickHouse ||
                     (grammar_.dialect == Dialect::kBigQuery && close == '`');
    size_t at = pos_ + open;
    while (at < text_.size()) {
      if (text_[at] == close) {
        if (At(at + 1) != close) return EmitQuoted(TokenKind::kQuoted, at + 1, open, 1, escaped);
        escaped = true;
        at += 2;
      } else if (text_[at] == '\\' && backslash) {
        escaped = true;
        at += 2;
      } else {
        ++at;
      }
    }
    EmitQuoted(TokenKind::kQuoted, UnclosedEnd("name", pos_ + open), open, 0, escaped);
  }

  void Number() {
    size_t at = pos_;
    bool after_dot = !tokens_.empty() && tokens_.back().kind == TokenKind::kOperator &&
                     static_cast<Op>(tokens_.back().id) == Op::kDot && tokens_.back().end == pos_;
    if (after_dot) {  // a.1.b: the digits are a name or an index
      size_t end = WordEnd(pos_);
      for (at = pos_; at < end && Is(text_[at], kDigit);) ++at;
      return at == end ? Emit(TokenKind::kNumber, end, 0) : Emit(TokenKind::kWord, end, 0);
    }
    char second = Lower(At(at + 1));
    if (text_[at] == '0' && (second == 'x' || second == 'b' || second == 'o') &&
        (IsHexDigit(At(at + 2)) || (grammar_.alias_equals && second == 'x'))) {
      at += 2;
      while (IsHexDigit(At(at)) || At(at) == '_') ++at;
      return Emit(TokenKind::kNumber, at, 0);
    }
    at = Digits(at);
    if (grammar_.digit_names && Is(At(at), kWordStart) && !IsExponent(at)) {
      size_t end = WordEnd(at);
      if (!IsNumberSuffix(at, end)) {
        return Emit(TokenKind::kWord, end, 0);
      }
      return Emit(TokenKind::kNumber, end, 0);
    }
    if (At(at) == '.' && At(at + 1) != '.') at = Digits(at + 1);
    if (IsExponent(at)) {
      at += Is(At(at + 1), kDigit) ? 1 : 2;
      at = Digits(at);
    }
    if (grammar_.digit_names && Is(At(at), kWordStart)) {
      size_t end = WordEnd(at);
      if (IsNumberSuffix(at, end)) at = end;
    }
    Emit(TokenKind::kNumber, at, 0);
  }
  size_t Digits(size_t at) const {
    while (Is(At(at), kDigit) || (At(at) == '_' && Is(At(at + 1), kDigit))) ++at;
    return at;
  }
  bool IsExponent(size_t at) const {
    if (Lower(At(at)) != 'e') return false;
    char next = At(at + 1);
    return Is(next, kDigit) || ((next == '+' || next == '-') && Is(At(at + 2), kDigit));
  }
  // Spark's 10L, 1.5D, 2BD.
  bool IsNumberSuffix(size_t at, size_t end) const {
    if (end - at == 1)
      return std::string_view("lsydf").find(Lower(text_[at])) != std::string_view::npos;
    return end - at == 2 && Lower(text_[at]) == 'b' && Lower(text_[at + 1]) == 'd';
  }

  // {{ x }} of a template that was not rendered, {name:Type}, or a brace.
  void Brace() {
    if (At(pos_ + 1) == '{') {
      // What was searched for in vain once is not searched for again: linear time.
      size_t end = no_more_templates_ ? std::string_view::npos : text_.find("}}", pos_ + 2);
      no_more_templates_ = end == std::string_view::npos;
      if (end != std::string_view::npos) return Emit(TokenKind::kParameter, end + 2, 0);
    }
    if (At(pos_ + 1) == '%') return Emit(TokenKind::kBad, pos_ + 2, 0);
    if (grammar_.sort_by && Is(At(pos_ + 1), kWordStart)) {  // Spark: {name} is filled in by Python
      size_t end = WordEnd(pos_ + 1);
      if (At(end) == '}') return Emit(TokenKind::kParameter, end + 1, 0);
    }
    if (grammar_.brace_parameters && Is(At(pos_ + 1), kWordStart)) {
      size_t end = WordEnd(pos_ + 1);
      size_t close = text_.substr(0, end + 200).find('}', end);
      if (At(end) == ':' && close != std::string_view::npos) {
        return Emit(TokenKind::kParameter, close + 1, 0);
      }
    }
    Punctuation(Op::kLeftBrace);
  }

  void Colon() {
    if (At(pos_ + 1) == ':') {
      return Emit(TokenKind::kOperator, pos_ + 2, static_cast<uint16_t>(Op::kDoubleColon));
    }
    if (At(pos_ + 1) == '=') {
      return Emit(TokenKind::kOperator, pos_ + 2, static_cast<uint16_t>(Op::kAssign));
    }
    bool after_bracket = !tokens_.empty() && tokens_.back().kind == TokenKind::kOperator &&
                         static_cast<Op>(tokens_.back().id) == Op::kLeftBracket;
    bool word_before = !tokens_.empty() && tokens_.back().kind == TokenKind::kWord;
    bool spaced = !tokens_.empty() && tokens_.back().end != pos_;
    bool path_step = !spaced && word_before && tokens_.size() > 1 && IsPathMark(tokens_.size() - 2);
    bool operand = path_step || (EndsOperand() && !(word_before && spaced && IsCommonPrefixWord()));
    bool after_dot = !tokens_.empty() && tokens_.back().kind == TokenKind::kOperator &&
                     static_cast<Op>(tokens_.back().id) == Op::kDot;  // ClickHouse: a.:Int64
    bool after_minus = grammar_.alias_colon && !tokens_.empty() &&    // DuckDB: a[1:-:2]
                       tokens_.back().kind == TokenKind::kOperator &&
                       static_cast<Op>(tokens_.back().id) == Op::kMinus;
    if (Is(At(pos_ + 1), kWordPart) && !operand && !after_bracket && !after_minus && !after_dot) {
      return Emit(TokenKind::kParameter, WordEnd(pos_ + 1), 0);
    }
    char quote = At(pos_ + 1);
    if (grammar_.escape_strings && !operand && (quote == '\'' || quote == '"')) {  // psql: :'name'
      size_t end = text_.substr(0, pos_ + 200).find(quote, pos_ + 2);
      if (end != std::string_view::npos) return Emit(TokenKind::kParameter, end + 1, 0);
    }
    Punctuation(Op::kColon);
  }
  // In value:from:latitude, the word before is a step of the path, whatever it means elsewhere.
  bool IsPathMark(size_t at) const {
    const Token& token = tokens_[at];
    if (token.kind != TokenKind::kOperator || token.end != tokens_[at + 1].begin) return false;
    return static_cast<Op>(token.id) == Op::kColon || static_cast<Op>(token.id) == Op::kDot;
  }
  bool IsCommonPrefixWord() const {
    switch (static_cast<Kw>(tokens_.back().id)) {
      case Kw::kLIMIT:
      case Kw::kOFFSET:
      case Kw::kLIKE:
      case Kw::kNOT:
      case Kw::kVALUES:
        return true;
      default:
        return false;
    }
  }

  // $$..$$, $tag$..$tag$, $1, $name, ${name}.
  void Dollar() {
    if (grammar_.alias_equals) {  // T-SQL: $1.50 is money, $action and $rowguid are columns
      size_t end = pos_ + 1;
      if (Is(At(end), kDigit)) {
        end = Digits(end);
        if (At(end) == '.') end = Digits(end + 1);
        return Emit(TokenKind::kNumber, end, 0);
      }
      if (Is(At(end), kWordStart)) return Emit(TokenKind::kWord, WordEnd(end), 0);
    }
    if (grammar_.macro_variables && At(pos_ + 1) == '{') {
      size_t close = text_.substr(0, pos_ + 200).find('}', pos_);
      if (close != std::string_view::npos) return Emit(TokenKind::kParameter, close + 1, 0);
    }
    if (grammar_.dollar_strings) {
      size_t tag_end = pos_ + 1;
      if (grammar_.dollar_tags && !Is(At(tag_end), kDigit)) {
        while (Is(At(tag_end), kWordPart)) ++tag_end;
      }
      if (At(tag_end) == '$' && tag_end - pos_ < 64) {
        std::string_view tag = text_.substr(pos_, tag_end + 1 - pos_);
        size_t close = text_.find(tag, tag_end + 1);
        if (close != std::string_view::npos) {
          return EmitQuoted(TokenKind::kString, close + tag.size(), tag.size(), tag.size(), false);
        }
        size_t end = UnclosedEnd("string", tag_end + 1);
        return EmitQuoted(TokenKind::kString, end, tag.size(), 0, false);
      }
    }
    size_t end = pos_ + 1;
    while (Is(At(end), kWordPart)) ++end;
    Emit(end > pos_ + 1 ? TokenKind::kParameter : TokenKind::kBad, end, 0);
  }

  void Operator() {
    char c = text_[pos_], next = At(pos_ + 1);
    if (c == '?' && !grammar_.question_operator && Is(next, kDigit)) {  // SQLite, DuckDB: ?1
      return Emit(TokenKind::kParameter, Digits(pos_ + 1), 0);
    }
    if (grammar_.alias_equals && next == '=' && std::string_view("+-*/%&|^").find(c) < 8) {
      return Emit(TokenKind::kOperator, pos_ + 2, static_cast<uint16_t>(Op::kCompoundAssign));
    }
    if (grammar_.alias_equals && (c == '<' || c == '>' || c == '!')) {
      if (SpacedComparison(c)) return;
    }
    if (c == '@' && grammar_.at_names) {
      size_t start = next == '@' ? pos_ + 2 : pos_ + 1;
      size_t end = WordEnd(start);
      if (end > start) return Emit(TokenKind::kParameter, end, 0);
      char quote = At(start);
      if (grammar_.pipes_are_or &&
          (quote == '`' || quote == '\'' || quote == '"')) {  // MySQL: @`a b`
        end = text_.find(quote, start + 1);
        if (end != std::string_view::npos) return Emit(TokenKind::kParameter, end + 1, 0);
      }
    }
    if (c == '&' && grammar_.at_stages && !EndsOperand() && (Is(next, kWordStart) || next == '{')) {
      size_t end = next == '{' ? text_.substr(0, pos_ + 200).find('}', pos_) : WordEnd(pos_ + 1);
      if (end != std::string_view::npos) {  // SnowSQL's &name and &{name}
        return Emit(TokenKind::kParameter, next == '{' ? end + 1 : end, 0);
      }
    }
    if (c == '#') {
      if (grammar_.hash_names && (Is(next, kWordPart) || next == '#')) {
        size_t end = WordEnd(pos_ + 1);
        return Emit(TokenKind::kWord, end, 0);
      }
      if (grammar_.hash_columns && Is(next, kDigit) && !EndsOperand()) {
        return Emit(TokenKind::kParameter, Digits(pos_ + 1), 0);
      }
    }
    if (c == '%' && !EndsOperand() && (next == '(' || Lower(next) == 's')) {
      if (next == 's') return Emit(TokenKind::kParameter, pos_ + 2, 0);
      size_t end = text_.substr(0, pos_ + 80).find(")s", pos_);
      if (end != std::string_view::npos) {
        return Emit(TokenKind::kParameter, end + 2, 0);
      }
    }
    if (grammar_.at_stages && StartsWith("->>")) {  // Snowflake: on to the next statement
      return Emit(TokenKind::kOperator, pos_ + 3, static_cast<uint16_t>(Op::kSemicolon));
    }
    if (grammar_.free_operators) return FreeOperator();
    FixedOperator(text_.size());
  }

  // T-SQL allows white space inside a comparison: `> =`, `< >`, `! =`.
  bool SpacedComparison(char first) {
    size_t at = pos_ + 1;
    while (at < text_.size() && Is(text_[at], kSpace)) ++at;
    if (at == pos_ + 1) return false;
    char second = At(at);
    Op op = Op::kFree;
    if (first == '<' && second == '>') op = Op::kNotEqual;
    if (first == '<' && second == '=') op = Op::kLessEqual;
    if (first == '>' && second == '=') op = Op::kGreaterEqual;
    if (first == '!' && second == '=') op = Op::kBangEqual;
    if (first == '!' && second == '<') op = Op::kGreaterEqual;
    if (first == '!' && second == '>') op = Op::kLessEqual;
    if (op == Op::kFree) return false;
    Emit(TokenKind::kOperator, at + 1, static_cast<uint16_t>(op));
    return true;
  }

  // The longest operator of the table that ends at or before `limit`.
  void FixedOperator(size_t limit) {
    std::string_view rest = text_.substr(pos_, limit - pos_);
    OpRange range = kRanges[static_cast<size_t>(text_[pos_])];
    for (size_t i = range.first; i < range.first + size_t{range.count}; ++i) {
      const OpText& each = kOps[i];
      if (rest.starts_with(each.text) && !CutsComment(each.text.size())) {
        Op op = each.op;
        return Emit(TokenKind::kOperator, pos_ + each.text.size(), static_cast<uint16_t>(op));
      }
    }
    Emit(TokenKind::kBad, pos_ + 1, 0);
  }
  // "a <--b" must not become "a <- -b": an operator never swallows the start of a comment.
  bool CutsComment(size_t length) const {
    if (length < 2) return false;
    char last = text_[pos_ + length - 1], behind = At(pos_ + length);
    return (last == '-' && behind == '-') || (last == '/' && behind == '*');
  }

  // PostgreSQL's rule: the longest run of operator characters; a run of more than one that ends in
  // + or - gives that end back unless it holds one of ~ ! @ # % ^ & | ` ?.
  void FreeOperator() {
    size_t end = pos_;
    bool special = false;
    while (end < text_.size() && Is(text_[end], kOpChar)) {
      char c = text_[end];
      if (c == '?' && !grammar_.question_operator && end > pos_) break;
      if (end > pos_ && c == '-' && At(end + 1) == '-') break;
      if (end > pos_ && c == '/' && At(end + 1) == '*') break;
      special |= std::string_view("~!@#%^&|?").find(c) != std::string_view::npos;
      ++end;
    }
    if (!special) {
      while (end - pos_ > 1 && (text_[end - 1] == '+' || text_[end - 1] == '-')) --end;
    }
    std::string_view run = text_.substr(pos_, end - pos_);
    for (const OpText& each : kOps) {
      if (each.text == run) {
        return Emit(TokenKind::kOperator, end, static_cast<uint16_t>(each.op));
      }
    }
    if (run == "*" || run.size() == 1) return FixedOperator(pos_ + 1);
    if (run[0] == '*' && grammar_.dialect == Dialect::kDuckDb) return FixedOperator(end);
    Emit(TokenKind::kOperator, end, static_cast<uint16_t>(Op::kFree));
  }

  std::string_view text_;
  const Grammar& grammar_;
  std::vector<Token>& tokens_;
  std::vector<LexProblem>& problems_;
  size_t pos_ = 0;
  bool newline_ = false;
  int executable_ = 0;
  bool no_more_templates_ = false;
  int recoveries_ = 0;
};

}  // namespace

void Lex(std::string_view text, const Grammar& grammar, std::vector<Token>& tokens,
         std::vector<LexProblem>& problems) {
  Lexer(text, grammar, tokens, problems).Run();
}

}  // namespace layergate::sql

#include "jinja/lexer.h"

#include <array>
#include <charconv>
#include <cstdint>

#include <fmt/format.h>

#include "core/source_text.h"

namespace layergate::jinja {
namespace {

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool IsName(char c) { return IsNameStart(c) || IsDigit(c); }

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {
    if (!source_.empty() && source_.back() == '\n') source_.remove_suffix(1);
    if (!source_.empty() && source_.back() == '\r') source_.remove_suffix(1);
  }

  Result<std::vector<Token>> Run() {
    while (at_ < source_.size()) {
      Result<void> step = NextPart();
      if (!step) return step.error();
    }
    Push(Token::Kind::kEnd, "", source_.size());
    return std::move(tokens_);
  }

 private:
  Error ErrorAt(size_t offset, std::string_view message) const {
    LineColumn place = Locate(source_, offset);
    return MakeError(fmt::format("line {}, column {}: {}", place.line, place.column, message));
  }

  void Push(Token::Kind kind, std::string text, size_t offset) {
    tokens_.push_back({kind, std::move(text), static_cast<uint32_t>(offset)});
  }

  bool At(std::string_view text) const { return source_.substr(at_, text.size()) == text; }

  void SkipSpace() {
    while (at_ < source_.size() && IsSpace(source_[at_])) ++at_;
  }

  // Text up to the next opening delimiter, then what that opens.
  Result<void> NextPart() {
    size_t open = at_;
    while (open + 1 < source_.size() &&
           !(source_[open] == '{' &&
             (source_[open + 1] == '{' || source_[open + 1] == '%' || source_[open + 1] == '#'))) {
      ++open;
    }
    if (open + 1 >= source_.size()) {
      AddText(source_.substr(at_), at_);
      at_ = source_.size();
      return {};
    }
    std::string_view text = source_.substr(at_, open - at_);
    char sign = open + 2 < source_.size() ? source_[open + 2] : '\0';
    if (sign == '-') {
      while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
    }
    AddText(text, at_);
    at_ = open + 2 + (sign == '-' || sign == '+' ? 1 : 0);
    switch (source_[open + 1]) {
      case '#':
        return Comment(open);
      case '{':
        return Inside(open, Token::Kind::kPrintBegin, Token::Kind::kPrintEnd, "}}");
      default:
        return BlockOrRaw(open);
    }
  }

  void AddText(std::string_view text, size_t offset) {
    if (!text.empty()) Push(Token::Kind::kText, std::string(text), offset);
  }

  Result<void> Comment(size_t open) {
    size_t close = source_.find("#}", at_);
    if (close == std::string_view::npos) return ErrorAt(open, "this comment is never closed");
    bool trim = close > at_ && source_[close - 1] == '-';
    at_ = close + 2;
    if (trim) SkipSpace();
    return {};
  }

  Result<void> BlockOrRaw(size_t open) {
    size_t before = at_;
    SkipSpace();
    if (!At("raw") || (at_ + 3 < source_.size() && IsName(source_[at_ + 3]))) {
      at_ = before;
      return Inside(open, Token::Kind::kBlockBegin, Token::Kind::kBlockEnd, "%}");
    }
    size_t begin = source_.find("%}", at_);
    if (begin == std::string_view::npos) return ErrorAt(open, "this {% raw %} is never closed");
    bool trim_after = source_[begin - 1] == '-';
    begin += 2;
    if (trim_after) {
      while (begin < source_.size() && IsSpace(source_[begin])) ++begin;
    }
    for (size_t end = source_.find("{%", begin); end != std::string_view::npos;
         end = source_.find("{%", end + 2)) {
      size_t word = end + 2;
      bool trim_before = word < source_.size() && source_[word] == '-';
      if (trim_before) ++word;
      while (word < source_.size() && IsSpace(source_[word])) ++word;
      if (source_.substr(word, 6) != "endraw") continue;
      size_t close = source_.find("%}", word);
      if (close == std::string_view::npos) break;
      std::string_view text = source_.substr(begin, end - begin);
      while (trim_before && !text.empty() && IsSpace(text.back())) text.remove_suffix(1);
      AddText(text, begin);
      bool trim_next = source_[close - 1] == '-';
      at_ = close + 2;
      if (trim_next) SkipSpace();
      return {};
    }
    return ErrorAt(open, "this {% raw %} has no {% endraw %}");
  }

  // The tokens up to the closing delimiter.
  Result<void> Inside(size_t open, Token::Kind begin, Token::Kind end, std::string_view closing) {
    Push(begin, "", open);
    int depth = 0;  // of brackets: `}}` inside a dictionary closes that first
    while (true) {
      SkipSpace();
      if (at_ >= source_.size()) return ErrorAt(open, "this is never closed");
      bool trim = source_[at_] == '-' && source_.substr(at_ + 1, 2) == closing;
      bool keep = source_[at_] == '+' && source_.substr(at_ + 1, 2) == closing;
      if (depth == 0 && (trim || keep || At(closing))) {
        Push(end, "", at_);
        at_ += trim || keep ? 3 : 2;
        if (trim) SkipSpace();
        return {};
      }
      char c = source_[at_];
      if (c == '{' || c == '[' || c == '(') ++depth;
      if (c == '}' || c == ']' || c == ')') --depth;
      Result<void> token = NextToken();
      if (!token) return token.error();
    }
  }

  Result<void> NextToken() {
    char c = source_[at_];
    size_t begin = at_;
    if (IsNameStart(c)) {
      while (at_ < source_.size() && IsName(source_[at_])) ++at_;
      Push(Token::Kind::kName, std::string(source_.substr(begin, at_ - begin)), begin);
      return {};
    }
    if (IsDigit(c)) return Number();
    if (c == '\'' || c == '"') return String();
    constexpr std::array<std::string_view, 25> kOperators = {
        "**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<",
        ">",  "(",  ")",  "[",  "]",  "{",  "}", ",", ":", ".", "|", "="};
    for (std::string_view op : kOperators) {
      if (!At(op)) continue;
      at_ += op.size();
      Push(Token::Kind::kOperator, std::string(op), begin);
      return {};
    }
    return ErrorAt(at_,
                   fmt::format("unexpected character {:?}", std::string_view(&source_[at_], 1)));
  }

  Result<void> Number() {
    size_t begin = at_;
    std::string text;
    auto digits = [&] {
      while (at_ < source_.size() && (IsDigit(source_[at_]) || source_[at_] == '_')) {
        if (source_[at_] != '_') text += source_[at_];
        ++at_;
      }
    };
    digits();
    bool is_float = false;
    if (at_ + 1 < source_.size() && source_[at_] == '.' && IsDigit(source_[at_ + 1])) {
      is_float = true;
      text += source_[at_++];
      digits();
    }
    if (at_ < source_.size() && (source_[at_] == 'e' || source_[at_] == 'E')) {
      size_t sign = at_ + 1;
      if (sign < source_.size() && (source_[sign] == '-' || source_[sign] == '+')) ++sign;
      if (sign < source_.size() && IsDigit(source_[sign])) {
        is_float = true;
        text += source_.substr(at_, sign - at_);
        at_ = sign;
        digits();
      }
    }
    Push(is_float ? Token::Kind::kFloat : Token::Kind::kInteger, std::move(text), begin);
    return {};
  }

  Result<void> String() {
    size_t begin = at_;
    char quote = source_[at_++];
    std::string text;
    while (at_ < source_.size() && source_[at_] != quote) {
      if (source_[at_] == '\\' && at_ + 1 < source_.size()) {
        Escape(text);
      } else {
        text += source_[at_++];
      }
    }
    if (at_ >= source_.size()) return ErrorAt(begin, "this string is never closed");
    if (bad_escape_) return ErrorAt(begin, "an escape in this string is no character");
    ++at_;
    Push(Token::Kind::kString, std::move(text), begin);
    return {};
  }

  void Escape(std::string& text) {
    char c = source_[at_ + 1];
    constexpr std::string_view kLetters = "ntrabfv\\'\"", kMeant = "\n\t\r\a\b\f\v\\'\"";
    size_t letter = kLetters.find(c);
    size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (letter != std::string_view::npos) {
      text += kMeant[letter];
    } else if (c == '\n') {
      // an escaped end of the line is nothing
    } else if (digits > 0) {
      CodePoint(at_ + 2, digits, 16, text);
      at_ += digits;
    } else if (c >= '0' && c <= '7') {
      size_t length = 1;
      while (length < 3 && at_ + 1 + length < source_.size() && source_[at_ + 1 + length] >= '0' &&
             source_[at_ + 1 + length] <= '7')
        ++length;
      CodePoint(at_ + 1, length, 8, text);
      at_ += length - 1;
    } else {  // Python keeps the backslash of an escape that it does not know
      text += '\\';
      text += c;
    }
    at_ += 2;
  }

  // The character with the number that `length` digits from `begin` on write.
  void CodePoint(size_t begin, size_t length, int base, std::string& text) {
    uint32_t point = 0;
    std::string_view digits = source_.substr(begin, length);
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), point, base);
    bool whole = error == std::errc() && digits.size() == length && end == digits.end();
    if (!whole || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000) ||
        (point > 0 && point < 3)) {
      bad_escape_ = true;
    } else if (point < 0x80) {
      text += static_cast<char>(point);
    } else if (point < 0x800) {
      text += static_cast<char>(0xC0 | point >> 6);
      text += static_cast<char>(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
      text += static_cast<char>(0xE0 | point >> 12);
      text += static_cast<char>(0x80 | (point >> 6 & 0x3F));
      text += static_cast<char>(0x80 | (point & 0x3F));
    } else {
      text += static_cast<char>(0xF0 | point >> 18);
      text += static_cast<char>(0x80 | (point >> 12 & 0x3F));
      text += static_cast<char>(0x80 | (point >> 6 & 0x3F));
      text += static_cast<char>(0x80 | (point & 0x3F));
    }
  }

  std::string_view source_;
  bool bad_escape_ = false;
  size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

Result<std::vector<Token>> Tokenize(std::string_view source) { return Lexer(source).Run(); }

}  // namespace layergate::jinja

#include "support/mini_jinja.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include <fmt/format.h>

#include "core/source_text.h"
#include "core/text.h"

namespace layergate::minidbt {
namespace {

bool IsWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// A reader of literals and one call, left to right over one expression.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<Expression> Whole() {
    Expression expression;
    Blank();
    expression.name = Name();
    if (expression.name.empty()) return Fail("an expression that is neither a name nor a call");
    if (Take('(')) {
      expression.is_call = true;
      LAYERGATE_TRY(bool read, Arguments(expression));
      (void)read;
    }
    Blank();
    if (at_ != text_.size()) return Fail("more than one name or call");
    return expression;
  }

 private:
  Error Fail(std::string_view what) const {
    return MakeError(fmt::format("`{{{{ {} }}}}` holds {}", Trim(text_), what),
                     "cases know ref, source, config, var, this and their own macros with literal "
                     "arguments (tests/cases/README.md)");
  }
  void Blank() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  bool Take(char c) {
    Blank();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::string Name() {
    Blank();
    size_t begin = at_;
    while (at_ < text_.size() && (IsWord(text_[at_]) || (text_[at_] == '.' && at_ > begin))) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  Result<bool> Arguments(Expression& expression) {
    if (Take(')')) return true;
    do {
      Blank();
      size_t before = at_;
      std::string key = Name();
      if (!key.empty() && Take('=')) {
        LAYERGATE_TRY(Value value, Literal());
        expression.kwargs.emplace_back(key, std::move(value));
        continue;
      }
      at_ = before;
      LAYERGATE_TRY(Value value, Literal());
      expression.args.push_back(std::move(value));
    } while (Take(','));
    if (!Take(')')) return Fail("an argument that is not a literal");
    return true;
  }

  Result<Value> Literal() {
    Blank();
    if (at_ >= text_.size()) return Fail("an unfinished call");
    char c = text_[at_];
    if (c == '\'' || c == '"') return Text(c);
    if (c == '[') return List();
    if (c == '{') return Dictionary();
    if (c == '-' || std::isdigit(static_cast<unsigned char>(c))) return Number();
    std::string word = ToLower(Name());
    if (word == "true") return Value(true);
    if (word == "false") return Value(false);
    if (word == "none") return Value();
    return Fail("an argument that is not a literal");
  }
  Result<Value> Text(char quote) {
    size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) return Fail("text without an end");
    Value value(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return value;
  }
  Result<Value> Number() {
    size_t begin = at_;
    while (at_ < text_.size() && (IsWord(text_[at_]) || text_[at_] == '-' || text_[at_] == '.')) {
      ++at_;
    }
    std::string digits(text_.substr(begin, at_ - begin));
    long long whole = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), whole);
    if (error == std::errc() && end == digits.data() + digits.size()) return Value(whole);
    return Value(std::strtod(digits.c_str(), nullptr));
  }
  Result<Value> List() {
    Value list = Value::MakeArray();
    Take('[');
    if (Take(']')) return list;
    do {
      LAYERGATE_TRY(Value item, Literal());
      list.Append(std::move(item));
    } while (Take(','));
    if (!Take(']')) return Fail("a list without an end");
    return list;
  }
  Result<Value> Dictionary() {
    Value map = Value::MakeObject();
    Take('{');
    if (Take('}')) return map;
    do {
      LAYERGATE_TRY(Value key, Literal());
      if (!Take(':')) return Fail("a dictionary key without a value");
      LAYERGATE_TRY(Value item, Literal());
      map.Set(key.AsString(), std::move(item));
    } while (Take(','));
    if (!Take('}')) return Fail("a dictionary without an end");
    return map;
  }

  std::string_view text_;
  size_t at_ = 0;
};

// "{%- if x -%}" -> "if x".
std::string_view InsideOfTag(std::string_view tag) {
  tag = tag.substr(2, tag.size() - 4);
  if (!tag.empty() && tag.front() == '-') tag.remove_prefix(1);
  if (!tag.empty() && tag.back() == '-') tag.remove_suffix(1);
  return Trim(tag);
}

}  // namespace

Result<Expression> ReadExpression(std::string_view text) { return Reader(text).Whole(); }

Result<std::string> Render(std::string_view text, const Replace& replace) {
  std::string out;
  size_t at = 0;
  while (at < text.size()) {
    size_t open = text.find('{', at);
    if (open == std::string_view::npos || open + 1 >= text.size()) break;
    char kind = text[open + 1];
    if (kind != '{' && kind != '#' && kind != '%') {
      out += text.substr(at, open + 1 - at);
      at = open + 1;
      continue;
    }
    out += text.substr(at, open - at);
    const char* close_mark = kind == '{' ? "}}" : kind == '#' ? "#}" : "%}";
    size_t close = text.find(close_mark, open + 2);
    if (close == std::string_view::npos) return MakeError("a Jinja tag without an end");
    std::string_view tag = text.substr(open, close + 2 - open);
    at = close + 2;
    if (kind == '#') continue;
    if (kind == '%') {
      return MakeError(fmt::format("`{}` is Jinja that cases do not know", tag),
                       "write the SQL that it gives, or put the block into a macro that no model "
                       "calls");
    }
    LAYERGATE_TRY(Expression expression, ReadExpression(InsideOfTag(tag)));
    LAYERGATE_TRY(std::string piece, replace(expression));
    out += piece;
  }
  out += text.substr(std::min(at, text.size()));
  return out;
}

Result<std::vector<MacroText>> ReadMacros(std::string_view text) {
  std::vector<MacroText> macros;
  size_t at = 0;
  while ((at = text.find("{%", at)) != std::string_view::npos) {
    size_t end = text.find("%}", at);
    if (end == std::string_view::npos) return MakeError("a Jinja tag without an end");
    std::string_view head = InsideOfTag(text.substr(at, end + 2 - at));
    if (head.substr(0, 6) != "macro ") {
      at = end + 2;
      continue;
    }
    MacroText macro;
    size_t open = head.find('(');
    size_t close = head.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos) {
      return MakeError(fmt::format("`{}` has no list of parameters", head));
    }
    macro.name = std::string(Trim(head.substr(6, open - 6)));
    for (std::string_view parameter : Split(head.substr(open + 1, close - open - 1), ',')) {
      parameter = Trim(parameter.substr(0, parameter.find('=')));
      if (!parameter.empty()) macro.parameters.emplace_back(parameter);
    }
    size_t stop = text.find("endmacro", end);
    if (stop == std::string_view::npos) {
      return MakeError(fmt::format("macro {} has no endmacro", macro.name));
    }
    size_t body_end = text.rfind("{%", stop);
    size_t whole_end = text.find("%}", stop);
    macro.body = std::string(text.substr(end + 2, body_end - end - 2));
    macro.whole = std::string(text.substr(at, whole_end + 2 - at));
    at = whole_end + 2;
    macros.push_back(std::move(macro));
  }
  return macros;
}

std::vector<std::string> CalledNames(std::string_view text) {
  std::vector<std::string> names;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '(') continue;
    size_t begin = i;
    while (begin > 0 && (IsWord(text[begin - 1]) || text[begin - 1] == '.')) --begin;
    std::string name(text.substr(begin, i - begin));
    if (name.empty() || std::find(names.begin(), names.end(), name) != names.end()) continue;
    names.push_back(std::move(name));
  }
  return names;
}

}  // namespace layergate::minidbt

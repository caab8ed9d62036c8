#include "gates/destructive_sql/fragments.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>

#include <fmt/format.h>

#include "core/text.h"
#include "jinja/ast.h"

namespace layergate::destructive_sql {
namespace {

using jinja::Expression;
using jinja::Statement;
using E = Expression::Kind;
using S = Statement::Kind;

// Of an {% if %} with more branches than this, the rest is not looked at one by one; no hook that
// a person can review has that many.
constexpr size_t kMostVariants = 8;

// What the i-th {{ ... }} stands as: a name in every dialect.
std::string Placeholder(size_t i) { return fmt::format("lgx{}x", i); }

constexpr std::array kTalks = {"log", "print", "config", "exceptions", "doc"};
constexpr std::array kSends = {"run_query", "execute", "get_query_results_as_dict",
                               "get_single_value"};
constexpr std::array kDrops = {"drop_relation", "drop_relation_if_exists", "drop_schema",
                               "drop_schema_named"};
constexpr std::array kTruncates = {"truncate_relation"};

template <typename List>
bool Among(const List& list, std::string_view word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

// "adapter.drop_relation", "row[0]" for an expression of names, attributes and plain keys; empty
// for anything else.
std::string DottedName(const Expression& expression) {
  if (expression.kind == E::kName) return expression.text;
  if (expression.kind == E::kItem && expression.operands.size() == 2) {  // row[0], row['name']
    std::string base = DottedName(*expression.operands[0]);
    const Expression& key = *expression.operands[1];
    bool literal = key.kind == E::kLiteral && (key.literal.is_int() || key.literal.is_string());
    if (base.empty() || !literal) return {};
    return fmt::format("{}[{}]", base, key.literal.Repr());
  }
  if (expression.kind != E::kAttribute || expression.operands.empty()) return {};
  std::string base = DottedName(*expression.operands[0]);
  return base.empty() ? base : base + "." + expression.text;
}

std::string_view LastPart(std::string_view dotted) {
  size_t dot = dotted.rfind('.');
  return dot == std::string_view::npos ? dotted : dotted.substr(dot + 1);
}

size_t WidestChoice(const jinja::Block& block);

size_t WidestChoice(const Expression* expression) {
  if (!expression) return 1;
  size_t widest = expression->kind == E::kCondition ? 2 : 1;
  for (const auto& operand : expression->operands) {
    widest = std::max(widest, WidestChoice(operand.get()));
  }
  return widest;
}

size_t WidestChoice(const jinja::Block& block) {
  size_t widest = 1;
  for (const Statement& statement : block) {
    size_t branches = statement.branches.size();
    bool has_else = branches > 0 && !statement.branches.back().test;
    if (branches > 0) widest = std::max(widest, branches + (has_else ? 0 : 1));
    for (const auto& branch : statement.branches) {
      widest = std::max(widest, WidestChoice(branch.body));
    }
    widest = std::max({widest, WidestChoice(statement.body), WidestChoice(statement.otherwise),
                       WidestChoice(statement.expression.get())});
  }
  return std::min(widest, kMostVariants);
}

// Reads one template once for one choice at every {% if %}.
class Reader {
 public:
  Reader(std::string_view source, size_t variant, Template& out)
      : source_(source), variant_(variant), out_(out) {}

  void Read(const jinja::Block& body) {
    std::string text;
    Run(body, text);
    Add(Fragment::Origin::kText, std::move(text));
  }

 private:
  void Add(Fragment::Origin origin, std::string sql) {
    if (Trim(sql).empty()) return;
    for (const Fragment& there : out_.fragments) {
      if (there.origin == origin && there.sql == sql) return;
    }
    out_.fragments.push_back({origin, std::move(sql)});
  }

  // ---- statements ----

  void Run(const jinja::Block& block, std::string& out) {
    for (const Statement& statement : block) RunOne(statement, out);
  }

  void RunOne(const Statement& statement, std::string& out) {
    switch (statement.kind) {
      case S::kText:
        out += statement.text;
        return;
      case S::kPrint:
        out += TextOf(*statement.expression, statement.offset);
        Visit(*statement.expression);
        return;
      case S::kSet:
        return Set(statement);
      case S::kSetBlock:
        return SetBlock(statement);
      case S::kIf: {
        size_t chosen = std::min(variant_, statement.branches.size());
        for (const auto& branch : statement.branches) {
          if (branch.test) Visit(*branch.test);
        }
        if (chosen < statement.branches.size()) Run(statement.branches[chosen].body, out);
        if (chosen == statement.branches.size() && !statement.branches.empty() &&
            !statement.branches.back().test) {
          Run(statement.branches.back().body, out);
        }
        return;
      }
      case S::kCall:
        return Call(statement);
      case S::kSkipped:
        if (statement.text == "docs") return;
        in_materialization_ += statement.text == "materialization" ? 1 : 0;
        Run(statement.body, out);
        in_materialization_ -= statement.text == "materialization" ? 1 : 0;
        return;
      case S::kDo:
        Visit(*statement.expression);
        return;
      default:
        if (statement.expression) Visit(*statement.expression);
        for (const auto& value : statement.values) Visit(*value);
        Run(statement.body, out);
        return;
    }
  }

  void Set(const Statement& statement) {
    Visit(*statement.expression);
    if (statement.targets.size() != 1 || statement.targets[0]->kind != E::kName) return;
    std::string text;
    if (IsText(*statement.expression)) text = TextOf(*statement.expression, statement.offset);
    names_[statement.targets[0]->text] = std::move(text);
  }

  void SetBlock(const Statement& statement) {
    std::string text;
    Run(statement.body, text);
    Add(Fragment::Origin::kLiteral, text);
    if (statement.targets.size() == 1) names_[statement.targets[0]->text] = std::move(text);
  }

  void Call(const Statement& statement) {
    std::string text;
    Run(statement.body, text);
    Add(Fragment::Origin::kStatement, std::move(text));
    Visit(*statement.expression);
  }

  // ---- expressions ----

  // Whether an expression is text that can be told without running anything, at least in part.
  bool IsText(const Expression& expression) const {
    switch (expression.kind) {
      case E::kLiteral:
        return expression.literal.is_string();
      case E::kName: {
        auto found = names_.find(expression.text);
        return found != names_.end() && !found->second.empty();
      }
      case E::kBinary:
        return (expression.text == "~" || expression.text == "+" || expression.text == "%") &&
               std::any_of(expression.operands.begin(), expression.operands.end(),
                           [&](const auto& operand) { return IsText(*operand); });
      case E::kCondition:
        return IsText(*Chosen(expression));
      case E::kCall:
        return IsFormat(expression) && IsText(*expression.operands[0]->operands[0]);
      default:
        return false;
    }
  }

  // "...".format(x), "...".strip()
  static bool IsFormat(const Expression& call) {
    return !call.operands.empty() && call.operands[0]->kind == E::kAttribute &&
           !call.operands[0]->operands.empty();
  }

  const Expression* Chosen(const Expression& condition) const {
    bool other = variant_ % 2 == 1 && condition.operands.size() > 2 && condition.operands[2];
    return condition.operands[other ? 2 : 0].get();
  }

  // The text that an expression gives: literals as they are, anything else as a made-up name.
  std::string TextOf(const Expression& expression, uint32_t offset) {
    if (!IsText(expression)) return Mask(expression, offset);
    switch (expression.kind) {
      case E::kLiteral:
        return expression.literal.as_string();
      case E::kName:
        return names_[expression.text];
      case E::kCondition:
        return TextOf(*Chosen(expression), offset);
      case E::kCall:
        return WithFields(TextOf(*expression.operands[0]->operands[0], offset));
      default: {
        if (expression.text == "%") return TextOf(*expression.operands[0], offset);
        std::string text;
        for (const auto& operand : expression.operands) text += TextOf(*operand, operand->offset);
        return text;
      }
    }
  }

  // The {} of "...".format(...) as made-up names.
  std::string WithFields(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
      size_t close = text[i] == '{' ? text.find('}', i) : std::string_view::npos;
      if (close == std::string_view::npos) {
        out += text[i];
        continue;
      }
      out += NewName(std::string(text.substr(i, close - i + 1)));
      i = close;
    }
    return out;
  }

  std::string Mask(const Expression& expression, uint32_t offset) {
    size_t end = source_.find("}}", offset);
    bool printed = source_.substr(offset, 2) == "{{" && end != std::string_view::npos;
    if (printed) return NewName(std::string(source_.substr(offset, end + 2 - offset)));
    std::string name = DottedName(expression);
    return NewName(name.empty() ? "{{ ... }}" : fmt::format("{{{{ {} }}}}", name));
  }

  std::string NewName(std::string original) {
    for (size_t i = 0; i < out_.masked.size(); ++i) {
      if (out_.masked[i] == original) return Placeholder(i);
    }
    out_.masked.push_back(std::move(original));
    return Placeholder(out_.masked.size() - 1);
  }

  // Looks through an expression for calls and for literals that may be sent. `inside`: it is a part
  // of a text that was taken as a whole.
  void Visit(const Expression& expression, bool inside = false) {
    bool text = IsText(expression);
    if (text && !inside && expression.kind != E::kName) {
      Add(Fragment::Origin::kLiteral, TextOf(expression, expression.offset));
    }
    if (expression.kind == E::kCall && VisitCall(expression)) return;
    for (const auto& operand : expression.operands) {
      if (operand) Visit(*operand, inside || text);
    }
    for (const auto& argument : expression.arguments) {
      if (argument.value) Visit(*argument.value, inside);
    }
  }

  // True when the arguments of this call are not to be looked at any more.
  bool VisitCall(const Expression& call) {
    if (call.operands.empty()) return false;
    std::string name = DottedName(*call.operands[0]);
    if (name.empty()) return false;
    std::string_view first = std::string_view(name).substr(0, name.find('.'));
    std::string_view last = LastPart(name);
    if (Among(kTalks, first)) return true;
    if (last == "dispatch" && !call.arguments.empty() && call.arguments[0].value &&
        call.arguments[0].value->literal.is_string()) {
      out_.called.push_back(call.arguments[0].value->literal.as_string());
      return true;
    }
    out_.called.emplace_back(last);
    bool drops = Among(kDrops, last), truncates = Among(kTruncates, last);
    if ((drops || truncates) && !(in_materialization_ > 0 && IsScratch(call))) {
      out_.adapter_calls.push_back({truncates, TextOfCall(call)});
    }
    if (!Among(kSends, last) || call.arguments.empty() || !call.arguments[0].value) return false;
    const Expression& sent = *call.arguments[0].value;
    if (IsText(sent)) Add(Fragment::Origin::kStatement, TextOf(sent, sent.offset));
    return false;
  }

  // dbt's own way of building a table: a relation beside the real one is made, swapped, dropped.
  bool IsScratch(const Expression& call) const {
    std::string text = ToLower(TextOfCall(call));
    constexpr std::array kScratch = {"tmp",    "temp",        "backup",   "intermediate",
                                     "old",    "preexisting", "existing", "staging_relation",
                                     "to_drop"};
    return std::any_of(kScratch.begin(), kScratch.end(),
                       [&](const char* word) { return text.find(word) != std::string::npos; });
  }

  std::string TextOfCall(const Expression& call) const {
    std::string name = DottedName(*call.operands[0]);
    std::vector<std::string> arguments;
    for (const auto& argument : call.arguments) {
      std::string value = argument.value ? DottedName(*argument.value) : std::string();
      arguments.push_back(value.empty() ? "..." : value);
    }
    return fmt::format("{}({})", name, Join(arguments, ", "));
  }

  std::string_view source_;
  size_t variant_;
  Template& out_;
  std::map<std::string, std::string, std::less<>> names_;
  int in_materialization_ = 0;
};

// A macro's body without its {% macro %} around it: the manifest keeps both.
const jinja::Block& BodyOf(const jinja::Block& block) {
  const Statement* only = nullptr;
  for (const Statement& statement : block) {
    if (statement.kind == S::kText && Trim(statement.text).empty()) continue;
    if (only) return block;
    only = &statement;
  }
  return only && only->kind == S::kMacro ? only->body : block;
}

}  // namespace

std::string Template::Original(std::string_view sql) const {
  std::string out;
  for (size_t i = 0; i < sql.size(); ++i) {
    size_t number = 0;
    if (sql.substr(i, 3) == "lgx") {
      auto [end, error] = std::from_chars(sql.data() + i + 3, sql.data() + sql.size(), number);
      if (error == std::errc() && end != sql.data() + sql.size() && *end == 'x' &&
          number < masked.size()) {
        out += masked[number];
        i = static_cast<size_t>(end - sql.data());
        continue;
      }
    }
    out += sql[i];
  }
  std::string line;
  for (char c : out) {
    bool blank = c == '\n' || c == '\t' || c == '\r' || c == ' ';
    if (!blank) line += c;
    if (blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  return std::string(Trim(line));
}

Template ReadTemplate(const std::string& text) {
  Template out;
  auto parsed = jinja::ParseTemplate(text);
  if (!parsed) {
    out.problem = parsed.error().message;
    return out;
  }
  const jinja::Block& body = BodyOf((*parsed)->body);
  size_t variants = WidestChoice(body);
  for (size_t variant = 0; variant < variants; ++variant) {
    Reader((*parsed)->text, variant, out).Read(body);
  }
  std::sort(out.called.begin(), out.called.end());
  out.called.erase(std::unique(out.called.begin(), out.called.end()), out.called.end());
  std::vector<AdapterCall> calls;
  for (AdapterCall& call : out.adapter_calls) {
    bool there = std::any_of(calls.begin(), calls.end(),
                             [&](const AdapterCall& other) { return other.text == call.text; });
    if (!there) calls.push_back(std::move(call));
  }
  out.adapter_calls = std::move(calls);
  return out;
}

Template ReadPython(std::string_view code) {
  Template out;
  for (size_t i = 0; i < code.size(); ++i) {
    char quote = code[i];
    if (quote == '#') {
      i = std::min(code.find('\n', i), code.size());
      continue;
    }
    if (quote != '"' && quote != '\'') continue;
    bool is_long = code.substr(i, 3) == std::string(3, quote);
    std::string close = is_long ? std::string(3, quote) : std::string(1, quote);
    size_t begin = i + close.size();
    size_t end = begin;
    while (end < code.size() && code.substr(end, close.size()) != close) {
      end += code[end] == '\\' ? 2 : 1;
    }
    end = std::min(end, code.size());
    std::string sql;
    for (size_t k = begin; k < end; ++k) {  // f"delete from {table}"
      size_t brace = code[k] == '{' ? code.find('}', k) : std::string_view::npos;
      if (brace == std::string_view::npos || brace >= end) {
        sql += code[k];
        continue;
      }
      out.masked.emplace_back(code.substr(k, brace - k + 1));
      sql += Placeholder(out.masked.size() - 1);
      k = brace;
    }
    out.fragments.push_back({Fragment::Origin::kLiteral, std::move(sql)});
    i = end + close.size() - 1;
  }
  return out;
}

}  // namespace layergate::destructive_sql

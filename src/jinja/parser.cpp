// Jinja's grammar by recursive descent, from tokens to trees.
#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "core/source_text.h"
#include "jinja/ast.h"
#include "jinja/lexer.h"

namespace layergate::jinja {
namespace {

using Kind = Token::Kind;
using E = Expression::Kind;
using S = Statement::Kind;

constexpr int kMaxDepth = 200;

// Parse errors travel as RenderError inside this file; ParseTemplate turns them into an Error.
class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  Block ParseAll() {
    Block body = ParseBlock({});
    if (Peek().kind != Kind::kEnd) Fail("unexpected end of block");
    return body;
  }

 private:
  struct Deeper {
    explicit Deeper(Parser& parser) : parser_(parser) {
      if (++parser_.depth_ > kMaxDepth) parser_.Fail("nested too deeply");
    }
    ~Deeper() { --parser_.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;
    Parser& parser_;
  };

  const Token& Peek(size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  Token Take() {
    Token token = Peek();
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
  }
  [[noreturn]] void Fail(std::string message) const {
    throw RenderError{std::move(message), Peek().offset};
  }

  bool IsOperator(std::string_view text, size_t ahead = 0) const {
    return Peek(ahead).kind == Kind::kOperator && Peek(ahead).text == text;
  }
  bool IsWord(std::string_view text, size_t ahead = 0) const {
    return Peek(ahead).kind == Kind::kName && Peek(ahead).text == text;
  }
  bool SkipOperator(std::string_view text) {
    if (!IsOperator(text)) return false;
    Take();
    return true;
  }
  bool SkipWord(std::string_view text) {
    if (!IsWord(text)) return false;
    Take();
    return true;
  }
  void Expect(std::string_view text) {
    if (!SkipOperator(text)) Fail(fmt::format("expected '{}'", text));
  }
  std::string ExpectName() {
    if (Peek().kind != Kind::kName) Fail("expected a name");
    return Take().text;
  }
  void ExpectBlockEnd() {
    if (Peek().kind != Kind::kBlockEnd) Fail("expected the end of the statement");
    Take();
  }

  // ---- statements ----

  // Up to (not past) a block whose first word is one of `ends`.
  Block ParseBlock(const std::vector<std::string_view>& ends) {
    Deeper deeper(*this);
    Block block;
    while (true) {
      const Token& token = Peek();
      if (token.kind == Kind::kEnd) return block;
      if (token.kind == Kind::kText) {
        Statement text;
        text.offset = token.offset;
        text.text = Take().text;
        block.push_back(std::move(text));
      } else if (token.kind == Kind::kPrintBegin) {
        Statement print;
        print.kind = S::kPrint;
        print.offset = Take().offset;
        print.expression = ParseTuple();
        if (Peek().kind != Kind::kPrintEnd) Fail("expected '}}'");
        Take();
        block.push_back(std::move(print));
      } else if (token.kind == Kind::kBlockBegin) {
        if (Peek(1).kind == Kind::kName &&
            std::find(ends.begin(), ends.end(), Peek(1).text) != ends.end()) {
          return block;
        }
        block.push_back(ParseStatement());
      } else {
        Fail("unexpected token");
      }
    }
  }

  void EndOf(std::string_view word) {
    if (Peek().kind != Kind::kBlockBegin || !IsWord(word, 1))
      Fail(fmt::format("expected {{% {} %}}", word));
    Take();
    Take();
    if (Peek().kind == Kind::kName) Take();  // {% endmacro name %}
    ExpectBlockEnd();
  }

  Statement ParseStatement() {
    Statement statement;
    statement.offset = Take().offset;
    std::string word = ExpectName();
    if (word == "set") return ParseSet(std::move(statement));
    if (word == "if") return ParseIf(std::move(statement));
    if (word == "for") return ParseFor(std::move(statement));
    if (word == "macro") return ParseMacro(std::move(statement));
    if (word == "call") return ParseCall(std::move(statement));
    if (word == "filter") return ParseFilterBlock(std::move(statement));
    if (word == "with") return ParseWith(std::move(statement));
    if (word == "do") {
      statement.kind = S::kDo;
      statement.expression = ParseTuple();
    } else if (word == "break") {
      statement.kind = S::kBreak;
    } else if (word == "continue") {
      statement.kind = S::kContinue;
    } else if (word == "materialization" || word == "test" || word == "data_test" ||
               word == "docs" || word == "snapshot") {
      return ParseSkipped(std::move(statement), word);
    } else {
      Fail(fmt::format("{{% {} %}} is not supported", word));
    }
    ExpectBlockEnd();
    return statement;
  }

  Statement ParseSet(Statement set) {
    set.kind = S::kSet;
    set.targets = ParseTargets();
    if (SkipOperator("=")) {
      set.expression = ParseTuple();
      ExpectBlockEnd();
      return set;
    }
    set.kind = S::kSetBlock;
    if (IsOperator("|")) set.expression = ParseFilterChain(EmptyName());
    ExpectBlockEnd();
    set.body = ParseBlock({"endset"});
    EndOf("endset");
    return set;
  }

  // Names, attributes of names (ns.x), or a tuple of names.
  std::vector<ExpressionPtr> ParseTargets() {
    std::vector<ExpressionPtr> targets;
    bool parenthesis = SkipOperator("(");
    do {
      if (parenthesis && IsOperator(")")) break;
      ExpressionPtr target = New(E::kName);
      target->text = ExpectName();
      if (SkipOperator(".")) {
        ExpressionPtr attribute = New(E::kAttribute);
        attribute->text = ExpectName();
        attribute->operands.push_back(std::move(target));
        target = std::move(attribute);
      }
      targets.push_back(std::move(target));
    } while (SkipOperator(","));
    if (parenthesis) Expect(")");
    return targets;
  }

  Statement ParseIf(Statement statement) {
    statement.kind = S::kIf;
    statement.branches.push_back({ParseTuple(), {}});
    ExpectBlockEnd();
    while (true) {
      statement.branches.back().body = ParseBlock({"elif", "else", "endif"});
      if (Peek().kind != Kind::kBlockBegin) Fail("expected {% endif %}");
      if (IsWord("elif", 1)) {
        Take();
        Take();
        ExpressionPtr test = ParseTuple();
        ExpectBlockEnd();
        statement.branches.push_back({std::move(test), {}});
      } else if (IsWord("else", 1)) {
        Take();
        Take();
        ExpectBlockEnd();
        statement.branches.push_back({nullptr, {}});
      } else {
        EndOf("endif");
        return statement;
      }
    }
  }

  Statement ParseFor(Statement statement) {
    statement.kind = S::kFor;
    statement.targets = ParseTargets();
    if (!SkipWord("in")) Fail("expected 'in'");
    statement.expression = ParseTuple(/*with_condition=*/false);
    if (SkipWord("if")) statement.filter = ParseExpression();
    if (SkipWord("recursive")) statement.recursive = true;
    ExpectBlockEnd();
    statement.body = ParseBlock({"else", "endfor"});
    if (Peek().kind == Kind::kBlockBegin && IsWord("else", 1)) {
      Take();
      Take();
      ExpectBlockEnd();
      statement.otherwise = ParseBlock({"endfor"});
    }
    EndOf("endfor");
    return statement;
  }

  std::vector<Parameter> ParseParameters() {
    std::vector<Parameter> parameters;
    Expect("(");
    while (!SkipOperator(")")) {
      Parameter parameter{ExpectName(), nullptr};
      if (SkipOperator(":")) SkipType();
      if (SkipOperator("=")) parameter.otherwise = ParseExpression();
      parameters.push_back(std::move(parameter));
      if (!IsOperator(")")) Expect(",");
    }
    return parameters;
  }

  // dbt's macros may say what type a parameter has: dict[str, int].
  void SkipType() {
    Deeper deeper(*this);
    ExpectName();
    if (!SkipOperator("[")) return;
    do SkipType();
    while (SkipOperator(","));
    Expect("]");
  }

  Statement ParseMacro(Statement macro) {
    macro.kind = S::kMacro;
    macro.text = ExpectName();
    macro.parameters = ParseParameters();
    ExpectBlockEnd();
    Statement::SpeaksOf around = std::exchange(speaks_of_, {});
    macro.body = ParseBlock({"endmacro"});
    macro.speaks_of = speaks_of_;
    AddTo(around);
    EndOf("endmacro");
    return macro;
  }

  Statement ParseCall(Statement call) {
    call.kind = S::kCall;
    if (IsOperator("(")) call.parameters = ParseParameters();
    call.expression = ParsePostfix(ParsePrimary());
    if (call.expression->kind != E::kCall) Fail("expected a call");
    ExpectBlockEnd();
    Statement::SpeaksOf around = std::exchange(speaks_of_, {});
    call.body = ParseBlock({"endcall"});
    call.speaks_of = speaks_of_;
    AddTo(around);
    EndOf("endcall");
    return call;
  }
  // What stands inside an inner macro counts for the outer one, too.
  void AddTo(const Statement::SpeaksOf& around) {
    speaks_of_.varargs |= around.varargs;
    speaks_of_.kwargs |= around.kwargs;
    speaks_of_.caller |= around.caller;
  }

  Statement ParseFilterBlock(Statement filter) {
    filter.kind = S::kFilter;
    filter.expression = ParseOneFilter(EmptyName());
    filter.expression = ParseFilterChain(std::move(filter.expression));
    ExpectBlockEnd();
    filter.body = ParseBlock({"endfilter"});
    EndOf("endfilter");
    return filter;
  }

  Statement ParseWith(Statement with) {
    with.kind = S::kWith;
    while (Peek().kind != Kind::kBlockEnd) {
      ExpressionPtr target = New(E::kName);
      target->text = ExpectName();
      Expect("=");
      with.targets.push_back(std::move(target));
      with.values.push_back(ParseExpression());
      if (Peek().kind != Kind::kBlockEnd) Expect(",");
    }
    ExpectBlockEnd();
    with.body = ParseBlock({"endwith"});
    EndOf("endwith");
    return with;
  }

  // dbt's own blocks. A snapshot's body is its SQL; the others are not part of a model's text.
  Statement ParseSkipped(Statement statement, const std::string& word) {
    statement.kind = S::kSkipped;
    statement.text = word;
    while (Peek().kind != Kind::kBlockEnd && Peek().kind != Kind::kEnd) Take();
    ExpectBlockEnd();
    std::string end = "end" + (word == "data_test" ? std::string("data_test") : word);
    statement.body = ParseBlock({end});
    EndOf(end);
    return statement;
  }

  // ---- expressions ----

  ExpressionPtr New(E kind) const {
    auto node = std::make_unique<Expression>();
    node->kind = kind;
    node->offset = Peek().offset;
    return node;
  }
  ExpressionPtr EmptyName() const { return New(E::kName); }

  ExpressionPtr ParseTuple(bool with_condition = true) {
    ExpressionPtr first = with_condition ? ParseExpression() : ParseOr();
    if (!IsOperator(",")) return first;
    ExpressionPtr tuple = New(E::kList);
    tuple->text = "tuple";
    tuple->operands.push_back(std::move(first));
    while (SkipOperator(",")) {
      if (Peek().kind == Kind::kBlockEnd || Peek().kind == Kind::kPrintEnd || IsOperator(")"))
        break;
      tuple->operands.push_back(with_condition ? ParseExpression() : ParseOr());
    }
    return tuple;
  }

  ExpressionPtr ParseExpression() {
    Deeper deeper(*this);
    ExpressionPtr then = ParseOr();
    while (IsWord("if")) {
      ExpressionPtr condition = New(E::kCondition);
      Take();
      condition->operands.push_back(std::move(then));
      condition->operands.push_back(ParseOr());
      if (SkipWord("else")) condition->operands.push_back(ParseExpression());
      then = std::move(condition);
    }
    return then;
  }

  ExpressionPtr Binary(std::string op, ExpressionPtr left, ExpressionPtr right) {
    ExpressionPtr node = New(E::kBinary);
    node->text = std::move(op);
    node->operands.push_back(std::move(left));
    node->operands.push_back(std::move(right));
    return node;
  }

  ExpressionPtr ParseOr() {
    ExpressionPtr left = ParseAnd();
    while (SkipWord("or")) left = Binary("or", std::move(left), ParseAnd());
    return left;
  }
  ExpressionPtr ParseAnd() {
    ExpressionPtr left = ParseNot();
    while (SkipWord("and")) left = Binary("and", std::move(left), ParseNot());
    return left;
  }
  ExpressionPtr ParseNot() {
    if (!IsWord("not")) return ParseCompare();
    Deeper deeper(*this);
    ExpressionPtr node = New(E::kUnary);
    node->text = Take().text;
    node->operands.push_back(ParseNot());
    return node;
  }

  std::string TakeComparison() {
    for (std::string_view op : {"==", "!=", "<=", ">=", "<", ">"}) {
      if (SkipOperator(op)) return std::string(op);
    }
    if (SkipWord("in")) return "in";
    if (IsWord("not") && IsWord("in", 1)) {
      Take();
      Take();
      return "not in";
    }
    return {};
  }

  ExpressionPtr ParseCompare() {
    ExpressionPtr left = ParseSum();
    std::string op = TakeComparison();
    if (op.empty()) return left;
    ExpressionPtr node = New(E::kCompare);
    node->operands.push_back(std::move(left));
    while (!op.empty()) {
      node->operators.push_back(op);
      node->operands.push_back(ParseSum());
      op = TakeComparison();
    }
    return node;
  }

  ExpressionPtr ParseSum() {
    ExpressionPtr left = ParseConcat();
    while (IsOperator("+") || IsOperator("-")) {
      std::string op = Take().text;
      left = Binary(std::move(op), std::move(left), ParseConcat());
    }
    return left;
  }
  ExpressionPtr ParseConcat() {
    ExpressionPtr left = ParseProduct();
    while (SkipOperator("~")) left = Binary("~", std::move(left), ParseProduct());
    return left;
  }
  ExpressionPtr ParseProduct() {
    ExpressionPtr left = ParseUnary();
    while (IsOperator("*") || IsOperator("/") || IsOperator("//") || IsOperator("%")) {
      std::string op = Take().text;
      left = Binary(std::move(op), std::move(left), ParseUnary());
    }
    return left;
  }

  ExpressionPtr ParseUnary(bool with_filters = true) {
    Deeper deeper(*this);
    ExpressionPtr node;
    if (IsOperator("-") || IsOperator("+")) {
      node = New(E::kUnary);
      node->text = Take().text;
      node->operands.push_back(ParseUnary(false));
    } else {
      node = ParsePrimary();
    }
    node = ParsePostfix(std::move(node));
    if (SkipOperator("**")) node = Binary("**", std::move(node), ParseUnary());
    return with_filters ? ParseFiltersAndTests(std::move(node)) : std::move(node);
  }

  ExpressionPtr ParsePostfix(ExpressionPtr node) {
    while (true) {
      if (IsOperator(".")) {
        ExpressionPtr attribute = New(E::kAttribute);
        Take();
        if (Peek().kind == Kind::kInteger) {  // a.0
          attribute->kind = E::kItem;
          ExpressionPtr index = New(E::kLiteral);
          index->literal = ParseInteger(Take().text);
          attribute->operands.push_back(std::move(node));
          attribute->operands.push_back(std::move(index));
        } else {
          attribute->text = ExpectName();
          attribute->operands.push_back(std::move(node));
        }
        node = std::move(attribute);
      } else if (IsOperator("[")) {
        node = ParseSubscript(std::move(node));
      } else if (IsOperator("(")) {
        ExpressionPtr call = New(E::kCall);
        call->operands.push_back(std::move(node));
        call->arguments = ParseArguments();
        node = std::move(call);
      } else {
        return node;
      }
    }
  }

  ExpressionPtr ParseSubscript(ExpressionPtr node) {
    ExpressionPtr item = New(E::kItem);
    Expect("[");
    item->operands.push_back(std::move(node));
    ExpressionPtr parts[3];
    int part = 0;
    bool slice = false;
    while (!IsOperator("]")) {
      if (SkipOperator(":")) {
        slice = true;
        if (++part > 2) Fail("too many ':' in a slice");
      } else {
        parts[part] = ParseTuple();
      }
    }
    Expect("]");
    if (!slice) {
      if (!parts[0]) Fail("expected an index");
      item->operands.push_back(std::move(parts[0]));
      return item;
    }
    item->kind = E::kSlice;
    for (ExpressionPtr& p : parts) item->operands.push_back(std::move(p));
    return item;
  }

  std::vector<CallArgument> ParseArguments() {
    std::vector<CallArgument> arguments;
    Expect("(");
    while (!SkipOperator(")")) {
      CallArgument argument;
      if (SkipOperator("**")) {
        argument.star = 2;
      } else if (SkipOperator("*")) {
        argument.star = 1;
      } else if (Peek().kind == Kind::kName && IsOperator("=", 1)) {
        argument.name = Take().text;
        Take();
      }
      argument.value = ParseExpression();
      arguments.push_back(std::move(argument));
      if (!IsOperator(")")) Expect(",");
    }
    return arguments;
  }

  ExpressionPtr ParseOneFilter(ExpressionPtr operand) {
    ExpressionPtr filter = New(E::kFilter);
    filter->text = ExpectName();
    while (SkipOperator(".")) filter->text += "." + ExpectName();
    filter->operands.push_back(std::move(operand));
    if (IsOperator("(")) filter->arguments = ParseArguments();
    return filter;
  }
  ExpressionPtr ParseFilterChain(ExpressionPtr node) {
    while (SkipOperator("|")) node = ParseOneFilter(std::move(node));
    return node;
  }

  ExpressionPtr ParseFiltersAndTests(ExpressionPtr node) {
    while (true) {
      if (IsOperator("|")) {
        node = ParseFilterChain(std::move(node));
      } else if (IsWord("is")) {
        node = ParseTest(std::move(node));
      } else if (IsOperator("(")) {  // a filter's result may be called
        node = ParsePostfix(std::move(node));
      } else {
        return node;
      }
    }
  }

  ExpressionPtr ParseTest(ExpressionPtr operand) {
    ExpressionPtr test = New(E::kTest);
    Take();
    if (SkipWord("not")) test->operators.emplace_back("not");
    test->text = ExpectName();
    test->operands.push_back(std::move(operand));
    if (IsOperator("(")) {
      test->arguments = ParseArguments();
    } else if (StartsArgumentOfTest()) {
      CallArgument argument;
      argument.value = ParsePostfix(ParsePrimary());
      test->arguments.push_back(std::move(argument));
    }
    return test;
  }

  // `is divisibleby 3`: one argument without parentheses.
  bool StartsArgumentOfTest() const {
    Kind kind = Peek().kind;
    if (kind == Kind::kString || kind == Kind::kInteger || kind == Kind::kFloat) return true;
    if (IsOperator("[") || IsOperator("{")) return true;
    if (kind != Kind::kName) return false;
    for (std::string_view word : {"else", "or", "and", "is", "if", "in", "not", "recursive"}) {
      if (IsWord(word)) return false;
    }
    return true;
  }

  Var ParseInteger(const std::string& text) const {
    int64_t number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) Fail("this number is too large");
    return Var(number);
  }

  ExpressionPtr ParsePrimary() {
    Deeper deeper(*this);
    ExpressionPtr node = New(E::kLiteral);
    Token token = Take();
    switch (token.kind) {
      case Kind::kString:
        // Strings side by side are one.
        while (Peek().kind == Kind::kString) token.text += Take().text;
        node->literal = Var(std::move(token.text));
        return node;
      case Kind::kInteger:
        node->literal = ParseInteger(token.text);
        return node;
      case Kind::kFloat: {
        double number = 0;
        std::from_chars(token.text.data(), token.text.data() + token.text.size(), number);
        node->literal = Var(number);
        return node;
      }
      case Kind::kName:
        return NameOrConstant(std::move(node), std::move(token.text));
      case Kind::kOperator:
        return ParseEnclosed(std::move(node), token.text);
      default:
        --at_;
        Fail("expected an expression");
    }
  }

  ExpressionPtr NameOrConstant(ExpressionPtr node, std::string name) {
    if (name == "true" || name == "True") {
      node->literal = Var(true);
    } else if (name == "false" || name == "False") {
      node->literal = Var(false);
    } else if (name == "none" || name == "None") {
      node->literal = Var();
    } else {
      speaks_of_.varargs |= name == "varargs";
      speaks_of_.kwargs |= name == "kwargs";
      speaks_of_.caller |= name == "caller";
      node->kind = E::kName;
      node->text = std::move(name);
    }
    return node;
  }

  ExpressionPtr ParseEnclosed(ExpressionPtr node, const std::string& open) {
    if (open == "(") {
      if (SkipOperator(")")) {
        node->kind = E::kList;
        node->text = "tuple";
        return node;
      }
      ExpressionPtr inner = ParseTuple();
      Expect(")");
      return inner;
    }
    if (open == "[") {
      node->kind = E::kList;
      while (!SkipOperator("]")) {
        node->operands.push_back(ParseExpression());
        if (!IsOperator("]")) Expect(",");
      }
      return node;
    }
    if (open == "{") {
      node->kind = E::kDict;
      while (!SkipOperator("}")) {
        node->operands.push_back(ParseExpression());
        Expect(":");
        node->operands.push_back(ParseExpression());
        if (!IsOperator("}")) Expect(",");
      }
      return node;
    }
    --at_;
    Fail(fmt::format("unexpected '{}'", open));
  }

  std::vector<Token> tokens_;
  size_t at_ = 0;
  int depth_ = 0;
  Statement::SpeaksOf speaks_of_;  // of the macro being read
};

// Jinja knows one kind of line end.
std::string WithNewlines(std::string text) {
  if (text.find('\r') == std::string::npos) return text;
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      result += text[i];
    } else if (i + 1 >= text.size() || text[i + 1] != '\n') {
      result += '\n';
    }
  }
  return result;
}

}  // namespace

Result<std::unique_ptr<Template>> ParseTemplate(std::string text) {
  auto parsed = std::make_unique<Template>();
  parsed->text = WithNewlines(std::move(text));
  LAYERGATE_TRY(std::vector<Token> tokens, Tokenize(parsed->text));
  try {
    parsed->body = Parser(std::move(tokens)).ParseAll();
  } catch (const RenderError& error) {
    LineColumn place = Locate(parsed->text, error.offset);
    return MakeError(
        fmt::format("line {}, column {}: {}", place.line, place.column, error.message));
  }
  return parsed;
}

}  // namespace layergate::jinja

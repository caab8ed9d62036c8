#include "jinja/interpreter.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "jinja/unknown_text.h"

namespace layergate::jinja {
namespace {

using E = Expression::Kind;
using S = Statement::Kind;

// `loop` inside a for.
class Loop final : public Object {
 public:
  Loop(size_t length, size_t depth) : length_(length), depth_(depth) {}
  void Next(size_t index, std::optional<Var> previous, std::optional<Var> next) {
    index_ = index;
    previous_ = std::move(previous);
    next_ = std::move(next);
  }
  std::optional<Var> Attribute(std::string_view name) const override {
    auto number = [](size_t n) { return Var(static_cast<int64_t>(n)); };
    if (name == "index") return number(index_ + 1);
    if (name == "index0") return number(index_);
    if (name == "first") return Var(index_ == 0);
    if (name == "last") return Var(index_ + 1 == length_);
    if (name == "length") return number(length_);
    if (name == "revindex") return number(length_ - index_);
    if (name == "revindex0") return number(length_ - index_ - 1);
    if (name == "depth") return number(depth_);
    if (name == "depth0") return number(depth_ - 1);
    if (name == "previtem") return previous_ ? *previous_ : Var(Undefined{"loop.previtem"});
    if (name == "nextitem") return next_ ? *next_ : Var(Undefined{"loop.nextitem"});
    if (name == "cycle") {
      size_t index = index_;
      return Var::MakeFunction("cycle", [index](Interpreter&, const Arguments& arguments) {
        if (arguments.positional.empty()) throw RenderError{"cycle() needs values", 0};
        return arguments.positional[index % arguments.positional.size()];
      });
    }
    return std::nullopt;
  }

 private:
  size_t length_, depth_, index_ = 0;
  std::optional<Var> previous_, next_;
};

// A macro defined in a template: callable, with the scope it was defined in.
class MacroObject final : public Object {
 public:
  MacroObject(const Statement& macro, Scope* scope) : macro_(macro), scope_(scope) {}
  std::optional<Var> Attribute(std::string_view name) const override {
    if (name == "name") return Var(macro_.text);
    return std::nullopt;
  }
  bool IsCallable() const override { return true; }
  Var Call(Interpreter& interpreter, const Arguments& arguments) override {
    return interpreter.RunMacro(macro_, scope_, arguments);
  }
  std::string ToString() const override { return fmt::format("<Macro '{}'>", macro_.text); }

 private:
  const Statement& macro_;
  Scope* scope_;
};

int64_t FloorDivide(int64_t a, int64_t b) {
  int64_t quotient = a / b;
  return (a % b != 0 && (a < 0) != (b < 0)) ? quotient - 1 : quotient;
}

[[noreturn]] void Unsupported(std::string_view op, const Var& a, const Var& b) {
  throw RenderError{
      fmt::format("'{}' is not defined between {} and {}", op, a.TypeName(), b.TypeName()), 0};
}

Var Add(const Var& a, const Var& b) {
  if (a.is_string() && b.is_string()) {
    CheckTextSize(a.as_string().size() + b.as_string().size());
    return Var(a.as_string() + b.as_string());
  }
  if (a.is_list() && b.is_list()) {
    if (a.list()->items.size() + b.list()->items.size() > 5'000'000)
      throw RenderError{"list too long", 0};
    std::vector<Var> items = a.list()->items;
    items.insert(items.end(), b.list()->items.begin(), b.list()->items.end());
    return Var::MakeList(std::move(items), a.list()->tuple);
  }
  if (!a.is_number() || !b.is_number()) Unsupported("+", a, b);
  if (a.is_double() || b.is_double()) return Var(a.as_double() + b.as_double());
  int64_t sum = 0;
  if (__builtin_add_overflow(a.as_int(), b.as_int(), &sum))
    throw RenderError{"number too large", 0};
  return Var(sum);
}

Var Multiply(const Var& a, const Var& b) {
  if (a.is_string() && b.is_int()) {
    std::string text;
    int64_t times = std::max<int64_t>(0, b.as_int());
    if (times > (1 << 24)) throw RenderError{"text too long", 0};
    CheckTextSize(static_cast<size_t>(times) * a.as_string().size());
    for (int64_t i = 0; i < times; ++i) text += a.as_string();
    return Var(std::move(text));
  }
  if (!a.is_number() || !b.is_number()) Unsupported("*", a, b);
  if (a.is_double() || b.is_double()) return Var(a.as_double() * b.as_double());
  int64_t product = 0;
  if (__builtin_mul_overflow(a.as_int(), b.as_int(), &product))
    throw RenderError{"number too large", 0};
  return Var(product);
}

Var Arithmetic(std::string_view op, const Var& a, const Var& b) {
  if (op == "+") return Add(a, b);
  if (op == "*") return Multiply(a, b);
  if (op == "%" && a.is_string()) return Var(FormatPercent(a.as_string(), b));
  if (!a.is_number() || !b.is_number()) Unsupported(op, a, b);
  bool whole = !a.is_double() && !b.is_double();
  if (op == "-") {
    int64_t difference = 0;
    if (!whole) return Var(a.as_double() - b.as_double());
    if (__builtin_sub_overflow(a.as_int(), b.as_int(), &difference))
      throw RenderError{"number too large", 0};
    return Var(difference);
  }
  if (op == "**") {
    double power = std::pow(a.as_double(), b.as_double());
    if (whole && b.as_int() >= 0 && std::abs(power) < 9e15) return Var(static_cast<int64_t>(power));
    return Var(power);
  }
  if (std::abs(b.as_double()) == 0.0) throw RenderError{"division by zero", 0};
  if (op == "/") return Var(a.as_double() / b.as_double());
  if (op == "//") {
    return whole ? Var(FloorDivide(a.as_int(), b.as_int()))
                 : Var(std::floor(a.as_double() / b.as_double()));
  }
  if (whole) return Var(a.as_int() - b.as_int() * FloorDivide(a.as_int(), b.as_int()));
  return Var(a.as_double() - b.as_double() * std::floor(a.as_double() / b.as_double()));
}

bool Contains(const Var& container, const Var& item) {
  if (container.is_string()) {
    if (!item.is_string()) Unsupported("in", item, container);
    return container.as_string().find(item.as_string()) != std::string::npos;
  }
  if (container.is_list()) {
    const auto& items = container.list()->items;
    return std::find(items.begin(), items.end(), item) != items.end();
  }
  if (container.is_dict()) return container.dict()->Find(item) != nullptr;
  if (container.is_undefined()) return false;
  Unsupported("in", item, container);
}

// An unknown text may be printed and joined; whoever looks at it needs the value.
void RefuseUnknown(const Var& value) {
  if (IsUnknownText(value))
    throw RenderError{"the template does more than print a setting that is not known", 0};
}

bool IsTrue(const Var& value) {
  RefuseUnknown(value);
  return value.Truth();
}

bool Compare(std::string_view op, const Var& a, const Var& b) {
  RefuseUnknown(a);
  RefuseUnknown(b);
  if (op == "==") return a == b;
  if (op == "!=") return !(a == b);
  if (op == "in") return Contains(b, a);
  if (op == "not in") return !Contains(b, a);
  if (op == "<") return Less(a, b);
  if (op == ">") return Less(b, a);
  if (op == "<=") return !Less(b, a);
  return !Less(a, b);
}

}  // namespace

Interpreter::Deeper::Deeper(Interpreter& interpreter) : depth_(interpreter.depth_) {
  if (++depth_ <= interpreter.budget_.depth) return;
  --depth_;
  throw RenderError{"macros call each other too deeply", 0};
}

Var* Scope::Find(std::string_view name) {
  for (Scope* scope = this; scope; scope = scope->outer_) {
    auto found = scope->names_.find(name);
    if (found != scope->names_.end()) return &found->second;
  }
  return nullptr;
}

void Interpreter::Step(uint64_t steps) {
  steps_ += steps;
  if (steps_ > budget_.steps) throw RenderError{"takes more steps than allowed", 0};
}

void Interpreter::Append(std::string& out, std::string_view text) {
  written_ += text.size();
  if (written_ > budget_.output) throw RenderError{"gives more text than allowed", 0};
  out += text;
}

std::string Interpreter::Render(const Template& source) {
  Scope scope(nullptr);
  std::string out;
  Run(source.body, scope, out);
  return out;
}

std::string Interpreter::RenderNested(const Template& source) {
  Deeper deeper(*this);
  return Render(source);
}

std::vector<std::pair<std::string, Var>> Interpreter::Macros(const Template& source) {
  std::vector<std::pair<std::string, Var>> macros;
  for (const Statement& statement : source.body) {
    if (statement.kind != S::kMacro) continue;
    macros.emplace_back(
        statement.text,
        Var(std::shared_ptr<Object>(std::make_shared<MacroObject>(statement, nullptr))));
  }
  return macros;
}

Interpreter::Flow Interpreter::Run(const Block& block, Scope& scope, std::string& out) {
  for (const Statement& statement : block) {
    Step();
    Flow flow = RunStatement(statement, scope, out);
    if (flow != Flow::kNormal) return flow;
  }
  return Flow::kNormal;
}

Interpreter::Flow Interpreter::RunStatement(const Statement& statement, Scope& scope,
                                            std::string& out) {
  switch (statement.kind) {
    case S::kText:
      Append(out, statement.text);
      return Flow::kNormal;
    case S::kPrint:
      Append(out, Evaluate(*statement.expression, scope).ToString());
      return Flow::kNormal;
    case S::kSet:
    case S::kSetBlock:
      RunSet(statement, scope);
      return Flow::kNormal;
    case S::kIf:
      for (const Statement::Branch& branch : statement.branches) {
        if (!branch.test || IsTrue(Evaluate(*branch.test, scope)))
          return Run(branch.body, scope, out);
      }
      return Flow::kNormal;
    case S::kFor:
      return RunFor(statement, scope, out);
    case S::kMacro:
      scope.Set(statement.text,
                Var(std::shared_ptr<Object>(std::make_shared<MacroObject>(statement, &scope))));
      return Flow::kNormal;
    case S::kCall:
      RunCallBlock(statement, scope, out);
      return Flow::kNormal;
    case S::kFilter: {
      Scope inner(&scope);
      inner.Set("", Var(CaptureBody(statement.body, inner)));
      Append(out, Evaluate(*statement.expression, inner).ToString());
      return Flow::kNormal;
    }
    case S::kDo:
      Evaluate(*statement.expression, scope);
      return Flow::kNormal;
    case S::kWith: {
      Scope inner(&scope);
      for (size_t i = 0; i < statement.targets.size(); ++i) {
        Assign(*statement.targets[i], Evaluate(*statement.values[i], scope), inner);
      }
      return Run(statement.body, inner, out);
    }
    case S::kBreak:
      return Flow::kBreak;
    case S::kContinue:
      return Flow::kContinue;
    case S::kSkipped:
      // A snapshot's text is what stands inside its block.
      if (statement.text == "snapshot") return Run(statement.body, scope, out);
      return Flow::kNormal;
  }
  return Flow::kNormal;
}

std::string Interpreter::CaptureBody(const Block& body, Scope& scope) {
  std::string text;
  Scope inner(&scope);
  Run(body, inner, text);
  return text;
}

void Interpreter::RunSet(const Statement& statement, Scope& scope) {
  if (statement.kind == S::kSet) {
    AssignAll(statement.targets, Evaluate(*statement.expression, scope), scope);
    return;
  }
  Var text(CaptureBody(statement.body, scope));
  if (statement.expression) {
    Scope inner(&scope);
    inner.Set("", std::move(text));
    text = Evaluate(*statement.expression, inner);
  }
  AssignAll(statement.targets, text, scope);
}

void Interpreter::Assign(const Expression& target, Var value, Scope& scope) {
  if (target.kind == E::kName) {
    scope.Set(target.text, std::move(value));
    return;
  }
  Var object = Evaluate(*target.operands[0], scope);
  if (!object.is_object() || !object.object()->SetAttribute(target.text, value)) {
    throw RenderError{"only a namespace takes attributes", target.offset};
  }
}

void Interpreter::AssignAll(const std::vector<ExpressionPtr>& targets, const Var& value,
                            Scope& scope) {
  if (targets.size() == 1) return Assign(*targets[0], value, scope);
  std::vector<Var> parts = Iterate(value);
  if (parts.size() != targets.size()) {
    throw RenderError{fmt::format("{} names for {} values", targets.size(), parts.size()),
                      targets[0]->offset};
  }
  for (size_t i = 0; i < targets.size(); ++i) Assign(*targets[i], parts[i], scope);
}

Interpreter::Flow Interpreter::RunFor(const Statement& statement, Scope& scope, std::string& out) {
  if (statement.recursive) throw RenderError{"recursive loops are not supported", statement.offset};
  Var iterable = Evaluate(*statement.expression, scope);
  std::vector<Var> items = Iterate(iterable);
  if (statement.filter) {
    std::vector<Var> kept;
    for (const Var& item : items) {
      Scope inner(&scope);
      AssignAll(statement.targets, item, inner);
      if (IsTrue(Evaluate(*statement.filter, inner))) kept.push_back(item);
    }
    items = std::move(kept);
  }
  if (items.empty()) {
    Scope inner(&scope);
    return Run(statement.otherwise, inner, out);
  }
  auto loop = std::make_shared<Loop>(items.size(), 1);
  for (size_t i = 0; i < items.size(); ++i) {
    Step();
    Scope inner(&scope);
    auto at = [&](size_t index) { return std::optional<Var>(items[index]); };
    loop->Next(i, i > 0 ? at(i - 1) : std::nullopt,
               i + 1 < items.size() ? at(i + 1) : std::nullopt);
    inner.Set("loop", Var(std::shared_ptr<Object>(loop)));
    AssignAll(statement.targets, items[i], inner);
    if (Run(statement.body, inner, out) == Flow::kBreak) break;
  }
  return Flow::kNormal;
}

void Interpreter::RunCallBlock(const Statement& statement, Scope& scope, std::string& out) {
  const Expression& call = *statement.expression;
  Var callable = Evaluate(*call.operands[0], scope);
  Arguments arguments = EvaluateArguments(call, scope);
  Scope* outer = &scope;
  Var caller =
      Var::MakeFunction("caller", [this, &statement, outer](Interpreter&, const Arguments& given) {
        Scope inner(outer);
        for (size_t i = 0; i < statement.parameters.size(); ++i) {
          const Parameter& parameter = statement.parameters[i];
          const Var* value = given.Get(i, parameter.name);
          if (value) {
            inner.Set(parameter.name, *value);
          } else if (parameter.otherwise) {
            inner.Set(parameter.name, Evaluate(*parameter.otherwise, *outer));
          }
        }
        return Var(CaptureBody(statement.body, inner));
      });
  arguments.named.emplace_back("caller", std::move(caller));
  Append(out, Call(callable, arguments).ToString());
}

Var Interpreter::RunMacro(const Statement& macro, Scope* definition_scope,
                          const Arguments& arguments) {
  Deeper deeper(*this);
  Scope scope(definition_scope);
  for (size_t i = 0; i < macro.parameters.size(); ++i) {
    const Parameter& parameter = macro.parameters[i];
    if (const Var* given = arguments.Get(i, parameter.name)) {
      scope.Set(parameter.name, *given);
    } else if (parameter.otherwise) {
      scope.Set(parameter.name, Evaluate(*parameter.otherwise, scope));
    } else {
      scope.Set(parameter.name, Var(Undefined{parameter.name}));
    }
  }
  std::vector<Var> rest;
  for (size_t i = macro.parameters.size(); i < arguments.positional.size(); ++i) {
    rest.push_back(arguments.positional[i]);
  }
  Var named = Var::MakeDict();
  for (const auto& [name, value] : arguments.named) {
    bool is_parameter =
        std::any_of(macro.parameters.begin(), macro.parameters.end(),
                    [&](const Parameter& parameter) { return parameter.name == name; });
    if (is_parameter) continue;
    if (name == "caller") {
      scope.Set("caller", value);
    } else {
      named.dict()->Set(Var(name), value);
    }
  }
  scope.Set("varargs", Var::MakeList(std::move(rest), true));
  scope.Set("kwargs", std::move(named));
  std::string text;
  try {
    Run(macro.body, scope, text);
  } catch (const ReturnValue& returned) {
    return returned.value;
  }
  return Var(std::move(text));
}

Arguments Interpreter::EvaluateArguments(const Expression& expression, Scope& scope) {
  Arguments arguments;
  for (const CallArgument& argument : expression.arguments) {
    Var value = Evaluate(*argument.value, scope);
    if (argument.star == 1) {
      for (Var& item : Iterate(value)) arguments.positional.push_back(std::move(item));
    } else if (argument.star == 2) {
      if (!value.is_dict()) throw RenderError{"** needs a dictionary", expression.offset};
      for (const auto& [key, item] : value.dict()->items)
        arguments.named.emplace_back(key.ToString(), item);
    } else if (!argument.name.empty()) {
      arguments.named.emplace_back(argument.name, std::move(value));
    } else {
      arguments.positional.push_back(std::move(value));
    }
  }
  return arguments;
}

Var Interpreter::Call(const Var& callable, const Arguments& arguments) {
  Step();
  if (callable.is_undefined())
    throw RenderError{fmt::format("'{}' is undefined", callable.undefined_name()), 0};
  if (!callable.is_object() || !callable.object()->IsCallable()) {
    throw RenderError{fmt::format("{} cannot be called", callable.TypeName()), 0};
  }
  return callable.object()->Call(*this, arguments);
}

Var Interpreter::Attribute(const Var& object, std::string_view name) {
  if (object.is_undefined()) {
    throw RenderError{
        fmt::format("'{}' is undefined; it has no '{}'", object.undefined_name(), name), 0};
  }
  if (object.is_object()) {
    if (std::optional<Var> found = object.object()->Attribute(name)) return *found;
    return Var(Undefined{std::string(name)});
  }
  RefuseUnknown(object);
  if (object.is_list() && object.list()->group && (name == "grouper" || name == "list"))
    return object.list()->items[name == "list" ? 1 : 0];
  if (std::optional<Var> method = BuiltinMethod(object, name)) return *method;
  if (object.is_dict()) {
    if (Var* found = object.dict()->Find(Var(name))) return *found;
  }
  return Var(Undefined{std::string(name)});
}

Var Interpreter::Item(const Var& object, const Var& key) {
  RefuseUnknown(object);
  RefuseUnknown(key);
  if (object.is_undefined())
    throw RenderError{fmt::format("'{}' is undefined", object.undefined_name()), 0};
  if (object.is_dict()) {
    if (Var* found = object.dict()->Find(key)) return *found;
    return Var(Undefined{key.ToString()});
  }
  if ((object.is_list() || object.is_string()) && key.is_int()) {
    auto size = static_cast<int64_t>(object.is_list() ? object.list()->items.size()
                                                      : object.as_string().size());
    int64_t index = key.as_int() < 0 ? key.as_int() + size : key.as_int();
    if (index < 0 || index >= size) return Var(Undefined{"index " + key.ToString()});
    if (object.is_list()) return object.list()->items[static_cast<size_t>(index)];
    return Var(std::string(1, object.as_string()[static_cast<size_t>(index)]));
  }
  if (key.is_string()) return Attribute(object, key.as_string());
  throw RenderError{fmt::format("{} has no items", object.TypeName()), 0};
}

std::vector<Var> Interpreter::Iterate(const Var& iterable) {
  RefuseUnknown(iterable);
  std::vector<Var> items;
  if (iterable.is_list()) {
    items = iterable.list()->items;
  } else if (iterable.is_dict()) {
    for (const auto& [key, value] : iterable.dict()->items) items.push_back(key);
  } else if (iterable.is_string()) {
    for (char c : iterable.as_string()) items.emplace_back(std::string(1, c));
  } else if (!iterable.is_undefined()) {
    throw RenderError{fmt::format("{} cannot be looped over", iterable.TypeName()), 0};
  }
  Step(items.size());
  return items;
}

Var Interpreter::ApplyFilter(std::string_view name, const Var& operand,
                             const Arguments& arguments) {
  bool only_prints = name == "string" || name == "as_text" || name == "default" || name == "d" ||
                     name == "trim" || name == "join" || name == "safe";
  if (!only_prints) {
    RefuseUnknown(operand);
    for (const Var& argument : arguments.positional) RefuseUnknown(argument);
  }
  return BuiltinFilter(*this, name, operand, arguments);
}

bool Interpreter::ApplyTest(std::string_view name, const Var& operand, const Arguments& arguments) {
  if (name != "defined" && name != "undefined") RefuseUnknown(operand);
  return BuiltinTest(*this, name, operand, arguments);
}

Var Interpreter::EvaluateBinary(const Expression& expression, Scope& scope) {
  Var left = Evaluate(*expression.operands[0], scope);
  if (expression.text == "and")
    return IsTrue(left) ? Evaluate(*expression.operands[1], scope) : left;
  if (expression.text == "or")
    return IsTrue(left) ? left : Evaluate(*expression.operands[1], scope);
  Var right = Evaluate(*expression.operands[1], scope);
  if (expression.text == "~") {
    std::string text = left.ToString() + right.ToString();
    CheckTextSize(text.size());
    return Var(std::move(text));
  }
  return Arithmetic(expression.text, left, right);
}

Var Interpreter::EvaluateCompare(const Expression& expression, Scope& scope) {
  Var left = Evaluate(*expression.operands[0], scope);
  for (size_t i = 0; i < expression.operators.size(); ++i) {
    Var right = Evaluate(*expression.operands[i + 1], scope);
    if (!Compare(expression.operators[i], left, right)) return Var(false);
    left = std::move(right);
  }
  return Var(true);
}

Var Interpreter::EvaluateSlice(const Expression& expression, Scope& scope) {
  Var object = Evaluate(*expression.operands[0], scope);
  RefuseUnknown(object);
  if (!object.is_list() && !object.is_string()) {
    throw RenderError{fmt::format("{} cannot be sliced", object.TypeName()), expression.offset};
  }
  auto size = static_cast<int64_t>(object.is_list() ? object.list()->items.size()
                                                    : object.as_string().size());
  auto part = [&](size_t index) -> std::optional<int64_t> {
    if (!expression.operands[index]) return std::nullopt;
    Var value = Evaluate(*expression.operands[index], scope);
    if (value.is_none()) return std::nullopt;
    if (!value.is_int()) throw RenderError{"a slice needs whole numbers", expression.offset};
    return value.as_int();
  };
  int64_t step = part(3).value_or(1);
  if (step == 0) throw RenderError{"a slice cannot step by zero", expression.offset};
  auto clamp = [&](std::optional<int64_t> bound, int64_t otherwise) {
    if (!bound) return otherwise;
    int64_t index = *bound < 0 ? *bound + size : *bound;
    return step > 0 ? std::clamp<int64_t>(index, 0, size)
                    : std::clamp<int64_t>(index, -1, size - 1);
  };
  int64_t begin = clamp(part(1), step > 0 ? 0 : size - 1);
  int64_t end = clamp(part(2), step > 0 ? size : -1);
  std::vector<Var> items;
  std::string text;
  for (int64_t i = begin; step > 0 ? i < end : i > end; i += step) {
    if (object.is_list()) {
      items.push_back(object.list()->items[static_cast<size_t>(i)]);
    } else {
      text += object.as_string()[static_cast<size_t>(i)];
    }
  }
  if (object.is_string()) return Var(std::move(text));
  return Var::MakeList(std::move(items), object.list()->tuple);
}

// Long texts are copied: they cost steps by their length, so that neither time nor memory can be
// had for nothing.
Var Interpreter::Evaluate(const Expression& expression, Scope& scope) {
  Var value = EvaluateOnce(expression, scope);
  if (value.is_string()) {
    Step(value.as_string().size() / 64);
  } else if (value.is_list()) {
    Step(value.list()->items.size() / 64);
  }
  return value;
}

Var Interpreter::EvaluateOnce(const Expression& expression, Scope& scope) {
  Step();
  try {
    switch (expression.kind) {
      case E::kLiteral:
        return expression.literal;
      case E::kName: {
        if (Var* found = scope.Find(expression.text)) return *found;
        if (std::optional<Var> given = host_(*this, expression.text)) return *given;
        if (std::optional<Var> builtin = BuiltinGlobal(expression.text)) return *builtin;
        return Var(Undefined{expression.text});
      }
      case E::kList: {
        std::vector<Var> items;
        for (const ExpressionPtr& item : expression.operands)
          items.push_back(Evaluate(*item, scope));
        return Var::MakeList(std::move(items), expression.text == "tuple");
      }
      case E::kDict: {
        Var dict = Var::MakeDict();
        for (size_t i = 0; i + 1 < expression.operands.size(); i += 2) {
          Var key = Evaluate(*expression.operands[i], scope);
          dict.dict()->Set(std::move(key), Evaluate(*expression.operands[i + 1], scope));
        }
        return dict;
      }
      case E::kUnary: {
        Var operand = Evaluate(*expression.operands[0], scope);
        if (expression.text == "not") return Var(!IsTrue(operand));
        return expression.text == "-" ? Arithmetic("-", Var(0), operand) : operand;
      }
      case E::kBinary:
        return EvaluateBinary(expression, scope);
      case E::kCompare:
        return EvaluateCompare(expression, scope);
      case E::kCondition: {
        if (IsTrue(Evaluate(*expression.operands[1], scope)))
          return Evaluate(*expression.operands[0], scope);
        if (expression.operands.size() > 2) return Evaluate(*expression.operands[2], scope);
        return Var(Undefined{"the missing else"});
      }
      case E::kAttribute:
        return Attribute(Evaluate(*expression.operands[0], scope), expression.text);
      case E::kItem: {
        Var object = Evaluate(*expression.operands[0], scope);
        return Item(object, Evaluate(*expression.operands[1], scope));
      }
      case E::kSlice:
        return EvaluateSlice(expression, scope);
      case E::kCall: {
        Var callable = Evaluate(*expression.operands[0], scope);
        return Call(callable, EvaluateArguments(expression, scope));
      }
      case E::kFilter: {
        Var operand = Evaluate(*expression.operands[0], scope);
        return ApplyFilter(expression.text, operand, EvaluateArguments(expression, scope));
      }
      case E::kTest: {
        Var operand = Evaluate(*expression.operands[0], scope);
        bool holds = ApplyTest(expression.text, operand, EvaluateArguments(expression, scope));
        return Var(holds == expression.operators.empty());
      }
    }
  } catch (RenderError& error) {
    if (error.offset == 0) error.offset = expression.offset;
    throw;
  }
  return Var();
}

}  // namespace layergate::jinja

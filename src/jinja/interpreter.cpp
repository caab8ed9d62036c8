#include "jinja/interpreter.h"

#include <algorithm>

#include <fmt/format.h>

#include "jinja/builtins.h"
#include "jinja/operators.h"
#include "jinja/python_text.h"
#include "jinja/unknown.h"

namespace layergate::jinja {
namespace {

using E = Expression::Kind;
using S = Statement::Kind;

// `loop` inside a for.
class Loop final : public Object {
 public:
  // `again` runs the loop's body over other items: what loop(...) of a recursive loop does.
  using Again = std::function<Var(Interpreter&, const Var& items)>;
  Loop(size_t length, size_t depth, Again again)
      : length_(length), depth_(depth), again_(std::move(again)) {}
  bool IsCallable() const override { return true; }
  Var Call(Interpreter& interpreter, const Arguments& arguments) override {
    if (!again_) throw RenderError{"loop() needs {% for ... recursive %}", 0};
    return again_(interpreter, Needed(arguments, 0, "iterable"));
  }
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
    if (name == "changed") {
      auto last = last_changed_;
      return Var::MakeFunction("changed", [last](Interpreter&, const Arguments& arguments) {
        Var now = Var::MakeTuple(arguments.positional);
        bool same = last->has_value() && **last == now;
        *last = std::move(now);
        return Var(!same);
      });
    }
    return std::nullopt;
  }

 private:
  size_t length_, depth_, index_ = 0;
  Again again_;
  std::optional<Var> previous_, next_;
  std::shared_ptr<std::optional<Var>> last_changed_ = std::make_shared<std::optional<Var>>();
};

// A macro defined in a template: callable, with the scope it was defined in.
class MacroObject final : public Object {
 public:
  MacroObject(const Statement& macro, Scope* scope) : macro_(macro), scope_(scope) {}
  std::optional<Var> Attribute(std::string_view name) const override {
    if (name == "name") return Var(macro_.text);
    if (name == "arguments" || name == "catch_kwargs" || name == "catch_varargs" ||
        name == "caller")
      throw RenderError{fmt::format("'{}' of a macro is not supported", name), 0};
    return std::nullopt;
  }
  bool IsCallable() const override { return true; }
  Var Call(Interpreter& interpreter, const Arguments& arguments) override {
    return interpreter.RunMacro(macro_, scope_, arguments);
  }

 private:
  const Statement& macro_;
  Scope* scope_;
};

}  // namespace

Interpreter::Deeper::Deeper(Interpreter& interpreter) : depth_(interpreter.depth_) {
  if (++depth_ <= interpreter.budget_.depth) return;
  --depth_;
  throw RenderError{"macros call each other too deeply", 0};
}

// A scope on the stack. One that a macro or a caller() has captured outlives its block.
class Interpreter::Frame {
 public:
  Frame(Interpreter& interpreter, Scope* outer)
      : interpreter_(interpreter), scope_(std::make_unique<Scope>(outer)) {}
  ~Frame() {
    scope_->End();
    if (scope_->captured()) interpreter_.kept_.push_back(std::move(scope_));
  }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;
  Scope& operator*() { return *scope_; }

 private:
  Interpreter& interpreter_;
  std::unique_ptr<Scope> scope_;
};

Interpreter::~Interpreter() = default;

Scope* Interpreter::Capture(Scope& scope) {
  constexpr size_t kMostKept = 100'000;
  if (kept_.size() > kMostKept) throw RenderError{"defines more macros than allowed", 0};
  scope.Capture();
  return &scope;
}

void Scope::Capture() {
  for (Scope* scope = this; scope && !scope->captured_; scope = scope->outer_)
    scope->captured_ = true;
}

Var* Scope::Find(std::string_view name) {
  for (Scope* scope = this; scope; scope = scope->outer_) {
    auto found = scope->names_.find(name);
    if (found == scope->names_.end()) continue;
    if (scope->ended_)
      throw RenderError{fmt::format("'{}' is asked for after its block has ended", name), 0};
    return &found->second;
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

std::string Interpreter::Render(const Template& source, std::string* beginning) {
  Frame frame(*this, nullptr);
  std::string out;
  try {
    Run(source.body, *frame, out);
  } catch (...) {
    if (beginning) *beginning = std::move(out);
    throw;
  }
  return out;
}

std::string Interpreter::RenderNested(std::unique_ptr<Template> source) {
  Deeper deeper(*this);
  constexpr size_t kMost = 10'000;
  if (nested_.size() > kMost) throw RenderError{"renders more texts than allowed", 0};
  Step(source->text.size() / 64);
  nested_.push_back(std::move(source));
  return Render(*nested_.back());
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
      scope.Set(
          macro_prefix_ + statement.text,
          Var(std::shared_ptr<Object>(std::make_shared<MacroObject>(statement, Capture(scope)))));
      return Flow::kNormal;
    case S::kCall:
      RunCallBlock(statement, scope, out);
      return Flow::kNormal;
    case S::kFilter: {
      Frame inner(*this, &scope);
      (*inner).Set("", Var(CaptureBody(statement.body, *inner)));
      Append(out, Evaluate(*statement.expression, *inner).ToString());
      return Flow::kNormal;
    }
    case S::kDo:
      Evaluate(*statement.expression, scope);
      return Flow::kNormal;
    case S::kWith: {
      Frame inner(*this, &scope);
      for (size_t i = 0; i < statement.targets.size(); ++i)
        Assign(*statement.targets[i], Evaluate(*statement.values[i], scope), *inner);
      return Run(statement.body, *inner, out);
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
  Frame inner(*this, &scope);
  Run(body, *inner, text);
  return text;
}

void Interpreter::RunSet(const Statement& statement, Scope& scope) {
  if (statement.kind == S::kSet) {
    AssignAll(statement.targets, Evaluate(*statement.expression, scope), scope);
    return;
  }
  Var text(CaptureBody(statement.body, scope));
  if (statement.expression) {
    Frame inner(*this, &scope);
    (*inner).Set("", std::move(text));
    text = Evaluate(*statement.expression, *inner);
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
  if (const Unknown* unknown = AsUnknown(value)) {  // as many parts as there are names, or no text
    for (size_t i = 0; i < targets.size(); ++i)
      Assign(*targets[i], unknown->Derive(fmt::format("#{}", i)), scope);
    return;
  }
  std::vector<Var> parts = Iterate(value);
  if (parts.size() != targets.size()) {
    throw RenderError{fmt::format("{} names for {} values", targets.size(), parts.size()),
                      targets[0]->offset};
  }
  for (size_t i = 0; i < targets.size(); ++i) Assign(*targets[i], parts[i], scope);
}

Interpreter::Flow Interpreter::RunFor(const Statement& statement, Scope& scope, std::string& out) {
  RunLoop(statement, Evaluate(*statement.expression, scope), 1, scope, out);
  return Flow::kNormal;
}

std::vector<Var> Interpreter::LoopItems(const Statement& statement, const Var& iterable,
                                        Scope& scope) {
  std::vector<Var> items = Iterate(iterable);
  if (!statement.filter) return items;
  std::vector<Var> kept;
  for (const Var& item : items) {
    Frame inner(*this, &scope);
    AssignAll(statement.targets, item, *inner);
    if (IsTrue(Evaluate(*statement.filter, *inner))) kept.push_back(item);
  }
  return kept;
}

void Interpreter::RunLoop(const Statement& statement, const Var& iterable, size_t depth,
                          Scope& scope, std::string& out) {
  std::vector<Var> items = LoopItems(statement, iterable, scope);
  if (items.empty()) {
    Frame inner(*this, &scope);
    Run(statement.otherwise, *inner, out);
    return;
  }
  Loop::Again again;
  if (statement.recursive) {
    again = [&statement, depth, outer = Capture(scope)](Interpreter& self, const Var& inner) {
      Deeper deeper(self);
      std::string text;
      self.RunLoop(statement, inner, depth + 1, *outer, text);
      return Var(std::move(text));
    };
  }
  auto loop = std::make_shared<Loop>(items.size(), depth, std::move(again));
  // Python would go on with the list or dictionary as it is by then, or fail.
  auto size = [&iterable] {
    return iterable.is_dict()   ? iterable.dict()->items.size()
           : iterable.is_list() ? iterable.list()->items.size()
                                : size_t{0};
  };
  const size_t size_before = size();
  for (size_t i = 0; i < items.size(); ++i) {
    Step();
    Frame inner(*this, &scope);
    auto at = [&](size_t index) { return std::optional<Var>(items[index]); };
    loop->Next(i, i > 0 ? at(i - 1) : std::nullopt,
               i + 1 < items.size() ? at(i + 1) : std::nullopt);
    (*inner).Set("loop", Var(std::shared_ptr<Object>(loop)));
    AssignAll(statement.targets, items[i], *inner);
    if (Run(statement.body, *inner, out) == Flow::kBreak) break;
    if (size() != size_before)
      throw RenderError{"what is looped over changes its size meanwhile", statement.offset};
  }
}

void Interpreter::RunCallBlock(const Statement& statement, Scope& scope, std::string& out) {
  const Expression& call = *statement.expression;
  Var callable = Evaluate(*call.operands[0], scope);
  Arguments arguments = EvaluateArguments(call, scope);
  Scope* outer = Capture(scope);
  Var caller =
      Var::MakeFunction("caller", [&statement, outer](Interpreter& self, const Arguments& given) {
        return Var(self.RunBody(statement, "caller", outer, given));
      });
  arguments.named.emplace_back("caller", std::move(caller));
  Append(out, Call(callable, arguments).ToString());
}

// Gives the parameters of a macro, or of caller(), their values, as Python does: by place, by name,
// by default. What is left over is an error unless the body speaks of varargs or kwargs.
void Interpreter::BindParameters(const Statement& macro, std::string_view name,
                                 const Arguments& arguments, Scope& scope) {
  size_t places = std::min(macro.parameters.size(), arguments.positional.size());
  for (size_t i = 0; i < places; ++i) scope.Set(macro.parameters[i].name, arguments.positional[i]);
  std::vector<bool> used(arguments.named.size());
  for (size_t i = places; i < macro.parameters.size(); ++i) {
    const Parameter& parameter = macro.parameters[i];
    scope.Set(parameter.name, Var(Undefined{parameter.name}));
    for (size_t j = 0; j < arguments.named.size(); ++j) {
      if (arguments.named[j].first != parameter.name) continue;
      scope.Set(parameter.name, arguments.named[j].second);
      used[j] = true;
    }
  }
  for (size_t i = places; i < macro.parameters.size(); ++i) {
    const Parameter& parameter = macro.parameters[i];
    bool given = false;
    for (const auto& [key, value] : arguments.named) given = given || key == parameter.name;
    if (!given && parameter.otherwise)
      scope.Set(parameter.name, Evaluate(*parameter.otherwise, scope));
  }
  Var named = Var::MakeDict();
  for (size_t j = 0; j < arguments.named.size(); ++j) {
    const auto& [key, value] = arguments.named[j];
    if (used[j]) continue;
    if (key == "caller" && macro.speaks_of.caller) {
      scope.Set("caller", value);
    } else if (macro.speaks_of.kwargs) {
      named.dict()->Set(Var(key), value);
    } else {
      throw RenderError{fmt::format("macro '{}' takes no argument '{}'", name, key), 0};
    }
  }
  if (macro.speaks_of.caller && !scope.FindHere("caller"))
    scope.Set("caller", Var(Undefined{"caller"}));
  if (macro.speaks_of.kwargs) scope.Set("kwargs", std::move(named));
  if (arguments.positional.size() > places && !macro.speaks_of.varargs)
    throw RenderError{fmt::format("macro '{}' takes not more than {} arguments", name, places), 0};
  if (!macro.speaks_of.varargs) return;
  scope.Set("varargs",
            Var::MakeTuple({arguments.positional.begin() + static_cast<std::ptrdiff_t>(places),
                            arguments.positional.end()}));
}

std::string Interpreter::RunBody(const Statement& macro, std::string_view name,
                                 Scope* definition_scope, const Arguments& arguments) {
  Deeper deeper(*this);
  Frame frame(*this, definition_scope);
  BindParameters(macro, name, arguments, *frame);
  std::string text;
  Run(macro.body, *frame, text);
  return text;
}

Var Interpreter::RunMacro(const Statement& macro, Scope* definition_scope,
                          const Arguments& arguments) {
  return Var(RunBody(macro, macro.text, definition_scope, arguments));
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

// What an unknown key leads to. In a dictionary it is asked which of the keys it equals.
Var Interpreter::ItemByUnknown(const Var& object, const Var& key) {
  if (object.is_dict()) {
    for (const auto& [candidate, value] : object.dict()->items) {
      if (Compare("==", key, candidate)) return value;
    }
    return Var(Undefined{"this key"});
  }
  return Item(object, Var(AsUnknown(key)->Number()));
}

Var Interpreter::Item(const Var& object, const Var& key) {
  if (const Unknown* unknown = AsUnknown(object))
    return unknown->Derive(fmt::format("[{}]", StepText(key)));
  if (AsUnknown(key)) return ItemByUnknown(object, key);
  RefuseUnknown(object);
  RefuseUnknown(key);
  if (object.is_undefined())
    throw RenderError{fmt::format("'{}' is undefined", object.undefined_name()), 0};
  if (object.is_dict()) {
    Step(object.dict()->items.size() / 16);
    if (Var* found = object.dict()->Find(key)) return *found;
    std::optional<Var> method;
    if (key.is_string()) method = BuiltinMethod(object, key.as_string());
    return method ? *method : Var(Undefined{key.is_string() ? key.as_string() : "this key"});
  }
  bool by_index = key.is_int() || key.is_bool();
  if (object.is_list() && object.list()->has_index() && by_index) {
    const std::vector<Var>& items = object.list()->items;
    auto size = static_cast<int64_t>(items.size());
    int64_t index = key.as_int() < 0 ? key.as_int() + size : key.as_int();
    if (index < 0 || index >= size) return Var(Undefined{"index " + key.ToString()});
    return items[static_cast<size_t>(index)];
  }
  if (object.is_string() && by_index) {
    std::vector<std::string_view> characters = Characters(object.as_string());
    Step(characters.size() / 64);
    auto size = static_cast<int64_t>(characters.size());
    int64_t index = key.as_int() < 0 ? key.as_int() + size : key.as_int();
    if (index < 0 || index >= size) return Var(Undefined{"index " + key.ToString()});
    return Var(characters[static_cast<size_t>(index)]);
  }
  if (key.is_string()) return Attribute(object, key.as_string());
  return Var(Undefined{"this item"});
}

std::vector<Var> Interpreter::Iterate(const Var& iterable) {
  std::vector<Var> items;
  if (const Unknown* unknown = AsUnknown(iterable)) {
    items = unknown->Items();
    Step(items.size());
    return items;
  }
  RefuseUnknown(iterable);
  if (iterable.is_list()) {
    List& list = *iterable.list();
    if (list.kind == List::Kind::kSet && list.items.size() > 1)
      throw RenderError{"the order of a set is not known (sort it)", 0};
    items = list.items;
    if (list.kind == List::Kind::kIterator) list.items.clear();
  } else if (iterable.is_dict()) {
    for (const auto& [key, value] : iterable.dict()->items) items.push_back(key);
  } else if (iterable.is_string()) {
    for (std::string_view c : Characters(iterable.as_string())) items.emplace_back(c);
  } else if (!iterable.is_undefined()) {
    throw RenderError{fmt::format("{} cannot be looped over", iterable.TypeName()), 0};
  }
  Step(items.size());
  return items;
}

namespace {

// Filters that only carry the value on.
bool Carries(std::string_view filter) {
  constexpr std::string_view kFilters[] = {"string", "as_text", "default", "d", "trim", "safe"};
  return std::find(std::begin(kFilters), std::end(kFilters), filter) != std::end(kFilters);
}

}  // namespace

Var Interpreter::FilterUnknown(std::string_view name, const Var& operand,
                               const Arguments& arguments) {
  if (!IsFilterName(name)) throw RenderError{fmt::format("there is no filter '{}'", name), 0};
  const Unknown& unknown = *AsUnknown(operand);
  if (name == "list") return operand;  // which no template may change
  if (name == "length" || name == "count") return Var(static_cast<int64_t>(unknown.Items().size()));
  return unknown.Derive(fmt::format(" | {}({})", name, StepText(arguments)));
}

Var Interpreter::ApplyFilter(std::string_view name, const Var& operand,
                             const Arguments& arguments) {
  if (const Unknown* unknown = AsUnknown(operand)) {
    // A setting itself is there; what was made of it may not be.
    bool may_lack =
        unknown->key() != SettingOf(unknown->key()) && (name == "default" || name == "d");
    if (may_lack || !Carries(name)) return FilterUnknown(name, operand, arguments);
  }
  if (!Carries(name) && name != "join") {
    RefuseUnknown(operand);
    for (const Var& argument : arguments.positional) RefuseUnknown(argument);
    for (const auto& [key, argument] : arguments.named) RefuseUnknown(argument);
  }
  return BuiltinFilter(*this, name, operand, arguments);
}

bool Interpreter::ApplyTest(std::string_view name, const Var& operand, const Arguments& arguments) {
  if (const Unknown* unknown = AsUnknown(operand)) {
    bool setting = SettingOf(unknown->key()) == unknown->key();
    if (setting && (name == "defined" || name == "undefined")) return name == "defined";
    if (name == "undefined") return !unknown->Holds("is defined");
    return unknown->Holds(fmt::format(
        "is {}{}", name, arguments.positional.empty() ? "" : " " + StepText(arguments)));
  }
  if (name != "defined" && name != "undefined") RefuseUnknown(operand);
  for (const Var& argument : arguments.positional) RefuseUnknown(argument);
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

Var Interpreter::SliceOfUnknown(const Expression& expression, const Unknown& object, Scope& scope) {
  std::string step = "[";
  for (size_t i = 1; i <= 3; ++i) {
    if (i > 1) step += ":";
    if (expression.operands[i]) step += StepText(Evaluate(*expression.operands[i], scope));
  }
  return object.Derive(step + "]");
}

Var Interpreter::EvaluateSlice(const Expression& expression, Scope& scope) {
  Var object = Evaluate(*expression.operands[0], scope);
  if (const Unknown* unknown = AsUnknown(object))
    return SliceOfUnknown(expression, *unknown, scope);
  RefuseUnknown(object);
  bool sliceable = object.is_string() || (object.is_list() && object.list()->has_index());
  if (!sliceable)
    throw RenderError{fmt::format("{} cannot be sliced", object.TypeName()), expression.offset};
  std::vector<std::string_view> characters;
  if (object.is_string()) characters = Characters(object.as_string());
  Step(characters.size() / 64);
  auto size =
      static_cast<int64_t>(object.is_list() ? object.list()->items.size() : characters.size());
  auto part = [&](size_t index) -> std::optional<int64_t> {
    if (!expression.operands[index]) return std::nullopt;
    Var value = Evaluate(*expression.operands[index], scope);
    if (value.is_none()) return std::nullopt;
    if (const Unknown* unknown = AsUnknown(value)) return unknown->Number();
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
  for (int64_t i = begin; step > 0 ? i < end : i > end;) {
    if (object.is_list()) {
      items.push_back(object.list()->items[static_cast<size_t>(i)]);
    } else {
      text += characters[static_cast<size_t>(i)];
    }
    if (__builtin_add_overflow(i, step, &i)) break;
  }
  if (object.is_string()) return Var(std::move(text));
  return Var::MakeList(std::move(items), object.list()->kind);
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
        return expression.text == "tuple" ? Var::MakeTuple(std::move(items))
                                          : Var::MakeList(std::move(items));
      }
      case E::kDict: {
        Var dict = Var::MakeDict();
        for (size_t i = 0; i + 1 < expression.operands.size(); i += 2) {
          Var key = Evaluate(*expression.operands[i], scope);
          Step(dict.dict()->items.size() / 16);
          dict.dict()->Set(std::move(key), Evaluate(*expression.operands[i + 1], scope));
        }
        return dict;
      }
      case E::kUnary: {
        Var operand = Evaluate(*expression.operands[0], scope);
        if (expression.text == "not") return Var(!IsTrue(operand));
        if (expression.text == "-") return Negated(operand);
        if (!operand.is_number()) throw RenderError{"'+' needs a number", 0};
        return operand.is_bool() ? Var(operand.as_int()) : operand;
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

// Runs a parsed template within a budget of steps, depth and output.
//
// Nothing outside can be reached from a template but what the Environment offers: names that the
// host looks up. A template that asks for anything else, that exceeds the budget, or that fails in
// a way dbt would not let pass is not rendered (RenderError); there is no partial text.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/ast.h"
#include "jinja/value.h"

namespace layergate::jinja {

class Unknown;

struct Budget {
  uint64_t steps = 5'000'000;
  int depth = 200;
  size_t output = size_t{32} << 20;
};

// A variable scope; lookups go outwards. Blocks that set nothing outside get a scope of their own.
class Scope {
 public:
  explicit Scope(Scope* outer) : outer_(outer) {}
  Var* Find(std::string_view name);
  bool FindHere(std::string_view name) const { return names_.find(name) != names_.end(); }
  void Set(const std::string& name, Var value) { names_[name] = std::move(value); }
  // Marks this scope and the ones around it as reachable from a value.
  void Capture();
  bool captured() const { return captured_; }
  // Its block is over. Jinja's variables are gone then, also for a macro that was defined there.
  void End() { ended_ = true; }

 private:
  Scope* outer_;
  bool captured_ = false, ended_ = false;
  std::map<std::string, Var, std::less<>> names_;
};

class Interpreter {
 public:
  // Gives names that no scope has: dbt's functions and macros. nullopt: undefined.
  using Host = std::function<std::optional<Var>(Interpreter&, std::string_view name)>;

  // `macro_prefix` stands before the name of every macro that a template defines: dbt's own
  // environment has one, so that a model cannot call its macros by their plain names.
  Interpreter(Host host, Budget budget, std::string macro_prefix = {})
      : host_(std::move(host)), budget_(budget), macro_prefix_(std::move(macro_prefix)) {}
  ~Interpreter();
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;

  // The text of a whole template, with its own scope.
  // Where it fails, `beginning` gets what was written until then.
  std::string Render(const Template& source, std::string* beginning = nullptr);
  // The text of a template inside the running one (a var that is a template), within its budget.
  std::string RenderNested(std::unique_ptr<Template> source);
  // Makes the macros that `source` defines at its top level callable, without running anything
  // else. The template must live as long as the interpreter.
  std::vector<std::pair<std::string, Var>> Macros(const Template& source);

  Var Call(const Var& callable, const Arguments& arguments);
  Var Attribute(const Var& object, std::string_view name);
  Var Item(const Var& object, const Var& key);
  std::vector<Var> Iterate(const Var& iterable);
  Var ApplyFilter(std::string_view name, const Var& operand, const Arguments& arguments);
  bool ApplyTest(std::string_view name, const Var& operand, const Arguments& arguments);
  // How many macros are running, one inside the other.
  int depth() const { return depth_; }
  // One step of work; throws when the budget is spent.
  void Step(uint64_t steps = 1);

  Var Evaluate(const Expression& expression, Scope& scope);
  // A macro's text. What {% call %} passes is the argument "caller".
  Var RunMacro(const Statement& macro, Scope* definition_scope, const Arguments& arguments);

 private:
  enum class Flow { kNormal, kBreak, kContinue };
  class Frame;
  struct Deeper {  // one macro inside another; throws when there are too many
    explicit Deeper(Interpreter& interpreter);
    ~Deeper() { --depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;
    int& depth_;
  };

  Flow Run(const Block& block, Scope& scope, std::string& out);
  Flow RunStatement(const Statement& statement, Scope& scope, std::string& out);
  Flow RunFor(const Statement& statement, Scope& scope, std::string& out);
  void RunLoop(const Statement& statement, const Var& iterable, size_t depth, Scope& scope,
               std::string& out);
  std::vector<Var> LoopItems(const Statement& statement, const Var& iterable, Scope& scope);
  void BindParameters(const Statement& macro, std::string_view name, const Arguments& arguments,
                      Scope& scope);
  std::string RunBody(const Statement& macro, std::string_view name, Scope* definition_scope,
                      const Arguments& arguments);
  Scope* Capture(Scope& scope);
  void RunSet(const Statement& statement, Scope& scope);
  void RunCallBlock(const Statement& statement, Scope& scope, std::string& out);
  void Assign(const Expression& target, Var value, Scope& scope);
  void AssignAll(const std::vector<ExpressionPtr>& targets, const Var& value, Scope& scope);
  void Append(std::string& out, std::string_view text);
  Arguments EvaluateArguments(const Expression& expression, Scope& scope);
  Var EvaluateOnce(const Expression& expression, Scope& scope);
  Var EvaluateBinary(const Expression& expression, Scope& scope);
  Var EvaluateCompare(const Expression& expression, Scope& scope);
  Var EvaluateSlice(const Expression& expression, Scope& scope);
  Var SliceOfUnknown(const Expression& expression, const Unknown& object, Scope& scope);
  Var ItemByUnknown(const Var& object, const Var& key);
  Var FilterUnknown(std::string_view name, const Var& operand, const Arguments& arguments);
  std::string CaptureBody(const Block& body, Scope& scope);

  Host host_;
  Budget budget_;
  std::string macro_prefix_;
  std::vector<std::unique_ptr<Scope>> kept_;
  std::vector<std::unique_ptr<Template>> nested_;  // macros refer to their trees
  uint64_t steps_ = 0;
  size_t written_ = 0;
  int depth_ = 0;
};

// `return(value)` of dbt leaves the macro it stands in with a value instead of text.
struct ReturnValue {
  Var value;
};

}  // namespace layergate::jinja

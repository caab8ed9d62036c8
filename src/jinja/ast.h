// A parsed template: statements that give text, and expressions.
//
// Plain trees of one node type each; `kind` says which fields mean something. Offsets point into
// the template's text, which the Template owns together with its nodes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "jinja/value.h"

namespace layergate::jinja {

struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;

struct CallArgument {
  std::string name;  // keyword arguments
  int star = 0;      // 1: *args, 2: **kwargs
  ExpressionPtr value;
};

struct Expression {
  enum class Kind {
    kLiteral,    // literal
    kName,       // text
    kList,       // operands; text "tuple" for tuples
    kDict,       // operands: key, value, key, value ...
    kUnary,      // text: "not", "-", "+"
    kBinary,     // text: the operator; "and", "or", "in", "not in", "==", "~" ...
    kCompare,    // operands a b c ..., operators between them in `operators` (a < b < c)
    kCondition,  // operands: then, test, else (else may be missing)
    kAttribute,  // operands[0].text
    kItem,       // operands[0][operands[1]]
    kSlice,      // operands[0][operands[1]:operands[2]:operands[3]], absent ones null
    kCall,       // operands[0](arguments)
    kFilter,     // operands[0] | text(arguments)
    kTest,       // operands[0] is text(arguments); negated when operators holds "not"
  };
  Kind kind = Kind::kLiteral;
  uint32_t offset = 0;
  std::string text;
  Var literal;
  std::vector<ExpressionPtr> operands;
  std::vector<std::string> operators;
  std::vector<CallArgument> arguments;
};

struct Statement;
using Block = std::vector<Statement>;

struct Parameter {
  std::string name;
  ExpressionPtr otherwise;  // the default; null when there is none
};

struct Statement {
  enum class Kind {
    kText,      // text
    kPrint,     // expression
    kSet,       // targets = expression
    kSetBlock,  // targets[0] = body, through the filters of `expression` (which may be null)
    kIf,        // branches (a branch without test is else)
    kFor,       // for targets in expression [if filter]: body, else: otherwise
    kMacro,     // text(parameters): body
    kCall,      // call(parameters) expression: body
    kFilter,    // expression is the chain of filters over the body, with an empty name at its root
    kDo,        // expression
    kWith,      // targets[i] = values[i]: body
    kBreak,
    kContinue,
    kSkipped,  // a block that dbt runs elsewhere (materialization, test, docs): text says which
  };
  struct Branch {
    ExpressionPtr test;
    Block body;
  };
  Kind kind = Kind::kText;
  uint32_t offset = 0;
  std::string text;
  ExpressionPtr expression, filter;
  std::vector<ExpressionPtr> targets, values;
  std::vector<Branch> branches;
  std::vector<Parameter> parameters;
  Block body, otherwise;
  bool recursive = false;
  // kMacro, kCall: which of these names the body speaks of; a macro takes no others.
  struct SpeaksOf {
    bool varargs = false, kwargs = false, caller = false;
  } speaks_of;
};

struct Template {
  std::string text;
  Block body;
};

// Parses a template. The error names line and column and what was expected. Nesting is limited.
Result<std::unique_ptr<Template>> ParseTemplate(std::string text);

}  // namespace layergate::jinja

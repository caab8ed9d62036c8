#include "lineage/column_names.h"

#include <string>

#include <re2/re2.h>

#include "core/text.h"

namespace layergate::lineage {

namespace {

// The regular expression of a LIKE or GLOB pattern; nullopt where it has an escape or a class.
std::optional<std::string> Translated(std::string_view pattern, char any, char one) {
  std::string out;
  for (const char c : pattern) {
    if (c == '\\' || (c == '[' && any == '*')) return std::nullopt;
    if (c == any) {
      out += ".*";
    } else if (c == one) {
      out += '.';
    } else {
      out += RE2::QuoteMeta(std::string(1, c));
    }
  }
  return out;
}

// The text that an expression over the name is.
std::optional<std::string> TextOf(const sql::Expr* expr, std::string_view variable,
                                  std::string_view name) {
  if (const auto* literal = sql::As<sql::Literal>(expr);
      literal != nullptr && literal->form == sql::Literal::Form::kString) {
    return std::string(literal->text);
  }
  if (const auto* column = sql::As<sql::Column>(expr);
      column != nullptr && column->parts.size() == 1 &&
      EqualsIgnoreCase(column->parts[0].text, variable)) {
    return std::string(name);
  }
  const auto* call = sql::As<sql::Call>(expr);
  if (call == nullptr || call->name.size() != 1 || call->arguments.size() != 1) return std::nullopt;
  const std::string function = ToLower(call->name[0].text);
  const std::optional<std::string> inner = TextOf(call->arguments[0], variable, name);
  if (!inner) return std::nullopt;
  if (function == "lower" || function == "lcase") return ToLower(*inner);
  if (function == "upper" || function == "ucase") return ToUpper(*inner);
  return std::nullopt;
}

std::optional<bool> CallHolds(const sql::Call& call, std::string_view variable,
                              std::string_view name) {
  if (call.name.size() != 1 || call.arguments.size() != 2) return std::nullopt;
  const std::optional<std::string> text = TextOf(call.arguments[0], variable, name);
  const std::optional<std::string> part = TextOf(call.arguments[1], variable, name);
  if (!text || !part) return std::nullopt;
  const std::string function = ToLower(call.name[0].text);
  if (function == "starts_with" || function == "prefix") return text->starts_with(*part);
  if (function == "ends_with" || function == "suffix") return text->ends_with(*part);
  if (function == "contains") return text->find(*part) != std::string::npos;
  if (function == "regexp_matches") return MatchesName(NameMatch::kRegex, *part, *text);
  return std::nullopt;
}

std::optional<bool> LikeHolds(const sql::Like& like, std::string_view variable,
                              std::string_view name) {
  if (!like.quantifier.empty() || like.escape != nullptr) return std::nullopt;
  const std::optional<std::string> text = TextOf(like.operand, variable, name);
  const std::optional<std::string> pattern = TextOf(like.pattern, variable, name);
  if (!text || !pattern) return std::nullopt;
  NameMatch how = NameMatch::kLike;
  if (like.op == "ILIKE") {
    how = NameMatch::kIlike;
  } else if (like.op == "SIMILAR TO") {
    how = NameMatch::kSimilar;
  } else if (like.op == "GLOB") {
    how = NameMatch::kGlob;
  } else if (like.op != "LIKE") {
    return std::nullopt;
  }
  const std::optional<bool> found = MatchesName(how, *pattern, *text);
  return found ? std::optional<bool>(*found != like.negated) : std::nullopt;
}

std::optional<bool> BinaryHolds(const sql::Binary& binary, std::string_view variable,
                                std::string_view name) {
  const bool conjunction = binary.op_class == sql::OpClass::kAnd;
  if (conjunction || binary.op_class == sql::OpClass::kOr) {
    for (const sql::Expr* each : binary.operands) {
      const std::optional<bool> holds = HoldsForName(each, variable, name);
      if (!holds) return std::nullopt;
      if (*holds != conjunction) return holds;
    }
    return conjunction;
  }
  if (binary.operands.size() != 2 || (binary.op != "=" && binary.op != "<>")) return std::nullopt;
  const std::optional<std::string> a = TextOf(binary.operands[0], variable, name);
  const std::optional<std::string> b = TextOf(binary.operands[1], variable, name);
  if (!a || !b) return std::nullopt;
  return (*a == *b) == (binary.op == "=");
}

std::optional<bool> InHolds(const sql::In& in, std::string_view variable, std::string_view name) {
  const std::optional<std::string> text = TextOf(in.operand, variable, name);
  if (!text || in.query != nullptr || in.source != nullptr) return std::nullopt;
  bool found = false;
  for (const sql::Expr* item : in.list) {
    const std::optional<std::string> each = TextOf(item, variable, name);
    if (!each) return std::nullopt;
    found = found || *each == *text;
  }
  return found != in.negated;
}

}  // namespace

std::optional<bool> MatchesName(NameMatch how, std::string_view pattern, std::string_view name) {
  std::optional<std::string> expression(pattern);
  if (how == NameMatch::kLike || how == NameMatch::kIlike) {
    expression = Translated(pattern, '%', '_');
  } else if (how == NameMatch::kGlob) {
    expression = Translated(pattern, '*', '?');
  }
  if (!expression) return std::nullopt;
  RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(how != NameMatch::kIlike);
  options.set_dot_nl(how != NameMatch::kRegex);
  const RE2 re(*expression, options);
  if (!re.ok()) return std::nullopt;
  const re2::StringPiece text(name.data(), name.size());
  return how == NameMatch::kRegex ? RE2::PartialMatch(text, re) : RE2::FullMatch(text, re);
}

std::optional<bool> HoldsForName(const sql::Expr* test, std::string_view variable,
                                 std::string_view name) {
  if (test == nullptr) return std::nullopt;
  switch (test->kind) {
    case sql::Kind::kBinary:
      return BinaryHolds(static_cast<const sql::Binary&>(*test), variable, name);
    case sql::Kind::kLike:
      return LikeHolds(static_cast<const sql::Like&>(*test), variable, name);
    case sql::Kind::kIn:
      return InHolds(static_cast<const sql::In&>(*test), variable, name);
    case sql::Kind::kCall:
      return CallHolds(static_cast<const sql::Call&>(*test), variable, name);
    case sql::Kind::kUnary: {
      const auto& unary = static_cast<const sql::Unary&>(*test);
      if (unary.op != "NOT") return std::nullopt;
      const std::optional<bool> holds = HoldsForName(unary.operand, variable, name);
      return holds ? std::optional<bool>(!*holds) : std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace layergate::lineage

// Normalised text of conditions: AND, OR, NOT, comparisons and lists, in their one form.
#include <algorithm>

#include "core/text.h"
#include "lineage/analyzer.h"
#include "lineage/text_forms.h"
#include "sql/compare.h"
#include "sql/walk.h"

namespace layergate::lineage {

namespace {

bool IsAlwaysTrue(std::string_view text) { return text == "true" || text == "1 = 1"; }

std::string_view Opposite(std::string_view op) {
  if (op == "=") return "<>";
  if (op == "<>") return "=";
  if (op == "<") return ">=";
  if (op == "<=") return ">";
  if (op == ">") return "<=";
  if (op == ">=") return "<";
  return {};
}

}  // namespace

std::string Analyzer::BinaryText(const sql::Binary& binary, Scope& scope) {
  const bool any = binary.op == "OR";
  if (any || binary.op == "AND") {
    std::vector<Term> terms;
    for (const sql::Expr* operand : binary.operands) terms.push_back({operand, false});
    return TermsText(any ? "OR" : "AND", terms, scope);
  }
  if (binary.operands.size() == 2 && (binary.op == "=" || binary.op == "<>")) {
    bool yes = true;
    const sql::Expr* tested = TestedForTruth(binary, yes);
    if (tested != nullptr && IsTruth(tested, scope) == Truth::kYes) {
      return yes ? Text(tested, scope) : Negated(tested, scope);
    }
  }
  std::vector<std::string> operands;
  for (const sql::Expr* operand : binary.operands) operands.push_back(Operand(operand, scope));
  return OperatorText(binary.op, std::move(operands), dialect_);
}

// Of `x = true` and `x <> false` the x; `yes`: they say that it holds. nullptr for all others.
const sql::Expr* Analyzer::TestedForTruth(const sql::Binary& binary, bool& yes) {
  for (size_t i = 0; i < 2; ++i) {
    const auto* literal = sql::As<sql::Literal>(binary.operands[i]);
    if (literal == nullptr || literal->form != sql::Literal::Form::kBoolean) continue;
    yes = EqualsIgnoreCase(literal->text, "true") == (binary.op == "=");
    return binary.operands[1 - i];
  }
  return nullptr;
}

// Whether the value is true, false or null, and no number that stands for one of them.
Analyzer::Truth Analyzer::IsTruth(const sql::Expr* expr, Scope& scope) {
  if (!TakesNumbersForTruth(dialect_)) return Truth::kYes;
  using sql::Kind;
  switch (expr->kind) {
    case Kind::kIsTest:
    case Kind::kBetween:
    case Kind::kIn:
    case Kind::kLike:
    case Kind::kQuantified:
    case Kind::kExists:
      return Truth::kYes;
    case Kind::kUnary:
      return static_cast<const sql::Unary&>(*expr).op == "NOT" ? Truth::kYes : Truth::kNo;
    case Kind::kBinary: {
      const sql::OpClass what = static_cast<const sql::Binary&>(*expr).op_class;
      const bool truth =
          what == sql::OpClass::kAnd || what == sql::OpClass::kOr || what == sql::OpClass::kCompare;
      return truth ? Truth::kYes : Truth::kNo;
    }
    case Kind::kColumn: {
      const bool stored = dialect_ != sql::Dialect::kMySql && dialect_ != sql::Dialect::kMariaDb &&
                          dialect_ != sql::Dialect::kSqlite;  // where BOOLEAN is a number's name
      if (!stored) return Truth::kNo;
      const std::string* type = ResolveColumn(static_cast<const sql::Column&>(*expr), scope).type;
      if (type == nullptr) return Truth::kPerhaps;
      return TypeWord(ToLower(*type), dialect_) == "boolean" ? Truth::kYes : Truth::kNo;
    }
    default:
      return Truth::kPerhaps;
  }
}

// An expression whose truth alone is asked: a conjunct, a test of CASE. There `x = true` is x for
// every x that is known to be no number: where the type is not known, nobody compares a number with
// TRUE.
std::string Analyzer::TruthText(const sql::Expr* expr, bool negated, Scope& scope) {
  const auto* binary = sql::As<sql::Binary>(expr);
  const bool lax = dialect_ == sql::Dialect::kMySql || dialect_ == sql::Dialect::kMariaDb ||
                   dialect_ == sql::Dialect::kSqlite || dialect_ == sql::Dialect::kClickHouse;
  if (binary != nullptr && binary->operands.size() == 2 && !lax &&
      (binary->op == "=" || binary->op == "<>")) {
    bool yes = true;
    const sql::Expr* tested = TestedForTruth(*binary, yes);
    if (tested != nullptr && IsTruth(tested, scope) != Truth::kNo) {
      return TruthText(tested, negated == yes, scope);
    }
  }
  return negated ? Negated(expr, scope) : Text(expr, scope);
}

// Whether a value may be a number that is none (NaN), with which no order holds.
bool Analyzer::MayBeUnordered(const sql::Expr* expr, Scope& scope) {
  if (!HasUnorderedNumbers(dialect_)) return false;
  bool found = false;
  const auto is_float = [&](const std::string& type) {
    const std::string word = TypeWord(ToLower(type), dialect_);
    return word == "double" || word == "real" || word == "float" || word == "float32" ||
           word.find("float") != std::string::npos;
  };
  sql::Walk(expr, [&](const sql::Node* node) {
    if (const auto* column = sql::As<sql::Column>(node)) {
      const std::string* type = ResolveColumn(*column, scope).type;
      found = found || (type != nullptr && is_float(*type));
    } else if (const auto* cast = sql::As<sql::Cast>(node)) {
      found = found || is_float(sql::TypeText(*cast->type));
    } else if (const auto* binary = sql::As<sql::Binary>(node)) {
      found = found || binary->op == "/";
    }
    return !found && node->kind != sql::Kind::kQuery;
  });
  return found;
}

// Whether a comparison with constants says that something is one of them, or (`out.negated`) none
// of them; fills `out` if so. Cheap when it says the other thing.
bool Analyzer::IsMembership(const Term& term, Scope& scope, Membership& out) {
  if (const auto* unary = sql::As<sql::Unary>(term.expr); unary != nullptr && unary->op == "NOT") {
    return IsMembership({unary->operand, !term.negated}, scope, out);
  }
  if (const auto* in = sql::As<sql::In>(term.expr)) {
    if (in->query != nullptr || in->source != nullptr || in->list.empty()) return false;
    if (out.negated != (in->negated != term.negated)) return false;
    out.subject = Operand(in->operand, scope);
    for (const sql::Expr* item : in->list) out.values.push_back(Text(item, scope));
    return true;
  }
  const auto* equals = sql::As<sql::Binary>(term.expr);
  if (equals == nullptr || equals->operands.size() != 2) return false;
  if (equals->op != "=" && equals->op != "<>") return false;
  if (out.negated != ((equals->op == "<>") != term.negated)) return false;
  const bool swapped = equals->operands[0]->kind == sql::Kind::kLiteral;
  const auto* value = sql::As<sql::Literal>(equals->operands[swapped ? 0 : 1]);
  if (value == nullptr || value->form == sql::Literal::Form::kBoolean) return false;
  out.subject = Operand(equals->operands[swapped ? 1 : 0], scope);
  out.values.push_back(Text(value, scope));
  return true;
}

// The parts of an AND or OR: `x = 'a' OR x = 'b'` is `x IN ('a', 'b')`, and `x <> 'a' AND
// x <> 'b'` is `x NOT IN ('a', 'b')`. One text for each part, with the place of its first one.
std::vector<RowSetFact::Conjunct> Analyzer::PartsOf(std::string_view op,
                                                    const std::vector<Term>& terms, Scope& scope) {
  std::vector<Term> flat;
  for (const Term& term : terms) Flatten(op, term, flat);
  std::vector<Membership> lists;
  std::vector<RowSetFact::Conjunct> parts;
  for (const Term& term : flat) {
    Membership member;
    member.span = term.expr->span;
    member.negated = op == "AND";
    if (IsMembership(term, scope, member)) {
      const auto same = std::find_if(lists.begin(), lists.end(), [&](const Membership& other) {
        return other.subject == member.subject;
      });
      if (same == lists.end()) {
        member.at = parts.size();
        parts.push_back({"", member.span});
        lists.push_back(std::move(member));
      } else {
        same->values.insert(same->values.end(), member.values.begin(), member.values.end());
      }
      continue;
    }
    const auto* between = sql::As<sql::Between>(term.expr);
    if (between != nullptr && !between->symmetric && op == "AND" &&
        between->negated == term.negated) {
      for (std::string& bound : Bounds(*between, scope)) {
        parts.push_back({std::move(bound), term.expr->span});
      }
      continue;
    }
    std::string text = TruthText(term.expr, term.negated, scope);
    if (op == "AND" && IsAlwaysTrue(text)) continue;
    parts.push_back({std::move(text), term.expr->span});
  }
  for (Membership& list : lists) {
    parts[list.at].text = ListText(list.subject, list.negated, std::move(list.values));
  }
  return parts;
}

// NOT (a OR b) is NOT a AND NOT b; brackets within an AND say nothing.
void Analyzer::Flatten(std::string_view op, const Term& term, std::vector<Term>& into) {
  if (const auto* unary = sql::As<sql::Unary>(term.expr); unary != nullptr && unary->op == "NOT") {
    return Flatten(op, {unary->operand, !term.negated}, into);
  }
  const auto* binary = sql::As<sql::Binary>(term.expr);
  const std::string_view inner = binary == nullptr     ? std::string_view()
                                 : !term.negated       ? binary->op
                                 : binary->op == "AND" ? std::string_view("OR")
                                 : binary->op == "OR"  ? std::string_view("AND")
                                                       : std::string_view();
  if (inner != op) return into.push_back(term);
  for (const sql::Expr* operand : binary->operands) Flatten(op, {operand, term.negated}, into);
}

std::string Analyzer::TermsText(std::string_view op, const std::vector<Term>& terms, Scope& scope) {
  std::vector<std::string> texts;
  for (RowSetFact::Conjunct& part : PartsOf(op, terms, scope))
    texts.push_back(std::move(part.text));
  if (texts.size() == 1) return texts[0];
  for (std::string& text : texts) text = AsOperand(text);
  return OperatorText(op, std::move(texts), dialect_);
}

std::string Analyzer::ListText(const std::string& subject, bool negated,
                               std::vector<std::string> values) const {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  if (values.size() == 1) {
    return OperatorText(negated ? "<>" : "=", {subject, AsOperand(values[0])}, dialect_);
  }
  return subject + (negated ? " not in (" : " in (") + Join(values, ", ") + ")";
}

// BETWEEN is two comparisons.
std::vector<std::string> Analyzer::Bounds(const sql::Between& between, Scope& scope) {
  const std::string subject = Operand(between.operand, scope);
  return {OperatorText(">=", {subject, Operand(between.low, scope)}, dialect_),
          OperatorText("<=", {subject, Operand(between.high, scope)}, dialect_)};
}

// NOT before an expression, said by the expression itself where it can.
std::string Analyzer::Negated(const sql::Expr* expr, Scope& scope) {
  if (const auto* unary = sql::As<sql::Unary>(expr); unary != nullptr && unary->op == "NOT") {
    if (IsTruth(unary->operand, scope) == Truth::kYes) return Text(unary->operand, scope);
  }
  if (const auto* binary = sql::As<sql::Binary>(expr)) {
    if (binary->op == "AND") return TermsText("OR", {{expr, true}}, scope);
    if (binary->op == "OR") return TermsText("AND", {{expr, true}}, scope);
    const std::string_view op = Opposite(binary->op);
    const bool equality = binary->op == "=" || binary->op == "<>";
    if (!op.empty() && (equality || !MayBeUnordered(binary, scope)) &&
        binary->operands.size() == 2) {
      sql::Binary other = *binary;
      other.op = op;
      return BinaryText(other, scope);
    }
  }
  if (const auto* in = sql::As<sql::In>(expr)) {
    sql::In other = *in;
    other.negated = !in->negated;
    return Text(&other, scope);
  }
  if (const auto* between = sql::As<sql::Between>(expr); between != nullptr) {
    sql::Between other = *between;
    other.negated = !between->negated;
    return Text(&other, scope);
  }
  if (const auto* test = sql::As<sql::IsTest>(expr)) {
    sql::IsTest other = *test;
    other.negated = !test->negated;
    return Text(&other, scope);
  }
  if (const auto* like = sql::As<sql::Like>(expr); like != nullptr && like->quantifier.empty()) {
    sql::Like other = *like;
    other.negated = !like->negated;
    return Text(&other, scope);
  }
  return "not " + Operand(expr, scope);
}

}  // namespace layergate::lineage

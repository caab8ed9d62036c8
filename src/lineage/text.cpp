// Normalised text: what "the expression changed" and "the predicate changed" compare.
//
// Names of base columns stand for references, derived columns are put in place, operands of what
// commutes are sorted, redundant words and parentheses are gone. Long texts inside others become a
// digest, so that chains of CTEs stay linear.
#include "core/text.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "lineage/analyzer.h"
#include "sql/compare.h"
#include "sql/walk.h"

namespace layergate::lineage {

namespace {

constexpr size_t kLongestPart = 240;

// FNV-1a, 64 bits: short, stable, and no secret depends on it.
uint64_t Digest(std::string_view text) {
  uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1099511628211ULL;
  }
  return hash;
}

bool IsSimple(const sql::Expr* expr) {
  switch (expr->kind) {
    case sql::Kind::kColumn:
    case sql::Kind::kLiteral:
    case sql::Kind::kCall:
    case sql::Kind::kField:
    case sql::Kind::kSubscript:
    case sql::Kind::kCast:
    case sql::Kind::kParameter:
    case sql::Kind::kRow:
    case sql::Kind::kCase:
    case sql::Kind::kSubquery:
      return true;
    default:
      return false;
  }
}

bool IsWordLike(std::string_view text) {
  for (const char c : text) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '.' || c == '#' || c == '$' || c == ':';
    if (!word) return false;
  }
  return true;
}

std::string_view Flipped(std::string_view op) {
  if (op == ">") return "<";
  if (op == ">=") return "<=";
  return op;
}

bool Commutes(std::string_view op) {
  return op == "AND" || op == "OR" || op == "=" || op == "<>" || op == "+" || op == "*" ||
         op == "<=>" || op == "&" || op == "|";
}

// 'MONTH' and 'month' name the same part of a date.
bool IsDatePart(std::string_view lower) {
  static constexpr std::string_view kParts[] = {
      "year",        "quarter",     "month",   "week",    "day", "hour", "minute", "second",
      "millisecond", "microsecond", "isoweek", "isoyear", "dow", "doy",  "epoch"};
  return std::find(std::begin(kParts), std::end(kParts), lower) != std::end(kParts);
}

// Whole fields of a node that has no text of its own here.
struct FieldTexts {
  std::vector<std::string> parts;
  std::vector<const sql::Node*> children;
  template <typename T>
  void operator()(const char* name, const T& field) {
    if constexpr (std::is_same_v<T, std::string_view>) {
      if (!field.empty()) parts.push_back(ToLower(field));
    } else if constexpr (std::is_same_v<T, bool>) {
      if (field) parts.emplace_back(name);
    } else if constexpr (std::is_same_v<T, sql::Names>) {
      for (const sql::Name& each : field) parts.push_back(ToLower(each.text));
    } else if constexpr (std::is_same_v<T, sql::Name>) {
      if (!field.empty()) parts.push_back(ToLower(field.text));
    } else if constexpr (std::is_enum_v<T>) {
      if (static_cast<int>(field) != 0) {
        parts.push_back(fmt::format("{}{}", name, static_cast<int>(field)));
      }
    } else if constexpr (std::is_integral_v<T>) {
      if (field != 0) parts.push_back(fmt::format("{}{}", name, field));
    } else if constexpr (std::is_pointer_v<T>) {
      if (field != nullptr) children.push_back(field);
    } else {
      for (const sql::Node* child : field) children.push_back(child);
    }
  }
};

}  // namespace

std::string Analyzer::Capped(const std::string& text) const {
  if (text.size() <= kLongestPart) return text;
  return fmt::format("{{{:016x}}}", Digest(text));
}

// As an operand of something: in parentheses where it is not one word or one call.
std::string Analyzer::Operand(const sql::Expr* expr, Scope& scope) {
  if (expr == nullptr) return "";
  std::string text = Text(expr, scope);
  if (expr->kind == sql::Kind::kColumn || expr->kind == sql::Kind::kColumnsMacro) {
    const bool call = !text.empty() && text.back() == ')' && text.find(' ') == std::string::npos;
    return IsWordLike(text) || call || text.front() == '{' ? text : "(" + text + ")";
  }
  return IsSimple(expr) ? text : "(" + text + ")";
}

std::string Analyzer::TextList(sql::List<sql::Expr> list, Scope& scope) {
  std::string out;
  for (const sql::Expr* item : list) {
    if (!out.empty()) out += ", ";
    out += Text(item, scope);
  }
  return out;
}

std::string Analyzer::OrderText(sql::List<sql::OrderItem> order, Scope& scope) {
  std::string out;
  for (const sql::OrderItem* item : order) {
    if (!out.empty()) out += ", ";
    out += Text(item->expr, scope);
    if (item->direction == sql::OrderItem::Direction::kDescending) out += " desc";
    if (item->nulls == sql::OrderItem::Nulls::kFirst) out += " nulls first";
    if (item->nulls == sql::OrderItem::Nulls::kLast) out += " nulls last";
  }
  return out;
}

std::string Analyzer::WindowText(const sql::WindowSpec* window, Scope& scope, int depth) {
  std::string out;
  const auto add = [&](const std::string& part) {
    if (part.empty()) return;
    if (!out.empty()) out += ' ';
    out += part;
  };
  if (!window->base.empty() && depth < 16) {
    for (Scope* at = &scope; at != nullptr; at = at->parent) {
      const auto found = at->windows.find(Key(window->base));
      if (found == at->windows.end()) continue;
      add(WindowText(found->second, scope, depth + 1));
      break;
    }
  }
  if (!window->partition_by.empty()) {
    std::vector<std::string> keys;
    for (const sql::Expr* expr : window->partition_by) keys.push_back(Text(expr, scope));
    std::sort(keys.begin(), keys.end());
    add("partition by " + Join(keys, ", "));
  }
  if (!window->order_by.empty()) add("order by " + OrderText(window->order_by, scope));
  if (window->frame != nullptr) add(GenericText(*window->frame, scope));
  return out;
}

std::string Analyzer::CallText(const sql::Call& call, Scope& scope) {
  std::string out;
  for (const sql::Name& part : call.name) {
    if (!out.empty()) out += '.';
    out += ToLower(part.text);
  }
  if (call.no_parentheses) return out;
  // COUNT(1) counts rows like COUNT(*); with two arguments IFNULL and NVL are COALESCE.
  const bool plain = call.over == nullptr && call.filter == nullptr && !call.distinct;
  if (out == "count" && plain && call.arguments.size() == 1) {
    const auto* literal = sql::As<sql::Literal>(call.arguments[0]);
    if (literal != nullptr && literal->form == sql::Literal::Form::kNumber) return "count(*)";
  }
  if ((out == "ifnull" || out == "nvl") && call.arguments.size() == 2) out = "coalesce";
  if (!call.parameters.empty()) out += "(" + TextList(call.parameters, scope) + ")";
  out += '(';
  if (call.distinct) out += "distinct ";
  std::vector<std::string> arguments;
  for (const sql::Expr* argument : call.arguments) {
    const auto* literal = sql::As<sql::Literal>(argument);
    const bool part = literal != nullptr && literal->form == sql::Literal::Form::kString &&
                      IsDatePart(ToLower(literal->text));
    // DATE_TRUNC(month, d) and DATE_TRUNC('month', d) are one call.
    const auto* name = sql::As<sql::Column>(argument);
    const bool dates =
        out.find("date") != std::string::npos || out.find("time") != std::string::npos;
    if (dates && name != nullptr && name->parts.size() == 1 && !name->parts[0].quoted &&
        IsDatePart(ToLower(name->parts[0].text))) {
      arguments.push_back("'" + ToLower(name->parts[0].text) + "'");
      continue;
    }
    arguments.push_back(part ? ToLower(Text(argument, scope)) : Text(argument, scope));
  }
  out += Join(arguments, ", ");
  if (!call.order_by.empty()) out += " order by " + OrderText(call.order_by, scope);
  if (call.limit != nullptr) out += " limit " + Text(call.limit, scope);
  if (call.having_bound != nullptr) out += " having " + Text(call.having_bound, scope);
  if (call.separator != nullptr) out += " separator " + Text(call.separator, scope);
  if (call.nulls == sql::Call::Nulls::kIgnore) out += " ignore nulls";
  out += ')';
  if (!call.within_group.empty()) {
    out += " within group (order by " + OrderText(call.within_group, scope) + ")";
  }
  if (call.filter != nullptr) out += " filter (where " + Text(call.filter, scope) + ")";
  if (call.over != nullptr) out += " over (" + WindowText(call.over, scope, 0) + ")";
  return out;
}

namespace {

// Operands in their one order: `a > b` is `b < a`, what commutes is sorted.
std::string OperatorText(std::string_view op, std::vector<std::string> operands) {
  if (operands.size() == 2 && Flipped(op) != op) {
    op = Flipped(op);
    std::swap(operands[0], operands[1]);
  }
  if (Commutes(op)) std::sort(operands.begin(), operands.end());
  return Join(operands, " " + ToLower(op) + " ");
}

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
  std::string list = EqualitiesText(binary, scope);
  if (!list.empty()) return list;
  std::vector<std::string> operands;
  for (const sql::Expr* operand : binary.operands) operands.push_back(Operand(operand, scope));
  return OperatorText(binary.op, std::move(operands));
}

// `x = 'a' or x = 'b'` is `x in ('a', 'b')`; empty for everything else.
std::string Analyzer::EqualitiesText(const sql::Binary& binary, Scope& scope) {
  if (binary.op != "OR") return {};
  std::string subject;
  std::vector<std::string> values;
  for (const sql::Expr* operand : binary.operands) {
    const auto* equals = sql::As<sql::Binary>(operand);
    if (equals == nullptr || equals->op != "=" || equals->operands.size() != 2) return {};
    const bool swapped = equals->operands[0]->kind == sql::Kind::kLiteral;
    const sql::Expr* value = equals->operands[swapped ? 0 : 1];
    if (value->kind != sql::Kind::kLiteral) return {};
    const std::string text = Operand(equals->operands[swapped ? 1 : 0], scope);
    if (!subject.empty() && text != subject) return {};
    subject = text;
    values.push_back(Text(value, scope));
  }
  return ListText(subject, false, std::move(values));
}

std::string Analyzer::ListText(const std::string& subject, bool negated,
                               std::vector<std::string> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  if (values.size() == 1) return OperatorText(negated ? "<>" : "=", {subject, values[0]});
  return subject + (negated ? " not in (" : " in (") + Join(values, ", ") + ")";
}

// BETWEEN is two comparisons.
std::vector<std::string> Analyzer::Bounds(const sql::Between& between, Scope& scope) {
  const std::string subject = Operand(between.operand, scope);
  return {OperatorText(">=", {subject, Operand(between.low, scope)}),
          OperatorText("<=", {subject, Operand(between.high, scope)})};
}

// NOT before something that can say so itself; empty for everything else.
std::string Analyzer::NegatedText(const sql::Expr* expr, Scope& scope) {
  if (const auto* binary = sql::As<sql::Binary>(expr)) {
    const std::string_view op = Opposite(binary->op);
    if (op.empty() || binary->operands.size() != 2) return {};
    return OperatorText(op,
                        {Operand(binary->operands[0], scope), Operand(binary->operands[1], scope)});
  }
  if (const auto* in = sql::As<sql::In>(expr)) {
    sql::In other = *in;
    other.negated = !in->negated;
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
  return {};
}

std::string Analyzer::GenericText(const sql::Node& node, Scope& scope) {
  FieldTexts fields;
  sql::VisitNode(node, [&](const auto& typed) { typed.Fields(fields); });
  std::string out(sql::ToString(node.kind));
  out += '(';
  bool first = true;
  const auto add = [&](const std::string& part) {
    if (!first) out += ' ';
    first = false;
    out += part;
  };
  for (const std::string& part : fields.parts) add(part);
  for (const sql::Node* child : fields.children) add(Text(child, scope));
  return out + ")";
}

std::string Analyzer::Text(const sql::Expr* expr, Scope& scope) {
  if (expr == nullptr) return "";
  using sql::Kind;
  switch (expr->kind) {
    case Kind::kColumn:
      return Capped(*ResolveColumn(static_cast<const sql::Column&>(*expr), scope).text);
    case Kind::kColumnsMacro:
      if (columns_value_ != nullptr) return Capped(*columns_value_->text);
      return GenericText(*expr, scope);
    case Kind::kLiteral: {
      const auto& literal = static_cast<const sql::Literal&>(*expr);
      using Form = sql::Literal::Form;
      if (literal.form == Form::kString) return "'" + std::string(literal.text) + "'";
      if (literal.form == Form::kTyped) {
        return ToLower(literal.type) + " '" + std::string(literal.text) + "'";
      }
      if (literal.form == Form::kBytes) return "b'" + std::string(literal.text) + "'";
      return ToLower(literal.text);
    }
    case Kind::kParameter:
      return std::string(static_cast<const sql::Parameter&>(*expr).text);
    case Kind::kStar: {
      const auto& star = static_cast<const sql::Star&>(*expr);
      if (star.qualifier.empty() && star.except.empty() && star.base == nullptr) return "*";
      return GenericText(*expr, scope);
    }
    case Kind::kUnary: {
      const auto& unary = static_cast<const sql::Unary&>(*expr);
      if (unary.op == "NOT") {
        std::string negated = NegatedText(unary.operand, scope);
        if (!negated.empty()) return negated;
      }
      return ToLower(unary.op) + (unary.op == "-" || unary.op == "~" ? "" : " ") +
             Operand(unary.operand, scope);
    }
    case Kind::kBinary:
      return BinaryText(static_cast<const sql::Binary&>(*expr), scope);
    case Kind::kIsTest: {
      const auto& test = static_cast<const sql::IsTest&>(*expr);
      std::string out = Operand(test.operand, scope) + " is ";
      if (test.negated) out += "not ";
      out += ToLower(test.test);
      if (test.other != nullptr) out += " " + Operand(test.other, scope);
      return out;
    }
    case Kind::kBetween: {
      const auto& between = static_cast<const sql::Between&>(*expr);
      if (!between.negated && !between.symmetric) {
        const std::vector<std::string> bounds = Bounds(between, scope);
        return OperatorText("AND", {"(" + bounds[0] + ")", "(" + bounds[1] + ")"});
      }
      return Operand(between.operand, scope) + (between.negated ? " not" : "") + " between " +
             (between.symmetric ? "symmetric " : "") + Operand(between.low, scope) + " and " +
             Operand(between.high, scope);
    }
    case Kind::kIn: {
      const auto& in = static_cast<const sql::In&>(*expr);
      std::string out = Operand(in.operand, scope) + (in.negated ? " not in (" : " in (");
      if (in.query != nullptr) return out + SubqueryOf(in.query, scope).text + ")";
      if (in.source != nullptr) return out + Text(in.source, scope) + ")";
      std::vector<std::string> items;
      for (const sql::Expr* item : in.list) items.push_back(Text(item, scope));
      return ListText(Operand(in.operand, scope), in.negated, std::move(items));
    }
    case Kind::kLike: {
      const auto& like = static_cast<const sql::Like&>(*expr);
      std::string out = Operand(like.operand, scope) + (like.negated ? " not " : " ") +
                        ToLower(like.op) + " " + ToLower(like.quantifier) +
                        (like.quantifier.empty() ? "" : " ") + Operand(like.pattern, scope);
      if (like.escape != nullptr) out += " escape " + Text(like.escape, scope);
      return out;
    }
    case Kind::kExists:
      return "exists (" + SubqueryOf(static_cast<const sql::Exists&>(*expr).query, scope).text +
             ")";
    case Kind::kSubquery: {
      const auto& subquery = static_cast<const sql::Subquery&>(*expr);
      const char* form = subquery.form == sql::Subquery::Form::kArray ? "array" : "";
      return form + ("(" + SubqueryOf(subquery.query, scope).text) + ")";
    }
    case Kind::kQuery:
      return "(" + SubqueryOf(expr, scope).text + ")";
    case Kind::kCase: {
      const auto& test = static_cast<const sql::Case&>(*expr);
      std::string out = "case";
      if (test.operand != nullptr) out += " " + Text(test.operand, scope);
      for (const sql::When* when : test.whens) {
        out += " when " + Text(when->test, scope) + " then " + Text(when->result, scope);
      }
      const std::string otherwise = Text(test.otherwise, scope);
      if (!otherwise.empty() && otherwise != "null") out += " else " + otherwise;
      return out + " end";
    }
    case Kind::kCast: {
      const auto& cast = static_cast<const sql::Cast&>(*expr);
      const auto* inner = sql::As<sql::Cast>(cast.operand);
      const bool twice = inner != nullptr && inner->is_try == cast.is_try &&
                         cast.format == nullptr &&
                         sql::TypeText(*inner->type) == sql::TypeText(*cast.type);
      if (twice) return Text(inner, scope);
      std::string out = cast.is_try ? "try_cast(" : "cast(";
      out += Text(cast.operand, scope) + " as " + sql::TypeText(*cast.type);
      if (cast.format != nullptr) out += " format " + Text(cast.format, scope);
      return out + ")";
    }
    case Kind::kType:
      return sql::TypeText(static_cast<const sql::Type&>(*expr));
    case Kind::kCall:
      return CallText(static_cast<const sql::Call&>(*expr), scope);
    case Kind::kField: {
      const auto& field = static_cast<const sql::Field&>(*expr);
      return Operand(field.base, scope) + (field.json ? ":" : ".") +
             ShownName(rules_, field.name.text, field.name.quoted);
    }
    case Kind::kInterval: {
      // INTERVAL '1 day', INTERVAL '1' DAY and INTERVAL 1 DAYS are one length.
      const auto& interval = static_cast<const sql::Interval&>(*expr);
      const auto* literal = sql::As<sql::Literal>(interval.value);
      std::string out = literal != nullptr ? ToLower(literal->text) : Text(interval.value, scope);
      if (!interval.unit.empty()) out += " " + ToLower(interval.unit);
      if (out.size() > 2 && out.back() == 's' && out[out.size() - 2] != ' ') out.pop_back();
      return "interval '" + out + "'";
    }
    case Kind::kLambda: {
      const auto& lambda = static_cast<const sql::Lambda&>(*expr);
      scopes_.emplace_back();
      Scope& inner = scopes_.back();
      inner.parent = &scope;
      inner.ctes = scope.ctes;
      std::string out;
      for (const sql::Name& name : lambda.parameters) {
        inner.parameters.push_back(Key(name));
        out += (out.empty() ? "" : ", ") + ToLower(name.text);
      }
      return out + " -> " + Text(lambda.body, inner);
    }
    case Kind::kRow:
      return "(" + TextList(static_cast<const sql::Row&>(*expr).items, scope) + ")";
    case Kind::kComprehension:
    case Kind::kOpaque:
      return std::string(sql::ToString(expr->kind)) + "(" + std::string(sql_.Text(*expr)) + ")";
    case Kind::kWindowSpec:
      return WindowText(static_cast<const sql::WindowSpec*>(expr), scope, 0);
    default:
      return GenericText(*expr, scope);
  }
}

RowSetFact* Analyzer::Fact(const char* kind, const std::string& where, std::string text,
                           std::string detail, Span span) {
  if (unit_ == nullptr || (quiet_ > 0 && !keep_facts_)) return nullptr;
  RowSetFact& fact = unit_->facts.emplace_back();
  fact.kind = kind;
  fact.where = where;
  fact.text = std::move(text);
  fact.detail = std::move(detail);
  fact.span = span;
  fact.block = block_;
  return &fact;
}

Analyzer::OpenBlock::OpenBlock(Analyzer& analyzer, int goes_on_from)
    : analyzer_(analyzer), before_(analyzer.block_) {
  analyzer.block_ = static_cast<int>(analyzer.result_.goes_on_from.size());
  analyzer.result_.goes_on_from.push_back(goes_on_from);
}

void Analyzer::SetSource(RowSetFact* fact, const RelationFlow& relation) {
  if (fact == nullptr) return;
  fact->reads = {relation.block};
  fact->relation = relation.base.empty() ? relation.label : relation.base;
}

void Analyzer::SplitConjuncts(const sql::Expr* condition, Scope& scope,
                              std::vector<RowSetFact::Conjunct>& into) {
  const auto* binary = sql::As<sql::Binary>(condition);
  if (binary != nullptr && binary->op_class == sql::OpClass::kAnd) {
    for (const sql::Expr* each : binary->operands) SplitConjuncts(each, scope, into);
    return;
  }
  const auto* between = sql::As<sql::Between>(condition);
  if (between != nullptr && !between->negated && !between->symmetric) {
    for (std::string& bound : Bounds(*between, scope)) {
      into.push_back({std::move(bound), condition->span});
    }
    return;
  }
  into.push_back({Text(condition, scope), condition->span});
}

}  // namespace layergate::lineage

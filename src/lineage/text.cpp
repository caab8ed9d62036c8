// Normalised text: what "the expression changed" and "the predicate changed" compare.
//
// Names of base columns stand for references, derived columns are put in place, operands of what
// commutes are sorted, redundant words and parentheses are gone. Long texts inside others become a
// digest, so that chains of CTEs stay linear.
#include "core/text.h"

#include <algorithm>
#include <cctype>
#include <cstdint>

#include <fmt/format.h>

#include "lineage/analyzer.h"
#include "lineage/text_forms.h"
#include "sql/compare.h"
#include "sql/walk.h"

namespace layergate::lineage {

namespace {

constexpr size_t kLongestPart = 600;

// FNV-1a, 64 bits: short, stable, and no secret depends on it.
uint64_t Digest(std::string_view text) {
  uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1099511628211ULL;
  }
  return hash;
}

// Aggregates that pass over nulls: what FILTER takes away, a CASE without ELSE does.
bool IsFoldable(std::string_view call) {
  return call == "sum(" || call == "count(" || call == "avg(" || call == "min(" || call == "max(";
}

// Whole fields of a node that has no text of its own here.
struct FieldTexts {
  struct Child {
    std::string_view label;  // says which field it is, where one before it is empty
    const sql::Node* node;
  };
  bool exact = false;  // the case of words counts
  std::vector<std::string> parts;
  std::vector<Child> children;
  template <typename T>
  void operator()(const char* name, const T& field) {
    if constexpr (std::is_same_v<T, std::string_view>) {
      if (!field.empty()) parts.push_back(Word(field));
    } else if constexpr (std::is_same_v<T, bool>) {
      if (field) parts.emplace_back(name);
    } else if constexpr (std::is_same_v<T, sql::Names>) {
      for (const sql::Name& each : field) parts.push_back(Word(each.text));
    } else if constexpr (std::is_same_v<T, sql::Name>) {
      if (!field.empty()) parts.push_back(Word(field.text));
    } else if constexpr (std::is_enum_v<T>) {
      if (static_cast<int>(field) != 0) {
        parts.push_back(fmt::format("{}{}", name, static_cast<int>(field)));
      }
    } else if constexpr (std::is_integral_v<T>) {
      if (field != 0) parts.push_back(fmt::format("{}{}", name, field));
    } else if constexpr (std::is_pointer_v<T>) {
      if (field != nullptr) children.push_back({gap_ ? name : "", field});
      gap_ = gap_ || field == nullptr;
    } else {
      const bool label = gap_ || !children.empty();
      for (const sql::Node* child : field) children.push_back({label ? name : "", child});
      gap_ = gap_ || field.empty();
    }
  }

 private:
  std::string Word(std::string_view text) const {
    return exact ? std::string(text) : ToLower(text);
  }

  bool gap_ = false;
};

}  // namespace

std::string Analyzer::Capped(const std::string& text) const {
  if (text.size() <= kLongestPart) return text;
  return fmt::format("{{{:016x}}}", Digest(text));
}

// As an operand of something: in parentheses where it is not one whole. By the text alone, so that
// a value written in place and one that a CTE gives read the same.
std::string Analyzer::Operand(const sql::Expr* expr, Scope& scope) {
  if (expr == nullptr) return "";
  return AsOperand(Text(expr, scope));
}

std::string Analyzer::TextList(sql::List<sql::Expr> list, Scope& scope) {
  std::string out;
  for (const sql::Expr* item : list) {
    if (!out.empty()) out += ", ";
    out += Text(item, scope);
  }
  return out;
}

namespace {

// Where an engine puts nulls that nobody placed.
sql::OrderItem::Nulls UsualNulls(const sql::OrderItem& item, sql::Dialect dialect) {
  using Nulls = sql::OrderItem::Nulls;
  const bool descending = item.direction == sql::OrderItem::Direction::kDescending;
  switch (dialect) {
    case sql::Dialect::kPostgres:
    case sql::Dialect::kRedshift:
    case sql::Dialect::kSnowflake:
      return descending ? Nulls::kFirst : Nulls::kLast;
    case sql::Dialect::kDuckDb:
    case sql::Dialect::kTrino:
    case sql::Dialect::kClickHouse:
      return Nulls::kLast;
    case sql::Dialect::kBigQuery:
    case sql::Dialect::kDatabricks:
    case sql::Dialect::kSpark:
    case sql::Dialect::kMySql:
    case sql::Dialect::kMariaDb:
    case sql::Dialect::kSqlite:
    case sql::Dialect::kTsql:
      return descending ? Nulls::kLast : Nulls::kFirst;
    default:
      return Nulls::kDefault;
  }
}

// The frame that a window with an order has where none is written. Snowflake has another one for
// the functions that pick a row, Redshift for all.
bool IsUsualFrame(const sql::WindowFrame& frame, std::string_view function, sql::Dialect dialect) {
  using Frame = sql::WindowFrame;
  if (dialect == sql::Dialect::kRedshift) return false;
  if (dialect == sql::Dialect::kSnowflake &&
      (function == "first_value" || function == "last_value" || function == "nth_value")) {
    return false;
  }
  return frame.unit == Frame::Unit::kRange && frame.start == Frame::Bound::kUnboundedPreceding &&
         frame.end == Frame::Bound::kCurrentRow && frame.exclude.empty();
}

}  // namespace

std::string Analyzer::OrderText(sql::List<sql::OrderItem> order, Scope& scope) {
  std::string out;
  for (const sql::OrderItem* item : order) {
    if (!out.empty()) out += ", ";
    out += Text(item->expr, scope);
    out += DirectionText(*item);
  }
  return out;
}

std::string Analyzer::DirectionText(const sql::OrderItem& item) const {
  std::string out = item.direction == sql::OrderItem::Direction::kDescending ? " desc" : "";
  if (item.nulls == UsualNulls(item, dialect_)) return out;
  if (item.nulls == sql::OrderItem::Nulls::kFirst) out += " nulls first";
  if (item.nulls == sql::OrderItem::Nulls::kLast) out += " nulls last";
  return out;
}

std::string Analyzer::WindowText(const sql::WindowSpec* window, std::string_view function,
                                 Scope& scope, int depth) {
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
      add(WindowText(found->second, function, scope, depth + 1));
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
  if (window->frame != nullptr && !IsUsualFrame(*window->frame, function, dialect_)) {
    add(GenericText(*window->frame, scope));
  }
  return out;
}

// A date's part, as a word or as a text: DATE_TRUNC(month, d) and DATE_TRUNC('MONTH', d) are one
// call. Empty for everything else.
std::string Analyzer::PartText(const sql::Expr* argument) {
  const auto* literal = sql::As<sql::Literal>(argument);
  if (literal == nullptr) return {};
  using Form = sql::Literal::Form;
  if (literal->form != Form::kKeyword && literal->form != Form::kString) return {};
  const std::string lower = ToLower(literal->text);
  return IsDatePart(lower) ? "'" + lower + "'" : std::string();
}

namespace {

// `*` and nothing else: count(*) counts rows.
bool IsBareStar(const sql::Expr* expr) {
  const auto* star = sql::As<sql::Star>(expr);
  return star != nullptr && star->qualifier.empty() && star->base == nullptr &&
         star->except.empty() && star->replace.empty() && star->rename.empty() &&
         star->ilike == nullptr && star->apply.empty();
}

}  // namespace

std::vector<std::string> Analyzer::ArgumentTexts(const sql::Call& call, Scope& scope) {
  std::vector<std::string> arguments;
  const bool parts = TakesDatePart(ToLower(FunctionName(call)));
  const bool counts = ClassOfCall(call) == FunctionClass::kCountLike;
  for (const sql::Expr* argument : call.arguments) {
    if (counts && IsBareStar(argument)) {
      arguments.emplace_back("*");
      continue;
    }
    std::string part = parts ? PartText(argument) : std::string();
    arguments.push_back(part.empty() ? Text(argument, scope) : std::move(part));
  }
  return arguments;
}

// Calls that are another way to write something else; empty for all others. `name` is the one name
// of the function.
std::string Analyzer::CallInOtherWords(std::string_view name, const sql::Call& call, Scope& scope) {
  const bool plain = call.over == nullptr && call.filter == nullptr && !call.distinct &&
                     call.order_by.empty() && call.within_group.empty();
  const size_t count = call.arguments.size();
  if (!plain) return {};
  if (name == "count" && count == 1) {
    const auto* literal = sql::As<sql::Literal>(call.arguments[0]);
    if (literal != nullptr && literal->form == sql::Literal::Form::kNumber) return "count(*)";
  }
  if (name == "current_timestamp" && count == 0) return "current_timestamp";
  if (name == "current_date" && count == 0) return "current_date";
  if ((name == "if" || name == "iff" || name == "iif") && (count == 2 || count == 3)) {
    return CaseText({{TruthText(call.arguments[0], false, scope), Text(call.arguments[1], scope)}},
                    count == 3 ? Text(call.arguments[2], scope) : "");
  }
  if (name == "nvl2" && count == 3) {
    return CaseText(
        {{Operand(call.arguments[0], scope) + " is not null", Text(call.arguments[1], scope)}},
        Text(call.arguments[2], scope));
  }
  if (name == "count_if" && count == 1) {
    return "count(" + CaseText({{TruthText(call.arguments[0], false, scope), "1"}}, "") + ")";
  }
  if (name == "date_part" && count == 2) {
    const std::string part = PartText(call.arguments[0]);
    if (!part.empty())
      return ExtractText(part.substr(1, part.size() - 2), call.arguments[1], scope);
  }
  const std::string_view part = PartFunction(name, count, dialect_);
  if (!part.empty()) return ExtractText(part, call.arguments[0], scope);
  if (name == "concat" && count > 1 && ConcatIsOperator(dialect_)) {
    std::vector<std::string> parts;
    for (const sql::Expr* argument : call.arguments) parts.push_back(Operand(argument, scope));
    return Join(parts, " || ");
  }
  // COALESCE(COALESCE(a, b), c) is COALESCE(a, b, c).
  if (name == "coalesce") {
    std::vector<std::string> parts;
    for (const sql::Expr* argument : call.arguments) {
      const std::string text = Text(argument, scope);
      const std::string_view inner = ArgumentsOfCall(text, "coalesce");
      parts.emplace_back(inner.empty() ? std::string_view(text) : inner);
    }
    return "coalesce(" + Join(parts, ", ") + ")";
  }
  return {};
}

std::string Analyzer::ExtractText(std::string_view part, const sql::Expr* operand, Scope& scope) {
  return "extract(" + ToLower(part) + " from " + Text(operand, scope) + ")";
}

std::string Analyzer::CallText(const sql::Call& call, Scope& scope) {
  std::string out;
  for (const sql::Name& part : call.name) {
    if (!out.empty()) out += '.';
    out += ToLower(part.text);
  }
  out = std::string(FunctionWord(out, call.arguments.size(), dialect_));
  if (call.no_parentheses) return out;
  std::string other = call.details.empty() ? CallInOtherWords(out, call, scope) : std::string();
  if (!other.empty()) return other;
  if (!call.parameters.empty()) out += "(" + TextList(call.parameters, scope) + ")";
  out += '(';
  if (call.distinct) out += "distinct ";
  const bool conditional = call.filter != nullptr && call.over == nullptr && !call.distinct &&
                           call.arguments.size() == 1 && call.details.empty() && IsFoldable(out);
  std::vector<std::string> arguments = ArgumentTexts(call, scope);
  if (conditional) {
    // SUM(x) FILTER (WHERE c) is SUM(CASE WHEN c THEN x END).
    const std::string value = arguments[0] == "*" ? "1" : arguments[0];
    return out + CaseText({{TruthText(call.filter, false, scope), value}}, "") + ")";
  }
  out += Join(arguments, ", ");
  if (!call.order_by.empty()) out += " order by " + OrderText(call.order_by, scope);
  if (call.limit != nullptr) out += " limit " + Text(call.limit, scope);
  if (call.having_bound != nullptr) out += " having " + Text(call.having_bound, scope);
  if (call.separator != nullptr) out += " separator " + Text(call.separator, scope);
  if (call.nulls == sql::Call::Nulls::kIgnore) out += " ignore nulls";
  // ClickHouse's aggregates pass over nulls where nothing is said; elsewhere this says nothing.
  if (call.nulls == sql::Call::Nulls::kRespect && dialect_ == sql::Dialect::kClickHouse) {
    out += " respect nulls";
  }
  if (!call.details.empty()) out += " " + DetailText(call.details);
  out += ')';
  if (!call.within_group.empty()) {
    out += " within group (order by " + OrderText(call.within_group, scope) + ")";
  }
  if (call.filter != nullptr) out += " filter (where " + TruthText(call.filter, false, scope) + ")";
  if (call.over != nullptr)
    out += " over (" + WindowText(call.over, ToLower(FunctionName(call)), scope, 0) + ")";
  return out;
}

// `branches` are tests and results. COALESCE and NULLIF are written as such.
std::string Analyzer::CaseText(const std::vector<std::pair<std::string, std::string>>& branches,
                               std::string otherwise) {
  if (otherwise == "null") otherwise.clear();
  if (branches.size() == 1) {
    const auto& [test, result] = branches[0];
    const auto coalesce = [](const std::string& first, const std::string& second) {
      const std::string_view rest = ArgumentsOfCall(second, "coalesce");
      return "coalesce(" + first + ", " + (rest.empty() ? second : std::string(rest)) + ")";
    };
    const bool falls_back = !otherwise.empty() && otherwise != result;
    if (falls_back && test == AsOperand(result) + " is not null")
      return coalesce(result, otherwise);
    if (falls_back && test == AsOperand(otherwise) + " is null" && result != "null") {
      return coalesce(otherwise, result);
    }
    if (result == "null" && !otherwise.empty()) {
      // NULLIF(a, b): sorted operands of `a = b`, one of which comes out.
      const std::string kept = AsOperand(otherwise);
      const size_t at = test.find(" = ");
      if (at != std::string::npos) {
        const std::string left = test.substr(0, at), right = test.substr(at + 3);
        if (IsWhole(left) && IsWhole(right)) {
          if (left == kept) return "nullif(" + otherwise + ", " + right + ")";
          if (right == kept) return "nullif(" + otherwise + ", " + left + ")";
        }
      }
    }
  }
  std::string out = "case";
  for (const auto& [test, result] : branches) out += " when " + test + " then " + result;
  if (!otherwise.empty()) out += " else " + otherwise;
  return out + " end";
}

// White space and the case of words matter only inside quotes.
std::string Analyzer::DetailText(std::string_view details) {
  std::string out;
  char quote = 0;
  for (const char c : details) {
    const bool blank = quote == 0 && std::isspace(static_cast<unsigned char>(c)) != 0;
    if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == quote) {
      quote = 0;
    }
    if (!blank) {
      out += quote != 0 ? std::string(1, c) : ToLower(std::string(1, c));
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  return out;
}

// A star in a call. Which columns it stands for, and what they are called, is part of the value: an
// object made of a row has its columns' names for keys.
std::string Analyzer::StarText(const sql::Star& star, Scope& scope) {
  std::vector<FlowColumn> columns;
  ++quiet_;
  ExpandStar(star, scope, columns);
  --quiet_;
  return "* of " + RowText(columns);
}

// The columns of a row that is a value. Those of tables that stand for themselves need one word.
std::string Analyzer::RowText(const std::vector<FlowColumn>& columns) const {
  std::string out = "(";
  for (const FlowColumn& column : columns) {
    if (out.size() > 1) out += ", ";
    out += Capped(*column.text);
    const std::string_view text = *column.text;
    const size_t dot = text.rfind('.');
    const bool own = dot != std::string_view::npos && text.substr(dot + 1) == *column.name;
    if (!own) out += " as " + *column.name;
  }
  return Capped(out + ")");
}

std::string Analyzer::GenericText(const sql::Node& node, Scope& scope) {
  FieldTexts fields;
  fields.exact = node.kind == sql::Kind::kCollate || node.kind == sql::Kind::kStructField;
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
  std::string_view label;
  for (const FieldTexts::Child& child : fields.children) {
    if (child.label != label && !child.label.empty()) add(std::string(child.label) + ":");
    label = child.label;
    add(Text(child.node, scope));
  }
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
      if (literal.form == Form::kString) return ToLower(literal.type) + Quoted(literal.text);
      if (literal.form == Form::kTyped) {
        return fmt::format("cast({} as {})", Quoted(literal.text),
                           TypeWord(ToLower(literal.type), dialect_));
      }
      if (literal.form == Form::kBytes) return "b" + Quoted(literal.text);
      return literal.form == Form::kKeyword ? DetailText(literal.text) : ToLower(literal.text);
    }
    case Kind::kParameter:
      return std::string(static_cast<const sql::Parameter&>(*expr).text);
    case Kind::kStar: {
      const auto& star = static_cast<const sql::Star&>(*expr);
      return StarText(star, scope);
    }
    case Kind::kUnary: {
      const auto& unary = static_cast<const sql::Unary&>(*expr);
      if (unary.op == "NOT") return Negated(unary.operand, scope);
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
      if (!between.symmetric) {
        if (!between.negated) {
          const std::vector<std::string> bounds = Bounds(between, scope);
          return OperatorText("AND", {AsOperand(bounds[0]), AsOperand(bounds[1])}, dialect_);
        }
        if (MayBeUnordered(&between, scope)) {
          const std::vector<std::string> bounds = Bounds(between, scope);
          return "not (" +
                 OperatorText("AND", {AsOperand(bounds[0]), AsOperand(bounds[1])}, dialect_) + ")";
        }
        const std::string subject = Operand(between.operand, scope);
        const auto side = [&](std::string_view op, const sql::Expr* bound) {
          return AsOperand(OperatorText(op, {subject, Operand(bound, scope)}, dialect_));
        };
        return OperatorText("OR", {side("<", between.low), side(">", between.high)}, dialect_);
      }
      return Operand(between.operand, scope) + (between.negated ? " not" : "") +
             " between symmetric " + Operand(between.low, scope) + " and " +
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
      // Whether there are rows: which columns they have says nothing.
      return "exists (" + SubqueryOf(static_cast<const sql::Exists&>(*expr).query, scope).rows +
             ")";
    case Kind::kSubquery: {
      const auto& subquery = static_cast<const sql::Subquery&>(*expr);
      const SubqueryFlow& inner = SubqueryOf(subquery.query, scope);
      if (subquery.form == sql::Subquery::Form::kScalar) return "(" + inner.text + ")";
      const char* form = subquery.form == sql::Subquery::Form::kArray ? "array" : "multiset";
      return form + ("(" + inner.text) + inner.order + ")";
    }
    case Kind::kQuery:
      return "(" + SubqueryOf(expr, scope).text + ")";
    case Kind::kCase: {
      const auto& test = static_cast<const sql::Case&>(*expr);
      const std::string subject = Operand(test.operand, scope);
      std::vector<std::pair<std::string, std::string>> branches;
      for (const sql::When* when : test.whens) {
        // CASE x WHEN 1 is CASE WHEN x = 1.
        branches.emplace_back(
            subject.empty() ? Text(when->test, scope)
                            : OperatorText("=", {subject, Operand(when->test, scope)}, dialect_),
            Text(when->result, scope));
      }
      return CaseText(branches, Text(test.otherwise, scope));
    }
    case Kind::kCast: {
      const auto& cast = static_cast<const sql::Cast&>(*expr);
      const std::string type = TypeWord(sql::TypeText(*cast.type), dialect_);
      std::string operand = Text(cast.operand, scope);
      const std::string_view inner = ArgumentsOfCall(operand, cast.is_try ? "try_cast" : "cast");
      const bool twice = cast.format == nullptr && cast.details.empty() &&
                         inner.size() > type.size() + 4 &&
                         inner.substr(inner.size() - type.size() - 4) == " as " + type;
      if (twice) return operand;
      std::string out = cast.is_try ? "try_cast(" : "cast(";
      out += operand + " as " + type;
      if (cast.format != nullptr) out += " format " + Text(cast.format, scope);
      if (!cast.details.empty()) out += " " + DetailText(cast.details);
      return out + ")";
    }
    case Kind::kType:
      return TypeWord(sql::TypeText(static_cast<const sql::Type&>(*expr)), dialect_);
    case Kind::kCall:
      return CallText(static_cast<const sql::Call&>(*expr), scope);
    case Kind::kField: {
      const auto& field = static_cast<const sql::Field&>(*expr);
      if (field.json) return Operand(field.base, scope) + ":" + std::string(field.name.text);
      return Operand(field.base, scope) + "." +
             ShownName(rules_, field.name.text, field.name.quoted);
    }
    case Kind::kExtract: {
      const auto& extract = static_cast<const sql::Extract&>(*expr);
      return ExtractText(extract.part, extract.operand, scope);
    }
    case Kind::kInterval: {
      // INTERVAL '1 day', INTERVAL '1' DAY and INTERVAL 1 DAYS are one length.
      const auto& interval = static_cast<const sql::Interval&>(*expr);
      const auto* literal = sql::As<sql::Literal>(interval.value);
      std::string out = literal != nullptr ? ToLower(literal->text) : Text(interval.value, scope);
      if (!interval.unit.empty()) out += " " + ToLower(interval.unit);
      // Not of '1ms'.
      const size_t word = out.find_last_not_of("abcdefghijklmnopqrstuvwxyz");
      const size_t letters = out.size() - (word == std::string::npos ? 0 : word + 1);
      if (letters > 2 && out.back() == 's') out.pop_back();
      return "interval " + Quoted(out);
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
      return WindowText(static_cast<const sql::WindowSpec*>(expr), "", scope, 0);
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
  for (RowSetFact::Conjunct& part : PartsOf("AND", {{condition, false}}, scope)) {
    into.push_back(std::move(part));
  }
}

}  // namespace layergate::lineage

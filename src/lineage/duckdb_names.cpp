#include "lineage/duckdb_names.h"

#include <algorithm>
#include <utility>

#include "core/text.h"
#include "sql/walk.h"

namespace layergate::lineage {
namespace {

using sql::As;
using sql::Expr;
using Text = std::optional<std::string>;

// Functions and types whose names are keywords of DuckDB's, which it puts in quotes.
bool IsQuoted(std::string_view name) {
  static constexpr std::string_view kWords[] = {
      "day",  "first",  "hour",    "last",  "left",    "map",   "minute", "mode", "month",
      "mode", "nullif", "quarter", "range", "replace", "right", "second", "week", "year"};
  return std::find(std::begin(kWords), std::end(kWords), name) != std::end(kWords);
}

std::string Quoted(std::string_view text, char mark) {
  std::string out(1, mark);
  for (const char c : text) {
    if (c == mark) out += c;
    out += c;
  }
  return out + mark;
}

Text NameText(const sql::Name& name) {
  for (const char c : name.text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
                       (c >= '0' && c <= '9' && &c != name.text.data());
    if (!plain) return Quoted(name.text, '"');
  }
  if (name.quoted) return std::nullopt;  // whether it is a keyword is not known here
  return std::string(name.text);
}

Text ColumnText(const sql::Column& column) {
  std::string out;
  for (const sql::Name& part : column.parts) {
    const Text name = NameText(part);
    if (!name) return std::nullopt;
    out += (out.empty() ? "" : ".") + *name;
  }
  return out;
}

std::string_view ShownType(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {"bigint", "BIGINT"},     {"bool", "BOOLEAN"},        {"boolean", "BOOLEAN"},
      {"date", "\"DATE\""},     {"decimal", "DECIMAL"},     {"double", "\"DOUBLE\""},
      {"float", "FLOAT"},       {"hugeint", "\"HUGEINT\""}, {"int", "INTEGER"},
      {"integer", "INTEGER"},   {"numeric", "DECIMAL"},     {"real", "FLOAT"},
      {"smallint", "SMALLINT"}, {"string", "VARCHAR"},      {"text", "VARCHAR"},
      {"time", "TIME"},         {"timestamp", "TIMESTAMP"}, {"tinyint", "\"TINYINT\""},
      {"uuid", "\"UUID\""},     {"varchar", "VARCHAR"}};
  for (const auto& [written, shown] : kTypes) {
    if (EqualsIgnoreCase(written, name)) return shown;
  }
  return {};
}

Text TypeName(const sql::Type& type) {
  if (type.array_levels > 0 || !type.elements.empty() || !type.fields.empty()) return std::nullopt;
  std::string out(ShownType(type.name));
  if (out.empty()) return std::nullopt;
  for (size_t i = 0; i < type.parameters.size(); ++i) {
    const auto* number = As<sql::Literal>(type.parameters[i]);
    if (number == nullptr) return std::nullopt;
    out += (i == 0 ? "(" : ", ") + std::string(number->text);
  }
  return type.parameters.empty() ? out : out + ")";
}

Text LiteralText(const sql::Literal& literal) {
  using Form = sql::Literal::Form;
  switch (literal.form) {
    case Form::kNumber:
      if (literal.text.find_first_not_of("0123456789.") != std::string_view::npos) {
        return std::nullopt;
      }
      return std::string(literal.text);
    case Form::kString:
      return Quoted(literal.text, '\'');
    case Form::kNull:
      return "NULL";
    case Form::kBoolean:
      return EqualsIgnoreCase(literal.text, "true") ? "CAST('t' AS BOOLEAN)"
                                                    : "CAST('f' AS BOOLEAN)";
    case Form::kTyped: {  // DATE '2020-01-01'
      const std::string_view type = ShownType(literal.type);
      if (type.empty()) return std::nullopt;
      return "CAST(" + Quoted(literal.text, '\'') + " AS " + std::string(type) + ")";
    }
    default:
      return std::nullopt;
  }
}

Text ListText(sql::List<Expr> list) {
  std::string out;
  for (const Expr* each : list) {
    const Text text = DuckDbName(each);
    if (!text) return std::nullopt;
    out += (out.empty() ? "" : ", ") + *text;
  }
  return out;
}

// Chains lean to the left: ((a + 1) + 2); those of AND and OR are flat.
Text BinaryText(const sql::Binary& binary) {
  std::string out;
  const bool flat = binary.op_class == sql::OpClass::kAnd || binary.op_class == sql::OpClass::kOr;
  const std::string op = binary.op == "<>" ? "!=" : std::string(binary.op);
  for (size_t i = 0; i < binary.operands.size(); ++i) {
    const Text operand = DuckDbName(binary.operands[i]);
    if (!operand) return std::nullopt;
    if (i == 0) {
      out = *operand;
    } else {
      out += " " + op + " " + *operand;
      if (!flat) out = "(" + out + ")";
    }
  }
  return flat ? "(" + out + ")" : out;
}

Text UnaryText(const sql::Unary& unary) {
  if (unary.op == "NOT") {
    // NOT before a comparison turns it around.
    static constexpr std::pair<std::string_view, std::string_view> kOpposites[] = {
        {"=", "<>"}, {"<>", "="}, {"<", ">="}, {">=", "<"}, {">", "<="}, {"<=", ">"}};
    if (const auto* inner = As<sql::Binary>(unary.operand)) {
      for (const auto& [op, opposite] : kOpposites) {
        if (inner->op != op) continue;
        sql::Binary turned = *inner;
        turned.op = opposite;
        return BinaryText(turned);
      }
    } else if (unary.operand->kind != sql::Kind::kColumn &&
               unary.operand->kind != sql::Kind::kLiteral) {
      return std::nullopt;
    }
    const Text operand = DuckDbName(unary.operand);
    return operand ? Text("(NOT " + *operand + ")") : operand;
  }
  if (unary.op != "-" && unary.op != "+" && unary.op != "~") return std::nullopt;
  const Text operand = DuckDbName(unary.operand);
  if (!operand) return std::nullopt;
  const auto* literal = As<sql::Literal>(unary.operand);
  const bool number = literal != nullptr && literal->form == sql::Literal::Form::kNumber;
  if (number && unary.op == "-") return "-" + *operand;
  return std::string(unary.op) + "(" + *operand + ")";
}

Text CaseText(const sql::Case& node) {
  std::string out = "CASE ";
  for (const sql::When* when : node.whens) {
    const Text test = DuckDbName(when->test);
    const Text result = when->result != nullptr ? DuckDbName(when->result) : Text();
    if (!test || !result) return std::nullopt;
    std::string condition = *test;
    if (node.operand != nullptr) {
      const Text operand = DuckDbName(node.operand);
      if (!operand) return std::nullopt;
      condition = "(" + *operand + " = " + condition + ")";
    }
    out += " WHEN (" + condition + ") THEN (" + *result + ")";
  }
  const Text otherwise = node.otherwise != nullptr ? DuckDbName(node.otherwise) : Text("NULL");
  return otherwise ? Text(out + " ELSE " + *otherwise + " END") : otherwise;
}

Text WindowText(const sql::WindowSpec& window) {
  if (!window.base.empty() || window.frame != nullptr) return std::nullopt;
  std::string out;
  if (!window.partition_by.empty()) {
    const Text keys = ListText(window.partition_by);
    if (!keys) return std::nullopt;
    out = "PARTITION BY " + *keys;
  }
  for (size_t i = 0; i < window.order_by.size(); ++i) {
    const sql::OrderItem& item = *window.order_by[i];
    const Text key = DuckDbName(item.expr);
    if (!key) return std::nullopt;
    out += i > 0 ? ", " : out.empty() ? "ORDER BY " : " ORDER BY ";
    out += *key;
    if (item.direction == sql::OrderItem::Direction::kDescending) out += " DESC";
    if (item.direction == sql::OrderItem::Direction::kAscending) out += " ASC";
    if (item.nulls == sql::OrderItem::Nulls::kFirst) out += " NULLS FIRST";
    if (item.nulls == sql::OrderItem::Nulls::kLast) out += " NULLS LAST";
  }
  return " OVER (" + out + ")";
}

Text CallText(const sql::Call& call) {
  if (call.name.size() != 1 || !call.order_by.empty() || !call.within_group.empty() ||
      call.no_parentheses || !call.details.empty() || call.nulls != sql::Call::Nulls::kDefault) {
    return std::nullopt;
  }
  std::string name = ToLower(call.name[0].text);
  // Written in a way of its own, or turned into something else.
  static constexpr std::string_view kSpecial[] = {"date",     "trim",    "row",        "substring",
                                                  "position", "overlay", "struct_pack"};
  if (std::find(std::begin(kSpecial), std::end(kSpecial), name) != std::end(kSpecial)) {
    return std::nullopt;
  }
  if (name == "if" && call.arguments.size() == 3) {
    const Text test = DuckDbName(call.arguments[0]), yes = DuckDbName(call.arguments[1]),
               no = DuckDbName(call.arguments[2]);
    if (!test || !yes || !no) return std::nullopt;
    return "CASE  WHEN (" + *test + ") THEN (" + *yes + ") ELSE " + *no + " END";
  }
  const bool star = call.arguments.size() == 1 && call.arguments[0]->kind == sql::Kind::kStar;
  if (name == "count" && !call.distinct && (star || call.arguments.empty())) {
    if (call.filter != nullptr || call.over != nullptr) return std::nullopt;
    return "count_star()";
  }
  if (name == "coalesce" || name == "ifnull") name = "COALESCE";
  if (name == "grouping" || name == "try") name = ToUpper(name);
  if (IsQuoted(name)) name = "\"" + name + "\"";
  const Text arguments = ListText(call.arguments);
  if (!arguments) return std::nullopt;
  std::string out = name + "(" + (call.distinct ? "DISTINCT " : "") + *arguments + ")";
  if (call.filter != nullptr) {
    const Text filter = DuckDbName(call.filter);
    if (!filter) return std::nullopt;
    out += " FILTER (WHERE " + *filter + ")";
  }
  if (call.over != nullptr) {
    const Text window = WindowText(*call.over);
    if (!window) return std::nullopt;
    out += *window;
  }
  return out;
}

Text PredicateText(const Expr* expr) {
  if (const auto* test = As<sql::IsTest>(expr)) {
    const Text operand = DuckDbName(test->operand);
    if (!operand) return std::nullopt;
    const std::string is = test->negated ? " IS NOT " : " IS ";
    if (test->test == "NULL") return "(" + *operand + is + "NULL)";
    if (test->test != "DISTINCT FROM" || test->other == nullptr) return std::nullopt;
    const Text other = DuckDbName(test->other);
    return other ? Text("(" + *operand + is + "DISTINCT FROM " + *other + ")") : other;
  }
  if (const auto* between = As<sql::Between>(expr)) {
    const Text operand = DuckDbName(between->operand), low = DuckDbName(between->low),
               high = DuckDbName(between->high);
    if (!operand || !low || !high || between->symmetric) return std::nullopt;
    const std::string out = "(" + *operand + " BETWEEN " + *low + " AND " + *high + ")";
    return between->negated ? "(NOT " + out + ")" : out;
  }
  if (const auto* in = As<sql::In>(expr)) {
    if (in->query != nullptr || in->source != nullptr) return std::nullopt;
    const Text operand = DuckDbName(in->operand), list = ListText(in->list);
    if (!operand || !list) return std::nullopt;
    return "(" + *operand + (in->negated ? " NOT IN (" : " IN (") + *list + "))";
  }
  const auto* like = As<sql::Like>(expr);
  if (like == nullptr || like->escape != nullptr || !like->quantifier.empty()) return std::nullopt;
  std::string op = like->op == "LIKE" ? "~~" : like->op == "ILIKE" ? "~~*" : "";
  if (op.empty()) return std::nullopt;
  if (like->negated) op = "!" + op;
  const Text operand = DuckDbName(like->operand), pattern = DuckDbName(like->pattern);
  if (!operand || !pattern) return std::nullopt;
  return "(" + *operand + " " + op + " " + *pattern + ")";
}

}  // namespace

std::optional<std::string> DuckDbName(const sql::Expr* expr) {
  using sql::Kind;
  switch (expr->kind) {
    case Kind::kColumn:
      return ColumnText(static_cast<const sql::Column&>(*expr));
    case Kind::kLiteral:
      return LiteralText(static_cast<const sql::Literal&>(*expr));
    case Kind::kBinary: {
      const auto& binary = static_cast<const sql::Binary&>(*expr);
      const bool known =
          binary.op_class == sql::OpClass::kAnd || binary.op_class == sql::OpClass::kOr ||
          binary.op_class == sql::OpClass::kCompare ||
          binary.op_class == sql::OpClass::kArithmetic ||
          binary.op_class == sql::OpClass::kConcat || binary.op_class == sql::OpClass::kBitwise;
      return known ? BinaryText(binary) : std::nullopt;
    }
    case Kind::kUnary:
      return UnaryText(static_cast<const sql::Unary&>(*expr));
    case Kind::kCase:
      return CaseText(static_cast<const sql::Case&>(*expr));
    case Kind::kCall:
      return CallText(static_cast<const sql::Call&>(*expr));
    case Kind::kCast: {
      const auto& cast = static_cast<const sql::Cast&>(*expr);
      const Text operand = DuckDbName(cast.operand), type = TypeName(*cast.type);
      if (!operand || !type || cast.format != nullptr) return std::nullopt;
      return (cast.is_try ? "TRY_CAST(" : "CAST(") + *operand + " AS " + *type + ")";
    }
    case Kind::kInterval: {
      const auto& interval = static_cast<const sql::Interval&>(*expr);
      const Text value = interval.unit.empty() ? DuckDbName(interval.value) : std::nullopt;
      return value ? Text("CAST(" + *value + " AS INTERVAL)") : value;
    }
    default:
      return PredicateText(expr);
  }
}

bool DuckDbNameVaries(const Expr* expr) {
  bool varies = false;
  const auto type_varies = [](std::string_view name) {
    static constexpr std::string_view kSame[] = {"bigint",   "boolean", "decimal",   "float",
                                                 "int",      "integer", "numeric",   "real",
                                                 "smallint", "time",    "timestamp", "varchar"};
    return std::find(std::begin(kSame), std::end(kSame), ToLower(name)) == std::end(kSame);
  };
  sql::Walk(expr, [&](const sql::Node* node) {
    using Form = sql::Literal::Form;
    if (const auto* literal = As<sql::Literal>(node)) {
      const bool plain = literal->text.find_first_not_of("0123456789.") == std::string_view::npos &&
                         !literal->text.empty() && literal->text.back() != '.';
      varies = varies || literal->form == Form::kBoolean || literal->form == Form::kBytes ||
               (literal->form == Form::kNumber && !plain) ||
               (literal->form == Form::kTyped && type_varies(literal->type));
    } else if (const auto* in = As<sql::In>(node)) {
      varies = varies || in->negated;
    } else if (const auto* cast = As<sql::Cast>(node)) {
      varies = varies || type_varies(cast->type->name);
    } else if (const auto* call = As<sql::Call>(node)) {
      varies = varies || (call->name.size() == 1 && EqualsIgnoreCase(call->name[0].text, "if"));
    } else if (const auto* unary = As<sql::Unary>(node)) {
      const auto* number = As<sql::Literal>(unary->operand);
      varies = varies || (unary->op == "NOT" ? As<sql::Binary>(unary->operand) != nullptr
                                             : number == nullptr || unary->op != "-");
    }
    varies = varies || node->kind == sql::Kind::kArray;
    return !varies && node->kind != sql::Kind::kQuery;
  });
  return varies;
}

}  // namespace layergate::lineage

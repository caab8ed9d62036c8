// What the engines call a column of a SELECT list that has no alias and is no plain column.
#include <algorithm>
#include <string>

#include "core/text.h"
#include "lineage/analyzer.h"
#include "lineage/duckdb_names.h"

namespace layergate::lineage {

using sql::Dialect;
using sql::Kind;

namespace {

// PostgreSQL's own names of types, by those that people write.
std::string StoredTypeName(std::string_view written) {
  struct Row {
    std::string_view written, stored;
  };
  static constexpr Row kTypes[] = {
      {"bigint", "int8"},
      {"bit varying", "varbit"},
      {"boolean", "bool"},
      {"char", "bpchar"},
      {"character", "bpchar"},
      {"character varying", "varchar"},
      {"dec", "numeric"},
      {"decimal", "numeric"},
      {"double precision", "float8"},
      {"float", "float8"},
      {"int", "int4"},
      {"integer", "int4"},
      {"real", "float4"},
      {"smallint", "int2"},
      {"time with time zone", "timetz"},
      {"time without time zone", "time"},
      {"timestamp with time zone", "timestamptz"},
      {"timestamp without time zone", "timestamp"},
  };
  std::string lower = ToLower(written);
  for (const Row& row : kTypes) {
    if (row.written == lower) return std::string(row.stored);
  }
  return lower;
}

bool HasWord(std::string_view text, std::string_view word) {
  return ToLower(text.substr(0, 40)).find(word) != std::string::npos;
}

bool CountsRows(const sql::Call& call, std::string_view name) {
  if (!EqualsIgnoreCase(name, "count") || call.over != nullptr) return false;
  return call.arguments.empty() ||
         (call.arguments.size() == 1 && call.arguments[0]->kind == Kind::kStar);
}

}  // namespace

// PostgreSQL names a column after the column, function or type that it finds outermost. `strong`:
// such a name wins over the word CASE and over the type of a cast.
std::string Analyzer::PostgresName(const sql::Expr* expr, bool& strong) const {
  strong = true;
  if (const auto* column = sql::As<sql::Column>(expr)) return ToLower(column->parts.back().text);
  if (const auto* field = sql::As<sql::Field>(expr)) return ToLower(field->name.text);
  if (const auto* star = sql::As<sql::Star>(expr); star != nullptr && !star->qualifier.empty()) {
    return ToLower(star->qualifier.back().text);
  }
  if (const auto* subscript = sql::As<sql::Subscript>(expr)) {
    return PostgresName(subscript->base, strong);
  }
  if (const auto* collate = sql::As<sql::Collate>(expr)) {
    return PostgresName(collate->operand, strong);
  }
  if (const auto* call = sql::As<sql::Call>(expr); call != nullptr && !call->name.empty()) {
    std::string name = ToLower(call->name.back().text);
    if (name != "trim") return name;
    const std::string_view text = sql_.Text(*expr);
    return HasWord(text, "leading") ? "ltrim" : HasWord(text, "trailing") ? "rtrim" : "btrim";
  }
  if (const auto* subquery = sql::As<sql::Subquery>(expr)) {
    if (subquery->form != sql::Subquery::Form::kScalar) return "array";
    const auto found = subqueries_.find(subquery->query);
    if (found != subqueries_.end() && found->second.flow->columns.size() == 1) {
      return *found->second.flow->columns[0].name;
    }
  }
  switch (expr->kind) {
    case Kind::kExists:
      return "exists";
    case Kind::kExtract:
      return "extract";
    case Kind::kArray:
      return "array";
    case Kind::kRow:
      return "row";
    case Kind::kAtTimeZone:
      return "timezone";
    default:
      break;
  }
  strong = false;
  bool inner = false;
  if (const auto* cast = sql::As<sql::Cast>(expr)) {
    std::string name = PostgresName(cast->operand, inner);
    strong = inner;
    return inner || cast->type == nullptr ? name : StoredTypeName(cast->type->name);
  }
  if (const auto* test = sql::As<sql::Case>(expr)) {
    if (test->otherwise == nullptr) return "case";
    std::string name = PostgresName(test->otherwise, inner);
    strong = inner;
    return inner ? name : "case";
  }
  if (const auto* literal = sql::As<sql::Literal>(expr);
      literal != nullptr && literal->form == sql::Literal::Form::kTyped) {
    return StoredTypeName(literal->type);
  }
  if (expr->kind == Kind::kInterval) return "interval";
  return "?column?";
}

std::string Analyzer::DefaultName(const sql::SelectItem& item,
                                  const std::vector<FlowColumn>& before) const {
  const sql::Node* expr = item.expr;
  switch (dialect_) {
    case Dialect::kPostgres:
    case Dialect::kRedshift: {
      bool strong = false;
      return PostgresName(expr, strong);
    }
    case Dialect::kBigQuery: {
      // f0_, f1_ ...: the columns without a name are counted by themselves.
      size_t unnamed = 0;
      for (const FlowColumn& column : before) {
        if (*column.name == "f" + std::to_string(unnamed) + "_") ++unnamed;
      }
      return "f" + std::to_string(unnamed) + "_";
    }
    case Dialect::kTrino:
      return "_col" + std::to_string(before.size());
    case Dialect::kTsql:
      return "";
    case Dialect::kDuckDb:
      if (const std::optional<std::string> name = DuckDbName(expr)) return *name;
      if (const auto* call = sql::As<sql::Call>(expr);
          call != nullptr && CountsRows(*call, FunctionName(*call))) {
        return "count_star()";
      }
      break;
    case Dialect::kMySql:
    case Dialect::kMariaDb:
      if (const auto* literal = sql::As<sql::Literal>(expr);
          literal != nullptr && literal->form == sql::Literal::Form::kString) {
        return std::string(literal->text);
      } else if (literal != nullptr && (literal->form == sql::Literal::Form::kNull ||
                                        literal->form == sql::Literal::Form::kBoolean)) {
        return ToUpper(literal->text);
      }
      break;
    default:
      break;
  }
  // SQLite and MySQL keep the text, parentheses and all.
  const bool whole =
      dialect_ == Dialect::kSqlite || dialect_ == Dialect::kMySql || dialect_ == Dialect::kMariaDb;
  std::string text(whole ? sql_.Text(item) : sql_.Text(*expr));
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

bool Analyzer::GuessesName(const sql::SelectItem& item) const {
  if (dialect_ != Dialect::kDuckDb) return false;
  if (DuckDbNameVaries(item.expr)) return true;
  if (DuckDbName(item.expr)) return false;
  switch (item.expr->kind) {
    case Kind::kCall: {
      const auto& call = static_cast<const sql::Call&>(*item.expr);
      return !call.no_parentheses && !CountsRows(call, FunctionName(call));
    }
    case Kind::kColumn:
    case Kind::kField:
    case Kind::kSubscript:
    case Kind::kLiteral:
      return false;  // these it prints as they are written
    default:
      return true;
  }
}

}  // namespace layergate::lineage

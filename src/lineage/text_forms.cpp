#include "lineage/text_forms.h"

#include <algorithm>
#include <array>

#include "core/text.h"

namespace layergate::lineage {

namespace {

using sql::Dialect;

constexpr uint32_t In(Dialect dialect) { return 1U << static_cast<uint32_t>(dialect); }
template <typename... Dialects>
constexpr uint32_t In(Dialect first, Dialects... rest) {
  return In(first) | In(rest...);
}
constexpr uint32_t kAll = ~0U;
constexpr uint32_t kSnowflake = In(Dialect::kSnowflake), kBigQuery = In(Dialect::kBigQuery),
                   kSpark = In(Dialect::kDatabricks, Dialect::kSpark),
                   kPostgres = In(Dialect::kPostgres), kRedshift = In(Dialect::kRedshift),
                   kDuckDb = In(Dialect::kDuckDb), kTsql = In(Dialect::kTsql),
                   kTrino = In(Dialect::kTrino), kClickHouse = In(Dialect::kClickHouse),
                   kMySql = In(Dialect::kMySql, Dialect::kMariaDb);

struct Synonym {
  std::string_view name, word;
  uint32_t dialects;
  size_t least = 0, most = 99;  // arguments
};

constexpr std::array kFunctions = {
    Synonym{"arbitrary", "any_value", kTrino},
    Synonym{"arg_max", "max_by", kDuckDb},
    Synonym{"arg_min", "min_by", kDuckDb},
    Synonym{"argmax", "max_by", kClickHouse},
    Synonym{"argmin", "min_by", kClickHouse},
    Synonym{"bool_and", "every", kPostgres | kDuckDb | kTrino | kSpark},
    Synonym{"ceiling", "ceil", kAll},
    Synonym{"char_length", "length",
            kAll & ~(kMySql | kTsql | kClickHouse)},  // MySQL's LENGTH counts bytes
    Synonym{"char_length", "character_length", kMySql},
    Synonym{"character_length", "length", kAll & ~(kMySql | kTsql | kClickHouse)},
    Synonym{"countif", "count_if", kBigQuery | kDuckDb | kClickHouse},
    Synonym{"datediff", "date_diff", kDuckDb | kClickHouse, 3, 3},
    Synonym{"datepart", "date_part", kSnowflake | kRedshift | kSpark | kDuckDb},
    Synonym{"day", "dayofmonth", kSpark | kMySql | kSnowflake},
    Synonym{"getdate", "current_timestamp", kTsql, 0, 0},
    Synonym{"group_concat", "string_agg", kDuckDb},
    Synonym{"ifnull", "coalesce", kAll & ~(kPostgres | kRedshift | kTrino | kTsql), 2, 2},
    Synonym{"instr", "strpos", kDuckDb, 2, 2},
    Synonym{"lcase", "lower", kSpark | kMySql | kClickHouse | kDuckDb},
    Synonym{"len", "length", kSnowflake | kDuckDb | kSpark | kRedshift},
    Synonym{"list", "array_agg", kDuckDb},
    Synonym{"listagg", "string_agg", kDuckDb},
    Synonym{"logical_and", "every", kBigQuery},
    Synonym{"mean", "avg", kSpark | kDuckDb},
    Synonym{"now", "current_timestamp", kPostgres | kDuckDb | kMySql | kTrino | kSpark, 0, 0},
    Synonym{"nvl", "coalesce", kSnowflake | kSpark | kRedshift | kMySql, 2, 99},
    Synonym{"power", "pow", kAll},
    Synonym{"some", "bool_or", kSpark},
    Synonym{"std", "stddev", kSpark | kMySql},
    Synonym{"stddev_samp", "stddev",
            kSnowflake | kBigQuery | kPostgres | kDuckDb | kTrino | kSpark},
    Synonym{"substring", "substr", kAll & ~kTsql},
    Synonym{"transaction_timestamp", "current_timestamp", kPostgres, 0, 0},
    Synonym{"ucase", "upper", kSpark | kMySql | kClickHouse | kDuckDb},
    Synonym{"var_samp", "variance", kSnowflake | kBigQuery | kPostgres | kDuckDb | kTrino | kSpark},
};

struct TypeName {
  std::string_view name, word;
  uint32_t dialects;
};
constexpr std::array kTypes = {
    TypeName{"int", "integer", kAll & ~(kBigQuery | kSnowflake)},
    TypeName{"int4", "integer", kPostgres | kRedshift | kDuckDb},
    TypeName{"int32", "integer", kDuckDb},
    TypeName{"signed", "integer", kDuckDb},
    TypeName{"int8", "bigint", kPostgres | kRedshift | kDuckDb},
    TypeName{"int64", "bigint", kDuckDb},
    TypeName{"long", "bigint", kSpark | kDuckDb},
    TypeName{"int2", "smallint", kPostgres | kRedshift | kDuckDb},
    TypeName{"short", "smallint", kSpark | kDuckDb},
    TypeName{"int", "int64", kBigQuery},
    TypeName{"integer", "int64", kBigQuery},
    TypeName{"bigint", "int64", kBigQuery},
    TypeName{"smallint", "int64", kBigQuery},
    TypeName{"tinyint", "int64", kBigQuery},
    TypeName{"byteint", "int64", kBigQuery},
    TypeName{"int", "number(38, 0)", kSnowflake},
    TypeName{"integer", "number(38, 0)", kSnowflake},
    TypeName{"bigint", "number(38, 0)", kSnowflake},
    TypeName{"smallint", "number(38, 0)", kSnowflake},
    TypeName{"tinyint", "number(38, 0)", kSnowflake},
    TypeName{"byteint", "number(38, 0)", kSnowflake},
    TypeName{"number", "number(38, 0)", kSnowflake},
    TypeName{"numeric", "number(38, 0)", kSnowflake},
    TypeName{"decimal", "number(38, 0)", kSnowflake},
    TypeName{"dec", "numeric", kAll},
    TypeName{"decimal", "numeric", kAll & ~kSnowflake},
    TypeName{"bigdecimal", "bignumeric", kBigQuery},
    TypeName{"bool", "boolean", kAll & ~kMySql},
    TypeName{"logical", "boolean", kDuckDb},
    TypeName{"string", "varchar", kSnowflake | kDuckDb | kTrino},
    TypeName{"text", "varchar", kSnowflake | kDuckDb},
    TypeName{"text", "varchar(256)", kRedshift},
    TypeName{"varchar", "varchar(256)", kRedshift},
    TypeName{"character varying", "varchar(256)", kRedshift},
    TypeName{"character varying", "varchar", kSnowflake | kDuckDb},
    TypeName{"char varying", "varchar", kSnowflake},
    TypeName{"nvarchar", "varchar", kSnowflake},
    TypeName{"bpchar", "varchar", kDuckDb},
    TypeName{"varchar", "text", kPostgres},  // without a length
    TypeName{"character varying", "text", kPostgres},
    TypeName{"varchar", "string", kSpark},
    TypeName{"double precision", "double", kAll},
    TypeName{"float8", "double", kAll},
    TypeName{"float64", "double", kAll},
    TypeName{"float", "double", kPostgres | kRedshift | kSnowflake | kTsql},
    TypeName{"real", "double", kSnowflake},
    TypeName{"float4", "real", kAll & ~kSnowflake},
    TypeName{"float4", "double", kSnowflake},
    TypeName{"float", "real", kSpark | kDuckDb},
    TypeName{"timestamp without time zone", "timestamp", kAll},
    TypeName{"timestamptz", "timestamp with time zone", kAll & ~kSnowflake},
    TypeName{"timestamp_tz", "timestamptz", kSnowflake},
    TypeName{"datetime", "timestamp_ntz", kSnowflake},
    TypeName{"datetime", "timestamp", kDuckDb | kSpark},
};

bool IsWordChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '#' || c == '$' || c == ':' || c == '"' || c == '`';
}

// Behind the quoted piece or the parentheses that begin at `at`; npos when they don't end.
size_t Behind(std::string_view text, size_t at) {
  if (text[at] == '\'' || text[at] == '"' || text[at] == '`') {
    size_t close = text.find(text[at], at + 1);
    while (close != std::string_view::npos && close + 1 < text.size() &&
           text[close + 1] == text[at]) {  // written twice: it belongs to the text
      close = text.find(text[at], close + 2);
    }
    return close == std::string_view::npos ? close : close + 1;
  }
  int depth = 0;
  for (size_t i = at; i < text.size();) {
    if (text[i] == '\'' || text[i] == '"' || text[i] == '`') {
      i = Behind(text, i);
      if (i == std::string_view::npos) return i;
      continue;
    }
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth == 0) return i + 1;
    ++i;
  }
  return std::string_view::npos;
}

// A CASE that ends where the text does.
bool IsOneCase(std::string_view text) {
  if (text.substr(0, 5) != "case ") return false;
  int depth = 0;
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '\'' || text[i] == '"' || text[i] == '`' || text[i] == '(') {
      i = Behind(text, i);
      if (i == std::string_view::npos) return false;
      continue;
    }
    size_t end = i;
    while (end < text.size() && IsWordChar(text[end])) ++end;
    const std::string_view word = text.substr(i, end - i);
    if (word == "case") ++depth;
    if (word == "end" && --depth == 0) return end == text.size();
    i = end == i ? i + 1 : end;
  }
  return false;
}

std::string_view Flipped(std::string_view op) {
  if (op == ">") return "<";
  if (op == ">=") return "<=";
  return op;
}

bool Commutes(std::string_view op) {
  return op == "AND" || op == "OR" || op == "=" || op == "<>" || op == "<=>" || op == "&" ||
         op == "|";
}

bool IsNumber(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
}

// How many operands from the left may change places. A date that goes on by a month and then by a
// day is not the one that goes on by a day first; T-SQL's + also joins texts, DuckDB's also lists.
size_t Exchangeable(std::string_view op, const std::vector<std::string>& operands,
                    Dialect dialect) {
  if (Commutes(op)) return operands.size();
  if (op != "+" && op != "*") return 0;
  const auto any = [&](std::string_view word) {
    return std::any_of(operands.begin(), operands.end(), [&](const std::string& each) {
      return each.find(word) != std::string::npos;
    });
  };
  if (any("interval")) return 2;
  if (op == "+" && dialect == Dialect::kDuckDb && any("array(")) return 0;
  const bool texts = op == "+" && dialect == Dialect::kTsql;
  const bool number = IsNumber(operands[0]) || IsNumber(operands[1]);
  return !texts ? operands.size() : number ? 2 : 0;
}

}  // namespace

std::string_view FunctionWord(std::string_view lower, size_t arguments, sql::Dialect dialect) {
  for (const Synonym& each : kFunctions) {
    if (each.name != lower || (each.dialects & In(dialect)) == 0) continue;
    if (arguments >= each.least && arguments <= each.most) return each.word;
  }
  return lower;
}

std::string_view PartFunction(std::string_view lower, size_t arguments, sql::Dialect dialect) {
  if (arguments != 1) return {};
  // Spark's EXTRACT(second ...) has fractions, SECOND() has none.
  if (lower == "second" && (kSpark & In(dialect)) != 0) return {};
  constexpr std::array kParts = {"year", "quarter", "month", "hour", "minute", "second"};
  if (lower == "dayofmonth") return "day";
  if (lower == "day_of_month") return "day";
  const auto found = std::find(kParts.begin(), kParts.end(), lower);
  return found == kParts.end() ? std::string_view() : *found;
}

bool ConcatIsOperator(sql::Dialect dialect) {
  constexpr uint32_t kStrict = kSnowflake | kBigQuery | kSpark | kRedshift | kTrino | kClickHouse;
  return (kStrict & In(dialect)) != 0;
}

std::string TypeWord(std::string lower, sql::Dialect dialect) {
  // "decimal(18,2)" has the name "decimal"; array<int> and the like stay as they are.
  const size_t open = lower.find('(');
  const std::string_view name = Trim(std::string_view(lower).substr(0, open));
  const bool has_length = open != std::string::npos && lower.back() == ')';
  for (const TypeName& each : kTypes) {
    if (each.name != name || (each.dialects & In(dialect)) == 0) continue;
    const bool gives_length = each.word.find('(') != std::string_view::npos;
    if (has_length && gives_length) {  // numeric(10, 2) is number(10, 2)
      return std::string(each.word.substr(0, each.word.find('('))) + lower.substr(open);
    }
    // varchar(10) is no TEXT, and character varying(10) is varchar(10).
    if (has_length && each.word == "text") {
      return name == "character varying" ? "varchar" + lower.substr(open) : lower;
    }
    if (has_length) return std::string(each.word) + lower.substr(open);
    return std::string(each.word);
  }
  return lower;
}

bool IsWhole(std::string_view text) {
  if (text.empty()) return true;
  if (text[0] == '{' && text.find('}') == text.size() - 1) return true;  // a digest
  if (text[0] == '\'' || text[0] == '(') return Behind(text, 0) == text.size();
  if (text.substr(0, 5) == "case ") return IsOneCase(text);
  size_t at = 0;
  while (at < text.size() && IsWordChar(text[at])) {
    if (text[at] == '"' || text[at] == '`') {
      at = Behind(text, at);
      if (at == std::string_view::npos) return false;
    } else {
      ++at;
    }
  }
  if (at == text.size()) return true;
  if (at == 0 || text[at] != '(') return false;
  at = Behind(text, at);
  // The clauses behind a call's arguments.
  for (const std::string_view clause : {" within group (", " filter (", " over ("}) {
    if (at == std::string_view::npos || at == text.size()) break;
    if (text.substr(at, clause.size()) == clause) at = Behind(text, at + clause.size() - 1);
  }
  return at == text.size();
}

bool IsNullOfNull(std::string_view text, sql::Dialect dialect) {
  const bool numbered = text.find_first_not_of("0123456789") == std::string_view::npos;
  const bool word = std::all_of(text.begin(), text.end(), IsWordChar);
  if (word) return !numbered && text.find('.') != std::string_view::npos;
  if (dialect == Dialect::kClickHouse) return false;
  constexpr std::array kStrict = {"abs",   "ceil", "date",  "floor", "joined", "lower",
                                  "ltrim", "md5",  "round", "rtrim", "trim",   "upper"};
  for (const std::string_view function : kStrict) {
    const std::string_view inner = ArgumentsOfCall(text, function);
    if (!inner.empty()) return function == "joined" || IsNullOfNull(inner, dialect);
  }
  for (const std::string_view cast : {"cast", "try_cast"}) {
    const std::string_view inner = ArgumentsOfCall(text, cast);
    if (!inner.empty()) return IsNullOfNull(inner.substr(0, inner.rfind(" as ")), dialect);
  }
  return false;
}

std::string_view ArgumentsOfCall(std::string_view text, std::string_view function) {
  const size_t name = function.size();
  if (text.size() < name + 2 || text.substr(0, name) != function || text[name] != '(') return {};
  if (Behind(text, name) != text.size()) return {};
  return text.substr(name + 1, text.size() - name - 2);
}

std::string AsOperand(const std::string& text) { return IsWhole(text) ? text : "(" + text + ")"; }

std::string OperatorText(std::string_view op, std::vector<std::string> operands,
                         sql::Dialect dialect) {
  if (operands.size() == 2 && Flipped(op) != op) {
    op = Flipped(op);
    std::swap(operands[0], operands[1]);
  }
  if (operands.size() > 1) {
    const auto count = static_cast<std::ptrdiff_t>(Exchangeable(op, operands, dialect));
    std::sort(operands.begin(), operands.begin() + count);
  }
  return Join(operands, " " + ToLower(op) + " ");
}

bool HasUnorderedNumbers(sql::Dialect dialect) {
  return dialect == Dialect::kBigQuery || dialect == Dialect::kTrino ||
         dialect == Dialect::kClickHouse;
}

bool TakesNumbersForTruth(sql::Dialect dialect) {
  return dialect != Dialect::kPostgres && dialect != Dialect::kRedshift &&
         dialect != Dialect::kBigQuery && dialect != Dialect::kTrino;
}

bool IsDatePart(std::string_view lower) {
  static constexpr std::string_view kParts[] = {
      "year",        "quarter",     "month",   "week",    "day", "hour", "minute", "second",
      "millisecond", "microsecond", "isoweek", "isoyear", "dow", "doy",  "epoch"};
  return std::find(std::begin(kParts), std::end(kParts), lower) != std::end(kParts);
}

bool TakesDatePart(std::string_view lower) {
  static constexpr std::string_view kTakers[] = {
      "date_add",      "date_diff",      "date_part",      "date_sub",        "date_trunc",
      "dateadd",       "datediff",       "datename",       "datepart",        "datetime_add",
      "datetime_diff", "datetime_sub",   "datetime_trunc", "datetrunc",       "last_day",
      "time_diff",     "time_slice",     "time_trunc",     "timeadd",         "timediff",
      "timestamp_add", "timestamp_diff", "timestamp_sub",  "timestamp_trunc", "timestampadd",
      "timestampdiff"};
  return std::find(std::begin(kTakers), std::end(kTakers), lower) != std::end(kTakers);
}

std::string Quoted(std::string_view content) {
  std::string out = "'";
  for (const char c : content) out += c == '\'' ? "''" : std::string(1, c);
  return out + "'";
}

}  // namespace layergate::lineage

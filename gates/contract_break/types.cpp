#include "gates/contract_break/types.h"

#include <array>
#include <charconv>
#include <string>
#include <vector>

#include "core/text.h"

namespace layergate::contract_break {
namespace {

enum class Family { kInteger, kDecimal, kFloat, kText, kTimestamp, kUnknown };

struct KnownType {
  std::string_view name;
  Family family;
  int size;  // bytes of integers and floats; 0 where parameters say it
};

// Sizes are those of most engines; where an engine has one size for all (Snowflake's integers,
// SQLite's), the names are told apart all the same: a contract is what was written.
constexpr std::array kTypes = {
    KnownType{"tinyint", Family::kInteger, 1},
    KnownType{"int1", Family::kInteger, 1},
    KnownType{"byteint", Family::kInteger, 1},
    KnownType{"smallint", Family::kInteger, 2},
    KnownType{"int2", Family::kInteger, 2},
    KnownType{"mediumint", Family::kInteger, 3},
    KnownType{"int", Family::kInteger, 4},
    KnownType{"integer", Family::kInteger, 4},
    KnownType{"int4", Family::kInteger, 4},
    KnownType{"int32", Family::kInteger, 4},
    KnownType{"bigint", Family::kInteger, 8},
    KnownType{"int8", Family::kInteger, 8},
    KnownType{"int64", Family::kInteger, 8},
    KnownType{"long", Family::kInteger, 8},
    KnownType{"hugeint", Family::kInteger, 16},
    KnownType{"numeric", Family::kDecimal, 0},
    KnownType{"decimal", Family::kDecimal, 0},
    KnownType{"number", Family::kDecimal, 0},
    KnownType{"dec", Family::kDecimal, 0},
    KnownType{"bignumeric", Family::kDecimal, 76},
    KnownType{"bigdecimal", Family::kDecimal, 76},
    KnownType{"real", Family::kFloat, 4},
    KnownType{"float4", Family::kFloat, 4},
    KnownType{"float32", Family::kFloat, 4},
    KnownType{"float", Family::kFloat, 8},
    KnownType{"double", Family::kFloat, 8},
    KnownType{"double precision", Family::kFloat, 8},
    KnownType{"float8", Family::kFloat, 8},
    KnownType{"float64", Family::kFloat, 8},
    KnownType{"text", Family::kText, 0},
    KnownType{"string", Family::kText, 0},
    KnownType{"varchar", Family::kText, 0},
    KnownType{"character varying", Family::kText, 0},
    KnownType{"nvarchar", Family::kText, 0},
    KnownType{"char", Family::kText, 0},
    KnownType{"character", Family::kText, 0},
    KnownType{"nchar", Family::kText, 0},
    KnownType{"bpchar", Family::kText, 0},
    KnownType{"date", Family::kTimestamp, 1},
    KnownType{"timestamp", Family::kTimestamp, 2},
    KnownType{"datetime", Family::kTimestamp, 2},
    KnownType{"timestamp_ntz", Family::kTimestamp, 2},
    KnownType{"timestamp without time zone", Family::kTimestamp, 2},
};
// One type, two names.
constexpr std::array kAliases = {
    std::pair{"bool", "boolean"}, std::pair{"timestamptz", "timestamp with time zone"},
    std::pair{"timestamp_tz", "timestamp with time zone"}, std::pair{"json", "json"}};

struct Type {
  std::string name;  // canonical
  Family family = Family::kUnknown;
  int size = 0;
  std::vector<int> parameters;
};

Type Read(std::string_view text, sql::Dialect dialect) {
  Type type;
  std::string lower = ToLower(Trim(text));
  size_t open = lower.find('(');
  size_t close = open == std::string::npos ? open : lower.find(')', open);
  type.name = std::string(Trim(std::string_view(lower).substr(0, open)));
  if (close != std::string::npos) {
    std::string_view rest = Trim(std::string_view(lower).substr(close + 1));
    if (!rest.empty()) type.name += " " + std::string(rest);
    for (std::string_view part :
         Split(std::string_view(lower).substr(open + 1, close - open - 1), ',')) {
      part = Trim(part);
      int number = 0;
      auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
      if (error == std::errc() && end == part.data() + part.size()) {
        type.parameters.push_back(number);
      } else if (part == "max") {
        continue;  // varchar(max): no limit
      } else {
        type.name = lower;  // array<...>, struct(...): compared as written
        return type;
      }
    }
  }
  for (const auto& [alias, name] : kAliases) {
    if (type.name == alias) type.name = name;
  }
  for (const KnownType& known : kTypes) {
    if (type.name != known.name) continue;
    type.family = known.family;
    type.size = known.size;
  }
  bool one_integer = dialect == sql::Dialect::kSnowflake || dialect == sql::Dialect::kBigQuery;
  if (one_integer && type.family == Family::kInteger) type.size = 8;
  if (type.family == Family::kText && type.parameters.empty() &&
      (type.name == "char" || type.name == "character" || type.name == "nchar")) {
    type.parameters = {1};  // char alone is one character
  }
  return type;
}

// `less` and `more`: whether the head holds less or more than the base in some respect.
TypeChange From(bool less, bool more) {
  if (less) return TypeChange::kNarrower;
  return more ? TypeChange::kWider : TypeChange::kSame;
}

TypeChange CompareText(const Type& base, const Type& head) {
  constexpr int kNoLimit = 1 << 30;
  int before = base.parameters.empty() ? kNoLimit : base.parameters[0];
  int now = head.parameters.empty() ? kNoLimit : head.parameters[0];
  return From(now<before, now> before);
}

TypeChange CompareDecimal(const Type& base, const Type& head) {
  if (base.size != head.size) return From(head.size<base.size, head.size> base.size);
  if (base.parameters.empty() != head.parameters.empty()) {
    return From(base.parameters.empty(), head.parameters.empty());
  }
  if (base.parameters.empty()) return TypeChange::kSame;
  auto scale = [](const Type& type) { return type.parameters.size() > 1 ? type.parameters[1] : 0; };
  int whole_before = base.parameters[0] - scale(base), whole_now = head.parameters[0] - scale(head);
  return From(whole_now < whole_before || scale(head) < scale(base),
              whole_now > whole_before || scale(head) > scale(base));
}

// An integer as the decimal that holds it.
bool HoldsInteger(const Type& decimal, int bytes) {
  if (decimal.parameters.empty()) return true;
  int scale = decimal.parameters.size() > 1 ? decimal.parameters[1] : 0;
  int digits = bytes <= 1 ? 3 : bytes == 2 ? 5 : bytes <= 4 ? 10 : 19;
  return decimal.parameters[0] - scale >= digits;
}

}  // namespace

TypeChange CompareTypes(std::string_view base_text, std::string_view head_text,
                        sql::Dialect dialect) {
  Type base = Read(base_text, dialect), head = Read(head_text, dialect);
  if (base.family == Family::kUnknown || head.family == Family::kUnknown) {
    bool same = base.name == head.name && base.parameters == head.parameters;
    return same ? TypeChange::kSame : TypeChange::kOther;
  }
  if (base.family == Family::kInteger && head.family == Family::kDecimal) {
    return HoldsInteger(head, base.size) ? TypeChange::kWider : TypeChange::kNarrower;
  }
  if (base.family != head.family) return TypeChange::kOther;
  switch (base.family) {
    case Family::kText:
      return CompareText(base, head);
    case Family::kDecimal:
      return CompareDecimal(base, head);
    case Family::kTimestamp:
      // A date that becomes a time is another value to who compares it; a time that becomes a date
      // loses the hours.
      return base.size == head.size  ? TypeChange::kSame
             : head.size < base.size ? TypeChange::kNarrower
                                     : TypeChange::kOther;
    default:
      return From(head.size<base.size, head.size> base.size);
  }
}

}  // namespace layergate::contract_break

#include "jinja/operators.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "jinja/python_text.h"
#include "jinja/unknown.h"

namespace layergate::jinja {
namespace {

constexpr size_t kMostItems = 5'000'000;

int64_t FloorDivide(int64_t a, int64_t b) {
  int64_t quotient = a / b;
  return (a % b != 0 && (a < 0) != (b < 0)) ? quotient - 1 : quotient;
}

[[noreturn]] void Unsupported(std::string_view op, const Var& a, const Var& b) {
  throw RenderError{
      fmt::format("'{}' is not defined between {} and {}", op, a.TypeName(), b.TypeName()), 0};
}

[[noreturn]] void TooLarge() { throw RenderError{"number too large", 0}; }

bool AreLists(const Var& a, const Var& b) {
  if (!a.is_list() || !b.is_list() || a.list()->kind != b.list()->kind) return false;
  return a.list()->kind == List::Kind::kList || a.list()->kind == List::Kind::kTuple;
}

bool IsSet(const Var& value) { return value.is_list() && value.list()->kind == List::Kind::kSet; }

Var Add(const Var& a, const Var& b) {
  if (a.is_string() && b.is_string()) {
    CheckTextSize(a.as_string().size() + b.as_string().size());
    return Var(a.as_string() + b.as_string());
  }
  if (AreLists(a, b)) {
    if (a.list()->items.size() + b.list()->items.size() > kMostItems)
      throw RenderError{"list too long", 0};
    std::vector<Var> items = a.list()->items;
    items.insert(items.end(), b.list()->items.begin(), b.list()->items.end());
    return Var::MakeList(std::move(items), a.list()->kind);
  }
  if (!a.is_number() || !b.is_number()) Unsupported("+", a, b);
  if (a.is_double() || b.is_double()) return Var(a.as_double() + b.as_double());
  int64_t sum = 0;
  if (__builtin_add_overflow(a.as_int(), b.as_int(), &sum)) TooLarge();
  return Var(sum);
}

Var Subtract(const Var& a, const Var& b) {
  if (IsSet(a) && IsSet(b)) {
    std::vector<Var> kept;
    for (const Var& item : a.list()->items) {
      if (!Contains(b, item)) kept.push_back(item);
    }
    return Var::MakeList(std::move(kept), List::Kind::kSet);
  }
  if (!a.is_number() || !b.is_number()) Unsupported("-", a, b);
  if (a.is_double() || b.is_double()) return Var(a.as_double() - b.as_double());
  int64_t difference = 0;
  if (__builtin_sub_overflow(a.as_int(), b.as_int(), &difference)) TooLarge();
  return Var(difference);
}

Var Repeat(const Var& a, int64_t times) {
  times = std::max<int64_t>(0, times);
  if (a.is_string()) {
    if (times > (1 << 24)) throw RenderError{"text too long", 0};
    CheckTextSize(static_cast<size_t>(times) * a.as_string().size());
    std::string text;
    for (int64_t i = 0; i < times; ++i) text += a.as_string();
    return Var(std::move(text));
  }
  const std::vector<Var>& items = a.list()->items;
  if (!items.empty() && static_cast<uint64_t>(times) > kMostItems / items.size())
    throw RenderError{"list too long", 0};
  std::vector<Var> repeated;
  for (int64_t i = 0; i < times; ++i) repeated.insert(repeated.end(), items.begin(), items.end());
  return Var::MakeList(std::move(repeated), a.list()->kind);
}

Var Multiply(const Var& a, const Var& b) {
  auto repeats = [](const Var& v) { return v.is_string() || AreLists(v, v); };
  auto counts = [](const Var& v) { return v.is_int() || v.is_bool(); };
  if (repeats(a) && counts(b)) return Repeat(a, b.as_int());
  if (repeats(b) && counts(a)) return Repeat(b, a.as_int());
  if (!a.is_number() || !b.is_number()) Unsupported("*", a, b);
  if (a.is_double() || b.is_double()) return Var(a.as_double() * b.as_double());
  int64_t product = 0;
  if (__builtin_mul_overflow(a.as_int(), b.as_int(), &product)) TooLarge();
  return Var(product);
}

Var Power(const Var& a, const Var& b) {
  if (a.is_double() || b.is_double() || b.as_int() < 0) {
    double power = std::pow(a.as_double(), b.as_double());
    if (!std::isfinite(power)) throw RenderError{"this power is no number", 0};
    return Var(power);
  }
  int64_t power = 1, base = a.as_int();
  for (int64_t i = b.as_int(); i > 0; --i) {
    if (base == 0 || base == 1) return Var(base);
    if (base == -1) return Var(b.as_int() % 2 == 0 ? int64_t{1} : int64_t{-1});
    if (__builtin_mul_overflow(power, base, &power)) TooLarge();
  }
  return Var(power);
}

// Python's remainder has the sign of the divisor.
double FloorModulo(double a, double b) {
  double rest = std::fmod(a, b);
  if (std::abs(rest) > 0.0) return (rest < 0) != (b < 0) ? rest + b : rest;
  return std::copysign(0.0, b);
}

double FloorQuotient(double a, double b) {
  double quotient = (a - FloorModulo(a, b)) / b;
  double floor = std::floor(quotient);
  return quotient - floor > 0.5 ? floor + 1.0 : floor;
}

Var Divide(std::string_view op, const Var& a, const Var& b) {
  bool whole = !a.is_double() && !b.is_double();
  if (std::abs(b.as_double()) == 0.0) throw RenderError{"division by zero", 0};
  if (op == "/") return Var(a.as_double() / b.as_double());
  if (!whole)
    return Var(op == "//" ? FloorQuotient(a.as_double(), b.as_double())
                          : FloorModulo(a.as_double(), b.as_double()));
  if (b.as_int() == -1) return op == "//" ? Negated(a) : Var(0);  // -(2**63) / -1 overflows
  int64_t quotient = FloorDivide(a.as_int(), b.as_int());
  return op == "//" ? Var(quotient) : Var(a.as_int() - b.as_int() * quotient);
}

}  // namespace

void RefuseUnknown(const Var& value) {
  if (IsUnknownText(value))
    throw RenderError{"the template does more than print a setting that is not known", 0};
}

bool IsTrue(const Var& value) {
  if (!value.is_string() || !HoldsMark(value.as_string())) return value.Truth();
  // Text beside a mark makes it true, whatever stands there.
  const std::vector<std::string> literals = CutAtMarks(value.as_string()).literals;
  bool empty = std::all_of(literals.begin(), literals.end(),
                           [](const std::string& literal) { return literal.empty(); });
  if (empty) RefuseUnknown(value);
  return true;
}

Var Negated(const Var& number) {
  if (const Unknown* unknown = AsUnknown(number)) return unknown->Derive(" negated");
  if (!number.is_number()) Unsupported("-", Var(0), number);
  if (number.is_double()) return Var(-number.as_double());
  return Subtract(Var(0), number);
}

namespace {

// What a sum with an unknown gives is unknown; beside a text it must be a text, or Python fails.
Var UnknownArithmetic(std::string_view op, const Var& a, const Var& b) {
  const Unknown *left = AsUnknown(a), *right = AsUnknown(b);
  auto text = [&](const Var& other) { return op == "+" && other.is_string(); };
  if ((left && text(b)) || (right && text(a))) return Var(a.ToString() + b.ToString());
  auto items = [](const Var& value, const Unknown* unknown) {
    return unknown ? Var::MakeList(unknown->Items()) : value;
  };
  if (op == "+" && (AreLists(a, a) || AreLists(b, b))) return Add(items(a, left), items(b, right));
  if (left) return left->Derive(fmt::format(" {} {}", op, StepText(b)));
  return right->Derive(fmt::format(" behind {} {}", StepText(a), op));
}

}  // namespace

Var Arithmetic(std::string_view op, const Var& a, const Var& b) {
  if (AsUnknown(a) || AsUnknown(b)) return UnknownArithmetic(op, a, b);
  if (a.is_object() || b.is_object()) {
    std::optional<Var> result;
    if (a.is_object()) result = a.object()->Operate(op, b, /*reflected=*/false);
    if (!result && b.is_object()) result = b.object()->Operate(op, a, /*reflected=*/true);
    if (!result) Unsupported(op, a, b);
    return *result;
  }
  if (op == "+") return Add(a, b);
  if (op == "-") return Subtract(a, b);
  if (op == "*") return Multiply(a, b);
  if (op == "%" && a.is_string()) return Var(FormatPercent(a.as_string(), b));
  if (!a.is_number() || !b.is_number()) Unsupported(op, a, b);
  return op == "**" ? Power(a, b) : Divide(op, a, b);
}

bool Contains(const Var& container, const Var& item) {
  if (container.is_string()) {
    if (!item.is_string()) Unsupported("in", item, container);
    RefuseUnknown(item);
    return container.as_string().find(item.as_string()) != std::string::npos;
  }
  if (container.is_list()) {
    std::vector<Var>& items = container.list()->items;
    auto at = std::find(items.begin(), items.end(), item);
    bool found = at != items.end();
    // An iterator has then been walked that far.
    if (!container.list()->has_length()) items.erase(items.begin(), found ? at + 1 : at);
    return found;
  }
  if (container.is_dict()) {
    bool key = !item.is_dict() && !(item.is_list() && item.list()->kind == List::Kind::kList);
    if (!key) throw RenderError{"a list or dictionary cannot be a key", 0};
    return container.dict()->Find(item) != nullptr;
  }
  if (container.is_undefined()) return false;
  Unsupported("in", item, container);
}

namespace {

std::string Flipped(std::string_view op) {
  std::string flipped(op);
  if (op[0] == '<') flipped[0] = '>';
  if (op[0] == '>') flipped[0] = '<';
  return flipped;
}

// `unknown op other`: where a number is on the other side of an order it must be one, too.
bool AskUnknown(std::string_view op, const Unknown& unknown, const Var& other) {
  bool ordered = op[0] == '<' || op[0] == '>';
  if (other.is_number() && ordered) return Compare(op, Var(unknown.Number()), other);
  if (op == "in" || op == "not in") {
    bool empty = (other.is_list() && other.list()->items.empty()) ||
                 (other.is_dict() && other.dict()->items.empty());
    return (!empty && unknown.Holds("in " + StepText(other))) == (op == "in");
  }
  const Unknown* another = AsUnknown(other);
  bool same = another && another->key() == unknown.key();
  if (std::optional<int64_t> number = unknown.AssumedNumber(); number && other.is_number())
    return Compare(op, Var(*number), other);
  if (op == "==" || op == "!=")
    return (same || unknown.Holds("== " + StepText(other))) == (op == "==");
  if (another) return Compare(op, Var(unknown.Number()), Var(another->Number()));
  // Not less is not more or equal: only texts and numbers are ordered that way.
  if (op == ">=" || op == ">")
    return !unknown.Holds(fmt::format("{} {}", op == ">=" ? "<" : "<=", StepText(other)));
  return unknown.Holds(fmt::format("{} {}", op, StepText(other)));
}

}  // namespace

bool Compare(std::string_view op, const Var& a, const Var& b) {
  bool contains = op == "in" || op == "not in";
  if (const Unknown* unknown = AsUnknown(b); unknown && contains && !AsUnknown(a))
    return unknown->Holds("holding " + StepText(a)) == (op == "in");
  if (const Unknown* unknown = AsUnknown(a)) return AskUnknown(op, *unknown, b);
  if (const Unknown* unknown = AsUnknown(b)) return AskUnknown(Flipped(op), *unknown, a);
  RefuseUnknown(a);
  RefuseUnknown(b);
  if (op == "==") return a == b;
  if (op == "!=") return !(a == b);
  if (op == "in") return Contains(b, a);
  if (op == "not in") return !Contains(b, a);
  if (op == "<") return Less(a, b);
  if (op == ">") return Less(b, a);
  if (op == "<=") return !Less(b, a);
  return !Less(a, b);
}

}  // namespace layergate::jinja

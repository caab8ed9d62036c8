#include "jinja/python_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

namespace layergate::jinja {
namespace {

using Point = uint32_t;

size_t LengthAt(std::string_view text, size_t at) {
  auto byte = static_cast<unsigned char>(text[at]);
  size_t length = byte < 0x80 ? 1 : (byte >> 5) == 6 ? 2 : (byte >> 4) == 14 ? 3 : 4;
  if (byte >= 0x80 && byte < 0xC0) length = 1;
  return std::min(length, text.size() - at);
}

Point Decode(std::string_view c) {
  auto byte = [&](size_t i) { return static_cast<Point>(static_cast<unsigned char>(c[i])); };
  auto rest = [&](size_t i) { return byte(i) & 0x3F; };
  if (c.size() == 2) return (byte(0) & 0x1F) << 6 | rest(1);
  if (c.size() == 3) return (byte(0) & 0x0F) << 12 | rest(1) << 6 | rest(2);
  if (c.size() == 4) return (byte(0) & 0x07) << 18 | rest(1) << 12 | rest(2) << 6 | rest(3);
  return byte(0);
}

void Append(std::string& text, Point point) {
  auto add = [&](Point byte) { text += static_cast<char>(byte); };
  if (point < 0x80) return add(point);
  if (point < 0x800) {
    add(0xC0 | point >> 6);
    return add(0x80 | (point & 0x3F));
  }
  if (point < 0x10000) {
    add(0xE0 | point >> 12);
    add(0x80 | (point >> 6 & 0x3F));
    return add(0x80 | (point & 0x3F));
  }
  add(0xF0 | point >> 18);
  add(0x80 | (point >> 12 & 0x3F));
  add(0x80 | (point >> 6 & 0x3F));
  add(0x80 | (point & 0x3F));
}

bool In(Point point, Point from, Point to) { return point >= from && point <= to; }

// Scripts and signs without upper and lower case.
bool HasNoCase(Point p) {
  return p < 'A' || In(p, 0x5B, 0x60) || In(p, 0x7B, 0xA9) || In(p, 0xAB, 0xB4) ||
         In(p, 0xB6, 0xB9) || In(p, 0xBB, 0xBF) || p == 0xD7 || p == 0xF7 || In(p, 0x300, 0x344) ||
         In(p, 0x5D0, 0x6FF) || In(p, 0x900, 0x109F) || In(p, 0x2000, 0x2070) ||
         In(p, 0x20A0, 0x20FF) || In(p, 0x2190, 0x2420) || In(p, 0x2500, 0x2BFF) ||
         In(p, 0x2E80, 0xA4CF) || In(p, 0xAC00, 0xD7A3) || In(p, 0xF900, 0xFAFF) ||
         In(p, 0xFE00, 0xFE6F) || In(p, 0x1F000, 0x1FAFF) || In(p, 0x20000, 0x3FFFF);
}

struct Cases {
  Point lower, upper;
};

// The pair of letters that `p` belongs to; nullopt: it has no case.
std::optional<Cases> CasesOf(Point p) {
  if (In(p, 'a', 'z')) return Cases{p, p - 32};
  if (In(p, 'A', 'Z')) return Cases{p + 32, p};
  if (HasNoCase(p)) return std::nullopt;
  if (p != 0xDF && In(p, 0xE0, 0xFE)) return Cases{p, p - 32};
  if (In(p, 0xC0, 0xDE)) return Cases{p + 32, p};
  if (p == 0xFF || p == 0x178) return Cases{0xFF, 0x178};
  bool even_is_upper = In(p, 0x100, 0x12F) || In(p, 0x132, 0x137) || In(p, 0x14A, 0x177) ||
                       In(p, 0x460, 0x481) || In(p, 0x48A, 0x4BF) || In(p, 0x4D0, 0x52F) ||
                       In(p, 0x1EA0, 0x1EFF);
  if (even_is_upper) return Cases{p | 1, p & ~Point{1}};
  if (In(p, 0x139, 0x148) || In(p, 0x179, 0x17E)) {
    Point upper = p % 2 == 1 ? p : p - 1;
    return Cases{upper + 1, upper};
  }
  if (In(p, 0x3B1, 0x3C9) && p != 0x3C2 && p != 0x3C3) return Cases{p, p - 32};
  if (In(p, 0x391, 0x3A9) && p != 0x3A2 && p != 0x3A3) return Cases{p + 32, p};
  if (In(p, 0x430, 0x44F)) return Cases{p, p - 32};
  if (In(p, 0x410, 0x42F)) return Cases{p + 32, p};
  if (In(p, 0x450, 0x45F)) return Cases{p, p - 80};
  if (In(p, 0x400, 0x40F)) return Cases{p + 80, p};
  throw RenderError{fmt::format("the letter case of U+{:04X} is not known here", p), 0};
}

enum class Want { kUpper, kLower, kSwap };

void AppendCased(std::string& out, std::string_view character, Want want, bool title = false) {
  Point p = Decode(character);
  if (p == 0xDF && want != Want::kLower) {  // the one small letter that becomes two
    out += title ? "Ss" : "SS";
    return;
  }
  if (p == 0xDF) {
    out += character;
    return;
  }
  std::optional<Cases> cases = CasesOf(p);
  if (!cases) {
    out += character;
    return;
  }
  bool upper = want == Want::kSwap ? p == cases->lower : want == Want::kUpper;
  Append(out, upper ? cases->upper : cases->lower);
}

bool HasCase(std::string_view character) {
  Point p = Decode(character);
  return p == 0xDF || CasesOf(p).has_value();
}

std::string Cased(std::string_view text, Want want) {
  std::string result;
  for (size_t at = 0; at < text.size();) {
    size_t length = LengthAt(text, at);
    AppendCased(result, text.substr(at, length), want);
    at += length;
  }
  return result;
}

bool AllAre(std::string_view text, bool upper) {
  bool any = false;
  for (std::string_view character : Characters(text)) {
    Point p = Decode(character);
    std::optional<Cases> cases = p == 0xDF ? Cases{p, 0} : CasesOf(p);
    if (!cases) continue;
    if ((upper ? cases->upper : cases->lower) != p) return false;
    any = true;
  }
  return any;
}

template <typename IsStripped>
std::string StripIf(std::string_view text, Side side, IsStripped is_stripped) {
  std::vector<std::string_view> characters = Characters(text);
  size_t begin = 0, end = characters.size();
  while (side != Side::kRight && begin < end && is_stripped(characters[begin])) ++begin;
  while (side != Side::kLeft && end > begin && is_stripped(characters[end - 1])) --end;
  size_t from = begin == characters.size()
                    ? text.size()
                    : static_cast<size_t>(characters[begin].data() - text.data());
  size_t to = end == 0 ? 0
                       : static_cast<size_t>(characters[end - 1].data() - text.data()) +
                             characters[end - 1].size();
  return from < to ? std::string(text.substr(from, to - from)) : std::string();
}

// [[fill]align][sign][#][0][width][grouping][.precision][type]
struct Specification {
  std::string fill = " ";
  char align = 0, sign = '-', grouping = 0, type = 0;
  bool zero = false;
  int width = 0, precision = -1;
};

[[noreturn]] void Unsupported(std::string_view specification) {
  throw RenderError{fmt::format("the format '{}' is not supported", specification), 0};
}

int TakeNumber(std::string_view& text) {
  constexpr int kMost = 10000;
  int number = 0;
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    number = std::min(kMost, number * 10 + (text[0] - '0'));
    text.remove_prefix(1);
  }
  if (number >= kMost) throw RenderError{"the width of a format is too large", 0};
  return number;
}

Specification ReadSpecification(std::string_view text) {
  Specification spec;
  std::string_view whole = text;
  auto is_align = [](char c) { return c == '<' || c == '>' || c == '^' || c == '='; };
  size_t first = text.empty() ? 0 : LengthAt(text, 0);
  if (first > 0 && first < text.size() && is_align(text[first])) {
    spec.fill = text.substr(0, first);
    spec.align = text[first];
    text.remove_prefix(first + 1);
  } else if (!text.empty() && is_align(text[0])) {
    spec.align = text[0];
    text.remove_prefix(1);
  }
  if (!text.empty() && (text[0] == '+' || text[0] == '-' || text[0] == ' ')) {
    spec.sign = text[0];
    text.remove_prefix(1);
  }
  if (!text.empty() && text[0] == '0') {
    spec.zero = true;
    text.remove_prefix(1);
  }
  spec.width = TakeNumber(text);
  if (!text.empty() && (text[0] == ',' || text[0] == '_')) {
    spec.grouping = text[0];
    text.remove_prefix(1);
  }
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    if (text.empty() || text[0] < '0' || text[0] > '9') Unsupported(whole);
    spec.precision = TakeNumber(text);
    if (spec.precision > 100) Unsupported(whole);
  }
  if (!text.empty()) {
    spec.type = text[0];
    text.remove_prefix(1);
  }
  if (!text.empty()) Unsupported(whole);
  return spec;
}

std::string Pad(std::string text, const Specification& spec, char default_align) {
  char align = spec.align ? spec.align : default_align;
  auto missing = spec.width - CountCharacters(text);
  if (missing <= 0) return text;
  int64_t left = align == '<' ? 0 : align == '^' ? missing / 2 : missing;
  std::string result;
  for (int64_t i = 0; i < left; ++i) result += spec.fill;
  result += text;
  for (int64_t i = left; i < missing; ++i) result += spec.fill;
  return result;
}

std::string Grouped(const std::string& digits, char separator) {
  size_t whole = digits.find_first_not_of("0123456789");
  if (whole == std::string::npos) whole = digits.size();
  std::string result;
  for (size_t i = 0; i < whole; ++i) {
    if (i > 0 && (whole - i) % 3 == 0) result += separator;
    result += digits[i];
  }
  return result + digits.substr(whole);
}

std::string FormatNumber(std::string digits, bool negative, Specification spec,
                         std::string_view whole) {
  if (spec.grouping) digits = Grouped(digits, spec.grouping);
  std::string sign = negative ? "-" : spec.sign == '-' ? "" : std::string(1, spec.sign);
  bool zero = spec.zero && spec.align == 0;
  if (zero) spec.fill = "0";
  if (zero || spec.align == '=') {
    if (spec.grouping) Unsupported(whole);
    spec.width -= static_cast<int>(sign.size());
    spec.align = '>';
    return sign + Pad(std::move(digits), spec, '>');
  }
  if (spec.zero) spec.fill = spec.fill == " " ? "0" : spec.fill;
  return Pad(sign + digits, spec, '>');
}

std::string DigitsOfDouble(double number, const Specification& spec, std::string_view whole) {
  double magnitude = std::abs(number);
  if (!std::isfinite(number)) Unsupported(whole);
  int precision = spec.precision < 0 ? 6 : spec.precision;
  switch (spec.type) {
    case 'f':
    case 'F':
      return fmt::format("{:.{}f}", magnitude, precision);
    case '%':
      return fmt::format("{:.{}f}%", magnitude * 100, precision);
    case 'e':
      return fmt::format("{:.{}e}", magnitude, precision);
    case 'g':
      return fmt::format("{:.{}g}", magnitude, std::max(precision, 1));
    case 0:
      if (spec.precision < 0) return ReprOfDouble(magnitude);
      Unsupported(whole);
    default:
      Unsupported(whole);
  }
}

uint64_t Magnitude(int64_t number) {
  return number < 0 ? uint64_t{0} - static_cast<uint64_t>(number) : static_cast<uint64_t>(number);
}

std::string DigitsOfInteger(int64_t number, const Specification& spec, std::string_view whole) {
  uint64_t magnitude = Magnitude(number);
  if (spec.precision >= 0) Unsupported(whole);
  switch (spec.type) {
    case 0:
    case 'd':
      return std::to_string(magnitude);
    case 'x':
      return fmt::format("{:x}", magnitude);
    case 'X':
      return fmt::format("{:X}", magnitude);
    case 'o':
      return fmt::format("{:o}", magnitude);
    case 'b':
      return fmt::format("{:b}", magnitude);
    default:
      Unsupported(whole);
  }
}

bool IsFraction(char type) {
  return type == 'f' || type == 'F' || type == 'e' || type == 'g' || type == '%';
}

// One conversion of "..." % values, the text after '%'.
struct Conversion {
  bool left = false, zero = false, plus = false, space = false, alternative = false;
  int width = 0, precision = -1;
  char type = 0;
};

std::string Truncated(const std::string& text, int precision) {
  if (precision < 0) return text;
  std::string result;
  for (std::string_view c : Characters(text)) {
    if (precision-- <= 0) break;
    result += c;
  }
  return result;
}

std::string Converted(const Var& value, const Conversion& c) {
  Specification spec;
  spec.width = c.width;
  spec.align = c.left ? '<' : '\0';
  if (c.type == 's' || c.type == 'r') {
    std::string text = c.type == 's' ? value.ToString() : value.Repr();
    if (c.width > 0 || c.precision >= 0) {
      // The length of a setting that is not known is not known either.
      if (text.find('\x01') != std::string::npos)
        throw RenderError{"a setting that is not known is formatted to a width", 0};
    }
    return Pad(Truncated(text, c.precision), spec, '>');
  }
  if (!value.is_number() || c.alternative) Unsupported(std::string(1, c.type));
  spec.zero = c.zero && !c.left;
  spec.sign = c.plus ? '+' : c.space ? ' ' : '-';
  spec.type = c.type == 'i' || c.type == 'u' ? 'd' : c.type;
  if (IsFraction(spec.type)) {
    spec.precision = c.precision;
    double number = value.as_double();
    return FormatNumber(DigitsOfDouble(number, spec, "%"), std::signbit(number), spec, "%");
  }
  if (value.is_double()) {
    if (spec.type != 'd' || std::abs(value.as_double()) > 9e15) Unsupported("%");
  }
  if (c.precision >= 0) Unsupported("%.");
  int64_t number = value.as_int();
  return FormatNumber(DigitsOfInteger(number, spec, "%"), number < 0, spec, "%");
}

}  // namespace

std::vector<std::string_view> Characters(std::string_view text) {
  std::vector<std::string_view> characters;
  for (size_t at = 0; at < text.size();) {
    size_t length = LengthAt(text, at);
    characters.push_back(text.substr(at, length));
    at += length;
  }
  return characters;
}

int64_t CountCharacters(std::string_view text) {
  int64_t count = 0;
  for (size_t at = 0; at < text.size(); at += LengthAt(text, at)) ++count;
  return count;
}

std::string Upper(std::string_view text) { return Cased(text, Want::kUpper); }
std::string Lower(std::string_view text) { return Cased(text, Want::kLower); }
std::string SwapCase(std::string_view text) { return Cased(text, Want::kSwap); }

std::string Capitalize(std::string_view text) {
  if (text.empty()) return {};
  size_t length = LengthAt(text, 0);
  std::string result;
  AppendCased(result, text.substr(0, length), Want::kUpper, /*title=*/true);
  return result + Lower(text.substr(length));
}

std::string Title(std::string_view text) {
  std::string result;
  bool inside = false;
  for (std::string_view character : Characters(text)) {
    AppendCased(result, character, inside ? Want::kLower : Want::kUpper, !inside);
    inside = HasCase(character);
  }
  return result;
}

std::string TitleWords(std::string_view text) {
  std::string result;
  bool start = true;
  for (std::string_view character : Characters(text)) {
    AppendCased(result, character, start ? Want::kUpper : Want::kLower);
    start = IsSpaceCharacter(character) ||
            (character.size() == 1 &&
             std::string_view("-({[<").find(character[0]) != std::string_view::npos);
  }
  return result;
}

bool IsUpper(std::string_view text) { return AllAre(text, true); }
bool IsLower(std::string_view text) { return AllAre(text, false); }

bool IsSpaceCharacter(std::string_view character) {
  Point p = Decode(character);
  return In(p, 9, 13) || In(p, 0x1C, 0x20) || p == 0x85 || p == 0xA0 || p == 0x1680 ||
         In(p, 0x2000, 0x200A) || p == 0x2028 || p == 0x2029 || p == 0x202F || p == 0x205F ||
         p == 0x3000;
}

std::string Strip(std::string_view text, Side side) {
  return StripIf(text, side, IsSpaceCharacter);
}

std::string Strip(std::string_view text, std::string_view chars, Side side) {
  std::vector<std::string_view> stripped = Characters(chars);
  return StripIf(text, side, [&](std::string_view character) {
    return std::find(stripped.begin(), stripped.end(), character) != stripped.end();
  });
}

std::string FormatPercent(const std::string& format, const Var& values) {
  bool is_tuple = values.is_list() && values.list()->kind == List::Kind::kTuple;
  std::vector<Var> items = is_tuple ? values.list()->items : std::vector<Var>{values};
  std::string result;
  size_t next = 0;
  std::string_view rest = format;
  bool by_name = false;
  while (!rest.empty()) {
    size_t percent = std::min(rest.find('%'), rest.size());
    result += rest.substr(0, percent);
    rest.remove_prefix(percent);
    if (rest.empty()) break;
    rest.remove_prefix(1);
    Conversion c;
    const Var* value = nullptr;
    if (!rest.empty() && rest[0] == '(') {
      size_t close = rest.find(')');
      if (close == std::string_view::npos || !values.is_dict())
        throw RenderError{"a format by name needs a dictionary", 0};
      value = values.dict()->Find(Var(rest.substr(1, close - 1)));
      if (!value) throw RenderError{"a format names a key that is not there", 0};
      by_name = true;
      rest.remove_prefix(close + 1);
    }
    for (; !rest.empty(); rest.remove_prefix(1)) {
      if (rest[0] == '-')
        c.left = true;
      else if (rest[0] == '0')
        c.zero = true;
      else if (rest[0] == '+')
        c.plus = true;
      else if (rest[0] == ' ')
        c.space = true;
      else if (rest[0] == '#')
        c.alternative = true;
      else
        break;
    }
    c.width = TakeNumber(rest);
    if (!rest.empty() && rest[0] == '.') {
      rest.remove_prefix(1);
      c.precision = TakeNumber(rest);
      if (c.precision > 100) Unsupported("%.");
    }
    if (rest.empty()) throw RenderError{"incomplete format", 0};
    c.type = rest[0];
    rest.remove_prefix(1);
    if (c.type == '%') {
      result += '%';
      continue;
    }
    if (!value) {
      if (next >= items.size()) throw RenderError{"not enough values for the format", 0};
      value = &items[next++];
    }
    result += Converted(*value, c);
    CheckTextSize(result.size());
  }
  if (next < items.size() && !by_name && !(values.is_dict() || (values.is_list() && !is_tuple)))
    throw RenderError{"the format does not use all its values", 0};
  return result;
}

std::string FormatOne(const Var& value, std::string_view specification) {
  if (specification.empty()) return value.ToString();
  if (value.is_string()) {
    Specification spec = ReadSpecification(specification);
    if ((spec.type != 0 && spec.type != 's') || spec.grouping || spec.sign != '-' ||
        spec.align == '=' || spec.zero || value.as_string().find('\x01') != std::string::npos)
      Unsupported(specification);
    return Pad(Truncated(value.as_string(), spec.precision), spec, '<');
  }
  if (!value.is_number() || value.is_bool()) Unsupported(specification);
  Specification spec = ReadSpecification(specification);
  if (value.is_double() || IsFraction(spec.type)) {
    double number = value.as_double();
    return FormatNumber(DigitsOfDouble(number, spec, specification), std::signbit(number), spec,
                        specification);
  }
  int64_t number = value.as_int();
  return FormatNumber(DigitsOfInteger(number, spec, specification), number < 0, spec,
                      specification);
}

std::string FormatBraces(const std::string& format, const Arguments& arguments) {
  std::string result;
  size_t next = 0;
  bool counted = false, numbered = false;
  for (size_t i = 0; i < format.size(); ++i) {
    char c = format[i];
    if ((c == '{' || c == '}') && i + 1 < format.size() && format[i + 1] == c) {
      result += c;
      ++i;
      continue;
    }
    if (c == '}') throw RenderError{"format: a single '}'", 0};
    if (c != '{') {
      result += c;
      continue;
    }
    size_t close = format.find('}', i);
    if (close == std::string::npos) throw RenderError{"format: '{' is never closed", 0};
    std::string field = format.substr(i + 1, close - i - 1), specification;
    if (size_t colon = field.find(':'); colon != std::string::npos) {
      specification = field.substr(colon + 1);
      field.resize(colon);
    }
    if (field.find_first_of("!.[{") != std::string::npos ||
        specification.find('{') != std::string::npos)
      throw RenderError{"format: this field is not supported", 0};
    const Var* value = nullptr;
    if (field.empty()) {
      value = arguments.Get(next++, "");
      counted = true;
    } else if (field.find_first_not_of("0123456789") == std::string::npos) {
      value = arguments.Get(std::stoul(field.substr(0, 6)), "");
      numbered = true;
    } else {
      value = arguments.Get(arguments.positional.size(), field);
    }
    if (counted && numbered) throw RenderError{"format: fields with and without numbers", 0};
    if (!value) throw RenderError{"format: no value for {" + field + "}", 0};
    result += FormatOne(*value, specification);
    CheckTextSize(result.size());
    i = close;
  }
  return result;
}

std::string ReprOfText(const std::string& text) {
  // Python prefers single quotes, unless the text holds one and no double quote.
  if (text.find('\x01') != std::string::npos)  // the mark of an unknown text: its quotes are, too
    throw RenderError{"a setting that is not known stands in a list", 0};
  bool use_double = text.find('\'') != std::string::npos && text.find('"') == std::string::npos;
  char quote = use_double ? '"' : '\'';
  std::string result(1, quote);
  for (std::string_view character : Characters(text)) {
    Point p = Decode(character);
    if (p == '\n') {
      result += "\\n";
    } else if (p == '\t') {
      result += "\\t";
    } else if (p == '\r') {
      result += "\\r";
    } else if (p < 0x20 || p == 0x7F || In(p, 0x80, 0xA0) || p == 0xAD) {
      result += fmt::format("\\x{:02x}", p);
    } else if (p == static_cast<Point>(quote) || p == '\\') {
      result += '\\';
      result += character;
    } else if (p > 0x2FF &&
               (IsSpaceCharacter(character) || In(p, 0x200B, 0x200F) || In(p, 0x202A, 0x202E) ||
                In(p, 0x2060, 0x206F) || p == 0xFEFF || In(p, 0xE000, 0xF8FF))) {
      result += fmt::format("\\u{:04x}", p);
    } else {
      result += character;
    }
  }
  return result + quote;
}

std::string ReprOfDouble(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
  std::string text = fmt::format("{}", number);
  bool whole = text.find_first_of(".en") == std::string::npos;
  return whole ? text + ".0" : text;
}

}  // namespace layergate::jinja

#include "core/text.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>

#include <fmt/format.h>

namespace layergate {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

// The code point at the front of `text` and its length; nullopt when the bytes are not well-formed
// UTF-8 (overlong forms, surrogates and values past U+10FFFF included).
struct Decoded {
  uint32_t code_point;
  size_t length;
};
std::optional<Decoded> DecodeUtf8(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char first = byte(0);
  if (first < 0x80) return Decoded{first, 1};
  size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return std::nullopt;
  uint32_t value = first & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return std::nullopt;
    value = value << 6 | (byte(i) & 0x3Fu);
  }
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kSmallest[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
    return std::nullopt;
  }
  return Decoded{value, length};
}

// Characters that change how the text around them is shown without being seen themselves.
bool IsDeceptive(uint32_t c) {
  return (c >= 0x80 && c < 0xA0) || c == 0x061C || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x2069) || c == 0xFEFF ||
         (c >= 0xE0000 && c <= 0xE007F);
}

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t substitution = diagonal + (Lower(a[i - 1]) == Lower(b[j - 1]) ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitution});
    }
  }
  return row[b.size()];
}

// Matches one bracket expression of `glob` starting after '['; sets `next` past ']'. nullopt: no
// closing ']'.
std::optional<bool> MatchesSet(std::string_view glob, size_t at, char c, size_t& next) {
  size_t i = at;
  bool negated = i < glob.size() && (glob[i] == '!' || glob[i] == '^');
  if (negated) ++i;
  bool found = false;
  for (bool first = true; i < glob.size() && (first || glob[i] != ']'); first = false) {
    char low = glob[i];
    char high = low;
    if (i + 2 < glob.size() && glob[i + 1] == '-' && glob[i + 2] != ']') {
      high = glob[i + 2];
      i += 2;
    }
    if (low <= c && c <= high) found = true;
    ++i;
  }
  if (i >= glob.size()) return std::nullopt;
  next = i + 1;
  return found != negated && c != '/';
}

}  // namespace

std::string ToLower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), Lower);
  return result;
}

std::string ToUpper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), Upper);
  return result;
}

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return Lower(x) == Lower(y); });
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::string Join(const std::vector<std::string>& parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

std::string Printable(std::string_view text, bool keep_newlines) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    std::optional<Decoded> decoded = DecodeUtf8(text);
    auto byte = static_cast<unsigned char>(text[0]);
    size_t length = decoded ? decoded->length : 1;
    bool kept_space = keep_newlines && (byte == '\n' || byte == '\t');
    if (!decoded || ((byte < 0x20 || byte == 0x7F) && !kept_space)) {
      result += fmt::format("\\x{:02x}", byte);
    } else if (IsDeceptive(decoded->code_point)) {
      result += fmt::format("\\u{:04x}", decoded->code_point);
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return result;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    std::optional<Decoded> decoded = DecodeUtf8(text);
    if (!decoded) return false;
    text.remove_prefix(decoded->length);
  }
  return true;
}

std::string_view NearestName(std::string_view word, const std::vector<std::string>& candidates) {
  // A third of the word may be wrong: "row_count_dif" is near, "tests" is not near "gates".
  size_t best_distance = word.size() / 3 + 2;
  std::string_view best;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > word.size() + best_distance) continue;
    size_t distance = EditDistance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string WithThousands(long long number) {
  std::string digits = std::to_string(number);
  size_t first = digits[0] == '-' ? 1 : 0;
  for (size_t i = digits.size(); i > first + 3;) {
    i -= 3;
    digits.insert(i, ",");
  }
  return digits;
}

// Greedy matching with one point of return for '*' and one for '**': at most quadratic in theory,
// linear for the globs people write, never exponential.
bool MatchesGlob(std::string_view glob, std::string_view text) {
  size_t g = 0;
  size_t t = 0;
  constexpr size_t kNone = std::string_view::npos;
  size_t star_g = kNone, star_t = 0;          // after '*': may not swallow '/'
  size_t globstar_g = kNone, globstar_t = 0;  // after '**'
  bool globstar_folders = false;
  while (true) {
    if (g < glob.size() && glob.substr(g, 2) == "**") {
      g += 2;
      // "**/" is whole folders, or none: models/**/x.sql covers models/x.sql, not models/y/ax.sql.
      globstar_folders = g < glob.size() && glob[g] == '/';
      if (globstar_folders) ++g;
      globstar_g = g;
      globstar_t = t;
      star_g = kNone;
      continue;
    }
    if (g < glob.size() && glob[g] == '*') {
      star_g = ++g;
      star_t = t;
      continue;
    }
    if (t == text.size()) {
      if (g == glob.size()) return true;
    } else if (g < glob.size()) {
      size_t next = g + 1;
      bool matches = false;
      if (glob[g] == '?') {
        matches = text[t] != '/';
      } else if (glob[g] == '[') {
        std::optional<bool> in_set = MatchesSet(glob, g + 1, text[t], next);
        matches = in_set.value_or(text[t] == '[');
      } else {
        matches = glob[g] == text[t];
      }
      if (matches) {
        g = next;
        ++t;
        continue;
      }
    }
    // Mismatch: let the nearest star swallow one more character.
    if (star_g != kNone && star_t < text.size() && text[star_t] != '/') {
      g = star_g;
      t = ++star_t;
      continue;
    }
    if (globstar_g != kNone && globstar_t < text.size()) {
      if (globstar_folders) {
        size_t slash = text.find('/', globstar_t);
        if (slash == kNone) return false;
        globstar_t = slash;
      }
      g = globstar_g;
      t = ++globstar_t;
      star_g = kNone;
      continue;
    }
    return false;
  }
}

}  // namespace layergate

#include "gates/lineage_diff/words.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "core/text.h"

namespace layergate::lineage_diff {
namespace {

constexpr size_t kMost = 160;

bool EndsWithWord(std::string_view text, std::string_view word) {
  text = Trim(text);
  if (text.size() < word.size()) return false;
  const size_t at = text.size() - word.size();
  return EqualsIgnoreCase(text.substr(at), word) && (at == 0 || text[at - 1] == ' ');
}

bool IsWordChar(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool Alike(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
}

// `text` cut to what surrounds the part that begins at `from` and ends `after` characters before
// its end.
std::string Around(const std::string& text, size_t from, size_t after) {
  constexpr size_t kContext = 30;
  size_t begin = from > kContext ? from - kContext : 0;
  while (begin > 0 && begin < from && IsWordChar(text[begin])) ++begin;
  size_t end = std::min(text.size(), std::max(text.size() - after + kContext, begin));
  while (end < text.size() && end > from && IsWordChar(text[end - 1])) --end;
  if (end <= begin || end - begin > kMost) end = std::min(text.size(), begin + kMost);
  std::string out = text.substr(begin, end - begin);
  if (begin > 0) out = "..." + out;
  if (end < text.size()) out += "...";
  return out;
}

}  // namespace

std::string OneLineOf(std::string_view text) {
  std::string line;
  for (char c : text) {
    bool blank = c == '\n' || c == '\t' || c == '\r' || c == ' ';
    if (!blank) line += c;
    if (blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  if (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

std::string OneLine(std::string_view text) {
  const std::string line = OneLineOf(text);
  return line.size() <= kMost ? line : line.substr(0, kMost - 3) + "...";
}

std::string Readable(std::string_view normalised) {
  std::string out;
  for (size_t i = 0; i < normalised.size();) {
    const size_t close = normalised[i] == '{' ? normalised.find('}', i) : std::string_view::npos;
    if (close != std::string_view::npos && close - i == 17) {
      constexpr std::string_view kRows = "; rows ";
      const bool rows = out.size() >= kRows.size() &&
                        out.compare(out.size() - kRows.size(), kRows.size(), kRows) == 0;
      if (rows) {
        out.resize(out.size() - kRows.size());
      } else {
        out += "(...)";
      }
      i = close + 1;
      continue;
    }
    out += normalised[i++];
  }
  return OneLine(out);
}

std::string WithShortRelations(std::string_view sql) {
  std::string out;
  for (size_t i = 0; i < sql.size();) {
    if (sql[i] == '\'') {
      const size_t end = sql.find('\'', i + 1);
      const size_t length = end == std::string_view::npos ? sql.size() - i : end + 1 - i;
      out += sql.substr(i, length);
      i += length;
      continue;
    }
    // A chain of names, quoted or not.
    size_t at = i;
    std::vector<std::string_view> names;
    while (at < sql.size()) {
      size_t end = at;
      if (sql[at] == '"' || sql[at] == '`') {
        const size_t close = sql.find(sql[at], at + 1);
        if (close == std::string_view::npos) break;
        names.push_back(sql.substr(at + 1, close - at - 1));
        end = close + 1;
      } else {
        auto word = [](char c) {
          return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 c == '_' || c == '$' || c == '-';
        };
        while (end < sql.size() && word(sql[end]) && !(end == at && sql[end] == '-')) ++end;
        if (end == at) break;
        names.push_back(sql.substr(at, end - at));
      }
      at = end;
      if (at >= sql.size() || sql[at] != '.') break;
      ++at;
    }
    if (names.empty()) {
      out += sql[i++];
      continue;
    }
    // BigQuery quotes the whole path at once.
    const size_t dots = static_cast<size_t>(std::count(names[0].begin(), names[0].end(), '.'));
    const bool named_as_relation = EndsWithWord(out, "from") || EndsWithWord(out, "join");
    if (names.size() >= 3 || (named_as_relation && names.size() == 2)) {
      out += names.back();
    } else if (names.size() == 1 && dots == 2) {
      out += names[0].substr(names[0].rfind('.') + 1);
    } else {
      out += sql.substr(i, at - i);
    }
    i = at;
  }
  return out;
}

std::string WithoutAlias(std::string words, std::string_view name) {
  if (words.size() <= name.size() + 1) return words;
  const size_t at = words.size() - name.size();
  if (!EqualsIgnoreCase(words.substr(at), name) || words[at - 1] != ' ') return words;
  std::string rest(Trim(words.substr(0, at)));
  if (rest.size() > 3 && EqualsIgnoreCase(rest.substr(rest.size() - 3), " as")) {
    rest = std::string(Trim(rest.substr(0, rest.size() - 3)));
  }
  return rest;
}

std::string WithoutConstants(std::string_view sql) {
  std::string out;
  for (size_t i = 0; i < sql.size();) {
    const auto is_digit = [&](size_t at) {
      return at < sql.size() && sql[at] >= '0' && sql[at] <= '9';
    };
    const bool in_word =
        !out.empty() &&
        (std::isalnum(static_cast<unsigned char>(out.back())) != 0 || out.back() == '_');
    if (sql[i] == '\'') {
      const size_t end = sql.find('\'', i + 1);
      i = end == std::string_view::npos ? sql.size() : end + 1;
      out += '0';
    } else if (is_digit(i) && !in_word) {
      while (is_digit(i) || (i < sql.size() && sql[i] == '.')) ++i;
      out += '0';
    } else {
      out += sql[i++];
    }
  }
  return out;
}

void Focus(std::string& base, std::string& head) {
  if (base.size() <= kMost && head.size() <= kMost) return;
  if (base == head || base.empty() || head.empty()) {
    base = OneLine(base);
    head = OneLine(head);
    return;
  }
  const size_t least = std::min(base.size(), head.size());
  size_t from = 0, after = 0;
  while (from < least && Alike(base[from], head[from])) ++from;
  while (after < least - from &&
         Alike(base[base.size() - 1 - after], head[head.size() - 1 - after])) {
    ++after;
  }
  base = Around(base, from, after);
  head = Around(head, from, after);
}

void Narrow(std::string_view base, Span& base_span, std::string_view head, Span& head_span) {
  constexpr size_t kShort = 48;
  if (base_span.empty() || head_span.empty()) return;
  const std::string_view a = Slice(base, base_span), b = Slice(head, head_span);
  const auto short_line = [](std::string_view text) {
    return text.size() <= kShort && text.find('\n') == std::string_view::npos;
  };
  if (short_line(a) && short_line(b)) return;
  // From the front, then from the back; words are not cut.
  size_t i = 0, j = 0, word_i = 0, word_j = 0;
  while (true) {
    while (i < a.size() && IsBlank(a[i])) ++i;
    while (j < b.size() && IsBlank(b[j])) ++j;
    const bool inside = i > 0 && j > 0 && i < a.size() && IsWordChar(a[i]) && IsWordChar(a[i - 1]);
    if (!inside) {
      word_i = i;
      word_j = j;
    }
    if (i == a.size() || j == b.size() || !Alike(a[i], b[j])) break;
    ++i;
    ++j;
  }
  if (i == a.size() && j == b.size()) return;
  size_t end_i = a.size(), end_j = b.size(), last_i = end_i, last_j = end_j;
  while (true) {
    while (end_i > word_i && IsBlank(a[end_i - 1])) --end_i;
    while (end_j > word_j && IsBlank(b[end_j - 1])) --end_j;
    const bool inside =
        end_i < a.size() && end_i > word_i && IsWordChar(a[end_i]) && IsWordChar(a[end_i - 1]);
    if (!inside) {
      last_i = end_i;
      last_j = end_j;
    }
    if (end_i <= word_i || end_j <= word_j || !Alike(a[end_i - 1], b[end_j - 1])) break;
    --end_i;
    --end_j;
  }
  const auto part = [](Span whole, size_t begin, size_t end, size_t size) {
    // Where only the other side has something, the word behind that place is shown.
    begin = std::min(begin, size == 0 ? 0 : size - 1);
    end = std::max(end, begin + 1);
    return Span{static_cast<uint32_t>(whole.begin + begin),
                static_cast<uint32_t>(whole.begin + end)};
  };
  base_span = part(base_span, word_i, last_i, a.size());
  head_span = part(head_span, word_j, last_j, b.size());
}

}  // namespace layergate::lineage_diff

#include "report/markdown_text.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"
#include "report/plain.h"

namespace layergate::report {
namespace {

constexpr std::string_view kNoReference = "&#8203;";

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '"' || static_cast<unsigned char>(c) >= 0x80;
}

size_t LongestRun(std::string_view text, char c) {
  size_t longest = 0, run = 0;
  for (char each : text) {
    run = each == c ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

// True for what means something at the beginning of a line: a list, a heading, a command of GitLab.
bool StartsBlock(std::string_view text) {
  if (text.empty()) return false;
  if (std::string_view("/-+=#").find(text[0]) != std::string_view::npos) return true;
  size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  bool numbered = digits > 0 && digits + 1 < text.size() &&
                  (text[digits] == '.' || text[digits] == ')') && text[digits + 1] == ' ';
  return numbered;
}

// Cuts at a character's boundary.
std::string_view Clip(std::string_view text, size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  return text.substr(0, most);
}

// Escapes running text that holds no backtick.
std::string Running(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    char next = i + 1 < text.size() ? text[i + 1] : '\0';
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '\\':
      case '*':
      case '[':
      case ']':
      case '|':
        result.append("\\").append(1, c);
        break;
      case '_': {
        // Inside a word an underscore means nothing, and names are full of them.
        bool inside = i > 0 && IsWordByte(text[i - 1]) && IsWordByte(next);
        result.append(inside ? "_" : "\\_");
        break;
      }
      case '~':
      case '@':
      case '#':
      case '!':
      case '$':
      case '%':
        if (c == '~') result += '\\';
        result += c;
        if (IsWordByte(next)) result += kNoReference;
        break;
      case ':':
        // "http://..." would become a link to wherever the author likes.
        result += c;
        if (text.substr(i, 3) == "://") result += kNoReference;
        break;
      default:
        result += c;
    }
  }
  return result;
}

}  // namespace

std::string MdText(std::string_view text, bool in_table) {
  constexpr size_t kLongest = 2000;
  std::string safe = Plain(text);
  std::string_view shown = Clip(safe, kLongest);
  std::vector<std::string_view> parts = Split(shown, '`');
  bool paired = parts.size() % 2 == 1;
  std::string result;
  for (size_t i = 0; i < parts.size(); ++i) {
    bool code = paired && i % 2 == 1 && !Trim(parts[i]).empty();
    bool stray = i > 0 && !code && (!paired || i % 2 == 1);
    if (stray) result += "\\`";
    result += code ? MdCode(parts[i], in_table) : Running(parts[i]);
    // An empty pair: its closing backtick.
    if (paired && i % 2 == 1 && !code) result += "\\`";
  }
  if (shown.size() < safe.size()) result += "…";
  return StartsBlock(result) ? std::string(kNoReference) + result : result;
}

std::string MdCode(std::string_view text, bool in_table) {
  constexpr size_t kLongest = 500;
  std::string safe = Plain(text);
  std::string_view shown = Clip(safe, kLongest);
  if (shown.empty()) return "";
  std::string body;
  for (char c : shown) {
    if (c == '|' && in_table) body += '\\';
    body += c;
  }
  std::string ticks(LongestRun(body, '`') + 1, '`');
  bool pad = body.front() == '`' || body.back() == '`' || body.front() == ' ';
  std::string space = pad ? " " : "";
  return ticks + space + body + space + ticks + (shown.size() < safe.size() ? "…" : "");
}

std::string MdBlock(std::string_view text, std::string_view language, size_t most_lines,
                    size_t most_bytes) {
  std::string safe = PlainBlock(text);
  while (!safe.empty() && safe.back() == '\n') safe.pop_back();
  std::string_view clipped = Clip(safe, most_bytes);
  std::vector<std::string_view> lines = Split(clipped, '\n');
  bool cut = clipped.size() < safe.size() || lines.size() > most_lines;
  std::string fence(std::max<size_t>(3, LongestRun(safe, '`') + 1), '`');
  std::string block = fmt::format("{}{}\n", fence, language);
  for (size_t i = 0; i < lines.size() && i < most_lines; ++i) block.append(lines[i]).append("\n");
  if (cut) block += "… cut; the whole text is in the result file\n";
  return block + fence + "\n";
}

std::string UrlPath(std::string_view path) {
  std::string url;
  for (char c : path) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 std::string_view("-._~/").find(c) != std::string_view::npos;
    url += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return url;
}

}  // namespace layergate::report

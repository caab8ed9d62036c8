#include "gates/compile/calls.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include <fmt/format.h>

#include "core/text.h"

namespace layergate::compile {
namespace {

bool IsWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// Behind blanks.
size_t SkipBlanks(std::string_view text, size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t')) ++at;
  return at;
}

}  // namespace

std::vector<std::pair<std::string, size_t>> CallsIn(std::string_view raw) {
  std::vector<std::pair<std::string, size_t>> calls;
  std::set<std::string> defined;
  for (size_t open = 0; (open = raw.find('{', open)) != std::string_view::npos; ++open) {
    if (open + 1 >= raw.size()) break;
    char kind = raw[open + 1];
    if (kind != '{' && kind != '%' && kind != '#') continue;
    size_t close = raw.find(kind == '{' ? "}}" : kind == '%' ? "%}" : "#}", open + 2);
    if (close == std::string_view::npos) break;
    std::string_view tag = raw.substr(open, close - open);
    if (kind == '#') {
      open = close;
      continue;
    }
    if (kind == '%') {
      size_t at = tag.find_first_not_of("{%- \n\t");
      std::string_view words = at == std::string_view::npos ? "" : tag.substr(at);
      for (std::string_view definer : {"macro ", "set "}) {
        if (words.substr(0, definer.size()) != definer) continue;
        size_t begin = definer.size(), end = begin;
        while (end < words.size() && IsWord(words[end])) ++end;
        defined.emplace(words.substr(begin, end - begin));
      }
    }
    for (size_t i = 2; i < tag.size(); ++i) {
      if (tag[i] == '\'' || tag[i] == '"') {
        size_t end = tag.find(tag[i], i + 1);
        if (end == std::string_view::npos) break;
        i = end;
        continue;
      }
      if (tag[i] != '(') continue;
      size_t begin = i;
      while (begin > 2 && (IsWord(tag[begin - 1]) || tag[begin - 1] == '.')) --begin;
      if (begin < i) calls.emplace_back(std::string(tag.substr(begin, i - begin)), open + begin);
    }
    open = close;
  }
  calls.erase(std::remove_if(calls.begin(), calls.end(),
                             [&](const auto& call) { return defined.count(call.first) > 0; }),
              calls.end());
  return calls;
}

std::vector<VarUse> VarsIn(std::string_view raw) {
  std::vector<VarUse> uses;
  for (size_t at = 0; (at = raw.find("var", at)) != std::string_view::npos; at += 3) {
    const bool inside = at > 0 && (IsWord(raw[at - 1]) || raw[at - 1] == '.');
    size_t open = SkipBlanks(raw, at + 3);
    if (inside || open >= raw.size() || raw[open] != '(') continue;
    const size_t quote = SkipBlanks(raw, open + 1);
    if (quote >= raw.size() || (raw[quote] != '\'' && raw[quote] != '"')) continue;
    const size_t close = raw.find(raw[quote], quote + 1);
    if (close == std::string_view::npos) break;
    const size_t after = SkipBlanks(raw, close + 1);
    uses.push_back({std::string(raw.substr(quote + 1, close - quote - 1)),
                    after < raw.size() && raw[after] == ','});
  }
  return uses;
}

std::string BodyOf(const dbt::Macro& macro) {
  const std::string_view text = macro.macro_sql;
  const size_t open = text.find('('), header = text.find("%}");
  if (header == std::string_view::npos || open > header) return {};
  // Arguments by their place.
  std::map<std::string, std::string> places;
  std::string word;
  bool in_default = false;
  for (const char c : text.substr(open + 1, header - open - 1)) {
    if (IsWord(c) && !in_default) {
      word += c;
      continue;
    }
    if (!word.empty()) places.emplace(word, fmt::format("${}", places.size() + 1));
    word.clear();
    in_default = c == '=' || (in_default && c != ',');
  }
  size_t end = text.rfind("{%");
  if (end == std::string_view::npos || end <= header) end = text.size();
  const std::string_view body = text.substr(header + 2, end - header - 2);
  std::string out;
  for (size_t i = 0; i < body.size();) {
    if (IsWord(body[i])) {
      size_t stop = i;
      while (stop < body.size() && IsWord(body[stop])) ++stop;
      const std::string name(body.substr(i, stop - i));
      const auto place = places.find(name);
      const bool joins = !out.empty() && IsWord(out.back());
      if (joins) out += ' ';
      out += place == places.end() ? name : place->second;
      i = stop;
      continue;
    }
    const bool blank =
        body[i] == ' ' || body[i] == '\n' || body[i] == '\t' || body[i] == '\r' || body[i] == '-';
    // A minus is a minus, unless it trims a tag's blanks.
    const bool trims = body[i] == '-' && ((i > 0 && body[i - 1] == '%') ||
                                          (i + 1 < body.size() && body[i + 1] == '%'));
    if (!blank || (body[i] == '-' && !trims)) out += body[i];
    ++i;
  }
  return out;
}

}  // namespace layergate::compile

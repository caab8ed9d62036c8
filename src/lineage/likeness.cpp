#include "lineage/likeness.h"

#include <algorithm>
#include <set>

namespace layergate::lineage {
namespace {

bool IsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '"';
}

// Words of a normalised text that are not numbers or strings.
std::set<std::string> WordsOf(const std::string& text) {
  std::set<std::string> words;
  std::string word;
  bool quoted = false;
  for (const char c : text + " ") {
    if (c == '\'') quoted = !quoted;
    if (c == '{') words.insert("{}");  // a long expression, known by its digest
    if (!quoted && IsWord(c)) {
      word += c;
      continue;
    }
    if (!word.empty() && (word[0] < '0' || word[0] > '9')) words.insert(word);
    word.clear();
  }
  return words;
}

// A normalised text with its names of columns left out: `created_at < '2024'` and `updated_at <
// '2024'` have one shape.
std::string ShapeOf(const std::string& text) {
  std::string shape;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\'') quoted = !quoted;
    const bool word = !quoted && IsWord(text[i]) && (text[i] < '0' || text[i] > '9');
    if (!word) {
      shape += text[i];
      continue;
    }
    size_t end = i;
    while (end < text.size() && IsWord(text[end])) ++end;
    const bool call = end < text.size() && text[end] == '(';
    shape += call ? text.substr(i, end - i) : std::string("x");
    i = end - 1;
  }
  return shape;
}

}  // namespace

size_t Likeness(const std::string& a, const std::string& b) {
  const std::set<std::string> words = WordsOf(a);
  size_t shared = 0;
  for (const std::string& word : WordsOf(b)) {
    static const std::set<std::string> kFill = {"and", "or", "not", "is", "null", "in", "like"};
    if (kFill.count(word) == 0) shared += words.count(word);
  }
  if (shared > 0) return 2 * shared;
  // The same question about another column.
  const bool constants =
      a.find('\'') != std::string::npos ||
      std::any_of(a.begin(), a.end(), [](char c) { return c >= '0' && c <= '9'; });
  return constants && ShapeOf(a) == ShapeOf(b) ? 1 : 0;
}

}  // namespace layergate::lineage

#include "offline/macro_file.h"

#include <cctype>

#include "core/text.h"

namespace layergate::offline {
namespace {

bool IsWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

struct Tag {
  size_t begin = 0, end = 0;  // of the whole {% ... %}
  std::string_view inside;
};

std::string_view FirstWord(std::string_view& rest) {
  rest = Trim(rest);
  size_t length = 0;
  while (length < rest.size() && IsWord(rest[length])) ++length;
  std::string_view word = rest.substr(0, length);
  rest.remove_prefix(length);
  return word;
}

// The next {% %} at or after `at`, comments passed over; begin == npos when there is none.
Tag NextTag(std::string_view text, size_t at) {
  while (at + 1 < text.size()) {
    size_t open = text.find('{', at);
    if (open == std::string_view::npos || open + 1 >= text.size()) break;
    if (text[open + 1] == '#') {
      size_t close = text.find("#}", open + 2);
      if (close == std::string_view::npos) break;
      at = close + 2;
    } else if (text[open + 1] == '%') {
      size_t close = text.find("%}", open + 2);
      if (close == std::string_view::npos) break;
      std::string_view inside = text.substr(open + 2, close - open - 2);
      while (!inside.empty() && (inside.front() == '-' || inside.front() == '+'))
        inside.remove_prefix(1);
      while (!inside.empty() && (inside.back() == '-' || inside.back() == '+'))
        inside.remove_suffix(1);
      return {open, close + 2, inside};
    } else {
      at = open + 1;
    }
  }
  return {std::string_view::npos, std::string_view::npos, {}};
}

// materialization view, adapter='snowflake' -> materialization_view_snowflake
std::string MaterializationName(std::string_view name, std::string_view rest) {
  std::string adapter = "default";
  size_t at = rest.find("adapter");
  if (at != std::string_view::npos) {
    size_t open = rest.find_first_of("'\"", at);
    size_t close = open == std::string_view::npos ? open : rest.find(rest[open], open + 1);
    if (close != std::string_view::npos) adapter = rest.substr(open + 1, close - open - 1);
  }
  return "materialization_" + std::string(name) + "_" + adapter;
}

}  // namespace

std::vector<FileBlock> BlocksOf(std::string_view text) {
  std::vector<FileBlock> blocks;
  for (Tag open = NextTag(text, 0); open.begin != std::string_view::npos;
       open = NextTag(text, open.end)) {
    std::string_view rest = open.inside;
    std::string kind(FirstWord(rest));
    std::string end_word = "end" + kind;
    if (kind == "data_test") kind = "test";
    if (kind != "macro" && kind != "test" && kind != "materialization" && kind != "snapshot" &&
        kind != "docs")
      continue;
    std::string_view name = FirstWord(rest);
    Tag close = NextTag(text, open.end);
    while (close.begin != std::string_view::npos) {
      std::string_view word = close.inside;
      if (FirstWord(word) == end_word) break;
      close = NextTag(text, close.end);
    }
    if (close.begin == std::string_view::npos) break;
    FileBlock block;
    block.kind = kind;
    block.name = kind == "test"              ? "test_" + std::string(name)
                 : kind == "materialization" ? MaterializationName(name, rest)
                                             : std::string(name);
    block.text = text.substr(open.begin, close.end - open.begin);
    block.inside = text.substr(open.end, close.begin - open.end);
    blocks.push_back(std::move(block));
    open = close;
  }
  return blocks;
}

}  // namespace layergate::offline

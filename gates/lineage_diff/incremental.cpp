#include "gates/lineage_diff/incremental.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/text.h"
#include "dbt/node.h"

namespace layergate::lineage_diff {
namespace {

// One `{% if is_incremental() %}` block: its text in one line, the same without what means nothing,
// and where it begins.
struct Block {
  std::string text, meaning;
  size_t at = 0;
};

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

bool IsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Where the comment at `i` ends; `i` itself when there is none.
size_t AfterComment(std::string_view text, size_t i) {
  const auto after = [&](std::string_view close) {
    const size_t end = text.find(close, i + 2);
    return end == std::string_view::npos ? text.size() : end + close.size();
  };
  const std::string_view two = text.substr(i, 2);
  return two == "{#" ? after("#}") : two == "/*" ? after("*/") : two == "--" ? after("\n") : i;
}

// Where the string or quoted name at `i` ends; `i` itself when there is none.
size_t AfterQuoted(std::string_view text, size_t i) {
  if (text[i] != '\'' && text[i] != '"' && text[i] != '`') return i;
  const size_t end = text.find(text[i], i + 1);
  return end == std::string_view::npos ? text.size() : end + 1;
}

// Comments go, white space is one blank, quoted text stays.
std::string InOneLine(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const size_t next = AfterComment(text, i);
    if (next != i || IsBlank(text[i])) {
      if (!out.empty() && out.back() != ' ') out += ' ';
      i = next != i ? next : i + 1;
      continue;
    }
    const size_t end = std::max(AfterQuoted(text, i), i + 1);
    out += text.substr(i, end - i);
    i = end;
  }
  return std::string(Trim(out));
}

// Two spellings of one text: SQL's words in any case, Jinja's strings in either quote, its marks
// with or without the dash, blanks only where they part words.
std::string WithoutStyle(std::string_view text) {
  std::string out;
  bool jinja = false;
  for (size_t i = 0; i < text.size();) {
    const std::string_view two = text.substr(i, 2);
    if (two == "{%" || two == "{{" || two == "%}" || two == "}}") {
      jinja = two[0] == '{';
      if (!jinja && !out.empty() && out.back() == '-') out.pop_back();
      out += two;
      i += 2;
      if (jinja && i < text.size() && text[i] == '-') ++i;
      continue;
    }
    const size_t end = AfterQuoted(text, i);
    if (end != i) {
      std::string quoted(text.substr(i, end - i));
      if (jinja) quoted.front() = quoted.back() = '\'';
      out += quoted;
      i = end;
      continue;
    }
    if (IsBlank(text[i])) {
      const bool parts =
          !out.empty() && IsWord(out.back()) && i + 1 < text.size() && IsWord(text[i + 1]);
      if (parts) out += ' ';
    } else {
      out += jinja ? std::string(1, text[i]) : ToLower(text.substr(i, 1));
    }
    ++i;
  }
  return out;
}

// The first word of a `{% ... %}` tag.
std::string_view WordOf(std::string_view tag) {
  size_t begin = 0;
  while (begin < tag.size() && (tag[begin] == ' ' || tag[begin] == '-' || tag[begin] == '\n')) {
    ++begin;
  }
  size_t end = begin;
  while (end < tag.size() && tag[end] >= 'a' && tag[end] <= 'z') ++end;
  return tag.substr(begin, end - begin);
}

std::vector<Block> BlocksOf(std::string_view code) {
  std::vector<Block> blocks;
  int depth = 0;     // of ifs inside the block
  size_t begin = 0;  // of the block's inside; meaningless outside of one
  bool inside = false;
  for (size_t at = code.find("{%"); at != std::string_view::npos; at = code.find("{%", at)) {
    const size_t end = code.find("%}", at);
    if (end == std::string_view::npos) break;
    const std::string_view tag = code.substr(at + 2, end - at - 2);
    const std::string_view word = WordOf(tag);
    if (!inside && word == "if" && tag.find("is_incremental") != std::string_view::npos) {
      inside = true;
      depth = 0;
      begin = at;
    } else if (inside && word == "if") {
      ++depth;
    } else if (inside && word == "endif" && depth-- == 0) {
      std::string text = InOneLine(code.substr(begin, end + 2 - begin));
      std::string meaning = WithoutStyle(text);
      blocks.push_back({std::move(text), std::move(meaning), begin});
      inside = false;
    }
    at = end + 2;
  }
  return blocks;
}

Location PlaceOf(const GateContext& context, size_t at) {
  const dbt::Node& node = *context.head_node();
  Location location = context.LocationOf(node);
  const LineColumn place = Locate(node.raw_code, at);
  location.line = place.line;
  location.column = place.column;
  return location;
}

std::string Cut(const std::string& text) {
  return text.size() <= 160 ? text : text.substr(0, 157) + "...";
}

// Blocks that both sides have, at whatever place, are no change.
void DropCommon(std::vector<Block>& base, std::vector<Block>& head) {
  std::erase_if(base, [&](const Block& block) {
    const auto twin = std::find_if(head.begin(), head.end(), [&](const Block& other) {
      return other.meaning == block.meaning;
    });
    if (twin == head.end()) return false;
    head.erase(twin);
    return true;
  });
}

void ReportBlocks(GateContext& context) {
  std::vector<Block> base = BlocksOf(context.base_node()->raw_code);
  std::vector<Block> head = BlocksOf(context.head_node()->raw_code);
  DropCommon(base, head);
  for (size_t i = 0; i < std::max(base.size(), head.size()); ++i) {
    const std::string before = i < base.size() ? base[i].text : std::string();
    const std::string after = i < head.size() ? head[i].text : std::string();
    Finding finding;
    finding.rule = "lineage_diff.incremental_changed";
    finding.message =
        before.empty() ? fmt::format("incremental runs have a new part: `{}`", Cut(after))
        : after.empty()
            ? fmt::format("incremental runs lost a part: `{}`", Cut(before))
            : fmt::format("incremental runs now do `{}`; they did `{}`", Cut(after), Cut(before));
    if (!before.empty()) finding.base.Set("sql", before);
    if (!after.empty()) finding.head.Set("sql", after);
    if (i < head.size()) finding.location = PlaceOf(context, head[i].at);
    finding.fix =
        "check that no row is skipped between runs and none comes twice; existing rows keep what "
        "they have until a full refresh";
    context.Report(std::move(finding));
  }
}

void ReportSetting(GateContext& context, std::string_view name, std::string_view means) {
  const Value& before = context.base_node()->Config(name);
  const Value& after = context.head_node()->Config(name);
  if (before == after) return;
  const auto words = [](const Value& value) {
    return value.is_null() ? std::string("none") : "`" + WriteJson(value) + "`";
  };
  Finding finding;
  finding.rule = "lineage_diff.incremental_changed";
  finding.message =
      fmt::format("{} is now {}; it was {}: {}", name, words(after), words(before), means);
  finding.base.Set(name, before);
  finding.head.Set(name, after);
  finding.fix = "restore it, or plan a full refresh together with who runs production";
  context.Report(std::move(finding));
}

}  // namespace

void ReportIncremental(GateContext& context) {
  const dbt::Node& base = *context.base_node();
  const dbt::Node& head = *context.head_node();
  if (base.materialized != "incremental" || head.materialized != "incremental") return;
  if (base.raw_code != head.raw_code) ReportBlocks(context);
  ReportSetting(context, "unique_key", "it decides which rows are replaced and which are added");
  ReportSetting(context, "incremental_strategy", "it decides how new rows meet the old ones");
}

}  // namespace layergate::lineage_diff

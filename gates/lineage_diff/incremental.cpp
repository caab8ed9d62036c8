#include "gates/lineage_diff/incremental.h"

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "core/text.h"
#include "dbt/node.h"

namespace layergate::lineage_diff {
namespace {

// One `{% if is_incremental() %}` block: its text in one line, and where it begins.
struct Block {
  std::string text;
  size_t at = 0;
};

std::string InOneLine(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "{#") {
      const size_t end = text.find("#}", i);
      i = end == std::string_view::npos ? text.size() : end + 1;
      continue;
    }
    if (text.substr(i, 2) == "--") {
      const size_t end = text.find('\n', i);
      i = end == std::string_view::npos ? text.size() : end;
    }
    if (i >= text.size()) break;
    const char c = text[i];
    const bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (!blank) out += c;
    if (blank && !out.empty() && out.back() != ' ') out += ' ';
  }
  return std::string(Trim(out));
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
      blocks.push_back({InOneLine(code.substr(begin, end + 2 - begin)), begin});
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

void ReportBlocks(GateContext& context) {
  const std::vector<Block> base = BlocksOf(context.base_node()->raw_code);
  const std::vector<Block> head = BlocksOf(context.head_node()->raw_code);
  for (size_t i = 0; i < std::max(base.size(), head.size()); ++i) {
    const std::string before = i < base.size() ? base[i].text : std::string();
    const std::string after = i < head.size() ? head[i].text : std::string();
    if (before == after) continue;
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

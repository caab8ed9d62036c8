#include "support/case_file.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "core/text.h"
#include "core/yaml.h"

namespace layergate::cases {
namespace {

struct Block {
  std::string kind;                // "sql", "yaml", "csv", "findings", "delete"
  std::vector<std::string> words;  // the rest of the info string
  std::string text;
  size_t begin = 0, end = 0;  // of the text, in the file
  int line = 0;               // of the fence
};

std::vector<std::string> WordsOf(std::string_view info) {
  std::vector<std::string> words;
  for (std::string_view word : Split(info, ' ')) {
    if (!Trim(word).empty()) words.emplace_back(Trim(word));
  }
  return words;
}

Result<std::vector<Block>> ReadBlocks(std::string_view text, const std::string& path) {
  std::vector<Block> blocks;
  bool inside = false;
  size_t at = 0;
  for (int line = 1; at < text.size(); ++line) {
    size_t end = std::min(text.find('\n', at), text.size());
    std::string_view content = text.substr(at, end - at);
    size_t next = std::min(end + 1, text.size());
    if (content.substr(0, 3) == "```") {
      if (inside) {
        blocks.back().end = at;
        blocks.back().text =
            std::string(text.substr(blocks.back().begin, at - blocks.back().begin));
        inside = false;
      } else {
        Block block;
        block.words = WordsOf(content.substr(3));
        if (!block.words.empty()) {
          block.kind = block.words.front();
          block.words.erase(block.words.begin());
        }
        block.begin = next;
        block.line = line;
        blocks.push_back(std::move(block));
        inside = true;
      }
    }
    at = next;
  }
  if (inside) {
    return MakeError(fmt::format("{}:{}: the block has no end", path, blocks.back().line));
  }
  return blocks;
}

// "head:models/x.sql" -> {false, true, "models/x.sql"}; a name without a side is on both.
struct Place {
  bool base = true, head = true;
  std::string name;
};
Place PlaceOf(const std::string& word) {
  if (word.rfind("base:", 0) == 0) return {true, false, word.substr(5)};
  if (word.rfind("head:", 0) == 0) return {false, true, word.substr(5)};
  return {true, true, word};
}

Result<Value> Yaml(const Block& block, const std::string& path) {
  auto tree = ReadYaml(block.text, fmt::format("{}:{}", path, block.line));
  if (!tree) return tree.error();
  return ToValue(*tree);
}

class Reader {
 public:
  Reader(std::string_view text, const std::string& path) : text_(text) { case_.path = path; }

  Result<CaseFile> Read() {
    for (std::string_view line : Split(text_, '\n')) {
      if (line.substr(0, 2) != "# ") continue;
      case_.title = std::string(Trim(line.substr(2)));
      break;
    }
    LAYERGATE_TRY(std::vector<Block> blocks, ReadBlocks(text_, case_.path));
    // What stands without a side or for the base first: the head starts as a copy of the base.
    for (const Block& block : blocks) {
      LAYERGATE_TRY(bool taken, Take(block));
      (void)taken;
    }
    for (const auto& [path, content] : case_.base.files) {
      bool deleted = std::find(deleted_.begin(), deleted_.end(), path) != deleted_.end();
      if (!deleted && !case_.head.files.count(path)) case_.head.files[path] = content;
    }
    if (!found_findings_) {
      return MakeError(fmt::format("{}: there is no findings block", case_.path),
                       "add an empty one and run with LAYERGATE_UPDATE=1");
    }
    return std::move(case_);
  }

 private:
  Error Fail(const Block& block, std::string_view what) const {
    return MakeError(fmt::format("{}:{}: {}", case_.path, block.line, what),
                     "tests/cases/README.md lists the blocks");
  }

  Result<bool> Take(const Block& block) {
    if (block.kind == "findings") {
      found_findings_ = true;
      case_.expected = block.text;
      case_.expected_begin = block.begin;
      case_.expected_end = block.end;
      case_.full = !block.words.empty() && block.words[0] == "full";
      return true;
    }
    if (block.words.empty()) return true;  // prose
    const std::string& word = block.words.front();
    if (word == "policy") {
      case_.policy = block.text;
      return true;
    }
    if (word == "run_results") {
      LAYERGATE_TRY(case_.run_results, Yaml(block, case_.path));
      return true;
    }
    if (word == "sources") {
      LAYERGATE_TRY(case_.sources, Yaml(block, case_.path));
      return true;
    }
    if (word == "case") {
      LAYERGATE_TRY(case_.settings, Yaml(block, case_.path));
      return true;
    }
    Place place = PlaceOf(word);
    if (block.kind == "delete") {
      if (place.base || !place.head) return Fail(block, "only `delete head:path` means something");
      deleted_.push_back(place.name);
      return true;
    }
    if (place.name == "catalog" || place.name == "manifest-patch") return TakeValue(block, place);
    if (block.kind == "csv" && place.name.find('/') == std::string::npos) {
      return TakeTable(block, place);
    }
    if (place.name.find('.') == std::string::npos && place.name.find('/') == std::string::npos &&
        place.name != "CODEOWNERS") {
      return Fail(block, fmt::format("`{}` is no file, table or known block", place.name));
    }
    if (place.base) case_.base.files[place.name] = block.text;
    if (!place.base) case_.head.files[place.name] = block.text;
    return true;
  }

  Result<bool> TakeValue(const Block& block, const Place& place) {
    LAYERGATE_TRY(Value value, Yaml(block, case_.path));
    for (Side* side : {place.base ? &case_.base : nullptr, place.head ? &case_.head : nullptr}) {
      if (!side) continue;
      if (place.name == "catalog") side->catalog = value;
      if (place.name == "manifest-patch") side->manifest_patch = value;
    }
    return true;
  }

  Result<bool> TakeTable(const Block& block, const Place& place) {
    Table table{place.name, block.text, 1};
    for (size_t i = 1; i < block.words.size(); ++i) {
      const std::string& option = block.words[i];
      if (option.rfind("repeat=", 0) != 0) return Fail(block, "csv takes repeat=N only");
      std::from_chars(option.data() + 7, option.data() + option.size(), table.repeat);
    }
    if (place.base) case_.base.tables.push_back(table);
    if (place.head) case_.head.tables.push_back(table);
    return true;
  }

  std::string_view text_;
  CaseFile case_;
  std::vector<std::string> deleted_;
  bool found_findings_ = false;
};

}  // namespace

Result<CaseFile> ReadCase(std::string_view text, const std::string& path) {
  return Reader(text, path).Read();
}

}  // namespace layergate::cases

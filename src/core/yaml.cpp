#include "core/yaml.h"

#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "core/source_text.h"
#include "core/text.h"

namespace layergate {

namespace {

// Carries a refusal out of yaml-cpp, whose event handler has no other way to stop.
struct Refusal {
  LineColumn at;
  std::string message;
  std::string remedy;
};

Error ErrorAt(const std::string& path, LineColumn at, std::string_view message,
              std::string remedy) {
  return MakeError(fmt::format("{}:{}:{}: {}", path, at.line, at.column, message),
                   std::move(remedy));
}

size_t CountNodes(const YamlNode& node) {
  size_t count = 1;
  for (const YamlNode& key : node.keys) count += CountNodes(key);
  for (const YamlNode& item : node.items) count += CountNodes(item);
  return count;
}

size_t Depth(const YamlNode& node) {
  size_t deepest = 0;
  for (const YamlNode& item : node.items) {
    size_t depth = Depth(item);
    if (depth > deepest) deepest = depth;
  }
  return deepest + (node.is_list() || node.is_map() ? 1 : 0);
}

// Builds the tree from yaml-cpp's events and refuses on the way, before anything grows large.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, const YamlLimits& limits) : text_(text), limits_(limits) {
    for (size_t at = 0; at <= text.size();) {
      line_starts_.push_back(at);
      size_t end = text.find('\n', at);
      if (end == std::string_view::npos) break;
      at = end + 1;
    }
  }

  YamlNode TakeRoot() { return std::move(root_); }

  // yaml-cpp counts from 0, and columns in bytes.
  LineColumn Place(const YAML::Mark& mark) const {
    if (mark.is_null() || mark.line < 0) return {1, 1};
    auto line = static_cast<size_t>(mark.line);
    if (line >= line_starts_.size()) return Locate(text_, text_.size());
    size_t offset = line_starts_[line] + static_cast<size_t>(mark.column < 0 ? 0 : mark.column);
    return Locate(text_, offset < text_.size() ? offset : text_.size());
  }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Add(NodeAt(YamlNode::Kind::kNull, mark), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (++aliases_ > limits_.aliases) {
      Refuse(mark, fmt::format("more than {} aliases", limits_.aliases),
             "Write the repeated parts out.");
    }
    auto known = anchors_.find(anchor);
    if (known == anchors_.end()) {
      Refuse(mark, "this alias stands inside the node that it refers to: it would never end",
             "Remove the alias.");
    }
    YamlNode copy = known->second;
    LineColumn at = Place(mark);
    copy.line = at.line;
    copy.column = at.column;
    Count(mark, CountNodes(copy));
    if (open_.size() + Depth(copy) > limits_.depth) RefuseDepth(mark);
    Attach(std::move(copy));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    // yaml-cpp tags a plain scalar "?" and a quoted one "!"; a block scalar is "!" too.
    bool quoted = tag == "!";
    if (!quoted) RefuseTag(mark, tag);
    YamlNode node = NodeAt(YamlNode::Kind::kScalar, mark);
    node.scalar = value;
    node.was_quoted = quoted;
    Add(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(YamlNode::Kind::kList, mark, tag, anchor);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(YamlNode::Kind::kMap, mark, tag, anchor);
  }
  void OnMapEnd() override { Close(); }

 private:
  struct OpenNode {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    std::set<std::string> seen;  // keys of a map
  };

  [[noreturn]] void Refuse(const YAML::Mark& mark, std::string message, std::string remedy) const {
    throw Refusal{Place(mark), std::move(message), std::move(remedy)};
  }
  [[noreturn]] void RefuseDepth(const YAML::Mark& mark) const {
    Refuse(mark, fmt::format("nested deeper than {} levels", limits_.depth), "Flatten the file.");
  }
  void RefuseTag(const YAML::Mark& mark, const std::string& tag) const {
    if (tag.empty() || tag == "?") return;
    Refuse(mark, fmt::format("explicit tags (here '{}') are not supported", Printable(tag)),
           "Remove the tag; quote the value to make it text.");
  }

  void Count(const YAML::Mark& mark, size_t nodes) {
    nodes_ += nodes;
    if (nodes_ > limits_.nodes) {
      Refuse(mark, fmt::format("more than {} values once aliases are resolved", limits_.nodes),
             "Split the file, or write fewer aliases.");
    }
  }

  YamlNode NodeAt(YamlNode::Kind kind, const YAML::Mark& mark) {
    Count(mark, 1);
    YamlNode node;
    node.kind = kind;
    LineColumn at = Place(mark);
    node.line = at.line;
    node.column = at.column;
    return node;
  }

  void Open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    if (tag != "!") RefuseTag(mark, tag);
    if (open_.size() >= limits_.depth) RefuseDepth(mark);
    if (WantsKey()) {
      Refuse(mark, "a key must be a word, not a list or a map", "Write 'name: value'.");
    }
    OpenNode next;
    next.node = NodeAt(kind, mark);
    next.anchor = anchor;
    open_.push_back(std::move(next));
  }

  void Close() {
    OpenNode done = std::move(open_.back());
    open_.pop_back();
    Add(std::move(done.node), done.anchor);
  }

  bool WantsKey() const {
    return !open_.empty() && open_.back().node.is_map() &&
           open_.back().node.keys.size() == open_.back().node.items.size();
  }

  void Add(YamlNode node, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_.insert_or_assign(anchor, node);
    Attach(std::move(node));
  }

  void Attach(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    OpenNode& parent = open_.back();
    if (WantsKey()) {
      AttachKey(parent, std::move(node));
      return;
    }
    if (node.is_null() && parent.node.is_map()) {
      // yaml-cpp places the absent value at whatever comes next: the key is where one would look.
      node.line = parent.node.keys.back().line;
      node.column = parent.node.keys.back().column;
    }
    parent.node.items.push_back(std::move(node));
  }

  void AttachKey(OpenNode& parent, YamlNode key) const {
    LineColumn at{key.line, key.column};
    if (!key.is_scalar()) {
      throw Refusal{at, "a key must be a word", "Write 'name: value'."};
    }
    if (key.scalar == "<<" && !key.was_quoted && !limits_.merge_keys) {
      throw Refusal{at, "merge keys ('<<') are not supported: readers disagree on what they mean",
                    "Write the merged keys out."};
    }
    if (!parent.seen.insert(key.scalar).second) {
      int first = 0;
      for (const YamlNode& other : parent.node.keys) {
        if (other.scalar == key.scalar) first = other.line;
      }
      throw Refusal{at,
                    fmt::format("the key '{}' is given twice (first in line {})",
                                Printable(key.scalar), first),
                    "Keep one of the two."};
    }
    parent.node.keys.push_back(std::move(key));
  }

  std::string_view text_;
  YamlLimits limits_;
  std::vector<size_t> line_starts_;
  std::vector<OpenNode> open_;
  std::map<YAML::anchor_t, YamlNode> anchors_;
  YamlNode root_;
  size_t nodes_ = 0;
  size_t aliases_ = 0;
};

// What can be told from the bytes alone, before any YAML is read.
std::optional<Error> RefuseBytes(std::string_view text, const std::string& path,
                                 const YamlLimits& limits) {
  if (text.size() > limits.bytes) {
    return MakeError(fmt::format("{}: {} bytes, more than the {} that are read", path, text.size(),
                                 limits.bytes),
                     "Make the file smaller.");
  }
  if (!IsUtf8(text)) {
    return MakeError(fmt::format("{}: not valid UTF-8", path), "Save the file as UTF-8.");
  }
  bool indentation = true;
  for (size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '\n') {
      indentation = true;
    } else if (byte == '\r') {
      if (i + 1 < text.size() && text[i + 1] == '\n') continue;
      return ErrorAt(path, Locate(text, i), "a carriage return without a line feed",
                     "Save the file with \\n or \\r\\n line ends.");
    } else if (byte == '\t') {
      if (!indentation) continue;
      size_t rest = text.find_first_not_of(" \t", i);
      if (rest == std::string_view::npos || text[rest] == '\n' || text[rest] == '\r') continue;
      return ErrorAt(path, Locate(text, i), "a tab in the indentation", "Indent with spaces.");
    } else if (byte < 0x20 || byte == 0x7F) {
      return ErrorAt(path, Locate(text, i), fmt::format("the control character \\x{:02x}", byte),
                     "Remove it.");
    } else if (byte != ' ') {
      indentation = false;
    }
  }
  return std::nullopt;
}

// yaml-cpp 0.7 takes a quoted text that the file's end cuts off for a whole one; a document end
// marker makes it an error.
std::string WithDocumentEnd(std::string_view text) {
  std::string_view body = text.substr(0, text.find_last_not_of(" \r\n") + 1);
  bool ended = body.size() >= 3 && body.substr(body.size() - 3) == "..." &&
               (body.size() == 3 || body[body.size() - 4] == '\n');
  return ended ? std::string(text) : std::string(text) + "\n...\n";
}

Value PlainScalar(const std::string& text) {
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  if (text.empty()) return text;
  const char* begin = text.data();
  const char* end = begin + text.size();
  if (*begin == '+') ++begin;
  if (begin == end || (*begin != '-' && *begin != '.' && (*begin < '0' || *begin > '9'))) {
    return text;  // also keeps "inf" and "nan", which from_chars would read, as words
  }
  int64_t whole = 0;
  auto read = std::from_chars(begin, end, whole);
  if (read.ec == std::errc() && read.ptr == end) return Value(static_cast<long long>(whole));
  double number = 0;
  auto decimal = std::from_chars(begin, end, number);
  if (decimal.ec == std::errc() && decimal.ptr == end && number - number == 0) return number;
  return text;
}

}  // namespace

const YamlNode* YamlNode::Find(std::string_view key) const {
  for (size_t i = 0; i < keys.size() && i < items.size(); ++i) {
    if (keys[i].scalar == key) return &items[i];
  }
  return nullptr;
}

Result<YamlNode> ReadYaml(std::string_view text, const std::string& path,
                          const YamlLimits& limits) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  if (auto refused = RefuseBytes(text, path, limits)) return *refused;
  TreeBuilder builder(text, limits);
  try {
    std::istringstream stream(WithDocumentEnd(text));
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return YamlNode{};
    YamlNode root = builder.TakeRoot();
    TreeBuilder second(text, limits);
    if (parser.HandleNextDocument(second)) {
      LineColumn at{second.TakeRoot().line, 1};
      return ErrorAt(path, at, "a second document starts here",
                     "One file holds one document: remove the '---', or correct the indentation.");
    }
    return root;
  } catch (const Refusal& refusal) {
    return ErrorAt(path, refusal.at, refusal.message, refusal.remedy);
  } catch (const YAML::Exception& e) {
    if (e.msg == YAML::ErrorMsg::DOC_IN_SCALAR || e.msg == YAML::ErrorMsg::EOF_IN_SCALAR) {
      return ErrorAt(path, builder.Place(e.mark), "a quoted text is never closed",
                     "Add the closing quote.");
    }
    return ErrorAt(path, builder.Place(e.mark), e.msg, "Correct the YAML.");
  } catch (const std::exception& e) {
    return MakeError(fmt::format("{}: {}", path, e.what()), "Correct the YAML.");
  }
}

Value ToValue(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return {};
    case YamlNode::Kind::kScalar:
      return node.was_quoted ? Value(node.scalar) : PlainScalar(node.scalar);
    case YamlNode::Kind::kList: {
      Value::Array items;
      for (const YamlNode& item : node.items) items.push_back(ToValue(item));
      return Value(std::move(items));
    }
    case YamlNode::Kind::kMap: {
      Value::Object members;
      for (size_t i = 0; i < node.items.size(); ++i) {
        members.emplace_back(node.keys[i].scalar, ToValue(node.items[i]));
      }
      return Value(std::move(members));
    }
  }
  return {};
}

std::string_view Describe(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kList:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a map";
    case YamlNode::Kind::kScalar:
      break;
  }
  Value value = ToValue(node);
  if (value.is_bool()) return "true or false";
  if (value.is_number()) return "a number";
  return "text";
}

}  // namespace layergate

#include "jinja/text_filters.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/text.h"
#include "jinja/facade.h"
#include "jinja/operators.h"
#include "jinja/python_text.h"

namespace layergate::jinja {
namespace {

[[noreturn]] void Refuse(const char* what) { throw RenderError{what, 0}; }

// Words and the white space between them, in turns, as textwrap cuts a line without hyphens.
std::vector<std::string_view> Chunks(std::string_view line) {
  std::vector<std::string_view> chunks;
  for (size_t at = 0; at < line.size();) {
    bool space = line[at] == ' ' || line[at] == '\t';
    size_t end = space ? line.find_first_not_of(" \t", at) : line.find_first_of(" \t", at);
    end = std::min(end, line.size());
    chunks.push_back(line.substr(at, end - at));
    at = end;
  }
  return chunks;
}

bool IsSpace(std::string_view chunk) { return chunk[0] == ' ' || chunk[0] == '\t'; }

// textwrap.wrap() of one line.
std::vector<std::string> WrapLine(std::string_view line, size_t width, bool break_long) {
  std::vector<std::string_view> chunks = Chunks(line);
  std::vector<std::string> lines;
  for (size_t i = 0; i < chunks.size();) {
    if (!lines.empty() && IsSpace(chunks[i])) {
      ++i;
      continue;
    }
    std::vector<std::string_view> taken;
    size_t length = 0;
    for (; i < chunks.size() && length + chunks[i].size() <= width; ++i) {
      length += chunks[i].size();
      taken.push_back(chunks[i]);
    }
    if (i < chunks.size() && chunks[i].size() > width) {  // a word that no line can hold
      if (break_long && width > length) {
        taken.push_back(chunks[i].substr(0, width - length));
        chunks[i].remove_prefix(width - length);
      } else if (taken.empty()) {
        taken.push_back(chunks[i++]);
      }
    }
    if (!taken.empty() && IsSpace(taken.back())) taken.pop_back();
    std::string text;
    for (std::string_view chunk : taken) text += chunk;
    if (!taken.empty()) lines.push_back(std::move(text));
  }
  return lines;
}

void DumpScalar(const Var& value, std::string& out) {
  if (value.is_none()) {
    out += "null";
  } else if (value.is_bool()) {
    out += value.as_bool() ? "true" : "false";
  } else if (value.is_int()) {
    out += std::to_string(value.as_int());
  } else if (value.is_string()) {
    const std::string& text = value.as_string();
    bool plain = !text.empty() && text.size() < 60 && (std::isalpha(text[0]) || text[0] == '_') &&
                 std::all_of(
                     text.begin(), text.end(),
                     [](unsigned char c) { return (c < 128 && std::isalnum(c)) || c == '_'; });
    std::string lower = ToLower(text);
    if (!plain || Is(lower, {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}))
      Refuse("toyaml: this text needs quotes");
    out += text;
  } else {
    Refuse("toyaml: this kind of value is not supported");
  }
}

bool IsNested(const Var& value) {
  return (value.is_list() && !value.list()->items.empty()) ||
         (value.is_dict() && !value.dict()->items.empty());
}

// A nested value begins where the line stands; its further lines are indented.
void DumpBlock(const Var& value, size_t indent, bool sort_keys, std::string& out) {
  DeepWalk walk;
  const std::string margin(indent, ' ');
  bool first = true;
  auto begin = [&] {
    if (!first) out += margin;
    first = false;
  };
  if (value.is_list()) {
    if (value.list()->kind != List::Kind::kList) Refuse("toyaml: not a list");
    for (const Var& item : value.list()->items) {
      begin();
      out += "- ";
      if (IsNested(item)) {
        DumpBlock(item, indent + 2, sort_keys, out);
        continue;
      }
      item.is_list() ? out += "[]" : item.is_dict() ? out += "{}" : (DumpScalar(item, out), out);
      out += "\n";
    }
    return;
  }
  auto items = value.dict()->items;
  if (sort_keys) {
    std::stable_sort(items.begin(), items.end(),
                     [](const auto& a, const auto& b) { return Less(a.first, b.first); });
  }
  for (const auto& [key, item] : items) {
    begin();
    DumpScalar(key, out);
    if (IsNested(item)) {
      size_t deeper = item.is_list() ? indent : indent + 2;
      out += ":\n" + std::string(deeper, ' ');
      DumpBlock(item, deeper, sort_keys, out);
      continue;
    }
    out += ": ";
    item.is_list() ? out += "[]" : item.is_dict() ? out += "{}" : (DumpScalar(item, out), out);
    out += "\n";
  }
}

}  // namespace

std::string EscapedForHtml(std::string_view text) {
  std::string result;
  for (char c : text) {
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
      case '\'':
        result += "&#39;";
        break;
      case '"':
        result += "&#34;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

Var FileSizeFormat(Interpreter&, const Var& value, const Arguments& arguments) {
  if (!value.is_number()) Refuse("filesizeformat: not a number");
  bool binary = FlagOf(arguments, 0, "binary", false);
  double bytes = value.as_double(), base = binary ? 1024 : 1000;
  if (!std::isfinite(bytes)) Refuse("filesizeformat: no finite number");
  if (std::abs(bytes - 1.0) == 0.0) return Var("1 Byte");
  if (bytes < base) return Var(fmt::format("{} Bytes", static_cast<int64_t>(bytes)));
  constexpr std::array<const char*, 8> kUnits = {"k", "M", "G", "T", "P", "E", "Z", "Y"};
  double unit = base;
  size_t i = 0;
  for (; i < kUnits.size(); ++i) {
    unit *= base;
    if (bytes < unit) break;
  }
  std::string prefix = kUnits[std::min(i, kUnits.size() - 1)];
  if (binary && prefix == "k") prefix = "K";
  return Var(fmt::format("{:.1f} {}{}", base * bytes / unit, prefix, binary ? "iB" : "B"));
}

// What fits into one line is printed as in a list, keys in order; more would be laid out.
Var PrettyPrint(Interpreter&, const Var& value, const Arguments&) {
  constexpr int64_t kWidth = 80;
  if (value.is_object() || value.is_undefined()) Refuse("pprint: this kind of value");
  bool ordered = !value.is_dict() || value.dict()->items.size() < 2;
  Var sorted = value;
  if (!ordered) {
    sorted = Var::MakeDict();
    sorted.dict()->items = value.dict()->items;
    std::stable_sort(sorted.dict()->items.begin(), sorted.dict()->items.end(),
                     [](const auto& a, const auto& b) { return Less(a.first, b.first); });
  }
  auto holds_dict = [](const Var& item) { return item.is_dict() || item.is_list(); };
  bool deep =
      (value.is_list() &&
       std::any_of(value.list()->items.begin(), value.list()->items.end(), holds_dict)) ||
      (value.is_dict() && std::any_of(value.dict()->items.begin(), value.dict()->items.end(),
                                      [&](const auto& item) { return holds_dict(item.second); }));
  std::string text = sorted.Repr();
  if (deep || CountCharacters(text) > kWidth) Refuse("pprint of so much is not supported");
  return Var(std::move(text));
}

Var StripTags(Interpreter&, const Var& value, const Arguments&) {
  std::string text = value.ToString();
  auto cut = [&](std::string_view open, std::string_view close) {
    for (size_t start = text.find(open); start != std::string::npos; start = text.find(open)) {
      size_t end = text.find(close, start);
      if (end == std::string::npos) return;
      text.erase(start, end + close.size() - start);
    }
  };
  cut("<!--", "-->");
  cut("<", ">");
  if (text.find('&') != std::string::npos) Refuse("striptags: entities are not supported");
  std::string result;
  for (std::string_view character : Characters(text)) {
    bool space = IsSpaceCharacter(character);
    if (!space) {
      result += character;
    } else if (!result.empty() && result.back() != ' ') {
      result += ' ';
    }
  }
  if (!result.empty() && result.back() == ' ') result.pop_back();
  return Var(std::move(result));
}

Var WordWrap(Interpreter&, const Var& value, const Arguments& arguments) {
  if (!value.is_string()) Refuse("wordwrap: not a text");
  const std::string& text = value.as_string();
  bool plain = std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c == '\n' || c == '\t' || (c >= ' ' && c < 127);
  });
  bool hyphens =
      FlagOf(arguments, 3, "break_on_hyphens", true) && text.find('-') != std::string::npos;
  if (!plain || hyphens) Refuse("wordwrap: hyphens and text beyond ASCII are not supported");
  int64_t width = NumberOf(arguments, 0, "width", 79);
  if (width <= 0) Refuse("wordwrap: too narrow");
  bool break_long = FlagOf(arguments, 1, "break_long_words", true);
  std::string wrap = TextOf(arguments, 2, "wrapstring", "\n");
  std::string result;
  std::vector<std::string_view> lines = Split(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();  // splitlines()
  for (size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) result += wrap;
    std::vector<std::string> parts = WrapLine(lines[i], static_cast<size_t>(width), break_long);
    for (size_t j = 0; j < parts.size(); ++j) result += (j > 0 ? wrap : "") + parts[j];
    CheckTextSize(result.size());
  }
  return Var(std::move(result));
}

Var XmlAttributes(Interpreter&, const Var& value, const Arguments& arguments) {
  if (!value.is_dict()) Refuse("xmlattr: not a dictionary");
  std::string result;
  for (const auto& [key, item] : value.dict()->items) {
    if (item.is_none() || item.is_undefined()) continue;
    std::string name = key.ToString();
    if (name.find_first_of(" \t\n\r\f\v/>=") != std::string::npos)
      Refuse("xmlattr: this is no name of an attribute");
    result += fmt::format("{}{}=\"{}\"", result.empty() ? "" : " ", EscapedForHtml(name),
                          EscapedForHtml(item.ToString()));
  }
  bool space = FlagOf(arguments, 0, "autospace", true);
  return Var(space && !result.empty() ? " " + result : result);
}

std::string DumpYaml(const Var& value, bool sort_keys) {
  std::string out;
  if (IsNested(value)) {
    DumpBlock(value, 0, sort_keys, out);
  } else if (value.is_list() || value.is_dict()) {
    out = value.is_list() ? "[]\n" : "{}\n";
  } else {
    DumpScalar(value, out);
    out += "\n...\n";
  }
  return out;
}

}  // namespace layergate::jinja

#include "dbt/json_text.h"

#include <charconv>
#include <cstring>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "core/text.h"

namespace layergate::dbt {
namespace {

constexpr std::string_view kRegenerate =
    "Write the artifact again with dbt, or fetch it again: it must be the file as dbt wrote it.";

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Reads values out of text that WalkJson accepted, so it need not look for mistakes; it still never
// reads past the slice.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  layergate::Value Read() {
    SkipSpace();
    if (at_ >= text_.size()) return {};
    switch (text_[at_]) {
      case '{':
        return ReadObject();
      case '[':
        return ReadArray();
      case '"':
        return Unescape(ReadStringBody());
      case 't':
        at_ += 4;
        return true;
      case 'f':
        at_ += 5;
        return false;
      case 'n':
        at_ += 4;
        return nullptr;
      default:
        return ReadNumber();
    }
  }

  std::string_view ReadStringBody() {
    size_t begin = ++at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    size_t end = std::min(at_, text_.size());
    ++at_;
    return text_.substr(begin, end - begin);
  }

 private:
  void SkipSpace() {
    while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
  }

  layergate::Value ReadNumber() {
    size_t begin = at_;
    while (at_ < text_.size() && (IsDigit(text_[at_]) || std::strchr("+-.eE", text_[at_]))) ++at_;
    if (at_ == begin) {  // cannot happen in checked text; ends the loop of whoever calls
      at_ = text_.size();
      return {};
    }
    std::string_view number = text_.substr(begin, at_ - begin);
    if (number.find_first_of(".eE") == std::string_view::npos) {
      int64_t whole = 0;
      std::from_chars(number.data(), number.data() + number.size(), whole);
      return static_cast<long long>(whole);
    }
    double real = 0;
    std::from_chars(number.data(), number.data() + number.size(), real);
    return real;
  }

  layergate::Value ReadArray() {
    layergate::Value::Array items;
    ++at_;
    for (SkipSpace(); at_ < text_.size() && text_[at_] != ']'; SkipSpace()) {
      items.push_back(Read());
      SkipSpace();
      if (at_ < text_.size() && text_[at_] == ',') ++at_;
    }
    ++at_;
    return items;
  }

  layergate::Value ReadObject() {
    layergate::Value::Object members;
    std::unordered_map<std::string, size_t> seen;  // filled for large objects only
    ++at_;
    for (SkipSpace(); at_ < text_.size() && text_[at_] != '}'; SkipSpace()) {
      std::string key = Unescape(ReadStringBody());
      SkipSpace();
      ++at_;  // ':'
      Put(members, seen, std::move(key), Read());
      SkipSpace();
      if (at_ < text_.size() && text_[at_] == ',') ++at_;
    }
    ++at_;
    return members;
  }

  static void Put(layergate::Value::Object& members, std::unordered_map<std::string, size_t>& seen,
                  std::string key, layergate::Value value) {
    constexpr size_t kLarge = 32;
    if (members.size() < kLarge) {
      for (auto& [known, old] : members) {
        if (known == key) {
          old = std::move(value);
          return;
        }
      }
    } else {
      if (seen.empty()) {
        for (size_t i = 0; i < members.size(); ++i) seen.emplace(members[i].first, i);
      }
      auto [it, fresh] = seen.emplace(key, members.size());
      if (!fresh) {
        members[it->second].second = std::move(value);
        return;
      }
    }
    members.emplace_back(std::move(key), std::move(value));
  }

  std::string_view text_;
  size_t at_ = 0;
};

void AppendUtf8(std::string& out, uint32_t code) {
  auto put = [&](uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

uint32_t HexAt(std::string_view body, size_t at) {
  uint32_t code = 0;
  if (at + 4 <= body.size()) std::from_chars(body.data() + at, body.data() + at + 4, code, 16);
  return code;
}

// Refuses a key that stands twice in one of the outermost three objects.
class UniqueKeys : public JsonSink {
 public:
  explicit UniqueKeys(std::string_view text) : text_(text) {}
  Result<void> Key(int depth, uint32_t begin, uint32_t end) override {
    for (int deeper = depth + 1; deeper <= 3; ++deeper) seen_[deeper].clear();
    std::string key = Unescape(text_.substr(begin, end - begin));
    if (seen_[depth].insert(key).second) return {};
    return MakeError(fmt::format("the key \"{}\" stands twice", Printable(key)),
                     std::string(kRegenerate));
  }
  void Value(int, uint32_t, uint32_t) override {}

 private:
  std::string_view text_;
  std::set<std::string> seen_[4];
};

}  // namespace

layergate::Value ReadChecked(std::string_view slice) { return Reader(slice).Read(); }

std::string ReadCheckedString(std::string_view slice) {
  if (slice.empty() || slice[0] != '"') return {};
  return Unescape(Reader(slice).ReadStringBody());
}

std::string Unescape(std::string_view body) {
  size_t next = body.find('\\');
  if (next == std::string_view::npos) return std::string(body);
  std::string out;
  out.reserve(body.size());
  size_t at = 0;
  while (next != std::string_view::npos && next + 1 < body.size()) {
    out.append(body, at, next - at);
    at = next + 2;
    switch (char c = body[next + 1]; c) {
      case 'b':
        out += '\b';
        break;
      case 'f':
        out += '\f';
        break;
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 't':
        out += '\t';
        break;
      case 'u': {
        uint32_t code = HexAt(body, at);
        at += 4;
        if (code >= 0xD800 && code < 0xDC00 && body.substr(std::min(at, body.size()), 2) == "\\u") {
          uint32_t low = HexAt(body, at + 2);
          if (low >= 0xDC00 && low < 0xE000) {
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            at += 6;
          }
        }
        // Half of a surrogate pair is no character; Python writes one all the same.
        if (code >= 0xD800 && code < 0xE000) code = 0xFFFD;
        AppendUtf8(out, code);
        break;
      }
      default:
        out += c;
    }
    at = std::min(at, body.size());
    next = body.find('\\', at);
  }
  out.append(body, at);
  return out;
}

Result<layergate::Value> ParseJsonDocument(std::string_view text, const std::string& path) {
  UniqueKeys unique(text);
  if (auto ok = WalkJson(text, path, unique); !ok) return ok.error();
  return ReadChecked(text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text);
}

SchemaAddress ParseSchemaAddress(std::string_view address) {
  size_t slash = address.rfind('/');
  if (slash == std::string_view::npos) return {};
  std::string_view version = address.substr(slash + 1);
  size_t before = address.rfind('/', slash - 1);
  if (slash == 0 || before == std::string_view::npos || !version.starts_with('v')) return {};
  SchemaAddress found;
  auto [end, error] =
      std::from_chars(version.data() + 1, version.data() + version.size(), found.version);
  if (error != std::errc{}) return {};
  found.what = std::string(address.substr(before + 1, slash - before - 1));
  return found;
}

Error WrongArtifact(const std::string& path, std::string_view wanted, const SchemaAddress& found,
                    bool has_schema_address) {
  std::string file = std::string(wanted) == "run-results" ? "run_results" : std::string(wanted);
  std::string remedy = fmt::format("Give the path of {}.json as dbt wrote it into target/.", file);
  if (!found.what.empty()) {
    std::string is = found.what == "run-results" ? "run_results" : found.what;
    return MakeError(fmt::format("{}: this is dbt's {}.json, not {}.json", path, is, file), remedy);
  }
  if (has_schema_address) {
    return MakeError(fmt::format("{}: this is not dbt's {}.json: its dbt_schema_version is not an "
                                 "address that dbt writes",
                                 path, file),
                     remedy);
  }
  // The one artifact that names no version.
  if (file == "semantic_manifest") {
    return MakeError(fmt::format("{}: this is not dbt's semantic_manifest.json: it has no "
                                 "\"metrics\" or no \"semantic_models\"",
                                 path),
                     remedy);
  }
  return MakeError(
      fmt::format("{}: this is not dbt's {}.json: it has no metadata.dbt_schema_version", path,
                  file),
      remedy);
}

}  // namespace layergate::dbt

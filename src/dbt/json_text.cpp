#include "dbt/json_text.h"

#include <charconv>
#include <cstring>
#include <memory>
#include <set>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>
#include <simdjson.h>

#include "core/source_text.h"
#include "core/text.h"

namespace layergate::dbt {
namespace {

constexpr std::string_view kRegenerate =
    "Write the artifact again with dbt, or fetch it again: it must be the file as dbt wrote it.";

Error At(std::string_view text, const std::string& path, size_t offset, std::string message,
         std::string remedy = std::string(kRegenerate)) {
  LineColumn place = Locate(text, offset);
  return MakeError(fmt::format("{}:{}:{}: {}", path, place.line, place.column, message),
                   std::move(remedy));
}

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Length of the well-formed UTF-8 sequence at `at`, or 0.
size_t Utf8Length(std::string_view text, size_t at) {
  for (size_t length = 1; length <= 4 && at + length <= text.size(); ++length) {
    if (IsUtf8(text.substr(at, length))) return length;
  }
  return 0;
}

// The index of structural characters refused the text: finds out where and why, the slow way.
Error ExplainRefusal(std::string_view text, const std::string& path) {
  bool in_string = false;
  size_t string_begin = 0;
  for (size_t i = 0; i < text.size();) {
    char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x80) {
      size_t length = Utf8Length(text, i);
      if (length == 0) {
        return At(text, path, i, "invalid UTF-8", "Write the artifact as UTF-8, as dbt does.");
      }
      i += length;
      continue;
    }
    if (!in_string) {
      if (c == '"') {
        in_string = true;
        string_begin = i;
      }
    } else if (c == '\\') {
      ++i;
    } else if (c == '"') {
      in_string = false;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      return At(text, path, i, "a control character inside a string that is not escaped");
    }
    ++i;
  }
  if (in_string) {
    return At(text, path, string_begin, "the file ends inside this string: it was cut short");
  }
  return At(text, path, text.size(), "the file is not JSON");
}

// Walks the structural characters (brackets, commas, colons, and where strings and other scalars
// begin).
class Walker {
 public:
  Walker(std::string_view text, const std::string& path, JsonSink& sink, const uint32_t* index,
         size_t count)
      : text_(text), path_(path), sink_(sink), index_(index), count_(count) {}

  Result<void> Walk();

 private:
  enum class Expect { kValue, kFirstKey, kKey, kColon, kFirstElement, kAfterValue };

  Error Fail(size_t offset, std::string message, std::string remedy = std::string(kRegenerate)) {
    return At(text_, path_, offset, std::move(message), std::move(remedy));
  }
  // Just past the string that begins at structural i.
  uint32_t StringEnd(size_t i) const {
    size_t end = i + 1 < count_ ? index_[i + 1] : text_.size();
    while (end > index_[i] && text_[end - 1] != '"') --end;
    return static_cast<uint32_t>(end);
  }
  Result<void> CheckKey(size_t i);
  // Checks a number, true, false or null; gives its end.
  Result<uint32_t> CheckScalar(uint32_t begin);
  Result<uint32_t> CheckNumber(uint32_t begin);
  Error UnknownWord(uint32_t begin);

  std::string_view text_;
  const std::string& path_;
  JsonSink& sink_;
  const uint32_t* index_;
  size_t count_;
};

Error Walker::UnknownWord(uint32_t begin) {
  uint32_t end = begin;
  while (end < text_.size() && end - begin < 20 && !IsSpace(text_[end]) &&
         std::strchr(",:]}[{\"", text_[end]) == nullptr) {
    ++end;
  }
  std::string_view word = text_.substr(begin, end - begin);
  if (word == "NaN" || word == "Infinity" || word == "-Infinity") {
    return Fail(begin, fmt::format("{} is not JSON", word),
                "Find the .nan or .inf in the project's YAML (meta, config or a test's arguments), "
                "quote it, and write the artifact again.");
  }
  if (end == text_.size()) return Fail(begin, "the file ends inside a value: it was cut short");
  return Fail(begin, fmt::format("\"{}\" is not a JSON value", Printable(word)));
}

Result<uint32_t> Walker::CheckNumber(uint32_t begin) {
  size_t i = begin;
  auto at = [&](size_t k) { return k < text_.size() ? text_[k] : '\0'; };
  bool negative = at(i) == '-';
  if (negative) ++i;
  size_t digits = i;
  while (IsDigit(at(i))) ++i;
  bool whole = true;
  if (i == digits || (at(digits) == '0' && i - digits > 1)) return UnknownWord(begin);
  size_t digits_end = i;
  if (at(i) == '.') {
    whole = false;
    size_t fraction = ++i;
    while (IsDigit(at(i))) ++i;
    if (i == fraction) return UnknownWord(begin);
  }
  if (at(i) == 'e' || at(i) == 'E') {
    whole = false;
    ++i;
    if (at(i) == '+' || at(i) == '-') ++i;
    size_t exponent = i;
    while (IsDigit(at(i))) ++i;
    if (i == exponent) return UnknownWord(begin);
  }
  if (whole && digits_end - digits >= 19) {
    int64_t number = 0;
    auto [end, error] = std::from_chars(text_.data() + begin, text_.data() + digits_end, number);
    if (error != std::errc{}) {
      return Fail(begin,
                  fmt::format("the integer {} does not fit 64 bits",
                              text_.substr(begin, std::min<size_t>(digits_end - begin, 40))),
                  "Quote the number in the project's YAML, so that it is a text, and write the "
                  "artifact again.");
    }
  }
  return static_cast<uint32_t>(i);
}

Result<uint32_t> Walker::CheckScalar(uint32_t begin) {
  std::string_view rest = text_.substr(begin);
  uint32_t end = begin;
  if (rest.starts_with("null") || rest.starts_with("true")) {
    end += 4;
  } else if (rest.starts_with("false")) {
    end += 5;
  } else if (rest[0] == '-' || IsDigit(rest[0])) {
    auto number = CheckNumber(begin);
    if (!number) return number;
    end = *number;
  } else {
    return UnknownWord(begin);
  }
  if (end < text_.size() && !IsSpace(text_[end]) && text_[end] != ',' && text_[end] != '}' &&
      text_[end] != ']') {
    return UnknownWord(begin);
  }
  return end;
}

Result<void> Walker::Walk() {
  if (count_ == 0) return MakeError(path_ + ": the file is empty", std::string(kRegenerate));
  if (text_[index_[0]] != '{') {
    if (text_[index_[0]] == '[' || text_[index_[0]] == '"') {
      return Fail(index_[0], "a JSON object was expected here");
    }
    if (auto scalar = CheckScalar(index_[0]); !scalar) return scalar.error();
    return Fail(index_[0], "a JSON object was expected here");
  }
  struct Level {
    bool object;
    uint32_t begin;  // of the object or array itself
  };
  std::vector<Level> levels;
  levels.reserve(kMaxJsonDepth);
  int objects_only = 0;  // how many of the outermost levels are objects, without an array between
  Expect expect = Expect::kValue;
  // A value that ended at `end` and began at `begin`, in the innermost level.
  auto finish = [&](uint32_t begin, uint32_t end) {
    auto depth = static_cast<int>(levels.size());
    if (depth >= 1 && depth <= 3 && objects_only >= depth) sink_.Value(depth, begin, end);
    expect = Expect::kAfterValue;
  };
  for (size_t i = 0; i < count_; ++i) {
    uint32_t at = index_[i];
    char c = text_[at];
    if (levels.empty() && i > 0)
      return Fail(at, "there is more text after the end of the document");
    switch (expect) {
      case Expect::kFirstElement:
        if (c == ']') break;
        [[fallthrough]];
      case Expect::kValue:
        if (c == '{' || c == '[') {
          if (levels.size() >= kMaxJsonDepth) {
            return Fail(at, fmt::format("nested more than {} deep", kMaxJsonDepth));
          }
          bool object = c == '{';
          if (object && objects_only == static_cast<int>(levels.size())) ++objects_only;
          levels.push_back({object, at});
          expect = object ? Expect::kFirstKey : Expect::kFirstElement;
        } else if (c == '"') {
          finish(at, StringEnd(i));
        } else if (c == ']' || c == '}' || c == ',' || c == ':') {
          return Fail(at, fmt::format("a value was expected before '{}'", c));
        } else {
          auto end = CheckScalar(at);
          if (!end) return end.error();
          finish(at, *end);
        }
        continue;
      case Expect::kFirstKey:
        if (c == '}') break;
        [[fallthrough]];
      case Expect::kKey: {
        if (c != '"') return Fail(at, "a key in double quotes was expected here");
        auto depth = static_cast<int>(levels.size());
        if (depth <= 3 && objects_only >= depth) {
          if (auto ok = sink_.Key(depth, at + 1, StringEnd(i) - 1); !ok) {
            return Fail(at, ok.error().message, ok.error().remedy);
          }
        }
        expect = Expect::kColon;
        continue;
      }
      case Expect::kColon:
        if (c != ':') return Fail(at, "':' was expected after the key");
        expect = Expect::kValue;
        continue;
      case Expect::kAfterValue:
        if (c == ',') {
          expect = levels.back().object ? Expect::kKey : Expect::kValue;
          continue;
        }
        if (c != (levels.back().object ? '}' : ']')) {
          return Fail(at, levels.back().object ? "',' or '}' was expected here"
                                               : "',' or ']' was expected here");
        }
        break;
    }
    // The innermost level ends here.
    Level level = levels.back();
    levels.pop_back();
    if (objects_only > static_cast<int>(levels.size())) {
      objects_only = static_cast<int>(levels.size());
    }
    finish(level.begin, at + 1);
  }
  if (!levels.empty()) {
    return Fail(text_.size(), "the file ends in the middle of the document: it was cut short");
  }
  return {};
}

// Escapes are looked at once over the whole text: a backslash outside a string is refused by the
// walk.
Result<void> CheckEscapes(std::string_view text, const std::string& path) {
  const char* p = text.data();
  const char* end = p + text.size();
  while ((p = static_cast<const char*>(std::memchr(p, '\\', static_cast<size_t>(end - p))))) {
    auto offset = static_cast<size_t>(p - text.data());
    char c = p + 1 < end ? p[1] : '\0';
    if (c == 'u') {
      if (end - p < 6 || !IsHex(p[2]) || !IsHex(p[3]) || !IsHex(p[4]) || !IsHex(p[5])) {
        return At(text, path, offset, "\\u needs four hexadecimal digits");
      }
    } else if (c == '\0' || std::strchr("\"\\/bfnrt", c) == nullptr) {
      return At(text, path, offset, "an escape that JSON does not know");
    }
    p += 2;
  }
  return {};
}

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

Result<void> WalkJson(std::string_view text, const std::string& path, JsonSink& sink) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    return MakeError(path + ":1:1: the file is UTF-16, not UTF-8",
                     "Write it as UTF-8 (Windows PowerShell's '>' writes UTF-16).");
  }
  if (text.size() >= UINT32_MAX) return MakeError(path + ": files over 4 GiB are not read");
  // A byte order mark counts as white space: the offsets stay those of the file.
  size_t skip = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  std::string_view body = text.substr(skip);
  if (Trim(body).empty()) return MakeError(path + ": the file is empty", std::string(kRegenerate));

  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
  simdjson::error_code error =
      simdjson::get_active_implementation()->create_dom_parser_implementation(
          body.size(), kMaxJsonDepth, parser);
  if (error != simdjson::SUCCESS) {
    return MakeError(fmt::format("{}: {}", path, simdjson::error_message(error)));
  }
  error = parser->stage1(reinterpret_cast<const uint8_t*>(body.data()), body.size(),
                         simdjson::stage1_mode::regular);
  if (error != simdjson::SUCCESS) return ExplainRefusal(text, path);
  uint32_t* index = parser->structural_indexes.get();
  size_t count = parser->n_structural_indexes;
  if (skip > 0) {
    for (size_t i = 0; i < count; ++i) index[i] += static_cast<uint32_t>(skip);
  }
  if (auto ok = Walker(text, path, sink, index, count).Walk(); !ok) return ok;
  return CheckEscapes(text, path);
}

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
  return MakeError(
      fmt::format("{}: this is not dbt's {}.json: it has no metadata.dbt_schema_version", path,
                  file),
      remedy);
}

}  // namespace layergate::dbt

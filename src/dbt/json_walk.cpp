// The one pass over a whole document: see json_text.h.
#include <array>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <simdjson.h>

#include "core/source_text.h"
#include "core/text.h"
#include "dbt/json_text.h"
#include "dbt/manifest_bytes.h"

namespace layergate::dbt {
namespace {

constexpr std::string_view kRegenerate =
    "Write the artifact again with dbt, or fetch it again: it must be the file as dbt wrote it.";

Error ErrorAt(std::string_view text, const std::string& path, size_t offset, std::string message,
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
        return ErrorAt(text, path, i, "invalid UTF-8", "Write the artifact as UTF-8, as dbt does.");
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
      return ErrorAt(text, path, i, "a control character inside a string that is not escaped");
    }
    ++i;
  }
  if (in_string) {
    return ErrorAt(text, path, string_begin, "the file ends inside this string: it was cut short");
  }
  return ErrorAt(text, path, text.size(), "the file is not JSON");
}

// Walks the structural characters (brackets, commas, colons, and where strings and other scalars
// begin). Members of the outermost objects go to the sink; what lies deeper is only checked, which
// is most of a manifest and is written to be fast.
class Walker {
 public:
  Walker(std::string_view text, const std::string& path, JsonSink& sink, const uint32_t* index,
         size_t count)
      : text_(text), path_(path), sink_(sink), index_(index), count_(count) {}

  Result<void> Walk() {
    if (Begin() && ReadObject(1) && at_ < count_)
      Fail(At(), "there is more text after the end of the document");
    return error_ ? Result<void>(std::move(*error_)) : Result<void>();
  }

 private:
  static constexpr int kReportedDepth = 3;

  uint32_t At() const { return at_ < count_ ? index_[at_] : static_cast<uint32_t>(text_.size()); }
  // The structural character that comes next; '\0' at the end of the text.
  char Next() const { return at_ < count_ ? text_[index_[at_]] : '\0'; }
  // Always false, so that a check can end with it.
  bool Fail(size_t offset, std::string message, std::string remedy = std::string(kRegenerate)) {
    error_ = ErrorAt(text_, path_, offset, std::move(message), std::move(remedy));
    return false;
  }
  bool Unexpected(std::string_view expected) {
    if (at_ >= count_) {
      return Fail(text_.size(), "the file ends in the middle of the document: it was cut short");
    }
    return Fail(At(), std::string(expected));
  }
  // Just past the string that begins at structural i.
  uint32_t StringEnd(size_t i) const {
    size_t end = i + 1 < count_ ? index_[i + 1] : text_.size();
    while (end > index_[i] && text_[end - 1] != '"') --end;
    return static_cast<uint32_t>(end);
  }

  bool Begin();
  bool ReadObject(int depth);
  bool ReadKey(int depth);
  bool PassOverKey();
  bool ReadColon();
  // Checks a whole value whose first structural is the next one; gives where it ends.
  bool PassOver(int depth, uint32_t& end);
  bool PassOverContainer(int depth, uint32_t& end);
  // Checks a number, true, false or null; gives its end.
  bool CheckScalar(uint32_t begin, uint32_t& end);
  bool CheckNumber(uint32_t begin, uint32_t& end);
  bool FailAtWord(uint32_t begin);

  std::string_view text_;
  const std::string& path_;
  JsonSink& sink_;
  const uint32_t* index_;
  size_t count_;
  size_t at_ = 0;  // the next structural
  std::optional<Error> error_;
};

bool Walker::FailAtWord(uint32_t begin) {
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

bool Walker::CheckNumber(uint32_t begin, uint32_t& end) {
  size_t i = begin;
  auto at = [&](size_t k) { return k < text_.size() ? text_[k] : '\0'; };
  if (at(i) == '-') ++i;
  size_t digits = i;
  while (IsDigit(at(i))) ++i;
  bool whole = true;
  if (i == digits || (at(digits) == '0' && i - digits > 1)) return FailAtWord(begin);
  size_t digits_end = i;
  if (at(i) == '.') {
    whole = false;
    size_t fraction = ++i;
    while (IsDigit(at(i))) ++i;
    if (i == fraction) return FailAtWord(begin);
  }
  if (at(i) == 'e' || at(i) == 'E') {
    whole = false;
    ++i;
    if (at(i) == '+' || at(i) == '-') ++i;
    size_t exponent = i;
    while (IsDigit(at(i))) ++i;
    if (i == exponent) return FailAtWord(begin);
  }
  end = static_cast<uint32_t>(i);
  if (!whole || digits_end - digits < 19) return true;
  int64_t number = 0;
  auto parsed = std::from_chars(text_.data() + begin, text_.data() + digits_end, number);
  if (parsed.ec == std::errc{}) return true;
  return Fail(begin,
              fmt::format("the integer {} does not fit 64 bits",
                          text_.substr(begin, std::min<size_t>(digits_end - begin, 40))),
              "Quote the number in the project's YAML, so that it is a text, and write the "
              "artifact again.");
}

bool Walker::CheckScalar(uint32_t begin, uint32_t& end) {
  std::string_view rest = text_.substr(begin);
  if (rest.starts_with("null") || rest.starts_with("true")) {
    end = begin + 4;
  } else if (rest.starts_with("false")) {
    end = begin + 5;
  } else if (rest[0] == '-' || IsDigit(rest[0])) {
    if (!CheckNumber(begin, end)) return false;
  } else {
    return FailAtWord(begin);
  }
  char after = end < text_.size() ? text_[end] : ',';
  return after == ',' || after == '}' || after == ']' || IsSpace(after) || FailAtWord(begin);
}

bool Walker::Begin() {
  if (count_ == 0) {
    error_ = MakeError(path_ + ": the file is empty", std::string(kRegenerate));
    return false;
  }
  if (Next() == '{') return true;
  uint32_t end = 0;
  if (Next() != '[' && Next() != '"' && !CheckScalar(At(), end)) return false;
  return Fail(At(), "a JSON object was expected here");
}

// An object whose members are reported; the next structural is its '{'.
bool Walker::ReadObject(int depth) {
  ++at_;
  if (Next() == '}') {
    ++at_;
    return true;
  }
  while (true) {
    if (!ReadKey(depth) || !ReadColon()) return false;
    uint32_t begin = At(), end = 0;
    if (depth < kReportedDepth && Next() == '{') {
      if (!ReadObject(depth + 1)) return false;
      end = index_[at_ - 1] + 1;
    } else if (!PassOver(depth, end)) {
      return false;
    }
    sink_.Value(depth, begin, end);
    char c = Next();
    if (c != ',' && c != '}') return Unexpected("',' or '}' was expected here");
    ++at_;
    if (c == '}') return true;
  }
}

bool Walker::ReadKey(int depth) {
  if (Next() != '"') return Unexpected("a key in double quotes was expected here");
  uint32_t begin = At();
  if (auto ok = sink_.Key(depth, begin + 1, StringEnd(at_) - 1); !ok) {
    return Fail(begin, ok.error().message, ok.error().remedy);
  }
  ++at_;
  return true;
}

bool Walker::PassOverKey() {
  if (Next() != '"') return Unexpected("a key in double quotes was expected here");
  ++at_;
  return ReadColon();
}

bool Walker::ReadColon() {
  if (Next() != ':') return Unexpected("':' was expected after the key");
  ++at_;
  return true;
}

bool Walker::PassOver(int depth, uint32_t& end) {
  switch (Next()) {
    case '"':
      end = StringEnd(at_++);
      return true;
    case '{':
    case '[':
      return PassOverContainer(depth, end);
    case '}':
    case ']':
    case ',':
    case ':':
      return Fail(At(), fmt::format("a value was expected before '{}'", Next()));
    default:
      if (at_ >= count_) return Unexpected({});
      return CheckScalar(index_[at_++], end);
  }
}

// An object or array of which nothing is reported. `depth` is how many containers it lies in.
bool Walker::PassOverContainer(int depth, uint32_t& end) {
  std::array<bool, kMaxJsonDepth + 1> is_object;  // by depth
  const int outside = depth;
  bool wants_key = false;
  while (true) {
    if (wants_key && !PassOverKey()) return false;
    char c = Next();
    if (c == '{' || c == '[') {
      if (depth >= kMaxJsonDepth) {
        return Fail(At(), fmt::format("nested more than {} deep", kMaxJsonDepth));
      }
      is_object[static_cast<size_t>(++depth)] = wants_key = c == '{';
      ++at_;
      if (Next() != (wants_key ? '}' : ']')) continue;
    } else if (c == '"') {
      ++at_;
    } else if (!PassOver(depth, end)) {  // another scalar, or a mistake
      return false;
    }
    // A value ended; so may the containers that it is the last value of.
    while ((c = Next()) != ',') {
      bool object = is_object[static_cast<size_t>(depth)];
      if (c != (object ? '}' : ']')) {
        return Unexpected(object ? "',' or '}' was expected here" : "',' or ']' was expected here");
      }
      ++at_;
      if (--depth == outside) {
        end = index_[at_ - 1] + 1;
        return true;
      }
    }
    wants_key = is_object[static_cast<size_t>(depth)];
    ++at_;
  }
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
        return ErrorAt(text, path, offset, "\\u needs four hexadecimal digits");
      }
    } else if (std::string_view("\"\\/bfnrt").find(c) == std::string_view::npos) {
      return ErrorAt(text, path, offset, "an escape that JSON does not know");
    }
    p += 2;
  }
  return {};
}

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
  AskForLargePages(parser->structural_indexes.get(), body.size() * sizeof(uint32_t));
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

}  // namespace layergate::dbt

#include "dbt/manifest_edit.h"

#include <algorithm>

namespace layergate::dbt {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

size_t SkipSpace(std::string_view text, size_t at) {
  while (at < text.size() && IsSpace(text[at])) ++at;
  return at;
}

// `at` is a quote; gives the place after the closing one.
size_t SkipString(std::string_view text, size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return std::min(at + 1, text.size());
}

// The text is known to be JSON, so brackets need no telling apart.
size_t SkipValue(std::string_view text, size_t at) {
  if (text[at] == '"') return SkipString(text, at);
  if (text[at] != '{' && text[at] != '[') {
    while (at < text.size() && text[at] != ',' && text[at] != '}' && text[at] != ']' &&
           !IsSpace(text[at]))
      ++at;
    return at;
  }
  size_t depth = 0;
  while (at < text.size()) {
    char c = text[at];
    if (c == '"') {
      at = SkipString(text, at);
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    ++at;
    if (depth == 0) break;
  }
  return at;
}

std::string KeyText(std::string_view quoted) {
  Result<Value> key = ReadJson(quoted);
  return key ? std::string(key->AsString()) : std::string(quoted);
}

}  // namespace

ManifestEdit::ManifestEdit(std::string_view text) : text_(text) {
  sections_ = MembersOf(SkipSpace(text_, text_.substr(0, 3) == "\xEF\xBB\xBF" ? 3 : 0));
}

std::vector<ManifestEdit::Member> ManifestEdit::MembersOf(size_t begin) const {
  std::vector<Member> members;
  if (begin >= text_.size() || text_[begin] != '{') return members;
  size_t at = SkipSpace(text_, begin + 1);
  while (at < text_.size() && text_[at] == '"') {
    size_t key_end = SkipString(text_, at);
    Member member;
    member.key = KeyText(text_.substr(at, key_end - at));
    at = SkipSpace(text_, SkipSpace(text_, key_end) + 1);  // past ':'
    if (at >= text_.size()) break;
    member.value = {at, SkipValue(text_, at)};
    at = SkipSpace(text_, member.value.end);
    members.push_back(std::move(member));
    if (at < text_.size() && text_[at] == ',') at = SkipSpace(text_, at + 1);
  }
  return members;
}

const std::vector<ManifestEdit::Member>& ManifestEdit::SectionMembers(const std::string& section) {
  auto found = read_.find(section);
  if (found != read_.end()) return found->second;
  std::vector<Member>& members = read_[section];
  for (const Member& member : sections_) {
    if (member.key == section) members = MembersOf(member.value.begin);
  }
  return members;
}

Value ManifestEdit::Get(const std::string& section, const std::string& id) {
  auto edited = edits_.find(section);
  if (edited != edits_.end()) {
    auto entry = edited->second.find(id);
    if (entry != edited->second.end()) return entry->second.value_or(Value());
  }
  for (const Member& member : SectionMembers(section)) {
    if (member.key != id) continue;
    Result<Value> value =
        ReadJson(text_.substr(member.value.begin, member.value.end - member.value.begin));
    return value ? *std::move(value) : Value();
  }
  return {};
}

void ManifestEdit::Set(const std::string& section, const std::string& id, Value entry) {
  SectionMembers(section);
  edits_[section][id] = std::move(entry);
}

void ManifestEdit::Remove(const std::string& section, const std::string& id) {
  SectionMembers(section);
  edits_[section][id] = std::nullopt;
}

std::string ManifestEdit::Write() const {
  std::string out;
  out.reserve(text_.size() + (1 << 16));
  auto write_section = [&](const std::string& section) {
    auto edits = edits_.at(section);
    out += '{';
    bool first = true;
    auto add = [&](const std::string& id, std::string_view json) {
      out += first ? "" : ", ";
      out += WriteJson(Value(id)) + ": ";
      out += json;
      first = false;
    };
    for (const Member& member : read_.at(section)) {
      auto edit = edits.find(member.key);
      if (edit == edits.end()) {
        add(member.key, text_.substr(member.value.begin, member.value.end - member.value.begin));
      } else {
        if (edit->second) add(member.key, WriteJson(*edit->second));
        edits.erase(edit);
      }
    }
    for (const auto& [id, entry] : edits) {
      if (entry) add(id, WriteJson(*entry));
    }
    out += '}';
  };
  size_t copied = 0;
  for (const Member& member : sections_) {
    if (edits_.count(member.key) == 0) continue;
    out += text_.substr(copied, member.value.begin - copied);
    write_section(member.key);
    copied = member.value.end;
  }
  size_t close = text_.rfind('}');
  out += text_.substr(copied, close - copied);
  for (const auto& [section, entries] : edits_) {
    bool there = std::any_of(sections_.begin(), sections_.end(),
                             [&](const Member& member) { return member.key == section; });
    if (there) continue;
    out += ", " + WriteJson(Value(section)) + ": ";
    write_section(section);
  }
  out += text_.substr(close);
  return out;
}

}  // namespace layergate::dbt

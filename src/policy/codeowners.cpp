#include "policy/codeowners.h"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "core/text.h"

namespace layergate::policy {
namespace {

// The words of a line: cut at spaces that no backslash escapes, ended by a '#'.
std::vector<std::string> WordsOf(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  auto finish = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  for (size_t i = 0; i < line.size(); ++i) {
    char c = line[i];
    if (c == '\\' && i + 1 < line.size()) {
      word += line[++i];
    } else if (c == ' ' || c == '\t') {
      finish();
    } else if (c == '#' && word.empty()) {
      break;
    } else {
      word += c;
    }
  }
  finish();
  return words;
}

bool IsOwner(std::string_view word) {
  return word.size() > 1 && word.find('@') != std::string_view::npos;
}

struct Header {
  std::string name;
  int approvals = 1;
  bool optional = false;
  std::string_view rest;
};

// "^[Name][2] @owner": GitLab's section header.
std::optional<Header> HeaderOf(std::string_view line) {
  Header header;
  if (!line.empty() && line[0] == '^') {
    header.optional = true;
    line.remove_prefix(1);
  }
  if (line.empty() || line[0] != '[') return std::nullopt;
  size_t end = line.find(']');
  if (end == std::string_view::npos || end == 1) return std::nullopt;
  header.name = line.substr(1, end - 1);
  line.remove_prefix(end + 1);
  if (!line.empty() && line[0] == '[') {
    size_t close = line.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    int number = 0;
    for (char c : line.substr(1, close - 1)) {
      if (c < '0' || c > '9' || number > 100) return std::nullopt;
      number = number * 10 + (c - '0');
    }
    header.approvals = std::max(number, 1);
    line.remove_prefix(close + 1);
  }
  header.rest = line;
  return header;
}

}  // namespace

bool CoversPath(std::string_view pattern, std::string_view path) {
  bool folder = !pattern.empty() && pattern.back() == '/';
  while (!pattern.empty() && pattern.back() == '/') pattern.remove_suffix(1);
  bool anchored = pattern.find('/') != std::string_view::npos;
  if (!pattern.empty() && pattern.front() == '/') pattern.remove_prefix(1);
  if (pattern.empty()) return true;  // "/": everything
  std::string glob = anchored ? std::string(pattern) : "**/" + std::string(pattern);
  // A pattern that ends in a name covers a file of that name, and everything in such a folder. One
  // that ends in "/*" covers only what lies right in the folder.
  if (!folder && MatchesGlob(glob, path)) return true;
  bool direct = anchored && pattern.size() >= 2 && pattern.substr(pattern.size() - 2) == "/*";
  return !direct && MatchesGlob(glob + "/**", path);
}

CodeOwners CodeOwners::Parse(std::string_view text, const std::string& file) {
  CodeOwners owners;
  owners.file_ = file;
  owners.sections_.push_back({});
  std::vector<std::string> default_owners;
  size_t current = 0;
  int number = 0;
  for (std::string_view raw : Split(text, '\n')) {
    ++number;
    std::string_view line = Trim(raw);
    if (line.empty() || line[0] == '#') continue;
    if (std::optional<Header> header = HeaderOf(line)) {
      default_owners = WordsOf(header->rest);
      auto same = std::find_if(
          owners.sections_.begin() + 1, owners.sections_.end(),
          [&](const Section& section) { return EqualsIgnoreCase(section.name, header->name); });
      current = static_cast<size_t>(same - owners.sections_.begin());
      if (same == owners.sections_.end()) {
        owners.sections_.push_back({header->name, header->approvals, header->optional, {}});
      }
      continue;
    }
    std::vector<std::string> words = WordsOf(line);
    Entry entry{words.front(), {}};
    for (size_t i = 1; i < words.size(); ++i) {
      if (IsOwner(words[i])) {
        entry.owners.push_back(words[i]);
      } else {
        owners.warnings_.push_back(
            fmt::format("{}:{}: '{}' is no owner: write @name, @org/team or "
                        "an e-mail address",
                        file, number, Printable(words[i])));
      }
    }
    if (words.size() == 1) entry.owners = default_owners;
    // A line whose owners are all unreadable must not take ownership away from an earlier one.
    if (words.size() > 1 && entry.owners.empty()) continue;
    owners.sections_[current].entries.push_back(std::move(entry));
  }
  return owners;
}

std::vector<CodeOwners::Need> CodeOwners::NeedsOf(const std::vector<std::string>& paths) const {
  std::vector<Need> needs;
  for (const Section& section : sections_) {
    if (section.optional) continue;
    std::map<std::vector<std::string>, std::vector<std::string>> by_owners;
    for (const std::string& path : paths) {
      auto last = std::find_if(section.entries.rbegin(), section.entries.rend(),
                               [&](const Entry& entry) { return CoversPath(entry.pattern, path); });
      if (last != section.entries.rend() && !last->owners.empty()) {
        by_owners[last->owners].push_back(path);
      }
    }
    for (auto& [people, owned] : by_owners) {
      std::sort(owned.begin(), owned.end());
      owned.erase(std::unique(owned.begin(), owned.end()), owned.end());
      needs.push_back({section.name, section.approvals, people, owned});
    }
  }
  return needs;
}

}  // namespace layergate::policy

#include "git/names.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"

namespace layergate::git {

namespace {

constexpr int kMaxStep = 100000;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// git-check-ref-format's rules, for a name with or without "refs/" in front.
bool IsReferenceName(std::string_view name) {
  if (name.empty() || name.size() > 1000 || name.front() == '-' || name == "@") return false;
  if (name.find("..") != std::string_view::npos) return false;
  if (name.find("@{") != std::string_view::npos) return false;
  bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7F &&
           std::string_view("~^:?*[\\").find(c) == std::string_view::npos;
  });
  if (!plain || name.back() == '.') return false;
  for (std::string_view part : Split(name, '/')) {
    bool locked = part.size() >= 5 && part.substr(part.size() - 5) == ".lock";
    if (part.empty() || part.front() == '.' || locked) return false;
  }
  return true;
}

}  // namespace

bool IsHex(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
}

bool IsFullId(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) && IsHex(text);
}

bool IsZeroId(std::string_view text) {
  return !text.empty() && text.find_first_not_of('0') == std::string_view::npos;
}

Result<RevisionName> ParseRevision(std::string_view revision) {
  RevisionName parsed;
  size_t end = revision.find_first_of("~^");
  parsed.name = std::string(revision.substr(0, end));
  if (!IsReferenceName(parsed.name)) {
    return MakeError(
        fmt::format("'{}' is no revision that is looked up here", Printable(revision)),
        "Give a commit id, a branch, a tag or HEAD, with ~N or ^N behind it if need be.");
  }
  while (end < revision.size()) {
    RevisionName::Step step{revision[end], 1};
    size_t digits = ++end;
    while (end < revision.size() && IsDigit(revision[end])) ++end;
    if (end > digits) {
      step.count = 0;
      for (size_t i = digits; i < end && step.count <= kMaxStep; ++i) {
        step.count = step.count * 10 + (revision[i] - '0');
      }
    }
    bool more = end < revision.size() && revision[end] != '~' && revision[end] != '^';
    if (more || step.count > kMaxStep) {
      return MakeError(
          fmt::format("'{}' is no revision that is looked up here", Printable(revision)),
          "After a name only ~N and ^N are understood.");
    }
    parsed.steps.push_back(step);
  }
  return parsed;
}

std::optional<Error> WrongTreePath(std::string_view path) {
  bool wrong = path.empty() || path.find('\0') != std::string_view::npos;
  for (std::string_view part : Split(path, '/')) {
    wrong = wrong || part.empty() || part == "." || part == "..";
  }
  if (!wrong) return std::nullopt;
  return MakeError(fmt::format("'{}' is no path inside a repository", Printable(path)),
                   "Paths start at the repository's root and hold no '..'.");
}

}  // namespace layergate::git

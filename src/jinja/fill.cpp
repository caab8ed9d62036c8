#include "jinja/fill.h"

#include <algorithm>
#include <set>

#include "core/text.h"

namespace layergate::jinja {
namespace {

constexpr size_t kLongestFilling = 300;
constexpr int kMostSteps = 20000;
constexpr std::string_view kSpace = " \t\r\n";

struct Rules {
  bool line_breaks = false;  // a filling may hold them, and be of any length
  bool open_end = false;     // the pattern may end before the text does
};

class Filler {
 public:
  Filler(const MarkedText& pattern, std::string_view text, Rules rules)
      : pattern_(pattern), text_(text), rules_(rules) {}

  bool CanFit() {
    first_is_enough_ = true;
    Match(0, 0);
    return found_ || steps_ > kMostSteps;
  }

  std::optional<std::map<std::string, std::string>> Run() {
    Match(0, 0);
    if (steps_ > kMostSteps || !found_) return std::nullopt;
    for (const std::string& key : ambiguous_) found_->erase(key);
    return found_;
  }

 private:
  bool IsOver() const { return steps_ > kMostSteps || (first_is_enough_ && found_); }

  void Match(size_t index, size_t at) {
    ++steps_;
    if (IsOver()) return;
    const std::string& literal = pattern_.literals[index];
    if (text_.compare(at, literal.size(), literal) != 0) return;
    at += literal.size();
    if (index == pattern_.keys.size()) {
      if (at == text_.size() || rules_.open_end) Found();
      return;
    }
    const std::string& key = pattern_.keys[index];
    auto bound = filling_.find(key);
    if (bound != filling_.end()) {
      if (text_.compare(at, bound->second.size(), bound->second) == 0)
        Match(index + 1, at + bound->second.size());
      return;
    }
    TryLengths(index, at);
  }

  // Every place where the literal behind the open place stands next.
  void TryLengths(size_t index, size_t at) {
    const std::string& key = pattern_.keys[index];
    const std::string& next = pattern_.literals[index + 1];
    bool last = index + 1 == pattern_.keys.size() && !rules_.open_end;
    size_t most = text_.size() - at;
    if (!rules_.line_breaks || IsOfItem(key)) {
      most = std::min({most, kLongestFilling, text_.find('\n', at) - at});
    }
    size_t length = last && next.size() <= text_.size() - at ? text_.size() - at - next.size() : 0;
    for (; length <= most; ++length) {
      size_t found = text_.find(next, at + length);
      if (found == std::string_view::npos || found - at > most) return;
      length = found - at;
      filling_[key] = text_.substr(at, length);
      Match(index + 1, at + length);
      filling_.erase(key);
      if (IsOver()) return;
    }
  }

  void Found() {
    if (!found_) {
      found_ = filling_;
      return;
    }
    for (const auto& [key, text] : *found_) {
      if (filling_[key] != text) ambiguous_.insert(key);
    }
  }

  const MarkedText& pattern_;
  std::string_view text_;
  Rules rules_;
  bool first_is_enough_ = false;
  std::map<std::string, std::string> filling_;
  std::optional<std::map<std::string, std::string>> found_;
  std::set<std::string> ambiguous_;
  int steps_ = 0;
};

MarkedText Trimmed(MarkedText pattern) {
  std::string& first = pattern.literals.front();
  first.erase(0, first.find_first_not_of(kSpace));
  std::string& last = pattern.literals.back();
  last.erase(last.find_last_not_of(kSpace) + 1);
  return pattern;
}

}  // namespace

std::optional<std::map<std::string, std::string>> Fill(const MarkedText& pattern,
                                                       std::string_view compiled) {
  MarkedText trimmed = Trimmed(pattern);
  return Filler(trimmed, Trim(compiled), {}).Run();
}

bool Fits(const MarkedText& pattern, std::string_view compiled) {
  MarkedText trimmed = Trimmed(pattern);
  return Filler(trimmed, Trim(compiled), {.line_breaks = true}).CanFit();
}

bool FitsBeginning(const MarkedText& pattern, std::string_view compiled) {
  MarkedText trimmed = Trimmed(pattern);
  return Filler(trimmed, Trim(compiled), {.line_breaks = true, .open_end = true}).CanFit();
}

}  // namespace layergate::jinja

#include "change/text_diff.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <fmt/format.h>

#include "change/rules.h"
#include "core/text.h"

namespace layergate::change {
namespace {

constexpr size_t kMostCells = 4'000'000;  // of the table that the comparison fills

using Lines = std::vector<std::string_view>;

// common[i][j]: how many lines the texts have in common from line i of base and line j of head on.
class Common {
 public:
  Common(const Lines& base, const Lines& head)
      : width_(head.size() + 1), cells_((base.size() + 1) * width_) {
    for (size_t i = base.size(); i-- > 0;) {
      for (size_t j = head.size(); j-- > 0;) {
        cells_[i * width_ + j] = base[i] == head[j]
                                     ? (*this)(i + 1, j + 1) + 1
                                     : std::max((*this)(i + 1, j), (*this)(i, j + 1));
      }
    }
  }
  uint32_t operator()(size_t i, size_t j) const { return cells_[i * width_ + j]; }

 private:
  size_t width_;
  std::vector<uint32_t> cells_;
};

}  // namespace

std::string DifferingLines(std::string_view base_text, std::string_view head_text, size_t limit) {
  Lines base = Split(base_text, '\n'), head = Split(head_text, '\n');
  size_t before = 0;
  while (before < std::min(base.size(), head.size()) && base[before] == head[before]) ++before;
  base.erase(base.begin(), base.begin() + static_cast<ptrdiff_t>(before));
  head.erase(head.begin(), head.begin() + static_cast<ptrdiff_t>(before));
  while (!base.empty() && !head.empty() && base.back() == head.back()) {
    base.pop_back();
    head.pop_back();
  }
  if ((base.size() + 1) * (head.size() + 1) > kMostCells) return {};
  Common common(base, head);
  std::string out;
  size_t shown = 0, hidden = 0;
  bool in_run = false;
  size_t i = 0, j = 0;
  auto tell = [&](char mark, std::string_view line) {
    if (shown == limit) {
      ++hidden;
      return;
    }
    if (!in_run) out += fmt::format("line {}:\n", before + j + 1);
    in_run = true;
    ++shown;
    out += fmt::format("{} {}\n", mark, Printable(line));
  };
  while (i < base.size() || j < head.size()) {
    if (i < base.size() && j < head.size() && base[i] == head[j]) {
      in_run = false;
      ++i;
      ++j;
    } else if (i < base.size() && (j == head.size() || common(i + 1, j) >= common(i, j + 1))) {
      tell('-', base[i++]);
    } else {
      tell('+', head[j]);
      ++j;
    }
  }
  if (hidden > 0) out += fmt::format("... and {} more lines\n", hidden);
  return out;
}

std::pair<std::string, std::string> FirstDifferingLines(std::string_view base,
                                                        std::string_view head) {
  // The next line with words in it, its white space made one.
  auto next = [](std::string_view& text) {
    while (!text.empty()) {
      size_t end = std::min(text.find('\n'), text.size());
      std::string line = CollapseWhitespace(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
      if (!line.empty()) return line;
    }
    return std::string();
  };
  while (true) {
    std::string before = next(base), after = next(head);
    if (before != after || before.empty()) return {std::move(before), std::move(after)};
  }
}

}  // namespace layergate::change

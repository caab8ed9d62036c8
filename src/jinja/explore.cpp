#include "jinja/explore.h"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "core/text.h"
#include "jinja/fill.h"

namespace layergate::jinja {
namespace {

constexpr int kMostRenderings = 300;
constexpr int64_t kMostItems = 64;
constexpr size_t kMostNumbers = 200;

size_t LiteralSize(const MarkedText& text) {
  size_t size = 0;
  for (const std::string& literal : text.literals) size += literal.size();
  return size;
}

// Whole numbers that stand in the text, and the first few of all.
std::set<int64_t> NumbersIn(std::string_view text) {
  std::set<int64_t> numbers = {0, 1, 2, 3, 4, 5, 6, 7, 8};
  auto digit = [&](size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '9'; };
  for (size_t at = 0; at < text.size() && numbers.size() < kMostNumbers; ++at) {
    if (!digit(at) || (at > 0 && digit(at - 1))) continue;
    size_t end = at;
    while (digit(end)) ++end;
    int64_t number = 0;
    if (end - at > 12) continue;
    std::from_chars(text.data() + at, text.data() + end, number);
    numbers.insert(number);
  }
  return numbers;
}

// A config that the model's own config() decides alone: one plain value. Lists, dictionaries and
// hooks are merged with what other files say.
bool IsPlain(const Value& value) {
  return value.is_string() || value.is_bool() || value.is_number();
}

class Explorer {
 public:
  Explorer(const Renderer& renderer, RenderSettings run, const dbt::Node& node, int& renderings,
           std::vector<Leaf>& leaves)
      : renderer_(renderer),
        run_(std::move(run)),
        node_(node),
        compiled_(*node.compiled_code),
        has_ctes_(ToLower(compiled_).find("__dbt__cte__") != std::string::npos),
        renderings_(renderings),
        leaves_(leaves) {}

  // Whether one of the texts asked how dbt was run.
  bool depends_on_run() const { return depends_on_run_; }

  // Gives the least size that a text behind these assumptions has.
  size_t Visit(const Assumptions& assumed) {
    if (--renderings_ < 0) return 0;
    run_.assumed = assumed;
    Rendered text = renderer_.RenderWith(run_, node_, node_.raw_code);
    depends_on_run_ = depends_on_run_ || text.depends_on_run;
    MarkedText cut = CutAtMarks(text.ok ? text.sql : text.beginning);
    size_t size = LiteralSize(cut);
    bool asks = !text.undecided.empty() && assumed.count(text.undecided) == 0;
    bool begins = text.ok || has_ctes_ || FitsBeginning(cut, compiled_);
    if (!asks || !begins) {
      AddLeaf(text, cut, assumed, begins);
      return size;
    }
    switch (KindOf(text.undecided)) {
      case QuestionKind::kTruth:
        return std::min(Answer(assumed, text.undecided, 0), Answer(assumed, text.undecided, 1));
      case QuestionKind::kLength:
        return TryLengths(assumed, text.undecided);
      case QuestionKind::kNumber:
        return TryNumbers(assumed, text.undecided, text.beyond);
    }
    return size;
  }

 private:
  size_t Answer(Assumptions assumed, const std::string& question, int64_t answer) {
    assumed[question] = answer;
    return Visit(assumed);
  }

  // Until the text is longer than the compiled code, and grows.
  size_t TryLengths(const Assumptions& assumed, const std::string& question) {
    size_t least = SIZE_MAX, last = 0;
    for (int64_t length = 0; length <= kMostItems; ++length) {
      size_t size = Answer(assumed, question, length);
      if (renderings_ < 0) return least;
      least = std::min(least, size);
      if (size > compiled_.size() && last > 0 && size > last) return least;
      last = size;
    }
    Leaf longer{.assumed = assumed};
    longer.assumed[question] = -1;
    leaves_.push_back(std::move(longer));
    return least;
  }

  size_t TryNumbers(const Assumptions& assumed, const std::string& question, int64_t beyond) {
    std::set<int64_t> numbers;
    for (std::string_view text : {std::string_view(compiled_), std::string_view(node_.raw_code)}) {
      for (int64_t shown : NumbersIn(text)) numbers.insert(shown - beyond);
    }
    size_t least = SIZE_MAX;
    std::set<int64_t> more;
    int fitting = 0;
    for (int64_t number : numbers) {
      size_t before = leaves_.size();
      least = std::min(least, Answer(assumed, question, number));
      bool fits = false;
      for (size_t i = before; i < leaves_.size(); ++i) fits = fits || leaves_[i].text == Fit::kYes;
      if (fits) more.insert({number - 1, number + 1});
      fitting += fits ? 1 : 0;
    }
    for (int64_t number : more) {
      if (numbers.count(number) == 0) least = std::min(least, Answer(assumed, question, number));
    }
    // Where several fit, it is only compared: one that nobody tried may lead elsewhere.
    if (fitting > 1) leaves_.push_back(Leaf{.assumed = assumed});
    return least;
  }

  void AddLeaf(const Rendered& text, const MarkedText& cut, const Assumptions& assumed,
               bool begins) {
    Leaf leaf{.assumed = assumed};
    if (text.raised || !begins) {
      leaf.text = Fit::kNo;
    } else if (text.ok) {
      if (auto filling = Fill(cut, compiled_)) {
        leaf.text = Fit::kYes;
        leaf.filling = *std::move(filling);
      } else if (!Fits(cut, compiled_)) {
        leaf.text = Fit::kNo;
      }
    }
    CompareConfig(text.config, leaf);
    leaves_.push_back(std::move(leaf));
  }

  // The root project's own nodes only: its dbt_project.yml wins over the config() of a package.
  void CompareConfig(const Value& config, Leaf& leaf) const {
    if (node_.package_name != renderer_.project_name()) return;
    for (const auto& [key, value] : config.members()) {
      const Value* known = node_.config.Find(key);
      if (!known || !IsPlain(value) || !IsPlain(*known)) continue;
      if (value == *known) {
        if (leaf.config == Fit::kUnknown) leaf.config = Fit::kYes;
      } else if (!value.is_string() || !HoldsMark(value.AsString())) {
        leaf.config = Fit::kNo;
      } else if (known->is_string()) {
        auto filling = Fill(CutAtMarks(value.AsString()), known->AsString());
        if (filling) leaf.config_filling.merge(*filling);
        if (filling && leaf.config == Fit::kUnknown) leaf.config = Fit::kYes;
      }
    }
  }

  const Renderer& renderer_;
  RenderSettings run_;
  const dbt::Node& node_;
  const std::string& compiled_;
  bool depends_on_run_ = false;
  bool has_ctes_;  // in front of the text, which then begins otherwise
  int& renderings_;
  std::vector<Leaf>& leaves_;
};

}  // namespace

std::vector<Leaf> Explore(const Renderer& renderer, const RenderSettings& open,
                          const dbt::Node& node, int& budget) {
  std::vector<Leaf> leaves;
  int renderings = std::min(kMostRenderings, budget);
  const int before = renderings;
  for (RenderSettings& run : RunsOf(open)) {
    Explorer explorer(renderer, std::move(run), node, renderings, leaves);
    explorer.Visit({});
    if (renderings < 0) break;
    if (!explorer.depends_on_run()) break;
  }
  budget -= before - renderings;
  if (renderings < 0) leaves.clear();
  return leaves;
}

}  // namespace layergate::jinja

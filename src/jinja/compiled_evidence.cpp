#include "jinja/compiled_evidence.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "core/text.h"

namespace layergate::jinja {
namespace {

constexpr size_t kLongestFilling = 300;
constexpr int kMostSteps = 20000;

class Filler {
 public:
  Filler(const MarkedText& pattern, std::string_view text) : pattern_(pattern), text_(text) {}

  bool CanFit() {
    Match(0, 0);
    return found_ || steps_ > kMostSteps;
  }

  std::optional<std::map<std::string, std::string>> Run() {
    Match(0, 0);
    if (steps_ > kMostSteps || !found_ || ambiguous_) return std::nullopt;
    return found_;
  }

 private:
  void Match(size_t index, size_t at) {
    if (++steps_ > kMostSteps || ambiguous_) return;
    const std::string& literal = pattern_.literals[index];
    if (text_.compare(at, literal.size(), literal) != 0) return;
    at += literal.size();
    if (index == pattern_.keys.size()) {
      if (at == text_.size()) Found();
      return;
    }
    const std::string& key = pattern_.keys[index];
    auto bound = filling_.find(key);
    if (bound != filling_.end()) {
      if (text_.compare(at, bound->second.size(), bound->second) == 0)
        Match(index + 1, at + bound->second.size());
      return;
    }
    size_t most = std::min(kLongestFilling, text_.size() - at);
    for (size_t length = 0; length <= most; ++length) {
      if (length > 0 && text_[at + length - 1] == '\n') break;
      const std::string& next = pattern_.literals[index + 1];
      if (text_.compare(at + length, next.size(), next) != 0) continue;
      filling_[key] = text_.substr(at, length);
      Match(index + 1, at + length);
      filling_.erase(key);
    }
  }

  void Found() {
    ambiguous_ = ambiguous_ || (found_ && *found_ != filling_);
    found_ = filling_;
  }

  const MarkedText& pattern_;
  std::string_view text_;
  std::map<std::string, std::string> filling_;
  std::optional<std::map<std::string, std::string>> found_;
  bool ambiguous_ = false;
  int steps_ = 0;
};

}  // namespace

CompiledEvidence::CompiledEvidence(const dbt::Project& project, const dbt::Catalog* catalog,
                                   RenderSettings settings)
    : project_(project), settings_(std::move(settings)), renderer_(project, catalog, {}) {
  settings_.leave_open = true;
  settings_.evidence = nullptr;
}
CompiledEvidence::~CompiledEvidence() = default;

// Compiled nodes whose own text, or a macro that they reach, holds the word.
std::vector<const dbt::Node*> CompiledEvidence::Witnesses(std::string_view word) const {
  constexpr size_t kMost = 60;
  std::vector<std::string> macro_ids = project_.macro_ids();
  std::set<std::string> macros;
  for (const std::string& id : macro_ids) {
    if (project_.RawField(id, "macro_sql").find(word) != std::string_view::npos) macros.insert(id);
  }
  for (bool grown = !macros.empty(); grown;) {
    grown = false;
    for (const std::string& id : macro_ids) {
      const dbt::Macro* macro = macros.count(id) > 0 ? nullptr : project_.FindMacro(id);
      bool hit =
          macro && std::any_of(macro->depends_on_macros.begin(), macro->depends_on_macros.end(),
                               [&](const std::string& m) { return macros.count(m) > 0; });
      if (hit) grown = macros.insert(id).second;
    }
  }
  std::vector<const dbt::Node*> witnesses;
  for (const std::string& id : project_.ids()) {
    if (id.rfind("model.", 0) != 0 && id.rfind("snapshot.", 0) != 0) continue;
    bool own = project_.RawField(id, "raw_code").find(word) != std::string_view::npos ||
               project_.RawField(id, "raw_sql").find(word) != std::string_view::npos;
    if (!own && macros.empty()) continue;
    const dbt::Node* node = project_.Find(id);
    if (!node || !node->compiled_code || node->language == "python") continue;
    bool by_macro = std::any_of(node->depends_on_macros.begin(), node->depends_on_macros.end(),
                                [&](const std::string& m) { return macros.count(m) > 0; });
    if (own || by_macro) witnesses.push_back(node);
    if (witnesses.size() >= kMost) break;
  }
  return witnesses;
}

// How the node's open settings must be for its text to be what dbt compiled.
CompiledEvidence::Explanation CompiledEvidence::Explain(const dbt::Node& node,
                                                        const std::string& target_name) const {
  Explanation result;
  RenderSettings settings = settings_;
  if (!target_name.empty()) settings.target.Set("name", target_name);
  for (int run = 0; run < 3; ++run) {
    settings.incremental = run == 0;
    settings.full_refresh = run == 2;
    Rendered text = renderer_.RenderWith(settings, node, node.raw_code);
    if (!text.ok) continue;
    result.rendered = true;
    result.filling = Fill(CutAtMarks(text.sql), *node.compiled_code);
    if (result.filling) break;
  }
  return result;
}

namespace {

// Short texts in quotes that could be a name.
void AddLiterals(std::string_view text, std::set<std::string>& literals) {
  for (size_t at = 0; (at = text.find_first_of("'\"", at)) != std::string_view::npos; ++at) {
    size_t close = text.find(text[at], at + 1);
    if (close == std::string_view::npos) return;
    std::string_view literal = text.substr(at + 1, close - at - 1);
    bool is_name = !literal.empty() && literal.size() <= 40 &&
                   literal.find_first_of(" \n\t,(){}%") == std::string_view::npos;
    if (is_name) literals.insert(std::string(literal));
    at = close;
  }
}

}  // namespace

void CompiledEvidence::LearnTargetNames() {
  if (target_learned_) return;
  target_learned_ = true;
  if (settings_.target.Find("name")) return;
  // Every text in quotes near a mention of the target's name is a candidate.
  std::set<std::string> literals;
  auto collect = [&](std::string_view text) {
    constexpr size_t kBefore = 60, kAfter = 120;
    for (size_t at = 0; (at = text.find("target.name", at)) != std::string_view::npos; ++at) {
      size_t begin = at > kBefore ? at - kBefore : 0;
      AddLiterals(text.substr(begin, at - begin + kAfter), literals);
    }
  };
  std::vector<const dbt::Node*> witnesses = Witnesses("target.name");
  for (const dbt::Node* node : witnesses) collect(node->raw_code);
  for (const std::string& id : project_.macro_ids()) {
    if (id.rfind("macro.dbt.", 0) == 0) continue;
    const dbt::Macro* macro = project_.FindMacro(id);
    if (macro && macro->macro_sql.find("target.name") != std::string::npos)
      collect(macro->macro_sql);
  }
  candidates_.assign(literals.begin(), literals.end());
  if (candidates_.size() > 30) candidates_.resize(30);
  candidates_.emplace_back("a target that no template names");
  for (const dbt::Node* node : witnesses) {
    if (Explain(*node, "").rendered) continue;  // it does not look at the name
    std::vector<bool> contradicted;
    for (const std::string& name : candidates_) {
      Explanation explained = Explain(*node, name);
      contradicted.push_back(explained.rendered && !explained.filling);
    }
    contradicted_[node->unique_id] = std::move(contradicted);
  }
}

std::vector<std::string> CompiledEvidence::TargetNames(std::string_view but_not) {
  std::lock_guard lock(mutex_);
  LearnTargetNames();
  std::vector<bool> out(candidates_.size(), false);
  for (const auto& [node, contradicted] : contradicted_) {
    if (node == but_not) continue;
    bool all = std::all_of(contradicted.begin(), contradicted.end(), [](bool no) { return no; });
    if (all) continue;  // this program's reading of the model is off, whatever the target is
    for (size_t i = 0; i < out.size(); ++i) out[i] = out[i] || contradicted[i];
  }
  std::vector<std::string> names;
  for (size_t i = 0; i < out.size(); ++i) {
    if (!out[i]) names.push_back(candidates_[i]);
  }
  return names;
}

void CompiledEvidence::Learn(const std::string& key) {
  if (proofs_.count(key) > 0) return;
  std::vector<Proof>& proofs = proofs_[key];
  std::vector<std::string_view> words = Split(key, ' ');
  std::string name;
  for (const std::string& candidate : candidates_) {
    bool stands = std::none_of(contradicted_.begin(), contradicted_.end(), [&](const auto& entry) {
      return entry.second[static_cast<size_t>(&candidate - candidates_.data())];
    });
    if (stands && contradicted_.size() > 0 && name.empty()) name = candidate;
  }
  for (const dbt::Node* node : Witnesses(words.back())) {
    Explanation explained = Explain(*node, name);
    if (!explained.filling) continue;
    auto found = explained.filling->find(key);
    if (found != explained.filling->end()) proofs.push_back({node->unique_id, found->second});
  }
}

// Every way through the template that the undecided settings leave, within bounds.
std::vector<CompiledEvidence::Leaf> CompiledEvidence::Explore(const dbt::Node& node) const {
  constexpr size_t kMostLeaves = 64;
  std::vector<RenderSettings> runs(1, settings_);
  runs[0].incremental = true;
  bool by_run = node.materialized == "incremental" ||
                node.raw_code.find("full_refresh") != std::string::npos ||
                node.raw_code.find("FULL_REFRESH") != std::string::npos;
  if (by_run) {
    runs.resize(3, settings_);
    runs[1].incremental = runs[2].incremental = false;
    runs[2].full_refresh = true;
  }
  std::vector<Leaf> leaves;
  for (RenderSettings& run : runs) {
    std::vector<std::map<std::string, bool>> open = {{}};
    while (!open.empty()) {
      Leaf leaf;
      leaf.truths = std::move(open.back());
      open.pop_back();
      if (leaves.size() + open.size() > kMostLeaves) return {};
      run.assumed = leaf.truths;
      Rendered text = renderer_.RenderWith(run, node, node.raw_code);
      if (!text.undecided.empty() && leaf.truths.count(text.undecided) == 0) {
        for (bool truth : {false, true}) {
          open.push_back(leaf.truths);
          open.back()[text.undecided] = truth;
        }
        continue;
      }
      if (text.ok)
        leaf.fit =
            Fits(CutAtMarks(text.sql), *node.compiled_code) ? Leaf::Fit::kYes : Leaf::Fit::kNo;
      leaves.push_back(std::move(leaf));
    }
  }
  return leaves;
}

const std::vector<CompiledEvidence::Leaf>& CompiledEvidence::LeavesOf(const dbt::Node& node) {
  auto found = leaves_.find(node.unique_id);
  if (found == leaves_.end()) found = leaves_.emplace(node.unique_id, Explore(node)).first;
  return found->second;
}

std::optional<bool> CompiledEvidence::TruthOf(const std::string& question,
                                              std::string_view but_not) {
  std::lock_guard lock(mutex_);
  if (truth_proofs_.count(question) == 0) {
    std::map<std::string, bool>& proofs = truth_proofs_[question];
    for (const dbt::Node* node : Witnesses(Split(SettingOf(question), ' ').back())) {
      bool fits = false, may[2] = {false, false};
      for (const Leaf& leaf : LeavesOf(*node)) {
        if (leaf.fit == Leaf::Fit::kNo) continue;
        fits = fits || leaf.fit == Leaf::Fit::kYes;
        auto assumed = leaf.truths.find(question);
        if (assumed == leaf.truths.end() || assumed->second) may[1] = true;
        if (assumed == leaf.truths.end() || !assumed->second) may[0] = true;
      }
      if (fits && may[0] != may[1]) proofs[node->unique_id] = may[1];
    }
  }
  std::optional<bool> truth;
  for (const auto& [node, proved] : truth_proofs_[question]) {
    if (truth && *truth != proved) return std::nullopt;  // whoever says so: it is not one value
    if (node != but_not) truth = proved;
  }
  return truth;
}

std::optional<std::string> CompiledEvidence::TextOf(const std::string& key,
                                                    std::string_view but_not) {
  std::lock_guard lock(mutex_);
  LearnTargetNames();
  Learn(key);
  std::optional<std::string> text;
  for (const Proof& proof : proofs_[key]) {
    if (text && *text != proof.text) return std::nullopt;  // whoever says so: it is not one text
    if (proof.node != but_not) text = proof.text;
  }
  return text;
}

namespace {

MarkedText Trimmed(MarkedText pattern) {
  std::string& first = pattern.literals.front();
  first.erase(0, first.find_first_not_of(" \t\r\n"));
  std::string& last = pattern.literals.back();
  last.erase(last.find_last_not_of(" \t\r\n") + 1);
  return pattern;
}

}  // namespace

std::optional<std::map<std::string, std::string>> Fill(const MarkedText& pattern,
                                                       std::string_view compiled) {
  MarkedText trimmed = Trimmed(pattern);
  return Filler(trimmed, Trim(compiled)).Run();
}

bool Fits(const MarkedText& pattern, std::string_view compiled) {
  MarkedText trimmed = Trimmed(pattern);
  return Filler(trimmed, Trim(compiled)).CanFit();
}

}  // namespace layergate::jinja

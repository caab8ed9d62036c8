#include "jinja/compiled_evidence.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "core/text.h"
#include "jinja/unknown.h"

namespace layergate::jinja {
namespace {

// Whoever knows the setting has one of these words in its text, or in a macro that it reaches.
std::vector<std::string> WordsOf(std::string_view setting) {
  std::vector<std::string_view> words = Split(setting, ' ');
  if (words.size() < 2) return {};
  if (words[0] == "var" && words.size() > 2) return {std::string(words[2])};
  if (words[0] == "target" || words[0] == "flags")
    return {fmt::format("{}.{}", words[0], words[1])};
  if (words[0] == "relation") return {"get_relation", "load_relation"};
  return {std::string(words[1])};
}

bool HoldsAny(std::string_view text, const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return text.find(word) != std::string_view::npos;
  });
}

// What all ways agree on that are not out. At least one must fit.
template <typename Answer, typename Read>
std::optional<Answer> Agreed(const std::vector<Leaf>& leaves, Fit Leaf::* fit, const Read& read) {
  std::optional<Answer> agreed;
  bool fits = false;
  for (const Leaf& leaf : leaves) {
    if (leaf.*fit == Fit::kNo) continue;
    fits = fits || leaf.*fit == Fit::kYes;
    std::optional<Answer> answer = read(leaf);
    if (!answer || (agreed && *agreed != *answer)) return std::nullopt;
    agreed = std::move(answer);
  }
  return fits ? agreed : std::nullopt;
}

template <typename Map>
auto FindIn(const Map& map, const std::string& key) {
  auto found = map.find(key);
  return found == map.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

CompiledEvidence::CompiledEvidence(const dbt::Project& project, const dbt::Catalog* catalog,
                                   RenderSettings settings)
    : project_(project), settings_(std::move(settings)), renderer_(project, catalog, {}) {
  settings_.leave_open = true;
  settings_.evidence = nullptr;
}
CompiledEvidence::~CompiledEvidence() = default;

// Compiled nodes whose own text, or a macro that they reach, holds one of the words.
std::vector<const dbt::Node*> CompiledEvidence::FindWitnesses(
    const std::vector<std::string>& words) const {
  constexpr size_t kMost = 60;
  std::vector<std::string> macro_ids = project_.macro_ids();
  std::set<std::string> macros;
  for (const std::string& id : macro_ids) {
    if (HoldsAny(project_.RawField(id, "macro_sql"), words)) macros.insert(id);
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
    bool own = HoldsAny(project_.RawField(id, "raw_code"), words) ||
               HoldsAny(project_.RawField(id, "raw_sql"), words);
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

// The asker's own node first: it knows most about what it asks.
std::vector<const dbt::Node*> CompiledEvidence::WitnessesOf(std::string_view setting, Asker asker) {
  std::vector<std::string> words = WordsOf(setting);
  if (words.empty()) return {};
  auto found = witnesses_.find(words[0]);
  if (found == witnesses_.end()) found = witnesses_.emplace(words[0], FindWitnesses(words)).first;
  std::vector<const dbt::Node*> witnesses = found->second;
  const dbt::Node* own = project_.Find(asker.node);
  if (!own || !own->compiled_code || own->language == "python") return witnesses;
  auto at = std::find(witnesses.begin(), witnesses.end(), own);
  if (at != witnesses.end()) witnesses.erase(at);
  witnesses.insert(witnesses.begin(), own);
  return witnesses;
}

const std::vector<Leaf>& CompiledEvidence::LeavesOf(const dbt::Node& node) {
  auto found = leaves_.find(node.unique_id);
  if (found == leaves_.end())
    found = leaves_.emplace(node.unique_id, Explore(renderer_, settings_, node, budget_)).first;
  return found->second;
}

// What the witnesses prove, as long as no two disagree. A few that agree are enough.
template <typename Answer, typename Prove>
std::optional<Answer> CompiledEvidence::AgreedBy(std::string_view setting, Asker asker,
                                                 const Prove& prove) {
  constexpr int kEnough = 3, kMostIdle = 30, kTooMany = 5;
  std::optional<Answer> agreed, own;
  int count = 0, idle = 0;
  for (const dbt::Node* witness : WitnessesOf(setting, asker)) {
    const std::vector<Leaf>& leaves = LeavesOf(*witness);
    std::optional<Answer> proved = prove(leaves);
    if (!proved) {
      idle += leaves.empty() ? kTooMany : 1;
      if (idle >= kMostIdle) break;
      continue;
    }
    idle = 0;
    bool counts = asker.own_counts || witness->unique_id != asker.node;
    if ((agreed && *agreed != *proved) || (own && *own != *proved)) return std::nullopt;
    (counts ? agreed : own) = std::move(proved);
    if (counts && ++count >= kEnough) break;
  }
  return agreed;
}

std::optional<int64_t> CompiledEvidence::AnswerTo(const std::string& question, Asker asker) {
  std::lock_guard lock(mutex_);
  auto read = [&](const Leaf& leaf) { return FindIn(leaf.assumed, question); };
  return AgreedBy<int64_t>(SettingOf(question), asker, [&](const std::vector<Leaf>& leaves) {
    std::optional<int64_t> by_text = Agreed<int64_t>(leaves, &Leaf::text, read);
    std::optional<int64_t> answer =
        by_text ? by_text : Agreed<int64_t>(leaves, &Leaf::config, read);
    return answer && *answer < 0 && KindOf(question) == QuestionKind::kLength ? std::nullopt
                                                                              : answer;
  });
}

std::optional<std::string> CompiledEvidence::TextOf(const std::string& key, Asker asker) {
  std::lock_guard lock(mutex_);
  auto by_text = [&](const Leaf& leaf) { return FindIn(leaf.filling, key); };
  auto by_config = [&](const Leaf& leaf) { return FindIn(leaf.config_filling, key); };
  return AgreedBy<std::string>(SettingOf(key), asker, [&](const std::vector<Leaf>& leaves) {
    std::optional<std::string> text = Agreed<std::string>(leaves, &Leaf::text, by_text);
    return text ? text : Agreed<std::string>(leaves, &Leaf::config, by_config);
  });
}

namespace {

using Names = std::set<std::string, std::less<>>;

// The vars that the ways to read a model speak of.
Names VarsIn(const std::vector<Leaf>& leaves) {
  Names names;
  auto add = [&](const std::string& key) {
    std::vector<std::string> words = WordsOf(SettingOf(key));
    if (key.rfind("var ", 0) == 0 && !words.empty()) names.insert(words[0]);
  };
  for (const Leaf& leaf : leaves) {
    for (const auto& [key, text] : leaf.filling) add(key);
    for (const auto& [question, answer] : leaf.assumed) add(question);
  }
  return names;
}

bool AnyFits(const std::vector<Leaf>& leaves) {
  return std::any_of(leaves.begin(), leaves.end(),
                     [](const Leaf& leaf) { return leaf.text == Fit::kYes; });
}

// What stands in the text for the var; empty when that is not one text.
std::string TextOfVar(const std::vector<Leaf>& leaves, const std::string& name) {
  std::set<std::string> texts;
  for (const Leaf& leaf : leaves) {
    for (const auto& [key, text] : leaf.filling) {
      bool plain = SettingOf(key) == key && WordsOf(key) == std::vector<std::string>{name};
      if (leaf.text == Fit::kYes && plain) texts.insert(text);
    }
  }
  return texts.size() == 1 ? *texts.begin() : std::string();
}

}  // namespace

// A var is contradicted when the node can be what dbt compiled without the value that is given for
// it, and cannot be with it.
std::vector<CompiledEvidence::Contradiction> CompiledEvidence::ContradictedVars(
    const RenderSettings& given, const dbt::Node& node) {
  constexpr int kMostRenderings = 1000;
  if (!node.compiled_code) return {};
  int budget = kMostRenderings;
  auto explore = [&](const Names& open_vars, bool all) {
    RenderSettings settings = given;
    settings.leave_open = true;
    settings.evidence = nullptr;
    settings.open_vars = open_vars;
    if (all) settings.vars_known = false;
    if (all) settings.vars = settings.given_vars = Value::MakeObject();
    if (all) settings.package_vars.clear();
    return Explore(renderer_, settings, node, budget);
  };
  if (AnyFits(explore({}, /*all=*/false))) return {};
  // Those that are given are doubted first, then those that only have a default.
  Names given_names;
  for (const Value* vars : {&given.vars, &given.given_vars}) {
    for (const auto& [name, value] : vars->members()) {
      given_names.insert(name);
      for (const auto& [inner, unused] : value.members()) given_names.insert(inner);
    }
  }
  std::vector<Leaf> leaves = explore(given_names, /*all=*/false);
  if (!AnyFits(leaves)) leaves = explore({}, /*all=*/true);
  if (!AnyFits(leaves)) return {};
  // The fewest: each one is believed again as long as the text still fits.
  Names needed = VarsIn(leaves);
  for (const std::string& name : std::vector<std::string>(needed.begin(), needed.end())) {
    needed.erase(name);
    if (!AnyFits(explore(needed, /*all=*/false))) needed.insert(name);
  }
  leaves = explore(needed, /*all=*/false);
  std::vector<Contradiction> contradictions;
  for (const std::string& name : needed) contradictions.push_back({name, TextOfVar(leaves, name)});
  return contradictions;
}

}  // namespace layergate::jinja

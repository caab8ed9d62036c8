// What a manifest's own compiled code proves about settings that no manifest records: vars, the
// target's name, environment variables.
//
// A model is rendered with the unknown settings left open, and the result is held against what dbt
// compiled: where every literal part fits and the open places can be filled in one way only, the
// filling is the setting's text. A setting that two models fill differently is not known. A setting
// that templates compare instead of printing it (target.name == 'prod') is tried with every text
// that templates compare it with, and with one that none of them names; what no compiled model
// contradicts remains.
//
// What an `if` asks of a setting is tried as true and as false: where one of the two cannot give
// what dbt compiled, the other is proved.
//
// The proof is of texts and of truth, never of types: see unknown_text.h.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dbt/project.h"
#include "jinja/render.h"
#include "jinja/unknown_text.h"

namespace layergate::jinja {

// References the Project and Catalog. Thread-safe.
class CompiledEvidence {
 public:
  CompiledEvidence(const dbt::Project& project, const dbt::Catalog* catalog,
                   RenderSettings settings);
  ~CompiledEvidence();

  // The text of a setting, by the key of its mark. What the model `but_not` proves does not count.
  std::optional<std::string> TextOf(const std::string& key, std::string_view but_not);
  // The answer to a question about a setting (Rendered::undecided). What the model `but_not` proves
  // does not count.
  std::optional<bool> TruthOf(const std::string& question, std::string_view but_not);
  // The names that the target may have. One of them stands for all names that no template mentions.
  // Empty when the compiled code contradicts itself.
  std::vector<std::string> TargetNames(std::string_view but_not);

 private:
  struct Proof {
    std::string node, text;
  };
  std::vector<const dbt::Node*> Witnesses(std::string_view word) const;
  struct Explanation {
    bool rendered = false;
    std::optional<std::map<std::string, std::string>> filling;
  };
  Explanation Explain(const dbt::Node& node, const std::string& target_name) const;
  void LearnTargetNames();
  void Learn(const std::string& key);
  // One way through a witness's template: what it took for true, and whether that can
  // give what dbt compiled.
  struct Leaf {
    enum class Fit { kYes, kNo, kUnknown } fit = Fit::kUnknown;
    std::map<std::string, bool> truths;
  };
  std::vector<Leaf> Explore(const dbt::Node& node) const;
  const std::vector<Leaf>& LeavesOf(const dbt::Node& node);

  const dbt::Project& project_;
  RenderSettings settings_;
  Renderer renderer_;
  std::mutex mutex_;
  bool target_learned_ = false;
  std::vector<std::string> candidates_;
  // Per witness, which candidates it contradicts.
  std::map<std::string, std::vector<bool>> contradicted_;
  std::map<std::string, std::vector<Proof>> proofs_;
  std::map<std::string, std::vector<Leaf>> leaves_;                  // by witness
  std::map<std::string, std::map<std::string, bool>> truth_proofs_;  // by question, by witness
};

// The fillings of the open places that make `pattern` the text `compiled`, outer white space aside.
// nullopt when there is none, when there is more than one, or when that cannot be told cheaply.
std::optional<std::map<std::string, std::string>> Fill(const MarkedText& pattern,
                                                       std::string_view compiled);

// Whether there is any, or that cannot be told cheaply.
bool Fits(const MarkedText& pattern, std::string_view compiled);

}  // namespace layergate::jinja

// What a manifest's own compiled code proves about things that no manifest records: vars, the
// target's name, environment variables, what a query returned while dbt compiled.
//
// A compiled model is rendered with all of them left open, in every way its questions can be
// answered (explore.h). The ways that cannot give what dbt compiled are out; what all others agree
// on is proved: the answer to a question, the text of an open place. The configs that the manifest
// has of the model prove in the same way, apart from its text: dbt reads them when it parses, which
// may have been under another --full-refresh.
//
// An answer stands when no two models prove different ones. What a query returned is proved for the
// same text of SQL, asked through the same macro; it is what the database said when production was
// compiled.
//
// The proof is of texts, truths, lengths and whole numbers, never of types: see unknown.h.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dbt/project.h"
#include "jinja/explore.h"
#include "jinja/render.h"

namespace layergate::jinja {

// References the Project and Catalog. Thread-safe.
class CompiledEvidence {
 public:
  CompiledEvidence(const dbt::Project& project, const dbt::Catalog* catalog,
                   RenderSettings settings);
  ~CompiledEvidence();

  // For which node one asks, and whether its own compiled code counts.
  struct Asker {
    std::string_view node;
    bool own_counts = true;
  };
  // The text of an open place, by its key.
  std::optional<std::string> TextOf(const std::string& key, Asker asker);
  // The answer to a question (Rendered::undecided).
  std::optional<int64_t> AnswerTo(const std::string& question, Asker asker);
  // Vars that are given and whose value is not the one that the node was compiled with.
  struct Contradiction {
    std::string name, proved;  // what stands in the text; empty when that is not one text
  };
  std::vector<Contradiction> ContradictedVars(const RenderSettings& given, const dbt::Node& node);

 private:
  std::vector<const dbt::Node*> FindWitnesses(const std::vector<std::string>& words) const;
  std::vector<const dbt::Node*> WitnessesOf(std::string_view setting, Asker asker);
  const std::vector<Leaf>& LeavesOf(const dbt::Node& node);
  template <typename Answer, typename Prove>
  std::optional<Answer> AgreedBy(std::string_view setting, Asker asker, const Prove& prove);

  const dbt::Project& project_;
  RenderSettings settings_;
  Renderer renderer_;
  std::mutex mutex_;
  int budget_ = 12000;  // renderings for all that is ever asked
  std::map<std::string, std::vector<const dbt::Node*>> witnesses_;  // by their words
  std::map<std::string, std::vector<Leaf>> leaves_;                 // by witness
};

}  // namespace layergate::jinja

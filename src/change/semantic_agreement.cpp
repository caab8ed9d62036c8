#include "change/semantic_agreement.h"

#include <fmt/format.h>

#include "change/rules.h"
#include "core/text.h"

namespace layergate::change {
namespace {

constexpr size_t kTold = 5;

class Comparison {
 public:
  Comparison(const dbt::Project& project, const dbt::SemanticManifest& semantic)
      : project_(project), semantic_(semantic), project_models_(SemanticModelsOf(project)) {
    for (const dbt::Node& model : semantic.semantic_models) semantic_models_.push_back(&model);
  }

  std::vector<UnknownChange> Compare() {
    Section("metric", semantic_.metrics);
    Section("semantic_model", semantic_.semantic_models);
    Section("saved_query", semantic_.saved_queries);
    if (found_ > kTold) {
      told_.push_back({semantic_.path, fmt::format("and {} more disagreements with {}",
                                                   found_ - kTold, project_.metadata().path)});
    }
    return std::move(told_);
  }

 private:
  void Section(const std::string& type, const std::vector<dbt::Node>& entries) {
    std::map<std::string, const dbt::Node*, std::less<>> here, there;
    for (const std::string& id : project_.ids()) {
      if (!id.starts_with(type + ".")) continue;
      const dbt::Node* node = project_.Find(id);
      here[node->name] = node;
    }
    for (const dbt::Node& entry : entries) there[entry.name] = &entry;
    for (const auto& [name, node] : here) {
      auto entry = there.find(name);
      if (entry == there.end()) {
        Say(fmt::format("{} is not in it", Printable(node->unique_id)));
      } else {
        Entry(*node, *entry->second);
      }
    }
    for (const auto& [name, entry] : there) {
      if (!here.count(name)) {
        Say(fmt::format("it has {} {}, which {} does not have", type, Printable(name),
                        project_.metadata().path));
      }
    }
  }

  void Entry(const dbt::Node& node, const dbt::Node& entry) {
    Value mine = MeaningOf(project_models_, node), theirs = MeaningOf(semantic_models_, entry);
    if (node.resource_type == "semantic_model") {
      LeaveOutMetrics({&node, &entry}, mine, theirs);
      // One names the model as it is written, both name the table that it is.
      for (auto [meaning, definition] :
           {std::pair(&mine, &node.definition), {&theirs, &entry.definition}}) {
        meaning->Set("model", (*definition)["node_relation"]["relation_name"]);
      }
    }
    bool first = true;
    TellDifferences(
        mine, theirs, [&](const std::string& place, const Value& here, const Value& there) {
          if (!first) return;
          first = false;
          Say(fmt::format("{}: {} is {} here and {} in {}", Printable(node.unique_id),
                          Printable(place), Shown(there), Shown(here), project_.metadata().path));
        });
  }

  static std::string Shown(const Value& value) {
    return value.is_null() ? "nothing" : Printable(WriteJson(Small(value)));
  }

  void Say(const std::string& why) {
    if (++found_ > kTold) return;
    told_.push_back(
        {semantic_.path, why + "; write both files with one run of dbt, and give both of them"});
  }

  const dbt::Project& project_;
  const dbt::SemanticManifest& semantic_;
  SemanticModels project_models_, semantic_models_;
  std::vector<UnknownChange> told_;
  size_t found_ = 0;
};

}  // namespace

std::vector<UnknownChange> FindSemanticDisagreements(const dbt::Project& project,
                                                     const dbt::SemanticManifest& semantic) {
  return Comparison(project, semantic).Compare();
}

}  // namespace layergate::change

#include "cli/changes_command.h"

#include <cstdio>
#include <future>
#include <memory>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "change/change_set.h"
#include "change/semantic_agreement.h"
#include "change/write.h"
#include "check.h"
#include "cli/terminal.h"
#include "core/file.h"
#include "core/result.h"
#include "core/text.h"
#include "dbt/project.h"
#include "dbt/project_file.h"
#include "dbt/semantic_manifest.h"
#include "gates/all_gates.h"
#include "policy/policy.h"
#include "sql/compare.h"
#include "sql/dialect.h"
#include "sql/parse.h"

namespace layergate::cli {
namespace {

Result<policy::Policy> ReadPolicy(const std::string& path) {
  std::vector<policy::KnownGate> gates = KnownGates(AllGates());
  if (path.empty()) {
    return policy::ParsePolicy(*policy::ShippedPolicy("default"), "default.yml", gates);
  }
  LAYERGATE_TRY(std::string text, ReadFile(path));
  return policy::ParsePolicy(text, path, gates);
}

Result<change::CompareOptions> OptionsFor(const ChangesArguments& arguments,
                                          const dbt::Project& head) {
  change::CompareOptions options;
  options.project_prefix = arguments.project_prefix;
  if (!arguments.project_dir.empty()) {
    LAYERGATE_TRY(std::string text, ReadFile(arguments.project_dir + "/dbt_project.yml"));
    options.compare_more_unrendered_values = dbt::CompareMoreUnrenderedValues(text);
  }
  sql::Dialect dialect =
      sql::DialectFromName(head.metadata().adapter_type).value_or(sql::Dialect::kAnsi);
  options.same_sql = [dialect](const dbt::Node& base_node, const dbt::Node& head_node) {
    if (!base_node.compiled_code || !head_node.compiled_code) return false;
    return sql::SameTree(sql::Parse(*base_node.compiled_code, dialect),
                         sql::Parse(*head_node.compiled_code, dialect));
  };
  return options;
}

Result<int> Run(const ChangesArguments& arguments) {
  if (arguments.format != "text" && arguments.format != "json") {
    return MakeError(fmt::format("there is no format \"{}\" for a change set", arguments.format),
                     "choose text or json");
  }
  // Both manifests at once: reading them is most of the work. The policy meanwhile.
  auto policy_read = std::async(std::launch::async, [&] { return ReadPolicy(arguments.policy); });
  auto base_read =
      std::async(std::launch::async, [&] { return dbt::Project::Load(arguments.base_manifest); });
  Result<std::unique_ptr<dbt::Project>> head_read = dbt::Project::Load(arguments.head_manifest);
  LAYERGATE_TRY(std::unique_ptr<dbt::Project> base, base_read.get());
  LAYERGATE_TRY(std::unique_ptr<dbt::Project> head, std::move(head_read));
  LAYERGATE_TRY(policy::Policy policy, policy_read.get());
  LAYERGATE_TRY(change::CompareOptions options, OptionsFor(arguments, *head));
  change::ChangeSet changes = change::Compare(*base, *head, options);
  if (!arguments.semantic_manifest.empty()) {
    LAYERGATE_TRY(dbt::SemanticManifest semantic,
                  dbt::SemanticManifest::Load(arguments.semantic_manifest));
    for (change::UnknownChange& one : change::FindSemanticDisagreements(*head, semantic)) {
      changes.unknown.push_back(std::move(one));
    }
  }
  change::LayerOf layer_of = [&](std::string_view id) -> std::string {
    const dbt::Node* node = head->Find(id);
    if (!node) node = base->Find(id);
    if (!node) return {};
    policy::Policy::Placement place = policy.Place(*node);
    return place.matched && place.layer ? place.layer->name : std::string();
  };
  for (const dbt::Project* project : {base.get(), head.get()}) {
    for (const std::string& warning : project->warnings()) {
      fmt::print(stderr, "layergate: warning: {}\n", warning);
    }
  }
  if (!arguments.explain.empty()) {
    change::Explanation story = change::Explain(changes, *base, *head, arguments.explain, layer_of);
    if (!story.found) return MakeError(std::string(Trim(story.text)));
    fmt::print("{}", story.text);
  } else if (arguments.format == "json") {
    fmt::print("{}\n", WriteJson(change::ToValue(changes, layer_of), 2));
  } else {
    fmt::print("{}", change::ToTable(changes, layer_of));
  }
  return 0;
}

}  // namespace

int RunChanges(const ChangesArguments& arguments) {
  Result<int> done = Run(arguments);
  if (done) return *done;
  PrintError(done.error());
  return 2;
}

}  // namespace layergate::cli

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

// Where `check` looks, too, when nothing is named.
std::string InProject(const ChangesArguments& arguments, const std::string& file) {
  return arguments.project_dir.empty() ? file : arguments.project_dir + "/" + file;
}

Result<policy::Policy> ReadPolicy(const ChangesArguments& arguments) {
  std::vector<policy::KnownGate> gates = KnownGates(AllGates());
  std::string path = arguments.policy;
  std::string own = InProject(arguments, ".layergate.yml");
  if (path.empty() && FileExists(own)) path = own;
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

// The manifest that was named, else the one in its usual place.
Result<std::string> ManifestPath(const ChangesArguments& arguments, const std::string& named,
                                 const std::string& usual, std::string_view option) {
  if (!named.empty()) return named;
  std::string path = InProject(arguments, usual);
  if (FileExists(path)) return path;
  return MakeError(fmt::format("{}: there is no manifest", path),
                   fmt::format("name one with {}; without dbt's manifest of a commit, `layergate "
                               "check` tells what changed from production's and the commit",
                               option));
}

Result<int> Run(const ChangesArguments& arguments) {
  if (arguments.format != "text" && arguments.format != "json") {
    return MakeError(fmt::format("there is no format \"{}\" for a change set", arguments.format),
                     "choose text or json");
  }
  LAYERGATE_TRY(policy::Policy policy, ReadPolicy(arguments));
  LAYERGATE_TRY(std::string base_path,
                ManifestPath(arguments, arguments.base_manifest,
                             policy.base_manifest.empty() ? "prod-manifest/manifest.json"
                                                          : policy.base_manifest,
                             "--base-manifest"));
  LAYERGATE_TRY(std::string head_path, ManifestPath(arguments, arguments.head_manifest,
                                                    "target/manifest.json", "--head-manifest"));
  // Both manifests at once: reading them is most of the work.
  auto base_read = std::async(std::launch::async, [&] { return dbt::Project::Load(base_path); });
  Result<std::unique_ptr<dbt::Project>> head_read = dbt::Project::Load(head_path);
  LAYERGATE_TRY(std::unique_ptr<dbt::Project> base, base_read.get());
  LAYERGATE_TRY(std::unique_ptr<dbt::Project> head, std::move(head_read));
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

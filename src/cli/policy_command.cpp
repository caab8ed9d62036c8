#include "cli/policy_command.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "cli/terminal.h"
#include "core/file.h"
#include "core/text.h"
#include "dbt/project.h"
#include "git/repository.h"
#include "policy/describe.h"

namespace layergate::cli {
namespace {

// Where paths after `extends:` start: the repository's root, as they will in a commit.
std::string RootOf(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  auto repository = git::Repository::Open(folder.empty() ? "." : folder);
  return repository ? repository->root() : ".";
}

policy::FileReader ReaderIn(const std::string& root) {
  return [root](std::string_view path) -> Result<std::optional<std::string>> {
    std::string file = fmt::format("{}/{}", root, path);
    if (!FileExists(file)) return std::optional<std::string>();
    LAYERGATE_TRY(std::string text, ReadFile(file));
    return std::optional<std::string>(std::move(text));
  };
}

Result<policy::Policy> ReadShipped(const std::string& name,
                                   const std::vector<policy::KnownGate>& gates) {
  LAYERGATE_TRY(policy::Policy policy,
                policy::ParsePolicy(*policy::ShippedPolicy(name), name + ".yml", gates));
  policy.source = "shipped " + name;
  return policy;
}

Result<policy::Policy> Read(const std::string& given, const std::vector<policy::KnownGate>& gates) {
  if (!given.empty() && policy::ShippedPolicy(given) && !FileExists(given)) {
    return ReadShipped(given, gates);
  }
  std::vector<std::string> paths;
  if (!given.empty()) {
    paths.push_back(given);
  } else {
    for (std::string_view path : policy::kPolicyPaths) paths.emplace_back(path);
  }
  for (const std::string& path : paths) {
    if (given.empty() && !FileExists(path)) continue;
    LAYERGATE_TRY(std::string text, ReadFile(path));
    return policy::ParsePolicy(text, path, gates, ReaderIn(RootOf(path)));
  }
  return ReadShipped("default", gates);
}

bool IsShippedFile(std::string_view file) {
  return file.size() > 4 && policy::ShippedPolicy(file.substr(0, file.size() - 4)).has_value();
}

bool MatchesAnything(const policy::LayerMatch& match, const dbt::Project& project) {
  policy::Policy alone;
  alone.layers.resize(1);
  alone.layers[0].match = {match};
  for (const std::string& id : project.ids()) {
    const dbt::Node* node = project.Find(id);
    if (node && alone.Place(*node).matched) return true;
  }
  return false;
}

// Globs that match nothing are no mistake of form, but rarely what was meant. The shipped layers
// match many layouts, of which a project has one: they are left out.
void WarnOfIdleMatches(const policy::Policy& policy, const dbt::Project& project) {
  for (const policy::Layer& layer : policy.layers) {
    for (const policy::LayerMatch& match : layer.match) {
      if (IsShippedFile(match.origin.file) || MatchesAnything(match, project)) continue;
      fmt::print(stderr, "layergate: warning: {}:{}:{}: {} matches nothing in {}\n",
                 match.origin.file, match.origin.line, match.origin.column,
                 policy::DescribeMatch(match), project.metadata().path);
    }
  }
}

// The ids that `model` means: itself, or those of that name ("model.shop.orders",
// "model.shop.orders.v2").
std::vector<std::string> IdsOf(const dbt::Project& project, const std::string& model) {
  if (project.Contains(model)) return {model};
  std::vector<std::string> ids;
  for (const std::string& id : project.ids()) {
    std::vector<std::string_view> parts = Split(id, '.');
    if (parts.size() >= 3 && parts[0] != "test" && parts[2] == model) ids.push_back(id);
  }
  return ids;
}

std::string DidYouMean(const dbt::Project& project, const std::string& model) {
  std::vector<std::string> names;
  for (const std::string& id : project.ids()) {
    std::vector<std::string_view> parts = Split(id, '.');
    if (parts.size() >= 3 && parts[0] != "test") names.emplace_back(parts[2]);
  }
  std::string_view near = NearestName(model, names);
  return near.empty() ? "`dbt ls` lists the project's models."
                      : fmt::format("Did you mean {}?", near);
}

Result<void> Explain(const PolicyArguments& arguments, const policy::Policy& policy) {
  std::string path = arguments.manifest.empty() ? "target/manifest.json" : arguments.manifest;
  if (arguments.manifest.empty() && !FileExists(path)) {
    return MakeError(fmt::format("{}: no manifest to look the model up in", path),
                     "Run `dbt parse`, or name one with --manifest.");
  }
  LAYERGATE_TRY(auto project, dbt::Project::Load(path));
  std::vector<std::string> ids = IdsOf(*project, arguments.model);
  if (ids.empty()) {
    return MakeError(fmt::format("{} has no node '{}'", path, Printable(arguments.model)),
                     DidYouMean(*project, arguments.model));
  }
  for (const std::string& id : ids) {
    if (const dbt::Node* node = project->Find(id)) {
      fmt::print("{}", policy::ExplainNode(policy, *node));
    }
  }
  return {};
}

Result<void> Run(const PolicyArguments& arguments, const std::vector<policy::KnownGate>& gates) {
  if (arguments.action == "schema") {
    fmt::print("{}", policy::PolicySchema());
    return {};
  }
  LAYERGATE_TRY(policy::Policy policy, Read(arguments.path, gates));
  if (arguments.action == "explain") return Explain(arguments, policy);
  if (arguments.action == "show") {
    fmt::print("{}", policy::ShowPolicy(policy));
    return {};
  }
  if (!arguments.manifest.empty()) {
    LAYERGATE_TRY(auto project, dbt::Project::Load(arguments.manifest));
    WarnOfIdleMatches(policy, *project);
  }
  fmt::print("{}", policy::DescribeValid(policy));
  return {};
}

}  // namespace

int RunPolicy(const PolicyArguments& arguments, const std::vector<policy::KnownGate>& gates) {
  auto done = Run(arguments, gates);
  if (done) return 0;
  PrintError(done.error());
  return 2;
}

}  // namespace layergate::cli

#include "cli/init_command.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <map>
#include <set>

#include <fmt/format.h>

#include "cli/model_layout.h"
#include "cli/terminal.h"
#include "core/file.h"
#include "core/text.h"
#include "dbt/project.h"
#include "git/repository.h"

namespace layergate::cli {
namespace {

using Out = std::back_insert_iterator<std::string>;

constexpr std::string_view kLadder[] = {"metrics", "marts", "intermediate", "staging"};

// Tags that more than one model has, most used first: layers can go by them.
std::vector<std::string> TagsOf(const dbt::Project& project) {
  std::map<std::string, size_t> counts;
  for (const std::string& id : project.ids()) {
    const dbt::Node* node = project.Find(id);
    if (!node || !node->is_model()) continue;
    for (const std::string& tag : node->tags) ++counts[tag];
  }
  std::vector<std::pair<size_t, std::string>> sorted;
  for (const auto& [tag, count] : counts) {
    if (count > 1) sorted.emplace_back(count, tag);
  }
  std::sort(sorted.rbegin(), sorted.rend());
  std::vector<std::string> tags;
  for (size_t i = 0; i < sorted.size() && i < 8; ++i) tags.push_back(sorted[i].second);
  return tags;
}

void WriteLayers(const std::vector<LayerGuess>& guesses, std::string& text) {
  fmt::format_to(
      Out(text),
      "# The first layer that matches a model wins, so the strictest stands first. Only what "
      "differs from the\n# shipped ladder is written here: its gates, people and windows "
      "hold (`layergate policy show`).\nlayers:\n");
  for (std::string_view layer : kLadder) {
    bool begun = false;
    for (const LayerGuess& guess : guesses) {
      if (guess.layer != layer) continue;
      if (!begun) fmt::format_to(Out(text), "  - name: {}\n    match:\n", layer);
      begun = true;
      fmt::format_to(Out(text), "      - path: {}  # {} model{}{}\n", WriteJson(Value(guess.glob)),
                     guess.models, guess.models == 1 ? "" : "s",
                     guess.by_reading ? "; guessed from their refs" : "");
    }
    if (begun && layer == "metrics") {
      for (const char* type : {"metric", "semantic_model", "saved_query"}) {
        fmt::format_to(Out(text), "      - resource_type: {}\n", type);
      }
    }
  }
}

std::string Write(const std::vector<LayerGuess>& guesses, const std::vector<std::string>& tags,
                  const std::string& owners) {
  std::string text =
      "# yaml-language-server: $schema=.layergate/policy.schema.json\n"
      "# What must be true of a pull request, by layer. Format: docs/policy.md of Layergate.\n"
      "# `layergate policy validate --manifest target/manifest.json` says what is wrong with it.\n"
      "version: 1\n\n"
      "# starter: everything runs and is reported, nothing blocks. After the first week: default.\n"
      "extends: starter\n\n";
  bool placed = std::any_of(guesses.begin(), guesses.end(),
                            [](const LayerGuess& guess) { return !guess.layer.empty(); });
  if (placed) WriteLayers(guesses, text);
  std::string unplaced;
  for (const LayerGuess& guess : guesses) {
    if (!guess.layer.empty()) continue;
    fmt::format_to(Out(unplaced), "#   {} ({} model{})\n", guess.glob, guess.models,
                   guess.models == 1 ? "" : "s");
  }
  if (!unplaced.empty()) {
    text += "\n# In no layer so far, and so held to the bar of the marts:\n" + unplaced;
  }
  if (!tags.empty()) {
    fmt::format_to(Out(text),
                   "\n# Layers can go by tags too, `match: {{tag: ...}}`. Tags here: {}\n",
                   Printable(Join(tags, ", ")));
  }
  text +=
      "\n# Who may approve as what; without names an approval by that role is never met.\n"
      "# people:\n#   roles:\n#     senior-data-engineer: [ana, \"@acme/data-seniors\"]\n"
      "#     data-pm: [ben]\n";
  if (!owners.empty()) fmt::format_to(Out(text), "# Owners in CODEOWNERS: {}\n", owners);
  text +=
      "\n# Business hours in your own zone.\n"
      "# merge_windows:\n#   business-hours: {zone: Europe/Berlin, days: [mon, tue, wed, thu], "
      "from: "
      "\"09:00\", to: \"16:00\"}\n";
  return text;
}

// "@ana, @acme/data": those that CODEOWNERS names, as a hint for the roles.
std::string OwnersIn(const std::string& project_dir) {
  auto repository = git::Repository::Open(project_dir);
  if (!repository) return {};
  std::set<std::string> owners;
  for (const char* name :
       {".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"}) {
    std::string file = fmt::format("{}/{}", repository->root(), name);
    if (!FileExists(file)) continue;
    Result<std::string> text = ReadFile(file, size_t{4} << 20);
    if (!text) continue;
    for (std::string_view line : Split(*text, '\n')) {
      for (std::string_view word : Split(Trim(line), ' ')) {
        if (word.size() > 1 && word[0] == '@' && owners.size() < 8) owners.emplace(Printable(word));
      }
    }
    break;
  }
  return Join({owners.begin(), owners.end()}, ", ");
}

Result<void> Run(const InitArguments& arguments, const std::vector<policy::KnownGate>& gates) {
  LAYERGATE_TRY(std::vector<ModelFolder> folders, ReadModelFolders(arguments.project_dir));
  std::string manifest = arguments.manifest;
  std::string usual = arguments.project_dir + "/target/manifest.json";
  if (manifest.empty() && FileExists(usual)) manifest = usual;
  std::vector<std::string> tags;
  if (!manifest.empty()) {
    LAYERGATE_TRY(auto project, dbt::Project::Load(manifest));
    tags = TagsOf(*project);
  }
  std::string text = Write(GuessLayers(folders), tags, OwnersIn(arguments.project_dir));
  // What is written here must be readable here.
  LAYERGATE_TRY(policy::Policy policy, policy::ParsePolicy(text, ".layergate.yml", gates));
  if (arguments.print) {
    std::fputs(text.c_str(), stdout);
    return {};
  }
  for (std::string_view name : policy::kPolicyPaths) {
    std::string file = fmt::format("{}/{}", arguments.project_dir, name);
    if (FileExists(file) && !arguments.force) {
      return MakeError(fmt::format("{}: there is a policy already", file),
                       "give --force to overwrite it, or --print to see what would be written");
    }
  }
  std::string file = arguments.project_dir + "/.layergate.yml";
  std::string schema = arguments.project_dir + "/.layergate/policy.schema.json";
  Result<void> written = WriteFileAtomically(file, text);
  if (written) written = WriteFileAtomically(schema, policy::PolicySchema());
  if (!written) return written.error();
  fmt::print("{}\n{}\n", file, schema);
  fmt::print(
      stderr,
      "Next: read it, name the people, run `layergate policy validate`, and merge it into the "
      "target branch:\nit counts from there, because pull requests are judged by the base's "
      "policy.\n");
  return {};
}

}  // namespace

int RunInit(const InitArguments& arguments, const std::vector<policy::KnownGate>& gates) {
  Result<void> done = Run(arguments, gates);
  if (done) return 0;
  PrintError(done.error());
  return 2;
}

}  // namespace layergate::cli

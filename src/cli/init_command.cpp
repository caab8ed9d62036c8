#include "cli/init_command.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "cli/terminal.h"
#include "core/file.h"
#include "core/text.h"
#include "core/yaml.h"
#include "dbt/project.h"
#include "git/repository.h"

namespace layergate::cli {
namespace {

namespace fs = std::filesystem;
using Out = std::back_insert_iterator<std::string>;

constexpr std::string_view kLadder[] = {"metrics", "marts", "intermediate", "staging"};

// Words that folders of each layer go by, and prefixes of their models.
struct Sign {
  std::string_view layer;
  std::vector<std::string_view> folders, prefixes;
};

const std::vector<Sign>& Signs() {
  static const std::vector<Sign> signs = {
      {"metrics", {"metrics", "metric", "kpis", "kpi", "semantic", "semantic_models"}, {"metric_"}},
      {"marts",
       {"marts", "mart", "gold", "reporting", "reports", "presentation", "dimensions", "facts",
        "analytics", "exposed", "published", "products"},
       {"fct_", "fact_", "dim_", "mart_", "rpt_"}},
      {"intermediate",
       {"intermediate", "int", "silver", "transform", "transformed", "integration", "core",
        "vault"},
       {"int_", "tmp_"}},
      {"staging",
       {"staging", "stage", "stg", "base", "raw", "bronze", "landing", "sources", "source"},
       {"stg_", "base_", "src_", "raw_"}},
  };
  return signs;
}

struct Folder {
  std::string path;  // relative to the project, "models/finance"
  std::vector<std::string> models;
};

std::string_view LayerOfName(std::string_view folder) {
  for (const Sign& sign : Signs()) {
    for (std::string_view word : sign.folders) {
      if (EqualsIgnoreCase(word, folder)) return sign.layer;
    }
  }
  return {};
}

// The layer that more than half of the models' names speak of.
std::string_view LayerOfModels(const std::vector<std::string>& models) {
  for (const Sign& sign : Signs()) {
    auto fits = std::count_if(models.begin(), models.end(), [&](const std::string& model) {
      return std::any_of(sign.prefixes.begin(), sign.prefixes.end(), [&](std::string_view prefix) {
        return model.substr(0, prefix.size()) == prefix;
      });
    });
    if (static_cast<size_t>(fits) * 2 > models.size()) return sign.layer;
  }
  return {};
}

struct Layout {
  std::string name;
  std::vector<std::string> model_paths;
  std::vector<Folder> folders;  // those that hold models, sorted
};

Result<Layout> Look(const std::string& project_dir) {
  std::string file = project_dir + "/dbt_project.yml";
  if (!FileExists(file)) {
    return MakeError(fmt::format("{}: no such file", file),
                     "run it in the folder of dbt_project.yml, or give --project-dir");
  }
  LAYERGATE_TRY(std::string text, ReadFile(file));
  LAYERGATE_TRY(YamlNode project, ReadYaml(text, file));
  Layout layout;
  if (const YamlNode* name = project.Find("name")) layout.name = name->scalar;
  const YamlNode* paths = project.Find("model-paths");
  if (!paths) paths = project.Find("source-paths");  // before dbt 1.0
  for (size_t i = 0; paths && i < paths->items.size(); ++i) {
    layout.model_paths.push_back(paths->items[i].scalar);
  }
  if (layout.model_paths.empty()) layout.model_paths = {"models"};
  std::map<std::string, std::vector<std::string>> found;
  for (const std::string& path : layout.model_paths) {
    std::error_code error;
    fs::recursive_directory_iterator files(fs::path(project_dir) / path, error), end;
    for (; !error && files != end; files.increment(error)) {
      std::string extension = files->path().extension().string();
      if (!files->is_regular_file() || (extension != ".sql" && extension != ".py")) continue;
      std::string folder =
          fs::relative(files->path().parent_path(), project_dir, error).generic_string();
      found[folder].push_back(files->path().stem().string());
    }
  }
  for (auto& [path, models] : found) {
    std::sort(models.begin(), models.end());
    layout.folders.push_back({path, std::move(models)});
  }
  return layout;
}

// A folder, the layer it seems to be, and why.
struct Guess {
  std::string glob;
  std::string_view layer;
  size_t models = 0;
};

// The outermost folder with a telling name decides; without one, the names of the models do.
Guess GuessOf(const Folder& folder) {
  std::vector<std::string_view> parts = Split(folder.path, '/');
  std::string path;
  for (std::string_view part : parts) {
    path += path.empty() ? std::string(part) : "/" + std::string(part);
    std::string_view layer = LayerOfName(part);
    if (!layer.empty()) return {path + "/**", layer, folder.models.size()};
  }
  return {folder.path + "/*", LayerOfModels(folder.models), folder.models.size()};
}

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

void WriteLayers(const std::vector<Guess>& guesses, std::string& text) {
  fmt::format_to(
      Out(text),
      "# The first layer that matches a model wins, so the strictest stands first. Only what "
      "differs from the\n# shipped ladder is written here: its gates, people and windows "
      "hold (`layergate policy show`).\nlayers:\n");
  for (std::string_view layer : kLadder) {
    std::map<std::string, size_t> globs;
    for (const Guess& guess : guesses) {
      if (guess.layer == layer) globs[guess.glob] += guess.models;
    }
    if (globs.empty()) continue;
    fmt::format_to(Out(text), "  - name: {}\n    match:\n", layer);
    for (const auto& [glob, models] : globs) {
      fmt::format_to(Out(text), "      - path: {}  # {} model{}\n", WriteJson(Value(glob)), models,
                     models == 1 ? "" : "s");
    }
    if (layer == "metrics") {
      for (const char* type : {"metric", "semantic_model", "saved_query"}) {
        fmt::format_to(Out(text), "      - resource_type: {}\n", type);
      }
    }
  }
}

std::string Write(const Layout& layout, const std::vector<std::string>& tags,
                  const std::string& owners) {
  std::vector<Guess> guesses;
  for (const Folder& folder : layout.folders) guesses.push_back(GuessOf(folder));
  std::string text =
      "# yaml-language-server: $schema=.layergate/policy.schema.json\n"
      "# What must be true of a pull request, by layer. Format: docs/policy.md of Layergate.\n"
      "# `layergate policy validate --manifest target/manifest.json` says what is wrong with it.\n"
      "version: 1\n\n"
      "# starter: everything runs and is reported, nothing blocks. After the first week: default.\n"
      "extends: starter\n\n";
  bool placed = std::any_of(guesses.begin(), guesses.end(),
                            [](const Guess& guess) { return !guess.layer.empty(); });
  if (placed) WriteLayers(guesses, text);
  std::string unplaced;
  for (const Guess& guess : guesses) {
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
  LAYERGATE_TRY(Layout layout, Look(arguments.project_dir));
  std::string manifest = arguments.manifest;
  std::string usual = arguments.project_dir + "/target/manifest.json";
  if (manifest.empty() && FileExists(usual)) manifest = usual;
  std::vector<std::string> tags;
  if (!manifest.empty()) {
    LAYERGATE_TRY(auto project, dbt::Project::Load(manifest));
    tags = TagsOf(*project);
  }
  std::string text = Write(layout, tags, OwnersIn(arguments.project_dir));
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

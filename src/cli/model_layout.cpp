#include "cli/model_layout.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "core/file.h"
#include "core/text.h"
#include "core/yaml.h"

namespace layergate::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLargestModel = size_t{1} << 20;

// Words that folders of each layer go by, and prefixes of their models. "core" is no such word: it
// is the last layer of some projects and the middle of others.
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
       {"intermediate", "int", "silver", "transform", "transformed", "integration", "vault"},
       {"int_", "tmp_"}},
      {"staging",
       {"staging", "stage", "stg", "base", "raw", "bronze", "landing", "sources", "source"},
       {"stg_", "base_", "src_", "raw_"}},
  };
  return signs;
}

// "01_staging", "L1_staging", "1-staging" -> "staging".
std::string_view WithoutNumber(std::string_view folder) {
  const size_t digit = folder.find_first_of("0123456789");
  if (digit > 1) return folder;
  size_t end = digit;
  while (end < folder.size() && folder[end] >= '0' && folder[end] <= '9') ++end;
  const bool parted = end < folder.size() && (folder[end] == '_' || folder[end] == '-');
  return parted ? folder.substr(end + 1) : folder;
}

std::string_view LayerOfName(std::string_view folder) {
  for (const Sign& sign : Signs()) {
    for (std::string_view word : sign.folders) {
      if (EqualsIgnoreCase(word, folder) || EqualsIgnoreCase(word, WithoutNumber(folder))) {
        return sign.layer;
      }
    }
  }
  return {};
}

// The layer that more than half of the models' names speak of.
std::string_view LayerOfModels(const std::vector<ModelFile>& models) {
  for (const Sign& sign : Signs()) {
    auto fits = std::count_if(models.begin(), models.end(), [&](const ModelFile& model) {
      return std::any_of(sign.prefixes.begin(), sign.prefixes.end(), [&](std::string_view prefix) {
        return model.name.substr(0, prefix.size()) == prefix;
      });
    });
    if (static_cast<size_t>(fits) * 2 > models.size()) return sign.layer;
  }
  return {};
}

bool IsWordByte(char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Where `word` begins a call, "ref(" or "ref (", from `at` on; the place of the parenthesis.
size_t FindCall(std::string_view text, std::string_view word, size_t at) {
  for (at = text.find(word, at); at != std::string_view::npos; at = text.find(word, at + 1)) {
    if (at > 0 && IsWordByte(text[at - 1])) continue;
    const size_t open = text.find_first_not_of(" \t\n\r", at + word.size());
    if (open != std::string_view::npos && text[open] == '(') return open;
  }
  return std::string_view::npos;
}

// The last quoted word before the closing parenthesis that stands first or after a comma:
// ref('package', 'model', v=2).
std::string LastPlainArgument(std::string_view text, size_t open) {
  std::string last;
  const size_t close = std::min(text.find(')', open), text.size());
  for (std::string_view argument : Split(text.substr(open + 1, close - open - 1), ',')) {
    argument = Trim(argument);
    if (argument.size() > 2 && (argument.front() == '\'' || argument.front() == '"')) {
      last = ToLower(argument.substr(1, argument.size() - 2));
    }
  }
  return last;
}

ModelFile ReadModel(const fs::path& path) {
  ModelFile model;
  model.name = path.stem().string();
  Result<std::string> text = ReadFile(path.string(), kLargestModel);
  if (!text) return model;
  model.reads_source = FindCall(*text, "source", 0) != std::string_view::npos;
  for (size_t open = FindCall(*text, "ref", 0); open != std::string_view::npos;
       open = FindCall(*text, "ref", open)) {
    std::string name = LastPlainArgument(*text, open);
    if (!name.empty()) model.refs.push_back(std::move(name));
  }
  return model;
}

bool LiesIn(const std::string& path, const std::string& folder) {
  return path == folder || path.compare(0, folder.size() + 1, folder + "/") == 0;
}

// What all folders together say about one of them.
class Graph {
 public:
  explicit Graph(const std::vector<ModelFolder>& folders) {
    for (const ModelFolder& folder : folders) {
      for (const ModelFile& model : folder.models) {
        for (const std::string& ref : model.refs) readers_[ref].insert(folder.path);
      }
    }
  }

  // Nearly all of several models must agree: a wrong guess would hold models to too low a bar.
  std::string_view LayerOf(const ModelFolder& folder) const {
    constexpr size_t kFew = 3;
    size_t roots = 0, read = 0;
    for (const ModelFile& model : folder.models) {
      roots += model.reads_source && !ReadsOthers(model, folder);
      read += IsReadElsewhere(model, folder);
    }
    const size_t most = folder.models.size() - folder.models.size() / 5;
    if (read == 0) return roots == folder.models.size() ? "" : "marts";
    if (read * 2 < folder.models.size()) return "marts";
    if (folder.models.size() < kFew) return "";
    if (roots >= most) return "staging";
    return read >= most && roots == 0 ? "intermediate" : "";
  }

 private:
  bool IsReadElsewhere(const ModelFile& model, const ModelFolder& folder) const {
    auto found = readers_.find(ToLower(model.name));
    if (found == readers_.end()) return false;
    return std::any_of(found->second.begin(), found->second.end(),
                       [&](const std::string& reader) { return !LiesIn(reader, folder.path); });
  }
  static bool ReadsOthers(const ModelFile& model, const ModelFolder& folder) {
    return std::any_of(model.refs.begin(), model.refs.end(), [&](const std::string& ref) {
      return std::none_of(folder.models.begin(), folder.models.end(),
                          [&](const ModelFile& own) { return EqualsIgnoreCase(own.name, ref); });
    });
  }

  std::map<std::string, std::set<std::string>> readers_;  // model -> folders that read it
};

// The outermost folder with a telling name decides; without one, the names of the models do.
LayerGuess GuessByName(const ModelFolder& folder) {
  std::string path;
  for (std::string_view part : Split(folder.path, '/')) {
    path += path.empty() ? std::string(part) : "/" + std::string(part);
    std::string_view layer = LayerOfName(part);
    if (!layer.empty()) return {path + "/**", layer, folder.models.size(), false};
  }
  return {folder.path + "/*", LayerOfModels(folder.models), folder.models.size(), false};
}

// "models/build/edfi/students" -> "models/build": the folders that a project is divided into.
std::string DivisionOf(const std::string& path) {
  return path.substr(0, path.find('/', path.find('/') + 1));
}

// What names left open, by what the models read: a division as a whole when names say nothing of
// any of its folders, else folder by folder.
void GuessByReading(const std::vector<ModelFolder>& folders, std::vector<LayerGuess>& guesses) {
  const Graph graph(folders);
  std::map<std::string, ModelFolder> divisions;
  std::set<std::string> named;
  for (size_t i = 0; i < folders.size(); ++i) {
    const std::string division = DivisionOf(folders[i].path);
    if (!guesses[i].layer.empty()) named.insert(division);
    ModelFolder& whole = divisions[division];
    whole.path = division;
    whole.models.insert(whole.models.end(), folders[i].models.begin(), folders[i].models.end());
  }
  for (size_t i = 0; i < folders.size(); ++i) {
    LayerGuess& guess = guesses[i];
    if (!guess.layer.empty()) continue;
    const std::string division = DivisionOf(folders[i].path);
    if (named.count(division) == 0) guess.layer = graph.LayerOf(divisions[division]);
    const bool as_a_whole = !guess.layer.empty() && division != folders[i].path;
    if (as_a_whole) guess.glob = division + "/**";
    if (guess.layer.empty()) guess.layer = graph.LayerOf(folders[i]);
    guess.by_reading = !guess.layer.empty();
  }
}

std::string FolderOf(const std::string& glob) { return glob.substr(0, glob.rfind('/')); }

// "models/L1/a/*" and "models/L1/b/*" of one layer are "models/L1/**" when nothing else lies there.
// The folder of all models stays as it is: what is added tomorrow would be guessed today.
std::vector<LayerGuess> Joined(std::vector<LayerGuess> guesses) {
  std::set<std::string> parents;
  for (const LayerGuess& guess : guesses) {
    const std::string path = FolderOf(guess.glob);
    for (size_t slash = path.find('/', path.find('/') + 1); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
      parents.insert(path.substr(0, slash));
    }
    if (path.find('/') != std::string::npos) parents.insert(path);
  }
  for (const std::string& parent : parents) {  // outermost first
    std::vector<LayerGuess> inside, outside;
    for (const LayerGuess& guess : guesses) {
      (LiesIn(FolderOf(guess.glob), parent) ? inside : outside).push_back(guess);
    }
    const bool one = std::all_of(inside.begin(), inside.end(), [&](const LayerGuess& guess) {
      return guess.layer == inside.front().layer;
    });
    if (inside.size() < 2 || !one) continue;
    LayerGuess joined{parent + "/**", inside.front().layer, 0, false};
    for (const LayerGuess& guess : inside) {
      joined.models += guess.models;
      joined.by_reading = joined.by_reading || guess.by_reading;
    }
    outside.push_back(std::move(joined));
    guesses = std::move(outside);
  }
  std::sort(guesses.begin(), guesses.end(),
            [](const LayerGuess& a, const LayerGuess& b) { return a.glob < b.glob; });
  return guesses;
}

}  // namespace

Result<std::vector<ModelFolder>> ReadModelFolders(const std::string& project_dir) {
  std::string file = project_dir + "/dbt_project.yml";
  if (!FileExists(file)) {
    return MakeError(fmt::format("{}: no such file", file),
                     "run it in the folder of dbt_project.yml, or give --project-dir");
  }
  LAYERGATE_TRY(std::string text, ReadFile(file));
  LAYERGATE_TRY(YamlNode project, ReadYaml(text, file));
  const YamlNode* paths = project.Find("model-paths");
  if (!paths) paths = project.Find("source-paths");  // before dbt 1.0
  std::vector<std::string> model_paths;
  for (size_t i = 0; paths && i < paths->items.size(); ++i) {
    model_paths.push_back(paths->items[i].scalar);
  }
  if (model_paths.empty()) model_paths = {"models"};
  std::map<std::string, std::vector<ModelFile>> found;
  for (const std::string& path : model_paths) {
    std::error_code error;
    fs::recursive_directory_iterator files(fs::path(project_dir) / path, error), end;
    for (; !error && files != end; files.increment(error)) {
      std::string extension = files->path().extension().string();
      if (!files->is_regular_file() || (extension != ".sql" && extension != ".py")) continue;
      std::string folder =
          fs::relative(files->path().parent_path(), project_dir, error).generic_string();
      found[folder].push_back(ReadModel(files->path()));
    }
  }
  std::vector<ModelFolder> folders;
  for (auto& [path, models] : found) {
    std::sort(models.begin(), models.end(),
              [](const ModelFile& a, const ModelFile& b) { return a.name < b.name; });
    folders.push_back({path, std::move(models)});
  }
  return folders;
}

std::vector<LayerGuess> GuessLayers(const std::vector<ModelFolder>& folders) {
  std::vector<LayerGuess> guesses;
  for (const ModelFolder& folder : folders) guesses.push_back(GuessByName(folder));
  GuessByReading(folders, guesses);
  std::map<std::pair<std::string, std::string_view>, LayerGuess> by_glob;
  for (const LayerGuess& guess : guesses) {
    auto [known, is_new] = by_glob.try_emplace({guess.glob, guess.layer}, guess);
    if (!is_new) known->second.models += guess.models;
  }
  guesses.clear();
  for (auto& [key, guess] : by_glob) guesses.push_back(std::move(guess));
  return Joined(std::move(guesses));
}

}  // namespace layergate::cli

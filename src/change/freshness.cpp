#include "change/freshness.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "change/local_packages.h"
#include "change/python_text.h"
#include "change/read_files.h"
#include "change/rules.h"
#include "core/digest.h"
#include "core/text.h"
#include "dbt/json_text.h"

namespace layergate::change {
namespace {

// A byte-order mark is no text; dbt keeps it where it stands.
std::string_view WithoutMark(std::string_view text) {
  return text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
}

std::string_view Stem(std::string_view path) {
  size_t slash = path.rfind('/');
  if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  return path.substr(0, path.find('.'));
}

std::string_view TopFolder(std::string_view path) {
  size_t slash = path.find('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view TypeOf(std::string_view id) { return id.substr(0, id.find('.')); }

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Resource types whose file defines them by its text.
bool HasText(std::string_view type) {
  return IsOneOf(type, {"model", "snapshot", "analysis", "test", "function", "seed"});
}

// Which nodes and macros of the project's own package each file holds, without building them.
class FileIndex {
 public:
  FileIndex(const dbt::Project& project, const std::string& package) : project_(project) {
    auto text = [&](const std::string& id, std::string_view field) {
      return dbt::ReadCheckedString(project.RawField(id, field));
    };
    for (const std::string& id : project.ids()) {
      if (!HasText(TypeOf(id)) || text(id, "package_name") != package) continue;
      std::string file = Path(text(id, "original_file_path"));
      if (TypeOf(id) == "model") model_folders_.emplace(TopFolder(file));
      nodes_[file].push_back(id);
    }
    for (const std::string& id : project.macro_ids()) {
      if (text(id, "package_name") != package) continue;
      macros_[Path(text(id, "original_file_path"))].push_back(id);
    }
    model_folders_.insert("models");
  }

  const std::vector<std::string>& NodesIn(const std::string& file) const {
    return In(nodes_, file);
  }
  const std::vector<std::string>& MacrosIn(const std::string& file) const {
    return In(macros_, file);
  }
  bool IsDisabled(std::string_view name) const {
    std::string end = "." + std::string(name);
    const auto& disabled = project_.disabled_ids();
    return std::any_of(disabled.begin(), disabled.end(),
                       [&](const std::string& id) { return id.ends_with(end); });
  }
  // Whether a file lies where models do.
  bool IsModel(std::string_view file) const {
    return model_folders_.count(std::string(TopFolder(file))) > 0 &&
           (file.ends_with(".sql") || file.ends_with(".py"));
  }

 private:
  using Files = std::map<std::string, std::vector<std::string>, std::less<>>;
  static std::string Path(std::string path) {
    std::replace(path.begin(), path.end(), '\\', '/');
    return path;
  }
  static const std::vector<std::string>& In(const Files& files, const std::string& file) {
    static const std::vector<std::string> kNone;
    auto found = files.find(file);
    return found == files.end() ? kNone : found->second;
  }

  const dbt::Project& project_;
  Files nodes_, macros_;
  std::set<std::string, std::less<>> model_folders_;
};

// The text with line ends as Python's universal newlines make them, and as a checkout on Windows
// does.
std::string UnixLines(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    bool pair = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
    if (!pair) out += text[i] == '\r' ? '\n' : text[i];
  }
  return out;
}

std::string WindowsLines(std::string_view unix_lines) {
  std::string out;
  for (char c : unix_lines) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

// dbt's checksum of a seed: of the text as it is (to 1.4), stripped (to 1.11), with universal
// newlines and stripped (1.12), or with white space collapsed.
bool IsSeedOf(const dbt::Node& seed, std::string_view blob) {
  if (!EqualsIgnoreCase(seed.checksum_name, "sha256")) return true;  // nothing to compare with
  std::string unix_lines = UnixLines(blob), windows_lines = WindowsLines(unix_lines);
  for (std::string_view text :
       {blob, std::string_view(unix_lines), std::string_view(windows_lines)}) {
    for (std::string_view way : {StripAsPython(text), text}) {
      if (Sha256Hex(way) == seed.checksum) return true;
    }
  }
  return Sha256Hex(CollapseAsPython(blob)) == seed.checksum;
}

constexpr std::string_view kNoFile = "the manifest has this node, the commit has no such file";
constexpr std::string_view kOtherChecksum =
    "the manifest lacks the node's text, and its checksum is not that of the file in the commit";
constexpr std::string_view kLfsPointer =
    "the commit has a pointer of Git LFS here and not the content, so the manifest cannot be held "
    "against it";
constexpr std::string_view kOtherText = "the text in the manifest is not the text in the commit";

// What a tag begins with, without the marks that trim white space: "endsnapshot %}".
std::string_view InTag(std::string_view tag) {
  tag.remove_prefix(tag.starts_with("{%-") || tag.starts_with("{%+") ? 3 : 2);
  return Trim(tag);
}

// Whether a file, its white space collapsed, has a block {% snapshot name %} of just that text.
bool HasSnapshot(std::string_view file, std::string_view name, std::string_view text) {
  for (size_t at = file.find(text); at != std::string_view::npos; at = file.find(text, at + 1)) {
    std::string_view before = Trim(file.substr(0, at)), after = Trim(file.substr(at + text.size()));
    size_t tag = before.rfind("{%");
    if (tag == std::string_view::npos || !before.ends_with("%}") || !after.starts_with("{%") ||
        !InTag(after).starts_with("endsnapshot"))
      continue;
    std::string_view opened = InTag(before.substr(tag));
    if (!opened.starts_with("snapshot ")) continue;
    opened = Trim(opened.substr(9));
    if (opened.substr(0, opened.find_first_of(" -+%")) == name) return true;
  }
  return false;
}

// Why the node is not what the file says; empty when it is.
std::string_view Disagreement(const dbt::Node& node, const std::optional<std::string>& blob) {
  bool no_text = node.raw_code.empty() && node.resource_type != "seed";
  if (no_text && !EqualsIgnoreCase(node.checksum_name, "sha256")) return {};
  if (!blob) return kNoFile;
  std::string_view text = WithoutMark(*blob);
  if (no_text) {
    // A snapshot's checksum is that of its whole file, like the others'.
    return IsChecksumOf(node.checksum, *blob) || IsChecksumOf(node.checksum, text)
               ? std::string_view()
               : kOtherChecksum;
  }
  if (node.resource_type == "seed") {
    return IsSeedOf(node, *blob) || IsSeedOf(node, text) ? std::string_view() : kOtherText;
  }
  std::string in_manifest = CollapseAsPython(WithoutMark(node.raw_code));
  std::string in_git = CollapseAsPython(text);
  // One file may hold several snapshots; else the file is the node.
  bool same = in_manifest == in_git ||
              (node.resource_type == "snapshot" && HasSnapshot(in_git, node.name, in_manifest));
  return same ? std::string_view() : kOtherText;
}

// Names of the blocks of those kinds that a text defines, "test_" in front of tests as dbt names
// them. What stands in a Jinja comment defines nothing.
std::set<std::string> DefinedIn(std::string_view text,
                                std::initializer_list<std::string_view> kinds) {
  std::string code;
  for (size_t at = 0; at < text.size();) {
    size_t comment = text.find("{#", at);
    code += text.substr(at, comment - at);
    if (comment == std::string_view::npos) break;
    size_t end = text.find("#}", comment + 2);
    at = end == std::string_view::npos ? text.size() : end + 2;
  }
  std::set<std::string> names;
  for (size_t at = code.find("{%"); at != std::string::npos; at = code.find("{%", at + 2)) {
    std::string_view tag = std::string_view(code).substr(at + 2);
    if (tag.starts_with('-') || tag.starts_with('+')) tag.remove_prefix(1);
    tag = Trim(tag.substr(0, 400));
    for (std::string_view kind : kinds) {
      if (!tag.starts_with(kind) || tag.size() == kind.size() || tag[kind.size()] != ' ') continue;
      std::string_view name = Trim(tag.substr(kind.size()));
      name = name.substr(0, name.find_first_of("( \r\n\t%-"));
      names.insert((kind.ends_with("test") ? "test_" : "") + std::string(name));
    }
  }
  return names;
}

// Which dbt project a file belongs to: a folder with a dbt_project.yml of its own is a package, and
// its nodes are in the manifest under the package's name, or nowhere.
class Owners {
 public:
  using Owner = std::pair<std::string, std::string>;  // folder with '/', name
  Owners(const dbt::Project& project, const git::Repository& repository, const std::string& commit,
         const std::string& prefix)
      : project_(project), repository_(repository), commit_(commit), prefix_(prefix) {}

  // nullopt: of a project that this manifest knows nothing of.
  std::optional<Owner> Of(const std::string& path) {
    if (!path.starts_with(prefix_)) return LocalPackageOf(path);
    size_t end = path.rfind('/');
    for (; end != std::string::npos && end + 1 > prefix_.size(); end = path.rfind('/', end - 1)) {
      std::string folder = path.substr(0, end + 1);
      const std::string& name = NameOf(folder);
      if (name.empty()) {
        if (end == 0) break;
        continue;
      }
      if (!IsKnown(name)) return std::nullopt;
      return Owner(folder, name);
    }
    return Owner(prefix_, project_.metadata().project_name);
  }

 private:
  // A package's tests are a project in a folder of it, which installs what lies around:
  // `packages: [{local: ../}]`.
  std::optional<Owner> LocalPackageOf(const std::string& path) {
    const std::set<std::string>& folders = LocalPackages();
    for (size_t end = path.rfind('/');;
         end = end == 0 ? std::string::npos : path.rfind('/', end - 1)) {
      const std::string folder = end == std::string::npos ? "" : path.substr(0, end + 1);
      const std::string& name = NameOf(folder);
      if (!name.empty()) {
        return folders.count(folder) > 0 && IsKnown(name) ? std::optional(Owner(folder, name))
                                                          : std::nullopt;
      }
      if (end == std::string::npos) return std::nullopt;
    }
  }

  // Folders of packages that the project installs as they lie there.
  const std::set<std::string>& LocalPackages() {
    if (!local_) {
      std::vector<std::string> folders = LocalPackageFolders(repository_, commit_, prefix_);
      local_.emplace(folders.begin(), folders.end());
    }
    return *local_;
  }

  // The name that a folder's dbt_project.yml gives; empty: it has none.
  const std::string& NameOf(const std::string& folder) {
    auto [found, is_new] = names_.try_emplace(folder);
    if (!is_new) return found->second;
    found->second = PackageNameOf(repository_, commit_, folder);
    return found->second;
  }

  bool IsKnown(const std::string& package) const {
    std::string part = "." + package + ".";
    auto has = [&](const std::vector<std::string>& ids) {
      return std::any_of(ids.begin(), ids.end(), [&](const std::string& id) {
        size_t dot = id.find('.');
        return dot != std::string::npos && id.compare(dot, part.size(), part) == 0;
      });
    };
    return has(project_.ids()) || has(project_.macro_ids());
  }

  const dbt::Project& project_;
  const git::Repository& repository_;
  const std::string& commit_;
  const std::string& prefix_;
  std::map<std::string, std::string> names_;
  std::optional<std::set<std::string>> local_;  // with '/' at the end; "" is the repository
};

class Checker {
 public:
  Checker(const dbt::Project& project, const git::Repository& repository, const std::string& commit,
          std::string prefix, std::string package)
      : project_(project),
        repository_(repository),
        commit_(commit),
        prefix_(std::move(prefix)),
        package_(std::move(package)),
        index_(project, package_),
        reads_(TextOf("dbt_project.yml"), TextOf(".dbtignore")) {}

  Result<void> Check(const std::string& file) {
    bool is_text = file.ends_with(".sql") || file.ends_with(".py") || file.ends_with(".csv");
    bool is_yaml = file.ends_with(".yml") || file.ends_with(".yaml");
    if (!is_text && !is_yaml) return {};
    bool is_known = !index_.NodesIn(file).empty() || !index_.MacrosIn(file).empty();
    if (!is_known && reads_.PassesOver(file)) return {};
    auto read = repository_.ReadThroughLinks(commit_, prefix_ + file);
    if (!read && git::IsNoFile(read.error())) {
      Say(file, "", read.error().message);
      return {};
    }
    LAYERGATE_TRY(std::optional<std::string> blob, std::move(read));
    if (blob && blob->starts_with("version https://git-lfs.github.com/spec/")) {
      if (!index_.NodesIn(file).empty()) Say(file, "", kLfsPointer);
      return {};
    }
    if (is_yaml) {
      if (blob) Properties(file, *blob);
      return {};
    }
    Nodes(file, blob);
    if (file.ends_with(".sql")) Macros(file, blob);
    return {};
  }

  std::vector<StaleFile> Take() { return std::move(stale_); }

 private:
  std::string TextOf(const char* file) const {
    auto text = repository_.ReadBlob(commit_, prefix_ + file);
    return text && *text ? **text : std::string();
  }

  void Say(const std::string& file, const std::string& id, std::string_view why) {
    stale_.push_back({prefix_ + file, id, std::string(why)});
  }

  void Nodes(const std::string& file, const std::optional<std::string>& blob) {
    const std::vector<std::string>& ids = index_.NodesIn(file);
    if (blob && reads_.IsSnapshotFile(file)) {
      for (const std::string& name : DefinedIn(*blob, {"snapshot"})) {
        std::string id = fmt::format("snapshot.{}.{}", package_, name);
        if (project_.Contains(id) || index_.IsDisabled(name)) continue;
        Say(file, id, "the commit has this snapshot, the manifest does not");
      }
    }
    if (ids.empty() && blob && !index_.IsDisabled(Stem(file))) {
      std::string_view kind = index_.IsModel(file)          ? "model"
                              : reads_.IsSeed(file)         ? "seed"
                              : reads_.IsSingularTest(file) ? "test"
                                                            : "";
      if (!kind.empty()) {
        Say(file, "", fmt::format("the commit has this {}, the manifest does not", kind));
      }
    }
    for (const std::string& id : ids) {
      if (auto why = Disagreement(*project_.Find(id), blob); !why.empty()) Say(file, id, why);
    }
  }

  // Macros change what every model that calls them compiles to.
  void Macros(const std::string& file, const std::optional<std::string>& blob) {
    const std::vector<std::string>& ids = index_.MacrosIn(file);
    if (!blob) {
      for (const std::string& id : ids)
        Say(file, id, "the manifest has this macro, the commit has no such file");
      return;
    }
    std::string in_git = CollapseAsPython(WithoutMark(*blob));
    std::set<std::string> defined;
    if (reads_.IsMacroFile(file)) defined = DefinedIn(*blob, {"macro", "test", "data_test"});
    for (const std::string& id : ids) {
      const dbt::Macro* macro = project_.FindMacro(id);
      defined.erase(macro->name);
      if (in_git.find(CollapseAsPython(macro->macro_sql)) == std::string::npos) {
        Say(file, id, kOtherText);
      }
    }
    for (const std::string& name : defined) {
      // A macro may be there twice for one adapter and another; then the manifest has it elsewhere.
      std::string id = fmt::format("macro.{}.{}", package_, name);
      if (!project_.FindMacro(id)) {
        Say(file, id, "the commit has this macro, the manifest does not");
      }
    }
  }

  void Properties(const std::string& file, const std::string& blob) {
    for (PropertyDisagreement& one : ComparePropertiesFile(project_, package_, file, blob)) {
      Say(file, one.unique_id, one.why);
    }
  }

  const dbt::Project& project_;
  const git::Repository& repository_;
  const std::string& commit_;
  const std::string prefix_, package_;
  FileIndex index_;
  ReadFiles reads_;
  std::vector<StaleFile> stale_;
};

}  // namespace

Result<std::vector<StaleFile>> FindStaleFiles(const dbt::Project& project,
                                              const git::Repository& repository,
                                              const std::string& commit,
                                              const std::string& project_prefix,
                                              const std::vector<std::string>& paths,
                                              const std::vector<std::string>& node_ids) {
  Owners owners(project, repository, commit, project_prefix);
  // By the folder of the project or package that owns them, relative to it.
  std::map<Owners::Owner, std::set<std::string>> files_of;
  Owners::Owner root{project_prefix, project.metadata().project_name};
  for (const std::string& path : paths) {
    std::optional<Owners::Owner> owner = owners.Of(path);
    if (owner) files_of[*owner].insert(path.substr(owner->first.size()));
  }
  for (const std::string& id : node_ids) {
    const dbt::Node* node = project.Find(id);
    if (node && node->package_name == project.metadata().project_name &&
        HasText(node->resource_type) && !node->test_metadata) {
      files_of[root].insert(node->original_file_path);
    }
  }
  std::vector<StaleFile> stale;
  for (const auto& [owner, files] : files_of) {
    Checker checker(project, repository, commit, owner.first, owner.second);
    for (const std::string& file : files) {
      if (auto ok = checker.Check(file); !ok) return ok.error();
    }
    for (StaleFile& file : checker.Take()) stale.push_back(std::move(file));
  }
  return stale;
}

}  // namespace layergate::change

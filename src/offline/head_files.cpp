// Changed SQL, seeds, snapshots and macros, put into the manifest.
#include <algorithm>

#include <fmt/format.h>

#include "core/digest.h"
#include "core/text.h"
#include "offline/head_builder.h"
#include "offline/macro_file.h"
#include "offline/node_config.h"

namespace layergate::offline {
namespace {

std::string UnixLines(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    bool pair = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
    if (!pair) result += text[i];
  }
  return result;
}

// dbt keeps a file's text without outer white space, with the line ends that its checkout has:
// those of the commit, unless git turned them for the base's (`old` is the base manifest's text).
std::string AsDbtReads(const ChangedFile& file, std::string_view old) {
  std::string_view text = Trim(*file.head);
  bool turned_to_unix = file.base && file.base->find("\r\n") != std::string::npos && !old.empty() &&
                        old.find('\r') == std::string_view::npos;
  bool turned_to_windows = file.base && file.base->find('\r') == std::string::npos &&
                           old.find("\r\n") != std::string_view::npos;
  if (turned_to_unix) return UnixLines(text);
  if (!turned_to_windows) return std::string(text);
  std::string result;
  for (char c : UnixLines(text)) {
    if (c == '\n') result += '\r';
    result += c;
  }
  return result;
}

std::string StemOf(std::string_view path) {
  std::string_view name = path.substr(path.rfind('/') + 1);
  return std::string(name.substr(0, name.rfind('.')));
}

Value Checksum(const std::string& raw_code) {
  return Value::MakeObject({{"name", "sha256"}, {"checksum", Sha256Hex(raw_code)}});
}

}  // namespace

std::string HeadBuilder::IdOfSql(const ChangedFile& file) const {
  std::string_view resource = ResourceOf(file.kind);
  std::string stem = StemOf(file.path);
  const SchemaEntry* version = resource == "model" ? VersionIn(stem) : nullptr;
  return fmt::format("{}.{}.{}", resource, draft_.package, version ? version->name : stem);
}

void HeadBuilder::FindReappearing(const std::vector<ChangedFile>& files) {
  for (const ChangedFile& file : files) {
    if (!file.head || file.base) continue;
    bool has_blocks = file.kind == FileKind::kSnapshot || file.kind == FileKind::kMacro ||
                      file.kind == FileKind::kGenericTest;
    if (!has_blocks) {
      if (!ResourceOf(file.kind).empty()) reappearing_.insert(IdOfSql(file));
      continue;
    }
    for (const FileBlock& block : BlocksOf(*file.head)) {
      std::string_view type = block.kind == "snapshot" ? "snapshot" : "macro";
      reappearing_.insert(fmt::format("{}.{}.{}", type, draft_.package, block.name));
    }
  }
}

void HeadBuilder::RemoveFile(const ChangedFile& file) {
  if (file.kind == FileKind::kMacro || file.kind == FileKind::kGenericTest) return PutMacros(file);
  if (file.kind == FileKind::kPackages) return TellPackages(file);
  if (ResourceOf(file.kind).empty()) return;
  for (const std::string& id : nodes_of_[file.path]) {
    if (reappearing_.count(id) == 0) RemoveNode(id);
  }
}

void HeadBuilder::RemoveNode(const std::string& id) {
  draft_.RemoveNode(id);
  dirty_.erase(id);
  for (const std::string& child : draft_.base.Children(id)) {
    if (!IsThere(child)) dirty_.erase(child);
  }
}

void HeadBuilder::PutFile(const ChangedFile& file) {
  switch (file.kind) {
    case FileKind::kModel:
    case FileKind::kAnalysis:
    case FileKind::kSingularTest:
    case FileKind::kFunction:
      return PutSql(file);
    case FileKind::kSeed:
      return PutSeed(file);
    case FileKind::kFixture:
      return PutFixture(file);
    case FileKind::kSnapshot:
      return PutSnapshots(file);
    case FileKind::kMacro:
    case FileKind::kGenericTest:
      return PutMacros(file);
    case FileKind::kPackages:
      return TellPackages(file);
    default:
      return;
  }
}

void HeadBuilder::TellPackages(const ChangedFile& file) {
  packages_changed_ = true;
  draft_.CannotTell(file.path,
                    "packages changed; their models and macros cannot be told without dbt "
                    "(run `dbt deps` and `dbt parse`, and give --head-manifest)");
}

void HeadBuilder::PutSql(const ChangedFile& file) {
  const std::vector<std::string>& ids = nodes_of_[file.path];
  const dbt::Node* base_node = ids.size() == 1 ? draft_.base.Find(ids[0]) : nullptr;
  std::string raw_code = AsDbtReads(file, base_node ? base_node->raw_code : "");
  std::string_view resource = ResourceOf(file.kind);
  std::string stem = StemOf(file.path);
  const SchemaEntry* version = resource == "model" ? VersionIn(stem) : nullptr;
  std::string id = ids.size() == 1 ? ids[0]
                                   : fmt::format("{}.{}.{}", resource, draft_.package,
                                                 version ? version->name : stem);
  if (ids.size() > 1 || stem.find('.') != std::string::npos) {
    draft_.CannotTell(file.path,
                      "which model of which version this file is cannot be told "
                      "without dbt");
    return;
  }
  if (ids.empty() && draft_.base.Contains(id)) {
    moved_files_.insert(id);
    if (const dbt::Node* old = draft_.base.Find(id);
        old && old->original_file_path != file.path && OldFileStays(*old)) {
      draft_.CannotTell(
          file.path, fmt::format("{} and {} are both {}", file.path, old->original_file_path, id));
      return;
    }
  }
  std::string name = version ? std::string(version->value["name"].AsString()) : stem;
  PutNode(file, id, std::string(resource), name, std::move(raw_code), version);
}

bool HeadBuilder::OldFileStays(const dbt::Node& old) const {
  auto text =
      request_.repository.ReadBlob(request_.head_commit, request_.prefix + old.original_file_path);
  return !text || *text;
}

void HeadBuilder::PutNode(const ChangedFile& file, const std::string& id,
                          const std::string& resource, const std::string& name,
                          std::string raw_code, const SchemaEntry* version) {
  std::string home(ManifestSectionOf(resource));
  Value entry = draft_.edit.Get(home, id);
  // A file that moved was taken out a moment ago; the base has what it was.
  if (entry.is_null() && draft_.base.Contains(id))
    entry = dbt::ManifestEdit(draft_.base.text()).Get(home, id);
  bool is_new = entry.is_null();
  if (is_new) entry = NewNode(id, resource, name);
  bool is_old_form = entry.Find("raw_sql") && !entry.Find("raw_code");
  if (is_new || moved_files_.count(id) > 0) Place(file, entry, is_new);
  if (version && (is_new || moved_files_.count(id) > 0)) PutVersion(version->value, id, entry);
  entry.Set("checksum", Checksum(raw_code));
  entry.Set(is_old_form ? "raw_sql" : "raw_code", std::move(raw_code));
  for (std::string_view key : {"compiled_code", "compiled_sql", "compiled", "extra_ctes"})
    entry = Without(entry, key);
  if (file.path.size() > 3 && file.path.substr(file.path.size() - 3) == ".py")
    entry.Set("language", "python");
  draft_.edit.Set(home, id, std::move(entry));
  dirty_.insert(id);
  changed_text_.insert(id);
  if (is_new) added_.insert(id);
}

Value HeadBuilder::NewNode(const std::string& id, const std::string& resource,
                           const std::string& name) const {
  Value config = Value::MakeObject({{"enabled", true},
                                    {"alias", Value()},
                                    {"schema", Value()},
                                    {"database", Value()},
                                    {"tags", Value::MakeArray()},
                                    {"meta", Value::MakeObject()},
                                    {"group", Value()},
                                    {"materialized", resource == "model" ? "view" : resource},
                                    {"unique_key", Value()},
                                    {"pre-hook", Value::MakeArray()},
                                    {"post-hook", Value::MakeArray()},
                                    {"full_refresh", Value()}});
  return Value::MakeObject(
      {{"unique_id", id},
       {"resource_type", resource},
       {"package_name", draft_.package},
       {"name", name},
       {"alias", name},
       {"language", "sql"},
       {"description", ""},
       {"columns", Value::MakeObject()},
       {"meta", Value::MakeObject()},
       {"tags", Value::MakeArray()},
       {"database", ""},
       {"schema", ""},
       {"config", std::move(config)},
       {"unrendered_config", Value::MakeObject()},
       {"refs", Value::MakeArray()},
       {"sources", Value::MakeArray()},
       {"patch_path", Value()},
       {"contract",
        Value::MakeObject({{"enforced", false}, {"alias_types", true}, {"checksum", Value()}})},
       {"access", "protected"},
       {"depends_on",
        Value::MakeObject({{"macros", Value::MakeArray()}, {"nodes", Value::MakeArray()}})}});
}

// Path and fqn, and the configs that dbt_project.yml gives to that place.
void HeadBuilder::Place(const ChangedFile& file, Value& entry, bool is_new) {
  std::string_view key = file.kind == FileKind::kModel      ? "model-paths"
                         : file.kind == FileKind::kSnapshot ? "snapshot-paths"
                         : file.kind == FileKind::kSeed     ? "seed-paths"
                         : file.kind == FileKind::kAnalysis ? "analysis-paths"
                         : file.kind == FileKind::kFunction ? "function-paths"
                                                            : "test-paths";
  std::string folder = head_file_.FolderOf(key, file.path);
  std::string inside = file.path.substr(folder.empty() ? 0 : folder.size() + 1);
  if (file.kind == FileKind::kAnalysis) inside = "analysis/" + inside;  // as dbt names the place
  std::vector<std::string> fqn = {draft_.package};
  std::vector<std::string_view> parts = Split(inside, '/');
  for (size_t i = 0; i + 1 < parts.size(); ++i) fqn.emplace_back(parts[i]);
  fqn.emplace_back(entry["name"].AsString());
  std::vector<std::string> old_fqn;
  for (const Value& part : entry["fqn"].items()) old_fqn.emplace_back(part.AsString());
  entry.Set("path", inside).Set("original_file_path", file.path);
  entry.Set("fqn", Value::FromStrings(fqn));
  std::string id(entry["unique_id"].AsString());
  ConfigChange change = PutProjectConfigs(file.path, id, is_new ? nullptr : &old_fqn, fqn, entry);
  if (is_new || change.relation) draft_.moved.insert(id);
}

void HeadBuilder::PutSeed(const ChangedFile& file) {
  const std::vector<std::string>& ids = nodes_of_[file.path];
  std::string name = StemOf(file.path);
  std::string id = ids.empty() ? fmt::format("seed.{}.{}", draft_.package, name) : ids[0];
  Value entry = draft_.edit.Get("nodes", id);
  bool is_new = entry.is_null();
  if (is_new) entry = NewNode(id, "seed", name);
  if (ids.empty()) Place(file, entry, is_new);
  if (is_new) added_.insert(id);
  // Before 1.12 dbt hashed the file with the line ends that it has: as the base's shows.
  std::string old(entry["checksum"]["checksum"].AsString());
  bool as_it_is = file.base && Sha256Hex(std::string(Trim(*file.base))) == old &&
                  !draft_.base.metadata().dbt_version.starts_with("1.12");
  std::string text = as_it_is ? *file.head : UnixLines(*file.head);
  entry.Set("checksum", Checksum(std::string(Trim(text))));
  draft_.edit.Set("nodes", id, std::move(entry));
}

// Snapshots that YAML defines: `relation:` is all of their text.
void HeadBuilder::PutYamlSnapshots() {
  auto find = [](const std::vector<SchemaEntry>& entries, const std::string& name) {
    auto found = std::find_if(entries.begin(), entries.end(), [&](const SchemaEntry& entry) {
      return entry.kind == "snapshots" && entry.name == name && entry.value.Find("relation");
    });
    return found == entries.end() ? nullptr : &*found;
  };
  for (const SchemaEntry& entry : base_entries_) {
    if (!find({entry}, entry.name) || find(head_entries_, entry.name)) continue;
    RemoveNode(fmt::format("snapshot.{}.{}", draft_.package, entry.name));
  }
  for (const SchemaEntry& entry : head_entries_) {
    if (!find({entry}, entry.name)) continue;
    const SchemaEntry* old = find(base_entries_, entry.name);
    if (old && old->value["relation"] == entry.value["relation"]) continue;
    std::string relation(Trim(entry.value["relation"].AsString()));
    if (!relation.starts_with("ref(") && !relation.starts_with("source(")) {
      draft_.CannotTell(entry.path, fmt::format("what the snapshot {} reads cannot be told without "
                                                "dbt",
                                                entry.name));
      continue;
    }
    ChangedFile file{entry.path, FileKind::kSnapshot, {}, {}};
    PutNode(file, fmt::format("snapshot.{}.{}", draft_.package, entry.name), "snapshot", entry.name,
            "select * from {{ " + relation + " }}");
  }
}

// dbt's checksum of a unit test is over its rows, wherever they stand.
void HeadBuilder::PutFixture(const ChangedFile& file) {
  std::string name = WriteJson(Value(StemOf(file.path)));
  for (const std::string& id : draft_.base.ids()) {
    if (id.rfind("unit_test.", 0) != 0) continue;
    std::string text(draft_.base.RawField(id, "given"));
    text += draft_.base.RawField(id, "expect");
    if (text.find(name) == std::string::npos) continue;
    Value entry = draft_.edit.Get("unit_tests", id);
    if (entry.is_null()) continue;
    std::string old(entry["checksum"].AsString());
    draft_.edit.Set("unit_tests", id, entry.Set("checksum", Sha256Hex(old + *file.head)));
  }
}

void HeadBuilder::PutSnapshots(const ChangedFile& file) {
  std::vector<FileBlock> blocks = BlocksOf(*file.head);
  std::set<std::string> there;
  for (const FileBlock& block : blocks) {
    if (block.kind != "snapshot") continue;
    std::string id = fmt::format("snapshot.{}.{}", draft_.package, block.name);
    there.insert(id);
    const dbt::Node* old = draft_.base.Find(id);
    // dbt keeps the text between the tags as it stands; what is compiled begins with its lines.
    bool trimmed = old && Trim(old->raw_code) == old->raw_code;
    std::string text(trimmed ? Trim(block.inside) : std::string_view(block.inside));
    bool moved = old && old->original_file_path != file.path;
    if (moved) moved_files_.insert(id);
    if (old && !moved && WithoutSpaces(old->raw_code) == WithoutSpaces(text)) continue;
    PutNode(file, id, "snapshot", block.name, std::move(text));
  }
  for (const std::string& id : nodes_of_[file.path]) {
    if (there.count(id) == 0 && reappearing_.count(id) == 0) RemoveNode(id);
  }
}

void HeadBuilder::PutMacros(const ChangedFile& file) {
  std::map<std::string, std::string> before, after;
  for (const auto& [text, blocks] :
       {std::pair{&file.base, &before}, std::pair{&file.head, &after}}) {
    if (!*text) continue;
    for (const FileBlock& block : BlocksOf(**text)) {
      if (block.kind != "snapshot" && block.kind != "docs") (*blocks)[block.name] = block.text;
    }
  }
  for (const auto& [name, text] : before) {
    std::string id = fmt::format("macro.{}.{}", draft_.package, name);
    if (after.count(name) > 0 || reappearing_.count(id) > 0) continue;
    draft_.edit.Remove("macros", id);
    changed_macros_.insert(id);
    new_macro_names_.insert(name);
    TellNameMacro(file.path, name);
  }
  for (const auto& [name, text] : after) {
    auto old = before.find(name);
    if (old != before.end() && old->second == text) continue;
    std::string id = fmt::format("macro.{}.{}", draft_.package, name);
    Value entry = draft_.edit.Get("macros", id);
    bool is_new = entry.is_null();
    if (!is_new && entry["macro_sql"].AsString() == text) {  // it moved
      draft_.edit.Set("macros", id, entry.Set("original_file_path", file.path));
      continue;
    }
    if (is_new) {
      new_macro_names_.insert(name);
      entry =
          Value::MakeObject({{"unique_id", id},
                             {"resource_type", "macro"},
                             {"package_name", draft_.package},
                             {"name", name},
                             {"path", file.path},
                             {"original_file_path", file.path},
                             {"depends_on", Value::MakeObject({{"macros", Value::MakeArray()}})},
                             {"arguments", Value::MakeArray()},
                             {"description", ""},
                             {"meta", Value::MakeObject()}});
    }
    entry.Set("original_file_path", file.path);
    entry.Set("macro_sql", text);
    draft_.edit.Set("macros", id, std::move(entry));
    changed_macros_.insert(id);
    TellNameMacro(file.path, name);
  }
}

void HeadBuilder::TellNameMacro(const std::string& path, const std::string& name) {
  bool names = name.find("generate_schema_name") != std::string::npos ||
               name.find("generate_alias_name") != std::string::npos ||
               name.find("generate_database_name") != std::string::npos;
  if (names)
    draft_.CannotTell(path, fmt::format("macro {} changed: where every model lies may have "
                                        "changed, which cannot be told without dbt",
                                        name));
  if (name.rfind("materialization_", 0) == 0)
    draft_.CannotTell(path, fmt::format("{} changed: how models are built cannot be told without "
                                        "running them",
                                        name));
}

}  // namespace layergate::offline

// Changed YAML and dbt_project.yml, and which nodes must be rendered anew because of what changed
// elsewhere.
#include <algorithm>

#include <fmt/format.h>

#include "core/yaml.h"
#include "offline/head_builder.h"
#include "offline/node_config.h"
#include "offline/schema_patch.h"

namespace layergate::offline {

void HeadBuilder::ReadSchemas(const std::vector<ChangedFile>& files) {
  for (const ChangedFile& file : files) {
    if (file.kind != FileKind::kSchemaYaml) continue;
    for (const auto& [text, entries] :
         {std::pair{&file.base, &base_entries_}, std::pair{&file.head, &head_entries_}}) {
      if (!*text) continue;
      Result<YamlNode> yaml = ReadYaml(**text, request_.prefix + file.path);
      if (!yaml) {
        draft_.CannotTell(file.path, yaml.error().message);
        unreadable_yaml_ = true;
        return;
      }
      ReadSchemaEntries(ToValue(*yaml), file.path, *entries);
    }
  }
}

void HeadBuilder::PatchAllSchemas() {
  if (unreadable_yaml_) return;  // told; half of the entries would look removed
  PatchVersionedFiles();
  PutYamlSnapshots();
  PatchSchemas(draft_, head_file_, base_entries_, head_entries_);
}

void HeadBuilder::PatchProjectFile() {
  std::set<std::string> keys;
  for (const ProjectFile* file : {&base_file_, &head_file_}) {
    for (const auto& [key, value] : file->root.members()) keys.insert(key);
  }
  if (!(base_file_.vars == head_file_.vars)) FindChangedVars(base_file_.vars, head_file_.vars);
  std::set<std::string> sections;
  for (const std::string& key : keys) {
    const Value& before = base_file_.root[key];
    const Value& after = head_file_.root[key];
    constexpr std::string_view kTrees[] = {
        "models",     "seeds",     "snapshots", "tests",           "data_tests",
        "sources",    "exposures", "metrics",   "semantic-models", "saved-queries",
        "unit_tests", "functions", "analyses"};
    bool is_tree = std::find(std::begin(kTrees), std::end(kTrees), key) != std::end(kTrees);
    // Templates of a tree may see the vars of vars.yml.
    if (is_tree) sections.insert(key == "data_tests" ? "tests" : key);
    if (is_tree || before == after) continue;
    constexpr std::string_view kNothing[] = {
        "version",     "config-version", "clean-targets",  "require-dbt-version",
        "vars",        "query-comment",  "log-path",       "target-path",
        "model-paths", "source-paths",   "seed-paths",     "data-paths",
        "test-paths",  "macro-paths",    "analysis-paths", "snapshot-paths",
        "docs-paths",  "function-paths", "asset-paths"};  // folders: AddFilesOfMovedFolders
    if (std::find(std::begin(kNothing), std::end(kNothing), key) != std::end(kNothing)) continue;
    if (key == "on-run-start" || key == "on-run-end") {
      PatchRunHooks(key);
    } else if (key == "dispatch") {
      changed_dispatch_ = true;
    } else {
      draft_.CannotTell("dbt_project.yml", fmt::format("`{}` changed; what that does to the "
                                                       "project cannot be told without dbt",
                                                       key));
    }
  }
  bool same_vars = base_file_.vars == head_file_.vars;
  for (const std::string& section : sections) {
    bool same =
        same_vars && base_file_.root[section] == head_file_.root[section] &&
        (section != "tests" || base_file_.root["data_tests"] == head_file_.root["data_tests"]);
    if (!same) PatchTree(section);
  }
}

void HeadBuilder::FindChangedVars(const Value& before, const Value& after) {
  for (const Value* side : {&before, &after}) {
    for (const auto& [name, value] : side->members()) {
      if (before[name] == after[name]) continue;
      changed_vars_.insert(name);
      for (const Value* inner : {&before[name], &after[name]}) {  // a package's section
        for (const auto& [own, ignored] : inner->members()) changed_vars_.insert(own);
      }
    }
  }
}

bool HeadBuilder::Mentions(std::string_view text, const std::set<std::string>& names) const {
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return text.find(name) != std::string_view::npos;
  });
}

// "is_set" of "default__is_set" and "duckdb__is_set": what adapter.dispatch() looks for.
std::string HeadBuilder::DispatchedName(const std::string& name) const {
  size_t mark = name.find("__");
  if (mark == std::string::npos) return {};
  std::string prefix = name.substr(0, mark);
  const std::string& adapter = draft_.base.metadata().adapter_type;
  bool fits = prefix == "default" || prefix == adapter ||
              (adapter == "redshift" && prefix == "postgres") ||
              (adapter == "databricks" && prefix == "spark") ||
              (adapter == "fabric" && prefix == "sqlserver");
  return fits ? name.substr(mark + 2) : std::string();
}

// Macros in whose place one that is new, or was removed, stands: of the same name in another
// package, and those that dispatch to it.
std::set<std::string> HeadBuilder::MacrosInPlaceOf() const {
  std::set<std::string> found;
  if (new_macro_names_.empty()) return found;
  for (const std::string& id : draft_.base.macro_ids()) {
    std::string name = id.substr(id.rfind('.') + 1);
    bool replaced = std::any_of(
        new_macro_names_.begin(), new_macro_names_.end(),
        [&](const std::string& fresh) { return fresh == name || DispatchedName(fresh) == name; });
    if (replaced) found.insert(id);
  }
  return found;
}

// A macro that dispatches depends on what it finds.
void HeadBuilder::PutDispatched(const std::set<std::string>& replaced) {
  for (const std::string& id : replaced) {
    std::string name = id.substr(id.rfind('.') + 1);
    for (const std::string& fresh : new_macro_names_) {
      std::string own = fmt::format("macro.{}.{}", draft_.package, fresh);
      if (DispatchedName(fresh) != name || draft_.edit.Get("macros", own).is_null()) continue;
      Value entry = draft_.edit.Get("macros", id);
      if (entry.is_null()) continue;
      std::vector<std::string> macros = {own};
      for (const Value& item : entry["depends_on"]["macros"].items()) {
        std::string other(item.AsString());
        bool same = other.substr(other.rfind('.') + 1) == fresh;
        if (!same) macros.push_back(std::move(other));
      }
      Value depends = entry["depends_on"];
      entry.Set("depends_on", depends.Set("macros", Value::FromStrings(macros)));
      draft_.edit.Set("macros", id, std::move(entry));
    }
  }
}

// Generic tests are not rendered; what they call is changed by its name.
void HeadBuilder::PutTestMacros() {
  std::set<std::string> replaced = MacrosInPlaceOf();
  if (replaced.empty()) return;
  PutDispatched(replaced);
  std::set<std::string> tests = draft_.new_tests;
  for (const std::string& id : draft_.base.ids()) {
    const dbt::Node* node = id.starts_with("test.") ? draft_.base.Find(id) : nullptr;
    if (node && node->test_metadata) tests.insert(id);
  }
  for (const std::string& id : tests) {
    Value entry = draft_.edit.Get("nodes", id);
    if (entry.is_null()) continue;
    std::vector<std::string> macros, old;
    for (const Value& item : entry["depends_on"]["macros"].items()) {
      std::string macro(item.AsString());
      old.push_back(macro);
      std::string name = macro.substr(macro.rfind('.') + 1);
      std::string own = fmt::format("macro.{}.{}", draft_.package, name);
      bool takes = replaced.count(macro) > 0 && !draft_.edit.Get("macros", own).is_null();
      macros.push_back(takes ? own : macro);
    }
    if (macros == old) continue;
    Value depends = entry["depends_on"];
    depends.Set("macros", Value::FromStrings(macros));
    draft_.edit.Set("nodes", id, entry.Set("depends_on", std::move(depends)));
  }
}

// Macros that a change of a macro, or of a var, reaches.
std::set<std::string> HeadBuilder::ReachedMacros() const {
  std::set<std::string> reached = changed_macros_;
  reached.merge(MacrosInPlaceOf());
  std::vector<std::string> ids = draft_.base.macro_ids();
  for (const std::string& id : ids) {
    std::string_view text = draft_.base.RawField(id, "macro_sql");
    bool hit = !changed_vars_.empty() && Mentions(text, changed_vars_);
    hit = hit || (changed_dispatch_ && text.find("dispatch") != std::string_view::npos);
    if (hit) reached.insert(id);
  }
  for (bool grown = !reached.empty(); grown;) {
    grown = false;
    for (const std::string& id : ids) {
      if (reached.count(id) > 0) continue;
      const dbt::Macro* macro = draft_.base.FindMacro(id);
      bool hit =
          macro && std::any_of(macro->depends_on_macros.begin(), macro->depends_on_macros.end(),
                               [&](const std::string& m) { return reached.count(m) > 0; });
      if (hit) grown = reached.insert(id).second || grown;
    }
  }
  return reached;
}

bool HeadBuilder::IsRenderable(const std::string& id) const {
  return id.rfind("model.", 0) == 0 || id.rfind("snapshot.", 0) == 0 ||
         id.rfind("analysis.", 0) == 0 || id.rfind("test.", 0) == 0 ||
         id.rfind("operation.", 0) == 0 || id.rfind("function.", 0) == 0;
}

bool HeadBuilder::IsThere(const std::string& id) {
  return !draft_.edit.Get(std::string(ManifestSectionOf(id.substr(0, id.find('.')))), id).is_null();
}

// The YAML may have given the tested node its group after its test.
void HeadBuilder::PutGroupsOfNewTests() {
  for (const std::string& id : draft_.new_tests) {
    Value entry = draft_.edit.Get("nodes", id);
    if (entry.is_null()) continue;
    std::string tested(entry["attached_node"].AsString());
    Value group = draft_.edit.Get(
        std::string(ManifestSectionOf(tested.substr(0, tested.find('.')))), tested)["group"];
    Value config = entry["config"];
    entry.Set("group", group).Set("config", config.Set("group", group));
    draft_.edit.Set("nodes", id, std::move(entry));
  }
}

void HeadBuilder::FindReach() {
  PutTestMacros();
  PutGroupsOfNewTests();
  constexpr std::string_view kContext[] = {"ref",       "source",   "config",         "var",
                                           "env_var",   "this",     "is_incremental", "log",
                                           "run_query", "statement"};
  for (std::string_view name : kContext) {
    if (new_macro_names_.count(std::string(name)) > 0)
      draft_.CannotTell("dbt_project.yml",
                        fmt::format("a macro takes the place of dbt's own {}(); what that does to "
                                    "every model cannot be told without dbt",
                                    name));
  }
  std::set<std::string> macros = ReachedMacros();
  if (!macros.empty() || !changed_vars_.empty() || changed_dispatch_) {
    for (const std::string& id : draft_.base.ids()) {
      if (!IsRenderable(id)) continue;
      const dbt::Node* node = draft_.base.Find(id);
      if (!node || node->test_metadata) continue;
      bool hit = std::any_of(node->depends_on_macros.begin(), node->depends_on_macros.end(),
                             [&](const std::string& m) { return macros.count(m) > 0; });
      hit = hit || (!changed_vars_.empty() && Mentions(node->raw_code, changed_vars_));
      hit = hit || (changed_dispatch_ && node->raw_code.find("dispatch") != std::string::npos);
      if (hit && IsThere(id)) dirty_.insert(id);
    }
  }
}

// Readers of what moved, and readers of ephemeral models whose text changed: their SQL holds it.
void HeadBuilder::SpreadToReaders() {
  std::vector<std::string> queue(draft_.moved.begin(), draft_.moved.end());
  queue.insert(queue.end(), reshaped_.begin(), reshaped_.end());
  for (const std::string& id : dirty_) {
    const dbt::Node* node = draft_.base.Find(id);
    if (node && node->materialized == "ephemeral") queue.push_back(id);
  }
  for (const std::string& id : draft_.reread) {
    for (const std::string& child : draft_.base.Children(id)) rereads_.insert(child);
  }
  queue.insert(queue.end(), draft_.reread.begin(), draft_.reread.end());
  std::set<std::string> seen(queue.begin(), queue.end());
  for (size_t i = 0; i < queue.size(); ++i) {
    for (const std::string& child : draft_.base.Children(queue[i])) {
      const dbt::Node* node = draft_.base.Find(child);
      if (!node || !IsRenderable(child) || node->test_metadata) continue;
      if (IsThere(child)) dirty_.insert(child);
      if (node->materialized == "ephemeral" && seen.insert(child).second) queue.push_back(child);
    }
  }
  for (const std::string& id : draft_.moved) {
    if (IsRenderable(id) && IsThere(id)) dirty_.insert(id);
  }
}

}  // namespace layergate::offline

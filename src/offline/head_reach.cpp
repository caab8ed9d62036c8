// Changed YAML and dbt_project.yml, and which nodes must be rendered anew because of what changed
// elsewhere.
#include <algorithm>

#include <fmt/format.h>

#include "core/yaml.h"
#include "offline/head_builder.h"
#include "offline/node_config.h"
#include "offline/schema_patch.h"

namespace layergate::offline {

void HeadBuilder::PatchAllSchemas(const std::vector<ChangedFile>& files) {
  std::vector<SchemaEntry> base, head;
  for (const ChangedFile& file : files) {
    if (file.kind != FileKind::kSchemaYaml) continue;
    for (const auto& [text, entries] :
         {std::pair{&file.base, &base}, std::pair{&file.head, &head}}) {
      if (!*text) continue;
      Result<YamlNode> yaml = ReadYaml(**text, request_.prefix + file.path);
      if (!yaml) {
        draft_.CannotTell(file.path, yaml.error().message);
        return;
      }
      ReadSchemaEntries(ToValue(*yaml), file.path, *entries);
    }
  }
  PatchSchemas(draft_, head_file_, base, head);
}

void HeadBuilder::PatchProjectFile() {
  std::set<std::string> keys;
  for (const ProjectFile* file : {&base_file_, &head_file_}) {
    for (const auto& [key, value] : file->root.members()) keys.insert(key);
  }
  for (const std::string& key : keys) {
    const Value& before = base_file_.root[key];
    const Value& after = head_file_.root[key];
    if (before == after) continue;
    constexpr std::string_view kNothing[] = {"version", "config-version", "clean-targets",
                                             "require-dbt-version"};
    if (std::find(std::begin(kNothing), std::end(kNothing), key) != std::end(kNothing)) continue;
    if (key == "vars") {
      FindChangedVars(before, after);
    } else if (key == "models" || key == "seeds" || key == "snapshots") {
      PatchTree(key);
    } else {
      draft_.CannotTell("dbt_project.yml", fmt::format("`{}` changed; what that does to the "
                                                       "project cannot be told without dbt",
                                                       key));
    }
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

// The configs that the file gives to each node, before and after.
void HeadBuilder::PatchTree(const std::string& section) {
  for (const std::string& id : draft_.base.ids()) {
    std::string_view resource = std::string_view(id).substr(0, id.find('.'));
    if (SectionOf(resource) != section) continue;
    const dbt::Node* node = draft_.base.Find(id);
    if (!node) continue;
    Value before = base_file_.ConfigsOf(section, node->fqn);
    Value after = head_file_.ConfigsOf(section, node->fqn);
    if (before == after) continue;
    TellTemplates("dbt_project.yml", id, before, after);
    Value entry = draft_.edit.Get("nodes", id);
    if (entry.is_null()) continue;
    auto [old, now] = SpokenConfigs(entry, before, after);
    ConfigChange change = ApplyConfig(entry, old, now, Value());
    if (change.relation) draft_.moved.insert(id);
    draft_.edit.Set("nodes", id, std::move(entry));
    if (std::find(change.changed.begin(), change.changed.end(), "materialized") !=
        change.changed.end())
      reshaped_.insert(id);
  }
}

bool HeadBuilder::Mentions(std::string_view text, const std::set<std::string>& names) const {
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return text.find(name) != std::string_view::npos;
  });
}

// Macros that a change of a macro, or of a var, reaches.
std::set<std::string> HeadBuilder::ReachedMacros() const {
  std::set<std::string> reached = changed_macros_;
  std::vector<std::string> ids = draft_.base.macro_ids();
  for (const std::string& id : ids) {
    if (!changed_vars_.empty() && Mentions(draft_.base.RawField(id, "macro_sql"), changed_vars_))
      reached.insert(id);
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
         id.rfind("analysis.", 0) == 0 || id.rfind("test.", 0) == 0;
}

void HeadBuilder::FindReach() {
  std::set<std::string> macros = ReachedMacros();
  if (!macros.empty() || !changed_vars_.empty()) {
    for (const std::string& id : draft_.base.ids()) {
      if (!IsRenderable(id)) continue;
      const dbt::Node* node = draft_.base.Find(id);
      if (!node || node->test_metadata) continue;
      bool hit = std::any_of(node->depends_on_macros.begin(), node->depends_on_macros.end(),
                             [&](const std::string& m) { return macros.count(m) > 0; });
      hit = hit || (!changed_vars_.empty() && Mentions(node->raw_code, changed_vars_));
      if (hit && !draft_.edit.Get("nodes", id).is_null()) dirty_.insert(id);
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
  std::set<std::string> seen(queue.begin(), queue.end());
  for (size_t i = 0; i < queue.size(); ++i) {
    for (const std::string& child : draft_.base.Children(queue[i])) {
      const dbt::Node* node = draft_.base.Find(child);
      if (!node || !IsRenderable(child) || node->test_metadata) continue;
      if (!draft_.edit.Get("nodes", child).is_null()) dirty_.insert(child);
      if (node->materialized == "ephemeral" && seen.insert(child).second) queue.push_back(child);
    }
  }
  for (const std::string& id : draft_.moved) {
    if (IsRenderable(id) && !draft_.edit.Get("nodes", id).is_null()) dirty_.insert(id);
  }
}

}  // namespace layergate::offline

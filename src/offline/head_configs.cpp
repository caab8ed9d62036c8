// What dbt_project.yml gives to nodes by their place, before and after: configs by folder,
// templates among them, hooks of the whole run, and the switches that turn nodes on and off.
#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"
#include "core/yaml.h"
#include "offline/head_builder.h"
#include "offline/node_config.h"

namespace layergate::offline {
namespace {

bool IsTemplate(const Value& value) { return WriteJson(value).find("{{") != std::string::npos; }

// dbt keeps the type of what a template gives when it is nothing but one expression.
std::optional<Value> SettingFrom(std::string_view rendered) {
  std::string_view text = Trim(rendered);
  if (text == "True") return Value(true);
  if (text == "False") return Value(false);
  bool may_be_other =
      text.empty() || text == "None" ||
      std::string_view("[{(0123456789-.'\"").find(text[0]) != std::string_view::npos;
  if (may_be_other) return std::nullopt;
  return Value(std::string(text));
}

// The vars that templates of dbt_project.yml see: not those of the file itself.
Value VarsApart(const ProjectFile& file) {
  return file.root["vars"].is_null() ? file.vars : Value();
}

}  // namespace

const dbt::Node* HeadBuilder::AnyModel() const {
  for (const std::string& id : draft_.base.ids()) {
    if (id.rfind("model." + draft_.package + ".", 0) != 0) continue;
    if (const dbt::Node* model = draft_.base.Find(id)) return model;
  }
  return nullptr;
}

// A template of schema YAML sees the project's vars and the target.
std::optional<std::string> HeadBuilder::RenderYaml(const std::string& text) const {
  const dbt::Node* model = AnyModel();
  if (!model) return std::nullopt;
  RenderSettings settings = head_settings_;
  settings.evidence = nullptr;  // it may tell a target that no model asks for, and YAML does
  Rendered rendered = Renderer(draft_.base, nullptr, settings).RenderText(*model, text);
  if (!rendered.ok) return std::nullopt;
  return std::string(Trim(rendered.sql));
}

// A template of dbt_project.yml sees no vars of that file: only those of the command line, and of
// vars.yml.
std::optional<Value> HeadBuilder::RenderSetting(const ProjectFile& file,
                                                const RenderSettings& settings,
                                                const Value& text) const {
  if (!text.is_string()) return std::nullopt;
  const dbt::Node* model = AnyModel();
  if (!model) return std::nullopt;
  RenderSettings plain = settings;
  plain.vars = VarsApart(file);
  plain.evidence = nullptr;
  plain.vars_known = true;
  plain.package_vars.clear();
  Rendered rendered = Renderer(draft_.base, nullptr, std::move(plain))
                          .RenderText(*model, std::string(text.AsString()));
  if (!rendered.ok) return std::nullopt;
  return SettingFrom(rendered.sql);
}

// Puts values in the place of templates. What dbt made of the base's template must be what this
// program makes of it, else the head's is not trusted either.
void HeadBuilder::RenderTemplates(const std::string& path, const std::string& id,
                                  const Value& entry, Value& before, Value& after) {
  bool same_vars = VarsApart(base_file_) == VarsApart(head_file_);
  std::vector<std::string> keys;
  for (const Value* side : {&before, &after}) {
    for (const auto& [key, value] : side->members()) {
      if (IsTemplate(value) && std::find(keys.begin(), keys.end(), key) == keys.end())
        keys.push_back(key);
    }
  }
  for (const std::string& key : keys) {
    bool sees_vars = WriteJson(after[key]).find("var") != std::string::npos;
    if (before[key] == after[key] && (same_vars || !sees_vars)) continue;
    const Value now = entry["config"][key];
    bool trusted = true;
    if (IsTemplate(before[key])) {
      auto was = RenderSetting(base_file_, base_settings_, before[key]);
      trusted = was && *was == now;
      before.Set(key, now);
    }
    if (!IsTemplate(after[key])) continue;
    auto is = RenderSetting(head_file_, head_settings_, after[key]);
    if (is && trusted) {
      after.Set(key, *std::move(is));
      continue;
    }
    after.Set(key, now);
    draft_.CannotTell(path, fmt::format("config `{}` of {} is a template in dbt_project.yml; its "
                                        "value cannot be told without dbt",
                                        key, id));
  }
}

ConfigChange HeadBuilder::PutProjectConfigs(const std::string& path, const std::string& id,
                                            const std::vector<std::string>* old_fqn,
                                            const std::vector<std::string>& fqn, Value& entry) {
  std::string_view resource = std::string_view(id).substr(0, id.find('.'));
  std::string section(SectionOf(resource));
  // dbt keeps as unrendered config of a function what `models:` says.
  std::string written = resource == "function" ? "models" : section;
  Value none = Value::MakeObject();
  Value before = old_fqn ? base_file_.ConfigsOf(section, *old_fqn) : none;
  Value old_last = old_fqn ? base_file_.LastConfigsOf(written, *old_fqn) : none;
  Value after = head_file_.ConfigsOf(section, fqn);
  Value new_last = head_file_.LastConfigsOf(written, fqn);
  RenderTemplates(path, id, entry, before, after);
  Value unrendered = entry["unrendered_config"];
  bool of_package = entry["package_name"].AsString() != draft_.package;
  Value nearer = of_package || !old_fqn ? none : NearerConfigs(entry);
  auto [spoken, speaks] = SpokenConfigs(entry, old_last, before, after, nearer, of_package);
  ConfigChange change = ApplyConfig(entry, spoken, speaks, {});
  PutUnrendered(entry, std::move(unrendered), old_last, new_last, nearer, of_package);
  return change;
}

// What YAML and config() of the base commit say of a node, config() last.
Value HeadBuilder::NearerConfigs(const Value& entry) {
  std::string id(entry["unique_id"].AsString());
  std::string path(entry["original_file_path"].AsString());
  bool is_yaml = path.ends_with(".yml") || path.ends_with(".yaml");
  std::string_view yaml = entry["patch_path"].AsString();
  size_t mark = yaml.find("://");
  if (mark != std::string_view::npos) yaml.remove_prefix(mark + 3);
  Value said = Value::MakeObject();
  const dbt::Node* node = draft_.base.Find(id);
  if (node && node->test_metadata) {
    // The configs of a generic test stand in the text that dbt makes for it.
    size_t call = node->raw_code.find("config(");
    std::string_view rest;
    if (call != std::string::npos) rest = std::string_view(node->raw_code).substr(call);
    for (const auto& [key, value] : entry["config"].members()) {
      if (rest.find(key + "=") != std::string_view::npos) said.Set(key, value);
    }
    return said;
  }
  for (const SchemaEntry& one : EntriesOf(is_yaml ? path : std::string(yaml))) {
    if (IdOf(one, draft_.package) != id) continue;
    Value configs = ConfigsIn(one.value);
    for (const auto& [key, value] : configs.members()) MergeConfig(said, key, value);
  }
  bool has_call = node && !is_yaml && node->raw_code.find("config(") != std::string::npos;
  if (has_call) {
    Renderer base(draft_.base, request_.base_catalog, base_settings_);
    Value own = Named(base.Render(*node).config);
    for (const auto& [key, value] : own.members()) MergeConfig(said, key, value);
  }
  return said;
}

const std::vector<SchemaEntry>& HeadBuilder::EntriesOf(const std::string& path) {
  auto [found, is_new] = base_yaml_.try_emplace(path);
  if (!is_new || path.empty()) return found->second;
  auto text = ReadAt(base_side_, path);
  if (!text || !*text) return found->second;
  Result<YamlNode> yaml = ReadYaml(**text, path);
  if (yaml) ReadSchemaEntries(ToValue(*yaml), path, found->second);
  return found->second;
}

// The configs that the file gives to each node, before and after.
void HeadBuilder::PatchTree(const std::string& section) {
  std::vector<std::string> ids = draft_.base.ids();
  const auto& disabled = draft_.base.disabled_ids();
  ids.insert(ids.end(), disabled.begin(), disabled.end());
  for (const std::string& id : ids) {
    std::string resource = id.substr(0, id.find('.'));
    bool is_here =
        SectionOf(resource) == section || (resource == "function" && section == "models");
    if (!is_here) continue;
    bool is_off = std::binary_search(disabled.begin(), disabled.end(), id);
    std::string home(is_off ? "disabled" : ManifestSectionOf(resource));
    Value entry = draft_.edit.Get(home, id);
    if (is_off) entry = entry.items().size() == 1 ? entry.items()[0] : Value();
    if (entry.is_null() || (is_off && draft_.base.Contains(id))) continue;
    std::vector<std::string> fqn;
    for (const Value& part : entry["fqn"].items()) fqn.emplace_back(part.AsString());
    bool same = base_file_.ConfigsOf(section, fqn) == head_file_.ConfigsOf(section, fqn);
    bool same_templates = VarsApart(base_file_) == VarsApart(head_file_) ||
                          !IsTemplate(head_file_.ConfigsOf(section, fqn));
    if (same && same_templates) continue;
    Value unrendered = entry["unrendered_config"];
    ConfigChange change = PutProjectConfigs("dbt_project.yml", id, &fqn, fqn, entry);
    if (change.changed.empty() && entry["unrendered_config"] == unrendered) continue;
    if (is_off && !change.enabled) continue;
    if (is_off) {
      SwitchOn(id, std::move(entry));
      continue;
    }
    if (!change.enabled) {
      SwitchOff(id, std::move(entry));
      continue;
    }
    if (change.relation) draft_.moved.insert(id);
    draft_.edit.Set(home, id, std::move(entry));
    if (std::find(change.changed.begin(), change.changed.end(), "materialized") !=
        change.changed.end())
      reshaped_.insert(id);
  }
}

// A node that is disabled takes with it the tests that need it.
void HeadBuilder::SwitchOff(const std::string& id, Value entry) {
  draft_.SwitchOff(id, std::move(entry));
  dirty_.erase(id);
  for (const std::string& child : draft_.base.Children(id)) {
    if (!IsThere(child)) dirty_.erase(child);
  }
}

// One that is enabled brings back tests, and what they say nobody knows: dbt keeps disabled tests
// by names of their own.
void HeadBuilder::SwitchOn(const std::string& id, Value entry) {
  std::string resource = id.substr(0, id.find('.'));
  std::string path(entry["original_file_path"].AsString());
  if (entry["package_name"].AsString() != draft_.package || !IsRenderable(id)) {
    draft_.CannotTell(
        "dbt_project.yml",
        fmt::format("{} is switched on; what it holds cannot be told without dbt", id));
    return;
  }
  draft_.edit.Remove("disabled", id);
  draft_.edit.Set(std::string(ManifestSectionOf(resource)), id, std::move(entry));
  if (resource == "model" || resource == "snapshot") draft_.moved.insert(id);
  dirty_.insert(id);
  std::string name = id.substr(id.rfind('.') + 1);
  for (const std::string& other : draft_.base.disabled_ids()) {
    bool of_it = other.rfind("test.", 0) == 0 && other.find("_" + name + "_") != std::string::npos;
    if (!of_it) continue;
    draft_.CannotTell(path, fmt::format("{} is switched on, and its tests with it; which ones "
                                        "cannot be told without dbt",
                                        id));
    return;
  }
}

// on-run-start and on-run-end: an operation each.
void HeadBuilder::PatchRunHooks(const std::string& key) {
  auto texts = [](const Value& given) {
    std::vector<std::string> list;
    if (given.is_string()) list.emplace_back(given.AsString());
    for (const Value& item : given.items()) list.emplace_back(item.AsString());
    return list;
  };
  std::vector<std::string> before = texts(base_file_.root[key]),
                           after = texts(head_file_.root[key]);
  for (size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
    std::string name = fmt::format("{}-{}-{}", draft_.package, key, i);
    std::string id = fmt::format("operation.{}.{}", draft_.package, name);
    if (i >= after.size()) {
      draft_.edit.Remove("nodes", id);
      continue;
    }
    if (i < before.size() && before[i] == after[i]) continue;
    Value entry = draft_.edit.Get("nodes", id);
    if (entry.is_null()) entry = NewNode(id, "operation", name);
    entry.Set("original_file_path", "./dbt_project.yml").Set("path", "hooks/" + name + ".sql");
    entry.Set("fqn", Value::FromStrings({draft_.package, "hooks", name}));
    entry.Set("tags", Value::FromStrings({key})).Set("index", static_cast<long long>(i));
    entry.Set("raw_code", std::string(Trim(after[i])));
    for (std::string_view gone : {"compiled_code", "compiled"}) entry = Without(entry, gone);
    draft_.edit.Set("nodes", id, std::move(entry));
    dirty_.insert(id);
    changed_text_.insert(id);
  }
}

}  // namespace layergate::offline

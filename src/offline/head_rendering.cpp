// Configs, names and SQL of the nodes that changed, by rendering their text.
#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"
#include "jinja/compiled_evidence.h"
#include "jinja/unknown.h"
#include "offline/head_builder.h"
#include "offline/metric_inputs.h"
#include "offline/node_config.h"
#include "offline/schema_patch.h"

namespace layergate::offline {

Result<std::unique_ptr<dbt::Project>> HeadBuilder::Parse() const {
  return dbt::Project::Parse(
      draft_.edit.is_changed() ? draft_.edit.Write() : std::string(draft_.base.text()),
      fmt::format("{} with the files of {}", draft_.base.metadata().path,
                  request_.head_commit.substr(0, 12)));
}

// Columns that a macro asks for are those of production as dbt compiled it; a parent that changed
// has none.
void HeadBuilder::KnowColumns() {
  base_columns_.emplace(draft_.base, request_.base_catalog);
  base_settings_.columns = base_columns_->ForSettings();
}

Result<HeadProject> HeadBuilder::Finish() {
  LAYERGATE_TRY(std::unique_ptr<dbt::Project> draft, Parse());
  ReadInFileConfigs(*draft);
  LAYERGATE_TRY(draft, Parse());
  FindNames(*draft);
  SpreadToReaders();
  LAYERGATE_TRY(draft, Parse());
  HeadProject result;
  RenderAll(*draft, result.rendered);
  LAYERGATE_TRY(result.project, Parse());
  result.unknown = std::move(draft_.unknown);
  result.notes = std::move(draft_.notes);
  return result;
}

void HeadBuilder::ReadInFileConfigs(const dbt::Project& draft) {
  Renderer base(draft_.base, request_.base_catalog, base_settings_);
  Renderer head(draft, request_.base_catalog, head_settings_);
  for (const std::string& id : changed_text_) {
    const dbt::Node* old = draft_.base.Find(id);
    const dbt::Node* now = draft.Find(id);
    if (!now || now->language == "python") continue;
    Value before = old ? base.Render(*old).config : Value();
    Value after = head.Render(*now).config;
    std::string home(ManifestSectionOf(now->resource_type));
    Value entry = draft_.edit.Get(home, id);
    WeakerConfigs weaker{head_file_.ConfigsOf(SectionOf(now->resource_type), now->fqn),
                         head_file_.LastConfigsOf(SectionOf(now->resource_type), now->fqn)};
    ConfigChange change = ApplyConfig(entry, Named(before), Named(after), weaker);
    if (!change.changed.empty() && AsksForTarget(now->raw_code)) {
      draft_.CannotTell(now->original_file_path,
                        fmt::format("config() of {} changed and hangs on the target or the "
                                    "environment, which is not known",
                                    id));
      // What the base had is no guess.
      if (old) continue;
    }
    for (const std::string& key : change.changed) {
      if (jinja::HoldsMark(Named(after)[key].AsString()))
        draft_.CannotTell(
            now->original_file_path,
            fmt::format("config `{}` of {} hangs on a setting that is not known", key, id));
    }
    if (change.relation) draft_.moved.insert(id);
    if (std::find(change.changed.begin(), change.changed.end(), "materialized") !=
        change.changed.end())
      reshaped_.insert(id);
    if (change.enabled) {
      draft_.edit.Set(home, id, std::move(entry));
    } else {
      SwitchOff(id, std::move(entry));
    }
  }
}

// Whether config() in that text asks what this program can only guess.
bool HeadBuilder::AsksForTarget(std::string_view raw_code) {
  for (size_t at = raw_code.find("config("); at != std::string_view::npos;
       at = raw_code.find("config(", at + 1)) {
    std::string_view call = raw_code.substr(at, raw_code.find("}}", at) - at);
    if (call.find("target.") != std::string_view::npos ||
        call.find("env_var(") != std::string_view::npos)
      return true;
  }
  return false;
}

Value HeadBuilder::Named(const Value& config) {
  Value named = Value::MakeObject();
  for (const auto& [key, value] : config.members()) named.Set(ConfigName(key), value);
  return named;
}

// A node whose relation is known, of the same kind and with the same custom schema and database:
// what dbt's naming macros made of it holds for the other, too.
const dbt::Node* HeadBuilder::NamedAlike(const dbt::Node& node) const {
  for (const std::string& id : draft_.base.ids()) {
    if (id.rfind(node.resource_type + ".", 0) != 0 || id == node.unique_id) continue;
    const dbt::Node* other = draft_.base.Find(id);
    bool alike = other && other->package_name == node.package_name &&
                 !other->relation_name.empty() &&
                 other->config["schema"] == node.config["schema"] &&
                 other->config["database"] == node.config["database"];
    if (alike) return other;
  }
  return nullptr;
}

void HeadBuilder::FindNames(const dbt::Project& draft) {
  Renderer base(draft_.base, request_.base_catalog, base_settings_);
  RenderSettings settings = head_settings_;
  for (const std::string& id : draft_.moved) {
    // The target is what the base tells it to be: the draft's nodes do not lie where they will.
    const dbt::Node* node = draft_.base.Find(id);
    if (!node) continue;
    for (const char* part : {"schema", "database"}) {
      Rendered target = base.RenderText(*node, fmt::format("{{{{ target.{} }}}}", part));
      if (target.ok && !settings.target.Find(part)) settings.target.Set(part, target.sql);
    }
    break;
  }
  Renderer renderer(draft, request_.base_catalog, settings);
  for (const std::string& id : draft_.moved) {
    const dbt::Node* node = draft.Find(id);
    Value entry = draft_.edit.Get("nodes", id);
    bool is_built = node && (node->resource_type == "model" || node->resource_type == "seed" ||
                             node->resource_type == "snapshot");
    if (!is_built || entry.is_null()) continue;
    const dbt::Node* like = NamedAlike(*node);
    if (!like) like = draft_.base.Find(id);
    std::string path = node->original_file_path;
    auto same = [&](const char* key) { return like && like->config[key] == node->config[key]; };
    std::string schema = same("schema") ? like->schema : NameBy(renderer, *node, "schema", path);
    std::string database =
        same("database") ? like->database : NameBy(renderer, *node, "database", path);
    std::string alias = AliasOf(renderer, *node, draft, path);
    entry.Set("schema", schema).Set("database", database).Set("alias", alias);
    bool has_relation = node->materialized != "ephemeral";
    std::string relation;
    if (has_relation && like && !schema.empty()) {
      relation = RelationNameLike(like->relation_name, {like->database, like->schema, like->alias},
                                  {database, schema, alias});
    }
    entry.Set("relation_name", relation.empty() ? Value() : Value(relation));
    if (has_relation && relation.empty())
      draft_.CannotTell(path, fmt::format("where {} lies cannot be told without dbt", id));
    draft_.edit.Set("nodes", id, std::move(entry));
  }
  PutNodeRelations(draft_);
}

// What generate_<part>_name gives; empty, and told, when it cannot be rendered.
std::string HeadBuilder::NameBy(const Renderer& renderer, const dbt::Node& node,
                                const std::string& part, const std::string& path) {
  const Value& custom = node.config[part];
  std::string argument = custom.is_string() ? WriteJson(custom) : "none";
  Rendered name = renderer.RenderText(
      node, fmt::format("{{{{ generate_{}_name({}, model) }}}}", part, argument));
  if (name.ok) return std::string(Trim(name.sql));
  draft_.CannotTell(path, fmt::format("the {} of {}: {}", part, node.unique_id, name.why));
  return {};
}

std::string HeadBuilder::AliasOf(const Renderer& renderer, const dbt::Node& node,
                                 const dbt::Project& draft, const std::string& path) {
  bool has_macro = draft.FindMacro("macro.dbt.generate_alias_name") ||
                   draft.FindMacro(fmt::format("macro.{}.generate_alias_name", draft_.package));
  if (has_macro) return NameBy(renderer, node, "alias", path);
  return node.config["alias"].is_string() ? std::string(node.config["alias"].AsString())
                                          : node.name;
}

// How production compiled the model: whether its table was there, with --full-refresh or not, and
// whether anything was built at all.
HeadBuilder::Ways HeadBuilder::MakeWays(const dbt::Project& draft, RenderSettings head_settings,
                                        const Names& open_vars) const {
  RenderSettings base_settings = base_settings_;
  base_settings.open_vars = head_settings.open_vars = open_vars;
  if (!open_vars.empty()) {
    base_settings.evidence = nullptr;
    base_settings.evidence = head_settings.evidence = std::make_shared<jinja::CompiledEvidence>(
        draft_.base, request_.base_catalog, base_settings);
  }
  Ways ways;
  for (bool empty : {false, true}) {
    base_settings.empty_database = head_settings.empty_database = empty;
    for (RenderSettings& run : jinja::RunsOf(base_settings))
      ways.base.push_back(
          std::make_unique<Renderer>(draft_.base, request_.base_catalog, std::move(run)));
    for (RenderSettings& run : jinja::RunsOf(head_settings))
      ways.head.push_back(std::make_unique<Renderer>(draft, request_.base_catalog, std::move(run)));
  }
  return ways;
}

// Vars that production was given another value for than the base commit's files have: --vars, which
// beat the files of the head, too.
HeadBuilder::Names HeadBuilder::ContradictedVars(const std::string& id) const {
  Names names;
  const dbt::Node* node = draft_.base.Find(id);
  if (!node || !base_settings_.evidence) return names;
  for (const auto& var : base_settings_.evidence->ContradictedVars(base_settings_, *node))
    names.insert(var.name);
  return names;
}

// The run by which the base's incremental models were compiled: a new one is judged by it, too.
size_t HeadBuilder::UsualRun(const std::vector<std::unique_ptr<Renderer>>& base) const {
  if (usual_run_) return *usual_run_;
  usual_run_ = 0;
  int tries = 0;
  for (const std::string& id : draft_.base.ids()) {
    if (id.rfind("model.", 0) != 0) continue;
    const dbt::Node* node = draft_.base.Find(id);
    bool tells = node && node->compiled_code && node->materialized == "incremental" &&
                 node->raw_code.find("is_incremental") != std::string::npos;
    if (!tells || ++tries > 3) continue;
    Rendered later = base[0]->Render(*node), first = base[1]->Render(*node);
    std::string compiled = WithoutSpaces(*node->compiled_code);
    if (later.ok && first.ok && WithoutSpaces(later.sql) != compiled &&
        WithoutSpaces(first.sql) == compiled) {
      usual_run_ = 1;
      break;
    }
  }
  return *usual_run_;
}

HeadBuilder::Trial HeadBuilder::TryOnBase(
    const std::string& id, const std::vector<std::unique_ptr<Renderer>>& base) const {
  const dbt::Node* node = draft_.base.Find(id);
  if (!node || !node->compiled_code) return {UsualRun(base), false, {}, {}};
  std::string expected = WithoutSpaces(*node->compiled_code);
  bool rendered = false;
  for (size_t run = 0; run < base.size(); ++run) {
    Rendered sql = base[run]->Render(*node);
    rendered = rendered || sql.ok;
    if (sql.ok && WithoutSpaces(sql.sql) == expected) return {run, true, std::move(sql.sql), {}};
    if (!sql.depends_on_run && run < 2) run = 2;  // what is left is the empty database
    if (!sql.depends_on_run && run > 2) break;
  }
  if (!rendered) return {};
  return {0,
          false,
          {},
          "this program renders the base version to another text than dbt compiled it to, so "
          "it is not trusted with the new one"};
}

std::set<std::string> HeadBuilder::WithDescendants(const std::set<std::string>& ids) const {
  std::set<std::string> all = ids;
  std::vector<std::string> queue(ids.begin(), ids.end());
  for (size_t i = 0; i < queue.size(); ++i) {
    for (const std::string& child : draft_.base.Children(queue[i])) {
      if (all.insert(child).second) queue.push_back(child);
    }
  }
  return all;
}

void HeadBuilder::RenderAll(const dbt::Project& draft, std::set<std::string>& done) {
  ColumnSource columns(draft, nullptr);
  RenderSettings head_settings = head_settings_;
  head_settings.columns = columns.ForSettings();
  std::set<std::string> stale = WithDescendants(dirty_);
  head_settings.catalog_is_stale = [&stale](std::string_view id) {
    return stale.count(std::string(id)) > 0;
  };
  const Ways usual = MakeWays(draft, head_settings, {});
  std::map<Names, Ways> doubting;
  for (const std::string& id : dirty_) {
    const dbt::Node* node = draft.Find(id);
    if (!node) continue;
    const Ways* ways = &usual;
    Trial trial = TryOnBase(id, usual.base);
    Names names = trial.why_not.empty() ? Names{} : ContradictedVars(id);
    if (!names.empty()) {
      auto found = doubting.find(names);
      if (found == doubting.end())
        found = doubting.emplace(names, MakeWays(draft, head_settings, names)).first;
      Trial again = TryOnBase(id, found->second.base);
      if (again.equal) trial = again;
      if (again.equal) ways = &found->second;
    }
    Rendered sql = ways->head[trial.run]->Render(*node);
    Rendered other = ways->head[trial.run == 0 ? 1 : 0]->Render(*node);
    std::string home(ManifestSectionOf(node->resource_type));
    Value entry = draft_.edit.Get(home, id);
    PutParents(draft, *node, sql, other, entry);
    if (!trial.why_not.empty()) {
      sql.ok = false;
      sql.why = trial.why_not;
      sql.line = 0;
    }
    if (sql.ok) {
      bool is_old_form = entry.Find("raw_sql") && !entry.Find("raw_code");
      // dbt's own white space, where it is the same text.
      const dbt::Node* old = draft_.base.Find(id);
      bool same = trial.equal && old && old->compiled_code && sql.sql == trial.base_sql;
      entry.Set(is_old_form ? "compiled_sql" : "compiled_code",
                same ? Value(*old->compiled_code) : Value(sql.sql));
      entry.Set("compiled", true);
      done.insert(id);
    } else {
      for (std::string_view key : {"compiled_code", "compiled_sql", "compiled"})
        entry = Without(entry, key);
      std::string place =
          sql.line > 0 ? fmt::format(" (line {}, column {})", sql.line, sql.column) : std::string();
      // That is no doubt but a mistake, and the compile gate reports it.
      bool is_told = IsCertainlyWrong(sql) && node->resource_type != "test";
      if (!is_told) {
        draft_.CannotTell(node->original_file_path,
                          fmt::format("{} was not rendered: {}{}", id, sql.why, place));
      }
    }
    draft_.edit.Set(home, id, std::move(entry));
  }
}

// Whether dbt would stop at it, too: a node is missing, and no package could have brought it.
bool HeadBuilder::IsCertainlyWrong(const Rendered& sql) const {
  return !packages_changed_ && (!sql.missing_refs.empty() || !sql.missing_sources.empty());
}

// What the text asked for. A rendering that failed half-way may have missed some: what the base
// had stays, then.
void HeadBuilder::PutParents(const dbt::Project& draft, const dbt::Node& node, const Rendered& sql,
                             const Rendered& other, Value& entry) const {
  std::vector<std::string> parents, macros;
  auto add = [](std::vector<std::string>& list, const std::vector<std::string>& more) {
    for (const std::string& item : more) {
      if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
    }
  };
  bool anew = changed_text_.count(node.unique_id) > 0 || rereads_.count(node.unique_id) > 0;
  if (!sql.ok || !anew) {
    add(parents, node.depends_on_nodes);
    add(macros, node.depends_on_macros);
  }
  for (const Rendered* rendered : {&sql, &other}) {
    add(parents, rendered->parents);
    add(macros, rendered->macros);
  }
  // The same parents in the order that the base has them: no change of its own.
  std::vector<std::string> sorted = parents, old = node.depends_on_nodes;
  std::sort(sorted.begin(), sorted.end());
  std::sort(old.begin(), old.end());
  if (sorted == old) parents = node.depends_on_nodes;
  Value refs = Value::MakeArray(), sources = Value::MakeArray();
  for (const std::string& id : parents) {
    const dbt::Node* parent = draft.Find(id);
    if (!parent) continue;
    if (parent->resource_type == "source") {
      sources.Append(Value::MakeArray({Value(parent->source_name), Value(parent->name)}));
    } else {
      refs.Append(
          Value::MakeObject({{"name", parent->name}, {"package", Value()}, {"version", Value()}}));
    }
  }
  for (const dbt::Ref& ref : sql.missing_refs) {
    auto text = [](const std::string& word) { return word.empty() ? Value() : Value(word); };
    refs.Append(Value::MakeObject(
        {{"name", ref.name}, {"package", text(ref.package)}, {"version", text(ref.version)}}));
  }
  for (const std::vector<std::string>& source : sql.missing_sources)
    sources.Append(Value::FromStrings(source));
  bool missing = !sql.missing_refs.empty() || !sql.missing_sources.empty();
  // Macros that dbt itself brings into every call are known from the base alone.
  for (const std::string& id : node.depends_on_macros) {
    if (id.rfind("macro.dbt", 0) == 0) add(macros, {id});
  }
  if (missing || parents != node.depends_on_nodes) {
    entry.Set("refs", std::move(refs));
    entry.Set("sources", std::move(sources));
  }
  entry.Set("depends_on", Value::MakeObject({{"macros", Value::FromStrings(macros)},
                                             {"nodes", Value::FromStrings(parents)}}));
}

}  // namespace layergate::offline

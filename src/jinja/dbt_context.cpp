#include "jinja/dbt_context.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "core/source_text.h"
#include "core/text.h"
#include "jinja/unknown_text.h"

namespace layergate::jinja {
namespace {

// An object whose attributes are looked up by a function: `target`, `adapter`, a package of macros
// ...
class Facade final : public Object {
 public:
  using Lookup = std::function<std::optional<Var>(std::string_view)>;
  Facade(std::string name, Lookup lookup, Var::Function call = {})
      : name_(std::move(name)), lookup_(std::move(lookup)), call_(std::move(call)) {}
  std::optional<Var> Attribute(std::string_view name) const override { return lookup_(name); }
  bool IsCallable() const override { return static_cast<bool>(call_); }
  Var Call(Interpreter& interpreter, const Arguments& arguments) override {
    if (!call_) return Object::Call(interpreter, arguments);
    return call_(interpreter, arguments);
  }
  std::string ToString() const override { return name_; }

 private:
  std::string name_;
  Lookup lookup_;
  Var::Function call_;
};

Var MakeFacade(std::string name, Facade::Lookup lookup, Var::Function call = {}) {
  return Var(std::shared_ptr<Object>(
      std::make_shared<Facade>(std::move(name), std::move(lookup), std::move(call))));
}

void AddOnce(std::vector<std::string>& list, std::string item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(std::move(item));
}

// A macro of the manifest: its template is parsed once, its body run with its own scope. What goes
// wrong inside is told with the macro's own name and line; the caller adds where it was called.
class ManifestMacro final : public Object {
 public:
  // `called` is told the macro's id when the model itself calls it, not another macro.
  ManifestMacro(std::string name, const Statement& macro, const std::string& text,
                std::vector<std::string>& called)
      : name_(std::move(name)), macro_(macro), text_(text), called_(called) {}
  std::optional<Var> Attribute(std::string_view name) const override {
    if (name == "name") return Var(macro_.text);
    return std::nullopt;
  }
  bool IsCallable() const override { return true; }
  Var Call(Interpreter& interpreter, const Arguments& arguments) override {
    if (interpreter.depth() == 0) AddOnce(called_, "macro." + name_);
    try {
      return interpreter.RunMacro(macro_, nullptr, arguments);
    } catch (RenderError& error) {
      if (error.offset > 0)
        error.message = fmt::format("{} (macro {}, line {})", error.message, name_,
                                    Locate(text_, error.offset).line);
      error.offset = 0;
      throw;
    }
  }

 private:
  std::string name_;
  const Statement& macro_;
  const std::string& text_;
  std::vector<std::string>& called_;
};

// The value that config() is given; a text with a mark where it hangs on an unknown setting.
Value ConfigValue(const Var& value) {
  if (IsUnknownText(value)) return Value(value.ToString());
  try {
    return value.ToValue();
  } catch (const RenderError&) {
    return Value(MakeUnknownText("config").ToString());
  }
}

[[noreturn]] void NotRendered(std::string why) { throw RenderError{std::move(why), 0}; }

Var Needs(const std::string& name, const std::string& what) {
  return Var::MakeFunction(name, [name, what](Interpreter&, const Arguments&) -> Var {
    NotRendered(fmt::format("{}() needs {}", name, what));
  });
}

Var Nothing(std::string name) {
  return Var::MakeFunction(std::move(name), [](Interpreter&, const Arguments&) { return Var(""); });
}

const Var& Needed(const Arguments& arguments, size_t index, std::string_view name) {
  const Var* given = arguments.Get(index, name);
  if (!given) NotRendered(fmt::format("an argument '{}' is missing", name));
  return *given;
}

char QuoteMark(std::string_view adapter) {
  constexpr std::string_view kBackquote[] = {"bigquery", "databricks", "spark",
                                             "mysql",    "mariadb",    "clickhouse"};
  bool back =
      std::find(std::begin(kBackquote), std::end(kBackquote), adapter) != std::end(kBackquote);
  return back ? '`' : '"';
}

bool Is(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

// An adapter plugin brings the macros of the plugins it builds on, and dispatch falls back to them.
// The manifest shows which are there: dbt-synapse stood on dbt-sqlserver, and stands on dbt-fabric.
std::vector<std::string> Library::FindPrefixes(std::string_view adapter) const {
  std::vector<std::string> prefixes = {std::string(adapter)};
  constexpr std::pair<std::string_view, std::string_view> kParents[] = {
      {"redshift", "postgres"},    {"databricks", "spark"},  {"greenplum", "postgres"},
      {"materialize", "postgres"}, {"sqlserver", "fabric"},  {"synapse", "fabric"},
      {"synapse", "sqlserver"},    {"fabricspark", "spark"}, {"risingwave", "postgres"},
      {"starrocks", "mysql"},      {"hologres", "postgres"}, {"yellowbrick", "postgres"}};
  for (const auto& [child, parent] : kParents) {
    // A manifest that was cut down to the project's own macros shows no plugins at all.
    if (adapter == child && (IsPackage(fmt::format("dbt_{}", parent)) || !IsPackage("dbt")))
      prefixes.emplace_back(parent);
  }
  prefixes.emplace_back("default");
  return prefixes;
}

Library::Library(const dbt::Project& project) : project_(project) {
  for (const std::string& id : project.macro_ids()) {  // macro.<package>.<name>
    size_t dot = id.find('.', 6);
    if (id.compare(0, 6, "macro.") != 0 || dot == std::string::npos) continue;
    std::string package = id.substr(6, dot - 6);
    packages_.insert(package);
    macros_[{std::move(package), id.substr(dot + 1)}] = id;
  }
  for (const std::string& id : project.ids()) {  // model.<package>.<name>[.v1]
    std::vector<std::string_view> parts = Split(id, '.');
    if (parts.size() < 3 || !Is(parts[0], {"model", "seed", "snapshot"})) continue;
    referable_[std::string(parts[2])].push_back(id);
  }
  prefixes_ = FindPrefixes(project.metadata().adapter_type);
  for (const std::string& prefix : prefixes_) {
    std::string package = "dbt_" + prefix;
    if (packages_.count(package)) internal_.push_back(std::move(package));
  }
  internal_.emplace_back("dbt");
}

// A node without a schema of its own lies in the target's, and one with a custom schema in
// "<target>_<custom>": dbt's default generate_schema_name. A project whose nodes do not all fit
// that has rules of its own, and then the target's schema is not known.
void Library::InferTarget() {
  std::set<std::string> schemas, databases;
  std::vector<std::pair<std::string, std::string>> custom;  // (schema, config.schema)
  for (const std::string& id : project_.ids()) {
    if (id.compare(0, 6, "model.") != 0 && id.compare(0, 5, "seed.") != 0) continue;
    const dbt::Node* node = project_.Find(id);
    if (!node) continue;
    if (node->config["database"].empty()) databases.insert(node->database);
    if (node->config["schema"].empty()) {
      schemas.insert(node->schema);
    } else {
      custom.emplace_back(node->schema, node->config["schema"].AsString());
    }
  }
  if (databases.size() == 1) target_database_ = Value(*databases.begin());
  if (schemas.size() != 1) return;
  const std::string& target = *schemas.begin();
  bool fits = std::all_of(custom.begin(), custom.end(), [&](const auto& pair) {
    return pair.first == fmt::format("{}_{}", target, pair.second);
  });
  if (fits) target_schema_ = Value(target);
}

const Value& Library::target_schema() {
  std::call_once(inferred_, [this] { InferTarget(); });
  return target_schema_;
}

const Value& Library::target_database() {
  std::call_once(inferred_, [this] { InferTarget(); });
  return target_database_;
}

bool Library::HasMacro(std::string_view package, std::string_view name) const {
  return macros_.count({std::string(package), std::string(name)}) > 0;
}

// Published manifests may have the texts of macros cut out.
bool Library::HasText(std::string_view package, std::string_view name) const {
  auto found = macros_.find({std::string(package), std::string(name)});
  const dbt::Macro* macro = found == macros_.end() ? nullptr : project_.FindMacro(found->second);
  return macro && !Trim(macro->macro_sql).empty();
}

const Template* Library::Macro(std::string_view package, std::string_view name) {
  auto found = macros_.find({std::string(package), std::string(name)});
  if (found == macros_.end()) return nullptr;
  std::lock_guard lock(mutex_);
  std::unique_ptr<Template>& parsed = parsed_[found->second];
  if (!parsed) {
    const dbt::Macro* macro = project_.FindMacro(found->second);
    if (!macro) return nullptr;
    auto result = ParseTemplate(macro->macro_sql);
    if (!result) NotRendered(fmt::format("macro {}: {}", found->second, result.error().message));
    parsed = *std::move(result);
  }
  return parsed.get();
}

const std::vector<std::string>& Library::Referable(std::string_view name) const {
  static const std::vector<std::string> kNone;
  auto found = referable_.find(name);
  return found == referable_.end() ? kNone : found->second;
}

DbtContext::DbtContext(Library& library, const dbt::Project& project, const dbt::Catalog* catalog,
                       const RenderSettings& settings, const dbt::Node& node)
    : library_(library), project_(project), catalog_(catalog), settings_(settings), node_(node) {
  const dbt::ProjectMetadata& metadata = project.metadata();
  quoting_ = {metadata.quote_database, metadata.quote_schema, metadata.quote_identifier,
              QuoteMark(metadata.adapter_type)};
}

// 7 for "1.7.4"; later major versions count as later than any of 1.
int MinorVersion(std::string_view version) {
  std::vector<std::string_view> parts = Split(version, '.');
  int minor = 0;
  if (parts.size() > 1) std::from_chars(parts[1].data(), parts[1].data() + parts[1].size(), minor);
  return parts[0] == "0" ? 0 : parts[0] == "1" ? minor : 99;
}

std::string CteName(const dbt::Project& project, const dbt::Node& ephemeral) {
  // Up to dbt 1.7 the CTE has the model's name, from then on its alias.
  bool use_alias = MinorVersion(project.metadata().dbt_version) >= 8 && !ephemeral.alias.empty();
  return "__dbt__cte__" + (use_alias ? ephemeral.alias : ephemeral.name);
}

// ---- macros -------------------------------------------------------------------------------------

std::optional<Var> DbtContext::MacroIn(std::string_view package, std::string_view name) {
  const Template* source = library_.Macro(package, name);
  if (!source) return std::nullopt;
  for (const Statement& statement : source->body) {
    if (statement.kind == Statement::Kind::kMacro && statement.text == name) {
      return Var(std::shared_ptr<Object>(std::make_shared<ManifestMacro>(
          fmt::format("{}.{}", package, name), statement, source->text, macros_)));
    }
  }
  NotRendered(fmt::format("macro.{}.{} is not a plain macro", package, name));
}

// dbt's order: the node's own package, the root project, then what Jinja and dbt bring.
std::optional<Var> DbtContext::MacroByName(std::string_view name) {
  if (auto own = MacroIn(node_.package_name, name)) return own;
  return MacroIn(project_.metadata().project_name, name);
}

// `dbt_utils.star`: a package as a namespace. `dbt.` holds the macros of every internal package.
Var DbtContext::Package(std::string_view package) {
  std::string name(package);
  return MakeFacade(name, [this, name](std::string_view macro) -> std::optional<Var> {
    return MacroFrom(name, std::string(macro));
  });
}

// Where adapter.dispatch looks, as dbt does it: the search order that dbt_project.yml gives for the
// namespace, else the root project and the namespace. Without a namespace, wherever an unqualified
// name is looked for ("").
std::vector<std::string> DbtContext::SearchPackages(const std::string& space) const {
  if (space.empty()) return {""};
  for (const Value& rule : settings_.dispatch.items()) {
    if (rule["macro_namespace"].AsString() != space) continue;
    std::vector<std::string> order;
    for (const Value& package : rule["search_order"].items())
      order.emplace_back(package.AsString());
    if (!order.empty()) return order;
  }
  if (space != "dbt" && !library_.IsPackage(space)) return {""};
  return {project_.metadata().project_name, space};
}

std::optional<Var> DbtContext::MacroFrom(const std::string& package, const std::string& name) {
  if (package != "dbt" && !package.empty()) return MacroIn(package, name);
  if (package.empty()) {
    if (auto own = MacroByName(name)) return own;
  }
  for (const std::string& internal : library_.internal_packages()) {
    if (auto macro = MacroIn(internal, name)) return macro;
  }
  return std::nullopt;
}

// dispatch: of dbt_project.yml may let another package answer. When that file is not known, a macro
// that any other package has for this name makes the answer a guess.
void DbtContext::RefuseOtherPackages(const std::string& name,
                                     const std::vector<std::string>& searched,
                                     const std::vector<std::string>& variants) const {
  for (const std::string& package : library_.packages()) {
    bool known =
        package == "dbt" || std::find(searched.begin(), searched.end(), package) != searched.end();
    const auto& internal = library_.internal_packages();
    if (known || std::find(internal.begin(), internal.end(), package) != internal.end()) continue;
    // A package with a macro of that very name has the variants for its own dispatch.
    if (library_.HasMacro(package, name)) continue;
    for (const std::string& variant : variants) {
      if (!library_.HasMacro(package, variant)) continue;
      NotRendered(fmt::format(
          "adapter.dispatch: whether {}.{} answers depends on `dispatch:` of dbt_project.yml (give "
          "--project-dir)",
          package, variant));
    }
  }
}

// For each package to search, the adapter's own variant first, then its parents', then default__.
Var DbtContext::Dispatch(const Arguments& arguments) {
  std::string name = Needed(arguments, 0, "macro_name").ToString();
  const Var* space = arguments.Get(1, "macro_namespace");
  if (arguments.Get(2, "packages") || (space && !space->is_string() && !space->is_none()))
    NotRendered("adapter.dispatch with a list of packages is not supported");
  std::vector<std::string> searched =
      SearchPackages(space && space->is_string() ? space->as_string() : std::string());
  std::vector<std::string> variants;
  for (const std::string& prefix : library_.dispatch_prefixes())
    variants.push_back(fmt::format("{}__{}", prefix, name));
  if (!settings_.vars_known && !searched.front().empty())
    RefuseOtherPackages(name, searched, variants);
  for (const std::string& package : searched) {
    for (const std::string& variant : variants) {
      if (auto macro = MacroFrom(package, variant)) return *macro;
    }
  }
  NotRendered(fmt::format("no macro named '{}' was found to dispatch to", name));
}

// ---- nodes --------------------------------------------------------------------------------------

Var DbtContext::MakeRelation(const dbt::Node& node) {
  bool is_source = node.resource_type == "source";
  auto relation = std::make_shared<Relation>(
      node.database, node.schema,
      is_source && !node.identifier.empty() ? node.identifier : node.alias, quoting_);
  relation->rendered = node.relation_name;
  relation->unique_id = node.unique_id;
  return Var(std::shared_ptr<Object>(std::move(relation)));
}

Var DbtContext::Ref(const Arguments& arguments) {
  if (arguments.positional.empty()) NotRendered("ref() needs a name");
  bool two = arguments.positional.size() > 1;
  std::string package = two ? arguments.positional[0].ToString() : std::string();
  std::string name = arguments.positional[two ? 1 : 0].ToString();
  std::string version;
  for (const auto& [key, value] : arguments.named) {
    if (key == "v" || key == "version") version = value.ToString();
  }
  std::vector<const dbt::Node*> found;
  for (const std::string& id : library_.Referable(name)) {
    const dbt::Node* candidate = project_.Find(id);
    if (!candidate || (two && candidate->package_name != package)) continue;
    const std::string& wanted = version.empty() ? candidate->latest_version : version;
    if (candidate->version == wanted || (version.empty() && candidate->version.empty()))
      found.push_back(candidate);
  }
  // Several packages may have one of that name: the node's own wins, then the root project's.
  auto prefer = [&](const std::string& own) {
    auto at = std::find_if(found.begin(), found.end(),
                           [&](const dbt::Node* n) { return n->package_name == own; });
    if (at != found.end()) found = {*at};
  };
  if (!two && found.size() > 1) prefer(node_.package_name);
  if (!two && found.size() > 1) prefer(project_.metadata().project_name);
  if (found.empty()) NotRendered(fmt::format("ref('{}') names no model of the manifest", name));
  if (found.size() > 1) NotRendered(fmt::format("ref('{}') fits {} models", name, found.size()));
  const dbt::Node& target = *found[0];
  AddOnce(parents_, target.unique_id);
  if (target.materialized == "ephemeral") {
    if (std::find(ephemeral_.begin(), ephemeral_.end(), &target) == ephemeral_.end())
      ephemeral_.push_back(&target);
    std::string cte_name = CteName(project_, target);
    QuotePolicy unquoted{true, true, false, quoting_.mark};
    auto cte = std::make_shared<Relation>("", "", cte_name, unquoted);
    cte->type = "cte";
    cte->unique_id = target.unique_id;
    return Var(std::shared_ptr<Object>(std::move(cte)));
  }
  return MakeRelation(target);
}

const dbt::Node* DbtContext::FindSource(const std::string& source, const std::string& table) const {
  std::vector<std::string> packages = {node_.package_name, project_.metadata().project_name};
  for (const std::string& package : packages) {
    const dbt::Node* node = project_.Find(fmt::format("source.{}.{}.{}", package, source, table));
    if (node) return node;
  }
  std::string suffix = fmt::format(".{}.{}", source, table);
  for (const std::string& id : project_.ids()) {
    if (id.compare(0, 7, "source.") == 0 && id.size() > suffix.size() &&
        id.compare(id.size() - suffix.size(), suffix.size(), suffix) == 0) {
      if (const dbt::Node* node = project_.Find(id)) return node;
    }
  }
  return nullptr;
}

Var DbtContext::Source(const Arguments& arguments) {
  std::string source = Needed(arguments, 0, "source_name").ToString();
  std::string table = Needed(arguments, 1, "table_name").ToString();
  const dbt::Node* node = FindSource(source, table);
  if (!node) NotRendered(fmt::format("source('{}', '{}') is not in the manifest", source, table));
  AddOnce(parents_, node->unique_id);
  return MakeRelation(*node);
}

// ---- settings -----------------------------------------------------------------------------------

// Later ones win: the package's own project file, the root project's, each with its section for the
// package last.
const Value* DbtContext::FindVar(std::string_view name) const {
  const std::string& package = node_.package_name;
  auto find_in = [&](const Value& vars) -> const Value* {
    if (const Value* section = vars.Find(package); section && section->is_object()) {
      if (const Value* value = section->Find(name)) return value;
    }
    return vars.Find(name);
  };
  if (const Value* value = find_in(settings_.vars)) return value;
  auto own = settings_.package_vars.find(package);
  return own == settings_.package_vars.end() ? nullptr : find_in(own->second);
}

bool DbtContext::VarsAreKnown() const {
  return settings_.vars_known && (node_.package_name == project_.metadata().project_name ||
                                  settings_.package_vars.count(node_.package_name) > 0);
}

// A text that is a template is rendered in the context of the model, as dbt does.
Var DbtContext::VarOf(Interpreter& interpreter, const Arguments& arguments) {
  std::string name = Needed(arguments, 0, "var_name").ToString();
  if (const Value* value = FindVar(name)) {
    if (!value->is_string() || value->AsString().find('{') == std::string_view::npos)
      return Var::FromValue(*value);
    auto source = ParseTemplate(std::string(value->AsString()));
    if (!source) NotRendered(fmt::format("var '{}': {}", name, source.error().message));
    return Var(interpreter.RenderNested(**source));
  }
  if (!VarsAreKnown() && settings_.leave_open)
    return MakeUnknownText(fmt::format("var {} {}", node_.package_name, name));
  if (!VarsAreKnown()) {
    NotRendered(fmt::format("var '{}': the vars of {} are not known ({})", name,
                            node_.package_name.empty() ? "the project" : node_.package_name,
                            settings_.vars_known ? "its dbt_project.yml is not in dbt_packages/"
                                                 : "give --project-dir or --var"));
  }
  const Var* otherwise = arguments.Get(1, "default");
  if (!otherwise)
    NotRendered(
        fmt::format("var '{}' is not set (give --var or the project's dbt_project.yml)", name));
  return *otherwise;
}

// A default is no answer where nobody allowed to look: the run that made production may have had
// the variable set.
Var DbtContext::EnvVar(const Arguments& arguments) {
  std::string name = Needed(arguments, 0, "var").ToString();
  auto found = settings_.environment.find(name);
  if (found == settings_.environment.end()) {
    if (settings_.leave_open) return MakeUnknownText("env " + name);
    NotRendered(fmt::format("env_var('{}') is not among the variables that may be read", name));
  }
  if (found->second) return Var(*found->second);
  const Var* otherwise = arguments.Get(1, "default");
  if (!otherwise || otherwise->is_none())
    NotRendered(fmt::format("env_var('{}') is not set and has no default", name));
  return *otherwise;
}

Value DbtContext::TargetValue(std::string_view key) const {
  if (const Value* given = settings_.target.Find(key)) return *given;
  if (key == "type") return Value(project_.metadata().adapter_type);
  if (key == "schema" || key == "dataset") return Value(library_.target_schema());
  if (key == "database" || key == "project" || key == "catalog")
    return Value(library_.target_database());
  return Value();
}

Var DbtContext::Target() {
  return MakeFacade("target", [this](std::string_view key) -> std::optional<Var> {
    if (key == "get") {
      return Var::MakeFunction("get", [this](Interpreter&, const Arguments& arguments) {
        Value value = TargetValue(Needed(arguments, 0, "key").ToString());
        if (value.is_null()) NotRendered("this key of target is not known");
        return Var::FromValue(value);
      });
    }
    Value value = TargetValue(key == "dbname" ? "database" : key);
    if (value.is_null() && settings_.leave_open)
      return MakeUnknownText("target " + std::string(key));
    if (value.is_null()) NotRendered(fmt::format("target.{} is not known (give --target)", key));
    return Var::FromValue(value);
  });
}

Var DbtContext::Config() {
  auto lookup = [this](std::string_view key) -> std::optional<Var> {
    if (key == "get" || key == "require" || key == "meta_get") {
      bool required = key == "require";
      return Var::MakeFunction(
          std::string(key), [this, required](Interpreter&, const Arguments& arguments) {
            std::string name = Needed(arguments, 0, "name").ToString();
            // dbt writes every config down, unset ones as null: those are None, not the default.
            if (const Value* value = node_.config.Find(name)) return Var::FromValue(*value);
            const Var* otherwise = arguments.Get(1, "default");
            if (!otherwise && required)
              NotRendered(fmt::format("config '{}' is required and not set", name));
            return otherwise ? *otherwise : Var();
          });
    }
    if (Is(key, {"set", "persist_relation_docs", "persist_column_docs"}))
      return Nothing(std::string(key));
    return std::nullopt;
  };
  return MakeFacade("config", lookup, [this](Interpreter&, const Arguments& arguments) {
    if (!arguments.positional.empty() && arguments.positional[0].is_dict()) {
      for (const auto& [key, value] : arguments.positional[0].dict()->items)
        config_.Set(key.ToString(), ConfigValue(value));
    }
    for (const auto& [key, value] : arguments.named) config_.Set(key, ConfigValue(value));
    return Var("");
  });
}

// ---- adapter, api, exceptions -------------------------------------------------------------------

Var DbtContext::ColumnsIn(const Arguments& arguments) {
  const Var& relation = Needed(arguments, 0, "relation");
  auto* known =
      relation.is_object() ? dynamic_cast<const Relation*>(relation.object().get()) : nullptr;
  if (!known || known->unique_id.empty()) {
    NotRendered(
        fmt::format("the columns of {} are not known without a database", relation.ToString()));
  }
  std::vector<dbt::CatalogColumn> columns;
  const dbt::CatalogTable* table = catalog_ ? catalog_->Find(known->unique_id) : nullptr;
  if (table) {
    columns = table->columns;
  } else if (settings_.columns) {
    columns = settings_.columns(known->unique_id).value_or(columns);
  }
  if (columns.empty()) {
    NotRendered(fmt::format("the columns of {} are not known (give a catalog)", known->unique_id));
  }
  std::vector<Var> list;
  for (const dbt::CatalogColumn& column : columns)
    list.push_back(MakeColumn(column.name, column.type, quoting_.mark));
  return Var::MakeList(std::move(list));
}

// Whether a relation exists is the database's to say; the catalog is its word where it lists the
// relation.
Var DbtContext::GetRelation(const Arguments& arguments) {
  std::string identifier = Needed(arguments, 2, "identifier").ToString();
  std::string schema = Needed(arguments, 1, "schema").ToString();
  const Var* database = arguments.Get(0, "database");
  std::string name = fmt::format("{}.{}", schema, identifier);
  if (database && database->Truth()) name = fmt::format("{}.{}", database->ToString(), name);
  const dbt::Node* node = project_.FindRelation(name);
  if (node && catalog_ && catalog_->Find(node->unique_id)) return MakeRelation(*node);
  NotRendered(fmt::format("whether {} exists is not known without a database", name));
}

Var DbtContext::Adapter() {
  return MakeFacade("adapter", [this](std::string_view name) -> std::optional<Var> {
    if (name == "dispatch") {
      return Var::MakeFunction("dispatch",
                               [this](Interpreter&, const Arguments& a) { return Dispatch(a); });
    }
    if (name == "quote") {
      char mark = quoting_.mark;
      return Var::MakeFunction("quote", [mark](Interpreter&, const Arguments& a) {
        return Var(fmt::format("{0}{1}{0}", mark, Needed(a, 0, "identifier").ToString()));
      });
    }
    if (name == "type") {
      std::string type = project_.metadata().adapter_type;
      return Var::MakeFunction("type",
                               [type](Interpreter&, const Arguments&) { return Var(type); });
    }
    if (name == "get_columns_in_relation") {
      return Var::MakeFunction("get_columns_in_relation",
                               [this](Interpreter&, const Arguments& a) { return ColumnsIn(a); });
    }
    if (name == "get_relation") {
      return Var::MakeFunction("get_relation",
                               [this](Interpreter&, const Arguments& a) { return GetRelation(a); });
    }
    return Needs("adapter." + std::string(name), "a database");
  });
}

Var DbtContext::Api() {
  Var column = MakeFacade("Column", [this](std::string_view name) -> std::optional<Var> {
    std::string adapter = project_.metadata().adapter_type;
    if (name == "numeric_type" && Is(adapter, {"postgres", "redshift", "snowflake", "duckdb"})) {
      return Var::MakeFunction("numeric_type", [](Interpreter&, const Arguments& a) {
        std::string type = Needed(a, 0, "dtype").ToString();
        const Var& precision = Needed(a, 1, "precision");
        const Var& scale = Needed(a, 2, "scale");
        if (precision.is_none() || scale.is_none()) return Var(type);
        return Var(fmt::format("{}({},{})", type, precision.ToString(), scale.ToString()));
      });
    }
    if (name != "translate_type") return std::nullopt;
    int dbt_minor = MinorVersion(project_.metadata().dbt_version);
    return Var::MakeFunction(
        "translate_type", [adapter, dbt_minor](Interpreter&, const Arguments& a) {
          return Var(TranslateType(adapter, dbt_minor, Needed(a, 0, "dtype").ToString()));
        });
  });
  Var relation = MakeFacade("Relation", [this](std::string_view name) -> std::optional<Var> {
    if (name != "create") return std::nullopt;
    return Var::MakeFunction("create", [this](Interpreter&, const Arguments& a) {
      auto text = [&](size_t index, std::string_view key) {
        const Var* given = a.Get(index, key);
        return given && given->Truth() ? given->ToString() : std::string();
      };
      return Var(std::shared_ptr<Object>(std::make_shared<Relation>(
          text(0, "database"), text(1, "schema"), text(2, "identifier"), quoting_)));
    });
  });
  return MakeFacade("api", [column, relation](std::string_view name) -> std::optional<Var> {
    if (name == "Column") return column;
    if (name == "Relation") return relation;
    return std::nullopt;
  });
}

Var DbtContext::Exceptions() {
  return MakeFacade("exceptions", [](std::string_view name) -> std::optional<Var> {
    if (name == "warn") return Nothing("warn");
    return Var::MakeFunction(std::string(name), [](Interpreter&, const Arguments& a) -> Var {
      const Var* message = a.Get(0, "msg");
      NotRendered(fmt::format("the template raises an error: {}",
                              message ? Printable(message->ToString()) : ""));
    });
  });
}

Var DbtContext::Model() {
  Value model = Value::MakeObject({{"unique_id", node_.unique_id},
                                   {"name", node_.name},
                                   {"alias", node_.alias},
                                   {"schema", node_.schema},
                                   {"database", node_.database},
                                   {"resource_type", node_.resource_type},
                                   {"package_name", node_.package_name},
                                   {"original_file_path", node_.original_file_path},
                                   {"path", node_.path},
                                   {"fqn", Value::FromStrings(node_.fqn)},
                                   {"tags", Value::FromStrings(node_.tags)},
                                   {"config", node_.config},
                                   {"description", node_.description},
                                   {"meta", node_.meta}});
  return Var::FromValue(model);
}

// ---- names --------------------------------------------------------------------------------------

std::optional<Var> DbtContext::Builtin(std::string_view name) {
  auto function = [&](auto body) { return Var::MakeFunction(std::string(name), std::move(body)); };
  if (name == "ref") return function([this](Interpreter&, const Arguments& a) { return Ref(a); });
  if (name == "source")
    return function([this](Interpreter&, const Arguments& a) { return Source(a); });
  if (name == "config") return Config();
  if (name == "this") return MakeRelation(node_);
  if (name == "target") return Target();
  if (name == "adapter") return Adapter();
  if (name == "api") return Api();
  if (name == "exceptions") return Exceptions();
  if (name == "model") return Model();
  if (name == "execute") return Var(true);
  if (name == "var") {
    auto lookup = [this](std::string_view key) -> std::optional<Var> {
      if (key != "has_var") return std::nullopt;
      return Var::MakeFunction("has_var", [this](Interpreter&, const Arguments& a) {
        std::string wanted = Needed(a, 0, "var_name").ToString();
        const Value* value = FindVar(wanted);
        if (!value && !VarsAreKnown()) {
          NotRendered(fmt::format("var '{}': the project's vars are not known", wanted));
        }
        return Var(value != nullptr);
      });
    };
    return MakeFacade("var", lookup,
                      [this](Interpreter& i, const Arguments& a) { return VarOf(i, a); });
  }
  if (name == "env_var")
    return function([this](Interpreter&, const Arguments& a) { return EnvVar(a); });
  if (name == "is_incremental") {
    bool yes = node_.materialized == "incremental" && settings_.incremental;
    return function([yes](Interpreter&, const Arguments&) { return Var(yes); });
  }
  if (name == "should_full_refresh") {
    const Value* config = node_.config.Find("full_refresh");
    bool yes = config && config->is_bool() ? config->AsBool() : settings_.full_refresh;
    return function([yes](Interpreter&, const Arguments&) { return Var(yes); });
  }
  if (name == "return") {
    return function([](Interpreter&, const Arguments& a) -> Var {
      const Var* value = a.Get(0, "data");
      throw ReturnValue{value ? *value : Var()};
    });
  }
  if (Is(name, {"log", "print", "debug"})) return Nothing(std::string(name));
  if (name == "dbt_version") return Var(project_.metadata().dbt_version);
  if (name == "project_name") return Var(project_.metadata().project_name);
  if (name == "tojson") {
    return function([](Interpreter&, const Arguments& a) {
      const Var* sort_keys = a.Get(2, "sort_keys");
      return Var(DumpJson(Needed(a, 0, "value"), sort_keys && sort_keys->Truth()));
    });
  }
  if (name == "fromjson") {
    return function([](Interpreter&, const Arguments& a) {
      Result<Value> value = ReadJson(Needed(a, 0, "string").ToString());
      if (value) return Var::FromValue(*value);
      const Var* otherwise = a.Get(1, "default");
      return otherwise ? *otherwise : Var();
    });
  }
  if (name == "flags") {
    bool full_refresh = settings_.full_refresh;
    return MakeFacade("flags", [full_refresh](std::string_view key) -> std::optional<Var> {
      if (key == "FULL_REFRESH") return Var(full_refresh);
      if (key == "STORE_FAILURES") return Var(false);
      NotRendered(fmt::format("flags.{} depends on the run, not on the project", key));
    });
  }
  if (name == "schema") return Var(node_.schema);
  if (name == "database") return Var(node_.database);
  if (name == "context_macro_stack" || name == "load_agate_table")
    return Needs(std::string(name), "dbt itself");
  if (name == "builtins") {
    return MakeFacade("builtins", [this](std::string_view key) { return Builtin(key); });
  }
  if (Is(name, {"graph", "run_started_at", "invocation_id", "modules", "selected_resources",
                "thread_id", "schemas", "database_schemas", "results", "context"})) {
    return MakeFacade(std::string(name),
                      [key = std::string(name)](std::string_view) -> std::optional<Var> {
                        NotRendered(fmt::format("{} depends on the run, not on the project", key));
                      });
  }
  if (Is(name, {"run_query", "statement", "load_result", "store_result", "store_raw_result",
                "toyaml", "fromyaml", "local_md5", "load_relation"})) {
    return Needs(std::string(name), "a database or Python");
  }
  return std::nullopt;
}

std::optional<Var> DbtContext::Lookup(Interpreter&, std::string_view name) {
  if (auto macro = MacroByName(name)) return macro;
  // An adapter may bring its own ref() and source(), as dbt-sqlite does.
  if (Is(name, {"ref", "source"})) {
    for (const std::string& package : library_.internal_packages()) {
      if (!library_.HasText(package, name)) continue;
      if (auto macro = MacroIn(package, name)) return macro;
    }
  }
  if (auto builtin = Builtin(name)) return builtin;
  for (const std::string& package : library_.internal_packages()) {
    if (auto macro = MacroIn(package, name)) return macro;
  }
  if (library_.IsPackage(name) || name == "dbt") return Package(name);
  return std::nullopt;
}

}  // namespace layergate::jinja

#include "jinja/dbt_context.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/source_text.h"
#include "core/text.h"
#include "jinja/builtins.h"
#include "jinja/dbt_functions.h"
#include "jinja/facade.h"
#include "jinja/intervals.h"
#include "jinja/modules.h"
#include "jinja/operators.h"
#include "jinja/unknown.h"

namespace layergate::jinja {
namespace {

void AddOnce(std::vector<std::string>& list, std::string item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(std::move(item));
}

// A macro of the manifest: its template is parsed once, its body run with its own scope. What goes
// wrong inside is told with the macro's own name and line; the caller adds where it was called.
class ManifestMacro final : public Object {
 public:
  // `called` is told the macro's id when the model itself calls it, not another macro.
  ManifestMacro(std::string name, const Statement& macro, const std::string& text,
                std::vector<std::string>& called, std::vector<std::string>& running,
                std::string adapter, const RenderSettings& settings)
      : name_(std::move(name)),
        macro_(macro),
        text_(text),
        called_(called),
        running_(running),
        adapter_(std::move(adapter)),
        settings_(settings) {}
  std::optional<Var> Attribute(std::string_view name) const override {
    if (name == "name") return Var(macro_.text);
    return std::nullopt;
  }
  bool IsCallable() const override { return true; }
  Var Call(Interpreter& interpreter, const Arguments& arguments) override {
    if (interpreter.depth() == 0) AddOnce(called_, "macro." + name_);
    if (std::optional<Var> known = Intervals(arguments)) return *known;
    struct Running {
      Running(std::vector<std::string>& list, const std::string& name) : stack(list) {
        stack.push_back(name);
      }
      ~Running() { stack.pop_back(); }
      Running(const Running&) = delete;
      Running& operator=(const Running&) = delete;
      std::vector<std::string>& stack;
    } running(running_, macro_.text);
    try {
      return interpreter.RunMacro(macro_, nullptr, arguments);
    } catch (const ReturnValue& returned) {
      return returned.value;
    } catch (RenderError& error) {
      if (error.offset > 0)
        error.message = fmt::format("{} (macro {}, line {})", error.message, name_,
                                    Locate(text_, error.offset).line);
      error.offset = 0;
      throw;
    }
  }

 private:
  // dbt's own get_intervals_between asks the database, for dates that are often written out.
  std::optional<Var> Intervals(const Arguments& arguments) const {
    constexpr std::string_view kWhole = "get_intervals_between";
    size_t dot = name_.find('.');
    std::string_view package = std::string_view(name_).substr(0, dot);
    if (name_.substr(dot + 1) != kWhole || !Is(package, {"dbt", "dbt_utils", "dbt_date"}))
      return std::nullopt;
    const Var *start = arguments.Get(0, "start_date"), *end = arguments.Get(1, "end_date"),
              *part = arguments.Get(2, "datepart");
    if (!start || !end || !part) return std::nullopt;
    if (AsUnknown(*start) || AsUnknown(*end) || AsUnknown(*part)) return std::nullopt;
    auto days = IntervalsBetween(start->ToString(), end->ToString(), part->ToString(), adapter_);
    if (days) return Var(*days);
    // All models of one compilation have the same current_date.
    auto beyond = DaysBeyondToday(start->ToString(), end->ToString(), part->ToString());
    if (!beyond || !settings_.leave_open) return std::nullopt;
    return Var(std::shared_ptr<Object>(std::make_shared<Unknown>(
        "query get_intervals_between current_date", &settings_.assumed, *beyond)));
  }

  std::string name_;
  const Statement& macro_;
  const std::string& text_;
  std::vector<std::string>& called_;
  std::vector<std::string>& running_;
  std::string adapter_;
  const RenderSettings& settings_;
};

// The value that config() is given; a text with a mark where it hangs on an unknown setting.
Value ConfigValue(const Var& value) {
  if (IsUnknownText(value)) return Value(value.ToString());
  try {
    return value.ToValue();
  } catch (const RenderError&) {
    return Value(MakeUnknown("config").ToString());
  }
}

char QuoteMark(std::string_view adapter) {
  constexpr std::string_view kBackquote[] = {"bigquery", "databricks", "spark",
                                             "mysql",    "mariadb",    "clickhouse"};
  bool back =
      std::find(std::begin(kBackquote), std::end(kBackquote), adapter) != std::end(kBackquote);
  return back ? '`' : '"';
}

}  // namespace

DbtContext::DbtContext(Library& library, const dbt::Project& project, const dbt::Catalog* catalog,
                       const RenderSettings& settings, const dbt::Node& node)
    : library_(library), project_(project), catalog_(catalog), settings_(settings), node_(node) {
  const dbt::ProjectMetadata& metadata = project.metadata();
  quoting_ = {metadata.quote_database, metadata.quote_schema, metadata.quote_identifier,
              QuoteMark(metadata.adapter_type)};
}

// ---- macros -------------------------------------------------------------------------------------

std::optional<Var> DbtContext::MacroIn(std::string_view package, std::string_view name) {
  const Template* source = library_.Macro(package, name);
  if (!source) return std::nullopt;
  for (const Statement& statement : source->body) {
    if (statement.kind == Statement::Kind::kMacro && statement.text == name) {
      return Var(std::shared_ptr<Object>(std::make_shared<ManifestMacro>(
          fmt::format("{}.{}", package, name), statement, source->text, macros_, running_,
          project_.metadata().adapter_type, settings_)));
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

// Before dbt 1.0 the packages may be given as a list.
std::vector<std::string> DbtContext::DispatchPackages(const Arguments& arguments) const {
  const Var* space = arguments.Get(1, "macro_namespace");
  const Var* packages = arguments.Get(2, "packages");
  bool listed = space && space->is_list();
  if (!packages && listed) packages = space;
  bool old = MinorVersion(project_.metadata().dbt_version) == 0 &&
             project_.metadata().dbt_version.rfind("0.", 0) == 0;
  if (packages && packages->is_list() && old && (!space || listed)) {
    std::vector<std::string> names;
    for (const Var& package : packages->list()->items) names.push_back(package.ToString());
    return names.empty() ? std::vector<std::string>{""} : names;
  }
  if ((packages && !packages->is_none()) || (space && !space->is_string() && !space->is_none()))
    NotRendered("adapter.dispatch with a list of packages is not supported");
  return SearchPackages(space && space->is_string() ? space->as_string() : std::string());
}

// For each package to search, the adapter's own variant first, then its parents', then default__.
Var DbtContext::Dispatch(const Arguments& arguments) {
  std::string name = Needed(arguments, 0, "macro_name").ToString();
  std::vector<std::string> searched = DispatchPackages(arguments);
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
    // A project's own ref() hands on what it was given: version=none is no version.
    if ((key == "v" || key == "version") && !value.is_none()) version = value.ToString();
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
  if (found.empty()) {
    const std::vector<std::string> names = library_.referable_names();
    std::string_view near = NearestName(name, names);
    missing_refs_.push_back({package, name, version});
    NotRendered(
        fmt::format("it refs {}, which does not exist{}", name,
                    near.empty() ? std::string() : fmt::format(" (did you mean {}?)", near)));
  }
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
  if (!node) {
    missing_sources_.push_back({source, table});
    NotRendered(fmt::format("it reads source('{}', '{}'), which is not declared", source, table));
  }
  AddOnce(parents_, node->unique_id);
  return MakeRelation(*node);
}

// ---- settings -----------------------------------------------------------------------------------

// Later ones win: the package's own project file, the root project's, each with its section for the
// package last.
const Value* DbtContext::FindVar(std::string_view name) const {
  if (settings_.open_vars.count(name) > 0) return nullptr;
  const std::string& package = node_.package_name;
  auto find_in = [&](const Value& vars) -> const Value* {
    if (const Value* section = vars.Find(package); section && section->is_object()) {
      if (const Value* value = section->Find(name)) return value;
    }
    return vars.Find(name);
  };
  if (const Value* value = settings_.given_vars.Find(name)) return value;
  if (const Value* value = find_in(settings_.vars)) return value;
  auto own = settings_.package_vars.find(package);
  return own == settings_.package_vars.end() ? nullptr : find_in(own->second);
}

bool DbtContext::IsVarKnown(std::string_view name) const {
  if (settings_.open_vars.count(name) > 0) return false;
  return settings_.vars_known && (node_.package_name == project_.metadata().project_name ||
                                  settings_.package_vars.count(node_.package_name) > 0);
}

// A default is part of the key: where the setting is not set, each call has its own.
Var DbtContext::UnknownSetting(std::string key, const Var* otherwise) const {
  if (otherwise) key += " or " + StepText(*otherwise);
  return MakeUnknown(key, &settings_.assumed);
}

// A text that is a template of its own.
static Var RenderText(Interpreter& interpreter, const std::string& text) {
  auto source = ParseTemplate(text);
  if (!source) NotRendered(fmt::format("a text that is rendered: {}", source.error().message));
  // Its macros, if it has any, must outlive it.
  return Var(interpreter.RenderNested(*std::move(source)));
}

// A text that is a template is rendered in the context of the model, as dbt does.
Var DbtContext::VarOf(Interpreter& interpreter, const Arguments& arguments) {
  std::string name = Needed(arguments, 0, "var_name").ToString();
  if (const Value* value = FindVar(name)) {
    if (!value->is_string() || value->AsString().find('{') == std::string_view::npos)
      return Var::FromValue(*value);
    return RenderText(interpreter, std::string(value->AsString()));
  }
  if (!IsVarKnown(name) && settings_.leave_open) {
    return UnknownSetting(fmt::format("var {} {}", node_.package_name, name),
                          arguments.Get(1, "default"));
  }
  if (!IsVarKnown(name)) {
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

Var DbtContext::HasVar(const Arguments& arguments) {
  std::string name = Needed(arguments, 0, "var_name").ToString();
  const Value* value = FindVar(name);
  if (value || IsVarKnown(name)) return Var(value != nullptr);
  if (!settings_.leave_open)
    NotRendered(fmt::format("var '{}': the project's vars are not known", name));
  Var unknown = UnknownSetting(fmt::format("var {} {}", node_.package_name, name), nullptr);
  return Var(AsUnknown(unknown)->Holds("is set"));
}

// A default is no answer where nobody allowed to look: the run that made production may have had
// the variable set.
Var DbtContext::EnvVar(const Arguments& arguments) {
  std::string name = Needed(arguments, 0, "var").ToString();
  auto found = settings_.environment.find(name);
  if (found == settings_.environment.end()) {
    if (settings_.leave_open) return UnknownSetting("env " + name, arguments.Get(1, "default"));
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
      return UnknownSetting("target " + std::string(key), nullptr);
    if (value.is_null()) NotRendered(fmt::format("target.{} is not known (give --target)", key));
    return Var::FromValue(value);
  });
}

Var DbtContext::Config() {
  auto lookup = [this](std::string_view key) -> std::optional<Var> {
    if (Is(key, {"get", "require", "meta_get", "meta_require"})) {
      bool required = key == "require" || key == "meta_require";
      bool of_meta = key == "meta_get" || key == "meta_require";
      return Var::MakeFunction(
          std::string(key), [this, required, of_meta](Interpreter&, const Arguments& arguments) {
            std::string name = Needed(arguments, 0, "name").ToString();
            // dbt writes every config down, unset ones as null: those are None, not the default.
            const Value& configs = of_meta ? node_.config["meta"] : node_.config;
            if (Is(name, {"pre_hook", "post_hook"}))
              NotRendered("what config.get gives for hooks is not supported");
            if (const Value* value = configs.Find(name)) return Var::FromValue(*value);
            const Var* otherwise = arguments.Get(1, "default");
            if (!otherwise && required)
              NotRendered(fmt::format("config '{}' is required and not set", name));
            return otherwise ? *otherwise : Var();
          });
    }
    if (key == "set") return Nothing("set");
    if (Is(key, {"persist_relation_docs", "persist_column_docs"})) {
      const Value& docs = node_.config["persist_docs"];
      Value on = docs[key == "persist_relation_docs" ? "relation" : "columns"];
      return Var::MakeFunction(std::string(key), [on](Interpreter&, const Arguments&) {
        return on.is_null() ? Var(false) : Var::FromValue(on);
      });
    }
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
      return Var::MakeFunction("has_var",
                               [this](Interpreter&, const Arguments& a) { return HasVar(a); });
    };
    return MakeFacade("var", lookup,
                      [this](Interpreter& i, const Arguments& a) { return VarOf(i, a); });
  }
  if (name == "env_var")
    return function([this](Interpreter&, const Arguments& a) { return EnvVar(a); });
  if (name == "is_incremental") {
    if (node_.materialized == "incremental") depends_on_run_ = true;
    bool yes = node_.materialized == "incremental" && settings_.incremental;
    return function([yes](Interpreter&, const Arguments&) { return Var(yes); });
  }
  if (name == "should_full_refresh") {
    const Value* config = node_.config.Find("full_refresh");
    depends_on_run_ = true;
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
  if (auto plain = PlainFunction(name)) return plain;
  if (name == "modules") return Modules();
  if (name == "graph") return Graph();
  if (name == "render") {
    return function([](Interpreter& interpreter, const Arguments& a) {
      return RenderText(interpreter, Needed(a, 0, "string").ToString());
    });
  }
  if (name == "flags") {
    depends_on_run_ = true;
    return MakeFacade("flags", [this](std::string_view key) -> std::optional<Var> {
      if (key == "FULL_REFRESH") return Var(settings_.full_refresh);
      if (key == "STORE_FAILURES") return Var(false);
      // A run would have built what is missing.
      if (key == "WHICH" && settings_.empty_database) return Var("compile");
      if (key == "WHICH" && settings_.leave_open) return UnknownSetting("flags WHICH", nullptr);
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
  if (Is(name, {"run_started_at", "invocation_id", "selected_resources", "thread_id", "schemas",
                "database_schemas", "results", "invocation_args_dict", "dbt_metadata_envs", "env",
                "validation", "column", "sql_now", "pre_hooks", "post_hooks", "_sql_results"})) {
    return MakeFacade(std::string(name),
                      [key = std::string(name)](std::string_view) -> std::optional<Var> {
                        NotRendered(fmt::format("{} depends on the run, not on the project", key));
                      });
  }
  if (settings_.leave_open) {
    if (name == "run_query")
      return function([this](Interpreter&, const Arguments& a) { return RunQuery(a); });
    if (name == "statement")
      return function([this](Interpreter& i, const Arguments& a) { return RunStatement(i, a); });
    if (name == "load_result")
      return function([this](Interpreter&, const Arguments& a) { return LoadResult(a); });
  }
  if (Is(name,
         {"run_query", "statement", "load_result", "store_result", "store_raw_result", "metric",
          "function", "write", "try_or_compiler_error", "submit_python_job", "adapter_macro"})) {
    return Needs(std::string(name), "a database or Python");
  }
  return std::nullopt;
}

std::optional<Var> DbtContext::Lookup(Interpreter& interpreter, std::string_view name) {
  if (name == "context") {  // everything by its name
    return MakeFacade("context", [this, &interpreter](std::string_view key) -> std::optional<Var> {
      if (key != "get") return Lookup(interpreter, key);
      return Var::MakeFunction("get", [this](Interpreter& self, const Arguments& a) {
        if (auto found = Lookup(self, Needed(a, 0, "key").ToString())) return *found;
        const Var* otherwise = a.Get(1, "default");
        return otherwise ? *otherwise : Var();
      });
    });
  }
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

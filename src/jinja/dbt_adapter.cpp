// What dbt gives to a template beside its functions: adapter, api, exceptions, model, graph.
#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"
#include "dbt/manifest_edit.h"
#include "jinja/builtins.h"
#include "jinja/dbt_context.h"
#include "jinja/facade.h"
#include "jinja/operators.h"
#include "jinja/unknown.h"

namespace layergate::jinja {

Var DbtContext::ColumnsIn(const Arguments& arguments) {
  const Var& relation = Needed(arguments, 0, "relation");
  auto* known =
      relation.is_object() ? dynamic_cast<const Relation*>(relation.object().get()) : nullptr;
  if (settings_.empty_database) return Var::MakeList();
  if (!known || known->unique_id.empty()) {
    NotRendered(
        fmt::format("the columns of {} are not known without a database", relation.ToString()));
  }
  std::vector<dbt::CatalogColumn> columns;
  bool stale = settings_.catalog_is_stale && settings_.catalog_is_stale(known->unique_id);
  const dbt::CatalogTable* table = catalog_ && !stale ? catalog_->Find(known->unique_id) : nullptr;
  if (table) {
    columns = table->columns;
  } else if (settings_.columns) {
    columns = settings_.columns(known->unique_id).value_or(columns);
  }
  if (columns.empty()) {
    NotRendered(fmt::format("the columns of {} are not known (give a catalog)", known->unique_id));
  }
  char adapter_quote = quoting_.mark;
  std::vector<Var> list;
  for (const dbt::CatalogColumn& column : columns)
    list.push_back(
        MakeColumn(column.name, column.type, project_.metadata().adapter_type, adapter_quote));
  return Var::MakeList(std::move(list));
}

// What a query returned when dbt compiled: unknown, the same wherever the same text is asked. The
// key also has the macro that asks, so that other models that call it are looked at.
Var DbtContext::UnknownQuery(const std::string& sql) const {
  std::string words;
  for (std::string_view line : Split(sql, '\n')) {
    if (!Trim(line).empty()) words += (words.empty() ? "" : " ") + std::string(Trim(line));
  }
  std::string asker = running_.empty() ? "run_query" : running_.back();
  std::string_view word = asker;  // default__get_column_values: whoever calls get_column_values
  if (size_t prefix = word.find("__"); prefix != std::string_view::npos)
    word = word.substr(prefix + 2);
  std::string text = StepText(Var(words));
  return MakeUnknown(fmt::format("query {} {}", word, text), &settings_.assumed);
}

Var DbtContext::RunQuery(const Arguments& arguments) {
  Var query = UnknownQuery(Needed(arguments, 0, "sql").ToString());
  return AsUnknown(query)->Derive(" rows");
}

// A statement without a result changes the database, not the text.
Var DbtContext::RunStatement(Interpreter& interpreter, const Arguments& arguments) {
  const Var *name = arguments.Get(0, "name"), *fetch = arguments.Get(1, "fetch_result");
  std::string sql = interpreter.Call(Needed(arguments, 5, "caller"), {}).ToString();
  if (name && name->is_string()) {
    queries_.erase(name->as_string());
    if (fetch && IsTrue(*fetch)) queries_[name->as_string()] = sql;
  }
  return Var("");
}

Var DbtContext::LoadResult(const Arguments& arguments) {
  auto found = queries_.find(Needed(arguments, 0, "name").ToString());
  if (found == queries_.end()) NotRendered("load_result() of a statement that fetches nothing");
  Var query = UnknownQuery(found->second);
  Var result = Var::MakeDict();
  result.dict()->Set(Var("data"), AsUnknown(query)->Derive(" rows"));
  result.dict()->Set(Var("table"), AsUnknown(query)->Derive(" rows"));
  result.dict()->Set(Var("response"), AsUnknown(query)->Derive(" response"));
  return result;
}

// Whether a relation exists is the database's to say; the catalog is its word where it lists the
// relation. Whether the model's own is there is what is_incremental() is about, too: both are
// answered alike.
Var DbtContext::GetRelation(const Arguments& arguments) {
  std::string identifier = Needed(arguments, 2, "identifier").ToString();
  std::string schema = Needed(arguments, 1, "schema").ToString();
  const Var* database = arguments.Get(0, "database");
  std::string name = fmt::format("{}.{}", schema, identifier);
  if (database && database->Truth()) name = fmt::format("{}.{}", database->ToString(), name);
  const dbt::Node* node = project_.FindRelation(name);
  bool listed = node && catalog_ && catalog_->Find(node->unique_id);
  if (listed && !settings_.empty_database) return MakeRelation(*node);
  bool own = node && node->unique_id == node_.unique_id;
  if (own) depends_on_run_ = true;
  if (own && settings_.empty_database) return Var();
  if (own && !settings_.incremental && !settings_.full_refresh) return Var();
  if (own) {
    Var relation = MakeRelation(*node);
    bool table = Is(node_.materialized, {"table", "incremental", "snapshot", "seed"});
    if (!table && node_.materialized != "view")
      NotRendered(fmt::format("what kind of relation {} is depends on its materialization", name));
    std::static_pointer_cast<Relation>(relation.object())->type = table ? "table" : "view";
    return relation;
  }
  if (settings_.empty_database) return Var();
  if (settings_.leave_open) {
    Var relation = MakeUnknown("relation " + name, &settings_.assumed);
    if (!AsUnknown(relation)->Holds("there")) return Var();
    if (node) return MakeRelation(*node);
    return Var(std::shared_ptr<Object>(std::make_shared<Relation>(
        database ? database->ToString() : std::string(), schema, identifier, quoting_)));
  }
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
    if (name != "translate_type") NotRendered(fmt::format("api.Column.{} is not supported", name));
    std::string version = project_.metadata().dbt_version;
    return Var::MakeFunction(
        "translate_type", [adapter, version](Interpreter&, const Arguments& a) {
          return Var(TranslateType(adapter, version, Needed(a, 0, "dtype").ToString()));
        });
  });
  Var relation = MakeFacade("Relation", [this](std::string_view name) -> std::optional<Var> {
    if (name != "create") NotRendered(fmt::format("api.Relation.{} is not supported", name));
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
      RenderError error{fmt::format("the template raises an error: {}",
                                    message ? Printable(message->ToString()) : ""),
                        0};
      error.raised = true;
      throw error;
    });
  });
}

namespace {

// What dbt knows of a node only once it has compiled it, and where that was.
bool IsOfTheRun(std::string_view field) {
  return Is(field, {"compiled", "compiled_code", "compiled_sql", "compiled_path", "extra_ctes",
                    "extra_ctes_injected", "build_path", "created_at", "deferred", "root_path",
                    "relation_name", "unrendered_config"});
}

Value WithoutNulls(const Value& value) {
  if (!value.is_object()) return value;
  Value kept = Value::MakeObject();
  for (const auto& [key, member] : value.members()) {
    if (!member.is_null()) kept.Set(key, WithoutNulls(member));
  }
  return kept;
}

// An entry of the manifest as a template sees it: its fields one by one, never as a whole. Each is
// made when it is first asked for, and is the same one from then on.
Var EntryOf(const std::shared_ptr<const Value>& entry, const std::string& name, bool omit_nulls) {
  auto made = std::make_shared<std::map<std::string, Var, std::less<>>>();
  auto find = [entry, made, name, omit_nulls](std::string_view key) -> std::optional<Var> {
    if (IsOfTheRun(key)) NotRendered(fmt::format("{}.{} depends on the run", name, key));
    auto known = made->find(key);
    if (known != made->end()) return known->second;
    const Value* member = entry->Find(key);
    if (!member || (omit_nulls && member->is_null())) return std::nullopt;
    Var value = Var::FromValue(omit_nulls ? WithoutNulls(*member) : *member);
    made->emplace(std::string(key), value);
    return value;
  };
  return MakeFacade(name, [find, name](std::string_view key) -> std::optional<Var> {
    if (key == "get") {
      return Var::MakeFunction("get", [find](Interpreter&, const Arguments& a) {
        if (auto found = find(Needed(a, 0, "key").ToString())) return *found;
        const Var* otherwise = a.Get(1, "default");
        return otherwise ? *otherwise : Var();
      });
    }
    if (Is(key, {"items", "keys", "values"}))
      NotRendered(fmt::format("{}.{}() is not supported", name, key));
    return find(key);
  });
}

}  // namespace

// The node's entry of the manifest; what depends on the run is refused.
Var DbtContext::Model() {
  Value entry = dbt::ManifestEdit(project_.text()).Get("nodes", node_.unique_id);
  if (entry.is_null()) NotRendered("`model` is not in the manifest");
  return EntryOf(std::make_shared<const Value>(std::move(entry)), "model", /*omit_nulls=*/true);
}

Var DbtContext::Graph() {
  return MakeFacade("graph", [this](std::string_view key) -> std::optional<Var> {
    std::string section(key);
    if (!Is(section, {"nodes", "sources", "exposures", "metrics", "groups", "semantic_models",
                      "saved_queries"}))
      NotRendered(fmt::format("graph.{} is not supported", section));
    if (section == "groups") NotRendered("graph.groups is not supported");
    // Read once: project macros go through it for every model that they look for.
    auto known = graph_.find(section);
    if (known == graph_.end()) known = graph_.emplace(section, GraphSection(section)).first;
    return known->second;
  });
}

Var DbtContext::GraphSection(const std::string& section) const {
  Var entries = Var::MakeDict();
  for (const auto& [id, entry] : library_.GraphSection(section))
    entries.dict()->items.emplace_back(Var(id), EntryOf(entry, id, /*omit_nulls=*/false));
  return entries;
}

}  // namespace layergate::jinja

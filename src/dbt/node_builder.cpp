// From a manifest's fields to a Node: where each version keeps each fact.
#include <algorithm>
#include <array>

#include "core/text.h"
#include "dbt/json_text.h"
#include "dbt/manifest_fields.h"

namespace layergate::dbt {
namespace {

using Names = std::initializer_list<std::string_view>;

bool IsOneOf(std::string_view name, Names names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::string> Strings(const Value& value) {
  std::vector<std::string> strings;
  if (value.is_string())
    strings.emplace_back(value.AsString());  // a single tag may be a bare string
  for (const Value& item : value.items()) {
    if (item.is_string()) strings.emplace_back(item.AsString());
  }
  return strings;
}

std::vector<std::string> SortedUnique(std::vector<std::string> strings) {
  std::sort(strings.begin(), strings.end());
  strings.erase(std::unique(strings.begin(), strings.end()), strings.end());
  return strings;
}

std::vector<std::string> UnionOfTags(const Value& direct, const Value& in_config) {
  std::vector<std::string> tags = Strings(direct);
  for (std::string& tag : Strings(in_config)) tags.push_back(std::move(tag));
  return SortedUnique(std::move(tags));
}

// config.meta is the newer place, so it wins where both hold a key.
Value UnionOfMeta(const Value& direct, const Value& in_config) {
  Value meta = Value::MakeObject();
  for (const auto& [key, value] : direct.members()) meta.Set(key, value);
  for (const auto& [key, value] : in_config.members()) meta.Set(key, value);
  return meta;
}

std::string ForwardSlashes(std::string path) {
  std::replace(path.begin(), path.end(), '\\', '/');
  return path;
}

// Versions are strings or numbers in YAML, and so in JSON: 2, "2", 2.5.
std::string AsText(const Value& value) {
  if (value.is_string()) return std::string(value.AsString());
  if (value.is_number()) return WriteJson(value);
  return {};
}

std::vector<Constraint> Constraints(const Value& list) {
  std::vector<Constraint> constraints;
  for (const Value& item : list.items()) {
    Constraint constraint;
    constraint.type = item["type"].AsString();
    constraint.name = item["name"].AsString();
    constraint.expression = item["expression"].AsString();
    constraint.columns = Strings(item["columns"]);
    constraint.to = item["to"].AsString();
    constraint.to_columns = Strings(item["to_columns"]);
    constraints.push_back(std::move(constraint));
  }
  return constraints;
}

Column BuildColumn(std::string_view key, const Value& json) {
  const Value& config = json["config"];
  Column column;
  column.name = json["name"].AsString(key);
  column.description = json["description"].AsString();
  column.data_type = json["data_type"].AsString();
  column.meta = UnionOfMeta(json["meta"], config["meta"]);
  column.tags = UnionOfTags(json["tags"], config["tags"]);
  auto either = [&](std::string_view name) {
    return json[name].is_null() ? config[name] : json[name];
  };
  column.policy_tags = either("policy_tags");
  column.databricks_tags = either("databricks_tags");
  column.constraints = Constraints(json["constraints"]);
  column.quote = json["quote"].AsBool();
  column.extra = Value::MakeObject();
  for (const auto& [name, value] : json.members()) {
    if (!value.is_null() &&
        !IsOneOf(name, {"name", "description", "data_type", "meta", "tags", "policy_tags",
                        "databricks_tags", "constraints", "quote", "config", "doc_blocks"})) {
      column.extra.Set(name, value);
    }
  }
  for (const auto& [name, value] : config.members()) {
    if (!value.is_null() && !IsOneOf(name, {"meta", "tags", "policy_tags", "databricks_tags"})) {
      column.extra.Set(name, value);
    }
  }
  return column;
}

// The Rust engine gives each column the meta and tags of its node as well; what is its own stands
// in the column's config, too.
void DropInherited(Column& column, const Value& json, const Node& node) {
  const Value& config = json["config"];
  Value own = Value::MakeObject();
  for (const auto& [key, value] : column.meta.members()) {
    const Value* of_node = node.meta.Find(key);
    bool inherited = !config["meta"].Find(key) && of_node && *of_node == value;
    if (!inherited) own.Set(key, value);
  }
  column.meta = std::move(own);
  std::vector<std::string> own_tags = Strings(config["tags"]);
  std::erase_if(column.tags, [&](const std::string& tag) {
    return std::binary_search(node.tags.begin(), node.tags.end(), tag) &&
           std::find(own_tags.begin(), own_tags.end(), tag) == own_tags.end();
  });
}

std::vector<Column> BuildColumns(const Value& json, const Node& node, bool rust_engine) {
  std::vector<Column> columns;
  auto add = [&](std::string_view key, const Value& value) {
    columns.push_back(BuildColumn(key, value));
    if (rust_engine) DropInherited(columns.back(), value, node);
  };
  for (const auto& [key, value] : json.members()) add(key, value);
  for (const Value& value : json.items()) add({}, value);
  return columns;
}

// [["model"]], [["package", "model"]] before v9, {name, package, version} since.
std::vector<Ref> BuildRefs(const Value& json) {
  std::vector<Ref> refs;
  for (const Value& item : json.items()) {
    Ref ref;
    if (item.is_array()) {
      std::vector<std::string> parts = Strings(item);
      if (parts.empty()) continue;
      ref.name = parts.back();
      if (parts.size() > 1) ref.package = parts.front();
    } else {
      ref.package = item["package"].AsString();
      ref.name = item["name"].AsString();
      ref.version = AsText(item["version"]);
    }
    refs.push_back(std::move(ref));
  }
  return refs;
}

// Fields that have a place of their own in Node, whatever the resource type.
bool HasOwnPlace(std::string_view name) {
  return IsOneOf(name, {"unique_id",
                        "resource_type",
                        "package_name",
                        "name",
                        "fqn",
                        "path",
                        "original_file_path",
                        "patch_path",
                        "root_path",
                        "description",
                        "config",
                        "unrendered_config",
                        "meta",
                        "tags",
                        "depends_on",
                        "refs",
                        "sources",
                        "checksum",
                        "created_at",
                        "group",
                        "database",
                        "schema",
                        "alias",
                        "relation_name",
                        "access",
                        "version",
                        "latest_version",
                        "deprecation_date",
                        "doc_blocks",
                        "raw_code",
                        "language",
                        "columns"});
}

// Where old manifests (before v9) do not say which node a generic test is attached to: the parent
// that its file key ("models.orders") names.
std::string GuessAttachedNode(const Node& node, std::string_view file_key) {
  if (node.depends_on_nodes.size() == 1) return node.depends_on_nodes[0];
  if (size_t dot = file_key.find('.'); dot != std::string_view::npos) {
    std::string_view name = file_key.substr(dot + 1);
    for (const std::string& parent : node.depends_on_nodes) {
      if (parent.size() > name.size() && parent.ends_with(name) &&
          parent[parent.size() - name.size() - 1] == '.') {
        return parent;
      }
    }
  }
  std::string_view model =
      node.test_metadata ? node.test_metadata->kwargs["model"].AsString() : std::string_view{};
  for (const std::string& parent : node.depends_on_nodes) {
    std::string name = "'" + parent.substr(parent.rfind('.') + 1) + "'";
    if (model.find(name) != std::string_view::npos) return parent;
  }
  return {};
}

void FillTest(Node& node, const NodeFields& fields) {
  node.column_name = fields.Text("column_name");
  if (Value json = fields.Get("test_metadata"); json.is_object()) {
    TestMetadata metadata;
    metadata.name = json["name"].AsString();
    metadata.package = json["namespace"].AsString();
    metadata.kwargs = json["kwargs"];
    node.test_metadata = std::move(metadata);
    if (node.column_name.empty()) {
      node.column_name = node.test_metadata->kwargs["column_name"].AsString();
    }
    node.attached_node = fields.Text("attached_node");
    if (node.attached_node.empty()) {
      node.attached_node = GuessAttachedNode(node, fields.Text("file_key_name"));
    }
  }
}

void FillSource(Node& node, const NodeFields& fields) {
  node.source_name = fields.Text("source_name");
  node.identifier = fields.Text("identifier");
  node.loader = fields.Text("loader");
  node.freshness = fields.Get("freshness");
  node.external = fields.Get("external");
  node.quoting = fields.Get("quoting");
  node.loaded_at_field = fields.Text("loaded_at_field");
  node.loaded_at_query = fields.Text("loaded_at_query");
  if (node.loaded_at_query.empty())
    node.loaded_at_query = node.config["loaded_at_query"].AsString();
  node.unrendered_database = fields.Text("unrendered_database");
  node.unrendered_schema = fields.Text("unrendered_schema");
}

void FillCode(Node& node, const NodeFields& fields) {
  auto either = [&](std::string_view newer, std::string_view older) {
    std::string_view raw = fields.Raw(newer);
    return raw.empty() ? fields.Raw(older) : raw;
  };
  node.raw_code = ReadCheckedString(either("raw_code", "raw_sql"));
  // What the Rust engine's first previews wrote in place of the text.
  if (node.raw_code == "--placeholder--") node.raw_code.clear();
  std::string_view compiled = either("compiled_code", "compiled_sql");
  if (compiled.starts_with('"')) node.compiled_code = ReadCheckedString(compiled);
  node.language = fields.Text("language");
  if (node.language.empty() && IsOneOf(node.resource_type, {"model", "snapshot", "test", "analysis",
                                                            "operation", "function"})) {
    node.language = "sql";  // before v7 there was nothing else
  }
  Value extra_ctes = fields.Get("extra_ctes");
  for (const Value& cte : extra_ctes.items()) {
    node.extra_ctes.emplace_back(cte["id"].AsString());
  }
}

std::string DefaultResourceType(std::string_view section, std::string_view unique_id) {
  if (section == "sources") return "source";
  if (section == "exposures") return "exposure";
  if (section == "metrics") return "metric";
  return std::string(unique_id.substr(0, unique_id.find('.')));
}

}  // namespace

bool IsRunField(std::string_view name) {
  return IsOneOf(name, {"created_at", "build_path", "compiled_path", "root_path", "deferred",
                        "compiled", "defer_relation", "extra_ctes_injected"});
}

Value NodeFields::Get(std::string_view name) const { return ReadChecked(Raw(name)); }
std::string NodeFields::Text(std::string_view name) const { return ReadCheckedString(Raw(name)); }

Node BuildNode(std::string_view unique_id, std::string_view section, const NodeFields& fields,
               bool rust_engine) {
  Node node;
  node.unique_id = unique_id;
  node.resource_type = fields.Text("resource_type");
  if (node.resource_type.empty()) node.resource_type = DefaultResourceType(section, unique_id);
  node.package_name = fields.Text("package_name");
  node.name = fields.Text("name");
  node.fqn = Strings(fields.Get("fqn"));
  node.original_file_path = ForwardSlashes(fields.Text("original_file_path"));
  node.path = ForwardSlashes(fields.Text("path"));
  node.patch_path = ForwardSlashes(fields.Text("patch_path"));
  if (size_t mark = node.patch_path.find("://"); mark != std::string::npos) {
    node.patch_package = node.patch_path.substr(0, mark);
    node.patch_path.erase(0, mark + 3);
  } else if (!node.patch_path.empty()) {
    node.patch_package = node.package_name;
  }
  node.database = fields.Text("database");
  node.schema = fields.Text("schema");
  node.alias = fields.Text("alias");
  node.relation_name = fields.Text("relation_name");
  node.description = fields.Text("description");
  node.config = fields.Get("config");
  node.unrendered_config = fields.Get("unrendered_config");
  node.materialized = node.config["materialized"].AsString();
  node.meta = UnionOfMeta(fields.Get("meta"), node.config["meta"]);
  node.tags = UnionOfTags(fields.Get("tags"), node.config["tags"]);
  node.columns = BuildColumns(fields.Get("columns"), node, rust_engine);
  Value depends_on = fields.Get("depends_on");
  node.depends_on_nodes = Strings(depends_on["nodes"]);
  node.depends_on_macros = Strings(depends_on["macros"]);
  node.refs = BuildRefs(fields.Get("refs"));
  Value sources = fields.Get("sources");
  for (const Value& source : sources.items()) node.sources.push_back(Strings(source));
  FillCode(node, fields);

  Value checksum = fields.Get("checksum");  // an object, or a bare text for unit tests
  node.checksum_name = checksum["name"].AsString();
  node.checksum = checksum.is_string() ? checksum.AsString() : checksum["checksum"].AsString();
  Value contract = fields.Get("contract");
  node.contract.enforced = contract["enforced"].AsBool();
  node.contract.alias_types = contract["alias_types"].AsBool(true);
  node.contract.checksum = contract["checksum"].AsString();
  node.constraints = Constraints(fields.Get("constraints"));
  node.access = fields.Text("access");
  if (node.access.empty()) node.access = node.config["access"].AsString();
  node.group = fields.Text("group");
  if (node.group.empty()) node.group = node.config["group"].AsString();
  node.version = AsText(fields.Get("version"));
  node.latest_version = AsText(fields.Get("latest_version"));
  node.deprecation_date = fields.Text("deprecation_date");
  node.primary_key = Strings(fields.Get("primary_key"));

  if (node.resource_type == "test") FillTest(node, fields);
  if (node.resource_type == "source") FillSource(node, fields);
  node.definition = Value::MakeObject();
  if (Value spine = fields.Get("time_spine"); spine.is_object()) {
    node.definition.Set("time_spine", std::move(spine));
  }
  if (IsOneOf(node.resource_type,
              {"exposure", "metric", "semantic_model", "saved_query", "unit_test", "function"})) {
    for (size_t i = 0; i < fields.size(); ++i) {
      if (HasOwnPlace(fields.Name(i)) || IsRunField(fields.Name(i))) continue;
      Value value = ReadChecked(fields.Raw(i));
      if (!value.is_null()) node.definition.Set(fields.Name(i), std::move(value));
    }
  }
  return node;
}

Macro BuildMacro(std::string_view unique_id, const NodeFields& fields) {
  Macro macro;
  macro.unique_id = unique_id;
  macro.name = fields.Text("name");
  macro.package_name = fields.Text("package_name");
  macro.original_file_path = ForwardSlashes(fields.Text("original_file_path"));
  macro.macro_sql = fields.Text("macro_sql");
  macro.depends_on_macros = Strings(fields.Get("depends_on")["macros"]);
  macro.arguments = fields.Get("arguments");
  return macro;
}

}  // namespace layergate::dbt

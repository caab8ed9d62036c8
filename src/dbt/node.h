// One node of a dbt project, as a manifest tells it, in one shape for all manifest versions (v1 to
// v12, later additive ones, and the Rust engine's flavour).
//
// Old and new places of the same fact are united here, so that no reader needs to know them:
// raw_sql and raw_code; compiled_sql and compiled_code; meta and tags of a node or a column both
// directly and under `config` (dbt 1.10 moved them; both are read). Source of the rules: dbt's
// manifest schemas and the shapes seen in real manifests, see docs/dbt.md.
//
// Plain values; owned by the Project that made them and immutable from then on.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/value.h"

namespace layergate::dbt {

struct Constraint {
  std::string type;  // "not_null", "unique", "primary_key", "foreign_key", "check", "custom"
  std::string name;
  std::string expression;
  std::vector<std::string> columns;  // model-level constraints only
  std::string to;                    // foreign_key: the relation or the ref() that it names
  std::vector<std::string> to_columns;
  friend bool operator==(const Constraint&, const Constraint&) = default;
};

struct Column {
  std::string name;  // as written in YAML
  std::string description;
  std::string data_type;
  // Union of column.meta and column.config.meta, without what the Rust engine copied from the node;
  // {} when neither is there. So are the tags.
  Value meta;
  std::vector<std::string>
      tags;               // union of column.tags and column.config.tags, sorted, without duplicates
  Value policy_tags;      // BigQuery; null when absent
  Value databricks_tags;  // Databricks; null when absent
  Value extra;  // every other key of the column and of its config: classifiers, masking_policy...
  std::vector<Constraint> constraints;
  bool quote = false;
  friend bool operator==(const Column&, const Column&) = default;
};

struct Ref {
  std::string package;  // empty when not given
  std::string name;
  std::string version;  // empty when not given
  friend bool operator==(const Ref&, const Ref&) = default;
};

struct Contract {
  bool enforced = false;
  bool alias_types = true;
  std::string checksum;
  friend bool operator==(const Contract&, const Contract&) = default;
};

// A generic test's definition: which macro with which arguments.
struct TestMetadata {
  std::string name;     // "unique", "not_null", "accepted_values", "relationships", ...
  std::string package;  // namespace, e.g. "dbt_utils"; empty for dbt's own
  Value kwargs;
  friend bool operator==(const TestMetadata&, const TestMetadata&) = default;
};

struct Node {
  std::string unique_id;
  std::string
      resource_type;  // model, seed, snapshot, test, analysis, operation, source, exposure, metric,
                      // semantic_model, saved_query, unit_test, function, group, macro
  std::string package_name;
  std::string name;
  std::vector<std::string> fqn;
  std::string original_file_path;  // relative to the package's folder, '/' separators
  std::string path;
  std::string patch_path;     // without "package://"; empty when there is no YAML entry
  std::string patch_package;  // the package of patch_path
  std::string database, schema, alias, identifier;
  std::string relation_name;  // already quoted by dbt; empty for ephemeral models
  std::string language;       // "sql" or "python"
  std::string raw_code;
  std::optional<std::string>
      compiled_code;  // absent when the manifest was written without compiling
  std::string description;
  std::string materialized;       // config.materialized
  Value meta;                     // union of node.meta and config.meta
  std::vector<std::string> tags;  // union of node.tags and config.tags, sorted, without duplicates
  Value config, unrendered_config;
  std::vector<Column> columns;  // in the manifest's order
  std::vector<std::string> depends_on_nodes, depends_on_macros;
  std::vector<Ref> refs;
  std::vector<std::vector<std::string>> sources;  // {source name, table name} each
  std::vector<std::string> extra_ctes;  // unique_ids of ephemeral models inlined into compiled_code
  std::string checksum_name, checksum;
  Contract contract;
  std::vector<Constraint> constraints;
  std::string access, group, version, latest_version, deprecation_date;
  std::vector<std::string> primary_key;  // dbt's own inference (1.9+)
  // Tests only.
  std::optional<TestMetadata> test_metadata;
  std::string attached_node, column_name;
  // Sources only.
  std::string source_name, loader;
  Value freshness, external, quoting;
  std::string loaded_at_field, loaded_at_query, unrendered_database, unrendered_schema;
  // Everything of a metric, semantic model, saved query, exposure, unit test or function that has
  // no field above, by its JSON name ("type_params", "measures", "owner", "given", ...); of a model
  // its time_spine.
  Value definition;

  // The column of that name, compared case-insensitively (warehouses fold case, YAML files don't);
  // or nullptr.
  const Column* FindColumn(std::string_view wanted) const;
  // "materialized" and the like, from config.
  const Value& Config(std::string_view key) const { return config[key]; }
  bool is_model() const { return resource_type == "model"; }
};

struct Macro {
  std::string unique_id, name, package_name, original_file_path, macro_sql;
  std::vector<std::string> depends_on_macros;
  Value arguments;
};

}  // namespace layergate::dbt
